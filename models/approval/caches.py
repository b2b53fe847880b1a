"""Forgetting what the registry keeps of the set-up of approval."""

KEY = "kehu_forgotten"


def forget(env, *names):
    """Clear caches of the registry now, as the host does, and once more when the transaction is committed.

    Call it after the change. Until it is committed, a thread of the same process that serves somebody else reads the old rows and keeps
    them again; and what this transaction itself kept inside a savepoint may have been rolled back with it.

    :param names: names of caches; the default one when left out
    """
    registry, names = env.registry, names or ("default",)
    registry.clear_cache(*names)
    callbacks = env.cr.postcommit
    waiting = callbacks.data.setdefault(KEY, set())
    if not waiting:
        callbacks.add(lambda: registry.clear_cache(*sorted(waiting)))
    waiting.update(names)
