from odoo import api, fields, models

_OWN = {"kehu_quote_number", "kehu_has_order_number"}


class SaleOrder(models.Model):
    """Orders with numbers of their own, where the administrator wants them: the quote keeps its number beside that of the order."""

    _inherit = "sale.order"

    kehu_quote_number = fields.Char(
        string="Number of the Quote", readonly=True, copy=False, index="trigram", help="The number that this order bore as a quote."
    )
    kehu_has_order_number = fields.Boolean(readonly=True, copy=False, export_string_translation=False)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [{name: value for name, value in vals.items() if name not in _OWN} for vals in vals_list]
        defaults = self.default_get(["kehu_document", "name"])
        nameless = {False, "", None, defaults.get("name")}
        given = [{**defaults, **vals} for vals in vals_list]
        orders = [
            vals
            for vals, values in zip(vals_list, given, strict=True)
            if values.get("kehu_document") == "order" and values.get("name") in nameless
        ]
        numbers = self.env["kehu.numbering"]._kehu_next_numbers("order", [(vals.get("company_id"), None) for vals in orders])
        for vals, number in zip(orders, numbers, strict=True):
            if number:
                vals.update({"name": number, "kehu_has_order_number": True})
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name not in _OWN}
        becoming = self.browse()
        if vals.get("kehu_document") == "order" or vals.get("state") == "sale":
            becoming = self.filtered(lambda order: order.kehu_document == "quote" and not order.kehu_has_order_number)
        result = super().write(vals)
        for order, number in zip(becoming, becoming._kehu_order_numbers(), strict=True):
            if number:
                # sudo: sale.order - the number that the program gives, next to the change that was allowed just now
                order.sudo().write({"name": number, "kehu_quote_number": order.name, "kehu_has_order_number": True})
        return result

    def _kehu_order_numbers(self):
        return self.env["kehu.numbering"]._kehu_next_numbers("order", [(order.company_id.id, None) for order in self])
