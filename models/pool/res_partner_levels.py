"""A level that exempts from the rules of the pool counts when a manager has given or confirmed it, whoever else may set levels."""

from odoo import api, fields, models

from ..system.engine import as_engine, is_engine
from .exceptions import KehuOwnershipRightsError


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_level_confirmed = fields.Boolean(
        string="Level Confirmed",
        copy=False,
        tracking=True,
        help="A manager has given this level, or confirms it here. Only then does a level that exempts from the rules of the pool keep the "
        "customer with its owner. Another level set by the owner has to be confirmed anew.",
        groups="base.group_user",
    )
    kehu_level_exempts = fields.Boolean(compute="_compute_kehu_level_exempts", export_string_translation=False, groups="base.group_user")
    kehu_can_confirm_level = fields.Boolean(
        string="Level Can Be Confirmed by Me",
        compute="_compute_kehu_level_exempts",
        export_string_translation=False,
        groups="base.group_user",
    )

    @api.depends("kehu_level_id", "user_id", "kehu_is_customer")
    @api.depends_context("uid")
    def _compute_kehu_level_exempts(self):
        exempting = self._origin._kehu_exempting_levels()
        givers = self._origin.filtered(lambda partner: partner.kehu_is_customer)._kehu_level_given()
        for partner in self:
            partner.kehu_level_exempts = partner.kehu_level_id.id in exempting.get(partner._origin.id, ())
            partner.kehu_can_confirm_level = partner._origin in givers

    def _kehu_exempting_levels(self):
        """Return the levels that exempt these customers from the rules that hold for them.

        :return: {id: ids of levels}, those without any left out
        """
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        levels = {policy.pool_id: keeping for policy in policies if (keeping := policy.keeping_levels())}
        if not levels or not self.ids:
            return {}
        return {id_: levels[pool_id] for id_, pool_id in self._kehu_limiting_pools() if pool_id in levels}

    def _kehu_level_hint(self, exempting):
        """Say why a level that exempts does not keep this customer.

        :param tuple exempting: ids of the levels that exempt it
        """
        if self.kehu_level_confirmed or self.kehu_level_id.id not in exempting:
            return ""
        return " " + self.env._("Its level “%(level)s” keeps it only when a manager confirms the level.", level=self.kehu_level_id.name)

    def _kehu_level_given(self):
        """Return those of these partners whose level, as the current person sets it, counts as given by a manager."""
        person = self.sudo(False)
        if person.env.su or person.env.user.has_group("kehu_crm.group_kehu_manager"):
            return self
        managed = self.env["kehu.pool"]._kehu_managed_ids()
        if not managed or not self.ids:
            return self.browse()
        return self.browse(id_ for id_, pool_id in self._kehu_limiting_pools() if pool_id in managed)

    @api.model_create_multi
    def create(self, vals_list):
        asked = any(vals.get("kehu_level_confirmed") for vals in vals_list)
        vals_list = [{name: value for name, value in vals.items() if name != "kehu_level_confirmed"} for vals in vals_list]
        partners = super().create(vals_list)
        # sudo: res.partner - what was just created, to compare only
        levelled = partners.browse(partners.sudo().filtered(lambda partner: partner.kehu_is_customer and partner.kehu_level_id).ids)
        given = levelled and levelled._kehu_level_given()
        if asked and levelled - given:
            levelled._kehu_refuse_level()
        if given:
            given._kehu_write_level_confirmed(True)
        return partners

    @api.model
    def default_get(self, fields):
        """No default confirms a level."""
        return {name: value for name, value in super().default_get(fields).items() if name != "kehu_level_confirmed"}

    def write(self, vals):
        if is_engine(self.env, "level") or not vals.keys() & {"kehu_level_id", "kehu_level_confirmed"}:
            return super().write(vals)
        confirming = vals.get("kehu_level_confirmed")
        if "kehu_level_confirmed" in vals:
            merging = is_engine(self.env, "ownership")
            if confirming and not merging and self - self._kehu_level_given():
                (self - self._kehu_level_given())._kehu_refuse_level()
            if merging:
                # what another customer had does not confirm the level of this one
                vals = {name: value for name, value in vals.items() if name != "kehu_level_confirmed"}
        if "kehu_level_id" not in vals:
            return super().write(vals)
        # sudo: res.partner - the level before, to compare only; the write itself asks for the rights
        before = {partner.id: partner.kehu_level_id.id for partner in self.sudo()}
        result = super().write(vals)
        given = self._kehu_level_given() if vals["kehu_level_id"] else self.browse()
        changed = self.browse(id_ for id_, level_id in before.items() if level_id != vals["kehu_level_id"])
        if confirming is None:
            # a level that merely comes along, as with a manager's contact record, is not given anew
            (given & changed)._kehu_write_level_confirmed(True)
        (changed - given)._kehu_write_level_confirmed(False)
        return result

    def _kehu_write_level_confirmed(self, confirmed):
        # sudo: res.partner - who sets a level may not be allowed to confirm it
        stale = self.sudo().filtered(lambda partner: partner.kehu_is_customer and bool(partner.kehu_level_confirmed) != confirmed)
        if stale:
            as_engine(stale, "level").write({"kehu_level_confirmed": confirmed})

    def _kehu_refuse_level(self):
        """:raises KehuOwnershipRightsError: always, naming these customers"""
        raise KehuOwnershipRightsError(
            self.env._(
                "Only managers confirm the level of a customer, since it can keep the customer from coming back to the pool. "
                "Ask your manager to confirm it for %(names)s.",
                names=self._kehu_names(),
            )
        )
