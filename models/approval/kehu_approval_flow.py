import ast
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

from ..system.engine import as_engine, is_engine, is_uninstalling, leave_engine
from .caches import FreshCache, forget
from .exceptions import KehuApprovalFlowError

FLOW_ENGINE = "approval_flow"  # a flow that writes its steps looks at the result, not at each of them

KINDS = [
    ("chosen", "Chosen by the submitter"),
    ("group", "Members of a role"),
    ("users", "Named people"),
    ("manager", "Manager of the submitter"),
    ("field", "People named on the document"),
]
AGREEMENTS = [
    ("any", "One of them"),
    ("all", "All of them"),
    ("number", "A number of them"),
]
ESCALATIONS = [
    ("nothing", "Nothing happens"),
    ("remind", "They are reminded again"),
    ("manager", "Their managers may decide too"),
    ("administrator", "CRM administrators may decide too"),
]
HIGHEST_LEVEL = 10
MOST_HOURS = 10_000  # more than five years of work
HIGHEST_NUMBER = 2**31 - 1  # what a column of whole numbers holds


class FlowSetUp(NamedTuple):
    """What a flow says besides its steps, kept in memory for all who submit; see the fields of `kehu.approval.flow`."""

    allow_self: bool
    once_per_person: bool
    if_nobody: str
    tolerance_percent: float
    company_id: int | bool

    def request_values(self):
        """What a request keeps of it; see the fields of `kehu.approval.request`."""
        return {name: value for name, value in self._asdict().items() if name != "company_id"}


class StepSetUp(NamedTuple):
    """What a step of a flow says, kept in memory for all who submit; see the fields of `kehu.approval.step`."""

    id: int
    name: str
    kind: str
    group_id: int
    user_ids: tuple
    levels_up: int
    user_field: str
    agree: str
    minimum: int
    domain: str
    time_limit: float
    remind_after: float
    escalate: str


