from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kehu_workbench import COUNTED, FINANCE, MANAGER, ORDER_APPROVER, RECEIPT_APPROVER, ROLES, ROWS, SALES

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
                "load": lambda shared: self._kehu_panel_to_approve(shared, "orders_to_approve"),
            },
            "receipts_to_approve": {
                "title": self.env._("Receipts to Approve"),
                "groups": ROLES,
                "default": (MANAGER, FINANCE, RECEIPT_APPROVER),
                "load": lambda shared: self._kehu_panel_to_approve(shared, "receipts_to_approve"),
            },
            "others_to_approve": {
                "title": self.env._("Other Documents to Approve"),
                "groups": ROLES,
                "default": (MANAGER, ORDER_APPROVER, RECEIPT_APPROVER),
                "load": lambda shared: self._kehu_panel_to_approve(shared, "others_to_approve"),
            },
            "applications": {
                "title": self.env._("My Applications"),
                "groups": ROLES,
                "default": (SALES, FINANCE),
                "load": self._kehu_panel_applications,
            },
        }

    @api.model
    def _kehu_panel_to_approve(self, shared, kind):
        """What waits for the decision of this person, the oldest first. One query for the panels of all kinds.

        :return: {"count", "more", "late": past their time limit, "rows": [{"id" of the request, "name", "subject", "requester", "since",
            "date_due", "is_late"}]}
        """
        if "to_approve" not in shared:
            shared["to_approve"] = self._kehu_waiting_by_kind()
        return shared["to_approve"].get(kind, {"count": 0, "more": False, "late": 0, "rows": []})

    @api.model
    def _kehu_waiting_by_kind(self):
        requests = self.env["kehu.approval.request"]
        query = requests._search([("decider_ids", "in", [self.env.uid])], limit=COUNTED + 1, order="id")
        columns = self._kehu_columns(requests, query, ("id", "name", "subject", "requester_id", "date_submitted", "turn_on", "date_due"))
        model = requests._field_to_sql(query.table, "res_model", query)
        now = fields.Datetime.now()
        found = self.env.execute_query_dict(
            SQL(
                """SELECT page.*, %(requester)s AS requester
                     FROM (SELECT waiting.*,
                                  row_number() OVER (PARTITION BY kind ORDER BY id) AS number,
                                  count(*) OVER (PARTITION BY kind) AS total,
                                  count(*) FILTER (WHERE date_due < %(now)s) OVER (PARTITION BY kind) AS late
                             FROM (%(waiting)s) waiting) page
                    WHERE page.number <= %(rows)s
                 ORDER BY page.id""",
                requester=self._kehu_sql_user_name(SQL("page.requester_id")),
                now=now,
                waiting=query.select(
                    *columns,
                    SQL(
                        "CASE %s %s ELSE 'others_to_approve' END AS kind",
                        model,
                        SQL(" ").join(SQL("WHEN %s THEN %s", name, kind) for name, kind in KINDS.items()),
                    ),
                ),
                rows=ROWS,
            )
        )
        kinds = {}
        for row in found:
            panel = kinds.setdefault(
                row["kind"], {"count": min(row["total"], COUNTED), "more": row["total"] > COUNTED, "late": row["late"], "rows": []}
            )
            panel["rows"].append(
                {
                    "id": row["id"],
                    "name": row["name"],
                    "subject": row["subject"] or "",
                    "requester": row["requester"],
                    "requester_id": row["requester_id"],
                    "since": self._kehu_plain(row["turn_on"] or row["date_submitted"]),
                    "date_due": self._kehu_plain(row["date_due"]),
                    "is_late": bool(row["date_due"] and row["date_due"] < now),
                }
            )
        return kinds

    @api.model
    def _kehu_panel_applications(self, shared):
        """What this person has submitted, or what belongs to them: pending, and decided within a week.

        :return: {"count": pending, "more", "rejected": of the week, "rows": [{"id", "name", "subject", "state", "label", "waiting_for":
            names, "since", "res_model", "res_id"}]}, rejected ones first, then pending ones
        """
        requests = self.env["kehu.approval.request"]
        recently = fields.Datetime.now() - timedelta(days=CLOSED_DAYS)
        query = requests._search(
            (Domain("requester_id", "=", self.env.uid) | Domain("owner_id", "=", self.env.uid))
            & (Domain("state", "=", "pending") | (Domain("state", "in", ["approved", "rejected"]) & Domain("date_closed", ">=", recently))),
            order="id desc",
        )
        columns = self._kehu_columns(
            requests,
            query,
            ("id", "name", "subject", "state", "step_name", "turn_on", "date_submitted", "date_closed", "res_model", "res_id"),
        )
        waiting_for = SQL(
            """(SELECT string_agg(who.name, ', ' ORDER BY who.name)
                  FROM (SELECT p.name
                          FROM kehu_approval_request_decider_rel rel
                          JOIN res_users u ON u.id = rel.user_id
                          JOIN res_partner p ON p.id = u.partner_id
                         WHERE rel.request_id = %s LIMIT 3) who) AS waiting_for""",
            requests._field_to_sql(query.table, "id", query),
        )
        counts, rows = self._kehu_select(
            query,
            [*columns, waiting_for],
            SQL("CASE page.state WHEN 'rejected' THEN 0 WHEN 'pending' THEN 1 ELSE 2 END, page.id DESC"),
            {"pending": SQL("page.state = 'pending'"), "rejected": SQL("page.state = 'rejected'")},
        )
        labels = dict(requests._fields["state"]._description_selection(self.env))
        for row in rows:
            row["label"] = labels[row["state"]]
            row["since"] = row["date_closed"] or row["turn_on"] or row["date_submitted"]
        return {**counts, "count": counts["pending"], "rows": rows}
