import hashlib

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.folding import fold_text
from ...tools.pool_clock import COPY_DAYS
from ..customer.exceptions import refuse_system_field
from .res_partner_clock import FALL_FIELDS

EFFECT_COLUMNS = ("content_key", "is_effective")


def content_key(content, result):
    """Return what two texts share when one is a copy of the other: case, width, script, spaces and punctuation do not count.

    :return: a digest, or False when the record tells nothing: no content, or no result

    >>> content_key("Asked for a quote.", "Wants 20") == content_key("  asked for a QUOTE", "Else")
    True
    >>> content_key("询价ＡＢ１２，等回复。", "20") == content_key("詢價 ab12 等回復", "20")
    True
    >>> content_key("Asked for a quote", " ")
    False
    >>> content_key("…", "ok")
    False
    """
    letters = fold_text(content)
    if not letters or not (result or "").strip():
        return False
    return hashlib.sha1(letters.encode()).hexdigest()


class KehuContactRecord(models.Model):
    """A contact record counts for the pool when it has a result, and a content that is no copy: the same text was not written for the
    customer in the year before, however it was spaced, punctuated or typed in between. See ``tools/pool_clock.py::effective``.
    """

    _inherit = "kehu.contact.record"

    content_key = fields.Char(compute="_compute_content_key", store=True, copy=False, export_string_translation=False)
    is_effective = fields.Boolean(
        string="Resets the Pool Clock",
        readonly=True,
        copy=False,
        help="It has a result, and a content that was not written for the same customer in the year before.",
    )
    effect_hint = fields.Char(compute="_compute_effect_hint")

    @api.depends("content", "result")
    def _compute_content_key(self):
        for record in self:
            record.content_key = content_key(record.content, record.result)

    @api.depends("content_key", "is_effective")
    def _compute_effect_hint(self):
        """Say why a saved record does not count, and what would make it count."""
        for record in self:
            record.effect_hint = False
            if record._origin and not record.is_effective:
                record.effect_hint = (
                    self.env._("Does not reset the pool clock: the same content was written for this customer in the year before.")
                    if record.content_key
                    else self.env._("Does not reset the pool clock: write what was said and what came out of it.")
                )

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

    @api.model
    def _kehu_refresh_effect(self, customer_ids):
        """Tell again which records of these customers count, and when the newest of them was. Three queries, however many they are.

        :param list customer_ids: ids of customers
        """
        if not customer_ids:
            return
        records = self.env["kehu.contact.record"]
        records.flush_model(["partner_id", "date", "content_key", "is_effective"])
        customers = self.env["res.partner"].browse(customer_ids)
        customers.flush_recordset(["kehu_effective_contact"])
        changed = self.env.execute_query(
            SQL(
                """UPDATE kehu_contact_record record
                      SET is_effective = told.effective
                     FROM (SELECT id, content_key IS NOT NULL AND COALESCE(date - lag(date)
                                  OVER (PARTITION BY partner_id, content_key ORDER BY date, id) > %s, TRUE) AS effective
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
