from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..system.engine import as_engine
from .kehu_contract import ENGINE
from .kehu_contract_life import ACTIVITY_TYPE

BATCH = 1000
TEMPLATE = "kehu_crm.kehu_contract_mail_template_expiry"


class KehuContract(models.Model):
    """Contracts expire by themselves, and somebody is told before."""

    _inherit = "kehu.contract"

    @api.model
    def _cron_contracts(self):
        """Let contracts expire whose last day is over, and remind of those that end soon; safe to run twice and to kill."""
        self._kehu_run(self._kehu_expiring_domain(), "_kehu_expire")
        self._kehu_run(self._kehu_reminding_domain(), "_kehu_remind")

    @api.model
    def _kehu_run(self, domain, method):
        """Call a method of ours on each contract that fits, in bounded slices, committing after each."""
        cron = self.env["ir.cron"]
        todo = self.search(domain, limit=BATCH, order="date_to, id")
        cron._commit_progress(remaining=self.search_count(domain))
        for contract in todo:
            # locked by us and fitting still: another run may have been faster
            locked = contract.try_lock_for_update(allow_referencing=True).filtered_domain(domain)
            if locked:
                getattr(locked, method)()
            if not cron._commit_progress(1):
                break

    @api.model
    def _kehu_reminding_domain(self):
        """Contracts in force that end soon, whose salesperson has that day already, and that nobody was reminded of or has renewed."""
        soon = Domain("state", "=", "approved") & Domain("reminded_for", "=", False) & Domain("remind_on", "!=", False)
        soon &= Domain("remind_on", "<=", fields.Date.add(fields.Date.today(), days=1))
        soon &= ~Domain("renewal_ids", "any!", [("state", "!=", "terminated")])
        # sudo: res.users - time zones, of those who have left too
        users = self.env["res.users"].sudo().browse([user.id for (user,) in self._read_group(soon, ["user_id"])])
        by_day = users.grouped(lambda user: self._kehu_day(user.tz or "UTC"))
        return soon & Domain.OR(Domain("user_id", "in", group.ids) & Domain("remind_on", "<=", day) for day, group in by_day.items())

    def _kehu_remind(self):
        """Tell somebody of the end of these contracts: a to-do and a mail, once."""
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        for contract in self:
            user = contract._kehu_whom_to_remind()
            as_engine(contract, ENGINE).write({"reminded_for": contract.date_to})
            if not user:
                contract.message_post(body=self.env._("It ends soon, and nobody is there to be reminded. Give it to a salesperson."))
                continue
            # the mail says it; a second one that an activity was assigned would be noise
            speaking = contract.with_context(lang=user.lang, tz=user.tz, mail_activity_quick_update=True)
            speaking.activity_schedule(
                ACTIVITY_TYPE,
                date_deadline=contract.date_to,
                summary=speaking.env._("Ends soon: renew it or let it end"),
                user_id=user.id,
            )
            if template and user.partner_id.email:
                template.with_context(lang=user.lang, tz=user.tz).send_mail(
                    contract.id, email_values={"recipient_ids": [Command.set(user.partner_id.ids)]}
                )

    def _kehu_whom_to_remind(self):
        """The salesperson, or the customer's owner, or a manager above: the first who works here and reads this one contract.

        :rtype: res.users
        """
        self.ensure_one()
        contract = self.sudo()  # sudo: kehu.contract, res.partner, hr.department - people, to choose one
        people = (contract.user_id, contract.partner_id.user_id, *contract.kehu_department_id.kehu_overseer_ids)
        for user in people:
            if user.active and not user.share and self.with_user(user).has_access("read"):
                return user
        return self.env["res.users"]
