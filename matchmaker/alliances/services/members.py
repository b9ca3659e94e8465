"""Who belongs to an alliance: add, sign, hand the lead over, leave."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError

from matchmaker.activity import services as activity
from matchmaker.alliances import access, queries, rules
from matchmaker.alliances.models import Alliance, AllianceMember
from matchmaker.alliances.rules import AllianceState, MemberRole
from matchmaker.alliances.services.alliances import check_leads
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted


def add(alliance: Alliance, *, actor: Any, organisation: str, role: MemberRole, task: str = "") -> AllianceMember:
    """Take an organisation (credit code or full name) in; it signs later."""
    check_leads(actor, alliance)
    if alliance.state in {AllianceState.FILING, AllianceState.DISSOLVED}:
        raise Conflict("联盟正在备案审核或已解散，现在不能增加成员")
    if role is MemberRole.LEAD:
        raise DomainError("牵头单位只有一家；如需更换，请用“移交牵头”", field="role")
    found = queries.organisation_named(organisation)
    if found is None:
        raise DomainError("主体库中没有这家单位，请填写全称或统一社会信用代码", field="organisation")
    member = AllianceMember(alliance=alliance, organisation=found, role=role, task=task, joined=clock.today())
    db.session.add(member)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("这家单位已经是成员", field="organisation") from error
    activity.record("alliances.member_added", subject=alliance, actor=actor, member=found.name)
    return member


def sign(member: AllianceMember, *, actor: Any) -> None:
    """Sign the agreement for one's organisation."""
    if not access.may_sign(actor, member):
        raise NotPermitted("只有单位负责人可以代表单位签署")
    if member.left is not None:
        raise Conflict("贵单位已退出联盟，不能签署")
    rules.check_signable(member.alliance.state)
    if member.signed is not None:
        raise Conflict("贵单位已经签署过了")
    member.signed, member.signed_by, member.signed_by_id = clock.today(), actor.name, actor.id
    activity.record("alliances.signed", subject=member.alliance, actor=actor, member=member.organisation.name)
    db.session.flush()


def leave(member: AllianceMember, *, actor: Any) -> None:
    """A member goes: by its own owner or by the lead; not while an unfinished project needs it."""
    alliance = member.alliance
    if not (access.may_lead(actor, alliance) or access.may_sign(actor, member)):
        raise NotPermitted("只有牵头单位或成员单位负责人可以办理退出")
    if member.left is not None:
        raise Conflict("这家单位已经退出")
    if alliance.state is AllianceState.FILING:
        raise Conflict("联盟正在备案审核，请等审核结束再调整成员")
    titles = db.session.execute(queries.open_projects_of(member.id)).scalars().all()
    rules.check_leaving(member=member.as_rule(), day=clock.today(), open_projects=titles)
    member.left = clock.today()
    activity.record("alliances.member_left", subject=alliance, actor=actor, member=member.organisation.name)
    db.session.flush()


def hand_over(alliance: Alliance, *, actor: Any, member: AllianceMember) -> None:
    """Make another present member the lead; there is exactly one at every moment."""
    check_leads(actor, alliance)
    lead = alliance.lead
    if lead is None or member.alliance_id != alliance.id or member.left is not None or member is lead:
        raise DomainError("请选择另一家在盟成员", field="member")
    lead.role = MemberRole.MEMBER
    db.session.flush()  # one lead at a time, also for the index
    member.role = MemberRole.LEAD
    activity.record("alliances.lead_changed", subject=alliance, actor=actor, member=member.organisation.name)
    db.session.flush()


def keep_apart(kept_id: int, dropped_id: int) -> None:
    """Before two organisations become one: both may not be members of the same alliance."""
    for title in db.session.execute(queries.shared_by(kept_id, dropped_id)).scalars():
        raise Conflict("两家单位都是联盟“{title}”的成员，请先让其中一家退出再合并", title=title)
