from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from ..customer.hidden import hidden_customers
from ..receivable.account_move import CREDIT_TYPES, INVOICE_TYPES
from ..sales.sale_order import OPEN_STATES
from .exceptions import KehuCreditLimitError

CREDIT_ALERTS = [
    ("none", "Within the Limit"),
    ("tell", "Above the Limit: Told"),
    ("approve", "Above the Limit: Needs Approval"),
    ("block", "Above the Limit: Refused"),
]
PARTNER_FIELDS = ("partner_id", "partner_invoice_id", "partner_shipping_id")


class SaleOrder(models.Model):
    """An order that takes its customer above the credit limit is told of, needs approval, or is refused, as the company says.

    Every door is guarded: submitting, approving, confirming, a written state, an order made in the confirmed state, and a confirmed
    order that grows. What the customer signs or pays on the portal is left for the salesperson.
    """

    _inherit = "sale.order"

    kehu_credit_alert = fields.Selection(
        CREDIT_ALERTS,
        string="Credit Alert",
        compute="_compute_kehu_credit_alert",
        search="_search_kehu_credit_alert",
        compute_sudo=True,
        groups="base.group_user",
        help="Whether this open order takes its customer above the credit limit, and what the company does then. Flows may ask for it.",
    )
    kehu_credit_text = fields.Text(
        string="Credit",
        compute="_compute_kehu_credit_text",
        groups="base.group_user",
        help="Limit, use and what this order adds.",
    )
    kehu_credit_left = fields.Monetary(
        string="Credit Left",
        currency_field="kehu_company_currency_id",
        compute="_compute_kehu_credit_text",
        groups="base.group_user",
        help="What the customer can still order on credit, without this order as long as it is open; negative above the limit.",
    )
    kehu_has_credit_limit = fields.Boolean(compute="_compute_kehu_credit_text", groups="base.group_user", export_string_translation=False)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def _kehu_debtor(self):
        """The customer who will have to pay this one order: who gets the invoice, else whose order it is."""
        order = self.sudo()  # sudo: res.partner - to whom they belong, to compare only
        return order.partner_invoice_id.kehu_customer_id or order.kehu_customer_id

    def _kehu_uninvoiced_amounts(self):
        """What of these confirmed orders is neither invoiced nor credited, as the figures of the receivables have it.

        :return: {order: amount}, in the currency of the order; a constant number of queries
        :rtype: dict
        """
        documents = self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type in INVOICE_TYPES + CREDIT_TYPES
        )
        shares = documents._kehu_order_shares()
        amounts = {}
        for order in self:
            goods, credited = [], 0.0
            for move in order.order_line.invoice_lines.move_id & documents:
                share = shares[move].get(order)
                if share:
                    goods.append((move, share.goods))
                    if move.move_type in CREDIT_TYPES:
                        credited += order._kehu_from_document(move, share.total)
            amounts[order] = order._kehu_uninvoiced(goods) if order.amount_total > 0 else min(order.amount_total + credited, 0.0)
        return amounts

    def _kehu_credit(self):
        """The credit of the customer of each of these orders, and what the order adds to it; only of those with a limit.

        :return: {order: {"customer": res.partner, "limit": …, "used": …, "amount": what an open order adds, 0.0 once it is confirmed}},
            in the currency of the order's company
        :rtype: dict[sale.order, dict]
        """
        found = {}
        today = fields.Date.context_today(self)
        # sudo: sale.order, res.partner - judged by the system; whoever shows it looks who sees the customer
        orders = self.sudo().filtered(lambda order: order.state in (*OPEN_STATES, "sale") and order._kehu_debtor())
        for company, mine in orders.grouped("company_id").items():
            if not company:
                continue
            debtors = {order: order._kehu_debtor()._origin for order in mine}
            customers = self.env["res.partner"].sudo().union(*debtors.values())  # sudo: see above
            limited = customers.filtered(lambda customer, company=company: customer._kehu_limit(company) > 0)
            figures = limited._kehu_credit_figures(company)
            for order, customer in debtors.items():
                if customer.id not in figures:
                    continue
                limit, used = figures[customer.id]
                amount = 0.0
                if order.state in OPEN_STATES and order.currency_id:
                    amount = order.currency_id._convert(order.amount_total, company.currency_id, company, today)
                found[order.with_env(self.env)] = {"customer": customer, "limit": limit, "used": used, "amount": amount}
        return found

    def _kehu_above_credit(self):
        """Those of these orders that are, or would be, above the limit, each with :meth:`_kehu_credit`; not what adds nothing."""
        return {
            order: credit
            for order, credit in self._kehu_credit().items()
            if (order.sudo().state == "sale" or credit["amount"] > 0)  # sudo: sale.order - state only
            and order.sudo().company_id.currency_id.compare_amounts(credit["used"] + credit["amount"], credit["limit"]) > 0  # sudo: same
        }

    @api.depends("state", "amount_total", "currency_id", "company_id", "kehu_customer_id", "partner_invoice_id.kehu_customer_id")
    def _compute_kehu_credit_alert(self):
        above = self.filtered(lambda order: order.state in OPEN_STATES)._kehu_above_credit()
        for order in self:
            order.kehu_credit_alert = (order.company_id.kehu_credit_action or "tell") if order in above else "none"

    def _search_kehu_credit_alert(self, operator, value):
        """Open orders of customers with a limit are looked at one by one; those of all others are within it."""
        if operator != "in":
            return NotImplemented
        values = set(value)
        found = self.browse()
        for company in self.env.companies:
            customers = self.env["res.partner"].with_company(company)
            # sudo: res.partner, sale.order - judged by the system; the search around this one looks at the rights
            limited = customers.sudo()._search([("kehu_is_customer", "=", True), ("credit_limit", ">", 0)])
            domain = Domain("company_id", "=", company.id) & Domain("state", "in", OPEN_STATES)
            domain &= Domain("kehu_customer_id", "in", limited) | Domain("partner_invoice_id.kehu_customer_id", "in", limited)
            found |= self.sudo().search(domain)  # sudo: see above
        found = found.filtered(lambda order: order.kehu_credit_alert != "none")
        if "none" not in values:
            return Domain("id", "in", found.filtered(lambda order: order.kehu_credit_alert in values).ids)
        return Domain("id", "not in", found.filtered(lambda order: order.kehu_credit_alert not in values).ids)

    @api.depends("kehu_credit_alert")
    @api.depends_context("uid", "lang")
    def _compute_kehu_credit_text(self):
        """Figures are for those who may see the customer; others only learn that there is a limit where it stops them."""
        found = self._kehu_credit()
        above = self.filtered(lambda order: order.kehu_credit_alert != "none")._kehu_above_credit()
        hidden = hidden_customers(self.env["res.partner"].union(*(credit["customer"].with_env(self.env) for credit in found.values())))
        for order in self:
            credit = found.get(order)
            shown = bool(credit) and credit["customer"].with_env(self.env) not in hidden
            order.kehu_has_credit_limit = shown
            order.kehu_credit_left = credit["limit"] - credit["used"] if shown else 0.0
            order.kehu_credit_text = order._kehu_credit_sentence(credit) if order in above else False

    def _kehu_credit_sentence(self, credit):
        """What to know and to do about this one order above the limit, in the reader's language; figures for who sees the customer."""
        self.ensure_one()
        order = self.sudo()  # sudo: res.company - name and currency for the sentence
        # the reader's own rights, also where the approval confirms as the system
        if hidden_customers(credit["customer"].with_env(self.env).sudo(False)):
            return self.env._(
                "“%(order)s” takes its customer above the credit limit. Ask finance.", order=order.display_name or self.env._("New")
            )
        over = credit["used"] + credit["amount"] - credit["limit"]
        words = {
            "order": order.display_name or self.env._("New"),
            "customer": credit["customer"].name,
            **{
                key: formatLang(self.env, value, currency_obj=order.company_id.currency_id)
                for key, value in {**{name: credit[name] for name in ("limit", "used", "amount")}, "over": over}.items()
            },
        }
        if order.state == "sale":
            return self.env._(
                "%(customer)s has a credit limit of %(limit)s, and with “%(order)s” %(used)s would be used: %(over)s too much. Collect "
                "money first, or ask finance to raise the limit.",
                **words,
            )
        return self.env._(
            "%(customer)s has a credit limit of %(limit)s, of which %(used)s is used; “%(order)s” adds %(amount)s, %(over)s too much. "
            "Collect money first, or ask finance to raise the limit.",
            **words,
        )

    def _kehu_credit_approval_sentence(self, credit):
        return self.env._(
            "%(reason)s Or have it approved above the limit: submit it; where no approval flow takes it, ask a CRM administrator.",
            reason=self._kehu_credit_sentence(credit),
        )

    def _kehu_ahead_partner_fields(self):
        return super()._kehu_ahead_partner_fields() | {"credit_limit"}

    # ------------------------------------------------------------------
    # One voice
    # ------------------------------------------------------------------

    @api.depends("kehu_customer_id", "partner_invoice_id.kehu_customer_id")
    def _compute_partner_credit_warning(self):
        """For customers of the CRM the banner of the CRM speaks, from figures that know down payments; the host's is for all others."""
        result = super()._compute_partner_credit_warning()
        self.filtered(lambda order: order._kehu_debtor()).partner_credit_warning = ""
        return result

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    def _kehu_credit_stops(self, approved_too=False):
        """Sentences about those of these orders that must not be confirmed, or stay confirmed, because of the limit.

        :param bool approved_too: whether orders that ask for approval and have none count
        :return: {order: sentence}
        """
        stops = {}
        actions = ("block", "approve") if approved_too else ("block",)
        # sudo: res.company - its rule, to judge; figures are asked for only where something may be stopped
        judged = self.filtered(lambda order: order.sudo().company_id.kehu_credit_action in actions)
        for order, credit in judged._kehu_above_credit().items():
            whole = order.sudo()  # sudo: sale.order, res.company - state and rule, to judge
            if whole.company_id.kehu_credit_action == "block":
                stops[order] = order._kehu_credit_sentence(credit)
            elif whole.kehu_approval_state != "approved":
                stops[order] = order._kehu_credit_approval_sentence(credit)
        return stops

    def _confirmation_error_message(self):
        error = super()._confirmation_error_message()
        return error or (self.sudo().state in OPEN_STATES and self._kehu_credit_stops().get(self)) or False  # sudo: state only

    def _kehu_lacks_approval(self):
        """Above the limit an order needs approval where the company says so, also when no flow caught it."""
        lacks = super()._kehu_lacks_approval()
        if lacks or self.sudo().state not in OPEN_STATES:  # sudo: sale.order - the guard holds for portal users too
            return lacks
        whole = self.sudo()  # sudo: see above
        return (
            whole.company_id.kehu_credit_action == "approve"
            and whole.kehu_approval_state != "approved"
            and self in self._kehu_above_credit()
        )

    def _kehu_approval_missing_text(self):
        text = super()._kehu_approval_missing_text()
        if self.sudo().state in OPEN_STATES and not self._kehu_find_flows()[self]:  # sudo: state only
            credit = self._kehu_above_credit().get(self)
            if credit:
                return self._kehu_credit_approval_sentence(credit)
        return text

    def _kehu_on_approved(self):
        """What was within the limit when it was submitted, and is above it now, takes the way of orders above it."""
        for order, credit in self._kehu_above_credit().items():
            if order.company_id.kehu_credit_action == "approve" and order._kehu_find_flows()[order] != order.kehu_request_id.flow_id:
                raise KehuCreditLimitError(
                    self.env._(
                        "%(reason)s It was within the limit when it was submitted: have it withdrawn and submitted again.",
                        reason=order._kehu_credit_sentence(credit),
                    )
                )
        return super()._kehu_on_approved()

    def _validate_order(self):
        """The customer has signed or paid on the portal: above the limit the salesperson goes on, the customer reads no figures."""
        stopped = self.browse().union(*self._kehu_credit_stops())
        for order in stopped.filtered("user_id"):
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Accepted by the customer, who is above the credit limit"),
                user_id=order.user_id.id,
            )
        return super(SaleOrder, self - stopped)._validate_order() if self - stopped else None

    def _is_confirmation_amount_reached(self):
        return super()._is_confirmation_amount_reached() and not self._kehu_credit_stops()

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        confirmed = orders.filtered(lambda order: order.state == "sale")
        confirmed._kehu_lock_credit()
        confirmed._kehu_check_credit()
        return orders

    def write(self, vals):
        becoming = self.browse()
        if vals.get("state") == "sale":
            becoming = self.filtered(lambda order: order.state != "sale")
            becoming._kehu_lock_credit()
        moving = {order: order._kehu_debtor() for order in self} if not vals.keys().isdisjoint(PARTNER_FIELDS) else {}
        result = super().write(vals)
        moved = self.browse().union(*(order for order, debtor in moving.items() if order._kehu_debtor() != debtor))
        moved = moved.filtered(lambda order: order.state == "sale")
        moved._kehu_lock_credit()
        (becoming | moved)._kehu_check_credit()
        return result

    def _kehu_check_credit(self):
        """Look at confirmed orders again, as they stand now: several confirmed at once may be too much together.

        :raises KehuCreditLimitError: for the first one above the limit
        """
        for sentence in self._kehu_credit_stops(approved_too=True).values():
            raise KehuCreditLimitError(sentence)

    def _kehu_lock_credit(self):
        """Let two who confirm, enlarge or move orders of one customer at the same moment not both take what is left.

        An update that changes nothing: whoever comes second starts again with what the first one left.
        """
        limited = set()
        for order in self.sudo():  # sudo: sale.order, res.partner - rule and limit, to judge
            debtor, company = order._kehu_debtor(), order.company_id
            if debtor and company.kehu_credit_action in ("approve", "block") and debtor._kehu_limit(company):
                limited.add(debtor.id)
        if limited:
            self.env.cr.execute(SQL("UPDATE res_partner SET kehu_is_customer = kehu_is_customer WHERE id IN %s", tuple(sorted(limited))))

    # a confirmed order that grows is judged as a new one is

    def _kehu_confirmed_totals(self):
        """{order: total} of those that are confirmed, in companies that do more than tell"""
        return {
            order: order.amount_total
            for order in self.sudo()  # sudo: sale.order - totals, to compare only
            if order.state == "sale" and order.company_id.kehu_credit_action in ("approve", "block")
        }

    def _kehu_check_growth(self, before):
        """:raises KehuCreditLimitError: when one grew above the limit; ``before``: see :meth:`_kehu_confirmed_totals`"""
        # sudo: sale.order - totals, to compare only
        grown = self.sudo().filtered(
            lambda order: order in before and order.currency_id.compare_amounts(order.amount_total, before[order]) > 0
        )
        grown._kehu_lock_credit()
        grown.with_env(self.env)._kehu_check_credit()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        totals = lines.order_id._kehu_confirmed_totals()
        if totals:
            added = {order: sum(mine.mapped("price_total")) for order, mine in lines.grouped("order_id").items()}
            lines.order_id._kehu_check_growth({order: total - added.get(order, 0.0) for order, total in totals.items()})
        return lines

    def write(self, vals):
        if vals.keys().isdisjoint(self._kehu_protected_line_fields()):
            return super().write(vals)
        orders = self.order_id
        before = orders._kehu_confirmed_totals()
        result = super().write(vals)
        orders._kehu_check_growth(before)
        return result
