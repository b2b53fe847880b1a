"""Who sees, changes, makes and deletes which customers and contacts, and who goes on seeing what the host shows."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuPartnerDeletionError
from ..common import ROLES, KehuCommon

# role: rights (read, write, unlink) on the seller's own customer, the other seller's, the west's, one in the pool, a plain partner
NONE, SEE, EDIT, ALL = (False, False, False), (True, False, False), (True, True, False), (True, True, True)
MATRIX = {
    #                   own   colleague's  west's  pool  plain
    "seller": (ALL, NONE, NONE, SEE, ALL),
    "seller2": (NONE, ALL, NONE, SEE, ALL),
    "west_seller": (NONE, NONE, ALL, SEE, ALL),
    "east_manager": (ALL, ALL, NONE, EDIT, ALL),
    "sales_manager": (ALL, ALL, ALL, EDIT, ALL),
    "director": (ALL, ALL, ALL, ALL, ALL),
    "crm_admin": (ALL, ALL, ALL, ALL, ALL),
    "service": (SEE, SEE, SEE, SEE, SEE),
    "finance": (SEE, SEE, SEE, SEE, SEE),
    "order_approver": (NONE, NONE, NONE, NONE, SEE),
    "receipt_approver": (NONE, NONE, NONE, NONE, SEE),
    "employee": (NONE, NONE, NONE, NONE, SEE),
}


@tagged("post_install", "-at_install")
class TestCustomerAccess(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._create_customer(owner=cls.user_seller, name="Owned by the Seller", phone="0512 6288 1234", email="own@example.com")
        cls.colleague = cls._create_customer(owner=cls.user_seller2, name="Owned by the Colleague")
        cls.west = cls._create_customer(owner=cls.user_west_seller, name="Owned in the West")
        cls.pool = cls._create_customer(name="In the Pool")
        cls.plain = cls.env["res.partner"].create({"name": "A Vendor", "is_company": True})
        cls.partners = cls.own | cls.colleague | cls.west | cls.pool | cls.plain
        for partner in cls.partners:
            cls._create_contact(partner, name=f"Contact of {partner.name}")

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_matrix(self):
        self.assertEqual(set(MATRIX), set(ROLES))
        for role, rows in MATRIX.items():
            user = getattr(self, f"user_{role}")
            for partner, rights in zip(self.partners, rows, strict=True):
                for record in partner | partner.child_ids:
                    for operation, allowed in zip(("read", "write", "unlink"), rights, strict=True):
                        with self.subTest(role=role, record=record.name, operation=operation):
                            self.assertEqual(record.with_user(user).has_access(operation), allowed)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_may_make_a_customer(self):
        for role in ROLES:
            partners = self.env["res.partner"].with_user(getattr(self, f"user_{role}"))
            makes = role in ("seller", "seller2", "west_seller", "east_manager", "sales_manager", "director", "crm_admin")
            with self.subTest(role=role):
                if makes:
                    own = partners.create({"name": "Own", "kehu_is_customer": True, "user_id": partners.env.uid})
                    self.assertTrue(partners.create({"name": "Contact", "parent_id": own.id}))
                else:
                    with self.assertRaises(AccessError):
                        partners.create({"name": "Own", "kehu_is_customer": True})
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.user_seller).create({"name": "Mole", "parent_id": self.colleague.id})

    def test_nothing_leaks_through_searching(self):
        """Every way to ask for partners gives a salesperson the own ones and the pool, and nothing of the colleague's."""
        self.user_seller2.group_ids += self.env.ref("base.group_allow_export")
        partners = self.env["res.partner"].with_user(self.user_seller2)
        hidden = self.own | self.own.child_ids
        domain = [("id", "in", hidden.ids)]
        self.assertFalse(partners.search(domain))
        self.assertFalse(partners.with_context(active_test=False).search(domain))
        self.assertFalse(partners.search_count(domain))
        self.assertFalse(partners.search_read(domain, ["name"]))
        self.assertFalse(partners.name_search("Owned by the Seller"))
        self.assertFalse(partners.name_search("6288 1234"))
        self.assertEqual(partners._read_group(domain, aggregates=["__count"]), [(0,)])
        self.assertFalse(partners.formatted_read_group(domain, ["user_id"], ["__count"]))
        self.assertEqual(partners.web_search_read(domain, {"name": {}})["length"], 0)
        for read in (
            lambda: partners.browse(self.own.id).read(["name"]),
            lambda: partners.browse(self.own.id).export_data(["name", "phone"]),
            lambda: partners.browse(self.own.id).web_read({"name": {}}),
            lambda: partners.browse(self.own.child_ids.id).phone,
            lambda: partners.browse(self.own.id).copy(),
        ):
            with self.assertRaises(AccessError):
                read()

    def test_nothing_leaks_through_the_chatter(self):
        body = "The price is 100"
        message = self.own.message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_note")
        attachment = self.env["ir.attachment"].create(
            {"name": "offer.txt", "raw": b"100", "res_model": "res.partner", "res_id": self.own.id}
        )
        for user, allowed in ((self.user_seller, True), (self.user_east_manager, True), (self.user_seller2, False)):
            with self.subTest(user=user.name):
                messages = self.env["mail.message"].with_user(user)
                self.assertEqual(messages.search([("id", "=", message.id)]), message if allowed else messages)
                self.assertEqual(message.with_user(user).has_access("read"), allowed)
                self.assertEqual(attachment.with_user(user).has_access("read"), allowed)

    def test_the_former_owner_stops_following(self):
        own = self.own.with_context(tracking_disable=False)
        own.message_subscribe(self.user_seller.partner_id.ids)
        own.with_user(self.user_seller).kehu_transfer(self.user_west_seller.id, "Moved")
        self.assertNotIn(self.user_seller.partner_id, (self.own | self.own.child_ids).message_partner_ids)
        self.assertIn(self.user_west_seller.partner_id, self.own.message_partner_ids)

    # -- the host's own people -----------------------------------------------------------------------------------------

    def test_everybody_sees_colleagues_and_companies(self):
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            partners = self.env["res.partner"].with_user(user)
            with self.subTest(role=role):
                self.assertTrue(partners.browse(user.partner_id.id).name)
                self.assertTrue(partners.browse(self.user_director.partner_id.id).name)
                self.assertTrue(partners.browse(self.env.company.partner_id.id).name)
                self.assertTrue(self.env["res.users"].with_user(user).browse(self.user_seller.id).name)
                self.assertTrue(self.env["hr.employee.public"].with_user(user).search([("user_id", "=", self.user_seller.id)]).name)

    def test_host_roles_that_saw_all_partners_see_all(self):
        for group in ("sales_team.group_sale_salesman_all_leads", "account.group_account_invoice", "account.group_account_readonly"):
            user = new_test_user(self.env, f"kehu_host_{group.split('.')[1]}", groups=f"base.group_user,{group}")
            with self.subTest(group=group):
                self.assertEqual(
                    self.env["res.partner"].with_user(user).search([("id", "in", self.partners.ids)]), self.partners.sorted("complete_name")
                )

    def test_portal_users_see_their_own_company(self):
        contact = self.own.child_ids
        user = new_test_user(self.env, "kehu_portal", groups="base.group_portal", partner_id=contact.id)
        partners = self.env["res.partner"].with_user(user)
        self.assertEqual(partners.browse(contact.id).name, contact.name)
        self.assertTrue(partners.browse(self.own.id).name)
        self.assertFalse(partners.search([("id", "=", self.colleague.id)]))
        self.assertEqual(self.env["res.users"].with_user(user).browse(user.id).name, contact.name)
        setup = new_test_user(self.env, "kehu_setup", groups="base.group_user,base.group_erp_manager")
        self.assertEqual(self.env["res.users"].with_user(setup).browse(user.id).name, contact.name)

    def test_public_users_see_no_customer(self):
        public = self.env.ref("base.public_user")
        self.assertFalse(self.env["res.partner"].with_user(public).search([("id", "in", self.partners.ids)]))

    def test_a_customer_who_becomes_a_colleague_stays_visible(self):
        contact = self.own.child_ids
        new_test_user(self.env, "kehu_joined", groups="base.group_user", partner_id=contact.id)
        self.assertTrue(contact.with_user(self.user_employee).has_access("read"))

    # -- deletion ------------------------------------------------------------------------------------------------------

    def test_deleting_contacts(self):
        partners = self.env["res.partner"].with_user(self.user_seller)
        mine = partners.create({"name": "Made Today", "parent_id": self.own.id})
        mine.unlink()
        with self.assertRaises(KehuPartnerDeletionError):
            self.own.child_ids.with_user(self.user_seller).unlink()  # somebody else made it
        with self.assertRaises(KehuPartnerDeletionError):
            self.plain.child_ids.with_user(self.user_seller).unlink()  # no contact of a customer
        empty = partners.create({"name": "My Customer", "kehu_is_customer": True, "user_id": self.user_seller.id})
        with self.assertRaises(KehuPartnerDeletionError):
            empty.unlink()
        with self.assertRaises(KehuPartnerDeletionError):
            self.own.unlink()  # it has contacts, even for the superuser
        empty.with_user(self.user_crm_admin).unlink()
        self.assertFalse(empty.exists())
        (self.own | self.own.child_ids).with_user(self.user_crm_admin).unlink()
        self.assertFalse(self.env["kehu.assignment"].search([("partner_id", "=", self.own.id)]))
