"""Addresses: lines pasted whole, cities of China, regions of provinces."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuAddressLineError, KehuPlaceRightsError
from ...tools import address_line
from ..common import KehuCommon

# line: what it says, (province, city, district, street, contact, mobile, phone)
LINES = {
    "上海浦东新区张江路100号3号楼，陈经理 15500002222": ("上海市", "上海市", "浦东新区", "张江路100号3号楼", "陈经理", "15500002222", ""),
    "上海市浦东新区张江镇祖冲之路887弄71号3楼 王小明 13812345678": (
        "上海市",
        "上海市",
        "浦东新区",
        "张江镇祖冲之路887弄71号3楼",
        "王小明",
        "13812345678",
        "",
    ),
    "广东深圳南山区科技园南路18号，李雷收，0755-26710000": ("广东省", "深圳市", "南山区", "科技园南路18号", "李雷", "", "0755-26710000"),
    "北京朝阳区建国路88号SOHO现代城A座": ("北京市", "北京市", "朝阳区", "建国路88号SOHO现代城A座", "", "", ""),
    "江苏省昆山市玉山镇前进中路1号": ("江苏省", "苏州市", "昆山市", "玉山镇前进中路1号", "", "", ""),
    "徐汇区虹漕路461号58号楼5楼": ("上海市", "上海市", "徐汇区", "虹漕路461号58号楼5楼", "", "", ""),
    "湖北仙桃市": ("湖北省", "仙桃市", "", "", "", "", ""),
    "新疆石河子市北四路": ("新疆维吾尔自治区", "石河子市", "", "北四路", "", "", ""),
    "台湾省台北市信义区市府路45号": ("台湾省", "", "", "台北市信义区市府路45号", "", "", ""),
    "张伟 13900001111 山东省 青岛市 市南区 香港中路 12号": ("山东省", "青岛市", "市南区", "香港中路 12号", "张伟", "13900001111", ""),
    "河南省郑州市金水区王府井百货 李娜": ("河南省", "郑州市", "金水区", "王府井百货", "李娜", "", ""),
    # a district of several cities, and nothing tells which
    "朝阳区建国路88号SOHO现代城A座 王先生 13901234567": ("", "", "", "朝阳区建国路88号SOHO现代城A座", "王先生", "13901234567", ""),
    "长春朝阳区人民大街1号": ("吉林省", "长春市", "朝阳区", "人民大街1号", "", "", ""),
    "南昌西湖区抚生路1号": ("江西省", "南昌市", "西湖区", "抚生路1号", "", "", ""),
    "上海市浦东新区博云路2号5楼 021-50801234 李娜（收）": ("上海市", "上海市", "浦东新区", "博云路2号5楼", "李娜", "", "021-50801234"),
    "新疆乌鲁木齐市天山区解放北路1号 阿依古丽·买买提 18999999999": (
        "新疆维吾尔自治区",
        "乌鲁木齐市",
        "天山区",
        "解放北路1号",
        "阿依古丽·买买提",
        "18999999999",
        "",
    ),
    "河北省石家庄市长安区中山东路39号 邮编050000 刘洋 13333333333": (
        "河北省",
        "石家庄市",
        "长安区",
        "中山东路39号",
        "刘洋",
        "13333333333",
        "",
    ),
    "Room 301, 1 Nanjing Rd": ("", "", "", "Room 301 1 Nanjing Rd", "", "", ""),
    "": ("", "", "", "", "", "", ""),
}
PASTED = "收货人：欧阳娜娜\n手机号码：138 0013 8000\n所在地区：江苏省苏州市吴中区\n详细地址：木渎镇金枫路88号3幢\n邮编：215101"
WHOLE = "苏州华兴电子有限公司，江苏省苏州市工业园区星湖街328号，张总，+86 512-66880001，13812345678，Zhang@HuaXing.com"


@tagged("post_install", "-at_install")
class TestCustomerAddress(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.china = cls.env.ref("base.cn")
        cls.jiangsu = cls.env.ref("base.state_cn_JS")
        cls.env["res.city"].search([("country_id", "=", cls.china.id)], limit=5000).unlink()

    def _city(self, name, state=None, **vals):
        state = state or self.jiangsu
        return self.env["res.city"].create({"name": name, "state_id": state.id, "country_id": self.china.id, **vals})

    # -- lines ---------------------------------------------------------------------------------------------------------

    def test_lines(self):
        for line, expected in LINES.items():
            said = address_line.parse(line)
            with self.subTest(line=line):
                names = ("province", "city", "district", "street", "contact", "mobile", "phone")
                self.assertEqual(tuple(said.get(name, "") for name in names), expected)

    def test_extensions_go_with_their_number(self):
        for line, phone, street in (
            ("上海市浦东新区祖冲之路887弄 王小明 021-62881234转801", "021-62881234转801", "祖冲之路887弄"),
            ("苏州市吴中区星湖街328号 电话:0512-62881234 分机801 李娜", "0512-62881234 分机801", "星湖街328号"),
            ("上海市静安区南京西路1号 021-62881234 ext. 801", "021-62881234 ext. 801", "南京西路1号"),
            ("上海市静安区南京西路1号(021-62881234#801)", "021-62881234#801", "南京西路1号"),
            ("北京市海淀区中关村大街1号 010-62881234,801室", "010-62881234", "中关村大街1号 801室"),
        ):
            with self.subTest(line=line):
                said = address_line.parse(line)
                self.assertEqual((said.get("phone"), said.get("street")), (phone, street))

    def test_line_with_labels_and_company(self):
        said = address_line.parse(PASTED)
        self.assertEqual(
            (said["contact"], said["zip"], said["district"], said["street"]), ("欧阳娜娜", "215101", "吴中区", "木渎镇金枫路88号3幢")
        )
        said = address_line.parse(WHOLE)
        self.assertEqual((said["company"], said["email"], said["contact"]), ("苏州华兴电子有限公司", "zhang@huaxing.com", "张总"))
        self.assertEqual((said["mobile"], said["phone"]), ("13812345678", "+86 512-66880001"))
        said = address_line.parse("广州市天河区天河北路233号中信广场 邮编 510613 电话 020-38770000")
        self.assertEqual((said["zip"], said["street"], said["phone"]), ("510613", "天河北路233号中信广场", "020-38770000"))

    # -- doors ---------------------------------------------------------------------------------------------------------

    def test_form_takes_the_line_apart(self):
        city = self._city("苏州市")
        partners = (
            self.env["res.partner"]
            .with_user(self.user_seller)
            .with_context(default_is_company=True, default_kehu_is_customer=True, default_user_id=self.user_seller.id)
        )
        with Form(partners, "kehu_crm.res_partner_view_form_kehu") as form:
            form.kehu_address_line = WHOLE
            self.assertFalse(form.kehu_address_line, "the line is gone into the fields")
            self.assertEqual((form.name, form.state_id, form.city_id), ("苏州华兴电子有限公司", self.jiangsu, city))
            self.assertEqual((form.street, form.country_id), ("工业园区星湖街328号", self.china))
        customer = form.record
        self.assertEqual(customer.child_ids.mapped("name"), ["张总"])
        self.assertEqual(customer.child_ids.kehu_mobile.replace(" ", "")[-11:], "13812345678")
        self.assertEqual(customer.phone.replace(" ", "").replace("-", "")[-8:], "66880001")
        with Form(customer, "kehu_crm.res_partner_view_form_kehu") as form:
            form.kehu_address_line = "浙江省杭州市余杭区文一西路969号 张总"
        self.assertEqual((customer.state_id, customer.city_id.id, customer.city), (self.env.ref("base.state_cn_ZJ"), False, "杭州市"))
        self.assertEqual((customer.street, customer.name), ("余杭区文一西路969号", "苏州华兴电子有限公司"))
        self.assertEqual(len(customer.child_ids), 1, "whoever is there is not made again")

    def test_form_keeps_the_postal_code(self):
        self._city("苏州市")
        with Form(self.env["res.partner"].with_user(self.user_seller), "kehu_crm.res_partner_view_form_kehu") as form:
            form.name = "欧阳"
            form.kehu_address_line = PASTED
            self.assertEqual((form.zip, form.city_id.name), ("215101", "苏州市"))

    def test_create_and_write_take_the_line_apart(self):
        made = (
            self.env["res.partner"]
            .with_user(self.user_seller)
            .create(
                [
                    {"is_company": True, "kehu_is_customer": True, "user_id": self.user_seller.id, "kehu_address_line": WHOLE},
                    {
                        "name": "Kept",
                        "kehu_is_customer": True,
                        "user_id": self.user_seller.id,
                        "street": "Own street",
                        "kehu_address_line": PASTED,
                    },
                    {"name": "Nothing", "kehu_is_customer": True, "user_id": self.user_seller.id, "kehu_address_line": False},
                ]
            )
        )
        self.assertEqual(made.mapped("name"), ["苏州华兴电子有限公司", "Kept", "Nothing"])
        self.assertEqual(made.mapped("street"), ["工业园区星湖街328号", "Own street", False], "what is said counts more")
        self.assertEqual((made[0].child_ids.name, made[1].zip, made[2].state_id.id), ("张总", "215101", False))
        made.write({"kehu_address_line": "北京朝阳区建国路88号"})
        self.assertEqual(set(made.mapped("state_id.name")), {"北京市"})
        self.assertEqual(made.mapped("name")[1], "Kept")

    def test_contact_of_a_line_is_no_customer(self):
        """The list of customers sends its defaults along with an import."""
        defaults = {"default_kehu_is_customer": True, "default_is_company": True, "default_kehu_stage": "potential"}
        partners = self.env["res.partner"].with_user(self.user_seller).with_context(**defaults, default_user_id=self.user_seller.id)
        customer = partners.create({"kehu_address_line": WHOLE})
        contact = customer.child_ids
        self.assertEqual((contact.name, contact.kehu_customer_id), ("张总", customer))
        self.assertEqual((customer.kehu_is_customer, contact.kehu_is_customer, contact.is_company), (True, False, False))

    def test_a_city_that_is_none_is_refused_in_a_sentence(self):
        partners = self.env["res.partner"].with_user(self.user_seller)
        for number in (True, "1", 2**40):
            with self.subTest(city=number), self.assertRaises(UserError):
                partners.create({"name": "Somewhere", "kehu_is_customer": True, "user_id": self.user_seller.id, "city_id": number})

    def test_contact_of_a_line_passes_the_guards(self):
        """Nobody puts contacts under customers of the pool by a line either."""
        with self.assertRaisesRegex(KehuAddressLineError, "张总"):
            self.env["res.partner"].with_user(self.user_seller).create(
                {
                    "is_company": True,
                    "kehu_is_customer": True,
                    "kehu_pool_id": self.env.ref("kehu_crm.kehu_pool_default").id,
                    "kehu_address_line": WHOLE,
                }
            )

    def test_import_takes_the_line_apart(self):
        result = (
            self.env["res.partner"]
            .with_user(self.user_sales_manager)
            .load(["name", "kehu_is_customer", "kehu_address_line"], [["Loaded", "1", "江苏省昆山市玉山镇前进中路1号"]])
        )
        self.assertFalse(result["messages"])
        customer = self.env["res.partner"].browse(result["ids"])
        self.assertEqual((customer.city, customer.street), ("苏州市", "昆山市玉山镇前进中路1号"))

    def test_closest_city_of_the_list(self):
        self._city("苏州市")
        self._city("昆山市", zipcode="215300")
        partner = self.env["res.partner"].create({"name": "Close", "kehu_address_line": "江苏省昆山市玉山镇前进中路1号"})
        self.assertEqual((partner.city, partner.zip, partner.street), ("昆山市", "215300", "玉山镇前进中路1号"))
        self._city("苏州市昆山市")
        partner.kehu_address_line = "江苏省昆山市玉山镇前进中路2号"
        self.assertEqual((partner.city, partner.street), ("苏州市昆山市", "玉山镇前进中路2号"))
        self._city("杭州市", self.env.ref("base.state_cn_ZJ"))
        partner.kehu_address_line = "江苏省 南京市"
        self.assertFalse(partner.city_id, "no city of another province")

    def test_hostile_lines(self):
        partners = self.env["res.partner"].with_user(self.user_seller)
        with self.assertRaisesRegex(KehuAddressLineError, "500"):
            partners.create({"name": "Long", "kehu_address_line": "苏州" * 300})
        for line in ("<script>alert(1)</script>", "'; drop table res_partner; --", 7, ["x"], "，，，", "收货人：", "\u200b"):
            with self.subTest(line=line):
                self.assertTrue(partners.create({"name": f"Odd {line}", "kehu_address_line": line}))

    def test_lines_cost_the_same_for_many(self):
        """Two queries read provinces and cities of all lines."""
        self._city("苏州市")
        partners = self.env["res.partner"]
        few = [{"kehu_address_line": f"江苏省苏州市吴中区金枫路{number}号"} for number in range(2)]
        many = [{"kehu_address_line": f"江苏省苏州市吴中区金枫路{number}号"} for number in range(30)]
        counts = []
        for vals_list in (few, few, many):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            partners._kehu_read_lines(vals_list)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # -- cities and regions --------------------------------------------------------------------------------------------

    def test_cities_of_china(self):
        cities = self.env["res.city"]
        with self.assertRaises(KehuPlaceRightsError):
            cities.with_user(self.user_director).action_kehu_fill_cities()
        self._city("苏州市", zipcode="215000")
        cities.with_user(self.user_crm_admin).action_kehu_fill_cities()
        found = cities.search([("country_id", "=", self.china.id)], limit=5000)
        self.assertGreater(len(found), 350)
        names = found.mapped("name")
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({"北京市", "苏州市", "仙桃市", "石河子市", "恩施土家族苗族自治州", "三沙市"}, set(names))
        self.assertEqual(found.filtered(lambda city: city.name == "苏州市").zipcode, "215000", "what was there stays")
        self.assertTrue(all(city.state_id for city in found))
        cities.with_user(self.user_crm_admin).action_kehu_fill_cities()
        self.assertEqual(cities.search_count([("country_id", "=", self.china.id)]), len(found), "twice adds nothing")

    def test_province_names_its_region(self):
        east, south = (self.env.ref(f"kehu_crm.kehu_customer_region_{name}") for name in ("east", "south"))
        self.assertEqual(self.jiangsu.kehu_region_id, east)
        customer = (
            self.env["res.partner"]
            .with_user(self.user_seller)
            .create({"name": "Region", "kehu_is_customer": True, "user_id": self.user_seller.id, "state_id": self.jiangsu.id})
        )
        self.assertEqual(customer.kehu_region_id, east)
        customer.kehu_region_id = south
        customer.write({"street": "Other"})
        self.assertEqual(customer.kehu_region_id, south, "chosen by hand")
        customer.state_id = self.env.ref("base.state_us_5")
        self.assertEqual(customer.kehu_region_id, south, "a province without a region changes nothing")
        said = self.env["res.partner"].create({"name": "Said", "state_id": self.jiangsu.id, "kehu_region_id": south.id})
        self.assertEqual(said.kehu_region_id, south)
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.jiangsu.with_user(self.user_seller).kehu_region_id = south

    def test_migration_fills_regions(self):
        path = Path(__file__).parents[2] / "migrations" / "19.0.1.8.0" / "post-regions.py"
        spec = spec_from_file_location("kehu_regions", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        hubei, north = self.env.ref("base.state_cn_HB"), self.env.ref("kehu_crm.kehu_customer_region_north")
        self.jiangsu.kehu_region_id, hubei.kehu_region_id = north, False
        script.migrate(self.cr, "19.0.1.7.0")
        self.assertEqual(self.jiangsu.kehu_region_id, north, "what somebody chose stays")
        self.assertEqual(hubei.kehu_region_id, self.env.ref("kehu_crm.kehu_customer_region_central"))
