"""What everybody sees: what is on, one event, its calendar file."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_login import current_user

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.web import download, one_or_404, page, public
from matchmaker.events import access, calendars, queries
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventKind
from matchmaker.events.views import bp
from matchmaker.notifications.services import base_url


@bp.get("/")
@public
def index() -> Any:
    """What is on."""
    kind = request.args.get("kind", "")
    statement = queries.upcoming(clock.now()).limit(100)
    if kind in {member.value for member in EventKind}:
        statement = statement.where(Event.kind == kind)
    events = db.session.execute(statement).unique().scalars().all()
    return page("events/index.html", events=events, kinds=list(EventKind), kind=kind, now=clock.now())


@bp.get("/<int:event_id>")
@public
def show(event_id: int) -> Any:
    """One event, with what this person can do about it."""
    event = one_or_404(queries.visible_to(current_user).where(Event.id == event_id))
    own = None
    if current_user.is_authenticated:
        statement = queries.own_registrations(current_user).where(Registration.event_id == event_id).limit(1)
        own = db.session.execute(statement).unique().scalars().first()
    return page(
        "events/show.html", event=event, own=own, now=clock.now(), manages=access.may_manage(current_user, event)
    )


@bp.get("/<int:event_id>/calendar.ics")
@public
def calendar(event_id: int) -> Any:
    """The event for one's own calendar."""
    event = one_or_404(queries.visible_to(current_user).where(Event.id == event_id))
    url = base_url() + url_for("events.show", event_id=event.id)
    body = calendars.calendar_of(event, url=url, now=clock.now())
    return download(body, filename=f"{event.title}.ics", mimetype="text/calendar")
