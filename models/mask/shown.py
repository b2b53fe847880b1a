"""What rooms of the CRM show in ways of their own."""

from odoo import api, models

from ..workbench.exceptions import KehuWorkbenchRightsError
from .exceptions import KehuHiddenError
from .hidden import REACH, covered

MONEY_PANELS = ("targets", "receivables", "instalments", "funnel", "team", "ranking", "deals")


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _kehu_lookup_rows(self, customers_sudo, wanted, policy):
        rows = super()._kehu_lookup_rows(customers_sudo, wanted, policy)
        for kind in self.env["kehu.role"]._kehu_hidden() & set(REACH):
            for row in rows:
                if row.get(kind):
                    row[kind] = covered(kind, row[kind])
        return rows

    def action_kehu_keep_card(self):
        """:raises KehuHiddenError: for people from whom phones or e-mails are hidden: cards hold both"""
        if not self.env["kehu.role"]._kehu_hidden().isdisjoint(REACH):
            raise KehuHiddenError(self.env._("Your role hides phones or e-mails, so customers are not kept as cards."))
        return super().action_kehu_keep_card()


class KehuWorkbench(models.AbstractModel):
    _inherit = "kehu.workbench"

    @api.model
    def _kehu_panels(self):
        """Without those that are about money, for people from whom amounts are hidden."""
        panels = super()._kehu_panels()
        if "amount" in self.env["kehu.role"]._kehu_hidden():
            return {name: panel for name, panel in panels.items() if name not in MONEY_PANELS}
        return panels

    @api.model
    def _kehu_read_rows(self, asked):
        found = super()._kehu_read_rows(asked)
        hidden = self.env["kehu.role"]._kehu_hidden()
        for row in (row for rows in found.values() for row in rows if hidden):
            if "phone" in hidden and row.get("phone"):
                row["phone"] = covered("phone", row["phone"])
            if "amount" in hidden and "subject" in row:
                row["subject"] = ""  # of a request: it tells the amount
        return found


class KehuSaleTrail(models.AbstractModel):
    _inherit = "kehu.sale.trail"

    @api.model
    @api.readonly
    def get_trail(self, res_model, res_id):
        """:raises KehuWorkbenchRightsError: for people from whom amounts are hidden: each step names some"""
        if "amount" in self.env["kehu.role"]._kehu_hidden():
            raise KehuWorkbenchRightsError(self.env._("Your role hides amounts, and the course of a sale is told by them."))
        return super().get_trail(res_model, res_id)


class KehuImportTemplateField(models.Model):
    _inherit = "kehu.import.template.field"

    def _kehu_exportable(self):
        _for_lines, field = self._kehu_target()
        return super()._kehu_exportable() and field.name not in self.env[field.model_name]._kehu_covered_fields()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_kehu_contract(self):
        return _without_amount(super().action_kehu_contract(), self.env)


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_kehu_contracts(self):
        return _without_amount(super().action_kehu_contracts(), self.env)


class KehuPhoneCall(models.Model):
    _inherit = "kehu.phone.call"

    def _kehu_callback_number(self, user):
        """The number stands in the calendar as the person reads it on the card."""
        number = super()._kehu_callback_number(user)
        hidden = "phone" in self.env["kehu.role"]._kehu_hidden_of(user.id)
        return covered("phone", number) if hidden and number else number


class KehuBigDeal(models.Model):
    _inherit = "kehu.big.deal"

    @api.model
    def _kehu_directors(self, company):
        """Whoever may not read amounts is not told of them either."""
        hidden_of = self.env["kehu.role"]._kehu_hidden_of
        return super()._kehu_directors(company).filtered(lambda user: "amount" not in hidden_of(user.id))


class ProductCatalogMixin(models.AbstractModel):
    _inherit = "product.catalog.mixin"

    def _get_product_catalog_order_line_info(self, product_ids, child_field=False, **kwargs):
        """The catalogue without the prices of the lines, when amounts are hidden."""
        told = super()._get_product_catalog_order_line_info(product_ids, child_field, **kwargs)
        if "amount" in self.env["kehu.role"]._kehu_hidden():
            return {number: {**line, "price": False} for number, line in told.items()}
        return told


def _without_amount(action, env):
    """An action whose new document starts without the amount."""
    if "amount" in env["kehu.role"]._kehu_hidden() and isinstance(action.get("context"), dict):
        action["context"].pop("default_amount", None)
    return action
