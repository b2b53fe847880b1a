from odoo import models

from .ir_actions_report import HOUSE_LAYOUT


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _generate_template_attachments(self, res_ids, render_fields, render_results=None):
        """A quote or order of a CRM customer goes out as it is printed, in the layout of the house."""
        template = self.with_context(**{HOUSE_LAYOUT: True}) if self.model == "sale.order" else self
        return super(MailTemplate, template)._generate_template_attachments(res_ids, render_fields, render_results=render_results)
