"""Which events and registrations exist for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.events.models import Event, EventRole, Registration, SeatClaim, SeatPool
from matchmaker.events.rules import HOLDING, LIVE, EventDuty, EventState, PoolKind, RegistrationState

PUBLIC_STATES = (EventState.PUBLISHED, EventState.CANCELLED)


def visible_to(viewer: Viewer) -> sa.Select[Event]:
    """Published events for everybody; drafts for the staff of their region."""
    shown = sa.or_(
        Event.state == EventState.PUBLISHED, sa.and_(Event.state == EventState.CANCELLED, Event.published.is_not(None))
    )
    if viewer.is_authenticated:
        shown = sa.or_(shown, Event.id.in_(managed_by(viewer).with_only_columns(Event.id)))
    return sa.select(Event).where(shown)


def managed_by(viewer: Viewer) -> sa.Select[Event]:
    """The events of a staff member's regions, and those whose team a person is on."""
    return run_by(viewer, EventDuty.VIEWER)


def run_by(viewer: Viewer, duty: EventDuty) -> sa.Select[Event]:
    """The events where a person has this duty: organisers of the region have all, readers of the region may look."""
    given = sa.select(EventRole.event_id).where(EventRole.user_id == viewer.id)
    if duty is not EventDuty.VIEWER:  # whoever has any duty may look
        given = given.where(EventRole.duty.in_((duty, EventDuty.MANAGER)))
    staff = Permission.EVENTS_READ if duty is EventDuty.VIEWER else Permission.EVENTS_MANAGE
    here = in_regions(Event.region, viewer) if viewer.has(staff) else sa.false()
    return sa.select(Event).where(sa.or_(here, Event.id.in_(given)))


def with_pool(statement: sa.Select[Event]) -> sa.Select[Event]:
    """The same events beside the places of the event as a whole, to sort and filter by."""
    whole = sa.and_(SeatPool.event_id == Event.id, SeatPool.kind == PoolKind.EVENT)
    return statement.join(SeatPool, whole)


def audiences_of(viewer: Viewer, event_id: int, duty: EventDuty) -> sa.Select[int | None]:
    """The groups of an event that a person's duty is limited to; no row means: all of them."""
    return sa.select(EventRole.audience_id).where(
        EventRole.event_id == event_id, EventRole.user_id == viewer.id, EventRole.duty == duty
    )


def one(event_id: int) -> sa.Select[Event]:
    """That event, for jobs."""
    return sa.select(Event).where(Event.id == event_id)


def upcoming(now: datetime) -> sa.Select[Event]:
    """Published events that are not over, the next first."""
    return (
        sa.select(Event)
        .where(Event.state == EventState.PUBLISHED, Event.listed, Event.ends >= now)
        .order_by(Event.starts, Event.id)
    )


def registrations_visible_to(viewer: Viewer) -> sa.Select[Registration]:
    """One's own, one's organisations', and for staff those of their region's events."""
    shown = sa.or_(
        Registration.user_id == viewer.id,
        Registration.organisation_id.in_(sorted(viewer.organisation_ids)),
    )
    shown = sa.or_(
        shown, sa.and_(decidable_by(viewer, EventDuty.VIEWER), Registration.state != RegistrationState.DRAFT)
    )
    return sa.select(Registration).join(Event, Event.id == Registration.event_id).where(shown)


def registrations_of_event(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Registration]:
    """The registrations of one event as its staff sees them."""
    text = scope.get("event_id", "")
    event_id = int(text) if text.isascii() and text.isdigit() else 0
    return registrations_managed_by(viewer).where(Registration.event_id == event_id)


def registrations_managed_by(viewer: Viewer) -> sa.Select[Registration]:
    """The registrations of the events of a staff member's regions."""
    return (
        sa.select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .where(decidable_by(viewer, EventDuty.VIEWER), Registration.state != RegistrationState.DRAFT)
    )


def decidable_by(viewer: Viewer, duty: EventDuty) -> sa.ColumnElement[bool]:
    """The registrations that fall to a person: all of the region's events, or as far as a duty reaches."""
    staff = Permission.EVENTS_READ if duty is EventDuty.VIEWER else Permission.EVENTS_MANAGE
    here = in_regions(Event.region, viewer) if viewer.has(staff) else sa.false()
    given = sa.select(EventRole.id).where(
        EventRole.user_id == viewer.id,
        EventRole.event_id == Registration.event_id,
        sa.or_(EventRole.audience_id.is_(None), EventRole.audience_id == Registration.audience_id),
    )
    if duty is not EventDuty.VIEWER:
        given = given.where(EventRole.duty.in_((duty, EventDuty.MANAGER)))
    else:
        given = given.where(EventRole.duty.in_((EventDuty.MANAGER, EventDuty.REGISTRATIONS, EventDuty.VIEWER)))
    return sa.or_(here, given.correlate(Registration).exists())


def own_registrations(viewer: Viewer) -> sa.Select[Registration]:
    """A person's and their organisations' registrations, the newest first."""
    return (
        sa.select(Registration)
        .where(
            sa.or_(
                Registration.user_id == viewer.id,
                Registration.organisation_id.in_(sorted(viewer.organisation_ids)),
            )
        )
        .order_by(Registration.id.desc())
    )


def live_registration(
    event_id: int, *, user_id: int, organisation_id: int | None, audience_id: int
) -> sa.Select[Registration]:
    """The registration that would stand in the way of a new one."""
    statement = sa.select(Registration).where(Registration.event_id == event_id, Registration.state.in_(LIVE))
    if organisation_id is not None:
        return statement.where(Registration.organisation_id == organisation_id, Registration.audience_id == audience_id)
    return statement.where(Registration.user_id == user_id, Registration.organisation_id.is_(None))


