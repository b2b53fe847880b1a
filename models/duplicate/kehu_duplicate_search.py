from odoo import api, fields, models
from odoo.tools import SQL

from ..system.engine import as_engine
from . import matching
from .exceptions import KehuDuplicateRightsError, KehuDuplicateSearchError
from .kehu_duplicate_group import LARGEST_GROUP

# Customers whose names are compared with all others before the work is saved.
SLICE = 500


class KehuDuplicateSearch(models.Model):
    """One search for duplicates over all customers of a company, rule by rule.

    =========  =====================================================================
    state      may become
    =========  =====================================================================
    waiting    running, done
    running    done; stopped at any moment, it goes on where it was
    done       nothing; a new search takes over what nobody has decided
    =========  =====================================================================

    Equal keys are grouped by one statement per rule. Similar names are looked up slice by slice in a scheduled action.
    """

    _name = "kehu.duplicate.search"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Search for Duplicates"
    _order = "id desc"
    _kehu_engine = "duplicate"

    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("done", "Done")], default="waiting", required=True, index=True
    )
    user_id = fields.Many2one("res.users", string="Started By", required=True, default=lambda self: self.env.user, index=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    date_start = fields.Datetime(string="Started On")
    date_end = fields.Datetime(string="Finished On")
    done_rule_ids = fields.Many2many("kehu.duplicate.rule", string="Rules That Are Done")
    last_id = fields.Integer(string="Last Customer Compared", aggregator=None, help="Where a search for similar names goes on.")
    group_ids = fields.One2many("kehu.duplicate.group", "search_id", string="Groups")
    group_count = fields.Integer(string="Groups Found", compute="_compute_group_count")
    progress = fields.Float(compute="_compute_progress", help="How many of the customers have been compared, in percent.")

    @api.depends("date_start")
    def _compute_display_name(self):
        for search in self:
            search.display_name = (
                self.env._("Search of %(date)s", date=fields.Datetime.context_timestamp(self, search.date_start).strftime("%Y-%m-%d %H:%M"))
                if search.date_start
                else self.env._("New Search")
            )

    @api.depends("group_ids")
    def _compute_group_count(self):
        groups = self.env["kehu.duplicate.group"]._read_group([("search_id", "in", self.ids)], ["search_id"], ["__count"])
        counts = {search.id: count for search, count in groups}
        for search in self:
            search.group_count = counts.get(search.id, 0)

    @api.depends("state", "last_id")
    def _compute_progress(self):
        self.env.cr.execute("SELECT max(id) FROM res_partner WHERE kehu_is_customer")
        largest = self.env.cr.fetchone()[0] or 0
        for search in self:
            search.progress = 100.0 if search.state == "done" else min(99.0, 100.0 * search.last_id / largest) if largest else 0.0

    # -- for people ----------------------------------------------------------------------------------------------------

    @api.model
    def action_start(self):
        """Search all customers of the company now; similar names go on in the background. Opens what was found.

        :raises KehuDuplicateSearchError: while another search of the company runs, or without rules
        """
        self._kehu_require_decider()
        specs = self.env["kehu.duplicate.rule"]._kehu_specs()
        if not specs:
            raise KehuDuplicateSearchError(
                self.env._("There is no duplicate rule to search by. Ask a CRM administrator to switch one on under Duplicate Rules.")
            )
        # sudo: kehu.duplicate.search - one search per company at a time, whoever started it
        running = self.sudo().search([("state", "!=", "done"), ("company_id", "=", self.env.company.id)], limit=1)
        if running:
            raise KehuDuplicateSearchError(
                self.env._("A search is still running (%(percent)s %%). Wait for it to end.", percent=round(running.progress))
            )
        # sudo: kehu.duplicate.search - the engine keeps its records
        search_sudo = as_engine(self.sudo(), "duplicate").create(
            {"user_id": self.env.uid, "company_id": self.env.company.id, "date_start": fields.Datetime.now(), "state": "running"}
        )
        search_sudo._kehu_forget_undecided()
        for spec in specs:
            if spec.match != "similar" or spec.field != "name":
                search_sudo._kehu_group_equal(spec)
        search_sudo._kehu_finish_if_done()
        if search_sudo.state != "done":
            # sudo: ir.cron - wakes the scheduled action of the room
            self.env.ref("kehu_crm.kehu_duplicate_search_ir_cron").sudo()._trigger()
        return self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_duplicate_group_action")

    @api.model
    def _kehu_require_decider(self):
        """Only those who see all customers search them all and decide about what is found.

        :raises KehuDuplicateRightsError: otherwise
        """
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_director"):
            raise KehuDuplicateRightsError(
                self.env._("Searching all customers for duplicates is for the sales director and the CRM administrator. Ask one of them.")
            )

    # -- the work ------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_search(self):
        """Go on with searches for similar names, slice by slice; safe to be stopped at any moment and to run again."""
        cron = self.env["ir.cron"]
        after = int(self.env["ir.config_parameter"].get_param("kehu_crm.duplicate_fill_after", -1))
        while after >= 0:
            after = self.env["res.partner"]._kehu_fill_duplicate_keys(everybody=True, after=after, most=SLICE * 20) or -1
            self.env["ir.config_parameter"].set_param("kehu_crm.duplicate_fill_after", after)
            if not cron._commit_progress(1, remaining=int(after >= 0)):
                return
        for search in self.search([("state", "!=", "done")], order="id"):
            search = as_engine(search, "duplicate")
            for spec in search._kehu_open_specs():
                more = True
                while more:
                    more = search._kehu_group_alike(spec)
                    if not cron._commit_progress(1, remaining=1):
                        return
            search._kehu_finish_if_done()
            cron._commit_progress(1, remaining=0)

    def _kehu_open_specs(self):
        """Return the specs that this search has not finished."""
        self.ensure_one()
        done = set(self.done_rule_ids.ids)
        return [spec for spec in self.env["kehu.duplicate.rule"]._kehu_specs() if spec.id not in done]

    def _kehu_finish_if_done(self):
        if self._kehu_open_specs():
            return
        self.write({"state": "done", "date_end": fields.Datetime.now()})
        self._kehu_drop_known()

    def _kehu_forget_undecided(self):
        """What former searches found and nobody decided is found again."""
        self.env["kehu.duplicate.group"].flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM kehu_duplicate_group WHERE state = 'open' AND company_id = %s AND search_id <> %s", self.company_id.id, self.id
            )
        )
        self.env["kehu.duplicate.group"].invalidate_model()
        self.env["kehu.duplicate.member"].invalidate_model()

    def _kehu_drop_known(self):
        """Remove groups in which every pair is known to be different."""
        self.env["kehu.duplicate.group"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH member AS (
                    SELECT g.id, number::int
                      FROM kehu_duplicate_group g CROSS JOIN LATERAL jsonb_array_elements_text(g.member_numbers) number
                     WHERE g.search_id = %(search)s AND g.state = 'open' AND EXISTS (SELECT FROM kehu_duplicate_exclusion)
                ), known AS (
                    SELECT one.id, count(*) AS pairs FROM kehu_duplicate_exclusion pair
                      JOIN member one ON one.number = pair.partner_id
                      JOIN member two ON two.number = pair.other_id AND two.id = one.id
                  GROUP BY one.id
                )
                DELETE FROM kehu_duplicate_group g USING known
                 WHERE g.id = known.id AND known.pairs = g.member_count * (g.member_count - 1) / 2
                """,
                search=self.id,
            )
        )
        self.env["kehu.duplicate.group"].invalidate_model()

    def _kehu_group_equal(self, spec):
        """Write a group for every key of this spec that several customers have. One statement.

        :param matching.Spec spec: any but similar names
        """
        self.env["res.partner"].flush_model()
        self.env["kehu.duplicate.search"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kehu_duplicate_group
                       (search_id, rule_id, key, score, member_count, member_numbers, state, company_id)
                SELECT %(search)s, %(rule)s, key, %(score)s, count(*), jsonb_agg(customer_id), 'open', %(company)s
                  FROM (%(keyed)s) keyed
              GROUP BY key HAVING count(*) > 1 AND count(*) <= %(largest)s
                """,
                keyed=self._kehu_keyed(spec),
                largest=LARGEST_GROUP,
                search=self.id,
                rule=spec.id,
                score=matching.NAME_SCORES["key"] if spec.field == "name" else matching.SCORES.get(spec.field, matching.OTHER_SCORE),
                company=self.company_id.id,
            )
        )
        self.write({"done_rule_ids": [(4, spec.id)]})
        self.env["kehu.duplicate.group"].invalidate_model()
        self.env["kehu.duplicate.member"].invalidate_model()

    def _kehu_keyed(self, spec):
        """Return a query of (key, customer_id) for one spec; each pair comes once."""
        mine = SQL("p.active IS TRUE AND (p.company_id IS NULL OR p.company_id = %s)", self.company_id.id)
        contacts = spec.scope == "contacts" and spec.field in matching.CONTACT_FIELDS
        who = SQL("p.kehu_customer_id IS NOT NULL") if contacts else SQL("p.kehu_is_customer IS TRUE")

        def query(key, who=who):
            return SQL(
                "SELECT %s %s AS key, p.kehu_customer_id AS customer_id FROM res_partner p WHERE %s IS NOT NULL AND %s AND %s",
                SQL("DISTINCT") if contacts else SQL(),
                key,
                key,
                who,
                mine,
            )

        if spec.field == "name" and spec.match == "exact":
            return query(SQL("NULLIF(p.name, '')"))
        if spec.field == "name" and spec.place == "open":
            # a core that somebody wrote without a place is one group over all places, the others are one group per place
            return SQL(
                """
                SELECT CASE WHEN c.without_place THEN c.core ELSE member.key END AS key, member.customer_id
                  FROM (SELECT p.kehu_name_core AS core, bool_or(p.kehu_name_key = p.kehu_name_core) AS without_place,
                               array_agg(p.kehu_name_key) AS keys, array_agg(p.kehu_customer_id) AS ids
                          FROM res_partner p WHERE p.kehu_name_core IS NOT NULL AND %s
                      GROUP BY p.kehu_name_core HAVING count(*) > 1) c
            CROSS JOIN LATERAL unnest(c.keys, c.ids) AS member(key, customer_id)
                """,
                mine,
            )
        if spec.field == "name":
            # only customers have these keys, and the index of each holds all that is asked for
            return query(SQL("p.kehu_name_key") if spec.place == "keep" else SQL("p.kehu_name_core"), SQL("TRUE"))
        if spec.field in matching.PHONES:
            return SQL("%s UNION %s", query(SQL("p.kehu_phone_key")), query(SQL("p.kehu_mobile_key")))
        if spec.field == "email" and spec.match == "similar":
            return query(SQL("p.kehu_email_domain"))
        if spec.field in ("email", "website", "vat"):
            return query(
                SQL("p.%s", SQL.identifier({"email": "email_normalized", "website": "kehu_website_key", "vat": "kehu_vat_key"}[spec.field]))
            )
        return SQL(
            """
            SELECT token AS key, p.kehu_customer_id AS customer_id FROM res_partner p, unnest(string_to_array(p.kehu_other_keys, ' ')) token
             WHERE p.kehu_other_keys IS NOT NULL AND token LIKE %s AND %s AND %s
            """,
            f"{spec.field}:%",
            who,
            mine,
        )

    def _kehu_group_alike(self, spec):
        """Compare the names of the next slice of customers with all others, and write groups of those that are alike.

        :param matching.Spec spec: similar names
        :return: whether there are more customers to compare
        """
        Partner = self.env["res.partner"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, p.name FROM res_partner p
                 WHERE p.id > %s AND p.kehu_is_customer IS TRUE AND p.active IS TRUE AND p.kehu_name_grams IS NOT NULL
                   AND (p.company_id IS NULL OR p.company_id = %s)
              ORDER BY p.id LIMIT %s
                """,
                self.last_id,
                self.company_id.id,
                SLICE,
            )
        )
        if not rows:
            self.write({"done_rule_ids": [(4, spec.id)], "last_id": 0})
            return False
        probes = [matching.Probe({"name": name}, own=number, company_id=self.company_id.id) for number, name in rows]
        Partner.flush_model()
        found = matching.search(self.env, [spec], probes, [self.company_id.id])
        values = []
        for number, hits in found.items():
            # the other side of a pair finds it too; equal keys have their own rule
            others = [hit for hit in hits if hit.customer_id > probes[number].own and hit.name_key != probes[number].name_key]
            if others:
                members = [probes[number].own, *dict.fromkeys(hit.customer_id for hit in others)][:LARGEST_GROUP]
                values.append(
                    {
                        "search_id": self.id,
                        "rule_id": spec.id,
                        "key": probes[number].name_key,
                        "score": round(max(hit.score for hit in others), 2),
                        "member_count": len(members),
                        "member_numbers": members,
                        "company_id": self.company_id.id,
                    }
                )
        as_engine(self.env["kehu.duplicate.group"], "duplicate").create(values).invalidate_recordset(["member_ids"])
        self.write({"last_id": rows[-1][0]})
        return True
