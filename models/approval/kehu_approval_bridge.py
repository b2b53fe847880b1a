"""Approval for models without a line of code: an administrator chooses the model, and its class gets the mixin.

The host does the same for models that people make themselves (`is_mail_thread` of ``ir.model``). There it asks ``_instanciate_attrs``
while it builds the class; for models of add-ons it has no such place, so the class is extended when the registry is complete
(`_register_hook`), and again looked at whenever the registry is set up anew (`_unregister_hook`, which runs right before). What is
written in the table counts: after a rollback, in a second worker, after an update, the registry follows it.
"""

import ast
import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, sql

from ..system.engine import as_engine, is_engine
from .caches import forget
from .exceptions import KehuApprovalDocumentError
from .kehu_approval_document import LIST_ENGINE, Lists

_logger = logging.getLogger(__name__)

DOCUMENT_MIXIN = "kehu.approval.mixin"
LINE_MIXIN = "kehu.approval.line.mixin"
# what a document needs besides our mixin: messages, and activities for who is asked
COMPANIONS = ("mail.thread", "mail.activity.mixin")

# The machinery of the host and of approval itself. People who may not read an employee's private data read hr.employee through a twin
# model that has not our fields, and would then read nobody's name any more.
CLOSED_PREFIXES = (
    "base.",
    "base_",
    "bus.",
    "digest.",
    "discuss.",
    "hr.employee",
    "hr.version",
    "iap.",
    "ir.",
    "kehu.approval.",
    "mail.",
    "payment.",
    "portal.",
    "privacy.",
    "report.",
    "res.",
    "web.",
    "web_",
)
OPEN_MODELS = frozenset({"res.partner", "res.partner.bank", "res.partner.category"})

# proposed as protected: what people enter about a document, not where it is on its way or who looks after it
PROPOSED_TYPES = (
    "char",
    "text",
    "html",
    "integer",
    "float",
    "monetary",
    "date",
    "datetime",
    "boolean",
    "selection",
    "many2one",
    "many2many",
)
# what is run as the system upon approval
EFFECT_FIELDS = frozenset({"on_approved_action_id", "on_approved_method"})
NOT_PROPOSED = frozenset(
    {"access_token", "active", "color", "company_id", "kanban_state", "priority", "sequence", "stage_id", "state", "team_id", "user_id"}
)


# ------------------------------------------------------------
# The registry
# ------------------------------------------------------------


def chosen_models(cr):
    """What the table says: {model name: None for a document, or for lines the name of the field that leads to their document}.

    :rtype: dict
    """
    if not sql.column_exists(cr, "kehu_approval_document", "bridged"):
        return {}  # the add-on is being installed or updated
    cr.execute(
        """SELECT m.model, NULL FROM kehu_approval_document d JOIN ir_model m ON m.id = d.model_id WHERE d.bridged AND d.active
           UNION ALL
           SELECT f.relation, f.relation_field
             FROM kehu_approval_document_line l
             JOIN kehu_approval_document d ON d.id = l.document_id
             JOIN ir_model_fields f ON f.id = l.field_id
            WHERE d.bridged AND d.active AND f.relation_field IS NOT NULL"""
    )
    return dict(cr.fetchall())


def mixins_for(registry, bases, field):
    """The mixins that a chosen model lacks.

    :param bases: function that tells for the name of a mixin whether the model has it
    :param field: None for documents, see :func:`chosen_models`
    """
    wanted = [LINE_MIXIN] if field else [*COMPANIONS, DOCUMENT_MIXIN]
    return [name for name in wanted if name in registry and not bases(name)]


def follow_table(env):
    """Let the classes of the registry have the mixins that the table says, and no others. Before the models are set up.

    :return: names of the models that changed
    :rtype: set[str]
    """
    registry, wanted, changed = env.registry, chosen_models(env.cr), set()
    for name, model_class in list(registry.items()):
        have = model_class.__dict__.get("_kehu_bridge")
        if model_class._custom or (have is None and name not in wanted):
            continue
        field = wanted.get(name)
        if have is not None and (name not in wanted or have["field"] != field):
            _take_away(registry, model_class)
            changed.add(name)
            have = None
        if have is None and name in wanted and not model_class._abstract:
            mixins = mixins_for(registry, lambda mixin, model_class=model_class: issubclass(model_class, registry[mixin]), field)
            if mixins and mixins[-1] in (LINE_MIXIN, DOCUMENT_MIXIN):
                _add(registry, model_class, mixins, field)
                changed.add(name)
    return changed


