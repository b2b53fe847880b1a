"""What the chatter and conversations show of customers whom one may not read."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuHiddenMemberError, KehuHiddenRecipientError
from ..common import KehuCommon

SECRETS = ("lake@example.com", "Lake Works", "ma@example.com", "Ma Li")

HELLO = "Hello"


@tagged("post_install", "-at_install")
class TestCustomerMail(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(owner=cls.user_seller, name="Lake Works", email="lake@example.com")
        cls.contact = cls._create_contact(cls.customer, name="Ma Li", email="ma@example.com")
        cls.plain = cls.env["res.partner"].create({"name": "A Vendor", "email": "vendor@example.com"})
        cls.product = cls._create_product(100.0)
        seller = cls.env(user=cls.user_seller)
        cls.lead = seller["crm.lead"].create({"name": "Own", "partner_id": cls.contact.id, "type": "opportunity"})
        cls.order = seller["sale.order"].create(
            {"partner_id": cls.customer.id, "order_line": [Command.create({"product_id": cls.product.id})]}
        )
        journal = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.env.company.id)], limit=1)
        if not journal:
            journal = cls.env["account.journal"].create({"name": "Bank", "type": "bank", "code": "KBNK"})
        cls.receipt = seller["kehu.receipt"].create({"partner_id": cls.customer.id, "amount": 10, "journal_id": journal.id})
        cls.documents = (cls.lead, cls.order, cls.receipt)
        for document in cls.documents:
            document.sudo().message_subscribe((cls.customer | cls.plain).ids)
            document.sudo().message_post(
                body=HELLO, author_id=cls.contact.id, message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=cls.plain.ids
            )

    def _move_away(self):
        """The customer goes to a colleague, the seller's documents stay."""
        self.customer.write({"user_id": self.user_west_seller.id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.customer.with_user(self.user_seller).has_access("read"))

    def _suggested(self, document, user=None, **values):
        self.env.invalidate_all()
        return document.with_user(user or self.user_seller)._message_get_suggested_recipients(reply_discussion=True, **values)

    # -- documents of a former owner -----------------------------------------------------------------------------------

    def test_recipients_leave_out_a_customer_that_moved_away(self):
        for document in self.documents:
            with self.subTest("before", model=document._name):
                self.assertIn("ma@example.com", [recipient["email"] for recipient in self._suggested(document)])
        self._move_away()
        for document in self.documents:
            for values in ({}, {"no_create": False}, {"additional_partners": self.user_director.partner_id}):
                with self.subTest("after", model=document._name, values=values):
                    recipients = self._suggested(document, **values)
                    for secret in SECRETS:
                        self.assertNotIn(secret, str(recipients))
                    if "additional_partners" in values:
                        self.assertIn(self.user_director.partner_id.id, [recipient["partner_id"] for recipient in recipients])
            with self.subTest("manager", model=document._name):
                emails = [recipient["email"] for recipient in self._suggested(document, self.user_director)]
                self.assertIn("ma@example.com", emails)

    def test_recipients_of_others_are_as_the_host_has_them(self):
        self._move_away()
        order = self.env["sale.order"].create({"partner_id": self.plain.id, "user_id": self.user_seller.id})
        self.assertIn("vendor@example.com", [recipient["email"] for recipient in self._suggested(order)])

    def test_opening_a_document_of_a_customer_that_moved_away(self):
        """What the client asks for with every form."""
        self._move_away()
        self.authenticate(self.user_seller.login, self.user_seller.login)
        for document in self.documents:
            request_list = ["followers", "suggestedRecipients"]
            params = {"thread_model": document._name, "thread_id": document.id, "request_list": request_list}
            with self.subTest(model=document._name):
                answer = self.make_jsonrpc_request("/mail/data", {"fetch_params": [["mail.thread", params]]})
                names = [follower["name"] for follower in answer["mail.followers"] if "name" in follower]
                self.assertIn("A Vendor", names)
                self.assertNotIn("lake@example.com", str(answer))
                self.assertNotIn("ma@example.com", str(answer))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_followers_of_a_customer_that_moved_away(self):
        self._move_away()
        for document in self.documents:
            with self.subTest(model=document._name):
                self.env.invalidate_all()
                own = document.with_user(self.user_seller)
                self.assertIn(self.plain, own.message_partner_ids)
                self.assertNotIn(self.customer, own.message_partner_ids)
                self.env.invalidate_all()
                followers = self.env["mail.followers"].sudo().search([("res_model", "=", own._name), ("res_id", "=", own.id)])
                hidden = followers.filtered(lambda follower: follower.partner_id == self.customer)
                self.assertTrue(hidden)
                visible = self.env["mail.followers"].with_user(self.user_seller)
                self.assertEqual(visible.search([("id", "in", followers.ids)]), followers - hidden)
                self.assertEqual(visible.browse(followers.ids)._filtered_access("read"), followers - hidden)
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    visible.browse(hidden.id).read(["name", "email"])
                self.assertIn(hidden, hidden.with_user(self.user_director).search([("id", "in", followers.ids)]))

    # -- customers one never had ---------------------------------------------------------------------------------------

    def test_strangers_do_not_follow(self):
        stranger = self._create_customer(owner=self.user_west_seller, name="Strange Works", email="strange@example.com")
        contact = self._create_contact(stranger, name="Wu Wei", email="wu@example.com")
        lead = self.lead.with_user(self.user_seller)
        lead.message_subscribe((stranger | contact | self.user_director.partner_id).ids)
        self.assertFalse(lead.sudo().message_partner_ids & (stranger | contact))
        self.assertIn(self.user_director.partner_id, lead.sudo().message_partner_ids)
        self.assertNotIn("strange@example.com", str(lead.message_get_followers()))
        lead.with_user(self.user_director).message_subscribe(stranger.ids)
        self.env.invalidate_all()
        self.assertIn(stranger, lead.sudo().message_partner_ids)
        for secret in ("Strange Works", "strange@example.com"):
            self.assertNotIn(secret, str(lead.message_get_followers()))
        self.assertIn("strange@example.com", str(lead.with_user(self.user_director).message_get_followers()))

    def test_the_customer_of_a_document_goes_on_following_it(self):
        """The host has the customer follow an order that is confirmed, whoever confirms it."""
        self._move_away()
        self.order.sudo().message_unsubscribe(self.customer.ids)
        self.order.with_user(self.user_seller).message_subscribe(self.customer.ids)
        self.assertIn(self.customer, self.order.sudo().message_partner_ids)

    def test_strangers_are_not_drawn_into_conversations(self):
        stranger = self._create_customer(owner=self.user_west_seller, name="Strange Works", email="strange@example.com")
        contact = self._create_contact(stranger, name="Wu Wei", email="wu@example.com")
        channels = self.env["discuss.channel"].with_user(self.user_seller)
        group = channels._create_group(partners_to=self.user_director.partner_id.ids)
        thread = group._create_sub_channel(name="Aside")
        attempts = {
            "add": lambda partner: group.add_members(partner_ids=partner.ids),
            "add to a thread": lambda partner: thread.add_members(partner_ids=partner.ids),
            "group": lambda partner: channels._create_group(partners_to=partner.ids),
            "channel": lambda partner: channels.create({"name": "New", "channel_partner_ids": [Command.link(partner.id)]}),
            "member": lambda partner: group.channel_member_ids.create({"channel_id": group.id, "partner_id": partner.id}),
        }
        for label, attempt in attempts.items():
            for partner in stranger | contact:
                with self.subTest(label, partner=partner.name), self.assertRaises(KehuHiddenMemberError) as caught, self.env.cr.savepoint():
                    attempt(partner)
                self.assertNotIn(partner.name, str(caught.exception))
        group.add_members(partner_ids=(self.customer | self.plain | self.user_employee.partner_id).ids)
        self.assertTrue(self.customer | self.plain <= group.sudo().channel_member_ids.partner_id)
        group.sudo().add_members(partner_ids=stranger.ids)
        self.assertIn(stranger, group.sudo().channel_member_ids.partner_id)

    def test_messages_do_not_name_strangers(self):
        """A message shows the name and e-mail of its recipients and of its author."""
        stranger = self._create_customer(owner=self.user_west_seller, name="Strange Works", email="strange@example.com")
        lead = self.lead.with_user(self.user_seller)
        note = lead.message_post(body=HELLO)
        messages = self.env["mail.message"].with_user(self.user_seller)
        values = {"model": "crm.lead", "res_id": lead.id, "body": "Hello"}
        attempts = {
            "post": lambda: lead.message_post(body=HELLO, partner_ids=stranger.ids),
            "notify": lambda: lead.message_notify(body=HELLO, partner_ids=stranger.ids),
            "notify of nothing": lambda: (
                self.env["mail.thread"].with_user(self.user_seller).message_notify(body="A", partner_ids=stranger.ids)
            ),
            "as somebody": lambda: lead.message_post(body=HELLO, author_id=stranger.id, email_from="me@example.com"),
            "create": lambda: messages.create({**values, "partner_ids": [Command.link(stranger.id)]}),
            "create as somebody": lambda: messages.create({**values, "author_id": stranger.id, "email_from": "me@example.com"}),
            "write": lambda: note.write({"partner_ids": [Command.link(stranger.id)]}),
        }
        for label, attempt in attempts.items():
            with self.subTest(label), self.assertRaises(KehuHiddenRecipientError) as caught, self.env.cr.savepoint():
                attempt()
            self.assertNotIn("Strange Works", str(caught.exception))
        for partner in self.customer | self.plain | self.user_director.partner_id:
            self.assertEqual(lead.message_post(body=HELLO, partner_ids=partner.ids).partner_ids, partner)
        self.assertEqual(lead.sudo().message_post(body=HELLO, partner_ids=stranger.ids).partner_ids, stranger)
        self.assertEqual(lead.with_user(self.user_director).message_post(body=HELLO, partner_ids=stranger.ids).partner_ids, stranger)

    def test_the_customer_of_a_document_is_written_to(self):
        """A former owner may finish what is about the customer of the document, and goes on posting."""
        self._move_away()
        order = self.order.with_user(self.user_seller)
        message = order.message_post(body=HELLO, partner_ids=self.customer.ids, message_type="comment")
        self.assertEqual(message.sudo().partner_ids, self.customer)
        self.assertTrue(order.message_post(body=HELLO))

    def test_a_recipient_whom_the_host_hides_is_refused_as_the_host_does(self):
        """Somebody of another company, outside the CRM: the host raises when the form opens; nobody is dropped in silence."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.env["res.partner"].create({"name": "Stranger", "company_id": elsewhere.id})
        mine = self._create_customer(owner=self.user_seller)
        context = {"default_model": "res.partner", "default_res_ids": mine.ids}
        composers = self.env["mail.compose.message"].with_user(self.user_seller)
        for sent in (stranger.ids, [Command.link(stranger.id)], [Command.set((stranger | mine).ids)]):
            with self.subTest(sent=sent), self.assertRaises(AccessError):
                Form(composers.with_context(**context, default_partner_ids=sent))
        self.assertEqual(Form(composers.with_context(**context, default_partner_ids=mine.ids)).partner_ids[:], mine)
