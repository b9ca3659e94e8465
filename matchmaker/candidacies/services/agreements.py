"""Agreements of three parties: drawn up by the bureau, signed by each, ended with a reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.activity import services as activity
from matchmaker.candidacies import access, queries, rules
from matchmaker.candidacies.models import Agreement, Candidacy
from matchmaker.candidacies.rules import AgreementState, Party
from matchmaker.candidacies.services import telling
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation, Person
from matchmaker.files import services as files
from matchmaker.files.rules import SCANS
from matchmaker.publicity.services import numbers
from matchmaker.rosters.access import may_manage
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, Term

WITH_POST = "特派员聘任已结束"
ONE_DAY = timedelta(days=1)


def draw_up(
    person: Person,
    *,
    actor: Any,
    host: str,
    goals: str,
    starts: date,
    ends: date,
    number: str = "",
    sending_unit_id: int | None = None,
    candidacy: Candidacy | None = None,
    file: Any = None,
) -> Agreement:
    """A new agreement that waits for three signatures."""
    if not may_manage(actor, person.region):
        raise NotPermitted("这位人员不在您负责的区域")
    rules.check_agreement(goals=goals, term=Term(starts, ends))
    firm = _free_firm(host, person=person, term=Term(starts, ends), sending_unit_id=sending_unit_id)
    if candidacy is not None and candidacy.kind is not AppointmentKind.ENVOY:
        raise Conflict("只有科技特派员需要三方协议")
    row = Agreement(
        region=person.region,
        person=person,
        candidacy_id=candidacy.id if candidacy else None,
        sending_unit_id=sending_unit_id,
        host=firm,
        number=number.strip() or _next_number(),
        goals=goals.strip(),
        starts=starts,
        ends=ends,
        state=AgreementState.SIGNING,
        created=clock.now(),
        updated=clock.now(),
    )
    db.session.add(row)
    try:
        db.session.flush()  # the constraints have the last word
    except IntegrityError:
        raise Conflict("这家企业刚刚建立了另一份三方协议，请刷新页面核对", field="host") from None
    if getattr(file, "filename", ""):
        files.attach(file, subject=row, actor=actor, purpose="agreement", kinds=SCANS)
    activity.record("candidacies.agreement_drawn", subject=row, actor=actor, host=firm.name)
    return row


def _free_firm(host: str, *, person: Person, term: Term, sending_unit_id: int | None) -> Organisation:
    firm = queries.organisation_named(host)
    if firm is None:
        raise DomainError("没有找到这家企业，请填写全称或统一社会信用代码", field="host")
    _hold(firm)
    other = queries.agreement_of_firm(firm.id, first=term.starts, last=term.ends)
    taken = other is not None and other.person_id != person.id
    rules.check_host(sending_unit_id=sending_unit_id, host_id=firm.id, has_other_envoy=taken)
    if other is not None:
        raise Conflict("双方在这段时间已有三方协议，请先终止原协议或调整日期", field="starts")
    return firm


def _hold(firm: Organisation) -> None:
    """One agreement of a firm after the other: its row is held until the end of the transaction."""
    claim(sa.update(Organisation).where(Organisation.id == firm.id).values(region=Organisation.region))


def _next_number() -> str:
    year = clock.today().year
    return f"特派协议〔{year}〕{numbers.claim_serial('agreement', year=year)}号"


def keep_scan(row: Agreement, *, actor: Any, file: Any) -> None:
    """Keep the paper that the parties have signed and sealed."""
    if not (may_manage(actor, row.region) or access.parties_of(actor, row)):
        raise NotPermitted("只有协议各方和经办人可以上传")
    if row.state is AgreementState.TERMINATED:
        raise Conflict("协议已终止，不能再上传")
    if not getattr(file, "filename", ""):
        raise DomainError("请选择签字盖章后的扫描件", field="scan")
    kept = files.attach(file, subject=row, actor=actor, purpose="agreement", kinds=SCANS, field="scan")
    activity.record("candidacies.agreement_scanned", subject=row, actor=actor, file=kept.name)
    db.session.flush()


def sign(row: Agreement, *, actor: Any, party: Party) -> None:
    """One party signs; the third signature puts the agreement in force. One person signs for one party only."""
    if party not in access.parties_of(actor, row):
        raise NotPermitted("您不能代表这一方签署")
    if row.state is not AgreementState.SIGNING or row.signed_by(party):
        raise Conflict("这一方已经签署，或协议已终止")
    if actor.id in {row.envoy_signer_id, row.host_signer_id, row.bureau_signer_id}:
        raise NotPermitted("同一人不能代表两方签署")
    setattr(row, f"{party.value}_signed", clock.now())
    setattr(row, f"{party.value}_signer_id", actor.id)
    if row.complete:
        row.state = AgreementState.IN_FORCE
    row.updated = clock.now()
    activity.record("candidacies.agreement_signed", subject=row, actor=actor, party=party.value)
    db.session.flush()


def terminate(row: Agreement, *, actor: Any, reason: str, day: date) -> None:
    """End an agreement before its term; a draft that nobody wants any more is ended on its first day."""
    if not may_manage(actor, row.region):
        raise NotPermitted("这份协议不在您负责的区域")
    if not reason.strip():
        raise DomainError("请写明终止理由，三方都会看到", field="reason")
    if row.state is AgreementState.TERMINATED:
        raise Conflict("协议已经终止")
    if row.state is AgreementState.SIGNING:
        activity.record("candidacies.agreement_dropped", subject=row, actor=actor, reason=reason.strip())
        db.session.delete(row)
        db.session.flush()
        return
    if not row.starts <= day <= row.ends:
        raise DomainError("终止日期应在协议期 {starts} 至 {ends} 之内", field="day", starts=row.starts, ends=row.ends)
    row.state, row.ended, row.reason, row.updated = AgreementState.TERMINATED, day, reason.strip()[:500], clock.now()
    activity.record("candidacies.agreement_ended", subject=row, actor=actor, reason=reason.strip())
    db.session.flush()


def end_with_post(post: Appointment, *, actor: Any, day: date) -> None:
    """An envoy leaves the post: what is signed ends with it, what is not signed falls away. Hosts read no reason."""
    live = queries.agreements_of_person(post.person_id).where(Agreement.state != AgreementState.TERMINATED)
    for row in db.session.execute(live).unique().scalars():
        if row.state is AgreementState.SIGNING:
            activity.record("candidacies.agreement_dropped", subject=row, actor=actor, reason=WITH_POST)
            db.session.delete(row)
        elif (row.ended or row.ends) > day:
            row.state, row.ended, row.reason = AgreementState.TERMINATED, max(day, row.starts - ONE_DAY), WITH_POST
            row.updated = clock.now()
            activity.record("candidacies.agreement_ended", subject=row, actor=actor, reason=WITH_POST)
            telling.tell_host_of_end(row)
    db.session.flush()
