import datetime

from odoo import api, fields, models

from ...models.duplicate.exceptions import KehuDuplicateRuleError
from ...models.duplicate.kehu_duplicate_rule import SIMILAR_FIELDS
from ...models.duplicate.matching import MOST_HITS, OTHER_SCORE, STANDARD_FIELDS, Probe, Spec, plain_text

START_LINES = (("name", "similar"), ("phone", "normalised"), ("email", "normalised"), ("vat", "normalised"))


class KehuDuplicateCheck(models.TransientModel):
    """The advanced check: is somebody known under any combination of values, whatever the rules say?"""

    _name = "kehu.duplicate.check"
    _inherit = ["kehu.seen.links.mixin"]
    _description = "Check for Duplicates"
    _rec_name = "id"

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, help="The customer that is not compared with itself.")
    combine = fields.Selection(
        [("any", "one of these matches"), ("all", "all of these match")], string="Show Customers When", required=True, default="any"
    )
    threshold = fields.Float(string="How Similar", default=0.6, help="For similar names, from 0 to 1.")
    place = fields.Selection(
        [("keep", "Counts"), ("open", "May be missing on one side"), ("ignore", "Does not count")], required=True, default="open"
    )
    line_ids = fields.One2many(
        "kehu.duplicate.check.line", "check_id", string="What to Compare", default=lambda self: self._default_line_ids()
    )
    result_ids = fields.One2many("kehu.duplicate.check.result", "check_id", string="Customers Found", readonly=True)
    checked = fields.Boolean(readonly=True)

    @api.model
    def _default_line_ids(self):
        return [(0, 0, {"field_name": name, "match": match}) for name, match in START_LINES]

    @api.constrains("threshold")
    def _check_threshold(self):
        for check in self:
            if not 0 < check.threshold <= 1:
                raise KehuDuplicateRuleError(self.env._("“How Similar” lies between 0 and 1, e.g. 0.6."))

    def action_check(self):
        """Search by the lines that have a value, and show what was found.

        :raises KehuDuplicateRuleError: when nothing is filled in
        """
        self.ensure_one()
        partners = self.env["res.partner"]
        partners._kehu_require_duplicate_right()
        lines = self.line_ids.filtered(lambda line: (line.value or "").strip())
        if not lines:
            raise KehuDuplicateRuleError(self.env._("Fill in at least one value to look for."))
        found, searches = {}, []
        for number, line in enumerate(lines, start=1):
            candidates = line._kehu_candidates(number)
            for candidate in candidates:
                found.setdefault(candidate["id"], []).append(candidate)
            # two values of one field are two searches, or one check would try a thousand numbers
            search = next((search for search in searches if line.field_name not in search[0]), None)
            if search is None:
                searches.append(search := ({}, {}))
            values, counts = search
            values[line.field_name] = line.value
            counts[line.field_name] = len(candidates)
        partners._kehu_tell_duplicates(searches)
        wanted = len(lines) if self.combine == "all" else 1
        rows = []
        for candidates in found.values():
            if len(candidates) >= wanted:
                best = max(candidates, key=lambda candidate: (candidate["score"], len(candidate["name"].replace("＊", ""))))
                rows.append(
                    {
                        "check_id": self.id,
                        "candidate_id": best["id"] if best["readable"] else False,
                        "name": best["name"],
                        "owner_name": best["owner"] or "",
                        "pool_name": best["pool"] or "",
                        "score": best["score"],
                        "reason": " ".join(dict.fromkeys(candidate["reason"] for candidate in candidates)),
                    }
                )
        rows.sort(key=lambda row: (-row["score"], row["name"]))
        # sudo: kehu.duplicate.check.result - people read what the check found and never write it
        results = self.env["kehu.duplicate.check.result"].sudo()
        results.search([("check_id", "=", self.id)]).unlink()
        results.create(rows)
        self.checked = True
        return self._kehu_open()

    def _kehu_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check for Duplicates"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class KehuDuplicateCheckLine(models.TransientModel):
    """One value of an advanced check.

    Fields that a rule may look at in its own way, and those of an active rule, are looked up among all customers by their keys. Of any
    other field no keys are kept, and nobody has said that its values may be told: it is compared among the customers that the person
    sees.
    """

    _name = "kehu.duplicate.check.line"
    _description = "Value to Check"

    check_id = fields.Many2one("kehu.duplicate.check", required=True, ondelete="cascade", index=True)
    field_name = fields.Selection(
        selection="_selection_field_name",
        string="Field",
        required=True,
    )
    match = fields.Selection(
        [("exact", "Exactly as written"), ("normalised", "However it is written"), ("similar", "Similar")],
        required=True,
        default="normalised",
    )
    value = fields.Char(help="What is looked for; of a choice or another record its name, of a date e.g. 2026-11-30.")

    @api.model
    def _selection_field_name(self):
        """The fields that a rule may name, without those that this person may not read."""
        readable = self.env["res.partner"].fields_get(attributes=["type"])
        return [(name, label) for name, label in self.env["kehu.duplicate.rule"]._selection_field_name() if name in readable]

    @api.constrains("field_name", "match")
    def _check_match(self):
        for line in self:
            if line.match == "similar" and line.field_name not in SIMILAR_FIELDS:
                raise KehuDuplicateRuleError(
                    self.env._("Only names and e-mail addresses can be similar. Choose “However it is written” for the others.")
                )

    @api.constrains("field_name")
    def _check_field_name(self):
        """Refuse what the list of fields does not offer this person: by RPC any name can be written."""
        offered = {name for name, _label in self._selection_field_name()}
        for line in self:
            if line.field_name not in offered:
                raise KehuDuplicateRuleError(
                    self.env._("Customers cannot be compared by “%(field)s”. Choose a field from the list.", field=line.field_name)
                )

    def _kehu_candidates(self, number):
        """Return the customers that match this line, as ``res.partner.kehu_find_duplicates`` gives them."""
        self.ensure_one()
        partners = self.env["res.partner"]
        customer = self.check_id.partner_id
        if self.field_name not in (*STANDARD_FIELDS, *partners._kehu_other_fields()):
            return self._kehu_visible_candidates()
        value = plain_text(self.value) if self.field_name in STANDARD_FIELDS else self._kehu_values()[0]
        probe = Probe(
            {self.field_name: value},
            own=customer.kehu_customer_id.id,
            region=customer._kehu_phone_region(),
            company_id=customer.company_id.id,
        )
        return partners._kehu_search_candidates([probe], [self._kehu_spec(number)]).get(0, [])

    def _kehu_visible_candidates(self):
        partners = self.env["res.partner"]
        field = partners._fields[self.field_name]
        partners._check_field_access(field, "read")
        values = self._kehu_values()
        comparison = [(field.name, "in", values)]
        if field.type in ("char", "text") and self.match != "exact":
            escaped = values[0].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            comparison = [(field.name, "=ilike", escaped)]
        elif field.type == "datetime":
            comparison = [(field.name, ">=", values[0]), (field.name, "<", values[0] + datetime.timedelta(days=1))]
        others = [("kehu_is_customer", "=", True), ("id", "!=", self.check_id.partner_id.kehu_customer_id.id)]
        label = field._description_string(self.env)
        return [
            {
                "id": customer.id,
                "name": customer.name,
                "owner": customer.user_id.name,
                "pool": customer.kehu_pool_id.name,
                "score": OTHER_SCORE,
                "reason": self.env._("The same %(field)s.", field=label),
                "readable": True,
            }
            for customer in partners.search([*others, *comparison], limit=MOST_HITS)
        ]

    def _kehu_values(self):
        """Return what the text of this line means in its field: one value, or all records that are called so.

        :rtype: list
        :raises KehuDuplicateRuleError: when the field cannot have it
        """
        field = self.env["res.partner"]._fields[self.field_name]
        text = plain_text(self.value).strip()
        values = []
        try:
            if field.type == "many2one":
                values = [number for number, _name in self.env[field.comodel_name].name_search(text, operator="=ilike", limit=MOST_HITS)]
            elif field.type == "selection":
                choices = field._description_selection(self.env)
                values = [key for key, label in choices if text.casefold() in (str(key).casefold(), label.casefold())]
            elif field.type in ("integer", "float", "monetary"):
                values = [float(text.replace(",", "").replace("，", ""))]
            elif field.type in ("date", "datetime"):
                values = [datetime.date(*(int(part) for part in text.replace("/", "-").replace(".", "-").split("-")))]
            else:
                values = [text]
        except (TypeError, ValueError):
            values = []
        if not values:
            raise KehuDuplicateRuleError(
                self.env._(
                    "“%(value)s” is no %(field)s. Write it as the field shows it, a date e.g. as 2026-11-30.",
                    value=text,
                    field=field._description_string(self.env),
                )
            )
        return values

    def _kehu_spec(self, number):
        self.ensure_one()
        return Spec(
            id=number,
            field=self.field_name,
            match=self.match,
            threshold=self.check_id.threshold,
            place=self.check_id.place,
            scope="contacts",
            action="tell",
            refuse_import=False,
            on_change=False,
        )


class KehuDuplicateCheckResult(models.TransientModel):
    """One customer that an advanced check found; of those that the person may not read, only what they may be told."""

    _name = "kehu.duplicate.check.result"
    _description = "Customer Found by a Check"
    _order = "score desc, id"

    check_id = fields.Many2one("kehu.duplicate.check", required=True, ondelete="cascade", index=True)
    candidate_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    name = fields.Char()
    owner_name = fields.Char(string="Owner")
    pool_name = fields.Char(string="Pool")
    score = fields.Float(aggregator=None)
    reason = fields.Char()

    def action_open(self):
        """Open the customer that was found."""
        self.ensure_one()
        self.candidate_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.candidate_id.id,
            "views": [(self.env.ref("kehu_crm.res_partner_view_form_kehu").id, "form")],
        }
