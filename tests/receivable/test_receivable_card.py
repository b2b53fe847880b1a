"""The customer card as a whole: what its tabs show to whom, and that opening it costs the same however much hangs on the customer."""

import base64

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ...tools.form_spec import form_spec
from .common import ReceivableCommon

QUERIES = 25  # at most, for a card with everything filled in, its advances and credit included
QUERIES_NEW = 17  # at most, for a card with a name and an owner


@tagged("post_install", "-at_install")
class TestReceivableCard(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.env.ref("kehu_crm.res_partner_view_form_kehu")
        value = cls.env["kehu.dictionary.value"]
        china = cls.env.ref("base.cn")
        cls.customer.write(
            {
                "kehu_level_id": cls.level_key.id,
                "kehu_source_id": value.create({"dictionary": "customer_source", "name": "Fair (test)"}).id,
                "kehu_annual_revenue": 1000.0,
                "kehu_headcount": 10,
                "country_id": china.id,
                "state_id": cls.env["res.country.state"].create({"country_id": china.id, "code": "XT", "name": "Test Province"}).id,
                "industry_id": cls.env["res.partner.industry"].create({"name": "Pumps (test)"}).id,
                "category_id": [Command.create({"name": "VIP (test)"})],
                "image_1920": base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            }
        )

    # -- speed ---------------------------------------------------------------------------------------------------------

    def _queries(self, user, customer=None):
        customer = (customer or self.customer).with_user(user).with_context(bin_size=True)
        spec = form_spec(customer.browse(), self.card, customer)
        counts = []
        for _round in range(3):  # the first rounds fill the caches that every worker has
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            [values] = customer.web_read(spec)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(values["name"], customer.name)
        return counts[-1]

    def _grow(self, count):
        contacts = self.env["res.partner"].create(
            [{"name": f"Person {n}", "parent_id": self.customer.id, "type": "contact"} for n in range(count)]
        )
        self.env["kehu.contact.record"].with_user(self.user_seller).create(
            [
                {
                    "partner_id": self.customer.id,
                    "contact_id": contact.id,
                    "content": "Talked",
                    "level_id": (self.level_key | self.level_none)[n % 2].id,
                    "interest_ids": [Command.create({"product_id": self.product.id})],
                }
                for n, contact in enumerate(contacts)
            ]
        )
        self.env["crm.lead"].create(
            [
                {"name": f"Chance {n}", "partner_id": self.customer.id, "type": "opportunity", "user_id": self.user_seller.id}
                for n in range(count)
            ]
        )
        for n in range(count):
            self.customer.kehu_headcount = 100 + n
            self._create_order(1, confirm=n % 2 == 0)
        self._create_receipt(1.0)

    def test_queries(self):
        """A salesperson and a manager, an almost empty customer and a full one."""
        users = self.user_seller | self.user_east_manager | self.user_director
        self.customer.with_user(self.user_finance).kehu_set_credit_limit(100000)
        self.customer.kehu_phone_ids = [Command.create({"number": "0512 6288 7777"})]
        for user in users:
            self.env["kehu.folder"].with_user(user).create({"name": "Mine", "partner_ids": [Command.link(self.customer.id)]})
        self._grow(2)
        few = {user.login: self._queries(user) for user in users}
        self._grow(12)
        many = {user.login: self._queries(user) for user in users}
        for login, queries in many.items():
            with self.subTest(login, few=few[login], many=queries):
                self.assertLessEqual(queries, few[login])
                self.assertLessEqual(queries, QUERIES)

    def test_a_new_card_asks_for_nothing_that_is_empty(self):
        customer = self._create_customer(owner=self.user_seller)
        self.assertLessEqual(self._queries(self.user_seller, customer), QUERIES_NEW)

    def test_a_row_of_a_list_is_no_card(self):
        customers = self._create_customer(owner=self.user_seller) | self._create_customer(owner=self.user_seller)
        counts = []
        for rows in (customers[:1], customers, customers[:1]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows.with_user(self.user_seller).web_read({"name": {}, "kehu_stage": {}, "phone": {}})
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_a_card_shows_what_its_fields_are_one_by_one(self):
        """What is found empty beforehand is what the fields would have said, whoever looks; nothing is empty that has rows."""
        self._grow(1)
        self.customer.with_user(self.user_finance).kehu_set_credit_limit(100000)
        full = self.customer
        full.kehu_phone_ids = [Command.create({"number": "0512 6288 7777"})]
        self.env["kehu.folder"].with_user(self.user_seller).create({"name": "Mine", "partner_ids": [Command.link(full.id)]})
        colleague = self._create_customer(owner=self.user_west_seller)
        login = self._create_customer(owner=self.user_seller, image_1920=full.image_1920)
        portal = [Command.set(self.env.ref("base.group_portal").ids)]
        self.env["res.users"].create({"name": "Portal", "login": "card@example.com", "partner_id": login.id, "group_ids": portal})
        new = self._create_customer(owner=self.user_seller)
        users = self.user_seller | self.user_east_manager | self.user_finance | self.user_director
        for user in users:
            for customer in (full | login | new | colleague).with_user(user)._filtered_access("read").with_context(bin_size=True):
                spec = form_spec(customer.browse(), self.card, customer)
                self.env.invalidate_all()
                [whole] = customer.web_read(spec)
                for name, wanted in spec.items():
                    self.env.invalidate_all()
                    [alone] = customer.web_read({name: wanted} if name != "kehu_stage" else {name: wanted, "name": {}})
                    with self.subTest(user=user.login, customer=customer.id, field=name):
                        self.assertEqual(whole[name], alone[name])

    def test_what_is_written_and_read_at_once_is_not_empty(self):
        customer = self._create_customer(owner=self.user_seller).with_user(self.user_seller).with_context(bin_size=True)
        spec = form_spec(customer.browse(), self.card, customer)
        lines = {"child_ids": [Command.create({"name": "Person"})], "kehu_phone_ids": [Command.create({"number": "0512 6288 7777"})]}
        image = self.customer.image_1920.decode()
        [values] = customer.web_save({**lines, "category_id": self.customer.category_id.ids, "image_1920": image}, spec)
        self.assertEqual([line["name"] for line in values["child_ids"]], ["Person"])
        self.assertEqual([line["number"] for line in values["kehu_phone_ids"]], ["0512 6288 7777"])
        self.assertEqual([tag["id"] for tag in values["category_id"]], self.customer.category_id.ids)
        self.assertTrue(values["image_1920"])
        self.assertEqual(values["kehu_contact_count"], 1)

    def test_tabs_are_read_when_they_are_opened(self):
        """What grows with the years is on no list that is read with the form."""
        spec = form_spec(self.customer.browse(), self.card, self.customer)
        lists = {name for name, wanted in spec.items() if self.customer._fields[name].type == "one2many" and wanted.get("fields")}
        self.assertFalse(
            lists
            & {
                "kehu_contact_record_ids",
                "kehu_opportunity_ids",
                "kehu_order_ids",
                "kehu_receipt_ids",
                "kehu_assignment_ids",
                "kehu_level_change_ids",
                "kehu_change_ids",
                "kehu_interest_ids",
                "kehu_former_contact_ids",
            }
        )

    def test_tabs_by_role(self):
        """The pages in the order of a day's work; nobody gets one whose rows they may not read."""
        everything = [
            "contacts",
            "contact_records",
            "interests",
            "opportunities",
            "quotes",
            "orders",
            "receipts",
            "products",
            "attachments",
            "histories",
            "details",
        ]
        without = {
            "seller": set(),
            "director": set(),
            "finance": {"opportunities"},
            "service": {"opportunities", "quotes", "orders", "receipts", "products"},
        }
        for role, missing in without.items():
            env = self.env(user=getattr(self, f"user_{role}"))
            arch = env["res.partner"].get_views([(self.card.id, "form")])["views"]["form"]["arch"]
            with self.subTest(role=role):
                self.assertEqual([name for name in self._pages(arch) if name in everything], [n for n in everything if n not in missing])

    @staticmethod
    def _pages(arch):
        from lxml import etree

        return [page.get("name") for page in etree.fromstring(arch).xpath("//form/sheet/notebook/page")]

    def test_every_tab_opens_for_whoever_has_it(self):
        """The lists named on the tabs, read as the web client reads them, by everybody who gets the tab."""
        from lxml import etree

        self._grow(1)
        for role in ("seller", "east_manager", "director", "crm_admin", "finance", "service"):
            env = self.env(user=getattr(self, f"user_{role}"))
            arch = etree.fromstring(env["res.partner"].get_views([(self.card.id, "form")])["views"]["form"]["arch"])
            tabs = arch.xpath("//widget[@name='kehu_tab_list']")
            self.assertGreaterEqual(len(tabs), 6)
            for tab in tabs:
                with self.subTest(role=role, model=tab.get("model")):
                    rows = env[tab.get("model")]
                    view = rows.get_views([(int(tab.get("list")), "list")])["views"]["list"]
                    spec = {
                        node.get("name"): {"fields": {"display_name": {}}} if rows._fields[node.get("name")].type == "many2one" else {}
                        for node in etree.fromstring(view["arch"]).iter("field")
                    }
                    domain = [("id", "in", [])]
                    if tab.get("domain"):
                        domain = safe_eval(tab.get("domain"), {"id": self.customer.id})
                    found = rows.web_search_read(domain, spec, limit=40)
                    self.assertEqual(found["length"], rows.search_count(domain))

    # -- purchased products --------------------------------------------------------------------------------------------

    def test_purchased_products(self):
        valve = self._create_product(20.0, name="Valve")
        dozen = self.env["uom.uom"].create({"name": "Dozen (test)", "relative_factor": 12, "relative_uom_id": self.product.uom_id.id})
        contact = self._create_contact(self.customer)
        self._create_order(10, date_order="2026-01-05 08:00:00").date_order = "2026-01-05 08:00:00"
        later = self._create_order(2, customer=contact, user=self.user_seller)
        later.date_order = "2026-03-01 08:00:00"
        boxes = self._create_order(1, confirm=False)
        boxes.order_line.write({"product_uom_id": dozen.id, "price_unit": 1000.0, "discount": 10})
        boxes.order_line = [Command.create({"product_id": valve.id, "product_uom_qty": 3, "price_unit": 20.0})]
        boxes.action_confirm()
        boxes.date_order = "2026-02-01 08:00:00"
        self._create_order(99, confirm=False)  # a quote is nothing bought
        self._create_order(98)._action_cancel()
        self._create_order(97, customer=self.other_customer)
        rows = self.env["kehu.purchased.product"].with_user(self.user_seller).search([("partner_id", "=", self.customer.id)])
        figures = {row.product_id: (row.quantity, row.amount, row.order_count, str(row.last_date.date())) for row in rows}
        self.assertEqual(
            figures,
            {self.product: (24.0, 1000.0 + 200.0 + 900.0, 3, "2026-03-01"), valve: (3.0, 60.0, 1, "2026-02-01")},
        )
        self.assertEqual(rows[0].product_id, self.product, "the last bought comes first")
        action = self.customer.with_user(self.user_seller).action_kehu_purchased_products()
        self.assertEqual(action["domain"], [("partner_id", "=", self.customer.id)])

    def test_purchases_are_summed_over_what_one_may_see(self):
        """A colleague's order of the same customer and product is in no sum of the salesperson."""
        self._create_order(10)
        self._create_order(5, user=self.user_west_seller)

        def bought(user):
            self.env.invalidate_all()
            rows = self.env["kehu.purchased.product"].with_user(user)
            found = rows.search([("partner_id", "=", self.customer.id)])
            [(total,)] = rows._read_group([("partner_id", "=", self.customer.id)], [], ["quantity:sum"])
            self.assertEqual(total or 0.0, sum(found.mapped("quantity")))
            return total or 0.0

        self.assertEqual(bought(self.user_seller), 10.0)
        self.assertEqual(bought(self.user_west_seller), 5.0)
        self.assertEqual(bought(self.user_seller2), 0.0)
        self.assertEqual(bought(self.user_director), 15.0)
        self.assertEqual(bought(self.user_finance), 15.0)
        for user in (self.user_employee, self.user_service):
            with self.subTest(user.login), self.assertRaises(AccessError):
                bought(user)

    # -- buttons -------------------------------------------------------------------------------------------------------

    def test_counts(self):
        """One query for all buttons and any number of customers, each number with the rights of the reader."""
        self._grow(3)
        self._create_order(1, user=self.user_west_seller)
        kinds = ("contact", "contact_record", "opportunity", "quote", "order", "receipt")
        names = [f"kehu_{kind}_count" for kind in kinds]

        def counts(user, customers):
            self.env.flush_all()
            self.env.invalidate_all()
            customers = customers.with_user(user)
            customers.mapped("name")
            before = self.cr.sql_log_count
            found = [tuple(customer[name] for name in names) for customer in customers]
            return found, self.cr.sql_log_count - before

        self.assertEqual(counts(self.user_seller, self.customer)[0], [(3, 3, 3, 1, 2, 1)])
        self.assertEqual(counts(self.user_director, self.customer)[0], [(3, 3, 3, 1, 3, 1)])
        self.assertEqual(counts(self.user_service, self.customer)[0], [(3, 3, 0, 0, 0, 0)])
        found, queries = counts(self.user_director, self.customer | self.other_customer)
        self.assertEqual(found, [(3, 3, 3, 1, 3, 1), (0, 0, 0, 0, 0, 0)])
        self.assertLessEqual(queries, 1)

    def test_receipts_button(self):
        self._create_receipt(1.0)
        action = self.customer.with_user(self.user_seller).action_kehu_open_receipts()
        self.assertEqual(action["domain"], [("partner_id", "=", self.customer.id)])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.customer.with_user(self.user_west_seller).action_kehu_open_receipts()

    # -- attachments ---------------------------------------------------------------------------------------------------

    def test_attachments(self):
        contact = self._create_contact(self.customer)
        record = self.env["kehu.contact.record"].with_user(self.user_seller).create({"partner_id": self.customer.id, "content": "Hello"})
        own, strange = self._create_order(1), self._create_order(1, user=self.user_west_seller)
        documents = [self.customer, contact, record, own, strange, self.other_customer]
        files = {
            document: self.env["ir.attachment"].create(
                {"name": f"{document._name}.txt", "raw": b"text", "res_model": document._name, "res_id": document.id}
            )
            for document in documents
        }

        def shown(user):
            action = self.customer.with_user(user).action_kehu_attachments()
            return self.env["ir.attachment"].with_user(user).search(action["domain"])

        mine = shown(self.user_seller)
        self.assertEqual(mine, files[self.customer] | files[contact] | files[record] | files[own])
        names = {attachment.id: attachment.kehu_document for attachment in mine}
        self.assertEqual(names[files[own].id], own.name)
        self.assertEqual(names[files[self.customer].id], self.customer.name)
        self.assertEqual(shown(self.user_director), mine | files[strange])
        self.assertEqual(shown(self.user_service), files[self.customer] | files[contact] | files[record])
        self.assertEqual(mine[0].action_kehu_download()["type"], "ir.actions.act_url")
        self.assertFalse(files[strange].with_user(self.user_seller).sudo().with_user(self.user_service).kehu_document)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.customer.with_user(self.user_west_seller).action_kehu_attachments()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_attachment"):
            files[self.other_customer].with_user(self.user_seller).action_kehu_download()
