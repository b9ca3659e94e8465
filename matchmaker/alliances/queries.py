"""Which alliances and projects exist for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import Membership, User
from matchmaker.accounts.rules import MembershipLevel, Permission
from matchmaker.alliances.models import Alliance, AllianceMember, JointProject, ProjectShare
from matchmaker.alliances.rules import AT_WORK, OPEN_PROJECTS, MemberRole
from matchmaker.core import folding
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer, in_regions
from matchmaker.directory.models import FormerName, Organisation


def published() -> sa.Select[Alliance]:
    """The alliances at work, for everybody."""
    return sa.select(Alliance).where(Alliance.state.in_(AT_WORK)).order_by(Alliance.established.desc(), Alliance.id)


def visible_to(viewer: Viewer) -> sa.Select[Alliance]:
    """The alliances of one's organisations, and for staff those of their region."""
    parts: list[sa.ColumnElement[bool]] = [Alliance.id.in_(_joined(viewer))]
    if viewer.has(Permission.ALLIANCES_MANAGE):
        parts.append(in_regions(Alliance.region, viewer))
    return sa.select(Alliance).where(sa.or_(*parts))


def own(viewer: Viewer) -> sa.Select[Alliance]:
    """The alliances of one's organisations, the newest first."""
    return sa.select(Alliance).where(Alliance.id.in_(_joined(viewer))).order_by(Alliance.id.desc())


def _joined(viewer: Viewer) -> Any:
    if not viewer.has(Permission.ALLIANCES_OWN):
        return sa.select(Alliance.id).where(sa.false())
    return sa.select(AllianceMember.alliance_id).where(
        AllianceMember.organisation_id.in_(sorted(viewer.organisation_ids))
    )


def handled_by(viewer: Viewer, _scope: Mapping[str, str] | None = None) -> sa.Select[Alliance]:
    """The alliances of a staff member's regions."""
    return sa.select(Alliance).where(in_regions(Alliance.region, viewer))


def lead_name() -> Any:
    """The lead's name, for sorting and searching a list of alliances."""
    return (
        sa.select(Organisation.name)
        .join(AllianceMember, AllianceMember.organisation_id == Organisation.id)
        .where(
            AllianceMember.alliance_id == Alliance.id,
            AllianceMember.role == MemberRole.LEAD,
            AllianceMember.left.is_(None),
        )
        .scalar_subquery()
    )


def unsigned_of(viewer: Viewer) -> sa.Select[AllianceMember]:
    """The places of one's organisations that wait for a signature."""
    return (
        sa.select(AllianceMember)
        .join(Alliance, Alliance.id == AllianceMember.alliance_id)
        .where(AllianceMember.organisation_id.in_(sorted(viewer.organisation_ids)))
        .where(AllianceMember.signed.is_(None), AllianceMember.left.is_(None))
        .order_by(AllianceMember.id)
    )


def of_organisation(organisation_id: int, viewer: Viewer) -> sa.Select[AllianceMember]:
    """An organisation's places in alliances as far as this person may see them; alliances at work are no secret."""
    shown = sa.or_(Alliance.state.in_(AT_WORK), Alliance.id.in_(visible_to(viewer).with_only_columns(Alliance.id)))
    return (
        sa.select(AllianceMember)
        .join(Alliance, Alliance.id == AllianceMember.alliance_id)
        .where(AllianceMember.organisation_id == organisation_id, shown)
        .options(joinedload(AllianceMember.alliance))
        .order_by(AllianceMember.id.desc())
    )


def shared_by(one_id: int, other_id: int) -> sa.Select[str]:
    """The titles of alliances that both organisations belong to now."""
    other = sa.select(AllianceMember.alliance_id).where(
        AllianceMember.organisation_id == other_id, AllianceMember.left.is_(None)
    )
    return (
        sa.select(Alliance.title)
        .join(AllianceMember, AllianceMember.alliance_id == Alliance.id)
        .where(AllianceMember.organisation_id == one_id, AllianceMember.left.is_(None), Alliance.id.in_(other))
        .order_by(Alliance.id)
    )


def projects_of(alliance_id: int) -> sa.Select[JointProject]:
    """The joint projects of an alliance, the newest first."""
    return sa.select(JointProject).where(JointProject.alliance_id == alliance_id).order_by(JointProject.id.desc())


def open_projects_of(member_id: int) -> sa.Select[str]:
    """The titles of the unfinished projects a member has a part in."""
    return (
        sa.select(JointProject.title)
        .join(ProjectShare, ProjectShare.project_id == JointProject.id)
        .where(ProjectShare.member_id == member_id, JointProject.state.in_(OPEN_PROJECTS))
        .order_by(JointProject.id)
    )


def owners_of(organisation_ids: list[int]) -> sa.Select[User]:
    """The people who may sign for these organisations."""
    return (
        sa.select(User)
        .where(
            User.id.in_(
                sa.select(Membership.user_id).where(
                    Membership.organisation_id.in_(organisation_ids), Membership.level == MembershipLevel.OWNER
                )
            ),
            User.disabled.is_(None),
        )
        .order_by(User.id)
    )


def organisation_named(text: str) -> Organisation | None:
    """The one organisation with that credit code, name or former name."""
    code, name = folding.fold_uscc(text), folding.fold_company(text)
    former = sa.select(FormerName.organisation_id).where(FormerName.folded_name == name)
    statement = (
        sa.select(Organisation)
        .where(
            sa.or_(Organisation.uscc == code, Organisation.folded_name == name, Organisation.id.in_(former)),
            Organisation.merged_into_id.is_(None),
        )
        .order_by(Organisation.uscc != code, Organisation.folded_name != name, Organisation.id)
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def may_read_files(viewer: Viewer, alliance_id: int) -> bool:
    """Members and the bureau read the agreement."""
    statement = visible_to(viewer).with_only_columns(Alliance.id).where(Alliance.id == alliance_id)
    return db.session.execute(statement).first() is not None
