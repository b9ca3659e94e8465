"""Registrations for programs: read, add, decide in bulk, take back."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.api import ListPage, idempotent, listing_body, remember
from matchmaker.core.db import transaction
from matchmaker.core.errors import Missing
from matchmaker.core.lists import BulkAction, open_list
from matchmaker.core.web import one_or_404, requires
from matchmaker.events import lists, queries
from matchmaker.events.api import showing
from matchmaker.events.api.events import ANSWERS
from matchmaker.events.api.schemas import Decision, Done, NewRegistration, RegistrationShown, bp
from matchmaker.events.models import Audience, Event, Registration
from matchmaker.events.rules import EventDuty, Source, attendees_of
from matchmaker.events.services import registrations
from matchmaker.lists import queries as list_queries
from matchmaker.lists import services as list_services
from matchmaker.lists.models import BulkRun


@bp.get("/events/<int:event_id>/registrations")
@bp.output(ListPage)
@bp.doc(
    summary="Registrations of one event, with the filters of the page", responses=[401, 403, 404], security="bearer"
)
@requires(Permission.EVENTS_READ)
def index_of(event_id: int) -> Any:
    """One page of the list."""
    one_or_404(queries.managed_by(current_user).where(Event.id == event_id))
    return listing_body(open_list(lists.REGISTRATIONS, current_user, event_id=event_id))


@bp.get("/registrations/<int:registration_id>")
@bp.output(RegistrationShown)
@bp.doc(summary="One registration with its people", responses=[401, 403, 404], security="bearer")
@requires(Permission.EVENTS_READ)
def one_registration(registration_id: int) -> Any:
    """How it stands now."""
    statement = queries.registrations_managed_by(current_user).where(Registration.id == registration_id)
    return showing.registration(one_or_404(statement))


@bp.post("/events/<int:event_id>/registrations")
@bp.input(NewRegistration, arg_name="new")
@bp.output(RegistrationShown, status_code=201)
@bp.doc(summary="Add somebody; a full event puts them on its waiting list", responses=ANSWERS, security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def add(event_id: int, new: dict[str, Any]) -> Any:
    """Seats are claimed as everywhere."""
    event = one_or_404(queries.run_by(current_user, EventDuty.REGISTRATIONS).where(Event.id == event_id))
    lines = new.pop("people", None) or [{"name": new["name"], "phone": new.get("phone", "")}]
    people = attendees_of("\n".join(f"{line['name']}，{line.get('phone', '')}" for line in lines))
    with transaction():
        audience = _group(event, new.pop("group_id", None))
        new["external_id"] = new.get("external_id") or None
        row = registrations.register_guest(
            event, audience=audience, actor=current_user, source=Source.API, people=people, **new
        )
        return remember(showing.registration(row), 201)


def _group(event: Event, group_id: int | None) -> Audience:
    if group_id is None:
        return registrations.first_audience(event)
    audience = next((a for a in event.audiences if a.id == group_id), None)
    if audience is None:
        raise Missing("这个活动没有这一组，请核对 group_id")
    return audience


@bp.post("/events/<int:event_id>/registrations/<action>")
@bp.input(Decision, arg_name="decision")
@bp.output(Done)
@bp.doc(summary="Do to many registrations what the list's buttons do", responses=ANSWERS, security="bearer")
@requires(Permission.EVENTS_MANAGE)
@idempotent
def decide(event_id: int, action: str, decision: dict[str, Any]) -> Any:
    """Decide; rows that cannot be decided are counted as skipped."""
    chosen = _action(action)
    one_or_404(queries.run_by(current_user, EventDuty.REGISTRATIONS).where(Event.id == event_id))
    with transaction():
        run, skipped = list_services.run(
            lists.REGISTRATIONS, chosen, actor=current_user, scope={"event_id": str(event_id)}, **decision
        )
        return remember({"run": run.id, "done": len(run.items), "skipped": skipped})


def _action(key: str) -> BulkAction:
    action = next((a for a in lists.REGISTRATIONS.bulk if a.key == key), None)
    if action is None or action.asks or action.leads_to is not None:
        raise Missing("没有这项操作，请用 approve 或 reject")
    return action


@bp.post("/bulk-runs/<int:run_id>/undo")
@bp.output(Done)
@bp.doc(summary="Take one of your own bulk calls back", responses=ANSWERS, security="bearer")
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
