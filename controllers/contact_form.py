import ipaddress

from odoo.http import Controller, request, route
from werkzeug.exceptions import NotFound

from ..models.sales.crm_lead_visitor import REQUIRED_FIELDS, VISITOR_FIELDS

# A field that people do not see and programs fill in.
TRAP = "website_url"


class KehuContactForm(Controller):
    """The public page on which a visitor writes to us. Off unless the company has turned it on."""

    @route(
        ["/kehu/contact", "/kehu/contact/<string:token>"],
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET", "POST"],
        captcha="kehu_contact",
    )
    def kehu_contact(self, token=None, **kwargs):
        """Show the form, or take what was entered.

        :param str token: of the company; without it the company of the visitor's user, usually the first one
        """
        company_sudo = self._kehu_company(token)
        leads = request.env["crm.lead"]
        if request.httprequest.method == "GET":
            values = leads._kehu_clean_visitor({})
            if not request.env.user._is_public():
                user = request.env.user
                values.update(contact_name=user.name or "", phone=user.phone or "", email=user.email or "")
            return self._kehu_show(company_sudo, values, sent="sent" in kwargs)
        values = leads._kehu_clean_visitor(kwargs)
        faults = leads._kehu_visitor_faults(values)
        if faults:
            return self._kehu_show(company_sudo, values, faults=faults)
        if not kwargs.get(TRAP):
            taken = leads._kehu_take_visitor(company_sudo, self._kehu_address(), values, self._kehu_tracking(kwargs))
            if taken == "refused":
                response = self._kehu_show(company_sudo, values, refused=True)
                response.status_code = 429
                return response
        return request.redirect(f"{request.httprequest.path}?sent=1")

    def _kehu_company(self, token):
        """Whose page it is, in superuser mode; a page that is off is a page that does not exist."""
        # sudo: res.company - the settings of the page, for visitors
        companies_sudo = request.env["res.company"].sudo()
        if token is None:
            company_sudo = request.env.company.sudo()  # sudo: res.company - as above
        else:
            company_sudo = companies_sudo.search([("kehu_contact_token", "=", token)], limit=1)
        if not company_sudo.kehu_contact_form:
            raise NotFound
        return company_sudo

    def _kehu_address(self):
        """Where the visitor comes from. Whoever has an address of the newer kind has a whole network of them."""
        address = request.httprequest.remote_addr or ""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return address
        if parsed.version == 6 and not parsed.ipv4_mapped:
            return str(ipaddress.ip_network(f"{address.split('%')[0]}/64", strict=False))
        return str(getattr(parsed, "ipv4_mapped", None) or parsed)

    def _kehu_tracking(self, kwargs):
        """Campaign, source and medium: of the address of the page, else of the cookies that the host has set."""
        cookies = request.cookies
        return {
            field: kwargs.get(parameter) or cookies.get(cookie) for parameter, field, cookie in request.env["utm.mixin"].tracking_fields()
        }

    def _kehu_show(self, company_sudo, values, faults=None, sent=False, refused=False):
        return request.render(
            "kehu_crm.contact_form_page",
            {
                "res_company": company_sudo,
                "values": values,
                "faults": faults or {},
                "sent": sent,
                "refused": refused,
                "most": VISITOR_FIELDS,
                "required": REQUIRED_FIELDS,
                "trap": TRAP,
                "page_name": "kehu_contact",
            },
        )
