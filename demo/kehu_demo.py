import base64
import csv
import io
from datetime import datetime, time, timedelta

import openpyxl
from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.misc import file_open

MODULE = "kehu_demo"  # module part of the xml ids: the demo's records are the user's own once they are there
COMPANY = "江南智能装备有限公司"
COMPANY_CREDIT_CODE = "91320500000000019N"  # nobody's: organisation 00000001, with the right check digits

# customer, days from today, method, what was said, what came out of it, plan; level None = as it is
CONTACTS = [
    ("szkjy", -58, "visit", "在苏州展会上认识，参观了园区泵房，现有水泵能耗偏高。", "对智能循环水泵感兴趣，要求方案。", "发送节能改造方案"),
    ("szkjy", -51, "phone", "沟通节能改造方案，沈经理认可节电测算。", "同意先改造两台，走采购流程。", "上门确认现场尺寸"),
    ("szkjy", -44, "visit", "现场测量管径与配电，确认控制柜型号。", "客户要求报价。", "提交正式报价"),
    ("szkjy", -4, "phone", "回访运行情况，两台泵运行稳定，节电约 28%。", "考虑二期再改造四台。", "拜访沈经理谈二期改造"),
    ("shjy", -16, "wechat", "许总监询问云平台能否对接自有系统。", "已发送接口文档。", "确认接口评审结果"),
    ("shjy", -3, "video", "与技术团队线上评审接口。", "通过评审，等待预算审批。", "跟进预算审批进度"),
    ("hzyq", -20, "visit", "参观数据中心机房冷却系统。", "需要 6 台流量计先试用。", "送样机"),
    ("hzyq", -6, "phone", "样机试用一周，精度满足要求。", "要求按 6 台报价。", "提交报价并约面谈"),
    ("nbhg", -35, "visit", "码头冷库循环水系统改造交流。", "确定采购控制柜与水泵。", "签订合同"),
    ("nbhg", -2, "phone", "催收第二期货款。", "财务确认本周付款。", "确认到账"),
    ("szqh", -30, "visit", "拜访采购部，介绍新款压力变送器。", "年度框架采购意向明确。", "提交框架报价"),
    ("szqh", -1, "phone", "确认交货时间。", "要求下周到货。", "通知仓库备货"),
    ("njcj", -12, "phone", "污水站项目进入设计阶段。", "需要流量计选型表。", "发送选型表"),
    ("wxth", -26, "visit", "车间水冷系统故障频繁，需要远程监测。", "采购网关与平台。", "安排安装"),
    ("wxth", -9, "phone", "安装完成，培训了两名操作员。", "客户满意。", "一个月后回访"),
    ("cztn", -22, "phone", "设备主管更换，新主管史红梅。", "需要重新介绍产品。", "上门拜访史主管"),
    ("hfgx", -8, "email", "发送 GMP 车间案例。", "约下周视频会议。", "视频会议演示平台"),
    ("gzby", -18, "visit", "新厂区水处理招标。", "中标两套控制柜。", "签约"),
    ("dgss", -5, "visit", "动力科要求现场测试。", "约本周测试。", "现场测试流量计"),
    ("xmlj", -10, "phone", "冷链仓库监测需求。", "等待客户确认点位。", "确认点位清单"),
    ("jxnh", -95, "phone", "今年无改造预算。", "明年再联系。", ""),
    ("sxkq", -28, "visit", "展会名片回访，蒸汽管网计量。", "兴趣一般。", "电话跟进"),
    ("zhhq", -7, "wechat", "发送产品手册。", "请工程师选型。", "电话确认选型"),
    ("ksjd", -16, "visit", "考察注塑车间循环水系统，水泵老化严重。", "准备列入明年技改计划。", "提交技改方案"),
    ("ksjd", -4, "phone", "技改方案已内部讨论，关注节电收益。", "要求补充同类案例。", "发送苏州科技园案例"),
    ("szhx", -5, "phone", "电话了解纯水站现状。", "约定现场看一次。", "上门查看纯水站"),
    ("hqkj", -33, "visit", "展会后首次拜访，参观电镀车间纯水系统。", "需要流量计与变送器的选型建议。", "发送选型建议"),
    ("hqkj", -26, "phone", "选型建议已收到，等集团年度预算。", "预算下来后再谈。", "跟进预算结果"),
    ("hqsz", -24, "phone", "电话了解厂区用水情况，介绍云监控平台。", "先看资料。", "回访资料反馈"),
    ("zjgl", -20, "phone", "冷库循环水泵运行多年，了解改造意愿。", "今年先做检修。", "检修后上门查看"),
    ("shlg", -35, "visit", "与严总交流集团多基地能耗管理。", "有意先做一个试点。", "确定试点厂区"),
    ("shlg", -9, "video", "讨论试点厂区的点位清单。", "请我方出预算。", "与严总面谈预算"),
]
# days from today to the next contact, as typed by the owner; the others follow their level
NEXT_CONTACTS = {"szkjy": 3, "hzyq": 0, "njcj": 1, "wxth": 12, "nbhg": 0, "shjy": 2, "hfgx": 4, "szqh": 1, "dgss": 0, "zhhq": 3, "xmlj": 0}
NEXT_CONTACTS |= {"szhx": 0, "shlg": 0}
REMINDED = {"hzyq"}  # whose next contact is also announced by e-mail
# customer, name, days from today, stage (index of crm.stage by sequence), expected revenue
OPPORTUNITIES = [
    ("szkjy", "园区泵房二期节能改造", -4, 1, 76800),
    ("shjy", "云监控平台对接项目", -16, 1, 96000),
    ("hzyq", "机房冷却流量监测", -20, 2, 27600),
    ("nbhg", "冷库远程监测扩容", -2, 0, 54000),
    ("njcj", "污水站计量项目", -12, 1, 46000),
    ("hfgx", "GMP 车间压力监测", -8, 1, 38500),
    ("dgss", "动力站流量监测", -5, 2, 32200),
    ("xmlj", "冷链仓库物联网监测", -10, 1, 62000),
    ("zhhq", "纯水系统压力监测", -7, 0, 19600),
    ("szqh", "年度变送器框架采购", -45, 1, 98000),
    ("ksjd", "注塑车间循环水技改", -15, 1, 128000),
    ("shlg", "集团能耗管理试点", -9, 0, 260000),
]
# customer, days from today, lines (product, quantity), how far it went, invoiced after so many days, receipts (days from today, share of
# the total, how far)
ORDERS = [
    ("nbhg", -33, [("cabinet", 3), ("pump", 2), ("install", 4)], "approved", 5, [(-25, 0.5, "approved"), (-1, 0.3, "pending")]),
    ("szqh", -28, [("transmitter", 60), ("gateway", 4)], "approved", 5, [(-15, 1.0, "approved")]),
    ("wxth", -24, [("gateway", 5), ("platform", 1), ("install", 2)], "approved", 1, []),
    ("gzby", -16, [("cabinet", 2), ("care", 1)], "approved", None, [(-10, 0.3, "approved")]),
    ("hzyq", -5, [("sensor", 6)], "pending", None, []),
    ("shjy", -2, [("platform", 3), ("gateway", 6)], "pending", None, []),
    ("dgss", -3, [("sensor", 5), ("install", 2)], "rejected", None, []),
    ("njcj", -1, [("sensor", 8)], "draft", None, []),
    ("hfgx", -6, [("transmitter", 25), ("gateway", 2)], "quote", None, []),
    ("xmlj", -4, [("gateway", 12), ("platform", 1)], "quote", None, []),
    ("zhhq", -2, [("transmitter", 20)], "quote", None, []),
]
PAYMENT_DAYS = {"wxth": 15, "gzby": 15}  # the others pay within 30 days
IMPORT_TITLES = ["客户名称", "客户编码", "客户等级", "所属行业", "电话", "省份", "城市", "联系人", "联系人手机", "备注", "客户来源"]
# customers of customers.csv that came out of the first workbook, together with two rows that were refused
IMPORTED = ("szkjy", "wxth", "njcj", "nttz")
# 客户名称, 客户编码, 客户等级, 所属行业, 电话, 省份, 城市, 联系人, 联系人手机, 备注; all from an exhibition
FIRST_REFUSED = [
    ("太仓港集装箱有限公司", "KH20005", "至尊客户", "物流", "0512-53180050", "江苏省", "太仓市", "陆军", "13862550005", "等级待定"),
    (None, "KH20006", None, "食品", "0517-83640050", "江苏省", "淮安市", "王强", "13852330005", None),
]
SECOND_IMPORT = [
    ("镇江句容光伏材料有限公司", "KH30001", "潜在客户", "电子", "0511-87260010", "江苏省", "镇江市", "唐亮", "13852930001", "展会认识"),
    ("泰州医药城生物有限公司", "KH30002", "一般客户", "医药", "0523-86210020", "江苏省", "泰州市", "季敏", "13852630002", None),
    ("连云港港口机械有限公司", "KH30003", "至尊客户", "机械", "0518-82310030", "江苏省", "连云港市", "孙海", "13851230003", None),
    ("盐城海上风电有限公司", "KH30004", "重要客户", "电力", "0515-88330040", "江苏省", "盐城市", "周岚", "13851030004", "下半年有预算"),
    ("宿迁洋河酿造有限公司", "KH30006", "一般客户", "食品", "0527-84480060", "江苏省", "宿迁市", "胡静", "13852730006", None),
]
# what tells when something was done, and would tell the day of loading
MOMENTS = {
    "res.partner": ("create_date", "kehu_assigned_on"),
    "kehu.assignment": ("create_date", "date"),
    "kehu.import.batch": ("create_date",),
    "kehu.contact.record": ("create_date",),
    "kehu.level.change": ("create_date", "date"),
    "kehu.customer.change": ("create_date", "date"),
    "kehu.product.interest": ("create_date",),
    "kehu.customer.department": ("create_date",),
    "kehu.folder": ("create_date",),
    "kehu.call.list": ("create_date", "built_on"),
    "kehu.call.line": ("create_date",),
    "kehu.phone.call": ("create_date",),
    "kehu.duplicate.search": ("create_date", "date_start", "date_end"),
    "calendar.event": ("create_date", "kehu_done_on"),
    "crm.lead": ("create_date", "date_open", "date_last_stage_update", "date_closed"),
    "kehu.stage.event": ("create_date", "date"),
    "sale.order": ("create_date", "date_order"),
    "kehu.shipment": ("create_date",),
    "kehu.approval.request": ("create_date", "date_submitted", "turn_on", "date_closed"),
    "kehu.approval.request.step": ("create_date", "date_opened", "date_closed"),
    "kehu.approval.decision": ("create_date", "date"),
    "kehu.big.deal": ("create_date", "date"),
    "kehu.receipt": ("create_date",),
    "kehu.advance.use": ("create_date", "posted_on"),
    "kehu.contract": ("create_date",),
    "account.move": ("create_date",),
    "account.payment": ("create_date",),
    "mail.message": ("create_date", "date"),
}
# the same for what knows the day alone
DAYS = {"kehu.employment": "date_to"}


