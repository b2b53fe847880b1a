from odoo import api, fields, models

# what may move an opportunity: the stage itself, and what the host derives it and “lost” from
MOVES = {"stage_id", "team_id", "user_id", "type", "active", "probability"}
AT_ONCE = MOVES - {"user_id"}  # each of these moves is told, also two of them in one transaction


class CrmLead(models.Model):
    """Each change of stage leaves rows in the stage history, by whatever door it comes."""

    _inherit = "crm.lead"

    kehu_stage_event_ids = fields.One2many("kehu.stage.event", "lead_id", string="Stage History", groups="kehu_crm.group_kehu_user")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._kehu_log_stages()
        return leads

    def write(self, vals):
        if not AT_ONCE.isdisjoint(vals):
            self.env["kehu.stage.event"]._kehu_catch_up(self)
        won = self._kehu_days_won(vals)
        result = super().write(vals)
        for day, leads in won.items():  # the host takes the moment of archiving, and of restoring, for the closing day
            super(CrmLead, leads.filtered(lambda lead: lead.won_status == "won")).write({"date_closed": day})
        if not MOVES.isdisjoint(vals):
            self._kehu_log_stages()
        return result

    def _kehu_days_won(self, vals):
        """Return the won opportunities by the moment they were won, where these values put them away or restore them."""
        days = {}
        if "date_closed" not in vals and (not vals.get("active", True) or (vals.get("probability") or 0) >= 100):
            for lead in self:
                if lead.won_status == "won" and lead.date_closed:
                    days[lead.date_closed] = days.get(lead.date_closed, self.browse()) | lead
        return days

    def _kehu_log_stages(self):
        """Have the log follow these opportunities at the end of the transaction, or when somebody reads it: all of them at once."""
        self.env["kehu.stage.event"]._kehu_moved(self)

    def _kehu_places(self):
        """Tell where these opportunities are, as the stage history wants to know it.

        :return: {id: (stage id, or False: in no stage; team id; how it left when it is in none)}
        :rtype: dict
        """
        places = {}
        # sudo: crm.lead - to compare only; whether it may be moved is the business of the write
        for lead in self.sudo():
            if lead.type != "opportunity":
                places[lead.id] = False, False, "withdrawn"
            elif lead.won_status == "lost":
                places[lead.id] = False, False, "lost"
            else:
                places[lead.id] = lead.stage_id.id, lead.team_id.id, None
        return places

    @api.model
    def _kehu_access_domain(self, operation):
        """Return which opportunities the current user may read. Asked by the rule of the stage history.

        :param str operation: ``read``
        :rtype: Domain
        """
        # the rules are asked with a user in superuser mode, whom no rule concerns
        return self.sudo(False).env["ir.rule"]._compute_domain("crm.lead", operation)
