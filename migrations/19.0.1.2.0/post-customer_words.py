"""Ship the first choices of the new dictionaries; an update alone makes no record that administrators may delete.

Idempotent: a choice that has its external id is left alone.
"""

from lxml import etree
from odoo import SUPERUSER_ID, api
from odoo.tools.misc import file_path

NEW = {"customer_nature", "customer_region", "contact_role"}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    words = env["kehu.dictionary.value"]
    shipped = etree.parse(file_path("kehu_crm/data/customer/kehu_dictionary_value_data.xml"))
    for record in shipped.iter("record"):
        values = {field.get("name"): field.text for field in record.iter("field")}
        xml_id = f"kehu_crm.{record.get('id')}"
        if values["dictionary"] in NEW and not env.ref(xml_id, raise_if_not_found=False):
            words._load_records([{"xml_id": xml_id, "values": {**values, "sequence": int(values["sequence"])}, "noupdate": True}])
