from odoo import api, fields, models
from odoo.tools import formatLang, groupby

from ..system.engine import as_engine, is_engine
from ..system.exceptions import KehuUserError

ENGINE = "big_deal"
LATER = "big_deal_later"  # lines written together with their order: the order looks when all are there
DIRECTOR, ADMIN = "kehu_crm.group_kehu_director", "kehu_crm.group_kehu_admin"
TRIGGERS = {"company_id", "currency_id", "fiscal_position_id", "kehu_document", "order_line", "partner_id", "pricelist_id", "state"}


class KehuBigDeal(models.Model):
    """A deal above the amount that the company has set, of which the directors were told: once per document and stage."""

    _name = "kehu.big.deal"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Big Deal"
    _order = "date desc, id desc"
    _kehu_engine = ENGINE

    name = fields.Char(string="Document", required=True, index="trigram")
    stage = fields.Selection(
        [("quote", "Quote"), ("order", "Order"), ("receipt", "Receipt")],
        required=True,
        help="What the deal had become when the directors were told.",
    )
    res_model = fields.Char(string="Document Model", required=True, export_string_translation=False)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", required=True, export_string_translation=False)
    partner_id = fields.Many2one("res.partner", string="Customer", index="btree_not_null", ondelete="set null")
    user_id = fields.Many2one("res.users", string="Salesperson", index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(help="In the company's currency, when the directors were told.")
    date = fields.Datetime(required=True, default=fields.Datetime.now)

    _document_uniq = models.UniqueIndex("(res_model, res_id, stage)", "The directors were told of this already.")

    def action_open_document(self):
        """Open the quote, order or receipt.

        :raises KehuUserError: when it was deleted meanwhile
        """
        self.ensure_one()
        self.check_access("read")
        document = self.env[self.res_model].browse(self.res_id).exists()
        if not document:
            raise KehuUserError(self.env._("“%(document)s” was deleted. Its notice is kept, with nothing to open.", document=self.name))
        return {"type": "ir.actions.act_window", "res_model": self.res_model, "res_id": self.res_id, "views": [(False, "form")]}

    @api.model
    def _kehu_is_watched(self, companies):
        """Tell whether one of these companies wants its directors to be told at all."""
        return any(company.kehu_big_deal_amount > 0 for company in companies)

    @api.model
    def _kehu_tell(self, stage, deals):
        """Tell the directors of deals that are big and that they do not know of at this stage.

        :param str stage: quote, order or receipt
        :param deals: list of dicts with ``document``, ``name``, ``partner``, ``user``, ``company`` and ``amount`` (company currency)
        """
        big = [
            deal
            for deal in deals
            if deal["company"].kehu_big_deal_amount > 0
            and deal["company"].currency_id.compare_amounts(deal["amount"], deal["company"].kehu_big_deal_amount) >= 0
        ]
        if not big:
            return
        model = big[0]["document"]._name
        notices = as_engine(self.sudo(), ENGINE)  # sudo: kehu.big.deal - kept by the system, whoever makes the deal
        ids = [deal["document"].id for deal in big]
        known = set(notices.search([("res_model", "=", model), ("res_id", "in", ids), ("stage", "=", stage)]).mapped("res_id"))
        new = [deal for deal in big if deal["document"].id not in known]
        notices.create(
            [
                {
                    "name": deal["name"],
                    "stage": stage,
                    "res_model": model,
                    "res_id": deal["document"].id,
                    "partner_id": deal["partner"].id,
                    "user_id": deal["user"].id,
                    "company_id": deal["company"].id,
                    "amount": deal["amount"],
                }
                for deal in new
            ]
        )
        for company, own in groupby(new, key=lambda deal: deal["company"]):
            for lang, directors in self._kehu_directors(company).grouped("lang").items():
                self.with_context(lang=lang)._kehu_send(stage, own, directors)

    @api.model
    def _kehu_directors(self, company):
        """Directors who work in a company, but not whoever makes the deal; its administrators where it has no director.

        :rtype: res.users
        """
        director, admin = self.env.ref(DIRECTOR), self.env.ref(ADMIN)
        users = self.env["res.users"].sudo()  # sudo: res.users - who is to be told
        everybody = users.search([("all_group_ids", "in", director.ids), ("share", "=", False), ("company_ids", "in", company.ids)])
        directors = everybody.filtered(lambda user: director in user.group_ids or admin not in user.all_group_ids)
        return (directors or everybody) - self.env.user

    def _kehu_send(self, stage, deals, directors):
        """A message in the inbox of each of these directors per deal, and one notice on the screen for all. In their language."""
        label = dict(self._fields["stage"]._description_selection(self.env))[stage]
        lines = []
        for deal in deals:
            line = self.env._(
                "%(stage)s %(document)s: %(customer)s, %(amount)s (%(user)s)",
                stage=label,
                document=deal["name"],
                customer=deal["partner"].display_name,
                amount=formatLang(self.env, deal["amount"], currency_obj=deal["company"].currency_id),
                user=deal["user"].name or self.env._("nobody"),
            )
            lines.append(line)
            # sudo: document - told by the system; directors read it by their own right
            deal["document"].sudo().with_context(lang=self.env.lang).message_notify(
                partner_ids=directors.partner_id.ids,
                subject=self.env._("Big deal: %(document)s", document=deal["name"]),
                body=line,
            )
        directors._bus_send(
            "simple_notification",
            {"type": "info", "title": self.env._("Big Deal"), "message": "\n".join(lines[:3])},
        )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    kehu_is_big = fields.Boolean(
        string="Big Deal",
        compute="_compute_kehu_is_big",
        search="_search_kehu_is_big",
        help="The total reaches the amount of big deals that the company has set.",
    )

    @api.depends("kehu_amount_company", "company_id.kehu_big_deal_amount")
    def _compute_kehu_is_big(self):
        for order in self:
            company = order.company_id
            limit = company.kehu_big_deal_amount
            order.kehu_is_big = limit > 0 and company.currency_id.compare_amounts(order.kehu_amount_company, limit) >= 0

    def _search_kehu_is_big(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: res.company - amounts of all companies, to compare only
        companies = self.env["res.company"].sudo().search([("kehu_big_deal_amount", ">", 0)])
        domain = fields.Domain.OR(
            fields.Domain("company_id", "=", company.id) & fields.Domain("kehu_amount_company", ">=", company.kehu_big_deal_amount)
            for company in companies
        )
        if True in value:
            return fields.Domain.TRUE if False in value else domain
        return ~domain

    @api.model_create_multi
    def create(self, vals_list):
        orders = super(SaleOrder, as_engine(self, LATER)).create(vals_list).with_env(self.env)
        orders._kehu_tell_big_deals()
        return orders

    def write(self, vals):
        if TRIGGERS.isdisjoint(vals) or is_engine(self.env, LATER):
            return super().write(vals)
        result = super(SaleOrder, as_engine(self, LATER)).write(vals)
        self._kehu_tell_big_deals()
        return result

    def _kehu_tell_big_deals(self):
        """Tell the directors of those among these quotes and orders that are big and belong to the CRM."""
        deals = self.env["kehu.big.deal"]
        orders = self.sudo()  # sudo: sale.order - to judge; the salesperson need not read all that counts
        if not deals._kehu_is_watched(orders.company_id):
            return
        orders = orders.filtered(lambda order: order.kehu_customer_id and order.state != "cancel")
        for stage, own in orders.grouped("kehu_document").items():
            deals._kehu_tell(
                stage,
                [
                    {
                        "document": order,
                        "name": order.name,
                        "partner": order.partner_id,
                        "user": order.user_id,
                        "company": order.company_id,
                        "amount": order.kehu_amount_company,
                    }
                    for order in own
                ],
            )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._kehu_tell_big_deals()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self._kehu_tell_big_deals()
        return result

    def _kehu_tell_big_deals(self):
        """Lines that come without their order, by RPC or import, make it big just the same."""
        if not is_engine(self.env, LATER):
            self.order_id._kehu_tell_big_deals()
