"""What the programme puts into pages of events: the timetable for everybody, the own sessions, ways to copy."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.events import access as events
from matchmaker.events.models import Event, Registration
from matchmaker.programme import access, documents, queries
from matchmaker.programme.rules import SIGNS_UP
from matchmaker.programme.services import signups


def timetable(_viewer: Any, event: Event) -> dict[str, Any] | None:
    """The programme on the public page."""
    sessions = queries.shown_sessions([event.id])
    if not sessions and event.series_id is None:
        return None
    return {"days": documents.by_day(sessions), "people": documents.introduced(sessions), "event": event}


def own_sessions(viewer: Any, registration: Registration) -> dict[str, Any] | None:
    """The sessions of a registration, on its page: chosen ones, and whether there is something to choose."""
    offered = [row for row in queries.shown_sessions([registration.event_id]) if row.needs_signup]
    if not offered:
        return None
    chosen = queries.chosen_sessions([registration.id]).get(registration.id, set())
    guest = not viewer.is_authenticated
    mine = guest or access.may_choose(viewer, registration)
    return {
        "registration": registration,
        "sessions": [row for row in offered if row.id in chosen],
        "mine": mine and registration.standing_at(clock.now()) in SIGNS_UP,
        "link": signups.link_of(registration) if guest else None,
    }


def machine_data(event: Event, language: str) -> dict[str, Any]:
    """What search engines are told of the programme."""
    sessions = documents.sub_events(event, english=language == "en")
    return {"subEvent": sessions} if sessions else {}


def copying(viewer: Any, event: Event) -> dict[str, Any] | None:
    """Ways to make more events from this one, on its management page."""
    return {"event": event} if events.may_manage(viewer, event) else None


def step(_viewer: Any, event: Event) -> dict[str, Any]:
    """The programme among the preparations of an event."""
    number = len(queries.sessions_of(event.id))
    return {
        "title": _("日程"),
        "done": number > 0,
        "hint": _("%(num)d 个环节", num=number) if number else "",
        "url": url_for("programme.plan", event_id=event.id),
        "optional": True,
    }
