"""Layouts of prints: written by administrators, printed with the rights of who prints, never in the way of a document."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.printing.exceptions import KehuPrintChoiceError, KehuPrintLayoutError
from ...models.printing.kehu_print_template import CHOSEN
from ...models.system.exceptions import KehuEngineOnlyError
from ..common import KehuCommon

REPORT = "kehu_crm.print_order"
PARTIES = '<table class="kehu_parties'


@tagged("post_install", "-at_install")
class TestPrintTemplates(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(owner=cls.user_seller, name="Hangzhou Pumps {{ margin }}", vat="91310115MA7654321Y")
        product = cls._create_product(name="Pump <b>X</b>")
        lines = [Command.create({"product_id": product.id, "product_uom_qty": 2, "price_unit": 50.0, "tax_ids": False})]
        lines.append(Command.create({"product_id": product.id, "name": "Valve", "product_uom_qty": 1, "price_unit": 7.5, "tax_ids": False}))
        values = {"partner_id": cls.customer.id, "user_id": cls.user_seller.id, "order_line": lines}
        cls.order = cls.env["sale.order"].with_user(cls.user_seller).create(values)
        cls.templates = cls.env["kehu.print.template"].with_user(cls.user_crm_admin)

    def _template(self, layout=False, **values):
        return self.templates.create({"name": "Ours", "document": "quote", "layout": layout, **values})

    def _print(self, record=None, user=None, **context):
        record = record or self.order
        reports = self.env["ir.actions.report"].with_user(user or self.user_seller).with_context(**context)
        return reports._render_qweb_html(REPORT, record.ids)[0].decode()

    def test_values_lines_and_parts(self):
        template = self._template(
            "<p>No. {{ name }} for {{ partner_id.name }}: {{ amount_total | money }}</p>"
            "<table><tr><th>Goods</th></tr><tr><td>{{ line.number }}</td><td>{{ line.product }}</td><td>{{ line.amount }}</td></tr></table>"
            "<p>{{ block.signatures }}</p>",
            is_default=True,
        )
        page = self._print()
        self.assertIn(f"No. {self.order.name} for Hangzhou Pumps {{{{ margin }}}}: ", page)
        self.assertIn("107.50", page)
        self.assertIn("<td>1</td><td>Pump &lt;b&gt;X&lt;/b&gt;</td>", page)
        self.assertIn("<td>2</td><td>Valve</td>", page)
        self.assertIn('class="kehu_signatures', page)
        self.assertNotIn(PARTIES, page)
        self.assertIn(PARTIES, self._print(**{CHOSEN: 0}), "the shipped layout can be chosen")
        template.is_default = False
        self.assertIn(PARTIES, self._print())
        self.assertNotIn(PARTIES, self._print(**{CHOSEN: template.id}))

    def test_parts_alone_are_the_shipped_print(self):
        template = self._template()
        ours, shipped = self._print(**{CHOSEN: template.id}), self._print(**{CHOSEN: 0})
        for part in ("kehu_head", "kehu_parties", "kehu_lines", "kehu_grand", "kehu_signatures"):
            self.assertEqual(ours.count(f'class="{part}'), shipped.count(f'class="{part}'), part)

    def test_several_in_one_file(self):
        other = self.order.copy()
        template = self._template("<p>Only {{ name }}.</p>")
        page = self._print(self.order | other, **{CHOSEN: template.id})
        self.assertIn(f"Only {self.order.name}.", page)
        self.assertIn(f"Only {other.name}.", page)

    def test_whose_layout(self):
        """The team's before the company's, the company's before that of all; others are not printed."""
        every = self._template("<p>all</p>", is_default=True)
        company = self._template("<p>company</p>", is_default=True, company_id=self.env.company.id)
        team = self.env["crm.team"].create({"name": "Print Team"})
        self._template("<p>team</p>", is_default=True, team_id=team.id)
        strange = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["kehu.print.template"].create(
            {"name": "Strange", "document": "quote", "layout": "<p>strange</p>", "is_default": True, "company_id": strange.id}
        )
        self.assertIn("<p>company</p>", self._print())
        self.order.sudo().team_id = team
        self.assertIn("<p>team</p>", self._print())
        self.order.sudo().team_id = False
        company.active = False
        self.assertIn("<p>all</p>", self._print())
        with self.assertRaisesRegex(KehuPrintLayoutError, "used by itself already"):
            self._template("<p>second</p>", is_default=True)
        self.assertFalse(self.templates.search([("name", "=", "Strange")]))
        hidden = self.env["kehu.print.template"].search([("name", "=", "Strange")])
        self.assertIn("<p>all</p>", self._print(**{CHOSEN: hidden.id}), "a layout of another company is not printed")
        self.assertTrue(every)

    def test_nothing_that_the_reader_may_not_read(self):
        margin = self.env["sale.order"]._fields["margin"]
        self.patch(margin, "groups", "base.group_system")
        self.env.registry.clear_cache()
        template = self._template("<p>[{{ name }}]</p>")
        template.sudo().with_user(self.env.ref("base.user_admin")).layout = "<p>[{{ margin }}]</p>"
        self.assertIn("[]", self._print(**{CHOSEN: template.id}))
        with self.assertRaisesRegex(KehuPrintLayoutError, "may not be printed"):
            template.layout = "<p>[{{ margin }}]</p>"

    def test_outside_only_what_is_offered(self):
        """A customer on the portal prints with the rights of the program: only what is offered is written then."""
        template = self._template("<p>[{{ name }}][{{ margin }}][{{ user_id.login }}]</p>", is_default=True)
        page = self.env["ir.actions.report"].sudo()._render_qweb_html(REPORT, self.order.ids)[0].decode()
        self.assertIn(f"[{self.order.name}][][]", page)
        self.assertTrue(template)

    def test_a_document_out_of_sight_is_not_printed(self):
        template = self._template("<p>{{ name }}</p>")
        with self.assertRaises(AccessError):
            self._print(user=self.user_west_seller, **{CHOSEN: template.id})

    def test_a_broken_layout_stops_nothing(self):
        template = self._template("<p>good</p>", is_default=True)
        self.env.flush_all()
        for layout in (
            "<p>{{ no_field_at_all }}</p>",
            "<p>a</p>\n<p>{{ name | roman }}</p>",
            "<p>{{ 1 + }}</p>",
            "<img src='file:///etc/passwd'>",
        ):
            self.env.cr.execute("UPDATE kehu_print_template SET layout = %s, problem = NULL WHERE id = %s", (layout, template.id))
            self.env.invalidate_all()
            page = self._print()
            self.assertIn(PARTIES, page)
            self.assertNotIn("passwd", page)
            self.assertRegex(template.problem, "^Line [12]: ")
        with mute_logger("odoo.addons.kehu_crm.models.printing.kehu_print_template"):
            self.env.cr.execute("UPDATE kehu_print_template SET layout = '<p>{{ name }}</p>' WHERE id = %s", (template.id,))
            self.env.invalidate_all()
            self.patch(type(self.templates), "_kehu_text", lambda *args: 1 / 0)
            self.assertIn(PARTIES, self._print())
        self.assertIn("division", template.problem)
        template.layout = "<p>mended</p>"
        self.assertFalse(template.problem)

    def test_refused_when_saved(self):
        template = self._template("<p>good</p>")
        for layout, words in (
            ("<p>a</p>\n<script>x</script>", "Line 2: <script>"),
            ("<p>a</p>\n<p>{{ nobody }}</p>", "Line 2: {{ nobody }}"),
            ("<p>{{ order_line }}</p>", "order_line"),
            ("<p>{{ block.nothing }}</p>", "no part of this print"),
            ("<p>{{ name | roman }}</p>", "has no such form"),
            ("<p>{{ partner_id.parent_id.parent_id.parent_id.name }}</p>", "cannot be read"),
            ("<p>{{ user_id.partner_id.user_ids.login }}</p>", "cannot be read"),
        ):
            with self.subTest(layout=layout), self.assertRaisesRegex(KehuPrintLayoutError, words.replace("{", r"\{").replace("|", r"\|")):
                template.layout = layout
        self.assertEqual(template.layout, "<p>good</p>")

    def test_versions(self):
        template = self._template("<p>one</p>")
        template.write({"layout": "<p>two</p>", "comment": "shorter"})
        template.write({"name": "Other Name"})
        template.invalidate_recordset(["version_ids"])
        self.assertEqual(template.version_ids.mapped("number"), [2, 1])
        self.assertEqual(template.version_ids[0].comment, "shorter")
        self.assertFalse(template.comment)
        template.version_ids[-1].action_use()
        self.assertEqual((template.layout, len(template.version_ids)), ("<p>one</p>", 3))
        template.action_shipped()
        self.assertIn("{{ block.lines }}", template.layout)
        version = template.version_ids[0]
        for attack in (
            lambda: version.write({"layout": "x"}),
            version.unlink,
            lambda: version.create({"template_id": template.id, "number": 9}),
        ):
            with self.assertRaises(AccessError):
                attack()
        with self.assertRaises(KehuEngineOnlyError):
            version.sudo().write({"layout": "x"})

    def test_who_writes(self):
        template = self._template("<p>good</p>")
        for user in (self.user_seller, self.user_director, self.user_finance):
            theirs = template.with_user(user)
            self.assertEqual(theirs.name, "Ours")
            for attack in (
                lambda theirs=theirs: theirs.write({"layout": "<p>x</p>"}),
                lambda theirs=theirs: theirs.create({"name": "X", "document": "quote"}),
                theirs.unlink,
                theirs.action_shipped,
            ):
                with self.assertRaises(AccessError):
                    attack()
        portal = new_test_user(self.env, "print_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            template.with_user(portal).read(["layout"])

    def test_preview(self):
        template = self._template("<p>Look: {{ name }}</p>")
        template.preview_id = self.order.id
        template = template.with_user(self.user_crm_admin)
        self.assertIn(f"Look: {self.order.name}", template.preview)
        self.assertNotIn("<script", template.preview)
        self.assertFalse(template.problem)
        form = template.new({"layout": "<p>{{ nobody }}</p>"}, origin=template)
        self.assertIn("{{ nobody }}", form.preview)
        self.assertIn("Values", template.placeholders[0]["title"])

    def test_choosing(self):
        template = self._template("<p>good</p>")
        choice = self.env["kehu.print.choose"].with_user(self.user_seller)
        choice = choice.with_context(active_model="sale.order", active_ids=self.order.ids).create({"template_id": template.id})
        self.assertEqual((choice.document, choice.count), ("quote", 1))
        action = choice.action_print()
        self.assertEqual((action["report_name"], action["context"][CHOSEN]), (REPORT, template.id))
        contract = self._template("<p>good</p>", document="contract")
        choice.template_id = contract
        with self.assertRaises(KehuPrintChoiceError):
            choice.action_print()
        hostile = choice.with_context(active_model="res.users", active_ids=[1]).create({})
        with self.assertRaises(KehuPrintChoiceError):
            hostile.action_print()

    def test_queries_do_not_grow(self):
        template = self._template("<p>{{ name }} {{ partner_id.name }} {{ user_id.name }}</p>")
        orders = self.order
        for _number in range(3):
            orders |= self.order.copy()

        def cost(records, **context):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._print(records, **context)
            return self.env.cr.sql_log_count - before

        for warm in (self.order, orders):
            cost(warm, **{CHOSEN: template.id})
        shipped = cost(orders, **{CHOSEN: 0}) - cost(self.order, **{CHOSEN: 0})
        self.assertLessEqual(cost(orders, **{CHOSEN: template.id}) - cost(self.order, **{CHOSEN: template.id}), shipped)
        template.is_default = True
        for warm in (self.order, orders):
            cost(warm)
        self.assertLessEqual(cost(orders) - cost(self.order), shipped)
