from datetime import timedelta

from odoo import api, fields, models

from ...models.call.exceptions import KehuCallLineError, KehuPhoneCallError
from ...models.system.engine import as_engine

SHOWN = 5  # latest calls and contact records beside the customer
PUT_OFF = timedelta(hours=1)
KEPT = ("attempts_seen", "started_on")  # what the screen notes by itself


class KehuCallDesk(models.TransientModel):
    """The working screen of a caller: one customer of a call list, the script, and a button for each outcome."""

    _name = "kehu.call.desk"
    _inherit = ["kehu.call.links.mixin"]
    _description = "My Calls"
    _kehu_call_links = ("line_id", "contact_id", "only_list_id")

    line_id = fields.Many2one("kehu.call.line", required=True, readonly=True, ondelete="cascade")
    only_list_id = fields.Many2one("kehu.call.list", readonly=True, ondelete="cascade", help="The next customer comes from this list.")
    started_on = fields.Datetime(readonly=True, default=fields.Datetime.now, export_string_translation=False)
    attempts_seen = fields.Integer(readonly=True, export_string_translation=False)
    list_id = fields.Many2one(related="line_id.list_id", related_sudo=False)
    partner_id = fields.Many2one(related="line_id.partner_id", string="Customer", related_sudo=False)
    attempts = fields.Integer(related="line_id.attempts", related_sudo=False)
    remark = fields.Char(related="line_id.remark", related_sudo=False)
    script = fields.Html(related="line_id.list_id.script", related_sudo=False)

    # facts of the customer
    kehu_level_id = fields.Many2one(related="partner_id.kehu_level_id", related_sudo=False)
    kehu_stage = fields.Selection(related="partner_id.kehu_stage", related_sudo=False)
    owner_id = fields.Many2one(related="partner_id.user_id", string="Owner", related_sudo=False)
    kehu_last_contact = fields.Date(related="partner_id.kehu_last_contact", related_sudo=False)
    kehu_next_contact = fields.Date(related="partner_id.kehu_next_contact", related_sudo=False)
    industry_id = fields.Many2one(related="partner_id.industry_id", related_sudo=False)
    city = fields.Char(related="partner_id.city", related_sudo=False)
    comment = fields.Html(related="partner_id.comment", string="Notes", related_sudo=False)
    call_ids = fields.Many2many("kehu.phone.call", string="Latest Calls", compute="_compute_history")
    record_ids = fields.Many2many("kehu.contact.record", string="Latest Contact Records", compute="_compute_history")
    waiting = fields.Integer(compute="_compute_waiting", help="Customers that wait for you, this one included.")

    # what the caller writes down
    contact_id = fields.Many2one(
        "res.partner",
        string="Contact Person",
        domain="[('kehu_customer_id', '=', partner_id), ('kehu_is_customer', '=', False)]",
        help="With whom you speak.",
    )
    number = fields.Char(help="The number you dial. Click it to call.")
    note = fields.Text(help="What was said. With it, a call that reaches somebody becomes a contact record.")
    callback_on = fields.Datetime(string="Call Back On", help="Needed for “Call Back” only.")
    duration = fields.Float(string="Talk Time", help="Minutes and seconds. Empty: counted from the moment this screen came up.")

    def _compute_display_name(self):
        for desk in self:
            desk.display_name = self.env._("My Calls")

    @api.depends("line_id")
    def _compute_history(self):
        """What this caller may read of the customer's history, the latest first."""
        for desk in self:
            domain = [("partner_id", "=", desk.line_id.partner_id.id)]
            desk.call_ids = self.env["kehu.phone.call"].search(domain, limit=SHOWN)
            desk.record_ids = self.env["kehu.contact.record"].search(domain, limit=SHOWN)

    @api.depends("line_id")
    @api.depends_context("uid")
    def _compute_waiting(self):
        lines = self.env["kehu.call.line"]
        now = fields.Datetime.now()
        count = lines.search_count(
            [*lines._kehu_scope_domain(), ("user_id", "=", self.env.uid), "|", ("due_on", "=", False), ("due_on", "<=", now)]
        )
        for desk in self:
            desk.waiting = count

    @api.onchange("contact_id")
    def _onchange_contact_id(self):
        self.number = self.contact_id._kehu_call_number() or self.number

    @api.model_create_multi
    def create(self, vals_list):
        """Only for customers of a call list whom one has taken oneself."""
        lines = self.env["kehu.call.line"].browse({vals["line_id"] for vals in vals_list if vals.get("line_id")})
        lines._kehu_mine()
        by_id = {line.id: line for line in lines}
        values = []
        for vals in vals_list:
            line = by_id.get(vals.get("line_id"), lines.browse())
            taken = {"contact_id": line.contact_id.id, "number": line.number, "attempts_seen": line.attempts}
            values.append({**taken, **{name: value for name, value in vals.items() if name not in KEPT}})
        for vals in values:
            self._kehu_check_call_links(vals)
        return super().create(values)

    def write(self, vals):
        self._kehu_check_call_links(vals)
        return super().write({name: value for name, value in vals.items() if name not in ("line_id", *KEPT)})

    # -- buttons -------------------------------------------------------------------------------------------------------

    def action_log(self):
        """Log the call with the outcome of the button, and open the next customer.

        The button hands its outcome over in the context key ``kehu_outcome``, one of the outcomes of a phone call.

        :raises KehuPhoneCallError: when something is missing, such as the time of a callback
        :raises KehuCallLineError: when the customer was logged in another window, or given to somebody else
        """
        self.ensure_one()
        outcome = self.env.context.get("kehu_outcome")
        if self.line_id.attempts != self.attempts_seen:
            raise KehuCallLineError(self.env._("This call was logged in another window already. Take your next customer."))
        calls = self.env["kehu.phone.call"]
        if outcome not in calls._fields["outcome"].get_values(self.env):
            raise KehuPhoneCallError(self.env._("Choose what came of the call with one of the buttons."))
        reached = outcome not in calls._kehu_unreached_outcomes()
        now = fields.Datetime.now()
        calls.create(
            {
                "line_id": self.line_id.id,
                "contact_id": self.contact_id.id,
                "number": self.number,
                "direction": "out",
                "outcome": outcome,
                "date": self.started_on,
                "duration": (self.duration or min((now - self.started_on).total_seconds() / 60, 24 * 60)) if reached else 0.0,
                "note": self.note,
                "callback_on": self.callback_on if outcome not in ("wrong_number", "do_not_call", "refused") else False,
            }
        )
        return self._kehu_next()

    def action_later(self):
        """Leave this customer for an hour, without a call, and open the next one."""
        self.ensure_one()
        line = self.line_id._kehu_mine()
        as_engine(line, "call").write({"taken_on": False, "due_on": fields.Datetime.now() + PUT_OFF})
        return self._kehu_next()

    def action_stop(self):
        """Stop calling: the customer comes again, and one's list is shown."""
        self.ensure_one()
        self.line_id.action_put_back()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_call_line_action_my")
        return {**action, "target": "main"}

    def action_open_customer(self):
        """Open the card of the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(self.env.ref("kehu_crm.res_partner_view_form_kehu").id, "form")],
        }

    def action_new_opportunity(self):
        """Open a new opportunity with this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Opportunity"),
            "res_model": "crm.lead",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_type": "opportunity",
                "default_partner_id": self.partner_id.id,
                "default_name": self.partner_id.name,
                "default_user_id": self.env.uid,
            },
        }

    def _kehu_next(self):
        return self.env["kehu.call.line"]._kehu_open_next(self.only_list_id)
