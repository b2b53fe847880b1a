"""Seeded data: people through the ORM; customers, contacts, contact records and ownership history by COPY and by INSERT … SELECT.

Shape at full size: 1,000,000 customers with one contact each, 3,000,000 contact records, 200 salespeople in ten departments. Nine
customers of ten are owned, one waits in the default pool; nine of ten have been spoken to.
"""
import datetime
import random

from . import bulk, names

FULL = 1_000_000
DEPARTMENTS = 10
DIRECTOR = "bench_director"
MANAGER = "bench_manager"
MARK = "kehu_bench.customers"
SEED = 1911
TABLES = ("res_partner", "kehu_contact_record", "kehu_assignment")
IDLE, NO_DEAL, LEVEL_IDLE = 30, 180, 60


def seller_login(number):
    """:return: login of a salesperson of the bench, numbered from 1"""
    return f"bench_seller_{number:03d}"


def sellers(customers):
    """:return: how many salespeople look after that many customers"""
    return min(200, max(20, customers // 5000))


def ensure(env, customers):
    """Fill a fresh database; a database that is filled already is left alone.

    :param int customers: how many there shall be
    """
    parameter = env["ir.config_parameter"].sudo()
    if parameter.get_param(MARK) == str(customers):
        return
    people = _people(env, customers)
    templates = _templates(env, people[0][0])
    level = _policy(env)
    env.flush_all()
    cr = env.cr
    with bulk.laid_aside(cr, TABLES):
        first = _partners(env, customers, people, templates, level)
        _history(cr, first, customers, env)
    parameter.set_param(MARK, str(customers))
    env.flush_all()
    cr.commit()
    cr._cnx.autocommit = True
    for table in TABLES:
        cr.execute(f"vacuum analyze {table}")
    cr._cnx.autocommit = False


def _people(env, customers):
    """:return: list of (salesperson's id, department's id)"""
    users = env["res.users"].with_context(no_reset_password=True)
    seller_group, manager_group, director_group = (
        env.ref(f"kehu_crm.group_kehu_{name}").id for name in ("user", "manager", "director"))
    made = users.create([
        {"name": f"销售{number:03d}", "login": seller_login(number), "group_ids": [(6, 0, [seller_group])]}
        for number in range(1, sellers(customers) + 1)])
    manager, director = users.create([
        {"name": "经理", "login": MANAGER, "group_ids": [(6, 0, [manager_group])]},
        {"name": "总监", "login": DIRECTOR, "group_ids": [(6, 0, [director_group])]}])
    boss = env["hr.employee"].create({"name": manager.name, "user_id": manager.id})
    env["hr.employee"].create({"name": director.name, "user_id": director.id})
    departments = env["hr.department"].create([
        {"name": f"销售{number}部", "manager_id": boss.id if number <= 3 else False} for number in range(1, DEPARTMENTS + 1)])
    env["hr.employee"].create([
        {"name": user.name, "user_id": user.id, "department_id": departments[index % DEPARTMENTS].id} for index, user in enumerate(made)])
    return [(user.id, departments[index % DEPARTMENTS].id) for index, user in enumerate(made)]


def _templates(env, seller):
    """Let the ORM make one customer of each kind and a contact, whose rows give the columns that are the same in all.

    :return: {kind: {column: value}}
    """
    values = {"name": "模板有限公司", "is_company": True, "kehu_is_customer": True, "phone": "13800138000", "email": "info@example.com",
              "country_id": env.ref("base.cn").id}
    owned, pooled = env["res.partner"].create([{**values, "user_id": seller}, values])
    contact = env["res.partner"].create({"name": "模板", "parent_id": owned.id, "type": "contact"})
    env.flush_all()
    assert pooled.kehu_pool_id and not pooled.user_id, "AssertionError: a customer without an owner is not in a pool"
    rows = {kind: bulk.template(env.cr, "res_partner", record.id)
            for kind, record in (("owned", owned), ("pooled", pooled), ("contact", contact))}
    (owned | pooled | contact).write({"active": False})
    return rows


def _policy(env):
    """Give the default pool a policy with one level of its own days.

    :return: id of the level
    """
    level = env["kehu.customer.level"].search([], limit=1)
    env.ref("kehu_crm.kehu_pool_default").write({
        "idle_days": IDLE, "no_deal_days": NO_DEAL, "warn_days": 0,
        "level_rule_ids": [(5, 0, 0), (0, 0, {"level_id": level.id, "idle_days": LEVEL_IDLE, "no_deal_days": 0})]})
    return level.id


def _partners(env, customers, people, templates, level):
    """Send customers and their contacts.

    :return: id of the first customer; that of its contact is as many higher as there are customers
    """
    partners = env["res.partner"]
    env.cr.execute("select max(id) + 1 from res_partner")
    first = env.cr.fetchone()[0]
    env.cr.execute("select id from res_country_state where country_id = %s order by id", (env.ref("base.cn").id,))
    states = [row[0] for row in env.cr.fetchall()]
    columns = sorted({*templates["owned"], *templates["pooled"], *templates["contact"], "ref", "vat", "phone", "email", "city", "state_id",
                      "id", "email_normalized", "phone_sanitized", "kehu_mobile", "kehu_last_contact", "kehu_effective_contact",
                      "kehu_next_contact", "kehu_last_deal", "kehu_level_id", "kehu_level_confirmed", "function", "commercial_company_name",
                      "kehu_pinyin",
                      *partners._kehu_name_keys("某公司"), *partners._kehu_reach_keys(False, False, False, "CN"),
                      *partners._kehu_company_keys(False, False)})
    bulk.copy(env.cr, "res_partner", columns, (
        [row.get(name) for name in columns] for row in _rows(partners, customers, first, people, templates, level, states)))
    env.cr.execute("select setval('res_partner_id_seq', %s)", (first + 2 * customers,))
    return first


def _rows(partners, customers, first, people, templates, level, states):
    from odoo.addons.kehu_crm.tools.folding_places import CITIES
    from odoo.addons.kehu_crm.tools.pinyin import pinyin_key

    rnd = random.Random(SEED)
    company_names = names.companies(rnd, CITIES)
    today = datetime.date.today()
    phones = []
    for index in range(customers):
        number = first + index
        name = next(company_names)
        if index % 50 == 49:
            phone = rnd.choice(phones)
        elif index % 5 < 3:
            phone = f"021-{50_000_000 + (index * 7919) % 40_000_000:08d}"
        else:
            phone = f"13{rnd.randrange(10)}{index * 7907 % 100_000_000:08d}"
        if index % 100 == 0:
            phones = [*phones[-999:], phone]
        email = f"info@k{index}.example.com"
        vat = f"9131{rnd.randrange(10**13):013d}X" if index % 5 else None
        spoken = index % 10 != 7
        last = today - datetime.timedelta(days=rnd.randrange(90)) if spoken else None
        city = rnd.randrange(len(CITIES))
        kind = "pooled" if index % 10 == 0 else "owned"
        scope = {}
        if kind == "owned":
            seller, department = people[rnd.randrange(len(people))]
            assigned = datetime.datetime.combine(today, datetime.time(2)) - datetime.timedelta(hours=240 + rnd.randrange(720))
            scope = {"user_id": seller, "kehu_department_id": department, "kehu_assigned_on": assigned.isoformat(" ")}
        keys = {name: value or None for name, value in {
            **partners._kehu_name_keys(name), **partners._kehu_reach_keys(phone, False, email, "CN"),
            **partners._kehu_company_keys(False, vat), "kehu_pinyin": pinyin_key(name)}.items()}
        yield {
            **templates[kind], **scope, **keys, "id": number, "name": name, "complete_name": name, "commercial_company_name": name,
            "commercial_partner_id": number, "kehu_customer_id": number, "ref": f"B{number}", "phone": phone,
            "phone_sanitized": keys["kehu_phone_key"], "email": email, "email_normalized": email, "vat": vat,
            "state_id": states[city % len(states)] if states else None, "city": CITIES[city], "kehu_last_contact": last,
            "kehu_effective_contact": last if index % 3 else None,
            "kehu_next_contact": today + datetime.timedelta(days=rnd.randrange(-10, 30)) if spoken and scope else None,
            "kehu_last_deal": today - datetime.timedelta(days=rnd.randrange(190)) if index % 4 == 0 else None,
            # given by a manager, so that its days count
            "kehu_level_id": level if index % 5 == 0 else None, "kehu_level_confirmed": index % 5 == 0}
        person = names.person(rnd)
        mobile = f"15{rnd.randrange(10)}{index * 7901 % 100_000_000:08d}"
        mail = f"p{index}@k{index}.example.com"
        owner = {key: scope.get(key) for key in ("user_id", "kehu_department_id")}
        yield {
            **templates["contact"], **owner, "id": number + customers, "name": person, "complete_name": f"{name}, {person}",
            "kehu_pool_id": templates["pooled"]["kehu_pool_id"] if kind == "pooled" else None,
            "parent_id": number, "commercial_partner_id": number, "commercial_company_name": name, "kehu_customer_id": number,
            "kehu_mobile": mobile, "email": mail, "email_normalized": mail, "phone": None, "phone_sanitized": None,
            "kehu_pinyin": pinyin_key(person) or None,
            **{key: value or None for key, value in partners._kehu_reach_keys(False, mobile, mail, "CN").items()}}


def _history(cr, first, customers, env):
    """Write contact records back from the last contact, three or four of each customer spoken to, and one row of ownership history each."""
    values = {"first": first, "last": first + customers - 1, "shift": customers, "company": env.company.id, "uid": env.uid}
    cr.execute(
        """insert into kehu_contact_record (partner_id, contact_id, user_id, kehu_department_id, company_id, date, method, content, result,
                  is_next_contact_typed, add_to_schedule, remind_by_email, create_uid, write_uid, create_date, write_date)
           select p.id, p.id + %(shift)s, coalesce(p.user_id, %(uid)s), p.kehu_department_id, p.company_id,
                  p.kehu_last_contact - 20 * k - abs(hashint4(p.id + k)) %% 15 * sign(k)::int,
                  (array['phone','visit','wechat','email'])[1 + abs(hashint4(p.id * 3 + k)) %% 4],
                  '第' || k || '次联系：' || p.name, (array['有意向','再联系','已报价'])[1 + abs(hashint4(p.id + 5 * k)) %% 3],
                  false, false, false, %(uid)s, %(uid)s, now() at time zone 'UTC', now() at time zone 'UTC'
             from res_partner p, generate_series(0, 3) k
            where p.id between %(first)s and %(last)s and p.kehu_last_contact is not null and (k < 3 or p.id %% 3 = 0)""", values)
    cr.execute(
        """insert into kehu_assignment (partner_id, kind, user_id, pool_id, date, author_id, company_id,
                  create_uid, write_uid, create_date, write_date)
           select id, 'create', user_id, kehu_pool_id, coalesce(kehu_assigned_on, now() at time zone 'UTC'), %(uid)s, company_id,
                  %(uid)s, %(uid)s, now() at time zone 'UTC', now() at time zone 'UTC'
             from res_partner where id between %(first)s and %(last)s""", values)
