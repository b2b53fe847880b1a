"""Every field of every model: nothing that a role hides reaches its member, however it is asked for."""

import re

import psycopg2
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import COST, EMAIL, FURTHER, HELLO, LEAD_EMAIL, MOBILE, PHONE, PRICE, REVENUE, STRANGER, MaskCommon

DIGITS = (PHONE, MOBILE, FURTHER, STRANGER)
TEXTS = (EMAIL, LEAD_EMAIL)
AMOUNTS = tuple(str(amount).split(".")[0] for amount in (PRICE, COST, REVENUE))
MOST = 500
# the price of the catalogue is no amount of a document
PRICE_LISTS = {"product.product", "product.template", "product.pricelist.item"}
STUMBLES = (UserError, psycopg2.Error, AttributeError, IndexError, KeyError, TypeError, ValueError, NotImplementedError)


def told(value):
    """Which of the hidden values a value tells."""
    text = str(value)
    numbers = re.sub(r"[\s().+-]", "", text)
    return [
        *(one for one in DIGITS if one in numbers),
        *(one for one in TEXTS if one in text),
        *(one for one in AMOUNTS if one in text.replace(",", "").replace("\xa0", "")),
    ]


@tagged("post_install", "-at_install")
class TestMaskSweep(MaskCommon):
    @mute_logger("odoo.sql_db", "odoo.models", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_every_field_of_every_model(self):
        company = self.env.company
        if not company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.kehu_big_deal_amount = 1000
        asked = self.order.copy()
        asked.with_user(self.user_seller).kehu_submit(approver_id=self.user_order_approver.id)
        self.env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")]).active = False
        self.order.action_confirm()
        invoice = self.order._create_invoices()
        invoice.action_post()
        self.order.message_post(body=HELLO, partner_ids=self.contact.ids)
        self.customer.message_post(body=HELLO, author_id=self.contact.id, email_from=EMAIL, message_type="email")
        calls = self.env["kehu.phone.call"].with_user(self.user_seller)
        calls.create({"partner_id": self.customer.id, "number": MOBILE, "outcome": "no_answer"})
        self.env["res.partner"].with_user(self.user_seller).kehu_public_search({"phone": FURTHER})
        self.mine(self.order)
        found, looked_at = [], 0
        for name in sorted(self.env.registry):
            records = self.env[name].with_user(self.veiled)
            if records._abstract or records._transient or not records.has_access("read"):
                continue
            for field in records._fields.values():
                if not records._has_field_access(field, "read") or field.type in ("integer", "boolean", "date", "datetime"):
                    continue
                if field.type == "binary" and field.attachment:
                    continue
                try:
                    with self.env.cr.savepoint():
                        domain = [("res_id", "!=", 0)] if name == "ir.attachment" else []  # assets hold any digits
                        rows = records.with_context(active_test=False).search(domain, limit=MOST, order="id desc").read([field.name])
                except STUMBLES:
                    continue
                looked_at += 1
                told_by = {one for row in rows for one in told(row.get(field.name))}
                if told_by and not (name in PRICE_LISTS and told_by <= {AMOUNTS[0]}):
                    texts = [str(row[field.name])[:200] for row in rows if told(row.get(field.name))]
                    found.append(f"{name}.{field.name}: {sorted(told_by)} in {texts}")
        self.assertGreater(looked_at, 2000)
        self.assertFalse(found, "\n".join(found))

    def test_names(self):
        """Names, with e-mails where the client asks for them."""
        for name in ("res.partner", "kehu.contact.phone", "crm.lead", "sale.order", "kehu.phone.call"):
            for context in ({}, {"show_email": True}, {"show_address": True}, {"formatted_display_name": True, "show_email": True}):
                records = self.mine(self.env[name]).with_context(**context)
                with self.subTest(model=name, context=context):
                    self.assertFalse(told(records.name_search("", limit=1000)))
                    self.assertFalse(told(records.search_read([], ["display_name"], limit=1000)))
