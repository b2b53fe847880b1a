import logging
import time
from itertools import islice

import psycopg2
from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.base.models.ir_cron import MIN_TIME_PER_JOB
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL, config
from psycopg2 import DataError, IntegrityError
from psycopg2.errors import ProgramLimitExceeded

from ...tools import workbook
from ..customer.res_partner_birth import NAMES_SHOWN
from ..system.engine import as_engine
from .database_words import database_sentence
from .exceptions import KehuImportFileError, KehuImportStateError
from .kehu_import_place import pack_place, unpack_place
from .kehu_import_row import ImportRows, held_value, packed

_logger = logging.getLogger(__name__)

SLICE = 1000  # rows imported in one transaction
FEW_CHANGES = 500  # rows up to which a table's statistics do not matter
FEW_PAGES = 64
SLICE_BYTES = 8_000_000  # of their values, after which a slice ends
IN_CALL = 500  # rows that are imported at once, while the person waits
CHECK_IN_CALL = 500  # rows that are checked at once
TOLD_ONE_BY_ONE = 20  # new owners; more of them get one message together
ATTEMPTS = 5  # times that a slice is tried again when somebody else got between, or the server was stopped


class KehuImportBatch(models.Model):
    _inherit = "kehu.import.batch"

    # -------------------------------------------------------------------------------------------------------------- starting and stopping

    def action_import(self):
        """Import every row without a problem; a row is imported whole or not at all.

        A file that was not checked is checked first. Few rows are imported before this returns, more in the background.

        :raises KehuImportStateError: when it cannot be imported in its present state
        """
        self._kehu_check_may_import()
        self._kehu_hold()
        self.invalidate_recordset(["state"])
        for batch in self:
            if batch.state == "running":
                raise KehuImportStateError(self.env._("“%(name)s” is running already. Wait for it to end, then reload.", name=batch.name))
            if not (batch.state in ("done", "cancelled") and batch.waiting_count):
                batch._kehu_check_changeable()
            if batch.state == "draft":
                batch._kehu_start_check(import_next=True)
            if batch.state == "running":
                continue
            batch._kehu_refuse_problems()
            batch._kehu_start("import")
        return True

    def action_cancel(self):
        """Stop a running import; what is imported so far stays, and the rest can be imported later.

        While rows are being worked on it ends after these, at most one slice later.
        """
        self._kehu_check_may_import()
        for batch in self:
            if batch.state != "running":
                raise KehuImportStateError(self.env._("“%(name)s” is not running, there is nothing to stop.", name=batch.name))
            if batch.try_lock_for_update(allow_referencing=True):
                batch._kehu_stop(self._kehu_stopped_by(self.env.user))
            else:
                wishes = self.env["kehu.import.stop"]._kehu_engine_access()
                wishes.create({"batch_number": batch.id, "user_id": self.env.uid})
        return True

    @api.model
    def _kehu_stopped_by(self, user):
        return self.env._("It was stopped by %(user)s.", user=user.name)

    def _kehu_wish_to_stop(self):
        """Return who wants this import to end, if anybody.

        :rtype: res.users
        """
        wishes = self.env["kehu.import.stop"]._kehu_engine_access()
        return wishes.search([("batch_number", "in", self.ids)], limit=1).user_id

    def _kehu_heed_stop(self):
        """End this import where somebody wants that; the caller holds the lock.

        :return: whether it has ended
        """
        user = self._kehu_wish_to_stop()
        if user:
            self._kehu_stop(self._kehu_stopped_by(user))
            self._kehu_forget_wishes()
        return bool(user)

    def _kehu_forget_wishes(self):
        self.env["kehu.import.stop"]._kehu_engine_access().search([("batch_number", "in", self.ids)]).unlink()

    def _kehu_refuse_problems(self):
        if self.on_problem == "stop" and self.problem_count:
            problem = self.problem_ids[:1]
            raise KehuImportStateError(
                self.env._(
                    "Row %(row)s has a problem, and this import stops at problems: %(reason)s "
                    "Correct it in the list, or choose to leave such rows out.",
                    row=problem.row,
                    reason=problem.reason,
                )
            )

    def _kehu_start(self, job):
        """Begin a job: at once when it is short, in the background otherwise."""
        self._kehu_forget_wishes()
        if job == "import" and self.done_count:
            # whoever got one of these was told when it ended before
            self.env.cr.execute(SQL("UPDATE kehu_import_row SET told = TRUE WHERE batch_id = %s AND state = 'done'", self.id))
            self.env["kehu.import.row"].invalidate_model(flush=False)
        as_engine(self, "import").write(
            {
                "state": "running",
                "job": job,
                "runner_id": self.env.uid,
                "date_start": fields.Datetime.now(),
                "date_end": False,
                "stop_reason": "",
                "attempts": 0,
            }
        )
        if job in ("import", "undo"):
            words = self.env._("Import") if job == "import" else self.env._("Undo of an import")
            self.env["kehu.operation.log"]._kehu_note("import", self, detail=words)
        todo = self.row_count if job == "import" else self.done_count + self.kept_count
        if job != "check" and todo <= IN_CALL:
            while self.state == "running":
                self._kehu_run_slice()
            return
        # sudo: ir.cron - wakes the scheduled action of the room
        self.env.ref("kehu_crm.kehu_import_ir_cron").sudo()._trigger()

    def _kehu_start_check(self, import_next=False):
        """Check the file: at once when it is short, in the background otherwise.

        :param bool import_next: whether the good rows of a long file are imported when its check ends
        :raises KehuImportFileError: when the file as a whole is no use
        """
        with self._kehu_open() as sheet:
            long = next(islice(sheet.rows, CHECK_IN_CALL, None), None) is not None
            if long:  # what is wrong with its columns is told at once
                self._kehu_clear()
                if not self.mapping_ids:
                    self._kehu_map(sheet)
                self._kehu_match_columns(sheet.epoch)
                expected = sheet.book.expected_rows(sheet.name)
        if not long:
            self._kehu_check_file()
            return
        as_engine(self, "import").write({"import_next": import_next, "expected_count": expected})
        self._kehu_start("check")

    def _kehu_checked(self):
        """A check in the background has ended: go on with the import where that was asked for."""
        go_on = self.import_next and self.waiting_count and not (self.on_problem == "stop" and self.problem_count)
        as_engine(self, "import").write({"import_next": False, "date_end": fields.Datetime.now()})
        if go_on:
            self._kehu_start("import")

    def _kehu_stop_check(self, reason):
        """End a check before its time: the file is as unknown as before it."""
        as_engine(self, "import").write({"state": "draft", "job": "import", "import_next": False, "date_end": fields.Datetime.now()})
        self._kehu_clear()
        as_engine(self, "import").note = reason

    def _kehu_stop(self, reason):
        if self.job == "check":
            self._kehu_stop_check(reason)
            return
        as_engine(self, "import").write({"state": "cancelled", "stop_reason": reason, "date_end": fields.Datetime.now()})
        self._kehu_as_runner()._kehu_tell_owners()

    # ----------------------------------------------------------------------------------------------------------------- in the background

    @api.model
    def _cron_run(self):
        """Go on with running imports, slice by slice; safe to be stopped at any moment and to run twice at the same time."""
        batches = self.search([("state", "=", "running")], order="date_start, id", limit=100)
        if not self.env["ir.cron"]._commit_progress(remaining=len(batches)):
            return
        for batch in batches:
            if not batch._kehu_work():
                return

    def _kehu_work(self):
        """Do the slices of this import until it is done or the time of the job is over. Commits after each slice.

        :return: whether there is time for another import
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        if not self._kehu_attempt():
            return True
        if self.job == "check" and not self._kehu_work_check():
            return False
        conflicts = 0
        while True:
            try:
                batch = self.try_lock_for_update(allow_referencing=True)
                if not batch:
                    return True  # another worker is at it
                batch.invalidate_recordset()
                if batch.state != "running":
                    return True
                done = 0 if batch._kehu_heed_stop() else batch._kehu_run_slice()
                as_engine(batch, "import").attempts = 0
                self.env.flush_all()
            except (psycopg2.errors.SerializationFailure, LockError) as error:
                # somebody has just worked on one of these records: look again, from where the last finished slice ended
                self.env.cr.rollback()
                conflicts += 1
                if conflicts >= ATTEMPTS:
                    raise
                if isinstance(error, LockError):
                    time.sleep(conflicts)  # they are still at it
                continue
            conflicts = 0
            going_on = batch.state == "running"
            if not cron._commit_progress(done, remaining=int(going_on)):
                return False
            if not going_on:
                return True
            batch._kehu_forget()

    def _kehu_work_check(self):
        """Check the file in the background. Commits after each part, and goes on in another process when the time of this one is over.

        A check that was cut short goes on where its time was over last, as it writes nothing but its list.

        :return: whether there is time for more
        :raises KehuImportStateError: when others change again and again what the check reads
        """
        for _conflict in range(ATTEMPTS):
            try:
                checked = 0
                if not self._kehu_is_checking() or self._kehu_heed_stop():
                    self.env["ir.cron"]._commit_progress(1)
                    return True
                for batch, place in self._kehu_check_parts():
                    kept = pack_place(place()) if place and self._kehu_time_is_over() else None
                    over = kept is not None  # what no text holds goes on here, for as long as the server lets it
                    if over:
                        # another process goes on from here, and nothing has gone wrong
                        as_engine(batch, "import").write({"check_place": kept, "attempts": 0})
                    self.env.flush_all()
                    count = batch.sudo().row_count  # sudo: kehu.import.batch - for the log of the job, whoever started it
                    self.env["ir.cron"]._commit_progress(max(count - checked, 1), remaining=1)
                    checked = count
                    self._kehu_forget()
                    if over:
                        return False
                    if not self._kehu_is_checking():
                        return True  # it has ended, somebody has stopped it, or another worker is at it
                    if self._kehu_heed_stop():
                        self.env["ir.cron"]._commit_progress()
                        return True
                return True
            except psycopg2.errors.SerializationFailure:
                # somebody has just changed something that the check reads
                self.env.cr.rollback()
        raise KehuImportStateError(self.env._("Others are changing what “%(name)s” needs. Check it again later.", name=self.name))

    def _kehu_is_checking(self):
        """Lock this import and tell whether its check is still wanted."""
        if self.try_lock_for_update(allow_referencing=True) != self:
            return False
        self.invalidate_recordset()
        return self.state == "running" and self.job == "check"

    def _kehu_time_is_over(self):
        """Tell whether this process has worked so long that the server might soon end it: a third of what it allows a job."""
        end = self.env.context.get("cron_end_time")
        limit = config["limit_time_real_cron"]
        limit = config["limit_time_real"] if limit is None or limit < 0 else limit
        return bool(end and limit) and time.monotonic() > end - MIN_TIME_PER_JOB + limit / 3

    def _kehu_check_parts(self):
        """Check the file with the rights of who started it, yielding this import after each part, and how to learn where that ended.

        :return: iterator of (kehu.import.batch, function that gives a :class:`CheckPlace`, or None when the check has ended)
        """
        batch = self._kehu_as_runner()
        if refusal := batch._kehu_runner_refusal():
            self._kehu_stop(refusal)
            yield batch, None
            return
        try:
            for place in batch._kehu_check_chunks(unpack_place(batch.check_place) if batch.check_place else None):
                yield batch, place
        except KehuImportFileError as error:
            self._kehu_stop(str(error))
            yield batch, None
            return
        batch._kehu_checked()
        yield batch, None

    def _kehu_forget(self):
        """Let go of the records of a slice, so that memory does not grow with the file; what all slices need stays."""
        model = self.env[self.template_id.sudo().model]  # sudo: kehu.import.template - which model only
        self.env.flush_all()
        below = {field.comodel_name for field in model._fields.values() if field.type == "one2many"}
        for name in {model._name, "res.partner", "kehu.import.row", *below} - {"res.users"}:
            self.env[name].invalidate_model(flush=False)

    def _kehu_attempt(self):
        """Count that the job is begun, and give up when it was begun too often without getting anywhere: others wait behind it.

        :return: whether to go on
        """
        batch = self.try_lock_for_update(allow_referencing=True)
        if not batch:
            return False
        batch.invalidate_recordset()
        if batch.state != "running":
            return False
        if batch.attempts >= ATTEMPTS:
            batch._kehu_stop(
                self.env._(
                    "It ended unexpectedly %(count)s times at the same rows. Ask an administrator to look at the log.", count=ATTEMPTS
                )
            )
        else:
            as_engine(batch, "import").attempts += 1
        self.env["ir.cron"]._commit_progress()
        return batch.state == "running"

    # ------------------------------------------------------------------------------------------------------------------------- one slice

    def _kehu_run_slice(self, limit=SLICE):
        """Do one slice of the running job, with the rights of who started it. The caller holds the lock and commits.

        :return: number of rows dealt with; 0 ends the job
        """
        self.ensure_one()
        batch = self._kehu_as_runner()
        if refusal := batch._kehu_runner_refusal():
            self._kehu_stop(refusal)
            return 0
        if self.job == "check":
            for _part in self._kehu_check_parts():
                self.env.flush_all()
            self.invalidate_recordset()
            return self.row_count
        batch._kehu_count_anew()
        done = batch._kehu_import_slice(limit) if self.job == "import" else batch._kehu_undo_slice(limit)
        if not done and self.state == "running":
            batch._kehu_finish()
        self.invalidate_recordset()
        return done

    def _kehu_count_anew(self):
        """Have PostgreSQL take new statistics of tables that grew by half since it did last, as in the first import into an empty base.

        It does so by itself once a minute at most; until then each new name is compared with all customers, not looked up in an index.
        """
        model = self.env[self.template_id.sudo().model]  # sudo: kehu.import.template - which model only
        for table, (changed, rows, pages, pages_now) in self._kehu_sizes_of([model._table, self.env["kehu.import.row"]._table]).items():
            grown = changed > max(FEW_CHANGES, rows / 2) or pages_now > max(FEW_PAGES, pages) * 1.5
            emptied = rows < pages_now > FEW_PAGES  # less than a row a page: what it counted had just been deleted
            if grown or emptied:
                self.env.cr.execute(SQL("ANALYZE (SKIP_LOCKED) %s", SQL.identifier(table)))

    def _kehu_sizes_of(self, tables):
        """Rows of each table that changed since its statistics were taken, rows and pages it had then, and pages it has now.

        :return: {table: (changed, rows, pages, pages now)}
        """
        query = """SELECT name, pg_stat_get_mod_since_analyze(oid), reltuples, relpages,
                          pg_relation_size(oid) / current_setting('block_size')::int
                     FROM unnest(%s) AS name JOIN pg_class ON oid = to_regclass(quote_ident(name))"""
        return {table: tuple(size) for table, *size in self.env.execute_query(SQL(query, tables))}

    def _kehu_as_runner(self):
        """Return this import in the environment in which the person who started it works, without what a client sent along."""
        runner = self.runner_id
        if not runner:
            return self
        context = {
            "lang": self.env.lang if runner == self.env.user else runner.lang,
            "tz": runner.tz,
            "allowed_company_ids": self.company_id.ids,
        }
        return self.with_env(self.env(user=runner.id, su=self.env.su and runner == self.env.user, context=context))

    def _kehu_runner_refusal(self):
        """Return why the person who started it may not go on, or nothing."""
        runner = self.env.user
        if self.env.su:
            return ""
        runner.invalidate_recordset(["active", "group_ids", "all_group_ids", "company_ids"], flush=False)  # as it is now
        if not runner.active:
            return self.env._("%(user)s, who started it, is not a user any more. Somebody else may go on with it.", user=runner.name)
        model = self.env[self.template_id.sudo().model]  # sudo: kehu.import.template - which model, to check rights on it
        operations = {"create": ("create",), "update": ("write",), "both": ("create", "write")}[self.mode]
        if not runner.has_group("kehu_crm.group_kehu_manager") or not all(model.has_access(operation) for operation in operations):
            return self.env._("%(user)s, who started it, may not import any more. Somebody else may go on with it.", user=runner.name)
        if self.company_id not in runner.company_ids:
            return self.env._(
                "%(user)s, who started it, does not work for %(company)s any more. Somebody else may go on with it.",
                user=runner.name,
                company=self.company_id.name,
            )
        return ""

    def _kehu_finish(self):
        """End the job: nothing is left to do."""
        state = "done" if self.job == "import" else "undone"
        as_engine(self, "import").write({"state": state, "date_end": fields.Datetime.now()})
        self._kehu_tell_owners()

    def _kehu_tell_owners(self):
        """Tell each owner in one message which customers this import gave them; who was told of some before hears of the others only.

        Many owners are told by one message to all of them, which leads to their own list.
        """
        self.ensure_one()
        if self.job != "import" or self.template_id.sudo().model != "res.partner":  # sudo: kehu.import.template - which model only
            return
        partners = self.env["res.partner"]
        staged = self.env.execute_query(
            SQL(
                """
                SELECT res_id
                  FROM kehu_import_row
                 WHERE batch_id = %s AND kind = 'main' AND state = 'done' AND res_id IS NOT NULL
                   AND told IS NOT TRUE AND (action = 'create' OR before->'record' ? 'user_id')
              ORDER BY stamp, id
                """,
                self.id,
            )
        )
        partners.flush_model(["user_id"])
        # by numbers that are given: PostgreSQL has no statistics of rows that were staged a moment ago
        ids = [customer_id for (customer_id,) in staged]
        owners = dict(self.env.execute_query(SQL("SELECT id, user_id FROM res_partner WHERE id = ANY(%s)", ids)))
        received = {}
        for customer_id in ids:
            if owners.get(customer_id):
                received.setdefault(owners[customer_id], []).append(customer_id)
        if not received:
            return
        # sudo: res.users, res.partner - addresses of the owners and names of the customers, read at once for all messages
        owners = self.env["res.users"].sudo().browse(sorted(received)).filtered("active") - self.env.user
        owners.partner_id.mapped("email_normalized")
        if len(owners) > TOLD_ONE_BY_ONE:
            self._kehu_tell_all_owners(owners)
            return
        # sudo: res.partner - as above
        shown = partners.sudo().browse(customer_id for ids in received.values() for customer_id in ids[:NAMES_SHOWN])
        shown.mapped("display_name")
        for owner in owners:
            customers = partners.sudo().browse(received[owner.id])  # sudo: res.partner - names, for the owner to read
            customers.with_prefetch(shown._prefetch_ids)._kehu_tell_owner(owner.sudo(False))

    def _kehu_tell_all_owners(self, owners):
        """Tell many owners in one message per language that this import gave them customers. Runs as superuser for the owners' data.

        :param res.users owners: active, in superuser mode
        """
        for lang, group in owners.grouped("lang").items():
            env = self.env(context={**self.env.context, "lang": lang})
            subject = env._("Yours from now on: customers of the import “%(file)s”", file=self.name)
            body = env._(
                "The import “%(file)s” gave customers to you and to others. You find yours on the workbench under “New Customers, Not Yet "
                "Contacted”, and in My Customers.",
                file=self.name,
            )
            self.env["mail.thread"].message_notify(
                subject=subject,
                body=Markup("<p>%s</p>") % body,
                partner_ids=group.partner_id.ids,
                author_id=self.env.user.partner_id.id,
            )

    def _kehu_take(self, limit):
        """Return the next rows to import, locked; those of customers first, further contact persons after them.

        Few long rows are a slice, as many short ones are: what it holds in memory does not grow with their texts.
        """
        staged = self.env.execute_query(
            SQL(
                """
                WITH next AS (
                    SELECT id, sum(octet_length(values::text)) OVER (ORDER BY kind DESC, depth, id) - octet_length(values::text) AS before
                      FROM (
                        SELECT id, kind, depth, values FROM kehu_import_row
                         WHERE batch_id = %s AND state = 'waiting'
                      ORDER BY kind DESC, depth, id
                         LIMIT %s) waiting)
                SELECT r.depth, r.id, r.sheet, r.number, r.kind, r.parent_number, NULL, r.values
                  FROM kehu_import_row r
                 WHERE r.id = ANY(ARRAY(SELECT id FROM next WHERE before < %s))
              ORDER BY r.kind DESC, r.depth, r.id
                   FOR UPDATE OF r SKIP LOCKED
                """,
                self.id,
                limit,
                SLICE_BYTES,
            )
        )
        rows = []
        for depth, *row in staged:
            rows.append(self._kehu_unstage(row))
            rows[-1].depth = depth
        return [row for row in rows if row.kind == rows[0].kind]

    def _kehu_import_slice(self, limit):
        """Import the next rows.

        :return: number of rows dealt with
        """
        # sudo: kehu.import.row, kehu.import.problem - kept by the engine
        self.env["kehu.import.row"].sudo().flush_model()
        rows = self._kehu_take(limit)
        if not rows:
            return 0
        if rows[0].kind == "contact":
            self._kehu_find_parents(rows)
            self.env[self.template_id.model]._kehu_import_check_contacts(self, [row for row in rows if row.record and not row.problems])
        else:
            self.env[self.template_id.model]._kehu_import_check(self, ImportRows(rows))
        good = [row for row in rows if not row.problems and not row.skipped]
        if self.on_problem == "stop" and any(row.problems for row in rows):
            rows = rows[: next(number for number, row in enumerate(rows) if row.problems) + 1]
            good = [row for row in rows if not row.problems and not row.skipped]
        self._kehu_add_words(good)
        new = [row for row in good if not row.record and row.kind == "main"]
        for turn, row in enumerate(new, self.created_count):
            row.turn = turn
        creates = {row.id for row in new}
        quiet = self._kehu_quiet_parents(good)
        dealt_with = {id(row) for row in self._kehu_save(good)}
        rows = [row for row in rows if row.problems or row.skipped or id(row) in dealt_with]
        self._kehu_store_results(rows, creates, quiet)
        return len(rows)

    def _kehu_find_parents(self, rows):
        """Point rows that bring a further contact person at the customer that an earlier row became."""
        numbers = sorted({row.parent_number for row in rows if row.parent_number})
        found = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT number, res_id FROM kehu_import_row
                     WHERE batch_id = %s AND kind = 'main' AND number = ANY(%s) AND state = 'done'
                    """,
                    self.id,
                    numbers,
                )
            )
        )
        model = self.env[self.template_id.model]
        existing = model.browse([*found.values(), *(row.record.id for row in rows if row.record)]).exists()
        for row in rows:
            record = row.record or model.browse(found.get(row.parent_number) or [])
            if record and record in existing:
                row.record = record.with_prefetch(existing._prefetch_ids)
            elif row.record:
                row.record = None
                row.refuse(self.env._("The record that this line belongs to was deleted meanwhile. Import the line with a new file."))
            else:
                row.refuse(
                    self.env._("Row %(row)s, which this one belongs to, was not imported. Correct that row first.", row=row.parent_number)
                )

    def _kehu_held(self, row):
        """Return what the fields hold that this row has written to existing records; the host may have put them in another form."""
        held = {}
        for kind, record in (("record", row.record), ("contact", row.contact_record)):
            if row.before.get(kind):
                held[kind] = {name: held_value(record, name) for name in row.before[kind]}
        return held

    def _kehu_store_snapshots(self, rows, creates):
        """Note what the records hold that these rows have made, for an undo to see whether somebody has worked on them since."""
        done = [row for row in rows if not row.problems and not row.skipped]
        model = self.env[self.template_id.model]
        made = {"made": (model, {row.id: row.record.id for row in done if row.id in creates and row.record})}
        lines = {row.id: row.contact_record for row in done if row.contact_record and "contact" not in row.before}
        made["line"] = (next(iter(lines.values()), model), {row_id: line.id for row_id, line in lines.items()})
        snapshots = [
            SQL(
                """
                SELECT v.row_id, %(kind)s::text AS kind, %(snapshot)s AS held
                  FROM unnest(%(rows)s::int[], %(ids)s::int[]) AS v (row_id, id) JOIN %(table)s t ON t.id = v.id
                """,
                kind=kind,
                snapshot=records._kehu_import_snapshot("t"),
                rows=list(ids),
                ids=list(ids.values()),
                table=SQL.identifier(records._table),
            )
            for kind, (records, ids) in made.items()
            if ids and records._kehu_import_exact()
        ]
        if snapshots:  # together, so that each row is written once
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE kehu_import_row r SET after = COALESCE(r.after, '{}'::jsonb) || made.held
                      FROM (SELECT row_id, jsonb_object_agg(kind, held) AS held FROM (%s) AS kinds GROUP BY row_id) AS made
                     WHERE r.id = made.row_id
                    """,
                    SQL(" UNION ALL ").join(snapshots),
                )
            )

    def _kehu_add_words(self, rows):
        """Add the words that the template allows to add, and point the rows at them."""
        wanted = {}
        for row in rows:
            for for_contact, name, word in row.words:
                wanted.setdefault(name, []).append((row, for_contact, word))
        model = self.env[self.template_id.model]
        made = dict(self.made or {})
        for name, places in wanted.items():
            field = model._fields[name]
            found = self._kehu_find_by_name(field, {word for _row, _for_contact, word in places})
            ids = {workbook.fold(word): records.ids[0] for word, records in found.items() if records}
            spelled = {}
            for _row, _for_contact, word in places:
                if workbook.fold(word) not in ids:
                    spelled.setdefault(workbook.fold(word), word)
            if spelled:
                # what a record must be to be offered here, a new one becomes
                leaves = field.domain if isinstance(field.domain, list) else []
                defaults = {leaf[0]: leaf[2] for leaf in leaves if leaf[1] == "="}
                # sudo: res.partner.industry, kehu.dictionary.value - the administrator allowed it for this column of the template
                records = self.env[field.comodel_name].sudo().create([{**defaults, "name": word} for word in spelled.values()])
                ids.update(zip(spelled, records.ids, strict=True))
                made[field.comodel_name] = [*made.get(field.comodel_name, []), *records.ids]
            for row, for_contact, word in places:
                (row.contact if for_contact else row.values)[name] = ids[workbook.fold(word)]
        if made != (self.made or {}):
            as_engine(self, "import").made = made

    def _kehu_save(self, rows):
        """Save these rows in one go; when that is refused, in halves, so that only the row to blame stays out.

        :return: rows that were saved or refused: all, or where the import stops at problems those up to the first one
        :raises LockError: when somebody else holds one of the records at this moment
        """
        if not rows:
            return []
        model = self.env[self.template_id.model]
        existing = [(row.record, dict(row.values)) for row in rows]
        try:
            with self.env.cr.savepoint():
                if rows[0].kind == "contact":
                    model._kehu_import_save_contacts(self, rows)
                else:
                    model._kehu_import_save(self, rows)
        except LockError:
            raise  # it passes, and no row is to blame: the slice is tried again
        except (UserError, IntegrityError, DataError, ProgramLimitExceeded, ValueError) as error:
            for row, (record, values) in zip(rows, existing, strict=True):
                row.before, row.contact_record, row.record, row.values, row.problems = {}, None, record, values, []
            if len(rows) > 1:
                half = len(rows) // 2
                dealt_with = self._kehu_save(rows[:half])
                if self.on_problem == "stop" and any(row.problems for row in dealt_with):
                    return dealt_with
                return dealt_with + self._kehu_save(rows[half:])
            if isinstance(error, UserError):
                reason = str(error.args[0] if error.args else error)
            elif isinstance(error, ValueError):
                _logger.info("Import %s: row %s cannot be saved", self.id, rows[0].number, exc_info=True)
                reason = self.env._(
                    "A value of this row is not of the kind that its field takes. Compare the row with the template and correct it; "
                    "the log of the server says more."
                )
            else:
                reason = database_sentence(self.env, error)
            rows[0].refuse(reason, value=rows[0].values.get("name", ""), kind="save")
        return rows

    def _kehu_store_results(self, rows, creates, quiet):
        """Note what became of these rows, in the transaction in which it became so.

        :param set creates: ids of the staged rows that made a new record
        :param list quiet: numbers of the rows above these whose records nobody else has worked on
        """
        self.env.flush_all()  # what the records hold, as the database has it
        values = []
        for row in rows:
            state = "problem" if row.problems else "skipped" if row.skipped else "done"
            done = state == "done"
            values.append(
                (
                    row.id,
                    state,
                    "create" if row.id in creates else "update",
                    row.record.id if row.record and done else None,
                    row.contact_record.id if row.contact_record and done else None,
                    packed(row.before) if row.before else None,
                    packed(self._kehu_held(row)) if row.before and done else None,
                    self.env.cr.now(),
                )
            )
        self.env.cr.execute_values(
            """
            UPDATE kehu_import_row r
               SET state = v.state, action = v.action, res_id = v.res_id, contact_id = v.contact_id, before = v.before, after = v.after,
                   stamp = v.stamp, made = v.stamp, write_date = v.stamp
              FROM (VALUES %s) AS v (id, state, action, res_id, contact_id, before, after, stamp)
             WHERE r.id = v.id
            """,
            values,
            template="(%s, %s, %s, %s::int, %s::int, %s::jsonb, %s::jsonb, %s::timestamp)",
            page_size=1000,
        )
        self._kehu_store_snapshots(rows, creates)
        self._kehu_stamp_parents(quiet)
        self.env["kehu.import.row"].invalidate_model(flush=False)
        titles = {line.field_name: line.title for line in self.template_id.field_ids}
        self._kehu_tell_problems(titles, rows)
        done = [row for row in rows if not row.problems and not row.skipped]
        created = sum(row.id in creates for row in done)
        as_engine(self, "import").write(
            {
                "done_count": self.done_count + len(done),
                "created_count": self.created_count + created,
                "updated_count": self.updated_count + sum(row.kind == "main" for row in done) - created,
                "problem_count": self.problem_count + sum(bool(row.problems) for row in rows),
                "skipped_count": self.skipped_count + sum(bool(row.skipped and not row.problems) for row in rows),
            }
        )
        refused = next((row for row in rows if row.problems), None)
        if self.on_problem == "stop" and refused:
            self._kehu_stop(self.env._("It stopped at row %(row)s.", row=refused.number))
