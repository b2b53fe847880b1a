"""The one search: by each rule, in what order, and at what cost."""

from unittest.mock import patch

from lxml import etree
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.duplicate.exceptions import KehuDuplicateError, KehuDuplicateRuleError
from ...models.duplicate.matching import is_saved_spec
from .common import DuplicateCommon


@tagged("post_install", "-at_install")
class TestDuplicateFind(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(
            cls.user_seller,
            name="苏州华强科技有限公司",
            phone="0512-66880001",
            kehu_mobile="13800138000",
            email="info@huaqiang.example.com",
            website="https://www.huaqiang.example.com/",
            vat="91320594MA1MAAAA0A",
        )

    def _names(self, **values):
        return [candidate["id"] for candidate in self._find(**values)]

    def test_name_however_it_is_written(self):
        self._create_rule()
        for name in (
            "蘇州市華強科技（集團）股份有限公司",
            "华强科技（苏州）有限公司",
            "苏州 华强科技",
            "ＸX",
            "江苏省苏州市华强科技有限责任公司",
        ):
            expected = [] if name == "ＸX" else [self.customer.id]
            self.assertEqual(self._names(name=name), expected, name)

    def test_place_of_the_name(self):
        for place, without, elsewhere in (("keep", False, False), ("open", True, False), ("ignore", True, True)):
            rule = self._create_rule(place=place)
            self.assertEqual(self._names(name="华强科技有限公司"), [self.customer.id] if without else [], place)
            self.assertEqual(self._names(name="无锡华强科技有限公司"), [self.customer.id] if elsewhere else [], place)
            self.assertEqual(self._names(name="苏州华强科技"), [self.customer.id], place)
            rule.unlink()

    def test_name_exactly(self):
        self._create_rule(match="exact")
        self.assertEqual(self._names(name="苏州华强科技有限公司"), [self.customer.id])
        self.assertEqual(self._names(name="苏州华强科技"), [])

    def test_similar_name_and_name_of_the_same_sound(self):
        rule = self._create_rule(match="similar", threshold=0.6)
        [candidate] = self._find(name="苏州华强信息科技有限公司")
        self.assertEqual(candidate["id"], self.customer.id)
        self.assertTrue(0.6 <= candidate["score"] < 1)
        self.assertIn("similar name", candidate["reason"])
        [candidate] = self._find(name="苏州华墙科技有限公司")
        self.assertEqual(candidate["reason"], "A name that sounds the same.")
        self.assertEqual(self._names(name="苏州瑞祥科技有限公司"), [])
        self.assertEqual(self._find(name="苏州华强科技")[0]["reason"], "The same name, written differently.")
        rule.threshold = 0.95
        self.assertEqual(self._names(name="苏州华强信息科技有限公司"), [])

    def test_phone_matches_phone_and_mobile(self):
        self._create_rule("phone")
        self.assertEqual(self._names(phone="+86 512 6688 0001"), [self.customer.id])
        self.assertEqual(self._names(phone="0086-138-0013-8000"), [self.customer.id])
        self.assertEqual(self._names(phone="0512-66880002"), [])
        self.assertEqual(self._names(kehu_mobile="13800138000"), [], "there is no rule for mobiles")

    def test_contacts_count_where_the_rule_says_so(self):
        self._create_contact(self.customer, name="张三", kehu_mobile="13911112222", email="zhang@huaqiang.example.com")
        rule = self._create_rule("phone")
        [candidate] = self._find(phone="139 1111 2222")
        self.assertEqual(candidate["id"], self.customer.id)
        self.assertIn("One of its contacts", candidate["reason"])
        rule.scope = "customers"
        self.assertEqual(self._names(phone="13911112222"), [])

    def test_email_and_its_domain(self):
        rule = self._create_rule("email")
        self.assertEqual(self._names(email="Info <INFO@huaqiang.example.com>"), [self.customer.id])
        self.assertEqual(self._names(email="other@huaqiang.example.com"), [])
        rule.match = "similar"
        self.assertEqual(self._names(email="other@huaqiang.example.com"), [self.customer.id])
        self.assertEqual(self._names(email="other@qq.com"), [])

    def test_a_moment_is_found(self):
        self.env["kehu.duplicate.rule"].search([]).active = False
        self.env["kehu.duplicate.rule"].create({"field_name": "calendar_last_notif_ack", "match": "exact"})
        moment = "2026-01-01 10:00:00"
        customer = self._create_customer(self.user_seller, name="Of That Moment", calendar_last_notif_ack=moment)
        self.env.flush_all()
        partners = self.env["res.partner"].with_user(self.user_director)
        self.assertEqual([found["id"] for found in partners.kehu_find_duplicates({"calendar_last_notif_ack": moment})], customer.ids)
        self.assertFalse(partners.kehu_find_duplicates({"calendar_last_notif_ack": "2026-01-01 10:00:01"}))

    def test_website_and_tax_number(self):
        self._create_rule("website")
        self._create_rule("vat")
        self.assertEqual(self._names(website="huaqiang.example.com/about"), [self.customer.id])
        self.assertEqual(self._names(vat="91320594-ma1maaaa0a"), [self.customer.id])

    def test_any_other_field(self):
        """A rule for a field that keeps no key of its own: keys are made for customers that are there, and kept with each change."""
        self.customer.street = "人民路 12号"
        self._create_rule("street")
        self.env.flush_all()
        self.assertEqual(self._names(street="人民路12号"), [self.customer.id])
        self.customer.street = "解放路3号"
        self.assertEqual(self._names(street="人民路12号"), [])
        self.assertEqual(self._names(street="解放路 3号"), [self.customer.id])

    def test_exact_other_field(self):
        self.customer.street = "人民路 12号"
        self._create_rule("street", match="exact")
        self.assertEqual(self._names(street="人民路 12号"), [self.customer.id])
        self.assertEqual(self._names(street="人民路12号"), [])

    def test_best_first_with_all_reasons(self):
        self._create_rule()
        self._create_rule("phone")
        weaker = self._create_customer(self.user_seller2, name="别的公司", phone="0512-66880001")
        first, second = self._find(name="苏州华强科技", phone="0512 66880001")
        self.assertEqual((first["id"], second["id"]), (self.customer.id, weaker.id))
        self.assertGreater(first["score"], second["score"])
        self.assertEqual(len(first["rules"]), 2)
        self.assertEqual(first["owner"], "Seller")
        self.assertEqual(first["action"], "tell")

    def test_pool_is_named(self):
        self._create_rule()
        pooled = self._create_customer(name="北京博创软件有限公司")
        [candidate] = self._find(name="北京博创软件")
        self.assertEqual((candidate["id"], candidate["owner"], candidate["pool"]), (pooled.id, False, pooled.kehu_pool_id.name))

    def test_not_itself_not_archived_not_outside_the_crm(self):
        self._create_rule()
        self.assertEqual(self._find(record=self.customer), [])
        self.env["res.partner"].create({"name": "苏州华强科技", "is_company": True})
        self.assertEqual(self._names(name="苏州华强科技"), [self.customer.id])
        self.customer.active = False
        self.assertEqual(self._names(name="苏州华强科技"), [])

    def test_known_to_be_different(self):
        self._create_rule()
        twin = self._create_customer(self.user_seller, name="苏州华强科技")
        self.assertEqual([candidate["id"] for candidate in self._find(record=twin)], [self.customer.id])
        twin.with_user(self.user_seller).kehu_not_duplicate([self.customer.id])
        self.assertEqual(self._find(record=twin), [])
        self.assertEqual(self._find(record=self.customer), [])
        self.assertEqual(len(self._names(name="苏州华强科技")), 2, "a third one is still told of both")
        twin.with_user(self.user_seller).kehu_not_duplicate([self.customer.id])
        self.assertEqual(self.env["kehu.duplicate.exclusion"].search_count([("partner_id", "in", (twin | self.customer).ids)]), 1)

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Branch"})
        self._create_rule()
        self.customer.sudo().write({"company_id": self.env.company.id})
        self.user_director.company_ids |= other
        self.assertEqual(self._names(name="苏州华强科技"), [self.customer.id])
        self.assertEqual(
            self.env["res.partner"]
            .with_user(self.user_director)
            .with_context(allowed_company_ids=[other.id])
            .kehu_find_duplicates({"name": "苏州华强科技"}),
            [],
        )

    def test_the_first_look_overlooks_nothing(self):
        """One saved customer is first looked for in a shorter way; several are not."""
        other = self._create_customer(self.user_seller, name="Other", street="人民路 12号", company_id=self.env.company.id)
        alike = [
            self._create_customer(self.user_seller, **{"name": f"Alike {number}", **values})
            for number, values in enumerate(
                (
                    {"name": "苏州华强科技有限公司"},
                    {"name": "华强科技有限公司"},
                    {"name": "无锡华强科技有限公司"},
                    {"phone": "13800138000"},
                    {"kehu_mobile": "0512-66880001"},
                    {"email": "info@huaqiang.example.com"},
                    {"email": "sales@huaqiang.example.com"},
                    {"website": "http://huaqiang.example.com"},
                    {"vat": "91320594MA1MAAAA0A"},
                    {"street": "人民路12号", "city": "苏州"},
                )
            )
        ]
        self._create_contact(alike[0], name="Contact", phone="0512-66880001")
        found = 0
        for values in (
            {},
            {"place": "open"},
            {"place": "ignore"},
            {"match": "exact"},
            *({"field_name": name} for name in ("phone", "kehu_mobile", "email", "website", "vat", "street")),
            *({"field_name": name, "match": "exact"} for name in ("phone", "email", "street")),
            {"field_name": "email", "match": "similar"},
            {"field_name": "phone", "scope": "contacts"},
        ):
            rule = self._create_rule(**values)
            for partner in self.customer.union(other, *alike):
                alone, together = (
                    {hit.partner_id for hit in partners._kehu_duplicate_hits()[0].get(partner, ())}
                    for partners in (partner, partner | self.env.user.partner_id)
                )
                self.assertEqual(alone, together, (values, partner.name))
                found += len(alone)
            rule.unlink()
        self.assertGreater(found, 30)

    def test_unknown_field(self):
        with self.assertRaises(KehuDuplicateError):
            self._find(nmae="苏州华强科技")

    def test_what_is_no_set_of_values(self):
        partners = self.env["res.partner"].with_user(self.user_seller)
        for values in (None, 5, True, "name", ["name"]):
            with self.subTest(values=values), self.assertRaises(KehuDuplicateError):
                partners.kehu_find_duplicates(values)
        mine = self.customer.with_user(self.user_seller)
        for others in (None, 5, "x", ["x"], [2**40], [True]):
            with self.subTest(others=others):
                self.assertTrue(mine.kehu_not_duplicate(others))
        self.assertFalse(self.env["kehu.duplicate.exclusion"].search([("partner_id", "=", mine.id)]))

    def test_rules_that_cannot_be(self):
        with self.assertRaises(KehuDuplicateRuleError):
            self._create_rule("phone", match="similar")
        names = [name for name, _label in self.env["kehu.duplicate.rule"]._selection_field_name()]
        self.assertEqual(names[:3], ["name", "vat", "phone"])
        self.assertIn("street", names)
        self.assertFalse({"kehu_name_key", "kehu_pinyin", "id", "write_date"} & set(names))
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(Exception, "threshold"):
            self._create_rule(match="similar", threshold=1.5)

    def test_while_typing(self):
        self._create_rule()
        self._create_rule("phone")
        form = Form(
            self.env["res.partner"]
            .with_user(self.user_seller)
            .with_context(default_kehu_is_customer=True, default_is_company=True, default_user_id=self.user_seller.id),
            "kehu_crm.res_partner_view_form_kehu",
        )
        form.name = "华强科技（苏州）"
        self.assertIn("苏州华强科技有限公司", form.kehu_duplicate_notice)
        self.assertFalse(form.kehu_duplicate_blocked)
        form.name = "别的名字"
        self.assertFalse(form.kehu_duplicate_notice)
        form.phone = "0512-66880001"
        self.assertIn("The same Phone", form.kehu_duplicate_notice)
        twin = form.save()
        self.assertEqual(twin.with_user(self.user_seller).kehu_duplicate_count, 1)
        self.env["kehu.duplicate.rule"].search([]).action = "block"
        form = Form(twin.with_user(self.user_seller), "kehu_crm.res_partner_view_form_kehu")
        self.assertTrue(form.kehu_duplicate_blocked)

    def test_a_list_of_customers_looks_for_no_duplicates(self):
        """The host's list reads hidden columns, too; a column that costs a search for each row stands in lists that leave them out only."""
        self._create_rule()
        partners = self.env["res.partner"].with_user(self.user_director)
        views = self.env["ir.ui.view"].search([("model", "=", "res.partner"), ("type", "=", "list"), ("mode", "=", "primary")])
        ours = views.filtered(lambda view: view.xml_id.startswith("kehu_crm."))
        self.assertTrue(ours)
        refused = patch.object(type(partners), "_kehu_duplicate_hits", side_effect=AssertionError("looks for duplicates"))
        for view in ours:
            arch = etree.fromstring(partners.get_view(view.id)["arch"])
            lean = arch.get("js_class") == "kehu_lean_list"
            columns = {node.get("name") for node in arch.iterfind("field") if not (lean and node.get("optional") == "hide")}
            with self.subTest(view=view.xml_id), refused:
                partners.web_search_read([("kehu_is_customer", "=", True)], {name: {} for name in columns}, limit=5)

    def test_a_contact_known_at_another_customer(self):
        self._create_rule("kehu_mobile")
        own = self._create_customer(self.user_seller, name="自己的客户")
        form = Form(
            self.env["res.partner"].with_user(self.user_seller).with_context(default_parent_id=own.id, default_type="contact"),
            "kehu_crm.res_partner_view_form_kehu_contact",
        )
        form.name = "李四"
        form.kehu_mobile = "13800138000"
        self.assertIn("苏州华强科技有限公司", form.kehu_duplicate_notice)

    def test_queries_do_not_grow(self):
        """Eighty customers by seven rules: three queries, as for eight."""
        for values in ({}, {"match": "similar"}, {"field_name": "phone"}, {"field_name": "email"}, {"field_name": "vat"}):
            self._create_rule(**values)
        customers = (
            self.env["res.partner"]
            .create(
                [
                    {
                        "name": f"苏州华强{number}科技",
                        "kehu_is_customer": True,
                        "user_id": self.user_seller.id,
                        "phone": f"0512-6688{number:04}",
                    }
                    for number in range(80)
                ]
            )
            .with_user(self.user_director)
        )
        # out of the sight of the seller, and found by a number
        self._create_customer(owner=self.user_west_seller, name="Elsewhere", phone="0512-66880003")
        self.env.company.kehu_lookup_max_typed = 5
        self.env.flush_all()
        specs = self.env["kehu.duplicate.rule"]._kehu_specs()
        keys = [spec for spec in specs if is_saved_spec(spec)]
        # companies that the record rules name, search, what may not be told; the stored keys apart where names are compared
        for user, rules, most in ((self.user_director, specs, 3), (self.user_seller, keys, 3), (self.user_seller, specs, 4)):
            counts = []
            for size in (8, 80):
                batch = customers.with_user(user)[:size]
                self.assertTrue(batch._kehu_duplicates(rules))  # what is asked for once per session
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                batch._kehu_duplicates(rules)
                counts.append(self.env.cr.sql_log_count - before)
            with self.subTest(user=user.login, rules=len(rules)):
                self.assertLessEqual(max(counts), most)

    def test_keys_of_customers_that_came_in_by_sql(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET kehu_name_key = NULL, kehu_name_grams = NULL, kehu_phone_key = NULL WHERE id = %s",
            [self.customer.id],
        )
        self.env.invalidate_all()
        self.env["res.partner"]._kehu_fill_duplicate_keys()
        self.assertEqual((self.customer.kehu_name_key, self.customer.kehu_phone_key), ("苏州华强科技", "+8651266880001"))
        self.assertEqual(self.customer.kehu_name_grams, "华强 强科 科技")

    def test_keys_follow_the_mark(self):
        partner = self.env["res.partner"].create({"name": "苏州华强科技", "phone": "0512-66880001"})
        self.assertFalse(partner.kehu_name_key or partner.kehu_phone_key)
        partner.kehu_is_customer = True
        self.assertEqual((partner.kehu_name_key, partner.kehu_phone_key), ("苏州华强科技", "+8651266880001"))

    def test_keys_need_no_made_up_record(self):
        """The host makes up a record of each new partner to compute what is kept with it; the keys are told from the values alone."""
        values = [
            {"name": f" 苏州华强科技{number} ", "website": "huaqiang.example", "vat": "91320500MA1MYK6K0X", "kehu_is_customer": True}
            for number in range(2)
        ]
        values += [{"name": "张三", "parent_id": self.customer.id}, {"name": False, "kehu_is_customer": False, "type": "other"}]
        made_up = []
        new = type(self.env["res.partner"]).new

        def noticed(partners, vals=None, *args, **kwargs):
            made_up.append(vals and vals.get("name"))
            return new(partners, vals, *args, **kwargs)

        with patch.object(self.registry["res.partner"], "new", noticed):
            partners = self.env["res.partner"].with_user(self.user_seller).create(values[:3])
            self.assertFalse(made_up)
            partners |= self.env["res.partner"].create(values[3:])
        names = ("kehu_name_key", "kehu_name_core", "kehu_name_sound", "kehu_name_grams", "kehu_website_key", "kehu_vat_key")
        kept = partners.read(names)
        self.assertTrue(all(kept[0][name] for name in names), kept[0])
        self.assertFalse(any(row[name] for row in kept[2:] for name in names))
        partners.flush_recordset()
        for name in names:
            self.env.add_to_compute(partners._fields[name], partners)
        self.assertEqual(partners.read(names), kept, "not what is computed")

    def test_a_rule_compares_offered_fields_only(self):
        rule = self._create_rule("name")
        for name in ("no_such_field", "user_id.login", "kehu_name_key", "child_ids", "display_name"):
            with self.subTest(field=name):
                with self.assertRaises(KehuDuplicateRuleError):
                    rule.field_name = name
                with self.assertRaises(KehuDuplicateRuleError):
                    self._create_rule(name)
                with self.assertRaises(KehuDuplicateRuleError):
                    self._check(self.user_seller, (name, "exact", "苏州华强科技"))
        rule.field_name = "street"
        self.assertEqual(rule.display_name, "Street: However it is written")

    def test_advanced_check(self):
        check = self.env["kehu.duplicate.check"].with_user(self.user_seller2).create({})
        with self.assertRaises(KehuDuplicateRuleError):
            check.action_check()
        lines = {line.field_name: line for line in check.line_ids}
        lines["name"].value = "苏州华强科技"
        lines["phone"].value = "0512-99999999"
        check.action_check()
        self.assertEqual(check.result_ids.mapped("name"), ["苏州华强科技有限公司"], "the name was typed")
        self.assertFalse(check.result_ids.candidate_id, "and yet the customer is not theirs to open")
        check.combine = "all"
        check.action_check()
        self.assertFalse(check.result_ids)
        lines["phone"].value = "0512-66880001"
        check.action_check()
        self.assertEqual(check.result_ids.mapped("owner_name"), ["Seller"])

    def test_compare_from_the_banner(self):
        twin = self._create_customer(self.user_seller, name="苏州华强科技", phone="0512-66880001").with_user(self.user_seller)
        action = twin.action_kehu_check_duplicates()
        check = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(check.result_ids.candidate_id, self.customer)
        self.assertEqual(check.result_ids.with_user(self.user_seller).action_open()["res_id"], self.customer.id)

    def _check(self, user, *lines, combine="any"):
        check = (
            self.env["kehu.duplicate.check"]
            .with_user(user)
            .create(
                {
                    "combine": combine,
                    "line_ids": [(0, 0, {"field_name": name, "match": match, "value": value}) for name, match, value in lines],
                }
            )
        )
        check.action_check()
        return check.result_ids

    def test_advanced_check_by_any_field(self):
        """Without a rule for it, a field is compared among the customers that the person sees; with one, among all, masked."""
        self.customer.write(
            {
                "street": "人民路 12号",
                "country_id": self.env.ref("base.cn").id,
                "kehu_stage": "interested",
                "kehu_level_id": self.level_key.id,
                "kehu_next_contact": "2027-03-08",
            }
        )
        for line in (
            ("street", "exact", "人民路 12号"),
            ("kehu_level_id", "exact", "重要客户 (test)"),
            ("kehu_next_contact", "exact", "2027/3/8"),
        ):
            with self.subTest(field=line[0]):
                self.assertEqual(self._check(self.user_seller, line).candidate_id, self.customer)
                self.assertFalse(self._check(self.user_west_seller, line), "no rule says that this may be told")
        self.assertIn(self.customer, self._check(self.user_seller, ("kehu_stage", "exact", "Interested")).candidate_id)
        self.assertFalse(self._check(self.user_seller, ("street", "normalised", "人民路%")), "no wildcards")
        both = (("street", "exact", "人民路 12号"), ("phone", "normalised", "0512 66880001"))
        self.assertEqual(self._check(self.user_seller, *both, combine="all").candidate_id, self.customer)
        for name, value in (("kehu_level_id", "Nothing of That Name"), ("kehu_next_contact", "soon"), ("kehu_next_contact", "2027-13-45")):
            with self.assertRaisesRegex(KehuDuplicateRuleError, f"“{value}” is no"):
                self._check(self.user_seller, (name, "exact", value))
        self._create_rule("street")
        self.env.flush_all()
        [result] = self._check(self.user_west_seller, ("street", "normalised", "人民路12号"))
        self.assertEqual((result.name, result.owner_name), ("＊" * len(self.customer.name), "Seller"))

    def test_advanced_check_offers_no_hidden_field(self):
        names = [name for name, _label in self.env["kehu.duplicate.check.line"].with_user(self.user_seller)._selection_field_name()]
        self.assertIn("street", names)
        readable = set(self.env["res.partner"].with_user(self.user_seller).fields_get(attributes=["type"]))
        self.assertLessEqual(set(names), readable)
