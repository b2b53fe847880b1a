from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date, format_list, formatLang
from odoo.tools.sql import table_exists

from ...models.duplicate.exceptions import KehuDuplicateMergeError

# What everybody can see on the card is compared; what the system keeps is not.
COMPARED_TYPES = ("char", "text", "integer", "float", "monetary", "date", "datetime", "selection", "many2one", "boolean")
UNCOMPARED = {"id", "parent_id", "kehu_is_customer", "color", "create_uid", "create_date", "write_uid", "write_date"}
# The pool room puts these right after a merge: they stay as they are, whatever the others have.
OWNER_FIELDS = ("user_id", "kehu_pool_id")
# Tables whose rows say nothing to people.
UNCOUNTED = ("mail_followers", "bus_presence", "res_partner_bank")
LONGEST_TEXT = 60


class KehuDuplicateMerge(models.TransientModel):
    """Shows what a merge will do before it is done: who stays, what each field will be, what moves, and what stands in the way."""

    _name = "kehu.duplicate.merge"
    _description = "Merge Duplicates"
    _rec_name = "group_id"

    group_id = fields.Many2one("kehu.duplicate.group", required=True, ondelete="cascade", readonly=True)
    partner_ids = fields.Many2many("res.partner", string="Customers", compute="_compute_partner_ids")
    kept_id = fields.Many2one(
        "res.partner",
        string="Stays",
        required=True,
        ondelete="cascade",
        domain="[('id', 'in', partner_ids)]",
        help="The others become part of this customer and disappear.",
    )
    is_owner_different = fields.Boolean(compute="_compute_is_owner_different")
    with_transfer = fields.Boolean(
        string="Transfer First",
        help="A merge changes no owner. Customers of another owner, or in a pool, are first handed over to the owner of the one that "
        "stays, with their open documents; the history shows it.",
    )
    obstacle = fields.Char(compute="_compute_obstacle")
    preview = fields.Html(compute="_compute_preview", sanitize=False, string="What Will Happen")

    @api.depends("group_id")
    def _compute_partner_ids(self):
        for merge in self:
            merge.partner_ids = merge.group_id.member_ids.partner_id

    @api.depends("kept_id", "group_id")
    def _compute_is_owner_different(self):
        for merge in self:
            merge.is_owner_different = bool(merge.kept_id and merge._kehu_to_transfer())

    @api.depends("kept_id", "with_transfer")
    def _compute_obstacle(self):
        for merge in self:
            merge.obstacle = merge._kehu_obstacle()

    @api.depends("kept_id", "group_id")
    @api.depends_context("uid", "lang")
    def _compute_preview(self):
        for merge in self:
            merge.preview = (
                self.env["ir.qweb"]._render(
                    "kehu_crm.kehu_duplicate_merge_preview",
                    {"merge": merge, "rows": merge._kehu_values(), "moves": merge._kehu_moves()},
                )
                if merge.kept_id
                else False
            )

    # -- what will happen ----------------------------------------------------------------------------------------------

    def _kehu_going(self):
        """Return the customers that will disappear, in the order in which they are merged."""
        return self.partner_ids - self.kept_id

    def _kehu_to_transfer(self):
        """Return the customers that have another owner than the one that stays, or wait in a pool while that one is owned."""
        owner = self.kept_id.user_id
        return self._kehu_going().filtered(lambda partner: partner.user_id != owner and (partner.user_id or owner))

    def _kehu_obstacle(self):
        """Return the sentence that says why these customers cannot become one like this; false when they can."""
        if not self.kept_id or self.group_id.state != "open":
            return False
        if len(self.partner_ids.with_context(active_test=False).user_ids) > 1:
            return self.env._("Two of these customers sign in with accounts of their own. Close one of the accounts first.")
        for partner in self.partner_ids:
            if partner.parent_id in self.partner_ids:
                return self.env._(
                    "“%(name)s” belongs to “%(parent)s”, so they are not two customers.", name=partner.name, parent=partner.parent_id.name
                )
        others = self._kehu_to_transfer()
        if others and not self.kept_id.user_id:
            return self.env._(
                "“%(name)s” waits in a pool, and “%(other)s” has an owner. Let the one with an owner stay.",
                name=self.kept_id.name,
                other=others[0].name,
            )
        if others.filtered("user_id") and not self.with_transfer:
            return self.env._(
                "“%(name)s” belongs to %(owner)s and “%(other)s” to %(other_owner)s. Choose “Transfer First”, or let another one stay.",
                name=others.filtered("user_id")[0].name,
                owner=others.filtered("user_id")[0].user_id.name,
                other=self.kept_id.name,
                other_owner=self.kept_id.user_id.name,
            )
        return False

    def _kehu_values(self):
        """Return the fields in which the customers differ: {label, value, source, lost}.

        ``value`` is what the customer that stays will have: its own, or of the first that has one; ``source`` the name of that one where
        it is another; ``lost`` the values of others that are not taken over, as (name, value).

        :rtype: list[dict]
        """
        self.ensure_one()
        partners = self.kept_id | self._kehu_going()
        rows = []
        for name, label in self._kehu_compared_fields().items():
            texts = [(partner, self._kehu_text(partner, name)) for partner in partners]
            if len({text for _partner, text in texts}) == 1:
                continue
            taken = texts[0] if name in OWNER_FIELDS else next(((partner, text) for partner, text in texts if text), texts[0])
            rows.append(
                {
                    "label": label,
                    "value": taken[1],
                    "source": taken[0].name if taken[0] != self.kept_id else False,
                    "lost": [(partner.name, text) for partner, text in texts if text and text != taken[1]],
                }
            )
        return rows

    @api.model
    def _kehu_compared_fields(self):
        """Return {field: label} of what people fill in on a customer, in the order of their labels, the name first."""
        partners = self.env["res.partner"]
        technical = (partners._kehu_system_fields() - set(OWNER_FIELDS)) | UNCOMPARED
        shown = partners.fields_get(attributes=["string", "type", "store", "readonly"])
        labels = {
            name: description["string"]
            for name, description in shown.items()
            if description["type"] in COMPARED_TYPES
            and description["store"]
            and name not in technical
            # the host merges no computed fields; those of the owner are put right by the pool room
            and (not partners._fields[name].compute or name in OWNER_FIELDS)
        }
        # the code is called as on the card and in the group, not as the host's “Reference”
        labels["ref"] = self.env["kehu.duplicate.member"].fields_get(["ref"], ["string"])["ref"]["string"]
        return dict(sorted(labels.items(), key=lambda item: (item[0] != "name", item[1])))

    def _kehu_text(self, partner, name):
        """Return a value as people read it, empty when there is none."""
        field = partner._fields[name]
        value = partner[name]
        if field.type == "boolean":
            return self.env._("Yes") if value else ""
        if not value:
            return ""
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "datetime":
            value = fields.Datetime.context_timestamp(self, value)
        if field.type in ("date", "datetime"):
            return format_date(self.env, value)
        if field.type == "integer":
            return formatLang(self.env, value, digits=0)
        if field.type == "monetary":
            return format_amount(self.env, value, partner[field.get_currency_field(partner)] or self.env.company.currency_id)
        text = str(value)
        return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"

    def _kehu_moves(self):
        """Return what moves to the customer that stays: (kind of records, how many), the most first.

        Counted by one statement over all columns that refer to partners, as the host's merge moves them.

        :rtype: list[tuple[str, int]]
        """
        going = self._kehu_going()
        if not going:
            return []
        self.env.flush_all()
        tables = {model._table: name for name, model in self.env.items() if not model._abstract and not model._transient and model._auto}
        columns = {}
        # sudo: res.partner - the columns of the data base that refer to partners, as the host's merge looks at them
        for table, column in self.env["base.partner.merge.automatic.wizard"].sudo()._get_fk_on("res_partner"):
            if table in tables and table not in UNCOUNTED and not table.startswith("kehu_duplicate"):
                columns.setdefault(table, []).append(column)
        columns["res_partner"] = ["parent_id"]
        counts = [
            SQL(
                "SELECT %s, count(*) FROM %s WHERE %s",
                tables[table],
                SQL.identifier(table),
                SQL(" OR ").join(SQL("%s = ANY (%s)", SQL.identifier(column), going.ids) for column in names),
            )
            for table, names in columns.items()
        ]
        counts += [
            SQL("SELECT %s, count(*) FROM %s WHERE %s = 'res.partner' AND res_id = ANY (%s)", name, SQL.identifier(table), model, going.ids)
            for name, table, model in (
                ("mail.message", "mail_message", SQL.identifier("model")),
                ("ir.attachment", "ir_attachment", SQL.identifier("res_model")),
                ("mail.activity", "mail_activity", SQL.identifier("res_model")),
            )
            if table_exists(self.env.cr, table)
        ]
        totals = {}
        for name, count in self.env.execute_query(SQL(" UNION ALL ").join(counts)):
            if count:
                totals[name] = max(totals.get(name, 0), count)
        labels = self.env["ir.model"]._get
        return sorted(((labels(name).name or name, count) for name, count in totals.items()), key=lambda row: (-row[1], row[0]))

    # -- doing it ------------------------------------------------------------------------------------------------------

    def action_merge(self):
        """Merge as the preview says: hand over what belongs to others if chosen, then the host's merge.

        :raises KehuDuplicateMergeError: when something stands in the way
        :raises KehuDuplicateRightsError: for people who may not merge contacts
        """
        self.ensure_one()
        self.group_id._kehu_check_merge()
        if self.kept_id not in self.partner_ids:
            raise KehuDuplicateMergeError(self.env._("“%(name)s” is not one of these customers.", name=self.kept_id.name))
        obstacle = self._kehu_obstacle()
        if obstacle:
            raise KehuDuplicateMergeError(obstacle)
        if self.with_transfer:
            reason = self.env._("Merged with %(names)s.", names=self.kept_id.name)
            owner = self.kept_id.user_id
            others = self._kehu_to_transfer()
            pooled = others.filtered(lambda partner: not partner.user_id)
            if pooled:
                pooled.kehu_assign(owner.id, reason)
            if others - pooled:
                (others - pooled).kehu_transfer(owner.id, reason, with_documents=True)
        return self.group_id._kehu_merge(self.kept_id)

    def _kehu_names(self):
        """Return the names of the customers that will disappear, for the first line of the preview."""
        return format_list(self.env, self._kehu_going().mapped("name"))
