"""What the registry keeps of the set-up of approval: forgotten at every change, and not kept again by whoever still sees the old rows."""

import time

from odoo.tools import ormcache

KEY = "kehu_forgotten"
RECENT = 3600  # seconds: no request lasts longer
_changes = {}
"""Committed changes of the last while, by the name of the database: tuple of (moment, number of the transaction)."""


class FreshCache(ormcache):
    """A cache of the host that a transaction begun before the last change does not fill.

    Such a transaction reads the rows as they were (PostgreSQL, "Repeatable Read Isolation Level"); kept, they would answer for everybody
    until the next change. It costs a query where a change was committed in the last hour and a transaction misses the cache for the
    first time; nothing otherwise.
    """

    def lookup(self, *args, **kwargs):
        cache = args[0].pool._Registry__caches[self.cache_name]
        key = self.key(*args, **kwargs)
        missed = key not in cache
        value = super().lookup(*args, **kwargs)
        # asked after it is kept: a change committed in between is registered first and cleared afterwards
        if missed and _sees_old_rows(args[0].env):
            cache.pop(key, None)
        return value


def forget(env, *names):
    """Clear caches of the registry now, as the host does, and once more when the transaction is committed.

    Call it after the change. Until it is committed, a thread of the same process that serves somebody else reads the old rows and keeps
    them again; and what this transaction itself kept inside a savepoint may have been rolled back with it.

    :param names: names of caches; the default one when left out
    """
    cr, registry, names = env.cr, env.registry, names or ("default",)
    registry.clear_cache(*names)
    waiting = cr.postcommit.data.setdefault(KEY, {"names": set(), "numbers": []})
    if not waiting["names"]:
        cr.postcommit.add(lambda: _committed(registry, waiting))
    waiting["names"].update(names)
    if not waiting["numbers"] and KEY not in cr.precommit.data:
        cr.precommit.data[KEY] = True
        cr.precommit.add(lambda: waiting["numbers"].append(_number_of(cr)))


def _number_of(cr):
    cr.execute("SELECT pg_current_xact_id()::text")
    return cr.fetchone()[0]


def _committed(registry, waiting):
    moment = time.monotonic()
    recent = tuple(change for change in _changes.get(registry.db_name, ()) if change[0] > moment - RECENT)
    _changes[registry.db_name] = recent + tuple((moment, number) for number in waiting["numbers"])
    registry.clear_cache(*sorted(waiting["names"]))


def _sees_old_rows(env):
    """Whether a change that was committed lately is not to be seen in this transaction."""
    cr, moment = env.cr, time.monotonic()
    seen = cr.cache.setdefault(KEY, set())
    unsure = [number for changed, number in _changes.get(cr.dbname, ()) if changed > moment - RECENT and number not in seen]
    if not unsure:
        return False
    cr.execute("SELECT bool_and(pg_visible_in_snapshot(number::xid8, pg_current_snapshot())) FROM unnest(%s) number", [unsure])
    if not cr.fetchone()[0]:
        return True
    seen.update(unsure)
    return False
