from odoo import models
from odoo.fields import Command

# customer, days from today of the last contact, days to the next, what was said
CONTACTS = [
    ("whgg", -6, 8, "新厂房冷却塔改造进入方案阶段。"),
    ("cdtf", -12, 5, "纯水站运行稳定，年底续签维护。"),
    ("zzzy", -17, 14, "二车间蒸汽计量列入明年预算。"),
    ("xagx", -9, 11, "园区平台续费流程已启动。"),
    ("csyl", -14, 9, "询问变频柜备件交期。"),
    ("fzmj", -10, 6, "二号冷库监测点位已确认。"),
    ("syth", -19, 13, "热网循环泵大修后再评估。"),
]
# customer, days from today, lines (product, quantity); all of it approved, delivered and invoiced within the week and paid within a month
ORDERS = [
    ("whgg", -418, [("pump", 2), ("install", 2)]),
    ("whgg", -338, [("sensor", 6), ("gateway", 2)]),
    ("cdtf", -389, [("transmitter", 40), ("platform", 1)]),
    ("cdtf", -262, [("cabinet", 2), ("install", 3)]),
    ("zzzy", -331, [("sensor", 8)]),
    ("whgg", -243, [("cabinet", 2), ("pump", 2)]),
    ("xagx", -281, [("platform", 2), ("gateway", 6)]),
    ("zzzy", -199, [("transmitter", 30), ("care", 1)]),
    ("csyl", -224, [("cabinet", 1), ("pump", 1), ("install", 2)]),
    ("cdtf", -158, [("sensor", 10), ("gateway", 3)]),
    ("fzmj", -163, [("gateway", 8), ("platform", 1)]),
    ("whgg", -131, [("care", 2), ("transmitter", 20)]),
    ("syth", -127, [("pump", 3), ("cabinet", 1)]),
    ("csyl", -104, [("sensor", 4), ("care", 1)]),
    ("xagx", -92, [("pump", 2), ("install", 1)]),
    ("fzmj", -74, [("sensor", 5), ("transmitter", 10)]),
    ("cdtf", -68, [("care", 2)]),
]


class KehuDemo(models.AbstractModel):
    """Business of longer ago: customers of the year before, who ordered and paid, so that analyses have something to compare with."""

    _inherit = "kehu.demo"

    def _load_past(self):
        for row in self._rows("past_customers"):
            self._load_old_customer(row)
        approver = self._ref("user_sunli")
        for key, days, lines in ORDERS:
            order = self._quote(key, days, lines)
            order.kehu_to_order()
            order.kehu_submit(approver_id=approver.id, comment="请审核")
            self._happened(days, 10)
            order.with_user(approver).kehu_approve("同意")
            self._happened(days, 15)
            self._deliver(order, days + 3, self._first_contact(key).name, days + 5)
            self._invoice(order, days + 6)
            self._receipt(order, days + 27, order.amount_total, "approved")
        for key, days, ahead, content in CONTACTS:
            self._load_old_contact(key, days, ahead, content)

    def _load_old_customer(self, row):
        """A customer that the manager entered and gave away long ago."""
        key, state = row["key"], self._state(row["state"])
        contact = {"type": "contact", "name": row["contact"], "function": row["function"], "kehu_mobile": row["mobile"]}
        values = {
            "kehu_is_customer": True,
            "is_company": True,
            "kehu_level_id": self.env.ref(f"kehu_crm.kehu_customer_level_{row['level']}").id,
            "kehu_source_id": self.env.ref(f"kehu_crm.kehu_customer_source_{row['source']}").id,
            "kehu_stage": "won",
            "industry_id": self.env["res.partner.industry"].search([("name", "=", row["industry"])], limit=1).id,
            "state_id": state.id,
            "country_id": state.country_id.id,
            "email": f"{key}@example.com",
            "lang": self.env.lang,
            "child_ids": [Command.create({**contact, "email": f"contact.{key}@example.com"})],
            **{name: row[name] for name in ("name", "city", "street", "phone")},
        }
        customer = self._as("wangfang", "res.partner").create(values)
        self._keep(f"customer_{key}", customer.sudo())  # sudo: res.partner - its xml id is kept by the system
        self._happened(int(row["entered"]), 9)
        self._give(customer, row["owner"], "claim" if row["owner"] == "wangfang" else "assign", {})
        self._happened(int(row["entered"]) + 2, 10)

    def _load_old_contact(self, key, days, ahead, content):
        self.env["kehu.contact.record"].with_user(self._owner(key)).create(
            {
                "partner_id": self._customer(key).id,
                "contact_id": self._first_contact(key).id,
                "date": self._day(days),
                "method": "phone",
                "content": content,
                "result": "保持联系。",
                "level_id": self._customer(key).kehu_level_id.id,
                "plan": "电话回访",
                "next_contact": self._day(ahead),
            }
        )
        self._happened(days, 16)