class KehuApprovalFlow(models.Model):
    """Which documents need approval, and by whom.

    The first flow, by sequence, whose model, company and condition fit a document is the one it takes. A request copies what it needs
    from its flow when it is made, so changing or archiving a flow never touches what is already waiting.
    """

    _name = "kehu.approval.flow"
    _description = "Approval Flow"
    _order = "sequence, id"
    _kehu_configuration = ("model_id", "name")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The first flow that fits a document is used.")
    active = fields.Boolean(default=True, help="Archived flows catch no new documents. What already waits goes on.")
    model_id = fields.Many2one(
        "ir.model",
        string="Document",
        required=True,
        ondelete="cascade",
        index=True,
        domain=lambda self: [("model", "in", self._kehu_document_models())],
        help="Kind of document that this flow is for.",
    )
    model_name = fields.Char(related="model_id.model", string="Technical Document Name")
    domain = fields.Char(
        string="Condition",
        default="[]",
        help="Only documents that fulfil this condition take the flow. Empty: all documents of this kind.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: the flow is for all companies. A document that belongs to no company takes the flow of any, and people of that "
        "company decide.",
    )
    allow_self = fields.Boolean(
        string="Own Documents Allowed",
        help="People may approve what they submitted or own themselves. Off: somebody else has to.",
    )
    if_nobody = fields.Selection(
        [("refuse", "The document cannot be submitted"), ("administrator", "CRM administrators decide")],
        string="When Nobody Qualifies",
        required=True,
        default="refuse",
        help="What happens when a step finds nobody who may decide, for instance because a department has no manager.",
    )
    once_per_person = fields.Boolean(
        string="Once per Person",
        help="Who has approved one step need not approve a later one again: it counts as approved by them.",
    )
    tolerance_percent = fields.Float(
        string="Tolerance (%)",
        help="By how much the amount of an approved document may change without a new round. 0: not at all.",
    )
    step_ids = fields.One2many("kehu.approval.step", "flow_id", string="Steps", copy=True)

    _tolerance_check = models.Constraint(
        "CHECK(tolerance_percent >= 0 AND tolerance_percent <= 100)", "The tolerance is between 0 and 100 %."
    )

    @api.constrains("model_id", "domain")
    def _check_domain(self):
        """The model must offer approval, and the condition must be one that can be searched on it."""
        documents = set(self._kehu_document_models())
        for flow in self:
            model = flow.sudo().model_id.model  # sudo: ir.model - technical name only
            if model not in documents:
                raise KehuApprovalFlowError(
                    self.env._("Flow “%(flow)s”: documents of this kind cannot be approved. Choose another kind.", flow=flow.name)
                )
            reason = flow._kehu_domain_error(flow.domain)
            if reason:
                raise KehuApprovalFlowError(
                    self.env._(
                        "Flow “%(flow)s”: the condition cannot be read (%(reason)s). Correct it with the condition editor.",
                        flow=flow.name,
                        reason=reason,
                    )
                )
        self.step_ids._check_set_up()

    @api.constrains("step_ids", "active")
    def _check_steps(self):
        for flow in self:
            if flow.active and not flow.step_ids:
                raise KehuApprovalFlowError(
                    self.env._(
                        "Flow “%(flow)s” has no step, so nobody could ever approve. Add a step, or archive the flow.", flow=flow.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        flows = leave_engine(super(KehuApprovalFlow, as_engine(self, FLOW_ENGINE)).create(vals_list), FLOW_ENGINE)
        flows._check_steps()  # a flow created without the key step_ids would not meet the constraint
        forget(self.env)
        return flows

    def write(self, vals):
        result = super(KehuApprovalFlow, as_engine(self, FLOW_ENGINE)).write(vals)
        if "step_ids" in vals:
            self._check_steps()
        forget(self.env)
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_waiting(self):
        """What waits keeps the flow it was submitted to."""
        if is_uninstalling(self.env):
            return
        # sudo: kehu.approval.request - whether and what waits, whoever may see it
        waiting = self.env["kehu.approval.request"].sudo().search([("flow_id", "in", self.ids), ("state", "=", "pending")])
        if waiting:
            raise KehuApprovalFlowError(
                self.env._(
                    "Flow “%(flow)s” cannot be deleted: %(names)s still waits for a decision by it. Archive the flow, which catches no new "
                    "documents then, or have them decided or withdrawn first.",
                    flow=waiting[0].flow_id.name,
                    names=waiting.filtered(lambda request: request.flow_id == waiting[0].flow_id)[:3].mapped("name"),
                )
            )

    def unlink(self):
        """The steps go first: the database would else empty two columns of a request in an order that may not work."""
        self._unlink_except_waiting()
        as_engine(self.step_ids, FLOW_ENGINE).unlink()
        result = super().unlink()
        forget(self.env)
        return result

    @api.model
    def _kehu_document_models(self):
        """Technical names of the models that can be approved."""
        mixin = self.env.registry["kehu.approval.mixin"]
        return [name for name, model in self.env.registry.items() if issubclass(model, mixin) and not model._abstract]

    def _kehu_domain(self):
        """The condition as a list.

        :raises ValueError, SyntaxError: when it is no literal
        """
        self.ensure_one()
        return parse_domain(self.domain)

    def _kehu_domain_error(self, text):
        """Why a condition cannot be used on the documents of this one flow; False when it can."""
        self.ensure_one()
        try:
            # sudo: ir.model - technical name only
            Domain(parse_domain(text)).validate(self.env[self.sudo().model_id.model])
        except (ValueError, SyntaxError, TypeError) as error:
            return error
        return False

    @api.model
    @FreshCache("model_name")
    def _kehu_flows_of(self, model_name):
        """Active flows of a model in their order: tuple of (flow id, company id or False, condition as text)."""
        # sudo: kehu.approval.flow - which flow a document takes does not depend on who asks
        # the answer is kept for all users, so the context of who asks first takes no part
        # sudo: kehu.approval.flow - see above
        flows = self.sudo().with_context(active_test=True).search([("model_id.model", "=", model_name)])
        return tuple((flow.id, flow.company_id.id, flow.domain or "[]") for flow in flows)

    def _kehu_set_up(self):
        """What this one flow says besides its steps; for an empty one, what is usual.

        :rtype: FlowSetUp
        """
        return self._kehu_set_up_of(self.id) if self else FlowSetUp(False, False, "refuse", 0.0, False)

    @api.model
    @FreshCache("flow_id")
    def _kehu_set_up_of(self, flow_id):
        flow = self.sudo().browse(flow_id)  # sudo: kehu.approval.flow - what a flow says does not depend on who asks
        return FlowSetUp(flow.allow_self, flow.once_per_person, flow.if_nobody, flow.tolerance_percent, flow.company_id.id)

    @api.model
    @FreshCache("flow_id", "lang")
    def _kehu_steps_of(self, flow_id, lang):
        """The steps of a flow in their order, with their names in a language.

        :rtype: tuple[StepSetUp]
        """
        # sudo: kehu.approval.step - what a flow says does not depend on who asks
        steps = self.sudo().with_context(active_test=False, lang=lang).browse(flow_id).step_ids
        return tuple(
            StepSetUp(
                step.id,
                step.name,
                step.kind,
                step.group_id.id,
                tuple(step.user_ids.ids),
                step.levels_up,
                step.user_field_id.name,
                step.agree if step.kind not in ("chosen", "manager") else "any",
                step.minimum,
                step.domain or "[]",
                step.time_limit,
                step.remind_after,
                step.escalate,
            )
            for step in steps
        )


def parse_domain(text):
    """The list that a condition says.

    :raises ValueError, SyntaxError: when it is no literal
    """
    return ast.literal_eval((text or "[]").strip() or "[]")


class KehuApprovalStep(models.Model):
    """One signature, or several at a time, on the way of a document."""

    _name = "kehu.approval.step"
    _description = "Approval Step"
    _order = "flow_id, sequence, id"

    flow_id = fields.Many2one("kehu.approval.flow", required=True, ondelete="cascade", index=True)
    flow_model_id = fields.Many2one(related="flow_id.model_id", string="Document")
    model_name = fields.Char(related="flow_id.model_name", string="Technical Document Name")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)

    # who
    kind = fields.Selection(
        KINDS,
        string="Who Decides",
        required=True,
        default="chosen",
        help="Chosen by the submitter: whoever submits picks one member of the role.\n"
        "Members of a role: everybody in it is asked.\n"
        "Named people: those of the list.\n"
        "Manager of the submitter: who manages their department, or one above it.\n"
        "People named on the document: whoever a field of the document names.",
    )
    group_id = fields.Many2one("res.groups", string="Role", ondelete="restrict", help="The approver is a member of this role.")
    user_ids = fields.Many2many(
        "res.users",
        "kehu_approval_step_user_rel",
        "step_id",
        "user_id",
        string="People",
        domain="[('share', '=', False)]",
        help="Who is asked.",
    )
    levels_up = fields.Integer(
        default=1,
        help="1: the manager of the submitter's department. 2: the next manager above, and so on. Managers do not decide for themselves: "
        "for them it begins one level higher.",
    )
    user_field_id = fields.Many2one(
        "ir.model.fields",
        string="Field of the Document",
        ondelete="cascade",
        domain="[('model_id', '=', flow_model_id), ('relation', '=', 'res.users'), ('ttype', 'in', ('many2one', 'many2many')), "
        "('store', '=', True)]",
        help="Field of the document that names who decides.",
    )
    agree = fields.Selection(
        AGREEMENTS,
        string="How Many Agree",
        required=True,
        default="any",
        help="How many of those asked have to approve. One of them who rejects is always enough to reject.",
    )
    minimum = fields.Integer(string="Number", default=2, help="How many have to approve.")
    domain = fields.Char(
        string="Condition",
        default="[]",
        help="Only documents that fulfil this condition when they are submitted take the step, for instance those above an amount.",
    )

    # time
    time_limit = fields.Float(
        string="Time Limit (Hours)", help="Working hours of the company until the step should be decided. 0: no limit."
    )
    remind_after = fields.Float(
        string="Remind After (Hours)", help="Working hours after which those who have not decided are reminded. 0: no reminder."
    )
    escalate = fields.Selection(
        ESCALATIONS,
        string="When Too Late",
        required=True,
        default="remind",
        help="What happens when the time limit has passed.",
    )

    @api.constrains("flow_id")
    def _check_flow(self):
        if not is_engine(self.env, FLOW_ENGINE):
            self.flow_id._check_steps()

    @api.constrains(
        "flow_id", "kind", "group_id", "user_ids", "levels_up", "user_field_id", "agree", "minimum", "domain", "time_limit", "remind_after"
    )
    def _check_set_up(self):
        """:raises KehuApprovalFlowError: naming the step that could never work, and what it lacks"""
        for step in self:
            reason = step._kehu_set_up_error()
            if reason:
                raise KehuApprovalFlowError(
                    self.env._("Flow “%(flow)s”, step “%(step)s”: %(reason)s", flow=step.flow_id.name, step=step.name, reason=reason)
                )

    def _kehu_set_up_error(self):
        """Why this one step could never work, as a sentence; False when it can."""
        self.ensure_one()
        if self.kind in ("chosen", "group") and not self.group_id:
            return self.env._("choose the role whose members decide.")
        if self.kind == "users" and not self.user_ids:
            return self.env._("name the people who decide.")
        if self.kind == "users":
            documents = self.env[self.flow_id.sudo().model_id.model]  # sudo: ir.model - technical name only
            for user in self.sudo().user_ids:  # sudo: res.users - whether they could read what they decide on
                if user.active and not documents.with_user(user).has_access("read"):
                    return self.env._(
                        "%(user)s has no role that opens documents of this kind. Name somebody else, or give them such a role first.",
                        user=user.name,
                    )
        if self.kind == "manager" and not 1 <= self.levels_up <= HIGHEST_LEVEL:
            return self.env._("the level of the manager is a number from 1 to %(highest)s.", highest=HIGHEST_LEVEL)
        if self.kind == "field":
            field = self.sudo().user_field_id  # sudo: ir.model.fields - what kind of field it is
            if not field:
                return self.env._("choose the field of the document that names who decides.")
            model = self.flow_id.sudo().model_id  # sudo: ir.model - to compare only
            if field.model != model.model or field.relation != "res.users" or field.ttype not in ("many2one", "many2many"):
                return self.env._("the field “%(field)s” does not name users of this kind of document.", field=field.field_description)
        if self.agree == "number" and self.kind not in ("chosen", "manager"):
            if self.minimum < 1:
                return self.env._("at least one person has to agree.")
            if self.kind == "users" and self.minimum > len(self.user_ids):
                return self.env._(
                    "%(minimum)s people have to agree, and only %(count)s are named.", minimum=self.minimum, count=len(self.user_ids)
                )
        # so written that what is no number at all is none of them
        if not all(0 <= hours <= MOST_HOURS for hours in (self.time_limit, self.remind_after)):
            return self.env._("hours are a number from 0 to %(most)s.", most=MOST_HOURS)
        if self.time_limit and self.remind_after >= self.time_limit:
            return self.env._("the reminder comes before the time limit, or there is none (0).")
        reason = self.flow_id._kehu_domain_error(self.domain)
        return reason and self.env._("the condition cannot be read (%(reason)s). Correct it with the condition editor.", reason=reason)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_numbers(vals)
        steps = super().create(vals_list)
        forget(self.env)
        return steps

    def write(self, vals):
        self._kehu_check_numbers(vals)
        result = super().write(vals)
        forget(self.env)
        return result

    @api.model
    def _kehu_check_numbers(self, vals):
        """:raises KehuApprovalFlowError: for a number that the database could not keep, of which it would tell in its own words"""
        for name in {"levels_up", "minimum", "sequence"} & vals.keys():
            field = self._fields[name]
            try:
                good = abs(field.convert_to_cache(vals[name], self)) <= HIGHEST_NUMBER
            except (TypeError, ValueError, OverflowError):
                good = False
            if not good:
                raise KehuApprovalFlowError(
                    self.env._(
                        "“%(field)s” of a step is a whole number, and %(value)s is none or too large. Correct it.",
                        field=field._description_string(self.env),
                        value=repr(vals[name])[:40],
                    )
                )

    def unlink(self):
        flows = self.flow_id
        result = super().unlink()
        forget(self.env)
        if not is_engine(self.env, FLOW_ENGINE) and not is_uninstalling(self.env):
            flows.exists()._check_steps()
        return result

    # ------------------------------------------------------------
    # Who is asked
    # ------------------------------------------------------------

    @api.model
    def _kehu_applies(self, step, document):
        """Tell whether a document takes a step, by the step's own condition.

        :param StepSetUp step: what the flow says
        """
        domain = parse_domain(step.domain)
        return not domain or bool(document._kehu_fitting(Domain(domain)))

    @api.model
    def _kehu_approval_people(self, step, document, company, known):
        """Active internal users of a company whom a step asks about a document, in superuser mode; its own people not left out.

        Who has no role that opens documents of this kind at all is not asked: they could never decide.

        :param StepSetUp step: what the flow says
        :param document: record that is submitted by the current user
        :param res.company company: company of the document, may be empty
        :param dict known: answers found so far, by step and company; filled here, so that many documents ask once
        :rtype: res.users
        """
        if step.kind == "field":
            # sudo: document - whom it names
            return self._kehu_readers(document, working_users(document.sudo()[step.user_field], company), known)
        key = (step.id, company.id)
        if key not in known:
            users = self.env["res.users"].sudo()  # sudo: res.users - who is asked does not depend on whom the submitter sees
            if step.kind in ("chosen", "group"):
                known[key] = users._kehu_of_role(users.env["res.groups"].browse(step.group_id), company)
            elif step.kind == "users":
                known[key] = working_users(users.browse(step.user_ids), company)
            else:
                known[key] = working_users(users.browse(self.env.uid)._kehu_manager_above(step.levels_up), company)
            known[key] = self._kehu_readers(document, known[key], known)
        return known[key]

    @api.model
    def _kehu_readers(self, document, users, known):
        """Those of some users who have a role that opens documents of this kind at all; who decides on one may read it.

        :param dict known: answers found so far, by model and user; filled here
        :rtype: res.users
        """
        documents = document.browse()
        for user in users:
            if (documents._name, user.id) not in known:
                known[documents._name, user.id] = documents.with_user(user).has_access("read")
        return users.filtered(lambda user: known[documents._name, user.id])

    def _kehu_describe(self):
        """Who is meant, in words for a refusal: “role Sales Approver”, “manager of the submitter” …"""
        self.ensure_one()
        if self.kind in ("chosen", "group"):
            return self.group_id.sudo().name  # sudo: res.groups - its name
        if self.kind == "field":
            return self.sudo().user_field_id.field_description  # sudo: ir.model.fields - its label
        if self.kind == "users":
            return format_list(self.env, self.sudo().user_ids.mapped("name"))  # sudo: res.users - names only
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]


def working_users(users, company):
    """Those of some users who are active, internal and work in a company."""
    return users.filtered(lambda user: user.active and not user.share and (not company or company in user.company_ids))
