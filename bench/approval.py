"""Documents under approval: the same orders and people in two databases, one with Kehu, one with OCA's base_tier_validation.

Shape: as many orders as `--scale` gives customers (0.1: 100,000, 1: 1,000,000), each submitted to two steps, the first for one of a group
of four, the second for their boss. 2,000 of them still wait for the group; the others are finished. So what waits stays the same while
the backlog of finished requests grows.
OCA gets its lightest setting: sequential tiers, no notifications. Its two add-ons come from PyPI, lie beside the results and are no part
of Kehu; where they could not be had, the tables say so and show ours and raw SQL alone.
"""
import contextlib
import json
import os

from .bulk import laid_aside, template

OPEN = 2000
GROUP = 4
SELLERS = 20
MARK = "kehu_bench.requests"
GROUP_LOGIN, BOSS_LOGIN = "bench_approver_{}", "bench_boss"
OCA_MODULE = "sale_tier_validation"
REQUEST_LINKS = ("decider_ids", "participant_ids")
STEP_LINKS = ("user_ids", "agreed_ids")
_ready = {}


def choices():
    """:return: what the command said: {"customers", "approval": {"database", "oca_database", "oca_addons", "oca_missing"}}"""
    return json.loads(os.environ["KEHU_BENCH"])


def kehu():
    """:return: registry of the filled database with Kehu"""
    if "kehu" not in _ready:
        from odoo.modules.registry import Registry
        registry = Registry(choices()["approval"]["database"])
        _fill(registry, _kehu_requests)
        _ready["kehu"] = registry
    return _ready["kehu"]


def oca():
    """:return: registry of the filled database with OCA's add-ons, or None when they could not be had, which is printed"""
    if "oca" not in _ready:
        chosen = choices()["approval"]
        if not chosen.get("oca_addons"):
            print(f"kehu:OCA's base_tier_validation is not compared: {chosen.get('oca_missing') or 'it was not asked for'}.")
            _ready["oca"] = None
        else:
            import odoo.addons
            from odoo.modules.registry import Registry
            odoo.addons.__path__.append(chosen["oca_addons"])
            registry = Registry(chosen["oca_database"])
            if "tier.review" not in registry:
                registry = Registry.new(chosen["oca_database"], update_module=True, install_modules=[OCA_MODULE])
            _fill(registry, _oca_reviews)
            _ready["oca"] = registry
    return _ready["oca"]


def user(registry, login):
    """:return: id of a person of the bench in a database"""
    with registry.cursor() as cr:
        cr.execute("select id from res_users where login = %s", (login,))
        return cr.fetchone()[0]


def approver(registry):
    """:return: id of one of the group for whom 2,000 documents wait"""
    return user(registry, GROUP_LOGIN.format(1))


