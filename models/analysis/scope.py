"""What of a record rule a summary can tell.

A summary has some columns of the documents it adds up: the company, the department, perhaps the salesperson. A rule may ask for more, as
whether somebody was asked about an order. The rule is cut in two: what the summary's columns answer is read from the summary, the rest
from the documents. Both together are the rule, whatever rules there are; so the figures are those of the documents that the person may see.
"""

from odoo.fields import Domain


def split(domain, columns):
    """Cut a domain in two that together are the whole.

    E.g. with the column ``user_id``: ``company and (user_id = 7 or asked)`` is ``company and user_id = 7``, left: ``company and asked``.

    :param Domain domain: of the documents
    :param columns: names of those fields of the documents that the summary has too
    :return: (what the columns answer, what is left for the documents); a document may be in both
    :rtype: tuple[Domain, Domain]
    """
    if is_told(domain, columns):
        return domain, Domain.FALSE
    operator = getattr(domain, "OPERATOR", None)  # of those that are made of others
    if operator == "|":
        parts = [split(child, columns) for child in domain.children]
        return Domain.OR(part[0] for part in parts), Domain.OR(part[1] for part in parts)
    if operator == "&":
        parts = [(child, *split(child, columns)) for child in domain.children]
        open_parts = [part for part in parts if not part[2].is_false()]
        if len(open_parts) == 1:
            rest = Domain.AND(part[0] for part in parts if part[2].is_false())
            _child, told, left = open_parts[0]
            return rest & told, rest & left
    return Domain.FALSE, domain


def is_told(domain, columns):
    """Tell whether the columns answer all of a domain. A condition that makes its own SQL is about the documents' table: they never do."""
    if domain.is_true() or domain.is_false():
        return True
    if hasattr(domain, "field_expr"):
        return domain.field_expr.split(".")[0] in columns
    children = getattr(domain, "children", None) or [child for child in (getattr(domain, "child", None),) if child is not None]
    return bool(children) and all(is_told(child, columns) for child in children)
