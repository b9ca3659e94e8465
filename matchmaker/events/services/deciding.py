"""What organisers do with registrations: approve, reject, restore, move, take off; each can be taken back."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import access, rules
from matchmaker.events.models import Audience, Registration
from matchmaker.events.rules import RegistrationState
from matchmaker.events.services import pools
from matchmaker.events.services.registrations import wants_of
from matchmaker.events.services.telling import recall, tell


def check_approvable(registration: Registration, actor: Any) -> None:
    """May this actor approve this registration now? Raises what stands in the way."""
    check_manages(actor, registration)
    if registration.state is not RegistrationState.SUBMITTED:
        raise Conflict("只有待审核的报名可以通过；候补、已撤回的报名请用“补录”")


def approve(registration: Registration, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Approve a registration that waits; returns what an undo needs."""
    check_approvable(registration, actor)
    before = _decide(registration, RegistrationState.APPROVED, actor=actor)
    tell(registration, "events/mail/approved")
    return before


def check_rejectable(registration: Registration, actor: Any) -> None:
    """May this actor reject this registration now?"""
    check_manages(actor, registration)
    rules.check_registration_step(registration.state, RegistrationState.REJECTED)


def reject(registration: Registration, actor: Any, reason: str) -> dict[str, Any]:
    """Reject a registration with a reason and give its seats back; returns what an undo needs."""
    check_rejectable(registration, actor)
    reason = rules.check_reason(reason)
    before = _decide(registration, RegistrationState.REJECTED, actor=actor, reason=reason)
    pools.let_go(registration)
    tell(registration, "events/mail/rejected")
    return {**before, "version": registration.version}


def check_restorable(registration: Registration, actor: Any) -> None:
    """May this actor bring this registration back now?"""
    check_manages(actor, registration)
    rules.check_event_live(registration.event.state)
    rules.check_registration_step(registration.state, RegistrationState.APPROVED)


def restore(registration: Registration, actor: Any, reason: str) -> dict[str, Any]:
    """Bring a waiting, rejected, withdrawn or lapsed registration in; passing the waiting list needs a reason."""
    check_restorable(registration, actor)
    reason = rules.check_internal_reason(reason)
    before = _decide(registration, RegistrationState.APPROVED, actor=actor)
    wants = pools.wanted(registration) or wants_of(registration)
    registration.from_waiting = registration.from_waiting or before["state"] == RegistrationState.WAITING.value
    pools.hold(registration, {**wants, **wants_of(registration)}, past_line=True)
    activity.record("events.restored", subject=registration, actor=actor, reason=reason)
    tell(registration, "events/mail/approved")
    return {**before, "version": registration.version}


def undo_decision(registration: Registration, actor: Any, before: dict[str, Any]) -> None:
    """Put a decided registration back to what it was; seats given away in between make that impossible (Conflict)."""
    check_manages(actor, registration)
    target = RegistrationState(before["state"])
    if registration.state.value != before["became"] or registration.version != before["version"]:
        raise Conflict("这条报名后来又有变化，不能撤销")
    recall(registration)
    wants = pools.wanted(registration)
    if target in rules.HOLDING and registration.state not in rules.HOLDING:
        pools.hold(registration, wants, past_line=True)
    elif target not in rules.HOLDING and registration.state in rules.HOLDING:
        pools.let_go(registration)
    registration.state, registration.reason = target, before["reason"]
    registration.decided = registration.decided_by_id = None
    activity.record("events.decision_undone", subject=registration, actor=actor, became=target.value)
    db.session.flush()


def _decide(
    registration: Registration, target: RegistrationState, *, actor: Any, reason: str | None = None
) -> dict[str, Any]:
    before = {"state": registration.state.value, "reason": registration.reason, "became": target.value}
    registration.state, registration.reason, registration.offered_until = target, reason, None
    registration.decided, registration.decided_by_id = clock.now(), actor.id
    activity.record(f"events.{target.value}", subject=registration, actor=actor, reason=reason)
    db.session.flush()
    return {**before, "version": registration.version}


def move(registration: Registration, audience: Audience, *, actor: Any, reason: str = "") -> None:
    """Move a registration to another group of the same event; its places move with it, or nothing changes."""
    check_manages(actor, registration)
    if audience.event_id != registration.event_id:
        raise Conflict("只能移到同一活动的其他人群")
    came_from, registration.audience = registration.audience, audience
    wants = pools.wanted(registration)
    wants.pop(came_from.pool_id or 0, None)
    wants.update(wants_of(registration))
    if registration.state in rules.HOLDING:
        pools.hold(registration, wants, past_line=bool(reason))
    else:
        pools.want(registration, wants)
    activity.record(
        "events.moved", subject=registration, actor=actor, before=came_from.name, after=audience.name, reason=reason
    )
    db.session.flush()


def check_manages(actor: Any, registration: Registration) -> None:
    """Refuse who has no duty on this registration."""
    if not access.may_decide(actor, registration):
        raise NotPermitted("这个活动不在您负责的区域")
