from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_amount, format_date

from ..approval.guard import changed_fields
from ..system.engine import is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_days, check_links_exist, check_types
from .exceptions import (
    KehuInstalmentError,
    KehuInstalmentPaidError,
    KehuInstalmentRightError,
    KehuInstalmentStateError,
)

ENGINE = "instalment"
# set by the system, or computed: Odoo lets RPC write a stored computed column too
ENGINE_FIELDS = frozenset(
    {
        "partner_id",
        "user_id",
        "kehu_department_id",
        "company_id",
        "currency_id",
        "amount_received",
        "amount_due",
        "settlement",
        "in_force",
        "remind_on",
        "reminded_for",
        "overdue_told_for",
        "activity_id",
    }
)
AGREED_FIELDS = {"order_id", "contract_id", "percent", "amount", "date_due"}
OPEN_SETTLEMENTS = ("waiting", "partial")
MOST_REMIND_DAYS = 3650


def check_plan_remind_days(records, days):
    """:raises KehuInstalmentError: when nobody could be reminded so many days before"""
    if not 0 <= days <= MOST_REMIND_DAYS:
        raise KehuInstalmentError(
            records.env._(
                "The reminder comes 0 to %(most)s days before money is due; %(days)s is not possible. 0 means no reminder.",
                most=MOST_REMIND_DAYS,
                days=days,
            )
        )


