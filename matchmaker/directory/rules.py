"""Kinds and states of organisations, the credit code of GB 32100-2015, names, founding days and address hints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.folding import clean_text, fold, fold_company, fold_uscc
from matchmaker.core.labels import Labelled
from matchmaker.core.regions import check_region, contains
from matchmaker.core.transitions import check_step

# --- kinds and states


class OrganisationKind(Labelled):
    ENTERPRISE = "enterprise", "企业"
    UNIVERSITY = "university", "高校"
    INSTITUTE = "institute", "科研院所"
    INVESTOR = "investor", "投资机构"
    CARRIER_OPERATOR = "carrier_operator", "孵化载体运营单位"
    SERVICE_INSTITUTION = "service_institution", "科技服务机构"
    FINANCE_INSTITUTION = "finance_institution", "金融机构"
    GOVERNMENT = "government", "政府部门"


class OrganisationState(Labelled):
    UNCLAIMED = "unclaimed", "待认领", "wait"
    PENDING = "pending", "待核", "wait"
    ACTIVE = "active", "有效", "good"
    ABNORMAL = "abnormal", "异常", "warn"
    MOVED_OUT = "moved_out", "迁出", "neutral"
    DEREGISTERED = "deregistered", "注销", "bad"


class HighTechField(Labelled):
    """The eight fields of 国家重点支持的高新技术领域 (国科发火〔2016〕32号, annex), by their official numbers."""

    ELECTRONIC_INFORMATION = "1", "电子信息"
    BIOMEDICINE = "2", "生物与新医药"
    AEROSPACE = "3", "航空航天"
    NEW_MATERIALS = "4", "新材料"
    HIGH_TECH_SERVICES = "5", "高技术服务"
    NEW_ENERGY = "6", "新能源与节能"
    RESOURCES_ENVIRONMENT = "7", "资源与环境"
    ADVANCED_MANUFACTURING = "8", "先进制造与自动化"


class DocumentKind(Labelled):
    """What a person's document is."""

    PAPER = "paper", "论文"
    PATENT = "patent", "专利"
    PROJECT = "project", "项目"
    OTHER = "other", "其他"


class HeldResolution(Labelled):
    """What a person decided about rows that an import held."""

    SEPARATE = "separate", "分立为几家单位"
    ONE = "one", "合为一家单位"
    DISMISSED = "dismissed", "不采用"


class AddressHint(Labelled):
    INSIDE = "inside", "在本区域内", "good"
    OUTSIDE = "outside", "似不在本区域内，请核实", "warn"
    UNCLEAR = "unclear", "从地址看不出区域", "neutral"


_S = OrganisationState
TRANSITIONS: Mapping[OrganisationState, frozenset[OrganisationState]] = {
    _S.UNCLAIMED: frozenset({_S.PENDING, _S.ACTIVE, _S.ABNORMAL, _S.MOVED_OUT, _S.DEREGISTERED}),
    _S.PENDING: frozenset({_S.ACTIVE, _S.UNCLAIMED, _S.ABNORMAL, _S.MOVED_OUT, _S.DEREGISTERED}),
    _S.ACTIVE: frozenset({_S.PENDING, _S.ABNORMAL, _S.MOVED_OUT, _S.DEREGISTERED}),
    _S.ABNORMAL: frozenset({_S.ACTIVE, _S.MOVED_OUT, _S.DEREGISTERED}),
    _S.MOVED_OUT: frozenset({_S.ACTIVE, _S.DEREGISTERED}),
    _S.DEREGISTERED: frozenset(),
}
NEEDS_REASON = frozenset({_S.ABNORMAL, _S.MOVED_OUT, _S.DEREGISTERED})


def check_move(state: OrganisationState, to: OrganisationState) -> None:
    """Refuse a step that is not in the table."""
    check_step(TRANSITIONS, state, to)


