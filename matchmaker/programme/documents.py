"""The programme as others read it: days and times for pages and paper, data for search engines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from matchmaker.core.calendar import china_today
from matchmaker.core.i18n import local
from matchmaker.events.models import Event
from matchmaker.programme import queries
from matchmaker.programme.models import Session, Speaker
from matchmaker.programme.rules import Clash, Frame, SessionState, Slot, clashes


@dataclass(frozen=True)
class ProgrammeDay:
    """One day with its sessions in order."""

    day: date
    sessions: list[Session]


def by_day(sessions: Iterable[Session]) -> list[ProgrammeDay]:
    """Sessions under the day on which they begin, as the clock on a wall in China shows it."""
    days: dict[date, list[Session]] = {}
    for session in sessions:
        days.setdefault(china_today(session.starts), []).append(session)
    return [ProgrammeDay(day, rows) for day, rows in sorted(days.items())]


def introduced(sessions: Iterable[Session]) -> list[Speaker]:
    """The people of a programme about whom there is something to read, in the order in which they appear."""
    found = {row.speaker_id: row.speaker for session in sessions for row in session.cast}
    return [speaker for speaker in found.values() if speaker.bio or speaker.bio_en]


def slot_of(session: Session) -> Slot:
    """A session as the rules see it."""
    return Slot(
        id=session.id,
        title=local(session, "title"),
        starts=session.starts,
        ends=session.ends,
        room_id=session.room_id,
        room=local(session.room, "name") if session.room else "",
        room_capacity=session.room.capacity if session.room else None,
        people=tuple((row.speaker_id, local(row.speaker, "name")) for row in session.cast),
        places=session.pool.capacity if session.pool else None,
    )


def warnings_of(event: Event, sessions: Sequence[Session]) -> list[Clash]:
    """What does not go together on the programme of an event."""
    live = (slot_of(row) for row in sessions if row.state is not SessionState.CANCELLED)
    return clashes(live, Frame(event.starts, event.ends))


def sub_events(event: Event, *, english: bool = False) -> list[dict[str, Any]]:
    """The sessions of an event for search engines (schema.org `subEvent`)."""
    return [_sub_event(row, english=english) for row in queries.shown_sessions([event.id])]


def _sub_event(session: Session, *, english: bool) -> dict[str, Any]:
    off = session.state is SessionState.CANCELLED
    data: dict[str, Any] = {
        "@type": "Event",
        "name": (session.title_en if english else None) or session.title,
        "startDate": session.starts.isoformat(),
        "endDate": session.ends.isoformat(),
        "eventStatus": "https://schema.org/EventCancelled" if off else "https://schema.org/EventScheduled",
    }
    if session.room is not None:
        data["location"] = {"@type": "Place", "name": (session.room.name_en if english else None) or session.room.name}
    if session.cast:
        data["performer"] = [
            {"@type": "Person", "name": (row.speaker.name_en if english else None) or row.speaker.name}
            for row in session.cast
        ]
    return data
