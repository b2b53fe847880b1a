from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import clean_context
from psycopg2.errors import UniqueViolation

from ..system.engine import as_engine
from .exceptions import KehuContractStateError
from .kehu_contract import ENDED_STATES, ENGINE

ACTIVITY_TYPE = "kehu_crm.kehu_contract_mail_activity_type_expiry"


class KehuContract(models.Model):
    """What happens to a contract once it is in force: reopened, terminated, expired, renewed."""

    _inherit = "kehu.contract"

    # ------------------------------------------------------------
    # In force
    # ------------------------------------------------------------

    def _kehu_on_approved(self):
        """A contract that is approved again may be reminded of again when its last day is another one."""
        result = super()._kehu_on_approved()
        stale = self.filtered(lambda contract: contract.reminded_for and contract.reminded_for != contract.date_to)
        as_engine(stale, ENGINE).write({"reminded_for": False})
        self._kehu_expire()
        return result

    def action_reopen(self):
        """Take contracts in force back to draft, so that they can be changed; they hold again once they are approved again.

        :raises KehuContractStateError: for one that is not in force
        """
        self.check_access("write")
        self._kehu_lock_contracts()
        self._kehu_check_state("approved")
        self._kehu_reset_approval()
        for contract in self:
            contract.message_post(
                body=self.env._("Reopened by %(user)s: it is not in force until it is approved again.", user=self.env.user.name)
            )
        return True

    def action_kehu_terminate(self):
        """Ask for the reason, then terminate."""
        self.check_access("write")
        self._kehu_check_state("approved")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Terminate"),
            "res_model": "kehu.contract.termination",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_contract_ids": self.ids},
        }

    def kehu_terminate(self, reason):
        """End contracts in force before their last day. All or none.

        :param str reason: compulsory, kept on the contract
        :raises KehuContractStateError: without a reason, and for one that is not in force
        """
        self.check_access("write")
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise KehuContractStateError(self.env._("A termination needs a reason: write why the contract ends before its time."))
        self._kehu_lock_contracts()
        self._kehu_check_state("approved")
        for company, contracts in self.grouped("company_id").items():
            as_engine(contracts, ENGINE).write({"terminated_on": company._kehu_today(), "termination_reason": reason})
        for contract in self:
            contract.message_post(body=self.env._("Terminated by %(user)s: %(reason)s", user=self.env.user.name, reason=reason))
        self._kehu_forget_reminders()
        return True

    def _kehu_check_state(self, state):
        """:raises KehuContractStateError: naming the first of these contracts that is in another state"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for contract in self:
            if contract.state != state:
                raise KehuContractStateError(
                    self.env._(
                        "Contract %(contract)s is “%(state)s”; this is possible only while it is “%(wanted)s”.",
                        contract=contract.name,
                        state=labels[contract.state],
                        wanted=labels[state],
                    )
                )

    def _kehu_lock_contracts(self):
        """:raises KehuContractStateError: when another transaction holds one of these rows"""
        locked = self.try_lock_for_update(allow_referencing=True)
        if self - locked:
            raise KehuContractStateError(
                self.env._(
                    "Contract %(contract)s is being changed by somebody else at this moment. Try again.", contract=(self - locked)[0].name
                )
            )

    # ------------------------------------------------------------
    # The last day
    # ------------------------------------------------------------

    @api.model
    def _kehu_expiring_domain(self):
        """Contracts in force whose last day is over where their company is."""
        companies = self.env["res.company"].sudo().search([("id", "!=", False)], order="id")  # sudo: res.company - days of all of them
        by_day = companies.grouped(lambda company: company._kehu_today())
        return Domain("state", "=", "approved") & Domain.OR(
            Domain("company_id", "in", here.ids) & Domain("date_to", "<", day) for day, here in by_day.items()
        )

    def _kehu_expire(self):
        """Let those of these contracts expire whose last day is over; the others stay as they are.

        :return: those that have expired
        """
        over = self.filtered_domain(self._kehu_expiring_domain())
        for contract in over:
            as_engine(contract, ENGINE).write({"expired_on": contract.date_to + timedelta(days=1)})
        return over

    # ------------------------------------------------------------
    # Renewal
    # ------------------------------------------------------------

    def action_renew(self):
        """Open the renewal of this contract: a new draft that follows on, or the one that is there already.

        :raises KehuContractStateError: when there is nothing to follow on
        """
        self.ensure_one()
        self.check_access("read")
        return self._kehu_open(self._kehu_live_renewal() or self._kehu_renew())

    def _kehu_live_renewal(self):
        """The contract that follows this one already, in superuser mode; empty when there is none that holds or may hold."""
        # sudo: kehu.contract - a renewal made by a colleague is one
        return self.sudo().renewal_ids.filtered(lambda contract: contract.state != "terminated")[:1]

    def _kehu_renew(self):
        """Make the draft that follows this one contract."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("approved", *ENDED_STATES):
            raise KehuContractStateError(
                self.env._("Contract %(contract)s was never in force; there is nothing to renew yet.", contract=self.name)
            )
        if not self.date_to:
            raise KehuContractStateError(
                self.env._("Contract %(contract)s holds until it is terminated; it has no last day to follow on.", contract=self.name)
            )
        try:
            following = self._kehu_next_period()
        except (OverflowError, ValueError):
            raise KehuContractStateError(
                self.env._(
                    "The period after contract %(contract)s lies beyond the year 9999. Make a new contract instead.", contract=self.name
                )
            ) from None
        values = {**following, "title": self.title, "amount": self.amount, "remind_days": self.remind_days}
        # active people only look after new contracts
        if not self.sudo().user_id.active:  # sudo: res.users - whether they work here still
            values["user_id"] = self.env.uid
        if self.our_signatory_id and not self.sudo().our_signatory_id.active:  # sudo: res.users - see above
            values["our_signatory_id"] = False
        try:
            with self.env.cr.savepoint():
                renewal = self.copy(values)
                as_engine(renewal, ENGINE).write({"previous_id": self.id})
        except UniqueViolation:
            raise KehuContractStateError(
                self.env._("Contract %(contract)s was renewed by somebody else a moment ago. Reload the page.", contract=self.name)
            ) from None
        self._kehu_forget_reminders()
        self.message_post(body=self.env._("Renewed by contract %(contract)s.", contract=renewal.name))
        return renewal

    def _kehu_next_period(self):
        """The period that follows on and is as long, in calendar months and days.

        E.g. 1 January to 31 December 2026 → 1 January to 31 December 2027; 15 March to 14 June → 15 June to 14 September.
        """
        self.ensure_one()
        begin = self.date_to + timedelta(days=1)
        return {"date_from": begin, "date_to": begin + relativedelta(begin, self.date_from) - timedelta(days=1)}

    def _kehu_open(self, contract):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": contract.id,
            "views": [(False, "form")],
            "name": contract.display_name,
        }

    def copy(self, default=None):
        """A copy takes nothing from the screen it is made on: a contract opened from an order carries that order in its context."""
        return super(KehuContract, self.with_env(self.env(context=clean_context(self.env.context)))).copy(default)

    def copy_data(self, default=None):
        """A copy says so in its title; a renewal bears the title of its contract."""
        vals_list = super().copy_data(default)
        if "title" not in (default or {}):
            for contract, vals in zip(self, vals_list, strict=True):
                vals["title"] = self.env._("%(title)s (copy)", title=contract.title)
        return vals_list

    # ------------------------------------------------------------
    # Going elsewhere
    # ------------------------------------------------------------

    def action_open_orders(self):
        """Show the quotes and orders of these contracts that the person may see."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Quotes and Orders"),
            "res_model": "sale.order",
            "views": [(False, "list"), (False, "form")],
            "domain": [("kehu_contract_id", "in", self.ids)],
            "context": {"create": False},
        }

    def action_open_chain(self):
        """Show all contracts of the chain of renewals."""
        self.ensure_one()
        self.check_access("read")
        first = self.first_id or self
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contract_action")
        return {**action, "domain": ["|", ("id", "=", first.id), ("first_id", "=", first.id)], "context": {"create": False}}

    def _kehu_forget_reminders(self):
        # sudo: mail.activity - the reminder may be another person's
        self.sudo().activity_unlink([ACTIVITY_TYPE])

    @api.model
    def _kehu_day(self, zone):
        """Today in a time zone, by the clock of the server."""
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), fields.Datetime.now()).date()
