"""Show Kehu CRM with a Chinese demo company at http://127.0.0.1:8069.

Sets up everything that is missing, makes the demo database, serves it and prints the logins. What you change in the
demo is kept for the next start; `--fresh` begins anew. Ctrl-C stops the server; `./kehu stop` stops PostgreSQL too.
"""
from ..databases import Databases
from ..odoo import Host, check_port, port
from ..say import say, step
from ..serving import DEFAULT_PORT, serve, server

SUMMARY = "show the program with a Chinese demo company"
DATABASE = "kehu_demo"


def add_arguments(parser):
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="port to serve on (default %(default)s)")
    parser.add_argument("--fresh", action="store_true", help="throw the demo database away and begin anew")


def check(options):
    check_port(options.port)


def run(options):
    host = Host.ready("demo")
    databases = Databases(host)
    if options.fresh and databases.exists(DATABASE):
        databases.drop(DATABASE)
    prepare(databases)
    log = host.home.log / "demo.log"
    with server(host, DATABASE, options.port, f"--db-filter=^{DATABASE}$", log=log) as child:
        print(welcome(databases, options.port), flush=True)
        say(f"Odoo's log is in {log}. Ctrl-C stops the server.")
        return serve(child)


def prepare(databases, serving=True):
    """See that the demo database is there and of the current code."""
    if databases.exists(DATABASE):
        databases.refresh(DATABASE, ours=True, serving=serving)
        return
    template = databases.template("demo")
    with step("Making the demo database"):
        databases.copy(template, DATABASE, lasting=True)


def welcome(databases, port):
    """:return: text with the address and the people who can log in, read from the database"""
    rows = databases.query(
        "select u.login, p.name, coalesce(p.function, '') from res_users u join res_partner p on p.id = u.partner_id "
        "where u.active and not u.share and u.id > 1 order by u.id != 2, u.id", database=DATABASE)
    lines = [f"\nKehu CRM is running: http://127.0.0.1:{port}", "", "Logins (the password is the same as the login):"]
    lines += [f"  {login:<12} {name}{'  ' + function if function else ''}" for login, name, function in rows]
    return "\n".join(lines) + "\n"
