from odoo import api, fields, models
from odoo.tools import SQL

from .kehu_pool_policy import RULES

STATES = [("sent", "On Its Way"), ("delivered", "Delivered"), ("failed", "Failed")]


class KehuPoolWarning(models.Model):
    """An owner was told that a customer is about to fall on a certain day. Only a delivered warning of that very day lets it fall.

    Life: sent → delivered, or failed; a failed one is sent again by the next run. A to-do of who has no address is delivered at once.
    """

    _name = "kehu.pool.warning"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Warning Before a Customer Falls into the Pool"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _kehu_engine = "recycle"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Owner", required=True, index=True, ondelete="cascade")
    pool_id = fields.Many2one("kehu.pool", required=True, index=True, ondelete="cascade")
    rule = fields.Selection(RULES, required=True)
    due_on = fields.Date(required=True, help="The day of which the owner was warned.")
    date = fields.Datetime(string="Sent On", required=True)
    state = fields.Selection(STATES, required=True, default="sent", index=True)
    delivered_on = fields.Date(help="The day on which the message was in the owner's inbox, or left as an e-mail.")
    message_id = fields.Many2one("mail.message", index="btree_not_null", ondelete="set null")
    run_id = fields.Many2one("kehu.pool.run", index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="cascade")

    _due_uniq = models.UniqueIndex("(partner_id, user_id, due_on)", "The owner was warned of this day already.")

    @api.model
    def _kehu_confirm(self):
        """Look which warnings have reached their owner: those in the inbox at once, e-mails when they were sent.

        :return: number of warnings whose state has changed
        """
        self.flush_model()
        self.env["mail.notification"].flush_model()
        # the day of the company, or of the main one
        zone = SQL(
            "COALESCE((SELECT kehu_timezone FROM res_company WHERE id = COALESCE(warning.company_id, %s)), 'UTC')",
            self.env["res.company"]._kehu_main().id,
        )
        rows = self.env.execute_query(
            SQL(
                """UPDATE kehu_pool_warning warning
                      SET state = told.state,
                          delivered_on = CASE WHEN told.state = 'delivered' THEN timezone(%(zone)s, timezone('UTC', %(now)s))::date END
                     FROM (SELECT pending.id,
                                  CASE WHEN bool_or(notice.notification_type = 'inbox' OR notice.notification_status = 'sent')
                                       THEN 'delivered'
                                       WHEN pending.message_id IS NULL
                                         OR bool_or(notice.notification_status IN ('exception', 'bounce', 'canceled'))
                                       THEN 'failed'
                                       ELSE 'sent' END AS state
                             FROM kehu_pool_warning pending
                             JOIN res_users owner ON owner.id = pending.user_id
                        LEFT JOIN mail_notification notice
                               ON notice.mail_message_id = pending.message_id AND notice.res_partner_id = owner.partner_id
                            WHERE pending.state = 'sent'
                         GROUP BY pending.id) told
                    WHERE told.id = warning.id AND told.state <> 'sent'
                RETURNING warning.id""",
                zone=zone,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(["state", "delivered_on"])
        return len(rows)
