"""Registering, deciding and withdrawing; every path goes through the same seat pool."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import access, queries, rules
from matchmaker.events.models import Attendee, Event, Registration
from matchmaker.events.rules import RegistrationState
from matchmaker.events.services import pools
from matchmaker.notifications import services as notifications
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import MessageState


def register(
    event: Event, *, actor: Any, organisation_id: int | None, attendees: str, phone: str, note: str = ""
) -> Registration:
    """Claim seats and register the actor or an organisation of theirs. Raises NotPermitted, Conflict, DomainError."""
    if not access.may_register_for(actor, organisation_id):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再报名")
    now = clock.now()
    rules.check_open(state=event.state, deadline=event.deadline, now=now)
    people = rules.attendees_of(attendees)
    _check_first(event, actor_id=actor.id, organisation_id=organisation_id)
    pools.claim(event.pool, seats=len(people))
    registration = Registration(
        event=event,
        organisation_id=organisation_id,
        user_id=actor.id,
        state=RegistrationState.SUBMITTED if event.needs_approval else RegistrationState.APPROVED,
        party=len(people),
        phone=phone,
        note=note,
        created=now,
        attendees=[Attendee(name=person.name, phone=person.phone) for person in people],
    )
    db.session.add(registration)
    db.session.flush()  # the unique index has the last word
    activity.record("events.registered", subject=registration, actor=actor, event=event.id, party=registration.party)
    _tell(registration, "events/mail/registered")
    return registration


def _check_first(event: Event, *, actor_id: int, organisation_id: int | None) -> None:
    standing = queries.live_registration(event.id, user_id=actor_id, organisation_id=organisation_id)
    if db.session.execute(standing).unique().scalars().first() is not None:
        raise Conflict("您的单位已经报过名；要改人数请先撤回再报")


def check_approvable(registration: Registration, actor: Any) -> None:
    """May this actor approve this registration now? Raises what stands in the way."""
    _check_manages(actor, registration)
    rules.check_registration_step(registration.state, RegistrationState.APPROVED)


def approve(registration: Registration, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Approve a registration that waits; returns what an undo needs."""
    check_approvable(registration, actor)
    before = _decide(registration, RegistrationState.APPROVED, actor=actor)
    _tell(registration, "events/mail/approved")
    return before


def check_rejectable(registration: Registration, actor: Any) -> None:
    """May this actor reject this registration now?"""
    _check_manages(actor, registration)
    rules.check_registration_step(registration.state, RegistrationState.REJECTED)


def reject(registration: Registration, actor: Any, reason: str) -> dict[str, Any]:
    """Reject a registration with a reason and give its seats back; returns what an undo needs."""
    check_rejectable(registration, actor)
    reason = rules.check_reason(reason)
    before = _decide(registration, RegistrationState.REJECTED, actor=actor, reason=reason)
    pools.release(registration.event.pool, seats=registration.party)
    _tell(registration, "events/mail/rejected")
    return before


def undo_decision(registration: Registration, actor: Any, before: dict[str, Any]) -> None:
    """Put a decided registration back to what it was; seats given away in between make that impossible (Conflict)."""
    _check_manages(actor, registration)
    target = RegistrationState(before["state"])
    if registration.state.value != before["became"] or registration.version != before["version"]:
        raise Conflict("这条报名后来又有变化，不能撤销")
    rules.check_registration_step(registration.state, RegistrationState.SUBMITTED)
    if registration.state is RegistrationState.REJECTED:
        pools.claim(registration.event.pool, seats=registration.party)
    _recall(registration)
    registration.state, registration.reason = target, before["reason"]
    registration.decided = registration.decided_by_id = None
    activity.record("events.decision_undone", subject=registration, actor=actor, became=target.value)
    db.session.flush()


def _decide(
    registration: Registration, target: RegistrationState, *, actor: Any, reason: str | None = None
) -> dict[str, Any]:
    before = {"state": registration.state.value, "reason": registration.reason, "became": target.value}
    registration.state, registration.reason = target, reason
    registration.decided, registration.decided_by_id = clock.now(), actor.id
    activity.record(f"events.{target.value}", subject=registration, actor=actor, reason=reason)
    db.session.flush()
    return {**before, "version": registration.version}


def withdraw(registration: Registration, *, actor: Any) -> None:
    """Take a registration back and free its seats, until the event starts."""
    if not access.may_withdraw(actor, registration):
        raise NotPermitted("只有报名人和同单位的同事可以撤回")
    rules.check_registration_step(registration.state, RegistrationState.WITHDRAWN)
    rules.check_withdrawable(starts=registration.event.starts, now=clock.now())
    registration.state = RegistrationState.WITHDRAWN
    pools.release(registration.event.pool, seats=registration.party)
    activity.record("events.withdrawn", subject=registration, actor=actor)
    db.session.flush()


def remind(*, ahead: timedelta = timedelta(hours=24)) -> int:
    """Queue one reminder for every approved registration whose event starts soon; repeated runs queue nothing new."""
    now = clock.now()
    rows = list(db.session.execute(queries.due_reminders(since=now, until=now + ahead)).unique().scalars())
    queued = [
        _tell(row, "events/mail/reminder", dedupe=f"event-reminder:{row.id}:{row.event.starts.isoformat()}")
        for row in rows
    ]
    return sum(message is not None for message in queued)


def reconcile() -> list[tuple[int, int, int]]:
    """Pools whose counter differs from their rows; nothing is repaired silently."""
    return [(row[0], row[1], row[2]) for row in db.session.execute(queries.drift())]


def _tell(registration: Registration, template: str, *, dedupe: str | None = None) -> Message | None:
    url = f"/events/registrations/{registration.id}"
    return notifications.enqueue(
        template, to=registration.user, about=registration, url=url, dedupe=dedupe, registration=registration
    )


def _recall(registration: Registration) -> None:
    """Mails about the undone decision that have not left are dropped."""
    waiting = sa.delete(Message).where(
        Message.about_kind == Registration.__tablename__,
        Message.about_id == registration.id,
        Message.state == MessageState.WAITING,
        Message.created >= registration.decided,
    )
    db.session.execute(waiting)


def _check_manages(actor: Any, registration: Registration) -> None:
    if not access.may_manage(actor, registration.event):
        raise NotPermitted("这个活动不在您负责的区域")


def forget(user: Any) -> None:
    """Take a person out of their registrations: live ones of events to come are withdrawn, contact and names go."""
    statement = sa.select(Registration).where(Registration.user_id == user.id).order_by(Registration.id)
    now = clock.now()
    for row in db.session.execute(statement).unique().scalars():
        if row.state in rules.LIVE and row.organisation_id is None and now < row.event.starts:
            row.state = RegistrationState.WITHDRAWN
            pools.release(row.event.pool, seats=row.party)
        row.phone = row.note = ""
        if row.organisation_id is None:
            for attendee in row.attendees:
                attendee.name, attendee.phone = "已注销", ""
    db.session.flush()