class KehuDemo(models.AbstractModel):
    """Fills a database with one coherent Chinese company.

    The main story is that of 苏州科技园: imported into the pool, assigned, contacted, quoted, ordered, rejected once, approved, invoiced,
    paid in two receipts. Everything is done as the person whose work it is, through the methods that the screens call, so that histories,
    approvals and ledger are real. Dates are counted from the day of loading: what the engines date with the present moment is dated again
    step by step, see :meth:`_happened`. Loading twice does nothing the second time.
    """

    _name = "kehu.demo"
    _description = "Demo Company"

    @api.model
    def _load(self):
        """Load the demo company once; runs as superuser from the demo data of the add-on."""
        if self._ref("user_zhangwei"):
            return False
        demo = self.with_context(
            lang="zh_CN" if self.env["res.lang"].search_count([("code", "=", "zh_CN")]) else self.env.lang,
            tz="Asia/Shanghai",
            mail_notify_force_send=False,
            mail_auto_subscribe_no_notify=True,
            tracking_disable=True,
        )
        demo._load_words()
        demo._load_company()
        demo._load_people()
        demo._load_role()
        demo._load_products()
        demo._happened(-440, 9)
        demo._load_industries()
        demo._load_past()
        demo._load_first_import()
        demo._load_customers()
        demo._load_levels()
        demo._load_contacts()
        demo._load_opportunities()
        demo._load_orders()
        demo._load_main_story()
        demo._load_second_import()
        demo._load_knowledge()
        demo._load_calls()
        demo._load_schedule()
        demo._load_policy()
        demo._load_deals()
        demo._load_shipments()
        demo._load_contracts()
        demo._load_instalments()
        demo._load_money()
        demo._load_targets()
        return True

    # ------------------------------------------------------------------------------------------------------------------- helpers

    def _ref(self, key):
        return self.env.ref(f"{MODULE}.{key}", raise_if_not_found=False)

    def _keep(self, key, record):
        """Give the record the xml id ``kehu_demo.<key>`` and return it."""
        self.env["ir.model.data"].create(
            {"module": MODULE, "name": key, "model": record._name, "res_id": record.id, "noupdate": True},
        )
        return record

    def _rows(self, name):
        with file_open(f"kehu_crm/demo/{name}.csv", "r") as file:
            return list(csv.DictReader(file))

    def _as(self, login, model):
        return self.env[model].with_user(self._ref(f"user_{login}"))

    def _day(self, days):
        return fields.Date.context_today(self) + timedelta(days=days)

    def _happened(self, days, hour):
        """All that was written since the last call happened on that day, at about that hour in China.

        The engines, the approvals and the chatter date what they write with the present moment, rightly so, and nobody may change it.
        A company whose whole history is of this minute would show nobody what a history is for: hence the SQL, here and nowhere else.
        """
        self.env.flush_all()
        self.env["kehu.stage.event"].flush_model()  # where opportunities went is written when it is asked for
        # what is not dated yet carries the moment of this transaction or a later one
        since = self.env.cr.now().replace(microsecond=0)
        local = datetime.combine(self._day(days), time(hour, (-7 * days + 11 * hour) % 60))
        moment = min(local - timedelta(hours=8), since - timedelta(seconds=1))
        for name, column in DAYS.items():
            model, column = self.env[name], SQL.identifier(column)
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_date = %s, %s = %s WHERE create_date >= %s",
                    SQL.identifier(model._table),
                    moment,
                    column,
                    self._day(days),
                    since,
                )
            )
            model.invalidate_model(flush=False)
        for name, columns in MOMENTS.items():
            model = self.env[name]
            for column in map(SQL.identifier, columns):
                self.env.cr.execute(
                    SQL("UPDATE %s SET %s = %s WHERE %s >= %s", SQL.identifier(model._table), column, moment, column, since),
                )
            model.invalidate_model(columns, flush=False)

    def _customer(self, key):
        return self._ref(f"customer_{key}")

    def _owner(self, key):
        return self._customer(key).user_id

    # ------------------------------------------------------------------------------------------------------------ company and people

    def _load_words(self):
        """Bring in the translations of the add-on: the host does so after the demo data only, and the workbook below speaks Chinese."""
        if self.env["res.lang"].search_count([("code", "=", "zh_CN")]):
            self.env["ir.module.module"]._load_module_terms(["kehu_crm"], ["zh_CN"])
            self.env.invalidate_all()
            self.env.registry.clear_cache("stable")

    def _load_company(self):
        company = self.env.company
        if not company.chart_template:
            china = company.country_id.code == "CN" and self.env["ir.module.module"]._get("l10n_cn").state == "installed"
            self.env["account.chart.template"].try_loading("cn" if china else "generic_coa", company=company, install_demo=False)
        company.partner_id.write(
            {
                "name": COMPANY,
                "lang": self.env.lang,
                "street": "工业园区金鸡湖大道88号",
                "city": "苏州市",
                "zip": "215021",
                "state_id": self._state("江苏省").id,
                "country_id": self.env.ref("base.cn").id,
                "phone": "0512-66880000",
                "email": "info@example.com",
                "website": "https://www.example.com",
                "vat": COMPANY_CREDIT_CODE,
            }
        )

        # the host made its price list before the company had its currency
        pricelists = self.env["product.pricelist"].search([("company_id", "in", [company.id, False]), ("item_ids", "=", False)])
        pricelists.currency_id = company.currency_id

    def _state(self, name):
        return self.env["res.country.state"].search([("name", "=", name), ("country_id.code", "=", "CN")], limit=1)

    @staticmethod
    def _groups(role):
        """Return the groups of somebody with a role; whoever runs the CRM of a small company looks after its people and logins, too."""
        names = ["base.group_user", f"kehu_crm.{role}"]
        return [*names, "hr.group_hr_user", "base.group_erp_manager"] if role == "group_kehu_admin" else names

    def _load_people(self):
        rows = self._rows("logins")
        departments = self.env["hr.department"]
        tree = {
            "销售中心": None,
            "华东销售部": "销售中心",
            "华南销售部": "销售中心",
            "商务部": None,
            "财务部": None,
            "客户服务部": None,
            "信息部": None,
        }
        by_name = {}
        for number, (name, parent) in enumerate(tree.items(), 1):
            by_name[name] = self._keep(
                f"department_{number}", departments.create({"name": name, "parent_id": by_name[parent].id if parent else False})
            )
        language = "zh_CN" if self.env["res.lang"].search_count([("code", "=", "zh_CN")]) else "en_US"
        users = self.env["res.users"].with_context(no_reset_password=True)
        for row in rows:
            user = users.create(
                {
                    "name": row["name"],
                    "login": row["login"],
                    "password": row["password"],
                    "email": f"{row['login']}@example.com",
                    "lang": language,
                    "tz": "Asia/Shanghai",
                    "group_ids": [Command.set([self.env.ref(name).id for name in self._groups(row["group"])])],
                }
            )
            user.flush_recordset()  # the host computes first whether it is an internal user
            user.notification_type = "inbox"  # the demo sends no mail
            user.partner_id.function = row["function"]
            self._quiet_bot(user)
            self._keep(f"user_{row['login']}", user)
            self.env["hr.employee"].create(
                {
                    "name": row["name"],
                    "user_id": user.id,
                    "job_title": row["function"],
                    "work_email": user.email,
                    "department_id": by_name[row["department"]].id,
                    "company_id": self.env.company.id,
                }
            )
        for department, login in (("华东销售部", "wangfang"), ("华南销售部", "liuyang"), ("销售中心", "chenzhiqiang")):
            by_name[department].manager_id = self._ref(f"user_{login}").employee_id

        teams = self.env["crm.team"]
        for name, leader, members in (("华东销售部", "wangfang", ("zhangwei", "lina")), ("华南销售部", "liuyang", ("zhaolei",))):
            people = [self._ref(f"user_{login}").id for login in (leader, *members)]
            teams.create({"name": name, "user_id": self._ref(f"user_{leader}").id, "member_ids": [Command.set(people)]})

        self._quiet_bot(self.env.ref("base.user_admin"))

    def _load_role(self):
        """A role of the company's own: who follows orders up reads all of them and the contracts. Nobody has it yet."""
        note = "查看全部订单和合同，可导出订单，不修改任何内容。"
        role = self.env["kehu.role"].create({"name": "跟单员", "base": "viewer", "note": note})
        for line in role.line_ids:
            if line.area in ("order", "contract"):
                line.view = "all"
                line.can_export = line.area == "order"
        self._keep("role_order_desk", role)

    def _quiet_bot(self, user):
        """Keep the host's bot from greeting in a chat window, which covers the screen of a phone."""
        if "odoobot_state" in user._fields:
            user.odoobot_state = "disabled"

    def _load_products(self):
        goods = self.env["product.category"].create({"name": "智能水务"})
        for row in self._rows("products"):
            product = self.env["product.product"].create(
                {
                    "name": row["name"],
                    "default_code": row["code"],
                    "type": row["type"],
                    "list_price": float(row["price"]),
                    "standard_price": float(row["cost"]),
                    "description_sale": row["description"],
                    "categ_id": goods.id,
                    "invoice_policy": "order",
                }
            )
            self._keep(f"product_{row['key']}", product)

    # -------------------------------------------------------------------------------------------------------------------- customers

    def _load_industries(self):
        wanted = dict.fromkeys(row["industry"] for row in self._rows("customers"))
        known = self.env["res.partner.industry"].search([("name", "in", list(wanted))]).mapped("name")
        self.env["res.partner.industry"].create([{"name": name} for name in wanted if name not in known])

    def _load_customers(self):
        south = self.env["kehu.pool"].create(
            {
                "name": "华南客户池",
                "member_ids": [Command.link(self._ref("user_zhaolei").id)],
                "manager_ids": [Command.link(self._ref("user_liuyang").id)],
            }
        )
        north = self.env["kehu.pool"].create(
            {
                "name": "华北客户池",
                "member_ids": [Command.set([self._ref(f"user_{login}").id for login in ("lina", "wangfang")])],
                "manager_ids": [Command.link(self._ref("user_wangfang").id)],
            }
        )
        pools = {"south": south, "north": north}
        industries = {industry.name: industry for industry in self.env["res.partner.industry"].search([])}
        for row in self._rows("customers"):
            state = self._state(row["state"])
            values = {
                "kehu_level_id": bool(row["level"]) and self.env.ref(f"kehu_crm.kehu_customer_level_{row['level']}").id,
                "kehu_source_id": self.env.ref(f"kehu_crm.kehu_customer_source_{row['source']}").id,
                "kehu_stage": row["stage"],
                "kehu_nature_id": bool(row["nature"]) and self.env.ref(f"kehu_crm.kehu_customer_nature_{row['nature']}").id,
                "kehu_region_id": bool(row["region"]) and self.env.ref(f"kehu_crm.kehu_customer_region_{row['region']}").id,
                "industry_id": industries[row["industry"]].id,
                "state_id": state.id,
                "country_id": state.country_id.id,
                "city": row["city"],
                "street": row["street"],
                "zip": row["zip"],
                "phone": row["phone"],
                "email": f"{row['key']}@example.com",
                "website": f"https://{row['key']}.example.com",
                "kehu_legal_representative": row["legal_representative"],
                "kehu_headcount": int(row["headcount"] or 0),
                "kehu_annual_revenue": float(row["revenue"] or 0),
                "lang": self.env.lang,
            }
            contact = {"function": row["function"], "email": f"contact.{row['key']}@example.com"}
            customer = self._customer(row["key"])
            if customer:
                del values["kehu_level_id"]  # the workbook had a first guess; the contact records set it
                customer.with_user(self._ref("user_wangfang")).write(values)
                customer.child_ids.write(contact)
            else:
                contact |= {"type": "contact", "name": row["contact"], "kehu_mobile": row["mobile"]}
                values |= {"kehu_is_customer": True, "is_company": True, "name": row["name"], "child_ids": [Command.create(contact)]}
                customer = self._as("wangfang", "res.partner").create(values)
                self._keep(f"customer_{row['key']}", customer.sudo())  # sudo: res.partner - its xml id is kept by the system
            self._happened(int(row["entered"]), 9)
            self._give(customer, row["owner"], row["how"], pools)
            self._happened(int(row["given"] or row["entered"]), 10)
            if row["how"] == "return":
                customer.with_user(self._ref(f"user_{row['owner']}")).kehu_return("多次联系无需求，放回客户池")
                self._happened(int(row["given"]) + 30, 16)

    def _give(self, customer, owner, how, pools):
        """Hand a new customer of the pool on, the way its row says."""
        if how == "claim":
            customer.with_user(self._ref(f"user_{owner}")).kehu_claim()
        elif how in ("assign", "return"):
            south_team = owner in ("zhaolei", "liuyang")
            manager = self._ref("user_liuyang" if south_team else "user_wangfang")
            customer.with_user(manager).kehu_assign(self._ref(f"user_{owner}").id, reason="按区域分配")
        elif how in pools:
            customer.with_user(self._ref("user_chenzhiqiang")).write({"kehu_pool_id": pools[how].id})

    def _load_contacts(self):
        last = {key: days for key, days, *_rest in CONTACTS}
        levels = {row["key"]: row["level"] for row in self._rows("customers")}
        for key, days, method, content, result, plan in CONTACTS:
            customer = self._customer(key)
            values = {
                "partner_id": customer.id,
                "contact_id": customer.child_ids[:1].id,
                "date": self._day(days),
                "method": method,
                "content": content,
                "result": result,
                "level_id": self.env.ref(f"kehu_crm.kehu_customer_level_{levels[key]}").id,
                "plan": plan,
            }
            if not plan:
                values["add_to_schedule"] = False
            if key in NEXT_CONTACTS and days == last[key]:
                values["next_contact"] = self._day(NEXT_CONTACTS[key])
                values["remind_by_email"] = key in REMINDED
            self.env["kehu.contact.record"].with_user(customer.user_id).create(values)
            self._happened(days, 16)

    # ------------------------------------------------------------------------------------------------------------------------ sales

    def _load_opportunities(self):
        stages = self.env["crm.stage"].search([("is_won", "=", False)], order="sequence, id")
        for key, name, days, stage, revenue in OPPORTUNITIES:
            customer = self._customer(key)
            lead = (
                self.env["crm.lead"]
                .with_user(customer.user_id)
                .create(
                    {
                        "type": "opportunity",
                        "name": name,
                        "partner_id": customer.id,
                        "user_id": customer.user_id.id,
                        "expected_revenue": revenue,
                        "stage_id": stages[0].id,
                        "date_deadline": self._day(days + 45),
                    }
                )
            )
            self._keep(f"lead_{key}", lead.sudo())  # sudo: crm.lead - its xml id is kept by the system
            self._happened(days, 17)
            # one of them skipped a stage
            way = (stage,) if key == "dgss" else range(1, stage + 1)
            for step, place in enumerate(way, 1):
                lead.stage_id = stages[min(place, len(stages) - 1)]
                self._happened(min(days + step * -days // (stage + 2), -1), 10 + step)

    def _quote(self, key, days, lines):
        """A quote by the owner of the customer, from the open opportunity where there is one."""
        customer = self._customer(key)
        lead = self._ref(f"lead_{key}")
        return (
            self.env["sale.order"]
            .with_user(customer.user_id)
            .create(
                {
                    "partner_id": customer.id,
                    "user_id": customer.user_id.id,
                    "opportunity_id": lead.id if lead and key not in ("szkjy", "nbhg") else False,  # theirs began after the order
                    "date_order": datetime.combine(self._day(days), time(2, 30)),
                    "payment_term_id": self.env.ref(f"account.account_payment_term_{PAYMENT_DAYS.get(key, 30)}days").id,
                    "order_line": [
                        Command.create({"product_id": self._ref(f"product_{product}").id, "product_uom_qty": quantity})
                        for product, quantity in lines
                    ],
                }
            )
        )

    def _load_orders(self):
        approver = self._ref("user_sunli")
        for key, days, lines, goal, invoiced, receipts in ORDERS:
            order = self._quote(key, days, lines)
            if goal == "quote":
                order.sudo().action_quotation_sent()  # sudo: sale.order - marked as sent without sending
            else:
                order.kehu_to_order()
            self._happened(days, 10)
            if goal in ("quote", "draft"):
                continue
            order.kehu_submit(approver_id=approver.id, comment="请审核")
            self._happened(days, 11)
            if goal == "rejected":
                order.with_user(approver).kehu_reject("折扣超出权限，请补充付款条件后重新提交。")
            elif goal == "approved":
                order.with_user(approver).kehu_approve("同意")
            self._happened(days + 1, 9)
            if goal != "approved":
                continue
            if invoiced:
                self._invoice(order, days + invoiced)
            for receipt_days, share, receipt_goal in receipts:
                self._receipt(order, receipt_days, order.amount_total * share, receipt_goal)

    def _invoice(self, order, days):
        """Invoice and post the whole order, as the accountant does in the host."""
        moves = order.sudo()._create_invoices()  # sudo: sale.order - stands for the accountant
        moves.invoice_date = self._day(days)
        moves.action_post()
        self._happened(days, 14)
        return moves

    def _receipt(self, order, days, amount, goal, advance=0.0):
        """A receipt of the order's salesperson, submitted to and decided by the receipt approver; what goes beyond is an advance."""
        approver = self._ref("user_zhoumin")
        amount = order.currency_id.round(amount)
        receipt = (
            self.env["kehu.receipt"]
            .with_user(order.user_id)
            .create(
                {
                    "partner_id": order.partner_id.id,
                    "date": self._day(days),
                    "journal_id": self._bank_journal().id,
                    "amount": amount + advance,
                    "allocation_ids": [Command.create({"order_id": order.id, "amount": amount})],
                    "note": "银行转账",
                }
            )
        )
        if goal in ("pending", "approved"):
            receipt.kehu_submit(approver_id=approver.id, comment="款项已到账，请核对")
        self._happened(days, 15)
        if goal == "approved":
            receipt.with_user(approver).kehu_approve("与银行流水一致")
            self._happened(days, 16)
        return receipt

    def _bank_journal(self):
        return self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1)

    def _load_main_story(self):
        """苏州科技园 from the opportunity to the settled receivable, with everything that usually happens on the way."""
        stages = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        owner, approver = self._owner("szkjy"), self._ref("user_sunli")
        lead = self._as(owner.login, "crm.lead").create(
            {
                "type": "opportunity",
                "name": "园区泵房节能改造一期",
                "partner_id": self._customer("szkjy").id,
                "user_id": owner.id,
                "expected_revenue": 78600,
            }
        )
        self._happened(-51, 17)
        order = self._quote("szkjy", -42, [("pump", 2), ("cabinet", 2)])
        order.opportunity_id = lead
        self._happened(-42, 10)
        order.kehu_to_order()
        order.kehu_submit(approver_id=approver.id, comment="园区一期，请审核")
        self._happened(-42, 15)
        order.with_user(approver).kehu_reject("请把安装调试写进订单，避免后续争议。")
        self._happened(-41, 9)
        order.write(
            {"order_line": [Command.create({"product_id": self._ref("product_install").id, "product_uom_qty": 2})]},
        )
        order.kehu_submit(approver_id=approver.id, comment="已补充安装调试")
        self._happened(-41, 14)
        order.with_user(approver).kehu_approve("同意")
        if stages:
            lead.action_set_won()
        self._happened(-40, 9)
        self._invoice(order, -38)
        first = order.currency_id.round(order.amount_total * 0.4)
        self._receipt(order, -30, first, "approved")
        self._receipt(order, -12, order.amount_total - first, "approved")
        self._keep("order_main", order.sudo())  # sudo: sale.order - its xml id is kept by the system

    # ----------------------------------------------------------------------------------------------------------------------- import

    def _load_first_import(self):
        """The workbook that 苏州科技园 came with: four customers into the pool, two rows back with their reason."""
        level = self.env.ref("kehu_crm.kehu_customer_level_potential").name
        imported = {row["name"]: row for row in self._rows("customers") if row["key"] in IMPORTED}
        rows = [
            (name, f"KH2000{number}", level, *(row[column] for column in ("industry", "phone", "state", "city", "contact", "mobile")), None)
            for number, (name, row) in enumerate(imported.items(), 1)
        ]
        batch = self._import("苏州展会名单.xlsx", rows + FIRST_REFUSED)
        for customer in self.env["res.partner"].search([("kehu_import_batch_id", "=", batch.id), ("kehu_is_customer", "=", True)]):
            self._keep(f"customer_{imported[customer.name]['key']}", customer)
        self._happened(-62, 9)

    def _load_second_import(self):
        """A newer workbook: four customers that wait in the pool, one row back with its reason."""
        self._import("江苏展会名单.xlsx", SECOND_IMPORT)
        self._happened(-3, 14)

    def _import(self, filename, rows):
        """Import a workbook as the manager does; the customers come from an exhibition."""
        source = self.env.ref("kehu_crm.kehu_customer_source_exhibition").name
        book = openpyxl.Workbook()
        for row in [IMPORT_TITLES, *((*row, source) for row in rows)]:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        batch = self._as("wangfang", "kehu.import.batch").create(
            {
                "template_id": self.env.ref("kehu_crm.kehu_import_template_customer").id,
                "filename": filename,
                "file": base64.b64encode(stream.getvalue()),
            }
        )
        batch.action_import()
        return batch
