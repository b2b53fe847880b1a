"""Databases made in seconds: templates built once per state of the code, then copied with their filestore.

base   Odoo's own modules that we depend on, Chinese company, chart of accounts l10n_cn, zh_CN and en_US; no kehu_crm
plain  base + kehu_crm, no demo data
demo   base + kehu_crm with its demo data
"""
import ast
import contextlib
import hashlib
import os
import re
import shutil

from . import postgres
from .errors import BusyError, DatabaseServerError, DiskFullError, HostError
from .lock import hold, holder
from .odoo import product_entries
from .paths import MODULE, REPO, Home
from .say import say, step

PREFIX = "kehu_tpl"
EXTRA_MODULES = ("l10n_cn",)
NAME = re.compile(r"^[a-zA-Z][a-zA-Z0-9_.-]{0,62}\Z")
# what does not change an installed database
NOT_INSTALLED = {"tests", "__pycache__"}
RECIPE = 3  # raise it when the way a template is made changes


class Databases:
    """The databases of one host."""

    def __init__(self, host):
        self.host = host
        self.home = host.home
        self.server = host.server

    # -- looking

    def connect(self, database=None):
        """:return: an autocommit connection; the caller closes it"""
        import psycopg2
        try:
            connection = psycopg2.connect(**self.server.dsn(database))
        except psycopg2.OperationalError as error:
            raise DatabaseServerError(f"The database server refuses the connection ({' '.join(str(error).split())}): "
                                      "run ./kehu stop and try again.") from error
        connection.autocommit = True
        return connection

    def query(self, sql, *values, database=None):
        """Run one statement.

        :return: its rows, or None when it has none
        :raises DiskFullError: the server has no room left
        :raises DatabaseServerError: the server went away
        """
        import psycopg2
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return cursor.fetchall() if cursor.description else None
        except psycopg2.errors.DiskFull as error:
            raise DiskFullError("The database server's disk is full: make room and run the same command again.") from error
        except (psycopg2.errors.AdminShutdown, psycopg2.errors.CrashShutdown, psycopg2.InterfaceError) as error:
            raise DatabaseServerError("The database server ended: run the same command again.") from error
        finally:
            connection.close()

    def exists(self, name):
        return bool(self.query("select 1 from pg_database where datname = %s", name))

    def names(self):
        """:return: names of the databases made for people, without templates and half-made ones"""
        rows = self.query("select datname from pg_database where not datistemplate and datname not in "
                          "('postgres', %s) order by 1", self.server.maintenance)
        return [name for (name,) in rows if not name.startswith(PREFIX)]

    # -- making and dropping

    def copy(self, source, target, lasting=False):
        """Copy a database and its filestore, whole or not at all; the copy gets its own identity.

        :param bool lasting: it is for a person, and is brought up to the current code whenever it is used later
        :raises BusyError: somebody is connected to the source, or the target exists
        """
        import psycopg2
        if self.exists(target):
            raise BusyError(f"A database {target} exists already: choose another name, "
                            f"or drop it with ./kehu drop {target}.")
        making = half_made(target)
        self.drop(making, force=True)
        try:
            self.query(f'create database "{making}" template "{source}"')
        except psycopg2.errors.ObjectInUse as error:
            raise BusyError(f"The database {source} is in use and cannot be copied now: "
                            "stop the server that uses it and run this again.") from error
        try:
            store = self.home.data / "filestore"
            shutil.rmtree(store / target, ignore_errors=True)
            if (store / source).exists():
                # files in a filestore are named by their content and never change, so links will do
                shutil.copytree(store / source, store / making, copy_function=_link)
                os.replace(store / making, store / target)
            self.query("update ir_config_parameter set value = gen_random_uuid()::text "
                       "where key in ('database.uuid', 'database.secret')", database=making)
            self.home.set_stamp(f"db-{target}", addon_digest() if lasting else None)
            # last: only a name without anything missing behind it is a database
            self.query(f'alter database "{making}" rename to "{target}"')
        except BaseException:
            self.drop(making, force=True)
            if not self.exists(target):
                shutil.rmtree(self.home.data / "filestore" / target, ignore_errors=True)
            raise

    def drop(self, name, force=False):
        """Drop a database and its filestore.

        :param bool force: end the sessions of others first
        :raises BusyError: others are connected and `force` is not set
        """
        import psycopg2
        try:
            self.query(f'drop database if exists "{name}"' + (" with (force)" if force else ""))
        except psycopg2.errors.ObjectInUse as error:
            raise BusyError(f"The database {name} is in use: stop the server that uses it "
                            "and run this again.") from error
        shutil.rmtree(self.home.data / "filestore" / name, ignore_errors=True)
        self.home.set_stamp(f"db-{name}", None)

    def refresh(self, name, ours=False, serving=True):
        """Bring a database that we made up to the current code, if that has changed since: screens of one code on the
        tables of another break.

        :param bool ours: we made it even if this folder has no note of that
        :param bool serving: people will use it; a shell only gets a warning beside a running server
        :raises BusyError: it must be updated before it is served, and somebody uses it
        """
        known, current_code = self.home.stamp(f"db-{name}"), addon_digest()
        if known == current_code:
            return
        if known is None and not ours:
            self._warn_of_age(name)
            return
        if self.query("select 1 from pg_stat_activity where datname = %s", name):
            if not serving:
                say(f"  The code has changed since {name} was last brought up to it; it is in use and was not updated.")
                return
            raise BusyError(f"The code has changed since the database {name} was last used, which must be updated and is in "
                            "use: end what uses it (./kehu status tells, ./kehu stop stops it) and run this again.")
        log = self.home.log / f"update-{name}.log"
        log.unlink(missing_ok=True)
        with step(f"The code has changed: updating {name}") as current:
            self.host.run("-d", name, "-u", MODULE, "--stop-after-init", "--no-http", "--max-cron-threads=0", log=log,
                          what=f"Updating {name}", on_line=_progress(current))
        self.home.set_stamp(f"db-{name}", current_code)

    def _warn_of_age(self, name):
        """Say so where a database that is not ours to update holds the add-on in a version other than the code's."""
        rows = self.query("select 1 from information_schema.tables where table_name = 'ir_module_module'", database=name) \
            and self.query("select latest_version from ir_module_module where name = %s and state = 'installed'", MODULE,
                           database=name)
        version = manifest()["version"]
        if rows and rows[0][0] != version:
            say(f"  The database {name} holds Kehu CRM {rows[0][0]} and the code is {version}: bring it up to date with "
                f"./kehu run -d {name} -u {MODULE}")

    # -- templates

    def template(self, kind):
        """:return: name of the ready template of a kind ("base", "plain", "demo"), built now when missing"""
        name = self.template_name(kind)
        if not self.exists(name):
            if kind != "base":
                self.template("base")
            path = self.home.root / "templates.lock"
            if other := holder(path):
                say(f"  Another ./kehu (process {other[0]}) is {other[1]}: waiting for it.")
            with hold(path, f"making the {kind} template", patience=600):
                if not self.exists(name):
                    self._build(kind, name)
        return name

    def template_name(self, kind):
        key = self._base_key() if kind == "base" else self._base_key() + addon_digest()
        return f"{PREFIX}_{kind}_{hashlib.sha256(key.encode()).hexdigest()[:12]}"

    def install_log(self, kind="plain"):
        """:return: path of the log of the fresh install that made the current template of a kind"""
        return self.home.log / f"install-{self.template_name(kind)}.log"

    def _base_key(self):
        release = (self.host.source.python / "odoo" / "release.py").read_bytes()
        return hashlib.sha256(release + repr((RECIPE, depends(), EXTRA_MODULES)).encode()).hexdigest()

    def _build(self, kind, name):
        making = f"{name}_making"
        self.drop(making, force=True)
        try:
            if kind == "base":
                self._build_base(making)
            else:
                self._build_ours(kind, making)
            self._finish(making, name, kind)
        except BaseException:
            with contextlib.suppress(HostError):  # the server itself may be what failed
                self.drop(making, force=True)
            raise

    def _build_ours(self, kind, making):
        with self._noted(kind) as (current, log):
            self.copy(self.template_name("base"), making)
            if kind == "plain":
                self.host.run("-d", making, "-i", MODULE, "--stop-after-init", "--no-http", "--max-cron-threads=0",
                              log=log, what="Installing kehu_crm", on_line=_progress(current))
            else:
                self.host.script(making, "install_demo", log, "Installing kehu_crm with demo data",
                                 on_line=_progress(current))
            self._check_installed(making, log)

    @contextlib.contextmanager
    def _noted(self, kind):
        title = {"plain": "Installing kehu_crm", "demo": "Installing kehu_crm with demo data"}[kind]
        for old in self.home.log.glob(f"install-{PREFIX}_{kind}_*.log"):
            old.unlink()
        log = self.install_log(kind)
        with step(title) as current:
            yield current, log

    def _build_base(self, making):
        log = self.home.log / "install-base.log"
        log.unlink(missing_ok=True)
        with step("Creating a database with Odoo (1 of 3: base and languages)") as current:
            self.host.run("-d", making, "-i", "base", "--load-language=zh_CN,en_US", "--stop-after-init", "--no-http",
                          "--max-cron-threads=0", log=log, what="Creating a database", on_line=_progress(current))
            self.host.script(making, "company", log, "Setting up the company")
        modules = sorted({*depends(), *EXTRA_MODULES})
        with step("Installing Odoo's modules (2 of 3; about a minute)") as current:
            self.host.run("-d", making, "-i", ",".join(modules), "--stop-after-init", "--no-http",
                          "--max-cron-threads=0", log=log, what="Installing Odoo's modules", on_line=_progress(current))
        with step("Loading the chart of accounts (3 of 3)"):
            self.host.script(making, "chart", log, "Loading the chart of accounts")

    def _check_installed(self, name, log):
        rows = self.query("select state from ir_module_module where name = %s", MODULE, database=name)
        if rows != [("installed",)]:
            raise HostError(f"Odoo did not install {MODULE} (its state is {rows[0][0] if rows else 'unknown'}): "
                            f"details are in {log}.")

    def _finish(self, making, name, kind):
        """Give a template its final name, close it to visitors, and drop those it replaces."""
        store = self.home.data / "filestore"
        shutil.rmtree(store / name, ignore_errors=True)
        if (store / making).exists():
            os.replace(store / making, store / name)
        self.query(f'alter database "{making}" allow_connections false')
        self.query(f'alter database "{making}" rename to "{name}"')
        old = self.query("select datname from pg_database where datname like %s and datname != %s",
                         f"{PREFIX}\\_{kind}\\_%", name)
        for (other,) in old:
            with contextlib.suppress(BusyError):
                self.drop(other)


