"""The screen in a browser: by mouse and by keyboard."""

from odoo.tests import HttpCase, tagged

from .common import OrganisationCommon


@tagged("post_install", "-at_install")
class TestOrganisationTour(OrganisationCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.user_boss.password = "kehu_boss_tour"

    def _tour(self, name):
        self.start_tour("/odoo/kehu-organisation", name, login=self.user_boss.login, timeout=180)
        self.env.invalidate_all()

    def test_the_tree(self):
        self._tour("kehu_organisation")
        closed = self.env["hr.department"].with_context(active_test=False).search([("name", "=", "Nord")])
        self.assertEqual((closed.parent_id, closed.active), (self.department_office, False))
        self.assertFalse(self.user_seller2.active)

    def test_a_leaver_and_back(self):
        self._tour("kehu_organisation_leaver")
        handover = self.env["kehu.handover"].search([("user_id", "=", self.user_seller.id)])
        self.assertEqual((handover.state, handover.login_archived), ("undone", True))
        self.assertTrue(self.user_seller.active)
        self.assertEqual(self.customer.user_id, self.user_seller)
