"""The places, the groups and the waiting list of an event."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import List, Nested
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.web import one_or_404, requires
from matchmaker.events import queries
from matchmaker.events.api import showing
from matchmaker.events.api.schemas import Group, Place, RegistrationShown, bp
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty
from matchmaker.events.services import waiting


class Places(Schema):
    """All pools of an event."""

    items = List(Nested(Place))


class Groups(Schema):
    """All groups of an event."""

    items = List(Nested(Group))


class Line(Schema):
    """Everybody who waits, the next first."""

    items = List(Nested(RegistrationShown))


@bp.get("/events/<int:event_id>/places")
@bp.output(Places)
@bp.doc(summary="The places of an event and how many are taken", responses=[401, 403, 404], security="bearer")
@requires(Permission.EVENTS_READ)
def pools_of(event_id: int) -> Any:
    """The whole event first."""
    return {"items": [showing.place(pool) for pool in _event(event_id).pools]}


@bp.get("/events/<int:event_id>/groups")
@bp.output(Groups)
@bp.doc(summary="The groups an event is for", responses=[401, 403, 404], security="bearer")
@requires(Permission.EVENTS_READ)
def groups_of(event_id: int) -> Any:
    """In the order of the registration page."""
    return {"items": [showing.group(audience) for audience in _event(event_id).audiences]}


@bp.get("/events/<int:event_id>/waiting-list")
@bp.output(Line)
@bp.doc(summary="The waiting list in the order in which it is served", responses=[401, 403, 404], security="bearer")
@requires(Permission.EVENTS_READ)
def waiting_list(event_id: int) -> Any:
    """Who waits."""
    return {"items": [showing.registration(row) for row in waiting.line_of(_event(event_id))]}


def _event(event_id: int) -> Event:
    event: Event = one_or_404(queries.run_by(current_user, EventDuty.VIEWER).where(Event.id == event_id))
    return event
