"""Measure Kehu CRM beside the host's own way and beside raw SQL, on seeded data, in interleaved rounds.

Times only rank on a shared machine; ratios and numbers of queries are what to compare. Results are kept as JSON in
.kehu/bench. The data lie in the database kehu_bench and are made anew when the code or the size changes; approval has two databases
of its own, kehu_bench_approval, and kehu_bench_oca with OCA's base_tier_validation instead of Kehu, where that can be fetched.
"""
import datetime
import json

from bench import SUPPORT
from bench.data import FULL

from .. import rivals
from ..databases import Databases, addon_digest
from ..errors import HostError
from ..lock import hold
from ..odoo import Host
from ..paths import REPO, write_atomically
from ..say import say, step

SUMMARY = "measure against the host's own way and raw SQL"
DATABASE = "kehu_bench"
APPROVAL, OCA = "kehu_bench_approval", "kehu_bench_oca"


def add_arguments(parser):
    parser.add_argument("name", nargs="*", help="measurements to run (default: all)")
    parser.add_argument("--scale", type=float, default=1.0,
                        help="size of the data, 1 = 1,000,000 customers, or documents (default %(default)s)")
    parser.add_argument("--batch", type=int, default=500, help="customers moved by one change (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds (default %(default)s)")


def check(options):
    there = _measurements()
    unknown = set(options.name) - set(there)
    if unknown:
        raise HostError(f"No measurement is called {', '.join(sorted(unknown))}: there are {', '.join(there)}.")
    if options.rounds < 1 or options.batch < 1 or not 10 * options.batch <= size(options) <= 10 * FULL:
        raise HostError("One customer in ten waits in the pool, so --scale must give at least ten customers for each of --batch "
                        "(0.005 for a batch of 500) and at most 10, and --batch and --rounds at least 1.")


def _measurements():
    """:return: names of all measurements"""
    return sorted(path.stem for path in (REPO / "bench").glob("*.py") if path.stem not in {"__init__", *SUPPORT})


def size(options):
    """:return: number of customers"""
    return round(FULL * options.scale) if 0 < options.scale < 1000 else 0


def run(options):
    host = Host.ready("bench")
    databases = Databases(host)
    with hold(host.home.root / "bench.lock", "bench"):
        key = f"{addon_digest()} {size(options)}"
        made = [DATABASE]
        _ensure(host.home, databases, DATABASE, "plain", key)
        approval = None
        if any(name.startswith("approval_") for name in options.name or _measurements()):
            addons, missing = rivals.fetch(host.home, rivals.APPROVAL)
            approval = {"database": APPROVAL, "oca_database": OCA, "oca_addons": addons and str(addons), "oca_missing": missing}
            _ensure(host.home, databases, APPROVAL, "plain", key)
            made.append(APPROVAL)
            if addons:
                _ensure(host.home, databases, OCA, "base", f"{key} {rivals.APPROVAL}")
                made.append(OCA)
        log = host.home.log / "bench.log"
        log.unlink(missing_ok=True)
        choices = {"repository": str(REPO), "wanted": options.name, "customers": size(options),
                   "batch": options.batch, "rounds": options.rounds, "approval": approval}
        with step(f"Measuring with {size(options):,} customers"):
            lines = host.script(DATABASE, "bench", log, "Measuring", environment={"KEHU_BENCH": json.dumps(choices)})
        for name in made:
            host.home.set_stamp(name, f"{key} {rivals.APPROVAL}" if name == OCA else key)
    *table, results = lines
    print("\n".join(table))
    folder = host.home.root / "bench"
    folder.mkdir(exist_ok=True)
    path = folder / f"{datetime.datetime.now():%Y%m%d-%H%M%S}.json"
    write_atomically(path, json.dumps({"choices": choices, "results": json.loads(results)}, ensure_ascii=False, indent=1))
    say(f"Kept in {path}.")


def _ensure(home, databases, name, kind, key):
    """Make a database of the bench anew, empty, unless it is of this code and size."""
    if home.stamp(name) == key and databases.exists(name):
        return
    home.set_stamp(name, None)
    template = databases.template(kind)
    databases.drop(name, force=True)
    databases.copy(template, name)
