"""Screens are told what has changed, and ask for it themselves: one message per person, which says nothing but the names of panels."""

from odoo import api, models

from .kehu_workbench import DIRECTOR, ROLES

BUS_MESSAGE = "kehu_workbench"
ORDERED = "kehu_workbench_requests"  # whose submitters are told when all is written
CUSTOMER_PANELS = ["contacts", "new_customers", "falling"]
MONEY = {"kehu_amount_due", "kehu_amount_received", "kehu_receipt_state", "kehu_date_due", "state"}
MONEY_PANELS = ["receivables", "instalments", "targets", "ranking"]
LED = "kehu_workbench_led"  # departments whose leaders are told when all is written
MOVED = "kehu_workbench_orders"  # whose people are told when all is written
FUNNEL = {"stage_id", "expected_revenue", "user_id", "active", "type", "probability", "won_status", "company_id"}
DEAL_PANELS = ["funnel", "deals"]
SCHEDULE = {"name", "start", "stop", "allday", "active", "user_id", "partner_ids", "kehu_done_on", "location"}


def tell(users, panels):
    """Let the screens of these people ask for these panels; who has no workbench is told nothing.

    :param res.users users: may be many
    :param list panels: names
    """
    # sudo: res.users - whoever they are, the message tells nothing
    people = users.sudo().filtered(lambda user: user.active and any(user.has_group(role) for role in ROLES))
    people._bus_send(BUS_MESSAGE, {"panels": panels})


def tell_leaders(departments, panels):
    """Let the screens of those who oversee these departments, and of directors, ask for these panels, once all is written.

    :param hr.department departments: may be none: then directors alone
    :param list panels: names
    """
    ordered = departments.env.cr.precommit.data
    if LED not in ordered:
        ordered[LED] = {}
        # sudo: hr.department, res.groups - who leads, whoever changed something
        departments.env.cr.precommit.add(departments.sudo().browse()._kehu_tell_leaders)
    for panel in panels:
        ordered[LED].setdefault(panel, set()).update(departments.ids)


class HrDepartment(models.Model):
    _inherit = "hr.department"

    def _kehu_tell_leaders(self):
        led = self.env.cr.precommit.data.pop(LED, {})
        directors = self.env.ref(DIRECTOR).all_user_ids
        together = {}
        for panel, ids in led.items():
            together.setdefault(frozenset(ids), []).append(panel)
        for ids, panels in together.items():
            tell(self.browse(ids).exists().kehu_overseer_ids | directors, panels)


