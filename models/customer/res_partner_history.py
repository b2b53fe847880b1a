from odoo import api, fields, models

from ..system.engine import as_engine, is_engine

READERS = "kehu_crm.group_kehu_user,kehu_crm.group_kehu_service,kehu_crm.group_kehu_finance"
WATCHED = ("kehu_level_id", "kehu_annual_revenue", "kehu_headcount")
HISTORIES = {"kehu_level_change_ids", "kehu_change_ids"}


class ResPartner(models.Model):
    """Level, annual revenue and headcount remember what they were: whoever writes them, by whatever door, leaves a row."""

    _inherit = "res.partner"

    kehu_level_change_ids = fields.One2many("kehu.level.change", "partner_id", string="Level History", groups=READERS)
    kehu_change_ids = fields.One2many("kehu.customer.change", "partner_id", string="Revenue and Headcount History", groups=READERS)

    @api.model
    def _kehu_system_fields(self):
        names = super()._kehu_system_fields()
        return names if is_engine(self.env, "history") else names | HISTORIES

    @api.model
    def _kehu_access_domain(self, operation):
        """Return which partners the current user may read or write. Asked by the rules of records that follow their customer.

        :param str operation: ``read`` or ``write``
        :rtype: Domain
        """
        # the rules are asked with a user in superuser mode, whom no rule concerns
        return self.sudo(False).env["ir.rule"]._compute_domain("res.partner", operation)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        defaults = self.default_get(list(WATCHED))
        told = [partner.id for partner, vals in zip(partners, vals_list, strict=True) if not {*vals, *defaults}.isdisjoint(WATCHED)]
        if told:
            partners.browse(told)._kehu_log_history({})
        return partners

    def write(self, vals):
        if vals.keys().isdisjoint(WATCHED):
            return super().write(vals)
        before = self._kehu_watched_values()
        result = super().write(vals)
        self._kehu_log_history(before)
        return result

    def _kehu_watched_values(self):
        """Return what the histories watch, as it is now; one query, however many partners.

        :return: {id: (level id, annual revenue, headcount)}
        :rtype: dict[int, tuple]
        """
        # sudo: res.partner - to compare only; whether the values may be written is the business of the write
        partners = self.sudo()
        partners.fetch(WATCHED)
        return {partner.id: (partner.kehu_level_id.id, partner.kehu_annual_revenue, partner.kehu_headcount) for partner in partners}

    def _kehu_log_history(self, before):
        """Write the rows for what has changed: one statement per history, however many partners.

        :param dict before: as :meth:`_kehu_watched_values`; who is missing there was just made
        """
        levels, changes = [], []
        stamp = {"date": fields.Datetime.now(), "author_id": self.env.uid}
        cause = self._kehu_level_cause()
        for partner_id, (level_id, revenue, headcount) in self._kehu_watched_values().items():
            old_level_id, old_revenue, old_headcount = before.get(partner_id, (False, 0.0, 0))
            if level_id != old_level_id:
                levels.append({"partner_id": partner_id, "old_level_id": old_level_id, "level_id": level_id, "cause": cause, **stamp})
            if headcount != old_headcount:
                changes.append(
                    {
                        "partner_id": partner_id,
                        "kind": "headcount",
                        "old_value": old_headcount,
                        "new_value": headcount,
                        "currency_id": False,
                        **stamp,
                    }
                )
            if revenue != old_revenue:
                # sudo: res.partner - the currency that its amounts are in
                currency = self.browse(partner_id).sudo().currency_id
                if not currency.compare_amounts(revenue, old_revenue):
                    continue  # the same to the cent
                changes.append(
                    {
                        "partner_id": partner_id,
                        "kind": "revenue",
                        "old_value": old_revenue,
                        "new_value": currency.round(revenue),
                        "currency_id": currency.id,
                        **stamp,
                    }
                )
        self._kehu_write_history(levels, changes)

    @api.model
    def _kehu_write_history(self, levels, changes):
        # sudo: kehu.level.change, kehu.customer.change - histories that no user may write
        rows = as_engine(self.env["kehu.level.change"].sudo(), "history")
        if levels:
            rows.create(levels)
        if changes:
            rows.env["kehu.customer.change"].create(changes)

    @api.model
    def _kehu_level_cause(self):
        """Tell why a level changes in this environment.

        :return: a key of ``kehu.level.change.cause``
        :rtype: str
        """
        # a merge runs inside the engine of the contact records, so it is asked first
        return next((engine for engine in ("merge", "scoring", "contact") if is_engine(self.env, engine)), "manual")

    def _kehu_close_histories(self):
        """After a merge has brought rows of several customers together: the newest row of each history tells of the present again."""
        self.ensure_one()
        # sudo: res.partner, kehu.level.change, kehu.customer.change - histories of the customer that stays, whoever merges
        kept = self.sudo()
        stamp = {"partner_id": kept.id, "date": fields.Datetime.now(), "author_id": self.env.uid}
        levels, changes = [], []
        newest = kept.env["kehu.level.change"].search([("partner_id", "=", kept.id)], limit=1)
        if newest and newest.level_id != kept.kehu_level_id:
            levels.append({"old_level_id": newest.level_id.id, "level_id": kept.kehu_level_id.id, "cause": "merge", **stamp})
        for kind, value, currency in (
            ("revenue", kept.kehu_annual_revenue, kept.currency_id),
            ("headcount", kept.kehu_headcount, kept.currency_id.browse()),
        ):
            newest = kept.env["kehu.customer.change"].search([("partner_id", "=", kept.id), ("kind", "=", kind)], limit=1)
            if newest and newest.new_value != value:
                changes.append({"kind": kind, "old_value": newest.new_value, "new_value": value, "currency_id": currency.id, **stamp})
        self._kehu_write_history(levels, changes)

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_kehu_open_changes(self):
        """Open the chart of this customer's annual revenue and headcount."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_customer_change_action")
        action["domain"] = [("partner_id", "=", self.id)]
        return action
