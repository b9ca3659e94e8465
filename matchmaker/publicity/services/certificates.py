"""Issuing numbered certificates on a confirmed decision, and revoking them by another."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.publicity import access, queries, rules
from matchmaker.publicity.models import Certificate, Decision
from matchmaker.publicity.rules import CertificateState, DecisionState
from matchmaker.publicity.services import decisions, numbers

REVOCATION = "publicity.revocation"
CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that can be mistaken for another


def issue(
    kind: str,
    *,
    subject: Any,
    decision: Decision,
    actor: Any,
    title: str,
    holder: str,
    text: str,
    personal: bool,
    subtitle: str = "",
    award: str = "",
    issued_on: date | None = None,
) -> Certificate:
    """Give out the next number of `kind` (2 to 4 capital letters) and its year; claimed, so no two are alike.

    `subject` has a region; `decision` must be confirmed; `personal` hides the holder's full name from the public check.
    """
    if decision.state is not DecisionState.CONFIRMED:
        raise Conflict("还没有经过双人复核，不能制发证书")
    if not access.covers(actor, subject.region):
        raise NotPermitted("这件事不在您负责的区域")
    day = issued_on or clock.today()
    rules.certificate_number(kind=kind, year=day.year, serial=1)
    serial = numbers.claim_serial(kind, year=day.year)
    row = Certificate(
        region=subject.region,
        kind=kind,
        year=day.year,
        serial=serial,
        number=str(rules.certificate_number(kind=kind, year=day.year, serial=serial)),
        code="".join(secrets.choice(CODE_SIGNS) for _ in range(8)),
        title=title,
        subtitle=subtitle,
        holder=holder,
        personal=personal,
        text=text,
        award=award,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        decision_id=decision.id,
        issued_on=day,
        issued_by_id=actor.id,
        created=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    activity.record("publicity.issued", subject=row, actor=actor, number=row.number)
    return row


def propose_revocation(row: Certificate, *, actor: Any, reason: str, document: str) -> Decision:
    """Put the revocation before a second person."""
    if not access.may_read_certificate(actor, row):
        raise NotPermitted("这件事不在您负责的区域")
    rules.check_revocation(row.state, reason=reason, document=document)
    return decisions.propose(
        REVOCATION,
        subject=row,
        actor=actor,
        title=f"撤销证书 {row.number}",
        reason=reason,
        url=f"/certificates/manage/{row.id}",
        data={"document": document.strip()},
    )


def confirm_revocation(row: Certificate, *, actor: Any) -> None:
    """The second person agrees: from now on the public check says that the certificate is revoked."""
    decision = _open_decision(row)
    decisions.confirm(decision, actor=actor)
    revoke(row, decision=decision, actor=actor, document=decision.data["document"])


def return_revocation(row: Certificate, *, actor: Any, reason: str) -> None:
    """The second person does not agree."""
    decisions.give_back(_open_decision(row), actor=actor, reason=reason)


def revoke(row: Certificate, *, decision: Decision, actor: Any, document: str) -> None:
    """Revoke on a confirmed decision of any kind (a title withdrawn downstream takes its certificate along)."""
    if decision.state is not DecisionState.CONFIRMED:
        raise Conflict("还没有经过双人复核，请先提请复核")
    rules.check_revocation(row.state, reason=decision.reason, document=document)
    row.revoked_on, row.revoked_reason, row.revoked_document = clock.today(), decision.reason[:500], document
    activity.record("publicity.revoked", subject=row, actor=actor, number=row.number, document=document)
    db.session.flush()


def lapse(row: Certificate, *, since: date, actor: Any | None) -> None:
    """What the paper says is over (a post that ended): from `since` on the public check says so, and no reason.

    A letter that holds no longer stays as it is; one that would lapse later lapses on the earlier day.
    """
    if row.revoked_on is not None and row.revoked_on <= since:
        return
    row.revoked_on, row.revoked_reason, row.revoked_document = since, None, None
    activity.record("publicity.lapsed_paper", subject=row, actor=actor, number=row.number, since=since.isoformat())
    db.session.flush()


def _open_decision(row: Certificate) -> Decision:
    decision = queries.decision_of(row, kind=REVOCATION)
    if decision is None or decision.state is not DecisionState.PROPOSED or row.state is CertificateState.REVOKED:
        raise Conflict("没有等待复核的撤销提请，请刷新页面")
    return decision
