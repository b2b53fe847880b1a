"""Approvers who handle notifications by e-mail are told what waits for them: once, in their language, and only what they may read."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...models.system.engine import as_engine
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalDeskMail(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("kehu_crm.kehu_approval_cron_mail")
        cls.requests = cls.env["kehu.approval.request"].sudo()  # sudo: kehu.approval.request - the job is the system
        cls.requests.search([("mail_pending", "=", True)])._kehu_send_mail()
        (cls.user_order_approver | cls.user_order_approver2).write({"notification_type": "email"})

    def _send(self):
        """Let the job work.

        :return: the new messages
        """
        before = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        return self.env["mail.mail"].search([("id", ">", before)])

    def test_one_message_for_many(self):
        orders = self.order | self._create_order() | self._create_order() | self._create_order()
        self._submit(orders)
        mail = self._send()
        self.assertEqual(mail.recipient_ids, self.user_order_approver.partner_id)
        for order in orders:
            self.assertIn(order.name, mail.body_html)
            self.assertIn(f"/mail/view?model=sale.order&amp;res_id={order.id}", mail.body_html)
        self.assertIn("+1", mail.subject)
        self.assertEqual(mail.state, "outgoing", "the host's queue sends it")
        self.assertFalse(mail.model, "it hangs on no record where others could read it")
        self.assertFalse(self._send(), "told once")

    def test_text(self):
        self.order.kehu_submit(self.user_order_approver.id, "Urgent <b>please</b>")
        mail = self._send()
        self.assertIn("Urgent &lt;b&gt;please&lt;/b&gt;", mail.body_html)
        self.assertIn(self.order.kehu_request_id.subject, mail.body_html)
        self.assertIn(self.user_seller.name, mail.body_html)

    def test_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("kehu_crm.mail_template_kehu_approval_waiting")
        template.with_context(lang="zh_CN").subject = "待审核：{{ ctx.get('kehu_names') }}"
        self.user_order_approver.lang = "zh_CN"
        self._submit()
        self.assertEqual(self._send().subject, f"待审核：{self.order.name}")

    def test_preference(self):
        self.user_order_approver.notification_type = "inbox"
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)])
        self.env.cr.precommit.data.pop("kehu_approval_mail", None)
        self._submit()
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]), triggers, "nobody is to be told")
        self.assertFalse(self._send())

    def test_job_is_woken(self):
        self.env.cr.precommit.data.pop("kehu_approval_mail", None)
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        trigger.unlink()
        self._submit(self.order | self._create_order())
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.cron.id)]), 1)

    def test_withdrawn_before(self):
        self._submit()
        self.order.kehu_withdraw()
        self.assertFalse(self._send())
        self.assertFalse(self.order.kehu_request_id.mail_pending)

    def test_only_what_may_be_read(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self._submit()
        request = self.requests.browse(self.order.kehu_request_id.id)
        as_engine(request, "approval").company_id = other
        self.assertFalse(self._send(), "a request of a company that is not theirs")

    def test_document_that_cannot_be_read(self):
        """The document's own rules decide what is told of it."""
        self.order.kehu_submit(self.user_order_approver.id, "Secret")
        subject = self.order.kehu_request_id.subject
        self.env["ir.rule"].create(
            {"name": "Hidden", "model_id": self.env["ir.model"]._get_id("sale.order"), "domain_force": f"[('id', '!=', {self.order.id})]"}
        )
        mail = self._send()
        self.assertIn("/mail/view", mail.body_html)
        self.assertNotIn("Secret", mail.body_html)
        self.assertNotIn(subject, mail.body_html)

    def test_each_step(self):
        flow = self.env.ref("kehu_crm.kehu_approval_flow_order")
        flow.write(
            {
                "step_ids": [
                    Command.clear(),
                    Command.create({"name": "First", "kind": "users", "user_ids": [Command.set(self.user_order_approver.ids)]}),
                    Command.create({"name": "Second", "kind": "users", "user_ids": [Command.set(self.user_order_approver2.ids)]}),
                ]
            }
        )
        self.order.kehu_submit()
        self.assertEqual(self._send().recipient_ids, self.user_order_approver.partner_id)
        self.order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(self._send().recipient_ids, self.user_order_approver2.partner_id)

    def test_same_person_in_a_later_step(self):
        self._submit()
        self._send()
        request = self.requests.browse(self.order.kehu_request_id.id)
        later = fields.Datetime.now() + timedelta(minutes=5)
        as_engine(request, "approval").write({"turn_on": later, "decider_ids": [Command.set(self.user_order_approver.ids)]})
        self.assertEqual(self._send().recipient_ids, self.user_order_approver.partner_id)

    def test_broken_text_holds_up_nobody(self):
        self.env.ref(
            "kehu_crm.mail_template_kehu_approval_waiting"
        ).body_html = "<t t-if=\"ctx.get('kehu_lines')\" t-out=\"ctx['kehu_lines'][99]\"/>"
        self._submit()
        with self.assertLogs("odoo.addons.kehu_crm.models.approval.kehu_approval_request_mail", "ERROR"):
            self.assertFalse(self._send())
        self.assertFalse(self.order.kehu_request_id.mail_pending)
