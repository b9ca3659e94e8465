"""Events for programs: read, decide in bulk, take back; the same rules and rows as the pages."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import Integer, List, String
from apiflask.validators import Length
from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import blueprint, idempotent, listing_body, remember
from matchmaker.core.db import transaction
from matchmaker.core.errors import Missing
from matchmaker.core.lists import BulkAction, open_list
from matchmaker.core.web import one_or_404, requires
from matchmaker.events import lists, queries
from matchmaker.events.models import Event
from matchmaker.lists import queries as list_queries
from matchmaker.lists import services as list_services
from matchmaker.lists.models import BulkRun

bp = blueprint("events", tag="events")


class Decision(Schema):
    """Which registrations, and why."""

    ids = List(Integer(strict=True), required=True, validate=Length(min=1, max=list_services.LARGEST))
    reason = String(load_default="", validate=Length(max=500))


class Done(Schema):
    """What a bulk call did."""

    run = Integer(metadata={"description": "name it to undo"})
    done = Integer()
    skipped = Integer()


@bp.get("/events")
@bp.doc(summary="Events of your regions, with the filters of the page", responses=[401, 403], security="bearer")
@requires(Permission.EVENTS_READ)
def index() -> Any:
    """One page of the list."""
    return listing_body(open_list(lists.EVENTS, current_user))


@bp.get("/events/<int:event_id>/registrations")
@bp.doc(summary="Registrations of one event", responses=[401, 403, 404], security="bearer")
@requires(Permission.EVENTS_READ)
def registrations(event_id: int) -> Any:
    """One page of the list."""
    one_or_404(queries.managed_by(current_user).where(Event.id == event_id))
    return listing_body(open_list(lists.REGISTRATIONS, current_user, event_id=event_id))


@bp.post("/events/<int:event_id>/registrations/<action>")
@bp.input(Decision, arg_name="decision")
@bp.output(Done)
@bp.doc(summary="Approve or reject many registrations", responses=[400, 401, 403, 404, 409, 422], security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def decide(event_id: int, action: str, decision: dict[str, Any]) -> Any:
    """Decide; rows that cannot be decided are counted as skipped."""
    chosen = _action(action)
    one_or_404(queries.managed_by(current_user).where(Event.id == event_id))
    with transaction():
        run, skipped = list_services.run(
            lists.REGISTRATIONS, chosen, actor=current_user, scope={"event_id": str(event_id)}, **decision
        )
        return remember({"run": run.id, "done": len(run.items), "skipped": skipped})


def _action(key: str) -> BulkAction:
    action = next((a for a in lists.REGISTRATIONS.bulk if a.key == key), None)
    if action is None:
        raise Missing("没有这项操作，请用 approve 或 reject")
    return action


@bp.post("/bulk-runs/<int:run_id>/undo")
@bp.output(Done)
@bp.doc(summary="Take one of your own bulk calls back", responses=[400, 401, 403, 404, 409, 422], security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def undo(run_id: int) -> Any:
    """Undo within a day, once."""
    run = one_or_404(
        list_queries.bulk_runs(current_user).where(BulkRun.id == run_id, BulkRun.list_name == lists.REGISTRATIONS.name)
    )
    with transaction():
        count, left = list_services.undo(lists.REGISTRATIONS, _action(run.action), run, actor=current_user)
        return remember({"run": run.id, "done": count, "skipped": left})
