from odoo.fields import Command
from odoo.tests import new_test_user

from ..common import KehuCommon

PHONE, MOBILE, FURTHER, STRANGER = "13877776666", "13877775555", "13877774444", "13877773333"
EMAIL, LEAD_EMAIL = "hiddenbox@veiled.example", "leadbox@veiled.example"
PRICE, COST, REVENUE = 7654321.09, 6543210.98, 5432109.87
HELLO = "Hello"
KINDS = ("phone", "email", "amount", "cost")


class MaskCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.veiled = new_test_user(cls.env, "kehu_veiled", groups="base.group_user", email="veiled@kehu.example")
        cls.role = cls.make_role("Veiled (t)", *KINDS)
        cls.role.member_ids = cls.veiled
        cls.customer = cls._create_customer(
            cls.user_seller, name="Veiled Customer", phone=PHONE, kehu_mobile=MOBILE, email=EMAIL, kehu_wechat=f"wx{PHONE}"
        )
        cls.contact = cls._create_contact(cls.customer, name="Veiled Contact", phone=PHONE, email=EMAIL)
        cls.contact.kehu_phone_ids = [Command.create({"number": FURTHER, "kind": "mobile"})]
        cls.product = cls._create_product(price=PRICE, standard_price=COST)
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Veiled Lead",
                "type": "opportunity",
                "partner_id": cls.customer.id,
                "user_id": cls.user_seller.id,
                "expected_revenue": REVENUE,
            }
        )
        cls.stranger = cls.env["crm.lead"].create(
            {
                "name": "Veiled Stranger",
                "type": "opportunity",
                "user_id": cls.user_seller.id,
                "phone": STRANGER,
                "email_from": LEAD_EMAIL,
            }
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.user_seller.id,
                "opportunity_id": cls.lead.id,
                "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": 1, "price_unit": PRICE})],
            }
        )

    @classmethod
    def make_role(cls, name, *kinds, base="director"):
        """A role that hides these kinds, and what it takes for that."""
        lines = cls.env["kehu.role"]._kehu_default_lines(base)
        for _code, _number, vals in lines:
            if "amount" in kinds and vals["area"] in ("order", "contract", "receipt"):
                vals["edit"] = "none"
            if "amount" in kinds and vals["area"] in ("receipt", "receivable"):
                vals.update(view="none", can_export=False)
        return cls.env["kehu.role"].create({"name": name, "base": base, "line_ids": lines, **{f"hide_{kind}": True for kind in kinds}})

    def mine(self, records):
        """As the person from whom all is hidden, with nothing in memory."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(self.veiled)
