import re
import unicodedata

from odoo import SUPERUSER_ID, api, models
from odoo.tools import email_normalize, escape_psql, plaintext2html

# What a visitor may enter, and at most so many characters of it.
VISITOR_FIELDS = {"contact_name": 64, "company_name": 128, "phone": 32, "email": 128, "message": 2000}
REQUIRED_FIELDS = ("contact_name", "message")
MOST_TRACKING_CHARACTERS = 64
FEWEST_DIGITS = 5
# From all addresses together; a flood from many is one that no limit per address sees.
MOST_PER_HOUR = 300
PHONE = re.compile(r"[\d\s()（）+.\-–—/#*转分机extEXT]+")


def clean(text, lines=False):
    """A visitor's text without control characters (a null ends a request in PostgreSQL) and directions of script that hide words.

    :param bool lines: keep the line breaks
    """
    text = text if isinstance(text, str) else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "\n" if lines else ""
    text = "".join(
        character if character in kept or unicodedata.category(character) not in ("Cc", "Cf", "Cs") else " " for character in text
    )
    return text.strip() if lines else " ".join(text.split())


class CrmLead(models.Model):
    """A visitor writes to us on the public page: a lead of the sales team that the company has chosen.

    Nobody is looked up: the visitor learns nothing about customers, and nothing of a customer is changed. Whether it is a known one is
    asked when the lead becomes a customer, as for every lead.
    """

    _inherit = "crm.lead"

    @api.model
    def _kehu_clean_visitor(self, values):
        """Keep what a visitor may enter of all that came with the request.

        :return: {field: text}, every field of ``VISITOR_FIELDS``
        :rtype: dict[str, str]
        """
        return {name: clean(values.get(name), lines=name == "message") for name in VISITOR_FIELDS}

    @api.model
    def _kehu_visitor_faults(self, values):
        """Say what is wrong with the entries of a visitor.

        :param dict values: as :meth:`_kehu_clean_visitor` gives them
        :return: {field: sentence}, empty when all is well
        :rtype: dict[str, str]
        """
        faults = {}
        for name in REQUIRED_FIELDS:
            if not values[name]:
                faults[name] = self.env._("Please fill this in.")
        if not values["phone"] and not values["email"]:
            faults["phone"] = self.env._("Please enter a phone number or an e-mail address, so that we can answer you.")
        if values["phone"] and (not PHONE.fullmatch(values["phone"]) or sum(map(str.isdigit, values["phone"])) < FEWEST_DIGITS):
            faults["phone"] = self.env._("This is no phone number that we could call.")
        if values["email"] and not email_normalize(values["email"]):
            faults["email"] = self.env._("This is no e-mail address that we could write to.")
        for name, most in VISITOR_FIELDS.items():
            if len(values[name]) > most:
                faults[name] = self.env._("This is too long: at most %(most)s characters.", most=most)
        return faults

    @api.model
    def _kehu_take_visitor(self, company, address, values, tracking):
        """Make a lead out of what a visitor entered.

        :param res.company company: whose page it is, in superuser mode
        :param str address: where it came from; a fingerprint of it is counted
        :param dict values: without faults, see :meth:`_kehu_visitor_faults`
        :param dict tracking: {utm field: name}, as the host keeps them
        :return: ``taken``: a lead was made; ``repeated``: the same came within the hour, nothing was made; ``refused``: too many came
        :rtype: str
        """
        counts = self.env["kehu.visitor.count"]
        limit = company.kehu_contact_limit
        if limit and counts._kehu_count_visit("address", company.id, address) > limit:
            return "refused"
        if counts._kehu_count_visit("same", company.id, sorted(values.items())) > 1:
            return "repeated"
        if counts._kehu_count_visit("company", company.id) > MOST_PER_HOUR:
            return "refused"
        # sudo: crm.lead - a visitor has no rights; only the entries named above are written, into a new lead
        leads = self.sudo().with_company(company).with_context(mail_create_nosubscribe=True, lang=company.partner_id.lang)
        lead = leads.create(leads._kehu_prepare_visitor_lead(company, values, tracking, self.env.lang))
        lead._kehu_tell_of_visitor()
        return "taken"

    def _kehu_tell_of_visitor(self):
        """Give the leader of the sales team the task to answer; who does not work for the company or sells nothing gets none."""
        leader = self.team_id.user_id
        if leader.active and self.company_id in leader.company_ids and leader.has_group("sales_team.group_sale_salesman"):
            self.with_context(lang=leader.lang).activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.with_context(lang=leader.lang).env._("Answer this message of the web form, or give it to a colleague"),
                user_id=leader.id,
            )

    def _kehu_prepare_visitor_lead(self, company, values, tracking, code):
        """Values of the lead; the texts of a visitor are never taken for HTML.

        :param str code: the language of the visitor
        """
        team = company.kehu_contact_team_id.filtered("active")
        uses_leads = self.env["res.users"].browse(SUPERUSER_ID).has_group("crm.group_use_lead") and (not team or team.use_leads)
        language = self.env["res.lang"]._get_data(code=code)
        return {
            "name": self.env._("Web form: %(who)s", who=values["company_name"] or values["contact_name"]),
            "type": "lead" if uses_leads else "opportunity",
            "contact_name": values["contact_name"],
            "partner_name": values["company_name"],
            "phone": values["phone"],
            "email_from": values["email"],
            "description": plaintext2html(values["message"]),
            "team_id": team.id,
            "user_id": False,
            "company_id": company.id,
            "lang_id": language.id if language else False,
            **self._kehu_prepare_visitor_tracking(tracking),
        }

    def _kehu_prepare_visitor_tracking(self, tracking):
        """Find the campaign, source and medium that the visitor's link names; those that nobody of us has made are left out."""
        mixin = self.env["utm.mixin"]
        found = {}
        for _parameter, field_name, _cookie in mixin.tracking_fields():
            field = self._fields.get(field_name)
            if not field or field.type != "many2one":
                continue
            name = clean(tracking.get(field_name))
            good = name and len(name) <= MOST_TRACKING_CHARACTERS
            known = self.env[field.comodel_name].with_context(active_test=False)
            found[field_name] = known.search([("name", "=ilike", escape_psql(name))], limit=1).id if good else False
        if not found.get("medium_id"):
            found["medium_id"] = self.env["utm.medium"]._fetch_or_create_utm_medium("website").id
        return found
