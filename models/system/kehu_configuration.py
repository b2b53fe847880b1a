import json
from datetime import date, datetime

import psycopg2
from odoo import api, models, release
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Date, Domain

from .exceptions import KehuConfigurationError
from .values import check_types

FORMAT = 1
LARGEST_FILE = 5_000_000  # bytes
LIMIT = 5_000  # records of one model
OWN_COMPANY = "own"

# Models of the host that configuration refers to, and what they are known by in another database.
NAMES = {
    "res.users": "login",
    "ir.model": "model",
    "hr.department": "complete_name",
    "product.category": "complete_name",
    "res.partner.category": "display_name",
    "crm.team": "name",
    "res.country": "code",
    "res.currency": "name",
}
BY_EXTERNAL_ID = frozenset(("res.groups", "mail.template", "ir.actions.server", "ir.actions.report"))
NOT_KEPT = frozenset(("id", "create_uid", "create_date", "write_uid", "write_date", "company_id"))


class _TakenBackError(Exception):
    """A check is over: what it did is taken back."""


class KehuConfiguration(models.AbstractModel):
    """The configuration of a company as one file, and a file as the configuration of another database.

    A model takes part by a class attribute ``_kehu_configuration``: the names of the fields that together tell one record from another,
    such as ``("name",)``. Its lines (one2many) go with it. ``_kehu_configuration_domain`` narrows the records,
    ``_kehu_configuration_fields`` names the fields where they are not those that are stored. Records of other databases
    are found by the external id that this add-on ships them with, else by those fields. No record is deleted: what the file does not name
    stays as it is.
    """

    _name = "kehu.configuration"
    _description = "Configuration as a File"

    # -- what takes part -----------------------------------------------------------------------------------------------

    @api.model
    def _kehu_models(self):
        """Return the models that take part, those that others refer to first.

        :rtype: list[str]
        """
        names = {name for name, model in self.env.registry.items() if getattr(model, "_kehu_configuration", None) and not model._abstract}
        ordered = []

        def take(name, path):
            if name in ordered or name in path:
                return
            fields = [*self._kehu_fields(name), *(f for lines in self._kehu_lines(name) for f in self._kehu_fields(lines.comodel_name))]
            for field in fields:
                if field.comodel_name in names and field.comodel_name != name:
                    take(field.comodel_name, {*path, name})
            ordered.append(name)

        for name in sorted(names):
            take(name, set())
        return ordered

    @api.model
    def _kehu_fields(self, model_name, parent=None):
        """Return the fields of a record that a file keeps: those that people fill in.

        :param str parent: name of the link of a line to its record, which the file tells by its place
        """
        model = self.env[model_name]
        if chosen := getattr(model, "_kehu_configuration_fields", None):
            return [model._fields[name] for name in chosen]
        return [
            field
            for name, field in model._fields.items()
            if field.store
            and name not in NOT_KEPT
            and name != parent
            and not (field.compute and field.readonly)
            and not field.related
            and field.type not in ("one2many", "binary", "many2one_reference", "reference", "properties", "properties_definition")
            and not name.startswith(("message_", "activity_"))
        ]

    @api.model
    def _kehu_lines(self, model_name):
        """Return the one2many fields whose records are parts of a record."""
        model = self.env[model_name]
        return [
            field
            for field in model._fields.values()
            if field.type == "one2many"
            and field.comodel_name.startswith("kehu.")
            and field.inverse_name
            and not field.related
            and self.env[field.comodel_name]._fields[field.inverse_name].required
            and not getattr(self.env[field.comodel_name], "_kehu_configuration", None)
        ]

    @api.model
    def _kehu_settings_names(self):
        """Return the names of the rules of the settings page that are kept at the company."""
        page = self.env["kehu.settings"]
        return [name for name in page._fields if page._kehu_is_company_rule(name) and not page._fields[name].readonly]

    @api.model
    def _kehu_records(self, model_name):
        """Return the records of a model that are shared or of the company, archived ones too."""
        model = self.env[model_name].with_context(active_test=False)
        domain = Domain(getattr(model, "_kehu_configuration_domain", []))
        if "company_id" in model._fields:
            domain &= Domain("company_id", "in", [False, self.env.company.id])
        return model.search(domain, limit=LIMIT)

    # -- export --------------------------------------------------------------------------------------------------------

    @api.model
    def kehu_export(self):
        """Return the configuration of the current company.

        :returns: text in JSON: format, program, company, currency, settings (name: value), records (model: list of records)
        :raises KehuConfigurationError: for others than CRM administrators
        """
        self._kehu_check_rights()
        page = self.env["kehu.settings"].new({"company_id": self.env.company.id})
        content = {
            "format": FORMAT,
            "program": f"kehu_crm, Odoo {release.major_version}",
            "company": self.env.company.name,
            "currency": self.env.company.currency_id.name,
            "settings": {name: self._kehu_encode(page._fields[name], page[name]) for name in self._kehu_settings_names()},
            "records": {name: [self._kehu_encode_record(record) for record in self._kehu_records(name)] for name in self._kehu_models()},
        }
        return json.dumps(content, ensure_ascii=False, indent=1)

    @api.model
    def _kehu_encode_record(self, record, parent=None):
        values = {}
        if not parent and (external := self._kehu_external_ids(record).get(record.id)):
            values["external_id"] = external
        if not parent and "company_id" in record._fields:
            values["company"] = OWN_COMPANY if record.company_id else None
        for part in record._kehu_configuration if not parent else ():
            values[part] = self._kehu_encode(record._fields[part], record[part])
        for field in self._kehu_fields(record._name, parent):
            if field.translate:
                values[field.name] = self._kehu_encode_words(record, field)
            else:
                values[field.name] = self._kehu_encode(field, record[field.name])
        for field in self._kehu_lines(record._name) if not parent else ():
            values[field.name] = [self._kehu_encode_record(line, field.inverse_name) for line in record[field.name]]
        return values

    @api.model
    def _kehu_encode_words(self, record, field):
        """Return a translated text by language; one text where all languages say the same."""
        words = {code: record.with_context(lang=code)[field.name] or False for code, _name in self.env["res.lang"].get_installed()}
        return words if len(set(words.values())) > 1 else next(iter(words.values()))

    @api.model
    def _kehu_encode(self, field, value):
        if field.type == "many2one":
            return self._kehu_tell(value) if value else False
        if field.type == "many2many":
            return [told for record in value.with_context(active_test=False) if (told := self._kehu_tell(record))]
        if isinstance(value, (date, datetime)):
            return Date.to_string(value) if field.type == "date" else str(value)
        return value

    @api.model
    def _kehu_tell(self, record):
        """Return what a record is known by in another database; False for one without a name there."""
        name = record._name
        if name == "ir.model.fields":
            return f"{record.model}.{record.name}"
        external = self._kehu_external_ids(record).get(record.id)
        if name in BY_EXTERNAL_ID or (external and name.startswith("kehu.")):
            return external or False
        if key := getattr(record, "_kehu_configuration", None):
            english = record.with_context(lang="en_US")
            return [self._kehu_encode(record._fields[part], english[part]) for part in key]
        return record[NAMES[name]] if name in NAMES else record.display_name

    @api.model
    def _kehu_external_ids(self, records):
        """Return the external ids that modules ship; those of exports and of other databases say nothing elsewhere."""
        found = {}
        # sudo: ir.model.data - names that modules give to the records they ship
        for data in self.env["ir.model.data"].sudo().search([("model", "=", records._name), ("res_id", "in", records.ids)], order="id"):
            if not data.module.startswith("__"):
                found.setdefault(data.res_id, data.complete_name)
        return found

    # -- import --------------------------------------------------------------------------------------------------------

    @api.model
    def kehu_check(self, text):
        """Tell what a file would change, and change nothing.

        :param str text: content of a file made by :meth:`kehu_export`
        :returns: list of dicts of the keys model, record (texts), action (create, update, same, ignored), note
        :raises KehuConfigurationError: for others than CRM administrators and for what is no such file
        """
        self._kehu_check_rights()
        content, told = self._kehu_read(text), []
        try:
            with self.env.cr.savepoint():  # what the file brings itself counts for what refers to it: only doing it tells
                told = self._kehu_take_all(content)
                raise _TakenBackError
        except _TakenBackError:
            self.env.registry.clear_all_caches()  # nobody keeps what was there for a moment
        return told

    @api.model
    def kehu_apply(self, text):
        """Set what a file says; all of it, or nothing when one record is refused.

        :returns: the list of :meth:`kehu_check`
        :raises KehuConfigurationError: as there, and with the name of the record that was refused and why
        """
        self._kehu_check_rights()
        content = self._kehu_read(text)
        with self.env.cr.savepoint():
            return self._kehu_take_all(content)

    @api.model
    def _kehu_take_all(self, content):
        """Do all steps, each model when those it refers to are in place; return what :meth:`kehu_check` returns."""
        told = []
        for model_name in ("", *self._kehu_models()):
            for step in self._kehu_plan(content, only=model_name):
                told.append(step["told"])
                try:
                    with self.env.cr.savepoint():  # after a refusal of the database its words are looked up
                        self._kehu_take(step)
                        self.env.flush_all()
                except (AccessError, UserError, ValidationError, ValueError, psycopg2.IntegrityError) as error:
                    raise KehuConfigurationError(
                        self.env._(
                            "“%(record)s” of “%(model)s” was refused, so nothing was changed. %(reason)s",
                            record=step["told"]["record"],
                            model=step["told"]["model"],
                            reason=self._kehu_words_of(error),
                        )
                    ) from error
        return told

    @api.model
    def _kehu_words_of(self, error):
        """Return a refusal for people; that of the database without the row, which it would print whole."""
        if not isinstance(error, psycopg2.IntegrityError):
            return error
        models = (model for model in self.env.values() if model._table == error.diag.table_name and not model._abstract)
        return next(models, self.env["base"])._sql_error_to_message(error)

    @api.model
    def _kehu_check_rights(self):
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuConfigurationError(self.env._("Only a CRM administrator reads or sets the configuration as a file."))

    @api.model
    def _kehu_read(self, text):
        if not isinstance(text, str) or len(text) > LARGEST_FILE:
            raise KehuConfigurationError(self.env._("This is no configuration file: it is too large. Choose a file that the CRM exported."))
        try:
            content = json.loads(text) if "\\u0000" not in text else None
            json.dumps(content, ensure_ascii=False).encode()  # half a character is no text
            known = isinstance(content, dict) and content["format"]
            whole = isinstance(content["settings"], dict) and isinstance(content["records"], dict)
            whole = whole and all(isinstance(rows, list) and all(isinstance(r, dict) for r in rows) for rows in content["records"].values())
        except (ValueError, KeyError, TypeError, RecursionError):
            known = whole = False
        if not whole:
            raise KehuConfigurationError(
                self.env._("This is no configuration file, or it is damaged. Choose a file that the CRM exported.")
            )
        if known != FORMAT:
            raise KehuConfigurationError(
                self.env._(
                    "This file is of format %(found)s, this program reads format %(known)s. Update the older one.",
                    found=known,
                    known=FORMAT,
                )
            )
        return content

    @api.model
    def _kehu_plan(self, content, only=None):
        """Return what is to be done, model after model.

        :param str only: a model, or empty for the settings; by default everything
        """
        steps = []
        if not only:
            steps += self._kehu_plan_settings(content)
        ours = self._kehu_models()
        for name in ours if only is None else [only] if only else []:
            rows = content["records"].get(name, [])
            shipped = self._kehu_shipped(name, rows)
            for row in rows:
                steps.append(self._kehu_plan_record(name, row, shipped))
        if not only:
            for name in content["records"].keys() - set(ours):
                note = self.env._("This database has no such configuration. It is left out.")
                steps.append({"told": {"model": str(name)[:100], "record": "", "action": "ignored", "note": note}})
        return steps

    @api.model
    def _kehu_plan_settings(self, content):
        page = self.env["kehu.settings"].new({"company_id": self.env.company.id})
        values, notes = {}, []
        for name, told in content["settings"].items():
            if name not in self._kehu_settings_names():
                notes.append(self.env._("“%(name)s” is unknown here", name=str(name)[:60]))
                continue
            value = self._kehu_decode(page._fields[name], told, notes)
            if self._kehu_differs(page, name, value):
                values[name] = value
        currency = self.env.company.currency_id.name
        if content.get("currency", currency) != currency:
            notes.append(
                self.env._("amounts of the file are in %(file)s, those here in %(own)s", file=str(content["currency"])[:10], own=currency)
            )
        labels = [page._fields[name]._description_string(self.env) for name in values]
        told = {"model": self.env._("CRM Settings"), "record": self.env.company.name, "action": "update" if values else "same"}
        return [{"settings": values, "told": {**told, "note": "; ".join([*labels, *notes])}}]

    @api.model
    def _kehu_shipped(self, model_name, rows):
        """Return the records here that modules ship under the external ids of the file."""
        names = {row.get("external_id") for row in rows if isinstance(row.get("external_id"), str)}
        found = {}
        for name in names:
            # sudo: ir.model.data - names that modules give to the records they ship
            record = self.env.ref(name, raise_if_not_found=False) if "." in name else None
            if record and record._name == model_name and self._kehu_fits(record):
                found[name] = record
        return found

    @api.model
    def _kehu_plan_record(self, model_name, row, shipped):
        model = self.env[model_name].with_context(active_test=False)
        notes = []
        record = shipped.get(row.get("external_id")) if isinstance(row.get("external_id"), str) else None
        record = record or self._kehu_find(model_name, [row.get(part) for part in model._kehu_configuration])
        vals, words = self._kehu_decode_record(model, row, notes)
        missing = self._kehu_missing(model, record, vals, words)
        title = self._kehu_title(model, row, record)
        documents = self.env["ir.model"].sudo()  # sudo: ir.model - what the documents are called
        told = {
            "model": model._description and documents._get(model_name).name,
            "record": title,
        }
        if missing:
            return {"told": {**told, "action": "ignored", "note": "; ".join(notes) or self.env._("It is not complete.")}}
        if record:
            vals = {name: value for name, value in vals.items() if self._kehu_differs(record, name, value)}
            words = self._kehu_other_words(record, words)
        elif "company_id" in model._fields:
            vals["company_id"] = self.env.company.id if row.get("company") == OWN_COMPANY else False
        lines, line_words = self._kehu_plan_lines(model, record, row, notes)
        changed = [model._fields[name]._description_string(self.env) for name in dict.fromkeys([*vals, *words, *lines])]
        action = "create" if not record else "update" if changed else "same"
        note = "; ".join([*(changed if record else ()), *notes])
        return {
            "model": model,
            "record": record,
            "vals": {**vals, **lines},
            "words": words,
            "line_words": line_words,
            "told": {**told, "action": action, "note": note},
        }

    @api.model
    def _kehu_missing(self, model, record, vals, words, parent=None):
        """Return the names of required fields that would be empty."""
        needed = {name for name, field in model._fields.items() if field.required and name != parent and field.store and not field.compute}
        empty = {name for name in needed & vals.keys() if vals[name] in (False, None, "") and model._fields[name].type != "boolean"}
        if record:
            return empty
        return empty | {name for name in needed - vals.keys() - words.keys() if not model._fields[name].default}

    @api.model
    def _kehu_plan_lines(self, model, record, row, notes):
        """Return commands that make the lines of a record those of the file. Lines that differ are made anew, all of them in their order.

        Where a line cannot be made here, the lines that are here stay.

        :returns: the commands by field, and the translated texts of the lines, in their order, by field
        """
        commands, line_words = {}, {}
        for field in self._kehu_lines(model._name):
            told = row.get(field.name)
            if not isinstance(told, list) or not all(isinstance(line, dict) for line in told):
                continue
            line_model = model.env[field.comodel_name]
            lines = record[field.name] if record else line_model
            wanted, whole = [], True
            for number, line_row in enumerate(told, start=1):
                vals, words = self._kehu_decode_record(line_model, line_row, notes, field.inverse_name)
                if self._kehu_missing(line_model, None, vals, words, field.inverse_name):
                    label = field._description_string(self.env)
                    notes.append(self.env._("line %(number)s of “%(field)s” is left out", number=number, field=label))
                    whole = False
                else:
                    wanted.append((vals, words))
            same = len(lines) == len(wanted) and not any(
                self._kehu_other_words(line, words) or any(self._kehu_differs(line, name, value) for name, value in vals.items())
                for line, (vals, words) in zip(lines, wanted, strict=True)
            )
            if same or (lines and not whole):
                continue
            commands[field.name] = [Command.delete(line.id) for line in lines]
            commands[field.name] += [Command.create(vals | self._kehu_english(words)) for vals, words in wanted]
            line_words[field.name] = [words for _vals, words in wanted]
        return commands, line_words

    @api.model
    def _kehu_english(self, words):
        """Return one text of each translated field, to make a record with."""
        return {name: texts.get("en_US") or next(iter(texts.values())) for name, texts in words.items()}

    @api.model
    def _kehu_other_words(self, record, words):
        """Return the translated texts that differ from those of a record, by field and language."""
        other = {}
        for name, texts in words.items():
            differ = {code: text for code, text in texts.items() if (record.with_context(lang=code)[name] or "") != text}
            if differ:
                other[name] = differ
        return other

    @api.model
    def _kehu_decode_record(self, model, row, notes, parent=None):
        """Return the values of a record, and its translated texts by field and language."""
        vals, words = {}, {}
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for field in self._kehu_fields(model._name, parent):
            if field.name not in row:
                continue
            told = row[field.name]
            if field.translate and isinstance(told, dict):
                texts = {code: text for code, text in told.items() if code in installed and isinstance(text, str)}
                if texts:
                    words[field.name] = texts
                continue
            vals[field.name] = self._kehu_decode(field, told, notes)
        return vals, words

    @api.model
    def _kehu_decode(self, field, told, notes):
        if field.type == "many2one":
            found = self._kehu_find(field.comodel_name, told) if told else None
            if told and not found:
                notes.append(self._kehu_unknown(field, told))
            return found.id if found else False
        if field.type == "many2many":
            ids = []
            for one in told if isinstance(told, list) else []:
                found = self._kehu_find(field.comodel_name, one)
                if found:
                    ids.append(found.id)
                else:
                    notes.append(self._kehu_unknown(field, one))
            return [Command.set(ids)]
        if isinstance(told, (list, dict)) and field.type != "json":
            notes.append(self._kehu_unknown(field, told))
            return False
        return told

    @api.model
    def _kehu_unknown(self, field, told):
        text = " / ".join(str(part) for part in told) if isinstance(told, list) else str(told)
        return self.env._("%(field)s: “%(value)s” is not here and is left out", field=field._description_string(self.env), value=text[:100])

    @api.model
    def _kehu_find(self, model_name, told):
        """Return the record here that a file tells of, or None.

        Nobody finds by a file what they may not see: the search runs with their rights.
        """
        model = self.env[model_name].with_context(active_test=False) if model_name in self.env else None
        if model is None or told in (None, False, "", []):
            return None
        if model_name == "ir.model.fields":
            owner, _dot, name = told.rpartition(".") if isinstance(told, str) else ("", "", "")
            return self.env["ir.model.fields"].sudo()._get(owner, name) or None  # sudo: ir.model.fields - which fields there are
        if model_name == "ir.model":
            documents = self.env["ir.model"].sudo()  # sudo: ir.model - which models there are
            return documents._get(told) or None if isinstance(told, str) else None
        if isinstance(told, str) and "." in told and (model_name in BY_EXTERNAL_ID or model_name.startswith("kehu.")):
            record = self.env.ref(told, raise_if_not_found=False)
            if record and record._name == model_name and self._kehu_fits(record):
                return record
        if key := getattr(model, "_kehu_configuration", None):
            return self._kehu_find_by_key(model, key, told if isinstance(told, list) else [told])
        name = NAMES.get(model_name)
        if not name or model_name in BY_EXTERNAL_ID or not isinstance(told, str):
            return None
        return model.search([(name, "=", told)], limit=1, order="id") or None

    @api.model
    def _kehu_fits(self, record):
        """Tell whether a record is shared or of the company that is set up."""
        # sudo: any model - the company of the record only
        return "company_id" not in record._fields or record.sudo().company_id.id in (False, self.env.company.id)

    @api.model
    def _kehu_find_by_key(self, model, key, told):
        """Return the record of the company, else the shared one, whose key says the same in any language."""
        if len(told) != len(key):
            return None
        domain, words = Domain(getattr(model, "_kehu_configuration_domain", [])), {}
        for name, value in zip(key, told, strict=True):
            field = model._fields[name]
            if field.type == "many2one":
                linked = self._kehu_find(field.comodel_name, value)
                if value and not linked:
                    return None
                domain &= Domain(name, "=", linked.id if linked else False)
            elif field.translate:
                words[name] = [text for text in (value.values() if isinstance(value, dict) else [value]) if isinstance(text, str)]
            elif isinstance(value, (list, dict)):
                return None
            else:
                domain &= Domain(name, "=", value)
        if "company_id" in model._fields:
            domain &= Domain("company_id", "in", [False, self.env.company.id])
        languages = [code for code, _name in self.env["res.lang"].get_installed()] if words else [self.env.lang]
        for code in languages:
            said = Domain.AND([Domain(name, "in", texts) for name, texts in words.items()])
            found = model.with_context(lang=code).search(domain & said, limit=20)
            if found:
                return found.with_context(lang=self.env.lang).sorted(
                    lambda record: ("company_id" in record and not record.company_id, record.id)
                )[0]
        return None

    @api.model
    def _kehu_title(self, model, row, record):
        if record:
            return record.display_name
        parts = [row.get(part) for part in model._kehu_configuration]
        texts = [part.get(self.env.lang) or next(iter(part.values()), "") if isinstance(part, dict) else part for part in parts]
        return " / ".join(str(text) for text in texts if text)[:200]

    @api.model
    def _kehu_differs(self, record, name, value):
        field = record._fields[name]
        if field.type == "many2many":
            return set(value[0][2]) != set(record[name].ids)
        try:
            return field.convert_to_cache(value, record) != field.convert_to_cache(record[name], record)
        except (ValueError, TypeError, OverflowError):
            return True  # it is refused in words when it is written

    @api.model
    def _kehu_take(self, step):
        """Do one step of the plan with the rights of the person."""
        if "settings" in step:
            if step["settings"]:
                self.env["kehu.settings"].create({"company_id": self.env.company.id, **step["settings"]})
            return
        if step["told"]["action"] not in ("create", "update"):
            return
        model, vals, words = step["model"], dict(step["vals"]), step["words"]
        check_types(model, vals, KehuConfigurationError)
        record = step["record"]
        if record:
            if vals:
                record.with_context(active_test=False).write(vals)
        else:
            vals |= self._kehu_english(words)
            record = model.with_context(lang="en_US").create(vals)
        self._kehu_write_words(record, words)
        for name, texts in step["line_words"].items():
            record.invalidate_recordset([name])
            for line, line_words in zip(record[name], texts, strict=False):
                self._kehu_write_words(line, line_words)

    @api.model
    def _kehu_write_words(self, record, words):
        for name, texts in self._kehu_other_words(record, words).items():
            for code, text in texts.items():
                record.with_context(lang=code).write({name: text})
