"""Attendance certificates: proposed by one person, confirmed by another, then one for everybody who was there."""

from __future__ import annotations

from typing import Any

from matchmaker.accounts.models import User
from matchmaker.activity import services as activity
from matchmaker.badges import queries, rules
from matchmaker.badges.models import AttendanceCertificate, CertificateSetting
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db
from matchmaker.core.documents import chinese_day
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.events import access
from matchmaker.events.models import Attendee, Event
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import CertificateState, DecisionState
from matchmaker.publicity.services import certificates as papers
from matchmaker.publicity.services import decisions


def word(event: Event, *, actor: Any, **values: Any) -> CertificateSetting:
    """Write the words of an event's certificates."""
    _check_manages(actor, event)
    words = queries.words_of(event.id)
    if words is None:
        words = CertificateSetting(event_id=event.id, updated=clock.now())
        db.session.add(words)
    for key in ("title", "title_en", "text", "text_en", "hours"):
        setattr(words, key, values[key])
    rules.check_words(words.words)
    words.updated = clock.now()
    activity.record("badges.worded", subject=event, actor=actor, **words.words)
    db.session.flush()
    return words


def words_for(event: Event) -> dict[str, Any]:
    """The words that are in use, those of the house where nobody wrote others."""
    words = queries.words_of(event.id)
    if words is not None:
        return words.words
    return {
        "title": rules.TITLE,
        "title_en": rules.TITLE_EN,
        "text": rules.TEXT,
        "text_en": rules.TEXT_EN,
        "hours": "",
    }


def propose(event: Event, *, actor: Any, reason: str) -> Decision:
    """Put the certificates of everybody who was there before a second person, with their words."""
    _check_manages(actor, event)
    rules.check_over(over=clock.now() >= event.ends)
    count = queries.count_of(queries.without_certificate(event.id))
    rules.check_somebody(count)
    earlier = publicity.decision_of(event, kind=queries.ISSUE)
    if earlier is not None and earlier.state is DecisionState.CONFIRMED:
        raise Conflict("制发已经复核过，后来到场的人会自动补发")
    words = words_for(event)
    rules.check_words(words)
    return decisions.propose(
        queries.ISSUE,
        subject=event,
        actor=actor,
        title=f"制发{words['title']}：{event.title}（{count} 人）",
        reason=reason,
        url=f"/badges/{event.id}/certificates",
        data={**words, "count": count},
    )


def confirm(event: Event, *, actor: Any) -> int:
    """The second person agrees: the first certificates are made at once, the others by the job."""
    decision = _open(event, queries.ISSUE)
    decisions.confirm(decision, actor=actor)
    return issue(decision)


def give_back(event: Event, *, actor: Any, reason: str) -> None:
    """The second person does not agree."""
    decisions.give_back(_open(event, queries.ISSUE), actor=actor, reason=reason)


def issue(decision: Decision, *, most: int = rules.AT_ONCE) -> int:
    """Make the next certificates of a confirmed decision; everybody gets one, whoever calls how often."""
    event = db.session.get_one(Event, decision.subject_id)
    statement = queries.without_certificate(event.id).limit(most)
    people = db.session.execute(statement).unique().scalars().all()
    signer = db.session.get_one(User, decision.confirmed_by_id)
    for person in people:
        _certify(event, person, decision=decision, signer=signer)
    if people:
        activity.record("badges.issued", subject=event, actor=signer, people=len(people))
    db.session.flush()
    return len(people)


def issue_next(decision_id: int) -> int:
    """The same by the number of the decision, for the job."""
    return issue(db.session.get_one(Decision, decision_id))


def _certify(event: Event, person: Attendee, *, decision: Decision, signer: User) -> None:
    title, text, title_en, text_en = _wording(event, person, decision.data)
    certificate = papers.issue(
        rules.SERIES,
        subject=event,
        decision=decision,
        actor=signer,
        title=title,
        subtitle=title_en.upper(),
        holder=rules.printable(person.name) or "—",
        text=text,
        personal=True,
    )
    db.session.add(
        AttendanceCertificate(
            event_id=event.id,
            attendee_id=person.id,
            certificate_id=certificate.id,
            title_en=title_en,
            text_en=text_en,
            created=clock.now(),
        )
    )
    db.session.flush()


def _wording(event: Event, person: Attendee, words: dict[str, Any]) -> tuple[str, str, str, str]:
    day, registration = china_today(event.starts), person.registration
    firm = registration.organisation.name if registration.organisation else registration.organisation_name
    common = {"hours": words["hours"], "organisation": firm}
    text = rules.filled(words["text"], event=event.title, day=chinese_day(day), **common)
    english = rules.filled(words["text_en"], event=event.title_en or event.title, day=rules.english_day(day), **common)
    return words["title"], text, words["title_en"], english[:1000]


def propose_correction(row: AttendanceCertificate, *, actor: Any, name: str, reason: str) -> Decision:
    """Put a corrected name before a second person; the old certificate then falls, a new one takes its place."""
    _check_manages(actor, row.event)
    after = rules.check_correction(before=row.certificate.holder, after=name)
    return decisions.propose(
        queries.CORRECT,
        subject=row,
        actor=actor,
        title=f"更正 {row.certificate.number}：{row.certificate.holder} → {after}",
        reason=reason,
        url=f"/badges/{row.event_id}/certificates/{row.id}",
        data={"name": after},
    )


def confirm_correction(row: AttendanceCertificate, *, actor: Any) -> AttendanceCertificate:
    """The second person agrees: revoke the old one, issue the new one, correct the attendee."""
    decision, old = _open(row, queries.CORRECT), row.certificate
    decisions.confirm(decision, actor=actor)
    new = papers.issue(
        old.kind,
        subject=row.event,
        decision=decision,
        actor=actor,
        title=old.title,
        subtitle=old.subtitle,
        holder=decision.data["name"],
        text=old.text,
        personal=True,
    )
    if old.state is CertificateState.VALID:
        papers.revoke(old, decision=decision, actor=actor, document=f"更正姓名，改发 {new.number}")
    row.certificate = new
    if row.attendee is not None:
        row.attendee.name = decision.data["name"]
    activity.record("badges.corrected", subject=row.event, actor=actor, before=old.number, after=new.number)
    db.session.flush()
    return row


def return_correction(row: AttendanceCertificate, *, actor: Any, reason: str) -> None:
    """The second person does not agree."""
    decisions.give_back(_open(row, queries.CORRECT), actor=actor, reason=reason)


def _open(subject: Any, kind: str) -> Decision:
    decision = publicity.decision_of(subject, kind=kind)
    if decision is None or decision.state is not DecisionState.PROPOSED:
        raise Conflict("没有等待复核的提请，请刷新页面")
    return decision


def _check_manages(actor: Any, event: Event) -> None:
    if not access.may_manage(actor, event):
        raise NotPermitted("这个活动不在您负责的区域")
