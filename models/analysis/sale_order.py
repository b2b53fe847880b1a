from odoo import fields, models

# What the customer of an order is now, found by whoever may see the order: the figures go by the orders that a person may see, so the
# lists behind them do too. A path through the customer would leave out the orders of customers that somebody else looks after by now.


class SaleOrder(models.Model):
    _inherit = "sale.order"

    kehu_customer_region_id = fields.Many2one(
        related="kehu_customer_id.kehu_region_id", string="Region of the Customer", groups="base.group_user", exportable=False
    )
    kehu_customer_state_id = fields.Many2one(
        related="kehu_customer_id.state_id", string="Province of the Customer", groups="base.group_user", exportable=False
    )
    kehu_customer_city_id = fields.Many2one(
        related="kehu_customer_id.city_id", string="City of the Customer", groups="base.group_user", exportable=False
    )
    kehu_customer_level_id = fields.Many2one(
        related="kehu_customer_id.kehu_level_id", string="Level of the Customer", groups="base.group_user", exportable=False
    )
    kehu_customer_nature_id = fields.Many2one(
        related="kehu_customer_id.kehu_nature_id", string="Nature of the Customer", groups="base.group_user", exportable=False
    )
    kehu_customer_source_id = fields.Many2one(
        related="kehu_customer_id.kehu_source_id", string="Source of the Customer", groups="base.group_user", exportable=False
    )
    kehu_customer_industry_id = fields.Many2one(
        related="kehu_customer_id.industry_id", string="Industry of the Customer", groups="base.group_user", exportable=False
    )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    kehu_category_id = fields.Many2one(
        related="product_id.categ_id", string="Category of the Product", groups="base.group_user", exportable=False
    )
