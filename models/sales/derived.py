"""Columns that scope records (customer, department, progress): computed, and never taken from a client.

Odoo lets RPC write a stored computed column, and takes any ``default_x`` of the context at creation. With either, somebody could hide
a document from their manager.
"""

from ..system.exceptions import KehuEngineOnlyError


def check_not_derived(records, vals_list, names):
    """Refuse values for derived columns.

    :raises KehuEngineOnlyError: naming the first of them
    """
    for vals in vals_list:
        for name in names & vals.keys():
            raise KehuEngineOnlyError(
                records.env._(
                    "“%(field)s” follows from the salesperson, the customer and the approval, and is not written by hand.",
                    field=records._fields[name]._description_string(records.env),
                )
            )


def without_defaults(records, names):
    """The same records, without defaults of the context for derived columns."""
    keys = {f"default_{name}" for name in names}
    if not keys & records.env.context.keys():
        return records
    return records.with_env(records.env(context={key: value for key, value in records.env.context.items() if key not in keys}))
