from odoo import api, fields, models

# Regions of the shipped dictionary with their provinces, by the codes of the host's external ids.
REGIONS = {
    "kehu_customer_region_east": "SH JS ZJ AH FJ JX SD",
    "kehu_customer_region_south": "GD GX HI",
    "kehu_customer_region_north": "BJ TJ HE SX NM",
    "kehu_customer_region_central": "HA HB HN",
    "kehu_customer_region_southwest": "CQ SC GZ YN XZ",
    "kehu_customer_region_northwest": "SN GS QH NX XJ",
    "kehu_customer_region_northeast": "LN JL HL",
    "kehu_customer_region_abroad": "HK MO TW",
}


class ResCountryState(models.Model):
    _inherit = "res.country.state"

    kehu_region_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Region",
        domain=[("dictionary", "=", "customer_region")],
        ondelete="set null",
        help="The region that an address in this province gets by itself.",
        groups="base.group_user",
    )

    @api.model
    def _kehu_fill_regions(self):
        """Give China's provinces the regions that are shipped, where both are there and the province has none."""
        for region, codes in REGIONS.items():
            word = self.env.ref(f"kehu_crm.{region}", raise_if_not_found=False)
            for code in codes.split() if word else ():
                state = self.env.ref(f"base.state_cn_{code}", raise_if_not_found=False)
                if state and not state.kehu_region_id:
                    state.kehu_region_id = word
