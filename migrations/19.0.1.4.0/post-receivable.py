"""Ship the approval of refunds; an update alone makes no flow, since administrators may delete it.

Idempotent: a flow that has its external id is left alone. What receipts brought in advance is marked in the ledger at each update.
"""

from odoo import SUPERUSER_ID, api
from odoo.fields import Command

FLOW, STEP = "kehu_crm.kehu_approval_flow_advance_refund", "kehu_crm.kehu_approval_step_advance_refund"


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if env.ref(FLOW, raise_if_not_found=False):
        return
    step = {"name": "Refund Approval", "kind": "chosen", "group_id": env.ref("kehu_crm.group_kehu_receipt_approver").id}
    values = {
        "name": "Refund Approval",
        "model_id": env["ir.model"]._get_id("kehu.advance.use"),
        "domain": '[("kind", "=", "refund")]',
        "step_ids": [Command.create(step)],
    }
    [flow] = env["kehu.approval.flow"]._load_records([{"xml_id": FLOW, "values": values, "noupdate": True}])
    env["ir.model.data"]._update_xmlids([{"xml_id": STEP, "record": flow.step_ids, "noupdate": True}])