def check_name(name):
    """:raises HostError: not a name that PostgreSQL, the filestore and Odoo's URLs all take, or one of our own"""
    if not NAME.match(name) or name in ("postgres", "template0", "template1") or name.startswith(PREFIX):
        raise HostError(f"{name!r} is no name for a database: use letters, digits, - and _, beginning with a letter.")
    return name


def half_made(name):
    """:return: name of a database while it is being copied; PostgreSQL cuts names at 63 bytes"""
    return f"{PREFIX}_copy_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def check_there(home, name):
    """Refuse a name where no database can be, before a server is set up only to find that out.

    :raises HostError: no server was ever set up here and none is given
    """
    if not os.environ.get("DATABASE_URL") and not postgres.load(home):
        raise HostError(f"There is no database {name}: none was made here yet (./kehu new makes one, ./kehu demo the demo).")


def manifest():
    """:return: the manifest of the add-on"""
    return ast.literal_eval((REPO / "__manifest__.py").read_text(encoding="utf-8"))


def depends():
    """:return: the manifest's dependencies"""
    return manifest()["depends"]


def addon_digest(home=None):
    """:return: digest of all the files that an installed database depends on, whether in git or not"""
    digest = hashlib.sha256()
    for entry in product_entries(home or Home().root):
        if entry.name in NOT_INSTALLED or entry.suffix == ".md" or entry.name == "LICENSE":
            continue
        for path in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            if path.is_file() and path.suffix not in (".pyc", ".orig", ".swp") \
                    and not NOT_INSTALLED.intersection(path.relative_to(REPO).parts):
                content = path.read_bytes()
                digest.update(f"{path.relative_to(REPO)}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _progress(current):
    """:return: a reader of Odoo's log that shows which module is being loaded"""
    pattern = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")

    def read(line):
        match = pattern.search(line)
        if match:
            current.detail = f"module {match[2]} of {match[3]}, {match[1]}"
    return read
