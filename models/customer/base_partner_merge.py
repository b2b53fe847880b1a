from odoo import models

from ..system.engine import as_engine


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging customers is no change of employer; merging two records of a person keeps where the one that goes worked."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """:raises AccessError: for whoever may not change the customers and contacts; the host asks for the one that stays alone"""
        # sudo: res.partner - whether they belong to the CRM
        known = (src_partners | dst_partner).sudo().filtered("kehu_customer_id")
        known.with_env(self.env).check_access("write")
        # sudo: res.partner, kehu.employment, kehu.customer.department - the system keeps them, whoever merges
        kept = dst_partner.sudo()
        gone = src_partners.sudo()  # sudo: see above
        jobs = {person: job for person, job in gone._kehu_present_jobs().items() if person in gone and job[0] != kept.kehu_customer_id}
        if kept.kehu_is_customer or not kept.kehu_customer_id:
            jobs = {}
        kept._kehu_keep_employments(jobs)
        strange = gone.filtered(lambda partner: partner.kehu_customer_department_id.partner_id != kept.kehu_customer_id)
        strange.write({"kehu_customer_department_id": False})
        if kept.kehu_customer_id:
            gone._kehu_hand_phones_to(kept)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        departments = self.env["kehu.customer.department"].sudo()  # sudo: see above
        departments.search([("partner_id", "=", kept.id)])._kehu_fold_namesakes()
        departments.search([("manager_id", "=", kept.id), ("partner_id", "!=", kept.kehu_customer_id.id)]).write({"manager_id": False})
        self.env.add_to_compute(kept._fields["kehu_other_phones"], kept)
        kept._kehu_drop_doubled_phones()
        self._kehu_tidy_employments(kept)
        return result

    def _kehu_tidy_employments(self, kept):
        """Rows that named two customers now name one: who comes from where they are has not moved."""
        rows = as_engine(self.env["kehu.employment"].sudo(), "employment")  # sudo: kehu.employment - rows of everybody concerned
        people = rows.search([("partner_id", "=", kept.id)]).contact_id | rows.search([("contact_id", "=", kept.id)], limit=1).contact_id
        histories = rows.search([("contact_id", "in", people.ids)], order="date_to desc, id desc").grouped("contact_id")
        doubled = rows.browse()
        for contact, history in histories.items():
            later, later_row = contact.kehu_customer_id, rows.browse()
            for row in history:
                if row.partner_id and row.partner_id == later:
                    doubled |= row
                    if later_row and row.date_from and later_row.date_from and row.date_from < later_row.date_from:
                        later_row.date_from = row.date_from
                    continue
                later, later_row = row.partner_id, row
        doubled.unlink()
