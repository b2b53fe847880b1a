"""Who sees and who sets which target."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.target.exceptions import KehuTargetRightError
from ..common import ROLES
from .common import TargetCommon

# role -> operations on the target of the seller (East), of East, of the west seller, of Sales, of the company
TARGET = {
    "seller": ("r", "", "", "", ""),
    "seller2": ("", "", "", "", ""),
    "west_seller": ("", "", "r", "", ""),
    "east_manager": ("rwcu", "r", "", "", ""),
    "sales_manager": ("rwcu", "rwcu", "rwcu", "r", ""),
    "director": ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu"),
    "crm_admin": ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu"),
    "service": ("", "", "", "", ""),
    "finance": ("r", "r", "r", "r", "r"),
    "order_approver": ("", "", "", "", ""),
    "receipt_approver": ("", "", "", "", ""),
    "employee": ("", "", "", "", ""),
}


@tagged("post_install", "-at_install")
class TestTargetAccess(TargetCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.targets = [
            cls._create_target(cls.user_seller),
            cls._create_target(None, department_id=cls.department_east.id),
            cls._create_target(cls.user_west_seller),
            cls._create_target(None, department_id=cls.department_sales.id),
            cls._create_target(None),
        ]

    def _allowed(self, operation):
        """Try and take back; tell whether it was allowed."""
        savepoint = self.cr.savepoint()
        try:
            with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models"):
                operation()
                self.env.flush_all()
            return True
        except AccessError:
            return False
        finally:
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()

    def _operations(self, target, user):
        mine = target.with_user(user)
        values = {"user_id": target.user_id.id, "department_id": target.department_id.id, "date_from": "2030-07-01", "value": 5.0}
        tries = {
            "r": lambda: mine.read(["value", "actual", "rank", "parts_warning", "pace_needed"]),
            "w": lambda: mine.write({"value": 90.0}),
            "c": lambda: mine.create(values),
            "u": mine.unlink,
        }
        return "".join(letter for letter, operation in tries.items() if self._allowed(operation))

    def test_targets(self):
        self.assertEqual(set(TARGET), set(ROLES))
        for role, expected in TARGET.items():
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual(tuple(self._operations(target, user) for target in self.targets), expected)

    def test_nobody_sets_a_target_for_oneself(self):
        with self.assertRaisesRegex(KehuTargetRightError, "oneself"):
            self._create_target(self.user_east_manager, by=self.user_east_manager)
        with self.assertRaisesRegex(KehuTargetRightError, "sales director"):
            self._create_target(None, 5, department_id=self.department_east.id, by=self.user_east_manager)
        self._create_target(self.user_east_manager, by=self.user_sales_manager)

    def test_a_target_is_not_moved_out_of_reach_or_into_it(self):
        mine = self.targets[0].with_user(self.user_east_manager)
        for values in ({"user_id": self.user_west_seller.id}, {"user_id": self.user_east_manager.id}, {"user_id": False}):
            with self.subTest(values=values), self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                mine.write({**values, "date_from": "2030-08-01", "date_to": "2030-08-31"})
                self.env.flush_all()

    def test_nothing_of_others_shows_through(self):
        targets = self.env["kehu.target"].with_user(self.user_seller)
        self.assertEqual(targets.search([]).ids, self.targets[0].ids)
        self.assertEqual(targets.search([], order="completion desc").ids, self.targets[0].ids)
        self.assertEqual(targets.search_count([("value", ">", 0)]), 1)
        groups = targets.formatted_read_group([], ["user_id"], ["value:sum"])
        self.assertEqual([group["user_id"][0] for group in groups], self.user_seller.ids)
        self.assertFalse(targets.name_search("West"))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.targets[2].with_user(self.user_seller).read(["display_name"])

    def test_a_form_tells_no_figures_of_others(self):
        """Before a target is saved it is nobody's: whoever may make one is told what those are told who may read it."""
        self._order_on("2030-03-05")
        self._order_on("2030-03-06", customer=self.other_customer, user_id=self.user_west_seller.id)
        for month in (1, 2, 3):
            self._create_target(None, month, 100.0 * month, metric="received")
            self._create_target(self.user_west_seller, month, 100.0 * month, metric="received")
        names = ("actual", "completion", "missing", "reached", "status", "rank", "parts_gap", "parts_warning")
        spec = {name: {} for name in names}
        month = {"metric": "ordered", "date_from": "2030-03-01", "date_to": "2030-03-31", "period": "month", "value": 1.0}
        quarter = {**month, "metric": "received", "date_from": "2030-01-01", "period": "quarter"}
        company = {"company_id": self.env.company.id}
        owners = {
            "own people": (company | {"user_id": self.user_seller.id}, ("east_manager", "sales_manager", "director")),
            "other people": (company | {"user_id": self.user_west_seller.id}, ("sales_manager", "director")),
            "forged": (
                company | {"user_id": self.user_west_seller.id, "kehu_department_id": self.department_east.id},
                ("sales_manager", "director"),
            ),
            "own department": (company | {"department_id": self.department_east.id}, ("east_manager", "sales_manager", "director")),
            "other department": (company | {"department_id": self.department_west.id}, ("sales_manager", "director")),
            "company": (company, ("director",)),
        }
        for name, (owner, allowed) in owners.items():
            for role in ("east_manager", "sales_manager", "director"):
                targets = self.env["kehu.target"].with_user(getattr(self, f"user_{role}"))
                saved = self._create_target(self.user_seller, 5).with_user(targets.env.user)
                for door, form, fields_ in (("new", targets, []), ("typed", targets, list(owner)), ("saved", saved, [*month, *owner])):
                    self.env.invalidate_all()
                    told = form.onchange({"user_id": False, "department_id": False, **month, **owner}, fields_, spec)["value"]
                    with self.subTest(name, role=role, door=door):
                        self.assertEqual(bool(told.get("actual")), role in allowed)
                        self.assertEqual(told.get("completion", 0.0) > 0, role in allowed)
                        if role not in allowed:
                            self.assertNotEqual(told.get("reached"), "base")
                self.env.invalidate_all()
                if name in ("other people", "company"):
                    told = targets.onchange({"user_id": False, "department_id": False, **quarter, **owner}, [], spec)["value"]
                    with self.subTest(name, role=role, metric="received"):
                        self.assertEqual(bool(told["parts_warning"]), role in allowed)
                self.env["kehu.target"].browse(saved.id).unlink()
