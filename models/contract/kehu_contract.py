from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ..approval.guard import changed_fields
from ..approval.kehu_approval_mixin import ENGINE as APPROVAL_ENGINE
from ..approval.kehu_approval_mixin import ENGINE_FIELDS as APPROVAL_FIELDS
from ..sales.customer_access import check_claimed
from ..system.engine import is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_links_exist, check_types
from .exceptions import (
    KehuContractError,
    KehuContractInUseError,
    KehuContractNumberError,
    KehuContractRightError,
    KehuContractStateError,
)
from .res_company import check_remind_days

ENGINE = "contract"
# set by the steps of a contract, or computed: Odoo lets RPC write a stored computed column too
ENGINE_FIELDS = frozenset(
    {
        "state",
        "kehu_department_id",
        "expired_on",
        "terminated_on",
        "termination_reason",
        "remind_on",
        "reminded_for",
        "previous_id",
        "first_id",
    }
)
OPEN_STATES = ("draft", "pending", "rejected", "approved")  # not at its end
EDITABLE_STATES = ("draft", "rejected")
ENDED_STATES = ("expired", "terminated")
CLOSED_FIELDS = {"sign_date", "remind_days", "order_ids"}  # nothing to say any more once a contract has ended


class KehuContract(models.Model):
    """What we and a customer agree on: parties, period, amount, terms, and the orders that come under it.

    ========== ============ =====================================================================
    from       to           by
    ========== ============ =====================================================================
    draft      pending      kehu_submit
    rejected   pending      kehu_submit, after correction
    pending    draft        kehu_withdraw
    pending    rejected     kehu_reject
    pending    approved     kehu_approve: in force
    approved   draft        action_reopen: changed and approved anew
    approved   terminated   kehu_terminate: with a reason
    approved   expired      the day after the last one, by itself
    ========== ============ =====================================================================

    Only its approval puts a contract in force. In force, what was approved stays; the day it was signed, the reminder and further
    orders may still be entered. A contract that was once in force is never deleted.
    """

    _name = "kehu.contract"
    _description = "Contract"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "kehu.seen.links.mixin",
        "kehu.approval.mixin",
        "kehu.operation.log.mixin",
        "kehu.salesperson.mixin",
    ]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "title"]
    _kehu_seen_links = ("partner_id", "their_signatory_id", "third_party_id", "opportunity_id", "previous_id")

    name = fields.Char(
        string="Contract Number",
        required=True,
        copy=False,
        index="trigram",
        tracking=True,
        default=lambda self: self.env._("New"),
        help="The next number of the company, unless you type another one, such as that of the customer's paper.",
    )
    title = fields.Char(required=True, index="trigram", tracking=True, help="What the contract is about, as it stands on the paper.")
    type_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Contract Type",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain=[("dictionary", "=", "contract_type")],
        help="Sales, framework, service … The choices are kept in the business dictionary.",
    )
    type_color = fields.Integer(related="type_id.color", export_string_translation=False)
    # parties
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        ondelete="restrict",
        domain=[("kehu_is_customer", "=", True)],
        help="The customer who signs.",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Our Company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="The company of ours that signs, and numbers the contract.",
    )
    our_role = fields.Selection(
        [("party_a", "Party A"), ("party_b", "Party B")],
        string="We Are",
        required=True,
        default="party_b",
        help="Who sells is usually party B; the customer is the other one.",
    )
    third_party_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="A guarantor, agent or payer who signs too. Usually there is none.",
    )
    our_signatory_id = fields.Many2one(
        "res.users",
        string="Signs for Us",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who signs for our company.",
    )
    their_signatory_id = fields.Many2one(
        "res.partner",
        string="Signs for the Customer",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kehu_customer_id', '=', partner_id), ('id', '!=', partner_id)]",
        help="The contact who signs for the customer.",
    )
    # who looks after it
    user_id = fields.Many2one(
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who looks after this contract and is reminded of its end. Salespeople see their own contracts.",
    )
    # when
    sign_date = fields.Date(string="Signed On", copy=False, tracking=True, help="The day on which it was signed, often after its approval.")
    date_from = fields.Date(string="Valid From", required=True, copy=False, tracking=True, default=fields.Date.context_today)
    date_to = fields.Date(
        string="Valid Until",
        copy=False,
        index=True,
        tracking=True,
        help="The last day on which it holds. Empty: it holds until somebody terminates it.",
    )
    remind_days = fields.Integer(
        string="Remind Before",
        compute="_compute_remind_days",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
        help="So many days before the last one the salesperson is reminded, once (0: never).",
    )
    remind_on = fields.Date(compute="_compute_remind_on", store=True, index="btree_not_null", help="The day of the reminder.")
    reminded_for = fields.Date(copy=False, readonly=True, help="The last day of which somebody was reminded already.")
    # what
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
    )
    amount = fields.Monetary(tracking=True, help="Proposed from the orders. Zero for a framework without a fixed amount.")
    terms = fields.Html(help="What is agreed on, as it stands in the print. Tables and pictures can be pasted.")
    order_ids = fields.One2many(
        "sale.order",
        "kehu_contract_id",
        string="Quotes and Orders",
        help="Those that come under this contract. An order is in one contract at a time.",
    )
    order_count = fields.Integer(compute="_compute_orders", help="Quotes and orders that are not cancelled.")
    orders_amount = fields.Monetary(
        string="Orders Total",
        compute="_compute_orders",
        help="All quotes and orders that are not cancelled, in the currency of the contract.",
    )
    amount_difference = fields.Monetary(
        string="Difference",
        compute="_compute_orders",
        help="Amount of the contract less its orders. Negative: more was ordered than agreed.",
    )
    has_order = fields.Boolean(compute="_compute_orders", search="_search_has_order", help="At least one quote or order is in it.")
    opportunity_id = fields.Many2one(
        "crm.lead",
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        domain="[('type', '=', 'opportunity'), ('kehu_customer_id', '=', partner_id)]",
        help="The opportunity that led to this contract.",
    )
    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="Attachments",
        domain=[("res_model", "=", "kehu.contract"), ("res_field", "=", False)],
        help="Scans and drafts, as they hang on the contract.",
    )
    # life
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("pending", "Pending"),
            ("rejected", "Rejected"),
            ("approved", "In Force"),
            ("expired", "Expired"),
            ("terminated", "Terminated"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
        index=True,
        help="Draft, rejected: can be changed. Pending: waits for a decision. In force: approved. Expired: its last day is "
        "over. Terminated: ended before that.",
    )
    expired_on = fields.Date(copy=False, readonly=True, help="The first day on which it did not hold any more.")
    terminated_on = fields.Date(copy=False, readonly=True, help="The day on which it was terminated.")
    termination_reason = fields.Text(copy=False, readonly=True, help="Why it was ended before its time.")
    # renewal
    previous_id = fields.Many2one(
        "kehu.contract",
        string="Renews",
        copy=False,
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The contract that this one follows on.",
    )
    renewal_ids = fields.One2many("kehu.contract", "previous_id", string="Renewed By")
    first_id = fields.Many2one(
        "kehu.contract",
        string="First of the Chain",
        compute="_compute_first_id",
        recursive=True,
        store=True,
        index="btree_not_null",
        ondelete="set null",
        help="The contract with which the chain of renewals began.",
    )
    chain_ids = fields.Many2many("kehu.contract", compute="_compute_chain_ids", help="All contracts of the chain that you may see.")

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "Another contract of this company has that number already. Choose another number."
    )
    _renewal_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL AND state IS DISTINCT FROM 'terminated'",
        "This contract is renewed already. Open its renewal.",
    )
    _list_idx = models.Index("(date_from DESC, id DESC)")

    # ------------------------------------------------------------
    # Defaults and computes
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """What the system sets has no default, neither from the context nor among those that users save for themselves."""
        return super().default_get([name for name in fields if name not in ENGINE_FIELDS])

    @api.depends("name", "title")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " ".join(part for part in (contract.name, contract.title) if part)

    @api.depends("company_id")
    def _compute_remind_days(self):
        for contract in self:
            contract.remind_days = contract.company_id.kehu_contract_remind_days

    @api.depends("date_to", "remind_days")
    def _compute_remind_on(self):
        for contract in self:
            days = contract.remind_days
            early = contract.date_to and contract.date_to.toordinal() <= days  # before there were days
            contract.remind_on = contract.date_to and days > 0 and not early and contract.date_to - timedelta(days=days)

    @api.depends("company_id")
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = contract.currency_id or contract.company_id.currency_id

    @api.depends("order_ids.amount_total", "order_ids.state", "amount", "currency_id")
    def _compute_orders(self):
        """The whole of the contract, also where some of its orders are not shown to the reader: one query, whatever their number."""
        # sudo: sale.order - who reads a contract knows how much of it is ordered
        orders = self.env["sale.order"].sudo()
        rows = orders._read_group(
            [("kehu_contract_id", "in", self._origin.ids), ("state", "!=", "cancel")],
            ["kehu_contract_id", "currency_id"],
            ["amount_total:sum", "__count"],
        )
        saved = {}
        for contract, currency, amount, count in rows:
            saved.setdefault(contract.id, []).append((currency, amount, count))
        today = fields.Date.context_today(self)
        for contract in self:
            if contract.id:
                parts = saved.get(contract.id, [])
            else:  # a form that is not saved yet
                live = contract.order_ids.filtered(lambda order: order.state != "cancel")
                parts = [(order.currency_id, order.amount_total, 1) for order in live]
            # sudo: res.currency, res.company - rates
            target, company = contract.currency_id.sudo(), contract.company_id.sudo()
            contract.order_count = sum(count for _currency, _amount, count in parts)
            contract.has_order = bool(contract.order_count)
            contract.orders_amount = sum(
                amount if currency == target or not target else currency._convert(amount, target, company or self.env.company, today)
                for currency, amount, _count in parts
            )
            contract.amount_difference = contract.amount - contract.orders_amount

    def _search_has_order(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("order_ids", "any!", [("state", "!=", "cancel")])
        return found if True in value else ~found

    @api.depends("kehu_approval_state", "expired_on", "terminated_on")
    def _compute_state(self):
        for contract in self:
            state = contract.kehu_approval_state or "draft"
            if state == "approved" and contract.terminated_on:
                state = "terminated"
            elif state == "approved" and contract.expired_on:
                state = "expired"
            contract.state = state

    @api.depends("previous_id.first_id")
    def _compute_first_id(self):
        for contract in self:
            contract.first_id = contract.previous_id.first_id or contract.previous_id

    @api.depends("first_id", "renewal_ids")
    def _compute_chain_ids(self):
        firsts = {contract: (contract.first_id or contract)._origin for contract in self}
        ids = [first.id for first in firsts.values() if first.id]
        chain = self.search(Domain("id", "in", ids) | Domain("first_id", "in", ids), order="date_from, id")
        # sudo: kehu.contract - which chain each belongs to
        by_first = chain.sudo().grouped(lambda contract: contract.first_id.id or contract.id)
        for contract in self:
            members = by_first.get(firsts[contract].id, self.browse())
            contract.chain_ids = members.sudo(False) if len(members) > 1 else False

    # ------------------------------------------------------------
    # While typing
    # ------------------------------------------------------------

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """What belongs to another customer goes."""
        customer = self.partner_id
        if self.their_signatory_id.kehu_customer_id != customer:
            self.their_signatory_id = False
        if self.opportunity_id.kehu_customer_id != customer:
            self.opportunity_id = False

    @api.onchange("order_ids")
    def _onchange_order_ids(self):
        """The amount follows the orders until somebody types another one; orders of one currency bring theirs."""
        if self._origin.state not in (False, *EDITABLE_STATES):
            return
        before = self._origin.orders_amount if self._origin else 0.0
        live = self.order_ids.filtered(lambda order: order.state != "cancel")
        if not self.amount and len(live.currency_id) == 1:
            self.currency_id = live.currency_id
        if not self.amount or not self.currency_id.compare_amounts(self.amount, before):
            self.amount = self.orders_amount

    # ------------------------------------------------------------
    # What a contract must satisfy
    # ------------------------------------------------------------

    @api.constrains("date_from", "date_to", "sign_date")
    def _check_dates(self):
        for contract in self:
            if contract.date_to and contract.date_to < contract.date_from:
                raise KehuContractError(
                    self.env._(
                        "Contract %(contract)s ends on %(end)s, before it begins on %(begin)s. Correct one of the two days.",
                        contract=contract.name,
                        begin=format_date(self.env, contract.date_from),
                        end=format_date(self.env, contract.date_to),
                    )
                )
            if contract.sign_date and contract.date_to and contract.sign_date > contract.date_to:
                raise KehuContractError(
                    self.env._(
                        "Contract %(contract)s cannot be signed on %(signed)s, after its last day, %(end)s. Correct one of the two days.",
                        contract=contract.name,
                        signed=format_date(self.env, contract.sign_date),
                        end=format_date(self.env, contract.date_to),
                    )
                )

    @api.constrains("amount", "remind_days")
    def _check_numbers(self):
        for contract in self:
            check_remind_days(contract, contract.remind_days)
            if contract.currency_id.compare_amounts(contract.amount, 0.0) < 0:
                raise KehuContractError(
                    self.env._("The amount of contract %(contract)s is less than zero. Enter what was agreed on.", contract=contract.name)
                )

    @api.constrains("type_id")
    def _check_type(self):
        for contract in self:
            if contract.type_id and contract.type_id.dictionary != "contract_type":
                raise KehuContractError(
                    self.env._(
                        "“%(word)s” is no contract type: it is a choice of another drop-down. Choose one from the list.",
                        word=contract.type_id.name,
                    )
                )

    @api.constrains("partner_id", "their_signatory_id", "third_party_id", "opportunity_id")
    def _check_parties(self):
        for contract in self.sudo():  # sudo: res.partner, crm.lead - whom they belong to, whoever looks
            customer = contract.partner_id
            if not customer.kehu_is_customer:
                raise KehuContractError(
                    self.env._(
                        "“%(partner)s” is not a customer of the CRM. Choose a customer, or make it one first.",
                        partner=customer.complete_name,
                    )
                )
            if contract.third_party_id == customer:
                raise KehuContractError(
                    self.env._(
                        "“%(partner)s” is the customer of contract %(contract)s and not a third party. Choose another one, or none.",
                        partner=customer.complete_name,
                        contract=contract.name,
                    )
                )
            if contract.their_signatory_id and contract.their_signatory_id.kehu_customer_id != customer:
                raise KehuContractError(
                    self.env._(
                        "“%(contact)s” does not belong to “%(customer)s” and cannot sign for it. Choose a contact of this customer.",
                        contact=contract.their_signatory_id.name,
                        customer=customer.name,
                    )
                )
            if contract.opportunity_id and contract.opportunity_id.kehu_customer_id != customer:
                raise KehuContractError(
                    self.env._(
                        "“%(opportunity)s” is no opportunity of “%(customer)s”. Choose one of this customer, or none.",
                        opportunity=contract.opportunity_id.name,
                        customer=customer.name,
                    )
                )

    @api.constrains("user_id", "our_signatory_id", "company_id")
    def _check_users(self):
        for contract in self.sudo():  # sudo: res.users - whether they work here
            for user in contract.user_id | contract.our_signatory_id:
                if user.share or not user.active or contract.company_id not in user.company_ids:
                    raise KehuContractError(
                        self.env._(
                            "%(user)s does not work for %(company)s and can neither sign contract %(contract)s nor look after it. Choose "
                            "somebody who does.",
                            user=user.name,
                            company=contract.company_id.name,
                            contract=contract.name,
                        )
                    )

    @api.constrains("partner_id", "company_id")
    def _check_orders(self):
        self.sudo().order_ids._kehu_check_contract()  # sudo: sale.order - those of colleagues too

    def _kehu_check_numbers(self, wanted):
        """Say in a sentence what the database would refuse in its own words.

        :param list wanted: (id of the company, number) pairs
        :raises KehuContractNumberError: for one that is empty, or that another contract bears, whoever may see that one
        """
        if not all(number for _company_id, number in wanted):
            raise KehuContractNumberError(self.env._("A contract needs a number. Type one."))
        # sudo: kehu.contract - numbers of all, nothing else is looked at
        others = self.sudo().search([("name", "in", [number for _company_id, number in wanted]), ("id", "not in", self.ids)])
        taken = {(other.company_id.id, other.name) for other in others}
        for company_id, number in wanted:
            if (company_id, number) in taken:
                raise KehuContractNumberError(
                    self.env._(
                        "Another contract of %(company)s has the number %(number)s already. Type another one, or leave it empty and take "
                        "the next.",
                        company=self.env["res.company"].browse(company_id).sudo().name,  # sudo: res.company - its name
                        number=number,
                    )
                )
            taken.add((company_id, number))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._kehu_check_values(vals)
        check_links_exist(self, vals_list, KehuContractError)
        given = self.default_get(["name", "partner_id"])
        for vals in vals_list:
            number = vals.get("name", given.get("name"))
            vals["name"] = number.strip() if isinstance(number, str) else ""
        self._kehu_number(vals_list)
        contracts = super().create(vals_list)
        if not self.env.su:
            check_claimed(contracts.partner_id)
        for contract, vals in zip(contracts, vals_list, strict=True):
            if "amount" not in vals and not contract.amount and contract.order_count:
                contract.amount = contract.orders_amount
        return contracts

    def write(self, vals):
        if not is_engine(self.env, ENGINE) and not is_engine(self.env, APPROVAL_ENGINE):
            self._kehu_check_values(vals)
            check_links_exist(self, [vals], KehuContractError)
            closed = CLOSED_FIELDS & vals.keys()
            for contract in self:
                # sudo: kehu.contract - the guard holds for those who cannot read it
                if closed and contract.sudo().state in ENDED_STATES and changed_fields(contract, vals, closed):
                    contract._kehu_raise_frozen()
        if "name" in vals:
            vals = {**vals, "name": vals["name"].strip() if isinstance(vals["name"], str) else ""}
        if "name" in vals or "company_id" in vals:
            # what is frozen says so itself
            open_ones = self.filtered(lambda contract: contract.state in EDITABLE_STATES)
            open_ones._kehu_check_numbers(
                [(vals.get("company_id", contract.company_id.id), vals.get("name", contract.name)) for contract in open_ones]
            )
        if "user_id" in vals and not self.env.su and any(contract.user_id.id != vals["user_id"] for contract in self):
            self._kehu_check_may_reassign()
        partners = self.partner_id if "partner_id" in vals else self.env["res.partner"]
        result = super().write(vals)
        if "partner_id" in vals and not self.env.su:
            check_claimed(self.partner_id - partners)
        return result

    def _kehu_check_values(self, vals):
        """Refuse what no field holds, and what the system sets.

        :raises KehuContractError: naming the field
        :raises KehuEngineOnlyError: see above
        """
        for name in sorted((ENGINE_FIELDS | APPROVAL_FIELDS) & vals.keys()):
            if self or (vals[name] and vals[name] != "draft"):
                raise KehuEngineOnlyError(
                    self.env._(
                        "“%(field)s” of a contract is set by the system. Use the buttons of the contract instead.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )
        check_types(self, vals, KehuContractError)

    def _kehu_number(self, vals_list):
        """Fill in the next number of the company where none is given; numbers that somebody has typed are passed over."""
        home = self.default_get(["company_id"]).get("company_id") or self.env.company.id
        waiting = [vals for vals in vals_list if vals["name"] in ("", "New", self.env._("New"))]
        sequences = self.env["res.company"].browse({vals.get("company_id") or home for vals in waiting})._kehu_contract_sequences()
        # sudo: kehu.contract - numbers of all
        contracts = self.sudo()
        for vals in waiting:
            company_id = vals.get("company_id") or home
            sequence = sequences[self.env["res.company"].browse(company_id)]
            number = sequence.next_by_id()
            while contracts.search_count([("company_id", "=", company_id), ("name", "=", number)], limit=1):
                number = sequence.next_by_id()
            vals["name"] = number
        self._kehu_check_numbers([(vals.get("company_id") or home, vals["name"]) for vals in vals_list])

    def _kehu_check_may_reassign(self):
        if not self.env.user.has_group("kehu_crm.group_kehu_manager"):
            raise KehuContractRightError(
                self.env._("Only a sales manager may give contract %(contract)s to another salesperson.", contract=self[:1].name)
            )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_signed(self):
        """What was once in force is kept, also when it was reopened since."""
        if is_uninstalling(self.env):
            return
        # sudo: kehu.approval.request - whether they were ever approved
        approved = self.env["kehu.approval.request"].sudo()
        approved = approved.search([("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "=", "approved")], limit=1)
        for contract in self.browse(approved.res_id):
            raise KehuContractInUseError(
                self.env._(
                    "Contract %(contract)s was in force once, and is kept. Terminate it, if it holds no more.",
                    contract=contract.sudo().name,  # sudo: kehu.contract - its number, for the sentence
                )
            )

    # ------------------------------------------------------------
    # Approval: hooks of the mixin
    # ------------------------------------------------------------

    def action_kehu_submit(self):
        self._kehu_check_flow()
        return super().action_kehu_submit()

    def kehu_submit(self, approver_id=None, comment=None):
        """Submit contracts for approval; it puts them in force. See the mixin."""
        self._kehu_check_flow()
        check_claimed(self.partner_id)
        return super().kehu_submit(approver_id=approver_id, comment=comment)

    def _kehu_check_flow(self):
        """A contract comes in force by its approval only, so one without a flow goes nowhere.

        :raises KehuContractStateError: naming what is missing
        """
        self.check_access("read")
        for contract, flow in self._kehu_find_flows().items():
            if not flow and contract.state in EDITABLE_STATES:
                raise KehuContractStateError(contract._kehu_no_flow_text())

    def _kehu_no_flow_text(self):
        self.ensure_one()
        return self.env._(
            "Contract %(contract)s cannot be submitted: there is no active approval flow for it. Ask a CRM administrator to activate one "
            "under Configuration, Approval Flows.",
            contract=self.name,
        )

    def _kehu_get_hint(self):
        """Where the button to submit would be, say why it is not there."""
        if self._origin.state in EDITABLE_STATES and not self.kehu_approval_required:
            return self._origin._kehu_no_flow_text()
        return super()._kehu_get_hint()

    def _kehu_keeps_files(self):
        """What was approved is what both have signed: its drafts and the pictures in its terms stay as well."""
        return super()._kehu_keeps_files() or self.kehu_approval_state == "approved"

    def _kehu_protected_fields(self):
        return super()._kehu_protected_fields() | {
            "amount",
            "company_id",
            "currency_id",
            "date_from",
            "date_to",
            "name",
            "opportunity_id",
            "our_role",
            "our_signatory_id",
            "partner_id",
            "terms",
            "their_signatory_id",
            "third_party_id",
            "title",
            "type_id",
        }

    def _kehu_pending_fields(self):
        """What may be entered once the contract is in force; the orders look after themselves, see ``sale.order``."""
        return super()._kehu_pending_fields() | {"remind_days", "sign_date"}

    def _kehu_technical_fields(self):
        """That it was signed after its approval is no change of what was approved."""
        return super()._kehu_technical_fields() | {"remind_days", "sign_date"}

    def _kehu_submit_error(self):
        if self.date_to and self.date_to < self.company_id._kehu_today():
            return self.env._("Its last day, %(day)s, is over. Correct the period.", day=format_date(self.env, self.date_to))
        return super()._kehu_submit_error()

    def _kehu_approval_subject(self):
        self.ensure_one()
        return f"{self.partner_id.display_name} · {format_amount(self.env, self.amount, self.currency_id)}"

    @api.depends("date_to", "company_id")
    def _compute_kehu_can(self):
        return super()._compute_kehu_can()

    @api.depends("date_to", "company_id")
    def _compute_kehu_approval_hint(self):
        return super()._compute_kehu_approval_hint()

    def _kehu_new_round_text(self):
        if self.state in ENDED_STATES:
            return self.env._("It has ended: renew it, or make a new one.")
        return self.env._("It is in force: reopen it, change it and submit it again.")
