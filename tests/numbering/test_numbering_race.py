"""Two people who draw numbers at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

CODE = "kehu.approval.request"
KEPT = ("prefix", "padding", "implementation", "kehu_reset", "use_date_range", "kehu_floor", "kehu_floor_until")


@tagged("post_install", "-at_install")
class TestNumberingRace(BaseCase):
    """Works on committed rows, and puts them back afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            _row, sequence = self._row(cr)
            self.kept = {name: sequence[name] for name in KEPT}
            self.next = sequence._kehu_next_actual()
            self.assertFalse(sequence.use_date_range)
        self.addCleanup(self._put_back)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def _row(self, cr):
        env = self._env(cr)
        row = env["kehu.numbering"].search([("document", "=", "request"), ("company_id", "=", env.company.id)])
        return row, row._kehu_sequences()[row]

    def _put_back(self):
        with self.registry.cursor() as cr:
            _row, sequence = self._row(cr)
            sequence.date_range_ids.unlink()
            if sequence.implementation != self.kept["implementation"]:
                sequence.write({"implementation": self.kept["implementation"]})
            sequence.write({**self.kept, "number_next": self.next})

    def _set(self, **vals):
        with self.registry.cursor() as cr:
            self._row(cr)[0].write({"prefix": "RQ", "date_part": "year_month_day", "digits": 6, **vals})

    def _draw(self, cr, count=1):
        env = self._env(cr)
        return env["kehu.numbering"]._kehu_next_numbers("request", [(env.company.id, None)] * count)

    def test_with_gaps_nobody_waits(self):
        self._set(no_gap=False)
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            second.execute("SET LOCAL lock_timeout = '3s'")
            numbers = self._draw(first, 3) + self._draw(second, 3) + self._draw(first, 2) + self._draw(second, 2)
            self.assertEqual(len(set(numbers)), 10)
            first.rollback()
            number = self._draw(second)[0]
            self.assertNotIn(number, numbers)

    @mute_logger("odoo.sql_db")
    def test_without_gaps_the_second_is_tried_again(self):
        self._set(no_gap=True)
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            second.execute("SELECT 1")
            [number] = self._draw(first)
            with self.assertRaises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                self._draw(second)
            second.rollback()
            first.rollback()  # not saved after all
            self.assertEqual(self._draw(second), [number])

    @mute_logger("odoo.sql_db")
    def test_the_first_two_of_a_day(self):
        """Both open the day. Who comes second is tried again, and no number comes twice."""
        for no_gap in (False, True):
            with self.subTest(no_gap=no_gap):
                self._set(no_gap=no_gap, reset="day")
                with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
                    self._env(second).company.name  # noqa: B018 - looked before the first one saved
                    numbers = self._draw(first)
                    second.execute("SET LOCAL lock_timeout = '1s'")
                    with self.assertRaises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                        self._draw(second)
                    second.rollback()
                    first.commit()
                    numbers += self._draw(second)
                    second.commit()
                self.assertEqual(len(set(numbers)), 2)
                self._set(reset="never")

    @mute_logger("odoo.sql_db")
    def test_the_day_was_opened_meanwhile(self):
        self._set(no_gap=False, reset="day")
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._env(second).company.name  # noqa: B018 - its picture of the database is older
            numbers = self._draw(first)
            first.commit()
            with self.assertRaises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                self._draw(second)
            second.rollback()
            self.assertNotEqual(self._draw(second), numbers)

    @mute_logger("odoo.sql_db")
    def test_the_series_changes_meanwhile(self):
        """An administrator changes the series while others draw: nobody draws by the old rule after that."""
        self._set(no_gap=False)
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            numbers = self._draw(first)
            row, _sequence = self._row(second)
            with self.assertRaisesRegex(Exception, "at this very moment|numbered"):
                row.write({"reset": "month"})
            second.rollback()
            first.commit()
            self._env(first).company.name  # noqa: B018 - its picture is from before the change
            row, _sequence = self._row(second)
            row.write({"reset": "month"})
            second.commit()
            with self.assertRaises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                self._draw(first)
            first.rollback()
            self.assertNotIn(self._draw(first)[0], numbers)
