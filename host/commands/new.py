"""Make a fresh database with Kehu CRM installed, in seconds.

It has a Chinese company in CNY with the Chinese chart of accounts, a bank and a cash journal, and the languages
zh_CN and en_US; no demo data unless --demo is given. Login admin, password admin.
"""
from ..databases import Databases, check_name
from ..errors import BusyError
from ..odoo import Host
from ..say import say, step

SUMMARY = "make a fresh installed database within seconds"


def add_arguments(parser):
    parser.add_argument("database", metavar="DB", help="name of the database")
    parser.add_argument("--demo", action="store_true", help="with the Chinese demo company")


def check(options):
    check_name(options.database)


def run(options):
    name = options.database
    databases = Databases(Host.ready("new"))
    if databases.exists(name):
        raise BusyError(f"A database {name} exists already: choose another name, or drop it with ./kehu drop {name}.")
    template = databases.template("demo" if options.demo else "plain")
    with step(f"Copying the template to {name}"):
        databases.copy(template, name, lasting=True)
    say(f"Database {name} is ready (login admin, password admin): ./kehu run -d {name}")
