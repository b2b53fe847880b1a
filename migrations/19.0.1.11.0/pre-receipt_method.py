"""Give receipts the payment method of their payment, those without a payment the first of their account.

Before the update makes the column: it would compute each receipt by itself and tell about a change in its discussion.
"""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    if column_exists(cr, "kehu_receipt", "payment_method_line_id"):
        return
    cr.execute("ALTER TABLE kehu_receipt ADD COLUMN payment_method_line_id integer")
    cr.execute(
        """UPDATE kehu_receipt r SET payment_method_line_id = p.payment_method_line_id
             FROM account_payment p WHERE p.id = r.payment_id"""
    )
    cr.execute(
        """UPDATE kehu_receipt r SET payment_method_line_id = first.id
             FROM (SELECT DISTINCT ON (l.journal_id) l.journal_id, l.id
                     FROM account_payment_method_line l JOIN account_payment_method m ON m.id = l.payment_method_id
                    WHERE m.payment_type = 'inbound' ORDER BY l.journal_id, l.sequence, l.id) first
            WHERE first.journal_id = r.journal_id AND r.payment_id IS NULL"""
    )
