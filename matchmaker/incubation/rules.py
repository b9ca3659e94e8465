"""Who may enter a carrier, how long a firm stays, what proves graduation, and what each carrier counts for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from matchmaker.core.calendar import add_months, parse_day
from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step

# --- Carriers


class CarrierType(Labelled):
    NURSERY = "nursery", "创业苗圃"
    MAKERSPACE = "makerspace", "众创空间"
    INCUBATOR = "incubator", "科技企业孵化器"
    ACCELERATOR = "accelerator", "加速器"
    PARK = "park", "产业园"
    UNIVERSITY_PARK = "university_park", "大学科技园"
    RURAL_MAKERSPACE = "rural_makerspace", "星创天地"
    SMALL_FIRM_BASE = "small_firm_base", "小微企业创业创新基地"
    INCUBATION_BASE = "incubation_base", "创业创新孵化基地"
    EMPLOYMENT_BASE = "employment_incubation_base", "就业创业孵化基地"


class BuildState(Labelled):
    """Whether a carrier of the plan stands already. Only a built one with evidence counts."""

    BUILT = "built", "已建成", "good"
    PLANNED = "planned", "在建或拟建", "wait"


class Stage(Labelled):
    """The links of the chain 苗圃-孵化器-加速器-产业园."""

    NURSERY = "nursery", "苗圃"
    INCUBATION = "incubation", "孵化"
    ACCELERATION = "acceleration", "加速阶段"
    PARK = "park", "产业园"


STAGES = {
    CarrierType.NURSERY: Stage.NURSERY,
    CarrierType.ACCELERATOR: Stage.ACCELERATION,
    CarrierType.PARK: Stage.PARK,
}
TAKES_TEAMS = frozenset(
    {CarrierType.NURSERY, CarrierType.MAKERSPACE, CarrierType.UNIVERSITY_PARK, CarrierType.RURAL_MAKERSPACE}
)


def stage_of(kind: CarrierType) -> Stage:
    """The link of the chain that carriers of this type are."""
    return STAGES.get(kind, Stage.INCUBATION)


def has_age_limit(kind: CarrierType) -> bool:
    """Accelerators and parks take grown firms: the age on entry is a rule of incubation only."""
    return stage_of(kind) in {Stage.NURSERY, Stage.INCUBATION}


def check_takes_teams(kind: CarrierType) -> None:
    """A team without a firm starts in a nursery or makerspace."""
    if kind not in TAKES_TEAMS:
        raise DomainError(
            "团队尚未注册企业，只能申请苗圃、众创空间一类载体；请先注册企业再申请这里", field="organisation_id"
        )


class CarrierLevel(Labelled):
    NONE = "none", "未认定"
    DISTRICT = "district", "区级"
    CITY = "city", "市级"
    REGION = "region", "自治区级", "good"
    NATIONAL = "national", "国家级", "good"


class CarrierState(Labelled):
    BUILDING = "building", "筹建"
    OPERATING = "operating", "运营", "good"
    RECOGNISED = "recognised", "已认定", "good"
    EVALUATING = "evaluating", "评价中", "wait"
    RECTIFYING = "rectifying", "整改", "warn"
    REMOVED = "removed", "摘牌", "bad"


CARRIER_STEPS = {
    CarrierState.BUILDING: frozenset({CarrierState.OPERATING, CarrierState.REMOVED}),
    CarrierState.OPERATING: frozenset({CarrierState.RECOGNISED, CarrierState.REMOVED}),
    CarrierState.RECOGNISED: frozenset({CarrierState.EVALUATING, CarrierState.REMOVED}),
    CarrierState.EVALUATING: frozenset({CarrierState.RECOGNISED, CarrierState.RECTIFYING}),
    CarrierState.RECTIFYING: frozenset({CarrierState.EVALUATING, CarrierState.REMOVED}),
    CarrierState.REMOVED: frozenset({CarrierState.OPERATING}),  # the sign comes down, the house may go on
}


def check_carrier_transition(current: CarrierState, target: CarrierState) -> None:
    """Raise Conflict when a carrier cannot take this step."""
    check_step(CARRIER_STEPS, current, target)


def check_area(*, total_m2: int, usable_m2: int, tenant_m2: int) -> None:
    """Tenant area within usable area within total area."""
    if not 0 <= usable_m2 <= total_m2:
        raise DomainError("可使用面积不能超过总面积，请核对两项数字", field="usable_m2")
    if not 0 <= tenant_m2 <= usable_m2:
        raise DomainError("在孵企业使用面积不能超过可使用面积，请核对两项数字", field="tenant_m2")


@dataclass(frozen=True, slots=True)
class CarrierTarget:
    """A line of the plan such as C1: which carriers count, how many are wanted, how many at best."""

    id: str
    carrier_types: frozenset[CarrierType]
    floor: int
    stretch: int | None = None
    tag: str = ""  # a carrier counts when it bears this tag; empty: any carrier of the type

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Read a stored mapping; refuses unknown carrier types."""
        known = {kind.value for kind in CarrierType}
        if not known.issuperset(values["carrier_types"]):
            raise DomainError("载体类型不在目录中，请检查指标对应关系", field="carrier_types")
        stretch = values.get("stretch")
        return cls(
            id=str(values["id"]),
            carrier_types=frozenset(CarrierType(name) for name in values["carrier_types"]),
            floor=int(values["floor"]),
            stretch=int(stretch) if stretch is not None else None,
            tag=str(values.get("tag") or ""),
        )

    def counts(self, carrier: CarrierType, *, tags: Iterable[str], state: CarrierState, has_evidence: bool) -> bool:
        """Does this carrier count as built? Planned ones, removed ones and ones without evidence do not."""
        built = state not in {CarrierState.BUILDING, CarrierState.REMOVED}
        return built and has_evidence and carrier in self.carrier_types and (not self.tag or self.tag in tags)


