"""States of events and registrations, and what must hold for each step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from matchmaker.core import folding
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.transitions import check_step


class EventKind(Labelled):
    """What kind of event it is."""

    PROMOTION = "promotion", "招商对接会"
    ROADSHOW = "roadshow", "项目路演"
    TRAINING = "training", "培训"
    SALON = "salon", "沙龙"
    EXHIBITION = "exhibition", "参展"
    OTHER = "other", "其他活动"


class EventState(Labelled):
    """How far an event has come. Whether registration is open is computed from the clock, never stored."""

    DRAFT = "draft", "草稿", "neutral"
    PUBLISHED = "published", "已发布", "good"
    CANCELLED = "cancelled", "已取消", "bad"


class RegistrationState(Labelled):
    """How a registration stands."""

    SUBMITTED = "submitted", "待审核", "wait"
    APPROVED = "approved", "已通过", "good"
    REJECTED = "rejected", "未通过", "bad"
    WITHDRAWN = "withdrawn", "已撤回", "neutral"
    CANCELLED = "cancelled", "活动取消", "neutral"


LIVE = (RegistrationState.SUBMITTED, RegistrationState.APPROVED)  # these hold seats

EVENT_STEPS: dict[EventState, set[EventState]] = {
    EventState.DRAFT: {EventState.PUBLISHED, EventState.CANCELLED},
    EventState.PUBLISHED: {EventState.CANCELLED, EventState.DRAFT},
    EventState.CANCELLED: set(),
}
REGISTRATION_STEPS: dict[RegistrationState, set[RegistrationState]] = {
    RegistrationState.SUBMITTED: {
        RegistrationState.APPROVED,
        RegistrationState.REJECTED,
        RegistrationState.WITHDRAWN,
        RegistrationState.CANCELLED,
    },
    RegistrationState.APPROVED: {
        RegistrationState.SUBMITTED,  # undo of an approval
        RegistrationState.REJECTED,
        RegistrationState.WITHDRAWN,
        RegistrationState.CANCELLED,
    },
    RegistrationState.REJECTED: {RegistrationState.SUBMITTED},  # undo of a rejection claims the seats again
    RegistrationState.WITHDRAWN: set(),
    RegistrationState.CANCELLED: set(),
}


@dataclass(frozen=True)
class AttendeeLine:
    """One person who comes."""

    name: str
    phone: str


LARGEST_PARTY = 50
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


def check_publishable(*, deadline: datetime, now: datetime) -> None:
    """An event is published while people can still register."""
    if deadline <= now:
        raise DomainError("报名截止时间已过，请先改到将来再发布", field="deadline")


def is_open(*, state: EventState, deadline: datetime, now: datetime) -> bool:
    """May people register now? The moment of the deadline itself still counts."""
    return state is EventState.PUBLISHED and now <= deadline


def check_open(*, state: EventState, deadline: datetime, now: datetime) -> None:
    """Refuse a registration that comes too early or too late."""
    if state is EventState.CANCELLED:
        raise Conflict("活动已取消，不再接受报名")
    if state is not EventState.PUBLISHED:
        raise Conflict("活动尚未发布，暂不能报名")
    if now > deadline:
        raise Conflict("报名已截止；如需参加请联系主办方")


def check_withdrawable(*, starts: datetime, now: datetime) -> None:
    """A registration can be withdrawn until the event starts."""
    if now >= starts:
        raise Conflict("活动已开始，不能撤回；请联系主办方说明情况")


def check_reason(reason: str) -> str:
    """A rejection says why."""
    reason = reason.strip()
    if not reason:
        raise DomainError("请写明理由，报名人会收到", field="reason")
    return reason[:500]


PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}")
LINE = re.compile(r"(?P<name>[^\d,，、;；\t]+?)[\s,，;；、:：]*(?P<phone>[\d+＋\-－\s()（）]*)")


def attendees_of(text: str, *, most: int = LARGEST_PARTY) -> list[AttendeeLine]:
    """Read "one person a line: name, phone"; the phone may be missing. Raises DomainError naming the line."""
    people = [_attendee(line, number) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not people:
        raise DomainError("请至少填写一位参会人，每行一位", field="attendees")
    if len(people) > most:
        raise DomainError("一次最多报 {most} 人，现有 {n} 人", field="attendees", most=most, n=len(people))
    names = [(p.name, p.phone) for p in people]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise DomainError("“{name}”填了两次，请删去一行", field="attendees", name=doubled[0])
    return people


def _attendee(line: str, number: int) -> AttendeeLine:
    read = LINE.fullmatch(folding.clean_text(line))
    if read is None or len(read["name"]) > 60:
        raise DomainError("第 {n} 行看不明白，请写成“姓名，手机号”，每行一位", field="attendees", n=number)
    phone = "".join(char for char in folding.digits(read["phone"]) if char.isdigit())
    if phone and not PHONE.fullmatch(phone):
        raise DomainError("第 {n} 行的电话不对，应为 11 位手机号，或留空", field="attendees", n=number)
    return AttendeeLine(read["name"].strip(), phone)
