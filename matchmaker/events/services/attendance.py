"""Who was there: set by the gates, and closed once after the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.events.models import Attendee, Event, Registration
from matchmaker.events.rules import RegistrationState
from matchmaker.events.services import pools


def mark(attendee: Attendee, *, moment: datetime) -> bool:
    """A gate let this person in at that moment; True when it is the first time. An earlier report moves it back.

    Nothing is flushed: a gate hands in hundreds at once.
    """
    first = attendee.attended_at is None
    if first or moment < attendee.attended_at:  # type: ignore[operator]
        attendee.attended_at = moment
    registration = attendee.registration
    if registration.state in {RegistrationState.APPROVED, RegistrationState.ABSENT}:
        registration.state = RegistrationState.ATTENDED
    return first


def unmark(attendee: Attendee, *, actor: Any) -> None:
    """Take back a check-in by mistake; whether the registration still counts as attended follows from the others."""
    attendee.attended_at = None
    registration = attendee.registration
    if registration.state is RegistrationState.ATTENDED and all(a.attended_at is None for a in registration.attendees):
        closed = registration.event.closed is not None
        registration.state = RegistrationState.ABSENT if closed else RegistrationState.APPROVED
    activity.record("events.attendance_undone", subject=registration, actor=actor, attendee=attendee.id)
    db.session.flush()


def close(event: Event, *, actor: Any | None) -> int:
    """After the event: who was approved and never seen is absent, who still waited is out. Returns the absent.

    A gate that reports later turns an absent registration into an attended one (`mark`).
    """
    now = clock.now()
    if now < event.ends:
        raise Conflict("活动还没有结束，结束后再核对到场情况")
    if event.closed is not None:
        return 0
    event.closed = now
    absent = _turn(event, (RegistrationState.APPROVED,), RegistrationState.ABSENT)
    _end_open_ones(event)
    activity.record("events.closed", subject=event, actor=actor, absent=absent)
    db.session.flush()
    return absent


def _turn(event: Event, states: tuple[RegistrationState, ...], target: RegistrationState) -> int:
    rows = _in_states(event, states)
    for row in rows:
        row.state = target
    return len(rows)


def _end_open_ones(event: Event) -> None:
    still = (RegistrationState.SUBMITTED, RegistrationState.OFFERED, RegistrationState.WAITING)
    for row in _in_states(event, still):
        pools.let_go(row)
        row.state, row.offered_until = RegistrationState.CANCELLED, None


def _in_states(event: Event, states: tuple[RegistrationState, ...]) -> list[Registration]:
    statement = sa.select(Registration).where(Registration.event_id == event.id, Registration.state.in_(states))
    return list(db.session.execute(statement.order_by(Registration.id)).unique().scalars())
