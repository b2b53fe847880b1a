from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, formatLang, sql

from ..approval.exceptions import KehuApprovalToleranceError
from ..approval.guard import FROZEN_STATES, open_reason
from .derived import check_not_derived

PRICE_ALERTS = [
    ("none", "Within the Limits"),
    ("floor", "Below the Floor Price"),
    ("discount", "Above a Discount Limit"),
]
JUDGE_KEY = "kehu_judged_by_user"  # in the context: who acts counts, too; it only ever makes the judgement stricter
KEPT_KEYS = ("allowed_company_ids", "lang", JUDGE_KEY)
OPEN_STATES = ("draft", "sent")
SETTING_PRICES = frozenset({"discount", "extra_tax_data", "price_unit", "product_id", "product_uom_id", "tax_ids", "technical_price_unit"})


def is_staff(user):
    """Tell whether this one user is one of us: neither the system nor a customer, who have no limits.

    :rtype: bool
    """
    return user.id != SUPERUSER_ID and user._is_internal()


class SaleOrder(models.Model):
    """What raises the level of approval: the amount, and prices below the floor or discounts above a limit."""

    _inherit = "sale.order"

    kehu_amount_company = fields.Monetary(
        string="Total in Company Currency",
        currency_field="kehu_company_currency_id",
        compute="_compute_kehu_amount_company",
        store=True,
        help="The total with taxes, converted at the rate of the day on which it is submitted, later of that on which it is confirmed. "
        "Approval flows and big-deal notices compare it.",
    )
    kehu_company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    kehu_rated_on = fields.Date(compute="_compute_kehu_rated_on", store=True, export_string_translation=False)
    kehu_price_alert = fields.Selection(
        PRICE_ALERTS,
        string="Price Alert",
        compute="_compute_kehu_price_alert",
        compute_sudo=True,
        store=True,
        index=True,
        groups="base.group_user",
        help="Whether a line is below its floor price, or else above a discount limit of its product, its category or the salesperson.",
    )
    kehu_price_alert_text = fields.Text(
        string="Prices to Look At",
        compute="_compute_kehu_price_alert_text",
        compute_sudo=True,
        groups="base.group_user",
        help="The lines that raise the level of approval, each with its limit.",
    )

    def _auto_init(self):
        """Give orders that are there already what they need in one statement, not one by one."""
        if not sql.column_exists(self.env.cr, "sale_order", "kehu_amount_company"):
            sql.create_column(self.env.cr, "sale_order", "kehu_amount_company", "numeric")
            self.env.cr.execute(SQL("UPDATE sale_order SET kehu_amount_company = amount_total / COALESCE(NULLIF(currency_rate, 0), 1)"))
        if not sql.column_exists(self.env.cr, "sale_order", "kehu_price_alert"):
            sql.create_column(self.env.cr, "sale_order", "kehu_price_alert", "varchar")
            self.env.cr.execute(SQL("UPDATE sale_order SET kehu_price_alert = 'none'"))
        if not sql.column_exists(self.env.cr, "sale_order", "kehu_rated_on"):
            sql.create_column(self.env.cr, "sale_order", "kehu_rated_on", "date")
            self.env.cr.execute(SQL("UPDATE sale_order SET kehu_rated_on = date_order::date WHERE state = 'sale'"))
        return super()._auto_init()

    @api.depends("state")
    def _compute_kehu_rated_on(self):
        """The day on which the order was confirmed. Not its date: who writes the state may set that back."""
        for order in self:
            order.kehu_rated_on = order.state == "sale" and (order.kehu_rated_on or (order.company_id or self.env.company)._kehu_today())

    @api.depends("amount_total", "currency_rate", "company_id", "kehu_rated_on")
    def _compute_kehu_amount_company(self):
        """Today's rate as long as the order is open, that of the day of its confirmation later; whatever its date says."""
        for order in self:
            company, rate = order.company_id, order.currency_rate or 1.0
            if order._kehu_is_foreign():
                rate = self.env["res.currency"]._get_conversion_rate(
                    company.currency_id, order.currency_id, company, order._kehu_rate_day()
                )
            amount = order.amount_total / (rate or 1.0)
            order.kehu_amount_company = company.currency_id.round(amount) if company else amount

    def _kehu_is_foreign(self):
        """Tell whether this one order has a currency of its own, not that of its company."""
        return bool(self.company_id and self.currency_id and self.currency_id != self.company_id.currency_id)

    def _kehu_rate_day(self):
        """The day whose rate counts for the amount and the limits of this one order: today, until it is confirmed."""
        return self.kehu_rated_on or (self.company_id or self.env.company)._kehu_today()

    def _kehu_submit(self, approver_id, comment):
        """What was drafted when another rate held is judged by that of today; and by the limit of who submits it, too."""
        self._kehu_take_rate()
        orders = self.filtered(lambda order: order.kehu_price_alert != "none" or order._kehu_has_stricter_people())
        self.env.add_to_compute(self._fields["kehu_price_alert"], orders)
        orders.with_context(**{JUDGE_KEY: True}).mapped("kehu_price_alert")
        return super()._kehu_submit(approver_id, comment)

    def write(self, vals):
        """See above; also what is confirmed without approval."""
        if vals.get("state") == "sale":
            # sudo: state only: the guard holds for every writer
            self.filtered(lambda order: order.state != "sale" and order.sudo().kehu_approval_state != "approved")._kehu_take_rate()
        result = super().write(vals)
        if vals.get("kehu_approval_state") in ("draft", "rejected"):
            # who submitted it counts no longer
            self.env.add_to_compute(self._fields["kehu_price_alert"], self.filtered(lambda order: order.kehu_price_alert != "none"))
        return result

    def _kehu_take_rate(self):
        foreign = self.filtered(lambda order: order._kehu_is_foreign())
        for name in ("kehu_amount_company", "kehu_price_alert") if foreign else ():
            self.env.add_to_compute(self._fields[name], foreign)

    @api.depends(
        "kehu_customer_id",
        "user_id",
        "currency_id",
        "fiscal_position_id",
        "order_line.display_type",
        "order_line.product_id",
        "order_line.product_no_variant_attribute_value_ids",
        "order_line.product_uom_id",
        "order_line.product_uom_qty",
        "order_line.price_unit",
        "order_line.discount",
        "order_line.tax_ids",
        "order_line.linked_line_id",
        "order_line.combo_item_id",
        "order_line.price_subtotal",
    )
    def _compute_kehu_price_alert(self):
        """Limits themselves are no dependency: a changed limit looks again at open orders only, see `_kehu_refresh_price_alert`."""
        for order in self:
            order.kehu_price_alert = order._kehu_find_alert(order._kehu_price_people())

    def _kehu_find_alert(self, people):
        """What is to be said of the prices of this one order.

        :param res.users people: whose own limits count
        :rtype: str
        """
        kinds = {breach["kind"] for breach in self._kehu_price_breaches(people)}
        return "floor" if "floor" in kinds else "discount" if kinds else "none"

    def _kehu_price_people(self):
        """Whose own discount limits count for this one order, the strictest of them: its salesperson's, without one whoever made it;
        and that of who submitted it, since otherwise one would hand it over to somebody who may give more. Not the system's.

        :rtype: res.users
        """
        self.ensure_one()
        order = self.sudo()  # sudo: sale.order, res.users - limits are judged by the system
        people = (order.user_id or order.create_uid).filtered(lambda user: user.id != SUPERUSER_ID)
        if order.kehu_approval_state in FROZEN_STATES:
            people |= order.kehu_request_id.requester_id
        elif self.env.context.get(JUDGE_KEY) and is_staff(order.env.user):
            people |= order.env.user
        return people

    def _kehu_price_authors(self):
        """Who set the prices of the lines of this one order, whose limits count where none of us acts: the customer signs or pays on the
        portal, or a job runs. Nobody who may give more has accepted them by confirming.

        :return: {line: people}; empty where somebody acts, and as soon as the order is submitted or confirmed
        :rtype: dict[sale.order.line, res.users]
        """
        self.ensure_one()
        order = self.sudo()  # sudo: sale.order, res.users - limits are judged by the system
        if order.state not in OPEN_STATES or order.kehu_approval_state in FROZEN_STATES or is_staff(order.env.user):
            return {}
        authors = {line: (line.kehu_priced_by_id or line.create_uid).filtered(is_staff) for line in order.order_line}
        # whoever takes something off the whole order gives a discount on every line
        off = order.env["res.users"].union(*(people for line, people in authors.items() if line.price_subtotal < 0))
        return {line: people | off for line, people in authors.items()}

    def _kehu_has_stricter_people(self):
        """Tell whether somebody's own limit counts for this one order because of who acts, which does not count anyhow."""
        order = self.sudo()  # sudo: sale.order, res.users - limits are judged by the system
        others = order.env.user if is_staff(order.env.user) else order.env["res.users"].union(*order._kehu_price_authors().values())
        return any(user.kehu_discount_limit for user in others - (order.user_id or order.create_uid))

    def _kehu_fitting(self, domain):
        """What nobody has approved yet is judged by the limit of whoever asks, too, as if they confirmed or submitted it now; by those of
        whoever set its prices where none of us asks."""
        limited = self.browse()
        if any(condition.field_expr == "kehu_price_alert" for condition in domain.iter_conditions()):
            # sudo: sale.order - its state decides for every reader alike
            limited = self.filtered(lambda o: o.sudo().kehu_approval_state not in FROZEN_STATES and o._kehu_has_stricter_people())
        fitting = set(super(SaleOrder, self - limited)._kehu_fitting(domain))
        for order in limited.with_context(**{JUDGE_KEY: True}):
            judged = domain.map_conditions(order.sudo()._kehu_judged_condition)  # sudo: sale.order - limits are judged by the system
            if super(SaleOrder, order)._kehu_fitting(judged):
                fitting.add(order)
        return self.filtered(lambda order: order in fitting)

    def _kehu_judged_condition(self, condition):
        """A condition on the price alert of this one order, answered with the limits of who acts; others as they are.

        :rtype: Domain
        """
        if condition.field_expr != "kehu_price_alert":
            return condition
        wanted = condition.optimize(self)
        if getattr(wanted, "operator", None) not in ("in", "not in"):
            return wanted
        alert = self._kehu_find_alert(self._kehu_price_people())
        return Domain((alert in wanted.value) == (wanted.operator == "in"))

    @api.depends("kehu_price_alert")
    @api.depends_context("lang")
    def _compute_kehu_price_alert_text(self):
        for order in self:
            breaches = order._kehu_price_breaches(order._kehu_price_people()) if order.kehu_price_alert != "none" else []
            order.kehu_price_alert_text = "\n".join(order._kehu_breach_text(breach) for breach in breaches) or False

    def _kehu_price_breaches(self, people):
        """Lines of this one order that break a limit.

        The discount of a line is the larger of the one that is typed and of how far its price lies below the sales price; lines with
        a negative amount count as a discount on all others. E.g. sales price 100, price 90, discount 10 %: net 81, discount 19 %.

        :param res.users people: whose own limits count
        :return: per breach ``kind`` (floor or discount), ``line``, ``given`` and ``limit`` (order currency per unit of the line, or
            percent), ``source`` (the product, category or user that sets the limit)
        :rtype: list[dict]
        """
        self.ensure_one()
        if not self.kehu_customer_id:
            return []
        # sales prices and taxes follow words in the context, such as a unit, that a client may send
        order = self.with_env(self.env(context={key: self.env.context[key] for key in KEPT_KEYS if key in self.env.context}))
        # lists, for `filtered` forgets the lines of other orders, which would be read one order at a time
        counted = [line for line in order.order_line if not line.display_type]  # those of down payments have quantity 0
        gained = sum(line.price_subtotal for line in counted if line.price_subtotal > 0)
        lost = sum(line.price_subtotal for line in counted if line.price_subtotal < 0)
        share = max(0.0, (gained + lost) / gained) if gained else 1.0
        digits = self.env["decimal.precision"].precision_get("Product Price")
        authors = self._kehu_price_authors() if self.env.context.get(JUDGE_KEY) else {}
        breaches = []
        for line in counted:
            if not line.product_id or line.product_uom_qty <= 0 or line.price_unit < 0:
                continue
            net = line._kehu_net_price() * share
            sales_price = line._kehu_in_line_terms(line._kehu_sales_price())
            floor, source = line._kehu_floor()
            if floor and float_compare(net, floor, precision_digits=digits) < 0:
                breaches.append({"kind": "floor", "line": line, "given": net, "limit": floor, "source": source})
            given = max(line.discount, 100 * (1 - net / sales_price) if sales_price > 0 else 0.0)
            limit, source = line._kehu_discount_limit(people | authors.get(line, people))
            if limit and float_compare(given, limit, precision_digits=2) > 0:
                breaches.append({"kind": "discount", "line": line, "given": given, "limit": limit, "source": source})
        return breaches

    @contextmanager
    def _kehu_passing(self):
        """Within a tolerance, too, nothing passes that would have needed another approval; see the mixin.

        :raises KehuApprovalToleranceError: when a price falls below its floor, or a discount rises above its limit
        :raises KehuApprovalFrozenError: when the order becomes a big deal
        """
        if open_reason(self.env):
            with super()._kehu_passing():
                yield
            return
        orders = self.sudo()  # sudo: sale.order - limits are judged by the system
        before = {order: (order._kehu_breaches_by_line(), order.kehu_is_big) for order in orders}
        with super()._kehu_passing():
            yield
            for order, (breaches, was_big) in before.items():
                for key, breach in order._kehu_breaches_by_line().items():
                    old = breaches.get(key)
                    sign = -1 if breach["kind"] == "floor" else 1
                    if not old or float_compare(sign * breach["given"], sign * old["given"], precision_digits=2) > 0:
                        raise KehuApprovalToleranceError(f"{order._kehu_breach_text(breach)} {order._kehu_new_round_text()}")
                if order.kehu_is_big and not was_big:
                    order._kehu_raise_frozen()

    def _kehu_breaches_by_line(self):
        """See :meth:`_kehu_price_breaches`, as {(kind, id of the line): breach}."""
        return {(breach["kind"], breach["line"].id): breach for breach in self._kehu_price_breaches(self._kehu_price_people())}

    def _kehu_breach_text(self, breach):
        """One breach as a sentence in the reader's language."""
        product = breach["line"].product_id.display_name
        if breach["kind"] == "floor":
            return self.env._(
                "%(product)s: %(price)s is below the floor price of %(floor)s.",
                product=product,
                price=formatLang(self.env, breach["given"], currency_obj=self.currency_id),
                floor=formatLang(self.env, breach["limit"], currency_obj=self.currency_id),
            )
        values = {
            "product": product,
            "given": formatLang(self.env, breach["given"], digits=2),
            "limit": formatLang(self.env, breach["limit"], digits=2),
            "name": breach["source"].display_name,
        }
        if breach["source"]._name == "res.users":
            return self.env._("%(product)s: a discount of %(given)s %% is above the %(limit)s %% that %(name)s may give.", **values)
        return self.env._("%(product)s: a discount of %(given)s %% is above the limit of %(limit)s %% set for “%(name)s”.", **values)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    kehu_priced_by_id = fields.Many2one(
        "res.users",
        string="Price Set By",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Who last set price, discount, product or taxes; empty: whoever made the line. Their discount limit counts when the customer "
        "signs or pays on the portal.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        check_not_derived(self, vals_list, {"kehu_priced_by_id"})
        return super().create([{**vals, "kehu_priced_by_id": False} for vals in vals_list])

    def write(self, vals):
        """Note who sets a price: the order may be another's by then."""
        check_not_derived(self, [vals], {"kehu_priced_by_id"})
        if not vals.keys().isdisjoint(SETTING_PRICES) and is_staff(self.env.user):
            vals = {**vals, "kehu_priced_by_id": self.env.uid}
        return super().write(vals)

    def _kehu_logged_values(self, names):
        """The log itself says who set a price."""
        return super()._kehu_logged_values([name for name in names if name != "kehu_priced_by_id"])

    @api.depends("extra_tax_data")
    def _compute_amount(self):
        """The host invoices by these amounts, which it forgets when they are written last; what is approved follows them at once."""
        return super()._compute_amount()

    def _kehu_net_price(self):
        """Price of one unit of this line after its discount, in the tax terms of its product; of a bundle, with all its parts."""
        self.ensure_one()
        net = self.price_unit * (1 - self.discount / 100)
        if self.product_id.type == "combo" and self.product_uom_qty > 0:
            parts = [line for line in self._get_linked_lines() if line.product_uom_qty > 0 and line._kehu_is_part()]
            net += sum(line._kehu_net_price() * line.product_uom_qty for line in parts) / self.product_uom_qty
        return net * self._kehu_tax_share()

    def _kehu_is_part(self):
        """Tell whether this line is a part of a bundle of its order: of each choice there is one for each bundle.

        Where there are more, they are sold like anything else, with limits of their own.
        """
        self.ensure_one()
        if not self.combo_item_id:
            return False
        bundle = self._get_linked_line()
        if bundle.order_id._origin != self.order_id._origin:
            return False
        choice = self.combo_item_id.combo_id
        # the host asks this when the choice is written, not when the product or the bundle is
        if self.combo_item_id.product_id != self.product_id or choice not in bundle.product_id.combo_ids:
            return False
        parts = bundle._get_linked_lines().filtered(lambda line: line.combo_item_id.combo_id == choice and line.product_uom_qty > 0)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        given = sum(line._kehu_count() for line in parts)
        return float_compare(given, bundle._kehu_count(), precision_digits=digits) <= 0

    def _kehu_count(self):
        """Quantity of this line in the unit of its product."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(self.product_uom_qty, self.product_id.uom_id, round=False, raise_if_failure=False)

    def _kehu_tax_share(self):
        """How much of the price of this line is left to us, compared with the taxes that its product has: 1, or less when they are others.

        E.g. 100 with 13 % inside, for a product whose tax comes on top: 88.5 %.
        """
        self.ensure_one()
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        if self.order_id.fiscal_position_id:
            taxes = self.order_id.fiscal_position_id.map_tax(taxes)
        if taxes == self.tax_ids and not self.extra_tax_data:
            return 1.0
        price, currency = self.price_unit * (1 - self.discount / 100), self.currency_id
        usual = price * self.product_uom_qty
        if any(tax.price_include for tax in taxes.flatten_taxes_hierarchy()):
            usual = taxes.compute_all(price, currency=currency, quantity=self.product_uom_qty, product=self.product_id)["total_excluded"]
        if not usual or not currency or currency.compare_amounts(self.price_subtotal, usual) >= 0:
            return 1.0
        return self.price_subtotal / usual

    def _kehu_sales_price(self):
        """Sales price of this line's product as kept there, with the extra prices of its attributes; 0 for a part of a bundle."""
        self.ensure_one()
        if self._kehu_is_part():
            return 0.0
        return self.product_id.lst_price + sum(self.product_no_variant_attribute_value_ids.mapped("price_extra"))

    def _kehu_floor(self):
        """Floor price of one unit of this line in the order's currency, and who sets it: the product, else the nearest category.

        :return: (price or 0.0, record)
        """
        self.ensure_one()
        product = self.product_id
        if self._kehu_is_part():
            return 0.0, product
        if product.kehu_floor_price:
            return self._kehu_in_line_terms(product.kehu_floor_price), product
        category = product.categ_id._kehu_nearest("kehu_floor_percent")
        return self._kehu_in_line_terms(self._kehu_sales_price() * category.kehu_floor_percent / 100), category

    def _kehu_discount_limit(self, people):
        """The strictest limit for a discount on this line, and who sets it: the product or else its category; or one of some people.

        :param res.users people: see `_kehu_price_people` of the order
        :return: (percent or 0.0, record)
        """
        self.ensure_one()
        product = self.product_id
        source = product if product.kehu_discount_limit else product.categ_id._kehu_nearest("kehu_discount_limit")
        limit = source.kehu_discount_limit if source else 0.0
        for person in people:
            if person.kehu_discount_limit and (not limit or person.kehu_discount_limit < limit):
                limit, source = person.kehu_discount_limit, person
        return limit, source

    def _kehu_in_line_terms(self, price):
        """A price of this line's product, kept as the sales price is, for one unit of the line, in the order's currency and tax terms."""
        self.ensure_one()
        if not price:
            return 0.0
        product, order = self.product_id.with_company(self.company_id), self.order_id
        if self.product_uom_id and self.product_uom_id != product.uom_id:
            price = product.uom_id._compute_price(price, self.product_uom_id)
        if order.fiscal_position_id:
            price = product._get_tax_included_unit_price_from_price(
                price,
                product_taxes=product.taxes_id._filter_taxes_by_company(self.company_id),
                fiscal_position=order.fiscal_position_id,
            )
        if order.currency_id and order.currency_id != product.currency_id:
            company, day = order.company_id or self.env.company, order._kehu_rate_day()
            price = product.currency_id._convert(price, order.currency_id, company, day, round=False)
        return price
