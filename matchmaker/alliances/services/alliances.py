"""The alliance itself: found, write the agreement, have it signed, file, start, dissolve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.exc import IntegrityError

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.rules import Role
from matchmaker.activity import services as activity
from matchmaker.alliances import access, queries, rules
from matchmaker.alliances.models import Alliance, AllianceMember
from matchmaker.alliances.rules import AllianceState, MemberRole
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Organisation
from matchmaker.files import services as files
from matchmaker.files.rules import SCANS
from matchmaker.notifications import services as notifications


def found(*, actor: Any, organisation_id: int, title: str, file: Any = None, **agreement: Any) -> Alliance:
    """Start an alliance led by an organisation of the actor's."""
    if not access.may_found_for(actor, organisation_id):
        raise NotPermitted("您不是这家单位的成员，请先加入单位再发起联盟")
    _check_term(agreement)
    lead = db.session.get_one(Organisation, organisation_id)
    now, today = clock.now(), clock.today()
    alliance = Alliance(
        region=lead.region,
        state=AllianceState.FORMING,
        title=title,
        established=today,
        created=now,
        updated=now,
        **agreement,
    )
    alliance.members = [AllianceMember(organisation_id=organisation_id, role=MemberRole.LEAD, joined=today)]
    db.session.add(alliance)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("本区已有同名联盟，请换一个名称", field="title") from error
    _keep(alliance, file, actor)
    activity.record("alliances.founded", subject=alliance, actor=actor)
    return alliance


def edit(alliance: Alliance, *, actor: Any, file: Any = None, **agreement: Any) -> None:
    """Change the agreement while nobody signs it."""
    _check_leads(actor, alliance)
    rules.check_editable(alliance.state)
    _check_term(agreement)
    for key, value in agreement.items():
        setattr(alliance, key, value)
    alliance.updated = clock.now()
    _keep(alliance, file, actor)
    activity.record("alliances.edited", subject=alliance, actor=actor)
    db.session.flush()


def open_signing(alliance: Alliance, *, actor: Any) -> None:
    """The text stands; ask the members to sign."""
    _check_leads(actor, alliance)
    _step(alliance, AllianceState.SIGNING, actor=actor)
    waiting = [member.organisation_id for member in alliance.present if member.signed is None]
    _tell(alliance, db.session.execute(queries.owners_of(waiting)).unique().scalars(), "alliances/mail/sign")


def reopen(alliance: Alliance, *, actor: Any) -> None:
    """Take the text back to change it; signatures under the old text are void."""
    _check_leads(actor, alliance)
    _step(alliance, AllianceState.FORMING, actor=actor)
    for member in alliance.members:
        member.signed = member.signed_by = member.signed_by_id = None
    db.session.flush()


def submit(alliance: Alliance, *, actor: Any) -> None:
    """Hand a complete alliance to the bureau for filing; the first thing missing is named."""
    _check_leads(actor, alliance)
    rules.check_transition(alliance.state, AllianceState.FILING)
    agreement = rules.Agreement(starts=alliance.starts, ends=alliance.ends, ip_clause=alliance.ip_clause)
    rules.check_complete([member.as_rule() for member in alliance.members], agreement, minimum=alliance.minimum_members)
    _step(alliance, AllianceState.FILING, actor=actor)
    handlers = accounts.holders_of(Role.HANDLER, region=alliance.region)
    _tell(alliance, db.session.execute(handlers).unique().scalars(), "alliances/mail/filing")


def send_back(alliance: Alliance, *, actor: Any, reason: str) -> None:
    """The bureau asks for something to be mended."""
    check_handles(actor, alliance)
    if not reason.strip():
        raise DomainError("请写明退回理由，联盟会看到", field="reason")
    _step(alliance, AllianceState.SIGNING, actor=actor, reason=reason)
    _tell_lead(alliance)


def start(alliance: Alliance, *, actor: Any) -> None:
    """File the alliance: from today it runs."""
    check_handles(actor, alliance)
    _step(alliance, AllianceState.RUNNING, actor=actor)
    alliance.filed = alliance.filed or clock.today()
    db.session.flush()
    _tell_lead(alliance)


def rectify(alliance: Alliance, *, actor: Any, reason: str) -> None:
    """The bureau asks a running alliance to mend something."""
    check_handles(actor, alliance)
    _step(alliance, AllianceState.RECTIFYING, actor=actor, reason=reason)
    _tell_lead(alliance)


def dissolve(alliance: Alliance, *, actor: Any, reason: str) -> None:
    """End an alliance: the lead's or the bureau's decision, with its reason."""
    if not access.may_handle(actor, alliance):
        _check_leads(actor, alliance)
    _step(alliance, AllianceState.DISSOLVED, actor=actor, reason=reason)
    _tell_lead(alliance)


def check_handles(actor: Any, alliance: Alliance) -> None:
    """Only the bureau of the region files alliances."""
    if not access.may_handle(actor, alliance):
        raise NotPermitted("只有本区科技局经办可以办理备案")


def check_leads(actor: Any, alliance: Alliance) -> None:
    """Only the lead organisation changes an alliance."""
    _check_leads(actor, alliance)


def _check_leads(actor: Any, alliance: Alliance) -> None:
    if not access.may_lead(actor, alliance):
        raise NotPermitted("只有牵头单位可以办理")


def _check_term(agreement: dict[str, Any]) -> None:
    starts, ends = agreement.get("starts"), agreement.get("ends")
    if starts and ends and ends <= starts:
        raise DomainError("协议结束日期应晚于开始日期", field="ends")


def _step(alliance: Alliance, target: AllianceState, *, actor: Any, reason: str = "") -> None:
    rules.check_transition(alliance.state, target)
    if target in rules.REASONED and not reason.strip():
        raise DomainError("请写明理由，联盟会看到", field="reason")
    before, alliance.state = alliance.state, target
    alliance.reason = reason.strip()[:500] or None
    alliance.updated = clock.now()
    activity.record(
        f"alliances.{target.value}", subject=alliance, actor=actor, before=before.value, reason=alliance.reason
    )
    db.session.flush()


def _keep(alliance: Alliance, file: Any, actor: Any) -> None:
    if file:
        files.attach(file, subject=alliance, actor=actor, purpose="agreement", kinds=SCANS)


def _tell_lead(alliance: Alliance) -> None:
    lead = alliance.lead
    if lead is not None:
        people = db.session.execute(accounts.members_of(lead.organisation_id).limit(5)).unique().scalars()
        _tell(alliance, people, "alliances/mail/step")


def _tell(alliance: Alliance, people: Iterable[Any], template: str) -> None:
    for person in people:
        notifications.enqueue(template, to=person, about=alliance, url=f"/alliances/{alliance.id}", alliance=alliance)
