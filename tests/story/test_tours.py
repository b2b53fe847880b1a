import base64

from odoo.tests import HttpCase, tagged

from ..importer.test_importer_workbook import real_file
from .common import StoryCommon


@tagged("post_install", "-at_install")
class TestStoryTours(StoryCommon, HttpCase):
    """The main job in the browser: one tour per person and step, the result of each read from the database afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        for user in (
            cls.user_seller,
            cls.user_seller2,
            cls.user_east_manager,
            cls.user_order_approver,
            cls.user_receipt_approver,
            cls.user_finance,
        ):
            user.write({"password": user.login, "lang": "en_US"})

    def tour(self, path, name, user):
        self.start_tour(path, name, login=user.login)
        self.env.invalidate_all()

    def test_import(self):
        attachment = self.env["ir.attachment"].create(
            {"name": "customers_a.xls", "datas": base64.b64encode(real_file("customers_a.xls")), "public": True}
        )
        self.env["ir.model.data"].create(
            {"module": "kehu_crm", "name": "story_workbook", "model": "ir.attachment", "res_id": attachment.id}
        )
        self.tour("/odoo/kehu-imports", "kehu_story_import", self.user_east_manager)
        batch = self.env["kehu.import.batch"].search([("filename", "=", "customers_a.xls")], order="id desc", limit=1)
        self.assertEqual((batch.state, batch.user_id), ("done", self.user_east_manager))
        self.assertEqual((batch.row_count, batch.done_count), (180, 180))
        self.assertEqual(self.env["res.partner"].search_count([("kehu_import_batch_id", "=", batch.id)]), 180)