class KehuContactRecord(models.Model):
    _inherit = "kehu.contact.record"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._kehu_tell_workbench()
        return records

    def unlink(self):
        owners = self._kehu_workbench_owners()
        # sudo: res.partner - whose customers they are
        departments = self.sudo().partner_id.kehu_department_id
        result = super().unlink()
        tell(owners, CUSTOMER_PANELS)
        tell_leaders(departments, ["team"])
        return result

    def _kehu_tell_workbench(self):
        # sudo: res.partner - whose customers they are
        tell_leaders(self.sudo().partner_id.kehu_department_id, ["team"])
        tell(self._kehu_workbench_owners(), CUSTOMER_PANELS)
        tell(self.user_id, ["targets"])

    def _kehu_workbench_owners(self):
        # sudo: res.partner - whose customers they are
        return self.sudo().partner_id.user_id


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "kehu_next_contact" in vals:
            # sudo: res.partner - whose customers they are
            customers = self.sudo()
            tell(customers.user_id, CUSTOMER_PANELS)
            tell_leaders(customers.kehu_department_id, ["team"])
        return result

    def _kehu_owner_changed(self, changes, with_documents=False):
        result = super()._kehu_owner_changed(changes, with_documents=with_documents)
        users = self.env["res.users"].union(*(user for pair in changes.values() for user in pair))
        tell(users, CUSTOMER_PANELS)
        # sudo: res.users - in which departments they work
        tell_leaders(users.sudo().kehu_home_department_id, ["team"])
        return result


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        tell(events._kehu_workbench_people(), ["schedule"])
        return events

    def write(self, vals):
        if SCHEDULE.isdisjoint(vals):
            return super().write(vals)
        before = self._kehu_workbench_people()
        result = super().write(vals)
        tell(before | self._kehu_workbench_people(), ["schedule"])
        return result

    def unlink(self):
        people = self._kehu_workbench_people()
        result = super().unlink()
        tell(people, ["schedule"])
        return result

    def _kehu_workbench_people(self):
        """Return the users in whose schedule these entries stand."""
        # sudo: calendar.event - of whoever; nothing of it is told
        events = self.sudo()
        return (events.user_id | events.partner_ids.user_ids).filtered(lambda user: not user.share)


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        tell(requests.requester_id | requests.owner_id, ["applications"])
        return requests

    def write(self, vals):
        result = super().write(vals)
        if not {"state", "step_id", "decider_ids"}.isdisjoint(vals):
            self._kehu_tell_applicants(["applications", "receivables", "targets"] if "state" in vals else ["applications"])
        return result

    def _kehu_tell_applicants(self, panels):
        """Tell those who submitted these requests, when all is written: until then a decision asks nothing about them."""
        ordered = self.env.cr.precommit.data
        if ORDERED not in ordered:
            ordered[ORDERED] = {}
            # sudo: kehu.approval.request - whoever submitted them
            self.env.cr.precommit.add(self.sudo().browse()._kehu_tell_ordered)
        for request_id in self.ids:
            ordered[ORDERED].setdefault(request_id, {}).update(dict.fromkeys(panels))

    def _kehu_tell_ordered(self):
        by_panels = {}
        for request_id, panels in self.env.cr.precommit.data.pop(ORDERED, {}).items():
            by_panels.setdefault(tuple(panels), []).append(request_id)
        for panels, ids in by_panels.items():
            requests = self.browse(ids).exists()
            tell(requests.requester_id | requests.owner_id, list(panels))


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _write_multi(self, vals_list):
        """What an order owes is computed: whichever way the money came, it is written here."""
        result = super()._write_multi(vals_list)
        self._kehu_tell_money(order.id for order, vals in zip(self, vals_list, strict=True) if not MONEY.isdisjoint(vals))
        return result

    def _kehu_tell_money(self, ids):
        """Tell salespeople and finance, when all is written, that the figures of these orders moved."""
        ordered = self.env.cr.precommit.data
        for order_id in ids:
            if MOVED not in ordered:
                ordered[MOVED] = set()
                # sudo: sale.order - whoever moved the figures
                self.env.cr.precommit.add(self.sudo().browse()._kehu_tell_moved)
            ordered[MOVED].add(order_id)

    def _kehu_tell_moved(self):
        orders = self.browse(self.env.cr.precommit.data.pop(MOVED, ())).exists()
        tell(orders.user_id, MONEY_PANELS)
        # sudo: res.groups - finance sees what everybody is owed
        finance = self.env.ref("kehu_crm.group_kehu_finance").sudo().all_user_ids
        tell(finance.filtered(lambda user: user.active) - orders.user_id, ["receivables", "instalments"])
        tell_leaders(orders.kehu_department_id, ["ranking", "receivables", "instalments"])


class KehuTarget(models.Model):
    _inherit = "kehu.target"

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        tell(targets.user_id, ["targets"])
        return targets

    def write(self, vals):
        users = self.user_id
        result = super().write(vals)
        tell(users | self.user_id, ["targets"])
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        tell(users, ["targets"])
        return result


class KehuInstalment(models.Model):
    _inherit = "kehu.instalment"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        # sudo: kehu.instalment - whose they are
        tell(parts.sudo().user_id, ["instalments"])
        return parts


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        tell(leads.user_id, DEAL_PANELS)
        leads._kehu_tell_leaders()
        return leads

    def write(self, vals):
        if FUNNEL.isdisjoint(vals):
            return super().write(vals)
        users = self.user_id
        self._kehu_tell_leaders()  # of the department that a deal leaves, too
        result = super().write(vals)
        tell(users | self.user_id, DEAL_PANELS)
        self._kehu_tell_leaders()
        return result

    def _kehu_tell_leaders(self):
        # sudo: hr.department - of which nothing is told
        tell_leaders(self.sudo().kehu_department_id, ["team", "deals"])
