"""Events as calendar files (RFC 5545)."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar
from icalendar import Event as Entry

from matchmaker.events.models import Event
from matchmaker.events.rules import EventState


def calendar_of(event: Event, *, url: str, now: datetime) -> bytes:
    """One event as an .ics file that calendars update by its stable UID and rising sequence."""
    entry = Entry()
    entry.add("uid", f"event-{event.id}@matchmaker.{event.region}")
    entry.add("dtstamp", now)
    entry.add("sequence", event.version)
    entry.add("summary", event.title)
    entry.add("description", f"{event.summary}\n{url}")
    entry.add("location", " ".join(part for part in (event.venue, event.address) if part))
    entry.add("dtstart", event.starts)
    entry.add("dtend", event.ends)
    entry.add("url", url)
    entry.add("status", "CANCELLED" if event.state is EventState.CANCELLED else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//matchmaker//events//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
