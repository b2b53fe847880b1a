from odoo import fields, models
from odoo.tools import SQL

KEPT = 20  # customers per person


class KehuVisit(models.Model):
    """Whose card a person opened last, to find it again: one's own alone, twenty customers at most, each once."""

    _name = "kehu.visit"
    _description = "Visited Customer"
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade")
    date = fields.Datetime(string="Opened On", required=True, readonly=True)

    _once = models.UniqueIndex("(user_id, partner_id)", "This customer is in the list already.")


class ResPartner(models.Model):
    _inherit = "res.partner"

    def kehu_note_visit(self):
        """Remember that the current user opened this customer's card, or that of one of its contacts; forget the oldest.

        :return: True; False for what is no customer, or not readable, of which nothing is remembered
        """
        partner = self[:1].exists()
        customer = (partner.kehu_customer_id or partner) if partner and partner.has_access("read") else partner.browse()
        if not customer.kehu_is_customer or not self.env.user._is_internal():
            return False
        cr, uid = self.env.cr, self.env.uid
        self.env["kehu.visit"].flush_model()
        cr.execute(
            SQL(
                """INSERT INTO kehu_visit (user_id, partner_id, date) VALUES (%s, %s, %s)
                   ON CONFLICT (user_id, partner_id) DO UPDATE SET date = EXCLUDED.date""",
                uid,
                customer.id,
                fields.Datetime.now(),
            )
        )
        cr.execute(
            SQL(
                """DELETE FROM kehu_visit WHERE user_id = %s AND id NOT IN
                   (SELECT id FROM kehu_visit WHERE user_id = %s ORDER BY date DESC, id DESC LIMIT %s)""",
                uid,
                uid,
                KEPT,
            )
        )
        self.env["kehu.visit"].invalidate_model()
        return True
