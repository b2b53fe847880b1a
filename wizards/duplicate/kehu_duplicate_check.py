from odoo import api, fields, models

from ...models.duplicate.exceptions import KehuDuplicateRuleError
from ...models.duplicate.kehu_duplicate_rule import SIMILAR_FIELDS
from ...models.duplicate.matching import STANDARD_FIELDS, Probe, Spec

# A typed check compares fields for which no rule keeps keys by the value as it is written.
START_LINES = (("name", "similar"), ("phone", "normalised"), ("email", "normalised"), ("vat", "normalised"))


class KehuDuplicateCheck(models.TransientModel):
    """The advanced check: is somebody known under any combination of values, whatever the rules say?"""

    _name = "kehu.duplicate.check"
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
        found = {}
        for number, line in enumerate(lines, start=1):
            spec = line._kehu_spec(number)
            probe = Probe(
                {line.field_name: line.value},
                own=self.partner_id.kehu_customer_id.id,
                region=self.partner_id._kehu_phone_region(),
                company_id=self.partner_id.company_id.id,
            )
            for candidate in partners._kehu_search_candidates([probe], [spec]).get(0, []):
                found.setdefault(candidate["id"], []).append(candidate)
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
        rows.sort(key=lambda row: -row["score"])
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
    """One value of an advanced check."""

    _name = "kehu.duplicate.check.line"
    _description = "Value to Check"

    check_id = fields.Many2one("kehu.duplicate.check", required=True, ondelete="cascade", index=True)
    field_name = fields.Selection(
        selection=lambda self: [(name, self.env["res.partner"]._fields[name]._description_string(self.env)) for name in STANDARD_FIELDS],
        string="Field",
        required=True,
    )
    match = fields.Selection(
        [("exact", "Exactly as written"), ("normalised", "However it is written"), ("similar", "Similar")],
        required=True,
        default="normalised",
    )
    value = fields.Char()

    @api.constrains("field_name", "match")
    def _check_match(self):
        for line in self:
            if line.match == "similar" and line.field_name not in SIMILAR_FIELDS:
                raise KehuDuplicateRuleError(
                    self.env._("Only names and e-mail addresses can be similar. Choose “However it is written” for the others.")
                )

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
