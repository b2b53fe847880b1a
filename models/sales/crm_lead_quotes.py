from odoo import api, models
from odoo.fields import Domain

from ..approval.guard import FROZEN_STATES
from ..system.engine import is_uninstalling
from .exceptions import KehuOpportunityDeletionError

QUOTES_ACTION = "kehu_crm.sale_order_action_kehu_quotes"
ORDERS_ACTION = "kehu_crm.sale_order_action_kehu_orders"


class CrmLead(models.Model):
    """An opportunity and its quotes: what happens to them when it is deleted, merged or won.

    Deleted, it takes its drafts along, and quotes that were sent to the customer are cancelled. What is confirmed or waits for approval
    keeps it alive. Merged, it gives all its quotes and orders to the one that stays, also those that the merging person does not see.
    """

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # Deletion
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=True)
    def _unlink_with_quotes(self):
        """Every door ends here: list, form, RPC, merge.

        :raises KehuOpportunityDeletionError: naming what stands in the way and what to do about it
        """
        if is_uninstalling(self.env):
            return
        documents = self._kehu_documents_at_deletion()
        for lead in self:
            held = documents["held"].filtered(lambda order, lead=lead: order.opportunity_id == lead)
            if held:
                raise KehuOpportunityDeletionError(lead._kehu_held_text(held))
        mine = documents["deleted"].with_env(self.env)._filtered_access("unlink")
        mine |= documents["cancelled"].with_env(self.env)._filtered_access("write")
        foreign = (documents["deleted"] | documents["cancelled"]) - mine.sudo()  # sudo: sale.order - whose they are, to compare only
        if foreign:
            raise KehuOpportunityDeletionError(
                self.env._(
                    "“%(opportunity)s” has quotes of colleagues that you cannot delete. Mark it as lost, or ask an administrator to "
                    "delete it.",
                    opportunity=foreign[0].opportunity_id.display_name,
                )
            )
        for lead, orders in documents["cancelled"].with_env(self.env).grouped("opportunity_id").items():
            orders._kehu_cancel_with_note(
                self.env._("Cancelled, because its opportunity “%(opportunity)s” was deleted.", opportunity=lead.display_name)
            )
        documents["deleted"].with_env(self.env).unlink()

    def _kehu_documents_at_deletion(self):
        """What becomes of the quotes and orders of these opportunities when they are deleted.

        :return: ``held`` (they forbid it), ``deleted``, ``cancelled``; orders in superuser mode. Cancelled orders stay as they are.
        :rtype: dict[str, sale.order]
        """
        # sudo: sale.order - those of colleagues count as well; what is shown of them is up to the caller
        orders = self.env["sale.order"].sudo().search([("opportunity_id", "in", self.ids), ("state", "!=", "cancel")])
        held = orders.filtered(lambda order: order.state not in ("draft", "sent") or order.kehu_approval_state in FROZEN_STATES)
        sent = (orders - held).filtered(lambda order: order.state == "sent")
        return {"held": held, "deleted": orders - held - sent, "cancelled": sent}

    def _kehu_held_text(self, held):
        """Why this one opportunity cannot be deleted; orders that the user does not see are counted, not named."""
        self.ensure_one()
        return self.env._(
            "“%(opportunity)s” cannot be deleted, because of orders that are confirmed or wait for approval: %(orders)s. Cancel or "
            "withdraw them first, or mark the opportunity as lost.",
            opportunity=self.display_name,
            orders=self._kehu_readable_names(held),
        )

    def kehu_deletion_warning(self):
        """What the deletion of these opportunities brings about, for the dialog that asks.

        :return: ``possible``: False when it would be refused; ``text``: sentences, empty when there is nothing to say
        :rtype: dict
        """
        self.check_access("read")
        documents = self._kehu_documents_at_deletion()
        held = documents["held"]
        if held:
            lead = held.opportunity_id[0].with_env(self.env)
            return {"possible": False, "text": lead._kehu_held_text(held.filtered(lambda order: order.opportunity_id.id == lead.id))}
        sentences = []
        deleted, cancelled = (self._kehu_readable_names(documents[kind]) for kind in ("deleted", "cancelled"))
        if deleted:
            sentences.append(self.env._("Quotes that are still drafts are deleted with it: %(names)s.", names=deleted))
        if cancelled:
            sentences.append(self.env._("Quotes that the customer has received are cancelled: %(names)s.", names=cancelled))
        return {"possible": True, "text": " ".join(sentences)}

    def _kehu_readable_names(self, orders):
        """Names of some orders; those that the user does not see appear as such, without a name."""
        readable = orders.with_env(self.env)._filtered_access("read")
        return readable.mapped("name") + [self.env._("orders of colleagues")] * (len(readable) < len(orders))

    # ------------------------------------------------------------
    # Merge
    # ------------------------------------------------------------

    def _merge_dependences(self, opportunities):
        """The host moves the orders that the user sees; the rest would hang on opportunities that are about to disappear."""
        # sudo: sale.order - orders of colleagues go with their opportunity; nothing else of them changes
        orders = self.env["sale.order"].sudo().search([("opportunity_id", "in", opportunities.ids)])
        orders.write({"opportunity_id": self.id})
        return super()._merge_dependences(opportunities)

    # ------------------------------------------------------------
    # Quotes and orders of an opportunity
    # ------------------------------------------------------------

    def action_view_sale_quotation(self):
        """The host's button, with the lists in which one converts and submits."""
        return self._kehu_documents_action(super().action_view_sale_quotation(), QUOTES_ACTION)

    def action_view_sale_order(self):
        """See :meth:`action_view_sale_quotation`."""
        return self._kehu_documents_action(super().action_view_sale_order(), ORDERS_ACTION)

    def _kehu_documents_action(self, action, xmlid):
        """The action of the host with the views of ours; it opens the only document at once, as the host does."""
        ours = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        changed = {name: ours[name] for name in ("name", "display_name", "view_mode", "search_view_id", "help") if name in ours}
        if not action.get("res_id"):
            changed["views"] = ours["views"]
        context = {key: value for key, value in action["context"].items() if not key.startswith("search_default_")}
        return {**action, **changed, "context": context, "domain": list(Domain(action["domain"]))}

    def _kehu_set_won(self):
        """Win these opportunities, if their team has a stage for it and they are not won yet."""
        pending = self.filtered(lambda lead: lead.won_status != "won")
        return pending.filtered(lambda lead: lead._stage_find(domain=[("is_won", "=", True)], limit=1)).action_set_won()
