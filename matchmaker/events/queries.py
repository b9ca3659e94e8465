"""Which events and registrations exist for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.events.models import Event, Registration, SeatPool
from matchmaker.events.rules import LIVE, EventState, RegistrationState

PUBLIC_STATES = (EventState.PUBLISHED, EventState.CANCELLED)


def visible_to(viewer: Viewer) -> sa.Select[Event]:
    """Published events for everybody; drafts for the staff of their region."""
    shown = sa.or_(
        Event.state == EventState.PUBLISHED, sa.and_(Event.state == EventState.CANCELLED, Event.published.is_not(None))
    )
    if viewer.has(Permission.EVENTS_READ):
        shown = sa.or_(shown, in_regions(Event.region, viewer))
    return sa.select(Event).where(shown)


def managed_by(viewer: Viewer) -> sa.Select[Event]:
    """The events of a staff member's regions."""
    return sa.select(Event).where(in_regions(Event.region, viewer))


def upcoming(now: datetime) -> sa.Select[Event]:
    """Published events that are not over, the next first."""
    return (
        sa.select(Event).where(Event.state == EventState.PUBLISHED, Event.ends >= now).order_by(Event.starts, Event.id)
    )


def registrations_visible_to(viewer: Viewer) -> sa.Select[Registration]:
    """One's own, one's organisations', and for staff those of their region's events."""
    shown = sa.or_(
        Registration.user_id == viewer.id,
        Registration.organisation_id.in_(sorted(viewer.organisation_ids)),
    )
    if viewer.has(Permission.EVENTS_READ):
        shown = sa.or_(shown, Event.id.in_(sa.select(Event.id).where(in_regions(Event.region, viewer))))
    return sa.select(Registration).join(Event, Event.id == Registration.event_id).where(shown)


def registrations_of_event(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[Registration]:
    """The registrations of one event as its staff sees them."""
    text = scope.get("event_id", "")
    event_id = int(text) if text.isascii() and text.isdigit() else 0
    return registrations_managed_by(viewer).where(Registration.event_id == event_id)


def registrations_managed_by(viewer: Viewer) -> sa.Select[Registration]:
    """The registrations of the events of a staff member's regions."""
    return (
        sa.select(Registration).join(Event, Event.id == Registration.event_id).where(in_regions(Event.region, viewer))
    )


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


def live_registration(event_id: int, *, user_id: int, organisation_id: int | None) -> sa.Select[Registration]:
    """The registration that would stand in the way of a new one."""
    statement = sa.select(Registration).where(Registration.event_id == event_id, Registration.state.in_(LIVE))
    if organisation_id is not None:
        return statement.where(Registration.organisation_id == organisation_id)
    return statement.where(Registration.user_id == user_id, Registration.organisation_id.is_(None))


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


def drift() -> sa.Select[int, int, int]:
    """Pools whose counter differs from their rows: (pool id, counter, rows). Empty when all is well."""
    held = sa.func.coalesce(
        sa.select(sa.func.sum(Registration.party))
        .where(Registration.event_id == SeatPool.event_id, Registration.state.in_(LIVE))
        .scalar_subquery(),
        0,
    )
    return sa.select(SeatPool.id, SeatPool.used, held).where(SeatPool.used != held)


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
