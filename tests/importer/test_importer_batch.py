import base64
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import html2plaintext, mute_logger

from ...models.importer.exceptions import KehuImportFileError, KehuImportStateError, KehuImportTemplateError
from ...models.system.exceptions import KehuEngineOnlyError
from ..common import KehuCommon
from .test_importer_workbook import real_file, with_results, xlsx

TITLES = [
    "客户名称",
    "客户编码",
    "客户等级",
    "所属行业",
    "年收入(万元)",
    "员工人数",
    "下次联系时间",
    "联系人",
    "联系人手机",
    "电子邮箱",
    "备注",
]


@tagged("post_install", "-at_install")
class TestImporterBatch(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["kehu.import.template"].create(
            {
                "name": "Customers (test)",
                "field_ids": [
                    (0, 0, {"title": line.title, **line.copy_data()[0], "template_id": False})
                    for line in cls.env.ref("kehu_crm.kehu_import_template_customer").field_ids
                ],
            }
        )
        cls.env["res.lang"]._activate_lang("zh_CN")
        for xmlid, name in (
            ("kehu_customer_level_key", "重要客户"),
            ("kehu_customer_level_regular", "一般客户"),
            ("kehu_customer_level_potential", "潜在客户"),
            ("kehu_customer_source_website", "网站"),
            ("kehu_customer_source_exhibition", "展会"),
            ("kehu_customer_source_referral", "转介绍"),
            ("kehu_customer_source_advertising", "广告"),
        ):
            cls.env.ref(f"kehu_crm.{xmlid}").with_context(lang="zh_CN").name = name

    def _batch(self, content, user=None, filename="customers.xlsx", **values):
        user = user or self.user_east_manager
        return (
            self.env["kehu.import.batch"]
            .with_user(user)
            .create({"template_id": self.template.id, "file": base64.b64encode(content), "filename": filename, **values})
        )

    def _customers(self, batch):
        return self.env["res.partner"].search([("kehu_import_batch_id", "=", batch.id)], order="id")

    def _row(self, **cells):
        return [cells.get(title) for title in TITLES]

    def test_real_files_into_the_pool(self):
        for name, code in (("customers_a.xls", "KH00001"), ("customers_b.xlsx", "KH00182")):
            with self.subTest(file=name):
                before = self.env["res.partner"].search_count([])
                batch = self._batch(real_file(name), filename=name)
                batch.action_check()
                self.assertEqual((batch.state, batch.row_count, batch.problem_count), ("checked", 180, 0))
                self.assertEqual(self.env["res.partner"].search_count([]), before, "a check writes nothing")
                batch.action_import()
                self.assertEqual((batch.state, batch.row_count, batch.done_count, batch.problem_count), ("done", 180, 180, 0))
                customers = self._customers(batch)
                self.assertEqual(len(customers), 180)
                self.assertFalse(customers.user_id)
                self.assertTrue(all(customer.kehu_is_customer and customer.is_company for customer in customers))
                self.assertEqual(len(customers.child_ids), 180)
                self.assertIn(code, customers.mapped("ref"))
        customer = self.env["res.partner"].search([("ref", "=", "KH00002")])
        self.assertEqual(customer.name, "兰州双敏电子信息有限公司")
        self.assertEqual(customer.kehu_level_id, self.env.ref("kehu_crm.kehu_customer_level_key"))
        self.assertEqual(customer.kehu_source_id, self.env.ref("kehu_crm.kehu_customer_source_exhibition"))
        self.assertEqual(customer.industry_id.name, "医药")
        self.assertEqual((customer.phone, customer.kehu_mobile), ("(0755)48878582", "+86 18816243865"))
        self.assertEqual((customer.state_id.name, customer.country_id.code, customer.city), ("江苏省", "CN", "深圳市"))
        self.assertEqual((customer.zip, customer.kehu_legal_representative), ("608555", "马桂芝"))
        self.assertEqual((customer.kehu_annual_revenue, customer.kehu_headcount), (3088000.0, 8245))
        self.assertEqual(str(customer.kehu_next_contact), "2026-12-27")
        contact = customer.child_ids
        self.assertEqual((contact.name, contact.function, contact.kehu_mobile), ("陈秀荣", "工程师", "17478095908"))
        self.assertEqual(len(self.env["res.partner.industry"].search([("name", "=", "医药")])), 1)
        domain = [("ref", ">=", "KH00001"), ("ref", "<=", "KH00360")]
        self.assertFalse(self.env["res.partner"].search([*domain, ("comment", "like", "=1+1")]), "no formula is imported")
        results = self.env["res.partner"].search(domain).filtered(lambda customer: html2plaintext(customer.comment or "") == "2")
        self.assertEqual(len(results), 32 + 31, "its stored result is, from .xls and .xlsx alike")

    def test_every_problem_has_row_column_and_reason(self):
        content = xlsx(
            TITLES,
            self._row(客户名称="好公司", 客户编码="T1", 客户等级="重要客户", 联系人="王五"),
            self._row(客户编码="T2"),
            self._row(客户名称="等级不明", 客户等级="至尊客户"),
            self._row(客户名称="日期不明", 下次联系时间="明天"),
            self._row(客户名称="数字不明", **{"年收入(万元)": "很多", "员工人数": 2.5}),
            self._row(客户名称="公式", 员工人数="=1+1"),
            self._row(客户名称="无名联系人", 联系人手机="13800000000"),
            self._row(客户名称="重号", 客户编码="T1"),
            self._row(客户名称="邮箱", 电子邮箱="not an address"),
        )
        batch = self._batch(content)
        batch.action_check()
        problems = {(problem.row, problem.column or "") for problem in batch.problem_ids}
        self.assertEqual(
            problems,
            {
                (3, "客户名称"),
                (4, "客户等级"),
                (5, "下次联系时间"),
                (6, "年收入(万元)"),
                (6, "员工人数"),
                (7, "员工人数"),
                (8, "联系人"),
                (9, "客户编码"),
                (10, "电子邮箱"),
            },
        )
        self.assertEqual((batch.row_count, batch.problem_count), (9, 8))
        self.assertIn("至尊客户", batch.problem_ids.filtered(lambda problem: problem.row == 4).reason)
        batch.action_import()
        self.assertEqual((batch.done_count, batch.problem_count), (1, 8))
        self.assertEqual(self._customers(batch).mapped("name"), ["好公司"])
        self.assertFalse(self.env["res.partner"].search([("name", "in", ["等级不明", "日期不明", "无名联系人", "重号"])]))

    def test_formulas_give_their_stored_result(self):
        rows = [
            self._row(客户名称="=1+1", 员工人数="=2*3"),
            self._row(客户名称="=A9", 员工人数=3),
            self._row(客户名称="=A8&A9", 客户编码="T3"),
        ]
        content = with_results(xlsx(TITLES, *rows), {"1+1": ("str", "二公司"), "2*3": ("n", "6"), "A9": ("e", "#N/A")})
        batch = self._batch(content)
        batch.action_import()
        self.assertEqual(
            [(problem.row, problem.column, problem.reason.split(".")[0]) for problem in batch.problem_ids],
            [(3, "客户名称", "The cell shows an error of the spreadsheet"), (4, "客户名称", "The cell holds a formula")],
        )
        customer = self._customers(batch)
        self.assertEqual((customer.name, customer.kehu_headcount), ("二公司", 6))

    def test_names_that_nobody_sees(self):
        names = ["\u200b", "\ufeff \u2060", "\u3164", "东\u200b港公司\ufeff", "👩\u200d💻"]
        batch = self._batch(xlsx(TITLES, *(self._row(客户名称=name, 客户编码=f"T{n}") for n, name in enumerate(names))))
        batch.action_import()
        self.assertEqual([(problem.row, problem.column) for problem in batch.problem_ids], [(n, "客户名称") for n in (2, 3, 4)])
        self.assertEqual(self._customers(batch).mapped("name"), ["东港公司", "👩\u200d💻"])

    def test_provinces_by_their_short_name(self):
        titles = ["客户名称", "省份"]
        china = self.env.ref("base.cn")
        short = {
            "江苏": "江苏省",
            "江苏省": "江苏省",
            "北京": "北京市",
            "内蒙古": "内蒙古自治区",
            "广西": "广西壮族自治区",
            "新疆": "新疆维吾尔自治区",
            "新疆自治区": "新疆维吾尔自治区",
            "宁夏": "宁夏回族自治区",
            "西藏": "西藏自治区",
            "香港": "香港特别行政区",
            "澳门": "澳门特别行政区",
            "台湾": "台湾省",
        }
        self.env.company.country_id = china
        self.env["res.country.state"].create({"name": "江苏市", "code": "KEHU", "country_id": self.env.ref("base.jp").id})
        strange = ["省", "吉林市", "亚特兰蒂斯"]
        batch = self._batch(xlsx(titles, *([f"公司{word}", word] for word in (*short, *strange))))
        batch.action_import()
        self.assertEqual(batch.problem_ids.mapped("value"), strange)
        customers = {customer.name: customer.state_id for customer in self._customers(batch)}
        self.assertEqual({name: state.name for name, state in customers.items()}, {f"公司{word}": name for word, name in short.items()})
        self.assertEqual({state.country_id for state in customers.values()}, {china})

    def test_provinces_cost_nothing_per_row(self):
        counts = []
        for words in (["江苏"], ["江苏", "浙江", "广东", "北京", "上海", "广西", "西藏"]):
            batch = self._batch(xlsx(["客户名称", "省份"], *([f"公司{word}", word] for word in words)))
            batch.invalidate_recordset()
            before = self.env.cr.sql_log_count
            batch._kehu_check_file()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_values_of_the_wrong_kind(self):
        """Each ends in a sentence, and nothing is stored."""
        content = base64.b64encode(xlsx(TITLES, self._row(客户名称="公司1")))
        good = {"template_id": self.template.id, "file": content}
        batch = self._batch(xlsx(TITLES, self._row(客户名称="公司1")))
        gone = self.env["kehu.import.template"].search([], order="id desc", limit=1).id + 1000
        for name, value, error in (
            ("file", 5, KehuImportFileError),
            ("file", [1], KehuImportFileError),
            ("file", "x", KehuImportFileError),
            ("file", "文件", KehuImportFileError),
            ("mode", "zz", KehuImportStateError),
            ("mode", 5, KehuImportStateError),
            ("template_id", "x", KehuImportStateError),
            ("template_id", gone, KehuImportStateError),
            ("company_id", 2**40, KehuImportStateError),
        ):
            with self.subTest(field=name, value=value):
                with self.assertRaises(error):
                    batch.create({**good, name: value})
                with self.assertRaises(error):
                    batch.write({name: value})

    def test_same_file_again(self):
        rows = [self._row(客户名称=f"公司{n}", 客户编码=f"T{n}", 联系人="王五") for n in range(5)]
        self._batch(xlsx(TITLES, *rows)).action_import()
        again = self._batch(xlsx(TITLES, *rows, self._row(客户名称="公司9", 客户编码="T9")))
        again.action_import()
        self.assertEqual((again.done_count, again.problem_count), (1, 5))
        self.assertIn("T0", again.problem_ids[0].reason)
        self.assertEqual(self.env["res.partner"].search_count([("ref", "in", [f"T{n}" for n in range(5)])]), 5)

    def test_update_existing(self):
        customer = self._create_customer(name="旧名", ref="T1", city="苏州市")
        rows = [self._row(客户名称="新名", 客户编码="T1", 员工人数=12, 联系人="王五"), self._row(客户名称="没有", 客户编码="T2")]
        batch = self._batch(xlsx(TITLES, *rows), mode="update")
        batch.action_import()
        self.assertEqual((batch.done_count, batch.problem_count), (1, 1))
        self.assertEqual((customer.name, customer.kehu_headcount, customer.city), ("新名", 12, "苏州市"), "an empty cell changes nothing")
        self.assertEqual(customer.child_ids.mapped("name"), ["王五"])
        both = self._batch(xlsx(TITLES, *rows), mode="both")
        both.action_import()
        self.assertEqual((both.done_count, both.problem_count), (2, 0))
        self.assertEqual(len(customer.child_ids), 1, "the contact person is found again by name")

    def test_only_the_bad_row_is_left_out(self):
        """A row that a rule of the CRM refuses on saving takes nobody else with it, and leaves no half customer behind."""
        self._create_customer(name="占用").barcode = "6900000000001"
        self.template.field_ids = [(0, 0, {"title": "条码", "field_name": "barcode"})]
        rows = [[*self._row(客户名称=f"公司{n}", 客户编码=f"T{n}", 联系人=f"王{n}"), f"690000000000{n}"] for n in range(6)]
        batch = self._batch(xlsx([*TITLES, "条码"], *rows))
        batch.action_check()
        self.assertEqual(batch.problem_count, 0, "the barcode is judged on saving only")
        batch.action_import()
        self.assertEqual((batch.done_count, batch.problem_count), (5, 1))
        self.assertEqual(batch.problem_ids.row, 3)
        self.assertEqual(batch.problem_ids.value, "公司1")
        self.assertEqual(self._customers(batch).mapped("ref"), ["T0", "T2", "T3", "T4", "T5"])
        self.assertFalse(self.env["res.partner"].search([("name", "in", ["公司1", "王1"])]))

    def test_numbers_that_no_field_holds(self):
        """Too large for the database, or less than nothing: found by the check, and no other row suffers."""
        revenue = "年收入(万元)"
        rows = [
            self._row(客户名称="好公司", 客户编码="T1", **{"员工人数": 2147483647, revenue: 99}),
            self._row(客户名称="公司2", 客户编码="T2", 员工人数=99999999999),
            self._row(客户名称="公司3", 客户编码="T3", **{revenue: 1e308}),
            self._row(客户名称="公司4", 客户编码="T4", **{revenue: 1e15}),
            self._row(客户名称="公司5", 客户编码="T5", 员工人数=-1),
            self._row(客户名称="公司6", 客户编码="T6", **{revenue: -0.5}),
        ]
        batch = self._batch(xlsx(TITLES, *rows))
        batch.action_check()
        columns = [(problem.row, problem.column) for problem in batch.problem_ids]
        self.assertEqual(columns, [(3, "员工人数"), (4, revenue), (5, revenue), (6, "员工人数"), (7, revenue)])
        self.assertIn("too large", batch.problem_ids[0].reason)
        self.assertIn("less than zero", batch.problem_ids[3].reason)
        batch.action_import()
        self.assertEqual((batch.done_count, batch.problem_count), (1, 5))
        self.assertEqual(self._customers(batch).kehu_headcount, 2147483647)

    def test_a_value_that_the_database_refuses(self):
        """Whatever slips through the check leaves its own row out and nobody else's."""
        self.template.field_ids = [(0, 0, {"title": "颜色", "field_name": "color"})]
        rows = [[*self._row(客户名称=f"公司{n}", 客户编码=f"T{n}"), n] for n in range(4)]
        with patch.object(
            type(self.env["kehu.import.batch"]), "_kehu_in_range", lambda _self, _line, _field, n, _largest: n + (n == 2) * 10**12
        ):
            batch = self._batch(xlsx([*TITLES, "颜色"], *rows))
            batch.action_check()
            self.assertFalse(batch.problem_ids)
            with mute_logger("odoo.sql_db"):
                batch.action_import()
        self.assertEqual((batch.done_count, batch.problem_ids.row), (3, 4))
        self.assertTrue(batch.problem_ids.reason)

    def test_choices_in_any_case(self):
        """A word finds its record in whatever case both are written; one that is written the same comes first."""
        self.template.field_ids = [(0, 0, {"title": "负责人", "field_name": "user_id"})]
        industries = self.env["res.partner.industry"]
        industry = industries.create({"name": "Deep-Sea MINING (test)"})
        other = industries.create({"name": "Deep-sea mining (TEST)"})
        level = self.level_none
        titles = [*TITLES, "负责人"]
        rows = [
            [*self._row(客户名称="公司1", 客户编码="T1", 所属行业="DEEP-SEA MINING (TEST)", 客户等级="NO RHYTHM (TEST)"), "EAST manager"],
            [*self._row(客户名称="公司2", 客户编码="T2", 所属行业="Deep-sea mining (TEST)", 客户等级="no rhythm (test)"), "KEHU_SELLER"],
        ]
        count = industries.search_count([])
        batch = self._batch(xlsx(titles, *rows), user=self.user_director)
        batch.action_import()
        self.assertEqual([(problem.row, problem.column) for problem in batch.problem_ids], [(2, "所属行业")], "two industries are meant")
        other.name = "Other industry (test)"
        again = self._batch(xlsx(titles, rows[0]), user=self.user_director)
        again.action_import()
        self.assertFalse(again.problem_ids)
        self.assertEqual(industries.search_count([]), count)
        first, second = self._customers(again), self._customers(batch)
        self.assertEqual((first.industry_id, first.kehu_level_id, first.user_id), (industry, level, self.user_east_manager))
        self.assertEqual((second.industry_id, second.kehu_level_id, second.user_id), (other, level, self.user_seller))

    def test_codes_tell_nothing_of_hidden_customers(self):
        """A manager who tries codes learns no names, and does not change what they may not change."""
        hidden = self._create_customer(self.user_west_seller, name="西港公司", ref="T1")
        mine = self._create_customer(self.user_seller, name="东港公司", ref="T2")
        rows = [self._row(客户名称="公司1", 客户编码="T1", 联系人="王五"), self._row(客户名称="公司2", 客户编码="T2", 员工人数=7)]
        for mode, refused in (("create", [2, 3]), ("update", [2]), ("both", [2])):
            with self.subTest(mode=mode):
                batch = self._batch(xlsx(TITLES, *rows), mode=mode)
                batch.action_check()
                self.assertEqual(batch.problem_ids.mapped("row"), refused)
                self.assertIn("may not change", batch.problem_ids[0].reason)
                self.assertNotIn("西港", "".join(batch.problem_ids.mapped("reason")))
                batch.action_import()
                self.assertEqual(batch.problem_ids.mapped("row"), refused)
        self.assertEqual((hidden.name, mine.kehu_headcount), ("西港公司", 7))
        self.assertFalse(hidden.child_ids)

    def test_columns_that_do_not_fit(self):
        with self.assertRaisesRegex(KehuImportFileError, "客户名称"):
            self._batch(xlsx(["血型", "编码"], ["A", 1])).action_check()
        with self.assertRaisesRegex(KehuImportFileError, "twice"):
            self._batch(xlsx(["客户名称", "客户名称 "], ["A", "B"])).action_check()
        batch = self._batch(xlsx(["客户名称", "血型"], ["A", "AB"]))
        batch.action_check()
        self.assertIn("血型", batch.note)

    def test_files_that_are_no_use(self):
        for content in (b"hello", real_file("customers_a.xls")[:3000]):
            with self.assertRaises(KehuImportFileError):
                self._batch(content).action_check()
        empty = self.env["kehu.import.batch"].with_user(self.user_east_manager).create({"template_id": self.template.id})
        with self.assertRaises(KehuImportFileError):
            empty.action_import()

    def test_once_only(self):
        batch = self._batch(xlsx(TITLES, self._row(客户名称="公司1", 客户编码="T1")))
        batch.action_import()
        for act in (batch.action_import, batch.action_check, batch.unlink, lambda: batch.write({"file": False})):
            with self.assertRaises(KehuImportStateError):
                act()
        with self.assertRaises(KehuImportStateError):
            batch.write({"state": "draft"})
        with self.assertRaises(KehuEngineOnlyError), mute_logger("odoo.models.unlink"):
            batch.problem_ids.sudo().create({"batch_id": batch.id, "reason": "forged"})
        forged = self._batch(xlsx(TITLES, self._row(客户名称="公司2"))).with_context(default_state="done")
        self.assertEqual(forged.copy({"file": forged.file}).state, "draft")

    def test_a_changed_file_is_checked_anew(self):
        batch = self._batch(xlsx(TITLES, self._row(客户编码="T1")))
        batch.action_check()
        self.assertEqual((batch.state, batch.problem_count), ("checked", 1))
        batch.file = base64.b64encode(xlsx(TITLES, self._row(客户名称="公司1")))
        self.assertEqual((batch.state, batch.problem_count, len(batch.problem_ids)), ("draft", 0, 0))

    def test_who_may_import(self):
        content = xlsx(TITLES, self._row(客户名称="公司1", 客户编码="T1"))
        for user in (self.user_seller, self.user_service, self.user_finance, self.user_order_approver, self.user_employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._batch(content, user=user)
        batch = self._batch(content)
        with self.assertRaises(AccessError):
            batch.with_user(self.user_seller).action_import()
        with self.assertRaises(AccessError):
            batch.with_user(self.user_sales_manager).action_check()
        batch.with_user(self.user_director).action_check()
        with self.assertRaises(AccessError):
            batch.problem_ids.create({"batch_id": batch.id, "reason": "forged"})
        with self.assertRaises(AccessError):
            self.template.with_user(self.user_director).write({"name": "mine"})

    def test_template_names_real_fields(self):
        for name in ("nothing", "child_ids/nothing", "a/b/c", "child_ids", "kehu_customer_id", "create_date"):
            with self.subTest(field=name), self.assertRaises(KehuImportTemplateError):
                self.template.field_ids = [(0, 0, {"title": name, "field_name": name})]
        with self.assertRaises(KehuImportTemplateError):
            self.template.field_ids = [(0, 0, {"title": "owner", "field_name": "user_id", "unknown": "create"})]
        with self.assertRaises(KehuImportTemplateError):
            self.template.field_ids = [(0, 0, {"title": "客户名称 ", "field_name": "name"})]

    def test_cost_does_not_grow_with_rows(self):
        """The check of 100 rows asks the database no more often than that of 10."""
        counts = []
        for size in (10, 100):
            rows = [self._row(客户名称=f"公司{size}-{n}", 客户编码=f"T{size}-{n}", 客户等级="重要客户") for n in range(size)]
            batch = self._batch(xlsx(TITLES, *rows))
            batch.invalidate_recordset()
            before = self.env.cr.sql_log_count
            batch._kehu_check_file()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_cost_of_an_update(self):
        """A row that changes a customer costs few queries, a row that says what is known already none."""
        costs = []
        for size in (5, 25, 25, 5):
            codes = [f"T{size}-{n}" for n in range(size)]
            if not self.env["res.partner"].search_count([("ref", "in", codes)]):
                for code in codes:
                    self._create_contact(self._create_customer(ref=code), name="王五")
            rows = [self._row(客户名称=f"公司{code}", 客户编码=code, 员工人数=9, 联系人="王五") for code in codes]
            batch = self._batch(xlsx(TITLES, *rows), mode="update")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch.action_import()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
            self.assertEqual(batch.done_count, size)
        few, many, again, few_again = costs
        self.assertLessEqual(many - few, 20 * 6)
        self.assertLessEqual(again, few_again + 5)
