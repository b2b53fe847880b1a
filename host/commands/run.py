"""Serve a database, with any option that Odoo itself takes.

Without -d it is the demo database. Examples: ./kehu run -d mine --http-port 8070, ./kehu run -u kehu_crm --dev=all
"""
import contextlib

from ..databases import Databases, check_there
from ..errors import HostError
from ..lock import hold
from ..odoo import Host, check_port, port
from ..paths import Home
from ..serving import DEFAULT_PORT, serve
from . import demo

SUMMARY = "serve a database with options of Odoo"
PASSES_OPTIONS = True


def add_arguments(parser):
    parser.add_argument("-d", "--database", metavar="DB", help="database to serve (default: the demo)")
    parser.add_argument("-p", "--http-port", "--port", dest="port", type=port, default=DEFAULT_PORT,
                        help="port to serve on (default %(default)s)")


def check(options):
    if "--no-http" not in options.rest:
        check_port(options.port)
    if options.database is not None:
        check_there(Home(), options.database)


def run(options):
    quiet = "--no-http" in options.rest
    host = Host.ready("run")
    database = pick(host, options.database)
    with contextlib.ExitStack() as stack:
        if not quiet:
            stack.enter_context(hold(host.home.servers / f"{options.port}.lock", f"the server on port {options.port}"))
        child = host.popen("-d", database, f"--http-port={options.port}", *options.rest)
        return serve(child)


def pick(host, database, serving=True):
    """:return: name of the database to use, there and of the current code

    :param bool serving: people will use it
    :raises HostError: there is no such database, or it must be updated and is in use
    """
    databases = Databases(host)
    if database is None:
        demo.prepare(databases, serving)
        return demo.DATABASE
    if not databases.exists(database):
        raise HostError(f"There is no database {database}: make it with ./kehu new {database}.")
    databases.refresh(database, serving=serving)
    return database
