"""Which fields tell a phone, an e-mail, an amount or a cost, and what of them is shown to whom they are hidden from."""

import re

from ...tools.lookup import mask_email, mask_phone

KINDS = ("phone", "email", "amount", "cost")
EITHER = "either"  # a field that holds a phone, an e-mail or something else
REACH = ("phone", "email", EITHER)  # shown with stars; of the others nothing is shown
STARS = re.compile(r"\*{3}")
FEWEST_DIGITS = 11  # of a number that is looked for as a whole: a mobile, or a landline with its area code
_ADDRESS = re.compile(r"[^@\s%]+@[^@\s%]+\.[^@\s%]+")

_NUMBERS = (
    "phone",
    "phone_sanitized",
    "phone_mobile_search",
    "kehu_mobile",
    "kehu_other_phones",
    "kehu_wechat",
    "kehu_qq",
    "kehu_phone_key",
    "kehu_mobile_key",
)
_FIELDS = {
    "phone": {
        "res.partner": _NUMBERS,
        "crm.lead": ("phone", "phone_sanitized", "phone_mobile_search"),
        "kehu.contact.phone": ("number", "number_key", "display_name"),
        "kehu.phone.call": ("number", "number_key"),
        "kehu.call.line": ("number", "number_key"),
        "kehu.call.desk": ("number",),
        "sms.composer": ("recipient_single_number", "recipient_single_number_itf", "numbers", "sanitized_numbers"),
    },
    "email": {
        "res.partner": ("email", "email_normalized", "email_formatted"),
        "res.users": ("login",),
        "crm.lead": ("email_from", "email_normalized", "email_cc", "email_domain_criterion"),
        "mail.message": ("email_from", "reply_to", "incoming_email_to", "incoming_email_cc", "outgoing_email_to"),
        "mail.notification": ("mail_email_address",),
        "mail.template.preview": ("email_to", "email_cc"),
        "kehu.statement.letter": ("mailed_to",),
        "kehu.dunning.letter": ("mailed_to",),
        "payment.link.wizard": ("partner_email",),
        "portal.wizard.user": ("email",),
    },
    EITHER: {
        "kehu.duplicate.group": ("key",),
        "kehu.import.mapping": ("sample",),
        "kehu.import.row": ("cells", "values", "before", "after"),
        "kehu.lookup.log": ("criteria",),
    },
    # besides all fields of the type monetary
    "amount": {
        "account.journal": ("kanban_dashboard", "kanban_dashboard_graph", "current_statement_balance"),
        "account.move": (
            "access_token",
            "amount_total_words",
            "needed_terms",
            "tax_totals",
            "invoice_payments_widget",
            "invoice_outstanding_credits_debits_widget",
        ),
        "account.move.line": ("price_unit",),
        "account.move.send.wizard": ("body",),
        "ir.attachment": ("raw", "datas", "db_datas", "index_content", "access_token", "thumbnail"),
        "kehu.commission.line": ("explanation",),
        "kehu.approval.request": ("subject", "changes"),
        "kehu.target": ("value", "stretch", "challenge", "actual", "missing", "expected", "pace_needed", "parts_gap"),
        "kehu.purchased.product": ("price_unit", "amount"),
        "payment.link.wizard": ("link",),
        "crm.team": ("invoiced",),
        "sale.order": (
            "access_token",
            "amount_undiscounted",
            "kehu_credit_text",
            "kehu_due_parts",
            "kehu_price_alert_text",
            "kehu_surplus_text",
            "tax_totals",
        ),
        "sale.order.line": (
            "price_unit",
            "technical_price_unit",
            "price_tax",
            "price_reduce_taxexcl",
            "price_reduce_taxinc",
            "amount_to_invoice_at_date",
        ),
        "sale.report": (
            "price_subtotal",
            "price_total",
            "price_unit",
            "untaxed_amount_to_invoice",
            "untaxed_amount_invoiced",
            "discount_amount",
        ),
    },
    "cost": {
        "product.product": ("standard_price",),
        "product.template": ("standard_price",),
        "product.supplierinfo": ("price", "price_discounted"),
        "sale.order": ("margin", "margin_percent"),
        "sale.order.line": ("purchase_price", "margin", "margin_percent"),
        "sale.report": ("margin",),
    },
}
_WRITTEN = re.compile(r"[-0-9+() ./,#*]{5,}")
AMOUNT_DOCUMENTS = ("sale.order", "account.move", "account.payment", "kehu.contract", "kehu.receipt", "kehu.instalment")
# sums of money that are no business of the company with its customers: prices of the catalogue, what a customer turns over, settings
_OTHER_MONEY = ("product.", "res.company", "res.config.", "kehu.settings", "hr.", "res.currency")
# of the company and its own people
_COLLEAGUES = ("res.company", "res.config.", "base.document.layout", "crm.team", "resource.", "hr.")
_NOT_OURS = {("res.partner", "kehu_annual_revenue"), ("res.users", "kehu_annual_revenue")}


