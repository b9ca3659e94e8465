"""Joint projects and how their IP and income are shared: each column sums to exactly 100 %."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from matchmaker.activity import services as activity
from matchmaker.alliances import rules
from matchmaker.alliances.models import Alliance, AllianceMember, JointProject, ProjectShare
from matchmaker.alliances.rules import AT_WORK, OPEN_PROJECTS, ProjectState
from matchmaker.alliances.services.alliances import check_leads
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError

Shares = Mapping[int, tuple[Decimal | None, Decimal | None]]  # member id: (IP, income) in per cent


def open_project(alliance: Alliance, *, actor: Any, shares: Shares, **facts: Any) -> JointProject:
    """Register a joint project of a running alliance with its split."""
    check_leads(actor, alliance)
    if alliance.state not in AT_WORK:
        raise Conflict("联盟备案运行后才能登记联合项目")
    _check_facts(facts)
    parts = _parts(alliance, shares)
    now = clock.now()
    project = JointProject(
        alliance=alliance,
        region=alliance.region,
        state=ProjectState.RUNNING,
        trl_now=facts["trl_start"],
        created=now,
        updated=now,
        **facts,
    )
    project.shares = parts
    db.session.add(project)
    db.session.flush()
    activity.record("alliances.project_opened", subject=alliance, actor=actor, title=project.title)
    return project


def edit(project: JointProject, *, actor: Any, shares: Shares, trl_now: int, **facts: Any) -> None:
    """Change an unfinished project and its split as a whole."""
    check_leads(actor, project.alliance)
    if project.state not in OPEN_PROJECTS:
        raise Conflict("项目已结题或终止，不能再改")
    _check_facts(facts)
    if not rules.LOWEST_TRL <= trl_now <= rules.HIGHEST_TRL:
        raise DomainError("技术成熟度应在 1 到 9 级之间", field="trl_now")
    parts = _parts(project.alliance, shares)
    for key, value in {**facts, "trl_now": trl_now, "updated": clock.now()}.items():
        setattr(project, key, value)
    project.shares.clear()
    db.session.flush()
    project.shares.extend(parts)
    activity.record("alliances.project_edited", subject=project.alliance, actor=actor, title=project.title)
    db.session.flush()


def move(project: JointProject, *, actor: Any, target: ProjectState) -> None:
    """Close or stop a project."""
    check_leads(actor, project.alliance)
    rules.check_project_step(project.state, target)
    project.state, project.updated = target, clock.now()
    activity.record(f"alliances.project_{target.value}", subject=project.alliance, actor=actor, title=project.title)
    db.session.flush()


def _check_facts(facts: dict[str, Any]) -> None:
    rules.check_project(
        trl_start=facts["trl_start"],
        trl_target=facts["trl_target"],
        starts=facts["starts"],
        ends=facts["ends"],
        budget_fen=facts.get("budget_own_fen", 0) + facts.get("budget_public_fen", 0),
    )


def _parts(alliance: Alliance, shares: Shares) -> list[ProjectShare]:
    """The rows of a split, proved by the rules. Raises DomainError on `shares`."""
    members: dict[int, AllianceMember] = {member.id: member for member in alliance.members}
    given = {key: pair for key, pair in shares.items() if pair != (None, None)}
    if not given.keys() <= members.keys():
        raise DomainError("权益分配里有不属于本联盟的单位，请刷新页面后再填", field="shares")
    taking = [members[key].as_rule() for key in given]
    rules.check_participants(taking, day=clock.today())
    for column in (0, 1):
        rules.check_shares(
            {members[key].organisation.name: part for key, pair in given.items() if (part := pair[column]) is not None}
        )
    return [
        ProjectShare(member=members[key], ip_percent=ip, income_percent=income) for key, (ip, income) in given.items()
    ]
