import logging
import re

import psycopg2
import psycopg2.errors
from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..system.exceptions import KehuAccessError
from .exceptions import KehuWorkbenchLayoutError, KehuWorkbenchLockedError, KehuWorkbenchRightsError

_logger = logging.getLogger(__name__)

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")  # as PostgreSQL writes one in JSON
ROWS = 5  # of a panel; the whole list is behind "all"
COUNTED = 1000  # what is more is not counted out
WIDEST = 3
SALES = "kehu_crm.group_kehu_user"
MANAGER = "kehu_crm.group_kehu_manager"
DIRECTOR = "kehu_crm.group_kehu_director"
SERVICE = "kehu_crm.group_kehu_service"
FINANCE = "kehu_crm.group_kehu_finance"
ORDER_APPROVER = "kehu_crm.group_kehu_order_approver"
RECEIPT_APPROVER = "kehu_crm.group_kehu_receipt_approver"
ADMIN = "kehu_crm.group_kehu_admin"
ROLES = (SALES, SERVICE, FINANCE, ORDER_APPROVER, RECEIPT_APPROVER)
RANKS = (ADMIN, DIRECTOR, MANAGER, FINANCE, ORDER_APPROVER, RECEIPT_APPROVER, SERVICE, SALES)  # whose layout goes first

# These are for whoever called: the same question is asked again, in a transaction that may write, or after the other one.
RETRIED = (psycopg2.errors.ReadOnlySqlTransaction, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)


