"""Mark the mirror images of cancelled receipts, uses and refunds that were reversed, as their period was locked, before mirrors carried the
orders and advances of the entry. Taken apart from their entry they counted as no money of anybody, and the entry as received again.

Set-wise. Idempotent: a mirror that carries any mark is left alone. Items are paired as they were made: same account, partner and currency,
opposite amount, in their order.
"""

from odoo import SUPERUSER_ID, api

FIGURES = ("kehu_amount_invoiced", "kehu_amount_received", "kehu_amount_due", "kehu_receipt_state", "kehu_last_receipt_date")

MARK = """
WITH cancelled AS (
    SELECT p.move_id FROM kehu_receipt r JOIN account_payment p ON p.id = r.payment_id WHERE r.cancelled_on IS NOT NULL
     UNION
    SELECT COALESCE(u.move_id, p.move_id)
      FROM kehu_advance_use u LEFT JOIN account_payment p ON p.id = u.payment_id
     WHERE u.cancelled_on IS NOT NULL
), mirrors AS (
    SELECT m.id, m.reversed_entry_id
      FROM account_move m JOIN cancelled c ON c.move_id = m.reversed_entry_id
     WHERE NOT EXISTS (SELECT FROM account_move_line l
                        WHERE l.move_id = m.id AND (l.kehu_order_id IS NOT NULL OR l.kehu_advance_receipt_id IS NOT NULL))
), given AS (
    SELECT m.id AS mirror_id, l.kehu_order_id, l.kehu_advance_receipt_id, l.account_id, COALESCE(l.partner_id, 0) AS partner_id,
           l.currency_id, l.amount_currency,
           ROW_NUMBER() OVER (PARTITION BY m.id, l.account_id, l.partner_id, l.currency_id, l.amount_currency ORDER BY l.id) AS number
      FROM mirrors m JOIN account_move_line l ON l.move_id = m.reversed_entry_id
     WHERE l.kehu_order_id IS NOT NULL OR l.kehu_advance_receipt_id IS NOT NULL
), taken AS (
    SELECT l.id, m.id AS mirror_id, l.account_id, COALESCE(l.partner_id, 0) AS partner_id, l.currency_id,
           -l.amount_currency AS amount_currency,
           ROW_NUMBER() OVER (PARTITION BY m.id, l.account_id, l.partner_id, l.currency_id, l.amount_currency ORDER BY l.id) AS number
      FROM mirrors m JOIN account_move_line l ON l.move_id = m.id
)
UPDATE account_move_line l
   SET kehu_order_id = given.kehu_order_id, kehu_advance_receipt_id = given.kehu_advance_receipt_id
  FROM taken JOIN given USING (mirror_id, account_id, partner_id, currency_id, amount_currency, number)
 WHERE l.id = taken.id
RETURNING l.kehu_order_id, l.kehu_advance_receipt_id, l.reconciled
"""


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.flush_all()
    cr.execute(MARK)
    # figures change where a mirror is not matched with its entry only
    open_items = [(order_id, receipt_id) for order_id, receipt_id, reconciled in cr.fetchall() if not reconciled]
    env["account.move.line"].invalidate_model(["kehu_order_id", "kehu_advance_receipt_id"])
    env["sale.order"].invalidate_model(["kehu_payment_line_ids"])
    env["kehu.receipt"].invalidate_model(["advance_line_ids"])
    orders = env["sale.order"].browse({order_id for order_id, _receipt in open_items if order_id})
    receipts = env["kehu.receipt"].browse({receipt_id for _order, receipt_id in open_items if receipt_id})
    for name in FIGURES if orders else ():
        env.add_to_compute(orders._fields[name], orders)
    if receipts:
        env.add_to_compute(receipts._fields["advance_open"], receipts)
    orders.modified(FIGURES)
    env.flush_all()
