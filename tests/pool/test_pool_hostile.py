"""What anybody may send by RPC to the methods that change or tell an owner: each answer is a sentence, and nothing changes by a trick."""

import re

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.pool.exceptions import KehuPoolError
from .common import PoolCommon

NO_RECORDS = ([0], [-1], [2**31], [2**63], [2**70], ["1"], "12", [None], [False], [True], [1.5], [[1]], [{}], {"a": 1}, [[]], ["' OR 1=1"])
NO_IDS = (0, -1, 2**31, 2**63, 2**70, "1", "x", True, 1.5, [], [1], {}, {"id": 1}, None, False, "' OR 1=1", "\x00")
NO_TEXTS = (5, 0, True, [], ["Because"], {}, {"a": 1}, None, False, "", " \t\n", 1.5)
NASTY_TEXTS = ("\x00", "a\x00b", "\ud800", "x" * 100_000, "%(name)s %s {0}", "<script>alert(1)</script>", "' OR 1=1 --")
FORGED = (True, {"a": [1]}, "<kehu engine token>")
ENGINES = ("ownership", "level", "contact", "pool_default", "recycle", "leaving", "duplicate", "call", "approval")


@tagged("post_install", "-at_install")
class TestPoolHostile(PoolCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        roles = ("seller", "east_manager", "crm_admin", "service")
        cls.users = {role: getattr(cls, f"user_{role}") for role in roles}
        cls.users["portal"] = new_test_user(cls.env, "kehu_hostile_portal", groups="base.group_portal", lang="en_US")
        cls.users["public"] = new_test_user(cls.env, "kehu_hostile_public", groups="base.group_public", lang="en_US")
        cls.waiting = cls._create_customer(name="Waiting")
        cls.owned = cls._create_customer(name="Owned", owner=cls.user_seller2)
        cls.branch = cls.env["res.company"].create({"name": "Branch"})
        cls.branch_pool = cls.env["kehu.pool"].create({"name": "Branch Pool", "company_id": cls.branch.id, "is_default": True})
        cls.branch_customer = cls._create_customer(name="Of the Branch", company_id=cls.branch.id)
        cls.everybody = cls.waiting | cls.owned | cls.branch_customer
        cls.env.flush_all()

    def call(self, user, name, *args, context=None, on="res.partner"):
        """Call a method as a client does; give the answer, or the sentence of the refusal. Whatever it did is undone."""
        model = self.env(user=user, su=False, context=context or {})[on]
        with self.env.cr.savepoint() as savepoint:
            try:
                answer = call_kw(model, name, list(args), {})
                self.env.flush_all()
            except UserError as refusal:
                answer = str(refusal)
                self.assertTrue(answer.strip())
                self.assertNotRegex(answer, r"Traceback|psycopg|res\.partner\(|SELECT |object has no")
            savepoint.rollback()
        self.env.invalidate_all()
        return answer

    def assertUntouched(self):
        self.env.invalidate_all()
        self.assertEqual(
            [(customer.user_id, customer.kehu_pool_id) for customer in self.everybody],
            [(self.env["res.users"], self.pool), (self.user_seller2, self.env["kehu.pool"]), (self.env["res.users"], self.branch_pool)],
        )

    def acts(self, ids):
        seller = self.user_seller.id
        return {
            "kehu_claim": (ids,),
            "kehu_assign": (ids, seller, "Because"),
            "kehu_return": (ids, "Because"),
            "kehu_transfer": (ids, seller, "Because"),
        }

    @mute_logger("odoo.sql_db")
    def test_records_that_are_none(self):
        for role, user in self.users.items():
            for ids in NO_RECORDS:
                for name, args in self.acts(ids).items():
                    with self.subTest(role=role, ids=str(ids)[:30], act=name):
                        self.assertIsInstance(self.call(user, name, *args), str)
        self.assertUntouched()

    @mute_logger("odoo.sql_db")
    def test_arguments_that_are_none(self):
        for role, user in self.users.items():
            for wrong in NO_IDS:
                calls = {
                    "kehu_assign": (self.waiting.ids, wrong, "Because"),
                    "kehu_transfer": (self.owned.ids, wrong, "Because"),
                }
                if wrong:
                    calls["kehu_return"] = (self.owned.ids, "Because", wrong)
                for name, args in calls.items():
                    with self.subTest(role=role, id=str(wrong)[:30], act=name):
                        self.assertIsInstance(self.call(user, name, *args), str)
                for column in ("user_id", "kehu_pool_id") if wrong else ():
                    with self.subTest(role=role, id=str(wrong)[:30], column=column):
                        self.assertIsInstance(self.call(user, "write", self.owned.ids, {column: wrong}), str)
                        entered = {"name": "Entered", "kehu_is_customer": True, column: wrong}
                        self.assertIsInstance(self.call(user, "create", [entered]), str)
            for wrong in NO_TEXTS:
                for name, args in {
                    "kehu_return": (self.owned.ids, wrong),
                    "kehu_transfer": (self.owned.ids, self.user_seller.id, wrong),
                }.items():
                    with self.subTest(role=role, reason=str(wrong)[:30], act=name):
                        self.assertIsInstance(self.call(user, name, *args), str)
        self.assertUntouched()

    @mute_logger("odoo.sql_db")
    def test_nasty_reasons(self):
        for text in NASTY_TEXTS:
            for name, args in {
                "kehu_assign": (self.waiting.ids, self.user_seller.id, text),
                "kehu_return": (self.owned.ids, text),
                "kehu_transfer": (self.owned.ids, self.user_seller.id, text),
            }.items():
                with self.subTest(text=text[:20], act=name):
                    self.call(self.user_director, name, *args)
            for wrong in ("yes", [1], {"a": 1}, -1):
                with self.subTest(with_documents=wrong):
                    self.call(self.user_director, "kehu_transfer", self.owned.ids, self.user_seller.id, "Because", wrong)

    @mute_logger("odoo.sql_db")
    def test_what_is_searched_by(self):
        searched = [None, False, True, 0, 5, 1.5, "x", [], ["name"], [["name", "x"]], {1: 2}, {"": ""}, {"name": {}}, {"\x00": 1}]
        searched += [{"name": ["a"]}, *({"name": text} for text in NASTY_TEXTS), {"company_id": self.branch.id, "name": "Of the Branch"}]
        for role, user in self.users.items():
            for values in searched:
                with self.subTest(role=role, values=str(values)[:30]):
                    for ids in ([], self.owned.ids, self.everybody.ids, [2**70], ["x"]):
                        answer = self.call(user, "kehu_find_duplicates", ids, values)
                        self.assertIsInstance(answer, (str, list))
                        self.assertNotIn("Of the Branch", str(answer))
                    answer = self.call(user, "kehu_public_search", values)
                    self.assertIsInstance(answer, (str, list))
                    self.assertNotIn("Of the Branch", str(answer))

    @mute_logger("odoo.sql_db")
    def test_a_forged_context_opens_nothing(self):
        """Whatever stands in the keys of the engines, each answer is the one without them."""
        context = {"active_test": False, "tracking_disable": True, "_force_unlink": True, "default_kehu_locked": True}
        for role, user in self.users.items():
            for ids in (self.waiting.ids, self.owned.ids, self.branch_customer.ids):
                calls = [*self.acts(ids).items(), ("write", (ids, {"user_id": user.id})), ("unlink", (ids,))]
                columns = ({"kehu_assigned_on": "2020-01-01 00:00:00"}, {"kehu_effective_contact": "2030-01-01"}, {"kehu_home_pool_id": 1})
                plain = {name: self.call(user, name, *args) for name, args in calls}
                for value in FORGED:
                    forged = {**context, **{f"kehu_engine_{name}": value for name in ENGINES}}
                    for name, args in calls:
                        with self.subTest(role=role, value=str(value), ids=ids, act=name):
                            self.assertEqual(self.call(user, name, *args, context=forged), plain[name])
                    for column in columns:
                        with self.subTest(role=role, value=str(value), ids=ids, column=column):
                            self.assertIsInstance(self.call(user, "write", ids, column, context=forged), str)
        self.assertUntouched()

    def test_what_left_a_pool_of_another_company_is_not_named(self):
        """For a day everybody is told the name of what a colleague took out of a pool that everybody saw; here nobody saw it."""
        self.user_seller2.company_ids |= self.branch
        both = {"allowed_company_ids": [self.env.company.id, self.branch.id]}
        self.branch_customer.with_user(self.user_seller2).with_context(**both).kehu_claim()
        self.waiting.with_user(self.user_seller2).kehu_claim()
        for name, args in self.acts(self.branch_customer.ids).items():
            with self.subTest(act=name):
                answer = self.call(self.user_seller, name, *args)
                self.assertIsInstance(answer, str)
                self.assertNotIn("Of the Branch", answer)
                self.assertNotIn("got it first", answer)
        self.assertIn("“Waiting” is not in the pool any more", self.call(self.user_seller, "kehu_claim", self.waiting.ids))

    @mute_logger("odoo.sql_db")
    def test_other_companies(self):
        for role, user in self.users.items():
            for companies in ([self.branch.id], [self.env.company.id, self.branch.id], [2**31], ["x"], "x", [None]):
                for name, args in self.acts(self.branch_customer.ids).items():
                    with self.subTest(role=role, companies=str(companies), act=name):
                        self.assertIsInstance(self.call(user, name, *args, context={"allowed_company_ids": companies}), str)
            with self.subTest(role=role, act="into the pool of another company"):
                for pool_id in (2**31 - 1, self.branch_pool.id):
                    self.assertIsInstance(self.call(user, "kehu_return", self.owned.ids, "Because", pool_id), str)
                    self.assertIsInstance(self.call(user, "write", self.owned.ids, {"kehu_pool_id": pool_id}), str)
                    entered = {"name": "Entered", "kehu_is_customer": True, "kehu_pool_id": pool_id}
                    self.assertIsInstance(self.call(user, "create", [entered]), str)
        self.assertUntouched()

    @mute_logger("odoo.sql_db")
    def test_values_that_no_pool_can_have(self):
        pools = self.env["kehu.pool"].with_user(self.user_crm_admin)
        pool = pools.create({"name": "Tried Out", "level_rule_ids": [Command.create({"level_id": self.level_key.id, "idle_days": 3})]})
        level = self.level_none.id
        for value in (10**12, -(10**12), "x", [1], {}, float("nan")):
            for act in (
                lambda value=value: pool.write({"idle_days": value}),
                lambda value=value: pools.create({"name": "Never", "max_held": value}),
                lambda value=value: pool.level_rule_ids.write({"idle_days": value}),
                lambda value=value: pool.write({"level_rule_ids": [Command.create({"level_id": level, "no_deal_days": value})]}),
            ):
                with self.subTest(value=value), self.assertRaises(KehuPoolError):
                    act()
        self.assertEqual((pool.idle_days, pool.level_rule_ids.idle_days), (0, 3))

    @mute_logger("odoo.sql_db")
    def test_reasons_that_are_no_reasons(self):
        for name, args in {
            "kehu_return": (self.owned.ids,),
            "kehu_transfer": (self.owned.ids, self.user_seller.id),
            "kehu_assign": (self.waiting.ids, self.user_seller.id),
            "kehu_spread": (self.waiting.ids, self.user_seller.ids, "evenly"),
        }.items():
            with self.subTest(act=name):
                self.assertIn("2000000 characters", self.call(self.user_director, name, *args, "x" * 2_000_000))
                self.assertTrue(self.call(self.user_director, name, *args, "x" * 2000) is not False)
        self.assertUntouched()

    def test_people_who_belong_to_no_pool(self):
        pools = self.env["kehu.pool"].with_user(self.user_crm_admin)
        pool = pools.create({"name": "Tried Out"})
        left = new_test_user(self.env, "kehu_hostile_left", groups="kehu_crm.group_kehu_user", name="Gone Person")
        pool.member_ids = left
        left.active = False
        public, portal = self.env.ref("base.public_user"), self.users["portal"]
        for name in ("member_ids", "manager_ids"):
            for user in (public, portal):
                for commands in ([Command.link(user.id)], [Command.set([self.user_seller.id, user.id])], [(6, False, [user.id])]):
                    with self.subTest(field=name, user=user.login, commands=commands):
                        with self.assertRaisesRegex(KehuPoolError, "cannot be among"):
                            pool.write({name: commands})
                        with self.assertRaisesRegex(KehuPoolError, "cannot be among"):
                            pools.create({"name": "Never", name: commands})
            with self.subTest(field=name), self.assertRaisesRegex(KehuPoolError, "999999 was deleted"):
                pool.write({name: [Command.link(999_999)]})
        with self.assertRaisesRegex(KehuPoolError, "Gone Person has left"):
            pool.manager_ids = left
        # who left as a member keeps nobody from changing the others
        pool.write({"member_ids": [Command.set([left.id, self.user_seller.id])]})
        self.assertEqual(pool.member_ids, self.user_seller)

    def test_a_level_has_its_days_once(self):
        pools = self.env["kehu.pool"].with_user(self.user_crm_admin)
        line = {"level_id": self.level_key.id, "idle_days": 3}
        pool = pools.create({"name": "Tried Out", "level_rule_ids": [Command.create(line)]})
        words = re.escape(f"“{self.level_key.name}” already has its own days in the pool “Tried Out”")
        for act in (
            lambda: pool.level_rule_ids.create({**line, "pool_id": pool.id}),
            lambda: pool.write({"level_rule_ids": [Command.create(line)]}),
            lambda: pool.write({"level_rule_ids": [Command.create({**line, "level_id": self.level_none.id}) for _twice in range(2)]}),
        ):
            with self.assertRaisesRegex(KehuPoolError, "already has its own days"), self.env.cr.savepoint():
                act()
        other = pool.level_rule_ids.create({**line, "pool_id": pool.id, "level_id": self.level_none.id})
        with self.assertRaisesRegex(KehuPoolError, words):
            other.level_id = self.level_key
        other.write({"level_id": self.level_none.id, "idle_days": 4})
        self.assertEqual(other.idle_days, 4)

    def test_simulations_of_nothing(self):
        simulations = self.env["kehu.pool.simulation"].with_user(self.user_crm_admin)
        for values in ({"pool_id": 999_999}, {"pool_id": "x"}, {"pool_id": self.pool.id, "idle_days": "x"}):
            with self.subTest(values=values), self.assertRaises(KehuPoolError):
                simulations.create(values)
        with self.assertRaises(KehuPoolError):
            simulations.create({"pool_id": self.pool.id, "idle_days": 2**40})
        simulation = simulations.create({"pool_id": self.pool.id, "idle_days": -5})
        for act in (simulation.action_simulate, simulation.action_switch_on, lambda: simulation.write({"pool_id": 999_999})):
            with self.assertRaises(KehuPoolError):
                act()
        self.assertFalse(self.pool.idle_days)

    def test_the_other_methods_of_these_rooms(self):
        for role, user in self.users.items():
            for wrong in (*NO_IDS, [2**70], ["x"], [[1]], {"a": 1}):
                with self.subTest(role=role, wrong=str(wrong)):
                    self.assertIsInstance(self.call(user, "kehu_move_customers", self.pool.ids, wrong, on="kehu.pool"), str)
                    into_branch = (self.pool.ids, self.branch_pool.id, wrong or 5)
                    self.assertIsInstance(self.call(user, "kehu_move_customers", *into_branch, on="kehu.pool"), str)
                    self.assertIsInstance(self.call(user, "kehu_spread", self.waiting.ids, wrong, "evenly", "Because"), str)
                    self.assertIsInstance(self.call(user, "kehu_spread", self.waiting.ids, self.user_seller.ids, wrong), str)
                    self.assertIsInstance(self.call(user, "kehu_spread", [wrong], self.user_seller.ids), str)
                    self.call(user, "kehu_not_duplicate", self.waiting.ids, wrong)
                    self.assertIsInstance(self.call(user, "kehu_not_duplicate", self.everybody.ids, self.waiting.ids), str)
                    self.assertIsInstance(self.call(user, "kehu_not_duplicate", [wrong], self.waiting.ids), str)
                    answer = self.call(user, "kehu_take_next", wrong, on="kehu.call.line")
                    self.assertTrue(isinstance(answer, str) or not answer["line_id"])
        self.assertUntouched()
