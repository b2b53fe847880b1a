from odoo import api, fields, models
from odoo.tools import SQL, format_list

from ..system.engine import as_engine
from .exceptions import KehuDuplicateMergeError, KehuDuplicateRightsError, KehuDuplicateSearchError

NAMES_IN_GROUP = 4
# More customers with one key are no duplicates: a hotline, a street.
LARGEST_GROUP = 100


class KehuDuplicateGroup(models.Model):
    """Customers that a search found to be the same, until somebody merges them or says that they are not.

    =======  ==================================
    state    may become
    =======  ==================================
    open     merged, different
    =======  ==================================
    """

    _name = "kehu.duplicate.group"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Group of Duplicates"
    _order = "score desc, member_count desc, id"
    _rec_name = "key"
    _log_access = False  # the search says who and when
    _kehu_engine = "duplicate"

    search_id = fields.Many2one("kehu.duplicate.search", required=True, ondelete="cascade", index=True)
    rule_id = fields.Many2one(
        "kehu.duplicate.rule", string="Why", ondelete="cascade", index=True, help="The rule by which they are the same."
    )
    key = fields.Char(string="In Common", help="What the customers have in common, without what does not matter.")
    score = fields.Float(help="How sure it is, from 0 to 1.", aggregator=None)
    member_count = fields.Integer(string="Customers", aggregator=None)
    member_numbers = fields.Json(
        export_string_translation=False,
        help="The ids of the customers. A row for each, with its reference to the customer, costs a search of a million customers more "
        "than finding them; nobody opens most groups.",
    )
    member_ids = fields.One2many("kehu.duplicate.member", "group_id", string="Members")
    chosen_id = fields.Many2one("res.partner", string="Chosen by Hand", ondelete="set null", help="The customer that somebody let stay.")
    state = fields.Selection(
        [("open", "To Decide"), ("merged", "Merged"), ("different", "Different Customers")], default="open", required=True, index=True
    )
    names = fields.Char(string="Customers Found", compute="_compute_names")
    kept_id = fields.Many2one(
        "res.partner",
        string="Stays",
        compute="_compute_kept_id",
        help="The customer into which the others are merged: one with an owner before one in the pool, then the oldest.",
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")

    @api.depends("member_ids.partner_id")
    def _compute_names(self):
        for group in self:
            names = group.member_ids.partner_id.mapped("complete_name")
            text = format_list(self.env, names[:NAMES_IN_GROUP]) if names else ""
            more = len(names) - NAMES_IN_GROUP
            group.names = self.env._("%(names)s and %(count)s more", names=text, count=more) if more > 0 else text

    @api.depends("member_ids.partner_id", "chosen_id")
    def _compute_kept_id(self):
        for group in self:
            partners = group.member_ids.partner_id
            chosen = group.chosen_id & partners
            group.kept_id = chosen or partners.sorted(lambda partner: (not partner.user_id, partner.id))[:1]

    # -- for people ----------------------------------------------------------------------------------------------------

    def action_preview(self):
        """Open the preview of the merge: who stays, what each field will be, what moves.

        :raises KehuDuplicateRightsError: for people who may not merge contacts
        :raises KehuDuplicateSearchError: when the group is decided already
        """
        self.ensure_one()
        self._kehu_check_merge()
        merge = self.env["kehu.duplicate.merge"].create({"group_id": self.id, "kept_id": self.kept_id.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge Duplicates"),
            "res_model": merge._name,
            "res_id": merge.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_merge(self):
        """Merge the customers of each group into the one that stays. All or none.

        :raises KehuDuplicateRightsError: for people who may not merge contacts
        :raises KehuDuplicateSearchError: when a group is decided already
        :raises KehuDuplicateMergeError: when something stands in the way in one of them, such as two owners
        """
        self._kehu_check_merge()
        previews = self.env["kehu.duplicate.merge"].create([{"group_id": group.id, "kept_id": group.kept_id.id} for group in self])
        for preview in previews.filtered("obstacle"):
            raise KehuDuplicateMergeError(
                self.env._(
                    "“%(names)s” cannot become one like this. Open them and press “Merge…”. %(reason)s",
                    names=preview.group_id.names,
                    reason=preview.obstacle,
                )
            )
        merged = sum(group._kehu_merge_into(group.kept_id) for group in self)
        return self._kehu_notify(self.env._("Merged customers: %(count)s.", count=merged))

    def _kehu_check_merge(self):
        """:raises KehuDuplicateRightsError: for people who may not merge contacts
        :raises KehuDuplicateSearchError: when a group is decided already
        """
        self._kehu_check_open()
        if not self.env.su and not self.env.user.has_group("base.group_partner_manager"):
            raise KehuDuplicateRightsError(self.env._("You may not merge customers. Ask a CRM administrator to do it."))

    def _kehu_merge(self, kept):
        """Merge the customers of this group into one of them, and tell so.

        :param res.partner kept: the one that stays
        """
        self.ensure_one()
        return self._kehu_notify(self.env._("Merged customers: %(count)s.", count=self._kehu_merge_into(kept)))

    def _kehu_merge_into(self, kept):
        """:return: how many customers disappeared"""
        self.ensure_one()
        partners = self.member_ids.partner_id.exists()
        partners.check_access("write")
        gone = partners - kept
        if gone:
            names = format_list(self.env, gone.mapped("complete_name"))
            partners._kehu_merge_duplicates(kept)
            kept.message_post(body=self.env._("Merged as duplicates by %(user)s: %(names)s.", user=self.env.user.name, names=names))
        self._kehu_decide("merged")
        return len(gone)

    def action_different(self):
        """Remember that the customers of these groups are different; no rule reports them together any more."""
        self._kehu_check_open()
        for group in self:
            ids = group.member_ids.partner_id.ids
            self.env["res.partner"]._kehu_exclude([(one, two) for one in ids for two in ids if one < two])
        self._kehu_decide("different")
        return self._kehu_notify(self.env._("Remembered as different: %(count)s groups.", count=len(self)))

    def action_open_customers(self):
        """Open the customers of this group."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_customer_action")
        return {**action, "domain": [("id", "in", self.member_ids.partner_id.ids)], "context": {}}

    def _kehu_check_open(self):
        self.env["kehu.duplicate.search"]._kehu_require_decider()
        self.check_access("read")
        decided = self.filtered(lambda group: group.state != "open")
        if decided:
            raise KehuDuplicateSearchError(
                self.env._(
                    "“%(names)s” is decided already. Start a new search to see what is left.", names=decided[0].names or decided[0].key
                )
            )

    def _kehu_decide(self, state):
        # sudo: kehu.duplicate.group - the engine keeps its records, rights were checked
        as_engine(self.sudo(), "duplicate").write({"state": state})

    def _kehu_notify(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }


class KehuDuplicateMember(models.Model):
    """One customer of a group of duplicates: what ``member_numbers`` of the group says, as rows for people. Nothing is stored."""

    _name = "kehu.duplicate.member"
    _description = "Member of a Group of Duplicates"
    _order = "group_id, partner_id"
    _rec_name = "partner_id"
    _auto = False
    _log_access = False
    _depends = {"kehu.duplicate.group": ["member_numbers"], "res.partner": ["name"]}

    group_id = fields.Many2one("kehu.duplicate.group", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    is_kept = fields.Boolean(string="Stays After Merging", compute="_compute_is_kept")
    ref = fields.Char(related="partner_id.ref", string="Code")
    user_id = fields.Many2one(related="partner_id.user_id", string="Owner")
    kehu_pool_id = fields.Many2one(related="partner_id.kehu_pool_id", string="Pool")
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    vat = fields.Char(related="partner_id.vat")
    create_date = fields.Datetime(related="partner_id.create_date", string="Since")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT g.id::bigint * %s + member.position AS id, g.id AS group_id, p.id AS partner_id
              FROM kehu_duplicate_group g
        CROSS JOIN LATERAL jsonb_array_elements_text(g.member_numbers) WITH ORDINALITY AS member(number, position)
              JOIN res_partner p ON p.id = member.number::int
            """,
            2 * LARGEST_GROUP,
        )

    @api.depends("group_id.kept_id")
    def _compute_is_kept(self):
        for member in self:
            member.is_kept = member.partner_id == member.group_id.kept_id

    def action_keep(self):
        """Choose this customer as the one that stays."""
        self.ensure_one()
        self.group_id._kehu_check_open()
        # sudo: kehu.duplicate.group - the engine keeps its records, rights were checked
        as_engine(self.group_id.sudo(), "duplicate").write({"chosen_id": self.partner_id.id})
        return True
