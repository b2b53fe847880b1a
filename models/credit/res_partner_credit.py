from math import isfinite

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..receivable.checks import LARGEST
from .exceptions import KehuCreditRightError, KehuCreditValueError

READERS = "kehu_crm.group_kehu_user,kehu_crm.group_kehu_finance,kehu_crm.group_kehu_order_approver"
DECIDERS = "kehu_crm.group_kehu_order_approver"
SETTERS = "kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin"


class ResPartner(models.Model):
    """The credit of a customer, in the company that is active or the one the customer belongs to.

    The limit is the host's own ``credit_limit``, which each company keeps for itself: what an accountant sets there is what the CRM shows,
    and the other way round. Its default for all customers counts as long as the accounting setting “Sales Credit Limit” is on. What is
    used is not the host's figure, which takes what is not invoiced from the quantities of lines and knows no down payment.
    """

    _inherit = "res.partner"

    kehu_credit_limit = fields.Monetary(
        string="Customer Credit Limit",
        compute="_compute_kehu_credit",
        inverse="_inverse_kehu_credit_limit",
        search="_search_kehu_credit_limit",
        currency_field="currency_id",
        groups=READERS,
        help="How much this customer may owe us, in the currency of the company. 0: no limit. Set by finance.",
    )
    kehu_credit_used = fields.Monetary(
        string="Credit Used",
        compute="_compute_kehu_credit",
        currency_field="currency_id",
        groups=READERS,
        help="Confirmed orders not invoiced yet, at today's rate, and what is open in the ledger: invoices less credit notes and advances. "
        "Reckoned for customers with a limit.",
    )
    kehu_credit_left = fields.Monetary(
        string="Credit Left",
        compute="_compute_kehu_credit",
        currency_field="currency_id",
        groups=READERS,
        help="What the customer can still order on credit; negative above the limit, 0 without one.",
    )
    kehu_credit_exceeded = fields.Boolean(
        string="Above the Credit Limit",
        compute="_compute_kehu_credit",
        search="_search_kehu_credit_exceeded",
        groups=READERS,
        help="There is a limit, and more than that is used.",
    )

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.depends("kehu_is_customer", "company_id")
    @api.depends_context("company", "uid")
    def _compute_kehu_credit(self):
        """Nothing for contacts, for customers whose account the person may not see, and where there is no limit."""
        shown = self._origin.filtered("kehu_is_customer")._kehu_with_visible_credit()
        figures = {}
        for company, customers in shown.grouped(lambda partner: partner._kehu_credit_company()).items():
            # most customers have no limit, and to plan what is owed costs more than to look
            limited = customers._kehu_with_limit(company)
            figures.update(limited._kehu_credit_figures(company))
        for partner in self:
            limit, used = figures.get(partner._origin.id, (0.0, 0.0))
            partner.kehu_credit_limit, partner.kehu_credit_used = limit, used
            partner.kehu_credit_left = limit - used if limit else 0.0
            partner.kehu_credit_exceeded = bool(limit) and partner.currency_id.compare_amounts(used, limit) > 0

    @api.model
    def _kehu_card_columns(self):
        return [*super()._kehu_card_columns(), "credit_limit"]

    @api.model
    def _kehu_card_company_columns(self):
        return [*super()._kehu_card_company_columns(), "account_use_credit_limit"]

    def _kehu_with_visible_credit(self):
        """:return: those whose credit the person may see: who may see the account, and order approvers, who decide on credit"""
        if self.env.user.has_group(DECIDERS):
            return self._filtered_access("read")
        return self._kehu_with_visible_account()

    def _kehu_credit_company(self):
        return self.sudo().company_id or self.env.company  # sudo: res.company - to reckon in

    def _kehu_credit_figures(self, company):
        """Limit and use of the credit of these customers, by the ledger; a constant number of queries, writes nothing.

        used = what is not invoiced of confirmed orders, at today's rate + open receivables, less open credit notes and money not used.
        E.g. ordered 1,000, of which 600 invoiced and 200 paid on that, 50 paid in advance: 400 + 400 − 50 = 750.

        Reads as superuser: what a customer owes does not depend on who asks. Whoever shows it checks who sees the customer.

        :param res.company company: whose ledger and orders are looked at; a branch for itself
        :return: {customer id: (limit, used)}, in the currency of the company, limit 0.0 for none
        :rtype: dict[int, tuple[float, float]]
        """
        if not self.ids:
            return {}
        # sudo: res.partner, account.move.line, sale.order - figures of the ledger, see above
        customers = self.sudo().with_company(company)
        customers.fetch(["credit_limit"])
        limits, used = {customer.id: customer._kehu_limit(company) for customer in customers}, dict.fromkeys(customers.ids, 0.0)
        today = fields.Date.context_today(self)
        orders = self.env["sale.order"].sudo()  # sudo: see above
        for what, number, currency_id, amount in customers._kehu_credit_rows(company):
            if what == "ledger":
                used[number] += amount
            elif what == "ordered":
                currency = self.env["res.currency"].browse(currency_id)
                used[number] += currency._convert(float(amount), company.currency_id, company, today)
            else:
                orders |= orders.browse(number)
        for order, amount in orders._kehu_uninvoiced_amounts().items():
            used[order._kehu_debtor().id] += order.currency_id._convert(amount, company.currency_id, company, today)
        return {number: (limit, company.currency_id.round(used[number])) for number, limit in limits.items()}

    def _kehu_limit(self, company):
        """The host's limit of this one customer; its default for all customers counts only where the company uses limits."""
        limit = self.with_company(company).credit_limit
        if not company.account_use_credit_limit and limit == self._fields["credit_limit"].get_company_dependent_fallback(
            self.with_company(company)
        ):
            return 0.0
        return max(limit or 0.0, 0.0)

    def _kehu_with_limit(self, company):
        """:return: those of these customers that have a limit in a company; one query, none for those whose limit is known"""
        customers = self.sudo().with_company(company)  # sudo: res.partner - see :meth:`_kehu_credit_figures`
        customers.fetch(["credit_limit"])  # alone, not with all that is kept for each company
        return self.browse(customer.id for customer in customers if customer._kehu_limit(company))

    def _kehu_credit_rows(self, company):
        """What these customers owe and may owe, in one query. Settled orders are not read.

        :return: rows of (what, number, currency id, amount), currency and amount empty where they say nothing. "ledger": customer and what
            is open on receivable accounts with it and everybody who belongs to it, in company currency; "ordered": customer, currency,
            confirmed orders without any invoice; "partly": a confirmed order of which something may not be invoiced yet
        :rtype: list[tuple]
        """
        self.env["account.move.line"].flush_model(
            ["amount_residual", "parent_state", "reconciled", "partner_id", "account_id", "company_id"]
        )
        self.env["res.partner"].flush_model(["kehu_customer_id"])
        self.env["sale.order"].flush_model(
            ["state", "company_id", "currency_id", "kehu_customer_id", "partner_invoice_id", "amount_total", "kehu_amount_invoiced"]
        )
        self.env["sale.order.line"].flush_model(["order_id", "invoice_lines"])
        # OFFSET 0: whether there are documents is asked once for each order, and planned once
        return self.env.execute_query(
            SQL(
                """WITH people AS MATERIALIZED (
                       SELECT id, kehu_customer_id FROM res_partner WHERE kehu_customer_id = ANY (%(customers)s)
                   )
                   SELECT 'ledger', p.kehu_customer_id, NULL::int, SUM(l.amount_residual)
                     FROM people p
                     JOIN account_move_line l ON l.partner_id = p.id
                     JOIN account_account a ON a.id = l.account_id
                    WHERE l.company_id = %(company)s
                      AND l.parent_state = 'posted'
                      AND l.reconciled IS NOT TRUE
                      AND a.account_type = 'asset_receivable'
                    GROUP BY p.kehu_customer_id
                UNION ALL
                   SELECT CASE WHEN has_documents THEN 'partly' ELSE 'ordered' END,
                          CASE WHEN has_documents THEN id ELSE debtor_id END,
                          CASE WHEN has_documents THEN NULL ELSE currency_id END,
                          SUM(amount_total)
                     FROM (SELECT their.*,
                                  EXISTS (SELECT FROM sale_order_line sol
                                            JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                                           WHERE sol.order_id = their.id) AS has_documents
                             FROM (SELECT o.id, o.currency_id, o.amount_total, p.kehu_customer_id AS debtor_id
                                     FROM people p JOIN sale_order o ON o.partner_invoice_id = p.id
                                    WHERE %(open)s
                                UNION ALL
                                   SELECT o.id, o.currency_id, o.amount_total, o.kehu_customer_id
                                     FROM sale_order o
                                    WHERE o.kehu_customer_id = ANY (%(customers)s) AND %(open)s
                                      AND (SELECT kehu_customer_id FROM res_partner WHERE id = o.partner_invoice_id) IS NULL) their
                           OFFSET 0) orders
                    GROUP BY 1, 2, 3""",
                customers=list(self.ids),
                company=company.id,
                open=SQL("o.company_id = %s AND o.state = 'sale' AND o.kehu_amount_invoiced IS DISTINCT FROM o.amount_total", company.id),
            )
        )

    # ------------------------------------------------------------------
    # Searching
    # ------------------------------------------------------------------

    def _search_kehu_credit_limit(self, operator, value):
        seen = Domain.TRUE if self.env.user.has_group(DECIDERS) else self._kehu_visible_account_domain()
        domain = seen & Domain([("kehu_is_customer", "=", True), ("credit_limit", operator, value)])
        # sudo: res.partner - the host shows its field to accountants alone
        return [("id", "in", self.sudo()._search(domain))]

    def _search_kehu_credit_exceeded(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        customers = self.search([("kehu_is_customer", "=", True), ("kehu_credit_limit", ">", 0)])
        return Domain("id", "in", customers.filtered("kehu_credit_exceeded").ids)

    # ------------------------------------------------------------------
    # Setting the limit
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Looks at what came out: a limit and the mark of a customer may both come from the context, or from another room."""
        partners = super().create(vals_list)
        usual = self._fields["credit_limit"].get_company_dependent_fallback(self)
        default = self.default_get(["credit_limit"]).get("credit_limit", usual)  # of the context, or one that the user saved
        if not self.env.su and (default != usual or any("credit_limit" in vals for vals in vals_list)):
            # sudo: res.partner - who became a customer, by whatever door, and the limit, to compare only
            if any(partner.kehu_customer_id and partner.credit_limit != usual for partner in partners.sudo()):
                self._kehu_check_may_set_limit()
        return partners

    def write(self, vals):
        if "credit_limit" in vals and not self.env.su:
            # sudo: res.partner - whether it is a customer, and its limit, to compare only
            customers = self.sudo().filtered("kehu_customer_id")
            if any(customer.with_company(self.env.company).credit_limit != vals["credit_limit"] for customer in customers):
                self._kehu_check_may_set_limit()
        return super().write(vals)

    def _inverse_kehu_credit_limit(self):
        for partner in self:
            partner.kehu_set_credit_limit(partner.kehu_credit_limit)

    def kehu_set_credit_limit(self, limit):
        """Set what each of these customers may owe, in their company or the active one; noted on the customer.

        :param float limit: company currency, 0 = no limit
        :raises KehuCreditRightError: unless finance or a CRM administrator asks
        :raises KehuCreditValueError: for what is no amount, and for partners that are no customers
        """
        self._kehu_check_may_set_limit()
        self.check_access("read")
        try:
            amount = float(limit)
        except (TypeError, ValueError):
            amount = -1.0
        if not isfinite(amount) or not 0 <= amount < LARGEST:
            raise KehuCreditValueError(
                self.env._(
                    "“%(value)s” is no credit limit. Enter an amount of 0 (no limit) or more, below %(most)s.",
                    value=str(limit)[:40],
                    most=f"{LARGEST:,.0f}",
                )
            )
        for partner in self:
            company = partner._kehu_credit_company()
            # sudo: res.partner - the limit alone, by finance, who may not write customers otherwise
            customer = partner.sudo().with_company(company)
            if not customer.kehu_is_customer:
                raise KehuCreditValueError(
                    self.env._(
                        "“%(partner)s” is not a customer of the CRM. Set the limit on the customer that it belongs to.",
                        partner=customer.display_name,
                    )
                )
            old = customer.credit_limit
            new = company.currency_id.round(amount)
            if company.currency_id.compare_amounts(old, new) == 0:
                continue
            customer.credit_limit = new
            customer._kehu_note_limit(self.env.user.partner_id, company, old, new)
        self.invalidate_recordset(["kehu_credit_limit", "kehu_credit_used", "kehu_credit_left", "kehu_credit_exceeded"])
        return True

    def _kehu_note_limit(self, author, company, old, new):
        """Note a new limit on this one customer. The figures are a tracked value, which is shown to those alone who may see the credit.

        See :meth:`mail.tracking.value._filter_has_field_access`.
        """
        name = "kehu_credit_limit"
        info = self.fields_get([name], ["string", "type", "currency_field"])[name]
        tracking = self.env["mail.tracking.value"]._create_tracking_values(old, new, name, info, self)
        self._message_log(
            author_id=author.id,
            body=self.env._("The credit limit in %(company)s was changed.", company=company.name),
            tracking_value_ids=[Command.create({**tracking, "currency_id": company.currency_id.id})],
        )

    def _kehu_check_may_set_limit(self):
        """:raises KehuCreditRightError: unless the person is of finance, or a CRM administrator"""
        if not self.env.su and not self.env.user.has_groups(SETTERS):
            raise KehuCreditRightError(
                self.env._("The credit limit of a customer is set by finance or a CRM administrator. Ask one of them to change it.")
            )

    def action_kehu_set_credit_limit(self):
        """Open the dialog that sets the limit of these customers."""
        self._kehu_check_may_set_limit()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Limit"),
            "res_model": "kehu.credit.limit",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_ids": self.kehu_customer_id.ids},
        }
