"""The configuration as one file, and back."""

import base64
import json

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.system.exceptions import KehuConfigurationError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestSystemConfiguration(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.env["kehu.configuration"].with_user(cls.user_crm_admin)
        cls.level = cls.env["kehu.customer.level"].create({"name": "Gold of the test", "reminder_days": 12})
        cls.pool_x = cls.env["kehu.pool"].create(
            {
                "name": "Pool of the test",
                "company_id": cls.env.company.id,
                "member_ids": [(6, 0, (cls.user_seller | cls.user_seller2).ids)],
                "exempt_level_ids": [(6, 0, cls.level.ids)],
                "level_rule_ids": [(0, 0, {"level_id": cls.level.id, "idle_days": 40})],
            }
        )
        cls.flow = cls.env["kehu.approval.flow"].create(
            {
                "name": "Flow of the test",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "domain": "[('amount_total', '>', 1000)]",
                "step_ids": [
                    (0, 0, {"name": "One", "kind": "group", "group_id": cls.env.ref("kehu_crm.group_kehu_order_approver").id}),
                    (0, 0, {"name": "Two", "kind": "users", "user_ids": [(6, 0, cls.user_director.ids)]}),
                ],
            }
        )

    def _actions(self, told, kind=None):
        return {(line["record"], line["action"]) for line in told if kind is None or line["action"] == kind}

    def test_file_of_this_database_changes_nothing(self):
        text = self.files.kehu_export()
        told = self.files.kehu_check(text)
        self.assertEqual({line["action"] for line in told}, {"same"}, [line for line in told if line["action"] != "same"])
        self.assertFalse([line for line in told if line["note"]])
        content = json.loads(text)
        self.assertIn("kehu.import.template", content["records"])
        for secret in ('"password"', "res_partner", "user_seller"):
            self.assertNotIn(secret, text)

    def test_round_trip(self):
        """What is deleted or changed after the export comes back by the file."""
        self.env.company.kehu_log_days = 99
        text = self.files.kehu_export()
        self.flow.step_ids[0].unlink()
        self.flow.write({"domain": False, "active": False})
        self.pool_x.unlink()
        self.level.reminder_days = 3
        self.env.company.kehu_log_days = 5
        checked = self.files.kehu_check(text)
        self.assertIn(("Pool of the test", "create"), self._actions(checked))
        self.assertIn(("Flow of the test", "update"), self._actions(checked))
        self.assertEqual((self.level.reminder_days, self.env.company.kehu_log_days), (3, 5), "a check changes nothing")
        self.files.kehu_apply(text)
        self.assertEqual((self.level.reminder_days, self.env.company.kehu_log_days), (12, 99))
        self.assertEqual((self.flow.active, self.flow.domain), (True, "[('amount_total', '>', 1000)]"))
        self.assertEqual(self.flow.step_ids.mapped("name"), ["One", "Two"])
        self.assertEqual(self.flow.step_ids.mapped("kind"), ["group", "users"])
        self.assertEqual(self.flow.step_ids[0].group_id, self.env.ref("kehu_crm.group_kehu_order_approver"))
        self.assertEqual(self.flow.step_ids[1].user_ids, self.user_director)
        pool = self.env["kehu.pool"].search([("name", "=", "Pool of the test")])
        self.assertEqual((pool.company_id, pool.member_ids), (self.env.company, self.user_seller | self.user_seller2))
        self.assertEqual((pool.exempt_level_ids, pool.level_rule_ids.level_id, pool.level_rule_ids.idle_days), (self.level, self.level, 40))
        self.assertEqual({line["action"] for line in self.files.kehu_check(text)}, {"same"})

    def test_numbering_travels(self):
        rows = self.env["kehu.numbering"].search([("company_id", "=", self.env.company.id), ("document", "=", "contract")])
        rows.write({"prefix": "HT", "digits": 6})
        text = self.files.kehu_export()
        rows.write({"prefix": "HX", "digits": 5})
        following = rows.next_number
        self.files.kehu_apply(text)
        self.assertEqual(
            (rows.prefix, rows.digits, rows.next_number), ("HT", 6, following), "how it looks travels, where it stands does not"
        )

    def test_languages_travel(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.level.with_context(lang="zh_CN").name = "测试金牌"
        step = self.flow.step_ids[1]
        step.with_context(lang="zh_CN").name = "第二步"
        text = self.files.kehu_export()
        step.unlink()
        self.level.unlink()
        self.files.kehu_apply(text)
        level = self.env["kehu.customer.level"].search([("name", "=", "Gold of the test")])
        self.assertEqual(level.with_context(lang="zh_CN").name, "测试金牌")
        self.assertEqual(self.flow.step_ids[1].with_context(lang="zh_CN").name, "第二步")
        self.assertEqual(self.flow.step_ids[1].with_context(lang="en_US").name, "Two")
        level.with_context(lang="en_US").name = "Renamed"
        told = self.files.with_context(lang="zh_CN").kehu_check(text)
        self.assertIn(("测试金牌", "update"), self._actions(told), "found by what it is called in the other language")

    def test_a_line_less(self):
        """Lines are told by their place; those that go make room first."""
        other = self.env["kehu.customer.level"].create({"name": "Silver of the test", "reminder_days": 12})
        self.pool_x.level_rule_ids = [(0, 0, {"level_id": other.id, "idle_days": 60})]
        content = json.loads(self.files.kehu_export())
        pool = next(row for row in content["records"]["kehu.pool"] if row["name"] == "Pool of the test")
        del pool["level_rule_ids"][0]
        kept = pool["level_rule_ids"][0]["idle_days"]
        self.files.kehu_apply(json.dumps(content))
        self.assertEqual(self.pool_x.level_rule_ids.mapped("idle_days"), [kept])

    def test_check_knows_what_the_file_brings(self):
        text = self.files.kehu_export()
        self.pool_x.unlink()
        self.level.unlink()
        told = {line["record"]: line for line in self.files.kehu_check(text)}
        self.assertEqual((told["Gold of the test"]["action"], told["Pool of the test"]["action"]), ("create", "create"))
        self.assertFalse(told["Pool of the test"]["note"], "its level comes with the file")
        self.assertFalse(self.env["kehu.customer.level"].search([("name", "=", "Gold of the test")]), "a check changes nothing")
        self.env.cr.flush()
        self.assertFalse(
            self.env["kehu.operation.log"].search([("record_name", "=", "Gold of the test"), ("operation", "=", "create")])[1:]
        )

    def test_shipped_record_of_another_company(self):
        flow = self.env.ref("kehu_crm.kehu_approval_flow_credit")
        other = self.env["res.company"].create({"name": "Other company of the test"})
        self.user_crm_admin.company_ids += other
        flow.company_id = self.env.company
        content = json.loads(self.files.kehu_export())
        files = self.files.with_company(other).with_context(allowed_company_ids=other.ids)
        files.kehu_check(json.dumps(content))
        row = next(
            row for row in content["records"]["kehu.approval.flow"] if row.get("external_id") == "kehu_crm.kehu_approval_flow_credit"
        )
        row["tolerance_percent"] = 7.5
        files.kehu_apply(json.dumps(content))
        self.assertNotEqual(flow.tolerance_percent, 7.5, "the flow of the other company stays")

    def test_unknown_people_are_left_out_and_told(self):
        content = json.loads(self.files.kehu_export())
        pool = next(row for row in content["records"]["kehu.pool"] if row["name"] == "Pool of the test")
        pool["member_ids"] = ["nobody@nowhere", self.user_seller.login]
        pool["level_rule_ids"][0]["level_id"] = ["No such level"]
        content["records"]["kehu.unheard.of"] = [{}]
        content["settings"]["kehu_unheard_of"] = 1
        told = self.files.kehu_check(json.dumps(content))
        notes = " ".join(line["note"] for line in told)
        for word in ("nobody@nowhere", "No such level", "kehu_unheard_of"):
            self.assertIn(word, notes)
        self.assertEqual([line["model"] for line in told if line["action"] == "ignored"], ["kehu.unheard.of"])
        self.files.kehu_apply(json.dumps(content))
        self.assertEqual((self.pool_x.member_ids, self.pool_x.level_rule_ids.idle_days), (self.user_seller, 40))

    def test_one_refused_record_leaves_everything(self):
        content = json.loads(self.files.kehu_export())
        for row in content["records"]["kehu.customer.level"]:
            row["reminder_days"] = 77
        content["records"]["kehu.approval.flow"][-1]["domain"] = "[('no_such_field', '=', 1)]"
        with self.assertRaises(KehuConfigurationError):
            self.files.kehu_apply(json.dumps(content))
        self.assertEqual(self.level.reminder_days, 12)

    def test_company_of_its_own(self):
        """A file sets the rules of the company that is active, and makes its records there."""
        other = self.env["res.company"].create({"name": "Other company of the test"})
        self.user_crm_admin.company_ids += other
        text = self.files.kehu_export()
        self.files.with_company(other).with_context(allowed_company_ids=other.ids).kehu_apply(text)
        pools = self.env["kehu.pool"].search([("name", "=", "Pool of the test")])
        self.assertEqual(pools.company_id, self.env.company | other)
        self.assertEqual(self.env["kehu.customer.level"].search_count([("name", "=", "Gold of the test")]), 1, "what is shared stays one")

    def test_rule_of_the_database(self):
        """What the database refuses is told in the words of the rule, without the row."""
        good = json.loads(self.files.kehu_export())
        text = json.dumps({**good, "settings": {"kehu_login_lock_minutes": -3}, "records": {}})
        for method in (self.files.kehu_check, self.files.kehu_apply):
            with mute_logger("odoo.sql_db"), self.assertRaises(KehuConfigurationError) as refused:
                method(text)
            for word in ("Failing row", "violates", "relation"):
                self.assertNotIn(word, str(refused.exception))
            rule = self.env["res.company"]._table_objects["res_company_kehu_login_lock_minutes_check"]
            self.assertIn(rule.get_error_message(self.files, None), str(refused.exception))

    def test_hostile_files(self):
        good = json.loads(self.files.kehu_export())
        bad = [
            "", "[]", "{", "null", "7", "[" * 100_000, "{}", json.dumps({**good, "format": 2}), json.dumps({**good, "records": []}),
            json.dumps({**good, "records": {"kehu.pool": [1]}}), json.dumps({**good, "settings": [1]}),
            json.dumps({**good, "company": "\ud83d"}), "x" * 6_000_000, b"bytes", None,
        ]  # fmt: skip
        for text in bad:
            with self.subTest(text=str(text)[:40]), self.assertRaises(KehuConfigurationError):
                self.files.kehu_apply(text)
        odd = [
            {"res.users": [{"login": "evil", "name": "Evil"}], "ir.rule": [{"name": "all"}]},
            {"kehu.customer.level": [{"name": ["a"], "reminder_days": "many"}]},
            {"kehu.customer.level": [{"name": {"xx_XX": 1}, "color": {"a": 1}}]},
            {"kehu.pool": [{"external_id": "base.user_admin", "name": "Odd", "member_ids": {"a": 1}, "company": "evil"}]},
            {"kehu.pool": [{"external_id": ["x"], "name": "Odder", "level_rule_ids": [7], "idle_days": float("inf")}]},
            {"kehu.approval.flow": [{"name": "F", "model_id": {"a": 1}, "step_ids": "x"}]},
            {"kehu.customer.level": [{"name": "Inf", "reminder_days": float("inf")}]},
            {"kehu.pool": [{"name": "NUL\0", "create_uid": 1, "id": 1, "write_date": "2000-01-01"}]},
        ]
        for records in odd:
            text = json.dumps({**good, "settings": {"kehu_log_days": "evil"}, "records": records})
            with self.subTest(records=str(records)[:60]), mute_logger("odoo.sql_db"), self.assertRaises(KehuConfigurationError):
                self.files.kehu_apply(text)
            text = json.dumps({**good, "settings": {}, "records": records})
            with self.subTest(records=str(records)[:60]), mute_logger("odoo.sql_db"):
                try:
                    self.files.kehu_apply(text)
                except KehuConfigurationError as error:
                    self.assertNotIn("Traceback", str(error))
        self.assertFalse(self.env["res.users"].search([("login", "=", "evil")]))

    def test_rights(self):
        text = self.files.kehu_export()
        for user in (self.user_director, self.user_seller, self.user_finance):
            files = self.env["kehu.configuration"].with_user(user)
            for call in (files.kehu_export, lambda files=files: files.kehu_check(text), lambda files=files: files.kehu_apply(text)):
                with self.subTest(user=user.name), self.assertRaises(KehuConfigurationError):
                    call()
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                self.env["kehu.configuration.file"].with_user(user).create({})

    def test_dialog(self):
        pages = self.env["kehu.configuration.file"].with_user(self.user_crm_admin)
        page = pages.create({})
        with self.assertRaises(KehuConfigurationError):
            page.action_check()
        url = page.action_export()["url"]
        self.assertIn(f"/{page.id}/content/kehu_crm_", url)
        self.level.reminder_days = 4
        page.upload = page.content
        page.action_check()
        told = [(line.record, line.action) for line in page.line_ids]
        self.assertEqual((page.state, told), ("checked", [("Gold of the test", "update")]))
        self.assertEqual(self.level.reminder_days, 4)
        page.action_apply()
        self.assertEqual((page.state, self.level.reminder_days), ("done", 12))
        self.assertIn("1", page.summary)
        page.action_back()
        page.upload = base64.b64encode(b"\xff\xfe\x00")
        with self.assertRaises(KehuConfigurationError):
            page.action_check()
