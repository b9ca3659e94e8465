"""The law of visits: who may confirm, which count. What a visit may be stands in `rosters.rules.check_visit`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.folding import digits, fold
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step

LINK_DAYS = timedelta(days=14)
LATEST = timedelta(days=30)  # how long after a visit it may be entered


ALIKE = 8  # of 64 bits: a re-saved or resized photo differs in a few, another scene in about half
FEWEST_EDGES = 6  # of 64 bits: a blank wall has none, and every blank wall looks like every other


class VisitState(Labelled):
    """How far a visit has come."""

    WAITING = "waiting", "待企业确认", "wait"
    CONFIRMED = "confirmed", "已确认", "good"
    DISPUTED = "disputed", "企业不认可", "bad"
    RETRACTED = "retracted", "已撤回"


STEPS = {
    VisitState.WAITING: frozenset({VisitState.CONFIRMED, VisitState.DISPUTED, VisitState.RETRACTED}),
    VisitState.CONFIRMED: frozenset[VisitState](),
    VisitState.DISPUTED: frozenset[VisitState](),
    VisitState.RETRACTED: frozenset[VisitState](),
}
TAKES_TIME = frozenset({VisitState.WAITING, VisitState.CONFIRMED})


class ResultKind(Labelled):
    """What came of the service."""

    PROJECT = "project", "合作项目"
    CONTRACT = "contract", "技术合同"
    PATENT = "patent", "知识产权"
    TRAINING = "training", "人才培训"
    OTHER = "other", "其他成效"


@dataclass(frozen=True, slots=True)
class Confirmer:
    """Who says for the host that the visit took place."""

    name: str
    user_id: int | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """Somebody close to the envoy, as declared."""

    name: str
    phone: str = ""


def check_transition(current: VisitState, target: VisitState) -> None:
    """Raise Conflict when a visit cannot take this step."""
    check_step(STEPS, current, target)


def check_recent(*, ends: date, today: date) -> None:
    """A visit is entered while people remember it."""
    if today - ends > LATEST:
        raise DomainError("服务结束已超过 {n} 天，不能补登；请联系科技局经办人", field="starts", n=LATEST.days)


def check_confirmer(
    who: Confirmer,
    *,
    envoy_user: int | None,
    envoy_name: str,
    envoy_phone: str,
    close: Iterable[Close],
    unrelated: bool,
) -> None:
    """Not the envoy, nobody close to the envoy, and somebody who says so."""
    if len(who.name.strip()) < 2:
        raise DomainError("请填写您的姓名", field="name")
    phone = digits(who.phone)
    same_name = fold(who.name) == fold(envoy_name)
    if (who.user_id and who.user_id == envoy_user) or same_name or (phone and phone == digits(envoy_phone)):
        raise NotPermitted("特派员不能确认自己的服务，请由企业其他人员确认")
    for each in close:
        if fold(each.name) == fold(who.name) or (phone and phone == digits(each.phone)):
            raise NotPermitted("特派员的亲属不能确认，请由企业其他人员确认")
    if not unrelated:
        raise DomainError("请声明与特派员没有亲属关系；有亲属关系的，请由企业其他人员确认", field="unrelated")


def check_link(*, expires: date | None, today: date) -> None:
    """A link is worth nothing after its last day."""
    if expires is None or today > expires:
        raise Conflict("这个链接已过期，请联系特派员或科技局重新发送")


def distance(one: str, other: str) -> int:
    """In how many of their 64 bits two likenesses differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def tells_anything(likeness: str | None) -> bool:
    """Is there enough drawing in the picture to compare it with others?"""
    return bool(likeness) and FEWEST_EDGES <= int(likeness or "0", 16).bit_count() <= 64 - FEWEST_EDGES
