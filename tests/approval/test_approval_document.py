"""What a consultant sets per kind of document, what may differ within a tolerance, and what an approver sees of it."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.approval.exceptions import (
    KehuApprovalDocumentError,
    KehuApprovalFrozenError,
    KehuApprovalToleranceError,
)
from ...models.approval.guard import change_openly
from ...models.system.exceptions import KehuBuiltInError, KehuEngineOnlyError
from .common import ApprovalCommon


class DocumentCommon(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.env["kehu.approval.document"].search([("model_id.model", "=", "sale.order")])

    def _field(self, name, model="sale.order"):
        return self.env["ir.model.fields"]._get(model, name)

    def _refused(self, error, call):
        with self.assertRaises(error), self.env.cr.savepoint():
            call()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestApprovalDocument(DocumentCommon):
    # ------------------------------------------------------------
    # lists
    # ------------------------------------------------------------

    def test_lists_of_the_program(self):
        """The rows that come with the add-on say what the code says."""
        documents = self.env["kehu.approval.document"].search([])
        models = set(documents.mapped("model_id.model"))
        self.assertLessEqual({"sale.order", "kehu.receipt"}, models)
        for document in documents.filtered(lambda document: document.model_id.model in ("sale.order", "kehu.receipt")):
            model = self.env[document.model_id.model]
            self.assertFalse(document.own_lists)
            self.assertEqual(set(document.protected_field_ids.mapped("name")), model._kehu_protected_fields() & model._fields.keys())
            self.assertEqual(set(document.pending_field_ids.mapped("name")), model._kehu_pending_fields())
            for line in document.line_ids:
                lines = self.env[line.model_name]
                expected = lines._kehu_protected_line_fields() & lines._fields.keys()
                self.assertEqual(set(line.protected_field_ids.mapped("name")), expected)
        self.assertEqual(self.document.line_ids.field_id.name, "order_line")

    def test_a_consultant_adds_and_takes_away(self):
        admin = self.document.with_user(self.user_crm_admin)
        admin.write({"protected_field_ids": [Command.link(self._field("client_order_ref").id), Command.unlink(self._field("note").id)]})
        self.assertTrue(self.document.own_lists)
        order = self._submit()
        self._refused(KehuApprovalFrozenError, lambda: order.write({"client_order_ref": "PO 7"}))
        order.write({"note": "<p>Bring a ladder</p>"})
        form = self.env["sale.order"].get_view(view_type="form")["arch"]
        self.assertRegex(form, r'<field name="client_order_ref"[^>]*kehu_approval_state in \(.pending., .approved.\)')
        admin.action_reset()
        self.assertFalse(self.document.own_lists)
        order.write({"client_order_ref": "PO 8"})
        self._refused(KehuApprovalFrozenError, lambda: order.write({"note": "<p>Half price</p>"}))
        form = self.env["sale.order"].get_view(view_type="form")["arch"]
        self.assertNotRegex(form, r'<field name="client_order_ref"[^>]*kehu_approval_state')

    def test_own_lists_survive_an_update(self):
        self.document.write({"protected_field_ids": [Command.link(self._field("client_order_ref").id)]})
        receipts = self.env["kehu.approval.document"].search([("model_id.model", "=", "kehu.receipt")])
        self.env["kehu.approval.document"]._kehu_refresh()
        self.assertIn("client_order_ref", self.document.protected_field_ids.mapped("name"))
        self.assertFalse(receipts.own_lists)
        self.assertEqual(len(self.env["kehu.approval.document"].search([("model_id.model", "=", "sale.order")])), 1)

    def test_lists_of_lines(self):
        line = self.document.line_ids
        line.protected_field_ids = [Command.unlink(self._field("customer_lead", "sale.order.line").id)]
        self.assertTrue(self.document.own_lists)
        order = self._submit()
        order.order_line.write({"customer_lead": 9.0})
        self._refused(KehuApprovalFrozenError, lambda: order.order_line.write({"price_unit": 1.0}))
        line.unlink()
        order.order_line.write({"price_unit": 90.0})
        order.write({"order_line": [Command.create({"product_id": self.product.id})]})
        self.assertEqual(len(order.order_line), 2)
        self.document.action_reset()
        self._refused(KehuApprovalFrozenError, lambda: order.order_line[0].write({"price_unit": 1.0}))

    def test_lists_that_could_never_work(self):
        row, field = self.document, self._field("name", "res.partner")
        self._refused(KehuApprovalDocumentError, lambda: row.write({"protected_field_ids": [Command.link(field.id)]}))
        self._refused(KehuApprovalDocumentError, lambda: row.write({"amount_field_id": self._field("name").id}))
        self._refused(KehuApprovalDocumentError, lambda: row.write({"model_id": self.env["ir.model"]._get_id("kehu.receipt")}))
        partners = self._field("partner_id")
        self._refused(KehuApprovalDocumentError, lambda: row.write({"line_ids": [Command.create({"field_id": partners.id})]}))
        for model in ("ir.model", "res.users", "kehu.approval.request"):
            values = {"model_id": self.env["ir.model"]._get_id(model)}
            self._refused(KehuApprovalDocumentError, lambda values=values: row.create(values))
        self._refused(KehuBuiltInError, row.unlink)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access")
    def test_only_administrators_change_lists(self):
        for user in (self.user_seller, self.user_director, self.user_order_approver):
            row = self.document.with_user(user)
            self._refused(AccessError, lambda row=row: row.write({"protected_field_ids": [Command.clear()]}))
            self._refused(AccessError, row.action_reset)
            self._refused(AccessError, lambda row=row: row.line_ids.unlink())

    # ------------------------------------------------------------
    # doors
    # ------------------------------------------------------------

    def test_every_door(self):
        """A field that only the list names is as shut as one of the program."""
        self.document.write({"protected_field_ids": [Command.link(self._field("client_order_ref").id)]})
        action = self.env["ir.actions.server"].create(
            {
                "name": "Forge",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code",
                "code": "records.write({'client_order_ref': 'forged'})",
            }
        )
        cron = self.env["ir.cron"].create(
            {
                "name": "Forge",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code",
                "code": "model.search([('client_order_ref', '=', 'true')]).write({'client_order_ref': 'forged'})",
            }
        )
        customer = self.customer

        def load(order):
            result = order.load([".id", "client_order_ref"], [[str(order.id), "forged"]])
            self.assertFalse(result["ids"])
            raise KehuApprovalFrozenError(result["messages"][0]["message"])

        doors = {
            "write": lambda order: order.write({"client_order_ref": "forged"}),
            "assign": lambda order: setattr(order, "client_order_ref", "forged"),
            "clear": lambda order: order.write({"client_order_ref": False}),
            "sudo": lambda order: order.sudo().write({"client_order_ref": "forged"}),
            "context": lambda order: order.with_context(
                kehu_open_change=True, kehu_engine_approval=True, kehu_tolerance_scope={"document_ids": [order.id]}
            ).write({"client_order_ref": "forged"}),
            "web_save": lambda order: order.web_save({"client_order_ref": "forged"}, {}),
            "web_save_multi": lambda order: order.web_save_multi([{"client_order_ref": "forged"}], {}),
            "load": load,
            "one2many of another record": lambda order: customer.sudo().write(
                {"sale_order_ids": [Command.update(order.id, {"client_order_ref": "forged"})]}
            ),
            "server action": lambda order: action.with_context(active_ids=order.ids, active_model="sale.order", active_id=order.id).run(),
            "cron": lambda order: cron.ir_actions_server_id.with_user(cron.user_id).run(),
            "merge of values by the superuser": lambda order: order.with_user(1).update({"client_order_ref": "forged"}),
        }
        for prepare in (self._submit, self._approve):
            order = prepare(self._create_order(client_order_ref="true"))
            for name, door in doors.items():
                with self.subTest(name, state=order.kehu_approval_state):
                    self._refused(UserError, lambda door=door, order=order: door(order))
                    self.assertEqual(order.client_order_ref, "true")

    def test_onchange_is_told_by_the_form(self):
        """What the form may not change is not sent by it; what somebody sends all the same is refused when saving."""
        order = self._submit()
        with Form(order) as form:
            with self.assertRaises(AssertionError):
                form.partner_id = self._create_customer(self.user_seller, name="Other Ltd")
        self.assertEqual(order.partner_id, self.customer)
        result = order.onchange(
            {"partner_id": self._create_customer(self.user_seller, name="Third Ltd").id}, ["partner_id"], {"partner_id": {}}
        )
        self.assertIn("value", result)
        self.assertEqual(order.partner_id, self.customer, "an onchange stores nothing")

    # ------------------------------------------------------------
    # openly
    # ------------------------------------------------------------

    def test_another_add_on_says_so_openly(self):
        order = self._submit()
        line = order.order_line
        change_openly(order, "Terms of 2 May apply").write({"note": "<p>Terms of 2 May</p>"})
        change_openly(line, "Price list of 2 May").write({"price_unit": 80.0})
        self.assertEqual((order.kehu_approval_state, order.amount_total), ("pending", 80.0))
        kept = order.kehu_request_id.decision_ids.filtered(lambda decision: decision.result == "changed")
        self.assertEqual(len(kept), 2)
        self.assertIn("Price list of 2 May", kept[1].comment)
        self.assertRegex(kept[1].comment, r"Unit Price.*100\.00 → 80\.00")
        self.assertIn("Terms of 2 May apply", str(order.message_ids.mapped("body")))
        change_openly(order, "Gift").write({"order_line": [Command.create({"product_id": self.product.id, "price_unit": 0.0})]})
        self.assertEqual(len(order.order_line), 2)
        change_openly(order.order_line[1], "No gift").unlink()
        self.assertEqual(len(order.order_line), 1)
        kept = order.kehu_request_id.decision_ids.filtered(lambda decision: decision.result == "changed")
        self.assertRegex(kept[2].comment, "Gift\n.*Line added")
        self.assertRegex(kept[3].comment, "No gift\n.*Line removed")
        order.with_user(self.user_order_approver).kehu_approve()  # what is there now
        self.assertEqual(order.kehu_approval_state, "approved")
        change_openly(order, "Terms of 3 May").write({"note": "<p>Terms of 3 May</p>"})
        # neither the state of the approval nor its request
        self._refused(KehuEngineOnlyError, lambda: change_openly(order, "Quick").write({"kehu_approval_state": "draft"}))
        self._refused(UserError, change_openly(order.sudo(), "Away").unlink)
        with self.assertRaises(ValueError):
            change_openly(order, " ")

    def test_nobody_approves_what_they_did_not_see(self):
        """A change by SQL, or by whatever goes past the ORM, is found at the decision."""
        order = self._submit()
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order_line SET price_unit = 1 WHERE id = %s", [order.order_line.id])
        self.env.invalidate_all()
        self._refused(KehuApprovalFrozenError, lambda: order.with_user(self.user_order_approver).kehu_approve())
        self.assertEqual(order.kehu_approval_state, "pending")
        order.with_user(self.user_order_approver).kehu_reject("Who changed the price?")

    # ------------------------------------------------------------
    # tolerance
    # ------------------------------------------------------------

    def _tolerant(self, percent=5.0):
        self.env.ref("kehu_crm.kehu_approval_flow_order").tolerance_percent = percent
        return self._approve(self._create_order(order_line=[Command.create({"product_id": self.product.id, "product_uom_qty": 10})]))

    def test_within_the_tolerance(self):
        order = self._tolerant()
        self.assertEqual((order.amount_total, order.state), (1000.0, "sale"))
        order.order_line.write({"price_unit": 104.0})
        self.assertEqual((order.amount_total, order.kehu_approval_state, order.state), (1040.0, "approved", "sale"))
        decision = order.kehu_request_id.decision_ids[-1]
        self.assertEqual((decision.result, decision.user_id), ("changed", self.user_seller))
        self.assertRegex(decision.comment, r"tolerance of 5 %.*1,000\.00.*1,040\.00")
        self.assertRegex(decision.comment, r"Unit Price.*100\.00 → 104\.00")
        self.env.cr.flush()
        self.assertIn("within the tolerance", str(order.message_ids.mapped("body")))
        self.assertIn("104.00", order.with_user(self.user_order_approver).kehu_approval_changes)
        order.order_line.write({"price_unit": 96.0})
        self.assertEqual(order.amount_total, 960.0)

    def test_beyond_the_tolerance(self):
        order = self._tolerant()
        for values in ({"price_unit": 106.0}, {"product_uom_qty": 9}, {"discount": 6.0}):
            self._refused(KehuApprovalToleranceError, lambda values=values: order.order_line.write(values))
        with self.assertRaisesRegex(KehuApprovalToleranceError, "1,000.00.*1,060.00.*5 %.*new round"), self.env.cr.savepoint():
            order.order_line.write({"price_unit": 106.0})
        order.order_line.write({"price_unit": 104.0})
        self._refused(KehuApprovalToleranceError, lambda: order.order_line.write({"price_unit": 108.0}))
        self.assertEqual(order.amount_total, 1040.0, "each step is measured by what was approved")

    def test_a_refused_change_leaves_nothing(self):
        """Also where the caller catches the refusal."""
        order = self._tolerant()
        with self.assertRaises(KehuApprovalToleranceError):
            order.order_line.write({"price_unit": 500.0})
        self.assertEqual((order.order_line.price_unit, order.amount_total), (100.0, 1000.0))

    def test_a_tolerance_is_about_figures(self):
        order = self._tolerant()
        other = self._create_product(100.0)
        line = order.order_line
        for call in (
            lambda: line.write({"product_id": other.id}),
            lambda: line.write({"name": "Something else"}),
            lambda: line.create({"order_id": order.id, "product_id": other.id, "product_uom_qty": 0.1}),
            lambda: order.write({"order_line": [Command.create({"product_id": other.id, "price_unit": 1.0})]}),
            lambda: order.write({"note": "<p>Other terms</p>"}),
            line.unlink,
        ):
            self._refused(UserError, call)

    def test_lines_of_one_write_are_judged_together(self):
        self.env.ref("kehu_crm.kehu_approval_flow_order").tolerance_percent = 5.0
        lines = [Command.create({"product_id": self.product.id, "product_uom_qty": quantity}) for quantity in (10, 20)]
        order = self._approve(self._create_order(order_line=lines))
        first, second = order.order_line
        order.write(
            {
                "order_line": [
                    Command.update(first.id, {"product_uom_qty": 15}),
                    Command.update(second.id, {"product_uom_qty": 16}),
                ]
            }
        )
        self.assertEqual(order.amount_total, 3100.0)
        self.assertEqual(len(order.kehu_request_id.decision_ids.filtered(lambda decision: decision.result == "changed")), 1)
        commands = [Command.update(first.id, {"product_uom_qty": 20}), Command.update(second.id, {"product_uom_qty": 20})]
        self._refused(KehuApprovalToleranceError, lambda: order.write({"order_line": commands}))

    def test_no_tolerance_while_pending(self):
        self.env.ref("kehu_crm.kehu_approval_flow_order").tolerance_percent = 50.0
        order = self._submit(self._create_order())
        self._refused(KehuApprovalFrozenError, lambda: order.order_line.write({"price_unit": 101.0}))

    def test_tolerance_is_copied_to_the_request(self):
        order = self._tolerant(0.0)
        self.env.ref("kehu_crm.kehu_approval_flow_order").tolerance_percent = 90.0
        self._refused(KehuApprovalFrozenError, lambda: order.order_line.write({"price_unit": 101.0}))

    def test_the_form_opens_what_is_tolerated(self):
        order = self._tolerant()
        with Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 10.4
        self.assertEqual(order.amount_total, 1040.0)
        strict = self._approve(self._create_order())
        self.env.ref("kehu_crm.kehu_approval_flow_order").tolerance_percent = 0.0
        strict = self._approve(self._create_order())
        with Form(strict) as form, form.order_line.edit(0) as line:
            with self.assertRaises(AssertionError):
                line.product_uom_qty = 1.01

    # ------------------------------------------------------------
    # differences
    # ------------------------------------------------------------

    def _second_round(self):
        order = self._approve(self._create_order(payment_term_id=False))
        order._action_cancel()
        order.action_draft()
        term = self.env["account.payment.term"].create({"name": "In sixty days"})
        order.write({"payment_term_id": term.id})
        order.order_line.write({"price_unit": 90.0})
        order.write({"order_line": [Command.create({"product_id": self._create_product(50.0).id})]})
        order.kehu_to_order()
        return self._submit(order)

    def test_differences_since_the_last_approval(self):
        first = self._submit(self._create_order())
        self.assertFalse(first.kehu_approval_changes, "nothing to compare with")
        order = self._second_round().with_user(self.user_order_approver)
        found = order._kehu_differences()[order]
        by_label = {difference.label: difference for difference in found}
        self.assertEqual((by_label["Payment Terms"].old, by_label["Payment Terms"].new), ("–", "In sixty days"))
        self.assertEqual((by_label["Unit Price"].old, by_label["Unit Price"].new), ("100.00", "90.00"))
        self.assertTrue(by_label["Unit Price"].line)
        self.assertEqual((by_label["Total"].old, by_label["Total"].line), (order._kehu_format_amount(100.0), None))
        self.assertIn("50.00", by_label["Line added"].new)
        html = order.kehu_approval_changes
        for text in ("In sixty days", "100.00", "90.00"):
            self.assertIn(text, html)
        action = order.action_kehu_approve()
        wizard = self.env[action["res_model"]].with_user(self.user_order_approver).browse(action["res_id"])
        self.assertIn("In sixty days", wizard.changes)
        self.assertIn("kehu_approval_changes", order.get_view(view_type="form")["arch"])
        order.kehu_approve()
        order.invalidate_recordset()
        self.assertFalse(order.kehu_approval_changes, "what is approved now is the state to compare with")

    def test_differences_respect_the_reader(self):
        """Fields with groups of their own, and records that the reader does not see."""
        order = self._second_round()
        field = self.env["sale.order.line"]._fields["price_unit"]
        self.patch(field, "groups", "base.group_system")
        labels = [difference.label for difference in order.with_user(self.user_order_approver)._kehu_differences()[order]]
        self.assertNotIn("Unit Price", labels)
        added = [difference for difference in order._kehu_differences()[order] if difference.label == "Line added"]
        self.assertNotIn("50.00", added[0].new)
        self.assertIn(
            "Unit Price", [difference.label for difference in order.with_user(self.env.ref("base.user_admin"))._kehu_differences()[order]]
        )
        stranger = order.with_user(self.user_seller2)
        self.assertFalse(stranger._kehu_differences(), "nothing about a document that one does not read")

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_the_snapshot_is_read_by_nobody(self):
        request = self._submit().kehu_request_id
        for user in (self.user_seller, self.user_order_approver, self.user_crm_admin):
            self._refused(AccessError, lambda user=user: request.with_user(user).read(["snapshot"]))
            self.assertNotIn("snapshot", request.with_user(user).read()[0])
            self._refused(UserError, lambda user=user: request.with_user(user).export_data(["snapshot"]))
            self._refused(AccessError, lambda user=user: request.with_user(user).search([("snapshot", "!=", False)]))

    def test_withdrawn_and_rejected_after_an_earlier_approval(self):
        """Nothing approved is overwritten by an edit, so nothing has to be restored: what the submitter did stays."""
        order = self._second_round()
        order.kehu_withdraw()
        self.assertEqual((order.kehu_approval_state, order.state, order.order_line[0].price_unit), ("draft", "draft", 90.0))
        self.assertIn("Unit Price", [difference.label for difference in order._kehu_differences()[order]])
        self._submit(order)
        order.with_user(self.user_order_approver).kehu_reject("Not at that price")
        self.assertEqual((order.kehu_approval_state, order.state, order.order_line[0].price_unit), ("rejected", "draft", 90.0))
        self._refused(UserError, order.action_confirm)
        order.invalidate_recordset()
        found = [difference for difference in order._kehu_differences()[order] if difference.label == "Unit Price"]
        self.assertEqual(found[0].old, "100.00", "compared with what was approved, not with what was rejected")

    # ------------------------------------------------------------
    # cost
    # ------------------------------------------------------------

    def _count(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_the_snapshot_costs_the_same_for_many(self):
        orders = self.order.browse()
        for _number in range(24):
            orders |= self._create_order()
        few, many = orders[:4], orders[4:]
        self._count(few[:1].sudo()._kehu_capture)
        self.assertLessEqual(self._count(many.sudo()._kehu_capture), self._count(few.sudo()._kehu_capture))
        few.kehu_submit(self.user_order_approver.id)
        many.kehu_submit(self.user_order_approver.id)
        compare = self._count(lambda: few.with_user(self.user_order_approver)._kehu_differences())
        self.assertLessEqual(self._count(lambda: many.with_user(self.user_order_approver)._kehu_differences()), compare)
        self.assertLessEqual(self._count(many.sudo()._kehu_capture), 6)
