import datetime
import json
import re
from collections import namedtuple

from odoo import fields, models

from ...tools.workbook import CellFault, CellFormula, CellLong, CellShare

Problem = namedtuple("Problem", "number sheet column value reason kind")

MOST_SHOWN = 500  # characters of a cell in the list of problems
_NOT_KEPT = re.compile("[\0\ud800-\udfff]")  # what the database keeps in no text


class ImportRow:
    """One row of a file on its way: its values, those of its contact person, and what is wrong with it.

    A model that rows become (``_kehu_import_check``, ``_kehu_import_save``) reads ``values`` and sets ``record``: on checking to the
    existing record that the row updates, on saving to the one that it made; ``contact_record`` likewise. Before it writes to a record
    that existed it calls :meth:`remember`, so that the import can be undone.
    """

    __slots__ = (
        "before",
        "cells",
        "contact",
        "contact_record",
        "depth",
        "id",
        "kind",
        "named",
        "number",
        "parent_number",
        "problems",
        "record",
        "sheet",
        "skipped",
        "turn",
        "values",
        "words",
    )

    def __init__(self, number, sheet="", cells=()):
        self.number = number  # as the spreadsheet program shows it
        self.sheet = sheet
        self.cells = cells
        self.id = None  # of the kehu.import.row
        self.kind = "main"  # or "contact": nothing but one more contact person of the row ``parent_number``
        self.parent_number = None
        self.depth = 0  # how many rows of the file stand above its record
        self.named = {}  # of templates with a parent: {"k": digests of its own words, "u": digests of its parent's}
        self.values = {}  # {field: value to write}
        self.contact = {}
        self.words = []  # [(for the contact person, field, word)]: words that the template allows to add
        self.problems = []
        self.skipped = ""  # why it is left out on purpose
        self.record = None
        self.contact_record = None
        self.before = {}  # {"record" or "contact": values before}
        self.turn = 0  # how many new records of this import come before it

    def refuse(self, reason, column="", value="", kind="row", field=""):
        """Note a problem.

        :param str reason: why, and what to do
        :param str column: title of the column in the file; empty for the row as a whole
        :param str field: instead of the title, name of the field that the column fills; ``child_ids/name`` for the contact person
        :param str kind: ``cell``, ``required``, ``unknown``, ``known``, ``repeated``, ``right``, ``save`` or ``row``
        """
        value = value[:MOST_SHOWN] + "…" if value and len(value) > MOST_SHOWN else value
        self.problems.append(Problem(self.number, self.sheet, (column, field) if field else column, value, reason, kind))

    def remember(self, record, values, contact=False):
        """Keep what these fields of an existing record hold before they are written.

        :param values: names of the fields that are going to be written
        """
        self.before["contact" if contact else "record"] = {name: held_value(record, name) for name in values}


def held_value(record, name):
    """Return what a field of this record holds, as it is written; of links to many also those that the person does not see."""
    field = record._fields[name]
    if field.type == "many2many":
        # sudo: the model of the import - hidden links stay when visible ones are written, and are compared with what is there later
        return [(6, 0, record.sudo().with_context(active_test=False)[name].ids)]
    return field.convert_to_write(record[name], record)


class ImportRows(list):
    """Rows of one file that are checked together; ``seen`` lasts from the first rows of the file to the last."""

    def __init__(self, rows=(), seen=None):
        super().__init__(rows)
        self.seen = {} if seen is None else seen


def pack_cell(cell):
    """Return a cell as JSON holds it.

    >>> pack_cell(datetime.date(2026, 12, 8)), pack_cell(CellFault("#N/A")), pack_cell("a")
    ({'d': '2026-12-08'}, {'e': '#N/A'}, 'a')
    """
    if isinstance(cell, str):
        return _NOT_KEPT.sub("", cell)
    if isinstance(cell, datetime.datetime):
        return {"t": cell.isoformat(" ")}
    if isinstance(cell, datetime.date):
        return {"d": cell.isoformat()}
    if isinstance(cell, CellLong):
        return {"l": cell.text}
    if isinstance(cell, CellFault):
        return {"e": cell.text}
    if isinstance(cell, CellFormula):
        return {"f": cell.text}
    if isinstance(cell, CellShare) and cell - cell == 0:
        return {"s": float(cell)}
    if isinstance(cell, float) and cell - cell != 0:  # no number, or beyond all: JSON has neither
        return str(cell)
    return cell


