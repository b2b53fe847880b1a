"""Measure Kehu CRM beside the host's own way and beside raw SQL, on seeded data, in interleaved rounds.

Times only rank on a shared machine; ratios and numbers of queries are what to compare. Results are kept as JSON in
.kehu/bench. The data lie in the database kehu_bench and are made anew when the code or the size changes.
"""
import datetime
import json

from bench import SUPPORT
from bench.data import FULL

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
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data, 1 = 1,000,000 customers (default %(default)s)")
    parser.add_argument("--batch", type=int, default=500, help="customers moved by one change (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds (default %(default)s)")


def check(options):
    there = sorted(path.stem for path in (REPO / "bench").glob("*.py") if path.stem not in {"__init__", *SUPPORT})
    unknown = set(options.name) - set(there)
    if unknown:
        raise HostError(f"No measurement is called {', '.join(sorted(unknown))}: there are {', '.join(there)}.")
    if options.rounds < 1 or options.batch < 1 or not 10 * options.batch <= size(options) <= 10 * FULL:
        raise HostError("One customer in ten waits in the pool, so --scale must give at least ten customers for each of --batch "
                        "(0.005 for a batch of 500) and at most 10, and --batch and --rounds at least 1.")


def size(options):
    """:return: number of customers"""
    return round(FULL * options.scale) if 0 < options.scale < 1000 else 0


def run(options):
    host = Host.ready("bench")
    databases = Databases(host)
    with hold(host.home.root / "bench.lock", "bench"):
        key = f"{addon_digest()} {size(options)}"
        if host.home.stamp(DATABASE) != key or not databases.exists(DATABASE):
            host.home.set_stamp(DATABASE, None)
            template = databases.template("plain")
            databases.drop(DATABASE, force=True)
            databases.copy(template, DATABASE)
        log = host.home.log / "bench.log"
        log.unlink(missing_ok=True)
        choices = {"repository": str(REPO), "wanted": options.name, "customers": size(options),
                   "batch": options.batch, "rounds": options.rounds}
        with step(f"Measuring with {size(options):,} customers"):
            lines = host.script(DATABASE, "bench", log, "Measuring", environment={"KEHU_BENCH": json.dumps(choices)})
        host.home.set_stamp(DATABASE, key)
    *table, results = lines
    print("\n".join(table))
    folder = host.home.root / "bench"
    folder.mkdir(exist_ok=True)
    path = folder / f"{datetime.datetime.now():%Y%m%d-%H%M%S}.json"
    write_atomically(path, json.dumps({"choices": choices, "results": json.loads(results)}, ensure_ascii=False, indent=1))
    say(f"Kept in {path}.")