def live_guest(event_id: int, key: str) -> sa.Select[int]:
    """A guest of that name and number who is on the list already."""
    return sa.select(Registration.id).where(
        Registration.event_id == event_id,
        Registration.guest_key == key,
        Registration.user_id.is_(None),
        Registration.state.in_(LIVE),
    )


def offers_over(now: datetime) -> sa.Select[Registration]:
    """Offers that have run out and still hold seats."""
    return (
        sa.select(Registration)
        .where(Registration.state == RegistrationState.OFFERED, Registration.offered_until <= now)
        .order_by(Registration.id)
    )


def to_serve(now: datetime) -> sa.Select[Event]:
    """Published events to come where somebody waits."""
    waits = sa.select(Registration.id).where(
        Registration.event_id == Event.id, Registration.state == RegistrationState.WAITING
    )
    return (
        sa.select(Event)
        .where(Event.state == EventState.PUBLISHED, Event.starts > now, waits.exists())
        .order_by(Event.id)
    )


def to_close(before: datetime) -> sa.Select[Event]:
    """Published events that ended before that moment and have not been closed."""
    return (
        sa.select(Event)
        .where(Event.state == EventState.PUBLISHED, Event.ends <= before, Event.closed.is_(None))
        .order_by(Event.id)
    )


def due_reminders(*, since: datetime, until: datetime) -> sa.Select[Registration]:
    """Approved registrations of published events that start within the window."""
    return (
        sa.select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.state == RegistrationState.APPROVED, Event.state == EventState.PUBLISHED)
        .where(Event.starts > since, Event.starts <= until)
        .order_by(Registration.id)
    )


def state_counts(event_id: int) -> sa.Select[RegistrationState, int, int]:
    """(state, registrations, people) of one event."""
    return (
        sa.select(Registration.state, sa.func.count(Registration.id), sa.func.sum(Registration.party))
        .where(Registration.event_id == event_id)
        .group_by(Registration.state)
    )


def expired_offers(pool_ids: set[int], *, now: datetime, besides: int | None) -> sa.Select[int]:
    """Registrations that hold a seat of these pools by an offer that has run out."""
    return (
        sa.select(Registration.id)
        .join(SeatClaim, SeatClaim.registration_id == Registration.id)
        .where(Registration.state == RegistrationState.OFFERED, Registration.offered_until <= now)
        .where(SeatClaim.held, SeatClaim.pool_id.in_(sorted(pool_ids)), Registration.id != (besides or 0))
        .order_by(Registration.id)
        .distinct()
    )


def pools_held_by(registration_ids: set[int]) -> sa.Select[int]:
    """The pools these registrations hold seats of."""
    return sa.select(SeatClaim.pool_id).where(SeatClaim.held, SeatClaim.registration_id.in_(sorted(registration_ids)))


def offers_to_lapse(registration_ids: set[int], *, now: datetime) -> sa.Select[Registration]:
    """Those of them whose offer still stands in the rows although it has run out."""
    return (
        sa.select(Registration)
        .where(Registration.id.in_(sorted(registration_ids)), Registration.state == RegistrationState.OFFERED)
        .where(Registration.offered_until <= now)
        .order_by(Registration.id)
    )


def waiting_that_fit(event_id: int, growing: Mapping[int, int], *, besides: int | None) -> sa.Select[int]:
    """Parties on the waiting list that want one of these pools and would fit into all they want, now."""
    claims = sa.select(SeatClaim.id).where(SeatClaim.registration_id == Registration.id)
    too_small = claims.join(SeatPool, SeatPool.id == SeatClaim.pool_id).where(
        SeatPool.capacity - SeatPool.used < SeatClaim.seats
    )
    return (
        sa.select(Registration.id)
        .where(Registration.event_id == event_id, Registration.state == RegistrationState.WAITING)
        .where(Registration.id != (besides or 0))
        .where(claims.where(SeatClaim.pool_id.in_(sorted(growing))).exists(), ~too_small.exists())
    )


def drift() -> sa.Select[int, int, int]:
    """Pools whose counter differs from the claims held: (pool id, counter, rows). Empty when all is well."""
    held = sa.func.coalesce(
        sa.select(sa.func.sum(SeatClaim.seats))
        .where(SeatClaim.pool_id == SeatPool.id, SeatClaim.held)
        .scalar_subquery(),
        0,
    )
    return sa.select(SeatPool.id, SeatPool.used, held).where(SeatPool.used != held)


def false_claims() -> sa.Select[int]:
    """Registrations whose claims contradict their state: holders without a seat, others with one, a party that
    differs from the seats it holds of the whole event. Empty when all is well."""
    seats = (
        sa.select(sa.func.coalesce(sa.func.sum(SeatClaim.seats), 0))
        .join(SeatPool, SeatPool.id == SeatClaim.pool_id)
        .where(SeatClaim.registration_id == Registration.id, SeatClaim.held, SeatPool.kind == PoolKind.EVENT)
        .scalar_subquery()
    )
    expected = sa.case((Registration.state.in_(HOLDING), Registration.party), else_=0)
    return sa.select(Registration.id).where(seats != expected).order_by(Registration.id)


def personal_data(user: Any) -> dict[str, Any]:
    """What events hold about a person: their registrations with the people they named."""
    statement = sa.select(Registration).where(Registration.user_id == user.id).order_by(Registration.id)
    return {
        "registrations": [
            {
                "event": row.event.title,
                "starts": row.event.starts.isoformat(),
                "state": row.state.value,
                "phone": row.phone,
                "note": row.note,
                "attendees": [{"name": a.name, "phone": a.phone} for a in row.attendees],
                "created": row.created.isoformat(),
            }
            for row in db.session.execute(statement).unique().scalars()
        ]
    }
