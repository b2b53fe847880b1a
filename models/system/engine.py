"""Writes that only the product's own code may make.

A context key alone can be forged by RPC, because a client sends any context it likes. The value of ours is a Python object that no
message can carry, and it is compared by identity (the idea of OCA's queue_job). Each engine has a key of its own, so that code which
runs inside one engine's write does not pass the guards of another.
"""

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class _EngineToken:
    """The object whose identity opens a guard; copies of it are itself."""

    __slots__ = ()

    def __repr__(self):
        return "<kehu engine token>"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


_TOKEN = _EngineToken()


def as_engine(records, engine):
    """Return the same records, allowed past the guards of one engine.

    :param records: any recordset
    :param str engine: name of the engine: ``ownership``, ``contact``, ``approval``, ``receipt`` …
    """
    return records.with_context(**{f"kehu_engine_{engine}": _TOKEN})


def leave_engine(records, engine):
    """Return the same records without the permission given by :func:`as_engine`."""
    if not is_engine(records.env, engine):
        return records
    return records.with_context(**{f"kehu_engine_{engine}": False})


def is_engine(env, engine):
    """Tell whether this environment was opened by :func:`as_engine` for that engine."""
    return env.context.get(f"kehu_engine_{engine}") is _TOKEN


def is_record_id(value):
    """Tell whether a value sent by a client can be the id of a record; anything else makes the database stumble.

    :rtype: bool
    """
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def is_uninstalling(env):
    """Tell whether the add-on is being uninstalled.

    ``@api.ondelete(at_uninstall=False)`` is not enough for a guard: the flag it looks at is a plain context key that RPC can send.
    Uninstalling runs as superuser, so a guard is declared with ``at_uninstall=True`` and steps aside only here.
    """
    return bool(env.su and env.uid == 1 and env.context.get(MODULE_UNINSTALL_FLAG))
