"""What the host does not undo by itself when the add-on is uninstalled."""

from .models.approval.kehu_approval_bridge import drop_columns
from .models.customer.partner_search_sql import drop_functions


def uninstall_hook(env):
    """Drop the functions of the search for customers; the indexes that stood on them went with our columns.

    Drop also the columns of documents to which an administrator added approval.
    """
    env.cr.execute(drop_functions())
    drop_columns(env)
