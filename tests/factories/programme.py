"""Sessions, rooms, speakers and series of events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.core.calendar import wall_time
from matchmaker.core.db import transaction
from matchmaker.events.models import Event, EventSeries
from matchmaker.programme.models import Room, Session, Speaker
from matchmaker.programme.rules import SessionKind, SessionState
from matchmaker.programme.services import people, planning, series


def a_session(event: Event, *, actor: Any, after: int = 0, minutes: int = 60, **values: Any) -> Session:
    """A confirmed session that begins `after` minutes after the event."""
    given = {
        "title": "产业政策解读",
        "kind": SessionKind.TALK,
        "state": SessionState.CONFIRMED,
        "starts": event.starts + timedelta(minutes=after),
        "ends": event.starts + timedelta(minutes=after + minutes),
        **values,
    }
    with transaction():
        return planning.add(event, actor=actor, **given)


def a_room(event: Event, *, actor: Any, name: str = "一号厅", capacity: int | None = None) -> Room:
    """A room."""
    with transaction():
        return people.keep_room(event, actor=actor, name=name, name_en="Hall 1", capacity=capacity)


def a_speaker(event: Event, *, actor: Any, name: str = "艾力", **values: Any) -> Speaker:
    """A speaker."""
    with transaction():
        return people.keep_speaker(event, actor=actor, name=name, **values)


def a_series(event: Event, *, actor: Any, weeks: int = 2) -> EventSeries:
    """A series of an event and drafts of it, one a week."""
    first = wall_time(event.starts).date()
    days = [first + timedelta(weeks=n) for n in range(1, weeks + 1)]
    with transaction():
        made = series.repeat(event, actor=actor, days=days, title="月度沙龙")
    found: EventSeries = made[0].series
    return found
