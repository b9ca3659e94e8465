"""Drafting, publishing and cancelling events."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import NotPermitted
from matchmaker.events import access, rules
from matchmaker.events.models import Audience, Event, Registration, SeatPool
from matchmaker.events.rules import LIVE, EventState, PoolKind, RegistrationState
from matchmaker.events.services import pools
from matchmaker.events.services.telling import tell

EDITABLE = [
    "kind",
    "title",
    "title_en",
    "summary",
    "summary_en",
    "description",
    "description_en",
    "venue",
    "venue_en",
    "address",
    "address_en",
    "starts",
    "ends",
    "deadline",
    "needs_approval",
    "contact",
    "listed",
    "waiting_policy",
    "offer_hours",
]


def draft(*, actor: Any, region: str, capacity: int, **values: Any) -> Event:
    """A new event that only staff sees."""
    rules.check_times(starts=values["starts"], ends=values["ends"], deadline=values["deadline"])
    rules.check_capacity(capacity)
    now = clock.now()
    event = Event(
        region=region,
        state=EventState.DRAFT,
        owner_id=actor.id,
        created=now,
        updated=now,
        **{key: values[key] for key in EDITABLE if key in values},
    )
    event.pools = [SeatPool(kind=PoolKind.EVENT, capacity=capacity, used=0)]
    event.audiences = [Audience(name="参会人员", name_en="Participants")]
    if not access.may_manage(actor, event):
        raise NotPermitted("您只能在自己负责的区域办活动")
    db.session.add(event)
    db.session.flush()
    activity.record("events.drafted", subject=event, actor=actor, title=event.title)
    return event


def edit(event: Event, *, actor: Any, capacity: int, **values: Any) -> None:
    """Change an event; what people signed up for (time, place) is told to them by mail."""
    _check_manages(actor, event)
    rules.check_times(starts=values["starts"], ends=values["ends"], deadline=values["deadline"])
    changed = {key: values[key] for key in EDITABLE if key in values and getattr(event, key) != values[key]}
    before = {key: _plain(getattr(event, key)) for key in changed}
    if capacity != event.pool.capacity:
        before["capacity"], changed["capacity"] = event.pool.capacity, capacity
        pools.resize(event.pool, capacity=capacity)
    for key, value in changed.items():
        if key != "capacity":
            setattr(event, key, value)
    if not changed:
        return
    event.updated = clock.now()
    after = {key: _plain(value) for key, value in changed.items()}
    activity.record("events.edited", subject=event, actor=actor, before=before, after=after)
    if event.state is EventState.PUBLISHED and changed.keys() & {"starts", "ends", "venue", "address"}:
        _tell_all(event, "events/mail/moved")
    db.session.flush()


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def publish(event: Event, *, actor: Any) -> None:
    """Open an event to the public."""
    _check_manages(actor, event)
    rules.check_event_step(event.state, EventState.PUBLISHED)
    rules.check_publishable(deadline=event.deadline, now=clock.now())
    event.state = EventState.PUBLISHED
    event.published = event.published or clock.now()
    activity.record("events.published", subject=event, actor=actor)
    db.session.flush()


def cancel(event: Event, *, actor: Any, reason: str) -> int:
    """Call an event off: every live registration is cancelled, its seats given back, and its people told why."""
    _check_manages(actor, event)
    rules.check_event_step(event.state, EventState.CANCELLED)
    reason = rules.check_reason(reason)
    event.state = EventState.CANCELLED
    told = _tell_all(event, "events/mail/cancelled", reason=reason)
    for registration in _live(event):
        pools.let_go(registration)
        registration.state, registration.offered_until = RegistrationState.CANCELLED, None
    activity.record("events.cancelled", subject=event, actor=actor, reason=reason, registrations=told)
    db.session.flush()
    return told


def _live(event: Event) -> list[Registration]:
    statement = sa.select(Registration).where(Registration.event_id == event.id, Registration.state.in_(LIVE))
    return list(db.session.execute(statement.order_by(Registration.id)).unique().scalars())


def _tell_all(event: Event, template: str, **context: Any) -> int:
    registrations = _live(event)
    for registration in registrations:
        tell(registration, template, **context)
    return len(registrations)


def _check_manages(actor: Any, event: Event) -> None:
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
