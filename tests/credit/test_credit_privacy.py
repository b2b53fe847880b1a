"""A customer goes to the pool, where everybody in the CRM reads it: nothing of its account goes with it."""

from importlib.util import module_from_spec, spec_from_file_location

from odoo import fields
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import file_path, mute_logger

from ...models.system.engine import as_engine
from ..receivable.common import ReceivableCommon

REFUSALS = "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models"


def exec_module(path):
    """:return: the module in that file"""
    spec = spec_from_file_location("migration", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@tagged("post_install", "-at_install")
class TestCreditPrivacy(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.customer.write({"lang": "en_US", "email": "pumps@example.com"})
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_date": "2026-01-10",
                "invoice_date_due": "2026-01-20",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"product_id": cls.product.id, "quantity": 1, "price_unit": 4321.0})],
            }
        )
        move.action_post()
        wizard = cls.env["kehu.statement"].with_user(cls.user_seller)
        wizard.create({"partner_ids": cls.customer.ids, "date_from": "2026-01-01", "date_to": "2026-01-31"}).action_send()
        cls.letters = cls.env["kehu.dunning.letter"].with_user(cls.user_finance)
        cls.letters.action_make()
        cls.letter = cls.letters.search([("partner_id", "=", cls.customer.id)])
        cls.letter.level_id.mail_template_id = cls.env.ref("kehu_crm.kehu_dunning_mail_template")
        cls.letter.action_send()
        cls.log = cls.env["kehu.statement.letter"].search([("partner_id", "=", cls.customer.id)])
        cls.customer.with_user(cls.user_finance).kehu_set_credit_limit(7654)
        cls.customer.with_user(cls.user_finance).kehu_set_credit_limit(9876)
        cls.files = cls.env["ir.attachment"].search(
            ["|", "&", ("res_model", "=", cls.log._name), ("res_id", "=", cls.log.id)]
            + ["&", ("res_model", "=", cls.letter._name), ("res_id", "=", cls.letter.id)]
        )
        cls.mails = cls.files.sudo().env["mail.message"].search([("attachment_ids", "in", cls.files.ids)])

    def setUp(self):
        super().setUp()
        self.assertEqual(len(self.files), 2)
        self.assertEqual(len(self.mails), 2)
        self.assertEqual(self.letter.state, "sent")

    def _told(self, user):
        """Everything that the customer's messages tell a person, as the client gets it."""
        customer = self.customer.with_user(user)
        self.env.invalidate_all()
        messages = customer.env["mail.message"].search([("model", "=", "res.partner"), ("res_id", "=", customer.id)])
        store = Store()
        store.add(messages)
        return str(store.get_result())

    def _sees_account(self, user):
        """Everything there is of the account, asked at each door; the doors agree.

        :return: whether the person gets it
        """
        self.env.invalidate_all()
        customer = self.customer.with_user(user)
        answers = {"limit told": "9876" in self._told(user) or "9,876" in self._told(user)}
        for name, records in (("files", self.files), ("mails", self.mails), ("log", self.log), ("letter", self.letter)):
            mine = records.with_user(user)
            found = mine.search([("id", "in", mine.ids)]) if mine.has_access("read") or name in ("files", "mails") else mine.browse()
            answers[f"{name} found"] = bool(found)
            self.assertIn(len(found), (0, len(records)), (name, user.name))
            try:
                with mute_logger(*REFUSALS):
                    mine.read(["display_name"] if name != "files" else ["raw"])
                answers[name] = True
            except AccessError:
                answers[name] = False
        domain = customer.action_kehu_attachments()["domain"]
        answers["tab"] = bool(customer.env["ir.attachment"].search(domain))
        if customer._has_field_access(customer._fields["kehu_credit_limit"], "read"):
            answers["limit"] = bool(customer.read(["kehu_credit_limit"])[0]["kehu_credit_limit"])
            answers["used"] = bool(customer.read(["kehu_credit_used"])[0]["kehu_credit_used"])
            answers["limit found"] = customer in customer.search([("kehu_credit_limit", ">", 9000)])
            answers["exceeded"] = bool(customer.search([("id", "=", customer.id), ("kehu_credit_limit", "=", 9876)]))
        self.assertEqual(len(set(answers.values())), 1, (user.name, answers))
        return answers["files"]

    def test_the_owner_s_time(self):
        for user in (self.user_seller, self.user_east_manager, self.user_sales_manager, self.user_director, self.user_finance):
            with self.subTest(user=user.name):
                self.assertTrue(self._sees_account(user))

    def test_in_the_pool(self):
        self.customer.with_user(self.user_east_manager).kehu_return("Went quiet")
        for user in (self.user_seller2, self.user_west_seller, self.user_service):
            with self.subTest(user=user.name):
                self.assertTrue(self.customer.with_user(user).has_access("read"))  # everybody sees the customer
                self.assertFalse(self._sees_account(user))
        for user in (self.user_director, self.user_finance):
            with self.subTest(user=user.name):
                self.assertTrue(self._sees_account(user))

    def test_what_was_mailed_before(self):
        """The update takes statements from the messages of the customer, once, and leaves other mails and files there."""
        self.log.message_ids.filtered("attachment_ids").write({"model": "res.partner", "res_id": self.customer.id})
        self.files.filtered(lambda file: file.res_model == self.log._name).write({"res_model": "res.partner", "res_id": self.customer.id})
        other = self.customer.message_post(attachments=[("Offer - Pumps.pdf", b"1")], message_type="comment")
        as_engine(self.log, "statement").unlink()
        path = file_path("kehu_crm/migrations/19.0.1.5.0/post-credit.py")
        self.user_seller.active = False  # has left since
        for _time in range(2):
            exec_module(path).migrate(self.cr, "19.0.1.4.0")
            self.env.invalidate_all()
            log = self.env["kehu.statement.letter"].search([("partner_id", "=", self.customer.id)])
            self.assertEqual((len(log), log.mailed_to, str(log.date_to)), (1, "pumps@example.com", "2026-01-31"))
            self.assertEqual(log.sent_by_id, self.user_seller)
            mail = log.message_ids.filtered("attachment_ids")
            self.assertEqual((mail.attachment_ids.res_model, mail.attachment_ids.res_id), (log._name, log.id))
            self.assertEqual(other.attachment_ids.res_model, "res.partner")

    def test_what_all_may_know(self):
        """That statements and letters were sent, and that the limit was changed, stands on the customer; no figure does."""
        self.customer.with_user(self.user_east_manager).kehu_return("Went quiet")
        told = self._told(self.user_seller2)
        for text in ("Statement of account", "Dunning letter", "credit limit"):
            self.assertIn(text, told)
        for figure in ("4,321", "4321", "7,654", "7654", "9,876", "9876"):
            self.assertNotIn(figure, told)

    def test_found_by_words(self):
        """Searching the messages of the customer for the limit finds the note for those alone who see the limit."""
        self.customer.with_user(self.user_east_manager).kehu_return("Went quiet")
        for user, found in ((self.user_seller2, False), (self.user_finance, True)):
            messages = self.env["mail.message"].with_user(user)
            hits = messages._message_fetch(None, thread=self.customer.with_user(user), search_term="9876")["messages"]
            with self.subTest(user=user.name):
                self.assertEqual(bool(hits), found)
