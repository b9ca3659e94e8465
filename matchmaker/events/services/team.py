"""The team of one event: duties given to people, down to one group of visitors."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts import queries as accounts
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import access
from matchmaker.events.models import Audience, Event, EventRole
from matchmaker.events.rules import EventDuty


def give(event: Event, *, actor: Any, user: Any, duty: EventDuty, audience: Audience | None = None) -> EventRole:
    """Give a person a duty on this event; only who manages the event may."""
    _check_manages(actor, event)
    if audience is not None and duty is not EventDuty.REGISTRATIONS:
        raise DomainError("只有“报名审核”可以限定到一个人群", field="audience_id")
    if audience is not None and audience.event_id != event.id:
        raise Conflict("这个人群不属于本活动")
    where = audience.id if audience else None
    if any(r.user_id == user.id and r.duty is duty and r.audience_id == where for r in event.team):
        raise Conflict("{name}已经有这项分工", field="user", name=user.name)
    role = EventRole(
        event=event, user_id=user.id, duty=duty, audience_id=where, granted_by_id=actor.id, created=clock.now()
    )
    db.session.add(role)
    db.session.flush()
    activity.record(
        "events.duty_given",
        subject=event,
        actor=actor,
        user=user.id,
        name=user.name,
        duty=duty.value,
        group=audience.name if audience else None,
    )
    return role


def find_user(identifier: str) -> Any:
    """The account behind an exact mail address or mobile number; only who manages an event asks."""
    user = accounts.by_identifier(identifier)
    if user is None or not user.is_active:
        raise DomainError("没有找到可以使用的账号，请核对邮箱或手机号；对方须先注册", field="identifier")
    return user


def take(role: EventRole, *, actor: Any) -> None:
    """Take a duty away again."""
    _check_manages(actor, role.event)
    activity.record(
        "events.duty_taken",
        subject=role.event,
        actor=actor,
        user=role.user_id,
        name=role.user.name,
        duty=role.duty.value,
        group=role.audience.name if role.audience else None,
    )
    db.session.delete(role)
    db.session.flush()


def _check_manages(actor: Any, event: Event) -> None:
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
