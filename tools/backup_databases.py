"""Databases of backups: the host's own dump and restore, and what the host does not have: counting, hiding, changing places.

Everything here runs for minutes and is called by the worker alone (`tools/backup_worker.py`), never in somebody's transaction. The names
of databases come from the worker, which checked them; they are quoted nevertheless.
"""

import hashlib
import logging
import os
import re
import shutil
import subprocess
import threading
from contextlib import closing, contextmanager, suppress

import odoo.modules.neutralize
import odoo.modules.registry
import odoo.release
import odoo.service.db
import odoo.sql_db
from odoo.tools import SQL, config
from odoo.tools.misc import exec_pg_environ, find_pg_tool
from psycopg2 import OperationalError

from .backup_files import PIECE, BackupError, add_to_store, names_in_store

_logger = logging.getLogger(__name__)

SAMPLE = 300  # files of the file store whose content is read in a trial restore
UNFINISHED = "kehu_crm: being restored"  # comment of a database of ours that nobody works with yet
LOCK = 0x6B656875  # first half of the advisory lock; the second tells the database
MOVING = 60  # times that two databases try to change places, some seconds each
# the host itself writes into these when it opens a database
MOVING_TABLES = re.compile(r'public\."?(orm_signaling_\w+|ir_config_parameter|ir_logging)"?')


# ------------------------------------------------------------------------------------------------------------------------- the server


@contextmanager
def server_cursor():
    """A cursor on the maintenance database, where databases are made, renamed and dropped."""
    with closing(odoo.sql_db.db_connect("postgres").cursor()) as cr:
        cr._cnx.autocommit = True
        yield cr


@contextmanager
def only_worker(database):
    """Hold the lock of which a database has one. It goes with the process, whatever ends it.

    :return: whether it was free
    """
    with server_cursor() as cr:
        cr.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, database])
        free = cr.fetchone()[0]
        try:
            yield free
        finally:
            if free:
                cr.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCK, database])


def exists(database):
    """Tell whether the server has a database of this name, whoever may see it."""
    with server_cursor() as cr:
        cr.execute("SELECT FROM pg_database WHERE datname = %s", [database])
        return bool(cr.rowcount)


def is_taken(database):
    """Tell whether a new database cannot bear this name: there is one, or files of one that was dropped by hand."""
    return exists(database) or os.path.exists(config.filestore(database))


def size(database):
    """Return the bytes of a database on the disk, indexes included; 0 when there is none."""
    with server_cursor() as cr:
        cr.execute("SELECT pg_database_size(oid) FROM pg_database WHERE datname = %s", [database])
        return (cr.fetchone() or [0])[0]


def set_hidden(database, hidden):
    """Hide a database from the host, which lists no templates: it is not offered to people, and no server runs its scheduled actions."""
    with server_cursor() as cr:
        cr.execute(SQL("ALTER DATABASE %s IS_TEMPLATE %s", _name(cr, database), SQL("true") if hidden else SQL("false")))
        cr.execute(SQL("COMMENT ON DATABASE %s IS %s", _name(cr, database), UNFINISHED if hidden else None))


def check_tools(*names):
    """:raises BackupError: when a program of PostgreSQL is missing, or too old for the server"""
    with server_cursor() as cr:
        server = cr._cnx.server_version // 10000
    for name in names:
        try:
            program = find_pg_tool(name)
        except Exception:  # noqa: BLE001 - the host raises nothing more precise
            raise BackupError("tool_missing", tool=name)
        try:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, env=exec_pg_environ()).stdout
        except (OSError, subprocess.CalledProcessError):
            raise BackupError("tool_missing", tool=name)
        found = re.search(r"(\d+)(?:\.\d+|\w*)", said)
        if not found or int(found[1]) < server:
            raise BackupError("tool_old", tool=name, version=found[1] if found else "?", server=server)


def check_space(folder, needed):
    """:raises BackupError: when the disk of a folder has less than ``needed`` bytes left"""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError("space", needed=needed, free=free)


def store_size(database):
    """Return the bytes of the file store of a database."""
    total = 0
    for where, _folders, names in os.walk(config.filestore(database)):
        for name in names:
            try:
                total += os.path.getsize(os.path.join(where, name))
            except OSError:
                continue  # collected as garbage meanwhile
    return total


def _name(cr, database):
    return odoo.service.db.database_identifier(cr, database)


# ------------------------------------------------------------------------------------------------------------- the host's dump and restore


@contextmanager
def _host_allowed():
    """`list_db = False` of the server closes the host's public manager, which has one password for all databases. Here nobody is served:
    the CRM checked the rights and the password of a person before, and this process listens to no network."""
    before = config["list_db"]
    config["list_db"] = True
    try:
        yield
    finally:
        config["list_db"] = before


