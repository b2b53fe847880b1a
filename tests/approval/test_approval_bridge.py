"""Approval for kinds of documents that no code of ours knows, chosen by an administrator."""

import base64
import io

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger, sql
from PIL import Image

from ...hooks import drop_columns
from ...models.approval.exceptions import (
    KehuApprovalDocumentError,
    KehuApprovalError,
    KehuApprovalFlowError,
    KehuApprovalFrozenError,
    KehuApprovalGateError,
    KehuApprovalTransitionError,
)
from ...models.approval.guard import change_openly
from ...models.system.exceptions import KehuEngineOnlyError
from ..common import KehuCommon


def _picture(colour):
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(stream, "PNG")
    return base64.b64encode(stream.getvalue())


RED, BLUE = _picture("red"), _picture("blue")


class BridgeCommon(KehuCommon):
    """The registry is put back by the host after each class, see `_unregister_hook` of the set-up."""

    def setUp(self):
        # before the host's own clean-up is registered: runs after the changes of the test are rolled back
        self.addCleanup(lambda: self.env.registry._setup_models__(self.env.cr))
        super().setUp()

    @classmethod
    def _choose(cls, model, **values):
        return (
            cls.env["kehu.approval.document"]
            .with_user(cls.user_crm_admin)
            .create({"model_id": cls.env["ir.model"]._get_id(model), **values})
        )

    @classmethod
    def _flow(cls, model, user, **values):
        return cls.env["kehu.approval.flow"].create(
            {
                "name": "Test",
                "model_id": cls.env["ir.model"]._get_id(model),
                "step_ids": [Command.create({"name": "One", "kind": "users", "user_ids": [Command.set(user.ids)]})],
                **values,
            }
        )

    def _refused(self, error, call):
        with self.assertRaises(error), self.env.cr.savepoint():
            call()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestApprovalBridge(BridgeCommon):
    """Products, of which only approved ones may be sold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.row = cls._choose("product.template", gate_domain="[('sale_ok', '=', True)]")
        cls.flow = cls._flow("product.template", cls.user_director, domain="[('list_price', '>', 1000)]")
        cls.author = cls.user_crm_admin
        cls.author.group_ids = [Command.link(cls.env.ref("product.group_product_manager").id)]
        cls.product = cls.env["product.template"].with_user(cls.author).create({"name": "Press", "list_price": 5000.0, "sale_ok": False})

    def _approved(self):
        self.product.kehu_submit()
        self.product.with_user(self.user_director).kehu_approve("Fine")
        return self.product

    def test_real_columns(self):
        self.assertTrue(self.row.bridged)
        columns = sql.table_columns(self.env.cr, "product_template")
        self.assertIn("kehu_approval_state", columns)
        self.assertIn("kehu_request_id", columns)
        self.assertEqual(self.product.kehu_approval_state, "draft")
        self.assertEqual(
            self.env["product.template"].search_count([("kehu_approval_state", "=", "draft"), ("id", "=", self.product.id)]), 1
        )
        self.assertTrue(self.env["ir.model.fields"]._get("product.template", "kehu_approval_state"))
        self.assertIn("list_price", self.row.protected_field_ids.mapped("name"))
        self.assertNotIn("sale_ok", self.row.protected_field_ids.mapped("name"))

    def test_words(self):
        """The fields speak the reader's language, as they do on documents of the program."""
        campaigns = self._choose("utm.campaign", protected_field_ids=[])
        # the words of the mixin, as the translation of the add-on brings them
        self.env.cr.execute(
            """UPDATE ir_model_fields SET field_description = field_description || '{"zh_CN": "审核一"}'
                WHERE model = 'kehu.approval.mixin' AND name = 'kehu_approval_state'"""
        )
        self.env.cr.execute(
            """UPDATE ir_model_fields_selection s SET name = s.name || '{"zh_CN": "待审核一"}'
                 FROM ir_model_fields f
                WHERE f.id = s.field_id AND f.model = 'kehu.approval.mixin' AND f.name = 'kehu_approval_state' AND s.value = 'pending'"""
        )
        self.env["kehu.approval.document"]._kehu_translate_fields()
        self.env.registry.clear_cache("stable")
        described = self.env["utm.campaign"].with_context(lang="zh_CN").fields_get(["kehu_approval_state"])["kehu_approval_state"]
        self.assertEqual(described["string"], "审核一")
        self.assertIn(("pending", "待审核一"), [tuple(choice) for choice in described["selection"]])
        self.assertTrue(campaigns.protected_field_ids, "an empty list, as the web client sends it, is proposed")

    def test_life(self):
        product = self.product
        self.assertTrue(product.kehu_can_submit)
        self._refused(KehuApprovalGateError, lambda: product.write({"sale_ok": True}))
        product.kehu_submit()
        self.assertEqual(product.kehu_approval_state, "pending")
        self.assertEqual(product.activity_ids.user_id, self.user_director)
        self._refused(KehuApprovalFrozenError, lambda: product.write({"list_price": 1.0}))
        self._refused(KehuApprovalGateError, lambda: product.write({"sale_ok": True}))
        self._refused(UserError, product.unlink)
        product.with_user(self.user_director).kehu_approve("Fine")
        product.write({"sale_ok": True})
        self.assertTrue(product.sale_ok)
        self.assertIn("Fine", product.kehu_approval_timeline)

    def test_guards(self):
        self._refused(KehuEngineOnlyError, lambda: self.product.sudo().write({"kehu_approval_state": "approved"}))
        self._refused(KehuEngineOnlyError, lambda: self.product.create({"name": "X", "kehu_approval_state": "approved"}))
        approved = self._approved()
        variant = approved.product_variant_id
        for call in (
            lambda: approved.write({"list_price": 1.0}),
            lambda: approved.sudo().write({"name": "Other"}),
            lambda: variant.write({"list_price": 1.0}),
            lambda: variant.sudo().write({"name": "Other"}),
            lambda: approved.web_save({"list_price": 2.0}, {}),
            lambda: setattr(approved, "list_price", 3.0),
        ):
            self._refused(KehuApprovalFrozenError, call)
        self.assertFalse(approved.load([".id", "list_price"], [[str(approved.id), "1"]])["ids"])
        self.assertEqual(approved.list_price, 5000.0)

    def test_texts_of_other_languages(self):
        """The host writes them by SQL; an approver who reads another language sees no difference where there is none."""
        product = self.product
        product.update_field_translations("name", {"zh_CN": "印刷机"})
        product.kehu_submit()
        for state in ("pending", "approved"):
            for record in (product, product.sudo(), product.product_variant_id):
                self._refused(KehuApprovalFrozenError, lambda record=record: record.update_field_translations("name", {"zh_CN": "另一台"}))
            if state == "pending":
                product.with_user(self.user_director).with_context(lang="zh_CN").kehu_approve("Fine")
        self.assertEqual(product.kehu_approval_state, "approved")
        self.assertEqual(product.with_context(lang="zh_CN").name, "印刷机")
        self.assertFalse(product.with_context(lang="zh_CN")._kehu_differences())
        change_openly(product, "Misspelt").update_field_translations("name", {"zh_CN": "打印机"})
        self.assertEqual(product.with_context(lang="zh_CN").name, "打印机")
        difference = product.with_context(lang="zh_CN")._kehu_differences()[product]
        self.assertEqual([(entry.old, entry.new) for entry in difference], [("印刷机", "打印机")])

    def test_values_of_other_companies(self):
        """What differs from company to company is the same document in all of them."""
        account = self.env["account.account"].create({"name": "Presses", "code": "KEHU1", "account_type": "income"})
        self.product.sudo().property_account_income_id = account
        self.row.protected_field_ids = [Command.link(self.env["ir.model.fields"]._get("product.template", "property_account_income_id").id)]
        other = self.env["res.company"].create({"name": "Other"})
        self.user_director.company_ids = [Command.link(other.id)]
        self.product.kehu_submit()
        self.product.with_user(self.user_director).with_context(allowed_company_ids=[other.id, self.env.company.id]).kehu_approve("Fine")
        self.assertEqual(self.product.kehu_approval_state, "approved")

    def test_files_of_fields(self):
        """The content of a protected file field is not exchanged in the table of attachments."""
        picture = self.env["ir.model.fields"]._get("product.template", "image_1920")
        self.row.protected_field_ids = [Command.link(picture.id)]
        self.product.image_1920 = RED
        self.product.kehu_submit()
        find = self.env["ir.attachment"].with_user(self.author).search
        kept = find([("res_model", "=", "product.template"), ("res_id", "=", self.product.id), ("res_field", "=", "image_1920")])
        self.assertEqual(len(kept), 1)
        values = {"name": "x", "res_model": "product.template", "res_id": self.product.id, "res_field": "image_1920", "datas": BLUE}
        free = kept.create({"name": "x", "datas": BLUE})
        for call in (
            lambda: kept.write({"datas": BLUE}),
            lambda: kept.sudo().write({"res_id": self.product.id + 1}),
            kept.sudo().unlink,
            lambda: kept.sudo().create(values),
            lambda: free.sudo().write({name: values[name] for name in ("res_model", "res_id", "res_field")}),
        ):
            self._refused(KehuApprovalFrozenError, call)
        self.product.with_user(self.user_director).kehu_approve("Fine")
        self._refused(KehuApprovalFrozenError, lambda: kept.write({"datas": BLUE}))
        self.assertEqual(self.product.image_1920, RED)
        change_openly(self.product, "A better picture").write({"image_1920": BLUE})
        self.assertEqual(self.product.image_1920, BLUE)

    def test_gate(self):
        create = self.env["product.template"].with_user(self.author).create
        cheap = create({"name": "Screw", "list_price": 1.0, "sale_ok": True})
        self._refused(KehuApprovalGateError, lambda: create({"name": "Crane", "list_price": 9000.0, "sale_ok": True}))
        self._refused(KehuApprovalGateError, lambda: cheap.write({"list_price": 9000.0}))
        self._refused(KehuApprovalGateError, lambda: cheap.copy({"list_price": 9000.0}))
        self._refused(KehuApprovalGateError, lambda: cheap.product_variant_id.sudo().write({"list_price": 9000.0}))
        cheap.write({"list_price": 2.0})
        self.assertEqual(cheap.list_price, 2.0)

    def test_gate_over_a_protected_field(self):
        """The field that says where an approved document stands lets it in, though it is protected; nothing else changes with it."""
        self.row.protected_field_ids = [Command.link(self.env["ir.model.fields"]._get("product.template", "sale_ok").id)]
        self.product.kehu_submit()
        self._refused(KehuApprovalFrozenError, lambda: self.product.write({"sale_ok": True}))
        self.product.with_user(self.user_director).kehu_approve("Fine")
        self._refused(KehuApprovalFrozenError, lambda: self.product.write({"sale_ok": True, "list_price": 1.0}))
        self.product.write({"sale_ok": True})
        self.assertTrue(self.product.sale_ok)
        self._refused(KehuApprovalFrozenError, lambda: self.product.write({"sale_ok": False}))

    def test_what_was_there_before_stays(self):
        """Switching a gate on does not throw documents out."""
        self.row.gate_domain = "[]"
        old = self.env["product.template"].with_user(self.author).create({"name": "Old", "list_price": 7000.0, "sale_ok": True})
        self.row.gate_domain = "[('sale_ok', '=', True)]"
        old.write({"name": "Old press"})
        old.write({"sale_ok": False})
        self._refused(KehuApprovalGateError, lambda: old.write({"sale_ok": True}))

    def test_new_round(self):
        self._refused(KehuApprovalTransitionError, self.product.kehu_reopen)
        product = self._approved()
        product.write({"sale_ok": True})
        self._refused(KehuApprovalGateError, product.kehu_reopen)
        product.write({"sale_ok": False})
        with self.assertRaisesRegex(KehuApprovalFrozenError, "New Round"), self.env.cr.savepoint():
            product.write({"list_price": 6000.0})
        self._refused(AccessError, lambda: product.with_user(self.user_service).kehu_reopen())
        product.kehu_reopen("Steel is dear")
        self.assertEqual(product.kehu_approval_state, "draft")
        product.write({"list_price": 6000.0})
        self._refused(KehuApprovalGateError, lambda: product.write({"sale_ok": True}))
        product.kehu_submit()
        self.assertIn("6,000.00", product.with_user(self.user_director).kehu_approval_changes)
        self.assertIn("5,000.00", product.with_user(self.user_director).kehu_approval_changes)
        order = self.env["sale.order"].browse()
        self._refused(KehuApprovalError, order.kehu_reopen)

    def test_upon_approval(self):
        self.row.sudo().on_approved_action_id = self.env["ir.actions.server"].create(
            {
                "name": "Sell it",
                "model_id": self.row.model_id.id,
                "state": "code",
                "code": "record.write({'sale_ok': True})",
            }
        )
        self.assertTrue(self._approved().sale_ok)
        failing = self.env["product.template"].with_user(self.author).create({"name": "Fails", "list_price": 5000.0, "sale_ok": False})
        self.row.sudo().on_approved_action_id.code = "raise UserError('No space in the hall')"
        failing.kehu_submit()
        with self.assertRaisesRegex(UserError, "No space in the hall"), self.env.cr.savepoint():
            failing.with_user(self.user_director).kehu_approve()
        self.env.invalidate_all()
        self.assertEqual(failing.kehu_approval_state, "pending")

    def test_button_upon_approval(self):
        self._refused(KehuApprovalDocumentError, lambda: self.row.write({"on_approved_method": "unlink"}))
        self._refused(KehuApprovalDocumentError, lambda: self.row.write({"on_approved_method": "_kehu_close"}))
        orders = self.env["kehu.approval.document"].search([("model_id.model", "=", "sale.order")])
        self._refused(KehuApprovalDocumentError, lambda: orders.write({"on_approved_method": "action_confirm"}))
        foreign = self.env["ir.actions.server"].create({"name": "X", "model_id": self.env["ir.model"]._get_id("crm.lead"), "state": "code"})
        self._refused(KehuApprovalDocumentError, lambda: self.row.sudo().write({"on_approved_action_id": foreign.id}))

    def test_effect_is_chosen_by_the_system(self):
        """What runs with all rights is not chosen by who has not all of them, by whatever door; the rest of the row they change."""
        action = self.env["ir.actions.server"].create(
            {"name": "All rights", "model_id": self.row.model_id.id, "state": "code", "code": "record.write({'sale_ok': True})"}
        )
        self.assertFalse(self.user_crm_admin.has_group("base.group_system"))
        values = {"model_id": self.env["ir.model"]._get_id("utm.campaign"), "on_approved_method": "action_archive"}
        documents = self.env["kehu.approval.document"].with_user(self.user_crm_admin)
        for call in (
            lambda: self.row.write({"on_approved_action_id": action.id}),
            lambda: self.row.write({"on_approved_method": "open_pricelist_rules"}),
            lambda: documents.create(values),
            lambda: documents.with_context(default_on_approved_method="action_archive").create({"model_id": values["model_id"]}),
        ):
            self._refused(KehuApprovalDocumentError, call)
        admin = self.env.ref("base.user_admin")
        self.row.with_user(admin).write({"on_approved_action_id": action.id})
        self.row.write({"on_approved_action_id": action.id, "gate_domain": "[]"})
        self._refused(KehuApprovalDocumentError, lambda: self.row.write({"on_approved_action_id": False}))
        form = self.row.get_view(view_type="form")["arch"]
        self.assertRegex(form, r'<field name="on_approved_action_id"[^>]*readonly="1"')

    def test_views(self):
        form = self.product.get_view(view_type="form")["arch"]
        for text in (
            "action_kehu_submit",
            "action_kehu_approve",
            "action_kehu_forward",
            "action_kehu_add_signatory",
            "kehu_reopen",
            "kehu_approval_hint",
            "kehu_approval_timeline",
        ):
            self.assertIn(text, form)
        self.assertRegex(form, r'<field name="list_price"[^>]*kehu_approval_state')
        self.assertIn("kehu_approval_state", self.product.get_view(view_type="list")["arch"])
        self.assertIn("kehu_pending", self.product.get_view(view_type="search")["arch"])
        with Form(self.product) as record:
            record.list_price = 5100.0
        self.product.kehu_submit()
        with Form(self.product) as record, self.assertRaises(AssertionError):
            record.list_price = 1.0

    def test_switching_off_and_on_again(self):
        product = self._approved()
        self.product.kehu_reopen()
        self.product.kehu_submit()
        self._refused(KehuApprovalDocumentError, lambda: self.row.write({"active": False}))
        product.with_user(self.user_director).kehu_approve()
        self.row.active = False
        self.assertFalse(self.flow.active)
        self.assertNotIn("kehu_approval_state", self.env["product.template"]._fields)
        self.assertFalse(self.env["ir.model.fields"]._get("product.template", "kehu_approval_state"))
        product = self.env["product.template"].browse(product.id)
        product.write({"list_price": 1.0, "sale_ok": True})
        self.assertNotIn("kehu_approval", product.get_view(view_type="form")["arch"])
        self.assertIn("kehu_approval_state", sql.table_columns(self.env.cr, "product_template"))
        requests = self.env["kehu.approval.request"].search([("res_model", "=", "product.template")])
        self.assertEqual(len(requests), 2, "what was decided is kept")
        self.row.active = True
        self.env.invalidate_all()
        self.assertEqual(self.env["product.template"].browse(product.id).kehu_approval_state, "approved")

    def test_taking_it_away(self):
        """The row is deleted: nothing is left but the columns and what was decided."""
        campaigns = self._choose("utm.campaign")
        self.assertIn("kehu_request_id", self.env["ir.model.fields"]._get_ids("utm.campaign"))
        campaigns.unlink()
        self.assertNotIn("kehu_request_id", self.env["ir.model.fields"]._get_ids("utm.campaign"))
        self.assertNotIn("message_ids", self.env["ir.model.fields"]._get_ids("utm.campaign"))
        self.assertIn("kehu_request_id", sql.table_columns(self.env.cr, "utm_campaign"))

    def test_another_worker(self):
        """The registry is told to the other workers, and built from the table whoever builds it."""
        registry = self.env.registry
        registry.registry_invalidated = False
        other = self._choose("utm.campaign")
        self.assertTrue(registry.registry_invalidated)
        self.assertIn("kehu_approval_state", self.env["utm.campaign"]._fields)
        # what a worker finds that knows nothing of it yet
        self.env.cr.execute("UPDATE kehu_approval_document SET active = false WHERE id = %s", [other.id])
        registry._setup_models__(self.env.cr)
        self.assertNotIn("kehu_approval_state", self.env["utm.campaign"]._fields)
        self.env.cr.execute("UPDATE kehu_approval_document SET active = true WHERE id = %s", [other.id])
        registry._setup_models__(self.env.cr)
        self.assertIn("kehu_approval_state", self.env["utm.campaign"]._fields)
        # and one whose table lacks a column that an update brought
        self.env.cr.execute("ALTER TABLE utm_campaign DROP COLUMN kehu_request_id")
        self.patch(registry, "ready", False)
        self.env["kehu.approval.document"]._register_hook()
        self.assertIn("kehu_request_id", sql.table_columns(self.env.cr, "utm_campaign"))

    def test_rolled_back(self):
        """A refused choice leaves the registry as it was."""
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self._choose("utm.campaign")
            self.assertIn("kehu_approval_state", self.env["utm.campaign"]._fields)
            raise ZeroDivisionError
        self.env.registry._setup_models__(self.env.cr)  # what the host does after a failed request
        self.assertNotIn("kehu_approval_state", self.env["utm.campaign"]._fields)
        self.env["utm.campaign"].create({"name": "Autumn"})

    def test_what_cannot_be_chosen(self):
        for model in (
            "res.users",
            "ir.rule",
            "kehu.approval.request",
            "mail.message",
            "hr.employee",
            "base.partner.merge.automatic.wizard",
        ):
            self._refused(KehuApprovalDocumentError, lambda model=model: self._choose(model))
        for model in ("sale.report", "mail.thread", "sale.order.line", "kehu.assignment"):
            self._refused(KehuApprovalDocumentError, lambda model=model: self._choose(model))
        choosable = self.env["kehu.approval.document"]._kehu_choosable_models()
        self.assertIn("crm.lead", choosable)
        self.assertNotIn("res.users", choosable)
        self.assertNotIn("sale.order.line", choosable)
        self._refused(KehuApprovalDocumentError, lambda: self._choose("utm.campaign", gate_domain="[('nothing', '=', 1)]"))
        self._refused(KehuApprovalDocumentError, lambda: self.row.write({"gate_domain": "env.user"}))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access")
    def test_only_administrators_choose(self):
        for user in (self.user_seller, self.user_director):
            documents = self.env["kehu.approval.document"].with_user(user)
            values = {"model_id": self.env["ir.model"]._get_id("utm.campaign")}
            self._refused(AccessError, lambda documents=documents, values=values: documents.create(values))
            self._refused(AccessError, lambda user=user: self.row.with_user(user).write({"active": False}))
            self._refused(AccessError, lambda user=user: self.row.with_user(user).unlink())
        self.row.write({"bridged": False})
        self.assertTrue(self.row.bridged)

    def test_an_update_of_the_add_on(self):
        """What an update calls leaves the lists of chosen documents alone, and needs no class for them."""
        before = self.row.protected_field_ids
        self.env["kehu.approval.document"]._kehu_refresh()
        self.assertEqual(self.row.protected_field_ids, before)
        data = self.env["ir.model.data"].search(
            [("model", "=", "ir.model.fields"), ("module", "=", "kehu_crm"), ("name", "=like", "field_product_template__kehu_approval%")]
        )
        self.assertFalse(data, "no external id: the update would delete fields that it does not find again")

    def test_uninstalling(self):
        self._approved()
        # at that moment the registry does not know the mixin on these models
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_approval_document SET active = false WHERE id = %s", [self.row.id])
        self.env.registry._setup_models__(self.env.cr)
        drop_columns(self.env)
        columns = sql.table_columns(self.env.cr, "product_template")
        self.assertFalse([name for name in columns if name.startswith("kehu_approval") or name == "kehu_request_id"])
        self.env["product.template"].create({"name": "Still works"})
        self.assertIn("message_ids", self.env["ir.model.fields"]._get_ids("product.template"), "what the host's code has stays")

    def test_two_companies(self):
        """A flow of one company leaves the products of another alone; the set-up is for all."""
        other = self.env["res.company"].create({"name": "Other company"})
        self.flow.company_id = self.env.company
        product = self.env["product.template"].create({"name": "Elsewhere", "list_price": 5000.0, "company_id": other.id, "sale_ok": True})
        self.assertFalse(product.kehu_approval_required)
        self.assertTrue(product.sale_ok)
        own = {"name": "Here", "list_price": 5000.0, "company_id": self.env.company.id, "sale_ok": True}
        self._refused(KehuApprovalGateError, lambda: product.create(own))


