"""The business dictionary: all drop-downs in one overview, choices that are merged, and what is never lost."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ...models.system.exceptions import KehuUsedError, KehuValidationError
from ..common import ROLES, KehuCommon


@tagged("post_install", "-at_install")
class TestSystemDictionary(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        words = cls.env["kehu.dictionary.value"]
        cls.fair, cls.show, cls.web = words.create(
            [{"dictionary": "customer_source", "name": name} for name in ("Fair (test)", "Show (test)", "Web (test)")]
        )
        cls.nature = words.create({"dictionary": "customer_nature", "name": "Fair (test)"})
        cls.mine = cls._create_customer(cls.user_seller, name="Mine", kehu_source_id=cls.fair.id)
        cls.archived = cls._create_customer(cls.user_west_seller, name="Archived", kehu_source_id=cls.fair.id, active=False)

    def _wizard(self, sources, target, user=None):
        wizards = self.env["kehu.word.merge"].with_user(user or self.user_crm_admin)
        wizards = wizards.with_context(active_model=sources._name, active_ids=sources.ids)
        level = sources._name == "kehu.customer.level"
        return wizards.create({"target_level_id" if level else "target_value_id": target.id})

    # -- the overview --------------------------------------------------------------------------------------------------

    def test_every_dictionary_has_an_area(self):
        areas = self.env["kehu.dictionary.area"].with_user(self.user_crm_admin).search([])
        dictionaries = {key for key, _label in self.env["kehu.dictionary.value"]._fields["dictionary"]._description_selection(self.env)}
        self.assertEqual({area.dictionary for area in areas if area.kind == "values"}, dictionaries)
        for area in areas:
            with self.subTest(area=area.name):
                self.assertIn(area.res_model, self.env)
                if area.kind == "fixed":
                    self.assertTrue(area.why and area.count)
                    self.assertFalse(area.action_open())
                else:
                    action = area.action_open()
                    self.assertEqual(action["res_model"], area.res_model)
        source = areas.filtered(lambda area: area.dictionary == "customer_source")
        count, archived = source.count, source.archived
        self.show.active = False
        areas.invalidate_recordset()
        self.assertEqual((source.count, source.archived), (count - 1, archived + 1))

    def test_only_administrators(self):
        for role in ROLES:
            if role == "crm_admin":
                continue
            user = getattr(self, f"user_{role}")
            for call in (
                lambda user=user: self.env["kehu.dictionary.area"].with_user(user).search([]),
                lambda user=user: self._wizard(self.fair, self.show, user),
                lambda user=user: self.fair.with_user(user)._kehu_merge_into(self.show),
                lambda user=user: self.fair.with_user(user).write({"sequence": 1}),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()
        with self.assertRaises(AccessError):
            self.env["kehu.dictionary.area"].with_user(self.user_crm_admin).search([], limit=1).write({"name": "X"})

    def test_an_archived_choice_stays_readable(self):
        self.fair.active = False
        self.assertEqual(self.mine.with_user(self.user_seller).kehu_source_id.display_name, "Fair (test)")
        offered = self.env["kehu.dictionary.value"].with_user(self.user_seller).name_search("(test)")
        self.assertNotIn(self.fair.id, [number for number, _name in offered])

    # -- merging -------------------------------------------------------------------------------------------------------

    def test_every_record_follows(self):
        wizard = self._wizard(self.fair, self.show)
        self.assertIn(": 2", wizard.preview)
        self.assertIn("Show (test)", wizard.preview)
        with Form(wizard) as form:
            form.target_value_id = self.web
            self.assertIn("Web (test)", form.preview)
            form.target_value_id = self.show
        action = wizard.action_apply()
        self.assertIn("2", action["params"]["message"])
        self.assertEqual((self.mine | self.archived).kehu_source_id, self.show)
        self.assertFalse(self.fair.active)
        self.assertEqual(self.fair.merged_into_id, self.show)
        self.assertTrue(self.fair.exists())
        self.env.cr.flush()
        log = self.env["kehu.operation.log"].search(
            [("model", "=", "kehu.dictionary.value"), ("res_id", "=", self.fair.id), ("detail", "ilike", "Fair (test)")]
        )
        self.assertIn("Show (test)", log.detail)
        self.assertEqual(log.user_id, self.user_crm_admin)

    def test_regions_that_provinces_name_follow(self):
        east, south = self.env["kehu.dictionary.value"].create(
            [{"name": name, "dictionary": "customer_region"} for name in ("East (test)", "South (test)")]
        )
        province = self.env.ref("base.state_cn_JS")
        province.kehu_region_id = east
        self.mine.state_id = province
        self.assertEqual(self.mine.kehu_region_id, east)
        wizard = self._wizard(east, south)
        self.assertIn(": 1", wizard.preview)
        wizard.action_apply()
        self.assertEqual((self.mine.kehu_region_id, province.kehu_region_id), (south, south))

    def test_several_at_once_and_defaults(self):
        self.env["ir.default"].set("res.partner", "kehu_source_id", self.web.id)
        (self.fair | self.web).with_user(self.user_crm_admin)._kehu_merge_into(self.show)
        self.assertEqual(self.env["ir.default"]._get("res.partner", "kehu_source_id"), self.show.id)
        self.assertEqual(self._create_customer(name="New").kehu_source_id, self.show)

    def test_levels_and_their_history(self):
        other = self.env["kehu.customer.level"].create({"name": "VIP (test)", "reminder_days": 9})
        self.mine.kehu_level_id = self.level_key
        self.mine.kehu_level_id = other
        self.env.flush_all()
        history = self.env["kehu.level.change"].search([("partner_id", "=", self.mine.id)])
        before = history.mapped(lambda change: (change.old_level_id.id, change.level_id.id)) if "level_id" in history else None
        self._wizard(other, self.level_key).action_apply()
        self.assertEqual(self.mine.kehu_level_id, self.level_key)
        self.assertFalse(other.active)
        if before:
            self.assertEqual(history.mapped(lambda change: (change.old_level_id.id, change.level_id.id)), before)

    def test_what_is_not_merged(self):
        admin = self.user_crm_admin
        for sources, target, words in (
            (self.fair, self.fair, "into itself"),
            (self.fair | self.show, self.show, "into itself"),
            (self.fair, self.nature, "different drop-downs"),
            (self.fair, self.env["kehu.dictionary.value"], "Choose what is merged"),
            (self.env["kehu.dictionary.value"], self.fair, "Choose what is merged"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(KehuValidationError, words):
                sources.with_user(admin)._kehu_merge_into(target.with_user(admin))
        self.show.active = False
        with self.assertRaisesRegex(KehuValidationError, "is archived"):
            self.fair.with_user(admin)._kehu_merge_into(self.show.with_user(admin))
        pools = self.env["kehu.pool"].search([], limit=1)
        with self.assertRaises(KehuValidationError):
            pools._kehu_merge_into(pools.copy())
        with self.assertRaises(UserError):
            self.env["kehu.word.merge"].with_user(admin).create({"value_ids": [Command.set(self.fair.ids)]}).action_apply()

    def test_a_rule_for_each_of_them(self):
        """Where both may stand once only, the person is told what to do first."""
        pool = self.env["kehu.pool"].create({"name": "Rules (test)"})
        rules = self.env["kehu.pool.level.rule"]
        rules.create([{"pool_id": pool.id, "level_id": level.id} for level in (self.level_key, self.level_none)])
        with self.assertRaisesRegex(KehuUsedError, "Remove one of them"), mute_logger("odoo.sql_db"):
            self.level_none._kehu_merge_into(self.level_key)
        self.assertTrue(self.level_none.active)

    def test_queries_do_not_grow(self):
        def cost(count, source):
            self.env["res.partner"].create(
                [{"name": f"{source.name} {number}", "kehu_is_customer": True, "kehu_source_id": source.id} for number in range(count)]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            source._kehu_merge_into(self.show)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1, self.env["kehu.dictionary.value"].create({"dictionary": "customer_source", "name": "Warm (test)"}))
        few, many = cost(1, self.fair), cost(60, self.web)
        self.assertLessEqual(many, few)

    # -- deleting ------------------------------------------------------------------------------------------------------

    def test_a_used_choice_is_not_deleted(self):
        with self.assertRaisesRegex(KehuUsedError, r"still used.*\(2\).*Archive it.*merge"):
            self.fair.with_user(self.user_crm_admin).unlink()
        self.web.with_user(self.user_crm_admin).unlink()

    def test_a_shipped_choice_is_not_deleted(self):
        for name in ("kehu_sale_type_sample", "kehu_customer_level_potential"):
            word = self.env.ref(f"kehu_crm.{name}", raise_if_not_found=False)
            if not word:
                continue
            with self.subTest(word=name), self.assertRaises(KehuUsedError), self.env.cr.savepoint():
                word.with_user(self.user_crm_admin).unlink()
            word.with_user(self.user_crm_admin).action_archive()
            self.assertFalse(word.active)

    def test_a_used_choice_stays_in_its_drop_down(self):
        words = self.env["kehu.dictionary.value"].with_user(self.user_crm_admin)
        with self.assertRaisesRegex(KehuUsedError, "Fair .test.* stays in its drop-down"), self.env.cr.savepoint():
            words.browse(self.fair.id).dictionary = "customer_nature"
        words.browse(self.fair.id).write({"dictionary": "customer_source", "color": 3})
        words.browse(self.web.id).dictionary = "customer_nature"
        self.assertEqual(self.web.dictionary, "customer_nature")

    @mute_logger("odoo.sql_db")
    def test_a_color_of_the_palette(self):
        self.web.color = 11
        for number in (12, -1):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.web.color = number
                self.env.flush_all()

    def test_the_log_of_a_merge_speaks_the_language_of_whoever_merges(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.fair.with_context(lang="zh_CN").name = "展会（试）"
        self.user_crm_admin.lang = "zh_CN"
        self.env.flush_all()
        self.env.cr.flush()
        self._wizard(self.fair, self.web, self.user_crm_admin).with_context(lang="zh_CN").action_apply()
        self.env.cr.flush()
        noted = self.env["kehu.operation.log"].search([("model", "=", "kehu.dictionary.value"), ("res_id", "=", self.fair.id)], limit=1)
        self.assertEqual(noted.record_name, "展会（试）")
