"""The waiting list: who gets the next free place, offers that hold it for some hours, and what becomes of them."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import access, queries, rules
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import RegistrationState, WaitingPolicy
from matchmaker.events.rules.waiting import InLine, in_order, offer_until, offers_by_itself
from matchmaker.events.services import pools
from matchmaker.events.services.deciding import check_manages
from matchmaker.events.services.telling import tell


def line_of(event: Event) -> list[Registration]:
    """Everybody who waits, in the order in which they are served."""
    rows = {row.id: row for row in _waiting(event)}
    parties = [InLine(row.id, row.joined or row.created, row.party, row.priority) for row in rows.values()]
    return [rows[p.id] for p in in_order(parties, event.waiting_policy, seed=event.draw_seed)]


def position_of(registration: Registration) -> int | None:
    """The place in the line, from 1; None for who does not wait."""
    ids = [row.id for row in line_of(registration.event)]
    return ids.index(registration.id) + 1 if registration.id in ids else None


def serve(event: Event) -> int:
    """Offer free places to those who are next and fit; returns how many offers were made.

    Called by the job; whoever registers in between cannot take these places, because `pools.hold` looks at the line.
    """
    if clock.now() >= event.starts or not offers_by_itself(event.waiting_policy, seed=event.draw_seed):
        return 0
    if event.state is not rules.EventState.PUBLISHED:
        return 0
    return sum(_offered(row) for row in line_of(event))


def _offered(registration: Registration) -> bool:
    try:
        offer(registration, actor=None)
    except pools.NoSeat:
        return False
    return True


def offer(registration: Registration, *, actor: Any | None, reason: str = "") -> None:
    """Hold the party's places until the offer ends. An organiser who picks by hand passes others with a reason."""
    event = registration.event
    if actor is not None:
        check_manages(actor, registration)
    if actor is not None and passes_others(registration):
        reason = rules.check_internal_reason(reason)
    rules.check_registration_step(registration.state, RegistrationState.OFFERED)
    now = clock.now()
    if now >= event.starts:
        raise Conflict("活动已开始，不能再发候补邀约；可在现场登记")
    pools.hold(registration, pools.wanted(registration), past_line=True)
    registration.state, registration.from_waiting = RegistrationState.OFFERED, True
    registration.offered_until = offer_until(now=now, hours=event.offer_hours, starts=event.starts)
    activity.record("events.offered", subject=registration, actor=actor, reason=reason or None)
    db.session.flush()
    tell(registration, "events/mail/offered")


def passes_others(registration: Registration) -> bool:
    """Would an offer to this party go past somebody who is served before it?"""
    event = registration.event
    if event.waiting_policy in {WaitingPolicy.STAFF, WaitingPolicy.NONE}:
        return False
    line = line_of(event)
    return bool(line) and line[0].id != registration.id


def accept(registration: Registration, *, actor: Any | None) -> None:
    """The party takes the offered places, while the offer stands. An offer by the organiser's policy counts as
    approval: who was chosen is not asked to wait for a second decision."""
    if registration.standing_at(clock.now()) is not RegistrationState.OFFERED:
        raise Conflict("候补邀约已过期或已处理；如仍想参加，请重新报名")
    registration.state, registration.offered_until = RegistrationState.APPROVED, None
    activity.record("events.offer_accepted", subject=registration, actor=actor)
    db.session.flush()
    tell(registration, "events/mail/approved")


def sweep() -> int:
    """Free the places of offers that ran out; what people race for does not depend on it."""
    now = clock.now()
    rows = list(db.session.execute(queries.offers_over(now)).unique().scalars())
    for row in rows:
        pools.lapse(row)
        tell(row, "events/mail/lapsed")
    return len(rows)


def prioritise(registration: Registration, *, actor: Any, priority: int, reason: str) -> None:
    """Move a party up or down the line, with the reason that the record keeps."""
    check_manages(actor, registration)
    if registration.event.waiting_policy is not WaitingPolicy.PRIORITY:
        raise Conflict("只有按优先级的候补可以调整优先级")
    if not -100 <= priority <= 100:
        raise DomainError("优先级应在 -100 到 100 之间", field="priority")
    reason = rules.check_internal_reason(reason)
    before, registration.priority, registration.priority_reason = registration.priority, priority, reason
    activity.record(
        "events.prioritised", subject=registration, actor=actor, before=before, after=priority, reason=reason
    )
    db.session.flush()


def draw(event: Event, *, actor: Any) -> None:
    """Draw the order of the line, once: the seed is stored, so that everybody can check the order."""
    if len(access.groups_decided(actor, event)) < len(event.audiences):
        raise NotPermitted("抽签须由负责全部人群的人进行")
    if event.waiting_policy is not WaitingPolicy.DRAW:
        raise Conflict("这个活动的候补方式不是抽签")
    if event.draw_seed is not None:
        raise Conflict("已经抽过签，顺序不能再变")
    event.draw_seed, event.drawn = secrets.token_hex(16), clock.now()
    activity.record("events.drawn", subject=event, actor=actor, seed=event.draw_seed, waiting=len(_waiting(event)))
    db.session.flush()


def _waiting(event: Event) -> list[Registration]:
    statement = sa.select(Registration).where(
        Registration.event_id == event.id, Registration.state == RegistrationState.WAITING
    )
    return list(db.session.execute(statement).unique().scalars())
