from odoo import api, fields, models
from odoo.tools import SQL


class KehuPurchasedProduct(models.Model):
    """What a customer has bought: one row per product and currency, over the confirmed order lines that the reader may see.

    The statement is made for whoever reads, with the record rules of order lines inside, so that no sum tells of an order of somebody
    else. That is why there is neither a table nor a stored view; two people read different figures under the same number of a row, so
    code that reads for several people in one transaction clears the cache between them.
    """

    _name = "kehu.purchased.product"
    _description = "Purchased Product"
    _auto = False
    _rec_name = "product_id"
    _order = "last_date desc, id desc"
    _depends = {
        "sale.order": ["kehu_customer_id", "currency_id", "date_order"],
        "sale.order.line": ["order_id", "product_id", "product_uom_id", "product_uom_qty", "price_subtotal", "state", "is_downpayment"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "uom_id"],
        "uom.uom": ["factor"],
    }

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    category_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True, help="In the unit of the product.")
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    amount = fields.Monetary(readonly=True, help="Untaxed, discounts deducted.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    last_date = fields.Datetime(string="Last Bought", readonly=True)

    @property
    def _table_query(self):
        lines = self.env["sale.order.line"]
        seen = lines._search([("state", "=", "sale"), ("product_id", "!=", False), ("is_downpayment", "=", False)])
        return SQL(
            """SELECT min(line.id) AS id,
                      sale.kehu_customer_id AS partner_id,
                      line.product_id,
                      template.categ_id AS category_id,
                      sum(line.product_uom_qty * sold.factor / unit.factor) AS quantity,
                      template.uom_id,
                      sum(line.price_subtotal) AS amount,
                      sale.currency_id,
                      count(DISTINCT sale.id) AS order_count,
                      max(sale.date_order) AS last_date
                 FROM sale_order_line line
                 JOIN sale_order sale ON sale.id = line.order_id
                 JOIN product_product product ON product.id = line.product_id
                 JOIN product_template template ON template.id = product.product_tmpl_id
                 JOIN uom_uom sold ON sold.id = line.product_uom_id
                 JOIN uom_uom unit ON unit.id = template.uom_id
                WHERE sale.kehu_customer_id IS NOT NULL
                  AND line.id IN %s
             GROUP BY sale.kehu_customer_id, line.product_id, template.categ_id, template.uom_id, sale.currency_id""",
            seen.subselect(),
        )


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_kehu_purchased_products(self):
        """Open what this customer has bought, by product."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_purchased_product_action")
        action["domain"] = [("partner_id", "=", self.id)]
        return action

    @api.model
    def _kehu_attachment_sources(self):
        return {**super()._kehu_attachment_sources(), "crm.lead": "kehu_customer_id", "sale.order": "kehu_customer_id"}
