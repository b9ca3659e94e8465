"""A stay and its end: settle in, extend, graduate, move on, leave, evict, remind."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.files import services as files
from matchmaker.files.rules import SCANS
from matchmaker.incubation import gateways, rules
from matchmaker.incubation.models import Tenancy
from matchmaker.incubation.rules import Graduation, GraduationProof, TenancyState
from matchmaker.incubation.services.applications import check_manages, step
from matchmaker.incubation.services.telling import tell_tenant
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import MessageState


def start(tenancy: Tenancy, *, actor: Any) -> None:
    """The firm has moved in and works."""
    check_manages(actor, tenancy)
    step(tenancy, TenancyState.INCUBATING, actor=actor)


def extend(tenancy: Tenancy, *, actor: Any, until: date, reason: str) -> None:
    """Prolong a stay, up to the longest one that its rules allow."""
    check_manages(actor, tenancy)
    rules.check_transition(tenancy.state, TenancyState.EXTENDED, reason=reason)
    entered, due = _running(tenancy)
    if until <= due:
        raise DomainError("续期后的到期日应晚于现在的到期日 {due}", field="until", due=due)
    rules.check_extension(entered=entered, until=until, rules=_rules_of(tenancy), field=tenancy.special_field)
    tenancy.due = until
    step(tenancy, TenancyState.EXTENDED, actor=actor, reason=reason, until=until.isoformat(), due=due.isoformat())
    tell_tenant(tenancy, "incubation/mail/step")


def graduate(
    tenancy: Tenancy,
    *,
    actor: Any,
    day: date,
    proof: GraduationProof,
    document: str,
    amount_fen: int = 0,
    file: Any = None,
) -> None:
    """Let a firm graduate on one of the four proofs; `document` names the paper, `file` may carry it."""
    check_manages(actor, tenancy)
    rules.check_transition(tenancy.state, TenancyState.GRADUATED)
    entered, _due = _running(tenancy)
    _check_day(entered, day)
    held = rules.check_graduation(
        graduation_of(proof, document=document, amount_fen=amount_fen),
        _rules_of(tenancy),
        has_evidence=bool(document.strip()),
    )
    if proof not in held:
        raise DomainError("所填内容不能证明这一项毕业条件，请核对金额或证书号", field="proof")
    tenancy.left, tenancy.proof = day, proof
    tenancy.proof_document, tenancy.proof_amount_fen = document.strip(), amount_fen or None
    if file:
        files.attach(file, subject=tenancy, actor=actor, purpose="graduation", kinds=SCANS)
    step(tenancy, TenancyState.GRADUATED, actor=actor, proof=proof.value, document=document.strip())
    tell_tenant(tenancy, "incubation/mail/step")


def graduation_of(proof: GraduationProof, *, document: str, amount_fen: int) -> Graduation:
    """What was typed for one proof, as the rule wants to see it."""
    return Graduation(
        hnte_number=document if proof is GraduationProof.HNTE else "",
        venture_capital_fen=amount_fen if proof is GraduationProof.VENTURE_CAPITAL else 0,
        revenue_two_years_fen=amount_fen if proof is GraduationProof.REVENUE else 0,
        merged_or_listed=proof is GraduationProof.MERGED_OR_LISTED,
    )


def advance(tenancy: Tenancy, *, actor: Any, target: TenancyState, place: str = "") -> None:
    """Note where a graduate went next: an accelerator, then a park."""
    check_manages(actor, tenancy)
    if target not in {TenancyState.ACCELERATING, TenancyState.IN_PARK}:
        raise DomainError("毕业后只能进入加速或入园", field="target")
    tenancy.next_place = place.strip() or tenancy.next_place
    step(tenancy, target, actor=actor, place=place.strip())


def leave(tenancy: Tenancy, *, actor: Any, day: date, reason: str) -> None:
    """The firm goes, by agreement."""
    _end(tenancy, TenancyState.LEFT, actor=actor, day=day, reason=reason)


def evict(tenancy: Tenancy, *, actor: Any, day: date, reason: str) -> None:
    """The carrier ends the stay."""
    _end(tenancy, TenancyState.REMOVED, actor=actor, day=day, reason=reason)


def _end(tenancy: Tenancy, target: TenancyState, *, actor: Any, day: date, reason: str) -> None:
    check_manages(actor, tenancy)
    rules.check_transition(tenancy.state, target, reason=reason)
    if tenancy.is_present:
        entered, _due = _running(tenancy)
        _check_day(entered, day)
        tenancy.left = day
    step(tenancy, target, actor=actor, reason=reason, day=day.isoformat())
    tell_tenant(tenancy, "incubation/mail/step")


def check_remindable(tenancy: Tenancy, actor: Any) -> None:
    """May this firm be reminded of the end of its stay?"""
    check_manages(actor, tenancy)
    if not tenancy.is_present or tenancy.due is None:
        raise DomainError("只有在孵的企业才有到期日可提醒")
    if rules.urgency(due=tenancy.due, today=clock.today()) is rules.Urgency.FAR:
        raise DomainError("离到期还有 90 天以上，暂不提醒")


def remind(tenancy: Tenancy, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Write to the firm that its stay ends; returns what an undo needs."""
    check_remindable(tenancy, actor)
    before = tenancy.reminded.isoformat() if tenancy.reminded else None
    now = clock.now()
    if not tell_tenant(tenancy, "incubation/mail/due"):
        raise DomainError("这家企业还没有人注册账号，无法在线提醒，请电话联系")
    tenancy.reminded = now
    db.session.flush()
    return {"reminded": before, "since": now.isoformat()}


def undo_remind(tenancy: Tenancy, actor: Any, before: dict[str, Any]) -> None:
    """Drop reminders that have not left yet; Conflict when they are on their way."""
    check_manages(actor, tenancy)
    waiting = sa.delete(Message).where(
        Message.about_kind == Tenancy.__tablename__,
        Message.about_id == tenancy.id,
        Message.state == MessageState.WAITING,
        Message.created >= datetime.fromisoformat(before["since"]),
    )
    if not db.session.execute(waiting).rowcount:  # type: ignore[attr-defined]
        raise Conflict("提醒已经发出，不能撤回")
    tenancy.reminded = datetime.fromisoformat(before["reminded"]) if before["reminded"] else None
    db.session.flush()


def _rules_of(tenancy: Tenancy) -> rules.TenancyRules:
    entered, _due = _running(tenancy)
    return gateways.rules_of(tenancy.rule_doc_no or "", day=entered)


def _running(tenancy: Tenancy) -> tuple[date, date]:
    if tenancy.entered is None or tenancy.due is None:
        raise DomainError("这条记录没有入驻日期，请先补录", field="entered")
    return tenancy.entered, tenancy.due


def _check_day(entered: date, day: date) -> None:
    rules.check_exit(entered=entered, left=day)
    if day > clock.today():
        raise DomainError("办理日期不能晚于今天", field="day")
