from odoo import api, fields, models


class KehuPersonRights(models.TransientModel):
    """“What may this person do, and why?”"""

    _name = "kehu.person.rights"
    _description = "What May This Person Do"

    user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain="[('share', '=', False), ('company_ids', 'in', allowed_company_ids)]",
        ondelete="cascade",
        help="The answer is what the program itself finds when it asks as this person.",
    )
    answer = fields.Html(compute="_compute_answer", sanitize=False)

    @api.model
    def default_get(self, fields):
        self.env["kehu.policy.finding"]._kehu_check_administrator()
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.users" and self.env.context.get("active_id"):
            values["user_id"] = self.env.context["active_id"]
        return values

    @api.depends("user_id")
    @api.depends_context("lang")
    def _compute_answer(self):
        rights = self.env["kehu.rights"]
        for dialog in self:
            dialog.answer = bool(dialog.user_id) and self.env["ir.qweb"]._render(
                "kehu_crm.kehu_person_rights_answer",
                {
                    "rows": rights._kehu_person_rights(dialog.user_id._origin or dialog.user_id),
                    "user": dialog.user_id.sudo(),  # sudo: res.users - roles of the person, for administrators
                    "hidden": rights._kehu_hidden_words(dialog.user_id._origin or dialog.user_id),
                    "most": 10_000,
                },
            )


class KehuCustomerSeers(models.TransientModel):
    """“Who may see this customer, and why?”"""

    _name = "kehu.customer.seers"
    _description = "Who May See This Customer"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        domain="[('kehu_is_customer', '=', True)]",
        ondelete="cascade",
        help="Choose a customer. From the card of a customer or contact this opens by its action menu.",
    )
    answer = fields.Html(compute="_compute_answer", sanitize=False)

    @api.model
    def default_get(self, fields):
        self.env["kehu.policy.finding"]._kehu_check_administrator()
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.partner" and self.env.context.get("active_id"):
            values["partner_id"] = self.env.context["active_id"]
        return values

    @api.depends("partner_id")
    @api.depends_context("lang")
    def _compute_answer(self):
        rights = self.env["kehu.rights"]
        for dialog in self:
            dialog.answer = False
            if partner := dialog.partner_id._origin:
                rows, hidden = rights._kehu_customer_seers(partner)
                dialog.answer = self.env["ir.qweb"]._render("kehu_crm.kehu_customer_seers_answer", {"rows": rows, "hidden": hidden})
