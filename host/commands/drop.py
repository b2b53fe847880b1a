"""Drop a database and its files."""
from ..databases import Databases, check_name, check_there
from ..errors import HostError
from ..odoo import Host
from ..paths import Home
from ..say import say

SUMMARY = "drop a database and its files"


def add_arguments(parser):
    parser.add_argument("database", metavar="DB", help="name of the database")


def check(options):
    check_there(Home(), check_name(options.database))


def run(options):
    name = options.database
    databases = Databases(Host.ready("drop"))
    if not databases.exists(name):
        there = ", ".join(databases.names()) or "none"
        raise HostError(f"There is no database {name}: those that exist are {there}.")
    databases.drop(name)
    say(f"Database {name} is gone.")
