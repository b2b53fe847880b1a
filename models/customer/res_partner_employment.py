from odoo import api, fields, models

from ..system.engine import as_engine

CRM_ROLES = "kehu_crm.group_kehu_user,kehu_crm.group_kehu_service,kehu_crm.group_kehu_finance"


class ResPartner(models.Model):
    """The employment history of contacts, kept whenever one of them comes to another customer, whatever door it goes through."""

    _inherit = "res.partner"

    kehu_employment_ids = fields.One2many("kehu.employment", "contact_id", string="Formerly At", groups=CRM_ROLES)
    kehu_former_contact_ids = fields.One2many("kehu.employment", "partner_id", string="Former Contacts", groups=CRM_ROLES)

    @api.model
    def _kehu_system_fields(self):
        return super()._kehu_system_fields() | {"kehu_employment_ids", "kehu_former_contact_ids"}

    def write(self, vals):
        if "parent_id" not in vals:
            result = super().write(vals)
            if "kehu_is_customer" in vals:
                self._kehu_leave_departments()
            return result
        jobs = self.filtered(lambda partner: partner.parent_id.id != (vals["parent_id"] or False))._kehu_present_jobs()
        result = super().write(vals)
        people = self.browse(partner.id for partner, (customer, _values) in jobs.items() if partner.kehu_customer_id != customer)
        # sudo: res.partner - departments of whoever moved along, visible or not
        (self | people).sudo()._kehu_leave_departments()
        people._kehu_keep_employments({partner: job for partner, job in jobs.items() if partner.id in people.ids})
        return result

    def _kehu_present_jobs(self):
        """Return where these partners and everybody below them work now; addresses and companies work nowhere.

        :return: {person: (customer, values of the row that will be kept of it)}, in superuser mode
        :rtype: dict
        """
        if not self:
            return {}
        # sudo: res.partner - whoever moves along, visible or not
        people = self.sudo().with_context(active_test=False)
        people = people.search(
            [
                ("id", "child_of", self.ids),
                ("kehu_customer_id", "!=", False),
                ("kehu_is_customer", "=", False),
                ("is_company", "=", False),
                ("type", "=", "contact"),
            ]
        )
        return {person: (person.kehu_customer_id, person._kehu_employment_values()) for person in people}

    def _kehu_employment_values(self):
        """Return what a row of the employment history says of the customer this contact belongs to now."""
        self.ensure_one()
        customer = self.kehu_customer_id
        return {
            "partner_id": customer.id,
            "name": customer.name or customer.complete_name or "-",
            "job_title": self.function,
            "department": self.kehu_customer_department_id.complete_name,
            "company_id": customer.company_id.id,
        }

    def _kehu_keep_employments(self, jobs):
        """Keep a row for each contact that has left a customer.

        :param dict jobs: {person: (customer, values)}, see :meth:`_kehu_present_jobs`
        """
        if not jobs:
            return
        today = fields.Date.context_today(self)
        # sudo: kehu.employment - no user may write it
        rows = as_engine(self.env["kehu.employment"].sudo(), "employment")
        ids = [person.id for person in jobs]
        earlier = {
            contact.id: day for contact, day in rows._read_group([("contact_id", "in", ids)], ["contact_id"], ["date_to:max"]) if day
        }
        rows.create(
            [
                {
                    **values,
                    "contact_id": person.id,
                    "date_from": min(earlier.get(person.id) or self._kehu_local_date(person.create_date), today),
                    "date_to": today,
                }
                for person, (_customer, values) in jobs.items()
            ]
        )

    def _kehu_leave_departments(self):
        """Take these partners, and those below them, out of departments of a customer to whom they do not belong any more."""
        # sudo: res.partner, kehu.customer.department - whoever moved along, visible or not
        family = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])
        members = family.filtered(
            lambda person: (
                person.kehu_customer_department_id
                and (person.kehu_is_customer or person.kehu_customer_department_id.partner_id != person.kehu_customer_id)
            )
        )
        members.write({"kehu_customer_department_id": False})
        led = self.env["kehu.customer.department"].sudo().search([("manager_id", "in", family.ids)])  # sudo: see above
        led.filtered(
            lambda department: department.manager_id.kehu_is_customer or department.manager_id.kehu_customer_id != department.partner_id
        ).write({"manager_id": False})

    def _track_filter_for_display(self, tracking_values):
        """The chatter names the former and the new company of a contact only to those who may see these."""
        shown = super()._track_filter_for_display(tracking_values)
        # sudo: ir.model.fields - the name of the field that changed
        moves = shown.filtered(lambda value: value.field_id.sudo().name == "parent_id")
        if not moves:
            return shown
        companies = self.browse({*moves.mapped("old_value_integer"), *moves.mapped("new_value_integer")} - {0}).exists()
        # the message of a record in superuser mode is shown to a person whose rights count
        readable = {0, *companies.sudo(False)._filtered_access("read").ids}
        return shown - moves.filtered(lambda value: not {value.old_value_integer, value.new_value_integer} <= readable)
