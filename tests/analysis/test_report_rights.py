from importlib.util import module_from_spec, spec_from_file_location

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_path, mute_logger

from ...models.analysis.exceptions import KehuAnalysisError, KehuAnalysisRightError
from .common import AnalysisCommon

COUNTED = {"source": "customers", "row": "user_id", "measures": ["__count"]}


@tagged("post_install", "-at_install")
class TestReportRights(AnalysisCommon):
    """Questions are shared, figures never; what somebody may not read is neither offered, nor asked for, nor told."""

    def _create(self, user, **values):
        return self.env["kehu.report"].with_user(user).create({"name": "Mine", **COUNTED, **values})

    def test_who_sees_and_changes(self):
        private = self._create(self.user_seller)
        team = self._create(self.user_seller, sharing="team", department_id=self.department_east.id)
        company = self._create(self.user_director, sharing="company")
        for user, seen in (
            (self.user_seller, private | team | company),
            (self.user_seller2, team | company),
            (self.user_east_manager, team | company),
            (self.user_sales_manager, team | company),  # oversees the department
            (self.user_west_seller, company),
            (self.user_finance, company),
            (self.user_crm_admin, company),
        ):
            found = self.env["kehu.report"].with_user(user).search([("id", "in", (private | team | company).ids)])
            self.assertEqual(found, seen.sorted(), user.name)
            for report in seen.with_user(user):
                own = report.user_id == user
                self.assertEqual(report.can_edit, own)
                if not own:
                    with self.assertRaises(AccessError):
                        report.name = "Taken"
                    with self.assertRaises(AccessError):
                        report.unlink()
        with self.assertRaises(AccessError):
            self.env["kehu.report"].with_user(self.user_service).search([])

    def test_sharing_has_bounds(self):
        for values in (
            {"sharing": "team", "department_id": self.department_west.id},
            {"sharing": "company"},
        ):
            with self.assertRaises(KehuAnalysisRightError):
                self._create(self.user_seller, **values)
        with self.assertRaises(KehuAnalysisError):
            self._create(self.user_seller, sharing="team")
        with self.assertRaises(AccessError):
            self._create(self.user_seller, user_id=self.user_seller2.id)
        report = self._create(self.user_seller)
        with self.assertRaises(UserError):
            report.user_id = self.user_seller2
        with self.assertRaises(KehuAnalysisRightError):
            report.sharing = "company"

    def test_figures_are_the_readers(self):
        """The same shared report: each reader counts the customers that they may see."""
        report = self._create(self.user_director, sharing="company", domain=str([("id", "in", self.customers.ids)]))
        for role, count in (("director", 5), ("east_manager", 3), ("seller", 1), ("west_seller", 1), ("finance", 5)):
            user = getattr(self, f"user_{role}")
            reports = self.env["kehu.report"].with_user(user)
            figures = reports.get_figures(report.id)
            seen = self.env["res.partner"].with_user(user).search_count([("id", "in", self.customers.ids)])
            self.assertEqual(figures["total"]["values"], [seen], role)
            self.assertEqual(seen, count, role)
            sudo = reports.sudo().get_figures(report.id)  # whoever calls, never more
            self.assertEqual(sudo["total"]["values"], [seen], role)
        other = self.customers[2].user_id
        with self.assertRaises(KehuAnalysisError) as refused:
            self.env["kehu.report"].with_user(self.user_seller).get_records(report.id, {}, row=[other.id])
        self.assertNotIn(other.name, str(refused.exception))

    def test_not_shared(self):
        report = self._create(self.user_seller, name="Secret plan")
        reports = self.env["kehu.report"].with_user(self.user_seller2)
        answer = reports.get_figures(report.id)
        self.assertNotIn("rows", answer)
        self.assertNotIn("Secret plan", str(answer))
        for method in ("get_screen", "export_workbook", "get_records", "get_view_action"):
            with self.assertRaises(KehuAnalysisError):
                getattr(reports, method)(report.id)
        self.assertIn("error", reports.get_figures(2**30))

    def test_source_that_is_closed(self):
        """Finance has no opportunities: a shared report on them says so, in a sentence; it is not offered either."""
        report = self._create(self.user_director, sharing="company", source="opportunities", row="stage_id")
        reports = self.env["kehu.report"].with_user(self.user_finance)
        self.assertIn("not open to your role", reports.get_figures(report.id)["error"])
        self.assertNotIn("opportunities", dict(reports._kehu_source_choices()))
        self.assertFalse(reports.new({"source": "opportunities"}).choices["groups"])
        with self.assertRaises(UserError):
            self._create(self.user_finance, source="opportunities", row="stage_id")
        read = report.with_user(self.user_finance).read()[0]  # the form opens all the same
        self.assertEqual((read["source"], read["choices"]["groups"], read["can_edit"]), ("opportunities", [], False))
        sheet = report.with_user(self.user_finance)._kehu_sheet({}, "xlsx")
        self.assertIn("not open to your role", sheet["facts"][-1][1])

    def test_no_role(self):
        """Whoever has no reports gets no figures by asking for them without one."""
        report = self._create(self.user_director, sharing="company")
        for role in ("service", "employee", "order_approver"):
            reports = self.env["kehu.report"].with_user(getattr(self, f"user_{role}"))
            for question in (COUNTED, report.id):
                self.assertEqual(reports.get_figures(question)["error"], "Reports are not open to your role.")
                for method in ("get_records", "get_view_action", "get_screen", "export_workbook"):
                    with self.assertRaises(KehuAnalysisRightError):
                        getattr(reports, method)(question)

    @mute_logger("odoo.models", "odoo.domains")
    def test_hostile_questions(self):
        reports = self.env["kehu.report"].with_user(self.user_director)
        for wrong in (
            {"row": "name"},
            {"row": "user_id.password"},
            {"row": "create_date"},
            {"row": "create_date:century"},
            {"row": "user_id:month"},
            {"row": "id"},
            {"row": "gone_id"},
            {"row": 7},
            {"column": "parent_id"},
            {"measures": ["id:sum"]},
            {"measures": ["kehu_headcount:array_agg"]},
            {"measures": ["user_id:recordset"]},
            {"measures": [["__count"]]},
            {"measures": {}},
            {"measures": ["__count", "__count"]},
            {"source": "res.users"},
            {"sort": "name; DROP TABLE"},
            {"chart": "<script>"},
            {"most": 10**9},
            {"most": "many"},
            {"period": "ever"},
            {"domain": "nonsense"},
            {"domain": "[('id', '=', __import__('os'))]"},
            {"domain": "[('id', '=', uid)]"},
            {"domain": "{}"},
            {"domain": "[" * 5000},
            {"domain": "[('user_id', 'any!', [('login', '!=', 'x')])]"},
            {"domain": "[('gone_id', '=', 1)]"},
            {"domain": "[('user_id.gone', '=', 1)]"},
            {"domain": "[('user_id.totp_secret', '!=', False)]"},
            {"domain": "[('user_id.password', 'like', 'a')]"},
            {"domain": "[('user_id', 'any', [('totp_secret', '!=', False)])]"},
            {"domain": "[('create_date', '>', 'soon')]"},
            {"domain": "[('kehu_headcount', '>', 'abc')]"},
            {"domain": "[('parent_id', 'parent_of', True)]"},
            {"domain": "[('name', 'wat', 1)]"},
            {"domain": "[('name', '=', 1), '&']"},
            {"domain": str(["!"] * 3000 + [("nope", "=", "x")])},
            {"domain": str(["&"] * 500 + [("nope", "=", "x")] * 501)},
            {"user_id": 1},
        ):
            with self.subTest(wrong=wrong):
                answer = reports.get_figures({**COUNTED, **wrong})
                self.assertNotIn("rows", answer)
                self.assertGreater(len(answer["error"]), 20)
                self.assertNotIn("Traceback", answer["error"])
                if "user_id" not in wrong:
                    with self.assertRaises(UserError):
                        reports.create({"name": "Wrong", **COUNTED, **wrong})
        # a letter that no text of the database has: seen only when the database is asked
        answer = reports.get_figures({**COUNTED, "domain": "[('name', 'ilike', '\\x00')]"})
        self.assertIn("cannot be read", answer["error"])
        for text in ("[('name', 'ilike', '\\x00')]", "[('name', 'ilike', '\\ud800')]", "[('create_date.month_number', '=', 'x')]"):
            with self.subTest(records=text), self.assertRaisesRegex(KehuAnalysisError, "cannot be read"):
                reports.get_records({**COUNTED, "domain": text}, row=[self.user_director.id])
        self.assertTrue(reports.search_count([]))  # the transaction goes on
        self.assertTrue(reports.with_context(default_source="gone").default_get(["row", "measures"])["row"])
        with self.assertRaisesRegex(KehuAnalysisError, "was deleted"):
            reports.create({"name": "Wrong", **COUNTED, "sharing": "team", "department_id": 2**31 - 1})
        with self.assertRaisesRegex(KehuAnalysisError, "was deleted"):
            self.env["kehu.report.page"].with_user(self.user_director).create(
                {"name": "Wrong", "line_ids": [(0, 0, {"report_id": 2**31 - 1})]}
            )
        for conditions in (
            {"preset": "ever"},
            {"department": "1"},
            {"user": [True]},
            {"user": [2**40]},
            {"date_from": "soon", "preset": "custom"},
            {"preset": "custom", "date_from": "2031-02-01", "date_to": "2031-01-01"},
            {"color": 1},
            7,
        ):
            with self.subTest(conditions=conditions):
                self.assertIn("error", reports.get_figures(COUNTED, conditions))
        for row in ([], [1, 2], 7, ["x"], [[1]], [2**40], [{}]):
            with self.subTest(row=row), self.assertRaises(KehuAnalysisError):
                reports.get_records(COUNTED, {}, row=row)
        with self.assertRaises(KehuAnalysisError):
            reports.get_records(COUNTED, {}, column=[1])

    def test_field_that_is_gone(self):
        """What an add-on took with it: the report names it, and the rest of the page goes on."""
        report = self._create(self.user_director, sharing="company")
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_report SET row = 'x_gone', domain = '[]' WHERE id = %s", [report.id])
        self.env.invalidate_all()
        reports = self.env["kehu.report"].with_user(self.user_director)
        self.assertIn("x_gone", reports.get_figures(report.id)["error"])
        self.env.cr.execute("UPDATE kehu_report SET row = 'user_id', domain = %s WHERE id = %s", ["[('x_old', '=', 1)]", report.id])
        self.env.invalidate_all()
        self.assertIn("x_old", reports.get_figures(report.id)["error"])
        self.env.cr.execute("UPDATE kehu_report SET source = 'events', domain = '[]' WHERE id = %s", [report.id])
        self.env.invalidate_all()
        self.assertIn("not installed", reports.get_figures(report.id)["error"])
        page = self.env["kehu.report.page"].with_user(self.user_director).create({"name": "Page"})
        good = self._create(self.user_director)
        page.line_ids = [(0, 0, {"report_id": report.id}), (0, 0, {"report_id": good.id})]
        self.assertEqual(len(page.get_screen(page.id)["items"]), 2)
        self.assertTrue(page.export_workbook(page.id)["content"])
        self.assertEqual(report.with_user(self.user_director).read(["name", "source"])[0]["name"], "Mine")

    def test_own_fields(self):
        """Fields that people added themselves are offered, those that they may not read are not."""
        self.env["ir.model.fields"].create(
            {
                "name": "x_kehu_kind",
                "field_description": "Our Kind",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "ttype": "boolean",
            }
        )
        offered = self.env["kehu.report"].with_user(self.user_seller).new({"source": "customers"}).choices
        self.assertIn("Our Kind", [one["label"] for one in offered["groups"]])
        self.patch(self.env["res.partner"]._fields["x_kehu_kind"], "groups", "base.group_system")
        offered = self.env["kehu.report"].with_user(self.user_seller).new({"source": "customers"}).choices
        self.assertNotIn("Our Kind", [one["label"] for one in offered["groups"]])
        answer = self.env["kehu.report"].with_user(self.user_seller).get_figures({**COUNTED, "row": "x_kehu_kind"})
        self.assertIn("error", answer)

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Second Company (test)"})
        self.user_director.company_ids |= other
        report = self._create(self.user_director, sharing="company")
        self.assertEqual(report.company_id, self.env.company)
        inside = self.env["kehu.report"].with_user(self.user_director)
        self.assertIn(report, inside.search([]))
        mate = self.user_finance
        for sharing in ("private", "company"):
            with self.assertRaisesRegex(KehuAnalysisRightError, "where you do not work"):
                self._create(mate, sharing=sharing, company_id=other.id)
        mate.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertNotIn(report, self.env["kehu.report"].with_user(mate).with_company(other).search([]))
        customer = self._create_customer(self.user_director, name="Far", company_id=other.id)
        question = {**COUNTED, "domain": f"[('id', '=', {customer.id})]"}
        one = inside.with_context(allowed_company_ids=self.env.company.ids)
        self.assertEqual(one.get_figures(question)["total"]["values"], [0])
        both = inside.with_context(allowed_company_ids=(self.env.company | other).ids)
        self.assertEqual(both.get_figures(question)["total"]["values"], [1])

    def test_examples(self):
        """They are there for everybody, changed by administrators, copied by all."""
        examples = self.env["kehu.report"].search([("user_id", "=", False), ("sharing", "=", "company")])
        self.assertGreaterEqual(len(examples), 4)
        for role in ("seller", "finance", "crm_admin"):
            user = getattr(self, f"user_{role}")
            for report in examples.with_user(user):
                self.assertNotIn("error", report.get_figures(report.id))
                self.assertEqual(report.can_edit, role == "crm_admin")
        page = self.env.ref("kehu_crm.kehu_report_page_overview").with_user(self.user_seller)
        self.assertEqual(len(page.get_screen(page.id)["items"]), 4)
        copy = examples[0].with_user(self.user_seller).copy()
        self.assertEqual((copy.user_id, copy.sharing, copy.department_id.id), (self.user_seller, "private", False))
        self.assertTrue(copy.can_edit)
        examples[0].with_user(self.user_crm_admin).name = "Ours"

    def test_owner_is_gone(self):
        """A shared report stays when its owner is deleted; a private one is left to administrators."""
        user = self.user_west_seller
        shared = self._create(user, sharing="team", department_id=self.department_west.id)
        private = self._create(user)
        page = (
            self.env["kehu.report.page"]
            .with_user(user)
            .create(
                {
                    "name": "Ours",
                    "sharing": "team",
                    "department_id": self.department_west.id,
                    "line_ids": [(0, 0, {"report_id": shared.id})],
                }
            )
        )
        self.assertFalse(shared.with_user(self.user_crm_admin).can_edit)
        user.active = False
        self.assertTrue(shared.with_user(self.user_sales_manager).name)
        self.assertFalse(shared.with_user(self.user_sales_manager).can_edit)
        self.assertEqual(private.user_id, user)
        for left in (shared, page):
            left = left.with_user(self.user_crm_admin)
            self.assertTrue(left.can_edit, "nobody else could take it off")
            left.sharing = "private"
            left.sudo().sharing = "team"
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_report SET user_id = %s WHERE id = %s", [user.id, shared.id])
        spec = spec_from_file_location("post_owners", file_path("kehu_crm/migrations/19.0.1.12.0/post-report_owners.py"))
        update = module_from_spec(spec)
        spec.loader.exec_module(update)
        update.migrate(self.env.cr, "19.0.1.11.0")  # who left before the program looked after that
        self.env.invalidate_all()
        self.assertEqual((shared.user_id.id, private.user_id), (False, user))
        self.env.cr.execute("UPDATE kehu_report SET user_id = NULL WHERE id IN %s", [(shared.id, private.id)])
        self.env.invalidate_all()
        self.assertTrue(shared.with_user(self.user_sales_manager).name)
        self.assertNotIn(private, self.env["kehu.report"].with_user(self.user_sales_manager).search([]))
        (shared | private).with_user(self.user_crm_admin).unlink()

    def test_pages(self):
        pages, lines = self.env["kehu.report.page"], self.env["kehu.report.page.line"]
        mine = self._create(self.user_seller)
        page = pages.with_user(self.user_seller).create(
            {
                "name": "Ours",
                "sharing": "team",
                "department_id": self.department_east.id,
                "line_ids": [(0, 0, {"report_id": mine.id})],
            }
        )
        reader = page.with_user(self.user_seller2)
        item = reader.get_screen(page.id)["items"][0]
        self.assertEqual(item["title"], "")  # the report itself is private
        reader.invalidate_recordset()
        self.assertEqual(reader.line_ids.read(["report_id"])[0]["report_id"], (mine.id, "…"))
        named = {"line_ids": {"fields": {"report_id": {"fields": {"display_name": {}}}}}}
        self.assertEqual(reader.web_read(named)[0]["line_ids"][0]["report_id"]["display_name"], "…")
        self.env.invalidate_all()
        self.assertEqual(page.line_ids.read(["report_id"])[0]["report_id"], (mine.id, mine.name))
        self.assertIn("not shared", self.env["kehu.report"].with_user(self.user_seller2).get_figures(item["report_id"])["error"])
        with self.assertRaises(AccessError):
            lines.with_user(self.user_seller2).create({"page_id": page.id, "report_id": mine.id})
        with self.assertRaises(AccessError):
            page.line_ids.with_user(self.user_seller2).width = "full"
        with self.assertRaises(AccessError):
            page.line_ids.with_user(self.user_seller2).unlink()
        shared = self._create(self.user_director, sharing="company")
        page.line_ids = [(0, 0, {"report_id": shared.id, "width": "full"})]
        copy = reader.copy()
        self.assertEqual((copy.user_id, copy.line_ids.report_id, copy.line_ids.width), (self.user_seller2, shared, "full"))
        foreign = self._create(self.user_west_seller)
        with self.assertRaises(UserError):
            lines.with_user(self.user_seller).create({"page_id": page.id, "report_id": foreign.id})
        with self.assertRaises(KehuAnalysisError):
            pages.with_user(self.user_west_seller).get_screen(page.id)
        with self.assertRaises(KehuAnalysisError):
            page.line_ids = [(0, 0, {"report_id": mine.id}) for _number in range(13)]
        mine.unlink()
        self.assertEqual(page.line_ids.report_id, shared)

    def test_who_exports(self):
        report = self._create(self.user_director, sharing="company")
        seller = self.env["kehu.report"].with_user(self.user_seller)
        self.assertFalse(seller.get_screen(report.id)["can_export"])
        for method in ("export_workbook", "export_pdf"):
            with self.assertRaises(KehuAnalysisRightError):
                getattr(seller, method)(report.id)
        manager = self.env["kehu.report"].with_user(self.user_east_manager)
        self.assertTrue(manager.export_workbook(report.id)["filename"].endswith(".xlsx"))

    def test_form(self):
        """What the form offers follows what the report is about; it begins with what makes sense there."""
        reports = self.env["kehu.report"].with_user(self.user_seller)
        report = reports.new({**COUNTED, "column": "kehu_level_id"})
        report.source = "orders"
        report._onchange_source()
        self.assertFalse(report.column)
        offered = [one["name"] for one in report.choices["groups"]]
        self.assertIn(report.row.partition(":")[0], offered)
        self.assertIn(report.measures[0], [one["name"] for one in report.choices["measures"]])
        self.assertEqual(report.source_model, "sale.order")
        with self.assertRaises(KehuAnalysisError):
            self._create(self.user_seller, name="  ")
        with self.assertRaises(KehuAnalysisError):
            self._create(self.user_seller, measures=[])
        with self.assertRaises(KehuAnalysisError):
            self._create(self.user_seller, column="user_id")
