"""What own reports may be about: the records that a person adds up, told in the words of the screen.

A source names a model and those of its fields by which sensible people tell records apart or which they add up. Another add-on adds one by
overriding ``kehu.report._kehu_sources``. Whether a person may read the model and the field is asked anew at each reading.
"""

from dataclasses import dataclass

from odoo.tools import LazyTranslate
from odoo.tools.translate import LazyGettext

_lt = LazyTranslate(__name__)


@dataclass(frozen=True, eq=False)
class Source:
    """Records to report on.

    ``domain`` says which records of the model belong to it; ``moment``, ``person`` and ``department`` are the fields that the conditions
    of a page are about, empty where there is none; ``groups`` are fields, or paths over one many2one, to tell records apart by;
    ``numbers`` are stored numbers to add up or to average, ``different`` links of which the different ones are counted; ``action`` is the
    external id of the action that lists the records; ``first`` are the row and the measures that a new report begins with.
    """

    name: str
    label: LazyGettext
    model: str
    moment: str
    groups: tuple
    numbers: tuple = ()
    different: tuple = ()
    person: str = "user_id"
    department: str = "kehu_department_id"
    domain: tuple = ()
    action: str = ""
    first: tuple = ("user_id", "__count")


# where the host's own word says little to a salesperson
LABELS = {
    "state_id": _lt("Province"),
    "city_id": _lt("City"),
    "kehu_customer_id": _lt("Customer"),
    "order_partner_id": _lt("Customer"),
    "order_id": _lt("Order"),
    "medium_id": _lt("Medium"),
    "date_from": _lt("Begins On"),
    "date_to": _lt("Ends On"),
}

OF_ORDERS = (
    "kehu_customer_level_id",
    "kehu_customer_region_id",
    "kehu_customer_state_id",
    "kehu_customer_city_id",
    "kehu_customer_industry_id",
    "kehu_customer_nature_id",
    "kehu_customer_source_id",
)

