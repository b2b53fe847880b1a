"""Who sees and changes opportunities, orders and their lines: every role, own and others' records."""

from lxml import etree
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.sales.exceptions import KehuCustomerAccessError
from ...models.system.exceptions import KehuEngineOnlyError
from ..approval.common import ApprovalCommon
from ..common import ROLES

OPERATIONS = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestSalesAccess(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = (
            cls.env["crm.lead"]
            .with_user(cls.user_seller)
            .create({"name": "New wing", "type": "opportunity", "partner_id": cls.customer.id})
        )

    def test_matrix_of_models(self):
        """What the access rows give each role; service and receipt approvers have no business with orders here."""
        sales = {"seller", "seller2", "west_seller", "east_manager", "sales_manager", "director", "crm_admin"}
        for role in ROLES:
            env = self.env(user=getattr(self, f"user_{role}"))
            expected = {"sale.order": set(), "sale.order.line": set(), "crm.lead": set()}
            if role in sales:
                expected = {
                    "sale.order": set(OPERATIONS),
                    "sale.order.line": set(OPERATIONS),
                    "crm.lead": {"read", "write", "create"},
                }
            if role == "crm_admin":
                expected["crm.lead"] = set(OPERATIONS)
            if role == "finance":
                expected["sale.order"] = expected["sale.order.line"] = {"read", "write"}
            if role == "order_approver":
                expected["sale.order"] = expected["sale.order.line"] = {"read"}
            for model, operations in expected.items():
                if role == "receipt_approver" and model != "crm.lead":
                    continue  # the room receivable decides what they read
                with self.subTest(role=role, model=model):
                    self.assertEqual({name for name in OPERATIONS if env[model].has_access(name)}, operations)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_matrix_of_records(self):
        """The seller's order and opportunity: own, overseen, all."""
        self._submit()
        overseers = {"seller", "east_manager", "sales_manager", "director", "crm_admin"}
        for role in ROLES:
            if role == "receipt_approver":
                continue  # the room receivable decides what they read
            user = getattr(self, f"user_{role}")
            readers = {
                self.order: overseers | {"finance", "order_approver"},
                self.order.order_line: overseers | {"finance", "order_approver"},
                self.lead: overseers,
            }
            for record, roles in readers.items():
                with self.subTest(role=role, model=record._name):
                    record = record.with_user(user)
                    self.assertEqual(record.has_access("read"), role in roles)
                    if record.has_access("read"):
                        self.assertTrue(record.search_count([("id", "=", record.id)]))
                    writers = roles - {"order_approver"}
                    self.assertEqual(record.has_access("write"), role in writers)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_approver_opens_the_order(self):
        """An approver without any sales role reads everything that the form shows, and only of orders they were asked about."""
        approver = self.user_order_approver
        self.assertFalse(self.order.with_user(approver).has_access("read"))
        self._submit()
        order = self.order.with_user(approver)
        self.env.invalidate_all()
        view = order.get_view(self.env.ref("sale.view_order_form").id, "form")
        spec = _spec_of(view["arch"], self.env["sale.order"])
        values = order.web_read(spec)[0]
        self.assertEqual(values["tax_totals"]["total_amount_currency"], 100.0)
        self.assertEqual(len(values["order_line"]), 1)
        self.assertTrue(values["kehu_can_decide"])
        self.assertEqual(order.partner_id.with_user(approver).name, self.customer.name)
        self.assertFalse(order.search_count([("id", "!=", self.order.id)]))
        action = order.kehu_request_id.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", self.order.id))

    def test_approver_who_is_accountant_keeps_the_hosts_view(self):
        accountant = self.user_finance
        other = self._create_order()
        accountant.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_order_approver").id)]
        self.assertTrue(other.with_user(accountant).has_access("read"))

    def test_department_follows_the_salesperson(self):
        self.assertEqual((self.order.kehu_department_id, self.lead.kehu_department_id), (self.department_east,) * 2)
        (self.order | self._create_order()).write({"user_id": self.user_west_seller.id})
        self.assertEqual(self.order.kehu_department_id, self.department_west)
        self.assertFalse(self.order.with_user(self.user_east_manager).has_access("read"))
        self.assertTrue(self.order.with_user(self.user_sales_manager).has_access("read"))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_documents_are_for_customers_one_may_see(self):
        """An opportunity copies phone and address of its partner: nobody reads a colleague's customer by way of one."""
        foreign = self._create_customer(self.user_west_seller, name="West Harbour", phone="0512-5550000", street="Pier 1")
        contact = self._create_contact(foreign, email="pier@example.com")
        leads = self.lead.with_user(self.user_seller)
        orders = self.order.with_user(self.user_seller)
        spec = {"partner_id": {}, "phone": {}, "street": {}}
        attempts = {
            "lead": lambda: leads.create({"name": "Spy", "partner_id": foreign.id}),
            "lead of a contact": lambda: leads.create({"name": "Spy", "partner_id": contact.id}),
            "lead by default": lambda: leads.with_context(default_partner_id=foreign.id).create({"name": "Spy"}),
            "lead written": lambda: leads.write({"partner_id": foreign.id}),
            "lead copied": lambda: leads.copy({"partner_id": foreign.id}),
            "new form": lambda: leads.browse().onchange({"partner_id": foreign.id}, ["partner_id"], spec),
            "new form by default": lambda: leads.browse().with_context(default_partner_id=foreign.id).onchange({}, [], {"phone": {}}),
            "open form": lambda: leads.onchange({"partner_id": foreign.id}, ["partner_id"], spec),
            "company in a form": lambda: leads.onchange({"commercial_partner_id": foreign.id}, ["commercial_partner_id"], spec),
            "order": lambda: orders.create({"partner_id": foreign.id, "user_id": self.user_seller.id}),
            "order written": lambda: orders.write({"partner_id": foreign.id}),
            "order with its address": lambda: orders.create({"partner_id": self.customer.id, "partner_invoice_id": contact.id}),
            "order form": lambda: orders.browse().onchange({"partner_id": foreign.id}, ["partner_id"], {"partner_id": {}}),
        }
        for label, attempt in attempts.items():
            with self.subTest(label), self.assertRaises(KehuCustomerAccessError) as caught, self.env.cr.savepoint():
                attempt()
            self.assertNotIn("West Harbour", str(caught.exception))
        messages = leads.browse().load(["name", "partner_id/.id"], [["Spy", str(foreign.id)]])["messages"]
        self.assertEqual([message["type"] for message in messages], ["error"])

    def test_documents_of_others_go_on(self):
        """Partners outside the CRM, code as superuser, what a document names already, and colleagues with more rights."""
        foreign = self._create_customer(self.user_west_seller, email="harbour@example.com")
        plain = self.env["res.partner"].create({"name": "Plain", "phone": "123"})
        leads = self.env["crm.lead"].with_user(self.user_seller)
        self.assertEqual(leads.create({"name": "Plain", "partner_id": plain.id}).phone, "123")
        self.assertTrue(leads.env["sale.order"].create({"partner_id": plain.id}))
        self.assertTrue(leads.with_user(self.user_sales_manager).create({"name": "By the manager", "partner_id": foreign.id}))
        mailed = leads.sudo().message_new({"subject": "Mail", "from": "harbour@example.com", "author_id": foreign.id}, {})
        self.assertEqual(mailed.partner_id, foreign)
        mailed.sudo().user_id = self.user_seller
        own = mailed.with_user(self.user_seller)
        own.write({"name": "Renamed", "partner_id": foreign.id})
        order = own.env["sale.order"].create({"partner_id": foreign.id, "opportunity_id": own.id, "user_id": own.user_id.id})
        self.assertEqual(order.partner_id, foreign, "the quote of one's own opportunity")

    def test_mail_to_a_customer_of_somebody_else_is_sent(self):
        """The host links an opportunity to the recipient of the same address; a hidden customer is not linked, and nothing fails."""
        foreign = self._create_customer(self.user_west_seller, email="harbour@example.com", phone="0512-5550000")
        own = self._create_contact(self.customer, email="park@example.com")
        for partner, linked in ((foreign, self.env["res.partner"]), (own, own)):
            lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": partner.email, "email_from": partner.email})
            body = "Hello"
            lead.message_post(body=body, partner_ids=partner.ids, message_type="comment", subtype_xmlid="mail.mt_comment")
            self.assertEqual(lead.partner_id, linked)
            self.assertEqual(lead.message_ids[0].sudo().partner_ids, partner)

    def test_scope_is_not_written(self):
        """Nobody hides an order or opportunity from their manager by writing the columns that scope it."""
        west = self.department_west.id
        for record, values in ((self.order, {"partner_id": self.customer.id}), (self.lead, {"name": "Hidden"})):
            names = {"kehu_department_id": west, "kehu_customer_id": False}
            if record == self.order:
                names["kehu_progress"] = "done"
            for name, value in names.items():
                for su in (False, True):
                    with self.subTest(model=record._name, name=name, su=su):
                        with self.assertRaises(KehuEngineOnlyError):
                            record.sudo(su).write({name: value})
                        with self.assertRaises(KehuEngineOnlyError):
                            record.sudo(su).create({**values, name: value})
            new = record.with_context(default_kehu_department_id=west, default_kehu_progress="done").create(values)
            self.assertEqual(new.kehu_department_id, self.department_east)


def _spec_of(arch, model):
    """Specification for `web_read` of the fields in a form's arch, with the columns of its lists."""
    spec = {}
    for node in etree.fromstring(arch).iter("field"):
        parents = [parent.get("name") for parent in node.iterancestors("field")]
        name = node.get("name")
        if not parents and name in model._fields:
            spec.setdefault(name, {"fields": {"display_name": {}}} if model._fields[name].relational else {})
        elif len(parents) == 1 and spec.get(parents[0]):
            comodel = model.env[model._fields[parents[0]].comodel_name]
            if name in comodel._fields:
                spec[parents[0]]["fields"][name] = {}
    return spec
