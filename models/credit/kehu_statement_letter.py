from odoo import api, fields, models
from odoo.tools import format_date

from ..system.engine import as_engine

ENGINE = "statement"


class KehuStatementLetter(models.Model):
    """The statements of one customer that were mailed at a time: to whom, by whom, the mail and its files among the messages.

    A document of its own, because a customer in the pool is read by everybody in the CRM, its messages and files included, and its account
    is not for everybody.
    """

    _name = "kehu.statement.letter"
    _description = "Mailed Statement of Account"
    _inherit = ["kehu.engine.log.mixin", "mail.thread"]
    _order = "id desc"
    _rec_name = "partner_id"
    _mail_post_access = "read"
    _kehu_engine = ENGINE

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict", help="Whose ledger was shown.")
    user_id = fields.Many2one("res.users", string="Salesperson", related="partner_id.user_id", store=True, index="btree_not_null")
    kehu_department_id = fields.Many2one("hr.department", related="partner_id.kehu_department_id", store=True, index="btree_not_null")
    date_from = fields.Date(string="From", help="Not known of statements that were mailed before this log was kept.")
    date_to = fields.Date(string="To", required=True)
    mailed_to = fields.Char(required=True, help="The address at the time.")
    sent_on = fields.Datetime(required=True, default=fields.Datetime.now)
    sent_by_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user, ondelete="restrict")

    @api.depends("partner_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for letter in self:
            letter.display_name = self.env._(
                "%(customer)s, %(first)s – %(last)s",
                customer=letter.partner_id.display_name,
                first=format_date(self.env, letter.date_from),
                last=format_date(self.env, letter.date_to),
            )

    @api.model
    def _kehu_log(self, customer, company, date_from, date_to, contact):
        """Note on the customer that statements are mailed, without a figure, and open the document that keeps the mail.

        :param res.partner contact: whom they are mailed to
        :return: the document
        """
        # sudo: kehu.statement.letter - a log of what the person does; whoever mails checks that they see the account
        letter = as_engine(self.sudo().with_context(tracking_disable=True), ENGINE).create(
            {
                "partner_id": customer.id,
                "company_id": company.id,
                "date_from": date_from,
                "date_to": date_to,
                "mailed_to": contact.email_normalized or contact.email,
            }
        )
        customer._message_log(
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                "Statement of account %(first)s – %(last)s mailed to %(email)s.",
                first=format_date(self.env, date_from),
                last=format_date(self.env, date_to),
                email=letter.mailed_to,
            ),
        )
        return letter


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _kehu_attachment_sources(self):
        return {**super()._kehu_attachment_sources(), "kehu.statement.letter": "partner_id", "kehu.dunning.letter": "partner_id"}
