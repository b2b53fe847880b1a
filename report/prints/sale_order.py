from odoo import fields, models
from odoo.tools import float_compare, formatLang, html2plaintext

SHORT_TERMS = 1000  # characters, some twenty lines


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _kehu_print_name(self):
        """Name of the printed file."""
        self.ensure_one()
        if self.kehu_document == "quote":
            return self.env._("Quotation - %(number)s", number=self.name)
        return self.env._("Order - %(number)s", number=self.name)

    def _kehu_print_rows(self, lines):
        """The rows of the table of this one order, sections folded as the host's own print folds them.

        :param lines: sale.order.line, as of `_get_order_lines_to_report`
        :return: dicts with ``kind`` (line, section, note) and ``line``; a section has ``amount``, a line besides ``number``, ``product``,
            ``description``, ``specification``, ``unit``, ``quantity`` (text), ``price``, ``discount``, ``tax``, ``amount``, ``delivery``
            (date). ``price`` and ``amount`` are None where the section hides its prices.
        """
        rows, number = [], 0
        for line in lines:
            if line.display_type == "line_note":
                rows.append(dict(line._kehu_print_empty_row(), kind="note"))
            elif line.display_type and line.collapse_composition:
                for summary in line._get_grouped_section_summary(True):
                    number += 1
                    rows.append(
                        dict(
                            line._kehu_print_empty_row(),
                            kind="line",
                            number=number,
                            product=line.name,
                            quantity="1",
                            tax=", ".join(summary["tax_labels"]),
                            amount=summary["price_subtotal"],
                        )
                    )
            elif line.display_type:
                amount = line._get_section_totals("price_subtotal")
                rows.append(dict(line._kehu_print_empty_row(), kind="section", amount=amount))
            else:
                number += 1
                rows.append(dict(line._kehu_print_row(), number=number))
        return rows

    def _kehu_has_short_terms(self):
        """Tell whether the terms of this one order leave place for totals and seals on one page."""
        self.ensure_one()
        return len(html2plaintext(self.note or "")) <= SHORT_TERMS and "<img" not in (self.note or "")

    def _kehu_print_terms(self, kehu_print):
        """What was agreed besides the lines, as [(key of a word, text)]; `kehu_print`: see `kehu.print`."""
        self.ensure_one()
        terms = [("payment_terms", self.payment_term_id.name)]
        for key, name in (("sale_type", "kehu_sale_type_id"), ("delivery_terms", "kehu_delivery_terms_id")):
            if name in self._fields:
                terms.append((key, self[name].name))
        if self.partner_shipping_id != self.partner_id:
            address = f"{self.partner_shipping_id.display_name.splitlines()[0]} {kehu_print.address(self.partner_shipping_id)}"
            terms.append(("ship_to", address))
        return [(key, text) for key, text in terms if text]


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _kehu_print_empty_row(self):
        return {
            "line": self,
            "product": "",
            "description": "",
            "specification": "",
            "unit": "",
            "quantity": "",
            "price": None,
            "discount": 0.0,
            "tax": "",
            "amount": None,
            "delivery": False,
        }

    def _kehu_print_row(self):
        """This one line as a row of :meth:`sale.order._kehu_print_rows`, without its number."""
        product, _newline, description = (self.name or "").partition("\n")
        combo = self.product_type == "combo"
        section = self.parent_id
        hidden = section.collapse_prices or section.parent_id.collapse_prices
        amount = self._get_combo_totals("price_subtotal") if combo else self.price_subtotal
        return dict(
            self._kehu_print_empty_row(),
            kind="line",
            product=product or self.product_id.display_name or "",
            description=description.strip(),
            specification=self.kehu_specification or "",
            unit=self.product_uom_id.name or "",
            quantity=self._kehu_print_quantity(self.product_uom_qty),
            price=None if hidden or combo else self.price_unit,
            discount=0.0 if hidden else self.discount,
            tax=", ".join(tax.tax_label or tax.name for tax in self.tax_ids),
            amount=None if hidden else amount,
            delivery=self._kehu_print_delivery_date(),
        )

    def _kehu_print_quantity(self, quantity):
        """A quantity with no more decimals than it has: 3, 2.5."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        needed = next(
            n for n in range(digits + 1) if n == digits or not float_compare(round(quantity, n), quantity, precision_digits=digits)
        )
        return formatLang(self.env, quantity, digits=needed)

    def _kehu_print_delivery_date(self):
        """The day on which this one line is promised: its own, or that of the order."""
        promised = self.order_id.commitment_date
        return self.kehu_delivery_date or (promised and fields.Datetime.context_timestamp(self, promised).date())
