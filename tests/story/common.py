"""What the story tests share: a company with a ledger, two products, and the labels of the workbooks."""

import base64

from odoo.fields import Command

from ..common import KehuCommon
from ..importer.test_importer_workbook import real_file

LABELS = {
    "kehu_customer_level_key": "重要客户",
    "kehu_customer_level_regular": "一般客户",
    "kehu_customer_level_potential": "潜在客户",
    "kehu_customer_source_website": "网站",
    "kehu_customer_source_exhibition": "展会",
    "kehu_customer_source_referral": "转介绍",
    "kehu_customer_source_advertising": "广告",
}


class StoryCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.company.chart_template:
            cls.env["account.chart.template"].try_loading("generic_coa", company=cls.env.company, install_demo=False)
        cls.env["res.lang"]._activate_lang("zh_CN")
        for xmlid, name in LABELS.items():
            cls.env.ref(f"kehu_crm.{xmlid}").update_field_translations("name", {"zh_CN": name})
        cls.template = cls.env.ref("kehu_crm.kehu_import_template_customer")
        cls.level = cls.env.ref("kehu_crm.kehu_customer_level_key")
        cls.level.reminder_days = 3
        cls.pump = cls._create_product(name="Pump KP-200", price=12800.0)
        cls.sensor = cls._create_product(name="Flow Meter UF-80", price=4600.0)
        cls.bank = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.env.company.id)], limit=1)

    def _import(self, filename, user):
        batch = (
            self.env["kehu.import.batch"]
            .with_user(user)
            .create({"template_id": self.template.id, "filename": filename, "file": base64.b64encode(real_file(filename))})
        )
        batch.action_check()
        batch.action_import()
        return batch

    def _lines(self, **quantities):
        products = {"pump": self.pump, "sensor": self.sensor}
        return [Command.create({"product_id": products[key].id, "product_uom_qty": quantity}) for key, quantity in quantities.items()]