class KehuInstalment(models.Model):
    """One part of the payment plan of an order or a contract: how much is to come, and when.

    The parts of a plan add up to their document. What came is read from the ledger, see :meth:`_compute_money`; nobody types it in.

    ======== ==================================================================================
    state    when
    ======== ==================================================================================
    waiting  nothing came yet, and it is not late (or the document is not in force yet)
    partial  some of it came, and it is not late
    overdue  in force, something is open, and its day is over
    paid     nothing is open any more
    void     the order was cancelled, the contract terminated, or all of it credited
    ======== ==================================================================================

    While a document waits for approval its plan is frozen with its figures. Once it is in force, parts on which no money came may be
    agreed anew, as the world does; the sum stays, and each change is posted on the document.
    """

    _name = "kehu.instalment"
    _description = "Instalment"
    _inherit = ["kehu.seen.links.mixin"]
    _order = "date_due, sequence, id"
    _rec_names_search = ["name", "order_id.name", "contract_id.name"]
    _kehu_seen_links = ("order_id", "contract_id")

    order_id = fields.Many2one(
        "sale.order", index="btree_not_null", ondelete="cascade", help="The order that this is a part of; or it is one of a contract."
    )
    contract_id = fields.Many2one(
        "kehu.contract", index="btree_not_null", ondelete="cascade", help="The contract that this is a part of; or it is one of an order."
    )
    sequence = fields.Integer(default=10, help="Order of parts that are due on the same day.")
    name = fields.Char(string="Instalment", help="What it is for, such as down payment, delivery, acceptance, warranty.")
    percent = fields.Float(
        string="Per Cent",
        digits=(16, 4),
        aggregator=None,
        help="Part of the order or contract; the amount follows it. 0: the amount is agreed as such.",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What is to come. By per cent, the last part takes what rounding leaves over.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_document", store=True, precompute=True)
    date_due = fields.Date(string="Due On", required=True, index=True, help="The day on which the money should have come.")
    # whose: copied from the document, so that a list of many is one query
    partner_id = fields.Many2one(
        "res.partner", string="Customer", compute="_compute_document", store=True, precompute=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users", string="Salesperson", compute="_compute_document", store=True, precompute=True, index="btree_not_null"
    )
    kehu_department_id = fields.Many2one(
        "hr.department", string="Department", compute="_compute_document", store=True, precompute=True, index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", compute="_compute_document", store=True, precompute=True, index=True)
    # money
    amount_received = fields.Monetary(
        string="Received",
        compute="_compute_money",
        store=True,
        help="Money of the order or contract that covers this part: what was received for it by name, and else the oldest part first.",
    )
    amount_due = fields.Monetary(
        string="Due", compute="_compute_money", store=True, help="What is still to come. Credit lessens the last parts first."
    )
    settlement = fields.Selection(
        [("waiting", "Waiting"), ("partial", "Partly Paid"), ("paid", "Paid"), ("void", "Void")],
        compute="_compute_money",
        store=True,
        export_string_translation=False,
        help="The state without the calendar.",
    )
    in_force = fields.Boolean(
        compute="_compute_money", store=True, help="The order is confirmed, or the contract approved: the customer owes this part."
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("partial", "Partly Paid"), ("overdue", "Overdue"), ("paid", "Paid"), ("void", "Void")],
        string="Status",
        compute="_compute_state",
        search="_search_state",
        help="Waiting, partly paid, paid: by the money that came. Overdue: something is open and the day is over. Void: cancelled, "
        "terminated or credited.",
    )
    days_overdue = fields.Integer(compute="_compute_state", aggregator=None, help="Days since the due date, today in your time zone.")
    # reminder
    remind_days = fields.Integer(
        string="Remind Before",
        default=3,
        aggregator=None,
        help="So many days before it is due the salesperson gets a to-do, once (0: never).",
    )
    remind_on = fields.Date(compute="_compute_remind_on", store=True, help="The day of the reminder.")
    reminded_for = fields.Date(copy=False, readonly=True, help="The due day of which somebody was reminded already.")
    overdue_told_for = fields.Date(copy=False, readonly=True, help="The due day of which somebody was told that it is over.")
    activity_id = fields.Many2one("mail.activity", copy=False, readonly=True, index="btree_not_null", ondelete="set null")

    _one_document = models.Constraint(
        "CHECK ((order_id IS NULL) <> (contract_id IS NULL))",
        "An instalment is part of an order or of a contract, and of one of them only.",
    )
    _open_idx = models.Index("(date_due, sequence, id) WHERE settlement IN ('waiting', 'partial')")
    _remind_idx = models.Index("(remind_on) WHERE settlement IN ('waiting', 'partial') AND in_force AND remind_on IS NOT NULL")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "order_id.name", "contract_id.name")
    def _compute_display_name(self):
        for part in self:
            document = part.sudo()._kehu_document()  # sudo: sale.order, kehu.contract - the number of the own document
            part.display_name = " · ".join(text for text in (document.name, part.name) if text)

    def _kehu_document(self):
        """:return: the order or the contract of this one part; an empty order while there is none"""
        self.ensure_one()
        return self.contract_id or self.order_id

    @api.depends(
        "order_id.kehu_customer_id",
        "order_id.partner_id",
        "order_id.user_id",
        "order_id.kehu_department_id",
        "order_id.company_id",
        "order_id.currency_id",
        "contract_id.partner_id",
        "contract_id.user_id",
        "contract_id.kehu_department_id",
        "contract_id.company_id",
        "contract_id.currency_id",
    )
    def _compute_document(self):
        for part in self:
            document = part._kehu_document()
            order = part.order_id
            part.partner_id = part.contract_id.partner_id or order.kehu_customer_id or order.partner_id
            part.user_id = document.user_id
            part.kehu_department_id = document.kehu_department_id
            part.company_id = document.company_id
            part.currency_id = document.currency_id

    @api.depends("percent", "order_id.amount_total", "contract_id.amount")
    def _compute_amount(self):
        """By per cent of the document. A plan all by per cent adds up to it exactly: the last part takes the rest.

        E.g. three parts of 33.3333, 33.3333 and 33.3334 per cent of 100.00: 33.33, 33.33 and 33.34.
        """
        last_parts = {document: document._kehu_plan()[-1:] for document in self._kehu_documents() if document._kehu_is_all_percent()}
        for part in self:
            document = part._kehu_document()
            if not part.percent or not document:
                part.amount = part.amount or 0.0
                continue
            total, currency = document._kehu_plan_total(), document.currency_id
            part.amount = currency.round(total * part.percent / 100.0)
            if part == last_parts.get(document):
                others = document._kehu_plan() - part
                part.amount = currency.round(total - sum(currency.round(total * other.percent / 100.0) for other in others))

    def _kehu_documents(self):
        """:return: the orders and contracts of these parts, each once"""
        return [*self.order_id, *self.contract_id]

    @api.depends(
        "amount",
        "date_due",
        "sequence",
        "order_id.state",
        "order_id.kehu_amount_received",
        "order_id.kehu_amount_due",
        "order_id.kehu_instalment_ids.amount",
        "order_id.kehu_instalment_ids.date_due",
        "order_id.kehu_instalment_ids.sequence",
        "contract_id.state",
        "contract_id.kehu_instalment_ids.amount",
        "contract_id.kehu_instalment_ids.date_due",
        "contract_id.kehu_instalment_ids.sequence",
        "contract_id.order_ids.state",
        "contract_id.order_ids.amount_total",
        "contract_id.order_ids.kehu_amount_received",
        "contract_id.order_ids.kehu_amount_due",
    )
    def _compute_money(self):
        """Cover the parts with what the ledger says came for the document; see :func:`.tools.instalments.cover`."""
        covered = {}
        documents = self._kehu_documents()
        named = self.union(*(document.kehu_instalment_ids for document in documents))._kehu_named_money()
        for document in documents:
            covered.update(document._kehu_cover_plan(named))
        for part in self:
            document = part._kehu_document()
            money = covered.get(part)
            currency = document.currency_id or self.env.company.currency_id
            part.amount_received = money.received if money else 0.0
            part.amount_due = money.due if money else part.amount
            part.in_force = bool(document) and document._kehu_plan_in_force()
            part.settlement = "waiting"
            if money and currency.is_zero(money.due) and (part.in_force or money.received):
                part.settlement = "void" if money.waived and currency.is_zero(money.received) else "paid"
            elif document and document._kehu_plan_is_void():
                part.settlement = "void"
            elif money and not currency.is_zero(money.received):
                part.settlement = "partial"

    @api.depends("settlement", "in_force", "date_due")
    @api.depends_context("tz")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for part in self:
            late = part.settlement in OPEN_SETTLEMENTS and part.in_force and part.date_due and part.date_due < today
            part.state = "overdue" if late else part.settlement
            part.days_overdue = (today - part.date_due).days if late else 0

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        late = Domain("settlement", "in", OPEN_SETTLEMENTS) & Domain("in_force", "=", True) & Domain("date_due", "<", today)
        found = Domain.FALSE
        for state in value:
            if state == "overdue":
                found |= late
            elif state in OPEN_SETTLEMENTS:
                found |= Domain("settlement", "=", state) & ~late
            else:
                found |= Domain("settlement", "=", state)
        return found

    def _field_to_sql(self, alias, field_expr, query=None):
        """Group and sort by the state as it is at this moment."""
        if field_expr != "state":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "CASE WHEN %(settlement)s IN ('waiting', 'partial') AND %(in_force)s AND %(date_due)s < %(today)s THEN 'overdue' "
            "ELSE %(settlement)s END",
            settlement=super()._field_to_sql(alias, "settlement", query),
            in_force=super()._field_to_sql(alias, "in_force", query),
            date_due=super()._field_to_sql(alias, "date_due", query),
            today=fields.Date.context_today(self),
        )

    @api.depends("date_due", "remind_days")
    def _compute_remind_on(self):
        for part in self:
            part.remind_on = part.date_due and part.remind_days > 0 and part.date_due - timedelta(days=part.remind_days)

    # ------------------------------------------------------------------
    # While typing
    # ------------------------------------------------------------------

    @api.onchange("amount")
    def _onchange_amount(self):
        """Who types an amount agrees on an amount, not on a per cent any more."""
        document = self._kehu_document()
        if self.percent and document:
            by_percent = document._kehu_plan_total() * self.percent / 100.0
            slack = document.currency_id.rounding * (len(document._kehu_plan()) + 1)
            if abs(self.amount - by_percent) > slack:
                self.percent = 0.0

    # ------------------------------------------------------------------
    # What a part must satisfy
    # ------------------------------------------------------------------

    @api.constrains("percent", "amount", "remind_days")
    def _check_numbers(self):
        for part in self:
            check_plan_remind_days(part, part.remind_days)
            if not 0.0 <= part.percent <= 100.0:
                raise KehuInstalmentError(
                    self.env._(
                        "“%(instalment)s” is %(percent)s per cent. A part is between 0 and 100 per cent of its order or contract.",
                        instalment=part.display_name,
                        percent=part.percent,
                    )
                )
            if part.amount < 0 or (not part.percent and part.currency_id.is_zero(part.amount)):
                raise KehuInstalmentError(
                    self.env._(
                        "“%(instalment)s” has no amount. Enter what is to come, or a per cent, or remove the part.",
                        instalment=part.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """What the system sets has no default, neither from the context nor among those that users save for themselves."""
        return super().default_get([name for name in fields if name not in ENGINE_FIELDS])

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        defaults = self.default_get(["order_id", "contract_id", "date_due"])
        for vals in vals_list:
            self._kehu_check_values(vals)
            if not (vals.get("date_due") or defaults.get("date_due")):
                raise KehuInstalmentError(self.env._("An instalment needs a due day. Enter when the money is to come."))
            if vals.get("order_id", defaults.get("order_id")) and vals.get("contract_id", defaults.get("contract_id")):
                raise KehuInstalmentError(self.env._("An instalment is part of an order or of a contract, and of one of them only."))
            if not (vals.get("order_id", defaults.get("order_id")) or vals.get("contract_id", defaults.get("contract_id"))):
                raise KehuInstalmentError(self.env._("An instalment is part of an order or of a contract. Choose one."))
            if vals.get("percent"):
                vals.pop("amount", None)
        check_links_exist(self, vals_list, KehuInstalmentError)
        orders = self.env["sale.order"].browse({vals.get("order_id", defaults.get("order_id")) for vals in vals_list} - {False, None})
        contracts = self.env["kehu.contract"].browse(
            {vals.get("contract_id", defaults.get("contract_id")) for vals in vals_list} - {False, None}
        )
        documents = [*orders, *contracts]
        for document in documents:
            document._kehu_check_plan_open()
        before = self._kehu_money_before(documents)
        self._kehu_name(vals_list, defaults)
        parts = super().create(vals_list)
        parts._kehu_after_change(documents, before)
        return parts

    def write(self, vals):
        if is_engine(self.env, ENGINE):
            return super().write(vals)
        self._kehu_check_values(vals)
        check_links_exist(self, [vals], KehuInstalmentError)
        if vals.get("percent"):
            vals = {name: value for name, value in vals.items() if name != "amount"}
        elif "amount" in vals and "percent" not in vals:
            by_percent = self.filtered(lambda part: part.percent and "amount" in changed_fields(part, vals, {"amount"}))
            if by_percent:
                super(KehuInstalment, by_percent).write({"percent": 0.0})
        changing = self.filtered(lambda part: changed_fields(part, vals, AGREED_FIELDS))
        documents = changing._kehu_documents()
        documents += [
            document
            for document in (
                *self.env["sale.order"].browse(vals.get("order_id") or False),
                *self.env["kehu.contract"].browse(vals.get("contract_id") or False),
            )
            if document not in documents
        ]
        for document in documents:
            document._kehu_check_plan_open()
        for part in changing:
            part._kehu_check_unpaid()
        before = changing._kehu_money_before(documents)
        result = super().write(vals)
        changing._kehu_after_change(documents, before)
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_paid(self):
        if is_uninstalling(self.env):
            return
        for document in self._kehu_documents():
            document._kehu_check_plan_open()
        for part in self:
            part._kehu_check_unpaid()

    def unlink(self):
        documents = self._kehu_documents()
        before = (self.env[self._name].union(*(document._kehu_plan() for document in documents)) - self)._kehu_money_before(documents)
        self.sudo().activity_id.unlink()  # sudo: mail.activity - the reminder of what is planned no more
        result = super().unlink()
        self.browse()._kehu_after_change(documents, before)
        return result

    def _kehu_check_values(self, vals):
        """Refuse what no field holds, and what the system sets.

        :raises KehuInstalmentError: naming the field
        :raises KehuEngineOnlyError: see above
        """
        for name in sorted(ENGINE_FIELDS & vals.keys()):
            if self or vals[name]:
                raise KehuEngineOnlyError(
                    self.env._(
                        "“%(field)s” of an instalment is set by the system: money comes by receipts, the rest from its document.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )
            vals.pop(name)
        check_types(self, vals, KehuInstalmentError)
        check_days(self, vals, KehuInstalmentError, ("date_due",))
        if self and any(name in vals and not vals[name] for name in ("date_due",)):
            raise KehuInstalmentError(self.env._("An instalment needs a due day. Enter when the money is to come."))

    @api.model
    def _kehu_refuse_link(self, name):
        raise KehuInstalmentRightError(
            self.env._("This order or contract is not yours to plan. Ask its salesperson or their manager to enter the instalment.")
        )

    def _kehu_name(self, vals_list, defaults):
        """Number the parts that nobody has named."""
        counts = {}
        for vals in vals_list:
            key = (vals.get("order_id", defaults.get("order_id")), vals.get("contract_id", defaults.get("contract_id")))
            if key not in counts:
                # sudo: kehu.instalment - how many there are
                counts[key] = self.sudo().search_count([("order_id", "=", key[0] or False), ("contract_id", "=", key[1] or False)])
            counts[key] += 1
            if not vals.get("name"):
                vals["name"] = self.env._("Instalment %(number)s", number=counts[key])

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    def _kehu_check_unpaid(self):
        """:raises KehuInstalmentPaidError: when money came on this one part"""
        part = self.sudo()  # sudo: kehu.instalment - the guard holds for those who cannot read it
        if not part.currency_id.is_zero(part.amount_received):
            raise KehuInstalmentPaidError(
                self.env._(
                    "“%(instalment)s” is not changed any more: %(received)s of it came already. Change the parts on which nothing came.",
                    instalment=part.display_name,
                    received=format_amount(self.env, part.amount_received, part.currency_id),
                )
            )

    def _kehu_money_before(self, documents):
        """:return: {part: money on it}, for all parts of these documents on which some came"""
        plan = self.env[self._name].union(*(document._kehu_plan() for document in documents)).sudo()  # sudo: kehu.instalment - sums
        return {part: part.amount_received for part in plan if not part.currency_id.is_zero(part.amount_received)}

    def _kehu_after_change(self, documents, before):
        """Look at whole plans after a change: they add up, and money stays on the parts it came for.

        :param list documents: orders and contracts whose plan changed
        :param dict before: see :meth:`_kehu_money_before`
        :raises KehuInstalmentPaidError: when a part would lose money to one that is made older than it
        """
        for part, money in before.items():
            if part.exists() and part.currency_id.compare_amounts(part.amount_received, money) < 0:
                raise KehuInstalmentPaidError(
                    self.env._(
                        "Money came on “%(instalment)s”, due on %(day)s. An older part would take it away: make it due later.",
                        instalment=part.display_name,
                        day=format_date(self.env, part.date_due),
                    )
                )
        if not is_engine(self.env, "plan"):  # else the document looks at it when all its parts are written
            for document in documents:
                document._kehu_settle_plan()

    # ------------------------------------------------------------------
    # Collecting
    # ------------------------------------------------------------------

    def action_receive(self):
        """Open a new receipt for what these parts still owe, of one customer.

        A part of a contract is collected on the contract's confirmed orders, the oldest first.

        :raises KehuInstalmentStateError: when nothing is to be collected
        """
        self.check_access("read")
        lines = []
        for part in self.sorted(lambda part: (part.date_due, part.sequence, part.id)):
            left = part.amount_due if part.settlement in OPEN_SETTLEMENTS else 0.0
            for order in part._kehu_orders_to_collect():
                taken = sum(line["amount"] for line in lines if line["order_id"] == order.id)
                amount = part.currency_id.round(min(left, order.kehu_amount_due - taken))
                if part.currency_id.compare_amounts(amount, 0.0) > 0 and order.currency_id == part.currency_id:
                    lines.append({"order_id": order.id, "instalment_id": part.id, "amount": amount})
                    left -= amount
        if not lines:
            raise KehuInstalmentStateError(
                self.env._(
                    "Nothing to collect for %(instalments)s: it is paid, or no confirmed order of it owes money.",
                    instalments=self.mapped("display_name"),
                )
            )
        orders = self.env["sale.order"].browse(line["order_id"] for line in lines)
        action = orders._kehu_open_new_receipt()
        context = action["context"]
        context["default_amount"] = sum(line["amount"] for line in lines)
        context["default_allocation_ids"] = [Command.create(line) for line in lines]
        return action

    def _kehu_orders_to_collect(self):
        """:return: the confirmed orders that money for this one part is allocated to, the oldest first, as far as the user sees them"""
        self.ensure_one()
        orders = (self.order_id or self.contract_id.order_ids)._filtered_access("read")
        return orders.filtered(lambda order: order.state == "sale").sorted(lambda order: (order.date_order, order.id))

    def action_open_document(self):
        """Show the order or contract of this part."""
        self.ensure_one()
        self.check_access("read")
        document = self._kehu_document()
        return {"type": "ir.actions.act_window", "res_model": document._name, "res_id": document.id, "views": [(False, "form")]}
