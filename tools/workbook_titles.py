"""Which column of a file is meant for which field, by the title of the column, without ORM."""

import re
from collections import namedtuple
from difflib import SequenceMatcher

from .workbook_values import fold

TitleTarget = namedtuple("TitleTarget", "key title names contact")
TitleTarget.__doc__ = """What a column may fill.

``key`` comes back in the answer, ``title`` is its own title, ``names`` are other names of the same (labels of the field in any language,
its technical name), ``contact`` tells that it belongs to a contact person or line.
"""

EXACT, NAMED, SYNONYM = 1.0, 0.95, 0.9
_LONGEST_COMPARED = 60  # characters; a longer title is like no other, only the same
_COLUMNS_COMPARED = 200  # with more columns only known titles count
LEAST = 0.7  # below it no match is proposed

# what people write above a column for the same thing; a word may stand in several groups
_SYNONYMS = [
    "客户名称 公司名称 单位名称 企业名称 客户全称 公司全称 客户 公司 单位 企业 名称 "
    "company|company name|customer|customer name|account|name",
    "客户编码 客户编号 客户代码 客户号 编码 编号 代码 code|customer code|customer number|reference",
    "电话 联系电话 办公电话 公司电话 单位电话 电话号码 座机 固定电话 固话 tel|phone|telephone|phone number",
    "手机 手机号 手机号码 移动电话 mobile|mobile phone|cell|cell phone",
    "电子邮箱 邮箱 电子邮件 邮件 邮件地址 email|e-mail|mail|email address",
    "网址 网站 官网 主页 公司网址 website|web|url|homepage",
    "国家 国家/地区 country",
    "省份 省 所在省 所在省份 省/直辖市 省市 province|state",
    "城市 市 所在城市 所在市 地市 地级市 city",
    "区县 区 县 district|county",
    "地址 详细地址 公司地址 单位地址 通讯地址 联系地址 街道 address|street",
    "邮编 邮政编码 zip|zip code|postcode|postal code",
    "客户等级 客户级别 等级 级别 level|customer level",
    "客户来源 来源 信息来源 source",
    "客户阶段 阶段 客户状态 stage",
    "所属行业 行业 客户行业 industry",
    "法人代表 法人 法定代表人 legal representative",
    "税号 纳税人识别号 统一社会信用代码 信用代码 社会信用代码 税务登记号 vat|tax id|tax number",
    "年收入 年营业额 营业额 annual revenue|revenue",
    "员工人数 人数 员工数 公司规模 headcount|employees",
    "所属业务员 业务员 负责人 客户经理 跟进人 销售 销售员 归属人 所有人 salesperson|owner|sales rep",
    "下次联系时间 下次联系日期 下次跟进时间 下次联系 next contact",
    "联系人 联系人姓名 首要联系人 主要联系人 姓名 contact|contact person|contact name",
    "姓名 名字 员工姓名 人员姓名 name|full name",
    "职务 职位 岗位 职称 job position|job title|position|title",
    "性别 gender|sex",
    "生日 出生日期 birthday|date of birth",
    "备注 说明 备注说明 描述 notes|note|comment|remark|remarks|description",
    "产品名称 商品名称 品名 产品 商品 物料名称 名称 product|product name|item",
    "产品编码 商品编码 产品编号 商品编号 货号 料号 物料编码 编码 编号 sku|product code|item code|internal reference|code",
    "规格型号 规格 型号 specification|spec|model",
    "计量单位 单位 unit|unit of measure|uom",
    "单价 售价 销售价 销售价格 价格 标准售价 price|sales price|list price|unit price",
    "底价 最低价 最低售价 floor price|minimum price",
    "成本 成本价 进价 采购价 cost|cost price",
    "产品分类 商品分类 产品类别 商品类别 分类 类别 类目 category|product category",
    "条码 条形码 barcode|ean",
    "部门 所属部门 部门名称 department",
    "上级部门 上级 parent|parent department",
    "直属上级 上级 经理 主管 部门经理 部门主管 manager",
    "工号 员工编号 员工工号 employee number|badge",
    "登录名 账号 用户名 登录账号 login|user name|username",
    "创建时间 创建日期 录入时间 录入日期 登记日期 created on|creation date|date created",
    "创建人 录入人 制单人 登记人 created by|author",
]
_CONTACT = re.compile(r"^(?:首要|主要)?联系人的?|^contact(?: person)?(?:'s)?[ :]*")


def _split(group):
    chinese, *rest = group.split("|")
    words = chinese.split(" ")
    plain = [word for word in words if not word.isascii()]
    return {*plain, " ".join(word for word in words if word.isascii()), *rest} - {""}


