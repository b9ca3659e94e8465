"""Indicators, values with their evidence, progress towards targets, and the closing of a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step


class Direction(Labelled):
    UP = "up", "越高越好"
    DOWN = "down", "越低越好"


class Aggregate(Labelled):
    STOCK = "stock", "时点数"
    CUMULATIVE = "cumulative", "累计数"
    GROWTH = "growth", "增长率"


class Status(Labelled):
    NO_DATA = "no_data", "暂无数据"
    NO_BASELINE = "no_baseline", "缺少基期数据", "warn"
    NO_TARGET = "no_target", "未设目标"
    BEHIND = "behind", "未达标", "bad"
    UNDER_WAY = "under_way", "推进中", "wait"
    REACHED = "reached", "已达标", "good"
    STRETCHED = "stretched", "超额完成", "good"


class SnapshotState(Labelled):
    DEFINED = "defined", "定义"
    COLLECTING = "collecting", "采集", "wait"
    CHECKING = "checking", "核对中", "wait"
    LOCKED = "locked", "锁定", "good"
    PUBLISHED = "published", "发布", "good"
    CORRECTED = "corrected", "更正", "warn"


STEPS = {
    SnapshotState.DEFINED: frozenset({SnapshotState.COLLECTING}),
    SnapshotState.COLLECTING: frozenset({SnapshotState.CHECKING}),
    SnapshotState.CHECKING: frozenset({SnapshotState.COLLECTING, SnapshotState.LOCKED}),
    SnapshotState.LOCKED: frozenset({SnapshotState.PUBLISHED}),
    SnapshotState.PUBLISHED: frozenset({SnapshotState.CORRECTED}),
    SnapshotState.CORRECTED: frozenset({SnapshotState.CORRECTED}),  # each correction is one more version
}


# Which pages of the platform serve which measure of the plan, by endpoint; what is missing here has no page yet.
MEASURE_PAGES: Mapping[int, tuple[str, ...]] = {
    1: ("evaluation.index",),
    5: ("evaluation.index",),
    7: ("incubation.board", "incubation.index", "incubation.manage_carriers"),
    8: ("incubation.index", "incubation.manage_carriers"),
    9: ("incubation.index", "incubation.manage_carriers"),
    10: ("events.index", "matching.manage"),
    13: ("competition.index", "competition.manage_index"),
    15: ("portal.home", "directory.index"),
    16: ("alliances.index",),
    18: ("matching.manage", "rosters.index"),
    20: ("events.index", "rosters.index"),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """What exactly is counted. A changed formula is a new version, so that old snapshots can be rebuilt."""

    code: str
    name: str
    direction: Direction | None
    unit: str
    formula: str
    formula_version: int
    aggregate: Aggregate = Aggregate.STOCK
    target: Decimal | None = None
    stretch: Decimal | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record behind a number, by kind and key."""

    kind: str
    key: int


