from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from ..approval.caches import FreshCache
from ..role.matrix import BASES
from .hidden import KINDS, covered, hidden_fields

# who has one of these by another way than through a role sees everything
SEEING = (
    *BASES.values(),
    "kehu_crm.group_kehu_finance",
    "kehu_crm.group_kehu_order_approver",
    "kehu_crm.group_kehu_receipt_approver",
    "kehu_crm.group_kehu_admin",
    "sales_team.group_sale_salesman",
    "account.group_account_readonly",
    "account.group_account_basic",
    "account.group_account_invoice",
    "base.group_erp_manager",
    "base.group_system",
)
EDITED_BY_AMOUNT = ("order", "contract", "receipt")


class KehuRole(models.Model):
    """What a role hides holds for members all of whose roles hide it: groups of the host only ever add."""

    _inherit = "kehu.role"

    hide_phone = fields.Boolean(string="Hide Phones", help="Phones, WeChat and QQ of customers and contacts are shown as 138****8000.")
    hide_email = fields.Boolean(string="Hide E-Mails", help="E-mails of customers and contacts are shown as w***@example.com.")
    hide_amount = fields.Boolean(
        string="Hide Amounts",
        help="Amounts of opportunities, quotes, orders, contracts, invoices and targets stay empty. Such a role edits and approves no "
        "documents with amounts, and views no receipts and receivables.",
    )
    hide_cost = fields.Boolean(string="Hide Costs", help="Costs of products and margins of quotes and orders stay empty.")
    hide_note = fields.Char(compute="_compute_hide_note")

    @api.depends("member_ids", "base", "hide_phone", "hide_email", "hide_amount", "hide_cost")
    @api.depends_context("lang")
    def _compute_hide_note(self):
        """Whom a role hides nothing from, because they have other rights besides."""
        for role in self:
            kinds = role._kehu_hides()
            people = role.member_ids._origin
            seeing = people.browse(user.id for user in people if not kinds <= role._kehu_hidden_of(user.id))
            role.hide_note = bool(seeing) and self.env._(
                "%(names)s see some of it nevertheless: another role or right of theirs shows it. Take that away to hide it.",
                names=self.env["kehu.policy.finding"]._kehu_names(seeing),
            )

    def _kehu_hides(self):
        return frozenset(kind for kind in KINDS if self[f"hide_{kind}"])

    def write(self, vals):
        result = super().write(vals)
        if vals.get("hide_amount"):
            for role in self:
                role._kehu_check_matrix()
        return result

    def _kehu_refusal(self, line):
        if self.hide_amount and line.area in EDITED_BY_AMOUNT and line.edit != "none":
            return self.env._("the role hides amounts, and nobody edits such documents without them. Choose Nothing under Edit.")
        if self.hide_amount and line.can_approve:
            return self.env._("the role hides amounts, and nobody approves what they cannot read. Take Approve off.")
        if self.hide_amount and line.area in ("receipt", "receivable") and line.view != "none":
            return self.env._("the role hides amounts, and nothing else stands there. Choose Nothing under View.")
        return super()._kehu_refusal(line)

    @api.onchange("hide_amount")
    def _onchange_hide_amount(self):
        """Without amounts nobody edits documents: the table follows."""
        for line in self.line_ids if self.hide_amount else ():
            line.can_approve = False
            if line.area in EDITED_BY_AMOUNT:
                line.edit = "none"
            if line.area in ("receipt", "receivable"):
                line.view = "none"
                line.can_export = False

    # ------------------------------------------------------------
    # Asked by whatever shows a field
    # ------------------------------------------------------------

    @api.model
    @FreshCache()
    def _kehu_hiding(self):
        """:return: whether there is a role that hides anything: where none is, nobody's roles are looked at"""
        # sudo: kehu.role - whoever asks
        return bool(self.sudo().search_count(Domain.OR(Domain(f"hide_{kind}", "=", True) for kind in KINDS), limit=1))

    @api.model
    @FreshCache("user_id")
    def _kehu_hidden_of(self, user_id):
        """Kinds that are hidden from a person: those that each of their roles hides, unless another right of theirs shows everything.

        :return: of `KINDS`
        :rtype: frozenset[str]
        """
        if not self._kehu_hiding():
            return frozenset()
        user = self.env["res.users"].sudo().browse(user_id)  # sudo: res.users - whoever is looked at
        roles = self._kehu_of(user)
        kinds = frozenset(kind for kind in KINDS if roles and all(role[f"hide_{kind}"] for role in roles))
        if kinds:
            seeing = [self.env.ref(xmlid, raise_if_not_found=False) for xmlid in SEEING]
            others = self._kehu_other_groups(user, roles)
            if any(group and group in others for group in seeing):
                return frozenset()
        return kinds

    @api.model
    def _kehu_hidden(self):
        """:return: kinds that are hidden from the current user; none from the program itself
        :rtype: frozenset[str]
        """
        return frozenset() if self.env.su else self._kehu_hidden_of(self.env.uid)

    @api.model
    def _kehu_covered(self, kind, text):
        """:return: what is shown in place of a text, see `hidden.covered`
        :rtype: str
        """
        return covered(kind, text) or ""

    @api.model
    @ormcache(cache="stable")
    def _kehu_hidden_fields(self):
        """See `hidden.hidden_fields`."""
        return hidden_fields(self.env.registry)


class KehuRights(models.AbstractModel):
    _inherit = "kehu.rights"

    @api.model
    def _kehu_hidden_words(self, user):
        words = {
            "phone": self.env._("phones"),
            "email": self.env._("e-mails"),
            "amount": self.env._("amounts"),
            "cost": self.env._("costs"),
        }
        hidden = self.env["kehu.role"]._kehu_hidden_of(user.id)
        return ", ".join(filter(None, [super()._kehu_hidden_words(user), *(words[kind] for kind in KINDS if kind in hidden)]))
