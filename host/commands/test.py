"""Run the tests: Python, browser tours in Chromium, Hoot units, and the checks of the add-on as a whole.

  ./kehu test                         everything
  ./kehu test pool                    one room: the folder tests/pool
  ./kehu test TestPoolClaim           one class
  ./kehu test TestPoolClaim.test_x    one method
  ./kehu test hoot                    the Hoot units of the browser
  ./kehu test host                    the unit tests of the host command itself

What failed is shown at the end; the exit status is 0 only when nothing failed. A browser test that fails is tried once more; one that
passes then is shown too. Logs are in .kehu/log.
"""
import contextlib
import io
import os
import unittest
from concurrent import futures

from .. import checks
from ..databases import Databases
from ..lock import hold
from ..odoo import Host, free_port
from ..paths import MODULE, REPO
from ..process import run as run_process
from ..process import scratch
from ..programs import BROWSER, PRINTER, ensure
from ..say import say, step
from ..selection import HOST_TESTS, select, shares
from ..testlog import RECORD, STARTING, Outcome, read_tests

SUMMARY = "run the tests: all, a room, a class or a method"
DATABASE = "kehu_test"


def add_arguments(parser):
    parser.add_argument("filter", nargs="*", help="room, class, Class.method or test file; several may be given")


def check(options):
    options.selection = select(options.filter)


def run(options):
    selection = options.selection
    outcome = Outcome()
    if selection.host:
        outcome += run_host(selection.host)
    if selection.tags or selection.checks:
        host = Host.ready("test")
        databases = Databases(host)
        with hold(host.home.root / "test.lock", "test"):
            if selection.browser:
                ensure(BROWSER, host.home)
            if selection.printer:
                ensure(PRINTER, host.home)
            if selection.checks:
                outcome += checks.run_all(databases)
            if selection.tags:
                outcome += run_odoo(databases, selection.tags)
    return report(outcome)


def run_host(patterns):
    """Run the host's own unit tests.

    :rtype: Outcome
    """
    outcome = Outcome()
    loader = unittest.TestLoader()
    loader.testNamePatterns = list(patterns)
    suite = loader.discover(str(HOST_TESTS), top_level_dir=str(REPO))
    with step("Testing the host command"):
        result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=2, resultclass=_Recorder).run(suite)
    outcome.passed += result.passed
    outcome.failed.update(result.problems)
    outcome.skipped.update({test.id(): reason for test, reason in result.skipped})
    return outcome


class _Recorder(unittest.TextTestResult):
    """Keeps names: unittest itself only counts what passed."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed, self.problems = [], {}

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed.append(test.id())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.problems[test.id()] = self._exc_info_to_string(err, test)

    def addError(self, test, err):
        super().addError(test, err)
        self.problems[test.id()] = self._exc_info_to_string(err, test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.problems.setdefault(test.id(), self._exc_info_to_string(err, test))


def run_odoo(databases, tags):
    """Run Odoo tests of the add-on, tours and Hoot units included, each run on a fresh copy of the plain template.

    All of them are run in two halves side by side where the machine has two cores; then, beside each other, tours and robots.

    :rtype: Outcome
    """
    if tags != f"/{MODULE}" or (os.cpu_count() or 1) < 2:
        with fresh_copy(databases) as copy:
            return run_share(databases.host, copy, tags, "Running the tests")
    outcome = Outcome()
    halves, browser = shares()
    outcome += run_side_by_side(databases, {
        f"_{number}": (half, f"Running half {number} of the tests") for number, half in enumerate(halves, start=1)
    })
    tours, robots = browser
    outcome += run_side_by_side(databases, {
        "_tours": (tours, "Running the tests in the browser"),
        "_robots": (robots, "Clicking everything in the browser"),
    })
    return outcome


def run_side_by_side(databases, parts):
    """Run several shares of the tests at the same time, each on its own copy of the plain template.

    :param dict parts: {end of the name of copy and log: (test tags, title)}
    :rtype: Outcome
    """
    outcome = Outcome()
    with contextlib.ExitStack() as stack, futures.ThreadPoolExecutor(len(parts)) as pool:
        copies = {name: stack.enter_context(fresh_copy(databases, name)) for name in parts}
        runs = [pool.submit(run_share, databases.host, copies[name], tags, title, name) for name, (tags, title) in parts.items()]
        for done in runs:
            outcome += done.result()
    return outcome


@contextlib.contextmanager
def fresh_copy(databases, name=""):
    """A copy of the plain template, gone at the end.

    :param str name: end of its name
    :return: its name
    """
    database = f"{DATABASE}{name}"
    template = databases.template("plain")
    databases.drop(database, force=True)
    databases.copy(template, database)
    # a test that leaves a transaction open fails those that wait for it, and does not stop the run for good
    databases.query(f"alter database \"{database}\" set lock_timeout = '120s'")
    try:
        yield database
    finally:
        databases.drop(database, force=True)


def run_share(host, database, tags, title, name=""):
    """Run some tests in one process.

    :param str tags: as Odoo's --test-tags has them
    :param str name: end of the name of the log
    :rtype: Outcome
    """
    log = host.home.log / f"tests{name}.log"
    log.unlink(missing_ok=True)
    count = 0
    with scratch() as folder, step(title) as current:
        def show(line):
            nonlocal count
            match = RECORD.match(line)
            if match and (started := STARTING.match(match["text"])):
                count += 1
                current.detail = f"{count}: {started['test']}"
        status, _ = run_process(
            host.command("-d", database, "-u", MODULE, f"--test-tags={tags}", "--stop-after-init", "--max-cron-threads=0",
                         f"--http-port={free_port()}", "--limit-time-real=0", "--limit-time-cpu=0"),
            log, title, env={**host.environment(), "OPENSSL_CONF": "/dev/null", "TMPDIR": folder,
                             "ODOO_TEST_FAILURE_RETRIES": "1"}, cwd=host.home.data,
            on_line=show, check=False)
    with open(log, encoding="utf-8", errors="replace") as stream:
        return read_tests(stream, status)


def report(outcome):
    """Tell what failed and what was skipped, and end with the count.

    :return: exit status
    """
    for name, text in outcome.failed.items():
        print(f"\nFAILED {name}")
        lines = text.rstrip().splitlines()
        for line in lines if len(lines) <= 60 else [*lines[:20], "  […]", *lines[-35:]]:
            print(f"    {line}")
    if outcome.failed:
        print("\nFailed:")
        for name in outcome.failed:
            print(f"  {name}")
    for name, text in outcome.repeated.items():
        print(f"\nPASSED AT THE SECOND ATTEMPT {name}")
        for line in text.rstrip().splitlines()[-35:]:
            print(f"    {line}")
    by_reason = {}
    for name, reason in outcome.skipped.items():
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        print(f"\nSkipped {len(names)}, because: {reason}")
        for name in names:
            print(f"  {name}")
    if not outcome.passed and not outcome.failed:
        say("No test ran.")
    print(f"\n{outcome.summary}", flush=True)
    return 1 if outcome.failed or not outcome.passed else 0
