from datetime import datetime

import pytz
from odoo import fields, models
from odoo.addons.base.models.ir_sequence import _create_sequence
from odoo.tools import SQL, date_utils

RESETS = [("never", "Never"), ("year", "Every Year"), ("month", "Every Month"), ("day", "Every Day")]


class IrSequence(models.Model):
    """Number series of ours count by the day of the company, start again when the administrator says so, and give many numbers at once.

    Nothing changes for a series without ``kehu_reset``. The numbers are drawn from the host's counters: the sequence of the database or,
    without gaps, the locked row; for a series that starts again, those of its date range.

    Whoever draws holds a shared lock on the series until the end of the transaction. Two who draw do not wait for each other; the series is
    not changed meanwhile, and whoever has looked at it before a change begins anew.
    """

    _inherit = "ir.sequence"

    kehu_reset = fields.Selection(
        RESETS, string="Starts Again", help="When the counter begins with 1 again. Empty: not a series of the CRM."
    )
    kehu_floor = fields.Integer(
        string="Counting Goes On At", help="First number in periods that had begun when the series was changed, so that none comes twice."
    )
    kehu_floor_until = fields.Date(string="Counting Goes On Until")

    def _next(self, sequence_date=None):
        if not self.kehu_reset:
            return super()._next(sequence_date=sequence_date)
        return self._kehu_draw(1, sequence_date)[0]

    def _kehu_draw(self, count, date=None):
        """Draw numbers; as many queries for one as for a thousand.

        :param int count: how many
        :param date: day, or moment, to which they belong; by default today where the company is
        :rtype: list[str]
        """
        if count < 1:
            return []
        if not self.kehu_reset:
            return [self.next_by_id(date) for _number in range(count)]
        sequence, day = self._kehu_on(date)
        counter = sequence._get_current_sequence(day)
        if counter != sequence:  # its number may name the year of the period
            sequence = sequence.with_context(ir_sequence_date_range=counter.date_from)
        # the database waits for a change that is under way, and lets this transaction begin anew after it
        held = SQL("SELECT id FROM ir_sequence WHERE id = %s FOR SHARE", self.id)
        if self.implementation == "standard":
            numbers = [
                number
                for (number,) in self.env.execute_query(
                    SQL(
                        "WITH held AS MATERIALIZED (%s) SELECT nextval(%s) FROM held, generate_series(1, %s)",
                        held,
                        sequence._kehu_counter_name(counter),
                        count,
                    )
                )
            ]
        else:
            if counter != sequence:
                self.env.execute_query(held)
            counter.flush_recordset(["number_next"])
            table, step = SQL.identifier(counter._table), self.number_increment
            [(first,)] = self.env.execute_query(SQL("SELECT number_next FROM %s WHERE id = %s FOR UPDATE NOWAIT", table, counter.id))
            self.env.cr.execute(SQL("UPDATE %s SET number_next = number_next + %s WHERE id = %s", table, count * step, counter.id))
            counter.invalidate_recordset(["number_next", "number_next_actual"])
            numbers = [first + place * step for place in range(count)]
        prefix, suffix = sequence._get_prefix_suffix()  # once for all, as they belong to one day
        return [f"{prefix}{number:0{self.padding}d}{suffix}" for number in numbers]

    def _kehu_zone(self):
        """Return the name of the time zone in which this series counts its days; rooms know better."""
        return self.env.tz.zone

    def _kehu_on(self, date=None):
        """Return this series, with the year, month and day that its numbers bear, and that day.

        :rtype: tuple
        """
        zone = pytz.timezone(self._kehu_zone())
        day = date or self.env.context.get("ir_sequence_date")
        if isinstance(day, str):
            day = fields.Datetime.to_datetime(day) if len(day) > 10 else fields.Date.to_date(day)
        if not day:
            day = fields.Datetime.now()
        if isinstance(day, datetime):
            day = (day if day.tzinfo else pytz.utc.localize(day)).astimezone(zone).date()
        return self.with_context(ir_sequence_date=fields.Date.to_string(day), tz=zone.zone), day

    def _kehu_counter_name(self, counter):
        return f"ir_sequence_{self.id:03}" if counter == self else f"ir_sequence_{self.id:03}_{counter.id:03}"

    def _create_date_range_seq(self, date):
        """Open the year, month or day in which the counter begins again. Of two who do so at once, the host tries the second again."""
        if self.kehu_reset not in ("year", "month", "day"):
            return super()._create_date_range_seq(date)
        ranges = self.env["ir.sequence.date_range"]
        day = fields.Date.to_date(date)
        first, last = date_utils.start_of(day, self.kehu_reset), date_utils.end_of(day, self.kehu_reset)
        number = max(1, self.kehu_floor if self.kehu_floor_until and first <= self.kehu_floor_until else 1)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ir_sequence_date_range
                       (sequence_id, date_from, date_to, number_next, create_uid, write_uid, create_date, write_date)
                VALUES (%(sequence)s, %(first)s, %(last)s, %(number)s, %(user)s, %(user)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                ON CONFLICT (sequence_id, date_from, date_to) DO NOTHING RETURNING id
                """,
                sequence=self.id,
                first=first,
                last=last,
                number=number,
                user=self.env.uid,
            )
        )
        made = ranges.browse(self.env.cr.fetchone()[0])
        if self.implementation == "standard":
            _create_sequence(self.env.cr, self._kehu_counter_name(made), self.number_increment, number)
        self.invalidate_recordset(["date_range_ids"])
        return made
