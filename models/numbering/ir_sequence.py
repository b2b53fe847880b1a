import re

from odoo import api, models
from odoo.fields import Domain

from ...tools.number_patterns import LONGEST_PREFIX, MOST_DIGITS, date_parts, mistyped, plain_length, skeleton
from .exceptions import KehuNumberingError

# what a number must show so that none comes twice
NEEDED = {"year": {"year"}, "month": {"year", "month"}, "day": {"year", "month", "day"}}


class IrSequence(models.Model):
    """What number series of ours must keep, whichever screen or call changes them."""

    _inherit = "ir.sequence"

    def _kehu_zone(self):
        company = self.company_id or self.env.company
        return company.sudo().kehu_timezone or super()._kehu_zone()  # sudo: res.company - its time zone, nothing else

    @api.constrains("prefix", "suffix", "padding", "kehu_reset", "company_id", "code", "active")
    def _check_kehu_pattern(self):
        own = self.filtered("kehu_reset")
        codes = self.env["kehu.numbering"]._kehu_codes()
        # sudo: ir.sequence - whether two series would make the same numbers
        others = own and self.sudo().search(Domain("code", "in", list(codes)) & Domain("kehu_reset", "!=", False))
        for sequence in own:
            sequence._kehu_check_pattern()
            for other in others - sequence if sequence.active and sequence.code in codes else ():
                if other.code == sequence.code or (other.company_id and sequence.company_id and other.company_id != sequence.company_id):
                    continue
                if skeleton(other.prefix) == skeleton(sequence.prefix):
                    raise KehuNumberingError(
                        self.env._(
                            "Numbers that begin with “%(prefix)s” are those of another document: %(other)s. Give one of the two another "
                            "beginning, with other letters; figures and dates alone do not tell them apart.",
                            prefix=sequence._get_prefix_suffix()[0],
                            other=codes[other.code],
                        )
                    )

    def _kehu_check_pattern(self):
        """:raises KehuNumberingError: when people could not read its numbers, or one would come twice"""
        self.ensure_one()
        if not 0 < self.padding <= MOST_DIGITS:
            raise KehuNumberingError(
                self.env._(
                    "A number has 1 to %(most)s digits; %(digits)s is not possible. Type how many.", most=MOST_DIGITS, digits=self.padding
                )
            )
        for text in (self.prefix or "", self.suffix or ""):
            part = mistyped(text)
            if part:
                raise KehuNumberingError(
                    self.env._(
                        "“%(part)s” cannot stand in a number. Type plain text, and choose the date from the list. In the text only "
                        "%(year)s, %(month)s and %(day)s become those of the day.",
                        part=part,
                        year="%(year)s",
                        month="%(month)s",
                        day="%(day)s",
                    )
                )
            if plain_length(text) > LONGEST_PREFIX:
                raise KehuNumberingError(
                    self.env._(
                        "A number begins with at most %(most)s characters beside its date; “%(text)s” has %(count)s. Shorten it.",
                        most=LONGEST_PREFIX,
                        text=re.sub(r"\s+", " ", text)[:40],
                        count=plain_length(text),
                    )
                )
        missing = NEEDED.get(self.kehu_reset, set()) - date_parts((self.prefix or "") + (self.suffix or ""))
        if missing:
            raise KehuNumberingError(
                {
                    "year": self.env._(
                        "A number that starts again every year needs the year in it, or two documents would bear the same one."
                    ),
                    "month": self.env._("A number that starts again every month needs year and month in it. Choose such a date."),
                    "day": self.env._("A number that starts again every day needs year, month and day in it. Choose such a date."),
                }[self.kehu_reset]
            )
        self.get_next_char(1)  # the host's own check

    def _kehu_next_actual(self):
        """Return what this series draws next: today's counter, without opening one.

        :rtype: int
        """
        self.ensure_one()
        self._kehu_read_counters()
        if not self.use_date_range:
            return self.number_next_actual
        _sequence, day = self._kehu_on()
        period = self._kehu_range(day)
        if period:
            return period.number_next_actual
        return max(1, self.kehu_floor if self.kehu_floor_until and day <= self.kehu_floor_until else 1)

    def _kehu_read_counters(self):
        """Forget what was read of the counters: others draw meanwhile."""
        self.invalidate_recordset(["number_next", "number_next_actual", "date_range_ids"])
        self.env["ir.sequence.date_range"].invalidate_model(["number_next", "number_next_actual"])

    def _kehu_range(self, day):
        domain = [("sequence_id", "=", self.id), ("date_from", "<=", day), ("date_to", ">=", day)]
        return self.env["ir.sequence.date_range"].search(domain, limit=1)

    def _kehu_set_gaps(self, without):
        """Count without gaps, or with them; counting goes on where it stands, in every period."""
        implementation = "no_gap" if without else "standard"
        self._kehu_read_counters()
        if self.implementation == implementation:
            return
        stands = {period: period.number_next_actual for period in self.date_range_ids}
        self.write({"implementation": implementation, "number_next": self.number_next_actual})
        for period, number in stands.items():
            period.write({"number_next": number})

    def _kehu_set_reset(self, reset, vals):
        """Start again in other periods. In those that have begun, counting goes on above all numbers given so far.

        :param str reset: ``never``, ``year``, ``month`` or ``day``
        :param dict vals: what else changes, so that what the number must show is looked at with all of it
        """
        self._kehu_read_counters()
        _sequence, today = self._kehu_on()
        periods = self.date_range_ids
        until = max([today, *(period.date_to for period in periods if period.date_from > today)])
        top = max([1, self.kehu_floor, *periods.mapped("number_next_actual")]) if self.use_date_range else self.number_next_actual
        periods.unlink()
        values = {**vals, "kehu_reset": reset, "use_date_range": reset != "never", "kehu_floor": top, "kehu_floor_until": until}
        if reset == "never":
            values["number_next"] = top
        self.write(values)
