import base64
import binascii
from collections import defaultdict, namedtuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, plaintext2html
from psycopg2 import DataError, IntegrityError

from ...tools import workbook
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.values import LARGEST_AMOUNT, LARGEST_WHOLE, check_links_exist, check_types
from .book_words import book_refusal, cell_sentence
from .exceptions import KehuImportFileError, KehuImportStateError

CHUNK = 200  # rows created at once
ENGINE_FIELDS = {"state", "row_count", "done_count", "problem_count", "problem_ids", "note", "user_id"}
CODE_FIELDS = {"ref", "phone", "kehu_mobile", "email", "website", "vat"}  # kept in half width
# what a province is besides its name; people leave it out
PROVINCE_KINDS = ("", "省", "市", "自治区", "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区")
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
NOT_NEGATIVE = {"kehu_annual_revenue", "kehu_headcount"}

Problem = namedtuple("Problem", "row column value reason")


class ImportRow:
    """One row while it is being checked: its values, those of its contact person, and what is wrong with it."""

    __slots__ = ("contact", "number", "problems", "record", "values")

    def __init__(self, number):
        self.number = number
        self.values = {}
        self.contact = {}
        self.problems = []
        self.record = None  # the existing record that it updates

    def refuse(self, reason, column="", value=""):
        self.problems.append(Problem(self.number, column, value, reason))


