from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from ..system.engine import is_record_id
from .exceptions import KehuAnalysisError, KehuAnalysisRightError
from .provider import find

MOST_KEPT = 100
MOST_LETTERS = 60  # of a name


class KehuAnalysisFilter(models.Model):
    """Conditions of an analysis that somebody keeps: under a name, or without one those that were used last.

    The name, the conditions and nothing of the figures are kept: whoever opens shared conditions sees what they themselves may see.
    """

    _name = "kehu.analysis.filter"
    _description = "Kept Conditions"
    _order = "name, id"

    name = fields.Char(help="Empty: what this person used last.")
    analysis = fields.Char(required=True, index=True, help="Name of the analysis.")
    user_id = fields.Many2one(
        "res.users", string="Person", required=True, index=True, ondelete="cascade", default=lambda self: self.env.user, copy=False
    )
    department_id = fields.Many2one(
        "hr.department",
        string="Shared With",
        index="btree_not_null",
        ondelete="cascade",
        help="The department whose people, and those of departments below, see these conditions too. Empty: nobody else.",
    )
    conditions = fields.Json(required=True, help="Period and choices.")
    dimension = fields.Char(required=True)
    measure = fields.Char(required=True)

    _kehu_one_last = models.UniqueIndex("(user_id, analysis) WHERE name IS NULL", "The conditions used last are kept once.")

    @api.model_create_multi
    def create(self, vals_list):
        kept = super().create([self._kehu_plain_values(vals) for vals in vals_list])
        kept._kehu_check_entries()
        return kept

    def write(self, vals):
        result = super().write(self._kehu_plain_values(vals))
        self._kehu_check_entries()
        return result

    @api.model
    def _kehu_plain_values(self, vals):
        """Return the values as they are kept: the name without blanks around it, never an empty text; conditions never empty.

        :raises KehuAnalysisError: for a name that is no text, or too long, and for conditions that are none
        """
        named = [vals[name] for name in ("analysis", "dimension", "measure") if name in vals]
        if not all(isinstance(text, str) and text for text in named) or not isinstance(vals.get("conditions", {}), dict):
            raise KehuAnalysisError(self.env._("The conditions cannot be read. Open the analysis again."))
        if "conditions" in vals:
            vals = {**vals, "conditions": vals["conditions"] or {"comparison": "none"}}
        if "name" not in vals:
            return vals
        name = vals["name"] or ""
        if not isinstance(name, str):
            raise KehuAnalysisError(self.env._("Enter a name for the conditions."))
        name = name.strip()
        if len(name) > MOST_LETTERS:
            raise KehuAnalysisError(
                self.env._("The name of the conditions is too long. Enter at most %(most)s letters.", most=MOST_LETTERS)
            )
        return {**vals, "name": name or False}

    def _kehu_check_entries(self):
        """:raises KehuAnalysisError: for conditions that no analysis could read
        :raises KehuAnalysisRightError: for sharing with people to whom the person does not belong
        """
        if not self.env.su and self - self.filtered(lambda kept: kept.user_id == self.env.user):
            raise KehuAnalysisRightError(self.env._("These conditions belong to somebody else. Save them under a name of your own."))
        analyses = self.env["kehu.analysis"]
        teams = self._kehu_teams()
        for kept in self:
            analysis = analyses._kehu_analysis(kept.analysis)
            analyses._kehu_conditions(analysis, kept.conditions)
            analysis.dimension(self.env, kept.dimension)
            analysis.measure(self.env, kept.measure)
            if kept.department_id and not self.env.su and kept.department_id not in teams:
                raise KehuAnalysisRightError(
                    self.env._("Conditions are shared with your own department or with one that you oversee. Choose one of those.")
                )
            if kept.department_id and not kept.name:
                raise KehuAnalysisError(self.env._("Give the conditions a name before you share them."))

    def _kehu_teams(self):
        """Return the departments with whom this person may share."""
        user = self.env.user
        # sudo: hr.department - departments that the person oversees
        departments = self.env["hr.department"].sudo()
        overseen = departments.search(Domain("kehu_overseer_ids", "in", user.id), limit=MOST_KEPT)
        # sudo: res.users - the person's own department
        return (user.sudo().kehu_home_department_id | overseen).sudo(self.env.su)

    # ------------------------------------------------------------
    # The screen
    # ------------------------------------------------------------

    @api.model
    def keep_last(self, analysis, conditions, dimension, measure):
        """Remember what this person looks at, for the next time that they open this analysis.

        :return: False when another window did at the same instant
        """
        analysis = self._kehu_known(analysis)
        values = {"conditions": conditions, "dimension": dimension, "measure": measure}
        last = self.search([("user_id", "=", self.env.uid), ("analysis", "=", analysis), ("name", "=", False)], limit=1)
        if last:
            last.write(values)
            return True
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                self.create({**values, "analysis": analysis})
        except UniqueViolation:
            return False  # in another window at the same instant: what that one looks at is as good
        return True

    @api.model
    def keep(self, analysis, name, conditions, dimension, measure, department_id=False):
        """Keep conditions under a name; what this person kept under the same name is replaced.

        :param int department_id: the department to share with, False: nobody
        :return: what is kept now, see :meth:`_kehu_kept`
        """
        analysis = self._kehu_known(analysis)
        if department_id and not is_record_id(department_id):
            raise KehuAnalysisError(self.env._("There is no such department. Choose another one."))
        name = self._kehu_plain_values({"name": name})["name"]
        if not name:
            raise KehuAnalysisError(self.env._("Enter a name for the conditions."))
        values = {"conditions": conditions, "dimension": dimension, "measure": measure, "department_id": department_id}
        same = self.search([("user_id", "=", self.env.uid), ("analysis", "=", analysis), ("name", "=", name)], limit=1)
        if same:
            same.write(values)
        else:
            self.create({**values, "analysis": analysis, "name": name})
        return self._kehu_kept(analysis)

    @api.model
    def forget(self, analysis, kept_id):
        """Delete one of this person's own kept conditions.

        :return: what is kept now, see :meth:`_kehu_kept`
        """
        analysis = self._kehu_known(analysis)
        if not is_record_id(kept_id):
            raise KehuAnalysisError(self.env._("These conditions are not kept any more. Load the analysis again."))
        self.search([("id", "=", kept_id), ("user_id", "=", self.env.uid), ("analysis", "=", analysis)]).unlink()
        return self._kehu_kept(analysis)

    @api.model
    def _kehu_known(self, name):
        """:return: the name of an analysis that this person may see
        :raises KehuAnalysisError: when there is none
        :raises KehuAnalysisRightError: when the person may not see it
        """
        return self.env["kehu.analysis"]._kehu_analysis(name).name

    def _kehu_last(self, analysis):
        """Return what this person used last: conditions, dimension, measure; nothing when an analysis can no longer read it."""
        last = self.search([("user_id", "=", self.env.uid), ("analysis", "=", analysis), ("name", "=", False)], limit=1)
        names = {"preset", "comparison", "date_from", "date_to", *find(self.env, analysis).conditions}
        if not last or not isinstance(last.conditions, dict) or not last.conditions.keys() <= names:
            return {}
        analyses = self.env["kehu.analysis"]
        try:
            analyses._kehu_conditions(analyses._kehu_analysis(analysis), last.conditions)
        except KehuAnalysisError:
            return {}  # kept before a rule was made that they break: the person begins anew
        return {"conditions": last.conditions, "dimension": last.dimension, "measure": last.measure}

    @api.model
    def _kehu_kept(self, analysis):
        """:return: [{id, name, conditions, dimension, measure, own, person, department}] that this person may use"""
        return [
            {
                "id": kept.id,
                "name": kept.name,
                "conditions": kept.conditions,
                "dimension": kept.dimension,
                "measure": kept.measure,
                "own": kept.user_id == self.env.user,
                "person": kept.user_id.sudo().name,  # sudo: res.users - name of who shares
                "department": kept.department_id.sudo().name or "",  # sudo: hr.department - name of whom it is shared with
            }
            for kept in self.search([("analysis", "=", analysis), ("name", "!=", False)], limit=MOST_KEPT)
        ]
