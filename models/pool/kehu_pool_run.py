import logging
from datetime import timedelta

import psycopg2
from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools.pool_clock import NO_DEAL, NO_OPPORTUNITY
from ..system.engine import as_engine

_logger = logging.getLogger(__name__)

SLICE = 500  # customers that one slice brings back
OWNERS = 20  # owners that one slice writes to
NAMES = 10  # customers named in one message
ATTEMPTS = 3  # how often a slice is tried again when people work on the same customers

PHASES = [("recycle", "Customers Come Back"), ("warn", "Owners Are Warned"), ("tell", "Former Owners Are Told"), ("done", "Done")]
NEXT = {"recycle": "warn", "warn": "tell", "tell": "done"}


class KehuPoolRun(models.Model):
    """One run of the pool policies over one company, and its report.

    The work is done in slices. Each slice moves ``last_id`` in the same transaction as its customers, so a run that was killed at any
    moment goes on where its last finished slice ended, and nothing is done twice.

    Phases: recycle → warn → tell → done.
    """

    _name = "kehu.pool.run"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Recycling Run"
    _order = "date desc, id desc"
    _rec_name = "date"
    _kehu_engine = "recycle"

    date = fields.Date(required=True, help="The day of the company for which the rules were looked at.")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    phase = fields.Selection(PHASES, required=True, default="recycle")
    last_id = fields.Integer(export_string_translation=False, help="Customer or owner with whom the last finished slice ended.")
    date_start = fields.Datetime(string="Began", required=True)
    date_end = fields.Datetime(string="Ended")
    slice_count = fields.Integer(string="Slices", help="In how many parts the work was done.")
    recycled_count = fields.Integer(string="Back to the Pool")
    warned_count = fields.Integer(string="Warnings")
    kept_count = fields.Integer(string="Could Not Go")
    waiting_count = fields.Integer(
        string="Warnings Not Delivered", help="Customers that stay because no warning has reached their owner yet."
    )
    line_ids = fields.One2many("kehu.pool.run.line", "run_id", string="Customers")
    warning_ids = fields.One2many("kehu.pool.warning", "run_id", string="Warnings Sent")

    _open_uniq = models.UniqueIndex("(company_id) WHERE phase <> 'done'", "A recycling run of this company is under way already.")
    _day_idx = models.Index("(company_id, date)")

    @api.depends("date", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = self.env._("Run of %(date)s", date=format_date(self.env, run.date) if run.date else "")

    # -- opening -------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_open(self, only_due=False):
        """Return the runs to work on: those that were interrupted, and a new one for each company that has none under way.

        :param bool only_due: leave out companies whose present day has had its run
        """
        runs = as_engine(self.sudo(), "recycle")  # sudo: kehu.pool.run - the job looks at every company
        todo = runs.search([("phase", "!=", "done")], order="id")
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        if not any(policy.auto and policy.all_days() for policy in policies):
            return todo  # no pool brings customers back: nothing to report day by day
        companies = runs.env["res.company"].search([("active", "=", True)], order="id") - todo.company_id
        days = {company: company._kehu_today() for company in companies}
        if only_due and days:
            for run in runs.search([("company_id", "in", companies.ids), ("date", ">=", min(days.values()))]):
                if run.date >= days.get(run.company_id, run.date):
                    days.pop(run.company_id, None)
        now = fields.Datetime.now()
        values = [{"company_id": company.id, "date": day, "date_start": now} for company, day in days.items()]
        return todo | runs.create(values)

    # -- working -------------------------------------------------------------------------------------------------------

    def _kehu_work(self):
        """Do the slices of this run until it is done or the time of the job is over. Commits after each slice.

        :return: whether the run is done
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        attempts = 0
        while True:
            try:
                run = self.try_lock_for_update(allow_referencing=True)
                if not run:
                    return False  # another worker is at it
                run.invalidate_recordset()
                if run.phase == "done":
                    return True
                done = run._kehu_slice()
                self.env.flush_all()
            except psycopg2.errors.SerializationFailure:
                # somebody has just worked on one of these customers: look again, from where the last finished slice ended
                self.env.cr.rollback()
                attempts += 1
                if attempts >= ATTEMPTS:
                    raise
                continue
            attempts = 0
            if not cron._commit_progress(done, remaining=0 if run.phase == "done" else 1):
                return run.phase == "done"

    def _kehu_slice(self):
        """Do one slice of the present phase, and move on.

        :return: number of customers or owners dealt with
        """
        work = {"recycle": self._kehu_slice_recycle, "warn": self._kehu_slice_warn, "tell": self._kehu_slice_tell}[self.phase]
        done, last_id, counters = work()
        values = {name: self[name] + count for name, count in counters.items()}
        values["slice_count"] = self.slice_count + 1
        if last_id:
            values["last_id"] = last_id
        else:
            values.update(phase=NEXT[self.phase], last_id=0)
            if NEXT[self.phase] == "done":
                values.update(date_end=fields.Datetime.now(), waiting_count=self._kehu_count_waiting())
        self.write(values)
        return done

    @api.model
    def _kehu_scope(self):
        """Return the condition of the customers that this run looks at: those of its company, of none for the main company."""
        if self.company_id == self.env["res.company"]._kehu_main():
            return SQL("(p.company_id = %s OR p.company_id IS NULL)", self.company_id.id)
        return SQL("p.company_id = %s", self.company_id.id)

    def _kehu_clock(self, policies=None):
        """Return the pieces of SQL that a run puts together; None when no pool brings customers back.

        :param list policies: other policies than those that hold, to try them out
        :rtype: dict
        """
        self.ensure_one()
        pools = self.env["kehu.pool"]
        held, zones = pools._kehu_policies()
        policies = held if policies is None else policies
        zones = tuple(zone._replace(is_main=True) for zone in zones if zone.company_id == self.company_id.id)
        due = pools._kehu_sql_due("p", policies, zones)
        if due is None:
            return None
        today = SQL("%s::date", self.date)
        return {
            "due": due,
            "today": today,
            "rule": pools._kehu_sql_rule("p", policies, zones),
            "pool": pools._kehu_sql_governing("p", policies),
            "warn": pools._kehu_sql_warn_days("p", policies),
            "fall": pools._kehu_sql_fall("p", SQL("clock.due_on"), pools._kehu_sql_warn_days("p", policies), today),
            "where": SQL("%s AND %s", pools._kehu_sql_owned("p"), self._kehu_scope()),
        }

    def _kehu_received_before(self, days_ahead=0):
        """Return the condition that the owner got the customer long enough ago for the shortest rule of any pool.

        It follows from the due day and says nothing new, but it compares a column with one moment, and so spares most customers the
        rest of the expression.

        :param int days_ahead: look so many days further
        """
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        days = [number for policy in policies if policy.auto for number in policy.all_days()]
        last = self.date + timedelta(days=days_ahead - min(days, default=0) + 1)
        return SQL("COALESCE(p.kehu_assigned_on, p.create_date) < %s", self.company_id._kehu_midnight(last))

    # -- phase: customers come back ------------------------------------------------------------------------------------

    def _kehu_candidates(self, limit=SLICE):
        """Lock and return the next customers that fall: one query, which skips what people are working on.

        :return: list of (id, owner, pool, rule, due day), in the order of ids
        """
        clock = self._kehu_clock()
        if not clock:
            return []
        return self.env.execute_query(
            SQL(
                """SELECT p.id, p.user_id, %(pool)s, %(rule)s, clock.due_on
                     FROM res_partner p CROSS JOIN LATERAL (SELECT %(due)s AS due_on) clock
                    WHERE p.id > %(last)s AND %(old)s AND %(where)s AND clock.due_on <= %(today)s AND %(fall)s <= %(today)s
                 ORDER BY p.id LIMIT %(limit)s
                      FOR NO KEY UPDATE OF p SKIP LOCKED""",
                last=self.last_id,
                limit=limit,
                old=self._kehu_received_before(),
                **clock,
            )
        )

    def _kehu_slice_recycle(self):
        rows = self._kehu_candidates()
        if not rows:
            return 0, 0, {}
        partners = self.env["res.partner"]
        languages = self._kehu_languages({row[1] for row in rows})
        levels = {
            partner.id: (partner.kehu_level_id.id, partner.kehu_level_confirmed) for partner in partners.browse(row[0] for row in rows)
        }
        policies = {policy.pool_id: policy for policy in self.env["kehu.pool"]._kehu_policies()[0]}
        groups, reasons, refused = {}, {}, {}
        for partner_id, user_id, pool_id, rule, _due_on in rows:
            level_id, confirmed = levels[partner_id]
            told = partners.with_context(lang=languages[user_id])
            reasons[partner_id] = self._kehu_reason(told.env, rule, policies[pool_id].days_of(level_id, rule, confirmed))
            groups.setdefault((pool_id, languages[user_id], reasons[partner_id]), []).append(partner_id)
        for (pool_id, lang, reason), ids in groups.items():
            told = partners.with_context(lang=lang)
            refused.update(self._kehu_recycle(told.browse(ids), told.env["kehu.pool"].browse(pool_id), reason))
        self.env["kehu.pool.run.line"].create(
            [
                {
                    "run_id": self.id,
                    "kind": "kept" if partner_id in refused else "recycled",
                    "partner_id": partner_id,
                    "user_id": user_id,
                    "pool_id": pool_id,
                    "rule": rule,
                    "due_on": due_on,
                    "reason": refused.get(partner_id) or reasons[partner_id],
                }
                for partner_id, user_id, pool_id, rule, due_on in rows
            ]
        )
        return len(rows), rows[-1][0], {"recycled_count": len(rows) - len(refused), "kept_count": len(refused)}

    def _kehu_languages(self, user_ids):
        """Return the language in which each of these owners is told what happens to their customers; by default the company's.

        :rtype: dict[int, str]
        """
        owners = self.env["res.users"].browse(user_ids)
        return {owner.id: owner.lang or self.company_id.partner_id.lang or self.env.lang for owner in owners}

    @api.model
    def _kehu_reason(self, env, rule, days):
        """Say in the language of ``env`` why a customer comes back."""
        if rule == NO_DEAL:
            return env._("No confirmed order for %(days)s days.", days=days)
        if rule == NO_OPPORTUNITY:
            return env._("No opportunity for %(days)s days.", days=days)
        return env._("No effective contact for %(days)s days.", days=days)

    @api.model
    def _kehu_recycle(self, customers, pool, reason):
        """Bring customers back through the one gateway; one that cannot go spoils nothing.

        :return: {id: why it stays}
        """
        errors = customers._kehu_ownership_refusals("recycle", self.env["res.users"], pool)
        refused = {customer.id: error.args[0] for customer, error in errors.items()}
        rest = customers.filtered(lambda customer: customer.id not in refused)
        try:
            with self.env.cr.savepoint():
                rest._kehu_change_owner("recycle", pool=pool, reason=reason)
        except (UserError, psycopg2.IntegrityError):
            for customer in rest:
                try:
                    with self.env.cr.savepoint():
                        customer._kehu_change_owner("recycle", pool=pool, reason=reason)
                except (UserError, psycopg2.IntegrityError) as error:
                    _logger.info("Customer %s stays with its owner: %s", customer.id, error)
                    refused[customer.id] = str(error.args[0]) if error.args else type(error).__name__
        return refused

    # -- phase: owners are warned --------------------------------------------------------------------------------------

    def _kehu_slice_warn(self):
        """Write to the next owners, one message each, about all customers that are near their due day and of which they do not know."""
        clock = self._kehu_clock()
        if not clock or clock["warn"] is None:
            return 0, 0, {}
        rows = self.env.execute_query(
            SQL(
                """SELECT p.user_id, array_agg(p.id ORDER BY clock.due_on, p.id)
                     FROM res_partner p CROSS JOIN LATERAL (SELECT %(due)s AS due_on, %(warn)s AS warn) clock
                    WHERE p.user_id > %(last)s AND %(where)s AND clock.warn > 0 AND clock.due_on <= %(today)s + clock.warn
                      AND NOT EXISTS (SELECT FROM kehu_pool_warning warning
                                       WHERE warning.partner_id = p.id AND warning.user_id = p.user_id
                                         AND warning.due_on = clock.due_on AND warning.state <> 'failed')
                      AND EXISTS (SELECT FROM res_users owner WHERE owner.id = p.user_id AND owner.active)
                 GROUP BY p.user_id ORDER BY p.user_id LIMIT %(limit)s""",
                last=self.last_id,
                limit=OWNERS,
                **clock,
            )
        )
        warned = 0
        for user_id, ids in rows:
            owner = self.env["res.users"].browse(user_id)
            message = self._kehu_write_warning(owner, ids)
            listed = self._kehu_has_no_address(owner)  # the to-do is there at once
            self.env.execute_query(
                SQL(
                    """INSERT INTO kehu_pool_warning (partner_id, user_id, pool_id, rule, due_on, date, state, delivered_on, message_id,
                                                      run_id, company_id, create_uid, create_date, write_uid, write_date)
                       SELECT p.id, p.user_id, %(pool)s, %(rule)s, clock.due_on, %(now)s, %(state)s, %(delivered)s::date, %(message)s,
                              %(run)s, p.company_id, %(uid)s, %(now)s, %(uid)s, %(now)s
                         FROM res_partner p CROSS JOIN LATERAL (SELECT %(due)s AS due_on) clock
                        WHERE p.id = ANY(%(ids)s)
                  ON CONFLICT (partner_id, user_id, due_on) DO UPDATE
                          SET state = EXCLUDED.state, delivered_on = EXCLUDED.delivered_on, date = EXCLUDED.date,
                              message_id = EXCLUDED.message_id, run_id = EXCLUDED.run_id
                    RETURNING id""",
                    now=fields.Datetime.now(),
                    state="delivered" if listed else "sent",
                    delivered=self.date if listed else None,
                    message=message.id or None,
                    run=self.id,
                    uid=self.env.uid,
                    ids=list(ids),
                    pool=clock["pool"],
                    rule=clock["rule"],
                    due=clock["due"],
                )
            )
            warned += len(ids)
        if rows:
            self.env["kehu.pool.warning"].invalidate_model()
            self.env["kehu.pool.warning"]._kehu_confirm()
        return len(rows), rows[-1][0] if rows else 0, {"warned_count": warned}

    def _kehu_write_warning(self, owner, ids):
        """Send one owner one message that names the customers about to fall.

        :param list ids: of the customers, the most urgent first
        :rtype: mail.message
        """
        customers = self.env["res.partner"].with_context(lang=owner.lang or self.env.lang).browse(ids[:NAMES])
        env = customers.env
        days = {customer: customer.kehu_fall_on for customer in customers}
        items = Markup("").join(
            Markup("<li><b>%s</b> %s<br/>%s</li>")
            % (
                customer.display_name,
                env._("on %(date)s", date=format_date(env, day) if day else ""),
                customer.kehu_fall_hint or "",
            )
            for customer, day in days.items()
        )
        if len(ids) > NAMES:
            items += Markup("<li>%s</li>") % env._("and %(count)s more", count=len(ids) - NAMES)
        subject = env._("%(count)s of your customers will soon go back to the pool", count=len(ids))
        if self._kehu_has_no_address(owner):
            todo = customers[:1].with_context(mail_activity_quick_update=True)
            todo.activity_schedule("mail.mail_activity_data_todo", user_id=owner.id, summary=subject, note=Markup("<ul>%s</ul>") % items)
            return self.env["mail.message"]
        return self._kehu_tell(owner, subject, items)

    @api.model
    def _kehu_has_no_address(self, owner):
        """Tell whether no message can reach this person, who wants e-mails and has no address.

        Nobody keeps customers by leaving the address out: the warning becomes a to-do in the person's list.
        """
        return owner.notification_type == "email" and not owner.partner_id.email_normalized

    @api.model
    def _kehu_tell(self, owner, subject, items):
        return self.env["mail.thread"].message_notify(
            subject=subject,
            body=Markup("<p>%s</p><ul>%s</ul>") % (subject, items),
            partner_ids=owner.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
        )

    def _kehu_count_waiting(self):
        """Count the customers whose day has come and whose owner no warning has reached."""
        clock = self._kehu_clock()
        if not clock or clock["warn"] is None:
            return 0
        rows = self.env.execute_query(
            SQL(
                """SELECT count(*) FROM res_partner p CROSS JOIN LATERAL (SELECT %(due)s AS due_on) clock
                    WHERE %(where)s AND clock.due_on <= %(today)s AND %(fall)s > %(today)s
                      AND NOT EXISTS (SELECT FROM kehu_pool_warning warning
                                       WHERE warning.partner_id = p.id AND warning.user_id = p.user_id
                                         AND warning.due_on = clock.due_on AND warning.state = 'delivered')""",
                **clock,
            )
        )
        return rows[0][0]

    # -- phase: former owners are told ---------------------------------------------------------------------------------

    def _kehu_slice_tell(self):
        """Tell the next former owners, one message each, what they have lost."""
        rows = self.env.execute_query(
            SQL(
                """SELECT line.user_id, count(*), (array_agg(line.partner_id ORDER BY line.id))[:%(names)s]
                     FROM kehu_pool_run_line line JOIN res_users owner ON owner.id = line.user_id AND owner.active
                    WHERE line.run_id = %(run)s AND line.kind = 'recycled' AND line.user_id > %(last)s
                 GROUP BY line.user_id ORDER BY line.user_id LIMIT %(limit)s""",
                names=NAMES,
                run=self.id,
                last=self.last_id,
                limit=OWNERS,
            )
        )
        for user_id, count, ids in rows:
            owner = self.env["res.users"].browse(user_id)
            customers = self.env["res.partner"].with_context(lang=owner.lang or self.env.lang).browse(ids)
            items = Markup("").join(Markup("<li>%s</li>") % customer.display_name for customer in customers)
            if count > len(ids):
                items += Markup("<li>%s</li>") % customers.env._("and %(count)s more", count=count - len(ids))
            self._kehu_tell(owner, customers.env._("%(count)s of your customers went back to the pool", count=count), items)
        return len(rows), rows[-1][0] if rows else 0, {}

    # -- trying out ----------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_simulate(self, company, policies, until):
        """Tell who would lose what under these policies, without doing anything. One query.

        Warnings are left aside: they put the day off, they do not save the customer.

        :param res.company company: whose customers, with those of no company for the main one
        :param tuple policies: see :meth:`kehu.pool._kehu_policies`
        :param date until: last day that counts
        :return: list of (id, owner, pool, rule, due day), the most urgent first
        """
        run = self.new({"company_id": company.id, "date": company._kehu_today()})
        clock = run._kehu_clock(policies)
        if not clock:
            return []
        return self.env.execute_query(
            SQL(
                """SELECT p.id, p.user_id, %(pool)s, %(rule)s, clock.due_on
                     FROM res_partner p CROSS JOIN LATERAL (SELECT %(due)s AS due_on) clock
                    WHERE %(where)s AND clock.due_on <= %(until)s
                 ORDER BY clock.due_on, p.id""",
                until=until,
                **clock,
            )
        )


class KehuPool(models.Model):
    _inherit = "kehu.pool"

    @api.model
    def _cron_recycle(self, only_due=False):
        """End locks, bring customers of leavers and those whose time is over back, warn owners, and report, in slices that are committed.

        Interrupted runs come first.

        :param bool only_due: leave out companies that have had their run today in their time zone, as the hourly job does
        """
        if not self._kehu_again(self.env["res.partner"]._kehu_end_locks) or not self._kehu_again(self.env["res.users"]._kehu_sweep_leavers):
            return
        self.env["kehu.pool.warning"]._kehu_confirm()
        runs = self.env["kehu.pool.run"]._kehu_open(only_due)
        if not self.env["ir.cron"]._commit_progress(remaining=len(runs)):
            return
        for run in runs:
            if not run._kehu_work():
                break

    @api.model
    def _kehu_again(self, work):
        """Do work that commits its slices and is harmless when repeated, and begin it anew when somebody got between.

        :param work: function without arguments
        :return: what it returns
        """
        for _attempt in range(ATTEMPTS - 1):
            try:
                return work()
            except psycopg2.errors.SerializationFailure:
                # somebody has just worked on one of these customers: look again
                self.env.cr.rollback()
        return work()

    def action_recycle_now(self):
        """Wake the job, for administrators who do not want to wait for the night.

        :raises AccessError: for everybody else
        """
        self.check_access("write")
        self.env["kehu.pool.run"]._kehu_open()  # the job takes up what is open, also when today's run is done
        # sudo: ir.cron - administrators of the CRM wake this one job
        self.env.ref("kehu_crm.kehu_pool_cron_recycle").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("The run begins within a minute. Its report is under Recycling Runs.")},
        }
