"""The company in which every test plays.

::

    Sales (sales_manager)                       Service    Finance
    ├── East (east_manager): seller, seller2
    └── West: west_seller

    director, admin (CRM administrator), service, finance, order_approver, receipt_approver, employee (no role)

Every person is a user with an employee; `self.as_user(record, user)` looks at a record as that person.
"""

from odoo.addons.base.tests.common import BaseCommon
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

ROLES = {
    "seller": "kehu_crm.group_kehu_user",
    "seller2": "kehu_crm.group_kehu_user",
    "west_seller": "kehu_crm.group_kehu_user",
    "east_manager": "kehu_crm.group_kehu_manager",
    "sales_manager": "kehu_crm.group_kehu_manager",
    "director": "kehu_crm.group_kehu_director",
    "crm_admin": "kehu_crm.group_kehu_admin",
    "service": "kehu_crm.group_kehu_service",
    "finance": "kehu_crm.group_kehu_finance",
    "order_approver": "kehu_crm.group_kehu_order_approver",
    "receipt_approver": "kehu_crm.group_kehu_receipt_approver",
    "employee": "base.group_user",
}


class KehuCommon(BaseCommon):
    @property
    def _retry(self):
        """Only what plays in a browser may be tried again: there the machine has a say."""
        return isinstance(self, HttpCase)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        departments = cls.env["hr.department"]
        cls.department_sales = departments.create({"name": "Sales (test)"})
        cls.department_east = departments.create({"name": "East (test)", "parent_id": cls.department_sales.id})
        cls.department_west = departments.create({"name": "West (test)", "parent_id": cls.department_sales.id})
        cls.department_office = departments.create({"name": "Office (test)"})
        homes = {
            "seller": cls.department_east,
            "seller2": cls.department_east,
            "east_manager": cls.department_east,
            "west_seller": cls.department_west,
            "sales_manager": cls.department_sales,
        }
        for role, groups in ROLES.items():
            user = new_test_user(
                cls.env,
                f"kehu_{role}",
                groups=groups,
                name=role.replace("_", " ").title(),
                email=f"{role}@example.com",
                lang="en_US",  # sentences are compared in English, whatever languages the database has
            )
            cls.env["hr.employee"].create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": cls.env.company.id,
                    "department_id": homes.get(role, cls.department_office).id,
                }
            )
            setattr(cls, f"user_{role}", user)
        cls.department_east.manager_id = cls.user_east_manager.sudo().employee_id
        cls.department_sales.manager_id = cls.user_sales_manager.sudo().employee_id
        cls.level_key = cls.env["kehu.customer.level"].create({"name": "重要客户 (test)", "reminder_days": 3})
        cls.level_none = cls.env["kehu.customer.level"].create({"name": "No Rhythm (test)", "reminder_days": 0})

    @classmethod
    def _create_customer(cls, owner=None, **values):
        """A company customer; in the default pool unless ``owner`` is given."""
        values.setdefault("name", "Suzhou Science Park")
        values.setdefault("is_company", True)
        return cls.env["res.partner"].create({"kehu_is_customer": True, "user_id": owner and owner.id, **values})

    @classmethod
    def _create_contact(cls, customer, **values):
        values.setdefault("name", "Zhang San")
        return cls.env["res.partner"].create({"parent_id": customer.id, "type": "contact", **values})

    @classmethod
    def _create_product(cls, price=100.0, **values):
        values.setdefault("name", "Pump")
        return cls.env["product.product"].create(
            {"list_price": price, "type": "consu", "invoice_policy": "order", "taxes_id": [Command.clear()], **values}
        )

    @staticmethod
    def as_user(records, user):
        return records.with_user(user)
