from odoo import api, fields, models

from ..system.engine import is_uninstalling
from ..system.values import check_types
from .exceptions import KehuDunningError, KehuDunningInUseError

MOST_DAYS = 3650


class KehuDunningLevel(models.Model):
    """How we write to a customer so many days after (or before) an invoice is due, and what else is done then."""

    _name = "kehu.dunning.level"
    _description = "Dunning Level"
    _order = "days, id"
    _kehu_configuration = ("name",)

    name = fields.Char(required=True, translate=True, help="Title of the letter, e.g. First Reminder.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="cascade", help="Empty: of every company.")
    days = fields.Integer(
        string="Days from Due",
        required=True,
        default=7,
        help="An invoice reaches this level so many days after its due date; negative: before it, 0: on that day.",
    )
    text = fields.Html(
        string="Letter", translate=True, help="What the letter says, before the list of invoices. Printed in the customer's language."
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        string="Mail",
        domain=[("model", "=", "kehu.dunning.letter")],
        ondelete="set null",
        help="The letter is mailed with this template, the print attached. Empty: not mailed.",
    )
    to_print = fields.Boolean(string="Print", help="The letter is to be printed and goes by post.")
    make_activity = fields.Boolean(string="Activity", help="Whoever looks after the customer is to call when the letter is sent.")
    automatic = fields.Boolean(help="Sent in the night without anybody looking at it. Otherwise somebody sends it from the list.")

    _days_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), days) WHERE active", "Another level begins on that day already. Change one of them or archive it."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuDunningError)
        self.flush_model(["active", "company_id", "days"])  # a level archived just now makes room
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuDunningError)
        return super().write(vals)

    @api.constrains("days", "mail_template_id", "to_print", "make_activity")
    def _check_level(self):
        for level in self:
            if not -MOST_DAYS <= level.days <= MOST_DAYS:
                raise KehuDunningError(
                    self.env._(
                        "Level “%(level)s” begins at most %(most)s days before or after the due date.", level=level.name, most=MOST_DAYS
                    )
                )
            if not (level.mail_template_id or level.to_print or level.make_activity):
                raise KehuDunningError(
                    self.env._("Level “%(level)s” does nothing. Choose a mail, the print or the activity.", level=level.name)
                )
            if level.mail_template_id and level.sudo().mail_template_id.model != "kehu.dunning.letter":  # sudo: mail.template - its model
                raise KehuDunningError(
                    self.env._("The mail of level “%(level)s” is not one for dunning letters. Choose another one.", level=level.name)
                )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_used(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.dunning.letter - letters of others count too
        letter = self.env["kehu.dunning.letter"].sudo().search([("level_id", "in", self.ids)], limit=1)
        if letter:
            raise KehuDunningInUseError(
                self.env._("There are letters of level “%(level)s”, so it is kept. Archive it instead.", level=letter.level_id.name)
            )