_GROUPS = [frozenset(_split(group)) for group in _SYNONYMS]


def fold_title(title):
    """Return a title as it is compared: without the star of a required column, the colon, the remark in brackets at its end.

    >>> fold_title("* 客户名称（必填）："), fold_title("客户名称＊"), fold_title("年收入(万元)")
    ('客户名称', '客户名称', '年收入(万元)')
    """
    text = fold(str(title or "")).strip("*: ·.")
    text = re.sub(r"\((?:必填|选填|必填项|可选|required|optional|\*)\)$", "", text).strip("*: ")
    return text.replace("_", " ")


def match_titles(titles, targets, similar=True):
    """Propose what each column fills.

    Exactly the same title wins, then the field's own names, then words that people use for the same thing (公司名称 for 客户名称,
    手机号 for 手机), then titles that are much alike. Each column goes to one target and each target to one column, the best pairs
    first; at the same score the order of the file and of the targets decides.

    :param list titles: what stands in the title row, "" or None where nothing does
    :param list[TitleTarget] targets: in the order of the template
    :param bool similar: whether titles count that are only alike
    :return: {place of the column from 0: (key, score)}; score 1.0 the same title, 0.95 a name of the field, 0.9 a usual word for it,
        below that only alike: to be shown as a proposal
    :rtype: dict[int, tuple]

    >>> targets = [TitleTarget("name", "客户名称", ["Name"], False), TitleTarget("mobile", "手机", ["Mobile"], False)]
    >>> match_titles(["手机号", "Remark", "公司名称 *"], targets)
    {2: ('name', 0.9), 0: ('mobile', 0.9)}
    """
    pairs = []
    known = []
    for target in targets:
        own = fold_title(target.title)
        names = {fold_title(name) for name in target.names if name} - {""}
        # state_id is nothing like “Tax ID”: technical names count whole only
        known.append((target, own, names, {own} | {fold_title(name) for name in target.names if name and "_" not in name}))
    few = similar and len(titles) <= _COLUMNS_COMPARED
    for column, title in enumerate(titles):
        wanted = fold_title(title)
        if not wanted:
            continue
        for order, (target, own, names, readable) in enumerate(known):
            score = _score(wanted, own, names, target.contact, readable if few else ())
            if score >= LEAST:
                pairs.append((-score, order, column, target.key))
    pairs.sort(key=lambda pair: pair[:3])
    matched, taken = {}, set()
    for score, order, column, key in pairs:
        if column not in matched and order not in taken:
            matched[column] = (key, round(-score, 3))
            taken.add(order)
    return matched


def _score(wanted, own, names, contact, readable):
    if wanted == own:
        return EXACT
    if wanted in names:
        return NAMED
    words = {own, *names}
    of_contact = bool(_CONTACT.match(wanted))
    if contact and of_contact:
        words |= {_CONTACT.sub("", word) for word in words} - {""}
        wanted = _CONTACT.sub("", wanted) or "联系人"  # “contact” alone is the name of the contact
    elif of_contact and not any(_CONTACT.match(word) for word in words):
        return 0.0  # the phone of the contact is not that of the customer
    # a word for a contact or line that does not say so is a weaker sign than the same word for the record itself
    weaker = 0.05 if contact and not of_contact else 0.0
    if wanted in words:
        return NAMED - weaker
    if any(wanted in group and words & group for group in _GROUPS):
        return SYNONYM - weaker
    best = max((_alike(wanted, word) for word in readable), default=0.0)
    return min(best, SYNONYM - 0.01) - weaker


def _alike(one, other):
    """Return how much two titles are alike, from 0 to 1; one inside the other counts by their lengths."""
    if min(len(one), len(other)) < 2 or max(len(one), len(other)) > _LONGEST_COMPARED:
        return 0.0
    if one in other or other in one:
        shorter, longer = sorted((len(one), len(other)))
        return 0.6 + 0.3 * shorter / longer
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # the two quick ones are never less than the ratio itself
    return matcher.ratio() if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= LEAST else 0.0


def find_title_row(rows, targets, limit=20):
    """Return the number of the row that holds the column titles: among the first filled ones the one that fits the targets best.

    A report often has its own heading and date above the titles. Without any match it is the first filled row.

    :param rows: iterable of (row number, [cell]), such as ``Book.rows`` gives; at most ``limit`` of them are taken
    :rtype: int
    """
    best = None
    for _count, (number, cells) in zip(range(limit), rows, strict=False):
        titles = [cell if isinstance(cell, str) else "" for cell in cells]
        score = sum(score for _key, score in match_titles(titles, targets, similar=False).values() if score >= SYNONYM)
        if best is None or score > best[1]:
            best = (number, score)
    return best[0] if best else 0
