import hashlib
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.folding import fold_text
from ...tools.pool_clock import COPY_DAYS
from ...tools.pool_copies import LEAST_LETTERS, LIKENESS, is_copy, letters, seen_text
from ..customer.exceptions import refuse_system_field
from .res_partner_clock import FALL_FIELDS

EFFECT_COLUMNS = ("content_key", "copy_key", "is_effective")
COMPARED = 200  # newest records of a customer that a new one is compared with


def content_key(content, result, least=LEAST_LETTERS, likeness=LIKENESS):
    """Return what two texts share when one is a copy of the other: case, width, script, blanks and punctuation do not count.

    :param int least: letters that a content needs
    :param int likeness: other than 0, figures do not count either
    :return: a digest, or False when the record tells nothing: no content, too little of it, or no result

    >>> content_key("Asked for a quote.", "Wants 20") == content_key("  asked for a QUOTE", "Else")
    True
    >>> content_key("询价ＡＢ１２，等回复。", "20", likeness=92) == content_key("詢價 ab 等回復 4/1", "20", likeness=92)
    True
    >>> content_key("Visit 1", "20") == content_key("Visit 2", "20")
    False
    >>> content_key("Asked for a quote", " "), content_key("Asked for a quote", "…")
    (False, False)
    >>> content_key("Asked for a quote", "<p></p>\\u3164")
    False
    >>> content_key("…", "ok"), content_key("x 12", "ok"), content_key("12345", "ok")
    (False, False, False)
    """
    told = letters(content)
    if len(told) < max(least, 1) or not seen_text(result):
        return False
    return hashlib.sha1((told if likeness else fold_text(content)).encode()).hexdigest()


