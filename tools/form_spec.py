"""What the web client asks for when it opens a form, built from the view; for measurements and tests."""

from lxml import etree
from odoo.tools.safe_eval import safe_eval

PAGE = 40  # rows of an embedded list that the web client asks for, unless the list says otherwise


def form_spec(model, view, record):
    """Build what the web client asks for when it opens this form, from the view as the current user gets it.

    :param model: empty recordset
    :param view: the form
    :param record: the record that will be read; contexts in the view may name its id
    :return: specification for ``web_read``
    :rtype: dict
    """
    arch = etree.fromstring(model.get_views([(view.id, "form")])["views"]["form"]["arch"])
    return _spec(model, arch, record)


def _fields(node):
    """Yield the field nodes of this view, not those of the lists embedded in it."""
    for child in node:
        if child.tag == "field":
            yield child
        elif isinstance(child.tag, str):
            yield from _fields(child)


def _spec(model, arch, record):
    spec = {}
    for node in _fields(arch):
        name = node.get("name")
        field = model._fields[name]
        hidden = {node.get("invisible"), node.get("column_invisible")} & {"1", "True"}
        if field.type == "many2one":
            wanted = {"fields": {} if hidden else {"display_name": {}}, "context": _context(node, record)}
        elif field.type in ("one2many", "many2many") and not hidden:
            comodel = model.env[field.comodel_name]
            rows = next((child for child in node if child.tag in ("list", "kanban")), None)
            if rows is not None:
                wanted = {"fields": _spec(comodel, rows, record), "limit": int(rows.get("limit") or PAGE)}
                if rows.get("default_order"):
                    wanted["order"] = rows.get("default_order")
            else:  # tags
                color = {"color": {}} if "color_field" in (node.get("options") or "") else {}
                wanted = {"fields": {"display_name": {}, **color}}
            wanted["context"] = _context(node, record)
        else:
            wanted = {}
        if name not in spec or "display_name" in wanted.get("fields", {}):
            spec[name] = wanted
    return spec


def _context(node, record):
    """Return the context written on a field of the form, as the client evaluates it; what it names beyond the id stays out."""
    try:
        return safe_eval(node.get("context") or "{}", {"id": record.id, "uid": record.env.uid})
    except (NameError, ValueError):  # ValueError: how safe_eval tells of an unknown name
        return {}
