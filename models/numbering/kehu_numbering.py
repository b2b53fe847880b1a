from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import LockError
from odoo.tools import date_utils

from ...tools.number_patterns import MOST_DIGITS, SEPARATORS, join, mistyped, split
from ..system.ir_sequence import RESETS
from ..system.values import check_types
from .exceptions import KehuNumberingBusyError, KehuNumberingError, KehuNumberingRightError

# document: (what people call it, code of the number series)
DOCUMENTS = {
    "customer": ("Customers", "kehu.customer"),
    "contact": ("Contacts", "kehu.contact"),
    "opportunity": ("Opportunities", "kehu.opportunity"),
    "quote": ("Quotes", "sale.order"),
    "order": ("Orders", "kehu.order"),
    "contract": ("Contracts", "kehu.contract"),
    "receipt": ("Receipts", "kehu.receipt"),
    "advance": ("Uses of Advances", "kehu.advance.use"),
    "dunning": ("Dunning Letters", "kehu.dunning.letter"),
    "request": ("Approval Requests", "kehu.approval.request"),
}
CODES = {document: code for document, (_label, code) in DOCUMENTS.items()}
# what the screen shows of a number series, and changes in it
SERIES = ("prefix", "separator", "date_part", "digits", "reset", "no_gap", "next_number", "own_numbers")
HIGHEST = 2**31 - 1
# what drawing a number asks of its series
DRAWN_BY = ["name", "company_id", "prefix", "suffix", "padding", "implementation", "number_increment", "use_date_range", "kehu_reset"]


