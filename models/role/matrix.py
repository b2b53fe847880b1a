"""What the matrix of a role can say, and what the shipped roles say already."""

from typing import NamedTuple

LEVELS = ("none", "own", "department", "all")  # each contains those before it
BASES = {
    "salesperson": "kehu_crm.group_kehu_user",
    "manager": "kehu_crm.group_kehu_manager",
    "director": "kehu_crm.group_kehu_director",
    "viewer": "kehu_crm.group_kehu_service",
}
APPROVERS = {
    "order": "kehu_crm.group_kehu_order_approver",
    "contract": "kehu_crm.group_kehu_order_approver",
    "receipt": "kehu_crm.group_kehu_receipt_approver",
}


class Documents(NamedTuple):
    """A model of an area, and the way from its records to the owner and the department."""

    model: str
    path: str = ""
    nobody: bool = False  # what nobody owns counts as one's own, as the host has it
    by_customer: bool = False  # what was written about one's customer counts too, to view
    by_owner: bool = False  # no department of its own: that of the owner counts
    derived: bool = False  # figures and letters made of the documents: they follow them, but are opened by nobody because of them


AREA_MODELS = {
    "customer": (Documents("res.partner"),),
    "record": (Documents("kehu.contact.record", by_customer=True),),
    "call": (Documents("kehu.phone.call", by_customer=True), Documents("kehu.call.report", derived=True)),
    "opportunity": (
        Documents("crm.lead", nobody=True),
        Documents("crm.activity.report", nobody=True, by_owner=True, derived=True),
    ),
    "order": (
        Documents("sale.order", nobody=True),
        Documents("sale.order.line", "order_id.", nobody=True),
        Documents("kehu.shipment", "order_id.", nobody=True),
        Documents("kehu.shipment.line", "shipment_id.order_id.", nobody=True),
        Documents("sale.report", nobody=True, by_owner=True, derived=True),
    ),
    "contract": (Documents("kehu.contract"),),
    "receipt": (
        Documents("kehu.receipt"),
        Documents("kehu.receipt.allocation", "receipt_id."),
        Documents("kehu.advance.use", "receipt_id."),
        Documents("kehu.advance.use.line", "use_id.receipt_id."),
    ),
    "receivable": (
        Documents("kehu.receivable"),
        Documents("kehu.statement.letter", derived=True),
        Documents("kehu.dunning.letter", derived=True),
        Documents("kehu.dunning.line", "letter_id.", derived=True),
    ),
}
AREA_OF_MODEL = {documents.model: (area, documents) for area, models in AREA_MODELS.items() for documents in models}
# what a viewer needs beside the documents, to read
BESIDE = {
    "order": ("product.product", "product.template", "account.move", "account.move.line"),
}
# of these a viewer sees no record: the program asks whether there are any
BLIND = ("account.move", "account.move.line")
MENUS = {
    "order": ("kehu_crm.sale_order_menu_kehu_orders",),
    "contract": ("kehu_crm.kehu_contract_menu",),
    "receipt": ("kehu_crm.kehu_receipt_menu",),
    "receivable": ("kehu_crm.kehu_receivable_menu",),
}
WRITTEN_BY_ONESELF = ("record", "call")  # who wrote them edits them, nobody else
GIVEN = ("customer", "record")  # what the work of a shipped role rests on: no role of it sees less
FOR_SALES = ("opportunity",)  # opened by salespeople and above only


def granted(base, area):
    """(view, edit): what the shipped role gives in an area."""
    if base == "viewer":
        return ("all" if area in ("customer", "record", "call") else "none", "none")
    view = {"salesperson": "own", "manager": "department", "director": "all"}[base]
    edit = "none" if area == "receivable" else "own" if area in WRITTEN_BY_ONESELF else view
    return view, edit


def rank(level):
    return LEVELS.index(level or "none")


def level_domain(documents, level, editing, base):
    """Which records a level means, as the text of a rule of the host.

    :param Documents documents: model and way to the owner
    :param str level: one of ``LEVELS``
    :param bool editing: to edit, not to view
    :param str base: one of ``BASES``; managers see the departments that they oversee, others the one they work in and those below
    :rtype: str
    """
    if level == "none":
        return "[(0, '=', 1)]"
    if level == "all":
        return "[(1, '=', 1)]"
    path = documents.path
    nobody = ", False" if documents.nobody else ""
    parts = [f"('{path}user_id', 'in', [user.id{nobody}])"]
    if documents.by_customer and not editing:
        parts.append("('partner_id.user_id', '=', user.id)")
    if level == "department":
        ways = [path, "partner_id."] if documents.by_customer and not editing else [path]
        column = "user_id.kehu_home_department_id" if documents.by_owner else "kehu_department_id"
        for way in ways:
            parts.append(f"('{way}{column}.kehu_overseer_ids', 'in', [user.id])")
            if base not in ("manager", "director"):
                parts.append(f"('{way}{column}', 'child_of', user.kehu_home_department_id.ids)")
    return "[" + "'|', " * (len(parts) - 1) + ", ".join(parts) + "]"
