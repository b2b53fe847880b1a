"""Open the card of a customer with everything on it (contacts, records, opportunities, orders, a receipt, histories, picture, credit): one
web_read with the specification that the web client sends for the form, as a salesperson.

Host: its own partner form, read the same way for the same customer.
"""

import base64

from .customer_form import readings

MARK = "FULL"
ROWS = 14


def ensure(bench):
    """Grow one customer of the salesperson, once, by the ORM.

    :return: its id
    """
    from odoo import SUPERUSER_ID, api

    with bench.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        partners = env["res.partner"]
        full = partners.search([("kehu_is_customer", "=", True), ("ref", "=", MARK)])
        if not full:
            full = partners.search([("kehu_is_customer", "=", True), ("user_id", "=", bench.seller)], order="id", limit=1, offset=1)
            _grow(env, full, bench.seller)
            cr.commit()
        return full.id


def _grow(env, customer, seller):
    cr, company = env.cr, env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    china = env.ref("base.cn")
    value = env["kehu.dictionary.value"]
    customer.write({
        "ref": MARK, "kehu_level_id": env["kehu.customer.level"].search([], limit=1).id,
        "kehu_source_id": value.create({"dictionary": "customer_source", "name": "展会"}).id,
        "kehu_annual_revenue": 1000.0, "kehu_headcount": 10, "country_id": china.id,
        "industry_id": env["res.partner.industry"].create({"name": "机械"}).id, "category_id": [(0, 0, {"name": "重点"})],
        "image_1920": base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        "kehu_phone_ids": [(0, 0, {"number": "0512 6288 7777"})]})
    product = env["product.product"].create({"name": "样品", "type": "consu", "list_price": 100, "taxes_id": [(5, 0, 0)]})
    contacts = env["res.partner"].create([{"name": f"联系人{n}", "parent_id": customer.id, "type": "contact"} for n in range(ROWS)])
    env["kehu.contact.record"].with_user(seller).create([
        {"partner_id": customer.id, "contact_id": contact.id, "content": "已联系", "interest_ids": [(0, 0, {"product_id": product.id})]}
        for contact in contacts])
    env["crm.lead"].create([
        {"name": f"商机{n}", "partner_id": customer.id, "type": "opportunity", "user_id": seller} for n in range(ROWS)])
    for n in range(ROWS):
        customer.kehu_headcount = 100 + n
    orders = env["sale.order"].create([
        {"partner_id": customer.id, "user_id": seller, "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]}
        for _n in range(ROWS)])
    # no approval is measured here
    cr.execute("update kehu_approval_flow set active = false where active returning id")
    flows = [row[0] for row in cr.fetchall()]
    env.invalidate_all()
    env.registry.clear_cache()
    orders[::2].action_confirm()
    env.flush_all()
    receipt = env["kehu.receipt"].with_user(seller).create({
        "partner_id": customer.id, "amount": 1.0, "journal_id": env["account.journal"].search([("type", "=", "bank")], limit=1).id})
    env.flush_all()
    cr.execute("update kehu_approval_flow set active = true where id = any(%s)", (flows,))
    env.invalidate_all()
    env.registry.clear_cache()
    env["kehu.folder"].with_user(seller).create({"name": "重点", "partner_ids": [(4, customer.id)]})
    customer.kehu_set_credit_limit(100000)
    assert receipt and customer.kehu_order_count, "AssertionError: the card of the bench has no orders"


def variants(bench):
    return readings(bench, ensure(bench))
