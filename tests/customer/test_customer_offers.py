"""Screens offer what this person may do: archiving, and making customers of partners."""

from odoo.tests import HttpCase, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerOffers(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._create_customer(owner=cls.user_seller, name="Own Works")
        cls.waiting = cls._create_customer(name="Waiting Works")

    def _offers(self, user, *names, kind="list"):
        """Return whether archiving, and making a customer, are offered to that person in one of our views, or in the host's."""
        partners = self.env["res.partner"].with_user(user)
        view_id = self.env.ref(f"kehu_crm.{names[0]}").id if names else False
        # an action asks for its views together: what one of them shows, such as whether it is archived, all of them know
        form = self.env.ref("kehu_crm.res_partner_view_form_kehu").id if names else False
        got = partners.get_views([(view_id, kind), *([(form, "form")] if kind == "list" else [])], {"toolbar": True})
        make = self.env.ref("kehu_crm.res_partner_action_kehu_make_customer").id
        actions = [action["id"] for action in got["views"][kind].get("toolbar", {}).get("action", [])]
        return not got["models"]["res.partner"]["fields"]["active"]["readonly"], make in actions

    def test_views_offer_what_one_may_do(self):
        cases = {
            "seller": (True, False, True),
            "east_manager": (True, True, True),
            "director": (True, True, True),
            "crm_admin": (True, True, True),
            "service": (False, False, False),
            "finance": (False, False, False),
        }
        for role, (own, pool, makes) in cases.items():
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual([customer.with_user(user).has_access("write") for customer in (self.own, self.waiting)], [own, pool])
                self.assertEqual(self._offers(user, "res_partner_view_list_kehu"), (own, False))
                self.assertEqual(self._offers(user, "res_partner_view_form_kehu", kind="form"), (own, False))
                self.assertEqual(self._offers(user, "res_partner_view_list_kehu_contact"), (own, makes))
                self.assertEqual(self._offers(user, "res_partner_view_list_kehu_pool"), (pool, False))
                # the host's address book stays as it is
                self.assertEqual(self._offers(user)[1], makes)
                self.assertEqual(self._offers(user, kind="form"), (True, makes))
        self.waiting.kehu_pool_id.manager_ids = self.user_seller
        self.assertEqual(self._offers(self.user_seller, "res_partner_view_list_kehu_pool"), (True, False))

    def test_the_card_knows_whether_it_can_be_changed(self):
        for role, own, waiting in (
            ("seller", True, False),
            ("seller2", False, False),
            ("east_manager", True, True),
            ("director", True, True),
            ("service", False, False),
        ):
            both = (self.own | self.waiting).with_user(getattr(self, f"user_{role}"))
            with self.subTest(role=role):
                self.env.invalidate_all()
                self.assertEqual(both.mapped("kehu_can_change"), [own, waiting])
                self.assertEqual(both.sudo().mapped("kehu_can_change"), [own, waiting])
        self.assertTrue(self.env["res.partner"].with_user(self.user_seller).new({"name": "New"}).kehu_can_change)

    def test_archiving_is_offered_on_the_card_of_an_own_customer_alone(self):
        self.user_seller.password = self.user_seller.login
        for customer, offered in ((self.own, True), (self.waiting, False)):
            with self.subTest(customer=customer.name):
                self.start_tour(
                    f"/odoo/kehu-customers/{customer.id}",
                    "kehu_card_archive_offered" if offered else "kehu_card_archive_hidden",
                    login=self.user_seller.login,
                    timeout=240,
                )
        self.assertTrue(self.own.active and self.waiting.active)