def _add(registry, model_class, mixins, field):
    from odoo.orm.model_classes import add_to_registry  # the host has no public name for it, and uses it so itself

    before = model_class._base_classes__
    attributes = {"_name": model_class._name, "_inherit": [model_class._name, *mixins], "_module": "kehu_crm", "_register": False}
    if field:
        attributes["_kehu_document_field"] = field
    add_to_registry(registry, type("KehuApprovalBridge", (models.Model,), attributes))
    model_class._kehu_bridge = {"before": before, "mixins": mixins, "field": field}


def _take_away(registry, model_class):
    bridge = model_class._kehu_bridge
    model_class._base_classes__ = bridge["before"]
    for mixin in bridge["mixins"]:
        model_class._inherit_module.pop(mixin, None)
        registry[mixin]._inherit_children.discard(model_class._name)
    del model_class._kehu_bridge
    for name in registry.descendants([model_class._name], "_inherit", "_inherits"):
        registry[name]._setup_done__ = False


class IrModel(models.Model):
    _inherit = "ir.model"

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            forget(self.env)  # the names of kinds of documents, see `_selection_document_kind`
        return result

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        result = super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
        if field_name == "name":
            forget(self.env)
        return result

    @api.model
    def _instanciate_attrs(self, model_data):
        """Models that people made themselves get the mixins while their class is made."""
        attrs = super()._instanciate_attrs(model_data)
        wanted = chosen_models(self.env.cr)
        if attrs["_name"] in wanted:
            field = wanted[attrs["_name"]]
            parents = attrs.get("_inherit") or []
            parents = [parents] if isinstance(parents, str) else parents
            attrs["_inherit"] = parents + mixins_for(self.env.registry, parents.__contains__, field)
            if field:
                attrs["_kehu_document_field"] = field
        return attrs


# ------------------------------------------------------------
# The set-up
# ------------------------------------------------------------