def hidden_fields(registry):
    """Return the fields of each model by kind, those included that only hand on another one.

    :rtype: dict[str, dict[str, str]]
    """
    found = {}
    for name, model in registry.items():
        for field in model._fields.values():
            money = field.type == "monetary" and not name.startswith(_OTHER_MONEY) and (name, field.name) not in _NOT_OURS
            if money or field.name == "kehu_approval_changes":
                found.setdefault(name, {})[field.name] = "amount"
    for kind, models in _FIELDS.items():
        for name, names in models.items():
            if name in registry:
                found.setdefault(name, {}).update((one, kind) for one in names if one in registry[name]._fields)
    for name, hidden in found.items():
        if registry[name]._rec_name in hidden:
            hidden["display_name"] = hidden[registry[name]._rec_name]
    grown = True
    while grown:
        grown = False
        for name, model in registry.items():
            for field in model._fields.values():
                if not field.related or field.name in found.get(name, ()):
                    continue
                kind = _kind_of_path(registry, found, name, field.related)
                if kind and not (kind in REACH and name.startswith(_COLLEAGUES)):
                    found.setdefault(name, {})[field.name] = kind
                    grown = True
    return found


def _kind_of_path(registry, found, name, path):
    *way, last = path.split(".")
    for step in way:
        name = registry[name]._fields[step].comodel_name
    return found.get(name, {}).get(last)


def covered(kind, value):
    """Return what is shown in place of a value.

    >>> covered("either", "13800138000"), covered("either", "wang@example.com"), covered("either", "Huaqiang")
    ('138****8000', 'w***@example.com', 'Huaqiang')
    >>> covered("phone", "13800138000, 051266880001"), covered("email", "wang@example.com"), covered("amount", 12.5)
    ('138****8000, 051****0001', 'w***@example.com', False)
    """
    if kind not in REACH or not value or not isinstance(value, str):
        return False
    if kind == EITHER:
        kind = "email" if "@" in value else "phone" if _WRITTEN.fullmatch(value) else None
        if not kind:
            return value
    mask = mask_phone if kind == "phone" else mask_email
    return ", ".join(mask(part) for part in re.split(r"[,;]", value) if part.strip())


def plain(kind, text):
    """Return a number or an address as two ways of writing the same are compared."""
    return re.sub(r"\D", "", text)[-FEWEST_DIGITS:] if kind == "phone" or "@" not in text else text.strip().lower()


def is_reach(text):
    """Tell whether a text may be a number or an address; other texts of a form are none that somebody typed as one."""
    return bool(_WRITTEN.fullmatch(text.strip()) or "@" in text)


def is_whole(kind, text):
    """Tell whether a text is a whole number or address: looking for parts would tell it piece by piece."""
    digits = len(re.sub(r"\D", "", text)) >= FEWEST_DIGITS and not re.search(r"[\\%_]", text)
    return digits if kind == "phone" else bool(_ADDRESS.fullmatch(text.strip())) or (digits and kind == EITHER)