class KehuImportBatch(models.Model):
    """One file on its way in.

    ====================  ==========================================================
    state                 may become
    ====================  ==========================================================
    draft                 checked (``action_check``), done (``action_import``)
    checked               checked again, done; draft when the file or template changes
    done                  nothing: a corrected file is a new batch
    ====================  ==========================================================
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
        help="An Excel file, .xls or .xlsx, or a .csv file. Its first row holds the column titles.",
    )
    filename = fields.Char(copy=False)
    mode = fields.Selection(
        [
            ("create", "Create new customers"),
            ("update", "Update existing customers"),
            ("both", "Create or update"),
        ],
        required=True,
        default="create",
        help="Existing customers are found by their code. An empty cell leaves a field of an existing customer as it is.",
    )
    state = fields.Selection(
        [("draft", "To Check"), ("checked", "Checked"), ("done", "Imported")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    row_count = fields.Integer(string="Rows", readonly=True, copy=False, help="Rows with something in them, without the title row.")
    done_count = fields.Integer(string="Imported Rows", readonly=True, copy=False)
    problem_count = fields.Integer(string="Refused Rows", readonly=True, copy=False)
    problem_ids = fields.One2many("kehu.import.problem", "batch_id", string="Problems", readonly=True, copy=False)
    note = fields.Text(readonly=True, copy=False, help="What else to know about this file.")
    summary = fields.Char(compute="_compute_summary")
    column_titles = fields.Char(compute="_compute_column_titles", help="What the first row of the workbook holds.")
    partner_count = fields.Integer(string="Customers", compute="_compute_partner_count")
    user_id = fields.Many2one(
        "res.users", string="Imported By", default=lambda self: self.env.user, required=True, readonly=True, copy=False, index=True
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)

    @api.depends("filename")
    def _compute_name(self):
        for batch in self:
            batch.name = batch.filename or batch.name or self.env._("New Import")

    @api.depends("state", "row_count", "done_count", "problem_count")
    @api.depends_context("lang")
    def _compute_summary(self):
        """What happened and what comes next, in one sentence."""
        for batch in self:
            numbers = {"rows": batch.row_count, "done": batch.done_count, "refused": batch.problem_count}
            if batch.state == "done" and not batch.problem_count:
                batch.summary = self.env._("All %(rows)s rows were imported.", **numbers)
            elif batch.state == "done":
                batch.summary = self.env._(
                    "%(done)s rows were imported, %(refused)s were refused: see the list below. "
                    "Correct them in a new workbook and import that one.",
                    **numbers,
                )
            elif batch.state == "checked" and batch.problem_count == batch.row_count:
                batch.summary = self.env._("No row can be imported. Correct the workbook as listed below and choose it again.")
            elif batch.state == "checked":
                batch.summary = self.env._(
                    "%(rows)s rows were read, %(refused)s of them have a problem. Nothing is written yet: "
                    "Import takes the good rows and leaves the others out.",
                    **numbers,
                )
            else:
                batch.summary = self.env._("Choose the workbook and check it.")

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
            start = {"state": "draft", "row_count": 0, "done_count": 0, "problem_count": 0, "note": False, "user_id": self.env.uid}
            vals_list = [{**vals, **start} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if is_engine(self.env, "import"):
            return super().write(vals)
        self._kehu_refuse_engine_fields(vals)
        self._kehu_check_values(vals)
        check_links_exist(self, [vals], KehuImportStateError)
        if not set(vals) & {"file", "template_id", "mode", "company_id"}:
            return super().write(vals)
        self._kehu_check_not_done()
        super().write(vals)
        self._kehu_set_result("draft", 0, 0, [], "")
        return True

    @api.ondelete(at_uninstall=True)
    def _unlink_except_done(self):
        if not is_uninstalling(self.env):
            self._kehu_check_not_done()

    def _kehu_refuse_engine_fields(self, vals):
        forged = sorted(ENGINE_FIELDS & set(vals))
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

    def _kehu_check_not_done(self):
        done = self.filtered(lambda batch: batch.state == "done")
        if done:
            raise KehuImportStateError(
                self.env._(
                    "“%(name)s” was imported already and stays as it is. "
                    "Correct the refused rows in a new workbook and start a new import with it.",
                    name=done[0].name,
                )
            )

    # --------------------------------------------------------------------------------------------------------------------- actions

    def action_check(self):
        """Read the file and list what is wrong, row by row. Writes nothing but the list."""
        self._kehu_check_may_import()
        self._kehu_check_not_done()
        for batch in self:
            rows, note, _creates = batch._kehu_read_rows()
            problems = [problem for row in rows for problem in row.problems]
            batch._kehu_set_result("checked", len(rows), 0, problems, note, refused=sum(bool(row.problems) for row in rows))
        return True

    def action_import(self):
        """Import every row without a problem; a row is imported whole or not at all."""
        self._kehu_check_may_import()
        if self.try_lock_for_update() != self:
            raise KehuImportStateError(self.env._("Somebody else is importing this file right now. Wait for it to end, then reload."))
        self._kehu_check_not_done()
        for batch in self:
            rows, note, creates = batch._kehu_read_rows()
            good = [row for row in rows if not row.problems]
            batch._kehu_add_unknown(creates, good)
            for start in range(0, len(good), CHUNK):
                batch._kehu_save(good[start : start + CHUNK])
            problems = [problem for row in rows for problem in row.problems]
            refused = sum(bool(row.problems) for row in rows)
            batch._kehu_set_result("done", len(rows), len(rows) - refused, problems, note, refused=refused)
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
            raise KehuImportStateError(self.env._("Importing customers is for sales managers. Ask one of them to import this file."))

    def _kehu_set_result(self, state, row_count, done_count, problems, note, refused=0):
        """Replace the outcome shown on the batch; problems are written by the engine only."""
        # sudo: kehu.import.problem - users read problems and never write them
        as_engine(self.problem_ids, "import").sudo().unlink()
        as_engine(self, "import").write(
            {"state": state, "row_count": row_count, "done_count": done_count, "problem_count": refused, "note": note}
        )
        # sudo: kehu.import.problem - see above
        as_engine(self.env["kehu.import.problem"], "import").sudo().create(
            [{"batch_id": batch.id, **problem._asdict()} for batch in self for problem in problems]
        )

    # ------------------------------------------------------------------------------------------------------------ reading and checking

    def _kehu_read_rows(self):
        """Read the file and check every row.

        :return: rows with values and problems; a note about the file; words to add: {(column, comodel): {folded word: word}}
        :rtype: tuple[list[ImportRow], str, dict]
        :raises KehuImportFileError: when the file as a whole is no use
        """
        self.ensure_one()
        sheet = self._kehu_read_sheet()
        columns, note = self._kehu_match_columns(sheet)
        rows = [ImportRow(number) for number, _cells in sheet.rows]
        creates = {}
        for position, line in columns:
            for_contact, field = line._kehu_target()
            cells = [cells[position] for _number, cells in sheet.rows]
            if field.type == "many2one":
                self._kehu_read_many2one(line, field, for_contact, rows, cells, creates)
                continue
            convert = self._kehu_converter(line, field, sheet.epoch)
            for row, cell in zip(rows, cells, strict=True):
                try:
                    value = None if cell is None else convert(cell)
                except workbook.CellError as error:
                    row.refuse(self._kehu_cell_message(error, line), line.title, self._kehu_shown(cell))
                    continue
                if value is None or value == "":
                    if line.required:
                        row.refuse(self.env._("“%(column)s” is empty. Fill it in.", column=line.title), line.title)
                    continue
                (row.contact if for_contact else row.values)[field.name] = value
        self.env[self.template_id.model]._kehu_import_check(self, rows)
        return rows, note, creates

    def _kehu_read_sheet(self):
        name = self.filename or self.name
        if not self.file:
            raise KehuImportFileError(self.env._("There is no workbook yet. Choose an .xls, .xlsx or .csv file first."))
        try:
            return workbook.read_workbook(base64.b64decode(self.with_context(bin_size=False).file), name)
        except binascii.Error as error:
            raise self._kehu_no_workbook(name) from error
        except workbook.BookError as error:
            raise book_refusal(self.env, error, name) from error

    @api.model
    def _kehu_no_workbook(self, name):
        return book_refusal(self.env, workbook.WorkbookTypeError(), name)

    def _kehu_match_columns(self, sheet):
        """Return [(position in the sheet, template column)] and a note about columns that nobody asked for."""
        positions = {}
        for position, title in enumerate(sheet.titles):
            if title and workbook.fold(title) in positions:
                raise KehuImportFileError(
                    self.env._("The column “%(title)s” occurs twice in the workbook. Remove or rename one of the two.", title=title)
                )
            if title:
                positions[workbook.fold(title)] = position
        lines = self.template_id.field_ids
        missing = [line.title for line in lines if line.required and workbook.fold(line.title) not in positions]
        if missing:
            raise KehuImportFileError(
                self.env._(
                    "The workbook has no column %(titles)s, which the template “%(template)s” needs. "
                    "Add it, or choose the template that fits this workbook.",
                    titles=[self.env._("“%(name)s”", name=title) for title in missing],
                    template=self.template_id.name,
                )
            )
        columns = [(positions.pop(workbook.fold(line.title)), line) for line in lines if workbook.fold(line.title) in positions]
        unused = [sheet.titles[position] for position in sorted(positions.values())]
        note = ""
        if unused:
            note = self.env._(
                "These columns are not in the template and are left out: %(titles)s.",
                titles=unused,
            )
        return columns, note

    def _kehu_converter(self, line, field, epoch):
        """Return the function that turns a cell of this column into a value of the field."""
        if field.name == "zip":
            return lambda cell: workbook.as_postcode(cell, 6 if self.company_id.country_id.code == "CN" else 0)
        if field.name == "email":
            return self._kehu_read_email
        if field.name in CODE_FIELDS:
            return workbook.as_code
        if field.type == "html":
            return lambda cell: plaintext2html(workbook.as_text(cell))
        if field.type == "integer":
            return lambda cell: int(self._kehu_in_range(line, field, workbook.as_whole_number(cell), LARGEST_WHOLE))
        if field.type in ("float", "monetary"):
            return lambda cell: self._kehu_in_range(line, field, workbook.as_number(cell), LARGEST_AMOUNT)
        if field.type == "date":
            return lambda cell: workbook.as_date(cell, epoch)
        if field.type == "boolean":
            return workbook.as_boolean
        if field.type == "selection":
            return self._kehu_selection_reader(field)
        return workbook.as_text

    def _kehu_in_range(self, line, field, number, largest):
        """Return the number in the unit of the field.

        :raises workbook.CellError: when the field cannot hold it
        """
        number *= line.factor or 1.0
        if number < 0 and field.name in NOT_NEGATIVE:
            raise workbook.CellError("negative")
        if abs(number) > largest:
            raise workbook.CellError("large")
        return number

    def _kehu_read_email(self, cell):
        email = workbook.as_code(cell)
        if not email_normalize(email):
            raise workbook.CellError("email")
        return email

    def _kehu_selection_reader(self, field):
        keys = {}
        for lang in self._kehu_languages():
            for key, label in field._description_selection(self.with_context(lang=lang).env):
                keys[workbook.fold(label)] = key
                keys[workbook.fold(key)] = key

        def read(cell):
            key = keys.get(workbook.fold(workbook.as_text(cell)))
            if not key:
                raise workbook.CellError("choice")
            return key

        return read

    def _kehu_read_many2one(self, line, field, for_contact, rows, cells, creates):
        """Fill a many2one column by the name of its record, in any language; one search for all rows."""
        words = {}
        for row, cell in zip(rows, cells, strict=True):
            try:
                word = workbook.as_text(cell)
            except workbook.CellError as error:
                row.refuse(self._kehu_cell_message(error, line), line.title, self._kehu_shown(cell))
                continue
            if word:
                words[row.number] = word
            elif line.required:
                row.refuse(self.env._("“%(column)s” is empty. Fill it in.", column=line.title), line.title)
        found = self._kehu_find_by_name(field, set(words.values()))
        for row in rows:
            word = words.get(row.number)
            if not word:
                continue
            records = found[word]
            if len(records) == 1:
                (row.contact if for_contact else row.values)[field.name] = records.id
            elif records:
                row.refuse(
                    self.env._(
                        "%(count)s records are called “%(value)s”. Give them different names first.",
                        count=len(records),
                        value=word,
                    ),
                    line.title,
                    word,
                )
            elif line.unknown == "create":
                creates.setdefault((line, for_contact, field), {})[row.number] = word
            else:
                row.refuse(
                    self.env._(
                        "“%(value)s” is not known as %(label)s. Correct the cell, leave it empty, or have it added first.",
                        value=word,
                        label=field._description_string(self.env),
                    ),
                    line.title,
                    word,
                )

    def _kehu_find_by_name(self, field, words):
        """Return {word: records} of the field's comodel for these words; a name written the same wins over one in other case."""
        model = self.env[field.comodel_name]
        names = ["name", "login"] if model._name == "res.users" else [model._rec_name]
        domain = field.get_comodel_domain(self.env[field.model_name])
        if "company_id" in model._fields:
            domain &= Domain("company_id", "in", [self.company_id.id, False])

        def search(same, make_domain):
            by_name = defaultdict(lambda: model)
            for name in names:
                for lang in self._kehu_languages() if model._fields[name].translate else [self.env.lang]:
                    for record in model.with_context(lang=lang).search_fetch(domain & make_domain(name), [name]):
                        by_name[same(record[name])] |= record.with_env(self.env)
            return by_name

        spellings = {word: {word, workbook.as_code(word)} for word in words}
        wanted = set().union(*spellings.values())
        as_written = search(str, lambda name: Domain(name, "in", list(wanted))) if wanted else {}
        found = {word: model.union(*(as_written[one] for one in ways if one in as_written)) for word, ways in spellings.items()}
        wanted = set().union(*(spellings[word] for word, records in found.items() if not records))
        if wanted:
            folded = search(workbook.fold, lambda name: self._kehu_any_case(name, wanted))
            found.update({word: folded[workbook.fold(word)] for word, records in found.items() if not records})
        if model._name == "res.country.state":
            unknown = {word: self._kehu_province_root(word) for word, records in found.items() if not records}
            full_names = [root + kind for root in unknown.values() if root for kind in PROVINCE_KINDS]
            if full_names:
                by_root = search(self._kehu_province_root, lambda name: Domain(name, "in", full_names))
                found.update({word: by_root[root] for word, root in unknown.items() if root})
            self._kehu_prefer_own_country(found)
        return found

    @api.model
    def _kehu_any_case(self, name, words):
        """Return a domain for records whose ``name`` is one of these words in whatever case; no index serves it."""
        lowered = list({word.lower() for word in words})
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("lower(%s) = ANY(%s)", model._field_to_sql(alias, name, query), lowered)
        )

    @api.model
    def _kehu_province_root(self, word):
        """Return the name of a province without what it is: 江苏 of 江苏省, 广西 of 广西壮族自治区."""
        word = workbook.as_code(word)
        for kind in sorted(PROVINCE_KINDS, key=len, reverse=True):
            root = word.removesuffix(kind)
            # other words with 市 are cities: 吉林市 is not 吉林省
            if kind and root != word and (kind != "市" or root in MUNICIPALITIES):
                return root
        return word

    def _kehu_prefer_own_country(self, found):
        """Several countries have a province of that name: the company's own country is meant."""
        for word, states in found.items():
            if len(states) > 1:
                found[word] = states.filtered(lambda state: state.country_id == self.company_id.country_id) or states

    def _kehu_languages(self):
        """Languages in which a cell may name something: the source language and all installed ones."""
        return list(dict.fromkeys(["en_US", *(code for code, _name in self.env["res.lang"].get_installed())]))

    def _kehu_cell_message(self, error, line):
        return cell_sentence(self.env, error, line.title)

    def _kehu_shown(self, cell):
        return workbook.as_shown(cell)

    # ------------------------------------------------------------------------------------------------------------------------ saving

    def _kehu_add_unknown(self, creates, good):
        """Add the words that the template allows to add, and point the rows at them."""
        rows = {row.number: row for row in good}
        for (_line, for_contact, field), words in creates.items():
            words = {number: word for number, word in words.items() if number in rows}
            # what a record must be to be offered here, a new one becomes
            leaves = field.domain if isinstance(field.domain, list) else []
            defaults = {name: value for name, operator, value in leaves if operator == "="}
            spelled = {}
            for word in words.values():
                spelled.setdefault(workbook.fold(word), word)
            # sudo: res.partner.industry, kehu.dictionary.value - the administrator allowed it for this column of the template
            records = self.env[field.comodel_name].sudo().create([{**defaults, "name": word} for word in spelled.values()])
            ids = dict(zip(spelled, records.ids, strict=True))
            for number, word in words.items():
                (rows[number].contact if for_contact else rows[number].values)[field.name] = ids[workbook.fold(word)]

    def _kehu_save(self, rows):
        """Save these rows in one go; when that is refused, in halves, so that only the row to blame stays out."""
        try:
            with self.env.cr.savepoint():
                self.env[self.template_id.model]._kehu_import_save(self, rows)
        except (UserError, IntegrityError, DataError) as error:
            if len(rows) > 1:
                half = len(rows) // 2
                self._kehu_save(rows[:half])
                self._kehu_save(rows[half:])
                return
            reason = str(error.args[0]) if isinstance(error, UserError) else self.env["base"]._sql_error_to_message(error)
            rows[0].refuse(reason, value=rows[0].values.get("name", ""))