def dump(database, path):
    """Write database and file store into a new zip file that only this user of the system may read.

    :raises BackupError: when a program fails
    """
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with os.fdopen(descriptor, "w+b") as stream, _host_allowed():
        try:
            odoo.service.db.dump_db(database, stream, "zip")
        except subprocess.CalledProcessError as error:
            raise BackupError("tool_failed", tool="pg_dump", code=error.returncode)
    # the host copies the files first and the tables afterwards: what came in between is added
    with closing(odoo.sql_db.db_connect(database).cursor()) as cr:
        cr.execute("SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL")
        wanted = {name for (name,) in cr.fetchall()}
    late = wanted - names_in_store(path)
    if late:
        add_to_store(path, config.filestore(database), late)


def restore(path, database):
    """Restore a file into a new database, which stays hidden until :func:`set_hidden` shows it. Nothing in it is changed.

    :raises BackupError: when a program fails
    """
    create = odoo.service.db._create_empty_database

    def create_hidden(name):
        create(name)
        set_hidden(name, True)

    with _host_allowed():
        odoo.service.db._create_empty_database = create_hidden
        try:
            odoo.service.db.restore_db(database, path)
        finally:
            odoo.service.db._create_empty_database = create
    forget(database)


def as_copy(database, neutralise):
    """Make a restored database one of its own: a number of its own, and when wanted nothing that acts outside (the host's neutralise)."""
    registry = odoo.modules.registry.Registry(database)
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        env["ir.config_parameter"].init(force=True)
        env.flush_all()
        if neutralise:
            odoo.modules.neutralize.neutralize_database(cr)
    forget(database)


def update(database, modules):
    """Update modules of a restored database to the versions that this server has."""
    odoo.modules.registry.Registry.new(database, update_module=True, upgrade_modules=set(modules))
    forget(database)


def forget(database):
    """Close what this process holds of a database."""
    odoo.modules.registry.Registry.delete(database)
    odoo.sql_db.close_db(database)


def drop_unfinished(database):
    """Drop a database that a restore began and did not end; one of somebody else that bears the same name stays."""
    with server_cursor() as cr:
        cr.execute("SELECT FROM pg_database WHERE datname = %s AND shobj_description(oid, 'pg_database') = %s", [database, UNFINISHED])
        ours = bool(cr.rowcount)
    if ours:
        drop(database)


def drop(database):
    """Drop a database with its files; nothing happens when there is none."""
    forget(database)
    if exists(database):
        with server_cursor() as cr:
            cr.execute(SQL("ALTER DATABASE %s IS_TEMPLATE false", _name(cr, database)))
            cr.execute(SQL("DROP DATABASE %s WITH (FORCE)", _name(cr, database)))
    shutil.rmtree(config.filestore(database), ignore_errors=True)


# ---------------------------------------------------------------------------------------------------------------------------- counting