# --- Tenancies


class TenancyState(Labelled):
    APPLIED = "applied", "申请", "wait"
    REVIEWING = "reviewing", "评审", "wait"
    REFUSED = "refused", "不予入驻", "bad"
    CANCELLED = "cancelled", "撤回申请"
    ADMITTED = "admitted", "入驻", "wait"
    INCUBATING = "incubating", "在孵", "good"
    EXTENDED = "extended", "续期", "warn"
    GRADUATED = "graduated", "毕业", "good"
    ACCELERATING = "accelerating", "加速", "good"
    IN_PARK = "in_park", "入园", "good"
    LEFT = "left", "退出"
    REMOVED = "removed", "清退", "bad"


_STOPS = frozenset({TenancyState.LEFT, TenancyState.REMOVED})
TENANCY_STEPS = {
    TenancyState.APPLIED: frozenset({TenancyState.REVIEWING, TenancyState.CANCELLED}),
    TenancyState.REVIEWING: frozenset(
        {TenancyState.ADMITTED, TenancyState.REFUSED, TenancyState.CANCELLED, TenancyState.APPLIED}
    ),
    TenancyState.REFUSED: frozenset(),
    TenancyState.CANCELLED: frozenset(),
    TenancyState.ADMITTED: frozenset({TenancyState.INCUBATING}) | _STOPS,
    TenancyState.INCUBATING: frozenset({TenancyState.EXTENDED, TenancyState.GRADUATED}) | _STOPS,
    TenancyState.EXTENDED: frozenset({TenancyState.GRADUATED}) | _STOPS,
    TenancyState.GRADUATED: frozenset({TenancyState.ACCELERATING, TenancyState.IN_PARK}),
    TenancyState.ACCELERATING: frozenset({TenancyState.IN_PARK}) | _STOPS,
    TenancyState.IN_PARK: _STOPS,
    TenancyState.LEFT: frozenset(),
    TenancyState.REMOVED: frozenset(),
}
PRESENT = frozenset({TenancyState.ADMITTED, TenancyState.INCUBATING, TenancyState.EXTENDED})
NEVER_ADMITTED = frozenset({TenancyState.APPLIED, TenancyState.REVIEWING, TenancyState.REFUSED, TenancyState.CANCELLED})
OPEN = frozenset({TenancyState.APPLIED, TenancyState.REVIEWING})
ENDED = frozenset({TenancyState.GRADUATED, TenancyState.ACCELERATING, TenancyState.IN_PARK}) | _STOPS
REASONED = frozenset(  # going back to APPLIED is sending an application back
    {
        TenancyState.APPLIED,
        TenancyState.REFUSED,
        TenancyState.EXTENDED,
        TenancyState.LEFT,
        TenancyState.REMOVED,
    }
)
CHAIN = (
    TenancyState.APPLIED,
    TenancyState.REVIEWING,
    TenancyState.ADMITTED,
    TenancyState.INCUBATING,
    TenancyState.GRADUATED,
)


