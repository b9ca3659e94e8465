"""Events and their sessions as calendar files (RFC 5545): of one event, one person, one series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from icalendar import Calendar
from icalendar import Event as Entry

from matchmaker.core.i18n import in_language
from matchmaker.events.models import Event
from matchmaker.events.rules import EventState
from matchmaker.programme.models import Session
from matchmaker.programme.rules import SessionState


def event_entry(event: Event, *, url: str, now: datetime, language: str = "zh") -> Entry:
    """An event; the same one in every file, so that calendars keep one of it."""
    title, summary, venue, address = (
        event.text_in(field, language) for field in ("title", "summary", "venue", "address")
    )
    entry = _entry(f"event-{event.id}@matchmaker.{event.region}", title, event.version, url=url, now=now)
    entry.add("description", f"{summary}\n{url}")
    entry.add("location", " ".join(part for part in (venue, address) if part))
    entry.add("dtstart", event.starts)
    entry.add("dtend", event.ends)
    entry.add("status", "CANCELLED" if event.state is EventState.CANCELLED else "CONFIRMED")
    return entry


def session_entry(session: Session, event: Event, *, url: str, now: datetime, language: str = "zh") -> Entry:
    """One session of an event."""
    title = in_language(session, "title", language)
    entry = _entry(f"session-{session.id}@matchmaker.{event.region}", title, session.version, url=url, now=now)
    names = (", " if language == "en" else "、").join(
        in_language(row.speaker, "name", language) for row in session.cast
    )
    about = (event.text_in("title", language), names, in_language(session, "abstract", language), url)
    entry.add("description", "\n".join(part for part in about if part))
    room = in_language(session.room, "name", language) if session.room else ""
    entry.add("location", " ".join(part for part in (event.text_in("venue", language), room) if part))
    entry.add("dtstart", session.starts)
    entry.add("dtend", session.ends)
    off = session.state is SessionState.CANCELLED or event.state is EventState.CANCELLED
    entry.add("status", "CANCELLED" if off else "CONFIRMED")
    return entry


def _entry(uid: str, title: str, version: int, *, url: str, now: datetime) -> Entry:
    entry = Entry()
    entry.add("uid", uid)
    entry.add("dtstamp", now)
    entry.add("sequence", version)
    entry.add("summary", title)
    entry.add("url", url)
    return entry


def calendar_file(entries: Iterable[Entry], *, name: str) -> bytes:
    """Entries as one file; programs that subscribe ask again after some hours."""
    calendar = Calendar()
    calendar.add("prodid", "-//matchmaker//programme//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", "PT4H")
    for entry in entries:
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def whole(event: Event, sessions: Sequence[Session], *, url: str, now: datetime, language: str = "zh") -> list[Entry]:
    """An event with these sessions of it."""
    own = [row for row in sessions if row.event_id == event.id]
    return [
        event_entry(event, url=url, now=now, language=language),
        *(session_entry(session, event, url=url, now=now, language=language) for session in own),
    ]
