"""What the host does not undo by itself when the add-on is uninstalled."""

from .models.approval.kehu_approval_bridge import drop_columns
from .models.contract.res_company import SEQUENCE
from .models.customer.partner_search_sql import drop_functions


def uninstall_hook(env):
    """Drop the functions of the search for customers; the indexes that stood on them went with our columns.

    Drop also the columns of documents to which an administrator added approval, and the number series of contracts.
    """
    env.cr.execute(drop_functions())
    drop_columns(env)
    # number series of companies that were made after the installation have no external id
    env["ir.sequence"].search([("code", "=", SEQUENCE)]).unlink()