class KehuApprovalDocument(models.Model):
    _inherit = "kehu.approval.document"

    model_id = fields.Many2one(domain=lambda self: [("model", "in", self._kehu_choosable_models())])
    active = fields.Boolean(
        default=True,
        help="Off: documents of this kind need no approval any more. What was decided is kept and comes back when switched on.",
    )
    bridged = fields.Boolean(
        string="Added Here", readonly=True, copy=False, help="Approval was added to this kind of document here, not by a program."
    )
    gate_domain = fields.Char(
        string="Only Approved Documents",
        default="[]",
        help="A document that needs approval gets among these only once it is approved, for instance into a stage or a state, or to be "
        "sold. Empty: approval keeps its fields as they are, and nothing else.",
    )
    on_approved_action_id = fields.Many2one(
        "ir.actions.server",
        string="Upon Approval",
        ondelete="set null",
        domain="[('model_id', '=', model_id)]",
        help="Runs as the system for each document that was approved. If it fails, nothing was approved and the approver reads why.",
    )
    on_approved_method = fields.Char(
        string="Button Upon Approval",
        help="Technical name of a button on the form of the document. It is pressed as the system for each document that was approved.",
    )

    # ------------------------------------------------------------
    # What can be chosen
    # ------------------------------------------------------------

    @api.model
    def _kehu_closed_text(self, model_name):
        """Why approval cannot be added to a model, as a sentence; False when it can. For models without approval of their own."""
        model = self.env.registry.get(model_name)
        if model is None or model._abstract or model._transient or not model._auto or not model._log_access:
            return self.env._("“%(model)s” is no kind of document that is kept: it is a part of a screen or an analysis.", model=model_name)
        closed = model_name not in OPEN_MODELS and model_name.startswith(CLOSED_PREFIXES)
        if closed or issubclass(model, self.env.registry["kehu.engine.log.mixin"]):
            return self.env._("“%(model)s” belongs to the machinery of the program, which no approval may stop.", model=model_name)
        return False

    @api.model
    def _kehu_choosable_models(self):
        """Technical names of the kinds of documents that a row can be about."""
        known = set(self.env["kehu.approval.flow"]._kehu_document_models())
        lines = self.env.registry[LINE_MIXIN]
        return [
            name
            for name, model in self.env.registry.items()
            if name in known or not (issubclass(model, lines) or self._kehu_closed_text(name))
        ]

    @api.constrains("model_id")
    def _check_model(self):
        bridged = self.filtered("bridged")
        for row in bridged:
            model_name = row.sudo().model_id.model  # sudo: ir.model - technical name only
            reason = self._kehu_closed_text(model_name)
            if not reason and not row._kehu_is_document() and issubclass(self.env.registry[model_name], self.env.registry[LINE_MIXIN]):
                reason = self.env._("“%(model)s” are lines that freeze with another document.", model=model_name)
            if reason:
                raise KehuApprovalDocumentError(self.env._("%(reason)s Choose another kind of document.", reason=reason))
        return super(KehuApprovalDocument, self - bridged)._check_model()

    @api.constrains("gate_domain")
    def _check_gate(self):
        for row in self:
            try:
                Domain(row._kehu_gate_domain()).validate(self.env[row.sudo().model_id.model])  # sudo: ir.model - technical name only
            except (ValueError, SyntaxError, TypeError) as error:
                raise KehuApprovalDocumentError(
                    self.env._(
                        "“%(document)s”: the condition for approved documents cannot be read (%(reason)s). Correct it with the condition "
                        "editor.",
                        document=row.sudo().model_id.name,  # sudo: ir.model - its name, for the sentence
                        reason=error,
                    )
                ) from error

    @api.constrains("on_approved_action_id", "on_approved_method", "model_id")
    def _check_on_approved(self):
        for row in self.sudo():  # sudo: ir.actions.server, ir.model - to compare only
            if (row.on_approved_action_id or row.on_approved_method) and not row.bridged:
                raise KehuApprovalDocumentError(
                    self.env._(
                        "What the approval of “%(document)s” brings about is a matter of the program; nothing can be chosen here.",
                        document=row.model_id.name,
                    )
                )
            if row.on_approved_action_id and row.on_approved_action_id.model_id != row.model_id:
                raise KehuApprovalDocumentError(
                    self.env._(
                        "The action “%(action)s” is not for “%(document)s”. Choose one of that kind of document.",
                        action=row.on_approved_action_id.name,
                        document=row.model_id.name,
                    )
                )
            if row.on_approved_method and row.on_approved_method not in row._kehu_buttons():
                raise KehuApprovalDocumentError(
                    self.env._(
                        "“%(method)s” is no button on the form of “%(document)s”. Choose one of: %(buttons)s.",
                        method=row.on_approved_method,
                        document=row.model_id.name,
                        buttons=row._kehu_buttons() or "–",
                    )
                )

    def _kehu_buttons(self):
        """Technical names of the buttons on the form of this one kind of document, ours aside: what people may press anyway.

        :rtype: list[str]
        """
        self.ensure_one()
        model = self.env[self.model_id.model]
        arch, _view = model._get_view(view_type="form")
        names = {
            button.get("name")
            for button in arch.xpath("//button[@type='object'][not(ancestor::field)]")
            if not (button.get("name") or "_").startswith("_")
        }
        return sorted(name for name in names if "kehu_" not in name and callable(getattr(model, name, None)))

    def _kehu_gate_domain(self):
        """The condition as a list.

        :raises ValueError, SyntaxError: when it is no literal
        """
        self.ensure_one()
        return ast.literal_eval((self.gate_domain or "[]").strip() or "[]")

    def _kehu_is_built_in(self):
        return not self.bridged and super()._kehu_is_built_in()

    # ------------------------------------------------------------
    # Switching on and off
    # ------------------------------------------------------------

    def _kehu_check_effect(self, vals):
        """What runs as the system is chosen by who may do anything in the system: a CRM administrator is no administrator of the host.

        :raises KehuApprovalDocumentError: otherwise
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        for name in EFFECT_FIELDS & vals.keys():
            field = self._fields[name]
            if any(field.convert_to_write(row[name], row) != (vals[name] or False) for row in self):
                raise KehuApprovalDocumentError(
                    self.env._(
                        "“%(field)s” runs as the system, with all rights. Only an administrator of the whole system (“Settings”) chooses "
                        "it: ask one, or leave it as it is.",
                        field=field._description_string(self.env),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """A model that has no approval of its own gets it here."""
        known = set(self.env["kehu.approval.flow"]._kehu_document_models())
        prepared = []
        for vals in vals_list:
            model = self.env["ir.model"].sudo().browse(vals.get("model_id") or [])  # sudo: ir.model - technical name only
            prepared.append({**vals, "bridged": bool(model) and model.model not in known})
        rows = super().create(prepared)
        rows._kehu_check_effect(dict.fromkeys(EFFECT_FIELDS, False))  # what the context gave counts as well
        self._kehu_follow_table(rows.filtered("bridged"))
        for row, vals in zip(rows, vals_list, strict=True):
            if row.bridged and not vals.get("protected_field_ids"):
                row._kehu_propose()
        return rows

    def write(self, vals):
        if "bridged" in vals and not is_engine(self.env, LIST_ENGINE):
            vals = {name: value for name, value in vals.items() if name != "bridged"}
        self._kehu_check_effect(vals)
        switching = self.filtered(lambda row: "active" in vals and row.active != bool(vals["active"]))
        built_in = switching.filtered(lambda row: not row.bridged)
        if built_in:
            raise KehuApprovalDocumentError(
                self.env._(
                    "“%(document)s” is a document of the program. Archive its approval flows instead, and it needs no approval any more.",
                    document=built_in[0].sudo().model_id.name,  # sudo: ir.model - its name, for the sentence
                )
            )
        if switching and not vals["active"]:
            switching._kehu_check_closed()
        result = super().write(vals)
        if "line_ids" in vals or switching:
            self._kehu_follow_table(self.filtered("bridged"))
        return result

    def unlink(self):
        bridged = self.filtered("bridged")
        bridged._kehu_check_closed()
        names = bridged.sudo().mapped("model_id.model")  # sudo: ir.model - technical names only
        result = super().unlink()
        if names:
            self._kehu_follow_table(self.browse(), names)
        return result

    def _kehu_check_closed(self):
        """Before these kinds of documents lose their approval: nothing waits, and no flow catches new ones.

        :raises KehuApprovalDocumentError: naming what waits
        """
        for row in self.filtered("bridged").sudo():  # sudo: kehu.approval.request, kehu.approval.flow - of whomever
            waiting = row.env["kehu.approval.request"].search(
                [("res_model", "=", row.model_id.model), ("state", "=", "pending")], limit=3, order="id"
            )
            if waiting:
                raise KehuApprovalDocumentError(
                    self.env._(
                        "“%(document)s” still has documents that wait for a decision: %(names)s. Have them decided or withdrawn first.",
                        document=row.model_id.name,
                        names=waiting.mapped("name"),
                    )
                )
            row.env["kehu.approval.flow"].search([("model_id", "=", row.model_id.id)]).write({"active": False})

    @api.model
    def _kehu_follow_table(self, rows, gone=()):
        """Set up the registry anew as the table says, in this worker now and in the others after the transaction; add missing columns.

        :param rows: rows whose models are to have the columns
        :param gone: names of models whose rows were deleted
        """
        self.env.flush_all()
        registry = self.env.registry
        if not registry.ready:
            return  # while add-ons are loaded: done at the end of it, see _register_hook
        registry._setup_models__(self.env.cr)  # asks _unregister_hook first, below
        names = [row.model_id.model for row in rows.sudo() if row.active]  # sudo: ir.model - technical names only
        self._kehu_add_columns(names)
        self._kehu_forget_fields(gone)
        forget(self.env, "default", "templates", "stable")

    @api.model
    def _kehu_add_columns(self, names):
        names = [name for name in names if name in self.env.registry and self._kehu_lacks_columns(name)]
        if names:
            _logger.info("Approval: adding columns to %s", ", ".join(names))
            forget(self.env, "stable")  # the ids of the descriptions of fields, which change now
            self.env.registry.init_models(self.env.cr, names, {"update_custom_fields": True})
        self._kehu_translate_fields(names)

    @api.model
    def _kehu_translate_fields(self, names=None):
        """Give the fields of documents that were added here the words that the mixins have for them, in every language.

        The host finds translations by external ids, and an external id would let the next update delete these fields.

        :param names: names of the models; all that were chosen when left out
        """
        if names is None:
            names = [name for name, field in chosen_models(self.env.cr).items() if not field]
        if not names:
            return
        self.env.flush_all()
        values = {"models": tuple(names), "mixins": (*COMPANIONS, DOCUMENT_MIXIN)}
        self.env.cr.execute(
            """UPDATE ir_model_fields f SET field_description = m.field_description, help = m.help
                 FROM ir_model_fields m
                WHERE f.model IN %(models)s AND m.model IN %(mixins)s AND m.name = f.name AND f.state = 'base'
                  AND (f.field_description, f.help) IS DISTINCT FROM (m.field_description, m.help)
                  AND NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.model.fields' AND d.res_id = f.id)""",
            values,
        )
        self.env.cr.execute(
            """UPDATE ir_model_fields_selection s SET name = o.name
                 FROM ir_model_fields f, ir_model_fields m, ir_model_fields_selection o
                WHERE s.field_id = f.id AND f.model IN %(models)s AND m.model IN %(mixins)s AND m.name = f.name AND f.state = 'base'
                  AND o.field_id = m.id AND o.value = s.value AND s.name IS DISTINCT FROM o.name
                  AND NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.model.fields' AND d.res_id = f.id)""",
            values,
        )
        self.env.invalidate_all()

    @api.model
    def _kehu_lacks_columns(self, name):
        model = self.env[name]
        columns = sql.table_columns(self.env.cr, model._table)
        mixin = self.env[DOCUMENT_MIXIN]
        self.env.cr.execute("SELECT name FROM ir_model_fields WHERE model = %s", [name])
        known = {row[0] for row in self.env.cr.fetchall()}
        return any(
            (field.store and field.column_type and field_name not in columns) or field_name not in known
            for field_name, field in model._fields.items()
            if field_name in mixin._fields
        )

    @api.model
    def _kehu_forget_fields(self, gone=()):
        """Drop the descriptions of fields that models have no longer since approval was switched off. The columns and their data stay."""
        mixins = [self.env[name] for name in (*COMPANIONS, DOCUMENT_MIXIN)]
        ours = {name for mixin in mixins for name in mixin._fields if name not in ("id", "display_name")}
        rows = self.sudo().with_context(active_test=False).search([("bridged", "=", True)])  # sudo: kehu.approval.document - all kinds
        chosen = {name for name, field in chosen_models(self.env.cr).items() if not field}
        for name in {*rows.mapped("model_id.model"), *gone} - chosen:
            forget_fields(self.env.cr, name, ours - self.env[name]._fields.keys() if name in self.env else ours)

    def _register_hook(self):
        """The registry is complete: extend what the administrators chose. Columns that an update brought are added."""
        super()._register_hook()
        if not self.env.registry.ready:
            changed = follow_table(self.env)
            if changed:
                self.env.registry._setup_models__(self.env.cr, changed)
            self._kehu_add_columns([name for name, field in chosen_models(self.env.cr).items() if not field])
            self._kehu_translate_fields()

    def _unregister_hook(self):
        """The registry is about to be set up anew."""
        result = super()._unregister_hook()
        follow_table(self.env)
        return result

    # ------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------

    def _kehu_follow_code(self):
        bridged = self.filtered("bridged")
        if is_engine(self.env, LIST_ENGINE) or not bridged:
            return super(KehuApprovalDocument, self - bridged)._kehu_follow_code()
        for row in bridged.filtered("active"):
            if row._kehu_is_document():
                row._kehu_propose()
        return super(KehuApprovalDocument, self - bridged)._kehu_follow_code()

    def _kehu_propose(self):
        """Protect what people enter in these documents that the program does not know."""
        for row in as_engine(self.sudo(), LIST_ENGINE):  # sudo: ir.model.fields - to choose among them
            model = self.env[row.model_id.model]
            own = {name for mixin in (*COMPANIONS, DOCUMENT_MIXIN) for name in self.env[mixin]._fields}
            gate = {condition.field_expr.split(".")[0] for condition in Domain(row._kehu_gate_domain()).iter_conditions()}
            names = {
                name
                for name, field in model._fields.items()
                if field.store and not field.readonly and field.type in PROPOSED_TYPES and name not in NOT_PROPOSED | own | gate
            }
            # what is calculated may become different while a document waits, without anybody's doing
            names -= {name for name in names if model._fields[name].compute or name.startswith(("message_", "activity_"))}
            row.write(
                {
                    "own_lists": True,
                    "protected_field_ids": [fields.Command.set(row._kehu_fields(model, names))],
                    "pending_field_ids": [fields.Command.clear()],
                }
            )

    @api.model
    def _kehu_list_columns(self):
        return [*super()._kehu_list_columns(), "bridged", "gate_domain"]

    @api.model
    def _kehu_get_lists(self, row):
        lists = super()._kehu_get_lists(row)
        gate = (row["gate_domain"] or "[]").strip()
        return Lists(**{**lists._asdict(), "own": lists.own or bool(row["bridged"]), "gate": None if gate in ("", "[]") else gate})


