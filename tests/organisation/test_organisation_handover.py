"""Somebody leaves: who gets what, what stays, what comes back."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ...models.organisation.exceptions import KehuHandoverError, KehuOrganisationRightsError
from ...models.system.exceptions import KehuEngineOnlyError
from .common import OrganisationCommon


@tagged("post_install", "-at_install")
class TestOrganisationHandover(OrganisationCommon):
    def test_everything_goes_to_the_successor(self):
        things = self._fill()
        handover = self._hand_over(successor=self.user_seller2, archive_login=True, archive_people=True)
        self.assertFalse(handover.line_ids.filtered(lambda line: line.state == "kept").mapped("reason"))
        self.assertEqual(self.customer.user_id, self.user_seller2)
        self.assertEqual(self.contact.user_id, self.user_seller2)
        for kind, record in things.items():
            if kind != "private":
                self.assertEqual(record.sudo().user_id, self.user_seller2, kind)
        self.assertEqual(things["private"].sudo().user_id, self.user_seller, "a private appointment is nobody else's")
        self.assertFalse(self.user_seller.active)
        self.assertFalse(self.user_seller.with_context(active_test=False).employee_ids.filtered("active"))
        self.assertEqual(set(handover.line_ids.mapped("kind")), {"customer", *things} - {"private"})
        last = self.env["kehu.assignment"].search([("partner_id", "=", self.customer.id)], order="id desc", limit=1)
        self.assertEqual((last.kind, last.author_id), ("transfer", self.user_boss))

    def test_everything_comes_back(self):
        things = self._fill()
        handover = self._hand_over(successor=self.user_seller2, archive_login=True, archive_people=True)
        handover.action_undo()
        self.assertEqual(handover.line_ids.filtered(lambda line: line.state != "undone").mapped("reason"), [])
        self.assertEqual(handover.state, "undone")
        self.assertTrue(self.user_seller.active)
        self.assertTrue(self.user_seller.employee_ids.active)
        for record in (self.customer, *things.values()):
            self.assertEqual(record.sudo().user_id, self.user_seller)
        with self.assertRaises(KehuHandoverError):
            handover.action_undo()

    def test_what_was_changed_since_stays(self):
        things = self._fill()
        handover = self._hand_over(successor=self.user_seller2)
        things["opportunity"].with_user(self.user_seller2).name = "Bigger Deal"
        things["receipt"].with_user(self.user_seller2).unlink()
        self.customer.with_user(self.user_east_manager).kehu_transfer(self.user_east_manager.id, "Mine")
        self.env.flush_all()
        handover.action_undo()
        left = {line.kind: line.reason for line in handover.line_ids if line.state == "left"}
        self.assertEqual(set(left), {"opportunity", "receipt", "customer"} | (set(left) & {"activity"}))
        self.assertIn(self.user_seller2.name, left["opportunity"])
        self.assertIn("does not exist", left["receipt"])
        self.assertIn(self.user_east_manager.name, left["customer"])
        self.assertEqual(self.customer.user_id, self.user_east_manager)
        self.assertEqual(things["opportunity"].user_id, self.user_seller2)
        self.assertEqual(things["order"].user_id, self.user_seller)
        self.assertEqual(handover.state, "part")

    def test_without_a_successor_customers_go_into_the_pool(self):
        things = self._fill()
        self.customer.with_user(self.user_seller).kehu_next_contact = fields.Date.add(fields.Date.today(), days=5)
        handover = self._hand_over()
        self.assertFalse(self.customer.user_id)
        self.assertTrue(self.customer.kehu_pool_id)
        self.assertEqual(things["order"].user_id, self.user_seller)
        kept = handover.line_ids.filtered(lambda line: line.kind == "order")
        self.assertEqual(kept.state, "kept")
        handover.action_undo()
        self.assertEqual(self.customer.user_id, self.user_seller)
        self.assertEqual(self.customer.kehu_next_contact, fields.Date.add(fields.Date.today(), days=5))

    def test_a_customer_claimed_since_is_not_taken_away(self):
        handover = self._hand_over()
        self.customer.with_user(self.user_west_seller).kehu_claim()
        handover.action_undo()
        self.assertEqual(self.customer.user_id, self.user_west_seller)
        self.assertIn(self.user_west_seller.name, handover.line_ids.filtered(lambda line: line.kind == "customer").reason)

    def test_who_cannot_get_a_customer_is_told_and_the_pool_takes_it(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        stranger = new_test_user(
            self.env, "kehu_stranger", groups="kehu_crm.group_kehu_user", company_id=foreign.id, company_ids=[Command.set(foreign.ids)]
        )
        self.customer.company_id = self.env.company
        boss = self.user_boss
        boss.company_ids |= foreign
        start = self.env["kehu.handover.start"].with_user(boss).with_context(allowed_company_ids=[self.env.company.id, foreign.id])
        start = start.create({"user_id": self.user_seller.id, "successor_id": stranger.id, "archive_login": True})
        row = start.line_ids.filtered(lambda line: line.kind == "customer")
        self.assertIn("fall into the pool: 1", row.outcome)
        start.action_apply()
        self.assertTrue(self.customer.kehu_pool_id)

    def test_the_last_day_and_the_day_after(self):
        handover = self._hand_over(successor=self.user_seller2)
        later = handover.date + timedelta(days=7, seconds=1)
        with patch.object(fields.Datetime, "now", return_value=later):
            handover.invalidate_recordset()
            self.assertFalse(handover.can_undo)
            with self.assertRaises(KehuHandoverError):
                handover.action_undo()
        with patch.object(fields.Datetime, "now", return_value=later - timedelta(seconds=1)):
            handover.invalidate_recordset()
            handover.action_undo()
        self.assertEqual(self.customer.user_id, self.user_seller)

    def test_approvals_go_to_the_successor(self):
        group = self.env.ref("kehu_crm.group_kehu_order_approver")
        second = new_test_user(self.env, "kehu_second_approver", groups="kehu_crm.group_kehu_order_approver", name="Second")
        flows = self.env["kehu.approval.flow"].with_context(active_test=False).search([("model_id.model", "=", "sale.order")])
        flows.active = True
        named = self.env["kehu.approval.flow"].create(
            {
                "name": "Named",
                "model_id": self.env["ir.model"]._get_id("kehu.contract"),
                "step_ids": [Command.create({"name": "One", "kind": "users", "user_ids": [Command.set(self.user_order_approver.ids)]})],
            }
        )
        order = self.env["sale.order"].with_user(self.user_seller)
        order = order.create(
            {
                "partner_id": self.customer.id,
                "kehu_document": "order",
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        order.kehu_submit(self.user_order_approver.id)
        request = order.sudo().kehu_request_id
        self.assertEqual(request.decider_ids, self.user_order_approver)
        handover = self._hand_over(user=self.user_order_approver, successor=second, archive_login=True)
        self.assertEqual(request.decider_ids, second)
        self.assertEqual(named.step_ids.user_ids, second)
        self.assertEqual(set(handover.line_ids.mapped("kind")), {"request", "step"})
        self.assertIn(second, group.all_user_ids)
        handover.action_undo()
        self.assertEqual(handover.line_ids.mapped("state"), ["undone"] * 2, handover.line_ids.mapped("reason"))
        self.assertEqual(request.decider_ids, self.user_order_approver)
        self.assertEqual(named.step_ids.user_ids, self.user_order_approver)

    def test_what_the_successor_decided_stays_decided(self):
        second = new_test_user(self.env, "kehu_second_approver", groups="kehu_crm.group_kehu_order_approver", name="Second")
        flows = self.env["kehu.approval.flow"].with_context(active_test=False).search([("model_id.model", "=", "sale.order")])
        flows.active = True
        order = self.env["sale.order"].with_user(self.user_seller)
        order = order.create(
            {
                "partner_id": self.customer.id,
                "kehu_document": "order",
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        order.kehu_submit(self.user_order_approver.id)
        handover = self._hand_over(user=self.user_order_approver, successor=second)
        order.with_user(second).kehu_approve()
        handover.action_undo()
        self.assertEqual(handover.state, "part")
        self.assertEqual(order.kehu_approval_state, "approved")

    def test_a_step_to_come_is_handed_over(self):
        second = new_test_user(self.env, "kehu_second_approver", groups="kehu_crm.group_kehu_order_approver", name="Second")
        self.env["kehu.approval.flow"].search([("model_id.model", "=", "kehu.contract")]).active = False
        people = (self.user_director, self.user_order_approver)
        self.env["kehu.approval.flow"].create(
            {
                "name": "Two Steps",
                "model_id": self.env["ir.model"]._get_id("kehu.contract"),
                "step_ids": [
                    Command.create({"name": user.name, "sequence": place, "kind": "users", "user_ids": [Command.set(user.ids)]})
                    for place, user in enumerate(people)
                ],
            }
        )
        contract = self.env["kehu.contract"].with_user(self.user_seller).create({"title": "Pumps", "partner_id": self.customer.id})
        contract.kehu_submit()
        request = contract.sudo().kehu_request_id
        self.assertEqual(request.decider_ids, self.user_director)
        handover = self._hand_over(user=self.user_order_approver, successor=second, archive_login=True)
        self.assertEqual(set(handover.line_ids.mapped("state")), {"moved"})
        self.assertEqual(request.decider_ids, self.user_director)
        contract.with_user(self.user_director).kehu_approve()
        self.assertEqual(request.decider_ids, second)
        handover.action_undo()
        left = handover.line_ids.filtered(lambda line: line.state == "left")
        self.assertEqual(left.kind, "request")
        self.assertIn(self.user_director.name, left.reason)

    # -- attacks ---------------------------------------------------------------------------------------------------------

    def test_nobody_else_calls_it(self):
        handover = self._hand_over(successor=self.user_seller2)
        for user in (self.user_seller, self.user_sales_manager, self.user_director, self.user_finance, self.user_employee):
            with self.assertRaises(AccessError):
                self.env["kehu.handover.start"].with_user(user).create({"user_id": self.user_seller2.id})
            with self.assertRaises(AccessError):
                handover.with_user(user).action_undo()
            with self.assertRaises(AccessError):
                handover.with_user(user).read(["state"])
            with self.assertRaises(KehuOrganisationRightsError):
                self.env["kehu.organisation"].with_user(user).get_tree()
        with self.assertRaises(AccessError):
            handover.write({"state": "undone"})
        with self.assertRaises(KehuEngineOnlyError):
            handover.sudo().write({"state": "undone"})
        with self.assertRaises(KehuEngineOnlyError):
            handover.sudo().with_context(kehu_engine_handover=True).line_ids.unlink()

    def test_an_administrator_without_the_hosts_rights_archives_nobody(self):
        with self.assertRaises(KehuHandoverError):
            self._hand_over(successor=self.user_seller2, actor=self.user_crm_admin, archive_login=True)
        with self.assertRaises(KehuHandoverError):
            self._hand_over(successor=self.user_seller2, actor=self.user_crm_admin, archive_people=True)
        self._hand_over(successor=self.user_seller2, actor=self.user_crm_admin)
        self.assertEqual(self.customer.user_id, self.user_seller2)
        self.assertTrue(self.user_seller.active)

    def test_nobody_names_what_they_may_not_see(self):
        foreign = self.env["res.company"].create({"name": "Foreign"})
        pool = self.env["kehu.pool"].create({"name": "Foreign Pool", "company_id": foreign.id})
        stranger = new_test_user(
            self.env, "kehu_unseen", groups="kehu_crm.group_kehu_user", company_id=foreign.id, company_ids=[Command.set(foreign.ids)]
        )
        with self.assertRaises(AccessError):
            self._hand_over(pool_id=pool.id)
        with self.assertRaises(KehuHandoverError):
            self._hand_over(successor=stranger)
        with self.assertRaises(AccessError):
            closing = self.env["kehu.department.closing"].with_user(self.user_boss)
            closing.create({"department_id": self.department_east.id, "pool_id": pool.id}).action_apply()
        self.assertEqual(self.customer.user_id, self.user_seller)

    def test_plans_of_customers_go_with_them(self):
        self.customer.with_user(self.user_seller).kehu_next_contact = fields.Date.add(fields.Date.today(), days=5)
        self.env["kehu.contact.record"].with_user(self.user_seller).create(
            {
                "partner_id": self.customer.id,
                "content": "Talked",
                "next_contact": fields.Date.add(fields.Date.today(), days=3),
                "plan": "Call again",
                "add_to_schedule": True,
            }
        )
        self._fill()
        start = self.env["kehu.handover.start"].with_user(self.user_boss).create({"user_id": self.user_seller.id})
        rows = {line.kind: line.outcome for line in start.line_ids}
        self.assertEqual(rows["plan"], f"Go with their customers: 1.\nStay with {self.user_seller.name}: 1.")
        self.assertIn("Planned contacts that are removed: 1", rows["customer"])
        handover = self.env["kehu.handover"].with_user(self.user_boss).browse(start.action_apply()["res_id"])
        gone = handover.line_ids.filtered(lambda line: line.kind == "plan" and line.state == "moved")
        self.assertIn("Removed", gone.reason)
        handover.action_undo()
        self.assertEqual(gone.state, "left")
        self.assertEqual(self.customer.user_id, self.user_seller)
        self.assertEqual(self.customer.kehu_next_contact, fields.Date.add(fields.Date.today(), days=3))

    def test_what_came_since_goes_along(self):
        start = self.env["kehu.handover.start"].with_user(self.user_boss)
        start = start.create({"user_id": self.user_seller.id, "successor_id": self.user_seller2.id, "archive_login": True})
        order = self._create_order(confirm=False)
        start.action_apply()
        self.assertEqual(order.user_id, self.user_seller2)

    def test_what_goes_with_the_login_is_told(self):
        activity = self.customer.activity_schedule("mail.mail_activity_data_call", user_id=self.user_sales_manager.id)
        handover = self._hand_over(user=self.user_sales_manager, archive_login=True)
        self.assertFalse(activity.exists())
        self.assertEqual(handover.line_ids.reason, "Removed with the login.")
        handover.action_undo()
        self.assertEqual((handover.state, handover.line_ids.reason), ("part", "Removed with the login."))

    def test_who_was_managed_is_managed_again(self):
        boss, employee = self.user_east_manager.employee_ids, self.user_seller.employee_ids
        employee.parent_id = boss
        handover = self._hand_over(user=self.user_east_manager, successor=self.user_seller2, archive_login=True, archive_people=True)
        self.assertFalse(employee.parent_id)
        handover.action_undo()
        self.assertEqual(employee.parent_id, boss)

    def test_nobody_archives_themselves_or_the_program(self):
        with self.assertRaises(KehuHandoverError):
            self._hand_over(user=self.user_boss, successor=self.user_seller2, archive_login=True)
        with self.assertRaises(KehuHandoverError):
            self._hand_over(user=self.env.ref("base.user_root"), successor=self.user_seller2)
        with self.assertRaises(KehuHandoverError):
            self._hand_over(successor=self.user_seller)

    def test_another_company_is_neither_touched_nor_told(self):
        foreign = self.env["res.company"].create({"name": "Secret Company"})
        self.user_seller.company_ids |= foreign
        hidden = self._create_customer(self.user_seller, name="Hidden Client", company_id=foreign.id)
        order = self.env["crm.lead"].create({"name": "Hidden Deal", "user_id": self.user_seller.id, "company_id": foreign.id})
        start = self.env["kehu.handover.start"].with_user(self.user_boss)
        start = start.create({"user_id": self.user_seller.id, "successor_id": self.user_seller2.id})
        words = " ".join(filter(None, [start.login_note, start.notes, *start.line_ids.mapped("names"), *start.line_ids.mapped("outcome")]))
        self.assertNotIn("Secret", words)
        self.assertNotIn("Hidden", words)
        self.assertIn("another company", start.login_note)
        with self.assertRaises(KehuHandoverError):
            start.archive_login = True
            start.action_apply()
        start.archive_login = False
        start.action_apply()
        self.assertEqual((hidden.user_id, order.user_id), (self.user_seller, self.user_seller))
        self.assertEqual(self.customer.user_id, self.user_seller2)
        # somebody of another company alone is not even known
        outsider = new_test_user(
            self.env, "kehu_outsider", groups="kehu_crm.group_kehu_user", company_id=foreign.id, company_ids=[Command.set(foreign.ids)]
        )
        with self.assertRaises(UserError):
            self._hand_over(user=outsider, successor=self.user_seller2)
        # and a handover of that company is not seen from ours
        self.user_boss2.company_ids |= foreign
        both = self.env["kehu.handover.start"].with_user(self.user_boss2)
        both = both.with_context(allowed_company_ids=[foreign.id])
        action = both.create({"user_id": self.user_seller.id}).action_apply()
        self.assertFalse(self.env["kehu.handover"].with_user(self.user_boss).search([("id", "=", action["res_id"])]))

    def test_two_administrators(self):
        """Whoever comes second finds nothing left, and gives back only what is theirs."""
        self._fill()
        first = self._hand_over(successor=self.user_seller2)
        second = self.env["kehu.handover.start"].with_user(self.user_boss2).create({"user_id": self.user_seller.id})
        self.assertEqual(second.line_ids.mapped("kind"), [])
        with self.assertRaises(KehuHandoverError):
            second.action_apply()
        first.action_undo()
        with self.assertRaises(KehuHandoverError):
            first.with_user(self.user_boss2).action_undo()

    def test_an_archived_person_leaves_too(self):
        """Whoever was archived by hand may still hold documents."""
        order = self._create_order(confirm=False)
        self.user_seller.action_archive()
        self._hand_over(successor=self.user_seller2)
        self.assertEqual(order.user_id, self.user_seller2)

    def test_the_dialog(self):
        self._fill()
        form = Form(self.env["kehu.handover.start"].with_user(self.user_boss))
        form.user_id = self.user_seller
        form.successor_id = self.user_seller2
        start = form.save()
        rows = {line.kind: line for line in start.line_ids}
        self.assertEqual(rows["customer"].count, 1)
        self.assertIn("Hangzhou Pumps", rows["customer"].names)
        self.assertEqual(rows["customer"].outcome, f"Go to {self.user_seller2.name}: 1.\nContacts that go along: 1.")
        self.assertIn("Pumps", rows["contract"].names)
        with Form(start) as form, form.line_ids.edit(0) as row:
            self.assertEqual(row.kind, "customer")
            row.successor_id = self.user_west_seller
        start.action_apply()
        self.assertEqual(self.customer.user_id, self.user_west_seller)

    def test_the_queries_do_not_grow(self):
        def measure(number):
            person = new_test_user(self.env, f"kehu_measured_{number}", groups="kehu_crm.group_kehu_user", name=f"Measured {number}")
            self.env["res.partner"].create(
                [{"name": f"Measured {number} {place}", "kehu_is_customer": True, "user_id": person.id} for place in range(number)]
            )
            self.env["crm.lead"].create([{"name": f"Deal {place}", "type": "opportunity", "user_id": person.id} for place in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env["kehu.handover.start"].with_user(self.user_boss)
            before = self.env.cr.sql_log_count
            start.create({"user_id": person.id, "successor_id": self.user_seller2.id}).action_apply()
            return self.env.cr.sql_log_count - before

        measure(2)
        few, many = measure(3), measure(30)
        # the host looks for the sales team of each opportunity by two queries
        self.assertLess(many - few, 27 * 2 + 10, f"{few} queries for 3, {many} for 30")
