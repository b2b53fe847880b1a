import base64
import math

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, float_compare

from ..system.engine import as_engine, is_engine, is_record_id, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_days, check_types
from .derived import without_defaults
from .exceptions import KehuShipmentDateError, KehuShipmentError, KehuShipmentQuantityError
from .kehu_shipment import ENGINE

RECEIPT = ("kehu_received_by", "kehu_received_on", "kehu_received_signature")
READERS = "kehu_crm.group_kehu_user,kehu_crm.group_kehu_finance,kehu_crm.group_kehu_order_approver"


class SaleOrder(models.Model):
    """Shipping and signing for a confirmed order.

    Without the host's inventory, shipments of ours set the delivered quantities, the host's own manual way; with it, its transfers do, and
    only the signature is ours.
    """

    _inherit = "sale.order"

    kehu_shipment_ids = fields.One2many("kehu.shipment", "order_id", string="Shipments", copy=False, groups=READERS)
    kehu_delivery_state = fields.Selection(
        [("none", "Not Shipped"), ("partial", "Partly Shipped"), ("delivered", "Shipped"), ("signed", "Signed For")],
        string="Delivery",
        compute="_compute_kehu_delivery_state",
        store=True,
        index=True,
        help="How much of the ordered goods has left, and whether the customer has signed for all of it. Empty: there are no goods.",
    )
    kehu_to_sign = fields.Boolean(
        string="To Sign",
        compute="_compute_kehu_delivery_state",
        store=True,
        index=True,
        help="Goods have left that the customer has not signed for.",
    )
    kehu_received_by = fields.Char(string="Received by", copy=False, readonly=True, help="Who signed last for goods of this order.")
    kehu_received_on = fields.Date(string="Received on", copy=False, readonly=True)
    kehu_received_signature = fields.Image(
        string="Receipt Signature", copy=False, readonly=True, attachment=True, max_width=1024, max_height=1024
    )
    kehu_can_ship = fields.Boolean(compute="_compute_kehu_can_ship", help="You may record a shipment of this order, and something is left.")
    kehu_can_sign = fields.Boolean(compute="_compute_kehu_can_ship", help="You may record that the customer signed.")

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends(
        "state",
        "kehu_received_on",
        "kehu_shipment_ids.state",
        "order_line.display_type",
        "order_line.is_downpayment",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "order_line.qty_delivered",
    )
    def _compute_kehu_delivery_state(self):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for order in self:
            goods = order.order_line.filtered(lambda line: line._kehu_is_goods())
            complete = all(not line._kehu_quantity_to_ship() for line in goods)
            begun = any(float_compare(line.qty_delivered, 0.0, precision_digits=digits) > 0 for line in goods)
            on_the_way = any(shipment.state == "shipped" for shipment in order.kehu_shipment_ids)
            if not goods:
                state = False
            elif not begun:
                state = "none"
            elif not complete:
                state = "partial"
            elif order.kehu_received_on and not on_the_way:
                state = "signed"
            else:
                state = "delivered"
            order.kehu_delivery_state = state
            order.kehu_to_sign = order.state == "sale" and (on_the_way or state == "delivered")

    @api.depends("state", "order_line.qty_delivered", "order_line.product_uom_qty", "kehu_to_sign", "user_id")
    @api.depends_context("uid")
    def _compute_kehu_can_ship(self):
        for order in self:
            may = order.state == "sale" and order._origin._kehu_may_ship()
            order.kehu_can_ship = may and bool(order._kehu_lines_to_ship())
            order.kehu_can_sign = may and order.kehu_to_sign

    def _kehu_lines_to_ship(self):
        """Lines of these orders of which our shipments may still take something."""
        return self.order_line.filtered(lambda line: line._kehu_is_shipped_by_hand() and line._kehu_quantity_to_ship())

    # ------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_receipt(vals)
        return super(SaleOrder, without_defaults(self, set(RECEIPT))).create(vals_list)

    def write(self, vals):
        self._kehu_check_receipt(vals)
        if vals.get("state") in ("cancel", "draft", "sent"):
            self._kehu_check_goods_out()
        if "partner_id" in vals:
            self.filtered(lambda order: order.partner_id.id != vals["partner_id"])._kehu_check_goods_kept()
        return super().write(vals)

    def _kehu_check_goods_out(self):
        """Refuse to take back an order whose goods are out; managers do it when the goods have come back.

        :raises KehuShipmentError: naming the order and its first shipment
        """
        confirmed = self.filtered(lambda order: order.state == "sale")
        if self.env.su or self.env.user.has_group("kehu_crm.group_kehu_manager"):
            return
        # sudo: kehu.shipment - whether goods are out, also for those who see no shipments
        shipped = confirmed.sudo().kehu_shipment_ids.filtered(lambda shipment: shipment.state != "cancelled")
        if shipped:
            raise KehuShipmentError(
                self.env._(
                    "Goods of “%(order)s” have left with shipment %(shipment)s. Cancel the shipment if it was recorded by mistake; when "
                    "goods came back, a manager cancels the order.",
                    order=shipped[0].order_id.with_env(self.env).display_name,
                    shipment=shipped[0].name,
                )
            )

    def _kehu_check_goods_kept(self):
        """Refuse to make an order with shipments, taken back by a manager, one of somebody or something else: its history would lie.

        :raises KehuShipmentError: naming the order and its first shipment
        """
        # sudo: kehu.shipment - whether goods are out, also for those who see no shipments
        shipped = self.sudo().kehu_shipment_ids.filtered(lambda shipment: shipment.state != "cancelled")
        if shipped:
            raise KehuShipmentError(
                self.env._(
                    "Goods of “%(order)s” have left with shipment %(shipment)s, so it keeps its customer and what its lines sold. Copy "
                    "the order for another sale.",
                    order=shipped[0].order_id.with_env(self.env).display_name,
                    shipment=shipped[0].name,
                )
            )

    def _kehu_check_file(self, name):
        """The customer's signature for the goods is a file of its own, and nobody puts one there either."""
        if name in RECEIPT:
            self._kehu_check_receipt({name: True})
        return super()._kehu_check_file(name)

    def _kehu_check_receipt(self, vals):
        """:raises KehuEngineOnlyError: for a receipt by the customer that was not signed for"""
        names = {name for name in RECEIPT if vals.get(name)} if not self else set(RECEIPT) & vals.keys()
        if names and not is_engine(self.env, ENGINE):
            raise KehuEngineOnlyError(
                self.env._(
                    "“%(field)s” is written when the customer signs for the goods. Use “Record Receipt” on the order.",
                    field=self._fields[min(names)]._description_string(self.env),
                )
            )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_shipped(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.shipment - whether there are any, also for those who see none
        shipped = self.sudo().kehu_shipment_ids.order_id.with_env(self.env)
        if shipped:
            raise KehuShipmentError(
                self.env._(
                    "“%(order)s” has shipments, whose history is kept. Cancel the order instead of deleting it.",
                    order=shipped[0].display_name,
                )
            )

    def _kehu_may_ship(self):
        """Tell whether the user records shipments and receipts of this one order: who may change it and is in its owner's line."""
        return self.has_access("write") and self._kehu_is_in_line()

    def _kehu_check_may_ship(self):
        """:raises AccessError: unless the user may record shipments and receipts of all of these orders"""
        self.check_access("write")
        self._kehu_check_line()

    def _kehu_check_shippable(self):
        """:raises KehuShipmentError: for an order that is not confirmed"""
        for order in self:
            if order.state != "sale":
                raise KehuShipmentError(
                    self.env._("“%(order)s” is not confirmed: goods leave for confirmed orders only.", order=order.display_name)
                )

    def _kehu_lock_fulfilment(self):
        """Let two who ship or sign for the same order come one after the other; the second one sees what the first has done."""
        if self.ids:
            self.env.cr.execute(SQL("SELECT id FROM sale_order WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", tuple(self.ids)))
            # rewritten: whoever cannot see what the first has done is refused by PostgreSQL, and the host runs the request again
            self.env.cr.execute(SQL("UPDATE sale_order SET write_date = write_date WHERE id IN %s", tuple(self.ids)))
            self.order_line.invalidate_recordset(["qty_delivered"])

    def _kehu_read_date(self, value, earliest=None):
        """A day on which something has happened, by default today.

        :raises KehuShipmentDateError: for a day to come, one before ``earliest`` or anybody's business, and what is no day
        """
        today = fields.Date.context_today(self)
        try:
            # the customer's clock may be behind that of the warehouse
            day = fields.Date.to_date(value) if value else max(today, earliest or today)
        except (ValueError, TypeError):
            raise KehuShipmentDateError(self.env._("“%(value)s” is not a date.", value=value)) from None
        check_days(self.env["kehu.shipment"], {"date": day}, KehuShipmentDateError, names=("date",))
        if value and day > today:
            raise KehuShipmentDateError(
                self.env._("%(date)s is still to come. Record what has happened, on the day it happened.", date=fields.Date.to_string(day))
            )
        if earliest and day < earliest:
            raise KehuShipmentDateError(
                self.env._(
                    "The goods left on %(shipped)s and cannot have been received before, on %(received)s.",
                    shipped=fields.Date.to_string(earliest),
                    received=fields.Date.to_string(day),
                )
            )
        return day

    # ------------------------------------------------------------
    # Shipping
    # ------------------------------------------------------------

    def action_kehu_ship(self):
        """Open the dialog in which a shipment of this order is recorded, with all that is left."""
        self.ensure_one()
        self._kehu_check_may_ship()
        self._kehu_check_shippable()
        lines = self._kehu_lines_to_ship()
        if not lines:
            raise KehuShipmentError(self._kehu_nothing_to_ship_text())
        dialog = self.env["kehu.shipment.ship"].create(
            {
                "order_id": self.id,
                "line_ids": [Command.create({"order_line_id": line.id, "quantity": line._kehu_quantity_to_ship()}) for line in lines],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ship"),
            "res_model": dialog._name,
            "res_id": dialog.id,
            "view_mode": "form",
            "target": "new",
        }

    def _kehu_nothing_to_ship_text(self):
        if any(line._kehu_is_goods() and not line._kehu_is_shipped_by_hand() for line in self.order_line):
            return self.env._("“%(order)s” is delivered by the inventory: validate its transfers.", order=self.display_name)
        return self.env._("Nothing of “%(order)s” is left to ship.", order=self.display_name)

    def kehu_ship(self, quantities, date=None, carrier=None, waybill=None, note=None):
        """Record that goods of this one order have left.

        :param list quantities: [[id of an order line, quantity in its unit], …]; quantities of 0 are passed over
        :param date: day they left, today by default
        :return: id of the kehu.shipment
        :raises KehuShipmentError: when the order is not confirmed, a line is not one of its goods, or there is nothing in it
        :raises KehuShipmentQuantityError: for more than is left, and for negative quantities
        """
        self.ensure_one()
        self._kehu_check_may_ship()
        self._kehu_lock_fulfilment()
        self._kehu_check_shippable()
        self._kehu_check_words_of_shipment(carrier=carrier, waybill=waybill, note=note)
        wanted = self._kehu_read_quantities(quantities)
        values = {
            "name": self._kehu_shipment_name(),
            "order_id": self.id,
            "user_id": self.env.uid,
            "date": self._kehu_read_date(date),
            "carrier": carrier or False,
            "waybill": waybill or False,
            "note": note or False,
            "line_ids": [Command.create(line._kehu_shipment_values(quantity)) for line, quantity in wanted.items()],
        }
        # sudo: kehu.shipment - users only read shipments; the rights on the order were checked
        shipment = as_engine(self.env["kehu.shipment"].sudo(), ENGINE).create(values)
        for line, quantity in wanted.items():
            as_engine(line, ENGINE).qty_delivered += quantity
        self.message_post(
            body=self.env._(
                "Shipment %(shipment)s: %(goods)s. %(carrier)s",
                shipment=shipment.name,
                goods=[f"{line.product_id.display_name} × {line._kehu_print_quantity(quantity)}" for line, quantity in wanted.items()],
                carrier=" ".join(filter(None, (carrier, waybill))),
            ).strip()
        )
        return shipment.id

    def _kehu_check_words_of_shipment(self, **words):
        """:raises KehuShipmentError: for what is no text, a text that cannot be kept, and one that is too long for a line"""
        shipments = self.env["kehu.shipment"]
        for name, value in words.items():
            if value and not isinstance(value, str):
                raise KehuShipmentError(
                    self.env._(
                        "“%(field)s” of a shipment is text, and %(value)s is none. Write it in words.",
                        field=shipments._fields[name]._description_string(self.env),
                        value=repr(value)[:80],
                    )
                )
        check_types(shipments, words, KehuShipmentError)

    def _kehu_shipment_name(self):
        # sudo: kehu.shipment - how many there were
        return f"{self.name}-{self.env['kehu.shipment'].sudo().search_count([('order_id', '=', self.id)]) + 1}"

    def _kehu_read_quantities(self, quantities):
        """{line: quantity} of what a client sent, checked; see :meth:`kehu_ship`."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        wanted = {}
        lines = {line.id: line for line in self.order_line}
        try:
            pairs = [(line_id, float(quantity)) for line_id, quantity in quantities]
        except (TypeError, ValueError, OverflowError):
            raise KehuShipmentError(self.env._("Say for each order line how much was shipped.")) from None
        for line_id, quantity in pairs:
            line = is_record_id(line_id) and lines.get(line_id)
            if not line or not line._kehu_is_goods():
                raise KehuShipmentError(
                    self.env._("Only goods of “%(order)s” can be shipped for it, one line at a time.", order=self.display_name)
                )
            if not line._kehu_is_shipped_by_hand():
                raise KehuShipmentError(self._kehu_nothing_to_ship_text())
            wanted[line] = wanted.get(line, 0.0) + quantity
        for line, quantity in wanted.items():
            left = line._kehu_quantity_to_ship()
            if not math.isfinite(quantity) or quantity < 0 or float_compare(quantity, left, precision_digits=digits) > 0:
                raise KehuShipmentQuantityError(
                    self.env._(
                        "Of “%(product)s” %(left)s %(unit)s are left to ship, so %(quantity)s cannot be shipped. Correct the quantity.",
                        product=line.product_id.display_name,
                        left=line._kehu_print_quantity(left),
                        unit=line.product_uom_id.name,
                        quantity=line._kehu_print_quantity(quantity) if math.isfinite(quantity) else quantity,
                    )
                )
        wanted = {line: quantity for line, quantity in wanted.items() if float_compare(quantity, 0.0, precision_digits=digits) > 0}
        if not wanted:
            raise KehuShipmentError(self.env._("Nothing is shipped yet: enter the quantity of at least one line."))
        return wanted

    # ------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------

    def action_kehu_sign(self):
        """Open the dialog in which it is recorded who received the goods of this order."""
        self.ensure_one()
        self._kehu_check_may_ship()
        self._kehu_check_signable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record Receipt"),
            "res_model": "kehu.shipment.receive",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def kehu_sign_delivery(self, name, date=None, signature=None):
        """Record that the customer has received all that has left for this one order.

        :param str name: who received it at the customer's
        :param date: on which day, today by default
        :param str signature: picture, base64; optional
        :raises KehuShipmentError: when nothing is on the way, without a name, or with one that is too long
        """
        self.ensure_one()
        self._kehu_check_may_ship()
        self._kehu_sign_delivery(name, date=date, signature=signature, recorder=self.env.user)
        return True

    def _kehu_check_signable(self):
        self._kehu_check_shippable()
        for order in self:
            # sudo: sale.order - asked for the customer too
            if not order.sudo().kehu_to_sign:
                raise KehuShipmentError(
                    self.env._("Nothing of “%(order)s” is on the way that was not signed for.", order=order.display_name)
                )

    def _kehu_read_signature(self, signature):
        """:raises KehuShipmentError: when it is no picture in base64"""
        try:
            base64.b64decode(signature or b"", validate=True)
        except (TypeError, ValueError):
            raise KehuShipmentError(self.env._("The signature cannot be read. Sign again.")) from None
        return signature or False

    def _kehu_sign_delivery(self, name, date=None, signature=None, recorder=None, author=None):
        """Do what :meth:`kehu_sign_delivery` says, without asking who may.

        :param recorder: res.users of ours who notes it down; none when the customer signs
        :param author: res.partner of the customer who signs, for the history
        """
        self._kehu_lock_fulfilment()
        self._kehu_check_signable()
        name = name.strip() if isinstance(name, str) else ""
        if not name:
            raise KehuShipmentError(self.env._("Enter the name of who received the goods."))
        check_types(self.env["kehu.shipment.receive"], {"name": name}, KehuShipmentError)
        signature = self._kehu_read_signature(signature)
        # sudo: kehu.shipment - users and customers only read shipments; who may sign was checked by the caller
        shipments = self.sudo().kehu_shipment_ids.filtered(lambda shipment: shipment.state == "shipped")
        day = self._kehu_read_date(date, earliest=max(shipments.mapped("date"), default=None))
        as_engine(shipments, ENGINE).write(
            {
                "state": "signed",
                "received_by": name,
                "received_on": day,
                "signature": signature,
                "recorded_by_id": recorder.id if recorder else False,
            }
        )
        # sudo: sale.order - the customer writes no orders
        as_engine(self.sudo(), ENGINE).write({"kehu_received_by": name, "kehu_received_on": day, "kehu_received_signature": signature})
        self.sudo().message_post(  # sudo: sale.order - the customer's word in the history
            body=self.env._(
                "%(name)s received the goods on %(date)s (%(shipments)s).",
                name=name,
                date=fields.Date.to_string(day),
                shipments=shipments.mapped("name") or self.name,
            ),
            message_type="comment",
            subtype_xmlid="mail.mt_comment" if not recorder else "mail.mt_note",
            **({"author_id": author.id} if author else {}),
        )
