from odoo import models
from odoo.tools import format_amount, format_date

CONTACTS = 10  # the latest ones; the screen has them all


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _kehu_print_customer_facts(self):
        """Whom this one opportunity is with, as [(key of a word, text)]."""
        partner = self.partner_id
        company = partner.commercial_partner_id
        person = partner.name if partner != company else ""
        return [
            ("customer", company.name or self.partner_name or ""),
            ("contact", person or self.contact_name or ""),
            ("phone", self.phone or ""),
            ("email", self.email_from or ""),
            ("tags", ", ".join(self.tag_ids.mapped("name"))),
        ]

    def _kehu_print_deal_facts(self, currency):
        """How this one opportunity stands, as [(key of a word, text)]; `currency`: of the company."""
        return [
            ("stage", self.stage_id.name or ""),
            ("probability", f"{self.probability:g} %"),
            ("expected_revenue", format_amount(self.env, self.expected_revenue, currency)),
            ("expected_closing", (self.date_deadline and format_date(self.env, self.date_deadline)) or ""),
            ("salesperson", self.user_id.name or ""),
            ("team", self.team_id.name or ""),
        ]

    def _kehu_print_orders(self):
        """Quotes and orders of this one opportunity that the reader may see."""
        return self.order_ids._filtered_access("read")

    def _kehu_print_contacts(self):
        """The latest contact records of this one opportunity that the reader may see; none for those who see none at all."""
        records = self.env["kehu.contact.record"]
        if not records.has_access("read"):
            return records
        return records.search([("lead_id", "=", self.id)], order="date desc, id desc", limit=CONTACTS)
