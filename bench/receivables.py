"""Open receivables: the first page of 80, its count, and the totals of the six amounts by age, as finance opens the list.

Raw: the same three questions in SQL over the stored columns, without rights or records. Host: the first page, count and totals of its own
list of open invoices, as many invoices as there are orders; another question, so its answer is not compared.
Shape: one order per customer of the bench with an invoice, and an entry of two payment lines; one order of five is open.
"""
from . import bulk
from .approval import choices, spread

MARK = "kehu_bench.receivables"
FINANCE = "bench_finance"
LIST, HOST_LIST = "kehu_crm.kehu_receivable_view_list", "account.view_out_invoice_tree"
OPEN = [("receipt_state", "in", ("none", "partial"))]
AMOUNTS = ("amount_due", "due_current", "due_1_30", "due_31_60", "due_61_90", "due_over_90")
TABLES = ("sale_order", "account_move", "account_move_line")
RAW_OPEN = """kehu_customer_id is not null and kehu_receipt_state in ('none', 'partial')
  and (state = 'sale' and amount_total <> 0 or kehu_amount_invoiced <> 0 or kehu_amount_received <> 0 or kehu_amount_due <> 0)"""


def ensure(registry):
    """Make orders, invoices and payment lines once; a database that holds as many already is left alone.

    :return: id of a person of finance
    """
    from odoo import SUPERUSER_ID, api

    count = choices()["customers"]
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        parameter = env["ir.config_parameter"].sudo()
        if parameter.get_param(MARK) != str(count):
            _fill(env, count)
            parameter.set_param(MARK, str(count))
            env.flush_all()
            cr.commit()
            cr._cnx.autocommit = True
            for table in TABLES:
                cr.execute(f"vacuum analyze {table}")
            cr._cnx.autocommit = False
        cr.execute("select id from res_users where login = %s", (FINANCE,))
        return cr.fetchone()[0]


def _fill(env, count):
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    env["res.users"].with_context(no_reset_password=True).create(
        {"name": "财务", "login": FINANCE, "group_ids": [(6, 0, [env.ref("kehu_crm.group_kehu_finance").id])]})
    cr = env.cr
    cr.execute("""select min(id) from res_partner where kehu_is_customer and ref like 'B%'""")
    first_customer = cr.fetchone()[0]
    people = env["res.users"].search([("login", "=like", "bench_seller_%")], order="id")
    sellers, departments = people.ids, [person.kehu_home_department_id.id for person in people]
    customer = env["res.partner"].browse(first_customer)
    product = env["product.product"].create({"name": "模板", "list_price": 1000, "invoice_policy": "order", "taxes_id": [(5, 0, 0)]})
    order = env["sale.order"].create({
        "partner_id": customer.id, "user_id": sellers[0], "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]})
    invoice = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": "2026-01-01",
        "invoice_line_ids": [(0, 0, {"name": "模板", "quantity": 1, "price_unit": 1000, "tax_ids": [(5, 0, 0)]})]})
    invoice.action_post()
    receivable = invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    bank = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
    entry = env["account.move"].create({
        "move_type": "entry", "journal_id": bank.id, "date": "2026-01-01",
        "line_ids": [(0, 0, {"account_id": receivable.account_id.id, "partner_id": customer.id, "credit": 500}),
                     (0, 0, {"account_id": bank.default_account_id.id, "debit": 500})]})
    entry.action_post()
    line = entry.line_ids.filtered("credit")
    env.flush_all()
    templates = {name: bulk.template(cr, table, record.id) for name, table, record in (
        ("order", "sale_order", order), ("invoice", "account_move", invoice), ("entry", "account_move", entry),
        ("line", "account_move_line", line))}
    # these are parts of a statement with parameters, so a remainder is written twice
    total, open_ = "(1000 + n * 37 %% 9000)", "n %% 5 = 0"
    partner = f"{first_customer - 1} + n"
    due = f"case when not {open_} then 0 when n %% 10 = 0 then {total} / 2.0 else {total} end"
    day = "(current_date + 60 - (n * 7919::bigint %% 240)::int)"
    seller, department = (f"('{{{','.join(str(value or 'NULL') for value in values)}}}'::int[])[1 + n %% {len(values)}]"
                          for values in (sellers, departments))
    with bulk.laid_aside(cr, TABLES):
        first = spread(
            cr, "sale_order", templates["order"], count, name="'BO' || n", partner_id=partner, partner_invoice_id=partner,
            partner_shipping_id=partner, kehu_customer_id=partner, user_id=seller, kehu_department_id=department, state="'sale'",
            amount_untaxed=total, amount_total=total, kehu_amount_invoiced=total, kehu_amount_received=f"{total} - {due}",
            kehu_amount_due=due, kehu_receipt_state=f"case when not {open_} then 'settled' when n %% 10 = 0 then 'partial' else 'none' end",
            kehu_date_due=day, date_order=f"{day} - 30", kehu_last_receipt_date=f"case when n %% 10 <> 5 then {day} end", currency_rate="1",
            # one open order of ten owes on two days
            kehu_due_parts=f"case when n %% 50 = 0 then jsonb_build_object({day}, {total} / 4.0, {day} + 60, {total} / 4.0) end")
        spread(
            cr, "account_move", templates["invoice"], count, name="'BI' || n", partner_id=partner, commercial_partner_id=partner,
            invoice_user_id=seller, invoice_date=f"{day} - 30", date=f"{day} - 30", invoice_date_due=day, sequence_number="n",
            amount_total=total, amount_untaxed=total, amount_residual=due, amount_total_signed=total, amount_residual_signed=due,
            payment_state=f"case when not {open_} then 'paid' when n %% 10 = 0 then 'partial' else 'not_paid' end")
        entries = spread(
            cr, "account_move", templates["entry"], count, name="'BE' || n", partner_id=partner, commercial_partner_id=partner,
            date=day, sequence_number="n")
        for _line in range(2):
            spread(
                cr, "account_move_line", templates["line"], count, move_id=f"{entries - 1} + n", partner_id=partner, date=day,
                kehu_order_id=f"{first - 1} + n", credit=f"{total} / 2.0", balance=f"-{total} / 2.0", amount_currency=f"-{total} / 2.0")


