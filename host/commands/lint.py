"""Check the code: ruff, pylint-odoo, XML and its names, manifest, tests that are really imported, access rows,
translations, and Odoo's own test_lint (nothing new against the bare Odoo). --fast leaves out what needs a database.
"""
from concurrent import futures

from .. import venv
from ..databases import Databases
from ..lint import python, registry, structure, translated, xml
from ..lock import hold
from ..odoo import Host
from ..paths import REPO, Home
from ..say import say, step

SUMMARY = "check the code"


def add_arguments(parser):
    parser.add_argument("--fast", action="store_true", help="only what needs no database")


def run(options):
    home = Home()
    with hold(home.root / "lock", "lint"):
        venv.ensure(home, "lint")
    findings = {}
    # pylint takes one core for over a minute, what needs a database the other
    with futures.ThreadPoolExecutor(1) as beside:
        pylint = beside.submit(python.pylint_odoo, home)
        findings["ruff"] = python.ruff(home)
        findings["xml"] = xml.check(REPO)
        findings["manifest"] = structure.manifest(REPO)
        findings["tests imported"] = structure.tests(REPO)
        findings["access rows"] = structure.access(REPO)
        if options.fast:
            findings["translations"] = translated.saved(home)
        else:
            databases = Databases(Host.ready("lint"))
            with hold(home.root / "lint.lock", "lint"):
                findings["access rows of the registry"] = registry.access(databases)
                findings["translations"] = translated.current(databases)
                findings["test_lint"] = registry.host_lint(databases)
        with step("Reading the code"):
            findings["pylint-odoo"] = pylint.result()
    for name, lines in findings.items():
        print(f"{name}: {'fine' if not lines else f'{len(lines)} finding(s)'}")
        for line in lines:
            print(f"  {line}")
    failed = sum(bool(lines) for lines in findings.values())
    say(f"{len(findings) - failed} of {len(findings)} checks are fine.")
    return 1 if failed else 0
