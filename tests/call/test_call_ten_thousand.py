"""A call list of ten thousand customers costs as many queries as one of a hundred."""

from odoo.tests import tagged

from .common import CallCommon

FEW, MANY = 100, 10_000


@tagged("post_install", "-at_install")
class TestCallTenThousand(CallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.callers = cls.user_seller | cls.user_seller2
        cls.few, cls.many = cls._customers_by_sql(FEW, 0), cls._customers_by_sql(MANY, FEW)

    @classmethod
    def _customers_by_sql(cls, count, start):
        """Copies of one pool customer with a number each."""
        model = cls._create_customers(1, start=90_000 + start)
        model.flush_recordset()
        cls.env.cr.execute(
            """SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
                WHERE table_name = 'res_partner' AND table_schema = current_schema()
                  AND column_name NOT IN ('id', 'name', 'complete_name', 'phone', 'phone_sanitized', 'kehu_customer_id',
                                          'commercial_partner_id', 'ref', 'barcode')"""
        )
        columns = cls.env.cr.fetchone()[0]
        cls.env.cr.execute(
            f"""INSERT INTO res_partner ({columns}, name, complete_name, phone, phone_sanitized)
                SELECT {columns}, 'L' || n, 'L' || n, '021 6' || lpad(n::text, 7, '0'), '+86216' || lpad(n::text, 7, '0')
                  FROM res_partner, generate_series(%s, %s) n WHERE id = %s RETURNING id""",
            (start, start + count - 1, model.id),
        )
        customers = cls.env["res.partner"].browse(row[0] for row in cls.env.cr.fetchall())
        cls.env.cr.execute(
            "UPDATE res_partner SET kehu_customer_id = id, commercial_partner_id = id WHERE id = ANY(%s)", [list(customers._ids)]
        )
        cls.env.invalidate_all()
        return customers

    def queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_every_act(self):
        lists = {}
        for name, customers in (("few", self.few), ("many", self.many)):
            domain = repr([("phone", "like", "021 6"), ("id", ">=", customers[0].id), ("id", "<=", customers[-1].id)])
            call_list = self._create_list(customers[:1], self.callers, start=False)
            call_list.domain = domain
            lists[name] = call_list
        lines = self.lines

        def page(call_list):
            mine = lines.with_user(self.user_seller)
            columns = {"partner_id": {"fields": {"display_name": {}}}, "number": {}, "state": {}, "user_id": {}, "due_on": {}}
            mine.web_search_read([("list_id", "=", call_list.id)], columns, limit=80, offset=0)

        def figures(call_list):
            report = self.env["kehu.call.report"].with_user(self.user_director)
            report.formatted_read_group([("list_id", "=", call_list.id)], ["user_id"], ["customers:sum", "attempts:sum", "converted:sum"])

        def share_again(call_list):
            moved = call_list.kehu_reshare(self.user_seller2.id, self.user_seller.ids)
            self.assertEqual(moved["moved"], call_list.line_count // 2)

        acts = {
            "fill": lambda call_list: call_list.action_build(),
            "fill again": lambda call_list: call_list.action_build(),
            "start": lambda call_list: call_list.action_start(),
            "add": lambda call_list: call_list.action_build(),
            "form": lambda call_list: call_list.web_read({"line_count": {}, "open_count": {}, "progress": {}, "build_report": {}}),
            "lists": lambda call_list: call_list.web_search_read([("id", "=", call_list.id)], {"open_count": {}, "progress": {}}),
            "page": page,
            "next": lambda call_list: lines.with_user(self.user_seller).kehu_take_next(call_list.id),
            "figures": figures,
            "share again": share_again,
            "finish": lambda call_list: call_list.action_finish(),
        }
        for act, work in acts.items():
            for call_list in lists.values():  # what is read once for all is read now
                if act in ("form", "lists", "page", "figures"):
                    work(call_list)
            few, many = (self.queries(lambda work=work, call_list=call_list: work(call_list)) for call_list in lists.values())
            with self.subTest(act=act, few=few, many=many):
                self.assertLessEqual(many, few + 4)
        self.assertEqual([call_list.line_count for call_list in lists.values()], [FEW, MANY])
