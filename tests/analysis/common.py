"""Orders of everybody, for the analyses."""

from datetime import datetime

from odoo.fields import Command

from ..common import KehuCommon


class AnalysisCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kehu.approval.flow"].search([]).active = False  # orders are confirmed without approval here
        cls.states = cls.env["res.country.state"].search([("country_id.code", "=", "CN")], limit=3)
        cls.categories = cls.env["product.category"].create([{"name": "Pumps (test)"}, {"name": "Valves (test)"}])
        cls.products = cls.env["product.product"].concat(
            *(
                cls._create_product(price, name=name, categ_id=category.id, standard_price=price / 2)
                for name, price, category in (
                    ("Analysis Pump", 100.0, cls.categories[0]),
                    ("Analysis Pump 2", 33.33, cls.categories[0]),
                    ("Analysis Valve", 7.77, cls.categories[1]),
                )
            )
        )
        cls.levels = cls.level_key | cls.level_none
        owners = (cls.user_seller, cls.user_seller2, cls.user_west_seller, cls.user_east_manager, cls.user_director)
        cls.customers = cls.env["res.partner"].concat(
            *(
                cls._create_customer(
                    owner, name=f"Analysis {number}", state_id=cls.states[number % 3].id, kehu_level_id=cls.levels[number % 2].id
                )
                for number, owner in enumerate(owners)
            )
        )

    @classmethod
    def _order(cls, customer, when, lines, user=None, confirm=True, **values):
        """An order of a customer, by its owner unless ``user`` is given.

        :param when: day as text, confirmed at noon, Chinese time
        :param lines: (product, quantity, price)
        """
        order = cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": customer.user_id.id if user is None else user and user.id,
                "order_line": [
                    Command.create(
                        {"product_id": product.id, "product_uom_qty": quantity, "price_unit": price, "tax_ids": [Command.clear()]}
                    )
                    for product, quantity, price in lines
                ],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
            order.date_order = datetime.fromisoformat(f"{when} 04:00:00")
        return order
