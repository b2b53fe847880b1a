from ast import literal_eval

from odoo import api, fields, models

SHOWN = 8  # choices named in the overview


class KehuDictionaryArea(models.Model):
    """One drop-down of the CRM, in the overview of all of them: where it is used, what it offers, and where that is maintained.

    Shipped by data and read only. Its choices are values of the dictionary, words of a list with rules of its own, or fixed.
    """

    _name = "kehu.dictionary.area"
    _description = "Drop-Down"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, readonly=True)
    room = fields.Char(string="Where", required=True, translate=True, readonly=True)
    sequence = fields.Integer(default=10, readonly=True)
    kind = fields.Selection(
        [("values", "Here"), ("list", "Own List"), ("fixed", "Fixed")],
        string="Maintained",
        required=True,
        readonly=True,
        help="Here: a click opens its choices. Own list: a click opens that list, which has further rules or is shared with other apps. "
        "Fixed: the program goes by these choices, and they cannot be changed.",
    )
    res_model = fields.Char(string="Technical Kind", required=True, readonly=True, export_string_translation=False)
    field_name = fields.Char(string="Technical Field", readonly=True, export_string_translation=False)
    dictionary = fields.Char(string="Technical Dictionary", readonly=True, export_string_translation=False)
    action = fields.Char(string="Technical Action", readonly=True, export_string_translation=False)
    why = fields.Char(string="Remark", translate=True, readonly=True)
    count = fields.Integer(string="Choices", compute="_compute_choices")
    archived = fields.Integer(compute="_compute_choices", help="Choices that stay on old records and are not offered any more.")
    choices = fields.Char(string="What Is Offered", compute="_compute_choices")

    @api.depends_context("lang")
    @api.depends("kind", "res_model", "field_name", "dictionary")
    def _compute_choices(self):
        values = self.env["kehu.dictionary.value"].with_context(active_test=False)
        words = values.search_fetch([("dictionary", "in", self.mapped("dictionary"))], ["name", "dictionary", "active"])
        for area in self:
            active, archived = [], 0
            model = self.env.get(area.res_model)
            if area.kind == "values":
                own = words.filtered(lambda word, area=area: word.dictionary == area.dictionary)
                active = own.filtered("active").mapped("display_name")
                archived = len(own) - len(active)
            elif model is not None and area.kind == "fixed":
                active = [label for _value, label in model._fields[area.field_name]._description_selection(self.env)]
            elif model is not None and model.has_access("read"):
                records = model.search([("id", "!=", False)], limit=200)
                active = records.mapped("display_name")
                if "active" in model._fields:
                    archived = model.with_context(active_test=False).search_count([("active", "=", False)], limit=200)
            area.count, area.archived = len(active), archived
            area.choices = " · ".join(active[:SHOWN] + (["…"] if len(active) > SHOWN else []))

    def action_open(self):
        """Open what is offered here, to change it.

        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        if self.kind == "fixed":
            return False
        xmlid = self.action or "kehu_crm.kehu_dictionary_value_action"
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        context = (
            literal_eval(action.get("context") or "{}") if isinstance(action.get("context"), str) else dict(action.get("context") or {})
        )
        if self.kind == "values":
            action["name"] = self.name
            context.update({"searchpanel_default_dictionary": self.dictionary, "default_dictionary": self.dictionary})
        return {**action, "context": context}
