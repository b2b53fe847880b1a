"""Ship the sale types and delivery terms, and the flow for large or discounted orders, which waits archived for somebody to want it.

An update alone makes no record that administrators may delete. Idempotent: what has its external id is left alone.
"""

from lxml import etree
from odoo import SUPERUSER_ID, api
from odoo.tools.misc import file_path

FLOW = "kehu_crm.kehu_approval_flow_large_order"


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    words = env["kehu.dictionary.value"]
    for xml_id, values in shipped("kehu_dictionary_value_data.xml", "kehu.dictionary.value"):
        if not env.ref(xml_id, raise_if_not_found=False):
            words._load_records([{"xml_id": xml_id, "values": {**values, "sequence": int(values["sequence"])}, "noupdate": True}])
    if env.ref(FLOW, raise_if_not_found=False):
        return
    for xml_id, values in shipped("kehu_approval_flow_data.xml", "kehu.approval.flow"):
        if xml_id == FLOW:
            values.update(model_id=env["ir.model"]._get_id("sale.order"), sequence=int(values["sequence"]), active=False)
            flow = env["kehu.approval.flow"]._load_records([{"xml_id": xml_id, "values": values, "noupdate": True}])
    for xml_id, values in shipped("kehu_approval_flow_data.xml", "kehu.approval.step"):
        if xml_id.startswith("kehu_crm.kehu_approval_step_large_order"):
            group = env.ref(f"kehu_crm.{values['group_id']}")
            values.update(flow_id=flow.id, sequence=int(values["sequence"]), group_id=group.id)
            env["kehu.approval.step"]._load_records([{"xml_id": xml_id, "values": values, "noupdate": True}])


def shipped(name, model):
    """The records of one model in a data file of the room: external id, values as text; what refers to a record gives its name."""
    for record in etree.parse(file_path(f"kehu_crm/data/sales/{name}")).iter("record"):
        if record.get("model") == model:
            values = {field.get("name"): field.get("ref") or (field.text or "").strip() for field in record.iter("field")}
            yield f"kehu_crm.{record.get('id')}", values
