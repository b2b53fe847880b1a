"""An owner keeps no customer past the rules of the pool: not archived, not by an exempt tag, not by another company."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.pool.exceptions import KehuOwnershipRightsError, KehuPoolError
from .policy_common import PolicyCommon


@tagged("post_install", "-at_install")
class TestPoolKeeping(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Strategic (test)"})
        cls.other_tag = cls.env["res.partner.category"].create({"name": "Fair (test)"})
        cls.pool.write({"idle_days": 30, "exempt_tag_ids": [Command.set(cls.tag.ids)]})

    def refused(self, act, *words):
        with self.assertRaises(KehuOwnershipRightsError) as caught, self.env.cr.savepoint():
            act()
        self.env.invalidate_all()
        for word in words:
            self.assertIn(word, str(caught.exception))

    # -- archiving -----------------------------------------------------------------------------------------------------

    def test_an_owner_archives_no_customer_that_would_come_back(self):
        customer = self._owned(days=10)
        own = customer.with_user(self.user_seller)
        self.refused(own.action_archive, customer.name, "Only managers archive")
        self.refused(lambda: own.write({"active": False, "phone": "+86 512 1234 5678"}))
        self.assertTrue(customer.active)
        values = {"name": "Hidden", "is_company": True, "kehu_is_customer": True, "user_id": self.user_seller.id}
        partners = self.env["res.partner"].with_user(self.user_seller)
        self.refused(lambda: partners.create({**values, "active": False}))
        self.refused(lambda: partners.with_context(default_active=False).create(values))
        contact = self._create_contact(customer)
        contact.with_user(self.user_seller).action_archive()
        self.assertFalse(contact.active, "contacts have no clock")

    def test_no_opportunity_and_no_level_opens_a_way_round(self):
        self.pool.write({"spare_opportunities": True, "exempt_level_ids": self.level_key.ids})
        worked, key = self._owned(days=10), self._owned(days=10, kehu_level_id=self.level_key.id)
        self._opportunity(worked)
        for customer in worked | key:
            self.assertFalse(customer.kehu_fall_on)
            self.refused(customer.with_user(self.user_seller).action_archive)

    def test_an_archived_contact_does_not_become_an_archived_customer(self):
        contact = self._create_contact(self._owned(), active=False, is_company=True)
        self.refused(lambda: contact.with_user(self.user_seller).write({"kehu_is_customer": True}))

    def test_managers_archive_and_so_does_everybody_without_a_clock(self):
        for user in (self.user_east_manager, self.user_director, self.user_crm_admin):
            customer = self._owned()
            customer.with_user(user).action_archive()
            self.assertFalse(customer.active)
            customer.with_user(self.user_seller).write({"phone": "+86 512 1234 5678", "active": False})  # archived already
        self.pool.manager_ids += self.user_seller
        managed = self._owned()
        managed.with_user(self.user_seller).action_archive()
        self.assertFalse(managed.active)
        self.pool.manager_ids = [Command.clear()]
        for values in ({"idle_days": 0}, {"idle_days": 30, "auto_recycle": False}):
            self.pool.write(values)
            customer = self._owned()
            customer.with_user(self.user_seller).action_archive()
            self.assertFalse(customer.active)

    # -- exempt tags ---------------------------------------------------------------------------------------------------

    def test_an_owner_puts_no_exempt_tag_on_a_customer(self):
        customer = self._owned(days=10)
        own = customer.with_user(self.user_seller)
        for command in (Command.link(self.tag.id), Command.set((self.tag | self.other_tag).ids)):
            self.refused(lambda command=command: own.write({"category_id": [command]}), customer.name, self.tag.name)
        own.category_id = self.other_tag
        self.assertEqual(customer.category_id, self.other_tag)
        customer.category_id |= self.tag
        own.write({"category_id": [Command.unlink(self.other_tag.id)]})
        self.assertEqual(customer.category_id, self.tag, "what a manager put there stays")
        own.write({"category_id": [Command.clear()]})
        self.refused(lambda: own.write({"category_id": [Command.set(self.tag.ids)]}))

    def test_no_new_customer_brings_an_exempt_tag(self):
        partners = self.env["res.partner"].with_user(self.user_seller)
        values = {"name": "Tagged", "is_company": True, "kehu_is_customer": True, "category_id": [Command.set(self.tag.ids)]}
        for owner in (self.user_seller.id, False):  # from the pool it could be claimed
            self.refused(lambda owner=owner: partners.create({**values, "user_id": owner}), "Tagged", self.tag.name)
        contact = self._create_contact(self._owned(), is_company=True)
        contact.with_user(self.user_seller).category_id = self.tag
        self.refused(lambda: contact.with_user(self.user_seller).write({"kehu_is_customer": True}))

    def test_the_side_of_the_tag_is_no_way_round(self):
        customer = self._owned(days=10)
        self.user_seller.group_ids += self.env.ref("base.group_partner_manager")
        tag, other = (self.tag | self.other_tag).with_user(self.user_seller)
        self.refused(lambda: tag.write({"partner_ids": [Command.link(customer.id)]}), customer.name, tag.name)
        other.write({"partner_ids": [Command.link(customer.id)]})
        self.assertEqual(customer.category_id, self.other_tag)
        self.refused(
            lambda: customer.with_user(self.user_seller).write({"category_id": [Command.update(tag.id, {"partner_ids": customer.ids})]})
        )
        customer.category_id |= self.tag
        tag.write({"partner_ids": [Command.link(customer.id)]})  # it has it already

    def test_managers_put_exempt_tags(self):
        for user in (self.user_east_manager, self.user_director):
            customer = self._owned(days=10)
            customer.with_user(user).category_id = self.tag
            self.assertFalse(customer.kehu_fall_on)
        elsewhere = self.env["kehu.pool"].create({"name": "Elsewhere", "idle_days": 30, "member_ids": self.user_seller.ids})
        customer = self._owned(days=10)
        self.assertEqual(customer.kehu_policy_pool_id, elsewhere)
        own = customer.with_user(self.user_seller)
        # the pool that governs it exempts no tag, yet the customer may come into one that does
        self.refused(lambda: own.write({"category_id": [Command.link(self.tag.id)]}), customer.name, self.tag.name)
        self.assertIn(self.tag, own.kehu_barred_tag_ids)
        elsewhere.manager_ids = self.user_seller
        own.category_id = self.tag

    def test_giving_back_in_the_same_write_is_no_way_round(self):
        """Given back, the customer is not owned any more, and could be claimed with the tag, or would be out of everybody's sight."""
        other = self.env["kehu.pool"].create({"name": "Elsewhere"})
        customer = self._owned(days=10)
        own = customer.with_user(self.user_seller)
        for values in ({"user_id": False}, {"kehu_pool_id": self.pool.id}, {"kehu_pool_id": other.id}):
            with self.subTest(values=values):
                self.refused(lambda values=values: own.write({**values, "category_id": [Command.link(self.tag.id)]}), self.tag.name)
                self.refused(lambda values=values: own.write({**values, "active": False}), "Only managers archive")
        self.assertOwner(customer, self.user_seller)
        own.write({"user_id": False, "category_id": [Command.link(self.other_tag.id)]})
        self.assertOwner(customer, self.env["res.users"])
        partner = self.env["res.partner"].create({"name": "Tagged before", "category_id": self.tag.ids})
        self.refused(lambda: partner.with_user(self.user_seller).write({"kehu_is_customer": True}), self.tag.name)

    def test_tags_of_customers_of_others_stay_as_they_are(self):
        """A salesperson may make tags; their list of partners is no door to customers of others."""
        waiting, strange = self._create_customer(name="Waiting"), self._owned(owner=self.user_west_seller)
        contact = self._create_contact(strange)
        (strange | contact).category_id = self.tag
        self.user_seller.group_ids += self.env.ref("base.group_partner_manager")
        tags = self.env["res.partner.category"].with_user(self.user_seller)
        tag, other = (self.tag | self.other_tag).with_user(self.user_seller)
        for partner in strange | contact:
            for act in (
                lambda partner=partner: other.write({"partner_ids": [Command.link(partner.id)]}),
                lambda partner=partner: tags.create({"name": "Mine", "partner_ids": [Command.link(partner.id)]}),
            ):
                self.env.flush_all()
                self.env.invalidate_all()
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    act()
                self.env.invalidate_all()
        for command in (Command.unlink(strange.id), Command.clear(), Command.set([])):
            tag.write({"partner_ids": [command]})  # the host takes off those alone that the person sees
            self.env.invalidate_all()
        self.assertEqual((strange | contact).category_id, self.tag)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            tag.write({"partner_ids": [Command.link(waiting.id)]})
        self.env.invalidate_all()
        manager = tag.with_user(self.user_east_manager)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            other.with_user(self.user_east_manager).write({"partner_ids": [Command.link(strange.id)]})
        self.env.invalidate_all()
        outside = self.env["res.partner"].create({"name": "Outside the CRM"})
        own = self._owned()
        other.write({"partner_ids": [Command.link(outside.id), Command.link(own.id)]})
        self.assertEqual((outside | own).category_id, self.other_tag)
        manager.write({"partner_ids": [Command.link(own.id)]})
        self.assertEqual(own.category_id, self.tag | self.other_tag)

    # -- the company ---------------------------------------------------------------------------------------------------

    def test_an_owner_moves_no_customer_to_another_company(self):
        branch = self.env["res.company"].create({"name": "Branch (test)"})
        self.env["kehu.pool"].create({"name": "Branch Pool", "company_id": branch.id, "is_default": True})
        users = self.user_seller | self.user_east_manager
        users.company_ids |= branch
        customer = self._owned(days=10, company_id=self.env.company.id)
        own = customer.with_user(self.user_seller).with_context(allowed_company_ids=(self.env.company | branch).ids)
        for company in (branch.id, False):
            self.refused(lambda company=company: own.write({"company_id": company}), customer.name)
            self.refused(lambda company=company: own.write({"company_id": company, "user_id": False}))
        own.write({"company_id": self.env.company.id, "phone": "+86 512 1234 5678"})  # as it is
        self.assertTrue(customer.kehu_fall_on)
        managed = customer.with_user(self.user_east_manager).with_context(allowed_company_ids=(self.env.company | branch).ids)
        managed.company_id = branch
        self.assertEqual(customer.company_id, branch)

    # -- trying numbers ------------------------------------------------------------------------------------------------

    def test_more_days_than_a_pool_allows_are_not_tried(self):
        action = self.pool.with_user(self.user_crm_admin).action_simulate()
        simulation = self.env[action["res_model"]].with_user(self.user_crm_admin).browse(action["res_id"])
        for name in ("horizon", "idle_days", "no_opportunity_days", "no_deal_days", "protect_days"):
            with self.subTest(name=name):
                for days in (3651, 3_000_000, 2_000_000_000):
                    simulation[name] = days
                    with self.assertRaises(KehuPoolError) as caught:
                        simulation.action_simulate()
                    self.assertIn("3650", str(caught.exception))
                simulation[name] = 3650
                self.assertTrue(simulation.action_simulate())

    # -- what the form offers ------------------------------------------------------------------------------------------

    def test_the_form_offers_what_can_be_saved(self):
        customer, waiting = self._owned(days=10), self._create_customer(name="Waiting")
        for user, moves, barred in ((self.user_seller, False, self.tag), (self.user_east_manager, True, self.tag.browse())):
            with self.subTest(user=user.name):
                seen = customer.with_user(user)
                self.assertEqual((seen.kehu_can_move_company, seen.kehu_barred_tag_ids, seen.kehu_can_change), (moves, barred, moves))
                self.assertEqual(seen.sudo().kehu_barred_tag_ids, barred)
        new = self.env["res.partner"].with_user(self.user_seller).new({"name": "New", "kehu_is_customer": True})
        self.assertEqual((new.kehu_can_move_company, new.kehu_barred_tag_ids, new.kehu_can_change), (True, self.tag.browse(), True))
        self.assertFalse(waiting.with_user(self.user_seller).kehu_barred_tag_ids)
        self.pool.write({"idle_days": 0, "exempt_tag_ids": [Command.clear()]})
        self.env.invalidate_all()
        seen = customer.with_user(self.user_seller)
        self.assertEqual((seen.kehu_barred_tag_ids, seen.kehu_can_change), (self.tag.browse(), True))
        view = self.env["res.partner"].with_user(self.user_seller).get_view(self.env.ref("kehu_crm.res_partner_view_form_kehu").id)["arch"]
        self.assertIn("kehu_barred_tag_ids", view)
