from odoo import models

SALES_MENU = "crm.crm_menu_sales"
# entries of the host that rest on opportunities; its own root menu keeps people without a sales role out, ours lets them in
APP_MENU = "crm.crm_menu_root"
# the pipeline: our entry, else the host's
START_MENUS = ("kehu_crm.crm_lead_menu_kehu_opportunities", "crm.menu_crm_opportunities")
# entries of the host beside which an entry of ours shows the same thing to people of the CRM
DOUBLE_MENUS = (
    "crm.menu_crm_opportunities",
    "crm.res_partner_menu_customer",
    "sale_crm.sale_order_menu_quotations_crm",
)
PIPELINE_MENUS = (*DOUBLE_MENUS, "crm.sales_team_menu_team_pipeline")


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """One entry for one thing, and only what opens.

        People of the CRM meet our entries instead of the host's for the same; salespeople of the host alone keep the host's. Approvers,
        service and finance do not meet the pipeline, and nobody a section that is empty.
        """
        hidden = super()._load_menus_blacklist()
        if self.env.user.has_group("kehu_crm.group_kehu_user"):
            return [*hidden, *self._kehu_menu_ids(DOUBLE_MENUS)]
        if self.env.user.has_group("sales_team.group_sale_salesman"):
            return hidden
        hidden = [*hidden, *self._kehu_menu_ids(PIPELINE_MENUS)]
        section = self.env.ref(SALES_MENU, raise_if_not_found=False)
        if section and not self.search([("parent_id", "=", section.id), ("id", "not in", hidden)])._filter_visible_menus():
            hidden.append(section.id)
        return hidden

    def _kehu_menu_ids(self, xmlids):
        menus = [self.env.ref(xmlid, raise_if_not_found=False) for xmlid in xmlids]
        return [menu.id for menu in menus if menu]

    def load_web_menus(self, debug):
        """Open the CRM where the host opens it, on the pipeline, though other entries of ours stand before it in the menu."""
        menus = super().load_web_menus(debug)
        by_xmlid = {menu["xmlid"]: menu for menu in menus.values() if menu["xmlid"] in (APP_MENU, *START_MENUS)}
        start = next((by_xmlid[xmlid] for xmlid in START_MENUS if xmlid in by_xmlid), None)
        if start and APP_MENU in by_xmlid:
            by_xmlid[APP_MENU].update({name: start[name] for name in ("actionID", "actionModel", "actionPath")})
        return menus
