"""How a survey runs, who may still answer, and what its results may show."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.questionnaires.rules.definition import UPLOADS, Definition, Field

FEWEST = 5  # fewer answers are not broken down
OPENS = 60  # minutes after the event's end
CLOSES = 14 * 24 * 60
LATEST = 90 * 24 * 60
REMIND_BEFORE_END = timedelta(days=2)
Group = TypeVar("Group", bound=Hashable)


class SurveyState(Labelled):
    """How a survey stands. That it waits or is over is computed from the clock."""

    DRAFT = "draft", "未启用", "neutral"
    PLANNED = "planned", "待发放", "wait"
    OPEN = "open", "填写中", "good"
    CLOSED = "closed", "已结束", "neutral"


def standing(state: SurveyState, *, opens_at: datetime, closes_at: datetime, now: datetime) -> SurveyState:
    """How a survey stands at that moment: one that was started runs between its times."""
    if state is not SurveyState.OPEN:
        return state
    if now < opens_at:
        return SurveyState.PLANNED
    return SurveyState.OPEN if now < closes_at else SurveyState.CLOSED


def check_times(*, opens: int, closes: int) -> None:
    """A survey opens after the event, and stays open for some time."""
    if not 0 <= opens <= LATEST:
        raise DomainError("发放时间应在活动结束后 90 天之内", field="opens_hours")
    if not opens < closes <= opens + LATEST:
        raise DomainError("填写期限应在 1 到 90 天之间", field="days")


def check_open(state: SurveyState) -> None:
    """Refuse an answer out of time."""
    if state in {SurveyState.DRAFT, SurveyState.PLANNED}:
        raise Conflict("问卷还没有开放，请在活动结束后再来")
    if state is SurveyState.CLOSED:
        raise Conflict("问卷已结束，谢谢您的关注")


def check_changeable(*, answered: int) -> None:
    """Whether answers carry a name is promised before the first answer, and kept."""
    if answered:
        raise DomainError("已有人回答，不能再改为匿名或实名", field="anonymous")


def check_questions(definition: Definition, *, anonymous: bool) -> None:
    """A survey asks something, an anonymous one not who answers."""
    if not definition.for_registrants().fields:
        raise DomainError("问卷还没有题目，请先加题目")
    labels = "、".join(field.label for field in forbidden(definition, anonymous=anonymous))[:200]
    if labels and anonymous:
        raise DomainError("匿名调查不能询问个人信息或上传文件，请删去：{labels}", labels=labels)
    if labels:
        raise DomainError("满意度调查不能上传文件，请删去：{labels}", labels=labels)


def remind_at(*, opens_at: datetime, closes_at: datetime) -> datetime:
    """When the silent are asked once more: two days before the end, of short surveys after half their time."""
    return max(closes_at - REMIND_BEFORE_END, opens_at + (closes_at - opens_at) / 2)


def shown_groups(counts: Mapping[Group, int], *, fewest: int = FEWEST) -> set[Group]:
    """The groups that may be shown beside the total: none with fewer answers than `fewest`, and what is left out
    is nothing, or together at least as many, so that no subtraction reveals a small group."""
    shown = {group for group, n in counts.items() if n >= fewest}
    while shown:
        hidden = sum(n for group, n in counts.items() if group not in shown)
        if hidden == 0 or hidden >= fewest:
            break
        shown.discard(min(shown, key=lambda group: (counts[group], str(group))))
    return shown


def share(part: int, whole: int) -> Decimal | None:
    """A share in percent with one decimal; None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def mean(values: Iterable[Decimal | int]) -> Decimal | None:
    """The mean with two decimals; None of nothing."""
    given = [Decimal(value) for value in values]
    return (sum(given, Decimal(0)) / len(given)).quantize(Decimal("0.01"), ROUND_HALF_UP) if given else None


def forbidden(definition: Definition, *, anonymous: bool) -> list[Field]:
    """The questions that a survey does not ask: files, and what says who answers where nobody is to know."""
    return [f for f in definition.fields if f.kind in UPLOADS or (anonymous and f.is_personal)]
