"""Events to begin with: texts, times, groups and programme per kind, read from a reference file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from matchmaker.core.calendar import CHINA
from matchmaker.events.rules import EventKind, WaitingPolicy
from matchmaker.programme.rules.vocabulary import SessionKind


def clock_time(text: str) -> time:
    """A time of day written 09:30."""
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


@dataclass(frozen=True)
class Item:
    """One session: which day of the event (from 0), from when, how long."""

    at: time
    minutes: int
    title: str
    title_en: str = ""
    kind: SessionKind = SessionKind.OTHER
    day: int = 0
    places: int | None = None
    room: str = ""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From the file."""
        values = dict(data)
        return cls(at=clock_time(str(values.pop("at"))), kind=SessionKind(values.pop("kind", "other")), **values)

    def span(self, first_day: date) -> tuple[datetime, datetime]:
        """From when to when, in an event that begins on that day."""
        starts = datetime.combine(first_day + timedelta(days=self.day), self.at, CHINA)
        return starts, starts + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Group:
    """A group of people with the form it fills in; None where the event decides."""

    name: str
    name_en: str = ""
    form: str | None = None
    share: int | None = None
    invited_only: bool = False
    needs_approval: bool | None = None


@dataclass(frozen=True)
class Outline:
    """An event to begin with."""

    key: str
    kind: EventKind
    name: str
    hint: str
    summary: str
    description: str
    starts: time
    minutes: int
    capacity: int
    days: int = 1
    ahead: int = 21
    closes_before: int = 2
    summary_en: str = ""
    description_en: str = ""
    needs_approval: bool = False
    waiting: WaitingPolicy = WaitingPolicy.NONE
    groups: Sequence[Group] = ()
    rooms: Sequence[Mapping[str, Any]] = ()
    items: Sequence[Item] = field(default=())

    @classmethod
    def read(cls, key: str, data: Mapping[str, Any]) -> Self:
        """From the file."""
        values = dict(data)
        return cls(
            key=key,
            kind=EventKind(values.pop("kind")),
            starts=clock_time(str(values.pop("starts"))),
            waiting=WaitingPolicy(values.pop("waiting", "none")),
            groups=tuple(Group(**group) for group in values.pop("groups", ())),
            rooms=tuple(values.pop("rooms", ())),
            items=tuple(Item.read(item) for item in values.pop("items", ())),
            **values,
        )

    def times(self, first_day: date) -> tuple[datetime, datetime, datetime]:
        """Start, end and the last moment to register of an event that begins on that day."""
        starts = datetime.combine(first_day, self.starts, CHINA)
        ends = starts + timedelta(days=self.days - 1, minutes=self.minutes)
        closing = datetime.combine(first_day - timedelta(days=self.closes_before), time(18, 0), CHINA)
        return starts, ends, closing