SOURCES = (
    Source(
        "customers",
        _lt("Customers"),
        "res.partner",
        "create_date",
        groups=(
            "kehu_level_id",
            "kehu_stage",
            "user_id",
            "kehu_department_id",
            "kehu_source_id",
            "industry_id",
            "kehu_nature_id",
            "kehu_region_id",
            "state_id",
            "city_id",
            "kehu_pool_id",
            "create_date",
            "kehu_assigned_on",
            "kehu_last_contact",
            "kehu_next_contact",
            "kehu_last_deal",
        ),
        numbers=("kehu_annual_revenue", "kehu_headcount"),
        domain=(("kehu_is_customer", "=", True),),
        action="kehu_crm.kehu_customer_action",
        first=("kehu_level_id", "__count"),
    ),
    Source(
        "contact_records",
        _lt("Contact Records"),
        "kehu.contact.record",
        "date",
        groups=("user_id", "kehu_department_id", "method", "level_id", "is_effective", "date", "partner_id", "lead_id", "next_contact"),
        different=("partner_id",),
        action="kehu_crm.kehu_contact_record_action",
    ),
    Source(
        "phone_calls",
        _lt("Phone Calls"),
        "kehu.phone.call",
        "date",
        groups=("user_id", "kehu_department_id", "outcome", "direction", "is_reached", "date", "partner_id", "list_id"),
        numbers=("duration",),
        different=("partner_id",),
        action="kehu_crm.kehu_phone_call_action",
    ),
    Source(
        "opportunities",
        _lt("Opportunities"),
        "crm.lead",
        "create_date",
        groups=(
            "stage_id",
            "user_id",
            "kehu_department_id",
            "won_status",
            "lost_reason_id",
            "team_id",
            "source_id",
            "medium_id",
            "campaign_id",
            "state_id",
            "priority",
            "kehu_customer_id",
            "create_date",
            "date_deadline",
            "date_closed",
        ),
        numbers=("expected_revenue", "prorated_revenue", "probability", "day_open", "day_close"),
        different=("kehu_customer_id",),
        # lost ones are archived by the host; they belong to what became of opportunities
        domain=(("type", "=", "opportunity"), "|", ("active", "=", True), ("won_status", "=", "lost")),
        first=("stage_id", "expected_revenue:sum"),
    ),
    Source(
        "quotes",
        _lt("Quotes"),
        "sale.order",
        "date_order",
        groups=(
            "user_id",
            "kehu_department_id",
            "team_id",
            "state",
            "kehu_approval_state",
            "kehu_customer_id",
            *OF_ORDERS,
            "date_order",
            "validity_date",
        ),
        numbers=("amount_untaxed", "amount_total", "margin"),
        different=("kehu_customer_id",),
        domain=(("kehu_document", "=", "quote"), ("state", "!=", "cancel")),
        action="kehu_crm.sale_order_action_kehu_quotes",
        first=("user_id", "amount_untaxed:sum"),
    ),
    Source(
        "orders",
        _lt("Confirmed Orders"),
        "sale.order",
        "date_order",
        groups=(
            "date_order",
            "user_id",
            "kehu_department_id",
            "team_id",
            "kehu_sale_type_id",
            "kehu_receipt_state",
            "kehu_delivery_state",
            "invoice_status",
            "kehu_customer_id",
            *OF_ORDERS,
            "kehu_date_due",
            "kehu_last_receipt_date",
            "kehu_contract_id",
        ),
        numbers=("amount_untaxed", "amount_total", "margin", "kehu_amount_received", "kehu_amount_due", "kehu_amount_invoiced"),
        different=("kehu_customer_id",),
        domain=(("state", "=", "sale"),),
        action="kehu_crm.sale_order_action_kehu_orders",
        first=("date_order:month", "amount_untaxed:sum"),
    ),
    Source(
        "order_lines",
        _lt("Lines of Confirmed Orders"),
        "sale.order.line",
        "order_id.date_order",
        groups=(
            "product_id",
            "kehu_category_id",
            "salesman_id",
            "order_id.kehu_department_id",
            "order_partner_id",
            *(f"order_id.{name}" for name in OF_ORDERS),
            "order_id.date_order",
            "kehu_delivery_date",
        ),
        numbers=("price_subtotal", "price_total", "product_uom_qty", "qty_delivered", "qty_invoiced", "discount"),
        different=("order_partner_id", "product_id", "order_id"),
        person="salesman_id",
        department="order_id.kehu_department_id",
        domain=(("state", "=", "sale"), ("display_type", "=", False)),
        first=("product_id", "price_subtotal:sum"),
    ),
    Source(
        "receipts",
        _lt("Receipts"),
        "kehu.receipt",
        "date",
        groups=("date", "user_id", "kehu_department_id", "state", "kehu_approval_state", "journal_id", "partner_id"),
        numbers=("amount", "amount_allocated", "advance", "advance_open"),
        different=("partner_id",),
        action="kehu_crm.kehu_receipt_action",
        first=("date:month", "amount:sum"),
    ),
    Source(
        "receivables",
        _lt("Receivables"),
        "kehu.receivable",
        "date_due",
        groups=("kehu_department_id", "user_id", "partner_id", "receipt_state", "settled", "date_due", "date_order"),
        numbers=(
            "amount_due",
            "amount_total",
            "amount_received",
            "amount_invoiced",
            "due_current",
            "due_1_30",
            "due_31_60",
            "due_61_90",
            "due_over_90",
        ),
        different=("partner_id",),
        action="kehu_crm.kehu_receivable_action",
        first=("kehu_department_id", "amount_due:sum"),
    ),
    Source(
        "instalments",
        _lt("Instalments"),
        "kehu.instalment",
        "date_due",
        groups=("date_due", "user_id", "kehu_department_id", "state", "partner_id"),
        numbers=("amount", "amount_received", "amount_due"),
        different=("partner_id",),
        domain=(("in_force", "=", True),),
        action="kehu_crm.kehu_instalment_action",
        first=("date_due:month", "amount_due:sum"),
    ),
    Source(
        "contracts",
        _lt("Contracts"),
        "kehu.contract",
        "sign_date",
        groups=("state", "type_id", "user_id", "kehu_department_id", "partner_id", "sign_date", "date_from", "date_to"),
        numbers=("amount",),
        different=("partner_id",),
        action="kehu_crm.kehu_contract_action",
        first=("state", "amount:sum"),
    ),
    Source(
        "targets",
        _lt("Targets"),
        "kehu.target",
        "date_from",
        groups=("metric", "user_id", "department_id", "period", "date_from"),
        numbers=("value", "stretch", "challenge"),
        action="kehu_crm.kehu_target_action",
        first=("metric", "value:sum"),
    ),
    Source(
        "ownership",
        _lt("Ownership History"),
        "kehu.assignment",
        "date",
        groups=("kind", "user_id", "old_user_id", "author_id", "pool_id", "date", "partner_id"),
        different=("partner_id",),
        department="",
        action="kehu_crm.kehu_assignment_action",
        first=("kind", "__count"),
    ),
    Source(
        "shipments",
        _lt("Shipments"),
        "kehu.shipment",
        "date",
        groups=("date", "state", "user_id", "order_id.kehu_department_id", "order_id.kehu_customer_id", "received_on"),
        department="order_id.kehu_department_id",
        action="kehu_crm.kehu_shipment_action",
        first=("date:month", "__count"),
    ),
)
