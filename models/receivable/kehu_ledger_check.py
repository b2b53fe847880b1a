from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from .exceptions import KehuReceiptRightError, KehuReceiptStateError
from .ledger_reader import DOCUMENTS, LedgerReader

SLICE = 200  # accounts of customers compared in one go
AT_ONCE = 5  # slices that the button works through before it leaves the rest to the job
KEPT_DAYS = 30  # runs are kept so long

CAUSES = [
    ("stale", "The stored figure did not follow the ledger"),
    ("currency", "An invoice is in another currency than its order"),
    ("no_order", "Invoiced without an order"),
    ("outside", "Payment or entry that nothing is matched with"),
    ("other_partner", "Invoiced to somebody else than the customer of the order"),
    ("advance", "The open advance of a receipt did not follow the ledger"),
    ("unknown", "Not explained"),
]
WRONG = ("stale", "advance", "unknown")  # the others are as they should be, and only explain


class KehuLedgerCheck(models.Model):
    """One comparison of what the CRM says customers owe with the receivable accounts in the ledger.

    Every customer's account is looked at, in slices that move ``last_id`` in the same transaction, so a run that was killed goes on where
    its last slice ended. The ledger's side is computed from journal items and matches alone, see ``ledger_reader``.
    """

    _name = "kehu.ledger.check"
    _description = "Check Against the Ledger"
    _order = "id desc"
    _rec_name = "date_start"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    date_start = fields.Datetime(string="Began", required=True, readonly=True)
    date_end = fields.Datetime(string="Ended", readonly=True)
    state = fields.Selection([("running", "Under Way"), ("done", "Done")], required=True, readonly=True, default="running")
    last_id = fields.Integer(readonly=True, export_string_translation=False, help="Account with which the last finished slice ended.")
    partner_count = fields.Integer(string="Customers", readonly=True, help="Accounts of customers that were compared.")
    order_count = fields.Integer(string="Orders", readonly=True, help="Orders that were compared.")
    difference_ids = fields.One2many("kehu.ledger.difference", "check_id", string="Differences", readonly=True)
    wrong_count = fields.Integer(string="Wrong", readonly=True, help="Differences that must not be. None means that all figures agree.")
    explained_count = fields.Integer(
        string="Explained", readonly=True, help="Amounts on the accounts that belong to no order of the CRM, with their reason."
    )

    _open_uniq = models.UniqueIndex("(company_id) WHERE state = 'running'", "A check of this company is under way already.")

    # ------------------------------------------------------------------
    # Guards: the check writes its own report
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._kehu_check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_engine(self):
        if not is_uninstalling(self.env):
            self._kehu_check_engine()

    def _kehu_check_engine(self):
        if not is_engine(self.env, "ledger_check"):
            raise KehuEngineOnlyError(self.env._("The check writes its report itself. Start a new one with “Check Now”."))

    # ------------------------------------------------------------------
    # Running
    # ------------------------------------------------------------------

    def action_check_now(self):
        """Compare the active company at once; what takes longer goes on by itself in the background.

        :return: the form of the run
        :raises KehuReceiptRightError: for others than finance and CRM administrators
        """
        self._kehu_check_may_run()
        check = self._kehu_open(self.env.company)
        for _slice in range(AT_ONCE):
            if check._kehu_slice():
                break
        else:
            # sudo: ir.cron - the job takes over
            self.env.ref("kehu_crm.kehu_ledger_check_ir_cron").sudo()._trigger()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check Against the Ledger"),
            "res_model": self._name,
            "res_id": check.id,
            "views": [(False, "form")],
        }

    @api.model
    def _kehu_check_may_run(self):
        if not (self.env.su or self.env.user.has_groups("kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin")):
            raise KehuReceiptRightError(self.env._("Only finance or a CRM administrator may compare the CRM with the ledger."))

    @api.model
    def _kehu_open(self, company):
        """:return: the run of this company that is under way, else a new one; writable for our own code"""
        checks = as_engine(self.sudo(), "ledger_check")  # sudo: kehu.ledger.check - the right to run was checked
        check = checks.search([("company_id", "=", company.id), ("state", "=", "running")], limit=1)
        return check or checks.create({"company_id": company.id, "date_start": fields.Datetime.now()})

    @api.model
    def _cron_check(self):
        """Every night, each company in slices; a run that was interrupted goes on."""
        cron = self.env["ir.cron"]
        today = fields.Datetime.now() - timedelta(hours=20)
        checks = as_engine(self.sudo(), "ledger_check")  # sudo: kehu.ledger.check - the job looks at every company
        companies = checks.env["res.company"].search([("active", "=", True)], order="id", limit=1000)
        fresh = checks.search([("state", "=", "done"), ("date_start", ">=", today)]).company_id
        todo = [self._kehu_open(company) for company in companies - fresh]
        cron._commit_progress(remaining=len(todo))
        for check in todo:
            done = False
            while not done:
                done = check._kehu_slice()
                if not cron._commit_progress(1 if done else 0):
                    return

    def _kehu_slice(self):
        """Compare the next customers' accounts.

        :return: whether the run is finished
        :rtype: bool
        """
        self.ensure_one()
        self.env.flush_all()
        partner_ids = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """SELECT DISTINCT commercial_partner_id FROM res_partner
                        WHERE kehu_is_customer AND commercial_partner_id > %s ORDER BY 1 LIMIT %s""",
                    self.last_id,
                    SLICE,
                )
            )
        ]
        values = {"state": "done", "date_end": fields.Datetime.now()}
        if partner_ids:
            rows, orders = self._kehu_compare(self.company_id, partner_ids)
            self.env["kehu.ledger.difference"].create([{**row, "check_id": self.id} for row in rows])
            wrong = sum(row["cause"] in WRONG for row in rows)
            values = {
                "last_id": partner_ids[-1],
                "partner_count": self.partner_count + len(partner_ids),
                "order_count": self.order_count + orders,
                "wrong_count": self.wrong_count + wrong,
                "explained_count": self.explained_count + len(rows) - wrong,
            }
        self.write(values)
        return not partner_ids

    @api.autovacuum
    def _gc_checks(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        checks = as_engine(self, "ledger_check")
        checks.search([("date_start", "<", limit), ("state", "=", "done")], limit=1000).unlink()

    # ------------------------------------------------------------------
    # Comparing
    # ------------------------------------------------------------------

    @api.model
    def _kehu_compare(self, company, partner_ids):
        """Compare what is stored with what the journal items say.

        :param partner_ids: ids of commercial partners
        :return: (values of `kehu.ledger.difference` without the run, number of orders looked at)
        """
        self.env.flush_all()
        reader = LedgerReader(self.env, company)
        orders = self.env.execute_query(
            SQL(
                """SELECT o.id, o.state, o.amount_total, o.currency_id, c.commercial_partner_id, o.kehu_customer_id,
                          o.kehu_amount_invoiced, o.kehu_amount_received, o.kehu_amount_due, o.name
                     FROM sale_order o
                     JOIN res_partner c ON c.id = o.kehu_customer_id
                    WHERE c.commercial_partner_id IN %s AND o.company_id = %s
                 ORDER BY o.id""",
                tuple(partner_ids),
                company.id,
            )
        )
        figures = reader.figures([row[:4] for row in orders])
        comparison = _Comparison(self.env, company, reader)
        for row in orders:
            comparison.add_order(row, figures[row[0]])
        comparison.add_receipts(partner_ids)
        comparison.add_accounts(partner_ids, {row[0]: row[4] for row in orders})
        return comparison.rows, len(orders)


class _Comparison:
    """Collects the differences of one slice."""

    def __init__(self, env, company, reader):
        self.env, self.company, self.reader = env, company, reader
        self.rows = []
        self.claimed = defaultdict(float)  # (account, currency): what the CRM says is open on it
        self.reasons = defaultdict(lambda: defaultdict(float))  # (account, currency): {cause: ledger − CRM}
        self.names = defaultdict(list)  # (account, currency, cause): documents

    def _differs(self, currency_id, amount):
        return not self.env["res.currency"].browse(currency_id).is_zero(amount)

    def _add(self, level, partner_id, currency_id, figure, crm, ledger, cause, order_id=False, documents=()):
        self.rows.append(
            {
                "company_id": self.company.id,
                "level": level,
                "partner_id": partner_id,
                "order_id": order_id,
                "currency_id": currency_id,
                "figure": figure,
                "crm_amount": crm,
                "ledger_amount": ledger,
                "cause": cause,
                "documents": ", ".join(sorted(set(documents))[:5]),
            }
        )

    def _explain(self, account, currency_id, cause, amount, document=None):
        self.reasons[account, currency_id][cause] += amount
        if document:
            self.names[account, currency_id, cause].append(document)

    def add_order(self, row, figures):
        """The three stored figures of one order; and what the CRM takes to be open on the account of its customer."""
        order_id, _state, _total, currency_id, account, customer_id, *stored, _name = row
        stored = [float(amount or 0.0) for amount in stored]
        for figure, crm, ledger in zip(("invoiced", "received", "due"), stored, figures[:3], strict=True):
            if self._differs(currency_id, crm - ledger):
                cause = "currency" if figures.foreign else "stale"
                self._add("order", customer_id, currency_id, figure, crm, ledger, cause, order_id)
        self.claimed[account, currency_id] += stored[2] - figures.uninvoiced
        if self._differs(currency_id, stored[2] - figures.due):
            self._explain(account, currency_id, "currency" if figures.foreign else "stale", figures.due - stored[2], row[-1])
        self._add_open_parts(order_id, account, currency_id, figures)

    def _add_open_parts(self, order_id, account, currency_id, figures):
        """What of this order is not on the account of its customer, or not in its currency: the CRM counts it here, the ledger there."""
        for document in self.reader.documents_by_order[order_id]:
            residual = document.sign * document.shares[order_id][2]
            if document.partner_id != account:
                self._explain(account, document.currency_id, "other_partner", -residual, document.name)
            if document.currency_id != currency_id:
                own = self.env["res.currency"].browse(currency_id)
                converted = self.reader.convert(document, residual, own)
                self._explain(account, currency_id, "currency", -converted, document.name)
                self._explain(account, document.currency_id, "currency", residual, document.name)

    def add_receipts(self, partner_ids):
        """Open advances: the stored column against the journal items that carry them."""
        receipts = self.env.execute_query(
            SQL(
                """SELECT r.id, r.name, r.partner_id, p.commercial_partner_id, r.currency_id, r.advance_open
                     FROM kehu_receipt r JOIN res_partner p ON p.id = r.partner_id
                    WHERE p.commercial_partner_id IN %s AND r.company_id = %s AND r.state = 'approved'
                      AND (r.advance_open <> 0 OR r.advance <> 0
                           OR EXISTS (SELECT FROM kehu_advance_use u WHERE u.receipt_id = r.id AND u.kind = 'free'))""",
                tuple(partner_ids),
                self.company.id,
            )
        )
        self.receipts = {row[0]: row for row in receipts}

    def add_accounts(self, partner_ids, accounts):
        """The receivable accounts item by item: every amount is either an order's, or an advance, or has another reason.

        :param accounts: {order id: account of its customer}, of the orders in this slice
        """
        items = self.reader.open_items(partner_ids)
        self.reader.learn({row[3] for row in items if row[5] in DOCUMENTS})
        accounts = {**self._accounts_of_others(items, accounts), **accounts}
        ledger = defaultdict(float)
        advances = defaultdict(float)
        seen = set()
        for account, currency_id, _line, move_id, name, move_type, order_id, receipt_id, amount in items:
            amount = float(amount)
            ledger[account, currency_id] += amount
            if move_type in DOCUMENTS:
                if move_id in seen:
                    continue
                seen.add(move_id)
                document = self.reader.documents[move_id]
                for number, (_total, _paid, residual) in document.shares.items():
                    if not accounts.get(number):
                        self._explain(account, currency_id, "no_order", document.sign * residual, name)
                    elif accounts[number] != account:
                        self._explain(account, currency_id, "other_partner", document.sign * residual, name)
                if not document.shares:
                    self._explain(account, currency_id, "no_order", document.sign * (document.total - document.settled), name)
            elif receipt_id in self.receipts:
                advances[receipt_id] -= amount
            elif order_id and accounts.get(order_id):
                if accounts[order_id] != account:
                    self._explain(account, currency_id, "other_partner", amount, name)
            else:
                self._explain(account, currency_id, "outside", amount, name)
        for receipt_id, name, partner_id, account, currency_id, stored in self.receipts.values():
            stored, real = float(stored or 0.0), advances[receipt_id]
            self.claimed[account, currency_id] -= stored
            if self._differs(currency_id, stored - real):
                self._add("customer", partner_id, currency_id, "advance", stored, real, "advance", documents=[name])
                self._explain(account, currency_id, "advance", stored - real, name)
        for key in self.claimed.keys() | ledger.keys() | self.reasons.keys():
            self._close(key, ledger[key])

    def _accounts_of_others(self, items, accounts):
        """:return: {order id: account of its customer, or None} of the orders on these items that are not of this slice"""
        orders = {row[6] for row in items if row[6]}
        orders |= {number for row in items if row[5] in DOCUMENTS for number in self.reader.documents[row[3]].shares}
        orders -= accounts.keys() | {0}
        if not orders:
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT o.id, c.commercial_partner_id FROM sale_order o LEFT JOIN res_partner c ON c.id = o.kehu_customer_id
                        WHERE o.id IN %s""",
                    tuple(orders),
                )
            )
        )

    def _close(self, key, ledger):
        """One row per reason of an account; what no reason explains is a row of its own."""
        account, currency_id = key
        claimed = self.claimed[key]
        left = ledger - claimed
        running = claimed
        for cause, amount in sorted(self.reasons[key].items()):
            left -= amount
            if self._differs(currency_id, amount) and cause not in ("stale", "advance"):
                self._add("customer", account, currency_id, "open", running, running + amount, cause, documents=self.names[(*key, cause)])
            running += amount
        if self._differs(currency_id, left):
            self._add("customer", account, currency_id, "open", ledger - left, ledger, "unknown")


class KehuLedgerDifference(models.Model):
    """One amount on which the CRM and the ledger do not agree, with the reason."""

    _name = "kehu.ledger.difference"
    _description = "Difference From the Ledger"
    _order = "wrong desc, check_id desc, partner_id, id"

    check_id = fields.Many2one("kehu.ledger.check", string="Run", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    level = fields.Selection([("order", "Order"), ("customer", "Customer")], required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, index=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="cascade")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="cascade")
    figure = fields.Selection(
        [("invoiced", "Invoiced"), ("received", "Received"), ("due", "Due"), ("advance", "Open Advance"), ("open", "Open on the Account")],
        required=True,
        readonly=True,
    )
    crm_amount = fields.Monetary(string="In the CRM", readonly=True, help="What the CRM says.")
    ledger_amount = fields.Monetary(string="In the Ledger", readonly=True, help="What the journal items and their matches say.")
    amount = fields.Monetary(string="Difference", compute="_compute_amount", store=True, help="Ledger less CRM.")
    cause = fields.Selection(CAUSES, required=True, readonly=True, index=True)
    wrong = fields.Boolean(
        compute="_compute_amount", store=True, help="The figures must agree and do not. All other differences are only explained."
    )
    documents = fields.Char(readonly=True, help="Invoices, payments or receipts that make the difference, the first five.")
    solved_on = fields.Datetime(readonly=True, help="When the figures were computed again.")

    @api.depends("crm_amount", "ledger_amount", "cause")
    def _compute_amount(self):
        for difference in self:
            difference.amount = difference.ledger_amount - difference.crm_amount
            difference.wrong = difference.cause in WRONG

    @api.model_create_multi
    def create(self, vals_list):
        self.env["kehu.ledger.check"]._kehu_check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self.env["kehu.ledger.check"]._kehu_check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_engine(self):
        if not is_uninstalling(self.env):
            self.env["kehu.ledger.check"]._kehu_check_engine()

    def action_recompute(self):
        """Compute the stored figures of these orders and receipts again, from the ledger.

        :raises KehuReceiptRightError: for others than finance and CRM administrators
        :raises KehuReceiptStateError: when nothing among these can be computed again
        """
        self.check_access("read")
        self.env["kehu.ledger.check"]._kehu_check_may_run()
        stale = self.sudo().filtered(  # sudo: sale.order, kehu.receipt - figures that the ledger gives, not the person
            lambda difference: difference.cause in ("stale", "currency", "advance") and not difference.solved_on
        )
        if not stale:
            raise KehuReceiptStateError(
                self.env._("Nothing here can be computed again: look into the documents that the differences name.")
            )
        orders = stale.order_id
        for name in ("kehu_amount_invoiced", "kehu_amount_received", "kehu_amount_due", "kehu_receipt_state", "kehu_date_due"):
            self.env.add_to_compute(orders._fields[name], orders)
        receipts = self.env["kehu.receipt"].sudo()  # sudo: see above
        partners = stale.filtered(lambda difference: difference.cause == "advance").partner_id
        receipts = receipts.search([("partner_id", "in", partners.ids), ("state", "=", "approved"), ("advance_line_ids", "!=", False)])
        self.env.add_to_compute(receipts._fields["advance_open"], receipts)
        self.env.flush_all()
        as_engine(stale, "ledger_check").write({"solved_on": fields.Datetime.now()})
        return True

    def action_open_order(self):
        """Show the order, or the receivables of the customer."""
        self.ensure_one()
        self.check_access("read")
        if not self.order_id:
            return self.partner_id.action_kehu_open_receivables()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Order"),
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }
