"""Tables of monitoring: the plan with its indicators and measures, snapshots with their values, closings of years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import ExactNumber, Instant, Json, JsonList, Key, LongText, Name, RegionCode, db
from matchmaker.monitoring import rules
from matchmaker.monitoring.rules import Aggregate, Direction, SnapshotState, Status


class Plan(db.Model):  # type: ignore[name-defined]
    """A plan of a region with its period; `data` keeps what is only shown (parents, task groups, safeguards)."""

    __tablename__ = "plans"

    id: Mapped[Key]
    region: Mapped[RegionCode]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    document: Mapped[str] = mapped_column(sa.String(100))
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    issued_on: Mapped[date | None]
    first_year: Mapped[int]
    last_year: Mapped[int]
    baseline_year: Mapped[int]
    data: Mapped[Json]
    indicators: Mapped[list[Indicator]] = relationship(
        back_populates="plan", order_by="Indicator.position, Indicator.id"
    )


class Indicator(db.Model):  # type: ignore[name-defined]
    """What the plan counts, its target, and who answers for it. The definition in force; snapshots keep older ones."""

    __tablename__ = "indicators"
    __table_args__ = (sa.UniqueConstraint("plan_id", "code"),)

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plans.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(sa.String(10))
    key: Mapped[str] = mapped_column(sa.String(60))
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    direction: Mapped[Direction]
    aggregate: Mapped[Aggregate]
    unit: Mapped[str] = mapped_column(sa.String(20))
    unit_en: Mapped[str] = mapped_column(sa.String(40))
    formula_zh: Mapped[LongText]
    formula_en: Mapped[LongText]
    formula_version: Mapped[int] = mapped_column(default=1)
    gap_zh: Mapped[LongText] = mapped_column(default="")
    gap_en: Mapped[LongText] = mapped_column(default="")
    target: Mapped[Decimal | None] = mapped_column(ExactNumber())
    stretch: Mapped[Decimal | None] = mapped_column(ExactNumber())
    due: Mapped[date | None]
    line: Mapped[int | None]
    action: Mapped[str] = mapped_column(sa.String(20), default="")
    measure: Mapped[int | None]
    office: Mapped[Name] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    plan: Mapped[Plan] = relationship(back_populates="indicators", lazy="joined")
    owner: Mapped[User | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def definition(self) -> rules.Indicator:
        """What is counted, as the rules take it."""
        return rules.Indicator(
            code=self.code,
            name=self.name_zh,
            direction=self.direction,
            unit=self.unit,
            formula=self.formula_zh,
            formula_version=self.formula_version,
            aggregate=self.aggregate,
            target=self.target,
            stretch=self.stretch,
            due=self.due,
        )


class Measure(db.Model):  # type: ignore[name-defined]
    """One of the plan's measures."""

    __tablename__ = "measures"
    __table_args__ = (sa.UniqueConstraint("plan_id", "number"),)

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plans.id"))
    number: Mapped[int]
    group: Mapped[str] = mapped_column(sa.String(10))
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    line: Mapped[int | None]


class Snapshot(db.Model):  # type: ignore[name-defined]
    """The values of a plan on a day as they were known when it was taken; a correction is a new version."""

    __tablename__ = "snapshots"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "day", "edition"),
        sa.CheckConstraint("locked_by_id IS NULL OR locked_by_id <> taken_by_id", name="two_people"),
        sa.Index("ix_snapshots_region_day", "region", "day"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plans.id"))
    day: Mapped[date]
    edition: Mapped[int] = mapped_column(default=1)
    state: Mapped[SnapshotState]
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    taken: Mapped[Instant]
    taken_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    locked: Mapped[Instant | None]
    locked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    plan: Mapped[Plan] = relationship(lazy="joined")
    taken_by: Mapped[User | None] = relationship(foreign_keys=[taken_by_id], lazy="joined")
    locked_by: Mapped[User | None] = relationship(foreign_keys=[locked_by_id], lazy="joined")
    values: Mapped[list[SnapshotValue]] = relationship(
        back_populates="snapshot", order_by="SnapshotValue.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def name(self) -> str:
        """The day, with the edition where there was a correction."""
        return self.day.isoformat() + (f" v{self.edition}" if self.edition > 1 else "")


class SnapshotValue(db.Model):  # type: ignore[name-defined]
    """One number of a snapshot with the definition of its day and the records behind it, by kind and key.

    Names are not kept, so that a person who is erased is erased here as well.
    """

    __tablename__ = "snapshot_values"
    __table_args__ = (sa.UniqueConstraint("snapshot_id", "code"),)

    id: Mapped[Key]
    snapshot_id: Mapped[int] = mapped_column(sa.ForeignKey("snapshots.id"))
    code: Mapped[str] = mapped_column(sa.String(10))
    name_en: Mapped[Name]
    unit_en: Mapped[str] = mapped_column(sa.String(40))
    formula_en: Mapped[LongText]
    definition: Mapped[Json]
    amount: Mapped[Decimal | None] = mapped_column(ExactNumber())
    baseline: Mapped[Decimal | None] = mapped_column(ExactNumber())
    result: Mapped[Decimal | None] = mapped_column(ExactNumber())
    status: Mapped[Status]
    evidence: Mapped[JsonList]
    snapshot: Mapped[Snapshot] = relationship(back_populates="values")

    @property
    def defined(self) -> rules.Indicator:
        """The definition of that day."""
        return rules.indicator_from(self.definition)

    def as_value(self, day: date) -> rules.Value:
        """The number as the rules take it."""
        evidence = tuple(rules.Evidence(kind, key) for kind, key in self.evidence)
        return rules.Value(day, self.amount, evidence, int(self.definition["formula_version"]))


class YearClosing(db.Model):  # type: ignore[name-defined]
    """A year about to be closed: what the two people decide about."""

    __tablename__ = "year_closings"
    __table_args__ = (sa.UniqueConstraint("region", "year"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    year: Mapped[int]
    created: Mapped[Instant]
