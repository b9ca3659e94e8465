"""The stages of a contest: how each is judged, who sits in it, and what moves it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled

FEWEST_JUDGES, MOST_JUDGES = 1, 15
TRIMMED_NEEDS = 4


class StageMode(Labelled):
    ONLINE = "online", "网络评审"
    LIVE = "live", "现场答辩"


class StageState(Labelled):
    PLANNED = "planned", "未开始"
    JUDGING = "judging", "评审中", "wait"
    LOCKED = "locked", "成绩已锁定", "warn"
    RELEASED = "released", "已公布", "good"


class TieBreak(Labelled):
    """What decides between equal scores, one after another; who is equal to the end shares the place."""

    PREVIOUS = "previous", "上一阶段得分高者在前"
    ALL_JUDGES = "all_judges", "全部评委总分高者在前"
    CRITERIA = "criteria", "按评分项权重从高到低逐项比较"


class SeatDuty(Labelled):
    """What a judge does in a stage."""

    JUDGING = "judging", "正式评审", "good"
    STANDBY = "standby", "候补", "wait"
    SHADOW = "shadow", "见习，不计分"


def state_of(*, opened: datetime | None, locked: datetime | None, released: datetime | None) -> StageState:
    """Where a stage stands, from its moments."""
    if released is not None:
        return StageState.RELEASED
    if locked is not None:
        return StageState.LOCKED
    return StageState.JUDGING if opened is not None else StageState.PLANNED


def check_judges(*, per_entry: int, trimmed: bool) -> None:
    """A panel has judges enough for its way of counting."""
    if not FEWEST_JUDGES <= per_entry <= MOST_JUDGES:
        raise DomainError("每个项目的评委应为 1 至 15 位，请修改", field="per_entry")
    if trimmed and per_entry < TRIMMED_NEEDS:
        raise DomainError("去掉最高最低分时每个项目至少需要 4 位评委，请增加评委或改用平均分", field="per_entry")


def check_order(codes: Sequence[str], untils: Sequence[datetime], *, deadline: datetime) -> None:
    """At least one stage, no stage twice, each ends after the one before, the first after entries close."""
    if not codes:
        raise DomainError("请至少设置一个评审阶段", field="stages")
    if len(set(codes)) < len(codes):
        raise DomainError("评审阶段有重复，请删去一个", field="stages")
    if untils[0] <= deadline:
        raise DomainError("评审截止应晚于报名截止，请修改", field="judging_until")
    if any(later <= earlier for earlier, later in zip(untils, untils[1:], strict=False)):
        raise DomainError("后一阶段的评审截止应晚于前一阶段，请修改", field="judging_until")


def check_extremes(low: Decimal | None, high: Decimal | None) -> None:
    """The scores from which a comment is required lie within the scale and in order."""
    for limit in (low, high):
        if limit is not None and not 0 <= limit <= 100:
            raise DomainError("须写评语的分数线应在 0 至 100 之间", field="comment_below")
    if low is not None and high is not None and low >= high:
        raise DomainError("须写评语的低分线应低于高分线", field="comment_below")


def check_opened(opened: datetime | None) -> None:
    """What decides about scores is fixed once judging has begun."""
    if opened is not None:
        raise Conflict("本阶段评审已经开始，评分细则、权重和计分方式不能再改")


def check_later(until: datetime, *, now: datetime) -> None:
    """A stage that is opened again ends later than now."""
    if until <= now:
        raise DomainError("新的评审截止应晚于现在，请修改", field="until")
