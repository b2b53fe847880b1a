"""The recipe of docs/approval.md, followed to the letter on a kind of document that exists only here."""

from odoo import fields, models
from odoo.fields import Command
from odoo.tests import tagged

from ...models.approval.exceptions import KehuApprovalError, KehuApprovalFrozenError
from .test_approval_bridge import BridgeCommon


class Lease(models.Model):
    _name = "kehu.test.lease"
    _description = "Lease"
    _module = None  # not one of the add-on's models
    _inherit = ["mail.thread", "mail.activity.mixin", "kehu.approval.mixin"]

    name = fields.Char(required=True)
    rent = fields.Float()
    signed = fields.Boolean()
    line_ids = fields.One2many("kehu.test.lease.line", "lease_id")

    def _kehu_protected_fields(self):
        return super()._kehu_protected_fields() | {"name", "rent"}

    def _kehu_submit_error(self):
        return super()._kehu_submit_error() if self.rent else "The rent is missing."

    def _kehu_on_approved(self):
        result = super()._kehu_on_approved()
        self.signed = True
        return result


class LeaseLine(models.Model):
    _name = "kehu.test.lease.line"
    _description = "Line of a Lease"
    _module = None
    _inherit = ["kehu.approval.line.mixin"]
    _kehu_document_field = "lease_id"

    lease_id = fields.Many2one("kehu.test.lease", required=True, ondelete="cascade")
    room = fields.Char()

    def _kehu_protected_line_fields(self):
        return super()._kehu_protected_line_fields() | {"room"}


@tagged("post_install", "-at_install")
class TestApprovalRecipe(BridgeCommon):
    @classmethod
    def setUpClass(cls):
        from odoo.orm.model_classes import add_to_registry  # the host has no public name for it

        super().setUpClass()
        cls.addClassCleanup(cls._forget)
        for definition in (Lease, LeaseLine):
            add_to_registry(cls.registry, definition)
        names = [Lease._name, LeaseLine._name]
        cls.registry._setup_models__(cls.env.cr)
        cls.registry.clear_cache("stable")
        cls.registry.init_models(cls.env.cr, names, {})
        cls.registry.clear_cache("stable")
        cls.env["ir.model.access"].create(
            [
                {
                    "name": name,
                    "model_id": cls.env["ir.model"]._get_id(name),
                    "group_id": cls.env.ref("base.group_user").id,
                    **dict.fromkeys(("perm_read", "perm_write", "perm_create", "perm_unlink"), True),
                }
                for name in names
            ]
        )
        cls.flow = cls._flow(Lease._name, cls.user_director)
        lease = {"name": "Hall 3", "rent": 900.0, "line_ids": [Command.create({"room": "North"})]}
        cls.lease = cls.env[Lease._name].with_user(cls.user_seller).create(lease)

    @classmethod
    def _forget(cls):
        for name in (Lease._name, LeaseLine._name):
            model = cls.registry.models.pop(name)
            for parent in model.__bases__:
                if getattr(parent, "pool", None):
                    parent._inherit_children.discard(name)

    def test_recipe(self):
        lease = self.lease
        empty = lease.copy({"rent": 0.0})
        with self.assertRaisesRegex(KehuApprovalError, "rent is missing"):
            empty.kehu_submit()
        lease.kehu_submit()
        for call in (
            lambda: lease.sudo().write({"rent": 1.0}),
            lambda: lease.line_ids.write({"room": "South"}),
            lambda: lease.write({"line_ids": [Command.create({"room": "South"})]}),
            lease.unlink,
        ):
            self._refused(KehuApprovalFrozenError, call)
        lease.with_user(self.user_director).kehu_approve()
        self.assertEqual((lease.kehu_approval_state, lease.signed), ("approved", True))
        self._refused(KehuApprovalFrozenError, lambda: lease.write({"rent": 1.0}))
        with self.assertRaisesRegex(KehuApprovalError, "start a new round"):
            lease.kehu_reopen()

    def test_row_of_the_set_up(self):
        """A document of another add-on gets its row with the next update, or when somebody adds it; its lists follow its code."""
        self.env["kehu.approval.document"]._kehu_refresh()
        row = self.env["kehu.approval.document"].search([("model_id.model", "=", Lease._name)])
        self.assertFalse(row.bridged)
        self.assertEqual(set(row.protected_field_ids.mapped("name")), {"name", "rent"})
        self.assertEqual(row.line_ids.protected_field_ids.mapped("name"), ["room"])
        row.protected_field_ids = [Command.unlink(self.env["ir.model.fields"]._get(Lease._name, "name").id)]
        self.lease.kehu_submit()
        self.lease.write({"name": "Hall 4"})
        self.assertEqual(self.lease.name, "Hall 4")
