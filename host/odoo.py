"""Running Odoo with the right code, add-ons, database server and environment."""
import argparse
import os
import secrets
import shutil
import socket
import subprocess

from . import odoo_source, postgres, venv
from .errors import BusyError
from .lock import hold
from .paths import MODULE, REPO, Home, write_atomically
from .process import clean_environment, die_with_parent, explain, run

# at the top of the clone, beside the add-on's own files
NOT_ADDON = {"host", "bench", "docs", "kehu", "node_modules", "__pycache__", "ruff.toml", "pylintrc"}


class Host:
    """A set-up home: the door of all commands to Odoo and its databases."""

    def __init__(self, home, source, server):
        self.home = home
        self.source = source
        self.server = server

    @classmethod
    def ready(cls, what):
        """Set everything up that is not, one process at a time, and return the Host."""
        home = Home()
        home.make()
        with hold(home.root / "lock", what):
            venv.ensure(home)
            source = odoo_source.ensure(home)
            server = postgres.ensure(home)
            host = cls(home, source, server)
            host._link_addon()
            host._write_conf()
        return host

    def _link_addon(self):
        """Make the add-ons folder that Odoo sees: `kehu_crm` with a link to each product folder of the clone.

        The clone may have any name. A link to the whole clone would not do: Odoo walks an add-on's folders, and `.kehu`
        with Odoo itself lies in it.
        """
        addon = self.home.addons / MODULE
        if addon.is_symlink():
            addon.unlink()
        addon.mkdir(exist_ok=True)
        wanted = {path.name: path for path in product_entries(self.home.root)}
        for link in addon.iterdir():
            if not link.is_symlink():
                shutil.rmtree(link) if link.is_dir() else link.unlink()
            elif link.name not in wanted or os.readlink(link) != str(wanted[link.name]):
                link.unlink()
        for name, path in wanted.items():
            if not (addon / name).is_symlink():
                (addon / name).symlink_to(path)

    def _write_conf(self):
        master = self.home.stamp("master") or secrets.token_urlsafe(24)
        self.home.set_stamp("master", master)
        addons = [self.source.own_addons, *self.source.addons, self.home.addons]
        server = self.server
        options = {
            "admin_passwd": master, "addons_path": ",".join(str(path) for path in addons),
            "data_dir": self.home.data, "db_host": server.host or False, "db_port": server.port or False,
            "db_user": server.user or False, "db_password": server.password or False,
            "http_interface": "127.0.0.1", "list_db": False,
            "limit_memory_hard": 0, "limit_memory_soft": 0, "max_cron_threads": 1, "db_maxconn": 40,
        }
        text = "[options]\n" + "".join(f"{key} = {value}\n" for key, value in options.items())
        write_atomically(self.home.conf, text, 0o600)

    def environment(self):
        """:return: environment variables for an Odoo process"""
        binaries = self.home.venv / "bin"
        return clean_environment(PYTHONPATH=self.source.python, PATH=f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}",
                                 PYTHONDONTWRITEBYTECODE="1", PYTHONWARNINGS="default::DeprecationWarning:odoo.addons.kehu_crm")

    def command(self, *arguments, subcommand=None):
        """:param str subcommand: words before the options, e.g. "shell" or "i18n export"
        :return: the command line of an Odoo process
        """
        return [str(self.home.python), "-m", "odoo", *(subcommand or "").split(),
                "-c", str(self.home.conf), *(str(part) for part in arguments)]

    def run(self, *arguments, log, what, subcommand=None, stdin=None, on_line=None, check=True,
            environment=None):
        """Run Odoo to its end, in a folder of its own: Python would import from the folder it is started in.

        :param pathlib.Path log: gets the output
        :return: (exit status, last part of the output)
        :raises HostError: Odoo failed and `check` is set
        """
        status, tail = run(self.command(*arguments, subcommand=subcommand), log, what, stdin=stdin, on_line=on_line,
                           env={**self.environment(), **(environment or {})}, cwd=self.home.data, check=False)
        if check and status:
            raise explain(what, tail, log)
        return status, tail

    def script(self, database, name, log, what, on_line=None, options=(), environment=None):
        """Run one of `host/scripts` in an Odoo shell.

        :param options: more options of Odoo
        :param dict environment: more environment variables
        :return: what the script printed on lines that begin with "kehu:"
        """
        text = (REPO / "host" / "scripts" / f"{name}.py").read_text(encoding="utf-8")
        lines = []

        def read(line):
            if line.startswith("kehu:"):
                lines.append(line[5:].rstrip())
            elif on_line:
                on_line(line)
        status, tail = self.run("-d", database, "--no-http", "--max-cron-threads=0", *options, subcommand="shell", stdin=text,
                                log=log, what=what, on_line=read, check=False,
                                environment=environment)
        if status or "done" not in lines:
            raise explain(what, tail, log)
        lines.remove("done")
        return lines

    def popen(self, *arguments, subcommand=None, **options):
        """:return: a running Odoo, which ends when this command ends"""
        return subprocess.Popen(self.command(*arguments, subcommand=subcommand), env=self.environment(),
                                cwd=self.home.data, preexec_fn=die_with_parent, **options)


def product_entries(home):
    """:return: the files and folders at the top of the clone that make the add-on, tests included"""
    return [path for path in sorted(REPO.iterdir())
            if path.name not in NOT_ADDON and not path.name.startswith(".") and path != home and path not in home.parents]


def port(text):
    """:return: the number of a port that is given as text, for an option of a command"""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return int(text)


def check_port(port):
    """:raises BusyError: something listens on the port already, or it may not be used"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise BusyError(f"Port {port} may only be used by root: choose another with --port, e.g. --port 8069.") from error
        except OSError as error:
            raise BusyError(f"Port {port} is taken by another program: stop it, or choose another with --port, "
                            f"e.g. --port {port + 1}.") from error


def free_port():
    """:return: a port that nothing listens on"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
