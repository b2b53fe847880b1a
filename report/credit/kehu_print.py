from odoo import models


class KehuPrint(models.AbstractModel):
    _inherit = "kehu.print"

    def _get_words(self):
        return {
            **super()._get_words(),
            # statement
            "statement": self.env._("Statement of Account"),
            "period": self.env._("Period"),
            "document": self.env._("Document"),
            "description": self.env._("Description"),
            "charged": self.env._("Charged"),
            "settled": self.env._("Settled"),
            "balance": self.env._("Balance"),
            "opening_balance": self.env._("Opening Balance"),
            "closing_balance": self.env._("Closing Balance"),
            "period_total": self.env._("Total of the period"),
            "ageing": self.env._("How old the balance is, in days after the due date"),
            "due_current": self.env._("Not Due Yet"),
            "due_1_30": self.env._("1-30 Days"),
            "due_31_60": self.env._("31-60 Days"),
            "due_61_90": self.env._("61-90 Days"),
            "due_over_90": self.env._("Over 90 Days"),
            "unused": self.env._("Credit Not Used"),
            "period_orders": self.env._("Orders of the period"),
            "invoiced": self.env._("Invoiced"),
            "received": self.env._("Received"),
            "still_due": self.env._("Due"),
            "please_confirm": self.env._(
                "Please compare this statement with your books, sign and seal it, and return it to us. Without an answer within seven "
                "days we take the balance as confirmed."
            ),
            "we_owe": self.env._("(in your favour)"),
            # kinds of entries
            "kind_invoice": self.env._("Invoice"),
            "kind_credit_note": self.env._("Credit Note"),
            "kind_receipt": self.env._("Receipt"),
            "kind_refund": self.env._("Refund"),
            "kind_entry": self.env._("Entry"),
            "kind_transfer": self.env._("Settled with another account"),
            # dunning letter
            "to": self.env._("Addressee"),
            "from": self.env._("Sender"),
            "letter_number": self.env._("Letter No."),
            "invoice": self.env._("Invoice"),
            "invoice_date": self.env._("Invoice Date"),
            "due_on": self.env._("Due On"),
            "days_overdue": self.env._("Days Overdue"),
            "still_open": self.env._("Open"),
            "not_matched": self.env._("Less what we have received and not matched yet"),
            "to_pay": self.env._("To Pay"),
            "pay_into": self.env._("Please pay into this account"),
            "account_holder": self.env._("Account Holder"),
            "paid_already": self.env._("If you have paid meanwhile, please take this letter as settled."),
            # receipt
            "receipt": self.env._("Receipt"),
            "draft_receipt": self.env._("draft, not posted"),
            "cancelled_receipt": self.env._("cancelled"),
            "received_from": self.env._("Received from"),
            "paid_by": self.env._("Paid by"),
            "received_in": self.env._("Received in"),
            "for_what": self.env._("For"),
            "this_receipt": self.env._("This Receipt"),
            "advance": self.env._("Paid in advance"),
            "receiver": self.env._("Payee"),
            "payer": self.env._("Payer"),
            "cashier": self.env._("Handled by"),
        }
