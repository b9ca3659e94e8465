"""What must hold for each step of an event and a registration."""

from __future__ import annotations

from datetime import datetime

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.transitions import check_step
from matchmaker.events.rules.vocabulary import (
    EVENT_STEPS,
    REGISTRATION_STEPS,
    EventState,
    RegistrationState,
)

LARGEST_CAPACITY = 100_000


def check_event_step(now_state: EventState, target: EventState) -> None:
    """Refuse a step that the table does not have."""
    check_step(EVENT_STEPS, now_state, target)


def check_registration_step(now_state: RegistrationState, target: RegistrationState) -> None:
    """Refuse a step that the table does not have."""
    check_step(REGISTRATION_STEPS, now_state, target)


def check_times(*, starts: datetime, ends: datetime, deadline: datetime) -> None:
    """An event ends after it starts, and registration closes before it ends."""
    if ends <= starts:
        raise DomainError("结束时间应晚于开始时间", field="ends")
    if deadline > ends:
        raise DomainError("报名截止时间不能晚于活动结束时间", field="deadline")


def check_capacity(capacity: int, *, used: int = 0) -> None:
    """A capacity is at least one and at least what is already taken."""
    if not 1 <= capacity <= LARGEST_CAPACITY:
        raise DomainError("名额应在 1 到 {most} 之间", field="capacity", most=LARGEST_CAPACITY)
    if capacity < used:
        raise DomainError("已有 {used} 人占用名额，名额不能少于这个数", field="capacity", used=used)


def check_event_live(state: EventState) -> None:
    """Nobody is added to an event that was called off."""
    if state is EventState.CANCELLED:
        raise Conflict("活动已取消，不能再增加报名")


def check_publishable(*, deadline: datetime, now: datetime) -> None:
    """An event is published while people can still register."""
    if deadline <= now:
        raise DomainError("报名截止时间已过，请先改到将来再发布", field="deadline")


def is_open(*, state: EventState, deadline: datetime, now: datetime, opens: datetime | None = None) -> bool:
    """May people register now? The moment of the deadline itself still counts."""
    return state is EventState.PUBLISHED and now <= deadline and (opens is None or now >= opens)


def check_open(*, state: EventState, deadline: datetime, now: datetime, opens: datetime | None = None) -> None:
    """Refuse a registration that comes too early or too late."""
    if state is EventState.CANCELLED:
        raise Conflict("活动已取消，不再接受报名")
    if state is not EventState.PUBLISHED:
        raise Conflict("活动尚未发布，暂不能报名")
    if opens is not None and now < opens:
        raise Conflict("报名还没有开始，请在开始时间后再来")
    if now > deadline:
        raise Conflict("报名已截止；如需参加请联系主办方")


def check_withdrawable(*, starts: datetime, now: datetime) -> None:
    """A registration can be withdrawn until the event starts."""
    if now >= starts:
        raise Conflict("活动已开始，不能撤回；请联系主办方说明情况")


def check_editable(*, state: RegistrationState, starts: datetime, now: datetime) -> None:
    """Answers and people may change while the registration lives and the event has not started."""
    if state not in {
        RegistrationState.DRAFT,
        RegistrationState.SUBMITTED,
        RegistrationState.APPROVED,
        RegistrationState.WAITING,
        RegistrationState.OFFERED,
    }:
        raise Conflict("这条报名已经结束，不能再修改；如需参加请重新报名")
    if now >= starts:
        raise Conflict("活动已开始，不能修改；请联系主办方")


def check_reason(reason: str, *, field: str = "reason") -> str:
    """A rejection says why."""
    reason = reason.strip()
    if not reason:
        raise DomainError("请写明理由，报名人会收到", field=field)
    return reason[:500]


def check_internal_reason(reason: str, *, field: str = "reason") -> str:
    """A step out of the ordinary says why, for the record."""
    reason = reason.strip()
    if not reason:
        raise DomainError("请写明理由，会记入操作记录", field=field)
    return reason[:500]
