"""Reading, drafting, changing, publishing and cancelling events."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import ListPage, idempotent, listing_body, remember
from matchmaker.core.db import db, transaction
from matchmaker.core.lists import open_list
from matchmaker.core.regions import check_region
from matchmaker.core.web import one_or_404, requires
from matchmaker.events import lists, queries
from matchmaker.events.api import showing
from matchmaker.events.api.schemas import EventChanges, EventShown, NewEvent, Reason, bp
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty
from matchmaker.events.services import events
from matchmaker.notifications.services import base_url

ANSWERS = [400, 401, 403, 404, 409, 422]


@bp.get("/events")
@bp.output(ListPage)
@bp.doc(summary="Events of your regions, with the filters of the page", responses=[401, 403], security="bearer")
@requires(Permission.EVENTS_READ)
def index() -> Any:
    """One page of the list."""
    return listing_body(open_list(lists.EVENTS, current_user))


@bp.post("/events")
@bp.input(NewEvent, arg_name="new")
@bp.output(EventShown, status_code=201)
@bp.doc(summary="Draft an event", responses=[400, 401, 403, 409, 422], security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def create(new: dict[str, Any]) -> Any:
    """A draft; publish it when it is ready."""
    region = check_region(new.pop("region"))
    values = {"needs_approval": False, **new}
    with transaction():
        event = events.draft(actor=current_user, region=region, **values)
        return remember(_shown(event), 201)


@bp.get("/events/<int:event_id>")
@bp.output(EventShown)
@bp.doc(summary="One event", responses=[401, 403, 404], security="bearer")
@requires(Permission.EVENTS_READ)
def one(event_id: int) -> Any:
    """One event with its places taken."""
    return _shown(one_or_404(queries.run_by(current_user, EventDuty.VIEWER).where(Event.id == event_id)))


@bp.patch("/events/<int:event_id>")
@bp.input(EventChanges, arg_name="changes")
@bp.output(EventShown)
@bp.doc(summary="Change an event; participants are told of a new time or place", responses=ANSWERS, security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def change(event_id: int, changes: dict[str, Any]) -> Any:
    """What is left out stays as it is."""
    event = _managed(event_id)
    with transaction():
        known = {key: getattr(event, key) for key in events.EDITABLE}
        events.edit(event, actor=current_user, **{**known, "capacity": event.pool.capacity, **changes})
        db.session.flush()
        return remember(_shown(event))


@bp.post("/events/<int:event_id>/publish")
@bp.output(EventShown)
@bp.doc(summary="Publish a draft", responses=ANSWERS, security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def publish(event_id: int) -> Any:
    """Open it to the public."""
    event = _managed(event_id)
    with transaction():
        events.publish(event, actor=current_user)
        return remember(_shown(event))


@bp.post("/events/<int:event_id>/cancel")
@bp.input(Reason, arg_name="why")
@bp.output(EventShown)
@bp.doc(summary="Cancel an event; everybody registered is told why", responses=ANSWERS, security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def cancel(event_id: int, why: dict[str, Any]) -> Any:
    """Call it off; this cannot be undone."""
    event = _managed(event_id)
    with transaction():
        events.cancel(event, actor=current_user, reason=why["reason"])
        return remember(_shown(event))


def _managed(event_id: int) -> Event:
    event: Event = one_or_404(queries.run_by(current_user, EventDuty.MANAGER).where(Event.id == event_id))
    return event


def _shown(event: Event) -> dict[str, Any]:
    return showing.event(event, url=base_url() + url_for("events.show", event_id=event.id))
