from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list, ormcache
from odoo.tools.sql import column_exists, create_column

from ...tools.pinyin import pinyin_key
from ...tools.text import is_visible
from ..system.engine import is_record_id, is_uninstalling
from ..system.usage import uses_in_words
from ..system.values import LONGEST_NAME, check_length, check_links_read, check_texts, check_types
from .exceptions import KehuCustomerError, KehuHiddenParentError, KehuPartnerDeletionError, refuse_system_field
from .hidden import hidden_customers

STAGES = [
    ("potential", "Potential"),
    ("interested", "Interested"),
    ("won", "Won"),
    ("dormant", "Dormant"),
    ("lost", "Lost"),
]

# Forms and lists of customers alone, no contacts among them.
CUSTOMER_VIEWS = (
    "res_partner_view_form_kehu",
    "res_partner_view_list_kehu",
    "res_partner_view_list_kehu_plan",
    "res_partner_view_list_kehu_pool",
)

# Names listed in a notification or an error before it says how many more there are.
NAMES_SHOWN = 10

# Scope columns that follow from others. Written by hand they would show or hide a record against the rules.
COMPUTED_COLUMNS = ("kehu_customer_id", "kehu_department_id", "kehu_pinyin", "kehu_birthday_day", "kehu_other_phones")

# Made by hand when the add-on is installed, see :meth:`ResPartner._auto_init`.
COMPUTED_COLUMN_TYPES = (
    ("kehu_customer_id", "int4"),
    ("kehu_department_id", "int4"),
    ("kehu_pinyin", "varchar"),
    ("kehu_birthday_day", "varchar"),
    ("kehu_other_phones", "varchar"),
)

# Texts of the host that stand in an index, which holds no thousands of characters.
INDEXED_TEXTS = {"ref", "vat", "company_registry", "phone", "email", "website"}

# Those of the host that record rules and names rely on. Its own code may set them as superuser.
HOST_COMPUTED_COLUMNS = ("commercial_partner_id", "partner_share")


