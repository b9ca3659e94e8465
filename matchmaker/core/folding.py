"""Two spellings of one text made equal: folding for search and duplicates, cleaning of typed text, masks.

What people typed is stored (`clean_text`); what is compared is its fold. Folding twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata

# Geography that stands before the distinctive part of a firm's name.
_PLACES = """
北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南
重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾
乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 伊犁 喀什 石河子 库尔勒 阿克苏 石家庄 太原 呼和浩特 沈阳 大连 长春 哈尔滨
南京 苏州 无锡 常州 南通 徐州 杭州 宁波 温州 嘉兴 绍兴 合肥 芜湖 福州 厦门 泉州 南昌 济南 青岛 烟台 潍坊 郑州 洛阳
武汉 宜昌 长沙 株洲 广州 深圳 珠海 佛山 东莞 中山 惠州 南宁 桂林 海口 成都 绵阳 贵阳 昆明 拉萨 西安 兰州 西宁 银川 雄安
"""
# Words that many firms share and that therefore prove nothing.
_COMMON_WORDS = """
股份 有限 公司 集团 控股 实业 产业 发展 科技 科学 技术 投资 资本 资源 材料 新材 设备 装备 机械 机电 电气 电子 电力
动力 控制 能源 清洁 工程 建筑 建设 建材 环境 环保 生态 文化 传媒 体育 医药 药业 医学 医疗 制药 生物 生命 化学 化工 石油
天然气 信息 网络 软件 通信 数据 智能 健康 管理 服务 咨询 研究院 研究 设计 安全 食品 饮料 农业 工业 制造 实验 置业 房地产
地产 商贸 贸易 国际 银行 证券 保险 交通 运输 物流 汽车 家居 椅业 工具 液压 包装 珠宝 光电 特殊钢 特钢 钢铁 展示 黄金
酒店 连锁 中国 中华
"""
_PLACE = re.compile(
    rf"(?:中国|中华|(?:{'|'.join(_PLACES.split())})"
    r"(?:维吾尔自治区|壮族自治区|回族自治区|自治区|特别行政区|新区|省|市)?"
    r"|水磨沟区?|[\u4e00-\u9fff]{2,3}市(?=[\u4e00-\u9fff]{4}))"
)
_LEGAL_FORM = re.compile(
    r"(?:集团)?(?:股份有限公司|有限责任公司|股份公司|有限公司|集团公司|总公司|公司|普通合伙|有限合伙|合伙企业|集团)+$"
)
_BRACKETED = re.compile(r"\([^()]*\)")
_COMMON = re.compile("|".join(_COMMON_WORDS.split()))
_DOTS = "\u00b7\u2022\u2027\u30fb\uff65\u22c5\u2219\u0387\u16eb\u2e31\u25cf\u2024"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_FOLDED = str.maketrans(
    {
        **dict.fromkeys(_DOTS, "\u00b7"),
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys("〔【［[{｛〖", "("),
        **dict.fromkeys("〕】］]}｝〗", ")"),
    }
)
_INVISIBLE = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
_KEPT_CONTROLS = "\n\t"


def fold(text: str) -> str:
    """The form in which texts are searched and compared: case, width, spaces, dots, dashes and brackets unified."""
    folded = text
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded


def fold_company(name: str) -> str:
    """The key of a full company name: nothing is dropped, （） and () are one."""
    return fold(name)


def fold_uscc(code: str) -> str:
    """A credit code as the register writes it: half-width capitals without spaces or dashes."""
    return fold(code).replace("-", "").upper()


def company_stem(name: str) -> str:
    """The part of a firm's name that stays when it moves or changes its legal form; the fold when nothing is left."""
    folded = fold(name)
    stem = _LEGAL_FORM.sub("", _BRACKETED.sub("", folded))
    while place := _PLACE.match(stem):
        if len(stem) - place.end() < 2:
            break
        stem = stem[place.end() :]
    return stem or folded


def share_stem(one: str, other: str) -> bool:
    """Whether two names may be one firm's old and new name: their stems share two signs that are no common word."""
    if company_stem(one) == company_stem(other):
        return True
    return bool(_distinctive_pairs(one) & _distinctive_pairs(other))


def distinctive_parts(name: str) -> tuple[str, ...]:
    """The parts of a firm's name that are no common words: 乌鲁木齐华疆智能科技有限公司 → 华疆."""
    return tuple(dict.fromkeys(part for part in _COMMON.split(company_stem(name)) if len(part) >= 2))


def bigrams(text: str) -> tuple[str, ...]:
    """Neighbouring pairs of the folded text in order, each once; a lone sign stands for itself."""
    runs = re.findall(r"\w+", fold(text))
    pairs = (run[i : i + 2] for run in runs for i in range(max(1, len(run) - 1)))
    return tuple(dict.fromkeys(pairs))


def pinyin_full(text: str) -> str:
    """The reading without tones or spaces: 水磨沟 → shuimogou; other signs stay as folded."""
    from pypinyin import lazy_pinyin  # loads a large table; only writers of names need it

    return fold("".join(lazy_pinyin(fold(text))))


def pinyin_initials(text: str) -> str:
    """The first letter of each reading: 水磨沟区 → smgq; other signs stay as folded."""
    from pypinyin import Style, lazy_pinyin

    return fold("".join(lazy_pinyin(fold(text), style=Style.FIRST_LETTER)))


def digits(text: str) -> str:
    """Only the digits, full-width ones included, as 0 to 9."""
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())


def clean_text(text: str) -> str:
    """What was typed, trimmed and without signs nobody can see; line breaks and tabs stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign for sign in lines if sign in _KEPT_CONTROLS or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    ).strip()


def mask_phone(phone: str) -> str:
    """138****1234; short numbers keep the last two digits."""
    number = digits(phone)
    if len(number) >= 11:
        return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
    return _tail(number, kept=2)


def mask_id(number: str) -> str:
    """Only the last four signs of an identity document."""
    return _tail(fold_uscc(number), kept=4)


def mask_bank(account: str) -> str:
    """Only the last four digits of an account."""
    return _tail(digits(account), kept=4)


def mask_email(address: str) -> str:
    """z***@example.com; what is no address is hidden whole."""
    name, at, host = clean_text(address).rpartition("@")
    return f"{name[:1]}***@{host}" if at and len(name) > 1 else f"***{at}{host if at else ''}"


def _fold_once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)
    return "".join(sign for sign in plain if unicodedata.category(sign) not in _INVISIBLE and not _is_selector(sign))


def _is_selector(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"


def _distinctive_pairs(name: str) -> set[str]:
    pieces = _COMMON.split(company_stem(name))
    return {piece[i : i + 2] for piece in pieces for i in range(len(piece) - 1)}


def _tail(text: str, *, kept: int) -> str:
    if len(text) <= kept * 2:
        return "*" * len(text)
    return "*" * (len(text) - kept) + text[-kept:]
