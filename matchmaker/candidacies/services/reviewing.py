"""The bureau's steps: taking up, sending back, refusing, publicity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.candidacies import access
from matchmaker.candidacies.models import Candidacy
from matchmaker.candidacies.services import telling
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity.models import Notice
from matchmaker.publicity.services import notices
from matchmaker.rosters import rules as roster_rules
from matchmaker.rosters.rules import AppointmentKind, AppointmentState


def accept(row: Candidacy, *, actor: Any) -> None:
    """Take an application up for review."""
    _step(row, AppointmentState.REVIEWING, actor=actor)


def send_back(row: Candidacy, *, actor: Any, reason: str) -> None:
    """Ask for a correction; an envoy's match falls away with it."""
    _step(row, AppointmentState.RETURNED, actor=actor, reason=reason)
    row.host_id = None


def refuse(row: Candidacy, *, actor: Any, reason: str) -> None:
    """Say no, with a reason that the candidate reads."""
    _step(row, AppointmentState.REFUSED, actor=actor, reason=reason)


def reopen(row: Candidacy, *, actor: Any, reason: str) -> None:
    """Back from publicity to review: an objection was upheld, or the notice was withdrawn."""
    if not reason.strip():
        raise DomainError("请写明理由，本人会看到", field="reason")
    _step(row, AppointmentState.REVIEWING, actor=actor, reason=reason)
    row.notice = None
    db.session.flush()


def publish(
    rows: Sequence[Candidacy],
    *,
    actor: Any,
    region: str,
    title: str,
    working_days: int,
    contact_name: str,
    contact_phone: str,
) -> Notice:
    """Put reviewed candidates of one kind before the public for some working days."""
    if not rows:
        raise DomainError("请至少选择一位人选", field="ids")
    if len({row.kind for row in rows}) > 1:
        raise DomainError("一份公示只列一类人选，请分开公示", field="ids")
    notice = notices.draft(
        actor=actor,
        region=region,
        title=title,
        body="经申报、推荐和审核，现将拟聘任人选予以公示。",
        items=[_item(row) for row in rows],
        working_days=working_days,
        contact_name=contact_name,
        contact_phone=contact_phone,
    )
    notices.publish(notice, actor=actor)
    for row in rows:
        row.notice = notice
        _step(row, AppointmentState.PUBLICITY, actor=actor)
    return notice


def check_clear(row: Candidacy) -> None:
    """Raise Conflict while the notice runs, an objection is open, or one against this person was upheld."""
    if row.notice is None:
        raise Conflict("还没有公示，不能聘任")
    notices.require_clear(row.notice)
    from matchmaker.candidacies import queries

    if queries.upheld_against(row):
        raise Conflict("对该人选的异议成立，不能聘任，请退回审核")


def _item(row: Candidacy) -> dict[str, Any]:
    person = row.person
    unit = person.organisation.name if person.organisation else person.unit_text or ""
    host = f"受援企业：{row.host.name}" if row.host else ""
    detail = "；".join(part for part in (unit, person.title or "", host) if part)
    return {"name": person.name, "uscc": "", "detail": detail[:300], "user_id": person.user_id}


def _step(row: Candidacy, target: AppointmentState, *, actor: Any, reason: str = "") -> None:
    if not access.may_review(actor, row):
        raise NotPermitted("这份申报不在您负责的区域，或是您本人的申报")
    roster_rules.check_transition(row.kind, row.state, target, reason=reason)
    row.state, row.updated = target, clock.now()
    row.reason = reason.strip()[:500] or None
    activity.record("candidacies.step", subject=row, actor=actor, to=target.value, reason=reason.strip())
    telling.tell_candidate(row)
    db.session.flush()


def title_for(kind: AppointmentKind) -> str:
    """What a notice of this kind is usually called."""
    return f"关于拟聘任{kind.label}人选的公示"
