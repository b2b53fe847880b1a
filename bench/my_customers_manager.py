"""Customers of three departments, page 1: the list as their manager opens it, rows and count.

Host: its own contact list, filtered to the companies of the people of these departments. Raw: see `my_customers`.
"""

from .my_customers import pages


def variants(bench):
    with bench.registry.cursor() as cr:
        cr.execute(
            """select array_agg(distinct e.user_id) from hr_employee e join hr_version v on v.id = e.current_version_id
                 join hr_department d on d.id = v.department_id join hr_employee boss on boss.id = d.manager_id
                where boss.user_id = %s and e.user_id is not null""",
            (bench.manager,),
        )
        people = cr.fetchone()[0]
    return pages(
        bench,
        bench.manager,
        [("kehu_is_customer", "=", True), ("user_id", "!=", False)],
        [("is_company", "=", True), ("user_id", "in", people)],
        "user_id = any(%s)",
        (people,),
    )
