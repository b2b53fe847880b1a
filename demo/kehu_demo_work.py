import math
from datetime import datetime, time, timedelta

from odoo import models
from odoo.fields import Command

from ..models.system.engine import as_engine

# customer, path of the department, key of its head (see PEOPLE) or None for the first contact of the customer
DEPARTMENTS = [
    ("szkjy", ("工程部",), None),
    ("szkjy", ("采购部",), "dai"),
    ("szkjy", ("采购部", "原料采购科"), None),
    ("szqh", ("采购部",), None),
    ("szqh", ("采购部", "原料采购科"), "tan"),
]
NO_HEAD = {("szkjy", ("采购部", "原料采购科"))}
# key, customer, department, name, job, mobile, WeChat, role in the decision
PEOPLE = [
    ("dai", "szkjy", ("采购部",), "戴国梁", "采购总监", "13862010101", "dai_guoliang", "decides"),
    ("chenyue", "szkjy", ("采购部", "原料采购科"), "陈悦", "采购员", "13862010102", "chenyue_sz", "purchases"),
    ("zhouning", "szkjy", (), "周宁", "财务主管", "13862010103", "", "pays"),
    ("tan", "szqh", ("采购部", "原料采购科"), "谭思远", "科长", "13802210105", "tan_siyuan", "purchases"),
]
# first contact of the customer: department, role in the decision
FIRST_CONTACTS = {"szkjy": (("工程部",), "influences"), "szqh": (("采购部",), "decides"), "shjy": ((), "decides"), "hzyq": ((), "uses")}
# customer, product or None for the whole category, quantity, days from today, note
INTERESTS = [
    ("szkjy", "pump", 4, -4, "二期改造，预算已申报"),
    ("szkjy", None, 1, -44, "全园区监测，明年规划"),
    ("hqkj", "sensor", 8, -26, "等集团年度预算"),
]
# customer, days from today, share of what is left, carrier, waybill, who received it and on which day; of the customer's confirmed order
SHIPMENTS = [
    ("szkjy", -36, 0.5, "德邦物流", "DPK364512087", "戴国梁", -34),
    ("szkjy", -33, 1.0, "德邦物流", "DPK364598113", "戴国梁", -31),
    ("szqh", -22, 1.0, "顺丰速运", "SF1402278816031", "谭思远", -20),
    ("wxth", -18, 1.0, "顺丰速运", "SF1402301155207", None, 0),
    ("gzby", -8, 0.5, "自有车辆", None, None, 0),
]
FOLDER = ("szkjy", "hzyq", "njcj", "wxth", "wzoj", "hqkj")
SPECIFICATIONS = {
    "pump": "200 m³/h 变频",
    "cabinet": "75 kW 一控三",
    "sensor": "DN80 1.0 级",
    "transmitter": "0–1.6 MPa",
    "gateway": "4G/以太网",
}
FLOOR_PRICES = {"pump": 11_000, "cabinet": 22_500, "sensor": 3_900}
SCRIPT = """
<p>您好，我是<b>江南智能装备</b>的业务员，我们在秋季展会上见过面。</p>
<ol>
<li>展会上介绍的智能循环水泵，您那边近期有改造计划吗？</li>
<li>现在用水、用电每月大概多少？哪些设备年限较长？</li>
<li>谁负责选型，谁负责采购？方便约一次上门勘查吗？</li>
</ol>
<p>有意向：约定上门时间，记录联系人。暂无计划：征得同意后半年再联系。</p>
"""


