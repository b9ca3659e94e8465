"""The team of one event: duties given to people, down to one group of visitors."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import access
from matchmaker.events.models import Audience, Event, EventRole
from matchmaker.events.rules import EventDuty


def give(event: Event, *, actor: Any, user: Any, duty: EventDuty, audience: Audience | None = None) -> EventRole:
    """Give a person a duty on this event; only who manages the event may."""
    _check_manages(actor, event)
    where = audience.id if audience else None
    if any(r.user_id == user.id and r.duty is duty and r.audience_id == where for r in event.team):
        raise Conflict("{name}已经有这项分工", field="user", name=user.name)
    role = EventRole(
        event=event, user_id=user.id, duty=duty, audience_id=where, granted_by_id=actor.id, created=clock.now()
    )
    db.session.add(role)
    db.session.flush()
    activity.record("events.duty_given", subject=event, actor=actor, user=user.id, duty=duty.value)
    return role


def take(role: EventRole, *, actor: Any) -> None:
    """Take a duty away again."""
    _check_manages(actor, role.event)
    activity.record("events.duty_taken", subject=role.event, actor=actor, user=role.user_id, duty=role.duty.value)
    db.session.delete(role)
    db.session.flush()


def _check_manages(actor: Any, event: Event) -> None:
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
