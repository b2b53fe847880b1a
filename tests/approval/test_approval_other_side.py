"""What changes a document under approval from elsewhere: from the records it names, by defaults, by a merge, by its files."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.approval.exceptions import (
    KehuApprovalFrozenError,
    KehuApprovalGateError,
    KehuApprovalMergeError,
    KehuApprovalNamedError,
)
from ...models.approval.guard import change_openly
from ..receivable.common import ReceivableCommon
from .common import ApprovalCommon
from .test_approval_bridge import BridgeCommon


@tagged("post_install", "-at_install")
class TestApprovalOtherSide(BridgeCommon):
    """Products with tags: tags name products, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.row = cls._choose("product.template")
        cls._flow("product.template", cls.user_director)
        cls.author = cls.user_crm_admin
        cls.author.group_ids = [Command.link(cls.env.ref("product.group_product_manager").id)]
        cls.kept, cls.other = cls.env["product.tag"].create([{"name": "Kept"}, {"name": "Other"}])
        cls.product = (
            cls.env["product.template"].with_user(cls.author).create({"name": "Press", "product_tag_ids": [Command.set(cls.kept.ids)]})
        )

    def _doors(self, user):
        tags, product = self.env["product.tag"].with_user(user), self.product.id
        kept, other = self.kept.with_user(user), self.other.with_user(user)
        return (
            lambda: other.write({"product_template_ids": [Command.link(product)]}),
            lambda: other.write({"product_template_ids": [product]}),
            lambda: kept.write({"product_template_ids": [Command.unlink(product)]}),
            lambda: kept.write({"product_template_ids": False}),
            lambda: kept.web_save({"product_template_ids": [Command.clear()]}, {}),
            lambda: tags.create({"name": "New", "product_template_ids": [Command.set([product])]}),
            lambda: tags.with_context(default_product_template_ids=[product]).create({"name": "New"}),
            kept.copy,
            lambda: kept.with_context(kehu_open_change="Because", kehu_engine_approval=True).write({"product_template_ids": False}),
        )

    def test_doors(self):
        self.assertIn("product_tag_ids", self.row.protected_field_ids.mapped("name"))
        self.product.kehu_submit()
        for state in ("pending", "approved"):
            self.assertEqual(self.product.kehu_approval_state, state)
            for user in (self.author, self.env.ref("base.user_root")):
                for number, call in enumerate(self._doors(user)):
                    with self.subTest(state=state, user=user.login, door=number):
                        if number == 7 and not self.kept._fields["product_template_ids"].copy:
                            continue
                        self._refused(KehuApprovalFrozenError, call)
            self.assertEqual(self.product.product_tag_ids, self.kept)
            self.kept.write({"product_template_ids": [Command.link(self.product.id)], "name": f"Kept {state}"})
            if state == "pending":
                self.product.with_user(self.user_director).kehu_approve()

    def test_drafts_and_other_fields_are_free(self):
        self.other.product_template_ids = [Command.link(self.product.id)]
        self.assertEqual(self.product.product_tag_ids, self.kept | self.other)
        self.row.protected_field_ids = [Command.unlink(self.env["ir.model.fields"]._get("product.template", "product_tag_ids").id)]
        self.product.kehu_submit()
        self.other.product_template_ids = [Command.clear()]
        self.assertEqual(self.product.product_tag_ids, self.kept)

    def test_openly(self):
        """Code that says so changes it, and the document keeps what changed."""
        self.product.kehu_submit()
        change_openly(self.other, "Tags of the new year").write({"product_template_ids": [Command.link(self.product.id)]})
        self.assertEqual(self.product.product_tag_ids, self.kept | self.other)
        decision = self.product.sudo().kehu_request_id.decision_ids[-1]
        self.assertEqual(decision.result, "changed")
        self.assertIn("Tags of the new year", decision.comment)
        self.product.with_user(self.user_director).kehu_approve()
        self.assertEqual(self.product.kehu_approval_state, "approved")

    def test_what_was_seen_is_approved(self):
        """By SQL, past every guard: the decision compares what the approver was shown, links included."""
        self.product.kehu_submit()
        self.env.flush_all()
        field = self.product._fields["product_tag_ids"]
        self.env.cr.execute(
            f"INSERT INTO {field.relation} ({field.column1}, {field.column2}) VALUES (%s, %s)", [self.product.id, self.other.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(KehuApprovalFrozenError, "Tags"), self.env.cr.savepoint():
            self.product.with_user(self.user_director).kehu_approve()
        self.env.invalidate_all()
        self.assertEqual(self.product.kehu_approval_state, "pending")

    def test_archived_while_it_waits(self):
        """What the document names stays named: archiving that is no change of the document, linking another one is."""
        tax, other = self.env["account.tax"].create([{"name": "Old", "amount": 3.0}, {"name": "Older", "amount": 2.0}])
        other.active = False
        product = self.product.sudo()
        product.taxes_id = tax | other
        self.product.kehu_submit()
        tax.active = False
        self.env.flush_all()
        field = product._fields["taxes_id"]
        self.env.cr.execute(f"DELETE FROM {field.relation} WHERE {field.column2} = %s", [other.id])
        self.env.invalidate_all()
        with self.assertRaisesRegex(KehuApprovalFrozenError, "Taxes"), self.env.cr.savepoint():
            self.product.with_user(self.user_director).kehu_approve()
        self.env.cr.execute(f"INSERT INTO {field.relation} ({field.column1}, {field.column2}) VALUES (%s, %s)", [self.product.id, other.id])
        self.env.invalidate_all()
        self.product.with_user(self.user_director).kehu_approve()
        self.assertEqual(self.product.kehu_approval_state, "approved")
        self.assertFalse(self.product._kehu_differences())

    def test_cost(self):
        """Records that no document names from the other side are written without a further question."""
        self.env["kehu.approval.document"]._kehu_inverse()
        partner = self.env["res.partner"].create({"name": "Nobody"})
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertFalse(partner._kehu_watched())


@tagged("post_install", "-at_install")
class TestApprovalDefaults(BridgeCommon):
    """Lines find their document by a default of the context, or are named by a partner that is merged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.row = cls._choose("product.template")
        field = cls.env["ir.model.fields"]
        lines = field._get("product.template", "seller_ids")
        protected = field._get("product.supplierinfo", "price") | field._get("product.supplierinfo", "partner_id")
        cls.row.line_ids = [Command.create({"field_id": lines.id, "protected_field_ids": [Command.set(protected.ids)]})]
        cls._flow("product.template", cls.user_director, domain="[('seller_ids.price', '>', 100)]")
        cls.vendor, cls.twin = cls.env["res.partner"].create([{"name": "Mill"}, {"name": "Mill Ltd."}])
        cls.product = cls.env["product.template"].create({"name": "Press", "sale_ok": True})

    def _offer(self, price, **context):
        return self.env["product.supplierinfo"].with_context(**context).create({"partner_id": self.vendor.id, "price": price})

    def test_gate(self):
        self.row.gate_domain = "[('sale_ok', '=', True)]"
        here = {"default_product_tmpl_id": self.product.id}
        self._refused(KehuApprovalGateError, lambda: self._offer(500.0, **here))
        self.env["ir.default"].set("product.supplierinfo", "product_tmpl_id", self.product.id)
        self._refused(KehuApprovalGateError, lambda: self._offer(500.0))
        self._refused(KehuApprovalGateError, lambda: self._offer(500.0, default_product_id=self.product.product_variant_id.id))
        self.assertEqual(self._offer(50.0, **here).product_tmpl_id, self.product)

    def test_frozen(self):
        self._offer(500.0, default_product_tmpl_id=self.product.id)
        self.product.kehu_submit()
        for step in ("pending", "approved"):
            with self.subTest(step):
                self._refused(KehuApprovalFrozenError, lambda: self._offer(600.0, default_product_tmpl_id=self.product.id))
            self.product.with_user(self.user_director).kehu_approve() if step == "pending" else None
        lines = change_openly(self.env["product.supplierinfo"], "A second mill").with_context(default_product_tmpl_id=self.product.id)
        lines.create({"partner_id": self.vendor.id, "price": 50.0})
        self.assertEqual(self.product.sudo().kehu_request_id.decision_ids[-1].result, "changed")

    def test_merge(self):
        """A line names the partner that disappears: not while its document waits; afterwards it is the same partner, and no change."""
        self._offer(500.0, default_product_tmpl_id=self.product.id)
        self.product.kehu_submit()
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        with self.assertRaisesRegex(KehuApprovalMergeError, "Mill"), self.env.cr.savepoint():
            merge._merge((self.vendor | self.twin).ids, self.twin)
        self.env.invalidate_all()
        self.product.with_user(self.user_director).kehu_approve()
        merge._merge((self.vendor | self.twin).ids, self.twin)
        self.env.invalidate_all()
        self.assertEqual(self.product.seller_ids.partner_id, self.twin)
        self.assertFalse(self.product._kehu_differences(), "nobody changed the product")


@tagged("post_install", "-at_install")
class TestApprovalOtherSideOrder(ApprovalCommon):
    def test_line_by_default(self):
        self._submit()
        lines = self.env["sale.order.line"].with_user(self.user_seller).with_context(default_order_id=self.order.id)
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            lines.create({"product_id": self.product.id})

    def test_merged_customer_of_an_approved_order(self):
        twin = self._create_customer(self.user_seller, name="Twin Ltd.")
        order = self._approve(self._create_order(partner_id=twin.id))
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((self.customer | twin).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual(order.partner_id, self.customer)
        self.assertFalse(order._kehu_differences())

    def test_parts_of_a_set(self):
        """A combo has no archive: while the order waits the sentence does not send people there; later the choice may go."""
        part = self._create_product(10.0, name="Part")
        combo = self.env["product.combo"].create({"name": "Part", "combo_item_ids": [Command.create({"product_id": part.id})]})
        bundle = self._create_product(120.0, name="Set", type="combo", combo_ids=[Command.set(combo.ids)])
        order = self._create_order(order_line=[Command.create({"product_id": bundle.id})])
        head = order.order_line
        order.write(
            {
                "order_line": [
                    Command.create({"product_id": part.id, "linked_line_id": head.id, "combo_item_id": combo.combo_item_ids.id}),
                ]
            }
        )
        item = order.sudo().order_line.combo_item_id
        self.assertTrue(item)
        self._submit(order)
        with self.assertRaises(KehuApprovalNamedError) as caught, self.env.cr.savepoint():
            item.unlink()
        self.assertNotIn("Archive", str(caught.exception))
        self.assertIn(order.name, str(caught.exception))
        self.env.invalidate_all()
        order.with_user(self.user_order_approver).kehu_approve()
        combo.write({"combo_item_ids": [Command.create({"product_id": self.product.id}), Command.delete(item.id)]})
        self.assertFalse(item.exists())
        self.assertFalse(order._kehu_differences())

    def test_files(self):
        """What hung on the document when it was submitted stays while it waits; further files may come and go."""
        values = {"name": "Offer.pdf", "raw": b"one", "res_model": "sale.order", "res_id": self.order.id}
        files = self.env["ir.attachment"].with_user(self.user_seller)
        kept = files.create(values)
        self._submit()
        later = files.create({**values, "name": "Later.pdf"})
        # all within one second, in which the clock of the submission says less than that of the file
        self.env.flush_all()
        submitted = self.order.sudo().kehu_request_id.date_submitted
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = %s::timestamp + interval '0.5 seconds' WHERE id = %s", [submitted, kept.id]
        )
        self.env.cr.execute("UPDATE ir_attachment SET create_date = %s WHERE id = %s", [submitted, later.id])
        self.env.invalidate_all()
        for name, call in {
            "content": lambda: kept.write({"raw": b"two"}),
            "data": lambda: kept.write({"datas": base64.b64encode(b"two")}),
            "link": lambda: kept.write({"type": "url", "url": "https://example.com"}),
            "away": lambda: kept.write({"res_id": self._create_order().id}),
            "off": lambda: kept.write({"res_model": False, "res_id": 0}),
            "gone": kept.unlink,
            "superuser": kept.sudo().unlink,
        }.items():
            with self.subTest(name), self.assertRaisesRegex(KehuApprovalFrozenError, "Offer.pdf"), self.env.cr.savepoint():
                call()
            self.env.invalidate_all()
        later.write({"raw": b"three"})
        later.unlink()
        self.order.kehu_withdraw()
        renewed = files.create({**values, "name": "Second.pdf"})
        self._submit()
        with self.assertRaisesRegex(KehuApprovalFrozenError, "Second.pdf"), self.env.cr.savepoint():
            renewed.unlink()
        self.order.kehu_withdraw()
        (kept | renewed).unlink()

    def test_files_of_many(self):
        """Each request keeps those of its own document, and a scan of the order that is a field of it is no such file."""
        orders = self.order | self._create_order()
        values = {"raw": b"one", "res_model": "sale.order"}
        files = self.env["ir.attachment"].create(
            [{**values, "name": f"{number}.pdf", "res_id": order.id} for number, order in enumerate(orders)]
        )
        self._submit(orders)
        self.assertEqual([order.sudo().kehu_request_id.file_ids for order in orders], list(files))
        for user in (self.user_seller, self.user_order_approver, self.user_crm_admin):
            with self.assertRaises(AccessError):
                self.order.kehu_request_id.with_user(user).read(["file_ids"])


@tagged("post_install", "-at_install")
class TestApprovalBankSlip(ReceivableCommon):
    def test_bank_slip(self):
        """It proves the receipt while it waits and once it is posted; what was forgotten may be added."""
        receipt = self._create_receipt(100.0)
        values = {"name": "Slip.png", "raw": b"slip", "res_model": "kehu.receipt", "res_id": receipt.id}
        slip = self.env["ir.attachment"].with_user(self.user_seller).create(values)
        receipt.kehu_submit(self.user_receipt_approver.id)
        for state in ("pending", "approved"):
            self.assertEqual(receipt.kehu_approval_state, state)
            for user in (self.user_seller, self.user_receipt_approver, self.env.ref("base.user_root")):
                for call in (lambda user=user: slip.with_user(user).write({"raw": b"x"}), slip.with_user(user).unlink):
                    with self.subTest(state, user=user.login), self.assertRaises(UserError):
                        with self.env.cr.savepoint():
                            call()
                    self.env.invalidate_all()
            slip.copy({"name": "More.png"})
            if state == "pending":
                receipt.with_user(self.user_receipt_approver).kehu_approve()
        self.assertEqual(slip.raw, b"slip")


@tagged("post_install", "-at_install")
class TestApprovalCaches(ApprovalCommon):
    """What the registry keeps of the set-up."""

    def _names(self, flow):
        return [step.name for step in flow._kehu_steps_of(flow.id, "en_US")]

    def test_a_step_is_read_while_it_is_made(self):
        """Whatever reads the flow before the step is there must not be what is kept."""
        flow = self.env.ref("kehu_crm.kehu_approval_flow_order")
        steps = self.env["kehu.approval.step"]
        role = self.env.ref("kehu_crm.group_kehu_order_approver")
        before = self._names(flow)
        default_get, check_access = type(steps).default_get, type(steps).check_access

        def reading_default_get(step, names):
            self._names(flow)
            return default_get(step, names)

        def reading_check_access(step, operation):
            self._names(flow)
            return check_access(step, operation)

        self.patch(type(steps), "default_get", reading_default_get)
        self.patch(type(steps), "check_access", reading_check_access)
        step = steps.create({"flow_id": flow.id, "name": "Extra", "sequence": 99, "group_id": role.id})
        self.assertEqual(self._names(flow), [*before, "Extra"])
        step.write({"name": "Other", "minimum": 3})
        self.assertEqual(self._names(flow), [*before, "Other"])

    def test_again_at_the_commit(self):
        """Another thread of the process reads, and keeps, the old rows until the transaction is committed."""
        documents = self.env["kehu.approval.document"]
        flow = self.env.ref("kehu_crm.kehu_approval_flow_order")
        self.env.cr.postcommit.clear()
        flow.name = "Changed"
        flow.step_ids[0].name = "Changed as well"
        self.env.flush_all()
        lookup = documents._kehu_all_lists.__cache__
        lookup.add_value(documents, cache_value={"sale.order": "old"})
        self.assertEqual(documents._kehu_lists("sale.order"), "old")
        self.assertEqual(len(self.env.cr.postcommit), 1, "once for all changes")
        self.env.cr.postcommit.run()
        self.assertNotEqual(documents._kehu_lists("sale.order"), "old")

    def test_a_savepoint_that_is_rolled_back(self):
        documents = self.env["kehu.approval.document"]
        row = documents.search([("model_id.model", "=", "sale.order")])
        self.env.cr.postcommit.clear()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            row.protected_field_ids = [Command.clear()]
            self.assertFalse(documents._kehu_lists("sale.order").approved)
            raise ZeroDivisionError
        self.env.cr.postcommit.run()
        self.assertTrue(documents._kehu_lists("sale.order").approved)

    def test_all_kinds_are_read_together(self):
        """Every write asks; a host's own test counts the queries of the first one of a process."""
        documents = self.env["kehu.approval.document"]
        names = documents.search([]).mapped("model_id.model")
        self.assertGreater(len(names), 3)
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        documents._kehu_lists(names[0])
        with self.assertQueryCount(0):
            for name in names:
                self.assertTrue(documents._kehu_lists(name))
            self.assertIsNone(documents._kehu_lists("res.partner"))
