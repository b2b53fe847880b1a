import base64
from io import BytesIO

import openpyxl
from odoo.tests import HttpCase, tagged

from ..common import KehuCommon

NAMES = ["苏州全程一号有限公司", "苏州全程二号有限公司", "苏州全程三号有限公司"]


@tagged("post_install", "-at_install")
class TestImporterTour(KehuCommon, HttpCase):
    def test_from_the_empty_workbook_to_the_undone_import(self):
        """In Chinese: download, fill, check, correct a cell, import, see the customers, undo."""
        manager = self.user_east_manager
        manager.write({"password": manager.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        template = self.env.ref("kehu_crm.kehu_import_template_customer")
        self.env["kehu.import.template"].search([("id", "!=", template.id)]).active = False
        self.authenticate(manager.login, manager.login)
        empty = self.url_open(template.with_user(manager).action_download()["url"])
        filled = self._fill(empty.content)
        attachment = self.env["ir.attachment"].create({"name": "客户.xlsx", "datas": base64.b64encode(filled), "public": True})
        self.env["ir.model.data"].create(
            {"module": "kehu_crm", "name": "import_tour_filled", "model": attachment._name, "res_id": attachment.id}
        )
        self.start_tour("/odoo/kehu-imports", "kehu_import_whole_way", login=manager.login, timeout=240)
        self.env.invalidate_all()
        batch = self.env["kehu.import.batch"].search([("user_id", "=", manager.id)], limit=1)
        self.assertEqual((batch.state, batch.undone_count, batch.kept_count), ("undone", 3, 0))
        self.assertFalse(self.env["res.partner"].with_context(active_test=False).search([("name", "in", NAMES)]))

    def _fill(self, empty):
        """Fill the workbook as it was downloaded; the sample row stays where it is, and the third customer has a level that is none."""
        book = openpyxl.load_workbook(BytesIO(empty))
        sheet = book.worksheets[0]
        places = {cell.value.rstrip("*"): cell.column for cell in sheet[1]}
        for number, name in enumerate(NAMES):
            row = 3 + number
            sheet.cell(row, places["客户名称"], name)
            sheet.cell(row, places["客户等级"], "至尊客户" if number == 2 else "一般客户")
        stream = BytesIO()
        book.save(stream)
        return stream.getvalue()