class Urgency(Labelled):
    """How near the end of a stay is."""

    LATE = "late", "已超期", "bad"
    NEAR = "near", "30 天内到期", "warn"
    SOON = "soon", "90 天内到期", "wait"
    FAR = "far", "未到提醒期"


DUE_DAYS, NEAR_DAYS = 90, 30


class SpecialField(Labelled):
    BIOMEDICINE = "biomedicine", "生物医药"
    IC_DESIGN = "ic_design", "集成电路设计"
    MODERN_AGRICULTURE = "modern_agriculture", "现代农业"


class GraduationProof(Labelled):
    HNTE = "hnte", "通过高新技术企业认定"
    VENTURE_CAPITAL = "venture_capital", "累计获得天使投资或风险投资"
    REVENUE = "revenue", "连续两年累计营业收入"
    MERGED_OR_LISTED = "merged_or_listed", "被兼并收购或在国内外资本市场挂牌上市"


@dataclass(frozen=True, slots=True)
class TenancyRules:
    """The limits of one document; amounts in fen have to be exceeded, ages and stays may be reached."""

    doc_no: str
    valid_from: date
    valid_to: date | None
    age_months_max: int
    stay_months_max: int
    stay_months_max_special: int
    special_fields: frozenset[SpecialField]
    venture_capital_over_fen: int
    revenue_two_years_over_fen: int

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Read a stored rule set; refuses one without document number."""
        doc_no = str(values.get("doc_no") or "").strip()
        if not doc_no:
            raise DomainError("请填写孵化规则的文件号", field="doc_no")
        return cls(
            doc_no=doc_no,
            valid_from=parse_day(values["valid_from"], field="valid_from"),
            valid_to=parse_day(values["valid_to"], field="valid_to") if values.get("valid_to") else None,
            age_months_max=int(values["age_months_max"]),
            stay_months_max=int(values["stay_months_max"]),
            stay_months_max_special=int(values["stay_months_max_special"]),
            special_fields=frozenset(SpecialField(name) for name in values["special_fields"]),
            venture_capital_over_fen=int(values["venture_capital_over_fen"]),
            revenue_two_years_over_fen=int(values["revenue_two_years_over_fen"]),
        )

    def in_force(self, day: date) -> bool:
        """Do these rules apply on that day?"""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def stay_months(self, field: SpecialField | None) -> int:
        """The longest stay of a firm in this field."""
        return self.stay_months_max_special if field in self.special_fields else self.stay_months_max


@dataclass(frozen=True, slots=True)
class Stay:
    """One firm's time in one carrier; `left` None while it is there."""

    carrier: str
    entered: date
    left: date | None = None


@dataclass(frozen=True, slots=True)
class Graduation:
    """What a firm brings to prove that it has grown up."""

    hnte_number: str = ""
    venture_capital_fen: int = 0
    revenue_two_years_fen: int = 0
    merged_or_listed: bool = False


def check_transition(current: TenancyState, target: TenancyState, *, reason: str = "") -> None:
    """Raise when a tenancy cannot take this step, or is ended, refused or extended without a reason."""
    check_step(TENANCY_STEPS, current, target)
    if target in REASONED and not reason.strip():
        raise DomainError("请写明理由，企业会看到", field="reason")


