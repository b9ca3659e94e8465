"""Filing, accepting and deciding objections. No log entry, message or list carries the objector's name."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.rules import Role
from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.files import queries as stored_files
from matchmaker.files import services as files
from matchmaker.files.rules import SCANS
from matchmaker.notifications import services as notifications
from matchmaker.publicity import access, queries, rules
from matchmaker.publicity.models import Decision, Notice, Objection
from matchmaker.publicity.rules import NoticeState, ObjectionState, Signature
from matchmaker.publicity.services import decisions

DECISION = "publicity.objection"


def file_objection(
    notice: Notice,
    *,
    actor: Any,
    text: str,
    signature: Signature | None,
    signer: str,
    phone: str,
    signed_page: Any,
    email: str = "",
    item: str = "",
    source: str = "",
) -> Objection:
    """Take in a written, signed objection while the notice runs. Raises Conflict when late, DomainError when anonymous.

    `actor` is a user or nobody; `signed_page` the upload with signature or seal; `source` a keyed hash of where the
    request came from, for the daily limit only.
    """
    now = clock.now()
    has_page = bool(getattr(signed_page, "filename", ""))
    _check_open(notice, now, text=text, signature=signature, signer=signer, contact=phone, has_signed_page=has_page)
    user_id = actor.id or None
    since = now - timedelta(days=1)
    rules.check_rate(queries.recent_objections(user_id=user_id, phone=phone, source=source, since=since))
    row = Objection(
        region=notice.region,
        notice=notice,
        item=item,
        text=text.strip(),
        signature=signature,
        signer=signer.strip(),
        phone=phone,
        email=email,
        user_id=user_id,
        source=source,
        receipt=secrets.token_urlsafe(12),
        state=ObjectionState.RECEIVED,
        created=now,
    )
    db.session.add(row)
    db.session.flush()
    files.attach(
        signed_page, subject=row, actor=actor, purpose="signed_page", kinds=SCANS, limit_mb=10, field="signed_page"
    )
    activity.record("publicity.objected", subject=row, actor=None, notice=notice.id)
    _tell_handlers(row)
    db.session.flush()
    return row


def _check_open(notice: Notice, now: datetime, **said: Any) -> None:
    if notice.state not in queries.RUNNING or notice.ends is None:
        raise Conflict("这个公示现在不受理异议")
    rules.check_objection(ends=notice.ends, now=now, **said)


def _tell_handlers(row: Objection) -> None:
    handlers = db.session.execute(accounts.holders_of(Role.HANDLER, region=row.region)).unique().scalars().all()
    for person in {row.notice.owner, *handlers}:
        if access.may_handle(person, row):
            notifications.enqueue(
                "publicity/mail/objected", to=person, about=row, url=f"/objections/{row.id}", notice=row.notice
            )


def accept(row: Objection, *, actor: Any) -> None:
    """Begin to look into it; the notice is marked as disputed until all is decided."""
    _check_handles(actor, row)
    rules.check_objection_step(row.state, ObjectionState.INVESTIGATING)
    row.state = ObjectionState.INVESTIGATING
    if row.notice.state is NoticeState.PUBLISHED:
        row.notice.state = NoticeState.DISPUTED
    activity.record("publicity.objection_accepted", subject=row, actor=actor)
    db.session.flush()


def propose_outcome(row: Objection, *, actor: Any, outcome: ObjectionState, answer: str) -> Decision:
    """Put an outcome (不予受理, 成立, 不成立) and the answer to the objector before a second person."""
    _check_handles(actor, row)
    rules.check_objection_step(row.state, outcome, reason=answer)
    if outcome not in rules.REASONED:
        raise DomainError("请选择不予受理、异议成立或异议不成立", field="outcome")
    return decisions.propose(
        DECISION,
        subject=row,
        actor=actor,
        title=f"异议处理：{row.notice.title}",
        reason=answer,
        url=f"/objections/{row.id}",
        data={"outcome": outcome.value},
    )


def confirm_outcome(row: Objection, *, actor: Any) -> None:
    """The second person agrees: the outcome stands and the objector is answered."""
    _check_handles(actor, row)
    decision = _open_decision(row)
    outcome = ObjectionState(decision.data["outcome"])
    decisions.confirm(decision, actor=actor)
    rules.check_objection_step(row.state, outcome, reason=decision.reason)
    row.state, row.answer, row.decided = outcome, decision.reason, clock.now()
    activity.record("publicity.objection_decided", subject=row, actor=actor, outcome=outcome.value)
    db.session.flush()
    _settle(row.notice)
    notifications.enqueue(
        "publicity/mail/answered",
        email=row.email or None,
        phone=row.phone,
        about=row,
        url=f"/objections/receipts/{row.receipt}",
        objection=row,
    )
    db.session.flush()


def return_outcome(row: Objection, *, actor: Any, reason: str) -> None:
    """The second person does not agree; the handler proposes anew."""
    _check_handles(actor, row)
    decisions.give_back(_open_decision(row), actor=actor, reason=reason)


def withdraw(row: Objection) -> None:
    """The objector, known by account or by receipt, takes the objection back."""
    rules.check_objection_step(row.state, ObjectionState.WITHDRAWN)
    row.state, row.decided = ObjectionState.WITHDRAWN, clock.now()
    decisions.lapse(row, kind=DECISION, reason="异议人已撤回异议")
    activity.record("publicity.objection_withdrawn", subject=row, actor=None)
    db.session.flush()
    _settle(row.notice)


def forget(user: Any) -> None:
    """Take a person out of their objections: open ones are withdrawn; name, contact and signed page go."""
    statement = sa.select(Objection).where(Objection.user_id == user.id).order_by(Objection.id)
    for row in db.session.execute(statement).scalars().all():
        if row.state in rules.OPEN_OBJECTIONS:
            withdraw(row)
        for page in stored_files.of(row):
            files.detach(page, actor=None)
        row.signer, row.phone, row.email, row.source, row.user_id = "已注销", "", "", "", None
    db.session.flush()


def _settle(notice: Notice) -> None:
    if notice.state is NoticeState.DISPUTED and queries.open_objections(notice.id) == 0:
        notice.state = NoticeState.PUBLISHED
        db.session.flush()


def _open_decision(row: Objection) -> Decision:
    decision = queries.decision_of(row, kind=DECISION)
    if decision is None or decision.state is not rules.DecisionState.PROPOSED:
        raise Conflict("这件异议还没有提请复核的处理意见")
    return decision


def _check_handles(actor: Any, row: Objection) -> None:
    if not access.may_handle(actor, row):
        raise NotPermitted("您不能办理这件异议：不在负责区域，或与公示对象、异议人有关联")
