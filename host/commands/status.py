"""Tell what is set up and what runs."""
from .. import postgres
from ..lock import holder
from ..paths import Home
from ..say import say

SUMMARY = "tell what is set up and what runs"
NEEDS_VENV = False


def add_arguments(parser):
    pass


def run(options):
    home = Home()
    say(f"Private folder   {home.root}{'' if home.root.exists() else ' (not made yet)'}")
    say(f"Python packages  {'ready' if home.stamp('venv-odoo') else 'not installed'}")
    say(f"Odoo             {'ready' if home.stamp('odoo') else 'not fetched'}")
    embedded = postgres.load(home)
    if embedded:
        say(f"PostgreSQL       {'runs' if embedded.running else 'stopped'}, port {embedded.port}, data in {embedded.data}")
    else:
        say("PostgreSQL       not set up")
    for path in sorted(home.servers.glob("*.lock")) if home.servers.exists() else []:
        found = holder(path)
        if found:
            say(f"Server           http://127.0.0.1:{path.stem} (process {found[0]})")
