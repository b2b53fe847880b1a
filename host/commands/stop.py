"""Stop the servers of this folder: Odoo if one runs, and the embedded PostgreSQL. Nothing is lost."""
import os
import signal
import time

from .. import postgres
from ..errors import HostError
from ..lock import holder
from ..paths import Home
from ..say import say

SUMMARY = "stop PostgreSQL and any Odoo server of this folder"
NEEDS_VENV = False


def add_arguments(parser):
    pass


def run(options):
    home = Home()
    stopped = 0
    for path in sorted(home.servers.glob("*.lock")) if home.servers.exists() else []:
        found = holder(path)
        if found:
            _end(path, *found)
            stopped += 1
    if postgres.stop(home):
        stopped += 1
    say("Stopped." if stopped else "Nothing was running.")


def _end(path, pid, what):
    """Ask a server's ./kehu to end and wait for it."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while holder(path):
        if time.monotonic() > deadline:
            raise HostError(f"The server ({what}, process {pid}) does not end: stop it with `kill -9 {pid}`.")
        time.sleep(0.1)
