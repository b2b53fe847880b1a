"""Words to choose from, and records that others refer to: no empty or double name, and a sentence instead of the database's text."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...models.customer.exceptions import KehuCustomerError, KehuPartnerDeletionError
from ...models.pool.exceptions import KehuPoolError
from ...models.system.exceptions import KehuNameError, KehuUsedError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerWords(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["kehu.dictionary.value"].create({"name": "Fair (test)", "dictionary": "customer_source"})
        cls.pool = cls.env["kehu.pool"].create({"name": "North (test)"})

    @contextmanager
    def refused(self, error, words):
        """Expect a refusal of that class whose sentence has these words; what was written before it is rolled back."""
        with self.assertRaises(error) as refusal:
            yield
        self.assertIn(words, str(refusal.exception))

    def test_names_are_neither_empty_nor_double(self):
        words = [
            (self.level_key, {}),
            (self.source, {"dictionary": "customer_source"}),
            (self.pool, {}),
        ]
        for word, values in words:
            model = word.with_user(self.user_crm_admin).browse()
            for name in ("", "   ", "\u3000\t", False, None):
                with self.subTest(model=word._name, name=name), self.refused(KehuNameError, "needs a name"):
                    model.create({"name": name, **values})
                with self.subTest(model=word._name, name=name), self.refused(KehuNameError, "needs a name"):
                    word.write({"name": name})
            double = f" {word.name.upper()}  "
            with self.subTest(model=word._name), self.refused(KehuNameError, "There is already a"):
                model.create({"name": double.replace("(", "（").replace(")", "）"), **values})
            other = model.create({"name": "  Another \n one (test) ", **values})
            self.assertEqual(other.name, "Another one (test)")
            with self.subTest(model=word._name), self.assertRaises(KehuNameError):
                other.name = word.name
            # an archived one does not stand in the way, and comes back only under a name of its own
            word.active = False
            other.name = word.name.upper()
            with self.subTest(model=word._name), self.assertRaises(KehuNameError):
                word.active = True
            other.name = "Another one (test)"
            word.active = True

    def test_a_name_is_text_in_every_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for word in (self.level_key, self.source, self.pool):
            own = word.with_user(self.user_crm_admin)
            for name in ({"en_US": "x"}, ["x"], 5, True):
                with self.subTest(model=word._name, name=name), self.refused(KehuNameError, "needs a name"):
                    own.write({"name": name})
                with self.subTest(model=word._name, name=name), self.refused(KehuNameError, "needs a name"):
                    own.update_field_translations("name", {"zh_CN": name})
            for name in ("", "  ", "\u3000"):
                with self.subTest(model=word._name, name=name), self.refused(KehuNameError, "needs a name"):
                    own.update_field_translations("name", {"zh_CN": name})
            other = own.create({"name": "Another one (test)", **({"dictionary": "customer_source"} if word == self.source else {})})
            own.update_field_translations("name", {"zh_CN": "  某个 (测试) "})
            self.assertEqual((own.with_context(lang="zh_CN").name, own.with_context(lang="en_US").name), ("某个 (测试)", word.name))
            with self.subTest(model=word._name), self.refused(KehuNameError, "There is already a"):
                other.update_field_translations("name", {"zh_CN": "某个 (测试)"})
            own.update_field_translations("name", {"zh_CN": False})
            self.assertEqual(own.with_context(lang="zh_CN").name, own.with_context(lang="en_US").name)

    def test_a_copy_has_a_name_of_its_own(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for word in (self.level_key, self.source, self.pool):
            own = word.with_user(self.user_crm_admin).with_context(lang="en_US")
            own.update_field_translations("name", {"zh_CN": "某个 (测试)"})
            names = [f"{own.name} (copy)", f"{own.name} (copy 2)", f"{own.name} (copy 3)"]
            with self.subTest(model=word._name):
                copies = own.copy() | own.copy()
                copies |= own.copy()
                self.assertEqual(copies.mapped("name"), names)
                self.assertNotIn("某个 (测试)", copies.with_context(lang="zh_CN").mapped("name"))
                self.assertEqual(own.copy({"name": "Named (test)"}).name, "Named (test)")

    def test_used_words_are_archived_not_deleted(self):
        self._create_customer(owner=self.user_seller, kehu_level_id=self.level_key.id, active=False)
        customer = self._create_customer(owner=self.user_seller, kehu_level_id=self.level_key.id, kehu_source_id=self.source.id)
        record = self.env["kehu.contact.record"].with_user(self.user_seller)
        record.create({"partner_id": customer.id, "content": "Talked", "level_id": self.level_key.id})
        with self.assertRaises(KehuUsedError) as refusal:
            self.level_key.with_user(self.user_crm_admin).unlink()
        sentence = str(refusal.exception)
        for words in ("重要客户 (test)", "Contact (2)", "Contact Record (1)", "Archive it"):
            self.assertIn(words, sentence)
        with self.refused(KehuUsedError, "Contact (1)"):
            self.source.with_user(self.user_crm_admin).unlink()
        self.level_none.with_user(self.user_crm_admin).unlink()

    def test_a_pool_with_a_history_is_archived(self):
        customer = self._create_customer(kehu_pool_id=self.pool.id)
        with self.refused(KehuPoolError, "still holds 1 customers"):
            self.pool.with_user(self.user_crm_admin).unlink()
        customer.kehu_assign(self.user_seller.id)
        with self.refused(KehuPoolError, "ownership history"):
            self.pool.with_user(self.user_crm_admin).unlink()
        self.pool.with_user(self.user_crm_admin).active = False
        self.env["kehu.pool"].create({"name": "Never used (test)"}).with_user(self.user_crm_admin).unlink()

    def test_a_customer_with_documents_is_archived(self):
        product = self._create_product()
        ordering = self._create_customer(owner=self.user_seller, name="Ordering")
        order = {"partner_id": ordering.id, "order_line": [Command.create({"product_id": product.id})]}
        orders = self.env["sale.order"].create([order, order])
        invoiced = self._create_customer(owner=self.user_seller, name="Invoiced")
        self.env["account.move"].create({"move_type": "out_invoice", "partner_id": invoiced.id})
        unused = self._create_customer(owner=self.user_seller, name="Unused")
        for customer, words in (
            (ordering, "Sales Order (2)"),
            (invoiced, "Journal Entry (1)"),
        ):
            with self.subTest(customer=customer.name), self.assertRaises(KehuPartnerDeletionError) as refusal:
                (customer | unused).with_user(self.user_crm_admin).unlink()
            self.assertIn(f"“{customer.name}” is still used and cannot be deleted", str(refusal.exception))
            self.assertIn(words, str(refusal.exception))
            self.assertNotIn("Unused", str(refusal.exception))
        # the guard asks once for all, not once per customer
        many = self.env["res.partner"].create([{"name": f"Many {n}", "kehu_is_customer": True} for n in range(30)])
        self.env.flush_all()

        def queries(partners):
            before = self.cr.sql_log_count
            partners._unlink_except_used()
            return self.cr.sql_log_count - before

        queries(many)
        self.assertLessEqual(queries(many), queries(many[0]) + 2)
        orders.unlink()
        ordering.with_user(self.user_crm_admin).unlink()

    def test_nothing_less_than_zero(self):
        partners = self.env["res.partner"].with_user(self.user_seller)
        for name, label in (("kehu_annual_revenue", "Annual Revenue"), ("kehu_headcount", "Headcount")):
            with self.subTest(field=name), self.refused(KehuCustomerError, f"“{label}” of “Small” cannot be less than zero"):
                partners.create({"name": "Small", "kehu_is_customer": True, "user_id": self.user_seller.id, name: -1})
            customer = partners.create({"name": "Small", "kehu_is_customer": True, "user_id": self.user_seller.id, name: 0})
            with self.subTest(field=name), self.assertRaises(KehuCustomerError):
                customer.write({name: -5})

    def test_customers_become_neither_companies_nor_colleagues(self):
        customer = self._create_customer(owner=self.user_seller, name="Grown Up")
        with self.refused(KehuCustomerError, "“Grown Up” is a customer of the CRM and cannot become"):
            self.env["res.company"].create({"name": "Grown Up", "partner_id": customer.id})
        with self.assertRaises(KehuCustomerError):
            new_test_user(self.env, "kehu_grown", groups="base.group_user", partner_id=customer.id)
        portal = new_test_user(self.env, "kehu_grown_portal", groups="base.group_portal", partner_id=customer.id)
        self.assertTrue(portal.share)
        with self.assertRaises(UserError):
            portal.write({"group_ids": [Command.set(self.env.ref("base.group_user").ids)]})

    def test_provinces_of_ones_own_country_without_the_country(self):
        china, state = self.env.ref("base.cn"), self.env.ref("base.state_cn_JS")
        self.env.company.country_id = china
        self.assertIn("(CN)", state.display_name)
        self.assertEqual(state.with_context(kehu_short_province=True).display_name, state.name)
        abroad = self.env.ref("base.state_us_1").with_context(kehu_short_province=True)
        self.assertIn("(US)", abroad.display_name)
        customer = self._create_customer(owner=self.user_seller, state_id=state.id)
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_pool_customer_action")
        self.assertIn("'kehu_short_province': True", action["context"])
        shown = customer.with_context(kehu_short_province=True).web_read({"state_id": {"fields": {"display_name": {}}}})
        self.assertEqual(shown[0]["state_id"]["display_name"], state.name)

    def test_attaching_a_plain_partner_to_ones_own_customer(self):
        """It becomes a contact of the customer and follows its owner, whoever looked after it in the host before."""
        own = self._create_customer(owner=self.user_seller, name="Own")
        plain = self.env["res.partner"].create({"name": "Plain", "user_id": self.user_west_seller.id, "email": "plain@example.com"})
        partner = plain.with_user(self.user_seller)
        partner.parent_id = own.id
        self.assertEqual((plain.kehu_customer_id, plain.user_id, plain.kehu_department_id), (own, self.user_seller, self.department_east))
        self.assertFalse(plain.kehu_is_customer)
        self.assertEqual(partner.read(["email"])[0]["email"], "plain@example.com")
