from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kehu_workbench import FINANCE, MANAGER, ORDER_APPROVER, RECEIPT_APPROVER, ROLES, SALES

KINDS = {"sale.order": "orders_to_approve", "kehu.receipt": "receipts_to_approve"}
CLOSED_DAYS = 7


class KehuWorkbench(models.AbstractModel):
    """The panels of approvals: what waits for the person who looks, and what that person has submitted."""

    _inherit = "kehu.workbench"

    @api.model
    def _kehu_panels(self):
        return {
            **super()._kehu_panels(),
            "orders_to_approve": {
                "title": self.env._("Orders to Approve"),
                "groups": ROLES,
                "default": (MANAGER, ORDER_APPROVER),
                "ask": self._kehu_ask_requests,
                "asked": "requests",
                "load": lambda shared: self._kehu_panel_to_approve(shared, "orders_to_approve"),
            },
            "receipts_to_approve": {
                "title": self.env._("Receipts to Approve"),
                "groups": ROLES,
                "default": (MANAGER, FINANCE, RECEIPT_APPROVER),
                "ask": self._kehu_ask_requests,
                "asked": "requests",
                "load": lambda shared: self._kehu_panel_to_approve(shared, "receipts_to_approve"),
            },
            "others_to_approve": {
                "title": self.env._("Other Documents to Approve"),
                "groups": ROLES,
                "default": (MANAGER, ORDER_APPROVER, RECEIPT_APPROVER),
                "ask": self._kehu_ask_requests,
                "asked": "requests",
                "load": lambda shared: self._kehu_panel_to_approve(shared, "others_to_approve"),
            },
            "applications": {
                "title": self.env._("My Applications"),
                "groups": ROLES,
                "default": (SALES, FINANCE),
                "ask": self._kehu_ask_requests,
                "asked": "requests",
                "load": self._kehu_panel_applications,
            },
        }

    @api.model
    def _kehu_request_panels(self, shared):
        """Read what waits for this person, by kind, and what this person submitted, in one query.

        :return: {name of the panel: (counts, rows)}
        """
        waiting = dict.fromkeys((*KINDS.values(), "others_to_approve"), ("late",))
        return self._kehu_counted_each(self._kehu_rows(shared, "requests"), {**waiting, "applications": ("pending", "rejected")})

    @api.model
    def _kehu_ask_requests(self, shared):
        requests = self.env["kehu.approval.request"]
        now = fields.Datetime.now()
        mine = (Domain("requester_id", "=", self.env.uid) | Domain("owner_id", "=", self.env.uid)) & (
            Domain("state", "=", "pending")
            | (Domain("state", "in", ["approved", "rejected"]) & Domain("date_closed", ">=", now - timedelta(days=CLOSED_DAYS)))
        )
        waiting = Domain("decider_ids", "in", [self.env.uid])
        domains = {
            **{panel: waiting & Domain("res_model", "=", model) for model, panel in KINDS.items()},
            "others_to_approve": waiting & Domain("res_model", "not in", list(KINDS)),
            "applications": mine,
        }
        branches = {}
        for name, domain in domains.items():
            query = requests._search(domain)
            number, state, due = (requests._field_to_sql(query.table, field, query) for field in ("id", "state", "date_due"))
            columns = [
                *self._kehu_columns(
                    requests,
                    query,
                    ("id", "name", "subject", "state", "requester_id", "date_submitted", "turn_on", "date_due", "date_closed"),
                ),
                SQL("%s AS requester", self._kehu_sql_user_name(requests._field_to_sql(query.table, "requester_id", query))),
                SQL("%s AS waiting_for", self._kehu_sql_deciders(number) if name == "applications" else SQL("NULL::text")),
            ]
            if name == "applications":
                # rejected ones first, then pending ones; the newest first
                key = SQL("CASE %s WHEN 'rejected' THEN 0 WHEN 'pending' THEN 1 ELSE 2 END * 1e12 - %s", state, number)
                counts = {"pending": SQL("%s = 'pending'", state), "rejected": SQL("%s = 'rejected'", state)}
            else:
                key = SQL("%s", number)
                counts = {"late": SQL("%s < %s", due, now)}
            branches[name] = (query, columns, key, counts)
        return self._kehu_sql_select_each(branches)

    @api.model
    def _kehu_sql_deciders(self, request):
        """Return at most three names of who may decide on a request, as SQL."""
        return SQL(
            """(SELECT string_agg(who.name, ', ' ORDER BY who.name)
                  FROM (SELECT p.name
                          FROM kehu_approval_request_decider_rel rel
                          JOIN res_users u ON u.id = rel.user_id
                          JOIN res_partner p ON p.id = u.partner_id
                         WHERE rel.request_id = %s LIMIT 3) who)""",
            request,
        )

    @api.model
    def _kehu_panel_to_approve(self, shared, name):
        """What waits for the decision of this person, the oldest first.

        :param str name: of the panel
        :return: {"count", "more", "late": past their time limit, "rows": [{"id" of the request, "name", "subject", "requester", "since",
            "date_due", "is_late"}]}
        """
        counts, rows = self._kehu_request_panels(shared)[name]
        now = fields.Datetime.to_string(fields.Datetime.now())
        names = ("id", "name", "subject", "requester", "requester_id", "date_due")
        return {
            **counts,
            "rows": [
                {
                    **{key: row[key] for key in names},
                    "since": row["turn_on"] or row["date_submitted"],
                    "is_late": bool(row["date_due"] and row["date_due"] < now),
                }
                for row in rows
            ],
        }

    @api.model
    def _kehu_panel_applications(self, shared):
        """What this person has submitted, or what belongs to them: pending, and decided within a week.

        :return: {"count": pending, "more", "rejected": of the week, "rows": [{"id", "name", "subject", "state", "label", "waiting_for":
            names, "since"}]}, rejected ones first, then pending ones
        """
        counts, rows = self._kehu_request_panels(shared)["applications"]
        labels = dict(self.env["kehu.approval.request"]._fields["state"]._description_selection(self.env))
        names = ("id", "name", "subject", "state", "waiting_for")
        return {
            **counts,
            "count": counts["pending"],
            "rows": [
                {
                    **{key: row[key] for key in names},
                    "label": labels[row["state"]],
                    "since": row["date_closed"] or row["turn_on"] or row["date_submitted"],
                }
                for row in rows
            ],
        }
