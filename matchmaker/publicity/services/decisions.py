"""Decisions of two people: one proposes, another confirms or returns. Other features build on these three."""

from __future__ import annotations

from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.publicity import access, queries, rules
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import DecisionState


def propose(
    kind: str,
    *,
    subject: Any,
    actor: Any,
    title: str,
    reason: str,
    url: str,
    data: dict[str, Any] | None = None,
) -> Decision:
    """Put a decision about `subject` (a record with a region) before a second person.

    `kind` is `<feature>.<step>`; `url` is the page where that person sees the record and confirms; `data` (JSON-ready)
    is what the confirming service needs. Only one decision of a kind about a record can be open.
    """
    rules.check_proposal_reason(reason)
    if not access.may_propose(actor, subject.region):
        raise NotPermitted("这件事不在您负责的区域")
    earlier = queries.decision_of(subject, kind=kind)
    if earlier is not None and earlier.state is DecisionState.PROPOSED:
        raise Conflict("这件事已提请复核，请等待复核结果")
    decision = Decision(
        region=subject.region,
        kind=kind,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        title=title[:200],
        reason=reason.strip(),
        data=data or {},
        url=url,
        state=DecisionState.PROPOSED,
        proposed_by_id=actor.id,
        proposed=clock.now(),
    )
    db.session.add(decision)
    db.session.flush()
    activity.record("publicity.proposed", subject=decision, actor=actor, step=kind, title=title)
    return decision


def confirm(decision: Decision, *, actor: Any) -> Decision:
    """The second person agrees; the caller then does what was decided, in the same transaction."""
    _check_second(decision, DecisionState.CONFIRMED, actor=actor)
    decision.state = DecisionState.CONFIRMED
    decision.confirmed_by_id, decision.confirmed = actor.id, clock.now()
    activity.record("publicity.confirmed", subject=decision, actor=actor, step=decision.kind)
    db.session.flush()
    return decision


def give_back(decision: Decision, *, actor: Any, reason: str) -> Decision:
    """The second person does not agree and says why; nothing is done."""
    _check_second(decision, DecisionState.RETURNED, actor=actor)
    rules.check_return_reason(reason)
    decision.state = DecisionState.RETURNED
    decision.returned_by_id, decision.return_reason = actor.id, reason.strip()
    activity.record("publicity.returned", subject=decision, actor=actor, step=decision.kind, reason=reason)
    db.session.flush()
    return decision


def lapse(subject: Any, *, kind: str, reason: str) -> None:
    """An open decision falls away because its matter did; nothing happens when there is none."""
    decision = queries.decision_of(subject, kind=kind)
    if decision is not None and decision.state is DecisionState.PROPOSED:
        decision.state, decision.return_reason = DecisionState.RETURNED, reason
        activity.record("publicity.lapsed", subject=decision, actor=None, step=kind, reason=reason)
        db.session.flush()


def require_confirmed(decision: Decision | None, *, kind: str, subject: Any) -> None:
    """Raise Conflict unless this is the confirmed decision of that kind about that record."""
    fits = (
        decision is not None
        and decision.state is DecisionState.CONFIRMED
        and decision.kind == kind
        and (decision.subject_kind, decision.subject_id) == (subject.__tablename__, subject.id)
    )
    if not fits:
        raise Conflict("还没有经过双人复核，请先提请复核")


def _check_second(decision: Decision, target: DecisionState, *, actor: Any) -> None:
    if not access.may_confirm(actor, decision):
        raise NotPermitted("您没有复核这件事的权限")
    rules.check_second_person(decision.state, target, proposer=decision.proposed_by_id, second=actor.id)
