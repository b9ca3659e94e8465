"""Renewing and ending a term by two people, resigning by the person alone; the agreements of an envoy follow."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.candidacies.services import agreements, telling
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision
from matchmaker.publicity.services import decisions
from matchmaker.rosters.access import may_manage
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import ENDING, RENEWAL, AppointmentKind, AppointmentState
from matchmaker.rosters.services import appointments


def propose_renewal(post: Appointment, *, actor: Any, document: str, starts: date, ends: date, reason: str) -> Decision:
    """Put a further term before a second person."""
    _check_free(post, actor=actor)
    appointments.check_renewal(post, document=document, starts=starts, ends=ends)
    activity.record("candidacies.renewal_proposed", subject=post, actor=actor, note=reason.strip())
    return decisions.propose(
        RENEWAL,
        subject=post,
        actor=actor,
        title=f"续聘{post.kind.label}：{post.person.name}",
        reason=reason,
        url=f"/rosters/appointments/{post.id}",
        data={"document": document.strip(), "starts": starts.isoformat(), "ends": ends.isoformat()},
    )


def propose_ending(post: Appointment, *, actor: Any, how: AppointmentState, reason: str, day: date) -> Decision:
    """Put a dismissal, or a resignation handed in on paper, before a second person."""
    _check_free(post, actor=actor)
    appointments.check_ending(post, how=how, reason=reason, day=day)
    activity.record("candidacies.ending_proposed", subject=post, actor=actor, note=f"{how.label}：{reason.strip()}")
    return decisions.propose(
        ENDING,
        subject=post,
        actor=actor,
        title=f"{how.label}{post.kind.label}：{post.person.name}",
        reason=reason,
        url=f"/rosters/appointments/{post.id}",
        data={"how": how.value, "day": day.isoformat()},
    )


def confirm(post: Appointment, *, actor: Any) -> Appointment:
    """The second person agrees, and what was proposed is done; the helper is told. Returns the post to look at."""
    decision = _open(post)
    _check_not_own(post, actor)
    decisions.confirm(decision, actor=actor)
    if decision.kind == RENEWAL:
        shown = appointments.renew(
            post,
            actor=actor,
            decision=decision,
            document=decision.data["document"],
            starts=date.fromisoformat(decision.data["starts"]),
            ends=date.fromisoformat(decision.data["ends"]),
        )
        telling.tell_helper(shown, telling.RENEWED)
        return shown
    how, day = AppointmentState(decision.data["how"]), date.fromisoformat(decision.data["day"])
    appointments.end(post, actor=actor, decision=decision, how=how, reason=decision.reason, day=day)
    _end_agreements(post, actor=actor, day=day)
    telling.tell_helper(post, telling.ENDED)
    return post


def give_back(post: Appointment, *, actor: Any, reason: str) -> None:
    """The second person does not agree and says why; the term stays as it is."""
    _check_not_own(post, actor)
    decisions.give_back(_open(post), actor=actor, reason=reason)
    activity.record("candidacies.term_returned", subject=post, actor=actor, note=reason.strip())


def resign(post: Appointment, *, actor: Any, reason: str, day: date) -> None:
    """The helper gives the post back; handlers are told and take note of it."""
    appointments.resign(post, actor=actor, reason=reason, day=day)
    _end_agreements(post, actor=actor, day=day)
    telling.tell_helper(post, telling.ENDED)
    telling.tell_of_resignation(post)


def _end_agreements(post: Appointment, *, actor: Any, day: date) -> None:
    if post.kind is AppointmentKind.ENVOY:
        agreements.end_with_post(post, actor=actor, day=day)


def _check_free(post: Appointment, *, actor: Any) -> None:
    """One proposal about a term at a time, by a handler of the region, and not about oneself."""
    if not may_manage(actor, post.region):
        raise NotPermitted("这位人员不在您负责的区域")
    _check_not_own(post, actor)
    if publicity.open_decision_of(post, kinds=(RENEWAL, ENDING)) is not None:
        raise Conflict("这件事已提请复核，请等待复核结果")


def _check_not_own(post: Appointment, actor: Any) -> None:
    if post.person.user_id == actor.id:
        raise NotPermitted("不能办理自己的聘任，请由其他同事办理")


def _open(post: Appointment) -> Decision:
    decision = publicity.open_decision_of(post, kinds=(RENEWAL, ENDING))
    if decision is None:
        raise Conflict("没有等待复核的提请，请刷新页面")
    return decision