class KehuDemo(models.AbstractModel):
    """The daily work of the demo company: whom one knows at a customer, calls, schedule, and the rules of the pool."""

    _inherit = "kehu.demo"

    def _at(self, days, hour, minute=0):
        """Return that hour in China of that day, as the database keeps it."""
        return datetime.combine(self._day(days), time(hour, minute)) - timedelta(hours=8)

    def _of_owner(self, key, model):
        return self.env[model].with_user(self._owner(key))

    # ----------------------------------------------------------------------------------------------------- what is known of a customer

    def _load_levels(self):
        """The owner of 苏州科技园 thinks more of it than the workbook did; the first visit makes it a key customer."""
        regular = self.env.ref("kehu_crm.kehu_customer_level_regular")
        self._customer("szkjy").with_user(self._owner("szkjy")).kehu_level_id = regular
        self._happened(-59, 11)

    def _load_knowledge(self):
        self._load_departments()
        self._load_move()
        self._load_figures()
        self._load_interests()
        self._load_folder()
        self._load_lead()
        self._load_duplicates()

    def _role(self, name):
        return self.env.ref(f"kehu_crm.kehu_contact_role_{name}").id

    def _load_departments(self):
        """Who sits where at a customer, and who decides."""
        departments, people = {}, {}
        for key, path, _head in DEPARTMENTS:
            values = {"partner_id": self._customer(key).id, "name": path[-1], "parent_id": len(path) > 1 and departments[key, path[:-1]].id}
            departments[key, path] = self._of_owner(key, "kehu.customer.department").create(values)
        for name, key, path, person, function, mobile, wechat, role in PEOPLE:
            values = {
                "parent_id": self._customer(key).id,
                "type": "contact",
                "name": person,
                "function": function,
                "kehu_mobile": mobile,
                "kehu_wechat": wechat,
                "kehu_decision_role_id": self._role(role),
                "kehu_customer_department_id": bool(path) and departments[key, path].id,
                "email": f"{name}@example.com",
            }
            people[name] = self._of_owner(key, "res.partner").create(values)
            self._keep(f"contact_{name}", people[name].sudo())  # sudo: res.partner - its xml id is kept by the system
        for key, (path, role) in FIRST_CONTACTS.items():
            values = {"kehu_decision_role_id": self._role(role), "kehu_customer_department_id": bool(path) and departments[key, path].id}
            self._first_contact(key).write(values)
        for key, path, head in DEPARTMENTS:
            if (key, path) not in NO_HEAD:
                departments[key, path].manager_id = people[head] if head else self._first_contact(key)
        today = self._day(0)
        self._first_contact("szkjy").write(
            {
                "kehu_birthday": today.replace(year=1984),  # a leap year, as the day of loading may be a leap day
                "kehu_wechat": "shenxiaoyan_sz",
                "kehu_qq": "28800101",
                "kehu_phone_ids": [Command.create({"kind": "direct", "number": "0512-62880026", "note": "上午 9 点到 11 点"})],
            }
        )
        self._happened(-50, 14)

    def _first_contact(self, key):
        """Return the contact that the customer was entered with, as its owner."""
        return self._customer(key).with_user(self._owner(key)).child_ids.sorted("id")[:1]

    def _load_move(self):
        """Somebody of 苏州科技园 goes to 杭州云栖, another customer of the same salesperson."""
        person = self._of_owner("szkjy", "res.partner").create(
            {
                "parent_id": self._customer("szkjy").id,
                "type": "contact",
                "name": "陆晨",
                "function": "能源管理工程师",
                "kehu_mobile": "13862010104",
                "kehu_decision_role_id": self._role("influences"),
            }
        )
        self._keep("contact_luchen", person.sudo())  # sudo: res.partner - its xml id is kept by the system
        self._happened(-55, 10)
        person.write({"parent_id": self._customer("hzyq").id, "function": "能源总监"})
        self._happened(-11, 10)

    def _load_figures(self):
        """Revenue and headcount as the owner learned of them."""
        customer = self._customer("szkjy").with_user(self._owner("szkjy"))
        for days, revenue, headcount in ((-44, 198_000_000, 272), (-4, 225_000_000, 298)):
            customer.write({"kehu_annual_revenue": revenue, "kehu_headcount": headcount})
            self._happened(days, 17)

    def _load_interests(self):
        goods = self._ref("product_pump").categ_id
        for key, product, quantity, days, note in INTERESTS:
            records = self._customer(key).kehu_contact_record_ids.grouped("date")
            record = records.get(self._day(days), self.env["kehu.contact.record"])
            self._of_owner(key, "kehu.product.interest").create(
                {
                    "partner_id": self._customer(key).id,
                    "product_id": bool(product) and self._ref(f"product_{product}").id,
                    "category_id": not product and goods.id,
                    "quantity": quantity,
                    "date": self._day(days),
                    "note": note,
                    "contact_record_id": record[:1].id,
                }
            )
            self._happened(days, 17)

    def _load_folder(self):
        partners = [self._customer(key).id for key in FOLDER]
        folder = self._as("zhangwei", "kehu.folder").create({"name": "展会邀请", "color": 4, "partner_ids": [Command.set(partners)]})
        self._keep("folder_fair", folder.sudo())  # sudo: kehu.folder - its xml id is kept by the system
        self._happened(-10, 15)

    def _load_lead(self):
        """Somebody wrote in who may be a customer already."""
        lead = self._as("lina", "crm.lead").create(
            {
                "type": "lead",
                "name": "官网咨询：纯水站流量监测",
                "partner_name": "苏州华强科技公司",
                "contact_name": "宋小姐",
                "phone": "0512 6599 8800",
                "user_id": self._ref("user_lina").id,
            }
        )
        self._keep("lead_website", lead.sudo())  # sudo: crm.lead - its xml id is kept by the system
        self._happened(-2, 10)

    def _load_duplicates(self):
        """The director has the base searched for customers that are there twice."""
        self._as("chenzhiqiang", "kehu.duplicate.search").action_start()
        # what the scheduled action would do, which would commit between the slices
        for search in as_engine(self.env["kehu.duplicate.search"].search([("state", "!=", "done")]), "duplicate"):
            for spec in search._kehu_open_specs():
                while search._kehu_group_alike(spec):
                    pass
            search._kehu_finish_if_done()
        self._happened(-2, 16)

    # ------------------------------------------------------------------------------------------------------------------------ calls

    def _load_calls(self):
        """The manager has the visitors of the fair called; a second list waits to be filled."""
        lists = self._as("wangfang", "kehu.call.list")
        fair = self.env.ref("kehu_crm.kehu_customer_source_exhibition")
        key = self.env.ref("kehu_crm.kehu_customer_level_key")
        callers = [self._ref(f"user_{login}").id for login in ("zhangwei", "lina")]
        call_list = lists.create(
            {
                "name": "秋季展会回访",
                "script": SCRIPT,
                "domain": str([("kehu_source_id", "=", fair.id)]),
                "date_from": self._day(-1),
                "date_to": self._day(20),
                "caller_ids": [Command.set(callers)],
            }
        )
        call_list.action_build()
        call_list.action_start()
        self._keep("call_list_fair", call_list.sudo())  # sudo: kehu.call.list - its xml id is kept by the system
        draft = lists.create(
            {
                "name": "年底重点客户关怀",
                "domain": str([("kehu_level_id", "=", key.id)]),
                "date_from": self._day(14),
                "caller_ids": [Command.set(callers[1:])],
                "mode": "owner",
            }
        )
        self._keep("call_list_care", draft.sudo())  # sudo: kehu.call.list - its xml id is kept by the system
        self._happened(-1, 8)
        self._call(call_list, "njcj", 9, "interested", 4.5, "蒋经理对新款流量计感兴趣，污水站二期要用八台，请先发样本。")
        self._call(call_list, "sxkq", 10, "no_answer", 0, "")
        self._call(call_list, "nbhg", 11, "callback", 1.2, "章科长在开会，明天上午再谈。", callback_on=self._at(1, 10))
        self._happened(-1, 11)
        # whom 张伟 has on the screen now
        self._line(call_list, "szkjy").action_call()

    def _line(self, call_list, key):
        """Return the place of this customer on the list, as the one who calls it."""
        customer = self._customer(key)
        lines = call_list.sudo().line_ids  # sudo: kehu.call.line - of all callers
        line = lines.filtered(lambda line: line.partner_id == customer)
        return line.with_user(line.user_id)

    def _call(self, call_list, key, hour, outcome, minutes, note, **values):
        line = self._line(call_list, key)
        self.env["kehu.phone.call"].with_user(line.user_id).create(
            {"line_id": line.id, "date": self._at(-1, hour, 20), "outcome": outcome, "duration": minutes, "note": note, **values}
        )

    # --------------------------------------------------------------------------------------------------------------------- schedule

    def _load_schedule(self):
        """An entry that was completed, beside the plans of the contact records."""
        zhangwei = self._ref("user_zhangwei")
        event = (
            self._as("zhangwei", "calendar.event")
            .with_context(no_mail_to_attendees=True, dont_notify=True)
            .create(
                {
                    "name": "园区泵房二期现场勘查",
                    "start": self._at(-3, 14),
                    "stop": self._at(-3, 16),
                    "user_id": zhangwei.id,
                    "partner_ids": [Command.set(zhangwei.partner_id.ids)],
                    "opportunity_id": self._ref("lead_szkjy").id,
                }
            )
        )
        self._keep("event_survey", event.sudo())  # sudo: calendar.event - its xml id is kept by the system
        self._happened(-4, 18)
        event.kehu_complete("已测量四台旧泵的管径与功率，照片发给工程部，下周出二期方案。")
        self._happened(-3, 17)

    # ------------------------------------------------------------------------------------------------------------------------- pool

    def _load_policy(self):
        """The administrator sets the rules of the default pool, a manager locks one customer, and the owners are warned."""
        pool = self.env.ref("kehu_crm.kehu_pool_default").with_user(self._ref("user_lintao"))
        pool.write(
            {
                "idle_days": 30,
                "no_opportunity_days": 60,
                "warn_days": 3,
                "spare_dealt": True,
                "spare_opportunities": True,
                "max_locked": 5,
                "lock_days": 90,
            }
        )
        locked = self._customer("jxnh").with_user(self._ref("user_wangfang"))
        locked.kehu_locked = True
        for run in self.env["kehu.pool.run"]._kehu_open(only_due=True):
            while run.phase != "done":  # the slices of tonight's job, which would commit between them
                run._kehu_slice()

    # ------------------------------------------------------------------------------------------------------------------------ deals

    def _load_deals(self):
        """Limits of prices; an opportunity with two quotes, a big quote, a discounted order that waits for the director, a deputy."""
        self._load_limits()
        second = self._quote("xmlj", -3, [("gateway", 8), ("platform", 1)])
        self._keep("quote_xmlj_small", second.sudo())  # sudo: sale.order - its xml id is kept by the system
        self._happened(-3, 15)
        big = self._quote("nbhg", -2, [("cabinet", 6), ("platform", 4), ("gateway", 10)])
        big.sudo().action_quotation_sent()  # sudo: sale.order - marked as sent without sending
        self._keep("quote_nbhg", big.sudo())  # sudo: sale.order - its xml id is kept by the system
        self._happened(-2, 9)
        order = self._quote("ksjd", -1, [("pump", 6), ("install", 2)])
        order.order_line[0].discount = 12
        order.kehu_to_order()
        approver = self._ref("user_sunli")
        order.kehu_submit(approver_id=approver.id, comment="老客户技改项目，申请九折以下")
        self._happened(-1, 14)
        order.with_user(approver).kehu_approve("毛利可以接受，请总监定夺")
        self._keep("order_ksjd", order.sudo())  # sudo: sale.order - its xml id is kept by the system
        self._happened(-1, 16)
        self._as("sunli", "kehu.approval.deputy").create(
            {
                "user_id": approver.id,
                "deputy_id": self._ref("user_chenzhiqiang").id,
                "date_from": self._day(5),
                "date_to": self._day(12),
                "reason": "年假",
            }
        )

    def _load_limits(self):
        for key, specification in SPECIFICATIONS.items():
            self._ref(f"product_{key}").kehu_specification = specification
        for key, price in FLOOR_PRICES.items():
            self._ref(f"product_{key}").kehu_floor_price = price
        self._ref("product_pump").categ_id.kehu_discount_limit = 10
        for login in ("zhangwei", "lina", "zhaolei"):
            self._ref(f"user_{login}").kehu_discount_limit = 8
        # the demo sends no mail
        self.env["kehu.big.deal"]._kehu_directors(self.env.company).notification_type = "inbox"
        self.env.company.write(
            {
                "kehu_big_deal_amount": 200_000,
                "kehu_sale_type_id": self.env.ref("kehu_crm.kehu_sale_type_direct").id,
                "kehu_delivery_terms_id": self.env.ref("kehu_crm.kehu_delivery_terms_freight_paid").id,
            }
        )

    # ------------------------------------------------------------------------------------------------------------------------ shipments

    def _load_shipments(self):
        """Orders that left whole or in parts, signed for or not; one still to ship. With the host's inventory its transfers tell it."""
        bank = self.env["res.bank"].create({"name": "中国工商银行苏州工业园区支行"})
        self.env["res.partner.bank"].create(
            {"acc_number": "1102 0200 0920 1234 567", "partner_id": self.env.company.partner_id.id, "bank_id": bank.id}
        )
        for key, days, share, carrier, waybill, receiver, received in SHIPMENTS:
            owner = self._owner(key)
            order = (
                self.env["sale.order"]
                .with_user(owner)
                .search([("partner_id", "=", self._customer(key).id), ("state", "=", "sale")], order="id", limit=1)
            )
            self._deliver(order, days, receiver, received, share, carrier=carrier, waybill=waybill)

    def _deliver(self, order, days, receiver=False, received=None, share=1, **by):
        """Ship what is still to ship of an order, or a share of it, and have it signed for.

        :param int days: from today
        :param str receiver: who signed; nobody yet when empty
        :param int received: from today
        :param by: carrier and waybill
        """
        lines = order._kehu_lines_to_ship()
        if not lines:
            return
        order.kehu_ship([[line.id, math.ceil(line._kehu_quantity_to_ship() * share)] for line in lines], date=self._day(days), **by)
        self._happened(days, 15)
        if receiver:
            order.kehu_sign_delivery(receiver, date=self._day(received))
            self._happened(received, 16)
