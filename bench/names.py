"""Chinese company and person names for the data of the bench, the same for the same seed. One in twenty is a variant of an earlier one."""
BRANDS = (
    "华强兴盛隆泰丰瑞祥和顺达通宏伟鑫源恒信嘉诚利德润博创新科远中天海龙金银玉宝山川江云雷日月星辰光明辉腾"
    "飞进高升平国福禄寿喜庆吉美佳良优凯亚欧联众智慧文理"
)
TRADES = ("科技", "贸易", "机械", "电子", "建材", "食品", "物流", "医药", "化工", "纺织", "文化传媒", "信息技术", "环保", "汽车配件",
          "家具", "五金", "广告", "餐饮管理", "新能源", "网络")
FORMS = ("有限公司",) * 6 + ("有限责任公司",) * 2 + ("股份有限公司", "集团有限公司", "(中国)有限公司", "厂")
FAMILIES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰文玉萍红玲斌华建国志海燕雪梅峰宇欣怡佳琪子涵浩然雨泽"
    "晨俊博思"
)


def companies(rnd, places):
    """Endless company names.

    :param random.Random rnd: seeded
    :param list places: names of cities
    """
    kept = []
    while True:
        if kept and rnd.random() < 0.05:
            yield _variant(rnd, rnd.choice(kept))
            continue
        parts = (rnd.choice(places) if rnd.random() < 0.6 else "", "".join(rnd.choices(BRANDS, k=rnd.choice((2, 2, 2, 3, 3, 4)))),
                 rnd.choice(TRADES), rnd.choice(FORMS))
        if len(kept) < 5000:
            kept.append(parts)
        elif rnd.random() < 0.1:
            kept[rnd.randrange(5000)] = parts
        yield "".join(parts)


def _variant(rnd, parts):
    place, brand, trade, form = parts
    kind = rnd.randrange(5)
    if kind == 0:
        return brand + trade + form
    if kind == 1:
        return place + brand + trade + rnd.choice(("有限公司", "有限责任公司", "公司"))
    if kind == 2:
        return f"{brand}({place}){trade}{form}" if place else f"{brand}（{trade}）{form}"
    if kind == 3:
        return f"{place} {brand}{trade} {form}"
    return place + brand + trade + "集团" + form


def person(rnd):
    """:return: a person's name"""
    return rnd.choice(FAMILIES) + "".join(rnd.choices(GIVEN, k=rnd.choice((1, 2, 2))))