# --- credit code, GB 32100-2015

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O S V Z
CODE_LENGTH = 18
DEMO_ORGANISATION = "DEM0"  # this part was never issued
DEMO_CODES = 10_000
# Authority (first sign) and the kinds it registers (second sign), GB 32100 table 2.
AUTHORITIES: Mapping[str, str] = {
    "1": "1239",  # 机构编制
    "2": "19",  # 外交
    "3": "123459",  # 司法行政
    "4": "19",  # 文化
    "5": "1239",  # 民政
    "6": "129",  # 旅游
    "7": "129",  # 宗教
    "8": "19",  # 工会
    "9": "123",  # 工商（市场监管）
    "A": "19",  # 军队
    "N": "1239",  # 农业
    "Y": "1",  # 其他
}
_CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(CODE_LENGTH - 1))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_uscc(code: str, *, field: str = "uscc") -> str:
    """The code folded to half-width capitals, proved by both check signs; a refusal says which part is wrong."""
    folded = check_uscc_shape(code, field=field)
    expected = organisation_check(folded[8:16])
    if folded[16] != expected:
        raise DomainError(
            "第 9 至 17 位的组织机构代码校验不符（第 17 位应为 {expected}，现为 {found}），请对照营业执照逐位核对",
            field=field,
            expected=expected,
            found=folded[16],
        )
    expected = code_check(folded[:17])
    if folded[17] != expected:
        raise DomainError(
            "统一社会信用代码校验不符（按前 17 位计算末位应为 {expected}，现为 {found}），请对照营业执照逐位核对",
            field=field,
            expected=expected,
            found=folded[17],
        )
    return folded


def check_uscc_shape(code: str, *, field: str = "uscc") -> str:
    """The folded code when length, signs, authority and region are right; its check signs are not looked at.

    For the reviewer who admits an old code with a wrong check sign and states why.
    """
    folded = fold_uscc(code)
    if not folded:
        raise DomainError("请填写统一社会信用代码", field=field)
    if len(folded) != CODE_LENGTH:
        raise DomainError("统一社会信用代码应为 18 位，现有 {n} 位", field=field, n=len(folded))
    for place, sign in enumerate(folded[:17], start=1):
        if sign not in ALPHABET:
            raise DomainError(
                "统一社会信用代码第 {place} 位“{sign}”有误：只用数字和大写字母，不用 I、O、S、V、Z",
                field=field,
                place=place,
                sign=sign,
            )
    if folded[1] not in AUTHORITIES.get(folded[0], ""):
        raise DomainError(
            "统一社会信用代码前两位“{pair}”不是有效的登记管理部门和机构类别", field=field, pair=folded[:2]
        )
    if not folded[2:8].isdigit():
        raise DomainError("统一社会信用代码第 3 至 8 位应为 6 位数字的登记机关行政区划代码", field=field)
    return folded