class KehuApprovalDocumentLine(models.Model):
    _inherit = "kehu.approval.document.line"

    def _kehu_is_guarded(self):
        """Lines that belong to a document which was added here: any that have a way back to it and no other document."""
        if not self.document_id.bridged:
            return super()._kehu_is_guarded()
        field = self.field_id
        lines = self.env.registry.get(field.relation)
        if field.ttype != "one2many" or lines is None or not field.relation_field or lines._abstract or lines._transient:
            return False
        if self.document_id._kehu_closed_text(field.relation) or field.relation == self.document_id.model_id.model:
            return False
        back = lines._fields.get(field.relation_field)
        if back is None or back.type != "many2one" or not back.store:
            return False
        own = getattr(lines, "_kehu_document_field", None)
        others = self.search([("field_id.relation", "=", field.relation), ("document_id", "!=", self.document_id.id)], limit=1)
        return not others and own in (None, field.relation_field) and not issubclass(lines, self.env.registry[DOCUMENT_MIXIN])

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._kehu_follow_documents()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "field_id" in vals:
            self._kehu_follow_documents()
        return result

    def unlink(self):
        documents = self.document_id
        result = super().unlink()
        documents.exists()._kehu_follow_table(documents.browse()) if documents.filtered("bridged") else None
        return result

    def _kehu_follow_documents(self):
        documents = self.document_id.filtered("bridged")
        if documents:
            documents._kehu_follow_table(documents)


