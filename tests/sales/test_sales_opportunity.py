"""An opportunity with several quotes: one wins, the others are cancelled; what deleting and merging does to them."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.sales.exceptions import KehuOpportunityDeletionError, KehuOrderError, KehuOrderRightError
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesOpportunity(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._lead()
        cls.cleaner = cls.user_crm_admin  # a sales administrator of the host, who may delete opportunities

    @classmethod
    def _lead(cls, user=None, **values):
        leads = cls.env["crm.lead"].with_user(user or cls.user_seller)
        return leads.create({"name": "New wing", "type": "opportunity", "partner_id": cls.customer.id, **values})

    def _quote(self, lead=None, **values):
        return self._create_order(kehu_document="quote", opportunity_id=(lead or self.lead).id, **values)

    # ------------------------------------------------------------
    # Deletion
    # ------------------------------------------------------------

    def test_drafts_go_with_it_and_sent_ones_are_cancelled(self):
        draft, sent, cancelled, rejected = self._quote(), self._quote(), self._quote(), self._quote()
        sent.action_quotation_sent()
        cancelled.action_cancel()
        self._submit(rejected)
        rejected.with_user(self.user_order_approver).kehu_reject("No")
        told = self.lead.with_user(self.cleaner).kehu_deletion_warning()
        self.assertTrue(told["possible"])
        for name in (draft.name, sent.name, rejected.name):
            self.assertIn(name, told["text"])
        self.assertNotIn(cancelled.name, told["text"])
        self.lead.with_user(self.cleaner).unlink()
        self.assertFalse((draft | rejected).exists() or self.lead.exists())
        self.assertEqual((sent.state, cancelled.state), ("cancel", "cancel"))
        self.assertFalse((sent | cancelled).opportunity_id)
        self.assertIn("New wing", sent.message_ids[0].body)

    def test_confirmed_and_pending_orders_keep_it(self):
        draft, order = self._quote(), self._quote()
        self._submit(order)
        for step in ("pending", "confirmed"):
            with self.subTest(step):
                if step == "confirmed":
                    order.with_user(self.user_order_approver).kehu_approve()
                told = self.lead.with_user(self.cleaner).kehu_deletion_warning()
                self.assertEqual((told["possible"], order.name in told["text"]), (False, True))
                for user in (self.cleaner, self.env.user):  # the second is the superuser: no door is left
                    with self.assertRaisesRegex(KehuOpportunityDeletionError, order.name), self.env.cr.savepoint():
                        self.lead.with_user(user).unlink()
                with self.assertRaises(KehuOpportunityDeletionError), self.env.cr.savepoint():
                    (self._lead(name="Empty") | self.lead).with_user(self.cleaner).unlink()
        self.assertTrue(draft.exists() and self.lead.exists())
        # once cancelled, nothing holds it
        order.action_cancel()
        self.lead.with_user(self.cleaner).unlink()
        self.assertTrue(order.exists())

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_roles(self):
        """Salespeople have no right to delete opportunities; with that right, quotes of colleagues keep theirs alive, unnamed."""
        quote = self._quote()
        quote.sudo().user_id = self.user_west_seller
        with self.assertRaises(AccessError):
            self.lead.with_user(self.user_seller).unlink()
        with self.assertRaises(AccessError):
            self.lead.with_user(self.user_west_seller).kehu_deletion_warning()
        group = self.env["res.groups"].create({"name": "Opportunity Cleaner"})
        self.env["ir.model.access"].create(
            {
                "name": "cleaner",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "group_id": group.id,
                "perm_read": True,
                "perm_unlink": True,
            }
        )
        self.user_seller.group_ids += group
        told = self.lead.with_user(self.user_seller).kehu_deletion_warning()
        self.assertIn("colleagues", told["text"])
        self.assertNotIn(quote.sudo().name, told["text"])
        with self.assertRaisesRegex(KehuOpportunityDeletionError, "colleagues") as refusal, self.env.cr.savepoint():
            self.lead.with_user(self.user_seller).unlink()
        self.assertNotIn(quote.sudo().name, str(refusal.exception))
        own = self._lead(name="Own")
        own_quote = self._quote(own)
        own.with_user(self.user_seller).unlink()
        self.assertFalse(own.exists() or own_quote.exists())

    def test_merge_takes_all_orders_along(self):
        """Also those that the merging person does not see, and confirmed ones."""
        tail = self._lead(name="Same wing", probability=1)
        hidden, confirmed = self._quote(tail), self._quote(tail)
        hidden.sudo().user_id = self.user_west_seller
        self._approve(confirmed)
        tail = self._lead(name="Twin", probability=1) | tail
        head = (self.lead | tail).with_user(self.user_seller).merge_opportunity()
        self.assertEqual((hidden | confirmed).sudo().opportunity_id, head)
        self.assertEqual(len((self.lead | tail).exists()), 1)

    # ------------------------------------------------------------
    # One of them wins
    # ------------------------------------------------------------

    def test_the_winner_wins_and_the_salesperson_is_asked(self):
        winner, other, pending = self._quote(), self._quote(), self._quote()
        self._submit(pending)
        self.assertEqual(self.lead.won_status, "pending")
        with self.assertRaises(KehuOrderError):
            winner.kehu_cancel_other_quotes()
        self._approve(winner)
        self.assertEqual((self.lead.won_status, self.lead.probability), ("won", 100))
        self.assertEqual((other.state, winner.kehu_other_quote_count, other.kehu_other_quote_count), ("draft", 1, 0))
        activity = winner.activity_ids
        self.assertEqual((activity.user_id, len(activity)), (self.user_seller, 1))
        shown = winner.action_kehu_other_quotes()
        self.assertEqual(self.env["sale.order"].search(shown["domain"]), other)
        winner.kehu_cancel_other_quotes()
        self.assertEqual((other.state, pending.kehu_approval_state), ("cancel", "pending"))
        self.assertIn(winner.name, other.message_ids[0].body)
        self.assertFalse(winner.activity_ids)
        winner.invalidate_recordset()
        self.assertFalse(winner.kehu_other_quote_count)

    def test_the_company_may_cancel_them_at_once(self):
        self.env.company.kehu_other_quotes = "cancel"
        winner, other, pending = self._quote(), self._quote(), self._quote()
        self._submit(pending)
        self._approve(winner)
        self.assertEqual((other.state, pending.kehu_approval_state), ("cancel", "pending"))
        self.assertIn(winner.name, other.message_ids[0].body)
        self.assertFalse(winner.activity_ids)

    def test_a_lost_opportunity_is_won_by_an_order(self):
        order = self._quote()
        self.lead.action_set_lost()
        self._approve(order)
        self.assertEqual((self.lead.won_status, self.lead.active), ("won", True))

    def test_without_a_stage_for_it_nothing_is_won(self):
        stages = self.env["crm.stage"].search([("is_won", "=", True)])
        stages.is_won = False
        order = self._quote()
        self._approve(order)
        self.assertEqual((order.state, bool(self.lead.stage_id)), ("sale", True))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_others_do_not_cancel_them(self):
        winner, other = self._quote(), self._quote()
        self._approve(winner)
        for user, error in ((self.user_west_seller, AccessError), (self.user_finance, KehuOrderRightError)):
            with self.subTest(user=user.name), self.assertRaises(error), self.env.cr.savepoint():
                winner.with_user(user).kehu_cancel_other_quotes()
        other.sudo().user_id = self.user_west_seller
        winner.invalidate_recordset()
        self.assertEqual(winner.with_user(self.user_seller).kehu_other_quote_count, 0)
        winner.with_user(self.user_director).kehu_cancel_other_quotes()
        self.assertEqual(other.sudo().state, "cancel")

    def test_nobody_wins_the_opportunity_of_a_colleague(self):
        """An order that named it would win it and cancel its quotes; and a form would tell its name."""
        theirs = self._lead(self.user_seller2, name="Secret Plant", partner_id=self._create_customer(self.user_seller2).id)
        order = self._create_order()
        for attempt in (
            lambda: order.write({"opportunity_id": theirs.id}),
            lambda: self._create_order(opportunity_id=theirs.id),
            lambda: order.with_context(default_opportunity_id=theirs.id).create({"partner_id": self.customer.id}),
            lambda: order.browse().onchange({"opportunity_id": theirs.id}, ["opportunity_id"], {"opportunity_id": {}}),
            lambda: order.web_save({"opportunity_id": theirs.id}, {"opportunity_id": {"fields": {"display_name": {}}}}),
        ):
            with self.assertRaisesRegex(KehuOrderRightError, "no access to this opportunity"), self.env.cr.savepoint():
                attempt()
            self.env.invalidate_all()
        order.opportunity_id = self.lead
        self.assertEqual(order.copy().opportunity_id, self.lead)
        self.lead.sudo().user_id = self.user_seller2
        self.env.invalidate_all()
        self.assertFalse(order.copy().opportunity_id)
        order.write({"opportunity_id": self.lead.id, "client_order_ref": "4711"})
        self._approve(order)
        self.assertEqual(self.lead.sudo().won_status, "won", "what it named before it was taken over")

    def test_buttons_open_our_lists(self):
        first, second = self._quote(), self._quote()
        action = self.lead.action_view_sale_quotation()
        self.assertEqual(self.env["sale.order"].search(action["domain"]), first | second)
        self.assertEqual(action["context"]["default_opportunity_id"], self.lead.id)
        self.assertEqual(action["views"][0][0], self.env.ref("kehu_crm.sale_order_view_list_kehu_quotes").id)
        self._approve(first)
        action = self.lead.action_view_sale_order()
        self.assertEqual((action["res_id"], self.env["sale.order"].search(action["domain"])), (first.id, first))

    def test_counting_does_not_grow(self):
        """The banner of many orders asks once."""
        orders = self.env["sale.order"]
        for number in range(6):
            lead = self._lead(name=f"Wing {number}")
            order = self._quote(lead)
            self._quote(lead)
            orders |= order
        for order in orders:
            self._approve(order)

        def cost(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(records.mapped("kehu_other_quote_count")), {1})
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(cost(orders), cost(orders[:2]))
