"""Targets of 200 people for the twelve months of this year: what each of them has ordered, by the ownership ledger.

Raw: the SQL that somebody would write by hand for the same question, without working days, ranking or rights. Host: no such thing.
The 100,800 orders and 2,400 targets are made once and stay in the database of the bench; in smaller data they have fewer customers.
"""

import datetime

from . import bulk, data

MARK = "kehu_bench.targets"
PEOPLE = 200
PER_MONTH = 42  # orders of each person: 100,800 in all


def _people(env):
    """Return the ids of 200 salespeople: those of the data, and in smaller data as many more as are missing."""
    users = env["res.users"].with_context(no_reset_password=True)
    people = users.search([("login", "like", "bench_seller_%")], order="login", limit=PEOPLE)
    numbers = range(len(people) + 1, PEOPLE + 1)
    group = env.ref("kehu_crm.group_kehu_user").id
    people += users.create(
        [{"name": f"销售{number:03d}", "login": f"bench_target_{number:03d}", "group_ids": [(6, 0, [group])]} for number in numbers]
    )
    return people.ids


def _orders(env, people, first):
    """Spread confirmed orders over the people, their customers and the year that begins on a day, all by one INSERT … SELECT.

    The ORM makes one order, whose row gives the columns that are the same in all.
    """
    cr = env.cr
    product = env["product.product"].create({"name": "基准", "type": "consu", "taxes_id": [(5, 0, 0)]})
    partner = env["res.partner"].search([("user_id", "!=", False), ("kehu_is_customer", "=", True)], order="id", limit=1)
    order = env["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1, "price_unit": 100})]}
    )
    order.write({"date_order": f"{first} 04:00:00"})
    env.flush_all()
    cr.execute("update sale_order set state = 'sale' where id = %s", (order.id,))
    cr.execute(
        """create temp table bench_customer on commit drop as
           select id, row_number() over (order by id) - 1 as number
             from res_partner where kehu_is_customer and active and kehu_customer_id = id"""
    )
    cr.execute("create unique index on bench_customer (number)")
    cr.execute("analyze bench_customer")
    cr.execute("select count(*) from bench_customer")
    customers = cr.fetchone()[0]
    amount = "100 + w.number % 9000 + w.number % 97 / 100.0"
    own = {
        "id": "nextval('sale_order_id_seq')",
        "name": "'BT' || w.number",
        "access_token": "null",
        **dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id", "kehu_customer_id"), "c.id"),
        "user_id": "(%(people)s::int[])[1 + abs(hashint4(w.number + 1)::bigint) % %(sellers)s]",
        "date_order": "%(first)s::timestamp + abs(hashint4(w.number)::bigint) % 364 * interval '1 day' + interval '4 hours'",
        **dict.fromkeys(("amount_total", "amount_untaxed"), amount),
    }
    columns = [name for name in bulk.template(cr, "sale_order", order.id) if name not in own]
    names = ", ".join(f'"{name}"' for name in [*own, *columns])
    # a lone % would be taken for a parameter
    values = ", ".join([*(value.replace(" % ", " %% ") for value in own.values()), *(f'o."{name}"' for name in columns)])
    with bulk.laid_aside(cr, ("sale_order",)):
        cr.execute(
            f"""insert into sale_order ({names})
                select {values}
                  from generate_series(1, %(count)s) as w(number)
                  join bench_customer c on c.number = w.number::bigint * 7919 %% %(customers)s
                 cross join (select * from sale_order where id = %(template)s) o""",
            {
                "people": people,
                "sellers": len(people),
                "first": first,
                "count": len(people) * 12 * PER_MONTH,
                "customers": customers,
                "template": order.id,
            },
        )


def _ensure(bench):
    """:return: ids of the targets, in the order of person and month"""
    from odoo import SUPERUSER_ID, api

    with bench.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        year = datetime.date.today().year
        targets = env["kehu.target"].search([("note", "=", MARK)], order="user_id, date_from")
        if targets:
            return targets.ids
        people = _people(env)
        _orders(env, people, datetime.date(year, 1, 1))
        targets = env["kehu.target"].with_context(tracking_disable=True).create(
            [
                {"user_id": user, "metric": "ordered", "date_from": datetime.date(year, month, 1), "value": 100000.0, "note": MARK}
                for user in people
                for month in range(1, 13)
            ]
        )
        env.flush_all()
        ids = targets.ids
        cr.commit()
        cr._cnx.autocommit = True
        cr.execute("vacuum analyze sale_order, kehu_target, kehu_assignment")
        cr._cnx.autocommit = False
    return ids


def variants(bench):
    with bench.registry.cursor() as cr:
        cr.execute("select id from res_users where login = %s", (data.DIRECTOR,))
        director = cr.fetchone()[0]
    ids = _ensure(bench)

    def ours(env):
        return [round(row["actual"], 2) for row in env["kehu.target"].browse(ids).read(["actual"])]

    def everything(env):
        targets = env["kehu.target"].browse(ids)
        targets.fetch(["completion", "pace_needed", "rank", "status"])
        return [(target.completion, target.pace_needed, target.rank, target.status) for target in targets] and None

    def raw(env):
        env.cr.execute(
            """with ordered as (
                   select o.kehu_customer_id, o.date_order, o.user_id, o.amount_total / o.currency_rate as amount,
                          (o.date_order at time zone 'UTC' at time zone c.kehu_timezone)::date as day
                     from sale_order o join res_company c on c.id = o.company_id
                    where o.state = 'sale' and o.company_id = %(company)s
                      and o.date_order >= %(first)s::timestamp - interval '1 day' and o.date_order < %(last)s::timestamp + interval '1 day'
               ), ledger as (
                   select partner_id, user_id, old_user_id, date, lead(date) over w as until, row_number() over w as number
                     from kehu_assignment where partner_id in (select kehu_customer_id from ordered)
                   window w as (partition by partner_id order by date, id)
               ), owner as (
                   select partner_id, user_id, date as since, coalesce(until, 'infinity') as until from ledger
                    union all select partner_id, old_user_id, '-infinity', date from ledger where number = 1
               ), credited as (
                   select coalesce(w.user_id, o.user_id) as user_id, date_trunc('month', o.day)::date as month,
                          sum(round(o.amount, 2)) as amount
                     from ordered o
                     left join owner w on w.partner_id = o.kehu_customer_id and w.since <= o.date_order and w.until > o.date_order
                    group by 1, 2
               )
               select t.id, coalesce(c.amount, 0) from kehu_target t
                 left join credited c on c.user_id = t.user_id and c.month = t.date_from
                where t.id = any(%(ids)s)""",
            {
                "company": env.company.id,
                "first": f"{datetime.date.today().year}-01-01",
                "last": f"{datetime.date.today().year + 1}-01-01",
                "ids": ids,
            },
        )
        amounts = {row[0]: float(row[1]) for row in env.cr.fetchall()}
        return [round(amounts[number], 2) for number in ids]

    return {
        "Kehu": (director, ours),
        "raw SQL": (director, raw),
        "Kehu, with completion, pace and ranking of all 2,400": (director, everything),
    }