class KehuNumbering(models.Model):
    """How one kind of document is numbered in one company.

    A view of the host's number series: nothing of it is kept here. The company's own series counts before the one for all companies, as it
    does for the host.
    """

    _name = "kehu.numbering"
    _description = "Numbering"
    _order = "sequence, id"
    _kehu_configuration = ("document",)
    _kehu_configuration_fields = ("prefix", "separator", "date_part", "digits", "reset", "no_gap", "own_numbers")

    sequence = fields.Integer(default=10, readonly=True)
    document = fields.Selection([(name, label) for name, (label, _code) in DOCUMENTS.items()], required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")

    prefix = fields.Char(
        string="Begins With",
        compute="_compute_series",
        readonly=False,
        help="Letters in front of the number, such as SO. Existing numbers stay.",
    )
    separator = fields.Selection(
        [("none", "None"), ("hyphen", "-"), ("slash", "/"), ("dot", ".")],
        compute="_compute_series",
        readonly=False,
        help="Stands between letters, date and number.",
    )
    date_part = fields.Selection(
        [
            ("none", "None"),
            ("year", "Year (2026)"),
            ("year_month", "Year and Month (202603)"),
            ("year_month_day", "Year, Month and Day (20260331)"),
            ("y", "Short Year (26)"),
            ("y_month", "Short Year and Month (2603)"),
            ("y_month_day", "Short Year, Month and Day (260331)"),
        ],
        string="Date",
        compute="_compute_series",
        readonly=False,
        help="The date of the document in its number, by the calendar of the company.",
    )
    digits = fields.Integer(compute="_compute_series", readonly=False, help="The number is filled up with zeros to so many digits.")
    reset = fields.Selection(
        RESETS,
        string="Starts Again",
        compute="_compute_series",
        readonly=False,
        help="When counting begins with 1 again. The year, month or day under way counts on; the next one begins with 1. The number must "
        "then show that date.",
    )
    no_gap = fields.Boolean(
        string="Without Gaps",
        compute="_compute_series",
        readonly=False,
        help="A number is used up only when its document is saved; of two people who save at the same moment one waits. Otherwise what was "
        "not saved leaves a gap, and nobody waits. What is deleted leaves a gap either way.",
    )
    next_number = fields.Integer(
        compute="_compute_series", readonly=False, help="The number that the next document gets. It can be raised, never lowered."
    )
    own_numbers = fields.Boolean(
        compute="_compute_series",
        readonly=False,
        help="For orders: on, a quote that becomes an order gets a number of this row and keeps that of the quote beside it. Off, an order "
        "keeps the number of its quote.",
    )
    shared = fields.Boolean(
        string="For All Companies",
        compute="_compute_series",
        help="All companies draw from the same numbers. A change holds for all of them.",
    )
    example = fields.Char(
        string="Next Number in Full", compute="_compute_example", help="What the next document is called, as the row stands now."
    )
    example_then = fields.Char(string="In the Next Period", compute="_compute_example")

    _document_uniq = models.UniqueIndex("(company_id, document)", "This company has a row for that document already.")

    @api.depends("document")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["document"]._description_selection(self.env))
        for row in self:
            row.display_name = labels.get(row.document)

    # -- what the series says ------------------------------------------------------------------------------------------

    @api.model
    def _kehu_codes(self):
        """:return: {code of a number series: what its documents are called}"""
        labels = dict(self._fields["document"]._description_selection(self.env))
        return {code: labels[document] for document, code in CODES.items()}

    def _kehu_sequences(self):
        """Return the number series of each row, in superuser mode; one query.

        :return: {kehu.numbering: ir.sequence}, empty where there is none
        :rtype: dict
        """
        # sudo: ir.sequence - number series are the host's system settings; those named here are the CRM's own
        found = self.env["ir.sequence"].sudo().with_context(active_test=False)
        found = found.search(
            [("code", "in", [CODES[row.document] for row in self]), ("company_id", "in", [*self.company_id.ids, False])],
            order="company_id, id",
        )
        result = {}
        for row in self:
            fitting = found.filtered(
                lambda one, row=row: one.code == CODES[row.document] and one.company_id.id in (row.company_id.id, False)
            )
            # an archived one counts for orders only: there it says that they keep the number of the quote
            result[row] = (fitting if row.document == "order" else fitting.filtered("active"))[:1].with_company(row.company_id)
        return result

    @api.depends("document", "company_id")
    def _compute_series(self):
        for row, sequence in self._kehu_sequences().items():
            row.update(row._kehu_values(sequence))
            row.shared = bool(sequence) and not sequence.company_id

    @staticmethod
    def _kehu_values(sequence):
        prefix, date_part, separator = split(sequence.prefix)
        return {
            "prefix": prefix,
            "date_part": date_part,
            "separator": separator,
            "digits": sequence.padding,
            "reset": sequence.kehu_reset or "never",
            "no_gap": sequence.implementation == "no_gap",
            "next_number": sequence._kehu_next_actual() if sequence else 0,
            "own_numbers": sequence.active,
        }

    @api.depends(*SERIES)
    def _compute_example(self):
        sequences = self._origin._kehu_sequences()
        for row in self:
            sequence = sequences.get(row._origin)
            row.example, row.example_then = False, False
            if not sequence or not row.own_numbers:
                continue
            pattern = join(row.prefix or "", row.date_part or "none", row.separator or "none")
            if mistyped(pattern) or not 0 < row.digits <= MOST_DIGITS:
                continue
            series, today = sequence._kehu_on()
            example = series.new({"prefix": pattern, "suffix": sequence.suffix, "padding": row.digits})
            row.example = example.get_next_char(row.next_number)
            if row.reset in ("year", "month", "day"):
                then = date_utils.end_of(today, row.reset) + timedelta(days=1)
                row.example_then = example.with_context(ir_sequence_date=fields.Date.to_string(then)).get_next_char(1)

    # -- changing it ---------------------------------------------------------------------------------------------------

    def write(self, vals):
        """Write what the row says into the number series.

        :raises KehuNumberingError: when its numbers could not be read, or would come twice
        :raises KehuNumberingRightError: for a row of a company that the person does not work for
        """
        self.check_access("write")
        check_types(self, vals, KehuNumberingError)
        if vals.keys() & {"document", "company_id"}:
            raise KehuNumberingError(self.env._("Document and company of a row stay. Change the row of the other document instead."))
        series = {name: vals[name] for name in SERIES if name in vals}
        if series:
            for row, sequence in self._kehu_sequences().items():
                row._kehu_apply(sequence, series)
            self.invalidate_recordset([*SERIES, "example", "example_then", "shared"])
        return super().write({name: value for name, value in vals.items() if name not in series})

    def _kehu_apply(self, sequence, wanted):
        """Change one number series.

        :param sequence: of this row, in superuser mode
        :param dict wanted: values of the row that were sent
        """
        self._kehu_check_may_change(sequence)
        if not sequence:
            raise KehuNumberingError(
                self.env._(
                    "There is no number series “%(code)s” any more. Ask a system administrator to make it again.", code=CODES[self.document]
                )
            )
        try:
            sequence.lock_for_update()
        except LockError:
            raise KehuNumberingBusyError(
                self.env._("A document is being numbered at this very moment. Save again in a few seconds.")
            ) from None
        now = self._kehu_values(sequence)
        new = {**now, **wanted}
        vals = {}
        if new["date_part"] is False or new["separator"] is False or new["reset"] is False:
            raise KehuNumberingError(
                self.env._("Choose a date, a separator and when counting starts again; “None” and “Never” are choices.")
            )
        pattern = join(new["prefix"] or "", new["date_part"], new["separator"])
        if pattern != (sequence.prefix or "") and {"prefix", "date_part", "separator"} & wanted.keys():
            if not (new["prefix"] or "").strip():
                raise KehuNumberingError(
                    self.env._("Numbers begin with a letter or two, so that one sees which document they belong to. Type them.")
                )
            if any(sign and new["prefix"].endswith(sign) for sign in SEPARATORS.values()) and new["separator"] != "none":
                raise KehuNumberingError(
                    self.env._("“%(prefix)s” ends with a separator, and another follows. Leave out one of the two.", prefix=new["prefix"])
                )
            vals["prefix"] = pattern
        if new["digits"] != sequence.padding:
            vals["padding"] = new["digits"] or 0
        if self.document == "order":
            if bool(new["own_numbers"]) != sequence.active:
                vals["active"] = bool(new["own_numbers"])
        elif not new["own_numbers"]:
            raise KehuNumberingError(self.env._("Only orders can go without numbers of their own: they keep those of their quotes."))
        if new["reset"] != now["reset"]:
            sequence._kehu_set_reset(new["reset"], vals)
        elif vals:
            sequence.write(vals)
        sequence._kehu_set_gaps(bool(new["no_gap"]))
        if "next_number" in wanted and new["next_number"] != now["next_number"]:
            self._kehu_raise(sequence, new["next_number"] or 0)

    def _kehu_raise(self, sequence, number):
        """:raises KehuNumberingError: when the number was given already"""
        stands = sequence._kehu_next_actual()
        most = max(stands, min(HIGHEST, 10**sequence.padding - 1))
        if not stands <= number <= most:
            raise KehuNumberingError(
                self.env._(
                    "The next number is %(stands)s. It can be raised up to %(most)s, but not set to %(number)s: a number is never given "
                    "twice.",
                    stands=stands,
                    most=most,
                    number=number,
                )
            )
        _series, today = sequence._kehu_on()
        (sequence._get_current_sequence(today) if sequence.use_date_range else sequence).write({"number_next": number})

    def _kehu_check_may_change(self, sequence):
        """:raises KehuNumberingRightError: for the series of a company, or of all companies, that the person does not work for"""
        if self.env.su:
            return
        companies = self.env.user._get_company_ids()
        if self.company_id.id not in companies:
            raise KehuNumberingRightError(
                self.env._("You do not work for this company. Its numbers are set by the CRM administrator of that company.")
            )

    def kehu_separate(self):
        """Give the company number series of its own; they count on from where those of all companies stand.

        :return: True
        """
        self.check_access("write")
        for row, sequence in self._kehu_sequences().items():
            row._kehu_check_may_change(sequence)
            if sequence and not sequence.company_id:
                number = sequence._kehu_next_actual()
                top = max([number, *sequence.date_range_ids.mapped("number_next_actual")])
                _series, today = sequence._kehu_on()
                sequence.copy(
                    {
                        "company_id": row.company_id.id,
                        "number_next": top,
                        "kehu_floor": top,
                        "kehu_floor_until": today,
                        "active": sequence.active,
                    }
                )
        self.invalidate_recordset([*SERIES, "example", "example_then", "shared"])
        return True

    # -- setting up ----------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_set_up(self):
        """Give every company its rows, and the series of ours their mark; runs at installation and at each update."""
        self.env.flush_all()
        # by SQL: what an administrator has set before is left as it is, and is looked at when it is changed
        self.env.cr.execute(
            """
            UPDATE ir_sequence SET kehu_reset = CASE WHEN use_date_range THEN 'year' ELSE 'never' END
             WHERE kehu_reset IS NULL AND code = ANY(%s)
            """,
            [list(CODES.values())],
        )
        self.env.invalidate_all()
        # sudo: res.company - all of them
        companies = self.env["res.company"].sudo().with_context(active_test=False).search([("id", "!=", False)], order="id")
        self._kehu_make_rows(companies)
        self.env["res.partner"]._kehu_number_existing_contacts()
        self.env["crm.lead"]._kehu_number_existing()
        self.env["kehu.approval.request"]._kehu_number_existing()

    @api.model
    def _kehu_make_rows(self, companies):
        # sudo: kehu.numbering - rows are made by the program, one for each document
        rows = self.sudo()
        known = {(row.company_id.id, row.document) for row in rows.search([("company_id", "in", companies.ids)])}
        rows.create(
            [
                {"company_id": company.id, "document": document, "sequence": place}
                for company in companies
                for place, document in enumerate(DOCUMENTS, start=1)
                if (company.id, document) not in known
            ]
        )

    @api.model
    def _kehu_next_numbers(self, document, wanted):
        """Draw the numbers of new records: as many queries for one as for a thousand of a company and day.

        :param str document: key of ``DOCUMENTS``
        :param list wanted: for each record the pair (id of its company or False, day or None for today)
        :return: numbers in the same order; False where there is no series
        :rtype: list
        """
        numbers = [False] * len(wanted)
        places = {}
        for place, (company_id, day) in enumerate(wanted):
            places.setdefault((company_id or self.env.company.id, day), []).append(place)
        # sudo: ir.sequence - anybody who may make the record draws its number
        series = self.env["ir.sequence"].sudo()
        companies = [*{company_id for company_id, _day in places}, False]
        sequences = places and series.search_fetch(
            [("code", "=", CODES[document]), ("company_id", "in", companies)], DRAWN_BY, order="company_id, id"
        )
        for (company_id, day), group in places.items():
            sequence = sequences.filtered(lambda one, company_id=company_id: one.company_id.id in (company_id, False))[:1]
            if sequence:
                drawn = sequence.with_company(company_id)._kehu_draw(len(group), day)
                for place, number in zip(group, drawn, strict=True):
                    numbers[place] = number
        return numbers
