"""Dialogs and tables of the host that a client fills in by number: each names customers whom one may read, and others to nobody."""

from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuHiddenLinkError, KehuHiddenRecipientError
from ..common import KehuCommon

NEWS, NOTE, ANSWER, QUESTION = "Wzzt news", "Mine", "Your order", "When will it come?"
QUIET = mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.models", "odoo.fields")


@tagged("post_install", "-at_install")
class TestCustomerDialogs(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.west = cls._create_customer(owner=cls.user_west_seller, name="Wzzt Secret", email="wzzt@west.example", phone="0512-7654321")
        cls.own = cls._create_customer(owner=cls.user_seller, name="Own", email="own@example.com")
        cls.gone = cls._create_customer(owner=cls.user_seller, name="Gone", email="secret77@west.example", phone="0512-7654321")
        cls.product = cls._create_product()
        cls.west_lead, cls.west_order = cls._documents(cls.user_west_seller, cls.west)
        cls.own_lead, cls.own_order = cls._documents(cls.user_seller, cls.own)
        cls.gone_lead, cls.gone_order = cls._documents(cls.user_seller, cls.gone)
        cls.gone.with_user(cls.user_director).kehu_transfer(cls.user_west_seller.id, "leaves", with_documents=False)
        # an opportunity has an e-mail and a phone of its own
        cls.gone_lead.sudo().write({"email_from": "deal@example.com", "phone": "0512-1112223"})
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET email = 'secret77@west.example', email_normalized = 'secret77@west.example', phone = '0512-7654321'"
            " WHERE id = %s",
            [cls.gone.id],
        )
        cls.env.invalidate_all()
        cls.seller = cls.env(user=cls.user_seller)
        cls.env.flush_all()

    @classmethod
    def _documents(cls, user, customer):
        env = cls.env(user=user)
        lead = env["crm.lead"].create({"name": f"{customer.name} Deal", "partner_id": customer.id, "type": "opportunity"})
        order = env["sale.order"].create(
            {"partner_id": customer.id, "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": 2})]}
        )
        return lead, order

    def _dialogs(self, lead, order):
        """Values for the dialogs of the host about an opportunity and an order, by model."""
        partner = order.partner_id
        link = {"res_model": "sale.order", "res_id": order.id, "amount": 1.0, "currency_id": self.env.company.currency_id.id}
        return {
            "payment.link.wizard": [link, {**link, "partner_id": partner.id}],
            "crm.lead2opportunity.partner": [
                {"name": "convert", "lead_id": lead.id},
                {"name": "convert", "lead_id": lead.id, "partner_id": partner.id},
            ],
            "crm.quotation.partner": [{"action": "exist", "lead_id": lead.id, "partner_id": partner.id}],
            "sale.order.discount": [{"sale_order_id": order.id}],
            "sale.advance.payment.inv": [{"sale_order_ids": [Command.set(order.ids)]}],
            "crm.lead.lost": [{"lead_ids": [Command.link(lead.id)]}],
            "crm.merge.opportunity": [{"opportunity_ids": [Command.set(lead.ids)]}],
            "mail.followers.edit": [{"res_model": "sale.order", "res_ids": str(order.ids), "partner_ids": [Command.set(partner.ids)]}],
            "mail.compose.message": [
                {"model": "crm.lead", "res_ids": str(lead.ids), "subject": "x", "partner_ids": [Command.link(partner.id)]}
            ],
            **(
                {"sms.composer": [{"res_model": "sale.order", "res_id": order.id, "body": "x", "composition_mode": "comment"}]}
                if "sms.composer" in self.env
                else {}
            ),
        }

    def _opened(self, name, lead):
        """The model as its button opens it."""
        return (
            self.seller[name].with_context(active_model="crm.lead", active_id=lead.id)
            if name == "crm.quotation.partner"
            else self.seller[name]
        )

    def _told(self, record):
        """All that a client reads of a record, field by field."""
        told = []
        for name, field in record._fields.items():
            if field.type != "binary" and record._has_field_access(field, "read"):
                self.env.invalidate_all()
                try:
                    told.append(str(record.web_read({name: {"fields": {"display_name": {}}}} if field.relational else {name: {}})))
                except (UserError, ValueError, TypeError) as error:
                    told.append(str(error))
        return " ".join(told)

    # -- dialogs -------------------------------------------------------------------------------------------------------

    @QUIET
    def test_no_dialog_about_customers_out_of_sight(self):
        for name, values_list in self._dialogs(self.west_lead, self.west_order).items():
            for values in values_list:
                with self.subTest(name, values=values):
                    with self.assertRaises(AccessError) as refusal:
                        self._opened(name, self.own_lead).create(values)
                        self.env.flush_all()
                    self.assertNotIn("Wzzt", str(refusal.exception))
                self.env.invalidate_all()

    @QUIET
    def test_no_dialog_is_turned_to_them(self):
        mine = self._dialogs(self.own_lead, self.own_order)
        theirs = self._dialogs(self.west_lead, self.west_order)
        for name, values_list in mine.items():
            for known, hidden in zip(values_list, theirs[name], strict=True):
                with self.subTest(name, values=hidden):
                    dialog = self._opened(name, self.own_lead).create(known)
                    for field, value in hidden.items():
                        if value != known[field]:
                            with self.assertRaises(AccessError, msg=field) as refusal:
                                dialog.write({field: value})
                                self.env.flush_all()
                            self.assertNotIn("Wzzt", str(refusal.exception))
                    dialog.write(known)
                self.env.invalidate_all()

    def test_batches_are_refused_as_a_whole(self):
        orders = self.own_order | self.west_order
        with self.assertRaises(KehuHiddenLinkError):
            self.seller["sale.order.discount"].create([{"sale_order_id": order.id} for order in orders])
        with self.assertRaises(KehuHiddenLinkError):
            self.seller["sale.order.discount"].with_context(default_sale_order_id=self.west_order.id).create({})
        for disguise in (
            str(self.west.id),
            f" {self.west.id}",
            [self.west.id],
            (self.west.id, "x"),
            {"id": self.west.id},
            float(self.west.id),
        ):
            with self.assertRaises(KehuHiddenLinkError, msg=disguise):
                self._opened("crm.quotation.partner", self.own_lead).create(
                    {"action": "exist", "lead_id": self.own_lead.id, "partner_id": disguise}
                )

    def test_dialogs_about_ones_own(self):
        for name, values_list in self._dialogs(self.own_lead, self.own_order).items():
            for values in values_list:
                with self.subTest(name):
                    self.assertTrue(self._opened(name, self.own_lead).create(values))
        dialog = self.seller["crm.lead2opportunity.partner"].create({"name": "convert", "lead_id": self.own_lead.id})
        dialog.write({"partner_id": self.own.id, "name": "convert"})
        discount = self.seller["sale.order.discount"].create(
            {"sale_order_id": self.own_order.id, "discount_type": "sol_discount", "discount_percentage": 0.1}
        )
        discount.action_apply_discount()
        self.assertEqual(self.own_order.order_line.discount, 10)

    @QUIET
    def test_dialogs_about_ones_own_document_of_somebody_elses_customer(self):
        """They name the customer, as the document does, and tell nothing more of it."""
        self.assertFalse(self.gone.with_user(self.user_seller).has_access("read"))
        for name, values_list in self._dialogs(self.gone_lead, self.gone_order).items():
            for values in values_list:
                with self.subTest(name, values=values):
                    try:
                        dialog = self._opened(name, self.gone_lead).create(values)
                        self.seller.flush_all()  # what is computed later is computed for the person
                        told = self._told(dialog)
                    except AccessError as error:  # the host stumbles over such a customer in some
                        told = str(error)
                    for secret in ("secret77", "7654321"):
                        self.assertNotIn(secret, told)
        self.env.invalidate_all()
        link = self.seller["payment.link.wizard"].with_context(active_model="sale.order", active_id=self.gone_order.id)
        with Form(link) as form:
            self.assertEqual(form.partner_id.id, self.gone.id)
            self.assertEqual(form.partner_email, "***")
        mine = self.seller["payment.link.wizard"].with_context(active_model="sale.order", active_id=self.own_order.id)
        with Form(mine) as form:
            self.assertEqual(form.partner_email, "own@example.com")
        convert = self.seller["crm.lead2opportunity.partner"].create({"name": "convert", "lead_id": self.gone_lead.id})
        convert.write({"partner_id": self.gone.id, "user_id": self.user_seller.id})
        with self.assertRaises(KehuHiddenLinkError):
            convert.write({"partner_id": self.west.id})

    @QUIET
    def test_a_dialog_of_the_host_is_seen_by_whoever_opened_it(self):
        theirs = self.west_order.with_user(self.user_west_seller).env
        dialog = theirs["payment.link.wizard"].create(
            {"res_model": "sale.order", "res_id": self.west_order.id, "partner_id": self.west.id, "amount": 1.0}
        )
        discount = theirs["sale.order.discount"].create({"sale_order_id": self.west_order.id})
        self.env.invalidate_all()
        for record in (dialog, discount):
            self.assertTrue(record.has_access("read"))
            for user in (self.user_seller, self.user_director):
                mine = record.with_user(user)
                self.assertFalse(mine.search([("id", "=", record.id)]))
                for operation in ("read", "write", "unlink"):
                    self.assertFalse(mine.has_access(operation), operation)
                with self.assertRaises(AccessError):
                    mine.read(["display_name"])

    def test_what_one_may_read_costs_a_fixed_number_of_queries(self):
        orders = self.own_order
        for _number in range(20):
            orders |= self.own_order.copy()

        def cost(count):
            values = [{"sale_order_id": order.id} for order in orders[:count]]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.seller["sale.order.discount"].create(values)
            return self.cr.sql_log_count - before

        cost(1)
        self.assertLessEqual(cost(20), cost(2) + 1)

    # -- tables of the host --------------------------------------------------------------------------------------------

    @QUIET
    def test_analytic_accounts(self):
        """Everybody who sells could name any customer in one, and searched through it with the rights of the system."""
        plan = self.env["account.analytic.plan"].create({"name": "Projects"})
        accounts = self.seller["account.analytic.account"]
        with self.assertRaises(KehuHiddenLinkError):
            accounts.create({"name": "Mine", "plan_id": plan.id, "partner_id": self.west.id})
        mine = accounts.create({"name": "Mine", "plan_id": plan.id, "partner_id": self.own.id, "code": "A1"})
        self.assertEqual(mine.display_name, "[A1] Mine - Own")
        with self.assertRaises(KehuHiddenLinkError):
            mine.write({"partner_id": self.west.id})
        told = str(
            accounts.onchange(
                {"name": "x", "partner_id": self.west.id},
                ["partner_id"],
                {"display_name": {}, "partner_id": {"fields": {"display_name": {}}}},
            )
        )
        self.assertNotIn("Wzzt", told)
        theirs, nobodys = self.env["account.analytic.account"].create(
            [
                {"name": "Theirs", "plan_id": plan.id, "partner_id": self.west.id, "code": "A2"},
                {"name": "Nobody's", "plan_id": plan.id},
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(accounts.search([("plan_id", "=", plan.id)]), mine | nobodys.with_env(self.seller))
        for condition in (
            ("partner_id.phone", "ilike", "7654321"),
            ("partner_id", "any", [("name", "ilike", "Wzzt")]),
            ("partner_id", "ilike", "Wzzt"),
        ):
            self.assertFalse(accounts.search([condition]))
        with self.assertRaises(AccessError):
            theirs.with_env(self.seller).read(["partner_id"])
        self.assertEqual(theirs.with_user(self.user_finance).display_name, "[A2] Theirs - Wzzt Secret")
        self.env.invalidate_all()
        # a document that names the account shows it to its reader, without the customer
        self.assertEqual(theirs.with_env(self.seller).sudo().display_name, "[A2] Theirs")
        line = self.own_order.order_line
        line.sudo().analytic_distribution = {str(theirs.id): 100}
        self.own_order.with_env(self.seller).read(["amount_total"])
        self.assertTrue(line.with_env(self.seller).read(["analytic_distribution"]))

    @QUIET
    def test_notices_of_messages(self):
        """Any employee read the name and the address of everybody who was ever notified."""
        notice = self.env["mail.notification"]
        about = self.west.with_user(self.user_west_seller).message_post(body=NEWS, partner_ids=self.west.ids, message_type="comment")
        theirs = notice.sudo().search([("mail_message_id", "=", about.id)])
        theirs |= notice.sudo().create(
            {
                "mail_message_id": about.id,
                "mail_email_address": "wzzt@west.example",
                "notification_type": "email",
                "author_id": self.user_west_seller.partner_id.id,
            }
        )
        self.assertEqual(theirs.res_partner_id, self.west)
        for user in (self.user_seller, self.user_employee):
            self.env.invalidate_all()
            notices = notice.with_user(user)
            self.assertFalse(notices.search([("id", "in", theirs.ids)]))
            with self.assertRaises(AccessError):
                notices.browse(theirs.ids).read(["res_partner_id", "mail_email_address"])
        self.env.invalidate_all()
        self.assertEqual(notice.with_user(self.user_west_seller).search([("id", "in", theirs.ids)]), theirs)
        self.assertEqual(notice.with_user(self.user_director).search([("id", "in", theirs.ids)]), theirs[:1])
        note = self.own.with_user(self.user_seller).message_post(body=NOTE)
        with self.assertRaises(KehuHiddenRecipientError):
            self.seller["mail.notification"].create(
                {"mail_message_id": note.id, "res_partner_id": self.west.id, "author_id": self.user_seller.partner_id.id}
            )
        mine = self.seller["mail.notification"].create(
            {"mail_message_id": note.id, "res_partner_id": self.own.id, "notification_type": "email"}
        )
        self.assertEqual(mine.res_partner_id, self.own)

    def test_the_chatter_shows_who_was_notified(self):
        """The author of a message goes on seeing what became of it, also of one to a customer that is theirs no more."""
        order = self.gone_order.with_env(self.seller)
        message = order.message_post(body=ANSWER, partner_ids=self.gone.ids, message_type="comment")
        notices = self.env["mail.notification"].sudo().search([("mail_message_id", "=", message.id)])
        self.assertEqual(notices.res_partner_id, self.gone)
        notices.write({"notification_status": "exception", "failure_type": "mail_smtp"})
        self.env.flush_all()
        for user, count in ((self.user_seller, 1), (self.user_director, 1)):
            self.env.invalidate_all()
            store = Store().add(message.with_user(user)).get_result()
            self.assertEqual(len(store.get("mail.notification", [])), count, user.name)
            self.assertIn("Gone", str(store))
            self.assertEqual("secret77" in str(store), user == self.user_director)
        self.env.invalidate_all()
        failures = message.with_env(self.seller)
        store = Store()
        failures._message_notifications_to_store(store)
        told = store.get_result()
        self.assertEqual(len(told["mail.notification"]), 1)
        self.assertIn("Gone", str(told))
        self.assertNotIn("secret77", str(told))
        self.env.invalidate_all()
        self.assertEqual(self.seller["mail.message"].search([("has_error", "=", True), ("id", "=", message.id)]), failures)
        failures._notify_message_notification_update()
        order.notify_cancel_by_type("email")
        self.assertEqual(notices.notification_status, "canceled")

    @QUIET
    def test_guests_of_the_portal(self):
        """A login of a customer is as hidden as the customer, and shown with the documents that one works on."""
        contact = self._create_contact(self.gone, name="Wzzt Guest", email="guest.secret77@west.example")
        guest = new_test_user(
            self.env, "wzzt_guest", groups="base.group_portal", partner_id=contact.id, email="guest.secret77@west.example"
        )
        contact.name = "Wzzt Guest"
        self.env.flush_all()
        for user in (self.user_seller, self.user_employee):
            users = self.env["res.users"].with_user(user).with_context(active_test=False)
            self.env.invalidate_all()
            self.assertFalse(users.search([("id", "=", guest.id)]))
            self.assertFalse(users.search([("login", "=", "wzzt_guest")]))
            self.assertFalse(users.name_search("Wzzt"))
            self.assertNotIn("wzzt", str(users.formatted_read_group([("share", "=", True)], ["login"], ["__count"])))
            with self.assertRaises(AccessError):
                users.browse(guest.id).read(["login"])
        for user in (self.user_west_seller, self.user_director):
            self.assertTrue(guest.with_user(user).has_access("read"))
        told = self.seller["mail.activity"].onchange({"user_id": guest.id}, ["user_id"], {"user_id": {"fields": {"display_name": {}}}})
        self.assertNotIn("Wzzt", str(told))
        for model, values in (
            ("utm.campaign", {"title": "x"}),
            ("kehu.contract", {"title": "x", "partner_id": self.own.id}),
            ("calendar.event", {"name": "x", "start": "2030-01-01 08:00:00", "stop": "2030-01-01 09:00:00"}),
        ):
            with self.assertRaises(AccessError) as refusal:
                self.seller[model].create({**values, "user_id": guest.id})
            self.assertNotIn("Wzzt", str(refusal.exception))
            self.env.invalidate_all()
        with self.assertRaises(KehuHiddenLinkError):
            self.seller["utm.campaign"].create({"title": "x"}).write({"user_id": guest.id})
        day = {"name": "y", "start": "2030-01-01 08:00:00", "stop": "2030-01-01 09:00:00"}
        event = self.seller["calendar.event"].with_context(default_user_id=guest.id).create(day)
        self.assertNotEqual(event.user_id, guest)
        # what the guest writes on a document is read by whoever works on the document
        order = self.gone_order.sudo()
        message = order.message_post(body=QUESTION, author_id=contact.id, message_type="comment", subtype_xmlid="mail.mt_comment")
        order.message_subscribe(contact.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn(QUESTION, str(Store().add(message.with_env(self.seller)).get_result()))
        self.assertTrue(self.gone_order.with_env(self.seller).message_post(body=ANSWER, message_type="comment"))

    @QUIET
    def test_other_tables(self):
        note = self.west.with_user(self.user_west_seller).message_post(body=NEWS, subject=NEWS)
        with self.assertRaises(AccessError):
            self.seller["mail.message"].create({"body": "x", "parent_id": note.id})
        self.user_seller.group_ids += self.env.ref("base.group_partner_manager")
        bank = self.seller["res.partner.bank"].create({"acc_number": "OWN 1", "partner_id": self.own.id})
        with self.assertRaises(AccessError):
            bank.write({"partner_id": self.west.id})
        hidden = self.env["res.partner.bank"].create({"acc_number": "WEST 1", "partner_id": self.west.id})
        with self.assertRaises(AccessError):
            hidden.with_env(self.seller).write({"partner_id": self.own.id})
        officer = new_test_user(self.env, "wzzt_officer", groups="base.group_user,hr.group_hr_user")
        employees = self.env["hr.employee"].with_user(officer)
        with self.assertRaises(KehuHiddenLinkError):
            employees.create({"name": "New", "work_contact_id": self.west.id})
        person = employees.create({"name": "New"})
        with self.assertRaises(KehuHiddenLinkError):
            person.write({"work_contact_id": self.west.id})
        person.write({"work_phone": "1", "work_email": "new@example.com", "name": "Newer"})
        self.assertTrue(person.work_contact_id)

    @QUIET
    def test_letters_by_post(self):
        if "snailmail.letter" not in self.env:
            self.skipTest("no letters by post here")
        values = {"model": "res.partner", "res_id": self.own.id}
        with self.assertRaises(AccessError):
            self.seller["snailmail.letter"].create({**values, "partner_id": self.west.id})
        letter = self.env["snailmail.letter"].create({**values, "partner_id": self.west.id})
        self.env.invalidate_all()
        self.assertFalse(self.seller["snailmail.letter"].search([("id", "=", letter.id)]))
        self.assertTrue(self.env["snailmail.letter"].with_user(self.user_west_seller).search([("id", "=", letter.id)]))
        self.assertTrue(self.seller["snailmail.letter"].create({**values, "partner_id": self.own.id}).has_access("read"))

    def test_what_was_paid_of_which_invoice(self):
        lines = self.env["ir.rule"].with_user(self.user_seller)._compute_domain("account.partial.reconcile", "read")
        self.assertIn("debit_move_id", str(lines))
        free = self.env["ir.rule"].with_user(self.user_finance)._compute_domain("account.partial.reconcile", "read")
        self.assertNotIn("debit_move_id", str(free))
