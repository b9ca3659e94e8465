"""Calendar files: an event with its sessions, and with those one has chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, url_for
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.i18n import current_locale, local
from matchmaker.core.web import download, one_or_404, public, signed_in
from matchmaker.events import queries as events
from matchmaker.events.models import Event, Registration
from matchmaker.notifications.services import base_url
from matchmaker.programme import calendars, queries
from matchmaker.programme.models import Session
from matchmaker.programme.rules import SIGNS_UP
from matchmaker.programme.views import bp
from matchmaker.programme.views.signups import of_guest, own


def _url(event: Event) -> str:
    return base_url() + url_for("events.show", event_id=event.id)


def _entries(event: Event, sessions: Sequence[Session]) -> list[Any]:
    return calendars.whole(event, sessions, url=_url(event), now=clock.now(), language=current_locale())


def _file(entries: list[Any], *, name: str) -> Response:
    return download(calendars.calendar_file(entries, name=name), filename=f"{name}.ics", mimetype="text/calendar")


@bp.get("/events/<int:event_id>/calendar.ics")
@public
def event_calendar(event_id: int) -> Any:
    """An event with all its sessions."""
    event = one_or_404(events.visible_to(current_user).where(Event.id == event_id))
    return _file(_entries(event, queries.shown_sessions([event_id])), name=local(event, "title"))


@bp.get("/registrations/<int:registration_id>/calendar.ics")
@signed_in
def registration_calendar(registration_id: int) -> Any:
    """An event with the sessions one takes part in."""
    row = own(registration_id)
    return _file(_of_registrations([row]), name=local(row.event, "title"))


@bp.get("/r/<link>/calendar.ics")
@public  # the signed link is the key to one registration
def guest_calendar(link: str) -> Any:
    """The same for a guest."""
    row = of_guest(link)
    return _file(_of_registrations([row]), name=local(row.event, "title"))


def _of_registrations(registrations: Sequence[Registration]) -> list[Any]:
    """Each event with the sessions for all and those chosen."""
    language, now = current_locale(), clock.now()
    mine = taken_by(registrations, language)
    entries: list[Any] = []
    for row in registrations:
        entries.append(calendars.event_entry(row.event, url=_url(row.event), now=now, language=language))
        entries += mine.get(row.id, ())
    return entries


def session_entries(registrations: Sequence[Registration], language: str) -> list[Any]:
    """The sessions that people take part in, for the calendar of their registrations."""
    return [part for parts in taken_by(registrations, language).values() for part in parts]


def taken_by(registrations: Sequence[Registration], language: str) -> dict[int, list[Any]]:
    """Registration → calendar entries of the sessions it takes part in; each session once."""
    sessions = queries.shown_sessions({row.event_id for row in registrations})
    chosen = queries.chosen_sessions([row.id for row in registrations])
    given: set[int] = set()
    found: dict[int, list[Any]] = {}
    for row in registrations:
        if row.state not in SIGNS_UP:
            continue
        own = chosen.get(row.id, set())
        taken = [s for s in sessions if s.event_id == row.event_id and (s.pool_id is None or s.id in own)]
        how: dict[str, Any] = {"url": _url(row.event), "now": clock.now(), "language": language}
        found[row.id] = [calendars.session_entry(s, row.event, **how) for s in taken if s.id not in given]
        given |= {s.id for s in taken}
    return found
