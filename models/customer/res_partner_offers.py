from odoo import api, fields, models

# Lists of customers that nobody owns, which salespeople read and do not change.
WAITING_VIEWS = ("res_partner_view_list_kehu_pool",)
# Roles that change customers at all, see security/customer/kehu_customer_rules.xml.
WRITERS = "kehu_crm.group_kehu_user,sales_team.group_sale_salesman_all_leads,account.group_account_invoice"


class ResPartner(models.Model):
    """Screens of the CRM offer what this person may do, and nothing that would end in a refusal."""

    _inherit = "res.partner"

    kehu_can_change = fields.Boolean(
        string="Can Be Changed by Me",
        compute="_compute_kehu_can_change",
        export_string_translation=False,
        help="Whether the current user may change this partner: the card offers to archive it then.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_kehu_can_change(self):
        """Ask for all of them at once, of the person and not of the superuser that code may run as; a new one is its maker's."""
        changeable = set(self._origin.sudo(False)._filtered_access("write")._ids)
        for partner in self:
            partner.kehu_can_change = not partner._origin or partner._origin.id in changeable

    @api.model
    def get_views(self, views, options=None):
        """The views of the CRM do not offer to make a customer of a customer, nor to archive what this person may not change.

        The screens of the host, with the same partners in them, stay as they are.
        """
        result = super().get_views(views, options)
        shown = self._kehu_view_names({view["id"] for view in result["views"].values()})
        if not shown:
            return result
        make = self.env["ir.model.data"]._xmlid_to_res_id("kehu_crm.res_partner_action_kehu_make_customer")
        for view in result["views"].values():
            toolbar = view.get("toolbar") or {}
            if "action" in toolbar and self._kehu_view_names({view["id"]}) & self._kehu_customer_views():
                toolbar["action"] = [action for action in toolbar["action"] if action["id"] != make]
        if not self._kehu_archives_in(shown) and "active" in result["models"]["res.partner"]["fields"]:
            result["models"]["res.partner"]["fields"]["active"]["readonly"] = True
        return result

    @api.model
    def _kehu_customer_views(self):
        """Return the names of views that show customers alone.

        :rtype: set[str]
        """
        return {
            "res_partner_view_form_kehu",
            "res_partner_view_list_kehu",
            "res_partner_view_list_kehu_plan",
            "res_partner_view_kanban_kehu",
            "res_partner_view_kanban_kehu_plan",
            *WAITING_VIEWS,
        }

    @api.model
    def _kehu_view_names(self, numbers):
        """Return the names of those of these views that are screens of the CRM for partners.

        :param set numbers: ids of views
        :rtype: set[str]
        """
        names = self._kehu_customer_views() | {"res_partner_view_form_kehu_contact", "res_partner_view_list_kehu_contact"}
        lookup = self.env["ir.model.data"]._xmlid_to_res_id
        return {name for name in names if lookup(f"kehu_crm.{name}") in numbers}

    @api.model
    def _kehu_archives_in(self, names):
        """Tell whether this person may archive anything of what these views list; rooms extend it.

        :param set names: of views, see :meth:`_kehu_view_names`
        :rtype: bool
        """
        user = self.env.user
        if not self.has_access("write") or not user.has_groups(WRITERS):
            return False
        return not names & set(WAITING_VIEWS) or user.has_group("kehu_crm.group_kehu_manager")
