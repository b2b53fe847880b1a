"""Runs the variants of a measurement in turns and compares their medians.

Times only rank: the machine is shared, so what counts is the ratio of variants measured side by side, and the number
of queries. Every call gets a fresh environment with an empty cache and is rolled back.
"""
import importlib
import json
import pkgutil
import statistics
import time
from pathlib import Path

from . import SUPPORT, data


def names():
    """:return: names of the measurements, one per file beside this one"""
    return sorted(info.name for info in pkgutil.iter_modules([str(Path(__file__).parent)]) if info.name not in SUPPORT)


class Bench:
    """What a measurement gets: the registry, the people and the size of the data."""

    def __init__(self, env, rounds, batch):
        self.registry = env.registry
        self.rounds = rounds
        self.batch = batch
        self.seller = env["res.users"].search([("login", "=", data.seller_login(1))]).id
        self.other_seller = env["res.users"].search([("login", "=", data.seller_login(2))]).id
        self.manager = env["res.users"].search([("login", "=", data.MANAGER)]).id
        self.director = env["res.users"].search([("login", "=", data.DIRECTOR)]).id

    def once(self, function, user, registry=None):
        """Run a function once for a user.

        :param registry: of another database than the one with the customers
        :return: (seconds, queries, what the function returned)
        """
        from odoo import api
        with (registry or self.registry).cursor() as cr:
            env = api.Environment(cr, user, {"lang": "zh_CN", "tz": "Asia/Shanghai"})
            env.user.has_group("base.group_user")  # what every session has loaded
            env.invalidate_all()
            queries, started = cr.sql_log_count, time.perf_counter()
            result = function(env)
            env.flush_all()
            spent = time.perf_counter() - started, cr.sql_log_count - queries
            cr.rollback()
            return (*spent, result)


def run(env, wanted, rounds=7, batch=500):
    """Run measurements and print their tables.

    :param list wanted: names of measurements, empty = all
    :param int rounds: measured rounds; one more goes before them and is thrown away
    :param int batch: customers that one change of owner moves
    :return: {measurement: {variant: {"median_ms", "queries", "ratio"}}}
    """
    bench = Bench(env, rounds, batch)
    env.cr.commit()
    results = {}
    for name in wanted or names():
        module = importlib.import_module(f"{__package__}.{name}")
        results[name] = measure(bench, module.variants(bench), min(rounds, getattr(module, "ROUNDS", rounds)))
        if getattr(module, "WRITES", False):
            tidy(bench)
        print(f"kehu:{module.__doc__.splitlines()[0]}")
        for label, row in results[name].items():
            print(f"kehu:  {label:<52}{row['median_ms']:>10.1f} ms {row['queries']:>6} queries {row['ratio']:>8.2f} x ours")
    print("kehu:" + json.dumps(results, ensure_ascii=False))
    return results


def tidy(bench):
    """Do what a server's autovacuum does in a quiet minute: what was rolled back leaves dead rows, and index-only scans without use."""
    with bench.registry.cursor() as cr:
        cr.rollback()
        cr._cnx.autocommit = True
        try:
            cr.execute("VACUUM ANALYZE res_partner, kehu_assignment")
        finally:
            cr._cnx.autocommit = False


def measure(bench, variants, rounds):
    """:param int rounds: measured ones; a measurement that takes minutes has fewer of them, its ``ROUNDS``
    :param dict variants: {label: (user, function) or (user, function, registry of another database)}; all must return the same, or the
        ratio would mean nothing; a variant that asks another question, which its label says, returns None
    :return: {label: {"median_ms", "queries", "ratio"}}; ratio = median of the variant / median of the first
    """
    times, queries, answers = {}, {}, {}
    for turn in range(rounds + 1):
        for label, (user, function, *registry) in variants.items():
            seconds, count, answer = bench.once(function, user, *registry)
            answers[label] = answer
            if turn:
                times.setdefault(label, []).append(seconds)
                queries[label] = count
    first = next(iter(variants))
    for label, answer in answers.items():
        assert answer is None or answer == answers[first], f"AssertionError: {label} gives {answer!r}, {first} gives {answers[first]!r}"
    ours = statistics.median(times[first])
    return {label: {"median_ms": statistics.median(values) * 1000, "queries": queries[label],
                    "ratio": statistics.median(values) / ours} for label, values in times.items()}