class ResPartner(models.Model):
    """A customer of the CRM is a partner marked as such; contacts below it follow it in owner, pool and department."""

    _inherit = "res.partner"

    kehu_is_customer = fields.Boolean(
        string="CRM Customer",
        index="btree_not_null",
        help="Managed by the CRM: has an owner or waits in a pool, and is contacted on a rhythm.",
    )
    kehu_customer_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_kehu_customer_id",
        compute_sudo=True,
        store=True,
        recursive=True,
        index="btree_not_null",
        help="The CRM customer this partner is or belongs to.",
    )
    kehu_contact_ids = fields.One2many(
        "res.partner",
        "kehu_customer_id",
        string="Contact Persons",
        domain=[("kehu_is_customer", "=", False)],
        help="Everybody who belongs to this customer.",
    )
    kehu_level_id = fields.Many2one(
        "kehu.customer.level",
        string="Level",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="How important the customer is. The level proposes the date of the next contact.",
        groups="base.group_user",
    )
    kehu_level_color = fields.Integer(
        related="kehu_level_id.color", string="Level Color", export_string_translation=False, groups="base.group_user"
    )
    kehu_source_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Source",
        domain=[("dictionary", "=", "customer_source")],
        index="btree_not_null",
        ondelete="restrict",
        help="Where we know this customer from.",
        groups="base.group_user",
    )
    kehu_nature_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Nature",
        domain=[("dictionary", "=", "customer_nature")],
        index="btree_not_null",
        ondelete="restrict",
        help="What kind of organisation the customer is: private, state-owned, foreign-invested …",
        groups="base.group_user",
    )
    kehu_region_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Region",
        domain=[("dictionary", "=", "customer_region")],
        index="btree_not_null",
        ondelete="restrict",
        help="The part of the country in which we count this customer. Administrators maintain the regions in the business dictionary.",
        groups="base.group_user",
    )
    kehu_stage = fields.Selection(
        STAGES,
        string="Stage",
        index="btree_not_null",
        tracking=True,
        help="How far the customer has come: potential, interested, won, dormant or lost.",
        groups="base.group_user",
    )
    kehu_department_id = fields.Many2one(
        "hr.department",
        string="Department",
        compute="_compute_kehu_department_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="Department of the owner.",
        groups="base.group_user",
    )
    kehu_assigned_on = fields.Datetime(
        string="Assigned On",
        readonly=True,
        copy=False,
        help="Since when the owner has had this customer. Empty while it waits in a pool.",
        groups="base.group_user",
    )
    kehu_pinyin = fields.Char(
        string="Pinyin",
        compute="_compute_kehu_pinyin",
        store=True,
        index="trigram",
        export_string_translation=False,
        help="Full pinyin and initials of a Chinese name, for searching.",
    )
    kehu_mobile = fields.Char(string="Mobile", index="trigram")
    kehu_legal_representative = fields.Char(string="Legal Representative")
    kehu_annual_revenue = fields.Monetary(
        string="Annual Revenue",
        currency_field="currency_id",
        help="Yearly revenue of the customer, in the currency of your company.",
        groups="base.group_user",
    )
    kehu_headcount = fields.Integer(string="Headcount", groups="base.group_user")

    # an index of ours on the host's column, which goes when the add-on goes
    _kehu_owner_idx = models.Index("(user_id) WHERE user_id IS NOT NULL")
    _kehu_ref_uniq = models.UniqueIndex(
        "(ref, COALESCE(company_id, 0)) WHERE kehu_is_customer IS TRUE AND ref <> ''",
        "Another customer already has this code. Type a different one, or leave it empty to get the next free number.",
    )

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Show a long name whole on our card, and look for known customers while it is typed.

        The host puts its company autocompletion on every field ``name`` of a partner form: one line, cut off on a phone, which sends what
        is typed to a service outside.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for node in arch.xpath("//field[@name='name'][contains(@class, 'kehu_whole_name')]"):
                node.set("widget", "kehu_typed_name")
        if view_type in ("form", "list") and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            lookup = self.env["ir.model.data"]._xmlid_to_res_id
            if view and view.id in [lookup(f"kehu_crm.{name}") for name in CUSTOMER_VIEWS]:
                arch.set("delete", "0")
        return arch, view

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """Deleting is offered to those alone who delete customers."""
        return (*super()._get_view_cache_key(view_id, view_type, **options), self.env.user.has_group("kehu_crm.group_kehu_admin"))

    @property
    def _rec_names_search(self):
        return [*super()._rec_names_search, "phone", "kehu_mobile", "kehu_pinyin"]

    def _auto_init(self):
        """Make the computed columns by hand when the add-on is installed: no partner is a customer yet, so they are empty.

        Otherwise the ORM would compute them in Python for each partner of a grown database.
        """
        for name, column_type in COMPUTED_COLUMN_TYPES:
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, column_type)
        return super()._auto_init()

    # -- computes ------------------------------------------------------------------------------------------------------

    @api.depends("kehu_is_customer", "parent_id.kehu_customer_id")
    def _compute_kehu_customer_id(self):
        for partner in self:
            partner.kehu_customer_id = partner if partner.kehu_is_customer else partner.parent_id.kehu_customer_id

    @api.depends("user_id.kehu_home_department_id", "kehu_customer_id")
    def _compute_kehu_department_id(self):
        for partner in self:
            owner = partner.user_id if partner.kehu_customer_id else partner.env["res.users"]
            partner.kehu_department_id = owner.kehu_home_department_id

    @api.depends("name", "kehu_customer_id")
    def _compute_kehu_pinyin(self):
        for partner in self:
            partner.kehu_pinyin = (partner.kehu_customer_id and pinyin_key(partner.name)) or False

    @api.depends("parent_id")
    def _compute_user_id(self):
        """The owner of a CRM customer never follows a parent company by itself: ownership has its own rules."""
        return super(ResPartner, self.filtered(lambda partner: not partner.kehu_is_customer))._compute_user_id()

    # -- create, write, unlink -----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["kehu_is_customer", "parent_id", "lang", "company_id"])
        default_mark = defaults.get("kehu_is_customer")
        vals_list = [dict(vals) for vals in vals_list]
        self._kehu_check_seen_parents({vals.get("parent_id", defaults.get("parent_id")) for vals in vals_list})
        without_code, typed_codes = [], []
        parent_ids = [vals.get("parent_id", defaults.get("parent_id")) for vals in vals_list]
        parents = self.browse(dict.fromkeys(filter(is_record_id, parent_ids)))
        for vals, parent_id in zip(vals_list, parent_ids, strict=True):
            self._kehu_check_system_fields(vals, creating=True)
            self._kehu_check_types(vals)
            self.browse(parent_id or [])._kehu_check_name_length(vals, vals.get("kehu_is_customer", default_mark))
            if vals.get("kehu_is_customer", default_mark):
                self.browse().check_access("create")
                self._kehu_check_mark_right(vals.get("name"))
                vals.setdefault("kehu_stage", "potential")
                if is_record_id(parent_id) and "lang" not in vals:
                    # as the host does once it is born, when whoever enters it may not change it any more: it may wait in a pool
                    parent = self.browse(parent_id).with_prefetch(parents._prefetch_ids)
                    vals["lang"] = parent.lang or defaults.get("lang") or self.env.lang
                if not vals.get("ref"):
                    without_code.append(vals)
                else:
                    typed_codes.append((vals["ref"], vals.get("company_id", defaults.get("company_id")) or False))
        self.browse()._kehu_check_codes(typed_codes)
        for vals, code in zip(without_code, self._kehu_next_codes(len(without_code)), strict=True):
            vals["ref"] = code
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_system_fields(vals)
        self._kehu_check_types(vals)
        self._kehu_check_name_length(vals)
        newcomers = self.browse()
        if vals.get("kehu_is_customer"):
            newcomers = self.filtered(lambda partner: not partner.kehu_is_customer)
            newcomers._kehu_check_mark()
        elif "kehu_is_customer" in vals:
            self.check_access("write")  # a refusal may name the customer
            self.filtered("kehu_is_customer")._kehu_check_unmark()
        bearers = self if vals.get("ref") else newcomers
        if bearers:
            # sudo: res.partner - whether they are customers, and of which company
            customers = bearers.sudo().filtered(lambda partner: partner.kehu_is_customer or partner.with_env(self.env) in newcomers)
            customers._kehu_check_codes(
                [(vals.get("ref", customer.ref), vals.get("company_id", customer.company_id.id)) for customer in customers]
            )
        rest = {name: value for name, value in vals.items() if name != "kehu_is_customer" or not newcomers}
        kept = self._kehu_kept_contacts() if "parent_id" in vals else self.browse()
        result = super().write(rest)
        # sudo: res.partner - whether they still belong to a customer, whoever may see them now
        lost = kept.sudo().filtered(lambda partner: not partner.kehu_customer_id)
        if lost:
            raise KehuPartnerDeletionError(
                self.env._(
                    "“%(name)s” cannot leave its customer: you did not add it yourself, today. Archive it instead.", name=lost[0].name
                )
            )
        # sudo: res.partner - a customer that keeps a colleague as its owner is out of sight the moment it is marked
        newcomers_sudo = newcomers.sudo()
        if newcomers:
            self.check_access("write")
            super(ResPartner, newcomers_sudo).write({"kehu_is_customer": True})
        without_stage = newcomers_sudo.filtered(lambda partner: not partner.kehu_stage)
        if without_stage:
            without_stage.write({"kehu_stage": "potential"})
        without_code = newcomers_sudo.filtered(lambda partner: not partner.ref)
        for partner, code in zip(without_code, self._kehu_next_codes(len(without_code)), strict=True):
            partner.ref = code
        return result

    def copy_data(self, default=None):
        """A copy of a customer gets a code of its own."""
        vals_list = super().copy_data(default)
        if "ref" not in (default or {}):
            for partner, vals in zip(self, vals_list, strict=True):
                if partner.kehu_is_customer:
                    vals.pop("ref", None)
        return vals_list

    def _commercial_sync_to_descendants(self, fields_to_sync=None):
        """Spare the walk through all contacts when there is nothing to hand down; the host makes it on every write of a company."""
        if fields_to_sync is not None and not fields_to_sync:
            return None
        return super()._commercial_sync_to_descendants(fields_to_sync)

    @api.constrains("kehu_is_customer")
    def _check_kehu_customer_kind(self):
        """Own companies and colleagues are no customers: the record rules would hide them from their colleagues."""
        marked = self.filtered("kehu_is_customer")
        if not marked:
            return
        # sudo: res.company, res.users - only to compare partners
        own = self.env["res.company"].sudo().search([("partner_id", "in", marked.ids)]).partner_id
        users = self.env["res.users"].sudo().with_context(active_test=False)  # sudo: res.users - see above
        own |= users.search([("partner_id", "in", marked.ids), ("share", "=", False)]).partner_id
        if own:
            raise KehuCustomerError(
                self.env._(
                    "“%(name)s” is a company or a user of your own and cannot be a customer. Create a separate contact for the customer.",
                    name=own[0].display_name,
                )
            )

    @api.constrains("name", "kehu_is_customer", "parent_id", "type")
    def _check_kehu_name(self):
        """A customer and its contacts have a name that can be read; an address of theirs may do without any, as with the host."""
        for partner in self:
            if partner.kehu_customer_id and partner.name:
                check_length(self, self._fields["name"], partner.name, KehuCustomerError)
            if is_visible(partner.name) or not partner.kehu_customer_id:
                continue
            if partner.name or partner.kehu_is_customer or partner.type == "contact":
                raise KehuCustomerError(
                    self.env._("A customer or a contact person needs a name that can be read: blanks alone are none. Type one.")
                )

    @api.constrains("kehu_annual_revenue", "kehu_headcount")
    def _check_kehu_size(self):
        for partner in self:
            for name in ("kehu_annual_revenue", "kehu_headcount"):
                if partner[name] < 0:
                    raise KehuCustomerError(
                        self.env._(
                            "“%(field)s” of “%(name)s” cannot be less than zero. Correct it, or leave it empty when it is not known.",
                            field=partner._fields[name].get_description(self.env, ["string"])["string"],
                            name=partner.name or partner.complete_name,
                        )
                    )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_kehu(self):
        if is_uninstalling(self.env):
            return
        errors = self._kehu_deletion_errors()
        if errors:
            raise KehuPartnerDeletionError("\n".join(errors[:10]))

    @api.ondelete(at_uninstall=True)
    def _unlink_except_used(self):
        """The last word before the database refuses: what no other room has told in a sentence of its own."""
        if is_uninstalling(self.env):
            return
        # sudo: res.partner - to which customer they belong
        known = self.browse(self.sudo().filtered("kehu_customer_id").ids)
        errors = [
            self.env._(
                "“%(name)s” is still used and cannot be deleted: %(uses)s. Archive it instead.", name=partner.display_name, uses=uses
            )
            for partner, uses in uses_in_words(known).items()
        ]
        if errors:
            raise KehuPartnerDeletionError("\n".join(errors[:10]))

    # -- business ------------------------------------------------------------------------------------------------------

    def _kehu_check_system_fields(self, vals, creating=False):
        """Refuse values for columns that the system keeps, whoever sends them.

        :param dict vals: values of a create or a write
        :param bool creating: empty values are let through, since a form may send them
        :raises KehuSystemFieldError: naming the first such column
        """
        for name in self._kehu_system_fields():
            # nobody may be passed off as a colleague, so an empty “share” is a value as well
            if name in vals and (vals[name] or not creating or name == "partner_share"):
                refuse_system_field(self, name)

    @api.model
    def _kehu_check_seen_parents(self, partner_ids):
        """Refuse new contacts below customers whom one may not read, before a check of the values names such a customer.

        :param set partner_ids: parents of the new partners, False among them
        :raises KehuHiddenParentError: in a sentence that names nobody
        """
        hidden = hidden_customers(self.browse(partner_id for partner_id in partner_ids if is_record_id(partner_id)))
        if hidden:
            raise KehuHiddenParentError(
                self.env._(
                    "You cannot put contacts under %(name)s, since that customer is not yours. Ask its owner to add them.",
                    name=hidden._kehu_names(),
                )
            )

    @api.model
    def _kehu_check_types(self, vals):
        """Refuse values that a column of ours cannot hold, and texts that none or no index can; other values are the host's own.

        :raises KehuCustomerError: naming the first such column
        """
        check_types(self, vals, KehuCustomerError, names={name for name in vals if name.startswith("kehu_")})
        check_texts(self, vals, KehuCustomerError)
        for name in INDEXED_TEXTS & vals.keys():
            if isinstance(vals[name], str):
                check_length(self, self._fields[name], vals[name], KehuCustomerError)
        check_links_read(self, [vals], KehuCustomerError, self._kehu_checked_links() & vals.keys())

    @api.model
    @ormcache()
    def _kehu_checked_links(self):
        """Return the names of links that nobody else looks at: choices of ours, and the company; people and pools have their own checks.

        :rtype: frozenset[str]
        """
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.type == "many2one"
            and field.store
            and (name == "company_id" or name.startswith("kehu_"))
            and field.comodel_name not in ("res.partner", "res.users", "kehu.pool")
        )

    def _kehu_check_name_length(self, vals, is_customer=False):
        """Refuse a name that no index holds, before it comes to one, where it becomes that of somebody in the CRM.

        :param dict vals: for these partners, or for new ones below this one
        :raises KehuCustomerError: otherwise
        """
        name = vals.get("name")
        # sudo: res.partner - whether one of them is of the CRM
        if isinstance(name, str) and len(name) > LONGEST_NAME and (is_customer or self.sudo().kehu_customer_id):
            check_length(self, self._fields["name"], name, KehuCustomerError)

    @api.model
    def default_get(self, fields):
        """No default, be it of a context or of the user's own, reaches a column that the system keeps."""
        defaults = super().default_get(fields)
        for name in self._kehu_system_fields() | set(HOST_COMPUTED_COLUMNS):
            defaults.pop(name, None)
        return defaults

    @api.model
    def _kehu_system_fields(self):
        """Return the names of columns that may not be written in this environment; rooms extend it with those of their engine."""
        return set(COMPUTED_COLUMNS) if self.env.su else {*COMPUTED_COLUMNS, *HOST_COMPUTED_COLUMNS}

    @api.model
    def _kehu_shown_domain(self):
        """Return whose e-mail and phone the current user may find in tables of the host that repeat them: followers, attendees.

        Asked by record rules: everybody outside the CRM, colleagues, and otherwise those whom the rules on partners show.

        :rtype: Domain
        """
        # the rules are asked with a user in superuser mode, whom no rule concerns
        readable = self.sudo(False).env["ir.rule"]._compute_domain("res.partner", "read")
        return Domain("kehu_customer_id", "=", False) | Domain("partner_share", "=", False) | readable

    @api.model
    def _kehu_changeable_domain(self):
        """Return whose records the current user may change. Asked by record rules of what hangs on a customer or contact.

        :rtype: Domain
        """
        # the rules are asked with a user in superuser mode, whom no rule concerns
        return self.sudo(False).env["ir.rule"]._compute_domain("res.partner", "write")

    def _kehu_check_codes(self, wanted):
        """Say in a sentence what the database would refuse in its own words: a code that another customer bears.

        Customers of one company and those of no company each have codes of their own. What two people save in the same moment, the index
        refuses.

        :param list wanted: pairs of a code and the id of a company or False, which these customers are to bear
        :raises KehuCustomerError: in a sentence that names nobody
        """
        wanted = {(code, company_id or False) for code, company_id in wanted if isinstance(code, str)}
        if not wanted:
            return
        domain = [("kehu_is_customer", "=", True), ("ref", "in", sorted({code for code, _company in wanted})), ("id", "not in", self.ids)]
        # sudo: res.partner - codes are unique over customers of all owners
        others = self.env["res.partner"].sudo().with_context(active_test=False).search(domain)
        for other in others:
            if (other.ref, other.company_id.id) in wanted:
                raise KehuCustomerError(
                    self.env._(
                        "Another customer has the code “%(code)s” already. Type a different one, or leave it empty to get the next free "
                        "number.",
                        code=other.ref,
                    )
                )

    @api.model
    def _kehu_next_codes(self, count):
        """Draw ``count`` customer codes that no customer bears yet.

        :rtype: list[str]
        """
        codes = []
        # sudo: ir.sequence - anybody who may create a customer draws a number
        sequence = self.env["ir.sequence"].sudo()
        companies = [self.env.company.id, False]
        sequence = count and sequence.search([("code", "=", "kehu.customer"), ("company_id", "in", companies)], order="company_id", limit=1)
        while len(codes) < count:
            if not sequence:
                raise KehuCustomerError(
                    self.env._(
                        "There is no number series for customer codes. Ask an administrator to restore the sequence “kehu.customer”."
                    )
                )
            drawn = sequence._kehu_draw(count - len(codes))
            # sudo: res.partner - codes are unique over customers of all owners
            customers = self.sudo().with_context(active_test=False).search([("kehu_is_customer", "=", True), ("ref", "in", drawn)])
            taken = set(customers.mapped("ref"))
            codes += [code for code in drawn if code not in taken]
        return codes

    def _check_access(self, operation):
        """The error of the host names the records; no context makes it tell their e-mail or address as well."""
        shown = {key: False for key in self.env.context if key.startswith("show_")}
        return super(ResPartner, self.with_context(**shown) if shown else self)._check_access(operation)

    def _kehu_nameable(self):
        """Return those of these partners whose name the current user may be told: those they may read. Rooms extend it.

        Code that runs as superuser speaks to the person it runs for, so the rights of that person count.
        """
        if self.env.uid == SUPERUSER_ID and self.env.su:
            return self.exists()
        return self.exists().sudo(False)._filtered_access("read").sudo(self.env.su)

    def _kehu_labels(self):
        """Name these partners for a sentence, each in quotes. Nobody learns names by trying numbers.

        :rtype: dict[res.partner, str]
        """
        nameable = self._kehu_nameable()._ids
        labels = {}
        # sudo: res.partner - the name of what may be named; the stored one, to which no context adds an e-mail
        for partner, partner_sudo in zip(self, self.sudo(), strict=True):
            if partner.id in nameable:
                labels[partner] = self.env._("“%(name)s”", name=partner_sudo.complete_name)
            else:
                labels[partner] = self.env._("the record %(number)s", number=partner.id)
        return labels

    def _kehu_names(self):
        """Name these partners in one sentence, the first ones when they are many.

        :rtype: str
        """
        names = list(self[:NAMES_SHOWN]._kehu_labels().values())
        if len(self) > NAMES_SHOWN:
            return self.env._("%(names)s and others (%(count)s in all)", names=names, count=len(self))
        return format_list(self.env, names)

    def _kehu_check_mark(self):
        """Refuse to mark these partners as customers; rooms extend it.

        :raises KehuCustomerError: with the reason
        """
        if self:
            self._kehu_check_mark_right(self[0].name)

    @api.model
    def _kehu_check_mark_right(self, name):
        """Refuse customers made by people without a sales role.

        :param str name: of the partner, for the sentence
        :raises KehuCustomerError: otherwise
        """
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_user"):
            raise KehuCustomerError(
                self.env._("Only salespeople can make “%(name)s” a customer. Ask your CRM administrator for the role.", name=name)
            )

    def _kehu_check_unmark(self):
        """Refuse to take these customers out of the CRM; rooms whose records hang on a customer extend it.

        :raises KehuCustomerError: with the reason
        """
        if self and not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuCustomerError(
                self.env._(
                    "Only a CRM administrator can take “%(name)s” out of the CRM. Archive the customer if it is no longer needed.",
                    name=self[0].display_name,
                )
            )

    def _kehu_kept_contacts(self):
        """Return those of these partners, and of everybody below them, that are contacts of a customer and may not leave it.

        Taken out of the CRM, a contact could be deleted past :meth:`_kehu_deletion_errors`.
        """
        if self.env.su or self.env.user.has_group("kehu_crm.group_kehu_admin"):
            return self.browse()
        # sudo: res.partner - contacts of the customer, visible or not
        contacts = self.sudo().with_context(active_test=False)
        contacts = contacts.search([("id", "child_of", self.ids), ("kehu_customer_id", "!=", False), ("kehu_is_customer", "=", False)])
        return self.browse(contacts.filtered(lambda contact: not contact._kehu_made_today_by(self.env.user)).ids)

    def _kehu_made_today_by(self, user):
        """Tell whether that user made this partner today."""
        self.ensure_one()
        return self.create_uid == user and self._kehu_local_date(self.create_date) == fields.Date.context_today(self)

    def _kehu_deletion_errors(self):
        """Tell why these partners cannot be deleted; rooms whose records hang on a customer extend it.

        A customer with contacts is never deleted. Otherwise administrators delete customers, and a salesperson deletes a contact made by
        themselves, today, which thus never predates the day on which they got the customer. Partners outside the CRM need the host's right.

        :return: sentences, empty when all may be deleted
        :rtype: list[str]
        """
        errors = []
        # sudo: res.partner - contacts of the customer, visible or not
        groups = (
            self.sudo()  # sudo: res.partner - see above
            .with_context(active_test=False)
            ._read_group(
                [
                    ("parent_id", "in", self.ids),
                    ("kehu_customer_id", "!=", False),
                    ("kehu_is_customer", "=", False),
                    ("id", "not in", self.ids),
                ],
                ["parent_id"],
                ["__count"],
            )
        )
        for customer, count in groups:
            errors.append(
                self.env._(
                    "“%(name)s” still has %(count)s contacts. Delete or move them first, or archive the customer.",
                    name=customer.display_name,
                    count=count,
                )
            )
        user = self.env.user
        if self.env.su or user.has_group("kehu_crm.group_kehu_admin"):
            return errors
        partner_manager = user.has_group("base.group_partner_manager")
        for partner in self:
            # sudo: res.partner - dates of the customer the contact belongs to
            customer = partner.sudo().kehu_customer_id
            if not customer:
                if not partner_manager:
                    errors.append(
                        self.env._("You may not delete “%(name)s”. Ask somebody who manages contacts.", name=partner.display_name)
                    )
            elif customer == partner:
                errors.append(
                    self.env._("Only a CRM administrator deletes customers. Archive “%(name)s” instead.", name=partner.display_name)
                )
            elif not partner._kehu_made_today_by(user):
                errors.append(
                    self.env._(
                        "You can only delete contacts that you made yourself, today. Archive “%(name)s” instead.", name=partner.display_name
                    )
                )
        return errors

    @api.model
    def _kehu_local_date(self, moment):
        """Return the day of a stored moment as the user's calendar shows it.

        :param datetime moment: naive, UTC
        :rtype: date
        """
        return fields.Datetime.context_timestamp(self, moment).date()

    def _kehu_owner_changed(self, changes, with_documents=False):
        """Called once after the owner of customers has changed; rooms move along what belongs to them.

        :param dict changes: {customer: (old owner, new owner)}, either may be empty: the customer comes from, or goes into, a pool
        :param bool with_documents: whether the person who transfers chose that open documents go along
        """

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_kehu_make_customer(self):
        """Mark these partners as customers of the CRM, and open the one, or the list of several; those who are customers stay so.

        :raises KehuCustomerError: when one of them cannot be a customer
        """
        newcomers = self.filtered(lambda partner: not partner.kehu_is_customer)
        if not newcomers:
            message = self.env._("Customers of the CRM already: %(names)s.", names=self._kehu_names())
            return {"type": "ir.actions.client", "tag": "display_notification", "params": {"type": "info", "message": message}}
        newcomers.write({"kehu_is_customer": True})
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_customer_action")
        if len(self) == 1 and self.has_access("read"):
            return {**action, "views": [(self.env.ref("kehu_crm.res_partner_view_form_kehu").id, "form")], "res_id": self.id}
        return {**action, "domain": [("id", "in", self.ids)]}

    def action_kehu_open_contacts(self):
        """Open the contacts of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_action")
        action["domain"] = [("kehu_customer_id", "=", self.id), ("kehu_is_customer", "=", False)]
        action["context"] = {"default_parent_id": self.id, "default_type": "contact", "default_kehu_is_customer": False}
        return action
