"""Favourite folders: private, filled from lists, written to as a whole."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerFolder(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._create_customer(cls.user_seller, name="苏州科技园", email="park@example.com")
        cls.second = cls._create_customer(cls.user_seller, name="无锡机械", email=False)
        cls.hidden = cls._create_customer(cls.user_west_seller, name="Hidden Ltd", email="hidden@example.com")
        cls.contact = cls._create_contact(cls.mine, email="zhang@example.com")

    def _folder(self, user, *partners, name="展会"):
        return (
            self.env["kehu.folder"]
            .with_user(user)
            .create({"name": name, "partner_ids": [Command.set([partner.id for partner in partners])]})
        )

    def _wizard(self, user, partners, **values):
        return (
            self.env["kehu.folder.change"].with_user(user).with_context(active_model="res.partner", active_ids=partners.ids).create(values)
        )

    def test_add_and_remove_from_the_list(self):
        folder = self._folder(self.user_seller)
        both = self.mine + self.contact
        self._wizard(self.user_seller, both, folder_id=folder.id).action_apply()
        self.assertEqual(folder.partner_ids, both)
        self._wizard(self.user_seller, both, folder_id=folder.id).action_apply()
        self.assertEqual(folder.partner_count, 2)
        self._wizard(self.user_seller, self.contact, folder_id=folder.id, mode="remove").action_apply()
        self.assertEqual(folder.partner_ids, self.mine)

    def test_wizard_asks_for_a_folder_and_customers(self):
        with self.assertRaisesRegex(UserError, "Choose a folder"):
            self._wizard(self.user_seller, self.mine).action_apply()
        with self.assertRaisesRegex(UserError, "Tick some of them"):
            self._wizard(self.user_seller, self.env.company.partner_id)
        form = Form(
            self.env["kehu.folder.change"].with_user(self.user_seller).with_context(active_model="res.partner", active_ids=self.mine.ids)
        )
        self.assertEqual(form.partner_count, 1)

    def test_found_by_folder(self):
        folder = self._folder(self.user_seller, self.mine, self.contact)
        waiting = self._create_customer(name="In the Pool")  # pools hold others as well, such as those of a demo company
        made = (self.mine | self.second | self.hidden | self.contact | waiting).ids
        partners = self.env["res.partner"].with_user(self.user_seller)

        def found(*domain):
            return partners.search([*domain, ("kehu_is_customer", "=", True), ("id", "in", made)])

        self.assertEqual(partners.search([("kehu_folder_ids", "in", folder.ids)]), self.mine + self.contact)
        self.assertEqual(found(("kehu_folder_ids", "=", "展会")), self.mine)
        self.assertEqual(found(("kehu_folder_ids.name", "ilike", "展")), self.mine)
        self.assertEqual(found(("kehu_folder_ids", "=", False)), self.second | waiting)
        self.assertEqual(found(("kehu_folder_ids", "not in", folder.ids)), self.second | waiting)
        self.assertEqual(self.mine.with_user(self.user_seller).kehu_folder_ids, folder)

    def test_opens_with_the_card_of_its_kind(self):
        for partner, card in ((self.mine, "res_partner_view_form_kehu"), (self.contact, "res_partner_view_form_kehu_contact")):
            action = partner.with_user(self.user_seller).action_kehu_open_card()
            self.assertEqual(action["views"], [(self.env.ref(f"kehu_crm.{card}").id, "form")])
        with self.assertRaises(AccessError):
            self.hidden.with_user(self.user_seller).action_kehu_open_card()

    def test_private(self):
        folder = self._folder(self.user_seller, self.mine)
        for user in (self.user_east_manager, self.user_director, self.user_crm_admin, self.user_service):
            with self.subTest(user=user.name):
                theirs = folder.with_user(user)
                self.assertFalse(theirs.search([("id", "=", folder.id)]))
                with self.assertRaises(AccessError):
                    theirs.read(["name"])
                with self.assertRaises(AccessError):
                    theirs.action_send_email()
                self.assertFalse(self.mine.with_user(user).kehu_folder_ids)
                self.assertFalse(self.env["res.partner"].with_user(user).search([("kehu_folder_ids", "in", folder.ids)]))

    def test_hidden_customers_do_not_get_in(self):
        with self.assertRaises(AccessError):
            self._folder(self.user_seller, self.hidden)
        folder = self._folder(self.user_seller, self.mine)
        with self.assertRaises(AccessError):
            folder.partner_ids = [Command.link(self.hidden.id)]
        self.assertEqual(folder.partner_ids, self.mine)

    def test_what_goes_to_a_colleague_drops_out_of_sight(self):
        folder = self._folder(self.user_seller, self.mine, self.second)
        self.mine.with_user(self.user_director).kehu_transfer(self.user_west_seller.id, "moved")
        self.env.invalidate_all()
        folder = folder.with_user(self.user_seller)
        self.assertEqual(folder.partner_count, 1)
        self.assertEqual(folder.partner_ids, self.second)
        folder.write({"name": "later"})
        self.mine.with_user(self.user_director).kehu_transfer(self.user_seller.id, "back")
        self.env.invalidate_all()
        self.assertEqual(folder.partner_count, 2)

    def test_own_partners_and_strangers_stay_out(self):
        with self.assertRaisesRegex(ValidationError, "no customer or contact"):
            self._folder(self.user_seller, self.env.company.partner_id)

    def test_nobody_makes_a_folder_for_another(self):
        with self.assertRaises(ValidationError):
            self.env["kehu.folder"].with_user(self.user_seller).create({"name": "x", "user_id": self.user_seller2.id})
        with self.assertRaises(ValidationError):
            self._folder(self.user_seller).write({"user_id": self.user_seller2.id})

    def test_names(self):
        self._folder(self.user_seller)
        self._folder(self.user_seller2)
        with self.assertRaisesRegex(ValidationError, "can be read"):
            self._folder(self.user_seller, name="  ")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self._folder(self.user_seller)

    def test_one_email_to_each(self):
        folder = self._folder(self.user_seller, self.mine, self.second, self.contact)
        self.assertEqual((folder.partner_count, folder.email_count), (3, 2))
        action = folder.action_send_email()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.user_seller)
            .with_context(**action["context"])
            .create({"subject": "Fair", "body": "<p>Come and see us</p>"})
        )
        composer._action_send_mail()
        mails = self.env["mail.mail"].sudo().search([("subject", "=", "Fair")])
        self.assertEqual(set(mails.mapped("res_id")), set((self.mine + self.contact).ids))
        self.assertEqual(len(mails), 2)
        self.assertTrue(all(len(mail.recipient_ids) + bool(mail.email_to) == 1 for mail in mails), "nobody sees the others")

    def test_email_needs_an_address(self):
        with self.assertRaisesRegex(UserError, "has an e-mail address"):
            self._folder(self.user_seller, self.second).action_send_email()

    def test_text_message(self):
        folder = self._folder(self.user_seller, self.second)
        with self.assertRaises(UserError):
            folder.action_send_sms()
        self.second.phone = "13800138000"
        if "sms.composer" in self.env:
            self.assertEqual(folder.action_send_sms()["context"]["default_res_ids"], self.second.ids)
        else:
            with self.assertRaisesRegex(UserError, "not installed"):
                folder.action_send_sms()

    def test_queries_do_not_grow(self):
        def queries(count):
            customers = self.env["res.partner"].create(
                [{"name": f"C{number}", "kehu_is_customer": True, "user_id": self.user_seller.id} for number in range(count)]
            )
            folder = self._folder(self.user_seller, name=f"{count}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._wizard(self.user_seller, customers, folder_id=folder.id).action_apply()
            self.assertEqual(folder.partner_count, count)
            return self.env.cr.sql_log_count - before

        few = queries(5)
        self.assertLessEqual(queries(60), few + 2)