def variants(bench):
    from odoo import api

    from .my_customers import list_spec

    user = ensure(bench.registry)
    with bench.registry.cursor() as cr:
        env = api.Environment(cr, user, {"lang": "zh_CN", "tz": "Asia/Shanghai"})
        spec = list_spec(env, "kehu.receivable", env.ref(LIST).id)
        host_spec = list_spec(env, "account.move", env.ref(HOST_LIST).id)

    def rounded(amounts):
        return [round(float(amount or 0.0), 2) for amount in amounts]

    def ours(env):
        rows = env["kehu.receivable"]
        found = rows.web_search_read(OPEN, spec, limit=80, count_limit=10001, order="date_due, id")
        totals = rows.formatted_read_group(OPEN, [], [f"{name}:sum" for name in AMOUNTS])[0]
        return [row["id"] for row in found["records"]], found["length"], rounded(totals[f"{name}:sum"] for name in AMOUNTS)

    def raw(env):
        env.cr.execute(
            f"""select id, kehu_customer_id, user_id, name, date_order, kehu_date_due, amount_total, kehu_amount_received, kehu_amount_due
                  from sale_order where {RAW_OPEN} order by kehu_date_due, id limit 80""")
        page = [row[0] for row in env.cr.fetchall()]
        env.cr.execute(f"select count(*) from (select from sale_order where {RAW_OPEN} limit 10001) counted")
        count = env.cr.fetchone()[0]
        env.cr.execute("select (now() at time zone 'Asia/Shanghai')::date")
        today = env.cr.fetchone()[0]
        edges = (("-infinity", 0), (1, 30), (31, 60), (61, 90), (91, "infinity"))
        ages = ", ".join(f"sum(amount) filter (where age between '{least}' and '{most}')" for least, most in edges)
        env.cr.execute(
            f"""with parts as (
                    select (%(today)s - kehu_date_due)::numeric as age, kehu_amount_due as amount
                      from sale_order where kehu_due_parts is null and {RAW_OPEN}
                    union all
                    select (%(today)s - part.key::date)::numeric, part.value::numeric
                      from sale_order, jsonb_each_text(kehu_due_parts) part where kehu_due_parts is not null and {RAW_OPEN})
                select sum(amount), {ages} from parts""", {"today": today})
        return page, count, rounded(env.cr.fetchone())

    def host(env):
        domain = [("move_type", "in", ("out_invoice", "out_refund", "out_receipt")), ("state", "=", "posted"),
                  ("payment_state", "in", ("not_paid", "partial"))]
        moves = env["account.move"]
        moves.web_search_read(domain, host_spec, limit=80, count_limit=10001)
        moves.formatted_read_group(domain, [], ["amount_total_signed:sum", "amount_residual_signed:sum"])

    return {"Kehu": (user, ours), "raw SQL": (user, raw), "host: open invoices": (user, host)}
