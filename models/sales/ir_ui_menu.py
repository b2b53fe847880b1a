from odoo import models

SALES_MENU = "crm.crm_menu_sales"
# entries of the host that rest on opportunities; its own root menu keeps people without a sales role out, ours lets them in
PIPELINE_MENUS = ("crm.menu_crm_opportunities", "crm.sales_team_menu_team_pipeline", "crm.res_partner_menu_customer")


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Approvers, service and finance meet in the CRM menu what they may open: not the pipeline, and no section that is empty."""
        hidden = super()._load_menus_blacklist()
        if self.env.user.has_group("sales_team.group_sale_salesman"):
            return hidden
        menus = [self.env.ref(xmlid, raise_if_not_found=False) for xmlid in PIPELINE_MENUS]
        hidden = [*hidden, *(menu.id for menu in menus if menu)]
        section = self.env.ref(SALES_MENU, raise_if_not_found=False)
        if section and not self.search([("parent_id", "=", section.id), ("id", "not in", hidden)])._filter_visible_menus():
            hidden.append(section.id)
        return hidden