@tagged("post_install", "-at_install")
class TestApprovalBridgeOwnModel(BridgeCommon):
    """A model that people made themselves, with lines, and without messages or activities."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        field = cls.env["ir.model.fields"]
        trip, line = cls.env["ir.model"].create([{"name": "Trip", "model": "x_trip"}, {"name": "Leg", "model": "x_trip_leg"}])
        field.create(
            [
                {"model_id": trip.id, "name": "x_amount", "ttype": "float", "field_description": "Amount"},
                {"model_id": line.id, "name": "x_km", "ttype": "float", "field_description": "Distance"},
            ]
        )
        field.create(
            {
                "model_id": line.id,
                "name": "x_trip_id",
                "ttype": "many2one",
                "relation": "x_trip",
                "field_description": "Trip",
                "on_delete": "cascade",
            }
        )
        legs = field.create(
            {
                "model_id": trip.id,
                "name": "x_leg_ids",
                "ttype": "one2many",
                "relation": "x_trip_leg",
                "relation_field": "x_trip_id",
                "field_description": "Legs",
            }
        )
        cls.env["ir.model.access"].create(
            [
                {
                    "name": model.model,
                    "model_id": model.id,
                    "group_id": cls.env.ref("base.group_user").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
                for model in trip | line
            ]
        )
        cls.row = cls._choose("x_trip", amount_field_id=field._get("x_trip", "x_amount").id)
        cls.row.line_ids = [
            Command.create({"field_id": legs.id, "protected_field_ids": [Command.set(field._get("x_trip_leg", "x_km").ids)]})
        ]
        cls.flow = cls._flow("x_trip", cls.user_director, tolerance_percent=10.0)
        cls.trip = (
            cls.env["x_trip"]
            .with_user(cls.user_seller)
            .create({"x_name": "To Chengdu", "x_amount": 900.0, "x_leg_ids": [Command.create({"x_name": "Train", "x_km": 1700.0})]})
        )

    def setUp(self):
        super().setUp()
        self.trip = self.env["x_trip"].with_user(self.user_seller).browse(self.trip.id)  # the class was made anew

    def test_own_model(self):
        trip = self.trip
        self.assertTrue(hasattr(trip, "message_ids"))
        trip.kehu_submit()
        for call in (
            lambda: trip.write({"x_amount": 1.0}),
            lambda: trip.x_leg_ids.write({"x_km": 1.0}),
            lambda: trip.sudo().write({"x_leg_ids": [Command.create({"x_name": "Taxi"})]}),
            trip.x_leg_ids.unlink,
            trip.unlink,
        ):
            self._refused(KehuApprovalFrozenError, call)
        trip.x_leg_ids.write({"x_name": "Night train"})
        trip.with_user(self.user_director).kehu_approve()
        trip.write({"x_amount": 980.0})
        self._refused(KehuApprovalFrozenError, lambda: trip.write({"x_amount": 1000.0}))
        trip.kehu_reopen()
        trip.x_leg_ids.write({"x_km": 1750.0})
        trip.kehu_submit()
        labels = [difference.label for difference in trip._kehu_differences()[trip]]
        self.assertEqual(labels, ["Amount", "Distance"])

    def test_form(self):
        arch = self.env["x_trip"].get_view(view_type="form")["arch"]
        self.assertIn("action_kehu_submit", arch)
        self.assertIn("chatter", arch)
        with Form(self.trip) as form:
            form.x_amount = 950.0
        self.assertEqual(self.trip.x_amount, 950.0)

    def test_survives_another_own_model(self):
        """The host makes the classes of all own models anew when one of them changes."""
        self.env["ir.model"].create({"name": "Another", "model": "x_another"})
        self.trip = self.env["x_trip"].with_user(self.user_seller).browse(self.trip.id)
        self.trip.kehu_submit()
        self._refused(KehuApprovalFrozenError, lambda: self.trip.write({"x_amount": 1.0}))

    def test_gate_and_lines(self):
        """What needed no approval where only approved documents may be does not grow by its lines into what does."""
        self.flow.domain = "[('x_leg_ids.x_km', '>', 5000)]"
        self.row.gate_domain = "[('x_amount', '>', 1000)]"
        self.trip.x_amount = 1500.0
        leg = self.trip.x_leg_ids
        far = self.trip.create({"x_name": "To Lisbon", "x_amount": 1.0, "x_leg_ids": [Command.create({"x_name": "Plane", "x_km": 9000.0})]})
        for call in (
            lambda: leg.write({"x_km": 6000.0}),
            lambda: leg.sudo().create({"x_name": "Ship", "x_km": 6000.0, "x_trip_id": self.trip.id}),
            lambda: far.x_leg_ids.write({"x_trip_id": self.trip.id}),
            lambda: self.trip.write({"x_leg_ids": [Command.update(leg.id, {"x_km": 6000.0})]}),
        ):
            self._refused(KehuApprovalGateError, call)
        leg.x_km = 4000.0
        self.trip.write({"x_amount": 10.0, "x_leg_ids": [Command.update(leg.id, {"x_km": 6000.0})]})
        self.trip.kehu_submit()
        self.trip.with_user(self.user_director).kehu_approve("Fine")

    def test_lines_that_cannot_be_protected(self):
        field = self.env["ir.model.fields"]._get("x_trip", "message_ids")
        self._refused(KehuApprovalDocumentError, lambda: self.row.write({"line_ids": [Command.create({"field_id": field.id})]}))

    def test_the_model_goes(self):
        self.trip.unlink()
        self.flow.unlink()
        self.env["ir.model.fields"]._get("x_trip", "x_leg_ids").unlink()
        self.assertFalse(self.row.line_ids)
        self.env["x_trip_leg"].create({"x_name": "Alone"})
        self.row.model_id.sudo().unlink()
        self.assertFalse(self.row.exists())
        self.assertNotIn("x_trip", self.env)

    def test_a_flow_needs_the_choice(self):
        self.row.unlink()
        self.assertNotIn("kehu_approval_state", self.env["x_trip"]._fields)
        self._refused(KehuApprovalFlowError, lambda: self._flow("x_trip", self.user_director))
