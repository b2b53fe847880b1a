"""The figures of `./kehu test` come from Odoo's log; here are such logs with known figures."""
import contextlib
import io
import unittest

from host.commands.test import report
from host.testlog import Outcome, problems, read_tests

STAMP = "2026-01-01 00:00:00,000 1 {} db odoo.addons.kehu_crm.tests.pool.test_pool_claim: {}\n"


def log(*rows):
    """:return: lines of a log with these records"""
    return "".join(STAMP.format(level, text) for level, text in rows).splitlines(keepends=True)


class TestReadTests(unittest.TestCase):

    def test_counts_each_test_once(self):
        outcome = read_tests(log(
            ("INFO", "Starting TestPool.test_a ... "),
            ("INFO", "Starting TestPool.test_b ... "),
            ("ERROR", "FAIL: Subtest TestPool.test_b (case=1)\nTraceback\nAssertionError: 1"),
            ("ERROR", "FAIL: Subtest TestPool.test_b (case=2)\nTraceback\nAssertionError: 2"),
            ("INFO", "Starting TestPool.test_c ... "),
            ("ERROR", "ERROR: TestPool.test_c\nTraceback\nValueError"),
            ("INFO", "Starting TestTour.test_d ... "),
            ("INFO", "skipped TestTour.test_d : Chrome executable not found"),
            ("ERROR", "2 failed, 1 error(s) of 4 tests when loading database 'db'")), status=1)
        self.assertEqual(outcome.passed, ["TestPool.test_a"])
        self.assertEqual(set(outcome.failed), {"TestPool.test_b", "TestPool.test_c"})
        self.assertEqual(outcome.skipped, {"TestTour.test_d": "Chrome executable not found"})

    def test_second_attempts(self):
        """Odoo writes the level of a first attempt with an underscore."""
        outcome = read_tests(log(
            ("INFO", "Starting TestTours.test_a ... "),
            ("_ERROR", "FAIL: TestTours.test_a\n_Traceback_\nAssertionError: slow"),
            ("RUNBOT", "Retrying a failed test: TestTours.test_a"),
            ("INFO", "Starting TestTours.test_a ... "),
            ("INFO", "Starting TestTours.test_b ... "),
            ("_ERROR", "FAIL: TestTours.test_b\n_Traceback_\nAssertionError: wrong"),
            ("INFO", "Starting TestTours.test_b ... "),
            ("ERROR", "FAIL: TestTours.test_b\nTraceback\nAssertionError: wrong"),
            ("ERROR", "1 failed, 0 error(s) of 3 tests when loading database 'db'")), status=1)
        self.assertEqual(outcome.passed, ["TestTours.test_a"])
        self.assertEqual(list(outcome.failed), ["TestTours.test_b"])
        self.assertEqual(list(outcome.repeated), ["TestTours.test_a"])
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            report(outcome)
        self.assertIn("PASSED AT THE SECOND ATTEMPT TestTours.test_a", said.getvalue())
        self.assertIn("AssertionError: slow", said.getvalue())

    def test_set_up_of_a_class(self):
        outcome = read_tests(log(("ERROR", "ERROR: setUpClass (odoo.addons.kehu_crm.tests.x.TestX)\nTraceback"),
                                 ("ERROR", "0 failed, 1 error(s) of 0 tests")), status=1)
        self.assertEqual(list(outcome.failed), ["setUpClass (odoo.addons.kehu_crm.tests.x.TestX)"])

    def test_module_that_does_not_load(self):
        outcome = read_tests(log(("CRITICAL", "Failed to initialize database `db`.\nTraceback\nParseError")), status=255)
        self.assertEqual(list(outcome.failed), ["the test run itself"])
        self.assertIn("ParseError", outcome.failed["the test run itself"])

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual(read_tests(log(("INFO", "Modules loaded."))).failed, {"the test run itself": "No test ran."})

    def test_killed_in_the_middle(self):
        outcome = read_tests(log(("INFO", "Starting TestPool.test_a ... ")), status=-9)
        self.assertEqual(len(outcome.failed), 1)

    def test_hoot(self):
        outcome = read_tests(log(("INFO", "Starting TestHootUnits.test_units ... "),
                                 ("INFO", '[HOOT] Test "@kehu_crm/x/adds" passed (assertions: 6 / time: 965 ms)'),
                                 ("INFO", "[HOOT] Test '@kehu_crm/x/says \"no\"' passed (assertions: 1 / time: 5 ms)"),
                                 ("INFO", "[HOOT] Passed 2 tests (7 assertions, total time: 00:00:01)")))
        self.assertEqual((outcome.passed, outcome.failed),
                         (["TestHootUnits.test_units", "@kehu_crm/x/adds", '@kehu_crm/x/says "no"'], {}))

    def test_hoot_failure(self):
        outcome = read_tests(log(("INFO", "Starting TestHootUnits.test_units ... "),
                                 ("ERROR", '[HOOT] Test "@kehu_crm/x/adds" failed:\n\n- Expected: 1'),
                                 ("INFO", '[HOOT] Test "@kehu_crm/x/takes" passed (assertions: 1 / time: 5 ms)'),
                                 ("INFO", "[HOOT] Failed 1 tests (1 passed, total time: 00:00:01)"),
                                 ("ERROR", "Some tests failed: see above for details"),
                                 ("ERROR", "FAIL: TestHootUnits.test_units\nTraceback")), status=1)
        self.assertEqual((outcome.passed, list(outcome.failed)), (["@kehu_crm/x/takes"], ["@kehu_crm/x/adds", "TestHootUnits.test_units"]))
        self.assertIn("- Expected: 1", outcome.failed["@kehu_crm/x/adds"])

    def test_problems_of_a_log(self):
        rows = log(("INFO", "fine"), ("WARNING", "odd\nmore"), ("ERROR", "bad"), ("WARNING", "known"))
        self.assertEqual([text.rpartition(": ")[2] for text in problems(rows, ("known",))], ["odd\nmore", "bad"])


class TestReport(unittest.TestCase):

    def say(self, outcome):
        stream = io.StringIO()
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(io.StringIO()):
            status = report(outcome)
        return status, stream.getvalue().splitlines()

    def test_status_and_last_line(self):
        self.assertEqual(self.say(Outcome(["a"]))[0], 0)
        status, lines = self.say(Outcome(["a"], {"b": "why"}, {"c": "no browser"}))
        self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed"))
        self.assertIn("Skipped 1, because: no browser", lines)

    def test_nothing_ran_is_not_success(self):
        self.assertEqual(self.say(Outcome())[0], 1)
