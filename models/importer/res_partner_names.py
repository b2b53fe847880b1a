from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """A row without a code means the one customer of that name, where existing customers are updated: so contacts find theirs."""

    _inherit = "res.partner"

    def _kehu_import_check(self, batch, rows):
        result = super()._kehu_import_check(batch, rows)
        if batch.mode == "create" or batch.template_id._kehu_keys().mapped("field_name") not in ([], ["ref"]):
            return result
        waiting = [row for row in rows if not row.record and not row.values.get("ref") and self._kehu_import_refused_by_name(row)]
        if not waiting:
            return result
        names = {row.values["name"] for row in waiting}
        domain = Domain([("kehu_is_customer", "=", True), ("name", "in", list(names)), ("company_id", "in", [batch.company_id.id, False])])
        # sudo: res.partner - a name that somebody else's customer has too says nothing
        by_name = self.sudo().search(domain).grouped("name")
        found = self.browse(partner.id for partners in by_name.values() for partner in partners)
        writable = set(found._filtered_access("read")._filtered_access("write").ids)
        for row in waiting:
            partners = by_name.get(row.values["name"], ())
            if len(partners) == 1 and partners.id in writable:
                row.problems.clear()
                row.record = self.browse(partners.id)
        return result

    def _kehu_import_refused_by_name(self, row):
        """Tell whether nothing is wrong with a row but that its name is known, or that it has no code."""
        name = row.values.get("name")
        return bool(name and row.problems) and all(
            problem.kind in ("known", "unknown") and problem.value == name for problem in row.problems
        )
