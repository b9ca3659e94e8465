"""A year's contest with its groups, tracks and rubric."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.models.stage import ContestStage
from matchmaker.competition.rules.detection import USUAL_YEARS
from matchmaker.competition.rules.editions import Prize, places
from matchmaker.competition.rules.eligibility import EligibilityRules, Group
from matchmaker.competition.rules.results import Feedback, Sharing
from matchmaker.competition.rules.rubric import Criterion, Level, Rubric
from matchmaker.competition.rules.states import ContestState, Stage
from matchmaker.core.db import ExactNumber, Instant, Json, JsonList, Key, LongText, Name, RegionCode, ShortText, db


class Contest(db.Model):  # type: ignore[name-defined]
    """One edition. `rules` is fixed at the announcement with its fingerprint; the judging is in `stages`.

    `package`, `feedback` and `comments` say what entrants and everybody may read after a release; `diligence` are
    {key, label} of what is checked about each prospective winner before it.
    """

    __tablename__ = "contests"
    __table_args__ = (sa.Index("ix_contests_state_deadline", "state", "deadline"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    year: Mapped[int] = mapped_column(index=True)
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    summary: Mapped[LongText]
    summary_en: Mapped[LongText | None]
    state: Mapped[ContestState]
    deadline: Mapped[Instant]
    recusal_years: Mapped[int] = mapped_column(default=USUAL_YEARS)
    working_days: Mapped[int]
    contact_name: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(40), default="")
    eligibility: Mapped[Json]
    rules: Mapped[Json]
    rules_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    announced: Mapped[Instant | None]
    archived: Mapped[Instant | None]
    notice_id: Mapped[int | None] = mapped_column(index=True)
    package: Mapped[Sharing] = mapped_column(default=Sharing.SUPERVISOR)
    feedback: Mapped[Feedback] = mapped_column(default=Feedback.NEVER)
    comments: Mapped[bool] = mapped_column(default=False)
    diligence: Mapped[JsonList] = mapped_column(default=list)
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
    stages: Mapped[list[ContestStage]] = relationship(
        back_populates="contest",
        order_by=(ContestStage.position, ContestStage.id),
        cascade="all, delete-orphan",
        lazy="selectin",
    )

    @property
    def entry_rules(self) -> EligibilityRules:
        """The entry rules as the checks take them: the frozen ones once announced."""
        return EligibilityRules.from_values(self.rules.get("eligibility") or self.eligibility)

    @property
    def current(self) -> ContestStage:
        """The stage that is next or being judged; the last one when all are released."""
        return next((stage for stage in self.stages if stage.released is None), self.stages[-1])

    @property
    def judging_until(self) -> datetime:
        """When the judging of the current stage ends."""
        return self.current.judging_until

    @property
    def locked(self) -> datetime | None:
        """When the scores of the current stage were locked."""
        return self.current.locked

    @property
    def released(self) -> datetime | None:
        """When the results were released: all stages are through."""
        return self.stages[-1].released if self.stages else None

    def stage_of(self, code: Stage) -> ContestStage | None:
        return next((stage for stage in self.stages if stage.code is code), None)

    def after(self, stage: ContestStage) -> ContestStage | None:
        """The stage that follows, if any."""
        return next((other for other in self.stages if other.position > stage.position), None)

    def before(self, stage: ContestStage) -> ContestStage | None:
        """The stage that came before, if any."""
        return next((other for other in reversed(self.stages) if other.position < stage.position), None)


class RulesVersion(db.Model):  # type: ignore[name-defined]
    """The rules of a contest as published: the announcement is number 1, each amendment (补充通知) one more."""

    __tablename__ = "contest_rules"
    __table_args__ = (sa.UniqueConstraint("contest_id", "number"),)

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    number: Mapped[int]
    document: Mapped[Json]
    digest: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    decision_id: Mapped[int | None] = mapped_column(index=True)
    published: Mapped[Instant]


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
        back_populates="group",
        order_by="CriterionRow.position, CriterionRow.id",
        cascade="all, delete-orphan",
        lazy="selectin",
        primaryjoin="and_(ContestGroup.id == CriterionRow.group_id, CriterionRow.stage_id.is_(None))",
    )

    @property
    def prize_list(self) -> tuple[Prize, ...]:
        return tuple(Prize(row["title"], row["places"], row.get("amount_fen")) for row in self.prizes)

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
    """A line of a group's rubric; with `stage_id`, of that stage only."""

    __tablename__ = "criteria"
    __table_args__ = (
        sa.UniqueConstraint("group_id", "stage_id", "key"),
        sa.Index(  # NULL differs from NULL in the constraint above
            "uq_criteria_group_key",
            "group_id",
            "key",
            unique=True,
            sqlite_where=sa.text("stage_id IS NULL"),
            postgresql_where=sa.text("stage_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_groups.id"))
    stage_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contest_stages.id"), index=True)
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
    stage: Mapped[ContestStage | None] = relationship(back_populates="own_criteria")

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
