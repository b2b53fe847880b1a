from odoo import api, fields, models
from odoo.tools import SQL, ormcache
from odoo.tools.sql import column_exists, create_column

from ...tools import folding, folding_reach
from .matching import STANDARD_FIELDS, other_key

NAME_KEYS = ("kehu_name_key", "kehu_name_core", "kehu_name_sound", "kehu_name_grams")
REACH_KEYS = ("kehu_phone_key", "kehu_mobile_key", "kehu_email_domain")
COMPANY_KEYS = ("kehu_website_key", "kehu_vat_key")
KEYS = (*NAME_KEYS, *REACH_KEYS, *COMPANY_KEYS, "kehu_other_keys")
FILL_BATCH = 5000


class ResPartner(models.Model):
    """Folded keys by which duplicates are found, kept with each customer and contact of the CRM. See tools/folding.py."""

    _inherit = "res.partner"

    kehu_name_key = fields.Char(
        string="Name Key",
        compute="_compute_kehu_name_keys",
        store=True,
        precompute=True,
        export_string_translation=False,
        groups="base.group_user",
        help="Place and name of the company without legal form, width, case and traditional characters.",
    )
    kehu_name_core = fields.Char(
        string="Name Key without Place",
        compute="_compute_kehu_name_keys",
        store=True,
        precompute=True,
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_name_sound = fields.Char(
        string="Name Key by Sound",
        compute="_compute_kehu_name_keys",
        store=True,
        precompute=True,
        index="btree_not_null",
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_name_grams = fields.Char(
        string="Pairs of Characters",
        compute="_compute_kehu_name_keys",
        store=True,
        precompute=True,
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_phone_key = fields.Char(
        string="Phone Key",
        compute="_compute_kehu_reach_keys",
        store=True,
        index="btree_not_null",
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_mobile_key = fields.Char(
        string="Mobile Key",
        compute="_compute_kehu_reach_keys",
        store=True,
        index="btree_not_null",
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_email_domain = fields.Char(
        string="E-mail Domain",
        compute="_compute_kehu_reach_keys",
        store=True,
        index="btree_not_null",
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_website_key = fields.Char(
        string="Website Key",
        compute="_compute_kehu_company_keys",
        store=True,
        precompute=True,
        index="btree_not_null",
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_vat_key = fields.Char(
        string="Tax ID Key",
        compute="_compute_kehu_company_keys",
        store=True,
        precompute=True,
        index="btree_not_null",
        export_string_translation=False,
        groups="base.group_user",
    )
    kehu_other_keys = fields.Char(
        string="Other Keys",
        compute="_compute_kehu_other_keys",
        store=True,
        export_string_translation=False,
        groups="base.group_user",
    )

    # what the search over the whole base reads is in the index, so that it need not read the customers
    _kehu_name_key_idx = models.Index("(kehu_name_key) INCLUDE (kehu_customer_id, active, company_id) WHERE kehu_name_key IS NOT NULL")
    _kehu_name_core_idx = models.Index(
        "(kehu_name_core) INCLUDE (kehu_name_key, kehu_customer_id, active, company_id) WHERE kehu_name_core IS NOT NULL"
    )
    _kehu_name_grams_idx = models.Index("USING gin (string_to_array(kehu_name_grams, ' ')) WHERE kehu_name_grams IS NOT NULL")
    _kehu_other_keys_idx = models.Index("USING gin (string_to_array(kehu_other_keys, ' ')) WHERE kehu_other_keys IS NOT NULL")
    # an index of ours on the host's column, which goes when the add-on goes
    _kehu_email_idx = models.Index("(email_normalized) WHERE kehu_customer_id IS NOT NULL AND email_normalized IS NOT NULL")

    def _auto_init(self):
        """Make the columns by hand, so that the ORM does not compute them for each partner of a grown base; see :meth:`init`."""
        for name in KEYS:
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, "varchar")
        return super()._auto_init()

    def init(self):
        """Give keys to customers that have none: those that an earlier version made, or that came in by SQL."""
        result = super().init()
        if column_exists(self.env.cr, self._table, "kehu_customer_id"):
            self._kehu_fill_duplicate_keys()
        return result

    # -- computes ------------------------------------------------------------------------------------------------------

    def _add_precomputed_values(self, vals_list):
        """Fold what a new partner is given: the host would make up a record of each only to compute these keys from it."""
        for vals in vals_list:
            names = ("name", "website", "vat") if vals.get("kehu_is_customer") else ()
            name, website, vat = [self._fields[one].convert_to_cache(vals.get(one), self) for one in names] or (False, False, False)
            vals.update(self._kehu_name_keys(name), **self._kehu_company_keys(website, vat))
        return super()._add_precomputed_values(vals_list)

    @api.depends("name", "kehu_is_customer")
    def _compute_kehu_name_keys(self):
        for partner in self:
            partner.update(self._kehu_name_keys(partner.name if partner.kehu_is_customer else False))

    @api.depends("phone", "kehu_mobile", "email", "country_id", "kehu_customer_id")
    def _compute_kehu_reach_keys(self):
        for partner in self:
            values = (partner.phone, partner.kehu_mobile, partner.email) if partner.kehu_customer_id else (False, False, False)
            partner.update(self._kehu_reach_keys(*values, partner._kehu_phone_region()))

    @api.depends("website", "vat", "kehu_is_customer")
    def _compute_kehu_company_keys(self):
        for partner in self:
            values = (partner.website, partner.vat) if partner.kehu_is_customer else (False, False)
            partner.update(self._kehu_company_keys(*values))

    @api.depends("kehu_is_customer")
    def _compute_kehu_other_keys(self):
        """Keys of fields that rules of the administrator look at; ``write`` has them computed again, as the fields are not known here."""
        names = self._kehu_other_fields()
        for partner in self:
            values = {name: self._kehu_plain_value(partner, name) for name in names} if partner.kehu_is_customer else {}
            partner.kehu_other_keys = self._kehu_other_keys_of(values)

    # -- folding -------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_name_keys(self, name):
        """Return the columns that follow from the name of a company; a false value empties them."""
        place, core = folding.split_name(name) if name else ("", "")
        return {
            "kehu_name_key": place + core or False,
            "kehu_name_core": core or False,
            "kehu_name_sound": folding.name_sound(core) or False,
            "kehu_name_grams": " ".join(folding.name_grams(core)) or False,
        }

    @api.model
    def _kehu_reach_keys(self, phone, mobile, email, region):
        """Return the columns that follow from phones and e-mail."""
        return {
            "kehu_phone_key": (phone and folding_reach.phone_key(phone, region)) or False,
            "kehu_mobile_key": (mobile and folding_reach.phone_key(mobile, region)) or False,
            "kehu_email_domain": (email and folding_reach.email_domain(email)) or False,
        }

    @api.model
    def _kehu_company_keys(self, website, vat):
        return {
            "kehu_website_key": (website and folding_reach.website_key(website)) or False,
            "kehu_vat_key": (vat and folding_reach.vat_key(vat)) or False,
        }

    @api.model
    def _kehu_other_keys_of(self, values):
        """:param dict values: {field: plain value}"""
        return (
            " ".join(key for name, value in values.items() if value not in (None, False, "") and (key := other_key(name, value))) or False
        )

    @api.model
    def _kehu_other_fields(self):
        """Return the names of the fields that only rules of the administrator look at."""
        specs = self.env["kehu.duplicate.rule"]._kehu_specs()
        return sorted({spec.field for spec in specs if spec.field in self._fields} - set(STANDARD_FIELDS))

    @api.model
    def _kehu_plain_value(self, partner, name):
        """Return a value as the column holds it: the number of a related record, else what was typed."""
        field = self._fields[name]
        value = partner[name]
        return value.id if field.type == "many2one" else value

    def _kehu_phone_region(self):
        """Return the country code of phone numbers of this partner that are written without one: its own, that of the company, China."""
        return self.country_id.code or self._kehu_company_region(self.env.company.id)

    @api.model
    @ormcache("company_id")
    def _kehu_company_region(self, company_id):
        # sudo: res.company - the country of phone numbers without one
        company = self.env["res.company"].sudo().browse(company_id)
        # that one column and no other: asked while the add-on is installed, when columns of the company are not all there
        return company.with_context(prefetch_fields=False).partner_id.country_id.code or "CN"

    # -- filling -------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_fill_duplicate_keys(self, everybody=False, after=0, most=None):
        """Compute the keys of customers and contacts that came in past the ORM, in batches by SQL; nothing else of them is touched.

        :param bool everybody: also those that have keys, e.g. after the folding has changed; else those without a name key
        :param int after: begin behind this id
        :param int most: stop after so many partners; all when empty
        :return: the last id that was looked at, 0 when none is left
        """
        cr = self.env.cr
        self.env["res.partner"].flush_model()
        others = self._kehu_other_fields() if everybody else []
        region = self._kehu_company_region(self.env.company.id)
        done = 0
        while most is None or done < most:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT p.id, p.kehu_is_customer, p.name, p.phone, p.kehu_mobile, p.email, p.website, p.vat, c.code %(others)s
                      FROM res_partner p LEFT JOIN res_country c ON c.id = p.country_id
                     WHERE p.id > %(after)s AND %(which)s
                  ORDER BY p.id LIMIT %(batch)s
                    """,
                    others=SQL("".join(", p.%s" for _name in others), *(SQL.identifier(name) for name in others)),
                    after=after,
                    which=SQL("p.kehu_customer_id IS NOT NULL")
                    if everybody
                    else SQL(
                        "p.kehu_customer_id IS NOT NULL AND ((p.kehu_is_customer AND p.name <> '' AND p.kehu_name_key IS NULL)"
                        " OR (p.phone <> '' AND p.kehu_phone_key IS NULL) OR (p.kehu_mobile <> '' AND p.kehu_mobile_key IS NULL))"
                    ),
                    batch=FILL_BATCH,
                )
            )
            if not rows:
                after = 0
                break
            columns = {name: [] for name in KEYS}
            for _id, is_customer, name, phone, mobile, email, website, vat, country, *values in rows:
                keys = {
                    **self._kehu_name_keys(name if is_customer else False),
                    **self._kehu_reach_keys(phone, mobile, email, country or region),
                    **self._kehu_company_keys(*((website, vat) if is_customer else (False, False))),
                    "kehu_other_keys": self._kehu_other_keys_of(dict(zip(others, values, strict=True)) if is_customer else {}),
                }
                for column, key in keys.items():
                    columns[column].append(key or None)
            written = KEYS if everybody else KEYS[:-1]
            cr.execute(
                SQL(
                    "UPDATE res_partner p SET %s FROM unnest(%s::int[], %s) AS made(id, %s) WHERE p.id = made.id",
                    SQL(", ").join(SQL("%s = made.%s", SQL.identifier(name), SQL.identifier(name)) for name in written),
                    [row[0] for row in rows],
                    SQL(", ").join(SQL("%s::text[]", columns[name]) for name in written),
                    SQL(", ").join(SQL.identifier(name) for name in written),
                )
            )
            after = rows[-1][0]
            done += len(rows)
        self.env["res.partner"].invalidate_model(KEYS)
        return after
