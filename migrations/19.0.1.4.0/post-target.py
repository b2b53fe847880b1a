"""Ship the approval flow of commissions; an update alone makes no record that administrators may delete.

Idempotent: it does nothing where the flow has its external id already.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools.convert import convert_file


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if not env.ref("kehu_crm.kehu_approval_flow_commission", raise_if_not_found=False):
        convert_file(env, "kehu_crm", "data/target/kehu_commission_data.xml", {}, mode="init")
