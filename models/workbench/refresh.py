"""Screens are told what has changed, and ask for it themselves: one message per person, which says nothing but the names of panels."""

from odoo import api, models

BUS_MESSAGE = "kehu_workbench"
ORDERED = "kehu_workbench_requests"  # whose submitters are told when all is written
CUSTOMER_PANELS = ["contacts", "new_customers", "falling"]
SCHEDULE = {"name", "start", "stop", "allday", "active", "user_id", "partner_ids", "kehu_done_on", "location"}


def tell(users, panels):
    """Let the screens of these people ask for these panels.

    :param res.users users: may be many
    :param list panels: names
    """
    # sudo: res.users - whoever they are, the message tells nothing
    users.sudo()._bus_send(BUS_MESSAGE, {"panels": panels})


class KehuContactRecord(models.Model):
    _inherit = "kehu.contact.record"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._kehu_tell_workbench()
        return records

    def unlink(self):
        owners = self._kehu_workbench_owners()
        result = super().unlink()
        tell(owners, CUSTOMER_PANELS)
        return result

    def _kehu_tell_workbench(self):
        tell(self._kehu_workbench_owners(), CUSTOMER_PANELS)

    def _kehu_workbench_owners(self):
        # sudo: res.partner - whose customers they are
        return self.sudo().partner_id.user_id


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "kehu_next_contact" in vals:
            # sudo: res.partner - whose customers they are
            tell(self.sudo().user_id, CUSTOMER_PANELS)
        return result

    def _kehu_owner_changed(self, changes, with_documents=False):
        result = super()._kehu_owner_changed(changes, with_documents=with_documents)
        users = self.env["res.users"].union(*(user for pair in changes.values() for user in pair))
        tell(users, CUSTOMER_PANELS)
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
