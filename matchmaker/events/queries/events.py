"""Which events exist for whom, and which of them the jobs have to look at."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.events.models import Event, EventRole, Registration, SeatPool
from matchmaker.events.rules import EventDuty, EventState, PoolKind, RegistrationState

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


def state_counts(event_id: int) -> sa.Select[RegistrationState, int, int]:
    """(state, registrations, people) of one event."""
    return (
        sa.select(Registration.state, sa.func.count(Registration.id), sa.func.sum(Registration.party))
        .where(Registration.event_id == event_id)
        .group_by(Registration.state)
    )


def may_edit_forms(viewer: Viewer, event_id: int) -> bool:
    """May this person change the forms of an event?"""
    statement = run_by(viewer, EventDuty.MANAGER).where(Event.id == event_id)
    return db.session.execute(statement.with_only_columns(Event.id)).first() is not None
