"""Tables of incubation: carriers with papers and rooms, and tenancies, whose history is the activity log."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import ExactNumber, Instant, Key, LongText, Money, Name, RegionCode, db
from matchmaker.directory.models import Organisation
from matchmaker.incubation import rules
from matchmaker.incubation.rules import (
    BuildState,
    CarrierLevel,
    CarrierState,
    CarrierType,
    GraduationProof,
    SpecialField,
    Stage,
    TenancyState,
    Urgency,
)

PRESENT = "state IN ('admitted', 'incubating', 'extended')"
LIVE = sa.text(PRESENT)
LIVE_IN_SPACE = sa.text(f"space_id IS NOT NULL AND {PRESENT}")
OPEN = sa.text("state IN ('applied', 'reviewing')")


class Carrier(db.Model):  # type: ignore[name-defined]
    """A place where firms grow: nursery, makerspace, incubator, accelerator, park."""

    __tablename__ = "carriers"
    __table_args__ = (
        sa.UniqueConstraint("region", "name"),
        sa.CheckConstraint("usable_m2 <= total_m2 AND tenant_m2 <= usable_m2 AND tenant_m2 >= 0", name="areas_fit"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    operator_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    kind: Mapped[CarrierType]
    level: Mapped[CarrierLevel]
    state: Mapped[CarrierState]
    name: Mapped[Name]
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    summary: Mapped[LongText] = mapped_column(default="")
    summary_en: Mapped[LongText | None]
    target: Mapped[str | None] = mapped_column(sa.String(10), index=True)  # the line of the plan it counts for, as C1
    build_state: Mapped[BuildState] = mapped_column(default=BuildState.BUILT)
    special_field: Mapped[SpecialField | None]
    opened: Mapped[date | None]
    total_m2: Mapped[int] = mapped_column(default=0)
    usable_m2: Mapped[int] = mapped_column(default=0)
    tenant_m2: Mapped[int] = mapped_column(default=0)
    public_m2: Mapped[int] = mapped_column(default=0)
    workstations: Mapped[int] = mapped_column(default=0)
    fund_fen: Mapped[Money | None]
    staff: Mapped[int | None]
    professional_staff: Mapped[int | None]
    mentors: Mapped[int | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    operator: Mapped[Organisation] = relationship(lazy="joined")
    papers: Mapped[list[CarrierPaper]] = relationship(
        back_populates="carrier", order_by="CarrierPaper.id", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def evidence(self) -> list[CarrierPaper]:
        """The papers that prove it."""
        return list(self.papers)

    @property
    def is_open(self) -> bool:
        """May firms apply?"""
        return self.state not in {CarrierState.BUILDING, CarrierState.REMOVED}

    @property
    def counts_as_built(self) -> bool:
        """Does it count for its line of the plan: standing, not taken off the list, and with evidence?"""
        standing = self.build_state is BuildState.BUILT and self.is_open
        return standing and bool(self.papers)


class CarrierPaper(db.Model):  # type: ignore[name-defined]
    """A document about a carrier: evidence that it stands, or a recognition with its level and term."""

    __tablename__ = "carrier_papers"

    id: Mapped[Key]
    carrier_id: Mapped[int] = mapped_column(sa.ForeignKey("carriers.id"), index=True)
    title: Mapped[Name]
    number: Mapped[str] = mapped_column(sa.String(100), default="")
    level: Mapped[CarrierLevel | None]  # None: evidence only, not a recognition
    issued: Mapped[date | None]
    valid_to: Mapped[date | None]
    carrier: Mapped[Carrier] = relationship(back_populates="papers")

    def lapsed_on(self, day: date) -> bool:
        """Is its term over on that day?"""
        return self.valid_to is not None and self.valid_to < day


class CarrierSpace(db.Model):  # type: ignore[name-defined]
    """A room or workstation of a carrier; held by one live tenancy at a time."""

    __tablename__ = "carrier_spaces"
    __table_args__ = (sa.UniqueConstraint("carrier_id", "name"),)

    id: Mapped[Key]
    carrier_id: Mapped[int] = mapped_column(sa.ForeignKey("carriers.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    area_m2: Mapped[int] = mapped_column(default=0)


class Tenancy(db.Model):  # type: ignore[name-defined]
    """One firm's (or team's) way through one carrier, from application to graduation or exit."""

    __tablename__ = "tenancies"
    __table_args__ = (
        sa.Index("uq_live_tenancy", "organisation_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        sa.Index("uq_live_space", "space_id", unique=True, sqlite_where=LIVE_IN_SPACE, postgresql_where=LIVE_IN_SPACE),
        sa.Index(
            "uq_open_application",
            "carrier_id",
            "organisation_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        sa.Index("ix_tenancies_carrier_state", "carrier_id", "state", "id"),
        sa.Index("ix_tenancies_state_due", "state", "due"),
        sa.CheckConstraint('"left" IS NULL OR "left" >= entered', name="left_after_entry"),
        sa.CheckConstraint("organisation_id IS NOT NULL OR team_name IS NOT NULL", name="somebody"),
        sa.CheckConstraint(f"NOT ({PRESENT}) OR (entered IS NOT NULL AND due IS NOT NULL)", name="present_has_days"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    carrier_id: Mapped[int] = mapped_column(sa.ForeignKey("carriers.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    team_name: Mapped[str | None] = mapped_column(sa.String(200))
    applicant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    state: Mapped[TenancyState]
    stage: Mapped[Stage]
    project: Mapped[Name]
    summary: Mapped[LongText] = mapped_column(default="")
    special_field: Mapped[SpecialField | None]
    historic: Mapped[bool] = mapped_column(default=False)
    applied: Mapped[date]
    reviewed: Mapped[date | None]
    score: Mapped[Decimal | None] = mapped_column(ExactNumber())
    entered: Mapped[date | None]
    due: Mapped[date | None]
    left: Mapped[date | None]
    stay_months_max: Mapped[int | None]
    rule_doc_no: Mapped[str | None] = mapped_column(sa.String(60))
    contract: Mapped[str] = mapped_column(sa.String(60), default="")
    contract_months: Mapped[int | None]
    space_id: Mapped[int | None] = mapped_column(sa.ForeignKey("carrier_spaces.id"))
    area_m2: Mapped[int | None]
    workstations: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    proof: Mapped[GraduationProof | None]
    proof_document: Mapped[str | None] = mapped_column(sa.String(200))
    proof_amount_fen: Mapped[Money | None]
    next_place: Mapped[str | None] = mapped_column(sa.String(200))
    reminded: Mapped[Instant | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    carrier: Mapped[Carrier] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    applicant: Mapped[User | None] = relationship(lazy="joined")
    space: Mapped[CarrierSpace | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def who(self) -> str:
        """The firm's name, or the team's."""
        return self.organisation.name if self.organisation else self.team_name or ""

    @property
    def founded(self) -> date | None:
        """The day the firm was founded, as the directory knows it."""
        return self.organisation.founded if self.organisation else None

    @property
    def is_present(self) -> bool:
        """Is the firm in the carrier now?"""
        return self.state in rules.PRESENT

    def urgency_on(self, day: date) -> Urgency | None:
        """How pressing the end of the stay is on that day; None where there is no stay running."""
        return rules.urgency(due=self.due, today=day) if self.is_present and self.due else None
