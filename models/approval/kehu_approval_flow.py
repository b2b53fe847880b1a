import ast

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from ..system.engine import as_engine, is_engine, is_uninstalling, leave_engine
from .exceptions import KehuApprovalFlowError

FLOW_ENGINE = "approval_flow"  # a flow that writes its steps looks at the result, not at each of them


class KehuApprovalFlow(models.Model):
    """Which documents need approval, and by whom.

    The first flow, by sequence, whose model, company and condition fit a document is the one it takes. A request copies what it needs
    from its flow when it is made, so changing or archiving a flow never touches what is already waiting.
    """

    _name = "kehu.approval.flow"
    _description = "Approval Flow"
    _order = "sequence, id"

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
    company_id = fields.Many2one("res.company", index=True, help="Empty: the flow is for all companies.")
    allow_self = fields.Boolean(
        string="Own Documents Allowed",
        help="People may approve what they submitted or own themselves. Off: somebody else has to.",
    )
    step_ids = fields.One2many("kehu.approval.step", "flow_id", string="Steps", copy=True)

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
            try:
                Domain(flow._kehu_domain()).validate(self.env[model])
            except (ValueError, SyntaxError, TypeError) as error:
                raise KehuApprovalFlowError(
                    self.env._(
                        "Flow “%(flow)s”: the condition cannot be read (%(reason)s). Correct it with the condition editor.",
                        flow=flow.name,
                        reason=error,
                    )
                ) from error

    @api.constrains("step_ids", "active")
    def _check_steps(self):
        for flow in self:
            if flow.active and not flow.step_ids:
                raise KehuApprovalFlowError(
                    self.env._(
                        "Flow “%(flow)s” has no step, so nobody could ever approve. Add a step, or archive the flow.", flow=flow.name
                    )
                )
            if len(flow.step_ids) > 1:
                raise KehuApprovalFlowError(
                    self.env._("Flow “%(flow)s” has more than one step. Keep one: one approval decides.", flow=flow.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        flows = leave_engine(super(KehuApprovalFlow, as_engine(self, FLOW_ENGINE)).create(vals_list), FLOW_ENGINE)
        flows._check_steps()  # a flow created without the key step_ids would not meet the constraint
        self.env.registry.clear_cache()
        return flows

    def write(self, vals):
        result = super(KehuApprovalFlow, as_engine(self, FLOW_ENGINE)).write(vals)
        if "step_ids" in vals:
            self._check_steps()
        self.env.registry.clear_cache()
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
        result = super().unlink()
        self.env.registry.clear_cache()
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
        return ast.literal_eval((self.domain or "[]").strip() or "[]")

    @api.model
    @ormcache("model_name")
    def _kehu_flows_of(self, model_name):
        """Active flows of a model in their order: tuple of (flow id, company id or False, condition as text)."""
        # sudo: kehu.approval.flow - which flow a document takes does not depend on who asks
        # the answer is kept for all users, so the context of who asks first takes no part
        # sudo: kehu.approval.flow - see above
        flows = self.sudo().with_context(active_test=True).search([("model_id.model", "=", model_name)])
        return tuple((flow.id, flow.company_id.id, flow.domain or "[]") for flow in flows)


class KehuApprovalStep(models.Model):
    """One signature on the way of a document."""

    _name = "kehu.approval.step"
    _description = "Approval Step"
    _order = "flow_id, sequence, id"

    flow_id = fields.Many2one("kehu.approval.flow", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [("chosen", "Chosen by the submitter")],
        string="Who Decides",
        required=True,
        default="chosen",
        help="Chosen by the submitter: whoever submits picks one member of the role.",
    )
    group_id = fields.Many2one(
        "res.groups", string="Role", required=True, ondelete="restrict", help="The approver is a member of this role."
    )

    @api.constrains("flow_id")
    def _check_flow(self):
        if not is_engine(self.env, FLOW_ENGINE):
            self.flow_id._check_steps()

    def unlink(self):
        flows = self.flow_id
        result = super().unlink()
        if not is_engine(self.env, FLOW_ENGINE) and not is_uninstalling(self.env):
            flows.exists()._check_steps()
        return result

    def _kehu_candidates(self, company):
        """Active internal users of the step's role who work in a company.

        :param res.company company: company of the document, may be empty
        :rtype: res.users
        """
        self.ensure_one()
        domain = [("all_group_ids", "in", self.group_id.ids), ("share", "=", False)]
        if company:
            domain.append(("company_ids", "in", company.ids))
        return self.env["res.users"].search(domain)
