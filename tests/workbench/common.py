"""A day of the seller: something of each kind that a panel shows."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from ..receivable.common import ReceivableCommon


class WorkbenchCommon(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.kehu_timezone = "Asia/Shanghai"
        for user in (cls.user_seller, cls.user_seller2, cls.user_west_seller, cls.user_east_manager, cls.user_director, cls.user_finance):
            user.tz = "Asia/Shanghai"
        cls.today = fields.Date.context_today(cls.env["kehu.workbench"].with_context(tz="Asia/Shanghai"))

    @classmethod
    def _workbench(cls, user):
        return cls.env["kehu.workbench"].with_user(user).with_context(tz="Asia/Shanghai", lang="en_US")

    @classmethod
    def _panel(cls, user, name):
        return cls._workbench(user).get_panels([name])[name]

    @classmethod
    def _names(cls, user, name):
        return [row["name"] for row in cls._panel(user, name)["rows"]]

    @classmethod
    def _day(cls, owner, number=1):
        """``number`` of everything for this person: meetings, customers to call, new ones, orders that owe, targets, requests."""
        flows = cls.env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")])
        flows.active = False  # orders are confirmed as they are
        for index in range(number):
            customer = cls._create_customer(owner, name=f"{owner.name} customer {index}")
            cls.env["kehu.contact.record"].with_user(owner).create(
                {"partner_id": customer.id, "content": "Talked", "next_contact": cls.today, "date": cls.today - timedelta(days=2)}
            )
            cls._create_customer(owner, name=f"{owner.name} new {index}")
            order = cls._create_order(customer=customer, user=owner)
            order.payment_term_id = False
            move = cls._invoice(order, post=False)
            move.invoice_payment_term_id = False
            move.invoice_date = move.invoice_date_due = cls.today - timedelta(days=40 + index)
            move.action_post()
        flows.active = True

    @classmethod
    def _flow(cls, model, users):
        return cls.env["kehu.approval.flow"].create(
            {
                "name": f"Workbench {model}",
                "model_id": cls.env["ir.model"]._get_id(model),
                "sequence": -10,
                "step_ids": [Command.create({"name": "Approval", "kind": "users", "user_ids": [Command.set(users.ids)]})],
            }
        )

    @classmethod
    def _submitted_order(cls, owner=None):
        order = (
            cls.env["sale.order"]
            .with_user(owner or cls.user_seller)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "kehu_document": "order",
                    "order_line": [Command.create({"product_id": cls.product.id})],
                }
            )
        )
        order.kehu_submit()
        return order
