from odoo import api, models
from odoo.addons.mail.tools.parser import parse_res_ids

from ..system.engine import is_record_id
from .form_links import linked_numbers


class MailComposeMessage(models.TransientModel):
    """The sender of a message is chosen by number and shown by name, so it is somebody whom one may read."""

    _name = "mail.compose.message"
    _inherit = ["mail.compose.message", "kehu.seen.links.mixin"]
    _kehu_seen_links = ("author_id",)

    def onchange(self, values, field_names, fields_spec):
        """Whom the rules of the host hide from a writer, it refuses as a recipient when the form opens, and does not drop in silence.

        :raises AccessError: for a default recipient outside the CRM whom this person may not read
        """
        defaults = self.env.context.get("default_partner_ids")
        if not field_names and not self.env.su and isinstance(defaults, (list, tuple)):
            numbers = {number for command in defaults for number in linked_numbers(command)}
            people = self.env["res.partner"].browse(filter(is_record_id, numbers)).exists()
            # sudo: res.partner - whether they belong to the CRM; those are left out of the form, see Base.onchange
            hidden = (people - people._filtered_access("read")).sudo().filtered(lambda partner: not partner.kehu_customer_id)
            if hidden and not set(hidden._ids) <= self._kehu_form_may_name("res.partner", values):
                hidden.sudo(False).check_access("read")
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _kehu_form_may_name(self, model_name, values):
        """A message goes to those whom its document names, for whoever may read that document."""
        numbers = super()._kehu_form_may_name(model_name, values)
        about = {name: values.get(name, self.env.context.get(f"default_{name}")) for name in ("model", "res_ids")}
        if model_name != "res.partner" or about["model"] not in self.env:
            return numbers
        sent = parse_res_ids(about["res_ids"], self.env) if isinstance(about["res_ids"], (str, list, tuple)) else []
        documents = self.env[about["model"]].browse(filter(is_record_id, sent or [])).exists()
        # sudo: the documents - whom they name
        named = documents._filtered_access("read").sudo()._mail_get_partners()
        return numbers.union(*(partners.ids for partners in named.values()))
