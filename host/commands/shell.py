"""Open an Odoo shell, with `env` at hand. A script may come on standard input: ./kehu shell -d mine < script.py

Changes last only after env.cr.commit().
"""
from ..databases import check_there
from ..odoo import Host
from ..paths import Home
from ..process import stop
from .run import pick

SUMMARY = "open an Odoo shell; reads a script from standard input"
PASSES_OPTIONS = True


def add_arguments(parser):
    parser.add_argument("-d", "--database", metavar="DB", help="database to open (default: the demo)")


def check(options):
    if options.database is not None:
        check_there(Home(), options.database)


def run(options):
    host = Host.ready("shell")
    database = pick(host, options.database, serving=False)
    child = host.popen("-d", database, "--no-http", "--max-cron-threads=0", "--log-level=warn", *options.rest,
                       subcommand="shell")
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # in an interactive shell Ctrl-C belongs to the shell
            if child.poll() is not None:
                stop(child)
                return 130
