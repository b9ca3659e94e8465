"""What events put on the desks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import local
from matchmaker.events import queries
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import LIVE, EventState, RegistrationState


def waiting_for_organiser(viewer: Any) -> Sequence[DeskItem]:
    """Events with registrations that wait for a decision, the next event first."""
    statement = (
        sa.select(Event.id, Event.title, Event.title_en, Event.starts, sa.func.count(Registration.id))
        .join(Registration, Registration.event_id == Event.id)
        .where(Event.id.in_(queries.managed_by(viewer).with_only_columns(Event.id)))
        .where(Registration.state == RegistrationState.SUBMITTED, Event.state == EventState.PUBLISHED)
        .group_by(Event.id, Event.title, Event.title_en, Event.starts)
        .order_by(Event.starts, Event.id)
        .limit(8)
    )
    now = clock.now()
    return [
        DeskItem(
            _("“%(title)s”有报名待审核", title=local(row, "title")),
            url_for("events.manage", event_id=row.id, state="submitted"),
            count=row[-1],
            due=row.starts,
            late=row.starts < now,
        )
        for row in db.session.execute(statement)
    ]


def on_the_team(viewer: Any) -> Sequence[DeskItem]:
    """The events on whose team a person is, whatever their role elsewhere."""
    found: dict[int, tuple[Event, list[str]]] = {}
    for event, duty in db.session.execute(queries.team_events(viewer, clock.now()).limit(24)).unique():
        found.setdefault(event.id, (event, []))[1].append(_(duty.label))
    return [
        DeskItem(
            _("%(title)s（%(note)s）", title=local(event, "title"), note=_("、").join(dict.fromkeys(duties))),
            url_for("events.overview", event_id=event.id),
            due=event.starts,
        )
        for event, duties in list(found.values())[:8]
    ]


def coming_for_participant(viewer: Any) -> Sequence[DeskItem]:
    """One's own live registrations of events to come."""
    statement = (
        queries.own_registrations(viewer)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.state.in_(LIVE), Event.ends >= clock.now())
        .order_by(None)
        .order_by(Event.starts, Registration.id)
        .limit(8)
    )
    rows = db.session.execute(statement).unique().scalars()
    return [
        DeskItem(
            _("%(title)s（%(note)s）", title=local(row.event, "title"), note=_(row.state.label)),
            url_for("events.registration", registration_id=row.id),
            due=row.event.starts,
        )
        for row in rows
    ]


def open_events(_viewer: Any) -> Sequence[DeskItem]:
    """Events that take registrations now."""
    now = clock.now()
    statement = queries.upcoming(now).where(Event.deadline >= now).limit(6)
    rows = db.session.execute(statement).unique().scalars()
    return [DeskItem(local(row, "title"), url_for("events.show", event_id=row.id), due=row.starts) for row in rows]


def find(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Events by title for the search in the top bar."""
    statement = (
        queries.visible_to(viewer)
        .where(sa.or_(Event.title.icontains(words, autoescape=True), Event.title_en.icontains(words, autoescape=True)))
        .order_by(Event.starts.desc(), Event.id)
        .limit(10)
    )
    rows = db.session.execute(statement).unique().scalars()
    return [(local(row, "title"), _(row.kind.label), url_for("events.show", event_id=row.id)) for row in rows]
