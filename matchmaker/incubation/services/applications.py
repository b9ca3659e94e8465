"""From application to admission: apply, take up, send back, refuse, withdraw, admit."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import IntegrityError

from matchmaker.activity import services as activity
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.incubation import access, gateways, queries, rules
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.incubation.rules import SpecialField, Stay, TenancyState
from matchmaker.incubation.services import carriers
from matchmaker.incubation.services.telling import tell_managers, tell_tenant


def apply(
    carrier: Carrier,
    *,
    actor: Any,
    organisation_id: int | None,
    team_name: str = "",
    project: str,
    summary: str = "",
    special_field: SpecialField | None = None,
) -> Tenancy:
    """Apply for a place in a carrier for an organisation of the actor's, or for a team without a firm."""
    if not access.may_apply_for(actor, organisation_id):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再申请")
    if not carrier.is_open:
        raise Conflict("这家载体现在不接受入驻申请")
    team = _team(carrier, organisation_id, team_name)
    _check_first(carrier, actor=actor, organisation_id=organisation_id, team_name=team)
    _check_young_enough(carrier, organisation_id)
    now = clock.now()
    tenancy = Tenancy(
        region=carrier.region,
        carrier=carrier,
        organisation_id=organisation_id,
        team_name=team,
        applicant_id=actor.id,
        state=TenancyState.APPLIED,
        stage=rules.stage_of(carrier.kind),
        project=project,
        summary=summary,
        special_field=special_field or carrier.special_field,  # a specialised carrier's field is its tenants'
        applied=clock.today(),
        created=now,
        updated=now,
    )
    db.session.add(tenancy)
    with claimed("这家单位已有一份申请在办理，请在“我的入驻”中查看"):
        db.session.flush()
    activity.record("incubation.applied", subject=tenancy, actor=actor, carrier=carrier.id)
    tell_managers(tenancy, "incubation/mail/applied")
    return tenancy


