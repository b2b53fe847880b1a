"""./kehu: finds the command, the right Python, and the sentence for every obstacle."""
import argparse
import errno
import importlib
import os
import pkgutil
import signal
import sys

from . import commands, odoo_source, postgres, venv
from .errors import HostError
from .lock import hold
from .paths import REPO, Home
from .say import say

DESCRIPTION = """\
Kehu CRM on one machine. The first start fetches PostgreSQL, Odoo 19 and Python packages into .kehu/ (about 2 GB,
a few minutes); after that everything takes seconds. Nothing is installed on the system, except Chromium for the
browser tests and a user to run PostgreSQL as, and these only when you are root.
"""
EPILOG = """\
environment:
  KEHU_HOME      private folder instead of .kehu in this folder
  KEHU_CACHE     folder for downloads shared by all clones (default ~/.cache/kehu)
  DATABASE_URL   postgresql://user:password@host:port/ of a server to use instead of the embedded one
  ODOO_HOME      an Odoo 19 to use instead of fetching one: a source checkout, or the folder of the package odoo
  KEHU_ODOO_GIT  a git repository to fetch Odoo's branch 19.0 from, instead of Debian's archive or github.com

`./kehu COMMAND --help` tells more about one command.
"""


def main(arguments):
    """Run one command.

    :return: exit status: 0 fine, 1 refused or failed, 2 wrong usage, 130 interrupted
    """
    signal.signal(signal.SIGTERM, _terminated)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ./kehu … stays
        signal.signal(signal.SIGHUP, _terminated)
    try:
        return _dispatch(arguments)
    except HostError as error:
        say(f"kehu: {error}")
    except KeyboardInterrupt:
        say("\nkehu: interrupted; the same command goes on where it stopped.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            say("kehu: The disk is full: make room and run the same command again.")
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            say(f"kehu: {error.filename or 'A file'} may not be used by this user ({error.strerror}): "
                "run ./kehu as its owner, or set KEHU_HOME to a folder of yours.")
        else:
            raise
    return 1


def _dispatch(arguments):
    modules = {info.name.replace("_", "-"): info.name for info in pkgutil.iter_modules(commands.__path__)}
    order = [name for name in commands.ORDER if name in modules]
    parser = argparse.ArgumentParser(prog="./kehu", description=DESCRIPTION, epilog=EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    choices = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name in order + sorted(set(modules) - set(order)):
        module = importlib.import_module(f"{commands.__name__}.{modules[name]}")
        sub = choices.add_parser(name, help=module.SUMMARY, description=module.__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add_arguments(sub)
        sub.set_defaults(module=module)
    options, rest = parser.parse_known_args(arguments)
    module = getattr(options, "module", None)
    if module is None:
        parser.print_help()
        return 2 if rest else 0
    if rest and not getattr(module, "PASSES_OPTIONS", False):
        parser.error(f"unknown: {' '.join(rest)}")
    options.rest = rest
    # what can be refused is refused before anything is fetched or built
    if hasattr(module, "check"):
        module.check(options)
    if getattr(module, "NEEDS_VENV", True) and not _inside_venv():
        postgres.check_given()
        odoo_source.check_given()
        _enter_venv(arguments, module.__name__.rpartition(".")[2])
    return module.run(options) or 0


def _inside_venv():
    return os.path.realpath(sys.prefix) == os.path.realpath(Home().venv)


def _enter_venv(arguments, what):
    """Go on in the virtual environment's Python, made first when it is missing; does not return."""
    home = Home()
    home.make()
    with hold(home.root / "lock", what):
        venv.ensure(home)
    os.environ["KEHU_CALLING_PYTHON"] = sys.executable
    # the caller's modules are for finding an Odoo; before ours they would hide the pinned ones
    os.environ["KEHU_CALLING_PYTHONPATH"] = os.environ.pop("PYTHONPATH", "")
    os.environ.pop("PYTHONHOME", None)
    os.execv(home.python, [str(home.python), "-B", str(REPO / "kehu"), *arguments])


def _terminated(_signal, _frame):
    raise KeyboardInterrupt
