from odoo import api, models

from . import matching
from .exceptions import KehuDuplicateSignupError


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _signup_create_user(self, values):
        """Look for the visitor among the customers before an account of the portal is opened for somebody who was not invited.

        An account is never linked to a customer by what a visitor types: everybody can type the e-mail address of somebody else.

        :raises KehuDuplicateSignupError: when a blocking rule says that the visitor is known already; it says nothing of whom
        """
        if "partner_id" not in values and self._get_signup_invitation_scope() == "b2c":
            self._kehu_check_signup(values)
        return super()._signup_create_user(values)

    @api.model
    def _kehu_check_signup(self, values):
        # sudo: res.partner - a visitor has no rights; what is found is told to colleagues only
        partners = self.env["res.partner"].sudo()
        specs = self.env["kehu.duplicate.rule"]._kehu_specs()
        typed = {name: value for name, value in values.items() if name in matching.STANDARD_FIELDS}
        if not specs or not typed:
            return
        partners.flush_model(partners._kehu_searched_fields())
        hits = matching.search(self.env, specs, [partners._kehu_probe_of_values(typed)], self.env.companies.ids).get(0)
        if not hits:
            return
        refused = any(hit.spec.action == "block" for hit in hits)
        partners.browse(hits[0].customer_id)._kehu_tell_of_signup(typed, hits[0], refused)
        if refused:
            # the page of the host shows the sentence and goes on, so that what was told above is kept
            raise KehuDuplicateSignupError(
                self.env._("An account cannot be opened from here. Please write to us or call us; a colleague will gladly open it for you.")
            )