def _fill(registry, write_requests):
    """Make people, orders and requests once; a database that holds as many already is left alone."""
    from odoo import SUPERUSER_ID, api
    count = choices()["customers"]
    assert count > OPEN, f"AssertionError: {OPEN} documents wait, so there must be more of them than {count}"
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        parameter = env["ir.config_parameter"].sudo()
        if parameter.get_param(MARK) == str(count):
            return
        people = _people(env)
        customer = env["res.partner"].create({"name": "模板有限公司", "is_company": True, "user_id": people["sellers"][0]})
        product = env["product.product"].create({"name": "模板", "list_price": 9800})
        order = env["sale.order"].create({
            "partner_id": customer.id, "user_id": people["sellers"][0],
            "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1})]})
        env.flush_all()
        write_requests(env, people, order, count)
        parameter.set_param(MARK, str(count))
        env.flush_all()
        cr.commit()
    with _autocommit(registry) as cr:
        cr.execute("vacuum analyze")


@contextlib.contextmanager
def _autocommit(registry):
    with registry.cursor() as cr:
        cr._cnx.autocommit = True
        try:
            yield cr
        finally:
            cr._cnx.autocommit = False


def _people(env):
    """:return: {"sellers", "group": lists of ids of users, "boss": id, "role": id of the group's role}"""
    users = env["res.users"].with_context(no_reset_password=True)
    role = env["res.groups"].create({"name": "Bench approvers"})
    sales, everything = (env.ref(f"sales_team.group_sale_salesman{name}").id for name in ("", "_all_leads"))
    sellers = users.create([{"name": f"提交{n}", "login": f"bench_submitter_{n}", "group_ids": [(6, 0, [sales])]} for n in range(SELLERS)])
    group = users.create([{"name": f"审核{n}", "login": GROUP_LOGIN.format(n), "group_ids": [(6, 0, [everything, role.id])]}
                          for n in range(1, GROUP + 1)])
    boss = users.create({"name": "总经理", "login": BOSS_LOGIN, "group_ids": [(6, 0, [everything])]})
    return {"sellers": sellers.ids, "group": group.ids, "boss": boss.id, "role": role.id}


def spread(cr, table, row, count, **columns):
    """Insert copies of one row, all at once.

    :param dict row: {column: value} as :func:`bulk.template` gives it
    :param columns: {column: SQL expression of n, the number of the copy from 1}
    :return: id of the first copy; the others follow without a gap
    """
    cr.execute(f"select coalesce(max(id), 0) + 1 from {table}")
    first = cr.fetchone()[0]
    changed = ", ".join(f"'{name}', {expression}" for name, expression in {"id": f"{first - 1} + n", **columns}.items())
    cr.execute(
        f"""insert into {table} select made.* from generate_series(1, %s) n,
              lateral jsonb_populate_record(null::{table}, %s::jsonb || jsonb_build_object({changed})) made""",
        (count, json.dumps(row)))
    cr.execute(f"select setval('{table}_id_seq', max(id)) from {table}")
    return first


def _orders(env, order, count, people, **columns):
    """Copies of an order; the last ones, which still wait, are quotations.

    :return: id of the first
    """
    sellers = ",".join(map(str, people["sellers"]))
    return spread(
        env.cr, "sale_order", template(env.cr, "sale_order", order.id), count,
        name="'B' || n", access_token="null", user_id=f"(array[{sellers}])[1 + n %% {SELLERS}]",
        state=f"case when n > {count - OPEN} then 'draft' else 'sale' end",
        amount_total="1000 + n %% 9000", date_order=_date("n", count), **columns)


def _date(number, count):
    """:return: SQL of a moment; the documents were submitted evenly over three years, the last one an hour ago"""
    return f"(now() at time zone 'UTC') - interval '1 hour' - interval '3 years' * ({count} - {number}) / {count}"


def _kehu_requests(env, people, order, count):
    """Two requests made by Kehu itself, one finished and one at its first step, are copied with all that belongs to them."""
    waits, finished = (_kehu_request(env, people, order, done) for done in (False, True))
    request_model, step_model = env["kehu.approval.request"], env["kehu.approval.request.step"]
    links = [request_model._fields[name].relation for name in REQUEST_LINKS] + [step_model._fields[name].relation for name in STEP_LINKS]
    with laid_aside(env.cr, ("sale_order", "kehu_approval_request", "kehu_approval_request_step", "kehu_approval_decision", *links)):
        _kehu_copies(env, people, order, count, waits, finished)
    # the two that were copied leave the comparison
    env.invalidate_all()
    env.cr.execute("delete from kehu_approval_request where id in %s", (tuple((waits | finished).ids),))


def _kehu_copies(env, people, order, count, waits, finished):
    cr = env.cr
    done = count - OPEN
    orders = _orders(env, order, count, people, kehu_approval_state=f"case when n > {done} then 'pending' else 'approved' end")
    sellers = ",".join(map(str, people["sellers"]))
    for made, request, shift in ((done, finished, 0), (OPEN, waits, done)):
        number = f"(n + {shift})"
        seller = f"(array[{sellers}])[1 + {number} %% {SELLERS}]"
        first = spread(
            cr, "kehu_approval_request", template(cr, "kehu_approval_request", request.id), made,
            name=f"'B' || {number}", subject=f"'客户' || {number} || ' ¥ ' || {number} %% 9000", res_id=f"{orders - 1} + {number}",
            requester_id=seller, owner_id=seller, date_submitted=_date(number, count), turn_on=_date(number, count),
            **({} if made == OPEN else {"date_closed": _date(number, count)}))
        lines = {}
        for line in request.step_line_ids:
            lines[line.id] = spread(cr, "kehu_approval_request_step", template(cr, "kehu_approval_request_step", line.id), made,
                                    request_id=f"{first - 1} + n")
        for decision in request.decision_ids:
            row = template(cr, "kehu_approval_decision", decision.id)
            step = {"step_line_id": f"{lines[row['step_line_id']] - 1} + n"} if row.get("step_line_id") else {}
            spread(cr, "kehu_approval_decision", row, made, request_id=f"{first - 1} + n", date=_date(number, count), **step)
        for name in REQUEST_LINKS:
            _copy_links(env, "kehu.approval.request", name, {request.id: first}, made)
        for name in STEP_LINKS:
            _copy_links(env, "kehu.approval.request.step", name, lines, made)
    cr.execute("update sale_order o set kehu_request_id = r.id from kehu_approval_request r where r.res_model = 'sale.order' and "
               "r.res_id = o.id and o.id >= %s", (orders,))


def _kehu_request(env, people, order, done):
    """:return: a request of two steps, decided or waiting for the group"""
    flow = env["kehu.approval.flow"].search([("name", "=", "Bench")]) or env["kehu.approval.flow"].create({
        "name": "Bench", "model_id": env["ir.model"]._get_id("sale.order"), "sequence": 0, "allow_self": True,
        "step_ids": [(0, 0, {"name": "Group", "kind": "group", "group_id": people["role"], "sequence": 1}),
                     (0, 0, {"name": "Boss", "kind": "users", "user_ids": [(6, 0, [people["boss"]])], "sequence": 2})]})
    assert len(flow.step_ids) == 2, "AssertionError: the flow of the bench has not two steps"
    document = order.copy({"user_id": people["sellers"][0]})
    if "kehu_document" in document._fields:
        document.kehu_document = "order"
    document.with_user(people["sellers"][0]).kehu_submit()
    if done:
        document.with_user(people["group"][0]).kehu_approve("同意")
        document.with_user(people["boss"]).kehu_approve("同意")
    env.flush_all()
    request = document.kehu_request_id
    assert request.flow_id == flow and len(request.step_line_ids) == 2, "AssertionError: another flow took the order of the bench"
    assert len(request.decider_ids) == (0 if done else GROUP), "AssertionError: not the people of the bench decide"
    return request


def _copy_links(env, model, name, firsts, count):
    """Copy the rows of a many2many of some records to their copies.

    :param dict firsts: {id of the record: id of its first copy}
    """
    field = env[model]._fields[name]
    for old, first in firsts.items():
        env.cr.execute(
            f"insert into {field.relation} ({field.column1}, {field.column2}) select {first - 1} + n, {field.column2} "
            f"from {field.relation}, generate_series(1, %s) n where {field.column1} = %s", (count, old))


def _oca_reviews(env, people, order, count):
    """Two reviews of each order, as its own `request_validation` makes them."""
    cr = env.cr
    model = env["ir.model"]._get_id("sale.order")
    shared = {"model_id": model, "definition_domain": "[('amount_total', '>', 0)]", "approve_sequence": True}
    group, boss = env["tier.definition"].create([
        {**shared, "name": "Group", "review_type": "group", "reviewer_group_id": people["role"], "sequence": 30},
        {**shared, "name": "Boss", "review_type": "individual", "reviewer_id": people["boss"], "sequence": 10}])
    done = count - OPEN
    document = order.copy({"user_id": people["sellers"][0]})
    document.with_user(people["sellers"][0]).request_validation()
    env.flush_all()
    first, second = document.review_ids.sorted("sequence")
    assert (first.definition_id, second.definition_id) == (group, boss), "AssertionError: OCA's tiers have another order"
    assert first.can_review and len(first.reviewer_ids) == GROUP, "AssertionError: not the people of the bench review"
    with laid_aside(cr, ("sale_order", "tier_review", env["tier.review"]._fields["reviewer_ids"].relation)):
        orders = _orders(env, order, count, people, validation_status=f"case when n > {done} then 'pending' else 'validated' end")
        for review in (first, second):
            row = template(cr, "tier_review", review.id)
            copies = spread(
                cr, "tier_review", row, count, res_id=f"{orders - 1} + n",
                status=f"case when n > {done} then '{review.status}' else 'approved' end",
                can_review=f"n > {done} and {str(review.can_review).lower()}",
                done_by=f"case when n > {done} then null else {review.reviewer_ids[0].id} end",
                reviewed_date=f"case when n > {done} then null else {_date('n', count)} end")
            _copy_links(env, "tier.review", "reviewer_ids", {review.id: copies}, count)
    document.review_ids.unlink()
