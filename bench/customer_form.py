"""Open the customer card: one web_read with the specification that the web client sends for the form, as a salesperson.

Host: its own partner form, read the same way for the same customer. Raw: the row of the customer and a count of its contacts in SQL,
without rights, tabs or money.
"""


def readings(bench, number):
    """:return: variants of opening the card of one customer, as a salesperson"""
    from odoo.addons.kehu_crm.tools.form_spec import form_spec

    specs = {}

    def read(env, xmlid):
        customer = env["res.partner"].browse(number).with_context(bin_size=True)
        if xmlid not in specs:  # in the round that is thrown away
            specs[xmlid] = form_spec(customer.browse(), env.ref(xmlid), customer)
        [values] = customer.web_read(specs[xmlid])
        return values["name"]

    def raw(env):
        env.cr.execute("select * from res_partner where id = %s", (number,))
        name = next(row for row in env.cr.dictfetchall())["name"]
        env.cr.execute("select count(*) from res_partner where kehu_customer_id = %s", (number,))
        return name

    return {
        "Kehu": (bench.seller, lambda env: read(env, "kehu_crm.res_partner_view_form_kehu")),
        "host: partner form": (bench.seller, lambda env: read(env, "base.view_partner_form")),
        "raw SQL": (bench.seller, raw),
    }


def variants(bench):
    from odoo import api

    with bench.registry.cursor() as cr:
        mine = [("kehu_is_customer", "=", True), ("user_id", "=", bench.seller)]
        number = api.Environment(cr, bench.seller, {})["res.partner"].search(mine, order="id", limit=1).id
    return readings(bench, number)
