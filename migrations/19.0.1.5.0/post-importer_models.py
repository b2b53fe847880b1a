"""Ship the templates of contacts, products, categories, departments and people; an update alone makes no record that people may delete.

Idempotent: it does nothing when they have been there already.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools.convert import convert_file


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if not env.ref("kehu_crm.kehu_import_template_product", raise_if_not_found=False):
        convert_file(env, "kehu_crm", "data/importer/kehu_import_template_models_data.xml", {}, mode="init")
