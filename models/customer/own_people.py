from odoo import api, models

from .exceptions import KehuCustomerError


def refuse_own_people(partners):
    """Refuse companies and users of one's own that are customers: everybody inside would see and change such a customer.

    :param res.partner partners: of companies or internal users
    :raises KehuCustomerError: for the first customer among them
    """
    # sudo: res.partner - whether it is a customer, whoever owns it
    customer = partners.sudo().filtered("kehu_is_customer")[:1]
    if customer:
        raise KehuCustomerError(
            partners.env._(
                "“%(name)s” is a customer of the CRM and cannot become a company or a user of your own. Create a separate contact for it.",
                name=customer.name,
            )
        )


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.constrains("partner_id", "group_ids")
    def _check_kehu_partner_is_no_customer(self):
        """Customers sign in to the portal; inside they are no colleagues."""
        # sudo: res.users - which of them are internal
        refuse_own_people(self.sudo().filtered(lambda user: not user.share).partner_id)


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.constrains("partner_id")
    def _check_kehu_partner_is_no_customer(self):
        """A customer does not become a company of one's own: its own contacts and orders would be in the books twice."""
        refuse_own_people(self.partner_id)
