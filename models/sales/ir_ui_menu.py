from odoo import models

SALES_MENU = "crm.crm_menu_sales"
# entries of the host that rest on opportunities; its own root menu keeps people without a sales role out, ours lets them in
APP_MENU = "crm.crm_menu_root"
START_MENU = "crm.menu_crm_opportunities"
PIPELINE_MENUS = (
    "crm.menu_crm_opportunities",
    "crm.sales_team_menu_team_pipeline",
    "crm.res_partner_menu_customer",
    "sale_crm.sale_order_menu_quotations_crm",
)


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

    def load_web_menus(self, debug):
        """Open the CRM where the host opens it, on the pipeline, though our customers stand before it in the menu."""
        menus = super().load_web_menus(debug)
        by_xmlid = {menu["xmlid"]: menu for menu in menus.values() if menu["xmlid"] in (APP_MENU, START_MENU)}
        if len(by_xmlid) == 2:
            start = {name: by_xmlid[START_MENU][name] for name in ("actionID", "actionModel", "actionPath")}
            by_xmlid[APP_MENU].update(start)
        return menus
