"""Ship the flow of orders above the credit limit (switched off), the levels of dunning and the first payment plans; an update alone makes
no record that administrators may delete.

Idempotent: it does nothing for what has its external id already.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools.convert import convert_file

FILES = {
    "kehu_crm.kehu_approval_flow_credit": "data/credit/kehu_approval_flow_data.xml",
    "kehu_crm.kehu_dunning_level_first": "data/credit/kehu_dunning_data.xml",
    "kehu_crm.kehu_instalment_template_30_60_10": "data/receivable/kehu_instalment_data.xml",
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for xml_id, file in FILES.items():
        if not env.ref(xml_id, raise_if_not_found=False):
            convert_file(env, "kehu_crm", file, {}, mode="init")
