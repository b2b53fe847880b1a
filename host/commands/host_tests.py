"""Run Odoo's own tests of some modules without kehu_crm and with it, and compare: the add-on must change no result.

  ./kehu host-tests                   crm, sale and sale_crm
  ./kehu host-tests account calendar  other modules

Every test runs after all modules are loaded, so that each one meets the add-on, and in English, which Odoo's tests expect.
What fails on the bare host too does not count against us. Takes about ten minutes for the default modules.
"""
import re

from ..databases import Databases
from ..errors import HostError
from ..lock import hold
from ..odoo import Host, free_port
from ..paths import REPO
from ..process import run as run_process
from ..say import step
from ..testlog import RECORD, STARTING, read_tests

SUMMARY = "run Odoo's own tests without and with the add-on, and compare"
MODULES = ("crm", "sale", "sale_crm")
DATABASE = "kehu_host_tests"
ENGLISH = (
    "update res_partner set lang = 'en_US' where lang is not null",
    "update res_lang set active = (code = 'en_US')",
    "update ir_default set json_value = '\"en_US\"' from ir_model_fields f "
    "where f.id = field_id and f.model = 'res.partner' and f.name = 'lang'",
)


def add_arguments(parser):
    parser.add_argument("modules", nargs="*", help=f"modules of the host (default: {' '.join(MODULES)})")


def check(options):
    wrong = [name for name in options.modules if not re.fullmatch(r"[a-z][a-z0-9_]*", name)]
    if wrong:
        raise HostError(f"{wrong[0]!r} is no name of a module: give the names of add-ons of Odoo, e.g. crm.")


def run(options):
    modules = options.modules or MODULES
    host = Host.ready("host-tests")
    folders = (host.source.own_addons, *host.source.addons)
    missing = [name for name in modules if not any((folder / name / "__manifest__.py").exists() for folder in folders)]
    if missing:
        raise HostError(f"Odoo has no module {', '.join(missing)}: give the names of its add-ons, e.g. crm.")
    databases = Databases(host)
    with hold(host.home.root / "test.lock", "host-tests"):
        bare = _run(databases, "base", modules)
        ours = _run(databases, "plain", modules)
    for name in sorted(set(ours.failed) - set(bare.failed)):
        print(f"\nFAILS WITH THE ADD-ON ONLY {name}\n{ours.failed[name]}")
    for name in sorted(set(bare.failed) - set(ours.failed)):
        print(f"\nFails on the bare host only: {name}")
    for name in sorted(set(bare.skipped) ^ set(ours.skipped)):
        print(f"\nSkipped in one of the two runs only: {name}")
    print(f"\nwithout kehu_crm: {bare.summary}, {len(bare.skipped)} skipped")
    print(f"with kehu_crm:    {ours.summary}, {len(ours.skipped)} skipped", flush=True)
    same = set(bare.failed) == set(ours.failed) and set(bare.passed) == set(ours.passed)
    print("The results are the same." if same else "The results differ.", flush=True)
    return 0 if same else 1


def _run(databases, kind, modules):
    """:return: what the tests of these modules gave on a copy of a template
    :rtype: Outcome
    """
    template = databases.template(kind)
    databases.drop(DATABASE, force=True)
    databases.copy(template, DATABASE)
    for statement in ENGLISH:
        databases.query(statement, database=DATABASE)
    title = {"base": "Running the host's tests without kehu_crm", "plain": "Running the host's tests with kehu_crm"}[kind]
    log = databases.home.log / f"host-tests-{kind}.log"
    log.unlink(missing_ok=True)
    host = databases.host
    command = host.command("-d", DATABASE, "--test-tags=" + ",".join(f"/{name}" for name in modules), "--stop-after-init",
                           "--max-cron-threads=0", f"--http-port={free_port()}", "--limit-time-real=0", "--limit-time-cpu=0")
    command[1:3] = [str(REPO / "host" / "scripts" / "odoo_after_loading.py")]
    count = 0
    try:
        with step(title) as current:
            def show(line):
                nonlocal count
                match = RECORD.match(line)
                if match and (started := STARTING.match(match["text"])):
                    count += 1
                    current.detail = f"{count}: {started['test']}"
            status, _ = run_process(command, log, title, env={**host.environment(), "OPENSSL_CONF": "/dev/null"},
                                    cwd=databases.home.data, on_line=show, check=False)
    finally:
        databases.drop(DATABASE, force=True)
    with open(log, encoding="utf-8", errors="replace") as stream:
        outcome = read_tests(stream, status)
    if not outcome.passed:
        raise HostError(f"No test of {', '.join(modules)} passed: details are in {log}.")
    return outcome
