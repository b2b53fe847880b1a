from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import models
from odoo.fields import Command

TERMS = """
<p><b>一、交货：</b>乙方在合同生效后 20 个工作日内将货物送达甲方指定地点，运费由乙方承担。</p>
<p><b>二、验收：</b>甲方在收货后 7 日内按双方确认的技术协议验收；逾期未提出书面异议的，视为验收合格。</p>
<p><b>三、付款：</b>合同生效后付 30% 预付款，验收合格并收到发票后 30 日内付清余款。</p>
<p><b>四、质保：</b>质保期自验收合格之日起 24 个月，质保期内因产品质量造成的损坏由乙方免费维修或更换。</p>
<p><b>五、违约责任：</b>逾期交货或逾期付款的，每逾期一日按逾期部分的万分之五支付违约金。</p>
<p><b>六、争议解决：</b>因本合同发生的争议由双方协商解决；协商不成的，提交乙方所在地人民法院诉讼解决。</p>
<p><b>七、其他：</b>本合同一式两份，双方各执一份，自双方签字盖章之日起生效。</p>
"""
# customer, type, title, days from today to the first one, months, how far it went, amount (None: of the orders), order goes in
CONTRACTS = [
    ("szqh", "framework", "年度变送器框架采购合同", -340, 12, "signed", 500000, True),
    ("nbhg", "sale", "冷库循环水系统设备采购合同", -33, 24, "signed", None, True),
    ("wxth", "service", "车间水冷系统监测与维护合同", -24, 12, "approved", 36000, False),
    ("gzby", "sale", "新厂区控制柜采购合同", -16, 18, "pending", None, True),
    ("shjy", "sale", "云监控平台对接合同", 5, 12, "draft", 96000, False),
    ("hzyq", "confidentiality", "机房冷却项目保密协议", -20, 36, "rejected", 0, False),
]


class KehuDemo(models.AbstractModel):
    """The contracts of the demo company: one that ends soon and is being renewed, two in force, one that waits, drafts."""

    _inherit = "kehu.demo"

    def _load_contracts(self):
        approver = self._ref("user_sunli")
        for key, kind, title, days, months, goal, amount, with_order in CONTRACTS:
            customer = self._customer(key)
            owner = self._owner(key)
            begin = self._day(days)
            order = with_order and self.env["sale.order"].with_user(owner).search(
                [("kehu_customer_id", "=", customer.id), ("user_id", "=", owner.id), ("state", "!=", "cancel")], order="id", limit=1
            )
            values = {
                "title": title,
                "partner_id": customer.id,
                "type_id": self.env.ref(f"kehu_crm.kehu_contract_type_{kind}").id,
                "date_from": begin,
                "date_to": begin + relativedelta(months=months) - timedelta(days=1),
                "their_signatory_id": customer.child_ids.filtered(lambda contact: contact.type == "contact")[:1].id,
                "our_signatory_id": approver.id,
                "terms": TERMS,
                "order_ids": [Command.link(order.id)] if order else [],
            }
            if amount is not None:
                values["amount"] = amount
            contract = self._of_owner(key, "kehu.contract").create(values)
            self._keep(f"contract_{key}", contract.sudo())  # sudo: kehu.contract - its xml id is kept by the system
            self._happened(min(days, -3), 10)
            if goal == "draft":
                continue
            contract.kehu_submit(approver_id=approver.id, comment="请审核合同条款")
            self._happened(min(days, -3), 11)
            if goal == "rejected":
                contract.with_user(approver).kehu_reject("请补充保密期限和违约责任后重新提交。")
            elif goal != "pending":
                contract.with_user(approver).kehu_approve("条款符合公司范本，同意。")
            if goal == "signed":
                contract.sign_date = self._day(min(days + 2, -1))
            self._happened(min(days + 2, -2), 15)
        self.env["kehu.contract"].with_user(self._owner("szqh")).browse(self._ref("contract_szqh").id).action_renew()
        self._happened(-2, 16)
