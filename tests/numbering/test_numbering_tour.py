"""In the browser, in Chinese: an administrator sets numbers, and merges choices of a drop-down."""

from odoo.tests import HttpCase, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestNumberingTour(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.user_crm_admin.write({"password": cls.user_crm_admin.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})

    def test_numbers(self):
        login = self.user_crm_admin.login
        self.start_tour("/odoo/kehu-numbering", "kehu_numbering_set", login=login, timeout=180)
        self.assertRegex(self.env["crm.lead"].create({"name": "Numbered"}).kehu_number, r"^OP\d{12}$")
        self.start_tour("/odoo/kehu-numbering", "kehu_numbering_refused", login=login, timeout=180)
        self.assertRegex(self.env["crm.lead"].create({"name": "Numbered"}).kehu_number, r"^OP\d{12}$")

    def test_dictionary(self):
        words = self.env["kehu.dictionary.value"]
        old, new = words.create([{"dictionary": "contact_role", "name": name} for name in ("旧展会", "新展会")])
        # named first, so that the overview shows it
        (old | new).write({"sequence": -1})
        customer = self._create_customer(self.user_seller)
        people = self._create_contact(customer, kehu_decision_role_id=old.id) | self._create_contact(
            customer, name="Li Si", kehu_decision_role_id=old.id
        )
        self.start_tour("/odoo/kehu-drop-downs", "kehu_dictionary_merge", login=self.user_crm_admin.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(people.kehu_decision_role_id, new)
        self.assertFalse(old.active)