def forget_fields(cr, model_name, names):
    """Delete the descriptions of some fields of a model that no add-on claims.

    :param names: names of the fields
    """
    if names:
        cr.execute(
            SQL(
                """DELETE FROM ir_model_fields f
                    WHERE f.model = %s AND f.name IN %s AND f.state = 'base'
                      AND NOT EXISTS (SELECT FROM ir_model_data d WHERE d.model = 'ir.model.fields' AND d.res_id = f.id)""",
                model_name,
                tuple(names),
            )
        )


def drop_columns(env):
    """Undo at uninstallation what the host does not know of: columns and descriptions of fields on models that were chosen."""
    own = [name for name, field in env[DOCUMENT_MIXIN]._fields.items() if field.store and field.column_type and name.startswith("kehu_")]
    mixins = {name for mixin in (*COMPANIONS, DOCUMENT_MIXIN) for name in env[mixin]._fields}
    for name in env["kehu.approval.document"].with_context(active_test=False).search([("bridged", "=", True)]).mapped("model_id.model"):
        model = env.get(name)
        if model is None:
            continue
        for column in own:
            if sql.column_exists(env.cr, model._table, column):
                env.cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s CASCADE", SQL.identifier(model._table), SQL.identifier(column)))
        plain = {field for base in type(model).mro() if not getattr(base, "pool", None) for field in _fields_of(base)}
        forget_fields(env.cr, name, mixins - plain - {"id", "display_name"})


def _fields_of(definition):
    return [field.name for field in getattr(definition, "_field_definitions", ())]
