from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, split_every

from ..system.engine import as_engine
from .exceptions import KehuDunningRightError
from .kehu_dunning_letter import ENGINE, SENDERS

BATCH = 200  # customers of one slice
MOST_AT_ONCE = 2000  # customers of one click; the night does the rest


class KehuDunningLetter(models.Model):
    """Who is to be written to today.

    What is dunned are open items of posted invoices. An item has reached the last level whose days are over; levels before the due date
    are for items that are not overdue. It comes on one letter of each level, ever, unless that letter is cancelled. Items of one customer,
    level and currency come on one letter; a draft of that level takes them. Held customers and the invoices of held orders are left out,
    and customers whose money not matched yet covers what is open.
    """

    _inherit = "kehu.dunning.letter"

    @api.model
    def _cron_dunning(self):
        """Make the letters of the day and send those of automatic levels, in slices; safe to kill at any moment and to run twice."""
        cron = self.env["ir.cron"]
        today = fields.Date.today()
        for company in self.env["res.company"].search([("id", "!=", False)], order="id"):
            for customers in split_every(BATCH, self._kehu_due_customers(company), list):
                self._kehu_make(company, customers)
                if not cron._commit_progress(len(customers), remaining=1):
                    return
        waiting = [("state", "=", "draft"), ("level_id.automatic", "=", True)]
        # those with a problem are tried again the next day
        waiting += ["|", ("problem", "=", False), ("write_date", "<", fields.Datetime.to_datetime(today))]
        letters = self.search(waiting, order="id")
        cron._commit_progress(remaining=len(letters))
        for letter in letters:
            letter._kehu_send_all()
            if not cron._commit_progress(1):
                return
        cron._commit_progress(remaining=0)

    def action_make(self):
        """Make the letters of today in the companies that are active, now; the same as in the night, without sending any.

        :return: the list of letters to send
        """
        if not self.env.su and not self.env.user.has_groups(SENDERS):
            raise KehuDunningRightError(self.env._("Dunning letters are made by finance, or in the night by the system."))
        # sudo: kehu.dunning.letter, account.move.line - the right was checked; what is open is read from the ledger
        letters = self.sudo()
        for company in self.env.companies:
            customers = letters._kehu_due_customers(company)[:MOST_AT_ONCE]
            if customers:
                letters._kehu_make(company, customers)
        return self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_dunning_letter_action")

    @api.model
    def _kehu_due_sql(self, company, today):
        """Open items that have reached a level and were not on a letter of it, as SQL; see the class.

        :return: SQL with customer_id, currency_id, level_id, item_id, due
        """
        return SQL(
            """SELECT c.id AS customer_id, l.currency_id, lv.id AS level_id, l.id AS item_id, due.day AS due
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id AND m.move_type IN ('out_invoice', 'out_receipt')
                 JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                 JOIN res_partner p ON p.id = l.partner_id
                 JOIN res_partner c ON c.id = p.kehu_customer_id
                CROSS JOIN LATERAL (SELECT COALESCE(l.date_maturity, l.date) AS day) due
                CROSS JOIN LATERAL (
                      SELECT v.id
                        FROM kehu_dunning_level v
                       WHERE v.active
                         AND (v.company_id = %(company)s OR v.company_id IS NULL)
                         AND v.days <= %(today)s::date - due.day
                         AND (v.days >= 0 OR due.day >= %(today)s::date)
                       ORDER BY v.days DESC, v.company_id NULLS LAST
                       LIMIT 1) lv
                WHERE l.company_id = %(company)s
                  AND l.parent_state = 'posted'
                  AND l.reconciled IS NOT TRUE
                  AND l.amount_residual_currency > 0
                  AND COALESCE(c.kehu_dunning_hold_until, '-infinity') < %(today)s::date
                  AND NOT EXISTS (SELECT FROM kehu_dunning_line n
                                   WHERE n.move_line_id = l.id AND n.level_id = lv.id AND n.cancelled IS NOT TRUE)
                  AND NOT EXISTS (SELECT
                                    FROM account_move_line g
                                    JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = g.id
                                    JOIN sale_order_line s ON s.id = r.order_line_id
                                    JOIN sale_order o ON o.id = s.order_id
                                   WHERE g.move_id = l.move_id AND o.kehu_dunning_hold_until >= %(today)s::date)""",
            company=company.id,
            today=today,
        )

    @api.model
    def _kehu_due_customers(self, company):
        """:return: ids of the customers with something to dun in this company today"""
        self.env.flush_all()
        items = self._kehu_due_sql(company, company._kehu_today())
        query = SQL("SELECT DISTINCT customer_id FROM (%s) item ORDER BY customer_id", items)
        return [customer_id for (customer_id,) in self.env.execute_query(query)]

    @api.model
    def _kehu_positions(self, company, customer_ids):
        """What these customers have with us that is matched with nothing, and what of theirs is due.

        :return: {(customer id, currency id): (credit, due)}, both positive
        """
        if not customer_ids:
            return {}
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT p.kehu_customer_id, l.currency_id,
                          -COALESCE(SUM(l.amount_residual_currency) FILTER (WHERE l.amount_residual_currency < 0), 0),
                          COALESCE(SUM(l.amount_residual_currency) FILTER (
                              WHERE l.amount_residual_currency > 0 AND COALESCE(l.date_maturity, l.date) <= %(today)s), 0)
                     FROM res_partner p
                     JOIN account_move_line l ON l.partner_id = p.id
                     JOIN account_account a ON a.id = l.account_id
                    WHERE p.kehu_customer_id IN %(customers)s
                      AND l.company_id = %(company)s
                      AND l.parent_state = 'posted'
                      AND l.reconciled IS NOT TRUE
                      AND a.account_type = 'asset_receivable'
                    GROUP BY p.kehu_customer_id, l.currency_id""",
                customers=tuple(customer_ids),
                company=company.id,
                today=company._kehu_today(),
            )
        )
        return {(customer_id, currency_id): (credit, due) for customer_id, currency_id, credit, due in rows}

    @api.model
    def _kehu_credit_left(self, position, items, today):
        """How much of a customer's credit is left for these items: what else is due uses it first.

        :param tuple position: credit and due, see :meth:`_kehu_positions`
        :param list items: pairs of amount and due date
        """
        credit, due = position
        others = due - sum(amount for amount, day in items if day <= today)
        return max(credit - max(others, 0.0), 0.0)

    @api.model
    def _kehu_make(self, company, customer_ids):
        """Make the letters of today to these customers, set-wise. Superuser.

        :param list customer_ids: see :meth:`_kehu_due_customers`
        :return: the letters that were made or got more lines
        """
        self.env.flush_all()
        today = company._kehu_today()
        rows = self.env.execute_query(
            SQL(
                "SELECT * FROM (%s) item WHERE customer_id IN %s ORDER BY customer_id, level_id, due, item_id",
                self._kehu_due_sql(company, today),
                tuple(customer_ids),
            )
        )
        letters = as_engine(self, ENGINE)
        items = self.env["account.move.line"].browse([row[3] for row in rows])
        positions = self._kehu_positions(company, customer_ids)
        groups = {}
        for customer_id, currency_id, level_id, item_id, due in rows:
            groups.setdefault((customer_id, currency_id, level_id), []).append((items.browse(item_id).with_prefetch(items.ids), due))
        drafts = letters.search([("state", "=", "draft"), ("company_id", "=", company.id), ("partner_id", "in", customer_ids)])
        drafts_by_key = {(letter.partner_id.id, letter.currency_id.id, letter.level_id.id): letter for letter in drafts}
        drafts._kehu_supersede(items)
        left = {}
        for (customer_id, currency_id, _level), found in groups.items():
            left.setdefault((customer_id, currency_id), []).extend((item.amount_residual_currency, due) for item, due in found)
        left = {key: self._kehu_credit_left(positions.get(key, (0.0, 0.0)), pairs, today) for key, pairs in left.items()}
        made = letters.browse()
        values_list = []
        # the oldest take what is not matched yet
        for (customer_id, currency_id, level_id), found in sorted(groups.items(), key=lambda group: group[1][0][1]):
            key = (customer_id, currency_id)
            amount = sum(item.amount_residual_currency for item, _due in found)
            credit = min(left[key], amount)
            left[key] -= credit
            if self.env["res.currency"].browse(currency_id).compare_amounts(credit, amount) >= 0:
                continue  # what is not matched yet covers it
            lines = [Command.create(self._kehu_line_values(item, due, today)) for item, due in found]
            draft = drafts_by_key.get((customer_id, currency_id, level_id))
            if draft and draft.state == "draft":
                draft.write({"line_ids": lines, "amount": draft.amount + amount, "date": today})
                made |= draft
            else:
                values = {"partner_id": customer_id, "currency_id": currency_id, "level_id": level_id, "company_id": company.id}
                values_list.append({**values, "date": today, "line_ids": lines, "amount": amount, "credit": credit})
        made |= letters._kehu_create_letters(company, today, values_list)
        return made

    @api.model
    def _kehu_create_letters(self, company, today, values_list):
        """Number the letters, and put the text of their level into them, in the customer's language."""
        # sudo: ir.sequence - taking the next number needs no right of its own
        sequence = self.env["ir.sequence"].sudo().with_company(company)
        for values in values_list:
            level = self.env["kehu.dunning.level"].browse(values["level_id"])
            lang = self.env["res.partner"].browse(values["partner_id"]).lang
            values["name"] = sequence.next_by_code("kehu.dunning.letter", today)
            values["text"] = level.with_context(lang=lang or self.env.lang).text
        return self.with_context(mail_create_nosubscribe=True, tracking_disable=True).create(values_list)

    def _kehu_line_values(self, item, due, today):
        move = item.move_id
        return {
            "move_line_id": item.id,
            "name": move.name,
            "order_names": ", ".join(move.line_ids.sale_line_ids.order_id.mapped("name")),
            "date": move.invoice_date or move.date,
            "date_due": due,
            "days": (today - due).days,
            "amount_total": item.amount_currency,
            "amount": item.amount_residual_currency,
        }

    def _kehu_supersede(self, items):
        """Take items that have reached another level off these drafts; with nothing left a draft is cancelled."""
        lines = self.line_ids.filtered(lambda line: line.move_line_id in items)
        touched = lines.letter_id
        lines.unlink()
        for letter in touched:
            if letter.line_ids:
                letter.write({"amount": sum(letter.line_ids.mapped("amount"))})
        touched.filtered(lambda letter: not letter.line_ids)._kehu_cancel(
            self.env._("Not sent before the next level was reached; the letter of that level takes its place.")
        )