def compare(database, manifest, rows):
    """Compare a restored database with the file that it came from.

    :param dict manifest: of `tools/backup_files.read_manifest`
    :param dict rows: of `tools/backup_files.rows_in_dump`
    :return: what was found: `tables`, `rows`, `modules`, `partners`, `files` and `read` (numbers), `missing` and `changed` (files of the
        store that are not there, that hold something else), `differences` (list of tuples: name, expected, found)
    :rtype: dict
    """
    store = config.filestore(database)
    with closing(odoo.sql_db.db_connect(database).cursor()) as cr:
        cr.execute(
            """
            SELECT format('%I.%I', n.nspname, c.relname), n.nspname, c.relname
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname != 'information_schema'
            """
        )
        tables = {key: SQL.identifier(schema, table) for key, schema, table in cr.fetchall()}
        differences, found = [], {}
        for key, expected in rows.items():
            if key not in tables:
                differences.append((key, expected, None))
                continue
            cr.execute(SQL("SELECT count(*) FROM ONLY %s", tables[key]))
            found[key] = cr.fetchone()[0]
            if found[key] != expected and not MOVING_TABLES.fullmatch(key):
                differences.append((key, expected, found[key]))
        cr.execute("SELECT name, latest_version FROM ir_module_module WHERE state = 'installed'")
        modules = dict(cr.fetchall())
        for name in sorted(manifest["modules"].keys() | modules.keys()):
            if manifest["modules"].get(name) != modules.get(name):
                differences.append((name, manifest["modules"].get(name), modules.get(name)))
        cr.execute("SELECT store_fname, checksum FROM ir_attachment WHERE store_fname IS NOT NULL ORDER BY store_fname")
        files = dict(cr.fetchall())
    missing = [name for name in files if not os.path.isfile(os.path.join(store, name))]
    there = [name for name in files if name not in set(missing)]
    sample = there[:: max(1, len(there) // SAMPLE)]
    changed = [name for name in sample if not _is_whole(os.path.join(store, name), files[name])]
    return {
        "tables": len(found),
        "rows": sum(found.values()),
        "modules": len(modules),
        "partners": found.get("public.res_partner", 0),
        "files": len(files),
        "read": len(sample),
        "missing": missing,
        "changed": changed,
        "differences": differences,
    }


def _is_whole(path, checksum):
    """Tell whether a file of the store holds what its record says; the host's check sum is a SHA-1."""
    if not checksum:
        return True
    found = hashlib.sha1()
    with open(path, "rb") as stream:
        while piece := stream.read(PIECE):
            found.update(piece)
    return found.hexdigest() == checksum


# --------------------------------------------------------------------------------------------------------------------- changing places


def link_store(source, target):
    """Let a file store hold all files of another one as well, as links to the same content where the disk can.

    Files of the store are named after their content and never written twice, so that two stores may share them. A file of another size
    is damaged: it is replaced, without touching what shares it.
    """
    os.makedirs(target, exist_ok=True)
    for where, _folders, names in os.walk(source):
        folder = os.path.join(target, os.path.relpath(where, source))
        os.makedirs(folder, exist_ok=True)
        for name in names:
            old, new = os.path.join(where, name), os.path.join(folder, name)
            try:
                if os.path.exists(new) and os.path.getsize(new) == os.path.getsize(old):
                    continue
                part = f"{new}.part"
                if os.path.exists(part):
                    os.unlink(part)
                try:
                    os.link(old, part)
                except OSError:
                    shutil.copy2(old, part)
                os.replace(part, new)
            except FileNotFoundError:
                continue  # collected as garbage meanwhile


def change_places(current, fresh, previous):
    """Let ``fresh`` bear the name of ``current``, which is kept, closed to everybody, as ``previous``.

    Both renames are one transaction of PostgreSQL: whatever happens, and even when the server is switched off, there is either the old
    database under its name or the new one. Files come first and are only added, so that they fit either way.

    :raises BackupError: when somebody cannot be sent away
    """
    link_store(config.filestore(current), config.filestore(previous))
    link_store(config.filestore(fresh), config.filestore(current))
    _wake_servers(current, fresh)
    forget(current)
    forget(fresh)
    try:
        _rename(current, fresh, previous)
    except BaseException:
        if not exists(previous):
            shutil.rmtree(config.filestore(previous), ignore_errors=True)  # links only
        raise
    _logger.info("RESTORE: %s is now %s, what it was is kept as %s", fresh, current, previous)
    link_store(config.filestore(current), config.filestore(previous))  # files that came at the last moment
    shutil.rmtree(config.filestore(fresh), ignore_errors=True)


def _rename(current, fresh, previous):
    for _attempt in range(MOVING):
        with _sent_away(current, fresh), suppress(OperationalError), odoo.sql_db.db_connect("postgres").cursor() as cr:
            old, new, kept = _name(cr, current), _name(cr, fresh), _name(cr, previous)
            # from here nobody comes in any more: PostgreSQL lets them wait until the end of the transaction
            cr.execute(SQL("ALTER DATABASE %s RENAME TO %s", old, kept), log_exceptions=False)
            cr.execute(SQL("ALTER DATABASE %s RENAME TO %s", new, old), log_exceptions=False)
            cr.execute(SQL("ALTER DATABASE %s IS_TEMPLATE false", old))
            cr.execute(SQL("COMMENT ON DATABASE %s IS NULL", old))
            # closed and hidden: no server runs the scheduled actions of both
            cr.execute(SQL("ALTER DATABASE %s ALLOW_CONNECTIONS false IS_TEMPLATE true", kept))
        if exists(previous) and not exists(fresh):
            return
        # OperationalError, ObjectInUse: somebody was quicker
    raise BackupError("in_use", database=current)


def _wake_servers(current, fresh):
    """Let each server read everything anew when it meets the other database: the host compares a number that only grows."""
    highest = 0
    for database in (current, fresh):
        with closing(odoo.sql_db.db_connect(database).cursor()) as cr:
            cr.execute("SELECT coalesce(max(id), 0) FROM orm_signaling_registry")
            highest = max(highest, cr.fetchone()[0])
    with odoo.sql_db.db_connect(fresh).cursor() as cr:
        cr.execute("INSERT INTO orm_signaling_registry (id) VALUES (%s)", [highest + 1])
        cr.execute("SELECT setval(pg_get_serial_sequence('orm_signaling_registry', 'id'), %s)", [highest + 1])


@contextmanager
def _sent_away(*databases):
    """End the connections of others to some databases again and again, while this block runs."""
    done = threading.Event()

    def work():
        with server_cursor() as cr:
            while not done.is_set():
                cr.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", [list(databases)])
                done.wait(0.2)

    helper = threading.Thread(target=work, name="kehu backup")
    helper.start()
    try:
        yield
    finally:
        done.set()
        helper.join()
