import base64

from odoo import api, fields, models

from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.values import check_links_exist, check_types
from .exceptions import KehuImportStateError
from .kehu_import_row import ImportRow, ImportRows

__all__ = ["ImportRow", "ImportRows", "KehuImportBatch"]

COUNTERS = ("row_count", "done_count", "problem_count", "created_count", "updated_count", "skipped_count", "undone_count", "kept_count")
# written by checking, importing and undoing only
ENGINE_FIELDS = {
    "state",
    "job",
    *COUNTERS,
    "row_ids",
    "note",
    "stop_reason",
    "user_id",
    "runner_id",
    "date_start",
    "date_end",
    "attempts",
    "made",
    "epoch",
    "import_next",
    "file_deleted",
    "expected_count",
    "check_place",
}
# what a file means depends on these: it is checked anew
CHECKED_FIELDS = {"file", "template_id", "mode", "company_id", "sheet_name", "title_row"}
CHANGEABLE = ("draft", "checked")


class KehuImportBatch(models.Model):
    """One file on its way in.

    ====================  ==========================================================================
    state                 may become
    ====================  ==========================================================================
    draft                 checked (``action_check``)
    checked               checked again, running, done; draft when the file or template changes
    running               checked (a long file is checked in the background); done, undone; cancelled (by a person, or because it cannot
                          go on), draft where that happens to a check
    cancelled             running, done (``action_import`` goes on with the rest), undone
    done                  running, undone (``action_undo``); a corrected file is a new import
    undone                undone again, when rows were kept
    ====================  ==========================================================================

    Rows are kept in ``kehu.import.row`` from the check on, and are imported from there in slices: a slice and what it says about its rows
    are one transaction, so that nothing is written twice, whenever the server is stopped.
    """

    _name = "kehu.import.batch"
    _description = "Import"
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True, readonly=False, precompute=True, copy=False)
    template_id = fields.Many2one(
        "kehu.import.template",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["kehu.import.template"].search([], limit=1),
        help="Says which column of the file fills which field.",
    )
    file = fields.Binary(
        string="Workbook",
        copy=False,
        help="An Excel file, .xls or .xlsx, or a .csv file. Its first row holds the column titles. "
        "It is deleted after the days that the settings say; the import can be undone all the same.",
    )
    filename = fields.Char(copy=False)
    mode = fields.Selection(
        [
            ("create", "Create new records"),
            ("update", "Update existing records"),
            ("both", "Create or update"),
        ],
        required=True,
        default="create",
        help="Existing records are found by the key columns of the template, such as a code. "
        "An empty cell leaves a field of an existing record as it is.",
    )
    on_problem = fields.Selection(
        [("skip", "Leave such rows out"), ("stop", "Stop at the first one")],
        string="At a Problem",
        required=True,
        default="skip",
        help="Leave out rows with a problem and import the others, or import nothing more from the first problem on.",
    )
    sheet_name = fields.Char(string="Sheet", copy=False, help="Name of the sheet to read; empty for the first one with something in it.")
    title_row = fields.Integer(copy=False, help="Number of the row with the column titles; 0 to look for it in the first twenty rows.")
    state = fields.Selection(
        [
            ("draft", "To Check"),
            ("checked", "Checked"),
            ("running", "Running"),
            ("done", "Imported"),
            ("cancelled", "Stopped"),
            ("undone", "Undone"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    job = fields.Selection(
        [("check", "Check"), ("import", "Import"), ("undo", "Undo")], default="import", required=True, readonly=True, copy=False
    )

    # what came out
    row_count = fields.Integer(string="Rows", readonly=True, copy=False, help="Rows with something in them, without the title row.")
    done_count = fields.Integer(string="Imported Rows", readonly=True, copy=False)
    created_count = fields.Integer(string="Created", readonly=True, copy=False)
    updated_count = fields.Integer(string="Updated", readonly=True, copy=False)
    skipped_count = fields.Integer(string="Left Out", readonly=True, copy=False)
    problem_count = fields.Integer(string="Refused Rows", readonly=True, copy=False)
    undone_count = fields.Integer(string="Undone Rows", readonly=True, copy=False)
    kept_count = fields.Integer(string="Kept Rows", readonly=True, copy=False)
    waiting_count = fields.Integer(
        string="Rows to Import", compute="_compute_waiting_count", help="Checked rows that are not imported yet."
    )
    problem_ids = fields.One2many("kehu.import.problem", "batch_id", string="Problems", copy=False)
    row_ids = fields.One2many("kehu.import.row", "batch_id", string="Rows of the File", readonly=True, copy=False)
    mapping_ids = fields.One2many("kehu.import.mapping", "batch_id", string="Columns", copy=False)
    note = fields.Text(readonly=True, copy=False, help="What else to know about this file.")
    stop_reason = fields.Char(readonly=True, copy=False, help="Why the import stopped.")
    summary = fields.Char(compute="_compute_summary")
    column_titles = fields.Char(compute="_compute_column_titles", help="What the first row of the workbook holds.")
    title_row_text = fields.Char(
        string="Row with the Titles",
        compute="_compute_title_row_text",
        inverse="_inverse_title_row_text",
        help="Number of the row with the column titles; empty to look for it in the first twenty rows.",
    )
    partner_count = fields.Integer(string="Customers", compute="_compute_partner_count")

    # who and when
    user_id = fields.Many2one(
        "res.users", string="Imported By", default=lambda self: self.env.user, required=True, readonly=True, copy=False, index=True
    )
    runner_id = fields.Many2one(
        "res.users", string="Started By", readonly=True, copy=False, help="With the rights of this person the rows are imported."
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    date_start = fields.Datetime(string="Running Since", readonly=True, copy=False)
    date_end = fields.Datetime(string="Ended On", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress", help="Percent of the rows that are dealt with.")
    time_left = fields.Char(compute="_compute_progress", help="At the speed so far.")

    # of the engine
    attempts = fields.Integer(readonly=True, copy=False, help="How often the job was begun without finishing a slice.")
    made = fields.Json(readonly=True, copy=False, help="Words that the import added, by model.")
    epoch = fields.Date(readonly=True, copy=False, help="Day 0 of the dates of the file.")
    import_next = fields.Boolean(readonly=True, copy=False, help="Import the good rows when the check ends.")
    file_deleted = fields.Boolean(
        readonly=True, copy=False, help="The file and the rows that were not imported were deleted after the days that the settings say."
    )
    check_place = fields.Text(readonly=True, copy=False, prefetch=False, help="Where a check stands that goes on in another process.")
    expected_count = fields.Integer(readonly=True, copy=False, help="How many rows the file says it has; 0 when it does not say.")

    @api.depends("filename")
    def _compute_name(self):
        for batch in self:
            batch.name = batch.filename or batch.name or self.env._("New Import")

    @api.depends("state", "job", "stop_reason", *COUNTERS)
    @api.depends_context("lang")
    def _compute_summary(self):
        """What happened and what comes next, in one sentence."""
        for batch in self:
            batch.summary = batch._kehu_summary()

    def _kehu_summary(self):
        numbers = {"rows": self.row_count, "done": self.done_count, "refused": self.problem_count}
        if self.state == "done" and not self.problem_count and not self.skipped_count:
            return self.env._("All %(rows)s rows were imported.", **numbers)
        if self.state == "done" and not self.problem_count:
            return self.env._("%(done)s rows were imported, %(skipped)s were left out.", **numbers, skipped=self.skipped_count)
        if self.state == "done":
            return self.env._(
                "%(done)s rows were imported, %(refused)s were refused: see the list below. "
                "Correct them there and import again, or in a new workbook.",
                **numbers,
            )
        if self.state == "checked" and self.problem_count == self.row_count:
            return self.env._("No row can be imported. Correct the cells below, or the workbook, and choose it again.")
        if self.state == "checked" and not self.problem_count and not self.skipped_count:
            return self.env._("%(rows)s rows were read, and none has a problem. Nothing is written yet: Import takes them all.", **numbers)
        if self.state == "checked" and not self.problem_count:
            return self.env._(
                "%(rows)s rows were read, and none has a problem; %(skipped)s are left out as they are known already. "
                "Nothing is written yet: Import takes the others.",
                **numbers,
                skipped=self.skipped_count,
            )
        if self.state == "checked" and self.problem_count and self.on_problem == "stop":
            return self.env._(
                "%(rows)s rows were read, %(refused)s of them have a problem. Nothing is written yet: correct them below first.", **numbers
            )
        if self.state == "checked":
            return self.env._(
                "%(rows)s rows were read, %(refused)s of them have a problem. Nothing is written yet: "
                "Import takes the good rows and leaves the others out.",
                **numbers,
            )
        if self.state == "running" and self._kehu_wish_to_stop():
            return self.env._("It stops as soon as the rows are done that are being worked on right now.")
        if self.state == "running" and self.job == "check":
            return self.env._(
                "%(rows)s rows are checked so far, %(refused)s of them have a problem. Nothing is written. "
                "You may leave this page: the check goes on.",
                **numbers,
            )
        if self.state == "running" and self.job == "undo":
            return self.env._("The import is being undone: %(undone)s rows so far.", undone=self.undone_count)
        if self.state == "running":
            return self.env._("%(done)s of %(rows)s rows are imported. You may leave this page: the import goes on.", **numbers)
        if self.state == "cancelled":
            return self.env._(
                "%(reason)s %(done)s of %(rows)s rows were imported before. Go on with the rest, or undo them.",
                reason=self.stop_reason or "",
                **numbers,
            )
        if self.state == "undone" and self.kept_count:
            return self.env._(
                "The import was undone, but for %(kept)s rows that later work builds on: see the list below.", kept=self.kept_count
            )
        if self.state == "undone":
            return self.env._("The import was undone: everything is as it was before.")
        return self.env._("Choose the workbook and check it.")

    @api.depends(*COUNTERS)
    def _compute_waiting_count(self):
        for batch in self:
            passed = batch.done_count + batch.problem_count + batch.skipped_count + batch.undone_count + batch.kept_count
            batch.waiting_count = batch.row_count - passed

    @api.depends("state", "job", "date_start", "expected_count", *COUNTERS)
    @api.depends_context("lang")
    def _compute_progress(self):
        for batch in self:
            if batch.job == "undo":
                total = batch.done_count + batch.undone_count + batch.kept_count
                passed = batch.undone_count + batch.kept_count
            elif batch.job == "check":
                total, passed = max(batch.expected_count, batch.row_count), batch.row_count if batch.expected_count else 0
            else:
                total, passed = batch.row_count, batch.done_count + batch.problem_count + batch.skipped_count
            batch.progress = 100.0 * passed / total if total else 0.0
            batch.time_left = batch._kehu_time_left(passed, total) if batch.state == "running" else False

    def _kehu_time_left(self, passed, total):
        """Tell how long the rest takes at the speed so far, in words."""
        moved = self.done_count if self.job == "import" else passed
        if self.job == "check" and self.row_count and not self.expected_count:
            return False
        if not moved or not self.date_start:
            return self.env._("It begins within a minute.")
        seconds = (fields.Datetime.now() - self.date_start).total_seconds() / moved * (total - passed)
        if seconds < 60:
            return self.env._("Less than a minute left.")
        if seconds < 90:
            return self.env._("About a minute left.")
        return self.env._("About %(minutes)s minutes left.", minutes=round(seconds / 60))

    @api.depends("title_row")
    def _compute_title_row_text(self):
        for batch in self:
            batch.title_row_text = str(batch.title_row) if batch.title_row else False

    def _inverse_title_row_text(self):
        """:raises KehuImportStateError: for what is no number of a row"""
        for batch in self:
            text = (batch.title_row_text or "").strip()
            if text and not (text.isascii() and text.isdecimal() and len(text) < 8):
                raise KehuImportStateError(
                    self.env._("“%(value)s” is not the number of a row. Type one such as 3, or leave it empty.", value=text)
                )
            batch.title_row = int(text or 0)

    @api.depends("template_id.field_ids.title", "template_id.field_ids.required", "template_id.field_ids.sequence")
    @api.depends_context("lang")
    def _compute_column_titles(self):
        """Tell what the first row must hold, the columns that cannot be left out first."""
        for batch in self:
            lines = batch.template_id.field_ids
            needed = lines.filtered("required")
            titles = {"needed": needed.mapped("title"), "others": (lines - needed).mapped("title")}
            if needed and titles["others"]:
                batch.column_titles = self.env._(
                    "The first row of the workbook holds the column titles, in any order. "
                    "Needed: %(needed)s. If you have them: %(others)s.",
                    **titles,
                )
            elif lines:
                batch.column_titles = self.env._(
                    "The first row of the workbook holds the column titles, in any order: %(titles)s.", titles=lines.mapped("title")
                )
            else:
                batch.column_titles = False

    def _compute_partner_count(self):
        counts = self.env["res.partner"]._read_group([("kehu_import_batch_id", "in", self.ids)], ["kehu_import_batch_id"], ["__count"])
        counts = {batch.id: count for batch, count in counts}
        for batch in self:
            batch.partner_count = counts.get(batch.id, 0)

    # ------------------------------------------------------------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if not is_engine(self.env, "import"):
            for vals in vals_list:
                self._kehu_refuse_engine_fields(vals)
                self._kehu_check_values(vals)
            check_links_exist(self, vals_list, KehuImportStateError)
            # given on purpose: a default in the context would fill what is missing here
            start = dict.fromkeys(ENGINE_FIELDS - {"row_ids", *COUNTERS}, False)
            start.update(dict.fromkeys(COUNTERS, 0), state="draft", job="import", user_id=self.env.uid, attempts=0)
            vals_list = [{**vals, **start} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if is_engine(self.env, "import"):
            return super().write(vals)
        self._kehu_refuse_engine_fields(vals)
        self._kehu_check_values(vals)
        check_links_exist(self, [vals], KehuImportStateError)
        if not set(vals) & CHECKED_FIELDS:
            return super().write(vals)
        self._kehu_check_changeable()
        super().write(vals)
        if vals.get("file"):
            as_engine(self, "import").file_deleted = False
        self._kehu_reset(columns=bool(set(vals) & {"file", "template_id", "sheet_name", "title_row"}))
        return True

    def _kehu_reset(self, columns=False):
        """What was found is no longer true: check again.

        :param bool columns: whether the columns of the file are to be matched again too
        """
        if columns:
            # sudo: kehu.import.mapping - written by the engine only
            as_engine(self.mapping_ids, "import").sudo().unlink()
        self._kehu_clear()

    @api.model
    def _kehu_counters(self):
        return COUNTERS

    @api.ondelete(at_uninstall=True)
    def _unlink_except_done(self):
        if not is_uninstalling(self.env):
            self.filtered(lambda batch: batch.state != "undone" or batch.kept_count)._kehu_check_changeable()

    def _kehu_refuse_engine_fields(self, vals):
        forged = sorted(ENGINE_FIELDS & set(vals))
        for name, field in (("problem_ids", "new_value"), ("mapping_ids", "line_id")):
            commands = vals.get(name) or []
            if not all(
                isinstance(command, (list, tuple)) and command[:1] in ([1], (1,)) and set(command[2]) <= {field} for command in commands
            ):
                forged.append(name)
        if forged:
            raise KehuImportStateError(
                self.env._(
                    "“%(fields)s” of an import is set by checking and importing. Use the buttons Check and Import.",
                    fields=[self._fields[name]._description_string(self.env) for name in forged],
                )
            )

    def _kehu_check_values(self, vals):
        """Refuse values whose type does not fit the field, whoever sends them.

        :raises KehuImportStateError: naming the field
        :raises KehuImportFileError: for a file that is none
        """
        check_types(self, vals, KehuImportStateError)
        if vals.get("file"):
            try:
                base64.b64decode(vals["file"])
            except (TypeError, ValueError) as error:  # binascii.Error is one
                raise self._kehu_no_workbook(vals.get("filename") or self[:1].filename or self.env._("New Import")) from error

    def _kehu_check_changeable(self):
        """Refuse when these imports have begun already."""
        done = self.filtered(lambda batch: batch.state not in CHANGEABLE)
        if done[:1].state == "running" and done[0].job == "check":
            raise KehuImportStateError(
                self.env._("“%(name)s” is being checked. Wait for the check to end, or stop it first.", name=done[0].name)
            )
        if done:
            raise KehuImportStateError(
                self.env._(
                    "“%(name)s” was imported already and stays as it is. "
                    "Correct the refused rows in a new workbook and start a new import with it.",
                    name=done[0].name,
                )
            )

    def _kehu_hold(self):
        """Lock these imports for this transaction.

        :raises KehuImportStateError: when somebody else is working on one of them
        """
        if self.try_lock_for_update(allow_referencing=True) != self:
            raise KehuImportStateError(self.env._("Somebody else is importing this file right now. Wait for it to end, then reload."))

    # --------------------------------------------------------------------------------------------------------------------- actions

    def action_check(self):
        """Read the file and list what is wrong, row by row. Writes nothing but the list.

        A short file is checked before this returns, a long one in the background.
        """
        self._kehu_check_may_import()
        self._kehu_check_changeable()
        self._kehu_hold()
        for batch in self:
            batch._kehu_start_check()
        return True

    def action_map_again(self):
        """Match the columns of the file anew, forgetting what was chosen by hand for it."""
        self._kehu_check_may_import()
        self._kehu_check_changeable()
        for batch in self:
            batch._kehu_reset(columns=True)
            with batch._kehu_open() as sheet:
                batch._kehu_map(sheet)
        return True

    def action_download_template(self):
        """Download an empty workbook that fits the chosen template."""
        self.ensure_one()
        return self.template_id.action_download()

    def action_open_partners(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.res_partner_action_import")
        action["domain"] = [("kehu_import_batch_id", "=", self.id)]
        return action

    def _kehu_check_may_import(self):
        """Only people who may create imports may run them, and each only their own ones or all as their rules say."""
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_manager"):
            raise KehuImportStateError(self.env._("Imports are for sales managers. Ask one of them to import this file."))
