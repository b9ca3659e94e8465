"""Appointing by two people: a handler proposes, an approver confirms, a numbered letter follows."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app

from matchmaker.activity import services as activity
from matchmaker.candidacies import access, queries, rules
from matchmaker.candidacies.models import Candidacy
from matchmaker.candidacies.services import reviewing, telling
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.documents import chinese_day
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Certificate, Decision
from matchmaker.publicity.rules import CertificateState, DecisionState
from matchmaker.publicity.services import certificates, decisions, notices
from matchmaker.rosters import rules as roster_rules
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, AppointmentState, Term
from matchmaker.rosters.services import appointments, profiles

APPOINT = "candidacies.appoint"
LETTER = "candidacies.letter"


def propose(row: Candidacy, *, actor: Any, document: str, starts: date, ends: date, reason: str) -> Decision:
    """After a clear notice, put the appointment before a second person. An envoy's agreement must be signed by all."""
    if not access.may_review(actor, row):
        raise NotPermitted("这份申报不在您负责的区域，或是您本人的申报")
    roster_rules.check_transition(row.kind, row.state, AppointmentState.APPOINTED)
    reviewing.check_clear(row)
    _check_agreement(row)
    term = Term(starts, ends)
    roster_rules.check_appointment(row.kind, civil_servant=row.civil_servant, document=document, term=term)
    roster_rules.check_current(term, today=clock.today())
    if row.notice is not None:
        notices.make_effective(row.notice, actor=actor)
    data = {"document": document.strip(), "starts": starts.isoformat(), "ends": ends.isoformat()}
    return decisions.propose(
        APPOINT,
        subject=row,
        actor=actor,
        title=f"聘任{row.kind.label}：{row.person.name}",
        reason=reason,
        url=telling.url_of(row),
        data=data,
    )


def confirm(row: Candidacy, *, actor: Any) -> Appointment:
    """The second person appoints: the post begins, the account gets its role, the letter its number."""
    decision = _open_decision(row, APPOINT, actor=actor)
    roster_rules.check_transition(row.kind, row.state, AppointmentState.APPOINTED)
    reviewing.check_clear(row)
    _check_agreement(row)
    decisions.confirm(decision, actor=actor)
    appointment = appointments.appoint(
        row.person,
        actor=actor,
        decided=True,
        kind=row.kind,
        document=decision.data["document"],
        starts=date.fromisoformat(decision.data["starts"]),
        ends=date.fromisoformat(decision.data["ends"]),
        civil_servant=row.civil_servant,
        capacity=row.capacity,
        category=row.category,
        carrier=row.carrier,
        demo=row.demo,
    )
    _say(row)
    row.appointment_id, row.state, row.updated = appointment.id, AppointmentState.APPOINTED, clock.now()
    _issue(appointment, decision=decision, actor=actor)
    activity.record("candidacies.appointed", subject=row, actor=actor, document=appointment.document)
    telling.tell_candidate(row)
    db.session.flush()
    return appointment


def give_back(row: Candidacy | Appointment, *, actor: Any, reason: str) -> None:
    """The second person does not agree and says why."""
    kind = APPOINT if isinstance(row, Candidacy) else LETTER
    decisions.give_back(_open_decision(row, kind, actor=actor), actor=actor, reason=reason)


def propose_letter(appointment: Appointment, *, actor: Any, reason: str) -> Decision:
    """A letter for a post that was entered, imported or renewed."""
    if appointment.state not in roster_rules.STANDING:
        raise Conflict("只有在聘人员可以制发聘书")
    if letter_of(appointment) is not None:
        raise Conflict("这一聘期已有聘书，请先撤销原聘书")
    return decisions.propose(
        LETTER,
        subject=appointment,
        actor=actor,
        title=f"制发聘书：{appointment.person.name}（{appointment.kind.label}）",
        reason=reason,
        url=f"/candidacies/letters/{appointment.id}",
    )


def confirm_letter(appointment: Appointment, *, actor: Any) -> Certificate:
    """The second person agrees, the letter gets its number."""
    decision = _open_decision(appointment, LETTER, actor=actor)
    if appointment.state not in roster_rules.STANDING:
        raise Conflict("只有在聘人员可以制发聘书")
    decisions.confirm(decision, actor=actor)
    return _issue(appointment, decision=decision, actor=actor)


def letter_of(appointment: Appointment) -> Certificate | None:
    """The valid letter of a post."""
    rows = db.session.execute(publicity.certificates_of(appointment)).scalars()
    return next((row for row in rows if row.state is CertificateState.VALID), None)


def _issue(appointment: Appointment, *, decision: Decision, actor: Any) -> Certificate:
    district = str(current_app.config["SETTINGS"].district_name)
    label = appointment.kind.label
    first, last = chinese_day(appointment.starts), chinese_day(appointment.ends)
    letter = certificates.issue(
        rules.NUMBERED[appointment.kind],
        subject=appointment,
        decision=decision,
        actor=actor,
        title="聘书",
        subtitle=label,
        holder=appointment.person.name,
        text=f"兹聘任您为{district}{label}，聘期自{first}至{last}。文号：{appointment.document}。",
        personal=True,
    )
    appointment.certificate = letter.number
    db.session.flush()
    return letter


def _say(row: Candidacy) -> None:
    """What the candidate wrote becomes what matching reads, unless they said it better already."""
    if row.kind in roster_rules.HELPER_KINDS:
        profile = profiles.ensure(row.person)
        profile.expertise = profile.expertise or row.statement


def _check_agreement(row: Candidacy) -> None:
    if row.kind is not AppointmentKind.ENVOY:
        return
    agreement = queries.agreement_of(row)
    if agreement is None or not agreement.complete:
        raise Conflict("三方协议还没有全部签署，签署后才能聘任")


def _open_decision(subject: Any, kind: str, *, actor: Any) -> Decision:
    decision = publicity.decision_of(subject, kind=kind)
    if decision is None or decision.state is not DecisionState.PROPOSED:
        raise Conflict("没有等待复核的提请，请刷新页面")
    if isinstance(subject, Candidacy) and not access.may_confirm(actor, subject):
        raise NotPermitted("您没有复核这件事的权限")
    return decision
