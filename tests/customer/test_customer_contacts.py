"""What one knows of the people at a customer: department, role, phones, birthday; and the places administrators maintain."""

import importlib.util

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.misc import file_path

from ...models.customer.exceptions import KehuCustomerError, KehuPlaceRightsError, KehuSystemFieldError
from ..common import ROLES, KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerContacts(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._create_customer(owner=cls.user_seller, name="Own")
        cls.other = cls._create_customer(owner=cls.user_seller, name="Other")
        cls.west = cls._create_customer(owner=cls.user_west_seller, name="West Secret")
        cls.contact = cls._create_contact(cls.own, name="Zhang San")
        cls.west_contact = cls._create_contact(cls.west, name="West Buyer")
        cls.partners = cls.env["res.partner"].with_user(cls.user_seller)
        cls.departments = cls.env["kehu.customer.department"].with_user(cls.user_seller)
        cls.phones = cls.env["kehu.contact.phone"].with_user(cls.user_seller)
        cls.words = cls.env["kehu.dictionary.value"]

    # -- words ---------------------------------------------------------------------------------------------------------

    def test_nature_region_and_role_come_from_the_dictionary(self):
        word = {
            name: self.words.with_user(self.user_crm_admin).create({"name": f"{name} (test)", "dictionary": name})
            for name in ("customer_source", "customer_nature", "customer_region", "contact_role")
        }
        own, contact = self.partners.browse(self.own.id), self.partners.browse(self.contact.id)
        own.write({"kehu_nature_id": word["customer_nature"].id, "kehu_region_id": word["customer_region"].id})
        contact.kehu_decision_role_id = word["contact_role"].with_user(self.user_seller)
        for partner, name in (
            (own, "kehu_nature_id"),
            (own, "kehu_region_id"),
            (own, "kehu_source_id"),
            (contact, "kehu_decision_role_id"),
        ):
            wrong = word["customer_source" if name != "kehu_source_id" else "customer_nature"]
            with self.subTest(field=name), self.assertRaises(KehuCustomerError) as refusal:
                partner.write({name: wrong.id})
            self.assertIn("another drop-down", str(refusal.exception))
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.words.with_user(self.user_seller).create({"name": "Mine", "dictionary": "customer_nature"})
        for name in ("customer_nature", "customer_region", "contact_role"):
            with self.subTest(dictionary=name):
                self.assertGreaterEqual(self.words.search_count([("dictionary", "=", name)]), 2, "choices are shipped")

    # -- departments ---------------------------------------------------------------------------------------------------

    def test_departments_are_a_tree_of_one_customer(self):
        sales = self.departments.create({"name": "  Sales ", "partner_id": self.own.id})
        east = self.departments.create({"name": "East", "partner_id": self.own.id, "parent_id": sales.id})
        self.assertEqual((sales.name, east.complete_name), ("Sales", "Sales / East"))
        elsewhere = self.departments.create({"name": "Sales", "partner_id": self.other.id})
        stranger = self._create_contact(self.other, name="West Wind")
        refusals = [
            (lambda: self.departments.create({"name": "ｓales", "partner_id": self.own.id}), "already has a department"),
            (lambda: self.departments.create({"name": " \u200b ", "partner_id": self.own.id}), "needs a name"),
            (lambda: self.departments.create({"name": 5, "partner_id": self.own.id}), "needs a name"),
            (lambda: sales.write({"parent_id": east.id}), "part of itself"),
            (lambda: sales.write({"parent_id": elsewhere.id}), "same customer"),
            (lambda: sales.write({"manager_id": stranger.id}), "contact of the same customer"),
            (lambda: sales.write({"manager_id": self.own.id}), "contact of the same customer"),
            (lambda: sales.write({"partner_id": self.other.id}), "stays with its customer"),
            (lambda: self.departments.create({"name": "X", "partner_id": self.contact.id}), "needs a customer"),
            (lambda: self.partners.browse(self.contact.id).write({"kehu_customer_department_id": elsewhere.id}), "own customer"),
            (lambda: self.partners.browse(self.own.id).write({"kehu_customer_department_id": sales.id}), "own customer"),
        ]
        for number, (act, words) in enumerate(refusals):
            with self.subTest(number=number), self.assertRaises(KehuCustomerError) as refusal:
                act()
            self.assertIn(words, str(refusal.exception))
            self.assertNotIn("West", str(refusal.exception))
        sales.manager_id = self.contact
        self.partners.browse(self.contact.id).kehu_customer_department_id = east
        self.assertEqual((sales.contact_count, east.contact_count), (1, 1), "those of sub-departments too")
        people = self.partners.search(sales.action_kehu_open_contacts()["domain"])
        self.assertEqual(people, self.contact, "those of sub-departments too")

    def test_a_department_that_goes_hands_its_parts_up(self):
        top = self.departments.create({"name": "Top", "partner_id": self.own.id})
        middle = self.departments.create({"name": "Middle", "partner_id": self.own.id, "parent_id": top.id})
        low = self.departments.create({"name": "Middle", "partner_id": self.own.id, "parent_id": middle.id})
        deep = self.departments.create({"name": "Deep", "partner_id": self.own.id, "parent_id": low.id})
        self.contact.kehu_customer_department_id = middle
        middle.unlink()
        self.assertEqual((low.complete_name, low.parent_id), ("Top / Middle", top))
        self.assertFalse(self.contact.kehu_customer_department_id)
        self.assertEqual(self.departments.search([("id", "child_of", top.id)]), top | low | deep)
        (top | low).unlink()
        self.assertEqual((deep.complete_name, deep.parent_id.ids), ("Deep", []))
        twin = self.departments.create({"name": "Deep", "partner_id": self.own.id, "parent_id": deep.id})
        self.departments.create({"name": "Twin", "partner_id": self.own.id, "parent_id": twin.id})
        other = self.departments.create({"name": "twin", "partner_id": self.own.id})
        with self.assertRaises(KehuCustomerError):
            (deep | twin).unlink()
        other.unlink()
        (deep | twin).unlink()

    def test_who_leaves_the_customer_leaves_the_department(self):
        department = self.departments.create({"name": "Purchasing", "partner_id": self.own.id, "manager_id": self.contact.id})
        contact = self.partners.browse(self.contact.id)
        contact.kehu_customer_department_id = department
        contact.parent_id = self.other
        self.assertEqual((contact.kehu_customer_department_id.ids, department.manager_id.ids), ([], []))
        self.assertEqual(self.contact.kehu_employment_ids.department, "Purchasing")
        contact.write({"parent_id": self.own.id, "kehu_customer_department_id": department.id})
        self.assertEqual(contact.kehu_customer_department_id, department, "given together with the new customer")
        contact.kehu_is_customer = True
        self.assertFalse(contact.kehu_customer_department_id)

    def test_merging_customers_brings_departments_together(self):
        create = self.env["kehu.customer.department"].create
        sales = create({"name": "Sales", "partner_id": self.own.id})
        same = create({"name": "SALES", "partner_id": self.other.id, "manager_id": self._create_contact(self.other).id})
        east = create({"name": "East", "partner_id": self.own.id, "parent_id": sales.id})
        east2 = create({"name": "East", "partner_id": self.other.id, "parent_id": same.id})
        west = create({"name": "West", "partner_id": self.other.id, "parent_id": same.id})
        person = self._create_contact(self.other, name="In the East", kehu_customer_department_id=east2.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.own | self.other).ids, self.own)
        self.assertEqual(self.env["kehu.customer.department"].search([("partner_id", "=", self.own.id)]), sales | east | west)
        self.assertEqual((person.kehu_customer_department_id, west.parent_id), (east, sales))
        self.assertEqual(sales.manager_id.kehu_customer_id, self.own)

    def test_typed_into_a_contact(self):
        context = {"default_partner_id": self.own.id}
        department_id, name = self.departments.with_context(**context).name_create("Laboratory")
        self.assertEqual(name, "Laboratory")
        with Form(self.partners.browse(self.contact.id), view="kehu_crm.res_partner_view_form_kehu_contact") as form:
            form.kehu_customer_department_id = self.departments.browse(department_id)
            form.parent_id = self.other
            self.assertFalse(form.kehu_customer_department_id)

    # -- phones --------------------------------------------------------------------------------------------------------

    def test_any_number_of_phones(self):
        contact = self.partners.browse(self.contact.id)
        contact.write(
            {
                "phone": "0512 1111 1111",
                "kehu_mobile": "138 0013 8000",
                "kehu_phone_ids": [
                    Command.create({"number": " 0512  6288 7777 ", "kind": "direct"}),
                    Command.create({"number": "13800138000", "kind": "mobile", "sequence": 20}),
                    Command.create({"number": "021-5555", "kind": "home", "sequence": 5}),
                ],
            }
        )
        self.assertEqual(contact.kehu_other_phones, "021-5555, 0512 6288 7777, 13800138000")
        self.assertEqual(self.partners.search([("kehu_other_phones", "ilike", "6288")]), contact)
        contact.kehu_phone_ids.filtered(lambda phone: phone.kind == "direct").unlink()
        self.assertEqual(contact.kehu_other_phones, "021-5555, 13800138000")
        for number in ("", "  ", "none", False, 12, "1" * 65):
            with self.subTest(number=number), self.assertRaises(KehuCustomerError):
                self.phones.create({"partner_id": contact.id, "number": number})
        with self.assertRaises(KehuCustomerError):
            contact.kehu_phone_ids[0].partner_id = self.west_contact
        with self.assertRaises(KehuSystemFieldError):
            contact.kehu_other_phones = "110"

    def test_merging_loses_no_number(self):
        again = self._create_contact(self.own, name="Zhang San", phone="0512 1111", kehu_mobile="13800138000")
        self.env["kehu.contact.phone"].create({"partner_id": again.id, "number": "021 5555"})
        self.contact.write({"phone": "0512-2222", "kehu_mobile": "138 0013 8000"})
        self.env["kehu.contact.phone"].create({"partner_id": self.contact.id, "number": "021-5555"})
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((again | self.contact).ids, again)
        self.assertEqual((again.phone, again.kehu_mobile), ("0512 1111", "13800138000"))
        self.assertEqual(again.kehu_other_phones, "021 5555, 0512-2222")

    # -- birthdays -----------------------------------------------------------------------------------------------------

    @freeze_time("2027-12-30 04:00:00")
    def test_birthdays(self):
        days = {
            "today": "1980-12-30",
            "sunday": "1991-01-02",
            "yesterday": "1975-12-29",
            "monday": "1970-12-27",
            "first": "2000-12-01",
            "january": "2000-01-20",
        }
        people = {name: self._create_contact(self.own, name=name, kehu_birthday=day) for name, day in days.items()}
        nobody = self._create_contact(self.own, name="nobody")
        everybody = nobody.union(*people.values())

        def found(operator, value):
            domain = [("id", "in", everybody.ids), ("kehu_birthday_soon", operator, value)]
            return set(self.partners.search(domain).mapped("name"))

        language = self.env["res.lang"]._lang_get("en_US")
        language.week_start = "1"
        self.assertEqual(found("=", "today"), {"today"})
        self.assertEqual(found("=", "week"), {"today", "sunday", "yesterday", "monday"}, "27 December to 2 January")
        language.week_start = "7"
        self.assertEqual(found("=", "week"), {"today", "yesterday", "monday"}, "26 December to 1 January")
        self.assertEqual(found("=", "month"), {"today", "yesterday", "monday", "first"})
        self.assertEqual(found("!=", "month"), {"sunday", "january", "nobody"})
        self.assertEqual(found("=", False), {"january", "nobody", "sunday"})
        self.assertEqual(people["today"].kehu_birthday_soon, "today")
        self.assertEqual(people["first"].kehu_birthday_soon, "month")
        self.assertFalse(people["january"].kehu_birthday_soon)
        for day in ("1899-12-31", "2027-12-31", "soon"):
            with self.subTest(day=day), self.assertRaises(KehuCustomerError):
                self.partners.browse(self.contact.id).write({"kehu_birthday": day})

    def test_born_on_29_february(self):
        person = self._create_contact(self.own, name="Leap", kehu_birthday="2000-02-29")
        for moment, shown in (
            ("2027-02-28 04:00:00", "today"),
            ("2028-02-28 04:00:00", "month"),
            ("2028-02-29 04:00:00", "today"),
            ("2027-03-08 04:00:00", False),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self.env.invalidate_all()
                soon = person.with_context(tz="UTC").kehu_birthday_soon
                self.assertEqual(soon if soon != "week" else "month", shown)

    def test_birthdays_are_found_by_the_index(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = self.env["res.partner"]._search([("kehu_birthday_soon", "=", "week")])
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        self.assertIn("kehu_birthday_day", "\n".join(line for (line,) in plan))

    # -- rights --------------------------------------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_what_hangs_on_a_customer_is_seen_and_changed_with_it(self):
        pooled = self._create_customer(name="Pooled")
        customers = {"own": self.own, "west": self.west, "pooled": pooled}
        department = {
            key: self.env["kehu.customer.department"].create({"name": key, "partner_id": customer.id})
            for key, customer in customers.items()
        }
        phone = {
            key: self.env["kehu.contact.phone"].create({"number": "110", "partner_id": customer.id}) for key, customer in customers.items()
        }
        everything = {"own": "rw", "west": "rw", "pooled": "rw"}
        reading = {"own": "r", "west": "r", "pooled": "r"}
        expected = {
            "seller": {"own": "rw", "west": "", "pooled": "r"},
            "seller2": {"own": "", "west": "", "pooled": "r"},
            "west_seller": {"own": "", "west": "rw", "pooled": "r"},
            "east_manager": {"own": "rw", "west": "", "pooled": "rw"},
            "sales_manager": everything,
            "director": everything,
            "crm_admin": everything,
            "service": reading,
            "finance": reading,
        }
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            for records in (department, phone):
                for key, record in records.items():
                    own = record.with_user(user)
                    rights = expected.get(role, {}).get(key, "")
                    with self.subTest(role=role, model=record._name, of=key):
                        self.assertEqual("".join(x for x, op in (("r", "read"), ("w", "write")) if own.has_access(op)), rights)
                        self.assertEqual(own.has_access("unlink"), "w" in rights)
                        if rights or own.browse().has_access("read"):
                            self.assertEqual(bool(own.search([("id", "=", record.id)])), "r" in rights)
                        values = (
                            {"partner_id": customers[key].id, "name": "More"}
                            if "name" in own._fields
                            else {
                                "partner_id": customers[key].id,
                                "number": "119",
                            }
                        )
                        if "w" in rights:
                            own.create(values).unlink()
                        else:
                            with self.assertRaises(AccessError), self.env.cr.savepoint():
                                own.create(values)

    def test_archived_partners_keep_what_hangs_on_them(self):
        department = self.departments.create({"name": "Purchasing", "partner_id": self.own.id})
        phone = self.phones.create({"partner_id": self.contact.id, "number": "110"})
        moved = self._create_contact(self.other, name="Moved")
        moved.parent_id = self.own
        row = moved.kehu_employment_ids
        (self.own | self.other | self.contact | moved).action_archive()
        self.env.invalidate_all()
        for record in (department, phone, row):
            own = record.with_user(self.user_seller)
            with self.subTest(model=record._name):
                self.assertTrue(own.has_access("read"))
                self.assertEqual(own.search([("id", "=", record.id)]), record)
        department.name = "Buying"

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        abroad = self._create_customer(name="Abroad", company_id=company.id)
        department = self.env["kehu.customer.department"].create({"name": "There", "partner_id": abroad.id})
        phone = self.env["kehu.contact.phone"].create({"number": "110", "partner_id": abroad.id})
        moved = self._create_contact(abroad, name="Moved")
        moved.parent_id = self._create_customer(name="Home", owner=self.user_director)
        for record in (department, phone, moved.kehu_employment_ids):
            with self.subTest(model=record._name):
                self.assertFalse(record.with_user(self.user_director).search([("id", "=", record.id)]))
                self.assertFalse(record.with_user(self.user_director).has_access("read"))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_the_portal_knows_nothing_of_it(self):
        portal = self.env["res.users"].with_context(no_reset_password=True)
        portal = portal.create(
            {
                "name": "Portal",
                "login": "kehu_contact_portal",
                "partner_id": self.contact.id,
                "group_ids": self.env.ref("base.group_portal").ids,
            }
        )
        self.assertEqual(self.own.with_user(portal).name, "Own")
        for name in (
            "kehu_nature_id",
            "kehu_region_id",
            "kehu_decision_role_id",
            "kehu_customer_department_id",
            "kehu_other_phones",
            "kehu_phone_ids",
            "kehu_wechat",
            "kehu_qq",
            "kehu_birthday",
            "kehu_birthday_soon",
            "kehu_employment_ids",
            "kehu_former_contact_ids",
        ):
            for partner in (self.own, self.contact):
                with self.subTest(field=name, partner=partner.name), self.assertRaises(AccessError):
                    partner.with_user(portal).read([name])
            with self.subTest(searched=name), self.assertRaises(AccessError):
                self.env["res.partner"].with_user(portal).search([(name, "!=", False)])

    # -- updating ------------------------------------------------------------------------------------------------------

    def test_an_update_ships_the_new_words_once(self):
        path = file_path("kehu_crm/migrations/19.0.1.2.0/post-customer_words.py")
        spec = importlib.util.spec_from_file_location("kehu_customer_words", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        role = self.env.ref("kehu_crm.kehu_contact_role_decides")
        source = self.env.ref("kehu_crm.kehu_customer_source_website")
        self.env["ir.model.data"].search([("name", "in", ("kehu_contact_role_decides", "kehu_customer_source_website"))]).unlink()
        role.name, source.name = "Renamed role", "Renamed source"
        before = self.words.search_count([])
        for _twice in range(2):
            script.migrate(self.cr, "19.0.1.1.0")
            self.assertEqual(self.words.search_count([]), before + 1)
        self.assertEqual(self.env.ref("kehu_crm.kehu_contact_role_decides").dictionary, "contact_role")
        self.assertFalse(self.env.ref("kehu_crm.kehu_customer_source_website", raise_if_not_found=False), "an old one is not made again")

    # -- places --------------------------------------------------------------------------------------------------------

    def test_administrators_maintain_places(self):
        admin = self.env(user=self.user_crm_admin)
        china = self.env.ref("base.cn")
        state = admin["res.country.state"].create({"name": "Test Province", "code": "TP", "country_id": china.id})
        city = admin["res.city"].create({"name": "Test City", "zipcode": "215000", "country_id": china.id, "state_id": state.id})
        before = china.enforce_cities
        china.with_user(self.user_crm_admin).action_kehu_switch_cities()
        self.assertEqual(china.enforce_cities, not before)
        with self.assertRaises(KehuPlaceRightsError):
            china.with_user(self.user_director).action_kehu_switch_cities()
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.env["res.city"].with_user(self.user_seller).create({"name": "Mine", "country_id": china.id})
        customer = self.partners.create(
            {"name": "In the City", "kehu_is_customer": True, "user_id": self.user_seller.id, "city_id": city.id}
        )
        self.assertEqual((customer.city, customer.state_id, customer.country_id, customer.zip), ("Test City", state, china, "215000"))
        own = self.partners.browse(self.own.id)
        own.write({"city_id": city.id, "zip": "215123"})
        self.assertEqual((own.city, own.state_id, own.zip), ("Test City", state, "215123"))
        menus = self.env["ir.ui.menu"].with_user(self.user_crm_admin)._visible_menu_ids()
        for name in ("res_country_state_menu_kehu", "res_city_menu_kehu", "res_country_menu_kehu", "kehu_dictionary_value_menu"):
            with self.subTest(menu=name):
                menu = self.env.ref(f"kehu_crm.{name}")
                self.assertLessEqual({menu.id, menu.parent_id.id}, menus)
        self.assertNotIn(menu.parent_id.id, self.env["ir.ui.menu"].with_user(self.user_director)._visible_menu_ids())
