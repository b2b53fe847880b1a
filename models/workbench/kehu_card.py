from odoo import api, fields, models

from ..system.values import check_types
from .exceptions import KehuCardError

MOST = 500  # records taken over at once


class KehuCard(models.Model):
    """A business card in somebody's own address book: nobody else sees it, whatever their role."""

    _name = "kehu.card"
    _description = "Business Card"
    _order = "name, id"
    _rec_names_search = ["name", "company_name", "phone", "email"]

    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        ondelete="cascade",
        default=lambda self: self.env.uid,
    )
    name = fields.Char(required=True)
    company_name = fields.Char(string="Company")
    function = fields.Char(string="Job Position")
    phone = fields.Char()
    email = fields.Char()
    wechat = fields.Char(string="WeChat")
    address = fields.Char()
    note = fields.Text(string="Remarks")
    made_customer_on = fields.Datetime(string="Made a Customer On", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_owner(vals)
        return super().create([{**vals, "user_id": vals.get("user_id") or self.env.uid} for vals in vals_list])

    def write(self, vals):
        self._kehu_check_owner(vals)
        return super().write(vals)

    @api.model
    def _kehu_check_owner(self, vals):
        """:raises KehuCardError: when somebody would put a card into the address book of another person"""
        check_types(self, vals, KehuCardError)
        if not self.env.su and "user_id" in vals and vals["user_id"] != self.env.uid:
            raise KehuCardError(self.env._("An address book is kept by its owner alone. Leave the owner as it is."))

    # -- from and to the CRM -------------------------------------------------------------------------------------------

    @api.model
    def _kehu_keep(self, people):
        """Put these people into the address book of the current user, without those who are there already.

        :param list[dict] people: values of cards
        :return: the new cards
        """
        same = [("user_id", "=", self.env.uid), ("name", "in", [values["name"] for values in people])]
        known = {(card.name, card.phone or "", card.email or "") for card in self.search(same, limit=10 * MOST)}
        fresh = {}
        for values in people:
            key = (values["name"], values.get("phone") or "", values.get("email") or "")
            if key not in known:
                fresh.setdefault(key, values)
        return self.create(list(fresh.values()))

    @api.model
    def _kehu_kept(self, cards, number):
        """Say how many cards were kept, and open the address book."""
        if number > MOST:
            raise KehuCardError(self.env._("Choose at most %(most)s at once; these are %(number)s.", most=MOST, number=number))
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_card_action")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(new)s new cards, %(known)s were there already.", new=len(cards), known=number - len(cards)),
                "next": {**action, "views": [(False, "list"), (False, "kanban"), (False, "form")]},
            },
        }

    def action_from_customers(self):
        """Open the contacts of the CRM, to choose whom to keep by the action “Keep as Card”."""
        return self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_action")

    def action_from_employees(self):
        """Open the colleagues, to choose whom to keep by the action “Keep as Card”."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Colleagues"),
            "res_model": "hr.employee.public",
            "views": [(False, "list"), (False, "kanban")],
        }

    def action_to_customer(self):
        """Make a customer of this card, with its person as contact, and open it. The rules about duplicates and limits hold.

        :raises KehuCardError: when that was done already
        """
        self.ensure_one()
        self.check_access("write")
        if self.made_customer_on:
            raise KehuCardError(self.env._("“%(name)s” was made a customer already. Look for it among the customers.", name=self.name))
        reach = {"phone": self.phone, "email": self.email}
        customer = self.env["res.partner"].create(
            {
                "name": self.company_name or self.name,
                "is_company": bool(self.company_name),
                "kehu_is_customer": True,
                "user_id": self.env.uid,
                "street": self.address,
                **reach,
            }
        )
        if self.company_name:
            self.env["res.partner"].create(
                {"name": self.name, "parent_id": customer.id, "function": self.function, "kehu_wechat": self.wechat, **reach}
            )
        self.made_customer_on = fields.Datetime.now()
        return customer.get_formview_action()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_kehu_keep_card(self):
        """Put these customers and contacts into one's own address book."""
        cards = self.env["kehu.card"]
        self.check_access("read")
        people = [
            {
                "name": partner.name,
                "company_name": partner.parent_id.name if partner.parent_id.has_access("read") else False,
                "function": partner.function,
                "phone": partner.phone,
                "email": partner.email,
                "wechat": partner.kehu_wechat,
                "address": partner.street,
            }
            for partner in self[:MOST]
            if partner.name
        ]
        return cards._kehu_kept(cards._kehu_keep(people), len(self))


class HrEmployeePublic(models.Model):
    _inherit = "hr.employee.public"

    def action_kehu_keep_card(self):
        """Put these colleagues into one's own address book."""
        cards = self.env["kehu.card"]
        self.check_access("read")
        people = [
            {
                "name": employee.name,
                "company_name": employee.company_id.name,
                "function": employee.job_title,
                "phone": employee.work_phone or employee.mobile_phone,
                "email": employee.work_email,
            }
            for employee in self[:MOST]
        ]
        return cards._kehu_kept(cards._kehu_keep(people), len(self))
