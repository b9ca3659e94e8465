"""What organisers do with registrations: approve, reject, restore, move, take off; each can be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import access, rules
from matchmaker.events.models import Audience, Registration
from matchmaker.events.rules import RegistrationState, WaitingPolicy
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
    rules.check_registration_step(registration.standing_at(clock.now()), RegistrationState.REJECTED)


def reject(registration: Registration, actor: Any, reason: str) -> dict[str, Any]:
    """Reject a registration with a reason and give its seats back; returns what an undo needs."""
    check_rejectable(registration, actor)
    reason = rules.check_reason(reason)
    pools.let_go(registration)
    before = _decide(registration, RegistrationState.REJECTED, actor=actor, reason=reason)
    tell(registration, "events/mail/rejected")
    return {**before, "version": registration.version}


def check_restorable(registration: Registration, actor: Any) -> None:
    """May this actor bring this registration back now?"""
    check_manages(actor, registration)
    rules.check_event_live(registration.event.state)
    rules.check_registration_step(registration.standing_at(clock.now()), RegistrationState.APPROVED)
    if registration.state is RegistrationState.SUBMITTED:
        raise Conflict("这条报名还在待审核，请直接点“通过”")


def restore(registration: Registration, actor: Any, reason: str, *, exceed: bool = False) -> dict[str, Any]:
    """Bring a waiting, rejected, withdrawn or lapsed registration in; passing the waiting list needs a reason.

    `exceed`: go over capacity where places lack, which takes a permission of its own.
    """
    check_restorable(registration, actor)
    reason = rules.check_internal_reason(reason)
    lapse_if_over(registration)
    before = snapshot(registration)
    wants = {**pools.wanted(registration), **wants_of(registration)}
    pools.hold_or_exceed(registration, wants, actor=actor if exceed else None, reason=reason)
    registration.from_waiting = registration.from_waiting or registration.state is RegistrationState.WAITING
    _decide(registration, RegistrationState.APPROVED, actor=actor)
    activity.record("events.restored", subject=registration, actor=actor, reason=reason, before=before["state"])
    tell(registration, "events/mail/approved")
    return became(registration, before)


def check_waitable(registration: Registration, actor: Any) -> None:
    """May this actor put this registration on the waiting list now?"""
    check_manages(actor, registration)
    rules.check_event_live(registration.event.state)
    if registration.event.waiting_policy is WaitingPolicy.NONE:
        raise Conflict("这个活动不设候补，请先在活动设置里选择候补方式")
    rules.check_registration_step(registration.standing_at(clock.now()), RegistrationState.WAITING)


def put_on_list(registration: Registration, actor: Any, reason: str) -> dict[str, Any]:
    """Put a registration (back) on the waiting list: an offer is taken back, places are given back."""
    check_waitable(registration, actor)
    reason = rules.check_internal_reason(reason)
    lapse_if_over(registration)
    before = snapshot(registration)
    pools.want(registration, {**pools.wanted(registration), **wants_of(registration)})
    registration.state, registration.offered_until = RegistrationState.WAITING, None
    registration.joined = registration.joined or clock.now()
    registration.decided, registration.decided_by_id = clock.now(), actor.id
    activity.record("events.put_on_list", subject=registration, actor=actor, reason=reason, before=before["state"])
    db.session.flush()
    return became(registration, before)


def undo_decision(registration: Registration, actor: Any, before: dict[str, Any]) -> None:
    """Put a decided registration back to what it was; seats given away in between make that impossible (Conflict)."""
    check_manages(actor, registration)
    target = RegistrationState(before["state"])
    if registration.state.value != before["became"] or registration.version != before["version"]:
        raise Conflict("这条报名后来又有变化，不能撤销")
    recall(registration)
    until = datetime.fromisoformat(before["until"]) if before.get("until") else None
    if target is RegistrationState.OFFERED and (until is None or until <= clock.now()):
        raise Conflict("候补邀约的时限已过，不能撤销；请重新邀约")
    wants = pools.wanted(registration)
    if target in rules.HOLDING and registration.state not in rules.HOLDING:
        pools.hold(registration, wants, past_line=True)
    elif target not in rules.HOLDING and registration.state in rules.HOLDING:
        pools.let_go(registration)
    registration.state, registration.reason, registration.offered_until = target, before["reason"], until
    if before.get("joined"):
        registration.joined = datetime.fromisoformat(before["joined"])
    registration.decided = registration.decided_by_id = None
    activity.record("events.decision_undone", subject=registration, actor=actor, became=target.value)
    db.session.flush()


def snapshot(registration: Registration) -> dict[str, Any]:
    """What an undo puts back."""
    return {
        "state": registration.state.value,
        "reason": registration.reason,
        "until": registration.offered_until.isoformat() if registration.offered_until else None,
        "joined": registration.joined.isoformat() if registration.joined else None,
    }


def became(registration: Registration, before: dict[str, Any]) -> dict[str, Any]:
    """The same with what an undo compares, so that a later change is never overwritten."""
    db.session.flush()
    return {**before, "became": registration.state.value, "version": registration.version}


def lapse_if_over(registration: Registration) -> None:
    """An offer that ran out is over before anything else happens to it."""
    if registration.state is not registration.standing_at(clock.now()):
        pools.lapse(registration)


def _decide(
    registration: Registration, target: RegistrationState, *, actor: Any, reason: str | None = None
) -> dict[str, Any]:
    before = snapshot(registration)
    registration.state, registration.reason, registration.offered_until = target, reason, None
    registration.decided, registration.decided_by_id = clock.now(), actor.id
    activity.record(f"events.{target.value}", subject=registration, actor=actor, reason=reason)
    return became(registration, before)


def check_movable(registration: Registration, actor: Any) -> None:
    """May this actor move this registration to another group?"""
    check_manages(actor, registration)
    if len(registration.event.audiences) < 2:
        raise Conflict("这个活动只有一个人群")


def move(
    registration: Registration, audience: Audience, *, actor: Any, reason: str = "", exceed: bool = False
) -> dict[str, Any]:
    """Move a registration to another group of the same event; its places move with it, or nothing changes."""
    check_manages(actor, registration)
    if audience.event_id != registration.event_id:
        raise Conflict("只能移到同一活动的其他人群")
    if audience.id == registration.audience_id:
        raise Conflict("已经在这个人群里")
    if not access.may_decide_group(actor, registration.event, audience.id):
        raise NotPermitted("您不负责要移去的人群")
    lapse_if_over(registration)
    came_from, registration.audience = registration.audience, audience
    wants = pools.wanted(registration)
    wants.pop(came_from.pool_id or 0, None)
    wants.update(wants_of(registration))
    if registration.state in rules.HOLDING:
        pools.hold_or_exceed(
            registration, wants, actor=actor if exceed else None, reason=reason, past_line=exceed or bool(reason)
        )
    else:
        pools.want(registration, wants)
    activity.record(
        "events.moved", subject=registration, actor=actor, before=came_from.name, after=audience.name, reason=reason
    )
    db.session.flush()
    return {"audience": came_from.id, "now": audience.id}


def undo_move(registration: Registration, actor: Any, before: dict[str, Any]) -> None:
    """Move a registration back; its old group may be full by now (Conflict)."""
    if registration.audience_id != before["now"]:
        raise Conflict("这条报名后来又有变化，不能撤销")
    home = next((a for a in registration.event.audiences if a.id == before["audience"]), None)
    if home is None:
        raise Conflict("原来的人群已经删除，不能撤销")
    move(registration, home, actor=actor)


def check_manages(actor: Any, registration: Registration) -> None:
    """Refuse who has no duty on this registration."""
    if not access.may_decide(actor, registration):
        raise NotPermitted("这个活动不在您负责的区域")
