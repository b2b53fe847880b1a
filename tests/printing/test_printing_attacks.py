from odoo.tests import tagged
from odoo.tools import html2plaintext

from ...models.printing.exceptions import KehuPrintLayoutError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestPrintingAttacks(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(owner=cls.user_seller, name="Mine", lang="en_US")
        cls.hidden = cls._create_customer(owner=cls.user_west_seller, name="Hidden Works", phone="0512-SECRET", lang="en_US")
        cls.contract = cls.env["kehu.contract"].create(
            {
                "title": "Frame",
                "partner_id": cls.customer.id,
                "user_id": cls.user_seller.id,
                "third_party_id": cls.hidden.id,
            }
        )

    def _print(self, user):
        reports = self.env["ir.actions.report"].with_user(user)
        self.env.invalidate_all()
        page, _kind = reports._render_qweb_html("kehu_crm.print_contract", self.contract.ids)
        return html2plaintext(page.decode() if isinstance(page, bytes) else page)

    def test_customer_out_of_sight_that_the_print_has_read(self):
        """The shipped print names the third party to everybody; a layout reads nothing else of it, though it is in memory by then."""
        self.env["kehu.print.template"].create(
            {
                "name": "Curious",
                "document": "contract",
                "is_default": True,
                "layout": "<p>Phone: {{ third_party_id.phone }}.</p><p>Ours: {{ partner_id.name }}</p>",
            }
        )
        self.assertFalse(self.as_user(self.hidden, self.user_seller).has_access("read"))
        text = self._print(self.user_seller)
        self.assertIn("Ours: Mine", text)
        self.assertNotIn("SECRET", text)
        self.assertIn("SECRET", self._print(self.user_director))

    def test_what_would_be_fetched_or_run(self):
        """Each is refused when saved, and printed by nobody when it came into the database in another way."""
        template = self.env["kehu.print.template"].create(
            {"name": "Ours", "document": "contract", "layout": "<p>good</p>", "is_default": True}
        )
        self.env.flush_all()
        for attack in (
            '<img src="file:///etc/passwd">',
            '<img src="http://169.254.169.254/latest/">',
            '<img src="//evil/x">',
            '<img srcset="http://evil/x 1x">',
            '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
            '<iframe src="file:///etc/passwd"></iframe>',
            '<link rel="stylesheet" href="http://evil/x.css">',
            "<style>@import url(http://evil/x.css);</style>",
            '<div style="background: url(http://evil/x)">x</div>',
            '<div style="background: u\\72l(http://evil/x)">x</div>',
            '<table background="http://evil/x"><tr><td>x</td></tr></table>',
            '<object data="file:///etc/passwd"></object>',
            '<embed src="http://evil/">',
            '<svg><image xlink:href="file:///etc/passwd"></image></svg>',
            '<base href="http://evil/">',
            '<meta http-equiv="refresh" content="0;url=http://evil/">',
            '<p onclick="evil()">x</p>',
            '<video src="http://evil/x"></video>',
            '<input type="image" src="http://evil/x">',
            '<math><mtext><style><img src="http://evil/x"></style></mtext></math>',
        ):
            with self.subTest(attack=attack):
                self.env.cr.execute("UPDATE kehu_print_template SET layout = %s WHERE id = %s", (f"<p>a</p>{attack}", template.id))
                self.env.invalidate_all()
                page, _kind = (
                    self.env["ir.actions.report"]
                    .with_user(self.user_seller)
                    ._render_qweb_html("kehu_crm.print_contract", self.contract.ids)
                )
                for word in ("evil", "passwd", "169.254", "PHN2Zz4="):
                    self.assertNotIn(word, page.decode())

    def test_nothing_is_evaluated(self):
        templates = self.env["kehu.print.template"]
        for inside in (
            "1 + 1",
            "name.__class__",
            "name()",
            "env",
            "name[0]",
            "name or title",
            "_fields",
            "partner_id._name",
        ):
            with self.subTest(inside=inside), self.assertRaises(KehuPrintLayoutError):
                templates.create({"name": "x", "document": "contract", "layout": f"<p>{{{{ {inside} }}}}</p>"})

    def test_versions_are_compared(self):
        """What was changed since is told as text: HTML of a layout is not run by who compares."""
        template = self.env["kehu.print.template"].create({"name": "x", "document": "contract", "layout": "<p>same</p><p>old words</p>"})
        template.layout = "<p>same</p><p>new words</p>"
        first, last = template.version_ids.sorted("number")
        for words in ('text-danger">-&lt;p&gt;old words&lt;/p&gt;', 'text-success">+&lt;p&gt;new words&lt;/p&gt;'):
            self.assertIn(words, first.difference)
        self.assertIn("Nothing has changed", last.difference)
        self.assertNotIn("<p>", first.difference)

    def test_asked_where_there_is_more_than_one(self):
        templates, report = self.env["kehu.print.template"], "kehu_crm.print_contract"
        ask = self.env["kehu.print.choose"].with_user(self.user_seller).get_dialog
        self.assertFalse(ask(report, self.contract.ids), "none but the shipped one")
        usual = templates.create({"name": "Usual", "document": "contract", "layout": "<p>usual</p>", "is_default": True})
        self.assertFalse(ask(report, self.contract.ids), "one, which is used by itself")
        strange = self.env["res.company"].create({"name": "Elsewhere"})
        templates.create({"name": "Strange", "document": "contract", "layout": "<p>strange</p>", "company_id": strange.id})
        self.assertFalse(ask(report, self.contract.ids), "that of another company is none")
        templates.create({"name": "Second", "document": "contract", "layout": "<p>second</p>"})
        dialog = ask(report, self.contract.ids)
        self.assertEqual(dialog["context"]["default_template_id"], usual.id)
        choice = self.env["kehu.print.choose"].with_user(self.user_seller).with_context(**dialog["context"]).create({})
        self.assertEqual((choice.template_id, choice.document, choice.count), (usual, "contract", 1))
        self.assertEqual(choice.action_print()["context"]["kehu_print_template"], usual.id)
        self.assertFalse(self.env["kehu.print.choose"].with_user(self.user_west_seller).get_dialog(report, self.contract.ids))
        for odd in ("kehu_crm.print_target", "base.report_irmodeloverview", "nothing.at_all"):
            self.assertFalse(ask(odd, self.contract.ids))
        self.assertFalse(ask(report, "1"))
