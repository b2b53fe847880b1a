"""What can be laid out: the documents, their parts and what they offer to be clicked."""

from typing import NamedTuple


class Document(NamedTuple):
    """One kind of print.

    ``fields`` are offered to be clicked, and are all that a print for somebody outside may hold; ``lines`` likewise.
    """

    label: str
    model: str
    reports: tuple
    blocks: tuple
    fields: tuple
    lines: tuple = ()


PARTIES = ("partner_id.name", "partner_id.vat", "partner_id.phone", "partner_id.email", "partner_id.street", "partner_id.city")
COMPANY = ("company_id.name", "company_id.vat", "company_id.phone", "company_id.email", "company_id.website")
GOODS = ("number", "product", "description", "specification", "unit", "quantity", "price", "discount", "tax", "amount", "delivery")
SALE = (
    "name",
    "client_order_ref",
    "date_order",
    "validity_date",
    "commitment_date",
    "user_id.name",
    "user_id.phone",
    "payment_term_id.name",
    "kehu_sale_type_id.name",
    "kehu_delivery_terms_id.name",
    "partner_shipping_id.name",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "note",
    *PARTIES,
    *COMPANY,
)
SALE_BLOCKS = ("letterhead", "head", "parties", "lines", "totals", "agreed", "terms", "signatures")
ORDER_REPORTS = ("kehu_crm.print_order", "kehu_crm.print_order_bilingual")

DOCUMENTS = {
    "quote": Document("Quote", "sale.order", ORDER_REPORTS, SALE_BLOCKS, SALE, GOODS),
    "order": Document("Order", "sale.order", ORDER_REPORTS, SALE_BLOCKS, SALE, GOODS),
    "contract": Document(
        "Contract",
        "kehu.contract",
        ("kehu_crm.print_contract", "kehu_crm.print_contract_bilingual"),
        ("letterhead", "head", "parties", "lines", "totals", "agreed", "terms", "signatures"),
        ("name", "title", "type_id.name", "sign_date", "date_from", "date_to", "amount", "terms", "user_id.name", *PARTIES, *COMPANY),
        GOODS,
    ),
    "opportunity": Document(
        "Opportunity",
        "crm.lead",
        ("kehu_crm.print_opportunity", "kehu_crm.print_opportunity_bilingual"),
        ("letterhead", "parties", "notes", "quotes", "contacts"),
        (
            "name",
            "partner_id.name",
            "contact_name",
            "phone",
            "email_from",
            "stage_id.name",
            "probability",
            "expected_revenue",
            "date_deadline",
            "user_id.name",
            "team_id.name",
            "description",
        ),
    ),
    "receipt": Document(
        "Receipt",
        "kehu.receipt",
        ("kehu_crm.print_receipt", "kehu_crm.print_receipt_bilingual"),
        ("letterhead", "head", "facts", "allocations", "total", "signatures"),
        ("name", "date", "amount", "journal_id.name", "user_id.name", "note", *PARTIES, *COMPANY),
    ),
    "statement": Document(
        "Statement of Account",
        "kehu.statement.sheet",
        ("kehu_crm.print_statement", "kehu_crm.print_statement_bilingual"),
        ("letterhead", "parties", "entries", "ages", "orders", "end"),
        ("date_from", "date_to", *PARTIES, *COMPANY),
    ),
    "dunning": Document(
        "Dunning Letter",
        "kehu.dunning.letter",
        ("kehu_crm.print_dunning", "kehu_crm.print_dunning_bilingual"),
        ("letterhead", "head", "parties", "text", "invoices", "totals", "account", "end"),
        ("name", "date", "level_id.name", *PARTIES, *COMPANY),
    ),
    "delivery": Document(
        "Delivery Note",
        "kehu.shipment",
        ("kehu_crm.print_delivery_note", "kehu_crm.print_delivery_note_bilingual"),
        ("letterhead", "head", "parties", "carrier", "lines", "notes", "signatures"),
        ("name", "date", "order_id.name", "partner_id.name", "carrier", "waybill", "note", "user_id.name", *COMPANY),
    ),
}
