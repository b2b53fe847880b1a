from odoo import api, fields, models

from ..approval.guard import changed_fields
from ..system.engine import is_uninstalling
from ..system.values import check_types
from .exceptions import KehuDunningError, KehuDunningRightError
from .kehu_dunning_letter import SENDERS

HOLD_FIELDS = ("kehu_dunning_hold_until", "kehu_dunning_hold_reason")
UNTIL_HELP = "No dunning letter is written up to and including this day."


def check_hold(records):
    """:raises KehuDunningError: for a hold without a reason"""
    for record in records:
        if record.kehu_dunning_hold_until and not (record.kehu_dunning_hold_reason or "").strip():
            raise KehuDunningError(
                records.env._("Say why the dunning of “%(name)s” is on hold; colleagues will want to know.", name=record.display_name)
            )


def hold(records, until, reason):
    """See ``kehu_hold_dunning`` of the models; the right was checked.

    :raises KehuDunningError: for what is no day, and for a hold without a reason
    """
    values = {"kehu_dunning_hold_until": until or False, "kehu_dunning_hold_reason": (until and reason) or False}
    check_types(records, values, KehuDunningError)
    held = records.sudo()  # sudo: res.partner, sale.order - the hold alone, also by finance, who may not write them otherwise
    held.write(values)
    for record in held:
        if until:
            body = records.env._(
                "Dunning on hold until %(day)s: %(reason)s", day=fields.Date.to_string(record.kehu_dunning_hold_until), reason=reason
            )
        else:
            body = records.env._("Dunning goes on: the hold was taken off.")
        record._message_log(author_id=records.env.user.partner_id.id, body=body)
    return True


def open_dialog(records):
    """The dialog that holds the dunning of these customers or orders."""
    return {
        "type": "ir.actions.act_window",
        "name": records.env._("Hold Dunning"),
        "res_model": "kehu.dunning.hold",
        "views": [(False, "form")],
        "target": "new",
        "context": {"default_partner_ids" if records._name == "res.partner" else "default_order_ids": records.ids},
    }


class ResPartner(models.Model):
    """A customer's dunning letters, and when they wait."""

    _inherit = "res.partner"

    kehu_dunning_hold_until = fields.Date(string="Dunning on Hold Until", tracking=True, groups="base.group_user", help=UNTIL_HELP)
    kehu_dunning_hold_reason = fields.Char(string="Reason of the Hold", groups="base.group_user")
    kehu_dunning_held = fields.Boolean(compute="_compute_kehu_dunning_held", groups="base.group_user", export_string_translation=False)
    kehu_dunning_letter_ids = fields.One2many("kehu.dunning.letter", "partner_id", string="Dunning Letters")
    kehu_dunning_count = fields.Integer(string="Dunning Letters Sent", compute="_compute_kehu_counts")

    @api.depends("kehu_dunning_hold_until")
    def _compute_kehu_dunning_held(self):
        today = self.env.company._kehu_today()
        for partner in self:
            partner.kehu_dunning_held = bool(partner.kehu_dunning_hold_until and partner.kehu_dunning_hold_until >= today)

    @api.depends("kehu_dunning_letter_ids.state")
    def _compute_kehu_counts(self):
        return super()._compute_kehu_counts()

    @api.model
    def _kehu_count_sources(self):
        return {**super()._kehu_count_sources(), "kehu_dunning_count": ("kehu.dunning.letter", "partner_id", [("state", "=", "sent")])}

    @api.constrains(*HOLD_FIELDS)
    def _check_kehu_dunning_hold(self):
        check_hold(self)

    def kehu_hold_dunning(self, until, reason=None):
        """Write no dunning letters to these customers up to a day; without a day, go on.

        :param date until: last day of the hold, or False
        :param str reason: noted on the customer
        :raises KehuDunningRightError: unless finance, or whoever looks after the customers, asks
        """
        self._kehu_check_may_hold()
        return hold(self, until, reason)

    def _kehu_check_may_hold(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(SENDERS) and self - self._filtered_access("write"):
            raise KehuDunningRightError(
                self.env._("Dunning is put on hold by finance, or by whoever looks after the customer. Ask one of them.")
            )

    def action_kehu_hold_dunning(self):
        """Open the dialog for these customers."""
        self._kehu_check_may_hold()
        return open_dialog(self.kehu_customer_id)

    def action_kehu_dunning_letters(self):
        """Show the letters to this one customer."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_dunning_letter_action")
        return {**action, "domain": [("partner_id", "=", self.kehu_customer_id.id)], "context": {}}

    @api.ondelete(at_uninstall=True)
    def _unlink_except_dunned(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.dunning.letter - letters of others count too
        letter = self.env["kehu.dunning.letter"].sudo().search([("partner_id", "in", self.ids)], limit=1)
        if letter:
            raise KehuDunningError(
                self.env._(
                    "“%(customer)s” got dunning letter %(letter)s and is kept. Archive it instead.",
                    customer=letter.partner_id.display_name,
                    letter=letter.name,
                )
            )


class SaleOrder(models.Model):
    """Invoices of a held order are left out of dunning letters."""

    _inherit = "sale.order"

    kehu_dunning_hold_until = fields.Date(
        string="Dunning on Hold Until", tracking=True, copy=False, groups="base.group_user", help=UNTIL_HELP
    )
    kehu_dunning_hold_reason = fields.Char(string="Reason of the Hold", copy=False, groups="base.group_user")
    kehu_dunning_held = fields.Boolean(compute="_compute_kehu_dunning_held", groups="base.group_user", export_string_translation=False)

    def write(self, vals):
        """By whichever door: accountants write on orders to invoice them, and have no say in who is dunned."""
        if not self.env.su and not vals.keys().isdisjoint(HOLD_FIELDS):
            self.filtered(lambda order: changed_fields(order, vals, set(HOLD_FIELDS)))._kehu_check_may_hold()
        return super().write(vals)

    @api.depends("kehu_dunning_hold_until")
    def _compute_kehu_dunning_held(self):
        today = self.env.company._kehu_today()
        for order in self:
            order.kehu_dunning_held = bool(order.kehu_dunning_hold_until and order.kehu_dunning_hold_until >= today)

    @api.constrains(*HOLD_FIELDS)
    def _check_kehu_dunning_hold(self):
        check_hold(self)

    def kehu_hold_dunning(self, until, reason=None):
        """Leave the invoices of these orders out of dunning letters up to a day; without a day, go on. See ``res.partner``."""
        self._kehu_check_may_hold()
        return hold(self, until, reason)

    def _kehu_check_may_hold(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_groups(SENDERS) and any(not order._kehu_is_in_line() for order in self):
            raise KehuDunningRightError(
                self.env._("Dunning of an order is put on hold by finance, its salesperson or their manager. Ask one of them.")
            )

    def action_kehu_hold_dunning(self):
        """Open the dialog for these orders."""
        self._kehu_check_may_hold()
        return open_dialog(self)
