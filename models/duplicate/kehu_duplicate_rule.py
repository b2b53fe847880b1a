from odoo import api, fields, models
from odoo.tools import ormcache

from .exceptions import KehuDuplicateRuleError
from .matching import CONTACT_FIELDS, STANDARD_FIELDS, Spec

# Kinds of fields whose values can be told apart; what the system itself keeps is not among them.
TTYPES = ("char", "text", "integer", "float", "monetary", "date", "datetime", "selection", "many2one")
SIMILAR_FIELDS = ("name", "email")
# Partners for whom keys of a new field are made while the administrator waits; in a larger base a scheduled action makes them.
FILLED_AT_ONCE = 50_000


class KehuDuplicateRule(models.Model):
    """What makes two customers the same, and what happens then. The rules are tried together; the order is that of the list."""

    _name = "kehu.duplicate.rule"
    _description = "Duplicate Rule"
    _order = "sequence, id"
    _kehu_configuration = ("field_name", "match", "place", "scope")

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    field_name = fields.Selection(
        selection="_selection_field_name",
        string="Field",
        required=True,
        help="What is compared. A phone number is compared with the phones and the mobiles of the others.",
    )
    match = fields.Selection(
        [("exact", "Exactly as written"), ("normalised", "However it is written"), ("similar", "Similar")],
        required=True,
        default="normalised",
        help="However it is written: names without legal form, width, case and traditional characters; phones in international form; "
        "e-mail and website in lower case without decoration. Similar: names that look or sound alike; e-mail addresses of one domain.",
    )
    threshold = fields.Float(
        default=0.6,
        help="For similar names: how alike two names must be, from 0 to 1. At 0.6 one wrong character in a name of four is found; "
        "at 0.8 hardly anything is reported in vain.",
    )
    place = fields.Selection(
        [("keep", "Counts"), ("open", "May be missing on one side"), ("ignore", "Does not count")],
        required=True,
        default="open",
        help="Province and city in a name: whether 苏州华强科技 and 华强科技, or 苏州华强科技 and 无锡华强科技, are the same.",
    )
    scope = fields.Selection(
        [("customers", "Customers"), ("contacts", "Customers and their contacts")],
        required=True,
        default="contacts",
        help="Whether a phone number or an e-mail address is also looked for among the contact persons.",
    )
    action = fields.Selection(
        [("tell", "Tell"), ("block", "Block")],
        required=True,
        default="tell",
        help="Tell: the form names the customers found, and it can be saved all the same. Block: it cannot be saved, by no route.",
    )
    on_change = fields.Boolean(
        string="Changes Too", default=True, help="Block not only new customers, but also a change that would make a customer a duplicate."
    )
    refuse_import = fields.Boolean(
        string="Refuse in Imports", help="An import leaves out rows that are duplicates by this rule. What is blocked is always left out."
    )

    _threshold_range = models.Constraint("CHECK (threshold > 0 AND threshold <= 1)", "The threshold lies between 0 and 1.")

    @api.model
    def _selection_field_name(self):
        """Stored fields of a partner that people fill in, the usual ones first."""
        partner_fields = self.env["res.partner"]._fields
        technical = self.env["res.partner"]._kehu_system_fields() | {"id", "create_uid", "write_uid", "create_date", "write_date"}
        names = [
            name
            for name, field in partner_fields.items()
            if field.store and field.type in TTYPES and field.column_type and name not in technical and not field.company_dependent
        ]
        labels = self.env["res.partner"].fields_get(names, ["string"])
        rest = sorted((name for name in names if name not in STANDARD_FIELDS), key=lambda name: labels.get(name, {}).get("string", name))
        return [(name, labels.get(name, {}).get("string", name)) for name in (*STANDARD_FIELDS, *rest)]

    @api.depends("field_name", "match", "threshold")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = self._kehu_label(rule.field_name, rule.match)

    @api.model
    def _kehu_label(self, field_name, match):
        """Return how people call a rule, e.g. “Name: similar”."""
        field = self.env["res.partner"]._fields.get(field_name)
        matches = dict(self._fields["match"]._description_selection(self.env))
        return self.env._("%(field)s: %(match)s", field=field._description_string(self.env) if field else "", match=matches.get(match, ""))

    @api.constrains("field_name", "match")
    def _check_match(self):
        for rule in self:
            if rule.match == "similar" and rule.field_name not in SIMILAR_FIELDS:
                raise KehuDuplicateRuleError(
                    self.env._(
                        "“%(rule)s” is not possible: only names and e-mail addresses can be similar. Choose “However it is written”.",
                        rule=rule.display_name,
                    )
                )

    @api.constrains("field_name")
    def _check_field_name(self):
        """Refuse what the list of fields does not offer: by RPC any name can be written, and such a rule would find nothing, silently."""
        offered = {name for name, _label in self._selection_field_name()}
        for rule in self:
            if rule.field_name not in offered:
                raise KehuDuplicateRuleError(
                    self.env._("Customers cannot be compared by “%(field)s”. Choose a field from the list.", field=rule.field_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._kehu_rules_changed(rules.mapped("field_name"))
        return rules

    def write(self, vals):
        before = set(self.mapped("field_name"))
        result = super().write(vals)
        self._kehu_rules_changed(set(self.mapped("field_name")) - before if not vals.get("active") else self.mapped("field_name"))
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _kehu_rules_changed(self, field_names):
        """Forget what is remembered of the rules, and have keys made for fields that had none.

        :param field_names: names of fields that a rule may have begun to look at
        """
        self.env.registry.clear_cache()
        if set(field_names) - set(STANDARD_FIELDS):
            self._kehu_refill_keys()

    @api.model
    def _kehu_refill_keys(self):
        """Have the keys of all customers made again: at once in a small base, in a large one by the scheduled action of the room."""
        self.env.cr.execute("SELECT reltuples FROM pg_class WHERE oid = 'res_partner'::regclass")
        if self.env.cr.fetchone()[0] < FILLED_AT_ONCE:
            self.env["res.partner"]._kehu_fill_duplicate_keys(everybody=True)
            return
        # sudo: ir.config_parameter, ir.cron - the scheduled action of the room makes the keys, and goes on where it was
        self.env["ir.config_parameter"].sudo().set_param("kehu_crm.duplicate_fill_after", 0)
        self.env.ref("kehu_crm.kehu_duplicate_search_ir_cron").sudo()._trigger()  # sudo: ir.cron - see above

    @api.model
    @ormcache()
    def _kehu_specs(self):
        """Return the active rules as plain values, in their order.

        :rtype: tuple[Spec]
        """
        # sudo: kehu.duplicate.rule - everybody is checked by the rules, whoever may read them
        return tuple(rule._kehu_spec() for rule in self.sudo().search([]))

    def _kehu_spec(self):
        self.ensure_one()
        return Spec(
            id=self.id,
            field=self.field_name,
            match=self.match,
            threshold=self.threshold,
            place=self.place,
            scope=self.scope if self.field_name in CONTACT_FIELDS else "customers",
            action=self.action,
            refuse_import=self.refuse_import or self.action == "block",
            on_change=self.on_change,
        )
