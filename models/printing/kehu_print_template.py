import base64
import logging
import re
from typing import NamedTuple

from lxml import html
from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.tools import formatLang, html2plaintext, is_html_empty, ormcache
from odoo.tools.misc import format_date, format_datetime
from psycopg2 import DatabaseError

from ...tools import print_layout
from ..system.engine import as_engine, is_engine
from .documents import DOCUMENTS
from .exceptions import KehuPrintChoiceError, KehuPrintLayoutError
from .kehu_print_version import ENGINE

_logger = logging.getLogger(__name__)
CHOSEN = "kehu_print_template"  # context key: the layout that a person chose; 0 for the shipped one
DEEPEST = 4  # steps of a path
STORED_PICTURE = re.compile(r"/web/(?:image|content)/(\d+)(?:[-/?].*)?")
MOST_SHOWN = 3  # problems told in one sentence
MOST = 1000  # layouts


class InUse(NamedTuple):
    """By what a layout is chosen; False: for all."""

    id: int
    document: str
    company: int | bool
    team: int | bool
    default: bool


class KehuPrintTemplate(models.Model):
    """A layout of one kind of print, written by administrators.

    It stands in the place of the shipped print's own parts, on the same page. What cannot be printed is printed in the shipped layout.
    """

    _name = "kehu.print.template"
    _description = "Print Template"
    _order = "document, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    document = fields.Selection([(key, document.label) for key, document in DOCUMENTS.items()], required=True, default="order", index=True)
    model = fields.Char(compute="_compute_model", store=True, precompute=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    team_id = fields.Many2one("crm.team", string="Sales Team", index="btree_not_null", help="Empty: for all teams.")
    is_default = fields.Boolean(
        string="Used by Itself", help="Printed whenever nobody chooses another one. That of the team comes before that of the company."
    )
    layout = fields.Html(
        sanitize=True,
        sanitize_tags=True,
        sanitize_attributes=False,
        sanitize_style=False,
        sanitize_overridable=False,
        help="What is printed, with words in double braces for what changes from document to document.",
    )
    comment = fields.Char(string="What Changed", help="Kept with the version that is saved.")
    problem = fields.Text(readonly=True, help="What could not be printed last time; the shipped layout was taken instead.")
    placeholders = fields.Json(compute="_compute_placeholders", help="What can be clicked: [{title, items: [{label, text}]}].")
    version_ids = fields.One2many("kehu.print.version", "template_id", string="Versions")
    preview_id = fields.Many2oneReference(
        string="Preview With", model_field="model", compute="_compute_preview_id", store=True, readonly=False, precompute=True
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("document")
    def _compute_model(self):
        for template in self:
            template.model = DOCUMENTS[template.document].model if template.document in DOCUMENTS else False

    @api.depends("document")
    def _compute_placeholders(self):
        for template in self:
            template.placeholders = template._kehu_placeholders()

    @api.depends("document")
    def _compute_preview_id(self):
        """The newest document of this kind that the reader may see."""
        for template in self:
            records = template._kehu_documents()
            template.preview_id = records.search(template._kehu_domain(), order="id desc", limit=1).id if records is not None else False

    @api.depends("document", "layout", "preview_id", "company_id")
    def _compute_preview(self):
        for template in self:
            template.preview = template._kehu_preview()

    # ------------------------------------------------------------
    # Rules of what is kept
    # ------------------------------------------------------------

    @api.constrains("is_default", "document", "company_id", "team_id", "active")
    def _check_default(self):
        for template in self.filtered(lambda template: template.is_default and template.active):
            same = [(name, "=", template[name].id) for name in ("company_id", "team_id")]
            # sudo: kehu.print.template - also where another administrator's company has it
            other = self.sudo().search(
                [("is_default", "=", True), ("document", "=", template.document), ("id", "!=", template.id), *same], limit=1
            )
            if other:
                raise KehuPrintLayoutError(
                    self.env._("“%(name)s” is used by itself already for the same documents. Switch that off first.", name=other.name)
                )

    @api.constrains("company_id", "team_id")
    def _check_team(self):
        for template in self:
            if template.team_id.company_id and template.company_id and template.team_id.company_id != template.company_id:
                raise KehuPrintLayoutError(
                    self.env._("The team “%(team)s” belongs to another company than the template.", team=template.team_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the first version of each.

        :raises KehuPrintLayoutError: for a layout that cannot be printed
        """
        for vals in vals_list:
            vals.pop("problem", None)
            document = vals.get("document") or self.default_get(["document"]).get("document")
            vals["layout"] = self._kehu_checked(vals.get("layout"), document) or self._kehu_shipped(document)
        templates = super().create(vals_list)
        self.env.registry.clear_cache()
        templates._kehu_keep_version()
        return templates

    def write(self, vals):
        """Keep a version of each layout that changes.

        :raises KehuPrintLayoutError: for a layout that cannot be printed, or a template that shall become one of another document
        """
        if is_engine(self.env, ENGINE):
            return super().write(vals)
        self.env.registry.clear_cache()
        vals = {name: value for name, value in vals.items() if name not in ("problem", "version_ids")}
        if "document" in vals and any(template.document != vals["document"] for template in self):
            raise KehuPrintLayoutError(self.env._("A template stays one of its document. Make a new one for the other document."))
        changed = self.browse()
        if "layout" in vals:
            before = {template: template.layout for template in self}
            for document in set(self.mapped("document")):
                vals["layout"] = self._kehu_checked(vals["layout"], document) or self._kehu_shipped(document)
            result = super().write(vals)
            changed = self.filtered(lambda template: template.layout != before[template])
        else:
            result = super().write(vals)
        changed._kehu_keep_version()
        if changed:
            super(KehuPrintTemplate, changed).write({"problem": False, "comment": False})
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%(name)s (copy)", name=template.name), "is_default": False}
            for template, vals in zip(self, super().copy_data(default=default), strict=True)
        ]

    def _kehu_keep_version(self):
        # sudo: kehu.print.version - written by the engine only
        versions = as_engine(self.env["kehu.print.version"].sudo(), ENGINE)
        rows = versions._read_group([("template_id", "in", self.ids)], ["template_id"], ["number:max"])
        last = {template.id: number for template, number in rows}
        versions.create(
            [
                {
                    "template_id": template.id,
                    "number": last.get(template.id, 0) + 1,
                    "layout": template.layout,
                    "comment": template.comment,
                    "author_id": self.env.uid,
                }
                for template in self
            ]
        )

    @api.model
    def _kehu_checked(self, layout, document):
        """Return a layout as it is kept: without what a browser's editor adds, its pictures inside.

        :raises KehuPrintLayoutError: naming line and place of what cannot be printed
        """
        if is_html_empty(layout):
            return False
        try:
            root = print_layout.clean(print_layout.parse(str(layout)))
            self._kehu_take_pictures_in(root)
            found = list(print_layout.problems(root, lambda path, form: self._kehu_problem_of(path, form, document)))
        except print_layout.LayoutError as error:
            found = [error]
        if found:
            words = "\n".join(self._kehu_words(problem) for problem in found[:MOST_SHOWN])
            raise KehuPrintLayoutError(self.env._("This layout cannot be printed:\n%(problems)s", problems=words))
        return Markup("%s") % Markup(print_layout.inner_html(root))

    def _kehu_take_pictures_in(self, root):
        """Write pictures that the editor has stored into the layout; one that may not be read stays a problem."""
        for image in root.iter("img"):
            stored = STORED_PICTURE.fullmatch(image.get("src") or "")
            attachment = self.env["ir.attachment"].browse(int(stored[1])).exists() if stored else None
            if attachment and attachment.has_access("read") and (attachment.mimetype or "").startswith("image/"):
                raw = base64.b64encode(attachment.raw or b"").decode()
                image.set("src", f"data:{attachment.mimetype};base64,{raw}")

    def _kehu_words(self, problem):
        """Return what a person reads about a :class:`LayoutError`."""
        kinds = {
            "tag": self.env._("is no part of a print; use paragraphs, tables, lists and pictures"),
            "attribute": self.env._("is not allowed; formats go into “style”"),
            "picture": self.env._("is not in the layout; paste or upload the picture"),
            "style": self.env._("would load something from elsewhere"),
            "word": self.env._("cannot be read; take one of the words to click"),
            "block": self.env._("is no part of this print"),
            "form": self.env._("has no such form; there are date, time, money, capitals and number"),
            "hidden": self.env._("may not be printed"),
            "size": self.env._("characters are too many"),
            "often": self.env._("stands in the layout too often"),
        }
        return self.env._("Line %(line)s: %(place)s %(what)s.", line=problem.line, place=problem.place, what=kinds[problem.kind])

    @api.model
    def _kehu_problem_of(self, path, form, document):
        """Return the kind of what is wrong with a placeholder, or nothing."""
        if document not in DOCUMENTS:
            return "word"
        if form and form not in print_layout.FORMS:
            return "form"
        kind, _dot, name = path.partition(".")
        if kind == "block":
            return None if name in DOCUMENTS[document].blocks else "block"
        if kind == "line":
            return None if name in DOCUMENTS[document].lines else "word"
        return self._kehu_problem_of_path(self.env[DOCUMENTS[document].model], path)

    @api.model
    def _kehu_problem_of_path(self, records, path):
        names = path.split(".")
        for position, name in enumerate(names):
            field = records._fields.get(name)
            if position >= DEEPEST or field is None or name.startswith("_"):
                return "word"
            if not records._has_field_access(field, "read"):
                return "hidden"
            if position < len(names) - 1:
                if field.type != "many2one":
                    return "word"
                records = self.env[field.comodel_name]
            elif field.type in ("one2many", "many2many", "binary", "image", "json", "properties", "properties_definition"):
                return "word"
        return None

    # ------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------

    def action_shipped(self):
        """Go back to the parts of the shipped print."""
        for template in self:
            template.write({"layout": self._kehu_shipped(template.document), "comment": self.env._("Back to the shipped layout")})

    def action_print_preview(self):
        """Print the document of the preview in this layout."""
        self.ensure_one()
        record = self._kehu_preview_record()
        if not record:
            raise KehuPrintChoiceError(self.env._("Choose a document for the preview first."))
        return self._kehu_print(record)

    def _kehu_print(self, records, both=False):
        """Return the action that prints these documents in this layout, or in the shipped one for none."""
        reports = DOCUMENTS[self.document].reports if self else self._kehu_reports_of(records)
        report = self.env["ir.actions.report"]._get_report_from_name(reports[1 if both else 0])
        action = report.report_action(records, config=False)
        return {**action, "context": {**(action.get("context") or {}), "active_ids": records.ids, CHOSEN: self.id or 0}}

    @api.model
    def _kehu_models(self):
        """Return the models whose records can be laid out."""
        return {document.model for document in DOCUMENTS.values()}

    @api.model
    def _kehu_reports_of(self, records):
        return next((document.reports for document in DOCUMENTS.values() if document.model == records._name), ())

    # ------------------------------------------------------------
    # What is offered
    # ------------------------------------------------------------

    @api.model
    def _kehu_shipped(self, document):
        """Return the layout that prints what the shipped one prints: its parts, one below the other."""
        blocks = DOCUMENTS[document].blocks if document in DOCUMENTS else ()
        return Markup("").join(Markup("<p>{{ block.%s }}</p>") % name for name in blocks)

    def _kehu_documents(self):
        self.ensure_one()
        model = self.model
        return self.env[model] if model in self.env and not self.env[model]._transient and self.env[model]._auto else None

    def _kehu_domain(self):
        self.ensure_one()
        domain = Domain.TRUE
        if self.model == "sale.order":
            domain &= Domain("kehu_document", "=", self.document)
        if self.company_id:
            domain &= Domain("company_id", "in", [self.company_id.id, False])
        return domain

    def _kehu_placeholders(self):
        """Return what can be clicked, with labels in the language of the reader."""
        self.ensure_one()
        document = DOCUMENTS.get(self.document)
        if not document:
            return []
        records = self.env[document.model]
        parts = self._kehu_part_names()
        lines = self._kehu_line_names()
        sets = [
            (self.env._("Values"), [(self._kehu_path_label(records, path), f"{{{{ {path} }}}}") for path in document.fields]),
            (self.env._("Parts of the shipped print"), [(parts.get(name, name), f"{{{{ block.{name} }}}}") for name in document.blocks]),
            (self.env._("In a row of a table, for each line"), [(lines[name], f"{{{{ line.{name} }}}}") for name in document.lines]),
        ]
        return [
            {"title": title, "items": [{"label": label, "text": text} for label, text in items if label]} for title, items in sets if items
        ]

    @api.model
    def _kehu_path_label(self, records, path):
        labels = []
        for name in path.split("."):
            field = records._fields.get(name)
            if field is None:
                return False
            if not (labels and name == "name"):
                labels.append(field.get_description(self.env, ["string"])["string"])
            records = self.env[field.comodel_name] if field.type == "many2one" else records
        return " / ".join(labels)

    @api.model
    def _kehu_part_names(self):
        return {
            "letterhead": self.env._("Letterhead and title"),
            "head": self.env._("Number and date"),
            "parties": self.env._("Both parties"),
            "lines": self.env._("Table of the lines"),
            "totals": self.env._("Totals"),
            "total": self.env._("Grand total"),
            "agreed": self.env._("What was agreed"),
            "terms": self.env._("Terms"),
            "signatures": self.env._("Seals and signatures"),
            "notes": self.env._("Notes"),
            "quotes": self.env._("Quotes and orders"),
            "contacts": self.env._("Latest contacts"),
            "facts": self.env._("From whom and how"),
            "carrier": self.env._("Carrier"),
            "allocations": self.env._("What the money is for"),
            "entries": self.env._("Entries"),
            "ages": self.env._("Ages"),
            "orders": self.env._("Orders"),
            "end": self.env._("Closing words and signatures"),
            "text": self.env._("Text of the letter"),
            "invoices": self.env._("Invoices"),
            "account": self.env._("Account to pay into"),
        }

    @api.model
    def _kehu_line_names(self):
        return {
            "number": self.env._("No."),
            "product": self.env._("Product"),
            "description": self.env._("Description"),
            "specification": self.env._("Specification"),
            "unit": self.env._("Unit"),
            "quantity": self.env._("Quantity"),
            "price": self.env._("Unit Price"),
            "discount": self.env._("Disc. %"),
            "tax": self.env._("Tax"),
            "amount": self.env._("Amount"),
            "delivery": self.env._("Delivery Date"),
        }

    # ------------------------------------------------------------
    # Printing
    # ------------------------------------------------------------

    @api.model
    def _kehu_document_of(self, record):
        """Return which document a record prints as, False for one that has no layouts."""
        if record._name == "sale.order":
            return "order" if record.kehu_document == "order" else "quote"
        return next((key for key, document in DOCUMENTS.items() if document.model == record._name), False)

    @api.model
    def _kehu_template_of(self, record):
        """Return the layout in which this record is printed: the chosen one, that of its team, of its company, of all; none: as shipped."""
        document = self._kehu_document_of(record)
        chosen = self.env.context.get(CHOSEN)
        if not document or chosen == 0:
            return self.browse()
        company = record.company_id if "company_id" in record._fields else self.env.company
        # sudo: crm.team - which layout is printed is no secret
        team = record.sudo().team_id.id if "team_id" in record._fields else False
        places = ((company or self.env.company).id, False)
        fitting = [row for row in self._kehu_in_use() if row.document == document and row.company in places]
        if isinstance(chosen, int) and not isinstance(chosen, bool) and chosen in {row.id for row in fitting}:
            found = chosen
        else:
            own = [row for row in fitting if row.default and row.team in (team, False)]
            own.sort(key=lambda row: (not row.team, not row.company, row.id))
            found = own[0].id if own else False
        # sudo: kehu.print.template - a customer on the portal may read none
        return self.sudo().browse(found or [])

    @api.model
    @ormcache()
    def _kehu_in_use(self):
        """Return the facts by which a layout is chosen, of all that are active: asked for each print, and few.

        :rtype: list[InUse]
        """
        # sudo: kehu.print.template - which layout is printed is no secret
        found = self.sudo().with_context(active_test=True).search([], limit=MOST)
        return [InUse(one.id, one.document, one.company_id.id, one.team_id.id, one.is_default) for one in found]

    @api.model
    def _kehu_apply(self, report, page):
        """Put the layouts of the documents on a printed page in the place of the shipped ones.

        :param report: ir.actions.report
        :param page: the HTML of :meth:`ir.actions.report._render_qweb_html`, as bytes or text
        :return: the same, as bytes, where anything was changed
        """
        text = page.decode() if isinstance(page, bytes) else str(page)
        if report.model not in self._kehu_models() or self.env.context.get(CHOSEN) == 0:
            return page
        if report.model not in {DOCUMENTS[row.document].model for row in self._kehu_in_use()}:
            return page
        root = html.document_fromstring(text)
        changed = False
        for article in root.xpath("//div[contains(concat(' ', @class, ' '), ' article ')][@data-oe-id]"):
            number = article.get("data-oe-id")
            if article.get("data-oe-model") != report.model or not number.isdigit():
                continue
            record = self.env[report.model].browse(int(number))
            template = self._kehu_template_of(record)
            if template:
                changed |= template._kehu_fill(article, record, article.get("data-oe-lang"))
        return html.tostring(root, encoding="utf-8", doctype="<!DOCTYPE html>") if changed else page

    def _kehu_fill(self, article, record, lang, layout=None):
        """Put this layout into one printed document; on any failure the shipped one stays, and the failure is told.

        :return: whether it was put in
        :rtype: bool
        """
        self.ensure_one()
        page = article.find_class("kehu_print")
        try:
            root = print_layout.parse(str((self.layout if layout is None else layout) or ""))
            for problem in print_layout.problems(root, self._kehu_problem_here):
                raise problem
            record = record.with_context(lang=lang) if lang else record
            print_layout.fill(root, page[0], lambda path, form: self._kehu_value(record, path, form), lambda: self._kehu_lines(record))
        except print_layout.LayoutError as error:
            self._kehu_report_problem(self._kehu_words(error))
            return False
        except DatabaseError:
            raise  # nothing goes on after it; the host tries the request again
        except Exception as error:  # whatever a layout does, the document is printed
            _logger.warning("Print template %s cannot be printed", self.id, exc_info=True)
            self._kehu_report_problem(str(error)[:300])
            return False
        return True

    def _kehu_problem_here(self, path, form):
        """As :meth:`_kehu_problem_of`, but what only the reader may not see is left blank, not refused."""
        kind = self._kehu_problem_of(path, form, self.document)
        return None if kind == "hidden" else kind

    def _kehu_report_problem(self, words):
        """Tell who prints and, on the template, the administrators; the print goes on."""
        if self.problem != words and not self.env.context.get("kehu_print_preview"):
            self._kehu_keep_problem(words)
        if self.env.user._is_internal() and not self.env.context.get("kehu_print_preview"):
            message = self.env._("Printed in the shipped layout, since “%(name)s” cannot be printed. %(why)s", name=self.name, why=words)
            if not self.env.cr.readonly:
                self.env.user._bus_send("simple_notification", {"type": "warning", "message": message, "sticky": True})

    def _kehu_keep_problem(self, words):
        if self.env.cr.readonly:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._kehu_keep_problem(words)
            return
        # sudo: kehu.print.template - told on the template, whoever prints
        as_engine(self.sudo(), ENGINE).write({"problem": words})

    def _kehu_value(self, record, path, form):
        """Return what a placeholder stands for, read with the rights of who prints; blank where those do not reach.

        :return: text, or an element for formatted text
        """
        if record.env.su and path not in DOCUMENTS[self.document].fields:
            return ""  # for somebody outside nothing but what is offered
        names = path.split(".")
        try:
            for name in names[:-1]:
                if not record._has_field_access(record._fields[name], "read"):
                    return ""
                record = record[name]
                record.check_access("read")  # not by reading: the shipped print may have brought it into memory with more rights
            field = record._fields[names[-1]]
            if not record or not record._has_field_access(field, "read"):
                return ""
            value = record[names[-1]]
        except (AccessError, MissingError):
            return ""
        return self._kehu_text(record, field, value, form)

    @api.model
    def _kehu_text(self, record, field, value, form):
        """Write a value as it stands on paper, in the language of the record."""
        env = record.env
        if field.type in ("integer", "float", "monetary"):
            currency = self._kehu_currency(record, field)
            if form == "capitals":
                return currency._kehu_in_capitals(value) if currency else ""
            if field.type == "monetary" or form == "money":
                return formatLang(env, value, currency_obj=currency) if currency else formatLang(env, value, digits=2)
            if field.type == "integer" and not form:
                return str(value)
            return formatLang(env, value, digits=(field.get_digits(env) or (16, 2))[1] if field.type == "float" else 0)
        if value is False or value is None:
            return ""
        if field.type == "date":
            return format_date(env, value)
        if field.type == "datetime":
            if form == "time":
                return format_datetime(env, value)
            return format_date(env, fields.Datetime.context_timestamp(record, value).date())
        if field.type == "selection":
            return dict(field._description_selection(env)).get(value, "")
        if field.type == "boolean":
            return env._("Yes")
        if field.type == "many2one":
            return value.sudo(False).display_name or ""
        if field.type == "html":
            return html.fragment_fromstring(str(value), create_parent="div") if html2plaintext(value).strip() else ""
        return str(value)

    @api.model
    def _kehu_currency(self, record, field):
        name = field.get_currency_field(record) if field.type == "monetary" else "currency_id"
        for candidate in (name, "currency_id", "company_currency"):
            if candidate in record._fields and record[candidate]:
                return record[candidate]
        return self.env.company.currency_id

    @api.model
    def _kehu_lines(self, record):
        """Return a function for each line of the document, that tells what ``line.x`` stands for."""
        if record._name == "sale.order":
            rows, currency = record._kehu_print_rows(record._get_order_lines_to_report()), record.currency_id
        else:
            rows, currency = record._kehu_print_goods(), record.currency_id
        return [lambda path, _form, row=row: self._kehu_line_text(row, path.removeprefix("line."), currency) for row in rows]

    @api.model
    def _kehu_line_text(self, row, name, currency):
        env = row["line"].env if "line" in row else currency.env
        if name == "product" and row["kind"] in ("section", "note", "order"):
            return row["order"].name if row["kind"] == "order" else row["line"].name or ""
        value = row.get(name)
        if value in (None, False, ""):
            return ""
        if name == "amount":
            return formatLang(env, value, currency_obj=row.get("currency") or currency)
        if name == "price":
            return formatLang(env, value, dp="Product Price")
        if name == "discount":
            return f"{value:g}" if value else ""
        if name == "delivery":
            return format_date(env, value)
        return str(value)

    # ------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------

    def _kehu_preview_record(self):
        """Return the document of the preview, as far as the reader may see it."""
        self.ensure_one()
        records = self._kehu_documents()
        if records is None or not self.preview_id:
            return None
        record = records.browse(self.preview_id).exists()
        return record if record and record.has_access("read") else None

    def _kehu_preview(self):
        """Return the page of the preview as a whole HTML document, or a sentence."""
        self.ensure_one()
        record = self._kehu_preview_record()
        if not record:
            return Markup("<p>%s</p>") % self.env._("Choose a document for the preview.")
        origin = self._origin or self
        try:
            root = print_layout.clean(print_layout.parse(str(self.layout or "")))
            self._kehu_take_pictures_in(root)
            found = list(print_layout.problems(root, lambda path, form: self._kehu_problem_of(path, form, self.document)))
        except print_layout.LayoutError as error:
            found = [error]
        if found:
            items = Markup("").join(Markup("<li>%s</li>") % self._kehu_words(problem) for problem in found[:MOST_SHOWN])
            return Markup("<p>%s</p><ul>%s</ul>") % (self.env._("This layout cannot be printed:"), items)
        reports = self.env["ir.actions.report"].with_context(**{CHOSEN: 0})
        page, _kind = reports._render_qweb_html(DOCUMENTS[self.document].reports[0], record.ids)
        whole = html.document_fromstring(page.decode() if isinstance(page, bytes) else str(page))
        for script in whole.xpath("//script | //link"):
            script.getparent().remove(script)
        article = whole.xpath("//div[@data-oe-id]")[0]
        origin.with_context(kehu_print_preview=True)._kehu_fill(
            article, record, article.get("data-oe-lang"), layout=print_layout.inner_html(root)
        )
        return Markup(html.tostring(whole, encoding="unicode"))
