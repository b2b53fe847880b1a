from odoo import api, fields, models
from odoo.fields import Domain

from ..system.values import check_text
from .base import PARENT_WORD
from .exceptions import KehuImportNameError
from .words import find_in_tree

LONGEST_CODE = 32


class HrDepartment(models.Model):
    """Departments come in as a tree: each row names the department above by code, path or name."""

    _inherit = "hr.department"

    kehu_code = fields.Char(
        string="Code",
        copy=False,
        help="Short code of the department, such as D01. Each occurs once in a company; upper and lower case are the same. "
        "Workbooks of departments and people name departments by it.",
    )

    _kehu_code_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), lower(kehu_code)) WHERE kehu_code IS NOT NULL",
        "Another department of the company has this code. Give each department a code of its own.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._kehu_with_clean_code(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._kehu_with_clean_code(vals))

    @api.model
    def _kehu_with_clean_code(self, vals):
        """Return the values with the code as it is kept: without blanks around it.

        :raises KehuImportNameError: for what is no code
        """
        code = vals.get("kehu_code")
        if not code:
            return {**vals, "kehu_code": False} if "kehu_code" in vals else vals
        if not isinstance(code, str) or len(code.strip()) > LONGEST_CODE:
            raise KehuImportNameError(
                self.env._("The code of a department is a text of at most %(most)s characters. Shorten it.", most=LONGEST_CODE)
            )
        check_text(self, self._fields["kehu_code"], code, KehuImportNameError)
        return {**vals, "kehu_code": code.strip() or False}

    # -- for the import ----------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_import_default_keys(self):
        return ["kehu_code"]

    @api.model
    def _kehu_import_find(self, batch, domain, words):
        return find_in_tree(self, domain, words, batch._kehu_languages())

    @api.model
    def _kehu_import_records(self, batch, rows):
        """A row without a code means the department of that name below the same one; a code that is new is given to it."""
        found = super()._kehu_import_records(batch, rows)
        named = {
            row.number: row.values
            for row in rows
            # below a department that another row of the file makes there is none yet
            if row.number not in found and row.values.get("name") and PARENT_WORD not in row.values
        }
        if named and not batch.template_id.field_ids.filtered("is_key"):
            by_place = {}
            for department in self._kehu_import_named(batch, named.values()):
                by_place.setdefault((department.name, department.parent_id.id), []).append(department)
            for number, values in named.items():
                there = by_place.get((values["name"], values.get("parent_id", False)), ())
                if records := [one.id for one in there if not values.get("kehu_code") or not one.kehu_code]:
                    # sudo: hr.department - a name is taken even where the person may not see its department
                    found[number] = self.sudo().with_context(active_test=False).browse(records)
        return found

    @api.model
    def _kehu_import_named(self, batch, values_list):
        """Return the departments of the company that are called as these rows, archived ones too."""
        domain = Domain("name", "in", [values["name"] for values in values_list])
        domain &= Domain("company_id", "in", [batch.company_id.id, False])
        # sudo: hr.department - a name is taken even where the person may not see its department
        return self.sudo().with_context(active_test=False).search(domain)

    def _kehu_import_check(self, batch, rows):
        """A row without a code does not make a second department of a name that the file puts elsewhere: mostly it was meant to move."""
        result = super()._kehu_import_check(batch, rows)
        new = [row for row in rows if not (row.record or row.problems or row.skipped or row.values.get("kehu_code"))]
        new = [row for row in new if row.values.get("name")]
        if new and not batch.template_id.field_ids.filtered("is_key"):
            # sudo: kehu.import.row - what other rows of the file mean or have made
            meant = self.env["kehu.import.row"].sudo().search([("batch_id", "=", batch.id), ("res_id", "!=", False)]).mapped("res_id")
            meant += [row.record.id for row in rows if row.record]
            elsewhere = {}
            for department in self._kehu_import_named(batch, [row.values for row in new]):
                if department.active and department.id not in meant:
                    elsewhere.setdefault(department.name, department)
            for row in new:
                if department := elsewhere.get(row.values["name"]):
                    row.refuse(
                        self.env._(
                            "There is “%(department)s”, and no row names it there. To move it, drag it in the organisation. "
                            "For another department of this name, fill in a code.",
                            department=department.complete_name,
                        ),
                        value=row.values["name"],
                        field="name",
                        kind="known",
                    )
        return result