def unpack_cell(cell):
    """Return the cell that :func:`pack_cell` packed.

    >>> unpack_cell({'d': '2026-12-08'}), unpack_cell(3)
    (datetime.date(2026, 12, 8), 3)
    """
    if not isinstance(cell, dict):
        return cell
    ((kind, text),) = cell.items()
    if kind == "t":
        return datetime.datetime.fromisoformat(text)
    if kind == "d":
        return datetime.date.fromisoformat(text)
    if kind == "s":
        return CellShare(text)
    return {"e": CellFault, "l": CellLong}.get(kind, CellFormula)(text)


class KehuImportRow(models.Model):
    """One row of a file between the check and the import, and afterwards the link to what it became.

    ====================  ===========================================================================
    state                 may become
    ====================  ===========================================================================
    waiting               done (imported), problem (refused on saving), skipped
    problem               waiting (corrected in the list of problems), another problem
    skipped               nothing: left out on purpose
    done                  undone, or kept (the import was undone, and later work builds on this row)
    kept                  undone (the import is undone again when nothing builds on it any more)
    ====================  ===========================================================================
    """

    _name = "kehu.import.row"
    _description = "Import Row"
    _inherit = ["kehu.engine.log.mixin"]
    _order = "batch_id, id"
    _rec_name = "name"

    _kehu_engine = "import"

    batch_id = fields.Many2one("kehu.import.batch", required=True, ondelete="cascade", readonly=True, index=True)
    sheet = fields.Char(readonly=True)
    number = fields.Integer(string="Row", readonly=True, aggregator=None, help="Number of the row as the spreadsheet program shows it.")
    kind = fields.Selection(
        [("main", "Record"), ("contact", "Line of an Earlier Row")],
        required=True,
        default="main",
        readonly=True,
        help="A row that holds nothing but a contact person or another line belongs to the record of an earlier row.",
    )
    parent_number = fields.Integer(string="Row It Belongs To", readonly=True, aggregator=None)
    name = fields.Char(readonly=True, help="What the row calls its record.")
    code = fields.Char(readonly=True)
    cells = fields.Json(readonly=True, help="The cells as the file has them.")
    values = fields.Json(readonly=True, help="What the cells mean to the fields.")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("problem", "Refused"),
            ("skipped", "Left Out"),
            ("done", "Imported"),
            ("undone", "Undone"),
            ("kept", "Kept"),
        ],
        required=True,
        default="waiting",
        readonly=True,
    )
    action = fields.Selection([("create", "Created"), ("update", "Updated")], readonly=True)
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field="res_model", readonly=True)
    contact_id = fields.Integer(string="Contact Person or Line", readonly=True, aggregator=None)
    depth = fields.Integer(readonly=True, aggregator=None, help="How many rows of the file stand above its record: these come first.")
    before = fields.Json(readonly=True, help="Values that the import replaced.")
    after = fields.Json(readonly=True, help="What its records held when they were imported.")
    stamp = fields.Datetime(readonly=True, help="When the row was imported: what changed its record later builds on it.")
    told = fields.Boolean(readonly=True, help="Its owner was told of the customer before the import went on.")
    made = fields.Datetime(
        readonly=True, help="When the row was imported, whatever this import did later: what is older was tied to its record afterwards."
    )

    _waiting_idx = models.Index("(batch_id, kind DESC, depth, id) WHERE state = 'waiting'")
    _done_idx = models.Index("(batch_id, kind, depth DESC, id DESC) WHERE state = 'done'")
    _number_idx = models.Index("(batch_id, number)")
    _record_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")


def packed(values):
    """Return values as the text of a jsonb column."""
    return json.dumps(values, ensure_ascii=False, default=str)