def code_check(first17: str) -> str:
    """The 18th sign: (31 − Σ weight × value) mod 31, so a sum of 0 gives the sign 0."""
    total = sum(weight * ALPHABET.index(sign) for weight, sign in zip(_CODE_WEIGHTS, first17, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first8: str) -> str:
    """The ninth sign of an organisation code (GB 11714): mod 11, where 10 is X."""
    pairs = zip(_ORGANISATION_WEIGHTS, first8, strict=True)
    total = sum(weight * _ORGANISATION_SIGNS.index(sign) for weight, sign in pairs)
    return "0123456789X"[-total % 11]


def uscc_with_check(first17: str) -> str:
    """The whole code for its first 17 signs."""
    return first17 + code_check(first17)


def demo_uscc(serial: int, *, region: str = "650105", authority: str = "91") -> str:
    """A code that passes every check and belongs to nobody: its organisation part starts with DEM0."""
    if not 0 <= serial < DEMO_CODES:
        raise ValueError(f"demo codes are numbered 0 to {DEMO_CODES - 1}, not {serial}")
    organisation = f"{DEMO_ORGANISATION}{serial:04}"
    return uscc_with_check(f"{authority}{check_region(region)}{organisation}{organisation_check(organisation)}")


def is_demo_uscc(code: str) -> bool:
    return fold_uscc(code)[8:12] == DEMO_ORGANISATION


def registering_region(code: str) -> str:
    """Where the code was issued, often a city or province. Never use it to decide residence in the district."""
    return fold_uscc(code)[2:8]


# --- founding day, figures and address

OLDEST_FOUNDING = date(1800, 1, 1)


def check_founded(founded: date, *, today: date, field: str = "founded") -> date:
    """The day itself, unless it lies ahead or beyond any living organisation."""
    if founded > today:
        raise DomainError("成立日期 {day} 晚于今天，请核对", field=field, day=founded)
    if founded < OLDEST_FOUNDING:
        raise DomainError("成立日期 {day} 早于 1800 年，请核对", field=field, day=founded)
    return founded


def looks_like_wrong_unit(typed_fen: int, *, before_fen: int) -> bool:
    """Whether a yearly figure jumped a thousandfold: 元 typed as 万元 or the reverse. A hint, not a refusal."""
    low, high = sorted((abs(typed_fen), abs(before_fen)))
    return low > 0 and high >= 1000 * low


def working_address_in_region(address: str, *, region: str, names: Mapping[str, str]) -> AddressHint:
    """What a free-text address says about the region; `names` maps region codes to their Chinese names.

    The county or city named first decides. Only a hint: a reviewer has the last word.
    """
    text = fold(address)
    inside = _earliest(text, (name for code, name in names.items() if contains(region, code)))
    outside = _earliest(
        text, (name for code, name in names.items() if not contains(region, code) and not contains(code, region))
    )
    if inside is None and outside is None:
        return AddressHint.UNCLEAR
    if outside is None or (inside is not None and inside < outside):
        return AddressHint.INSIDE
    return AddressHint.OUTSIDE


def _earliest(text: str, names: Iterable[str]) -> int | None:
    places = (text.find(fold(name)) for name in names)
    return min((place for place in places if place >= 0), default=None)


# --- names


@dataclass(frozen=True)
class NameSpan:
    """A name and the days on which it was borne; None means unknown (since) or still borne (until)."""

    name: str
    since: date | None = None
    until: date | None = None


def renamed(history: tuple[NameSpan, ...], *, name: str, since: date, today: date) -> tuple[NameSpan, ...]:
    """The history (newest first) after a change of name; a spelling of the present name is no change."""
    new = clean_text(name)
    if not new:
        raise DomainError("请填写单位名称", field="name")
    if since > today:
        raise DomainError("更名日期 {day} 晚于今天，请核对", field="since", day=since)
    if not history:
        return (NameSpan(new, since=since),)
    present, *former = history
    if fold_company(new) == fold_company(present.name):
        raise DomainError("新名称与现名称“{name}”相同", field="name", name=present.name)
    if present.since is not None and since <= present.since:
        raise DomainError("更名日期应晚于现名称的启用日期 {day}", field="since", day=present.since)
    return (NameSpan(new, since=since), replace(present, until=since), *former)


def merged_names(kept: tuple[NameSpan, ...], dropped: tuple[NameSpan, ...]) -> tuple[NameSpan, ...]:
    """Both histories in one, newest first; the kept record's present name stays in front and no name twice."""
    names: dict[str, NameSpan] = {}
    newest_first = sorted((*kept[1:], *dropped), key=lambda span: span.until or span.since or date.min, reverse=True)
    for span in (*kept[:1], *newest_first):
        names.setdefault(fold_company(span.name), span)
    return tuple(names.values())


def is_known_as(history: Iterable[NameSpan], name: str) -> bool:
    """Whether it bears or bore the name, in any spelling."""
    wanted = fold_company(name)
    return any(fold_company(span.name) == wanted for span in history)


# --- years


def check_year_open(*, year: int, closed_years: frozenset[int], correction_reason: str = "") -> None:
    """Records of a closed year change only as a logged correction with a reason."""
    if year in closed_years and not correction_reason.strip():
        raise Conflict("{year} 年度已关闭，数据不能修改；确有错误请填写更正原因", field="reason", year=year)
