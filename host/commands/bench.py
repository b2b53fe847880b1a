"""Measure Kehu CRM beside the host's own way and beside raw SQL, on seeded data, in interleaved rounds.

Times only rank on a shared machine; ratios and numbers of queries are what to compare. Results are kept as JSON in
.kehu/bench. The data lie in the database kehu_bench and are made anew when the code or the size changes.
"""
import datetime
import json

from ..databases import Databases, addon_digest
from ..errors import HostError
from ..lock import hold
from ..odoo import Host
from ..paths import REPO, write_atomically
from ..say import say, step

SUMMARY = "measure against the host's own way and raw SQL"
DATABASE = "kehu_bench"


def add_arguments(parser):
    parser.add_argument("name", nargs="*", help="measurements to run (default: all)")
    parser.add_argument("--customers", type=int, default=20000, help="size of the data (default %(default)s)")
    parser.add_argument("--batch", type=int, default=500, help="customers moved by one change (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds (default %(default)s)")


def check(options):
    there = sorted(path.stem for path in (REPO / "bench").glob("*.py") if path.stem not in ("__init__", "harness", "data"))
    unknown = set(options.name) - set(there)
    if unknown:
        raise HostError(f"No measurement is called {', '.join(sorted(unknown))}: there are {', '.join(there)}.")
    if options.rounds < 1 or options.batch < 1 or options.customers < 10 * options.batch:
        raise HostError("One customer in ten waits in the pool, so --customers must be at least ten times --batch, "
                        "and both --batch and --rounds at least 1.")


def run(options):
    host = Host.ready("bench")
    databases = Databases(host)
    with hold(host.home.root / "bench.lock", "bench"):
        key = f"{addon_digest()} {options.customers}"
        if host.home.stamp(DATABASE) != key or not databases.exists(DATABASE):
            host.home.set_stamp(DATABASE, None)
            template = databases.template("plain")
            databases.drop(DATABASE, force=True)
            databases.copy(template, DATABASE)
        log = host.home.log / "bench.log"
        log.unlink(missing_ok=True)
        choices = {"repository": str(REPO), "wanted": options.name, "customers": options.customers,
                   "batch": options.batch, "rounds": options.rounds}
        with step(f"Measuring with {options.customers} customers"):
            lines = host.script(DATABASE, "bench", log, "Measuring", environment={"KEHU_BENCH": json.dumps(choices)})
        host.home.set_stamp(DATABASE, key)
    *table, results = lines
    print("\n".join(table))
    folder = host.home.root / "bench"
    folder.mkdir(exist_ok=True)
    path = folder / f"{datetime.datetime.now():%Y%m%d-%H%M%S}.json"
    write_atomically(path, json.dumps({"choices": choices, "results": json.loads(results)}, ensure_ascii=False, indent=1))
    say(f"Kept in {path}.")
