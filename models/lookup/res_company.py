from odoo import api, fields, models

from ..customer.res_partner import STAGES

REACH = [("hidden", "Not shown"), ("masked", "Masked"), ("clear", "In full")]
STAGE_FIELDS = {stage: f"kehu_lookup_{stage}" for stage, _label in STAGES}


class ResCompany(models.Model):
    """The policy of the public search: whom it finds, what it shows, who may use it and how often.

    No column here is required in the database: a company may be made while this add-on is not loaded. What is empty is not shown.
    """

    _inherit = "res.company"

    # -- what is shown
    kehu_lookup_name = fields.Selection(
        [("whole", "In full"), ("typed", "Only the characters that were typed")],
        string="Public Search Shows: Name",
        default="whole",
        help="How the names of customers are shown that the person could not open anyway.",
    )
    kehu_lookup_owner = fields.Boolean(string="Public Search Shows: Owner", default=True)
    kehu_lookup_pool = fields.Boolean(string="Public Search Shows: Pool", default=True)
    kehu_lookup_stage = fields.Boolean(string="Public Search Shows: Stage", default=True)
    kehu_lookup_level = fields.Boolean(string="Public Search Shows: Level")
    kehu_lookup_city = fields.Boolean(string="Public Search Shows: City", default=True)
    kehu_lookup_phone = fields.Selection(
        REACH,
        string="Public Search Shows: Phone",
        default="masked",
        help="Masked: 138****0000. In full: everybody reads the phones of all customers.",
    )
    kehu_lookup_email = fields.Selection(
        REACH,
        string="Public Search Shows: Email",
        default="masked",
        help="Masked: w***@example.com. In full: everybody reads the e-mail addresses of all customers.",
    )
    # -- which customers are found
    kehu_lookup_owned = fields.Boolean(string="Public Search Finds: Owned Customers", default=True)
    kehu_lookup_waiting = fields.Boolean(string="Public Search Finds: Customers in a Pool", default=True)
    kehu_lookup_potential = fields.Boolean(string="Public Search Finds: Potential", default=True)
    kehu_lookup_interested = fields.Boolean(string="Public Search Finds: Interested", default=True)
    kehu_lookup_won = fields.Boolean(string="Public Search Finds: Won", default=True)
    kehu_lookup_dormant = fields.Boolean(string="Public Search Finds: Dormant", default=True)
    kehu_lookup_lost = fields.Boolean(string="Public Search Finds: Lost", default=True)
    # -- who searches, and how often
    kehu_lookup_service = fields.Boolean(string="Public Search for Service Agents", default=True)
    kehu_lookup_finance = fields.Boolean(string="Public Search for Finance")
    kehu_lookup_min_length = fields.Integer(
        string="Shortest Term",
        default=2,
        help="A name is searched by at least so many characters, by one more where none of them is Chinese. 0: by any.",
    )
    kehu_lookup_max_hits = fields.Integer(
        string="Customers Shown", default=20, help="Of more customers the first ones are shown, and nobody learns how many there are."
    )
    kehu_lookup_max_per_day = fields.Integer(
        string="Searches per Person and Day",
        default=100,
        help="Checks for duplicates count too, for people who do not see all customers. 0: no limit.",
    )
    kehu_lookup_max_misses = fields.Integer(
        string="Failed Guesses per Person and Day",
        default=30,
        help="Searches by phone or e-mail that found nobody. The limit keeps people from guessing the hidden digits of a masked phone. "
        "0: no limit.",
    )
    kehu_lookup_max_typed = fields.Integer(
        string="Numbers Typed per Person and Day",
        default=100,
        help="So many phone numbers and e-mail addresses that a person types into forms of customers are compared with those of others; "
        "from then on the form finds by them only customers that the person sees. 0: no limit.",
    )

    _kehu_lookup_numbers = models.Constraint(
        "CHECK (COALESCE(kehu_lookup_min_length, 0) BETWEEN 0 AND 20 AND COALESCE(kehu_lookup_max_hits, 20) BETWEEN 1 AND 100"
        " AND COALESCE(kehu_lookup_max_per_day, 0) >= 0 AND COALESCE(kehu_lookup_max_misses, 0) >= 0"
        " AND COALESCE(kehu_lookup_max_typed, 0) >= 0)",
        "In the public search the shortest term has 0 to 20 characters, 1 to 100 customers are shown, and limits are not negative.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()  # who meets the menu, see ir.ui.menu
        return companies

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"kehu_lookup_service", "kehu_lookup_finance"}:
            self.env.registry.clear_cache()
        return result

    def _kehu_lookup_hidden_stages(self):
        """Return the stages whose customers the public search does not find. A stage that a consultant added is found."""
        self.ensure_one()
        return [stage for stage, name in STAGE_FIELDS.items() if not self[name]]
