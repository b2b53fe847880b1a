from odoo import api, fields, models
from odoo.fields import Command

from ..customer.hidden import hidden_customers
from ..system.engine import is_engine
from .customer_access import NEW_CUSTOMER
from .exceptions import KehuOrderApprovalError
from .sale_order import OPEN_STATES

# with one of these in the context the host adds e-mail, address or tax id to the name of a partner
DETAILS = ("show_address", "show_email", "show_vat")


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_opportunity_ids = fields.One2many(
        "crm.lead",
        "kehu_customer_id",
        string="Customer's Opportunities",
        domain=[("type", "=", "opportunity")],
        help="Opportunities of this customer and of its contacts.",
    )
    kehu_order_ids = fields.One2many(
        "sale.order",
        "kehu_customer_id",
        string="Customer's Quotes and Orders",
        help="Quotes and orders of this customer and of its contacts.",
    )
    kehu_opportunity_count = fields.Integer(string="Customer's Opportunity Count", compute="_compute_kehu_counts")
    kehu_quote_count = fields.Integer(string="Customer's Quote Count", compute="_compute_kehu_counts")
    kehu_order_count = fields.Integer(string="Customer's Order Count", compute="_compute_kehu_counts")

    @api.depends_context("uid", "kehu_engine_print")
    def _compute_display_name(self):
        """A many2one shows its partner to whoever reads the document, and a client may ask for more than the name.

        Address, e-mail and tax id are for those who may read the customer; others see the name, as the host has it. Prints show them.
        """
        hidden = self.browse()
        if self.env.su and any(self.env.context.get(key) for key in DETAILS) and not is_engine(self.env, "print"):
            if self.env.user._is_internal():
                real = self.browse([partner.id for partner in self if partner.id])
                hidden = hidden_customers(real.sudo(False)).sudo()  # sudo: res.partner - the mode they came in
        result = super(ResPartner, self - hidden)._compute_display_name()
        named = hidden.with_context(**dict.fromkeys(DETAILS, False))
        super(ResPartner, named)._compute_display_name()
        for partner, name in zip(hidden, named.mapped("display_name"), strict=True):
            partner.display_name = name
        return result

    @api.model_create_multi
    def create(self, vals_list):
        """Whom a salesperson enters in a quote or an opportunity is a customer of theirs; contacts of somebody follow that one.

        The owner that the document proposes stays when this person may give customers to them.
        """
        kind = self.env.context.get(NEW_CUSTOMER)
        if kind and not self.env.su and self.env.user.has_group("kehu_crm.group_kehu_user"):
            defaults = self.default_get(["parent_id", "user_id", "company_id"])
            vals_list = [dict(vals) for vals in vals_list]
            for vals in vals_list:
                values = {**defaults, **vals}
                if values.get("parent_id") or "kehu_is_customer" in vals:
                    continue
                owner = self.env["res.users"].browse(values.get("user_id") or [])
                company = self.env["res.company"].browse(values.get("company_id") or [])
                if not owner or not self._kehu_may_give_to(owner) or self._kehu_ownership_target_error("", company, owner, None):
                    owner = self.env.user
                vals.update(kehu_is_customer=True, user_id=owner.id)
                if kind == "company" and "is_company" not in vals and "default_is_company" not in self.env.context:
                    vals["is_company"] = True
        return super().create(vals_list)

    def _kehu_becomes_customer(self):
        """See :meth:`create`."""
        typed = self.env.context.get(NEW_CUSTOMER) and not self._origin and not self.parent_id
        return super()._kehu_becomes_customer() or bool(typed and self.env.user.has_group("kehu_crm.group_kehu_user"))

    @api.depends("kehu_opportunity_ids", "kehu_order_ids.kehu_document", "kehu_order_ids.state")
    def _compute_kehu_counts(self):
        return super()._compute_kehu_counts()

    @api.model
    def _kehu_count_sources(self):
        """What the user may see of open and won opportunities, open quotes, and orders that are not cancelled."""
        live = [("state", "!=", "cancel")]
        return {
            **super()._kehu_count_sources(),
            "kehu_opportunity_count": ("crm.lead", "kehu_customer_id", [("type", "=", "opportunity")]),
            "kehu_quote_count": ("sale.order", "kehu_customer_id", [("kehu_document", "=", "quote"), *live]),
            "kehu_order_count": ("sale.order", "kehu_customer_id", [("kehu_document", "=", "order"), *live]),
        }

    def write(self, vals):
        """Nobody takes the partner of an order out of the CRM, or into it afterwards, to spare the order its approval.

        Administrators may: they are the ones who take over partners with a history.
        """
        if vals.keys().isdisjoint({"parent_id", "kehu_is_customer"}) or self.env.su or self.env.user.has_group("kehu_crm.group_kehu_admin"):
            return super().write(vals)
        # sudo: res.partner, sale.order - orders of colleagues count as well; nothing is returned but a name
        partners = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])
        orders = partners.env["sale.order"].search(
            [
                ("state", "in", (*OPEN_STATES, "sale")),
                "|",
                "|",
                ("partner_id", "in", partners.ids),
                ("partner_invoice_id", "in", partners.ids),
                ("partner_shipping_id", "in", partners.ids),
            ]
        )
        before = {order: order.kehu_customer_id for order in orders}
        result = super().write(vals)
        for order, customer in before.items():
            if customer and not order.kehu_customer_id:
                raise KehuOrderApprovalError(
                    self.env._(
                        "“%(order)s” is still open for this customer. Confirm or cancel it before its partner leaves the customer.",
                        order=order.display_name,
                    )
                )
            if order.kehu_customer_id and not customer and order.state == "sale" and order._kehu_lacks_approval():
                raise KehuOrderApprovalError(
                    self.env._(
                        "“%(order)s” was confirmed without approval. Ask a CRM administrator to take its partner into the CRM.",
                        order=order.display_name,
                    )
                )
        return result

    def _kehu_open_sales(self, xmlid, domain, **context):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("kehu_customer_id", "=", self.id), *domain]
        action["context"] = {"default_partner_id": self.id, **context}
        return action

    def action_kehu_opportunities(self):
        """Opportunities of this customer."""
        return self._kehu_open_sales("crm.crm_lead_opportunities", [("type", "=", "opportunity")], default_type="opportunity")

    def action_kehu_quotes(self):
        """Quotes of this customer."""
        return self._kehu_open_sales("kehu_crm.sale_order_action_kehu_quotes", [("kehu_document", "=", "quote")])

    def action_kehu_orders(self):
        """Orders of this customer."""
        return self._kehu_open_sales("kehu_crm.sale_order_action_kehu_orders", [("kehu_document", "=", "order")])

    def _kehu_owner_changed(self, changes, with_documents=False):
        """Open opportunities and open quotes or orders follow their customer to its new owner, when that was asked for."""
        super()._kehu_owner_changed(changes, with_documents)
        if not with_documents:
            return
        moves = {}
        for customer, (old_user, new_user) in changes.items():
            if old_user and new_user:
                moves.setdefault((old_user, new_user), self.browse())
                moves[old_user, new_user] |= customer
        for (old_user, new_user), customers in moves.items():
            mine = [("kehu_customer_id", "in", customers.ids), ("user_id", "=", old_user.id)]
            # sudo: crm.lead, sale.order - documents of the old owner; the right to move them was checked with the customer's
            leads = self.env["crm.lead"].sudo().search([*mine, ("won_status", "=", "pending")])
            # sudo: see above
            orders = self.env["sale.order"].sudo().search([*mine, ("state", "in", ("draft", "sent"))])
            for documents in (leads, orders):
                documents.write({"user_id": new_user.id})
                self._kehu_move_activities(documents._name, documents.ids, old_user, new_user)
            # sudo: calendar.event - appointments of these opportunities in the calendar of the old owner
            events = self.env["calendar.event"].sudo().with_context(dont_notify=True, no_mail_to_attendees=True)
            events = events.search(
                [("opportunity_id", "in", leads.ids), ("user_id", "=", old_user.id), ("stop", ">=", fields.Datetime.now())]
            )
            partners = [Command.unlink(old_user.partner_id.id), Command.link(new_user.partner_id.id)]
            events.write({"user_id": new_user.id, "partner_ids": partners})