def check_entry(*, founded: date | None, entered: date, rules: TenancyRules, historic: bool = False) -> None:
    """A newcomer is at most so many months old; a historic record is admitted with its age as it was."""
    if founded is None:
        if historic:
            return
        raise DomainError("缺少企业成立日期，请先补录再办理入驻", field="founded")
    if entered < founded:
        raise DomainError("入驻日期早于企业成立日期 {founded}，请检查", field="entered", founded=founded)
    if not historic and entered > add_months(founded, rules.age_months_max):
        raise DomainError(
            "企业 {founded} 成立，入驻时已超过 {months} 个月（{doc_no}），不能作为在孵企业入驻",
            field="entered",
            founded=founded,
            months=rules.age_months_max,
            doc_no=rules.doc_no,
        )


def check_exit(*, entered: date, left: date) -> None:
    """Nobody leaves before having come."""
    if left < entered:
        raise DomainError("退出日期早于入驻日期 {entered}，请检查", field="left", entered=entered)


def check_no_overlap(stay: Stay, others: Iterable[Stay]) -> None:
    """A firm is a tenant of one carrier at a time; moving on the day of leaving is fine."""
    for other in others:
        if stay.entered < (other.left or date.max) and other.entered < (stay.left or date.max):
            raise DomainError(
                "企业 {entered} 起已在“{carrier}”在孵，请先办理退出再入驻",
                field="entered",
                entered=other.entered,
                carrier=other.carrier,
            )


def due_date(*, entered: date, rules: TenancyRules, field: SpecialField | None = None) -> date:
    """The day by which a firm has to have graduated or left."""
    return add_months(entered, rules.stay_months(field))


def contract_end(*, entered: date, months: int) -> date:
    """The last day of a contract of so many months."""
    return add_months(entered, months)


def is_due(*, due: date, today: date, warning_months: int = 3) -> bool:
    """Is the end of the stay near enough, or past, to be on the due list?"""
    return today >= add_months(due, -warning_months)


def urgency(*, due: date, today: date) -> Urgency:
    """How pressing the end of a stay is; the last day itself is not late."""
    left = (due - today).days
    if left < 0:
        return Urgency.LATE
    if left <= NEAR_DAYS:
        return Urgency.NEAR
    return Urgency.SOON if left <= DUE_DAYS else Urgency.FAR


def check_score(score: Decimal | None) -> None:
    """The marks of an admission review, of a hundred."""
    if score is not None and not 0 <= score <= 100:
        raise DomainError("评审得分应在 0 到 100 之间", field="score")


def check_extension(*, entered: date, until: date, rules: TenancyRules, field: SpecialField | None = None) -> None:
    """A contract may be prolonged up to the longest stay, not beyond."""
    latest = due_date(entered=entered, rules=rules, field=field)
    if until > latest:
        raise DomainError(
            "孵化时限最长 {months} 个月（{doc_no}），续期不能超过 {latest}",
            field="until",
            months=rules.stay_months(field),
            doc_no=rules.doc_no,
            latest=latest,
        )


def proofs(graduation: Graduation, rules: TenancyRules) -> frozenset[GraduationProof]:
    """Which of the four proofs a firm brings."""
    held = {
        GraduationProof.HNTE: bool(graduation.hnte_number.strip()),
        GraduationProof.VENTURE_CAPITAL: graduation.venture_capital_fen > rules.venture_capital_over_fen,
        GraduationProof.REVENUE: graduation.revenue_two_years_fen > rules.revenue_two_years_over_fen,
        GraduationProof.MERGED_OR_LISTED: graduation.merged_or_listed,
    }
    return frozenset(proof for proof, given in held.items() if given)


def check_graduation(graduation: Graduation, rules: TenancyRules, *, has_evidence: bool) -> frozenset[GraduationProof]:
    """Any one of the four proofs, with its document, lets a firm graduate."""
    held = proofs(graduation, rules)
    if not held:
        raise DomainError("毕业须满足四项条件之一（高企认定、投资、营收、并购或上市），请补充证明", field="proof")
    if not has_evidence:
        raise DomainError("请上传毕业条件的证明材料", field="evidence")
    return held


def cumulative_firms(firms: Iterable[tuple[int, TenancyState]]) -> int:
    """Distinct firms ever admitted to any carrier; it never falls when one leaves."""
    return len({firm for firm, state in firms if state not in NEVER_ADMITTED})
