"""What only an installed database can tell: access rows of the registry, and the host's own linters."""
import contextlib
import json

from ..errors import HostError
from ..paths import MODULE, write_atomically
from ..say import step
from ..testlog import PROBLEM, STARTING, records
from .python import host_pylint, mirror

DATABASE = "kehu_lint"


def access(databases):
    """Every model in the registry that is ours and has a table or is a dialog has access rows.

    :return: findings
    """
    with _copy(databases, "plain"):
        rows = databases.query(
            "select m.model from ir_model m where m.model like 'kehu.%%' and not m.abstract and not exists "
            "(select 1 from ir_model_access a where a.model_id = m.id and a.active) order by 1", database=DATABASE)
    return [f"registry: the model {name} has no access row" for (name,) in rows]


def host_lint(databases):
    """Odoo's own test_lint, with the add-on, against the same without it; its pylint reads the add-on only.

    :return: findings: tests that fail only with the add-on, and lines about the add-on in any failure
    """
    base = databases.template_name("base")
    # what the bare Odoo gives depends on Odoo alone, so all clones share it
    cache = databases.home.cache / f"test_lint-{base}.json"
    try:
        known = json.loads(cache.read_text())
    except (FileNotFoundError, ValueError):
        with _copy(databases, "base"):
            known = sorted(_run_host_lint(databases, with_addon=False))
        cache.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(cache, json.dumps(known))
    with step("Running Odoo's pylint checks"):
        found = host_pylint(databases.home, databases.host.source)
    with _copy(databases, "plain"):
        failed = _run_host_lint(databases, with_addon=True)
    for name, text in sorted(failed.items()):
        # the clone's own folder may be called like the module, so paths into our private folder do not count
        text = text.replace(str(databases.home.root / "mirror" / "test_lint"), "").replace(str(databases.home.root), "")
        ours = [line.strip() for line in text.splitlines() if MODULE in line]
        if ours:
            found += [f"test_lint {name}: {line[:400]}" for line in ours]
        elif name not in known:
            found.append(f"test_lint {name} fails only with the add-on: {text.strip().splitlines()[-1][:400]}")
    return found


@contextlib.contextmanager
def _copy(databases, kind):
    """A copy of a template for the time of the block."""
    template = databases.template(kind)
    databases.drop(DATABASE, force=True)
    databases.copy(template, DATABASE)
    try:
        yield
    finally:
        databases.drop(DATABASE, force=True)


def _addons_path(databases, with_addon=True):
    """:return: option of Odoo for a copy of the add-on in place of the linked one, which linters would not follow"""
    source = databases.host.source
    folders = [source.own_addons, *source.addons, *([mirror(databases.home, "test_lint")] if with_addon else [])]
    return f"--addons-path={','.join(map(str, folders))}"


def _run_host_lint(databases, with_addon):
    """:return: {name of a failed test: its text}"""
    host = databases.host
    log = databases.home.log / f"test_lint{'' if with_addon else '-baseline'}.log"
    log.unlink(missing_ok=True)
    count = 0
    with step("Running Odoo's own linters" + ("" if with_addon else " without the add-on (once)")) as current:
        def show(line):
            nonlocal count
            if "Starting Test" in line:
                count += 1
                current.detail = f"test {count}"
        status, _tail = host.run(
            "-d", DATABASE, _addons_path(databases, with_addon), "-i", "test_lint",
            "--test-tags=/test_lint,-/test_lint:TestPyLint", "--stop-after-init", "--no-http", "--max-cron-threads=0",
            log=log, what="Running Odoo's own linters", on_line=show, check=False)
    failed, started = {}, 0
    with open(log, encoding="utf-8", errors="replace") as stream:
        for level, _logger, text in records(stream):
            head = text.split("\n", 1)[0]
            started += bool(STARTING.match(head))
            if level == "ERROR" and (match := PROBLEM.match(head)):
                failed[match["test"]] = failed.get(match["test"], "") + text + "\n"
    if not started:
        raise HostError(f"Odoo's linters did not run (status {status}): details are in {log}.")
    return failed
