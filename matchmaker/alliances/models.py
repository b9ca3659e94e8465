"""Tables of alliances: the alliance with its agreement, its members, joint projects and their shares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.alliances import rules
from matchmaker.alliances.rules import AllianceState, MemberKind, MemberRole, ProjectState
from matchmaker.core.db import ExactNumber, Instant, Key, LongText, Money, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import OrganisationKind

STAYING = sa.text('"left" IS NULL')
LEADING = sa.text("role = 'lead' AND \"left\" IS NULL")
KINDS = {
    OrganisationKind.ENTERPRISE: MemberKind.ENTERPRISE,
    OrganisationKind.UNIVERSITY: MemberKind.UNIVERSITY,
    OrganisationKind.INSTITUTE: MemberKind.INSTITUTE,
}


class Alliance(db.Model):  # type: ignore[name-defined]
    """An alliance of enterprises with universities or institutes, and the agreement between them."""

    __tablename__ = "alliances"
    __table_args__ = (sa.UniqueConstraint("region", "title"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    state: Mapped[AllianceState]
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    summary: Mapped[ShortText]
    summary_en: Mapped[str | None] = mapped_column(sa.String(1000))
    goal: Mapped[LongText] = mapped_column(default="")
    task_division: Mapped[LongText] = mapped_column(default="")
    ip_clause: Mapped[LongText] = mapped_column(default="")
    income_clause: Mapped[LongText] = mapped_column(default="")
    liability_clause: Mapped[LongText] = mapped_column(default="")
    funding_rule: Mapped[LongText] = mapped_column(default="")
    openness: Mapped[LongText] = mapped_column(default="")
    document: Mapped[str] = mapped_column(sa.String(200), default="")
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    minimum_members: Mapped[int] = mapped_column(default=rules.MINIMUM_MEMBERS)
    established: Mapped[date]
    filed: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    members: Mapped[list[AllianceMember]] = relationship(
        back_populates="alliance", order_by="AllianceMember.id", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def present(self) -> list[AllianceMember]:
        """The members that have not left, the lead first."""
        staying = [member for member in self.members if member.left is None]
        return sorted(staying, key=lambda member: (member.role is not MemberRole.LEAD, member.id))

    @property
    def lead(self) -> AllianceMember | None:
        """The member that leads."""
        return next((member for member in self.present if member.role is MemberRole.LEAD), None)

    @property
    def signed_count(self) -> int:
        """How many of the present members have signed."""
        return sum(member.signed is not None for member in self.present)

    def checks(self) -> tuple[rules.CheckResult, ...]:
        """Every rule an alliance has to meet, passed or not."""
        agreement = rules.Agreement(starts=self.starts, ends=self.ends, ip_clause=self.ip_clause)
        return rules.completeness(
            [member.as_rule() for member in self.members], agreement, minimum=self.minimum_members
        )


class AllianceMember(db.Model):  # type: ignore[name-defined]
    """One organisation in an alliance."""

    __tablename__ = "alliance_members"
    __table_args__ = (
        sa.Index(
            "uq_present_member",
            "alliance_id",
            "organisation_id",
            unique=True,
            sqlite_where=STAYING,
            postgresql_where=STAYING,
        ),
        sa.Index("uq_one_lead", "alliance_id", unique=True, sqlite_where=LEADING, postgresql_where=LEADING),
    )

    id: Mapped[Key]
    alliance_id: Mapped[int] = mapped_column(sa.ForeignKey("alliances.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    role: Mapped[MemberRole]
    task: Mapped[str] = mapped_column(sa.String(300), default="")
    joined: Mapped[date]
    signed: Mapped[date | None]
    signed_by: Mapped[str | None] = mapped_column(sa.String(100))
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    left: Mapped[date | None]
    alliance: Mapped[Alliance] = relationship(back_populates="members")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    def as_rule(self) -> rules.Member:
        """The member as the rules see it."""
        return rules.Member(
            name=self.organisation.name,
            uscc=self.organisation.uscc or "",
            kind=KINDS.get(self.organisation.kind, MemberKind.OTHER),
            role=self.role,
            signed=self.signed,
            left=self.left,
        )


class JointProject(db.Model):  # type: ignore[name-defined]
    """What members of an alliance develop together."""

    __tablename__ = "joint_projects"
    __table_args__ = (sa.CheckConstraint("ends > starts", name="ends_after_start"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    alliance_id: Mapped[int] = mapped_column(sa.ForeignKey("alliances.id"), index=True)
    state: Mapped[ProjectState]
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    summary: Mapped[LongText] = mapped_column(default="")
    trl_start: Mapped[int]
    trl_target: Mapped[int]
    trl_now: Mapped[int]
    budget_own_fen: Mapped[Money] = mapped_column(default=0)
    budget_public_fen: Mapped[Money] = mapped_column(default=0)
    starts: Mapped[date]
    ends: Mapped[date]
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    alliance: Mapped[Alliance] = relationship(lazy="joined")
    shares: Mapped[list[ProjectShare]] = relationship(
        back_populates="project", order_by="ProjectShare.id", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def ip_total(self) -> Decimal:
        """All parts of the IP together."""
        return sum((share.ip_percent or Decimal(0) for share in self.shares), Decimal(0))

    @property
    def income_total(self) -> Decimal:
        """All parts of the income together."""
        return sum((share.income_percent or Decimal(0) for share in self.shares), Decimal(0))


class ProjectShare(db.Model):  # type: ignore[name-defined]
    """One member's part of a project's IP and income, in per cent."""

    __tablename__ = "project_shares"
    __table_args__ = (sa.UniqueConstraint("project_id", "member_id"),)

    id: Mapped[Key]
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("joint_projects.id"))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("alliance_members.id"), index=True)
    ip_percent: Mapped[Decimal | None] = mapped_column(ExactNumber())
    income_percent: Mapped[Decimal | None] = mapped_column(ExactNumber())
    project: Mapped[JointProject] = relationship(back_populates="shares")
    member: Mapped[AllianceMember] = relationship(lazy="joined")
