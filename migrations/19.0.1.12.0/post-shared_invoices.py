"""Compute again what orders received and owe that share an invoice with others, where receipts for one of them and other money paid it.

The money paid directly was shared out anew whenever a receipt was matched; now each match counts as it was when it was made.
"""

from odoo import SUPERUSER_ID, api

FIGURES = ("kehu_amount_invoiced", "kehu_amount_received", "kehu_amount_due", "kehu_receipt_state", "kehu_date_due")

SHARED = """
WITH links AS (
    SELECT DISTINCT sol.order_id, l.move_id
      FROM sale_order_line sol
      JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
      JOIN account_move_line l ON l.id = rel.invoice_line_id
     WHERE l.parent_state = 'posted'
), shared AS (
    -- with other orders, or with lines of none, which take their part too
    SELECT move_id FROM links GROUP BY move_id
    HAVING COUNT(*) > 1 OR EXISTS (
        SELECT FROM account_move_line other
         WHERE other.move_id = links.move_id AND other.display_type = 'product'
           AND NOT EXISTS (SELECT FROM sale_order_line_invoice_rel rel WHERE rel.invoice_line_id = other.id))
), money AS (
    SELECT l.move_id, o.kehu_order_id
      FROM shared JOIN account_move_line l USING (move_id)
      JOIN account_partial_reconcile p ON p.debit_move_id = l.id
      JOIN account_move_line o ON o.id = p.credit_move_id
     UNION ALL
    SELECT l.move_id, o.kehu_order_id
      FROM shared JOIN account_move_line l USING (move_id)
      JOIN account_partial_reconcile p ON p.credit_move_id = l.id
      JOIN account_move_line o ON o.id = p.debit_move_id
), mixed AS (
    SELECT move_id FROM money GROUP BY move_id
    HAVING BOOL_OR(kehu_order_id IS NOT NULL) AND (BOOL_OR(kehu_order_id IS NULL) OR COUNT(DISTINCT kehu_order_id) > 1)
)
SELECT DISTINCT links.order_id FROM links JOIN mixed USING (move_id)
"""


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.flush_all()
    cr.execute(SHARED)
    orders = env["sale.order"].browse([order_id for (order_id,) in cr.fetchall()])
    for name in FIGURES if orders else ():
        env.add_to_compute(orders._fields[name], orders)
    orders.modified(FIGURES)
    env.flush_all()
