"""The law of sessions: which times are free, who may confirm and rate, what counts, how many tenants a mentor bears."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from matchmaker.core.calendar import CHINA
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.labels import Labelled
from matchmaker.rosters.rules import SessionState, Term

CELL = timedelta(minutes=15)
HORIZON = timedelta(days=28)  # how far ahead times are offered
LEAD = timedelta(hours=2)  # not at once: the mentor has to see it
SLOT_LENGTHS = (30, 45, 60, 90)
HOLDING = frozenset({SessionState.BOOKED, SessionState.CONFIRMED})
HAPPENED = frozenset({SessionState.DONE, SessionState.RATED})
MOST_OPEN = 3  # sessions a client may have open with one mentor


class Weekday(Labelled):
    """A day of the week."""

    MONDAY = "0", "星期一"
    TUESDAY = "1", "星期二"
    WEDNESDAY = "2", "星期三"
    THURSDAY = "3", "星期四"
    FRIDAY = "4", "星期五"
    SATURDAY = "5", "星期六"
    SUNDAY = "6", "星期日"


@dataclass(frozen=True, slots=True)
class Window:
    """A weekly time: minutes of the day in Beijing, cut into slots."""

    weekday: int
    starts_minute: int
    ends_minute: int
    slot_minutes: int
    place: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked."""

    starts: datetime
    ends: datetime
    place: str


def check_window(window: Window, others: Iterable[Window]) -> None:
    """A window holds at least one slot, lies on quarters of an hour and does not overlap another of that day."""
    if window.slot_minutes not in SLOT_LENGTHS:
        raise DomainError("每次时长应为 30、45、60 或 90 分钟", field="slot_minutes")
    if window.starts_minute % 15 or window.ends_minute % 15:
        raise DomainError("时间应为整刻钟，例如 9:00、9:15", field="starts")
    if window.ends_minute - window.starts_minute < window.slot_minutes:
        raise DomainError("结束时间应晚于开始时间，并至少容纳一次辅导", field="ends")
    if not window.place.strip():
        raise DomainError("请填写地点；线上请写会议方式", field="place")
    for other in others:
        if other.weekday == window.weekday and (
            window.starts_minute < other.ends_minute and other.starts_minute < window.ends_minute
        ):
            raise DomainError("与已有的可预约时间重叠，请调整", field="starts")


def cells(starts: datetime, ends: datetime) -> list[datetime]:
    """The quarters of an hour that a session touches."""
    first = datetime.fromtimestamp(int(starts.timestamp()) // 900 * 900, tz=starts.tzinfo)
    found = []
    while first < ends:
        found.append(first)
        first += CELL
    return found


def free_slots(
    windows: Sequence[Window], *, days_off: Iterable[date], taken: Iterable[datetime], term: Term, now: datetime
) -> list[Slot]:
    """The times that can be booked from now on, in order."""
    off, held = set(days_off), {moment.timestamp() for moment in taken}
    today = now.astimezone(CHINA).date()
    found = []
    for ahead in range(HORIZON.days + 1):
        day = today + timedelta(days=ahead)
        if day in off or not term.live_on(day):
            continue
        for window in sorted((w for w in windows if w.weekday == day.weekday()), key=lambda w: w.starts_minute):
            found += [
                slot
                for slot in _slots_of(window, day)
                if slot.starts >= now + LEAD
                and not any(cell.timestamp() in held for cell in cells(slot.starts, slot.ends))
            ]
    return found


def _slots_of(window: Window, day: date) -> list[Slot]:
    midnight = datetime.combine(day, time(), tzinfo=CHINA)
    starts = range(window.starts_minute, window.ends_minute - window.slot_minutes + 1, window.slot_minutes)
    length = timedelta(minutes=window.slot_minutes)
    moments = [midnight + timedelta(minutes=minute) for minute in starts]
    return [Slot(moment, moment + length, window.place) for moment in moments]


def check_topic(topic: str) -> None:
    """A mentor wants to know what it is about."""
    if len(topic.strip()) < 10:
        raise DomainError("请写明想谈什么、遇到什么困难，至少 10 个字", field="topic")


def check_parties(*, mentor_user: int | None, actor: int, firm_ids: frozenset[int], client: int | None) -> None:
    """Nobody books themselves, nor the mentor of one's own firm."""
    if mentor_user is not None and mentor_user == actor:
        raise NotPermitted("不能预约自己")
    if client is not None and client in firm_ids:
        raise DomainError("导师是本单位的人员，不能作为外部辅导预约", field="client")


def check_done(*, state: SessionState, starts: datetime, now: datetime, minutes: int, booked_minutes: int) -> None:
    """A session is reported after it began, with as many minutes as are plausible."""
    if state is not SessionState.CONFIRMED:
        raise Conflict("导师确认过的预约才能登记完成")
    if now < starts:
        raise DomainError("辅导还没有开始，结束后再登记", field="minutes")
    if not 1 <= minutes <= max(booked_minutes * 3, 240):
        raise DomainError("时长应在 1 到 {most} 分钟之间，请核对", field="minutes", most=max(booked_minutes * 3, 240))
    if now < starts + timedelta(minutes=minutes):
        raise DomainError("按填写的时长辅导还没有结束，请结束后再登记", field="minutes")


def check_no_show(*, state: SessionState, starts: datetime, now: datetime) -> None:
    """Nobody is absent before the time."""
    if state is not SessionState.CONFIRMED or now < starts + CELL:
        raise Conflict("约定时间过后一刻钟才能登记爽约")


def ratio(tenants: int, mentors: int) -> Fraction | None:
    """Tenants a mentor; None: tenants, but nobody to look after them."""
    if tenants == 0:
        return Fraction(0)
    return Fraction(tenants, mentors) if mentors else None
