"""Reading Odoo's log: which tests ran, what failed, what was skipped, what warned."""
import re
from dataclasses import dataclass, field

RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>_?[A-Z]+) (?P<db>\S+) (?P<logger>[\w.]+): (?P<text>.*)")
STARTING = re.compile(r"^Starting (?P<test>[\w.]+) \.\.\.\s*$")
PROBLEM = re.compile(r"^(?:FAIL|ERROR): (?:Subtest )?(?P<test>(?:setUp|tearDown)\w+ \(.+\)|\S+)")
SKIPPED = re.compile(r"^skipped (?P<test>[\w.]+) : (?P<reason>.*)$")
TOTAL = re.compile(r"(?P<failed>\d+) failed, (?P<errors>\d+) error\(s\) of (?P<run>\d+) tests")
HOOT = re.compile(r"^\[HOOT\] Test ([\"'])(?P<unit>.+)\1 (?P<result>passed|failed)\b")  # a unit of the browser


@dataclass
class Outcome:
    """What one or more runs gave; add them up with +=.

    `failed` maps the name of a test or check to the text that explains it, `skipped` to the reason, `repeated` the name of a browser test
    that passed at its second attempt to what was wrong with the first.
    """

    passed: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    skipped: dict = field(default_factory=dict)
    repeated: dict = field(default_factory=dict)

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed.update(other.failed)
        self.skipped.update(other.skipped)
        self.repeated.update(other.repeated)
        return self

    def check(self, name, problems):
        """Count one check of our own: failed when it has problems (a list of lines)."""
        if problems:
            self.failed[name] = "\n".join(problems)
        else:
            self.passed.append(name)

    @property
    def summary(self):
        return f"{len(self.passed)} passed, {len(self.failed)} failed"


def records(lines):
    """Group the lines of a log into records.

    :return: yields (level, logger, text); text holds the continuation lines too
    """
    current = None
    for line in lines:
        match = RECORD.match(line)
        if match:
            if current:
                yield current
            current = (match["level"], match["logger"], match["text"])
        elif current:
            current = (*current[:2], f"{current[2]}\n{line.rstrip()}")
    if current:
        yield current


def read_tests(lines, status=0):
    """Read a test run from its log; each Hoot unit in it is a test too.

    A test counts once however many of its subtests fail; a class that could not be set up counts as one failure.

    :param iterable lines: lines of the log
    :param int status: exit status of Odoo
    :rtype: Outcome
    """
    outcome = Outcome()
    started, totals, other_errors = [], [], []
    for level, logger, text in records(lines):
        head = text.split("\n", 1)[0]
        if match := STARTING.match(head):
            started.append(match["test"])
        elif match := SKIPPED.match(head):
            outcome.skipped[match["test"]] = match["reason"].strip()
        elif match := HOOT.match(head):
            if match["result"] == "passed":
                started.append(match["unit"])
            else:
                outcome.failed[match["unit"]] = text
        elif (match := PROBLEM.match(head)) and level == "ERROR":
            outcome.failed.setdefault(match["test"], text)
        elif match and level == "_ERROR":  # a first attempt, which Odoo repeats
            outcome.repeated.setdefault(match["test"], text)
        elif match := TOTAL.search(head):
            totals.append(int(match["failed"]) + int(match["errors"]))
        elif level in ("ERROR", "CRITICAL"):
            other_errors.append(f"{logger}: {text}")
    outcome.passed = [name for name in dict.fromkeys(started)
                      if name not in outcome.failed and name not in outcome.skipped]
    outcome.repeated = {name: text for name, text in outcome.repeated.items() if name not in outcome.failed}
    if not started and not outcome.failed and not other_errors:
        other_errors.append("No test ran.")
    if not outcome.failed and (any(totals) or other_errors or status):
        reason = "\n".join(other_errors[-3:]) or f"Odoo ended with status {status}"
        outcome.failed["the test run itself"] = reason
    return outcome


def problems(lines, ignore=()):
    """:return: the WARNING, ERROR and CRITICAL records of a log, one text each, without those that contain a string of `ignore`"""
    return [f"{level} {logger}: {text}" for level, logger, text in records(lines)
            if level in ("WARNING", "ERROR", "CRITICAL") and not any(part in text for part in ignore)]
