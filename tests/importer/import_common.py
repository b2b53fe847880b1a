"""What the tests of imports share."""

import base64

from odoo.tools import SQL

from ..common import KehuCommon
from .test_importer_workbook import xlsx

TITLES = ["客户名称", "客户编码", "所属行业", "员工人数", "城市", "联系人", "联系人手机"]
FIELDS = ["name", "ref", "industry_id", "kehu_headcount", "city", "child_ids/name", "child_ids/kehu_mobile"]


class ImportCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kehu.duplicate.rule"].search([]).active = False
        cls.template = cls.env["kehu.import.template"].create(
            {
                "name": "Customers (test)",
                "field_ids": [
                    (
                        0,
                        0,
                        {
                            "title": title,
                            "field_name": name,
                            "required": name == "name",
                            "unknown": "create" if name == "industry_id" else "refuse",
                        },
                    )
                    for title, name in zip(TITLES, FIELDS, strict=True)
                ],
            }
        )

    @classmethod
    def _batch(cls, rows, user=None, titles=None, **values):
        content = base64.b64encode(xlsx(titles or TITLES, *rows))
        batches = cls.env["kehu.import.batch"].with_user(user or cls.user_east_manager)
        return batches.create({"template_id": cls.template.id, "file": content, "filename": "customers.xlsx", **values})

    @staticmethod
    def _row(**cells):
        return [cells.get(title) for title in TITLES]

    @classmethod
    def _rows(cls, count, prefix="T"):
        return [
            cls._row(客户名称=f"公司{prefix}{n}", 客户编码=f"{prefix}{n}", 员工人数=n + 1, 城市="苏州市", 联系人=f"王{n}")
            for n in range(count)
        ]

    def _customers(self, batch):
        return self.env["res.partner"].search([("kehu_import_batch_id", "=", batch.id)], order="id")

    def _states(self, batch):
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL("SELECT state, count(*) FROM kehu_import_row WHERE batch_id = %s GROUP BY state ORDER BY state", batch.id)
            )
        )
