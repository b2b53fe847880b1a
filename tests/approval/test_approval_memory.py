"""What the registry remembers for submissions is never older than what is written; and what is read together is what the host reads."""

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import format_amount

from ...models.approval.figures import amount_text
from ...models.approval.memory import read_relations
from .test_approval_step import StepCommon


@tagged("post_install", "-at_install")
class TestApprovalMemory(StepCommon):
    def _members(self):
        return self.env["res.users"].sudo()._kehu_of_role(self.role, self.env.company)

    def test_members_of_a_role(self):
        """By each way in which somebody comes into a role, or leaves it."""
        one, two = self.user_order_approver, self.user_order_approver2
        self.assertEqual(self._members(), one | two)
        new = new_test_user(self.env, "kehu_new_approver", groups="kehu_crm.group_kehu_order_approver")
        self.assertEqual(self._members(), one | two | new, "a new user")
        new.group_ids = [Command.unlink(self.role.id)]
        self.assertEqual(self._members(), one | two, "roles of the user")
        self.role.user_ids = [Command.link(new.id)]
        self.assertEqual(self._members(), one | two | new, "users of the role")
        self.role.user_ids = [Command.unlink(new.id)]
        self.assertEqual(self._members(), one | two)
        team = self.env["res.groups"].create(
            {"name": "Team", "implied_ids": [Command.link(self.role.id)], "user_ids": [Command.link(self.anna.id)]}
        )
        self.assertEqual(self._members(), one | two | self.anna, "a new role that implies it")
        team.implied_ids = [Command.unlink(self.role.id)]
        self.assertEqual(self._members(), one | two)
        team.implied_ids = [Command.link(self.role.id)]
        self.assertEqual(self._members(), one | two | self.anna)
        team.unlink()
        self.assertEqual(self._members(), one | two)
        two.active = False
        self.assertEqual(self._members(), one)
        two.active = True
        other = self.env["res.company"].create({"name": "Elsewhere"})
        two.write({"company_ids": [Command.link(other.id)]})
        self.assertEqual(self.env["res.users"].sudo()._kehu_of_role(self.role, other) & (one | two), two)
        other.user_ids = [Command.link(one.id)]
        self.assertEqual(self.env["res.users"].sudo()._kehu_of_role(self.role, other) & (one | two), one | two, "users of the company")

    def test_members_as_another_thread_reads_them(self):
        """Whoever reads the old members while a change is not committed yet keeps them no longer than that."""
        one, two = self.user_order_approver, self.user_order_approver2
        for vals, expected in (
            ({"group_ids": [Command.unlink(self.role.id)]}, one),
            ({"group_ids": [Command.link(self.role.id)]}, one | two),
            ({"active": False}, one),
        ):
            two.write(vals)
            with self.registry.cursor() as cr:
                old = self.env(cr=cr)["res.users"].sudo()._kehu_of_role(self.role, self.env.company).ids
            self.assertEqual(self._members().ids, old, "the other one has kept what it read")
            self.env.cr.postcommit.run()
            self.assertEqual(self._members(), expected)

    def test_flow(self):
        """What a flow says counts for the next document, and what was submitted keeps what it said then."""
        self._steps(self._users(self.anna))
        first = self._submit()
        self.flow.write({"allow_self": True, "once_per_person": True, "if_nobody": "administrator", "tolerance_percent": 7.0})
        second = self._submit(self._create_order())
        names = ("allow_self", "once_per_person", "if_nobody", "tolerance_percent")
        self.assertEqual([first.sudo()[name] for name in names], [False, False, "refuse", 0.0])
        self.assertEqual([second.sudo()[name] for name in names], [True, True, "administrator", 7.0])

    def test_names_of_kinds(self):
        """A filter shows the name that a kind of document has now."""
        model = self.env["ir.model"]._get("sale.order")
        for lang, name in (("en_US", "Order Sheet"), ("zh_CN", "销售单据")):
            model.with_context(lang=lang).name = name
        requests = self.env["kehu.approval.request"]
        for lang, name in (("en_US", "Order Sheet"), ("zh_CN", "销售单据")):
            kinds = dict(requests.with_context(lang=lang).fields_get(["document_kind"])["document_kind"]["selection"])
            self.assertEqual(kinds["sale.order"], name)
        model.update_field_translations("name", {"zh_CN": "销售订单二"})
        kinds = dict(requests.with_context(lang="zh_CN").fields_get(["document_kind"])["document_kind"]["selection"])
        self.assertEqual(kinds["sale.order"], "销售订单二")

    def test_read_together(self):
        """Same records in the same order as the host reads them, archived ones included; what is in memory is left alone."""
        taxes = self.env["account.tax"].create([{"name": f"T{number}", "amount": number, "sequence": 9 - number} for number in (1, 2, 3)])
        orders = (self.order | self._create_order() | self._create_order()).sudo()
        for order, some in zip(orders, (taxes, taxes[1], taxes.browse()), strict=True):
            order.order_line.tax_ids = some
        taxes[1].active = False
        names = {"tax_ids", "product_no_variant_attribute_value_ids"}
        order_lines = self.env["sale.order.line"].sudo()
        self.env.flush_all()
        self.env.invalidate_all()
        expected = {line.id: line.tax_ids.ids for line in orders.order_line}
        lines = {order.id: order.order_line.ids for order in orders}
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            read_relations((orders, {"order_line", "name"}), (order_lines.browse(sorted(expected)), names))
        with self.assertQueryCount(0):
            self.assertEqual({order.id: order.order_line.ids for order in orders}, lines)
            self.assertEqual({line.id: line.tax_ids.ids for line in orders.order_line}, expected)
            read_relations((orders, {"order_line"}), (orders.order_line, names))
        self.assertTrue(any(taxes[1].id in ids for ids in expected.values()))

    def test_written_together(self):
        """Three relations of a new request in one query are what is read anew, and what can be searched."""
        self._steps(self._users(self.anna, self.ben), self._users(self.cora))
        request = self._submit().sudo()
        shown = (request.decider_ids, request.participant_ids, request.step_line_ids.mapped("user_ids"))
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((request.decider_ids, request.participant_ids, request.step_line_ids.mapped("user_ids")), shown)
        self.assertEqual((request.decider_ids, request.step_line_ids[1].user_ids), (self.anna | self.ben, self.cora))
        self.assertIn(request, self.env["kehu.approval.request"].sudo().search([("decider_ids", "in", self.ben.ids)]))

    def test_amount(self):
        """As the host writes it, in each currency and language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        yen, euro = self.env.ref("base.JPY"), self.env.ref("base.EUR")
        yen.active, euro.active = True, True
        for lang in ("en_US", "zh_CN"):
            order = self.order.sudo().with_context(lang=lang)
            for currency in (yen, euro, order.currency_id, self.env.ref("base.XAF")):
                for amount in (0.0, 1234567.895, -3.5, -0.001):
                    with self.subTest(lang=lang, currency=currency.name, amount=amount):
                        self.assertEqual(amount_text(order.env, amount, currency), format_amount(order.env, amount, currency))
