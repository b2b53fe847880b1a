"""What the host does not undo by itself when the add-on is uninstalled."""

from .models.customer.partner_search_sql import drop_functions


def uninstall_hook(env):
    """Drop the functions of the search for customers; the indexes that stood on them went with our columns."""
    env.cr.execute(drop_functions())
