"""Room receivable: what customers owe us and what they have paid.

For: receipts that are approved, posted as real payments and matched with the invoices of their orders; what each order received and owes.
Owns: `kehu.receipt` with its allocations, `kehu.advance.use`, `kehu.ledger.check`, `kehu.instalment` and its templates, `kehu.receivable`
(SQL view, in report/receivable) and the money fields on `sale.order`.
May call: rooms system, customer, approval, sales, contract and the host's accounting. The ledger is the truth: nothing here keeps a
sum of its own.
"""

from . import exceptions
from . import account_journal
from . import account_move_line
from . import account_move
from . import account_payment
from . import payment_transaction
from . import sale_order
from . import kehu_posted_mixin
from . import kehu_receipt
from . import kehu_receipt_big
from . import kehu_receipt_method
from . import kehu_receipt_allocation
from . import kehu_early_discount
from . import kehu_instalment_template
from . import kehu_instalment_mixin
from . import kehu_instalment_document
from . import kehu_instalment
from . import kehu_instalment_receipt
from . import kehu_receipt_advance
from . import kehu_advance_use
from . import kehu_advance_use_line
from . import kehu_surplus
from . import kehu_ledger_check
from . import res_company
from . import kehu_settings
from . import kehu_instalment_reminder
from . import sale_order_due
from . import res_partner
from . import res_users
