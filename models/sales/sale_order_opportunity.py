from odoo import api, fields, models

from .exceptions import KehuOrderError, KehuOrderRightError
from .sale_order import OPEN_STATES

OTHER_QUOTES_ACTIVITY = "kehu_crm.mail_activity_type_other_quotes"


class SaleOrder(models.Model):
    """Several quotes of an opportunity, of which one wins.

    The confirmation of one wins the opportunity. Its other open quotes are cancelled with a note, or the salesperson is asked to do so, as
    the company's setting says. What waits for approval is never cancelled by this. So nobody names an opportunity that they do not see.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "kehu.seen.links.mixin"]
    _kehu_seen_links = ("opportunity_id",)

    kehu_other_quote_count = fields.Integer(
        string="Other Open Quotes",
        compute="_compute_kehu_other_quote_count",
        help="Quotes of the same opportunity that are still open although this one was confirmed.",
    )

    @api.depends("state", "opportunity_id.order_ids.state", "opportunity_id.order_ids.kehu_approval_state")
    @api.depends_context("uid")
    def _compute_kehu_other_quote_count(self):
        others = self._kehu_other_quotes()
        for order in self:
            order.kehu_other_quote_count = len(others[order])

    def copy_data(self, default=None):
        """A copy of one's own order leaves out the opportunity that a colleague has taken over meanwhile."""
        vals_list = super().copy_data(default)
        if self.env.su or "opportunity_id" in (default or {}):
            return vals_list
        for order, vals in zip(self, vals_list, strict=True):
            if vals.get("opportunity_id") and not order.opportunity_id.has_access("read"):
                vals["opportunity_id"] = False
        return vals_list

    @api.model
    def _kehu_refuse_link(self, name):
        if name == "opportunity_id":
            raise KehuOrderRightError(self.env._("You have no access to this opportunity. Choose one of yours, or none."))
        return super()._kehu_refuse_link(name)

    def _kehu_other_quotes(self):
        """Open quotes of the same opportunity beside each confirmed order, as far as the user sees them.

        :rtype: dict[sale.order, sale.order]
        """
        winners = self._origin.filtered(lambda order: order.state == "sale" and order.opportunity_id)
        quotes = self.browse()
        if winners:
            quotes = self.search(
                [
                    ("opportunity_id", "in", winners.opportunity_id.ids),
                    ("state", "in", OPEN_STATES),
                    ("kehu_approval_state", "!=", "pending"),
                ]
            )
        return {
            order: quotes.filtered(lambda quote, order=order: quote.opportunity_id == order.opportunity_id)
            if order._origin in winners
            else quotes.browse()
            for order in self
        }

    def kehu_cancel_other_quotes(self):
        """Cancel the open quotes beside these confirmed orders, and note it on each.

        :raises KehuOrderError: when one of these orders is not confirmed
        """
        self.check_access("write")
        self._kehu_check_line()
        for order in self:
            if order.state != "sale":
                raise KehuOrderError(
                    self.env._(
                        "“%(order)s” is not confirmed. The other quotes of its opportunity can be cancelled once it is.",
                        order=order.display_name,
                    )
                )
        for order, quotes in self._kehu_other_quotes().items():
            quotes._kehu_cancel_with_note(order._kehu_lost_note())
        self.activity_feedback([OTHER_QUOTES_ACTIVITY])
        return True

    def action_kehu_other_quotes(self):
        """Show the open quotes beside this order."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.sale_order_action_kehu_quotes")
        return {**action, "domain": [("id", "in", self._kehu_other_quotes()[self].ids)], "context": {}}

    def _kehu_lost_note(self):
        self.ensure_one()
        return self.env._("Cancelled, because “%(order)s” of the same opportunity was confirmed.", order=self.name)

    def _kehu_cancel_with_note(self, note):
        """Cancel these orders by the host's own way, and say in the chatter of each why."""
        if self:
            self._action_cancel()
            self._message_log_batch(bodies=dict.fromkeys(self.ids, note))

    def _action_confirm(self):
        """A confirmed order wins its opportunity."""
        result = super()._action_confirm()
        winners = self.filtered("opportunity_id")
        if winners:
            winners._kehu_win_opportunities()
        return result

    def _kehu_win_opportunities(self):
        """See the class. Whoever confirms, an approver or a customer on the portal, the whole system may do this."""
        # sudo: crm.lead, sale.order - approvers and the portal write neither
        orders = self.sudo()
        orders.opportunity_id._kehu_set_won()
        for order, quotes in orders._kehu_other_quotes().items():
            if not quotes:
                continue
            if order.company_id.kehu_other_quotes == "cancel":
                quotes._kehu_cancel_with_note(order._kehu_lost_note())
            elif order.user_id:
                order.activity_schedule(
                    OTHER_QUOTES_ACTIVITY,
                    summary=order.with_context(lang=order.user_id.lang).env._("Other quotes of this opportunity are still open"),
                    user_id=order.user_id.id,
                )
