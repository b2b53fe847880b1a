"""What an import does with the rows of any model: find what exists, check, create and write with the rights of the person.

A model changes a part of it by overriding one of these methods; customers have their own check and save in ``res_partner.py``.
"""

import hashlib

from odoo import api, models
from odoo.fields import Domain
from psycopg2 import sql

from .words import as_path

# a row names its parent by a word that another row of the file will become
PARENT_WORD = "kehu_parent_word"
# who created a record and when, of templates that keep these
AUTHOR_FIELDS = dict.fromkeys(("create_uid", "create_date"))


def word_digests(word):
    """Return two numbers for a word that may be a path: of the whole and of its last part; case, blanks and sign between do not matter.

    >>> word_digests("A > b")[0] == word_digests("a/B")[0] and word_digests("A > b")[1] == word_digests(" B ")[0]
    True
    """
    path = as_path(word).lower()
    texts = (path, path.rpartition(" / ")[2])
    return [int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest(), signed=True) for text in texts]


class Base(models.AbstractModel):
    _inherit = "base"

    # ------------------------------------------------------------------------------------------------------------ finding by a word

    @api.model
    def _kehu_import_find(self, batch, domain, words):
        """Find records of this model that cells of a workbook name, for models that are found by more than their name.

        :param kehu.import.batch batch: the import
        :param Domain domain: which records may be meant
        :param set words: what stands in the cells
        :return: {word: records}; None where the name alone counts, as the database keeps it
        :rtype: dict or None
        """
        name = self._fields.get(self._rec_name)
        if name is None or not (name.store or name.inherited):
            return {word: self.search(domain & Domain("display_name", "=", word), limit=2) for word in words}
        return None

    @api.model
    def _kehu_import_records(self, batch, rows):
        """Find the records that rows of a workbook mean, by the key columns of the template.

        :return: {number of the row: records in superuser mode}, archived ones too
        :rtype: dict
        """
        names = [line.field_name for line in batch.template_id._kehu_keys() if "/" not in line.field_name]
        keys = {row.number: tuple(row.values.get(name) for name in names) for row in rows}
        keys = {number: key for number, key in keys.items() if key and all(part not in (None, "", False) for part in key)}
        if not keys:
            return {}
        domain = Domain.AND(Domain(name, "in", list({key[place] for key in keys.values()})) for place, name in enumerate(names))
        return self._kehu_import_match(batch, domain, names, keys)

    @api.model
    def _kehu_import_match(self, batch, domain, names, keys):
        """Return {number: records in superuser mode} whose fields ``names`` hold the key of that number.

        :param Domain domain: one that finds all of them
        :param dict keys: {number of a row: tuple of values}
        """
        # sudo: the model of the import - a key is taken even when its record is not visible to the person who imports
        model = self.sudo().with_context(active_test=False)
        if "company_id" in self._fields:
            domain &= Domain("company_id", "in", [batch.company_id.id, False])
        by_key = {}
        for record in model.search_fetch(domain, names):
            key = tuple(self._kehu_import_key_part(record, name) for name in names)
            by_key[key] = by_key.get(key, model) | record
        found = {number: by_key.get(tuple(self._kehu_import_key_text(part) for part in key)) for number, key in keys.items()}
        return {number: records for number, records in found.items() if records}

    @api.model
    def _kehu_import_key_part(self, record, name):
        field = record._fields[name]
        value = field.convert_to_write(record[name], record)
        return self._kehu_import_key_text(field.to_string(value) if field.type in ("date", "datetime") and value else value)

    @api.model
    def _kehu_import_key_text(self, part):
        return part.strip() if isinstance(part, str) else part

    # --------------------------------------------------------------------------------------------------------------------- checking

    def _kehu_import_check(self, batch, rows):
        """Note what is wrong with these rows, and which records they update. Writes nothing.

        :param ImportRows rows: of a kehu.import.batch; problems are added to them
        """
        self._kehu_import_take_parents(batch, rows)
        existing = self._kehu_import_records(batch, rows)
        found = self.browse({record.id for records in existing.values() for record in records})
        readable = set(found._filtered_access("read").ids) if found else set()
        writable = set(found._filtered_access("write").ids) if found else set()
        may_create = self.has_access("create")
        closed = self._kehu_import_closed_fields(batch)
        seen = rows.seen.setdefault("keys", {})
        names = [line.field_name for line in batch.template_id._kehu_keys()]
        for row in rows:
            for name in closed & row.values.keys():
                row.refuse(
                    self.env._(
                        "You may not fill “%(field)s”. Leave the column out, or ask an administrator for the right.",
                        field=self._fields[name]._description_string(self.env),
                    ),
                    field=name,
                    kind="right",
                )
            key = tuple(row.values.get(name) for name in names)
            if key and all(part not in (None, "", False) for part in key) and seen.setdefault(key, row.number) != row.number:
                row.refuse(
                    self.env._("Row %(row)s of this workbook has the same key. Keep one of the two rows.", row=seen[key]),
                    value=str(row.values.get(names[0])),
                    field=names[0],
                    kind="repeated",
                )
                continue
            self._kehu_import_judge(batch, row, existing.get(row.number), readable, writable, may_create, names)
            if not row.record and not row.problems and not row.skipped:
                self._kehu_import_check_complete(row)
        self._kehu_import_check_author(rows)

    def _kehu_import_judge(self, batch, row, records, readable, writable, may_create, names):
        """Decide whether a row creates, updates or is left out, or refuse it."""
        word = next((str(row.values[name]) for name in (*names, self._rec_name) if name and row.values.get(name)), "")
        twice = batch.template_id.duplicate_mode if "duplicate_mode" in batch.template_id._fields else "refuse"
        if records and batch.mode == "create" and twice == "create":
            records = None
        if not records:
            if batch.mode == "update":
                row.refuse(
                    self.env._("There is no such record to update. Correct the key, or choose to create new records too."),
                    value=word,
                    field=names[0] if names else "",
                    kind="unknown",
                )
            elif not may_create:
                named = self.env["ir.model"]._get(self._name).name  # in the language of the person
                row.refuse(
                    self.env._("You may not create “%(model)s”. Ask an administrator for the right.", model=named),
                    value=word,
                    kind="right",
                )
            return
        if len(records) > 1:
            row.refuse(
                self.env._("%(count)s records have this key. Give them different ones first.", count=len(records)),
                value=word,
                kind="known",
            )
        elif records.id not in readable:
            row.refuse(
                self.env._("This key belongs to a record that you may not see. Remove the row, or ask an administrator."),
                value=word,
                kind="right",
            )
        elif twice == "skip":
            row.skipped = self.env._("“%(name)s” exists already.", name=records.display_name)
        elif batch.mode == "create":
            row.refuse(
                self.env._("“%(name)s” exists already. Remove the row, or choose to update existing records.", name=records.display_name),
                value=word,
                kind="known",
            )
        elif records.id not in writable:
            row.refuse(
                self.env._("You may not change “%(name)s”. Remove the row, or ask an administrator.", name=records.display_name),
                value=word,
                kind="right",
            )
        elif row.contact:
            row.refuse(
                self.env._("“%(name)s” exists already, and an import adds no lines to it. Empty these cells.", name=records.display_name),
                value=word,
            )
        else:
            row.record = self.browse(records.id)

    @api.model
    def _kehu_import_closed_fields(self, batch):
        """Return the names of the template's fields that the person may not write."""
        names = {line.field_name for line in batch.template_id.field_ids if "/" not in line.field_name}
        return {name for name in names if name in self._fields and not self._has_field_access(self._fields[name], "write")}

    def _kehu_import_check_author(self, rows):
        """Who created a record, and when, only sales directors take from a file."""
        if self.env.su or self.env.user.has_group("kehu_crm.group_kehu_director"):
            return
        for row in rows:
            if row.values.keys() & AUTHOR_FIELDS.keys():
                row.refuse(
                    self.env._("Author and date of creation are taken from a file for sales directors only. Ask one of them to import it."),
                    kind="right",
                )

    @api.model
    def _kehu_import_check_complete(self, row):
        """Refuse a new record without a name; what else a model cannot do without, many of them fill by themselves when it is saved."""
        name = self._fields.get(self._rec_name)
        if name is not None and name.required and name.store and not (name.compute or name.default) and name.name not in row.values:
            row.refuse(
                self.env._(
                    "“%(field)s” is missing. Add a column for it to the template, or fill it in.",
                    field=name._description_string(self.env),
                ),
                field=name.name,
                kind="required",
            )

    # ------------------------------------------------------------------------------------------------------- parents in the same file

    @api.model
    def _kehu_import_words_of(self, row):
        """Return the words by which other rows of the file may name the record of this row as their parent.

        :rtype: list[str]
        """
        return [row.values[name] for name in self._kehu_import_word_fields() if isinstance(row.values.get(name), str)]

    @api.model
    def _kehu_import_digests_of(self, row):
        """Return :meth:`_kehu_import_words_of` as numbers, of one size however long the words are."""
        return [word_digests(word)[0] for word in self._kehu_import_words_of(row)]

    @api.model
    def _kehu_import_parent_line(self, batch):
        """Return the column of the template that names the record above, of the same model; none for most templates."""
        field = self._fields.get(self._parent_name)
        if field is None or field.comodel_name != self._name:
            return batch.template_id.field_ids.browse()
        return batch.template_id.field_ids.filtered(lambda line: line.field_name == self._parent_name)[:1]

    @api.model
    def _kehu_import_word_fields(self):
        """Return the names of the fields by whose values other rows may name a record as their parent.

        :rtype: set[str]
        """
        return {self._rec_name, "name", "kehu_code"}

    def _kehu_import_take_parents(self, batch, rows):
        """A parent that is not known yet, but stands in the same file, is no problem: its row is imported first."""
        line = self._kehu_import_parent_line(batch)
        if not line:
            return
        known = rows.seen.setdefault("parents", set())
        for row in rows:
            row.named = {"k": self._kehu_import_digests_of(row)}
            known.update(row.named["k"])
        for row in rows:
            for problem in list(row.problems):
                if problem.kind != "unknown" or problem.column != line.title:
                    continue
                ways = word_digests(problem.value)
                if known.intersection(ways):
                    row.problems.remove(problem)
                    row.values[PARENT_WORD] = problem.value
                    row.named["u"] = ways

    # ----------------------------------------------------------------------------------------------------------------------- saving

    def _kehu_import_save(self, batch, rows):
        """Create or update the records of these rows with the rights of the person who imports.

        :raises UserError: when a rule refuses one of them; nothing is kept then, as the caller holds a savepoint
        """
        by_depth = {}
        for row in rows:
            by_depth.setdefault(row.depth, []).append(row)
        for _depth, level in sorted(by_depth.items()):  # those above come into being first
            self._kehu_import_find_parents(batch, level)
            for row in level:
                if PARENT_WORD in row.values:
                    row.refuse(
                        self.env._(
                            "“%(value)s” does not exist yet, and no earlier row could make it. Import its row first.",
                            value=row.values[PARENT_WORD],
                        ),
                        value=row.values[PARENT_WORD],
                        field=self._parent_name,
                        kind="unknown",
                    )
            self._kehu_import_save_ready(batch, [row for row in level if PARENT_WORD not in row.values])

    def _kehu_import_find_parents(self, batch, rows):
        waiting = [row for row in rows if PARENT_WORD in row.values]
        if waiting:
            field = self._fields[self._parent_name]
            found = batch._kehu_find_by_name(field, {row.values[PARENT_WORD] for row in waiting})
            for row in waiting:
                parents = found.get(row.values[PARENT_WORD])
                if parents and len(parents) == 1:
                    row.values[self._parent_name] = parents.id
                    del row.values[PARENT_WORD]

    def _kehu_import_save_ready(self, batch, rows):
        """Create or update the records of rows whose links all exist."""
        model = self._kehu_import_env(batch)
        new = [row for row in rows if not row.record]
        updates = [row for row in rows if row.record]
        records = model.with_context(tracking_disable=True).create([self._kehu_import_values(batch, row) for row in new])
        for row, record in zip(new, records, strict=True):
            row.record = self.browse(record.id)
        existing = model.browse(row.record.id for row in updates)
        for row, record in zip(updates, existing, strict=True):
            record._kehu_import_write(row, {name: value for name, value in row.values.items() if name not in AUTHOR_FIELDS})
        self._kehu_import_keep_author(new)
        self._kehu_import_save_contacts(batch, [row for row in new if row.contact])

    def _kehu_import_keep_author(self, rows):
        """New records bear who created them and when, where the file says so."""
        stamped = [
            (row.record.id, *(row.values.get(name) or None for name in AUTHOR_FIELDS))
            for row in rows
            if row.values.keys() & AUTHOR_FIELDS.keys()
        ]
        if not stamped:
            return
        self.env.flush_all()
        query = sql.SQL(
            """
            UPDATE {} p SET create_uid = COALESCE(v.create_uid, p.create_uid), create_date = COALESCE(v.create_date, p.create_date)
              FROM (VALUES %s) AS v (id, create_uid, create_date)
             WHERE p.id = v.id
            """
        ).format(sql.Identifier(self._table))
        self.env.cr.execute_values(
            query,
            stamped,
            template="(%s, %s::int, %s::timestamp)",
            page_size=1000,
        )
        self.browse(row.record.id for row in rows).invalidate_recordset(list(AUTHOR_FIELDS), flush=False)

    @api.model
    def _kehu_import_values(self, batch, row):
        """Return the values of a new record."""
        company = {"company_id": batch.company_id.id} if self._fields.get("company_id") and self._fields["company_id"].required else {}
        return {**company, **{name: value for name, value in row.values.items() if name not in AUTHOR_FIELDS}}

    def _kehu_import_check_contacts(self, batch, rows):
        """Note what is wrong with rows that bring a further line to a record that is there, as ``record``. Writes nothing."""

    def _kehu_import_save_contacts(self, batch, rows):
        """Create the line of each of these rows below its ``record``, and note it as ``contact_record``."""
        line = batch.template_id.field_ids.filtered(lambda line: "/" in line.field_name)[:1]
        if rows and line:
            field = self._fields[line.field_name.partition("/")[0]]
            lines = self.env[field.comodel_name].with_env(self._kehu_import_env(batch).env)
            created = lines.create([{field.inverse_name: row.record.id, **row.contact} for row in rows])
            for row, record in zip(rows, created, strict=True):
                row.contact_record = record

    def _kehu_import_env(self, batch):
        return self.with_company(batch.company_id).with_context(mail_create_nosubscribe=True, mail_create_nolog=True)

    def _kehu_import_write(self, row, values, contact=False):
        """Write what differs from this one record; a workbook that comes again mostly repeats itself."""
        self.ensure_one()
        values = {name: self._kehu_import_with_hidden(name, value) for name, value in values.items()}
        values = {name: value for name, value in values.items() if not self._kehu_import_same(name, value)}
        if values:
            row.remember(self, values, contact=contact)
            self.write(values)

    def _kehu_import_with_hidden(self, name, value):
        """Return a value to write; links to many keep those that the person does not see, who cannot mean to take them away."""
        field = self._fields[name]
        if field.type != "many2many" or not value or value[0][0] != 6:
            return value
        # sudo: the model of the import - links only, to leave them as they are
        everything = self.sudo().with_context(active_test=False)[name]
        if not everything:
            return value
        seen = (
            everything.sudo(False)
            .with_context(active_test=True)
            ._filtered_access("read")
            .filtered(lambda link: link._active_name is None or link[link._active_name])
        )
        return [(6, 0, list(dict.fromkeys([*value[0][2], *(everything - seen).ids])))]

    def _kehu_import_restore(self, values):
        """Write what this record held before an import, with the rights of who undoes it.

        :param dict values: {field: value before}
        :raises UserError: when a rule refuses it; the row is kept then
        """
        self.ensure_one()
        self.write(values)

    def _kehu_import_same(self, name, value):
        """Tell whether this record has that value already, as the field keeps it."""
        field = self._fields[name]
        if field.type == "many2many" and value and value[0][0] == 6:
            # sudo: the model of the import - hidden links are compared too, as the value has them
            return set(self.sudo().with_context(active_test=False)[name].ids) == set(value[0][2])
        kept = field.convert_to_record(field.convert_to_cache(value, self), self)
        return self[name] == kept or (not self[name] and not kept)
