"""The public search and the settings page in the browser, in Chinese."""

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import LookupCommon


@tagged("post_install", "-at_install")
class TestLookupTours(LookupCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        for user in (cls.user_seller, cls.user_crm_admin):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})

    def test_search_and_claim(self):
        with mute_logger("odoo.http"):  # a term that is too short
            self.start_tour("/odoo/kehu-customers", "kehu_lookup_search_and_claim", login=self.user_seller.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(self.waiting.user_id, self.user_seller)
        self.assertEqual(self.owned.user_id, self.user_west_seller)
        logs = self.env["kehu.lookup.log"].search([("user_id", "=", self.user_seller.id)], order="id")
        self.assertEqual(logs.mapped("criteria"), ["检索", "13805129876", "1380512"])
        self.assertEqual(logs.mapped("hit_count"), [2, 1, 0])

    def test_settings(self):
        self.start_tour("/odoo/kehu-settings", "kehu_settings_save", login=self.user_crm_admin.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(self.pool.warn_days, 5)
        self.assertEqual(self.company.kehu_lookup_max_hits, 7)
