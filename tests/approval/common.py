"""An order of a CRM customer stands for any document."""

from odoo.fields import Command
from odoo.tests import new_test_user

from ..common import KehuCommon


class ApprovalCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_order_approver2 = new_test_user(
            cls.env, "kehu_order_approver2", groups="kehu_crm.group_kehu_order_approver", name="Second Approver", lang="en_US"
        )
        # whoever else the database has in this role stays out of the choice
        group = cls.env.ref("kehu_crm.group_kehu_order_approver")
        group.user_ids = cls.user_order_approver | cls.user_order_approver2
        cls.customer = cls._create_customer(cls.user_seller)
        cls.product = cls._create_product(100.0)
        cls.order = cls._create_order()

    @classmethod
    def _create_order(cls, user=None, **values):
        values = {
            "partner_id": cls.customer.id,
            "kehu_document": "order",
            "order_line": [Command.create({"product_id": cls.product.id})],
            **values,
        }
        return cls.env["sale.order"].with_user(user or cls.user_seller).create(values)

    @classmethod
    def _submit(cls, order=None, approver=None):
        order = cls.order if order is None else order
        order.kehu_submit((approver or cls.user_order_approver).id)
        return order

    @classmethod
    def _approve(cls, order=None, comment=None):
        order = cls.order if order is None else order
        cls._submit(order)
        order.with_user(cls.user_order_approver).kehu_approve(comment)
        return order