@contextmanager
def claimed(sentence: str) -> Any:
    """What a unique index refuses is said in a sentence: somebody was faster."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(sentence) from error


def _team(carrier: Carrier, organisation_id: int | None, team_name: str) -> str | None:
    if organisation_id is not None:
        return None
    rules.check_takes_teams(carrier.kind)
    if not team_name.strip():
        raise DomainError("请填写团队名称，或选择代表的单位", field="team_name")
    return team_name.strip()


def _check_first(carrier: Carrier, *, actor: Any, organisation_id: int | None, team_name: str | None) -> None:
    standing = queries.open_application(
        carrier.id, organisation_id=organisation_id, applicant_id=actor.id, team_name=team_name
    )
    if db.session.execute(standing).unique().scalars().first() is not None:
        raise Conflict("这家单位已有一份申请在办理，请在“我的入驻”中查看")


def _check_young_enough(carrier: Carrier, organisation_id: int | None) -> None:
    """Tell a firm that is too old already when it applies; without a founding day the manager asks for it later."""
    organisation = db.session.get(Organisation, organisation_id) if organisation_id else None
    if organisation is None or organisation.founded is None or not rules.has_age_limit(carrier.kind):
        return
    today = clock.today()
    rules.check_entry(founded=organisation.founded, entered=today, rules=gateways.rules_on(today))


def revise(tenancy: Tenancy, *, actor: Any, project: str, summary: str, special_field: SpecialField | None) -> None:
    """Change an application that nobody has taken up yet, or that was sent back."""
    if not access.is_own(actor, tenancy):
        raise NotPermitted("只有申请人和同单位的同事可以修改")
    if tenancy.state is not TenancyState.APPLIED:
        raise Conflict("申请已进入评审，不能再修改；如需更正请联系载体")
    tenancy.project, tenancy.summary, tenancy.special_field = project, summary, special_field
    sent_back, tenancy.reason = tenancy.reason is not None, None
    tenancy.updated = clock.now()
    activity.record("incubation.revised", subject=tenancy, actor=actor)
    db.session.flush()
    if sent_back:
        tell_managers(tenancy, "incubation/mail/applied")


def withdraw(tenancy: Tenancy, *, actor: Any) -> None:
    """Take an application back."""
    if not access.is_own(actor, tenancy):
        raise NotPermitted("只有申请人和同单位的同事可以撤回")
    step(tenancy, TenancyState.CANCELLED, actor=actor)


def check_acceptable(tenancy: Tenancy, actor: Any) -> None:
    """May this application be taken up now?"""
    check_manages(actor, tenancy)
    rules.check_transition(tenancy.state, TenancyState.REVIEWING)


def accept(tenancy: Tenancy, actor: Any, _reason: str = "") -> dict[str, Any]:
    """Take an application up for review; returns what an undo needs."""
    check_acceptable(tenancy, actor)
    step(tenancy, TenancyState.REVIEWING, actor=actor)
    tell_tenant(tenancy, "incubation/mail/step")
    return {"version": tenancy.version}


def undo_accept(tenancy: Tenancy, actor: Any, before: dict[str, Any]) -> None:
    """Put an application back to where nobody had taken it up."""
    check_manages(actor, tenancy)
    if tenancy.version != before["version"]:
        raise Conflict("这份申请后来又有变化，不能撤销")
    tenancy.state, tenancy.updated = TenancyState.APPLIED, clock.now()
    activity.record("incubation.undone", subject=tenancy, actor=actor)
    db.session.flush()


def send_back(tenancy: Tenancy, *, actor: Any, reason: str) -> None:
    """Ask the firm to complete its application."""
    check_manages(actor, tenancy)
    step(tenancy, TenancyState.APPLIED, actor=actor, reason=reason)
    tell_tenant(tenancy, "incubation/mail/step")


def refuse(tenancy: Tenancy, *, actor: Any, reason: str) -> None:
    """Say no, and why."""
    check_manages(actor, tenancy)
    tenancy.reviewed = clock.today()
    step(tenancy, TenancyState.REFUSED, actor=actor, reason=reason)
    tell_tenant(tenancy, "incubation/mail/step")


def admit(
    tenancy: Tenancy,
    *,
    actor: Any,
    entered: date,
    contract: str,
    contract_months: int,
    room: str = "",
    area_m2: int | None = None,
    workstations: int | None = None,
    score: Decimal | None = None,
) -> None:
    """Let a firm in: young enough on the day of entry, in no other carrier, for no longer than the rules allow."""
    check_manages(actor, tenancy)
    rules.check_transition(tenancy.state, TenancyState.ADMITTED)
    rules.check_score(score)
    limits = gateways.rules_on(entered)
    _check_entry(tenancy, entered=entered, limits=limits)
    check_alone(tenancy, entered=entered)
    longest = limits.stay_months(tenancy.special_field)
    if not 1 <= contract_months <= longest:
        raise DomainError(
            "入驻期限应在 1 到 {longest} 个月之间（{doc_no}）",
            field="contract_months",
            longest=longest,
            doc_no=limits.doc_no,
        )
    tenancy.entered, tenancy.due = entered, rules.contract_end(entered=entered, months=contract_months)
    tenancy.contract, tenancy.contract_months = contract, contract_months
    tenancy.stay_months_max, tenancy.rule_doc_no = longest, limits.doc_no
    tenancy.area_m2, tenancy.workstations, tenancy.score = area_m2, workstations, score
    tenancy.reviewed = tenancy.reviewed or clock.today()
    place = carriers.space(tenancy.carrier, room, area_m2=area_m2)
    tenancy.space_id = place.id if place else None
    with claimed("这家单位刚刚已入驻另一家载体，或这个房间刚被占用，请刷新后核对"):
        step(tenancy, TenancyState.ADMITTED, actor=actor)
    tell_tenant(tenancy, "incubation/mail/step")


def limits_on(day: date) -> rules.TenancyRules:
    """The rules of entry and stay on that day."""
    return gateways.rules_on(day)


def _check_entry(tenancy: Tenancy, *, entered: date, limits: rules.TenancyRules) -> None:
    if tenancy.organisation is None:
        rules.check_takes_teams(tenancy.carrier.kind)
        return
    exempt = tenancy.historic or not rules.has_age_limit(tenancy.carrier.kind)
    rules.check_entry(founded=tenancy.founded, entered=entered, rules=limits, historic=exempt)


def check_alone(tenancy: Tenancy, *, entered: date, left: date | None = None) -> None:
    """Refuse a stay that overlaps another stay of the same firm."""
    if tenancy.organisation_id is None:
        return
    others = db.session.execute(queries.stays_of(tenancy.organisation_id, but=tenancy.id)).unique().scalars()
    stays = [Stay(row.carrier.name, row.entered, row.left) for row in others if row.entered is not None]
    rules.check_no_overlap(Stay(tenancy.carrier.name, entered, left), stays)


def step(tenancy: Tenancy, target: TenancyState, *, actor: Any, reason: str = "", **data: Any) -> None:
    """Move a tenancy along its chain and log it; a reason is kept where one is asked for."""
    rules.check_transition(tenancy.state, target, reason=reason)
    before, tenancy.state = tenancy.state, target
    tenancy.reason = reason.strip()[:500] or None
    tenancy.updated = clock.now()
    activity.record(
        f"incubation.{target.value}", subject=tenancy, actor=actor, before=before.value, reason=tenancy.reason, **data
    )
    db.session.flush()


def check_manages(actor: Any, tenancy: Tenancy) -> None:
    """Only who runs the carrier moves its tenancies."""
    if not access.may_manage(actor, tenancy.carrier):
        raise NotPermitted("只有这家载体的管理员可以办理")
