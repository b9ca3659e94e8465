"""Events as calendar files (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar
from icalendar import Event as Entry

from matchmaker.events.models import Event
from matchmaker.events.rules import EventState

FRESH_FOR = timedelta(hours=6)


def calendar_of(event: Event, *, url: str, now: datetime, language: str = "zh") -> bytes:
    """One event as an .ics file that calendars update by its stable UID and rising sequence."""
    return calendar([entry(event, url=url, now=now, language=language)])


def calendar(entries: Iterable[Entry], *, name: str = "") -> bytes:
    """Several entries as one file; with a name it is a calendar to subscribe to."""
    made = Calendar()
    made.add("prodid", "-//matchmaker//events//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    if name:
        made.add("x-wr-calname", name)
        made.add("refresh-interval", FRESH_FOR, parameters={"value": "DURATION"})
        made.add("x-published-ttl", "PT6H")
    for each in entries:
        made.add_component(each)
    return bytes(made.to_ical())


def entry(
    event: Event, *, url: str, now: datetime, language: str = "zh", tentative: bool = False, cancelled: bool = False
) -> Entry:
    """One event in a calendar; `tentative`: the person's place is not certain yet."""
    made = Entry()
    made.add("uid", f"event-{event.id}@matchmaker.{event.region}")
    made.add("dtstamp", now)
    made.add("last-modified", event.updated)
    made.add("sequence", event.version)
    made.add("summary", event.text_in("title", language))
    made.add("description", f"{event.text_in('summary', language)}\n{url}")
    place = (event.text_in("venue", language), event.text_in("address", language))
    made.add("location", " ".join(part for part in place if part))
    made.add("dtstart", event.starts)
    made.add("dtend", event.ends)
    made.add("url", url)
    off = cancelled or event.state is EventState.CANCELLED
    made.add("status", "CANCELLED" if off else "TENTATIVE" if tentative else "CONFIRMED")
    return made
