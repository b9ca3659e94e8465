"""When an alliance is complete, which steps it may take, and how results are shared (国科发政〔2008〕770号)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.folding import fold_uscc
from matchmaker.core.labels import Labelled
from matchmaker.core.sentences import fill
from matchmaker.core.transitions import check_step

MINIMUM_MEMBERS = 5  # ours; 770号 only says "several"
WHOLE = Decimal(100)
SHARE_PLACES = 4


class AllianceState(Labelled):
    FORMING = "forming", "筹建"
    SIGNING = "signing", "协议签署", "wait"
    FILING = "filing", "备案审核", "wait"
    RUNNING = "running", "运行", "good"
    REPORTING = "reporting", "年度报告", "wait"
    RECTIFYING = "rectifying", "整改", "warn"
    DISSOLVED = "dissolved", "解散", "bad"


STEPS = {
    AllianceState.FORMING: frozenset({AllianceState.SIGNING, AllianceState.DISSOLVED}),
    AllianceState.SIGNING: frozenset({AllianceState.FORMING, AllianceState.FILING, AllianceState.DISSOLVED}),
    AllianceState.FILING: frozenset({AllianceState.SIGNING, AllianceState.RUNNING, AllianceState.DISSOLVED}),
    AllianceState.RUNNING: frozenset({AllianceState.REPORTING, AllianceState.RECTIFYING, AllianceState.DISSOLVED}),
    AllianceState.REPORTING: frozenset({AllianceState.RUNNING, AllianceState.RECTIFYING, AllianceState.DISSOLVED}),
    AllianceState.RECTIFYING: frozenset({AllianceState.RUNNING, AllianceState.DISSOLVED}),
    AllianceState.DISSOLVED: frozenset(),
}


class MemberKind(Labelled):
    ENTERPRISE = "enterprise", "企业"
    UNIVERSITY = "university", "高校"
    INSTITUTE = "institute", "科研院所"
    OTHER = "other", "其他单位"


class MemberRole(Labelled):
    LEAD = "lead", "牵头单位", "good"
    COUNCIL = "council", "理事单位"
    SECRETARIAT = "secretariat", "秘书处单位"
    MEMBER = "member", "成员单位"


class ProjectState(Labelled):
    PLANNED = "planned", "拟立项"
    RUNNING = "running", "在研", "good"
    CLOSED = "closed", "结题"
    STOPPED = "stopped", "终止", "bad"


OPEN_PROJECTS = frozenset({ProjectState.PLANNED, ProjectState.RUNNING})
PROJECT_STEPS = {
    ProjectState.PLANNED: frozenset({ProjectState.RUNNING, ProjectState.STOPPED}),
    ProjectState.RUNNING: frozenset({ProjectState.CLOSED, ProjectState.STOPPED}),
    ProjectState.CLOSED: frozenset(),
    ProjectState.STOPPED: frozenset(),
}
AT_WORK = frozenset({AllianceState.RUNNING, AllianceState.REPORTING, AllianceState.RECTIFYING})
REASONED = frozenset({AllianceState.DISSOLVED, AllianceState.RECTIFYING})
LOWEST_TRL, HIGHEST_TRL = 1, 9  # GB/T 22900-2009


class Check(Labelled):
    MEMBERS = "members", "成员数量"
    ENTERPRISE = "enterprise", "企业成员"
    RESEARCH = "research", "高校院所成员"
    IDENTITY = "identity", "成员身份"
    LEAD = "lead", "牵头单位"
    TERM = "term", "协议期限"
    IP_CLAUSE = "ip_clause", "知识产权约定"
    SIGNATURES = "signatures", "签署"


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    uscc: str
    kind: MemberKind
    role: MemberRole = MemberRole.MEMBER
    signed: date | None = None
    left: date | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    starts: date | None = None
    ends: date | None = None
    ip_clause: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One rule's answer. `sentence` (a gettext id, filled with `values`) says what to do when it is not passed."""

    check: Check
    passed: bool
    sentence: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.sentence, self.values)


def check_transition(current: AllianceState, target: AllianceState) -> None:
    """Raise Conflict when an alliance cannot take this step."""
    check_step(STEPS, current, target)


def check_project_step(current: ProjectState, target: ProjectState) -> None:
    """Raise Conflict when a joint project cannot take this step."""
    check_step(PROJECT_STEPS, current, target)


def check_signable(state: AllianceState) -> None:
    """The text stands while it is signed; who joins a running alliance signs the same text."""
    if state is AllianceState.FORMING:
        raise Conflict("协议文本还没有定稿，请等牵头单位发起签署")
    if state not in {AllianceState.SIGNING, *AT_WORK}:
        raise Conflict("联盟现在不能签署，请刷新页面查看状态")


def check_editable(state: AllianceState) -> None:
    """The text is changed while nobody has signed it."""
    if state is not AllianceState.FORMING:
        raise Conflict("协议已进入签署，不能再改；如需修改请先退回筹建，已有签署将作废")


def check_project(*, trl_start: int, trl_target: int, starts: date, ends: date, budget_fen: int) -> None:
    """A project climbs (or keeps) its readiness, ends after it starts, and costs something."""
    for name, level in {"trl_start": trl_start, "trl_target": trl_target}.items():
        if not LOWEST_TRL <= level <= HIGHEST_TRL:
            raise DomainError("技术成熟度应在 1 到 9 级之间", field=name)
    if trl_target < trl_start:
        raise DomainError("目标成熟度不能低于现在的成熟度", field="trl_target")
    if ends <= starts:
        raise DomainError("结束日期应晚于开始日期", field="ends")
    if budget_fen <= 0:
        raise DomainError("请填写项目预算（自筹或财政）", field="budget_own_fen")


