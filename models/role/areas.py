"""The areas of the CRM as an administrator speaks of them, each with the model that decides."""

from typing import NamedTuple

from odoo.fields import Domain


class Area(NamedTuple):
    """One line of the answers and of the matrix of a role."""

    key: str
    model: str
    domain: tuple = ()  # which records of the model belong to the area


AREAS = (
    Area("customer", "res.partner", (("kehu_is_customer", "=", True),)),
    Area("record", "kehu.contact.record"),
    Area("call", "kehu.phone.call"),
    Area("opportunity", "crm.lead", (("type", "=", "opportunity"),)),
    Area("order", "sale.order"),
    Area("contract", "kehu.contract"),
    Area("receipt", "kehu.receipt"),
    Area("receivable", "kehu.receivable"),
    Area("target", "kehu.target"),
    Area("commission", "kehu.commission"),
    Area("product", "product.template"),
    Area("pool", "kehu.pool"),
    Area("import", "kehu.import.batch"),
    Area("settings", "kehu.settings"),
    Area("log", "kehu.operation.log"),
)


def area_names(env):
    """What the areas are called, in the language of the reader.

    :rtype: dict[str, str]
    """
    return {
        "customer": env._("Customers and Contacts"),
        "record": env._("Contact Records"),
        "call": env._("Phone Calls"),
        "opportunity": env._("Opportunities"),
        "order": env._("Quotes and Orders"),
        "contract": env._("Contracts"),
        "receipt": env._("Receipts"),
        "receivable": env._("Receivables"),
        "target": env._("Targets"),
        "commission": env._("Commissions"),
        "product": env._("Products"),
        "pool": env._("Settings of Pools"),
        "import": env._("Imports"),
        "settings": env._("CRM Settings"),
        "log": env._("Logs"),
    }


def area_domain(area):
    """:rtype: Domain"""
    return Domain([*area.domain])
