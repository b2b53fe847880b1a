"""Checks of the add-on as a whole, each counted as one test: fresh install, update onto itself, uninstall."""
from .paths import MODULE
from .say import step
from .testlog import Outcome, problems

# of the machine or the host, not of the add-on
NOT_OURS = ("Running as user 'root'",)


def run_all(databases):
    """:rtype: Outcome"""
    outcome = Outcome()
    outcome.check("fresh install: no warning in the log", _install(databases, "plain"))
    outcome.check("demo install: no warning in the log", _install(databases, "demo"))
    name = "kehu_check"
    databases.drop(name, force=True)
    databases.copy(databases.template("plain"), name)
    try:
        outcome.check("update onto itself: no warning in the log, nothing lost", _update(databases, name))
        # the demo company is a database in use: its records stand on each other and on ours
        databases.drop(name, force=True)
        databases.copy(databases.template("demo"), name)
        outcome.check("uninstall from a database in use: no warning in the log, no trace left", _uninstall(databases, name))
    finally:
        databases.drop(name, force=True)
    return outcome


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as stream:
        return problems(stream, NOT_OURS)


def _install(databases, kind):
    """:return: what the log of installing the add-on says; installed anew when somebody threw the log away"""
    template, log = databases.template(kind), databases.install_log(kind)
    if not log.exists():
        databases.drop(template, force=True)
        databases.template(kind)
    return _read(log)


def _update(databases, name):
    log = databases.home.log / "update.log"
    log.unlink(missing_ok=True)
    # generic external ids count rows too, so compare what the module owns before and after
    before = _owned(databases, name)
    with step("Updating kehu_crm onto itself"):
        status, tail = databases.host.run("-d", name, "-u", MODULE, "--stop-after-init", "--no-http",
                                          "--max-cron-threads=0", log=log, what="Updating kehu_crm", check=False)
    found = _read(log)
    if status:
        found.append(f"Odoo ended with status {status}: {tail[-500:]}")
    after = _owned(databases, name)
    found += [f"gone after the update: {xmlid}" for xmlid in sorted(before - after)]
    found += [f"only after the update: {xmlid}" for xmlid in sorted(after - before)]
    return found


def _owned(databases, name):
    rows = databases.query("select model || ' ' || name from ir_model_data where module = %s", MODULE, database=name)
    return {row[0] for row in rows}


def _uninstall(databases, name):
    """Uninstall, then look for anything of ours that is left in the database."""
    log = databases.home.log / "uninstall.log"
    log.unlink(missing_ok=True)
    tables = {row[0] for row in databases.query(
        "select table_name from information_schema.tables where table_schema = 'public'", database=name)}
    columns = _columns(databases, name)
    with step("Uninstalling kehu_crm"):
        lines = databases.host.script(name, "uninstall", log, "Uninstalling kehu_crm")
    found = lines + _read(log)
    left_tables = {row[0] for row in databases.query(
        "select table_name from information_schema.tables where table_schema = 'public'", database=name)}
    base = databases.template("base")
    databases.query(f'alter database "{base}" allow_connections true')
    try:
        base_tables = {row[0] for row in databases.query(
            "select table_name from information_schema.tables where table_schema = 'public'", database=base)}
        base_columns = _columns(databases, base)
    finally:
        databases.query(f'alter database "{base}" allow_connections false')
    found += [f"table left: {table}" for table in sorted((left_tables & tables) - base_tables)]
    left = (_columns(databases, name) & columns) - base_columns
    found += [f"column left: {table}.{column}" for table, column in sorted(left) if table in base_tables]
    return found


def _columns(databases, name):
    return set(databases.query("select table_name, column_name from information_schema.columns "
                               "where table_schema = 'public'", database=name))
