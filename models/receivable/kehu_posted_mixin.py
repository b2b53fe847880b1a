from odoo import api, fields, models

from ..approval.exceptions import KehuApprovalError
from ..system.engine import as_engine


class KehuPostedMixin(models.AbstractModel):
    """What receipts, uses and refunds have in common: documents whose approval posts in the accounting, and whose cancelling undoes that.

    A document that inherits it has the states draft, pending, approved, rejected and cancelled, names in ``_kehu_engine_fields`` what the
    system alone sets, and says in :meth:`_kehu_no_flow_text` what is missing where no approval flow applies.
    """

    _name = "kehu.posted.mixin"
    _description = "Document Posted by Its Approval"
    _inherit = ["kehu.approval.mixin"]

    # set by the steps of the document, or computed: Odoo lets RPC write a stored computed column too
    _kehu_engine_fields = frozenset()

    @api.model
    def default_get(self, fields):
        """What the system sets has no default, neither from the context nor among those that users save for themselves."""
        return super().default_get([name for name in fields if name == "name" or name not in self._kehu_engine_fields])

    def _kehu_state_label(self):
        self.ensure_one()
        return dict(self._fields["state"]._description_selection(self.env)).get(self.state, self.state)

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------

    def action_kehu_submit(self):
        self._kehu_check_flow()
        return super().action_kehu_submit()

    def kehu_submit(self, approver_id=None, comment=None):
        self._kehu_check_flow()
        return super().kehu_submit(approver_id, comment)

    def _kehu_check_flow(self):
        """What its approval alone can post goes nowhere without a flow.

        :raises KehuApprovalError: naming what is missing
        """
        self.check_access("read")
        for document, flow in self._kehu_find_flows().items():
            if not flow and document._kehu_needs_flow():
                raise KehuApprovalError(document._kehu_no_flow_text())

    def _kehu_needs_flow(self):
        """:return: whether this one document, as it stands, can be posted by its approval only"""
        self.ensure_one()
        return self.state in ("draft", "rejected")

    def _kehu_no_flow_text(self):
        """:return: sentence on this one document, that it cannot be submitted for want of a flow"""
        raise NotImplementedError

    def _kehu_get_hint(self):
        """Where the button to submit would be, say why it is not there."""
        if self._origin and not self.kehu_approval_required and self._origin._kehu_needs_flow():
            return self._origin._kehu_no_flow_text()
        return super()._kehu_get_hint()

    def _kehu_keeps_files(self):
        """Its attachments, such as the bank slip, prove what was posted."""
        return super()._kehu_keeps_files() or self.kehu_approval_state == "approved"

    def _kehu_tolerated_fields(self):
        """What is approved is posted: no figure of it is changed, whatever a flow tolerates."""
        return set()

    # ------------------------------------------------------------------
    # Accounting
    # ------------------------------------------------------------------

    def _kehu_is_on_statement(self, payment):
        """:return: whether the money of a payment is matched with a bank statement, which must be undone first"""
        items = payment._seek_for_lines()[0]
        return bool(items.matched_debit_ids or items.matched_credit_ids)

    def _kehu_take_entry_back(self, move, payment):
        """Take a posted entry back, with its payment where it has one; what the books must keep gets its mirror image today.

        Nothing happens to an entry that is not posted any more. Superuser.
        """
        self.ensure_one()
        if move.state != "posted":
            return
        if not move._can_be_unlinked():
            # the period is locked or the entry is sealed
            reversal = as_engine(move, "receipt")._reverse_moves([{"date": fields.Date.context_today(self), "ref": self.name}], cancel=True)
            self._kehu_mark_reversal(move, reversal)
        elif payment:
            as_engine(payment, "receipt").action_cancel()
        else:
            entry = as_engine(move, "receipt")
            entry.line_ids.remove_move_reconcile()
            entry.button_cancel()

    def _kehu_mark_reversal(self, move, reversal):
        """Let the mirror image take from the same orders and advances as the entry gave to, whatever is matched with what later.

        Each item is matched with its own mirror. The host matches all on one account as they come: those of a use among themselves, and
        parts of one order with mirrors of another; taken apart by one of them, the cancelled document would count again.
        """
        left = reversal.line_ids
        pairs = []
        for line in move.line_ids.filtered(lambda line: line.kehu_order_id or line.kehu_advance_receipt_id):
            mirror = left.filtered(
                lambda other, line=line: (
                    (other.account_id, other.partner_id, other.currency_id) == (line.account_id, line.partner_id, line.currency_id)
                    and line.currency_id.is_zero(other.amount_currency + line.amount_currency)
                )
            )[:1]
            left -= mirror
            pairs.append(line | mirror)
            as_engine(mirror, "receipt").write(
                {"kehu_order_id": line.kehu_order_id.id, "kehu_advance_receipt_id": line.kehu_advance_receipt_id.id}
            )
        left.browse().union(*pairs).remove_move_reconcile()
        for pair in pairs:
            pair.reconcile()
