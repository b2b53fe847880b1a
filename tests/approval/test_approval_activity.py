"""The activity that asks an approver belongs to the engine."""

from odoo.tests import tagged

from ...models.approval.exceptions import KehuApprovalActivityError, KehuApprovalMergeError
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalActivity(ApprovalCommon):
    def _asking(self, order=None):
        activity = (order or self.order).activity_ids
        self.assertEqual(activity.user_id, self.user_order_approver)
        return activity

    def test_nobody_closes_or_bends_it(self):
        """Neither who submitted, nor the approver, nor their manager, on any route."""
        self._submit()
        activity = self._asking()
        other = self._create_order()
        routes = {
            "delete": lambda own: own.unlink(),
            "cancel": lambda own: own.action_cancel(),
            "done": lambda own: own.action_done(),
            "feedback": lambda own: own.action_feedback("I say it is done"),
            "done and next": lambda own: own.action_feedback_schedule_next(),
            "archive": lambda own: own.write({"active": False}),
            "give to somebody else": lambda own: own.write({"user_id": self.user_seller.id}),
            "move to another document": lambda own: own.write({"res_id": other.id}),
            "make it another kind": lambda own: own.write({"activity_type_id": self.env.ref("mail.mail_activity_data_todo").id}),
            "make it a person's": lambda own: own.write({"automated": False}),
            "unlink by type": lambda own: (
                own.env["sale.order"].browse(self.order.id).activity_unlink(["kehu_crm.mail_activity_type_approval"])
            ),
            "as superuser": lambda own: own.sudo().unlink(),
        }
        for user in (self.user_seller, self.user_order_approver, self.user_east_manager, self.user_crm_admin):
            for label, route in routes.items():
                with self.subTest(label, user=user.login):
                    with self.assertRaises(KehuApprovalActivityError) as caught, self.env.cr.savepoint():
                        route(activity.with_user(user))
                    self.assertIn(self.order.name, str(caught.exception))
                    self.assertIn(self.user_order_approver.name, str(caught.exception))
        with self.assertRaises(KehuApprovalActivityError), self.env.cr.savepoint():
            activity.with_user(self.user_seller).date_deadline = "2099-01-01"
        activity.with_user(self.user_order_approver).date_deadline = "2099-01-01"
        self.assertTrue(activity.active)

    def test_nobody_makes_a_false_one(self):
        kind = self.env.ref("kehu_crm.mail_activity_type_approval")
        self._submit()
        values = {
            "res_model_id": self.env["ir.model"]._get_id("sale.order"),
            "res_id": self.order.id,
            "user_id": self.user_order_approver.id,
            "summary": "Approve at once",
        }
        for user in (self.user_seller, self.user_crm_admin):
            activities = self.env["mail.activity"].with_user(user)
            order = self.order.with_user(user)
            todo = order.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_order_approver.id)
            routes = {
                "create": lambda activities=activities: activities.create({**values, "activity_type_id": kind.id, "automated": True}),
                "default": lambda activities=activities: activities.with_context(default_activity_type_id=kind.id).create(values),
                "schedule": lambda order=order: order.activity_schedule(
                    "kehu_crm.mail_activity_type_approval", user_id=self.user_order_approver.id
                ),
                "change of type": lambda todo=todo: todo.write({"activity_type_id": kind.id}),
                "superuser": lambda activities=activities: activities.sudo().create({**values, "activity_type_id": kind.id}),
            }
            for label, route in routes.items():
                with self.subTest(label, user=user.login), self.assertRaises(KehuApprovalActivityError), self.env.cr.savepoint():
                    route()
            todo.write({"activity_type_id": self.env.ref("mail.mail_activity_data_call").id})
            todo.unlink()
        self._asking()

    def test_the_web_client_offers_no_button_for_it(self):
        self._submit()
        todo = self.order.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_seller.id)
        for user in (self.user_seller, self.user_order_approver):
            self.assertFalse(self._asking_of(self.order, todo).with_user(user).can_write)
        self.assertTrue(todo.with_user(self.user_seller).can_write)

    def _asking_of(self, order, todo):
        return order.activity_ids - todo

    def test_decision_withdrawal_and_leaving_close_it(self):
        approver = self.user_order_approver
        self._submit()
        activity = self._asking()
        self.order.with_user(approver).kehu_reject("No")
        self.assertEqual((activity.active, activity.feedback), (False, "No"))
        activity.unlink()  # history of a closed request: the host's business

        self._submit()
        activity = self._asking()
        self.order.kehu_withdraw()
        self.assertFalse(activity.exists())

        self._submit()
        activity = self._asking()
        approver.action_archive()
        self.assertFalse(activity.exists())
        self.assertIn("can no longer decide", self.order.with_user(self.user_seller).kehu_approval_hint)

    def test_it_speaks_the_language_of_the_approver(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["kehu_crm"], ["zh_CN"])
        self.user_order_approver.lang = "zh_CN"
        self._submit()
        self.assertEqual(self._asking().summary, "待审核")
        self.order.kehu_withdraw()
        self.order.with_user(self.user_seller).with_context(lang="zh_CN").kehu_submit(self.user_order_approver2.id)
        self.assertEqual(self.order.activity_ids.summary, "To approve")

    def test_a_partner_of_a_pending_document_is_not_merged_away(self):
        """Merging moves documents by SQL, past the guards."""
        twin = self._create_customer(self.user_seller, name="Suzhou Science Park Ltd.")
        waiting = self._submit(self._create_order(partner_id=twin.id))
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        with self.assertRaises(KehuApprovalMergeError) as caught, self.env.cr.savepoint():
            merge._merge((self.customer | twin).ids, self.customer)
        for name in (waiting.name, twin.name, self.user_order_approver.name):
            self.assertIn(name, str(caught.exception))
        waiting.with_user(self.user_order_approver).kehu_approve()
        merge._merge((self.customer | twin).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual((waiting.partner_id, waiting.kehu_customer_id), (self.customer, self.customer))