class KehuWorkbench(models.AbstractModel):
    """The panels of the workbench, what they show, and how each person has arranged them.

    A panel is an entry of :meth:`_kehu_panels` and a method that returns its data; see docs/workbench.md.
    """

    _name = "kehu.workbench"
    _description = "Workbench"

    # ------------------------------------------------------------
    # Panels
    # ------------------------------------------------------------

    @api.model
    def _kehu_panels(self):
        """Return all panels there are, in the order in which a new workbench shows them. Add-ons add theirs to what ``super()`` returns.

        Each is a dictionary:

        * ``title``: what stands above it
        * ``load``: function of one argument, a dictionary that the panels of one call share; returns the data, for the JS component of the
          same name. It reads with the rights of the person who looks, and takes one query, two at most.
        * ``ask``: function of the same argument, which returns the SQL of the rows; absent: ``load`` reads by itself. The rows of all
          panels with one are read in one query, and ``load`` gets its own from :meth:`_kehu_rows`
        * ``asked``: under which name the rows are kept, for panels that share a question; absent: the name of the panel
        * ``groups``: XML ids of the roles to whom it is offered, one of them suffices
        * ``default``: the same for those who find it on a new workbench; absent: all to whom it is offered
        * ``first``: roles on whose new workbench it stands before all others, such as the team for those who lead one; absent: none
        * ``size``: how many columns it takes, 1 to 3; absent: 1

        :rtype: dict[str, dict]
        """
        return {}

    @api.model
    def _kehu_offered(self):
        """Return the panels that this person may have, as :meth:`_kehu_panels` does.

        :raises KehuWorkbenchRightsError: for people without a role in the CRM
        """
        user = self.env.user
        if not any(user.has_group(role) for role in ROLES):
            raise KehuWorkbenchRightsError(
                self.env._("The workbench is for people of the CRM. Ask your administrator for a role in Customer Relationship.")
            )
        return {name: panel for name, panel in self._kehu_panels().items() if any(user.has_group(role) for role in panel["groups"])}

    @api.model
    @api.readonly
    def get_panels(self, names):
        """Return what these panels show now. One call for all of them, which writes nothing.

        :param list[str] names: of panels; None or an empty list: those of one's layout
        :return: {name: data of the panel}; of a panel that failed, or is not offered to this person: {"error": sentence}
        :rtype: dict[str, dict]
        :raises KehuWorkbenchLayoutError: when the names are no list of texts
        :raises KehuWorkbenchRightsError: for people without a role in the CRM
        """
        if names and (not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names)):
            raise KehuWorkbenchLayoutError(self.env._("Name the panels as a list of texts."))
        offered = self._kehu_offered()
        names = names or [panel["name"] for panel in self._kehu_present_layout(offered)[0]]
        found, shared = {}, {}
        # one point to come back to for all of them: a query that fails in one panel leaves nothing behind, none of them writes
        with self.env.cr.savepoint() as savepoint:
            self._kehu_ask_together({name: offered[name] for name in names if name in offered}, shared, savepoint)
            for name in dict.fromkeys(names):
                if name not in offered:
                    found[name] = {
                        "error": self.env._("This panel does not exist, or your role does not see it. Take it off the workbench.")
                    }
                    continue
                try:
                    found[name] = offered[name]["load"](shared)
                except RETRIED:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it is, noted in the log, the other panels are shown
                    savepoint.rollback()
                    shared.clear()
                    found[name] = {"error": self._kehu_panel_failed(name, error)}
        return found

    @api.model
    def _kehu_ask_together(self, panels, shared, savepoint):
        """Read the rows of all panels that name their question, in one query, into ``shared``.

        When that fails nothing is kept: each panel asks for itself then, so that only the one that is at fault fails.

        :param dict panels: as :meth:`_kehu_panels` returns them
        """
        try:
            questions = {panel.get("asked", name): panel["ask"] for name, panel in panels.items() if "ask" in panel}
            if questions:
                shared["rows"] = self._kehu_read_rows({name: ask(shared) for name, ask in questions.items()})
        except RETRIED:
            raise
        except Exception:  # noqa: BLE001 - the panel at fault fails again when it asks alone, and is noted then
            savepoint.rollback()
            shared.clear()

    @api.model
    def _kehu_read_rows(self, asked):
        """Run several selects in one query.

        :param dict asked: {name: SQL}
        :return: {name: [rows as dictionaries; days and moments as texts, as RPC sends them]}
        """
        selects = [SQL("SELECT %s AS panel, (SELECT json_agg(r) FROM (%s) r) AS found", name, question) for name, question in asked.items()]
        answer = self.env.execute_query(SQL(" UNION ALL ").join(selects))
        return {name: [{key: self._kehu_from_json(value) for key, value in row.items()} for row in rows or []] for name, rows in answer}

    @api.model
    def _kehu_from_json(self, value):
        if value is None:
            return False
        return f"{value[:10]} {value[11:19]}" if isinstance(value, str) and MOMENT.match(value) else value

    @api.model
    def _kehu_rows(self, shared, name):
        """Return the rows of a panel that names its question, see :meth:`_kehu_panels`.

        :param str name: under which they are kept
        :rtype: list[dict]
        """
        rows = shared.setdefault("rows", {})
        if name not in rows:
            panels = self._kehu_panels().items()
            ask = next(panel["ask"] for key, panel in panels if "ask" in panel and panel.get("asked", key) == name)
            rows.update(self._kehu_read_rows({name: ask(shared)}))
        return rows[name]

    @api.model
    def _kehu_panel_failed(self, name, error):
        """Note for the administrator what went wrong with a panel, and say it to the person.

        Only the sentences written for people are shown. The host's refusals name records and models, which the person may not know of.

        :rtype: str
        """
        if isinstance(error, KehuAccessError) or (isinstance(error, UserError) and not isinstance(error, (AccessError, MissingError))):
            _logger.info("Panel %s of the workbench refused: %s", name, error)
            return str(error)
        _logger.error("Panel %s of the workbench failed", name, exc_info=error)
        if isinstance(error, AccessError):
            return self.env._("You may not see all that this panel shows. Take it off the workbench, or ask your administrator.")
        return self.env._("This panel could not be loaded. Try again; if it fails again, tell your administrator. The other panels work.")

    # ------------------------------------------------------------
    # Layout
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_layout(self):
        """Return how the workbench of this person is arranged, and what can be put on it.

        :return: {"panels": [{"name", "size"}] in their order; "available": [{"name", "title", "size"}], all that this person may have;
            "locked": the administrator arranges it; "custom": the person has arranged it; "roles": [{"id", "name"}] for which
            this person may arrange it, empty for everybody but administrators}
        :rtype: dict
        :raises KehuWorkbenchRightsError: for people without a role in the CRM
        """
        offered = self._kehu_offered()
        panels, locked, custom = self._kehu_present_layout(offered)
        return {
            "panels": panels,
            "available": [{"name": name, "title": panel["title"], "size": panel.get("size", 1)} for name, panel in offered.items()],
            "locked": bool(locked),
            "custom": custom,
            "roles": self._kehu_roles(),
        }

    @api.model
    def save_layout(self, layout):
        """Keep how this person has arranged the workbench. What is unknown or not offered is left out, widths are brought to 1 to 3.

        :param layout: [{"name": str, "size": int}], or what :meth:`get_layout` returned; None or False: back to the default
        :return: as :meth:`get_layout`
        :rtype: dict
        :raises KehuWorkbenchLayoutError: when it is nothing of that kind
        :raises KehuWorkbenchLockedError: when an administrator arranges the workbench of this role
        :raises KehuWorkbenchRightsError: for people without a role in the CRM
        """
        offered = self._kehu_offered()
        panels = self._kehu_clean_layout(layout, offered) if layout not in (None, False) else None
        # sudo: kehu.workbench.layout - one's own row, which people write only here; and the rows of one's roles
        layouts = self.env["kehu.workbench.layout"].sudo()
        locked = self._kehu_role_layout(layouts)
        if self._kehu_is_locked(locked):
            raise KehuWorkbenchLockedError(
                self.env._(
                    "Your administrator arranges the workbench for the role “%(role)s”. Tell them what you miss.",
                    role=locked.group_id.name,
                )
            )
        own = layouts.search([("user_id", "=", self.env.uid)])
        if panels is None:
            own.unlink()
        elif own:
            own.panels = panels
        else:
            layouts.create({"user_id": self.env.uid, "panels": panels})
        return self.get_layout()

    @api.model
    def save_default(self, role_id, layout, locked=False):
        """Keep how the workbench of everybody in a role is arranged who arranges nothing themselves.

        :param int role_id: one of ``get_layout()["roles"]``
        :param layout: as for :meth:`save_layout`; None or False: back to what the program shows
        :param bool locked: nobody of this role arranges the workbench themselves
        :return: True
        :raises KehuWorkbenchRightsError: for everybody but administrators
        :raises KehuWorkbenchLayoutError: for another role, or what is no layout
        """
        if not self.env.user.has_group(ADMIN):
            raise KehuWorkbenchRightsError(self.env._("Only an administrator of the CRM arranges the workbench for a role. Ask one."))
        if role_id not in [role["id"] for role in self._kehu_roles()]:
            raise KehuWorkbenchLayoutError(self.env._("Choose one of the roles of the CRM."))
        layouts = self.env["kehu.workbench.layout"]
        present = layouts.search([("group_id", "=", role_id)])
        if layout in (None, False):
            present.unlink()
            return True
        values = {"panels": self._kehu_clean_layout(layout), "locked": bool(locked)}
        if present:
            present.write(values)
        else:
            # roles imply one another: who has several gets the layout of the one that fewer people have
            ranks = [self.env.ref(role).id for role in RANKS]
            layouts.create({"group_id": role_id, "sequence": 10 * (1 + ranks.index(role_id)), **values})
        return True

    @api.model
    def _kehu_clean_layout(self, layout, offered=None):
        """Bring a layout into the form in which it is stored.

        :param layout: [{"name": str, "size": int}], or a dictionary with that as "panels"
        :param dict offered: the panels to choose from; None: all there are
        :return: [{"name": str, "size": 1 to 3}], each panel once, unknown ones left out
        :rtype: list[dict]
        :raises KehuWorkbenchLayoutError: when it is nothing of that kind
        """
        panels = layout.get("panels") if isinstance(layout, dict) else layout
        if not isinstance(panels, (list, tuple)) or not all(
            isinstance(panel, dict) and isinstance(panel.get("name"), str) for panel in panels
        ):
            raise KehuWorkbenchLayoutError(self.env._("This is no arrangement of panels: give a list of names with their widths."))
        offered = self._kehu_panels() if offered is None else offered
        clean = {}
        for panel in panels:
            name, size = panel["name"], panel.get("size")
            if name in offered and name not in clean:
                known = isinstance(size, (int, float)) and not isinstance(size, bool) and size == size
                clean[name] = int(max(1, min(WIDEST, size))) if known else offered[name].get("size", 1)
        return [{"name": name, "size": size} for name, size in clean.items()]

    @api.model
    def _kehu_present_layout(self, offered):
        """Return what the workbench of this person shows: one's own layout, else that of the role, else all that is meant for the role.

        :param dict offered: the panels to choose from
        :return: (panels, locked, whether it is one's own)
        """
        # sudo: kehu.workbench.layout - one's own, and those of one's roles
        layouts = self.env["kehu.workbench.layout"].sudo()
        rows = layouts.search(Domain("user_id", "=", self.env.uid) | Domain("group_id", "in", self._kehu_my_groups()))
        own = rows.filtered("user_id")
        role = (rows - own)[:1]
        locked = self._kehu_is_locked(role)
        if own and not locked:
            return self._kehu_clean_layout(own.panels or [], offered), False, True
        if role:
            return self._kehu_clean_layout(role.panels or [], offered), locked, False
        user = self.env.user
        panels = [
            {"name": name, "size": panel.get("size", 1)}
            for name, panel in offered.items()
            if any(user.has_group(group) for group in panel.get("default", panel["groups"]))
        ]
        panels.sort(key=lambda panel: not any(user.has_group(group) for group in offered[panel["name"]].get("first", ())))
        return panels, False, False

    @api.model
    def _kehu_is_locked(self, layout):
        """Tell whether that layout of a role binds this person; administrators arrange the workbenches of all roles on their own."""
        return layout.locked and not self.env.user.has_group(ADMIN)

    @api.model
    def _kehu_role_layout(self, layouts):
        """Return the layout of the first of this person's roles that has one."""
        return layouts.search([("group_id", "in", self._kehu_my_groups())], limit=1)

    @api.model
    def _kehu_my_groups(self):
        # sudo: res.users - one's own roles, implied ones too
        return list(self.env.user.sudo()._get_group_ids())

    @api.model
    def _kehu_role_groups(self):
        """Return the roles of the CRM that have a workbench."""
        return self.env["res.groups"].browse([self.env.ref(role).id for role in ROLES])

    @api.model
    def _kehu_roles(self):
        """Return the roles for which this person may arrange the workbench: [{"id", "name"}]."""
        if not self.env.user.has_group(ADMIN):
            return []
        # sudo: res.groups - their names
        groups = [self.env.ref(role).sudo() for role in reversed(RANKS)]
        return [{"id": group.id, "name": group.name} for group in groups]

    # ------------------------------------------------------------
    # What providers use
    # ------------------------------------------------------------

    @api.model
    def _kehu_columns(self, model, query, names):
        """Return columns of a search as SQL, each under its own name.

        :param model: the model searched
        :param query: what its ``_search`` returned
        :param names: of stored fields
        """
        return [SQL("%s AS %s", model._field_to_sql(query.table, name, query), SQL.identifier(name)) for name in names]

    @api.model
    def _kehu_select(self, query, columns, order, counts=None, limit=ROWS):
        """Read the first rows of a search and count it, in one query. Not more than 1,000 are counted.

        :param query: what ``_search`` returned, with the rights of the person
        :param list columns: SQL with names
        :param SQL order: on these names
        :param dict counts: {name: SQL condition on the columns}, counted too
        :return: ({"count": int, "more": bool, and each of ``counts``}, [rows as dictionaries, dates as text])
        """
        return self._kehu_counted(
            self.env.execute_query_dict(self._kehu_sql_select(query, columns, order, counts=counts, limit=limit)), counts
        )

    @api.model
    def _kehu_sql_select(self, query, columns, order, counts=None, limit=ROWS):
        """Return the SQL of :meth:`_kehu_select`, of whose rows :meth:`_kehu_counted` makes the same answer."""
        return SQL(
            "SELECT page.*, count(*) OVER () AS panel_count%s FROM (SELECT * FROM (%s) page ORDER BY %s LIMIT %s) page "
            "ORDER BY %s LIMIT %s",
            SQL().join(
                SQL(", count(*) FILTER (WHERE %s) OVER () AS %s", condition, SQL.identifier(f"panel_{name}"))
                for name, condition in (counts or {}).items()
            ),
            query.select(*columns),
            order,
            COUNTED + 1,
            order,
            limit,
        )

    @api.model
    def _kehu_counted(self, found, counts=None):
        """Take the counts out of the rows that :meth:`_kehu_sql_select` found.

        :param list[dict] found: the rows
        :param counts: names of what was counted too
        """
        first = found[0] if found else {}
        number = first.get("panel_count", 0)
        totals = {name: first.get(f"panel_{name}", 0) for name in counts or ()}
        rows = [{name: self._kehu_plain(value) for name, value in row.items() if not name.startswith("panel_")} for row in found]
        return {"count": min(number, COUNTED), "more": number > COUNTED, **totals}, rows

    @api.model
    def _kehu_select_each(self, branches):
        """Read the first rows of several searches and count each, in one query. Not more than 1,000 of each are counted.

        :param dict branches: {name: (query, columns, key, counts)}: what ``_search`` returned; SQL with names, the same ones in all
            branches; SQL of the number by which it is sorted; {name: SQL condition} of what is counted too
        :return: {name: as :meth:`_kehu_select` returns}
        """
        return self._kehu_counted_each(
            self.env.execute_query_dict(self._kehu_sql_select_each(branches)), {name: branch[3] for name, branch in branches.items()}
        )

    @api.model
    def _kehu_sql_select_each(self, branches):
        """Return the SQL of :meth:`_kehu_select_each`, of whose rows :meth:`_kehu_counted_each` makes the same answer."""
        most = max(len(counts) for _query, _columns, _key, counts in branches.values())
        selects = []
        for name, (query, columns, key, counts) in branches.items():
            # the first ones, whatever is not counted out
            query.order = SQL("%s NULLS LAST, %s", key, SQL.identifier(query.table, "id"))
            query.limit = COUNTED + 1
            flags = [*counts.values(), *[SQL("FALSE")] * (most - len(counts))]
            flags = [SQL("%s AS %s", flag, SQL.identifier(f"panel_flag_{index}")) for index, flag in enumerate(flags)]
            selects.append(SQL("(%s)", query.select(*columns, SQL("%s AS panel", name), SQL("%s AS panel_key", key), *flags)))
        return SQL(
            """SELECT page.*
                 FROM (SELECT branch.*,
                              row_number() OVER (PARTITION BY panel ORDER BY panel_key NULLS LAST, id) AS panel_number,
                              count(*) OVER (PARTITION BY panel) AS panel_count
                              %s
                         FROM (%s) branch) page
                WHERE page.panel_number <= %s
             ORDER BY page.panel_number""",
            SQL().join(
                SQL(
                    ", count(*) FILTER (WHERE %s) OVER (PARTITION BY panel) AS %s",
                    SQL.identifier(f"panel_flag_{index}"),
                    SQL.identifier(f"panel_total_{index}"),
                )
                for index in range(most)
            ),
            SQL(" UNION ALL ").join(selects),
            ROWS,
        )

    @api.model
    def _kehu_counted_each(self, found, branches):
        """Take the counts out of the rows that :meth:`_kehu_sql_select_each` found.

        :param list[dict] found: the rows
        :param dict branches: {name: names of what was counted too}
        """
        answer = {}
        for name, counts in branches.items():
            mine = [row for row in found if row["panel"] == name]
            first = mine[0] if mine else {}
            number = first.get("panel_count", 0)
            totals = {count: first.get(f"panel_total_{index}", 0) for index, count in enumerate(counts)}
            rows = [{key: self._kehu_plain(value) for key, value in row.items() if not key.startswith("panel")} for row in mine]
            answer[name] = {"count": min(number, COUNTED), "more": number > COUNTED, **totals}, rows
        return answer

    @api.model
    def _kehu_plain(self, value):
        """A value of a column as RPC sends it."""
        if value is None:
            return False
        if hasattr(value, "hour"):
            return fields.Datetime.to_string(value)
        if hasattr(value, "year"):
            return fields.Date.to_string(value)
        return value

    @api.model
    def _kehu_sql_user_name(self, user):
        """Return the name of a user as SQL.

        :param SQL user: the column with the number of the user
        """
        return SQL("(SELECT p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = %s)", user)
