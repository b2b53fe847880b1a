from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..system.engine import as_engine
from ..system.engine_rows import insert_rows

KINDS = [("entered", "Entered"), ("left", "Left the Stage"), ("skipped", "Stage Skipped")]
HOWS = [
    ("begun", "Begun"),
    ("forward", "Onward"),
    ("back", "Back"),
    ("lost", "Opportunity Lost"),
    ("restored", "Restored"),
    ("withdrawn", "Made a Lead Again"),
]
MOST_STAGES = 1000
BATCH = 5000
MOVED = "kehu_crm.stages"  # what waits for the end of the transaction
COLUMNS = ("lead_id", "stage_id", "kind", "how", "other_stage_id", "date", "since", "is_first", "author_id")


class KehuStageEvent(models.Model):
    """One thing that happened to one opportunity and one stage: it came in, went out, or passed by. Written with the change, never changed.

    A move from the first stage to the third are three rows: left the first, skipped the second, entered the third. Losing an opportunity
    leaves its stage, restoring it enters it again. A row has one moment; one that left also says since when the opportunity was there.
    """

    _name = "kehu.stage.event"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Stage History"
    _order = "date desc, id desc"
    _rec_name = "lead_id"
    _kehu_engine = "stages"

    lead_id = fields.Many2one("crm.lead", string="Opportunity", required=True, index=True, ondelete="cascade")
    stage_id = fields.Many2one("crm.stage", index="btree_not_null", ondelete="set null")
    kind = fields.Selection(KINDS, string="What Happened", required=True)
    how = fields.Selection(
        HOWS,
        required=True,
        help="Begun: the first stage of the opportunity. Onward and back go by the order of the stages at that moment.",
    )
    other_stage_id = fields.Many2one(
        "crm.stage", string="From / To", index="btree_not_null", ondelete="set null", help="Where it came from, or where it went."
    )
    date = fields.Datetime(required=True, index=True)
    since = fields.Datetime(string="There Since", help="When the opportunity had entered the stage that it left.")
    days = fields.Float(
        string="Days in Stage", compute="_compute_days", digits=(16, 1), help="Days from entering the stage to leaving it, nights included."
    )
    is_first = fields.Boolean(string="For the First Time", help="The opportunity had never been in this stage.")
    later_stage_ids = fields.Many2many(
        "crm.stage",
        string="Reached Later",
        compute="_compute_later_stage_ids",
        compute_sudo=True,
        search="_search_later_stage_ids",
        help="Stages that the same opportunity entered afterwards.",
    )
    author_id = fields.Many2one("res.users", string="Done By", required=True, index=True, ondelete="restrict")

    _entered_idx = models.Index("(stage_id, date) WHERE kind = 'entered'")

    @api.depends("date", "since")
    def _compute_days(self):
        for event in self:
            event.days = (event.date - event.since).total_seconds() / 86400 if event.date and event.since else 0.0

    @api.depends("lead_id")
    def _compute_later_stage_ids(self):
        """In one query."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT e.id, array_agg(DISTINCT l.stage_id)
                     FROM kehu_stage_event e JOIN kehu_stage_event l ON l.lead_id = e.lead_id AND l.id > e.id AND l.kind = 'entered'
                    WHERE e.id = ANY(%s) AND l.stage_id IS NOT NULL GROUP BY e.id""",
                list(self._ids),
            )
        )
        later = dict(rows)
        for event in self:
            event.later_stage_ids = later.get(event.id, [])

    def _search_later_stage_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        stages = [number for number in value if isinstance(number, int) and number]
        if len(stages) < len(list(value)):
            return NotImplemented

        def later(_model, alias, _query):
            return SQL(
                "EXISTS (SELECT FROM kehu_stage_event l "
                "WHERE l.lead_id = %s AND l.id > %s AND l.kind = 'entered' AND l.stage_id = ANY(%s))",
                SQL.identifier(alias, "lead_id"),
                SQL.identifier(alias, "id"),
                stages,
            )

        return Domain.custom(to_sql=later)

    def action_kehu_open(self):
        """Open the opportunity, as whoever asks."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "views": [[self.env.ref("crm.crm_lead_view_form").id, "form"]],
        }

    # ------------------------------------------------------------
    # Written by the opportunities
    # ------------------------------------------------------------

    @api.model
    def _kehu_moved(self, leads):
        """Opportunities may have moved: the log follows before the transaction ends, and before it is read.

        :param crm.lead leads: in the environment of who moved them
        """
        data = self.env.cr.precommit.data
        if leads and MOVED not in data:
            data[MOVED] = {}
            # sudo: kehu.stage.event - rows of an engine, for people who may not write them
            self.env.cr.precommit.add(self.with_env(self.env(su=True, context={}))._kehu_catch_up)
        for number in leads._ids:
            data[MOVED].setdefault(number, self.env.uid)

    @api.model
    def _kehu_catch_up(self, leads=None):
        """Write what :meth:`_kehu_moved` left waiting, for all opportunities at once.

        :param crm.lead leads: only if something of these waits
        """
        waiting = self.env.cr.precommit.data.get(MOVED)
        if not waiting or (leads is not None and waiting.keys().isdisjoint(leads._ids)):
            return
        del self.env.cr.precommit.data[MOVED]
        # sudo: kehu.stage.event - rows of an engine, for people who may not write them
        self.sudo()._kehu_follow(waiting)

    def _search(self, domain, *args, **kwargs):
        self._kehu_catch_up()
        return super()._search(domain, *args, **kwargs)

    def flush_model(self, fnames=None):
        self._kehu_catch_up()
        return super().flush_model(fnames)

    @api.model
    def _kehu_follow(self, authors):
        """Bring the log in line with where opportunities are now. What agrees is left alone, so it may be called twice.

        :param dict authors: {crm.lead id: id of the user who moved it}; those that are gone are left out
        """
        self.flush_model()
        # the last row that is not “skipped” says where the opportunity was
        rows = self.env.execute_query(
            SQL(
                """SELECT l.id, array_agg(DISTINCT e.stage_id) FILTER (WHERE e.kind = 'entered'),
                          (array_agg(CASE WHEN e.kind = 'entered' THEN e.stage_id END ORDER BY e.id DESC)
                             FILTER (WHERE e.kind <> 'skipped'))[1],
                          (array_agg(e.date ORDER BY e.id DESC) FILTER (WHERE e.kind <> 'skipped'))[1]
                     FROM crm_lead l LEFT JOIN kehu_stage_event e ON e.lead_id = l.id
                    WHERE l.id = ANY(%s) GROUP BY l.id""",
                list(authors),
            )
        )
        known = {lead: (set(seen or ()), stage or False, moment) for lead, seen, stage, moment in rows}
        places = self.env["crm.lead"].browse(number for number in authors if number in known)._kehu_places()
        line, now, found = None, self.env.cr.now().replace(microsecond=0), []
        for lead, (stage, team, how) in places.items():
            seen, before, since = known[lead]
            if before != stage:
                line = self._kehu_line() if line is None else line
                found += self._kehu_rows(line, lead, team, seen, (before, since), stage, now, authors[lead], how)
        insert_rows(self, COLUMNS, [tuple(row.get(name) or None for name in COLUMNS) for row in found])
        if found:
            self.env["crm.lead"].invalidate_model(["kehu_stage_event_ids"], flush=False)

    @api.model
    def _kehu_line(self):
        """:return: all stages, in their order"""
        # sudo: crm.stage - their order, whoever moves an opportunity
        return self.env["crm.stage"].sudo().search([], order="sequence, id", limit=MOST_STAGES)

    @api.model
    def _kehu_rows(self, line, lead, team, seen, before, stage, moment, author, how):
        """Tell one move as rows.

        :param set seen: stages where the opportunity was before; the new one is added
        :param tuple before: (stage id or False, when it was entered)
        :param stage: where it is now: an id, or False for nowhere
        :param how: how it left, when it is nowhere
        :rtype: list of dict
        """
        old, since = before
        order = {number: place for place, number in enumerate(line.ids)}
        if old and stage:
            how = "forward" if order.get(stage, 0) >= order.get(old, 0) else "back"
        elif stage:
            how = "restored" if seen else "begun"
        common = {"lead_id": lead, "how": how, "date": moment, "author_id": author}
        rows = []
        if old:
            rows.append({**common, "kind": "left", "stage_id": old, "other_stage_id": stage, "since": since})
        if how == "forward":
            between = line[order.get(old, 0) + 1 : order.get(stage, 0)]
            rows += [
                {**common, "kind": "skipped", "stage_id": one.id, "other_stage_id": stage}
                for one in between
                if not one.is_won and not one.fold and (not one.team_ids or team in one.team_ids.ids)
            ]
        if stage:
            rows.append({**common, "kind": "entered", "stage_id": stage, "other_stage_id": old, "is_first": stage not in seen})
            seen.add(stage)
        return rows

    # ------------------------------------------------------------
    # What happened before there was a log
    # ------------------------------------------------------------

    @api.model
    def _kehu_fill(self):
        """Tell the past of opportunities that have no row yet, from the changes that their chatter kept.

        Called when the add-on is installed or updated. Idempotent. What the chatter does not know is a move at the last change.
        """
        # sudo: crm.lead - all of them
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        leads.flush_model()
        self.flush_model()
        field = self.env["ir.model.fields"]._get("crm.lead", "stage_id").id
        waiting = self.env.execute_query(
            SQL(
                """SELECT id FROM crm_lead l WHERE type = 'opportunity' AND stage_id IS NOT NULL
                      AND NOT EXISTS (SELECT FROM kehu_stage_event e WHERE e.lead_id = l.id) ORDER BY id"""
            )
        )
        line, log = self._kehu_line(), as_engine(self.sudo(), "stages")  # sudo: kehu.stage.event - no user may write it
        for some in split_every(BATCH, [number for (number,) in waiting]):
            moves = {}
            for lead, old, new, moment, author in self.env.execute_query(
                SQL(
                    """SELECT m.res_id, t.old_value_integer, t.new_value_integer, m.date, COALESCE(m.create_uid, 1)
                         FROM mail_tracking_value t JOIN mail_message m ON m.id = t.mail_message_id
                        WHERE t.field_id = %s AND m.model = 'crm.lead' AND m.res_id = ANY(%s) ORDER BY m.date, t.id""",
                    field,
                    list(some),
                )
            ):
                moves.setdefault(lead, []).append((old, new, moment, author))
            found = []
            for lead in leads.browse(some):
                found += self._kehu_past(line, lead, moves.get(lead.id, []))
            log.create(found)
            self.env.flush_all()
            self.env.invalidate_all(flush=False)  # those of a grown base do not fit into the memory at once

    @api.model
    def _kehu_past(self, line, lead, moves):
        """Tell the past of one opportunity.

        :param list moves: (old stage, new stage, moment, author), the earliest first
        :rtype: list of dict
        """
        known = set(line.ids)
        last = lead.write_date or lead.create_date or self.env.cr.now()
        steps = [(moves[0][0] if moves else lead.stage_id.id, lead.create_date or last, lead.create_uid.id or 1)]
        for old, new, moment, author in moves:
            if old == steps[-1][0]:  # else a move of an opportunity that was merged into this one
                steps.append((new, moment, author))
        if steps[-1][0] != lead.stage_id.id:
            steps.append((lead.stage_id.id, lead.date_last_stage_update or last, lead.write_uid.id or 1))
        rows, seen, place, since = [], set(), False, None
        for stage, moment, author in steps:
            moment = max(moment, since or moment)
            if stage in known and stage != place:
                rows += self._kehu_rows(line, lead.id, lead.team_id.id, seen, (place, since), stage, moment, author, None)
                place, since = stage, moment
        if lead.won_status == "lost" and place:
            moment = max(lead.date_closed or last, since)
            rows += self._kehu_rows(line, lead.id, lead.team_id.id, seen, (place, since), False, moment, lead.write_uid.id or 1, "lost")
        return rows
