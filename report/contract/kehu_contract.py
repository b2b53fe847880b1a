from markupsafe import Markup
from odoo import models
from odoo.tools import format_date

from ..prints.kehu_print import ENGLISH


class KehuContract(models.Model):
    """What the print asks the contract for.

    A contract reads the same whoever prints it, so its orders and its third party are printed whole, also where they are a colleague's.
    """

    _inherit = "kehu.contract"

    def _kehu_print_name(self):
        """Name of the printed file."""
        self.ensure_one()
        return self.env._("Contract - %(number)s", number=self.name)

    def _kehu_print_title(self, kehu_print, words):
        """The kind of this one contract, in both languages where both are printed; ``kehu_print``, ``words``: see ``kehu.print``."""
        self.ensure_one()
        kind = self.type_id
        if not kind or not kehu_print.bilingual:
            return kind.name or words["contract"]
        return Markup('%s <span class="kehu_en">%s</span>') % (kind.name, kind.with_context(lang=ENGLISH).name)

    def _kehu_print_parties(self, kehu_print):
        """Both sides of this one contract, party A first.

        :param kehu_print: see ``kehu.print``
        :return: [(key of a word, res.partner, facts)]
        """
        self.ensure_one()
        ours = self.company_id.partner_id
        signs = self.our_signatory_id or self.user_id
        us = (ours, kehu_print.party(ours, contact=signs.name, phone=signs.phone))
        person = self.their_signatory_id
        them = (self.partner_id, kehu_print.party(self.partner_id, contact=person.name, phone=person.phone))
        first, second = (us, them) if self.our_role == "party_a" else (them, us)
        return [("party_a", *first), ("party_b", *second)]

    def _kehu_print_goods(self):
        """The rows of the table: those of each order, numbered on; before each order its number where there are several.

        :return: dicts as of ``sale.order._kehu_print_rows``, and ``kind`` order with ``order``; each with ``currency``
        """
        self.ensure_one()
        # sudo: sale.order, sale.order.line, product.product - see the class
        orders = self.sudo().order_ids.filtered(lambda order: order.state != "cancel").sorted(lambda order: (order.date_order, order.id))
        rows, number = [], 0
        for order in orders:
            if len(orders) > 1:
                rows.append({"kind": "order", "order": order, "currency": order.currency_id, "specification": "", "delivery": False})
            for row in order._kehu_print_rows(order._get_order_lines_to_report()):
                if row.get("number"):
                    number += 1
                    row["number"] = number
                rows.append(dict(row, currency=order.currency_id))
        return rows

    def _kehu_print_taxes(self):
        """What the orders come to without and with tax, when all are in the currency of this one contract.

        :return: (untaxed, tax), or nothing without tax or with several currencies
        """
        self.ensure_one()
        orders = self.sudo().order_ids.filtered(lambda order: order.state != "cancel")  # sudo: sale.order - see the class
        tax = sum(orders.mapped("amount_tax"))
        if orders.currency_id != self.currency_id or self.currency_id.is_zero(tax):
            return ()
        return (sum(orders.mapped("amount_untaxed")), tax)

    def _kehu_print_agreed(self, words):
        """The period, and what all orders agree on, as [(key of a word, text)]; ``words``: see ``kehu.print``."""
        self.ensure_one()
        end = self._kehu_print_day(self.date_to) if self.date_to else words["until_terminated"]
        facts = [("valid_from", f"{self._kehu_print_day(self.date_from)} – {end}")]
        orders = self.sudo().order_ids.filtered(lambda order: order.state != "cancel")  # sudo: sale.order - see the class
        terms = orders.payment_term_id
        if len(terms) == 1 and all(order.payment_term_id for order in orders):
            facts.append(("payment_terms", terms.name))
        if self.third_party_id:
            facts.append(("third_party", self._kehu_print_third_party()))
        return facts

    def _kehu_print_day(self, day):
        """A day in the language of the paper, which need not be that of who prints it."""
        return format_date(self.env, day)

    def _kehu_print_third_party(self):
        return self.sudo().third_party_id.display_name  # sudo: res.partner - see the class
