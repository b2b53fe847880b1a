from ..common import KehuCommon

PHONE = "138 0512 9876"
EMAIL = "wang.purchasing@huaqiang-lookup.example"


class LookupCommon(KehuCommon):
    """The seller searches; the customers belong to somebody in the west, or wait in the pool."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.write({"kehu_timezone": "Asia/Shanghai", "kehu_lookup_max_per_day": 0, "kehu_lookup_max_misses": 0})
        cls.env["kehu.pool"].search([]).write({"max_held": 0, "max_claims_per_day": 0, "cooldown_days": 0, "quiet_days": 0})
        cls.pool = cls.env["kehu.pool"]._kehu_get_default(cls.company)
        cls.owned = cls._create_customer(
            cls.user_west_seller,
            name="苏州华强检索科技有限公司",
            phone=PHONE,
            email=EMAIL,
            city="苏州",
            vat="91320594MA1MTK4E9X",
            kehu_level_id=cls.level_key.id,
            comment="A secret of the west",
        )
        cls.waiting = cls._create_customer(name="上海检索贸易有限公司", phone="021-66881234", city="上海")

    def _search(self, criteria, user=None):
        return self.env["res.partner"].with_user(user or self.user_seller).kehu_public_search(criteria)

    def _names(self, criteria, user=None):
        return [row["name"] for row in self._search(criteria, user)]
