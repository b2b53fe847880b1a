"""Customers, orders and contracts for the tests of the room contract."""

from datetime import date

from odoo.fields import Command

from ..common import KehuCommon


class ContractCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls._create_product(100.0)
        cls.customer = cls._create_customer(cls.user_seller, name="Hangzhou Pumps")
        cls.contact = cls._create_contact(cls.customer, name="Li Si")
        cls.other_customer = cls._create_customer(cls.user_west_seller, name="Ningbo Valves")
        cls.type_sale = cls.env.ref("kehu_crm.kehu_contract_type_sale")

    @classmethod
    def _create_contract(cls, user=None, **values):
        """A draft of the seller with Hangzhou Pumps for the year 2030, or of ``user`` with a customer of theirs."""
        user = user or cls.user_seller
        customer = cls.env["res.partner"].search([("user_id", "=", user.id), ("kehu_is_customer", "=", True)], limit=1) or cls.customer
        values = {
            "title": "Pumps for the Plant",
            "partner_id": customer.id,
            "amount": 1000.0,
            "date_from": date(2030, 1, 1),
            "date_to": date(2030, 12, 31),
            **values,
        }
        return cls.env["kehu.contract"].with_user(user).create(values)

    @classmethod
    def _restart_numbers(cls):
        """The next number of our company is the first one; numbers that other tests took are not given back by themselves."""
        cls.env.company._kehu_contract_sequences()[cls.env.company].number_next = 1

    @classmethod
    def _submit(cls, contract):
        contract.kehu_submit(cls.user_order_approver.id)
        return contract

    @classmethod
    def _approve(cls, contract):
        cls._submit(contract).with_user(cls.user_order_approver).kehu_approve()
        return contract

    @classmethod
    def _create_order(cls, quantity=10, user=None, **values):
        """A quote of ``quantity`` × 100 for Hangzhou Pumps."""
        return (
            cls.env["sale.order"]
            .with_user(user or cls.user_seller)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": quantity, "price_unit": 100.0})],
                    **values,
                }
            )
        )

    def _run_cron(self):
        """Run the job as the scheduler does; it commits, so the registry is in test mode meanwhile."""
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_contract_cron").method_direct_trigger()
        self.env.invalidate_all()
