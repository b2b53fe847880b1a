"""Seeded data: people through the ORM, customers as copies of two that the ORM made, written by SQL in one statement."""
SELLERS = 20
DIRECTOR = "bench_director"
MARK = "kehu_bench.customers"


def seller_login(number):
    """:return: login of a salesperson of the bench, numbered from 1"""
    return f"bench_seller_{number:02d}"


def ensure(env, customers):
    """Fill a fresh database; a database that is filled already is left alone.

    Nine customers of ten are owned, spread over the salespeople by a hash of their number, one waits in the pool.

    :param int customers: how many there shall be
    """
    parameter = env["ir.config_parameter"].sudo()
    if parameter.get_param(MARK) == str(customers):
        return
    users = env["res.users"].with_context(no_reset_password=True)
    department = env["hr.department"].create({"name": "销售部"})
    sellers = users.create([
        {"name": f"销售{number:02d}", "login": seller_login(number),
         "group_ids": [(6, 0, [env.ref("kehu_crm.group_kehu_user").id])]} for number in range(1, SELLERS + 1)])
    users.create({"name": "总监", "login": DIRECTOR, "group_ids": [(6, 0, [env.ref("kehu_crm.group_kehu_director").id])]})
    env["hr.employee"].create([{"name": user.name, "user_id": user.id, "department_id": department.id} for user in sellers])
    values = {"name": "模板有限公司", "is_company": True, "kehu_is_customer": True, "phone": "13800138000",
              "email": "info@example.com", "country_id": env.ref("base.cn").id}
    owned, pooled = env["res.partner"].create([{**values, "user_id": sellers[0].id}, values])
    env.flush_all()
    assert pooled.kehu_pool_id and not pooled.user_id, "AssertionError: a customer without an owner is not in a pool"
    env.cr.execute("select nextval('res_partner_id_seq')")
    first = env.cr.fetchone()[0] + 1
    env.cr.execute(
        """
        insert into res_partner
        select (jsonb_populate_record(t, jsonb_build_object(
                'id', n.id, 'name', n.name, 'complete_name', n.name, 'ref', 'B' || n.id, 'kehu_customer_id', n.id,
                'commercial_partner_id', n.id, 'commercial_company_name', n.name,
                'kehu_department_id', case when n.pooled then null else %(department)s end,
                'user_id', case when n.pooled then null else (%(sellers)s::int[])[1 + n.hash %% %(count)s] end))).*
          from (select %(first)s + i as id, i %% 10 = 0 as pooled, abs(hashint4(i)) as hash,
                       (array['华强','兴盛','隆泰','瑞祥','永利','博创','宏图'])[1 + abs(hashint4(i)) %% 7]
                       || (array['科技','贸易','实业','电子','机械'])[1 + abs(hashint4(i * 7)) %% 5]
                       || i || '有限公司' as name
                  from generate_series(1, %(customers)s) i) n
          join res_partner t on t.id = case when n.pooled then %(pooled)s else %(owned)s end
        """,
        {"first": first, "customers": customers, "sellers": sellers.ids, "count": SELLERS, "department": department.id,
         "owned": owned.id, "pooled": pooled.id})
    env.cr.execute("select setval('res_partner_id_seq', %s)", (first + customers + 1,))
    env["res.partner"]._kehu_fill_duplicate_keys(everybody=True)
    (owned | pooled).write({"active": False})
    parameter.set_param(MARK, str(customers))
    env.cr.commit()
    env.cr.execute("analyze res_partner")
    env.cr.commit()
