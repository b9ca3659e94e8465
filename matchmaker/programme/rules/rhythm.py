"""When a series takes place again: by a rhythm or by days typed one by one."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from matchmaker.core.calendar import WorkCalendar, add_months, parse_day
from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled

MOST_TIMES = 60
CHANGEABLE = ("title", "summary", "description", "venue", "address", "contact")  # texts a series may change at once
_BETWEEN = re.compile(r"[\s,，、;；]+")


class Rhythm(Labelled):
    """How often."""

    WEEKLY = "weekly", "每周"
    FORTNIGHTLY = "fortnightly", "每两周"
    MONTHLY_DAY = "monthly_day", "每月同一天（没有这一天的月份取月末）"
    MONTHLY_WEEKDAY = "monthly_weekday", "每月同一个星期几（例如第二个周五）"
    DAYS = "days", "逐个填写日期"


class DayNote(Labelled):
    """What to think of before a day is fixed."""

    HOLIDAY = "holiday", "法定节假日", "bad"
    WEEKEND = "weekend", "周末", "warn"
    MAKE_UP = "make_up", "调休上班日", "neutral"
    UNKNOWN = "unknown", "该年放假安排尚未公布", "neutral"


@dataclass(frozen=True)
class Proposal:
    """A day of the series with what there is to know about it."""

    day: date
    notes: tuple[DayNote, ...]


def days(first: date, rhythm: Rhythm, *, times: int = 0, typed: str = "") -> list[date]:
    """The days after `first` on which the series takes place; `times` counts them, `typed` lists them."""
    if rhythm is Rhythm.DAYS:
        return _typed(first, typed)
    if not 1 <= times <= MOST_TIMES:
        raise DomainError("次数应在 1 到 {most} 之间", field="times", most=MOST_TIMES)
    return [_nth(first, rhythm, n) for n in range(1, times + 1)]


def _nth(first: date, rhythm: Rhythm, n: int) -> date:
    if rhythm is Rhythm.WEEKLY:
        return first + timedelta(weeks=n)
    if rhythm is Rhythm.FORTNIGHTLY:
        return first + timedelta(weeks=2 * n)
    if rhythm is Rhythm.MONTHLY_DAY:
        return add_months(first, n)
    return _same_weekday(first, add_months(first.replace(day=1), n))


def _same_weekday(first: date, month: date) -> date:
    """The day of `month` with the same weekday and place in its month; a fifth that does not exist is the last."""
    nth = (first.day - 1) // 7
    start = month.replace(day=1)
    day = 1 + (first.weekday() - start.weekday()) % 7 + 7 * nth
    while day > calendar.monthrange(month.year, month.month)[1]:
        day -= 7
    return month.replace(day=day)


def _typed(first: date, text: str) -> list[date]:
    parts = [part for part in _BETWEEN.split(text.strip()) if part]
    found = sorted({parse_day(part, field="typed") for part in parts} - {first})
    if not found:
        raise DomainError("请填写至少一个日期，每行一个", field="typed")
    if len(found) > MOST_TIMES:
        raise DomainError("次数应在 1 到 {most} 之间", field="typed", most=MOST_TIMES)
    return found


def proposals(chosen: list[date], working: WorkCalendar) -> list[Proposal]:
    """The days with their notes."""
    return [Proposal(day, tuple(_notes(day, working))) for day in chosen]


def _notes(day: date, working: WorkCalendar) -> list[DayNote]:
    notes = []
    if day in working.days_off:
        notes.append(DayNote.HOLIDAY)
    elif day in working.make_up_days:
        notes.append(DayNote.MAKE_UP)
    elif day.weekday() >= 5:
        notes.append(DayNote.WEEKEND)
    if not working.is_published(day):
        notes.append(DayNote.UNKNOWN)
    return notes