def completeness(
    members: Iterable[Member], agreement: Agreement, *, minimum: int = MINIMUM_MEMBERS
) -> tuple[CheckResult, ...]:
    """Every rule an alliance has to meet before it is filed; members who have left do not count."""
    present = [member for member in members if member.left is None]
    return (*_composition(present, minimum), _identity(present), _lead(present), *_paper(present, agreement))


def check_complete(members: Iterable[Member], agreement: Agreement, *, minimum: int = MINIMUM_MEMBERS) -> None:
    """Refuse to file an alliance that misses something; the first thing missing is named."""
    for result in completeness(members, agreement, minimum=minimum):
        if not result.passed:
            raise DomainError(result.sentence, field=result.check.value, **result.values)


def check_leaving(*, member: Member, day: date, open_projects: Iterable[str]) -> None:
    """A member leaves when no unfinished project needs it, and the lead hands over first."""
    if member.role is MemberRole.LEAD:
        raise DomainError("牵头单位不能直接退出，请先指定新的牵头单位", field="left")
    for project in open_projects:
        raise DomainError(
            "“{name}”还参加未结题的项目“{project}”，请先调整项目成员", field="left", name=member.name, project=project
        )
    if member.signed and day < member.signed:
        raise DomainError("退出日期早于签署日期 {signed}，请检查", field="left", signed=member.signed)


def check_participants(participants: Iterable[Member], *, day: date) -> None:
    """A project is shared by members who are still there."""
    for member in participants:
        if member.left is not None and member.left <= day:
            raise DomainError(
                "“{name}”已于 {left} 退出联盟，不能参加项目，请移除",
                field="members",
                name=member.name,
                left=member.left,
            )


def check_shares(shares: Mapping[str, Decimal]) -> None:
    """Shares in per cent: each above zero, at most four decimals, together exactly 100."""
    if not shares:
        raise DomainError("请填写各方的权益比例", field="shares")
    for name, share in shares.items():
        if not share.is_finite() or not 0 < share <= WHOLE:
            raise DomainError("“{name}”的比例应大于 0 且不超过 100，请修改", field="shares", name=name)
        if share != round(share, SHARE_PLACES):
            raise DomainError("“{name}”的比例最多 {n} 位小数，请修改", field="shares", name=name, n=SHARE_PLACES)
    total = sum(shares.values(), Decimal(0))
    if total != WHOLE:
        raise DomainError(
            "各方比例合计应为 100%，现在是 {total}%，请调整", field="shares", total=f"{total.normalize():f}"
        )


def split(amount_fen: int, shares: Mapping[str, Decimal]) -> dict[str, int]:
    """Divide an income in whole fen by shares; the parts sum to the amount, odd fen go to the largest remainders."""
    check_shares(shares)
    if amount_fen < 0:
        raise DomainError("分配金额不能是负数，请修改", field="amount")
    exact = {name: divmod(amount_fen * share, WHOLE) for name, share in shares.items()}
    parts = {name: int(whole) for name, (whole, _) in exact.items()}
    by_remainder = sorted(parts, key=lambda name: (-exact[name][1], name))
    for name in by_remainder[: amount_fen - sum(parts.values())]:
        parts[name] += 1
    return parts


def _composition(present: list[Member], minimum: int) -> tuple[CheckResult, ...]:
    kinds = {member.kind for member in present}
    counts: dict[str, object] = {"n": len(present), "minimum": minimum}
    research = bool(kinds & {MemberKind.UNIVERSITY, MemberKind.INSTITUTE})
    return (
        CheckResult(
            Check.MEMBERS, len(present) >= minimum, "现有 {n} 家成员，至少需要 {minimum} 家，请补充成员", counts
        ),
        CheckResult(Check.ENTERPRISE, MemberKind.ENTERPRISE in kinds, "至少要有一家企业成员，请补充"),
        CheckResult(Check.RESEARCH, research, "至少要有一所高校或科研院所，请补充"),
    )


def _identity(present: list[Member]) -> CheckResult:
    seen: set[str] = set()
    for member in present:
        code = fold_uscc(member.uscc)
        values: dict[str, object] = {"name": member.name}
        if not code:
            return CheckResult(Check.IDENTITY, False, "“{name}”没有统一社会信用代码，请补录", values)
        if code in seen:
            return CheckResult(Check.IDENTITY, False, "“{name}”与另一成员信用代码相同，请去掉重复的一家", values)
        seen.add(code)
    return CheckResult(Check.IDENTITY, True, "各成员须为不同的独立法人")


def _lead(present: list[Member]) -> CheckResult:
    leads = sum(member.role is MemberRole.LEAD for member in present)
    return CheckResult(Check.LEAD, leads == 1, "应有且只有一家牵头单位，现有 {n} 家，请调整", {"n": leads})


def _paper(present: list[Member], agreement: Agreement) -> tuple[CheckResult, ...]:
    term = agreement.starts is not None and agreement.ends is not None and agreement.starts < agreement.ends
    unsigned = sum(member.signed is None for member in present)
    signed = bool(present) and not unsigned
    return (
        CheckResult(Check.TERM, term, "请填写协议的起止日期，且结束晚于开始"),
        CheckResult(Check.IP_CLAUSE, bool(agreement.ip_clause.strip()), "请写明知识产权归属、许可和收益分配的约定"),
        CheckResult(Check.SIGNATURES, signed, "还有 {n} 家成员没有签署协议，请催签", {"n": unsigned}),
    )
