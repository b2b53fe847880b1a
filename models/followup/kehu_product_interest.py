from odoo import api, fields, models

from ..customer.exceptions import KehuInterestError
from ..customer.res_partner_history import READERS


class KehuProductInterest(models.Model):
    """Where we know an interest from: the conversation in which the customer spoke of it."""

    _inherit = "kehu.product.interest"

    _kehu_seen_links = ("partner_id", "contact_record_id")

    contact_record_id = fields.Many2one(
        "kehu.contact.record",
        string="From Contact Record",
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', '=', partner_id)]",
        help="The conversation in which the customer spoke of it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """An interest entered in a contact record belongs to the customer of that record."""
        vals_list = [dict(vals) for vals in vals_list]
        waiting = [vals for vals in vals_list if vals.get("contact_record_id") and not vals.get("partner_id")]
        records = self.env["kehu.contact.record"].browse({vals["contact_record_id"] for vals in waiting}).exists()
        self._kehu_check_linked("contact_record_id", set(records.ids))
        customers = {record.id: record.partner_id.id for record in records}
        for vals in waiting:
            vals["partner_id"] = customers.get(vals["contact_record_id"])
        return super().create(vals_list)

    @api.constrains("partner_id", "contact_record_id")
    def _check_contact_record(self):
        for interest in self.sudo():  # sudo: kehu.contact.record - of which customer it is
            if interest.contact_record_id and interest.contact_record_id.partner_id != interest.partner_id:
                raise KehuInterestError(
                    self.env._(
                        "The contact record of “%(interest)s” is another customer's. Choose one of “%(customer)s”, or leave it empty.",
                        interest=interest.display_name,
                        customer=interest.partner_id.complete_name,
                    )
                )


class KehuContactRecord(models.Model):
    _inherit = "kehu.contact.record"

    interest_ids = fields.One2many(
        "kehu.product.interest",
        "contact_record_id",
        string="Product Interests",
        groups=READERS,
        help="What the customer would like to buy, as said in this conversation.",
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _kehu_attachment_sources(self):
        return {**super()._kehu_attachment_sources(), "kehu.contact.record": "partner_id"}
