"""A year's contest with its groups, tracks and rubric."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.editions import Prize, places
from matchmaker.competition.rules.eligibility import EligibilityRules, Group
from matchmaker.competition.rules.rubric import Criterion, Level, Rubric
from matchmaker.competition.rules.states import ContestState, Stage
from matchmaker.core.db import ExactNumber, Instant, Json, JsonList, Key, LongText, Name, RegionCode, ShortText, db


class Contest(db.Model):  # type: ignore[name-defined]
    """One edition. `rules` is fixed at the announcement; `scores_version` grows with every change of a ballot."""

    __tablename__ = "contests"
    __table_args__ = (
        sa.CheckConstraint("judging_until > deadline", name="judging_after_deadline"),
        sa.CheckConstraint("per_entry >= 1", name="per_entry_one_or_more"),
        sa.Index("ix_contests_state_deadline", "state", "deadline"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    year: Mapped[int] = mapped_column(index=True)
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    summary: Mapped[LongText]
    summary_en: Mapped[LongText | None]
    state: Mapped[ContestState]
    stage: Mapped[Stage]
    deadline: Mapped[Instant]
    judging_until: Mapped[Instant]
    aggregation: Mapped[Aggregation]
    per_entry: Mapped[int]
    working_days: Mapped[int]
    contact_name: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(40), default="")
    eligibility: Mapped[Json]
    rules: Mapped[Json]
    rules_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    announced: Mapped[Instant | None]
    locked: Mapped[Instant | None]
    released: Mapped[Instant | None]
    archived: Mapped[Instant | None]
    scores_version: Mapped[int] = mapped_column(default=0)
    notice_id: Mapped[int | None] = mapped_column(index=True)
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    owner: Mapped[User] = relationship(lazy="joined")
    groups: Mapped[list[ContestGroup]] = relationship(
        back_populates="contest", order_by="ContestGroup.id", lazy="selectin"
    )
    tracks: Mapped[list[ContestTrack]] = relationship(
        back_populates="contest", order_by="ContestTrack.id", lazy="selectin"
    )

    @property
    def entry_rules(self) -> EligibilityRules:
        """The entry rules as the checks take them: the frozen ones once announced."""
        return EligibilityRules.from_values(self.rules.get("eligibility") or self.eligibility)

    @property
    def minimum_panel(self) -> int:
        return self.per_entry


class ContestGroup(db.Model):  # type: ignore[name-defined]
    """A group with its own rubric and prizes."""

    __tablename__ = "contest_groups"
    __table_args__ = (sa.UniqueConstraint("contest_id", "code"),)

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    code: Mapped[Group]
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    requirement: Mapped[ShortText] = mapped_column(default="")
    requirement_en: Mapped[str | None] = mapped_column(sa.String(500))
    prizes: Mapped[JsonList]
    contest: Mapped[Contest] = relationship(back_populates="groups")
    criteria: Mapped[list[CriterionRow]] = relationship(
        back_populates="group", order_by="CriterionRow.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def prize_list(self) -> tuple[Prize, ...]:
        return tuple(Prize(row["title"], row["places"]) for row in self.prizes)

    @property
    def places(self) -> int:
        return places(self.prize_list)

    @property
    def rubric(self) -> Rubric:
        """The criteria as the rules take them."""
        return Rubric(tuple(row.criterion for row in self.criteria))


class ContestTrack(db.Model):  # type: ignore[name-defined]
    """An industry track."""

    __tablename__ = "contest_tracks"
    __table_args__ = (sa.UniqueConstraint("contest_id", "code"),)

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    contest: Mapped[Contest] = relationship(back_populates="tracks")


class CriterionRow(db.Model):  # type: ignore[name-defined]
    """A line of a group's rubric."""

    __tablename__ = "criteria"
    __table_args__ = (sa.UniqueConstraint("group_id", "key"),)

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_groups.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(40))
    label: Mapped[Name]
    label_en: Mapped[str | None] = mapped_column(sa.String(200))
    hint: Mapped[ShortText] = mapped_column(default="")
    hint_en: Mapped[str | None] = mapped_column(sa.String(500))
    weight: Mapped[Decimal] = mapped_column(ExactNumber)
    maximum: Mapped[Decimal] = mapped_column(ExactNumber)
    step: Mapped[Decimal] = mapped_column(ExactNumber)
    levels: Mapped[JsonList]
    group: Mapped[ContestGroup] = relationship(back_populates="criteria")

    @property
    def criterion(self) -> Criterion:
        return Criterion(
            key=self.key,
            label=self.label,
            maximum=self.maximum,
            weight=self.weight,
            step=self.step,
            levels=tuple(Level(Decimal(row["minimum"]), row["text"]) for row in self.levels),
        )