class KehuContactRecord(models.Model):
    """A contact record counts for the pool when it has a result, and a content that is no copy: neither the same text nor one much like
    it was written for the customer in the year before, however it was numbered, dated, spaced or typed in between. See
    ``tools/pool_clock.py::effective`` and ``tools/pool_copies.py``.
    """

    _inherit = "kehu.contact.record"

    content_key = fields.Char(compute="_compute_content_key", store=True, copy=False, export_string_translation=False)
    # the key of the record that this one is much like; empty: its own
    copy_key = fields.Char(readonly=True, copy=False, export_string_translation=False)
    is_effective = fields.Boolean(
        string="Resets the Pool Clock",
        readonly=True,
        copy=False,
        help="It has a result, and a content that was not written for the same customer in the year before.",
    )
    effect_hint = fields.Char(compute="_compute_effect_hint")

    @api.depends("content", "result")
    def _compute_content_key(self):
        rules = self._kehu_copy_rules()
        for record in self:
            record.content_key = content_key(record.content, record.result, *rules[record])

    def _kehu_copy_rules(self):
        """Return how many letters the content of each of these records needs, and how much alike copies are.

        :return: {record: (number of letters, percent)}
        """
        # sudo: res.company, res.partner - the numbers of the customer's company hold whoever writes
        main = self.env["res.company"].sudo()._kehu_main()
        companies = {record: record.sudo().partner_id.company_id or main for record in self}  # sudo: see above
        return {record: (company.kehu_least_letters, company.kehu_copy_likeness) for record, company in companies.items()}

    @api.depends("content_key", "is_effective")
    def _compute_effect_hint(self):
        """Say why a saved record does not count, and what would make it count."""
        rules = self._kehu_copy_rules()
        for record in self:
            record.effect_hint = False
            if not record._origin or record.is_effective:
                continue
            if record.content_key and rules[record][1]:
                record.effect_hint = self.env._(
                    "Does not reset the pool clock: the same content, or one much like it, was written for this customer in the year "
                    "before."
                )
            elif record.content_key:
                record.effect_hint = self.env._(
                    "Does not reset the pool clock: the same content was written for this customer in the year before."
                )
            elif letters(record.content) and seen_text(record.result):
                record.effect_hint = self.env._(
                    "Does not reset the pool clock: the content has fewer than %(count)s letters. Write what was said.",
                    count=rules[record][0],
                )
            else:
                record.effect_hint = self.env._("Does not reset the pool clock: write what was said and what came out of it.")

    @api.model
    def default_get(self, fields):
        return {name: value for name, value in super().default_get(fields).items() if name not in EFFECT_COLUMNS}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for name in EFFECT_COLUMNS:
                if vals.get(name):
                    refuse_system_field(self, name)
        records = super().create([{name: value for name, value in vals.items() if name not in EFFECT_COLUMNS} for vals in vals_list])
        records._kehu_tell_copies()
        records._kehu_refresh_effect(records.sudo().partner_id.ids)  # sudo: res.partner - ids only
        return records

    def write(self, vals):
        for name in EFFECT_COLUMNS:
            if name in vals:
                refuse_system_field(self, name)
        moving = vals.keys() & {"content", "result", "date", "partner_id"}
        # sudo: res.partner - the day that the clock stands on, to compare only
        before = {customer: customer.kehu_effective_contact for customer in self.sudo().partner_id} if moving else {}
        result = super().write(vals)
        if moving:
            customers = self.sudo().partner_id  # sudo: res.partner - see above
            self._kehu_tell_copies()
            self._kehu_refresh_effect(customers.ids)
            # an author who does not look after the customer any more goes on writing, but does not move its clock
            moved = customers.filtered(lambda customer: customer.kehu_effective_contact != before.get(customer))
            self._kehu_check_customers(moved.with_env(self.env))
        return result

    def unlink(self):
        customer_ids = self.sudo().partner_id.ids  # sudo: res.partner - ids only
        result = super().unlink()
        self._kehu_refresh_effect(customer_ids)
        return result

    def _kehu_tell_copies(self):
        """Tell of each of these records which other one of its customer it is much like, within a year. One query to read, one to write."""
        self.flush_recordset(["partner_id", "date", "content", "content_key", "copy_key"])
        # sudo: kehu.contact.record - records of all authors
        records = self.sudo().sorted(lambda record: (record.date, record.id))
        rules = records._kehu_copy_rules()
        told = records.filtered(lambda record: record.content_key and rules[record][1])
        known = told._kehu_known_texts()
        keys = {record.id: False for record in records if record.copy_key}
        for record in told:
            text, others = letters(record.content), known[record.partner_id.id]
            near = [(other, key) for day, other, key in others if abs((record.date - day).days) <= COPY_DAYS]
            key = next((key for other, key in near if other == text), None)
            key = key or next((key for other, key in near if is_copy(text, other, rules[record][1])), record.content_key)
            others.append((record.date, text, key))
            if (record.copy_key or record.content_key) != key:
                keys[record.id] = key
            elif record.copy_key:
                keys.pop(record.id)
        if keys:
            self.env.cr.execute(
                SQL(
                    "UPDATE kehu_contact_record record SET copy_key = told.key FROM unnest(%s::int[], %s::text[]) AS told(id, key) "
                    "WHERE record.id = told.id",
                    list(keys),
                    [key or None for key in keys.values()],
                )
            )
            self.browse(keys).invalidate_recordset(["copy_key"], flush=False)

    def _kehu_known_texts(self):
        """Return what else was written for the customers of these records around their days, the newest first.

        :return: {customer id: list of (day, letters, key)}
        """
        known = defaultdict(list)
        if self:
            days = self.mapped("date")
            rows = self.env.execute_query(
                SQL(
                    """SELECT partner_id, date, content, key
                         FROM (SELECT partner_id, date, id, content, COALESCE(copy_key, content_key) AS key,
                                      row_number() OVER (PARTITION BY partner_id ORDER BY date DESC, id DESC) AS place
                                 FROM kehu_contact_record
                                WHERE partner_id IN %s AND date BETWEEN %s AND %s AND content_key IS NOT NULL AND id NOT IN %s) other
                        WHERE place <= %s ORDER BY partner_id, date DESC, id DESC""",
                    tuple(self.partner_id.ids),
                    min(days) - timedelta(days=COPY_DAYS),
                    max(days) + timedelta(days=COPY_DAYS),
                    tuple(self.ids),
                    COMPARED,
                )
            )
            for partner_id, day, content, key in rows:
                known[partner_id].append((day, letters(content), key))
        return known

    @api.model
    def _kehu_refresh_effect(self, customer_ids):
        """Tell again which records of these customers count, and when the newest of them was. Three queries, however many they are.

        :param list customer_ids: ids of customers
        """
        if not customer_ids:
            return
        records = self.env["kehu.contact.record"]
        records.flush_model(["partner_id", "date", "content_key", "copy_key", "is_effective"])
        customers = self.env["res.partner"].browse(customer_ids)
        customers.flush_recordset(["kehu_effective_contact"])
        changed = self.env.execute_query(
            SQL(
                """UPDATE kehu_contact_record record
                      SET is_effective = told.effective
                     FROM (SELECT id, content_key IS NOT NULL AND COALESCE(date - lag(date)
                                  OVER (PARTITION BY partner_id, COALESCE(copy_key, content_key) ORDER BY date, id) > %s, TRUE) AS effective
                             FROM kehu_contact_record WHERE partner_id IN %s) told
                    WHERE told.id = record.id AND record.is_effective IS DISTINCT FROM told.effective
                RETURNING record.id""",
                COPY_DAYS,
                tuple(customer_ids),
            )
        )
        moved = self.env.execute_query(
            SQL(
                """UPDATE res_partner customer
                      SET kehu_effective_contact = newest.day
                     FROM (SELECT given.id, (SELECT max(record.date) FROM kehu_contact_record record
                                              WHERE record.partner_id = given.id AND record.is_effective) AS day
                             FROM unnest(%s) AS given(id)) newest
                    WHERE newest.id = customer.id AND customer.kehu_effective_contact IS DISTINCT FROM newest.day
                RETURNING customer.id""",
                list(customer_ids),
            )
        )
        records.browse(row[0] for row in changed).invalidate_recordset(["is_effective", "effect_hint"])
        customers.browse(row[0] for row in moved).invalidate_recordset(["kehu_effective_contact", *FALL_FIELDS])
