"""Who gets customers by an import hears of it once, and follows them."""

from unittest.mock import patch

from odoo.tests import tagged

from ...models.importer import kehu_import_batch_run
from .import_common import TITLES, ImportCommon


@tagged("post_install", "-at_install")
class TestImporterOwners(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template.field_ids = [(0, 0, {"title": "业务员", "field_name": "user_id"})]
        cls.template.field_ids.filtered(lambda line: line.field_name == "ref").is_key = True

    def _owned(self, codes, user):
        return [[*self._row(客户名称=f"公司{code}", 客户编码=code), user.name] for code in codes]

    def _import(self, rows, **values):
        batch = self._batch(rows, titles=[*TITLES, "业务员"], **values)
        with patch.object(kehu_import_batch_run, "IN_CALL", 0):
            batch.action_import()
        while batch.state == "running":
            batch._kehu_run_slice(limit=2)
        self.assertEqual((batch.state, batch.done_count), ("done", len(rows)), batch.problem_ids.mapped("reason"))
        return batch

    def _messages(self, user):
        found = self.env["mail.message"].search([("partner_ids", "in", user.partner_id.ids), ("subject", "like", "Yours from now on")])
        return found.sorted("id").mapped("subject")

    def test_new_customers(self):
        """One message for all slices, none to oneself; each owner follows their customers and no others."""
        mine = self._owned(["O1", "O2"], self.user_east_manager)
        batch = self._import([*self._owned(["S1", "S2", "S3"], self.user_seller), *self._owned(["D1"], self.user_seller2), *mine])
        self.assertEqual(self._messages(self.user_seller), ["Yours from now on: 3 customers"])
        self.assertEqual(len(self._messages(self.user_seller2)), 1)
        self.assertFalse(self._messages(self.user_east_manager))
        for customer in self._customers(batch):
            self.assertEqual(customer.message_partner_ids, customer.user_id.partner_id)
            self.assertTrue(customer.message_follower_ids.subtype_ids)
        batch.action_undo()
        self.assertFalse(self._customers(batch))

    def test_customers_that_change_hands(self):
        customers = [self._create_customer(self.user_seller2, name=f"公司C{n}", ref=f"C{n}") for n in range(3)]
        self._import(self._owned(["C0", "C1", "C2"], self.user_seller), mode="update")
        self.assertEqual(self._messages(self.user_seller), ["Yours from now on: 3 customers"])
        for customer in customers:
            self.assertEqual(customer.user_id, self.user_seller)
            self.assertEqual(customer.message_partner_ids & (self.user_seller | self.user_seller2).partner_id, self.user_seller.partner_id)
        self._import(self._owned(["C0", "C1"], self.user_seller), mode="update")
        self.assertEqual(len(self._messages(self.user_seller)), 1, "nothing is new to them")

    def test_stopped_and_gone_on_with(self):
        """What was there when the import was stopped is told then, the rest when it ends."""
        batch = self._batch(self._owned([f"S{n}" for n in range(5)], self.user_seller), titles=[*TITLES, "业务员"])
        with patch.object(kehu_import_batch_run, "IN_CALL", 0):
            batch.action_import()
            batch._kehu_run_slice(limit=2)
            self.assertFalse(self._messages(self.user_seller))
            batch.action_cancel()
            self.assertEqual(self._messages(self.user_seller), ["Yours from now on: 2 customers"])
            batch.action_import()
        while batch.state == "running":
            batch._kehu_run_slice(limit=2)
        self.assertEqual(self._messages(self.user_seller), [f"Yours from now on: {count} customers" for count in (2, 3)])
