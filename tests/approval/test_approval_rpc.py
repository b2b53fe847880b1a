"""Everything that a client can call on a document that waits, by everybody who can log in: nothing of it changes the approval."""

import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ...models.approval.exceptions import KehuApprovalFrozenError
from .common import ApprovalCommon

# flags of the host that switch checks off, and ours as a client could send them
FLAGS = {
    "_force_unlink": True,
    "active_test": False,
    "default_kehu_approval_state": "approved",
    "import_file": True,
    "install_mode": True,
    "kehu_engine_approval": True,
    "kehu_engine_approval_activity": True,
    "kehu_engine_approval_flow": True,
    "kehu_engine_approval_lists": True,
    "kehu_gate_scope": {"model_name": "sale.order"},
    "kehu_open_change": {"reason": "Because"},
    "kehu_tolerance_scope": {"model_name": "sale.order"},
    "kehu_whole_lines": True,
    "mail_activity_quick_update": True,
    "mail_notrack": True,
    "module": "kehu_crm",
    "sale_no_log_for_new_lines": True,
    "tracking_disable": True,
}
TYPE = "kehu_crm.mail_activity_type_approval"
# that the paper was sent to the customer may be noted while the order waits, as the button notes it
LEGITIMATE = ("sale.model_sale_order_action_quotation_sent",)
QUIET = ("py.warnings", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.models", "odoo.sql_db", "odoo.http")
# what a call may end with; anything else is an accident that a client could cause
EXPECTED = (UserError, AccessError, ValidationError, IntegrityError, AttributeError, TypeError, ValueError, KeyError)


@tagged("post_install", "-at_install")
class TestApprovalRpc(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "kehu_rpc_portal", groups="base.group_portal", name="Customer")
        cls.portal.partner_id.parent_id = cls.customer
        cls.other = cls._create_customer(cls.user_seller, name="Other Ltd.")
        cls.kept = cls.env["ir.attachment"].create({"name": "Kept", "raw": b"x", "res_model": "sale.order", "res_id": cls.order.id})
        cls._submit()
        cls.order.sudo().message_subscribe(cls.portal.partner_id.ids)
        cls.request = cls.order.sudo().kehu_request_id
        cls.activity = cls.order.sudo().activity_ids

    def _state(self):
        """All that must stay, as text."""
        self.env.flush_all()
        self.env.invalidate_all()
        order, request = self.order.sudo(), self.request.exists()
        kept = {
            "document": order._kehu_capture()[order],
            "state": (order.kehu_approval_state, order.state, order.kehu_request_id.id),
            "request": request.read(["state", "name", "res_id", "requester_id", "owner_id", "allow_self", "date_submitted", "group_id"]),
            "people": (request.decider_ids.ids, request.participant_ids.ids, request.approver_id.id),
            "steps": request.step_line_ids.read(["state", "user_ids", "agreed_ids", "kind", "agree", "minimum"]),
            "decisions": request.decision_ids.read(["user_id", "result", "comment", "on_behalf_id"]),
            "activity": self.activity.exists().read(["user_id", "res_id", "active", "activity_type_id"]),
            "file": (self.kept.exists().ids, self.kept.exists().checksum, self.kept.exists().res_id),
            "forged": self.env["sale.order"].search_count([("kehu_approval_state", "=", "approved")]),
            "requests": self.env["kehu.approval.request"].sudo().search_count([]),
            "asking": self.env["mail.activity"].sudo().search_count([("activity_type_id", "=", self.env.ref(TYPE).id)]),
        }
        return json.loads(json.dumps(kept, default=str))

    class _UndoneError(Exception):
        """Ends a call whose effects are taken back."""

    def _calls(self):
        """(model, method, positional arguments as a client sends them, keywords)"""
        order, line, request = self.order.id, self.order.order_line.id, self.request.id
        step, decision = self.request.step_line_ids.ids[0], self.request.decision_ids.ids[0]
        approver, seller, activity, file = self.user_order_approver.id, self.user_seller.id, self.activity.ids[0], self.kept.id
        forged = {"kehu_approval_state": "approved", "kehu_request_id": request}
        for vals in (
            {"note": "x"},
            {"partner_id": self.other.id},
            {"company_id": False},
            {"pricelist_id": False},
            {"validity_date": "2040-01-01"},
            {"currency_id": self.env.ref("base.JPY").id},
            {"state": "sale"},
            {"locked": True, "state": "sale"},
            {"amount_total": 1},
            {"order_line": False},
            {"order_line": []},
            {"order_line": [[5, 0, 0]]},
            {"order_line": [[6, 0, []]]},
            {"order_line": [[3, line, 0]]},
            {"order_line": [[2, line, 0]]},
            {"order_line": [[0, 0, {"product_id": self.product.id}]]},
            {"order_line": [[1, line, {"discount": "50"}]]},
            {"order_line": [[1, line, {"tax_ids": [[5]]}]]},
            {"order_line": [[1, line, {"price_unit": "1e-3"}]]},
            {"activity_ids": [[5, 0, 0]]},
            {"activity_ids": [[2, activity, 0]]},
            {"activity_ids": [[1, activity, {"user_id": seller}]]},
            {"message_ids": [[5, 0, 0]]},
            {"kehu_request_id": False},
            forged,
            {"kehu_approval_state": False},
        ):
            yield "sale.order", "write", [[order], vals], {}
            yield "sale.order", "web_save", [[order], vals], {"specification": {}}
            yield "sale.order", "web_save_multi", [[order], [vals]], {"specification": {}}
            yield "sale.order", "message_update", [[order], {}], {"update_vals": vals}
        for titles, row in (
            ([".id", "note"], [str(order), "x"]),
            ([".id", "order_line/.id", "order_line/price_unit"], [str(order), str(line), "1"]),
            ([".id", "order_line/product_id/.id"], [str(order), str(self.product.id)]),
            ([".id", "kehu_approval_state"], [str(order), "approved"]),
            ([".id", "kehu_request_id/.id", "kehu_request_id/state"], [str(order), str(request), "approved"]),
            (["partner_id/.id", "kehu_approval_state"], [str(self.customer.id), "approved"]),
        ):
            yield "sale.order", "load", [titles, [row]], {}
        yield "kehu.approval.request", "load", [[".id", "state"], [[str(request), "approved"]]], {}
        yield "mail.activity", "load", [[".id", "active"], [[str(activity), "0"]]], {}
        yield "sale.order", "copy", [[order], forged], {}
        yield "sale.order", "create", [[{"partner_id": self.customer.id, **forged}]], {}
        yield "sale.order", "name_create", ["x"], {}
        yield "sale.order", "message_new", [{"subject": "x", "from": "x@example.com"}], {"custom_values": forged}
        yield "sale.order", "web_resequence", [[order], {}], {"field_name": "kehu_approval_state"}
        yield "sale.order", "web_resequence", [[order], {}], {"field_name": "require_payment"}
        yield "sale.order", "update_field_translations", [[order], "note", {"en_US": {"": "x"}}], {}
        yield "sale.order", "onchange", [[order], {"note": "x"}, ["note"], {"note": {}}], {}
        yield "sale.order", "activity_unlink", [[order], [TYPE]], {}
        yield "sale.order", "activity_feedback", [[order], [TYPE]], {"user_id": approver}
        yield "sale.order", "activity_schedule", [[order], TYPE], {"user_id": approver}
        yield "sale.order", "activity_send_mail", [[order], 1], {}
        yield "sale.order", "message_post", [[order]], {"body": "x", "attachment_ids": [file]}
        yield "sale.order", "message_post", [[order]], {"tracking_value_ids": [[0, 0, {"old_value_char": "Pending"}]]}
        for method in (
            "unlink",
            "action_lock",
            "action_unlock",
            "action_confirm",
            "action_update_prices",
            "action_update_taxes",
            "action_draft",
            "kehu_submit",
            "kehu_reopen",
        ):
            yield "sale.order", method, [[order]], {}
        for vals in ({"price_unit": 1}, {"order_id": False}, {"product_uom_qty": "0"}, {"combo_item_id": False}, {"name": ""}):
            yield "sale.order.line", "write", [[line], vals], {}
        for vals in ({}, {"order_id": order}, {"order_id": order, "is_downpayment": True, "product_uom_qty": 0}):
            yield "sale.order.line", "create", [[{"product_id": self.product.id, **vals}]], {"context": {"default_order_id": order}}
        yield "sale.order.line", "unlink", [[line]], {}
        yield "sale.order.line", "copy", [[line]], {}
        for model, record in (
            ("kehu.approval.request", request),
            ("kehu.approval.request.step", step),
            ("kehu.approval.decision", decision),
        ):
            yield model, "write", [[record], {"state": "approved"}], {}
            yield model, "write", [[record], {"comment": "x", "result": "approved"}], {}
            yield model, "web_save", [[record], {"user_ids": [[6, 0, [seller]]]}, {}], {}
            yield model, "web_save", [[record], {"decider_ids": [[6, 0, [seller]]]}, {}], {}
            yield model, "unlink", [[record]], {}
            yield model, "copy", [[record]], {}
            yield (
                model,
                "create",
                [[{"request_id": request, "name": "x", "res_model": "sale.order", "res_id": order, "state": "pending"}]],
                {},
            )
        for vals in ({"user_id": seller}, {"active": False}, {"res_id": 0}, {"activity_type_id": False}, {"automated": False}):
            yield "mail.activity", "write", [[activity], vals], {}
        for method in (
            "unlink",
            "action_done",
            "action_feedback",
            "action_done_redirect_to_other",
            "action_feedback_schedule_next",
            "action_cancel",
            "action_archive",
            "toggle_active",
        ):
            yield "mail.activity", method, [[activity]], {}
        asking = {"res_model_id": self.env["ir.model"]._get_id("sale.order"), "res_id": order, "user_id": approver}
        yield "mail.activity", "create", [[{**asking, "activity_type_id": self.env.ref(TYPE).id}]], {}
        yield "mail.activity", "create", [[{**asking}]], {"context": {"default_activity_type_id": self.env.ref(TYPE).id}}
        for vals in ({"raw": "eQ=="}, {"datas": "eQ=="}, {"res_id": 0}, {"res_model": "res.partner"}, {"type": "url", "url": "http://x"}):
            yield "ir.attachment", "write", [[file], vals], {}
        yield "ir.attachment", "unlink", [[file]], {}
        yield "mail.activity.type", "write", [[self.env.ref(TYPE).id], {"active": False}], {}
        yield "mail.activity.type", "unlink", [[self.env.ref(TYPE).id]], {}
        for model in ("kehu.approval.flow", "kehu.approval.document", "kehu.approval.deputy"):
            yield model, "create", [[{"model_id": 1, "user_id": approver, "deputy_id": seller, "date_from": "2020-01-01"}]], {}
        yield "ir.default", "set", ["sale.order", "kehu_approval_state", "approved"], {"user_id": True}
        yield "ir.actions.server", "create", [[{"name": "x", "model_id": 1, "state": "code", "code": "pass"}]], {}

    def _chains(self):
        """Doors of more than one call: the first makes a record, the second uses it.

        (model, values, method, positional arguments after the ids, keywords)
        """
        order, file, line = self.order.id, self.kept.id, self.order.order_line.id
        here = {"context": {"active_model": "sale.order", "active_id": order, "active_ids": [order]}}
        mail = {"model": "sale.order", "body": "x", "subject": "x", "attachment_ids": [[6, 0, [file]]]}
        for mode in ("comment", "mass_mail"):
            values = {**mail, "res_ids": repr([order]), "composition_mode": mode}
            yield "mail.compose.message", values, "action_send_mail", [], here
            yield "mail.compose.message", values, "unlink", [], here
            yield "mail.compose.message", {**values, "scheduled_date": "2040-01-01 00:00:00"}, "action_schedule_message", [], here
            yield "mail.compose.message", {**values, "template_name": "x"}, "create_mail_template", [], here
        later = {**mail, "res_id": order, "author_id": self.user_seller.partner_id.id, "scheduled_date": "2040-01-01 00:00:00"}
        for method in ("unlink", "post_message"):
            yield "mail.scheduled.message", later, method, [], {}
        yield "mail.scheduled.message", later, "write", [{"attachment_ids": [[2, file, 0]]}], {}
        discount = {"sale_order_id": order, "discount_type": "sol_discount", "discount_percentage": 0.5}
        for kind in ("sol_discount", "so_discount", "amount"):
            values = {**discount, "discount_type": kind, "discount_amount": 50.0}
            yield "sale.order.discount", values, "action_apply_discount", [], here
        for kind in ("delivered", "percentage", "fixed"):
            values = {"sale_order_ids": [[6, 0, [order]]], "advance_payment_method": kind, "amount": 10.0, "fixed_amount": 10.0}
            yield "sale.advance.payment.inv", values, "create_invoices", [], here
        yield "mail.activity.schedule", {"res_model": "sale.order", "res_ids": repr([order])}, "action_schedule_activities", [], here
        yield "base.partner.merge.automatic.wizard", {"dst_partner_id": self.other.id}, "action_merge", [], {}
        yield "ir.model.data", {"module": "x", "name": "x", "model": "sale.order", "res_id": order}, "unlink", [], {}
        yield "sale.order.line", {"product_id": self.product.id, "linked_line_id": line, "order_id": order}, "unlink", [], {}
        message = {"model": "sale.order", "res_id": order, "body": "x", "attachment_ids": [[4, file]]}
        yield "mail.message", message, "unlink", [], {}
        yield "mail.message", message, "write", [{"attachment_ids": [[2, file, 0]]}], {}

    def _further_calls(self):
        """Mail that comes in, numbers of imports, actions of the server, defaults; see :meth:`_calls`."""
        order, request, file, activity = self.order.id, self.request.id, self.kept.id, self.activity.ids[0]
        raw = (
            "From: kehu_seller@example.com\nTo: sales@example.com\nSubject: x\nMessage-Id: <kehu@rpc>\n"
            f"References: <{self.order.sudo().message_ids[:1].message_id}>\n\nApproved\n"
        )
        forged = {"kehu_approval_state": "approved", "note": "x"}
        for model in ("sale.order", "mail.thread", "kehu.approval.request"):
            yield model, "message_process", ["sale.order", raw], {"custom_values": forged, "thread_id": order}
            yield model, "message_process", ["sale.order", raw], {"custom_values": forged}
        yield "sale.order", "message_route_process", [raw, {}, [["sale.order", order, forged, 1, False]]], {}
        number = self.env["ir.model.data"].create({"module": "kehu_rpc", "name": "order", "model": "sale.order", "res_id": order})
        asked = self.env["ir.model.data"].create(
            {"module": "kehu_rpc", "name": "request", "model": "kehu.approval.request", "res_id": request}
        )
        for titles, row in (
            (["id", "note"], [number.complete_name, "x"]),
            (["id", "kehu_approval_state"], [number.complete_name, "approved"]),
            (["id", "kehu_request_id/id", "kehu_request_id/state"], [number.complete_name, asked.complete_name, "approved"]),
            (["id", "order_line/product_id/.id", "order_line/price_unit"], [number.complete_name, str(self.product.id), "1"]),
        ):
            yield "sale.order", "load", [titles, [row]], {}
        yield "kehu.approval.request", "load", [["id", "state"], [[asked.complete_name, "approved"]]], {}
        yield "kehu.approval.decision", "load", [["request_id/id", "result"], [[asked.complete_name, "approved"]]], {}
        yield "ir.model.data", "write", [number.ids, {"res_id": 0}], {}
        for action in self.env["ir.actions.server"].search([("model_id.model", "in", ("sale.order", "kehu.approval.request"))], limit=30):
            document = ("sale.order", order) if action.model_id.model == "sale.order" else ("kehu.approval.request", request)
            context = {"active_model": document[0], "active_id": document[1], "active_ids": [document[1]]}
            if action.xml_id not in LEGITIMATE:
                yield "ir.actions.server", "run", [action.ids], {"context": context}
        for model in ("kehu.approval.request", "kehu.approval.request.step", "kehu.approval.decision"):
            yield model, "name_create", ["x"], {}
            yield model, "web_save_multi", [[request], [{"state": "approved"}]], {"specification": {}}
            yield model, "update_field_translations", [[request], "comment", {"en_US": "x"}], {}
            yield model, "onchange", [[request], {"state": "approved"}, ["state"], {"state": {}}], {}
            yield model, "web_resequence", [[request], {}], {"field_name": "res_id"}
        for name, value in (("note", "x"), ("kehu_request_id", request), ("amount_total", 1)):
            yield "ir.default", "set", ["sale.order", name, value], {"user_id": True}
            yield "ir.default", "set", ["kehu.approval.request", "state", "approved"], {"user_id": True}
        yield "mail.activity", "action_feedback", [[activity]], {"feedback": "x", "attachment_ids": [file]}
        yield "mail.activity", "action_reschedule_tomorrow", [[activity]], {}
        yield "mail.activity", "web_save", [[activity], {"user_id": self.user_seller.id}, {}], {}
        yield "sale.order", "message_post", [[order]], {"body": "x", "attachment_ids": [file], "message_type": "comment"}
        yield "sale.order", "message_unsubscribe", [[order], self.user_order_approver.partner_id.ids], {}
        yield "res.partner", "web_save", [[self.customer.id], {"sale_order_ids": [[1, order, {"note": "x"}]]}, {}], {}
        yield "res.partner", "write", [[self.customer.id], {"kehu_order_ids": [[2, order, 0]]}], {}
        yield "crm.team", "write", [self.order.team_id.ids, {"sale_order_ids": [[2, order, 0]]}], {}

    def _decisions(self):
        """What only who decides may do."""
        order, request = self.order.id, self.request.id
        for method, arguments in (
            ("kehu_approve", []),
            ("kehu_reject", ["No"]),
            ("kehu_forward", [self.user_order_approver2.id]),
            ("kehu_add_signatory", [self.user_order_approver2.id]),
            ("action_kehu_approve", []),
            ("action_kehu_forward", []),
        ):
            yield "sale.order", method, [[order], *arguments], {}
        for result in ("approved", "rejected", "forwarded", "added"):
            yield "kehu.approval.request", "kehu_decide", [[request], result, "x", self.user_order_approver2.id], {}

    @mute_logger(
        "py.warnings", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.models", "odoo.sql_db", "odoo.http"
    )
    def test_doors(self):
        before = self._state()
        people = (self.user_seller, self.user_order_approver, self.user_order_approver2, self.user_seller2, self.portal)
        for user in people:
            calls = [*self._calls(), *(() if user == self.user_order_approver else self._decisions())]
            for number, (model, method, arguments, keywords) in enumerate(calls):
                name = f"{user.login}: {model}.{method}{arguments[1:]} ({number})"
                keywords = {**keywords, "context": {**FLAGS, **keywords.get("context", {}), "lang": "en_US"}}
                with self.subTest(name):
                    try:
                        with self.env.cr.savepoint():
                            call_kw(self.env[model].with_user(user), method, arguments, keywords)
                            after = self._state()
                            self.assertEqual(after, before)
                            raise self._UndoneError
                    except (*EXPECTED, self._UndoneError):
                        self.env.invalidate_all()

    @mute_logger(*QUIET, "odoo.addons.mail.models.mail_thread", "odoo.addons.mail.models.mail_mail", "odoo.tools.translate")
    @mute_logger("odoo.addons.base.models.ir_actions")
    def test_further_doors(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0.0)  # a test commits nothing
        further = list(self._further_calls())
        before = self._state()
        for user in (self.user_seller, self.user_order_approver, self.user_seller2, self.user_crm_admin, self.portal):
            calls = [(name, [(model, method, arguments, keywords)]) for name, (model, method, arguments, keywords) in enumerate(further)]
            for number, (model, vals, method, arguments, keywords) in enumerate(self._chains()):
                calls.append((f"chain {number}", [(model, "create", [[vals]], keywords), (model, method, arguments, keywords)]))
            for number, steps in calls:
                with self.subTest(f"{user.login}: {steps[-1][0]}.{steps[-1][1]} ({number})"):
                    try:
                        with self.env.cr.savepoint():
                            made = None
                            for model, method, arguments, keywords in steps:
                                arguments = [made, *arguments] if made else arguments
                                keywords = {**keywords, "context": {**FLAGS, **keywords.get("context", {}), "lang": "en_US"}}
                                result = call_kw(self.env[model].with_user(user), method, arguments, keywords)
                                made = result if method == "create" else made
                            self.assertEqual(self._state(), before)
                            raise self._UndoneError
                    except (*EXPECTED, self._UndoneError):
                        self.env.invalidate_all()

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_customers_read_no_names(self):
        """Who reads an order on the portal is told neither who decides nor who did."""
        order = self.order.with_user(self.portal)
        self.assertTrue(order.has_access("read"))
        for call in (
            order.kehu_approve,
            order.kehu_withdraw,
            order.kehu_submit,
            order.action_kehu_approve,
            order.action_kehu_forward,
            lambda: order.kehu_reject("No"),
            lambda: order.kehu_forward(self.user_order_approver2.id),
            lambda: order.kehu_add_signatory(self.user_order_approver2.id),
        ):
            with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                call()
            for user in (self.user_order_approver, self.user_seller):
                self.assertNotIn(user.name, str(caught.exception))

    def test_code_that_runs_along(self):
        """An automation or another add-on that writes when the approval changes is judged like anybody else."""
        order = self._create_order()
        model = type(order)
        original = model.write

        def writing_along(vals):
            def write(records, values):
                result = original(records, values)
                if values.get("kehu_approval_state") in ("pending", "approved"):
                    original(records, vals)
                return result

            return write

        for vals in ({"note": "Changed along"}, {"order_line": [Command.update(order.order_line.id, {"discount": 50.0})]}):
            for target in ("pending", "approved"):
                with self.subTest(target, vals=vals):
                    if target == "approved":
                        self._submit(order)
                    with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
                        self.patch(model, "write", writing_along(vals))
                        if target == "pending":
                            self._submit(order)
                        else:
                            order.with_user(self.user_order_approver).kehu_approve()
                    self.patch(model, "write", original)
                    self.env.invalidate_all()
            self.assertEqual((order.kehu_approval_state, order.order_line.discount), ("pending", 0.0))
            order.kehu_withdraw()
