"""A person's sessions and visits as a calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar
from icalendar import Event as Entry

FRESH_FOR = timedelta(hours=6)


def calendar_of(entries: Iterable[Any], *, name: str, now: datetime) -> bytes:
    """A calendar to subscribe to: entries keep their UID and raise their sequence."""
    made = Calendar()
    made.add("prodid", "-//matchmaker//rosters//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", FRESH_FOR, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    for each in entries:
        entry = Entry()
        entry.add("uid", each.uid)
        entry.add("dtstamp", now)
        entry.add("last-modified", each.updated)
        entry.add("sequence", each.sequence)
        entry.add("summary", each.title)
        entry.add("description", each.url)
        entry.add("location", each.place)
        entry.add("dtstart", each.starts)
        entry.add("dtend", each.ends)
        entry.add("url", each.url)
        entry.add("status", "CANCELLED" if each.cancelled else "TENTATIVE" if each.tentative else "CONFIRMED")
        made.add_component(entry)
    return bytes(made.to_ical())
