"""How a workbench is arranged: by each person, or by the administrator for a role."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.workbench.exceptions import KehuWorkbenchLayoutError, KehuWorkbenchLockedError, KehuWorkbenchRightsError
from .common import WorkbenchCommon


@tagged("post_install", "-at_install")
class TestWorkbenchLayout(WorkbenchCommon):
    def names(self, user):
        return [panel["name"] for panel in self._workbench(user).get_layout()["panels"]]

    def role(self, name):
        return self.env.ref(f"kehu_crm.group_kehu_{name}").id

    def test_saved_and_read_again(self):
        workbench = self._workbench(self.user_seller)
        layout = [{"name": "targets", "size": 2}, {"name": "contacts", "size": 1}]
        answer = workbench.save_layout(layout)
        self.assertEqual((answer["panels"], answer["custom"]), (layout, True))
        self.assertEqual(workbench.save_layout(workbench.get_layout())["panels"], layout, "what it gave it takes")
        self.assertFalse(self._workbench(self.user_seller2).get_layout()["custom"])

    def test_empty_is_a_layout_too(self):
        self.assertEqual(self._workbench(self.user_seller).save_layout([])["panels"], [])

    def test_back_to_the_default(self):
        workbench = self._workbench(self.user_seller)
        default = workbench.get_layout()
        workbench.save_layout([{"name": "targets"}])
        self.assertEqual(workbench.save_layout(False), default)

    def test_cleaned(self):
        answer = self._workbench(self.user_order_approver).save_layout(
            [
                {"name": "nonsense", "size": 1},
                {"name": "contacts", "size": 1},
                {"name": "applications", "size": 99},
                {"name": "applications", "size": 1},
                {"name": "schedule", "size": -5},
                {"name": "orders_to_approve", "size": "wide"},
                {"name": "receipts_to_approve", "size": 2.7, "extra": "<script>"},
                {"name": "others_to_approve", "size": float("nan")},
            ]
        )
        self.assertEqual(
            answer["panels"],
            [
                {"name": "applications", "size": 3},
                {"name": "schedule", "size": 1},
                {"name": "orders_to_approve", "size": 1},
                {"name": "receipts_to_approve", "size": 2},
                {"name": "others_to_approve", "size": 1},
            ],
        )

    def test_what_is_no_layout(self):
        for layout in ("contacts", 7, True, [1], ["contacts"], [{"size": 1}], [{"name": 3}], {"panels": "x"}, {}):
            with self.subTest(layout=layout), self.assertRaises(KehuWorkbenchLayoutError):
                self._workbench(self.user_seller).save_layout(layout)

    def test_who_leads_sees_the_team_first(self):
        for user in (self.user_east_manager, self.user_director):
            names = [panel["name"] for panel in self._workbench(user).get_layout()["panels"]]
            with self.subTest(user=user.name):
                self.assertEqual(names[:3], ["team", "ranking", "deals"])
        names = [panel["name"] for panel in self._workbench(self.user_seller).get_layout()["panels"]]
        self.assertEqual(names[0], "schedule")
        self.assertFalse({"team", "ranking", "deals"} & set(names))

    def test_default_of_a_role(self):
        admin = self._workbench(self.user_crm_admin)
        self.assertEqual(
            {role["id"] for role in admin.get_layout()["roles"]} & {self.role("user"), self.role("finance")},
            {self.role("user"), self.role("finance")},
        )
        admin.save_default(self.role("user"), [{"name": "falling", "size": 3}, {"name": "contacts", "size": 1}])
        self.assertEqual(self.names(self.user_seller), ["falling", "contacts"])
        self.assertNotEqual(self.names(self.user_finance), ["falling", "contacts"])
        self._workbench(self.user_seller).save_layout([{"name": "targets"}])
        self.assertEqual(self.names(self.user_seller), ["targets"], "one's own goes first")
        self._workbench(self.user_seller).save_layout(None)
        self.assertEqual(self.names(self.user_seller), ["falling", "contacts"])
        admin.save_default(self.role("user"), False)
        self.assertGreater(len(self.names(self.user_seller)), 4)

    def test_locked(self):
        self._workbench(self.user_seller).save_layout([{"name": "targets"}])
        admin = self._workbench(self.user_crm_admin)
        admin.save_default(self.role("user"), [{"name": "falling", "size": 1}], True)
        answer = self._workbench(self.user_seller).get_layout()
        self.assertEqual((answer["locked"], [panel["name"] for panel in answer["panels"]]), (True, ["falling"]))
        for layout in ([{"name": "targets"}], False):
            with self.assertRaises(KehuWorkbenchLockedError):
                self._workbench(self.user_seller).save_layout(layout)
        self.assertEqual(list(self._workbench(self.user_seller).get_panels([])), ["falling"])
        admin.save_default(self.role("user"), [{"name": "falling", "size": 1}], False)
        self.assertEqual(self.names(self.user_seller), ["targets"], "what was put aside is back")

    def test_the_narrowest_role_counts(self):
        """Directors are salespeople too; and an administrator locks nobody out of arranging, least of all themselves."""
        admin = self._workbench(self.user_crm_admin)
        admin.save_default(self.role("user"), [{"name": "falling", "size": 1}], True)
        admin.save_default(self.role("director"), [{"name": "targets", "size": 1}])
        self.assertEqual(self.names(self.user_director), ["targets"])
        self.assertEqual(self.names(self.user_seller), ["falling"])
        self.assertFalse(admin.get_layout()["locked"])
        self.assertTrue(self._workbench(self.user_seller).get_layout()["locked"])
        admin.save_layout([{"name": "targets"}])

    def test_a_role_is_shown_only_what_it_may_see(self):
        self._workbench(self.user_crm_admin).save_default(self.role("finance"), [{"name": "contacts"}, {"name": "receivables"}])
        self.assertEqual(self.names(self.user_finance), ["receivables"])

    def test_only_administrators_arrange_for_others(self):
        for user in (self.user_seller, self.user_director, self.user_finance, self.user_employee):
            with self.subTest(user=user.name), self.assertRaises(KehuWorkbenchRightsError):
                self._workbench(user).save_default(self.role("user"), [])
        self.assertEqual(self._workbench(self.user_director).get_layout()["roles"], [])
        for role in (self.env.ref("base.group_system").id, 0, "x", None):
            with self.subTest(role=role), self.assertRaises(KehuWorkbenchLayoutError):
                self._workbench(self.user_crm_admin).save_default(role, [])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_layouts_of_others(self):
        self._workbench(self.user_seller).save_layout([{"name": "targets"}])
        layouts = self.env["kehu.workbench.layout"]
        own = layouts.search([("user_id", "=", self.user_seller.id)])
        self.assertEqual(layouts.with_user(self.user_seller).search([]), own)
        for user in (self.user_seller2, self.user_director, self.user_crm_admin):
            self.assertNotIn(own, layouts.with_user(user).search([]))
            with self.assertRaises(AccessError):
                own.with_user(user).read(["panels"])
        for call in (
            lambda: own.with_user(self.user_seller).write({"panels": []}),
            lambda: own.with_user(self.user_seller).unlink(),
            lambda: layouts.with_user(self.user_seller).create({"group_id": self.role("user"), "panels": []}),
            lambda: layouts.with_user(self.user_crm_admin).create({"user_id": self.user_seller2.id, "panels": []}),
            lambda: own.with_user(self.user_crm_admin).write({"panels": []}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_what_is_stored_can_be_shown(self):
        admin = self.env["kehu.workbench.layout"].with_user(self.user_crm_admin)
        for panels in ({"x": 1}, [{"name": "nonsense", "size": 1}], [{"name": "contacts", "size": 9}], "contacts"):
            with self.subTest(panels=panels), self.assertRaises(KehuWorkbenchLayoutError):
                admin.create({"group_id": self.role("user"), "panels": panels})
        layout = admin.create({"group_id": self.role("user"), "panels": [{"name": "contacts", "size": 2}, {"name": "targets", "size": 1}]})
        self.assertEqual(layout.summary, "Customers to Contact, My Targets")

    def test_home(self):
        """Whoever has a role finds the workbench, unless they chose something else."""
        action = self.env.ref("kehu_crm.kehu_workbench_action")
        other = self.env.ref("kehu_crm.kehu_customer_action")
        self.assertFalse(self.user_seller.action_id, "nothing is written on users")
        for user, expected in ((self.user_seller, action.id), (self.user_finance, action.id), (self.user_employee, False)):
            with self.subTest(user=user.name):
                self.assertEqual(self._home(user), expected)
        self.user_seller.action_id = other.id
        self.assertEqual(self._home(self.user_seller), other.id)

    def _home(self, user):
        return self.env["ir.http"].with_user(user)._kehu_home(user.action_id.id)
