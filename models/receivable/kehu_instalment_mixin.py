from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_amount, format_date

from ...tools.instalments import cover
from ..system.engine import as_engine, leave_engine
from .exceptions import KehuInstalmentStateError, KehuInstalmentSumError

PLAN = "plan"  # the document is being written together with its parts: their sum is checked once, at the end


class KehuInstalmentMixin(models.AbstractModel):
    """An order or a contract that is paid in parts. What differs between the two is in the hooks below."""

    _name = "kehu.instalment.mixin"
    _description = "Document Paid in Parts"

    kehu_instalment_template_id = fields.Many2one(
        "kehu.instalment.template",
        string="Payment Plan",
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="Choosing one fills in the instalments, which can then be changed.",
    )
    kehu_plan_frozen = fields.Boolean(
        compute="_compute_kehu_plan_frozen",
        export_string_translation=False,
        help="The plan cannot be changed now: the document waits for a decision, or has ended.",
    )

    # ------------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------------

    def _kehu_plan_total(self):
        """What the parts of this one document add up to, in its currency."""
        raise NotImplementedError

    def _kehu_plan_in_force(self):
        """Tell whether the customer owes the parts of this one document."""
        raise NotImplementedError

    def _kehu_plan_is_void(self):
        """Tell whether nobody is to pay the open parts of this one document any more."""
        raise NotImplementedError

    def _kehu_plan_money(self, parts):
        """:return: what came for this one document, and what of it need not be paid any more, in its currency
        :rtype: tuple[float, float]
        """
        raise NotImplementedError

    def _kehu_plan_base_days(self):
        """:return: {base of a template's line: day}, see ``kehu.instalment.template.line``"""
        raise NotImplementedError

    # ------------------------------------------------------------------
    # The plan
    # ------------------------------------------------------------------

    def _kehu_plan(self):
        """:return: the parts of this one document, the oldest first; those without a day yet last"""
        self.ensure_one()
        return self.kehu_instalment_ids.sorted(
            lambda part: (not part.date_due, part.date_due or fields.Date.today(), part.sequence, part._origin.id or 2**31)
        )

    def _kehu_is_all_percent(self):
        """Tell whether this one document is planned by per cent alone, 100 of them."""
        self.ensure_one()
        percents = self.kehu_instalment_ids.mapped("percent")
        return bool(percents) and all(percents) and abs(sum(percents) - 100.0) < 0.00005 * len(percents)

    def _kehu_cover_plan(self, by_part):
        """Cover the plan of this one document.

        :param dict by_part: {id of a part: money that came for it by name}, see ``kehu.instalment``
        :return: {part: what came for it, is waived and is due}, see :func:`.tools.instalments.cover`
        :rtype: dict[kehu.instalment, Covered]
        """
        self.ensure_one()
        parts = self._kehu_plan()
        received, credited = self._kehu_plan_money(parts)
        rounding = (self.currency_id or self.env.company.currency_id).rounding
        named = {index: by_part[part.id] for index, part in enumerate(parts) if part.id in by_part}
        return dict(zip(parts, cover(parts.mapped("amount"), received, credited, named, rounding), strict=True))

    def _compute_kehu_plan_difference(self):
        for document in self:
            planned = sum(document.kehu_instalment_ids.mapped("amount"))
            rest = document._kehu_plan_total() - planned if document.kehu_instalment_ids else 0.0
            document.kehu_plan_difference = document.currency_id.round(rest) if document.currency_id else rest

    def _compute_kehu_plan_frozen(self):
        for document in self:
            document.kehu_plan_frozen = bool(document._kehu_plan_frozen_text())

    def _kehu_plan_frozen_text(self):
        """Why the plan of this one document cannot be changed now, as a sentence; False when it can."""
        self.ensure_one()
        document = self.sudo()  # sudo: document - the guard holds for those who cannot read it
        if document.kehu_approval_state == "pending":
            return self.env._(
                "“%(document)s” waits for a decision, and its instalments with it. Withdraw it first, or wait.",
                document=document.display_name,
            )
        if document._kehu_plan_is_void():
            return self.env._(
                "“%(document)s” is cancelled or terminated, so its instalments stay as they are.", document=document.display_name
            )
        return False

    def _kehu_check_plan_open(self):
        """Refuse to change the parts of a document that is frozen, or not the user's to change.

        :raises KehuInstalmentStateError: with the reason
        :raises AccessError: as the host words it
        """
        for document in self:
            if not self.env.su:
                document.check_access("write")
            text = document._kehu_plan_frozen_text()
            if text:
                raise KehuInstalmentStateError(text)

    def _kehu_plan_error(self):
        """Why the parts of this one document are no plan, as a sentence; False when they are, or when there are none."""
        self.ensure_one()
        document = self.sudo()  # sudo: kehu.instalment - all parts count
        if not document.kehu_instalment_ids or document.currency_id.is_zero(document.kehu_plan_difference):
            return False
        return self.env._(
            "The instalments of “%(document)s” add up to %(planned)s, and it comes to %(total)s. Enter parts that add up to it, or "
            "remove them all.",
            document=document.display_name,
            planned=format_amount(self.env, sum(document.kehu_instalment_ids.mapped("amount")), document.currency_id),
            total=format_amount(self.env, document._kehu_plan_total(), document.currency_id),
        )

    def _kehu_settle_plan(self):
        """Look at the plan of this one document after a change of its parts.

        :raises KehuInstalmentSumError: when they do not add up
        """
        self.ensure_one()
        document = self.sudo()  # sudo: kehu.instalment - all parts count
        document._kehu_compute_percents()
        error = self._kehu_plan_error()
        if error:
            raise KehuInstalmentSumError(error)
        if document._kehu_plan_in_force() and document.kehu_instalment_ids:
            self._kehu_post_plan()

    def _kehu_compute_percents(self):
        """Amounts by per cent depend on all parts: the last one may be another one now."""
        self.ensure_one()
        parts = self.kehu_instalment_ids.filtered("percent")
        self.env.add_to_compute(parts._fields["amount"], parts)
        parts.flush_recordset(["amount"])

    def _kehu_post_plan(self):
        """A plan that is changed once it is in force is told on the document: who agreed on what, and when."""
        rows = Markup("").join(
            Markup("<li>%s · %s · %s</li>")
            % (format_date(self.env, part.date_due), part.name or "", format_amount(self.env, part.amount, part.currency_id))
            for part in self.sudo()._kehu_plan()  # sudo: kehu.instalment - all parts of the own document
        )
        self.message_post(body=Markup("<p>%s</p><ul>%s</ul>") % (self.env._("Payment plan changed:"), rows))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not any(vals.get("kehu_instalment_ids") for vals in vals_list):
            return super().create(vals_list)
        documents = super(KehuInstalmentMixin, as_engine(self, PLAN)).create(vals_list)
        documents = leave_engine(documents, PLAN)
        for document in documents:
            document._kehu_settle_plan()
        return documents

    def write(self, vals):
        if not vals.get("kehu_instalment_ids"):
            return super().write(vals)
        result = super(KehuInstalmentMixin, as_engine(self, PLAN)).write(vals)
        for document in self:
            document._kehu_settle_plan()
        return result

    # ------------------------------------------------------------------
    # From a template
    # ------------------------------------------------------------------

    @api.onchange("kehu_instalment_template_id")
    def _onchange_kehu_instalment_template_id(self):
        """Fill in the parts of the plan chosen, unless money came already."""
        template = self.kehu_instalment_template_id
        if template and not any(self.kehu_instalment_ids.mapped("amount_received")):
            self.kehu_instalment_ids = [Command.clear()] + [Command.create(vals) for vals in template._kehu_parts(self)]

    def kehu_plan_instalments(self, template_id):
        """Plan the payment of these documents by a template, in place of the plan they have.

        :param int template_id: of ``kehu.instalment.template``
        :raises KehuInstalmentPaidError: when money came on a part already
        :raises KehuInstalmentStateError: when the plan cannot be changed now
        """
        self.check_access("write")
        template = self.env["kehu.instalment.template"].browse(template_id)
        template.check_access("read")
        for document in self:
            commands = [Command.delete(part.id) for part in document.kehu_instalment_ids]
            commands += [Command.create(vals) for vals in template._kehu_parts(document)]
            document.write({"kehu_instalment_template_id": template.id, "kehu_instalment_ids": commands})
        return True