@dataclass(frozen=True, slots=True)
class Value:
    """A number on a day; `amount` None means that nothing is known, which is not zero."""

    day: date
    amount: Decimal | None
    evidence: tuple[Evidence, ...] = ()
    formula_version: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an indicator is. `amount` and `share` are None where the status says that they are not known."""

    status: Status
    amount: Decimal | None = None
    share: Decimal | None = None  # of the target, 1 = reached; only where more is better


def check_transition(current: SnapshotState, target: SnapshotState, *, reason: str = "") -> None:
    """Raise when a snapshot cannot take this step, or is corrected without a reason."""
    check_step(STEPS, current, target)
    if target is SnapshotState.CORRECTED and not reason.strip():
        raise DomainError("请写明更正原因，更正说明将一并公布", field="reason")


def check_indicator(indicator: Indicator) -> None:
    """Refuse a definition that leaves open what is counted or which way is good."""
    if not indicator.unit.strip() or not indicator.formula.strip():
        raise DomainError("请填写指标的单位和计算口径", field="formula")
    if indicator.target is not None and indicator.direction is None:
        raise DomainError("设了目标值的指标须选择方向（越高越好或越低越好）", field="direction")
    if indicator.stretch is None:
        return
    if indicator.target is None:
        raise DomainError("请先填写目标值，再填写争取目标", field="target")
    if _better(indicator, indicator.target, indicator.stretch):
        raise DomainError("争取目标应比目标值要求更高，请检查两个数字", field="stretch")


def check_new_version(old: Indicator, new: Indicator) -> None:
    """Another formula needs the next version number."""
    if old.formula != new.formula and new.formula_version <= old.formula_version:
        raise DomainError(
            "计算口径有变化，版本号应大于 {version}，请另存为新版本",
            field="formula_version",
            version=old.formula_version,
        )


def check_value(value: Value, *, indicator: Indicator, computed: Decimal | None) -> None:
    """A value cites each record once, follows the formula in force and agrees with what the records give."""
    if value.formula_version != indicator.formula_version:
        raise Conflict("指标口径已更新为第 {n} 版，请重新计算", field="amount", n=indicator.formula_version)
    if len(set(value.evidence)) < len(value.evidence):
        raise DomainError("同一条记录被重复计入，请检查明细", field="evidence")
    if value.amount != computed:
        raise DomainError(
            "填报值与系统按明细计算的结果（{computed}）不一致，请核对明细",
            field="amount",
            computed=Status.NO_DATA if computed is None else computed,
        )


def growth(*, now: Decimal | None, baseline: Decimal | None) -> Progress:
    """The growth ratio since the baseline; a missing or zero baseline has no ratio, never 0 % or infinity."""
    if now is None:
        return Progress(Status.NO_DATA)
    if not baseline:
        return Progress(Status.NO_BASELINE)
    return Progress(Status.NO_TARGET, amount=(now - baseline) / baseline)


def progress(indicator: Indicator, *, now: Decimal | None, baseline: Decimal | None = None, today: date) -> Progress:
    """Compare what is known today with the target."""
    measured = Progress(Status.NO_TARGET, now) if now is not None else Progress(Status.NO_DATA)
    if indicator.aggregate is Aggregate.GROWTH:
        measured = growth(now=now, baseline=baseline)
    if measured.amount is None or indicator.target is None:
        return measured
    return Progress(
        _status(indicator, measured.amount, indicator.target, today),
        measured.amount,
        _share(indicator, measured.amount, indicator.target),
    )


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; nothing known gives no data, not zero."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def check_year_closable(*, year: int, today: date, open_snapshots: int, already_closed: bool) -> None:
    """A year is closed once, after it is over, with every snapshot locked."""
    if already_closed:
        raise Conflict("{year} 年度已经关闭", field="year", year=year)
    if today.year <= year:
        raise DomainError("{year} 年度尚未结束，不能关闭", field="year", year=year)
    if open_snapshots:
        raise DomainError("{year} 年度还有 {n} 份数据没有锁定，请先核对锁定", field="year", year=year, n=open_snapshots)


def expected_by(definition: Indicator, *, first_day: date, day: date) -> Decimal | None:
    """Where an even pace from `first_day` to the due day would be; None without a target or once the day has passed."""
    if definition.target is None or definition.due is None or not first_day <= day < definition.due:
        return None
    return definition.target * (day - first_day).days / (definition.due - first_day).days


def check_baseline(year: int, *, last_year: int) -> None:
    """The baseline of growth lies before the last year of the plan."""
    if not 2000 <= year < last_year:
        raise DomainError("基期年份应在 2000 年之后、计划末年 {last} 之前", field="baseline_year", last=last_year)


def check_snapshot_day(day: date, *, today: date) -> None:
    """A snapshot is of a day that has come."""
    if day > today:
        raise DomainError("{day} 还没有到，不能存快照", field="day", day=day)


def month_before(day: date) -> date:
    """The last day of the month before."""
    return day.replace(day=1) - timedelta(days=1)


def indicator_facts(definition: Indicator) -> dict[str, Any]:
    """A definition as JSON keeps it; `indicator_from` reads it back."""
    facts = asdict(definition)
    return {key: _plain(value) for key, value in facts.items()}


def indicator_from(facts: Mapping[str, Any]) -> Indicator:
    """The definition that `indicator_facts` wrote."""
    given = dict(facts)
    given["direction"] = Direction(given["direction"]) if given["direction"] else None
    given["aggregate"] = Aggregate(given["aggregate"])
    given["due"] = date.fromisoformat(given["due"]) if given["due"] else None
    for key in ("target", "stretch"):
        given[key] = Decimal(given[key]) if given[key] is not None else None
    return Indicator(**given)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _better(indicator: Indicator, amount: Decimal, than: Decimal) -> bool:
    return amount < than if indicator.direction is Direction.DOWN else amount > than


def _status(indicator: Indicator, amount: Decimal, target: Decimal, today: date) -> Status:
    if indicator.stretch is not None and not _better(indicator, indicator.stretch, amount):
        return Status.STRETCHED
    if not _better(indicator, target, amount):
        return Status.REACHED
    return Status.BEHIND if indicator.due is not None and today > indicator.due else Status.UNDER_WAY


def _share(indicator: Indicator, amount: Decimal, target: Decimal) -> Decimal | None:
    return amount / target if indicator.direction is Direction.UP and target > 0 else None
