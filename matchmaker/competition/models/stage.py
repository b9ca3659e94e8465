"""A stage of a contest: its rules, its judges' duties, and the entries that compete in it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.rubric import Rubric
from matchmaker.competition.rules.stages import SeatDuty, StageMode, StageState, TieBreak, state_of
from matchmaker.competition.rules.states import Stage
from matchmaker.core.db import ExactNumber, Instant, JsonList, Key, db

if TYPE_CHECKING:
    from matchmaker.competition.models.ballot import JudgeSeat
    from matchmaker.competition.models.contest import Contest, ContestGroup, CriterionRow
    from matchmaker.competition.models.entry import Entry


class ContestStage(db.Model):  # type: ignore[name-defined]
    """One round of judging. `scores_version` grows with every change of a ballot until `locked`.

    `chain_head` is the digest of the last of the `chain_length` marks that its ballots have left.

    `places` are {group, track or None, places}: how many of a cell go on; the last stage has prizes instead.
    `ties` are values of TieBreak in their order. The judge of `veto_seat_id` may ask to leave out off-topic entries. A
    comment is required for totals up to `comment_below` and from `comment_above`; a range of totals above `range_limit`
    asks for reconsideration (复议). `tallies` counts the locks.
    """

    __tablename__ = "contest_stages"
    __table_args__ = (
        sa.UniqueConstraint("contest_id", "code"),
        sa.CheckConstraint("per_entry >= 1", name="per_entry_one_or_more"),
        sa.CheckConstraint("minimum_panel >= 1 AND minimum_panel <= per_entry", name="minimum_panel_in_panel"),
        sa.CheckConstraint("locked IS NULL OR opened IS NOT NULL", name="locked_after_opened"),
        sa.CheckConstraint("released IS NULL OR locked IS NOT NULL", name="released_after_locked"),
    )

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    position: Mapped[int]
    code: Mapped[Stage]
    mode: Mapped[StageMode] = mapped_column(default=StageMode.ONLINE)
    blind: Mapped[bool] = mapped_column(default=False)
    aggregation: Mapped[Aggregation]
    per_entry: Mapped[int]
    minimum_panel: Mapped[int]
    judging_until: Mapped[Instant]
    ties: Mapped[JsonList]
    places: Mapped[JsonList]
    comment_below: Mapped[Decimal | None] = mapped_column(ExactNumber)
    comment_above: Mapped[Decimal | None] = mapped_column(ExactNumber)
    range_limit: Mapped[Decimal | None] = mapped_column(ExactNumber)
    pitch_minutes: Mapped[int] = mapped_column(default=8)
    question_minutes: Mapped[int] = mapped_column(default=7)
    auto_release: Mapped[bool] = mapped_column(default=False)
    veto_seat_id: Mapped[int | None] = mapped_column(sa.ForeignKey("judge_seats.id"))
    opened: Mapped[Instant | None]
    locked: Mapped[Instant | None]
    released: Mapped[Instant | None]
    scores_version: Mapped[int] = mapped_column(default=0)
    chain_length: Mapped[int] = mapped_column(default=0)
    chain_head: Mapped[str] = mapped_column(sa.String(64), default="")
    tallies: Mapped[int] = mapped_column(default=0)
    contest: Mapped[Contest] = relationship(back_populates="stages")
    own_criteria: Mapped[list[CriterionRow]] = relationship(
        back_populates="stage", order_by="CriterionRow.position, CriterionRow.id", cascade="all, delete-orphan"
    )

    @property
    def state(self) -> StageState:
        return state_of(opened=self.opened, locked=self.locked, released=self.released)

    @property
    def public_state(self) -> StageState:
        """The state that everybody may read: that scores are locked stays inside until they are released."""
        return StageState.JUDGING if self.state is StageState.LOCKED else self.state

    @property
    def title(self) -> str:
        return self.code.label

    @property
    def region(self) -> str:
        return self.contest.region

    @property
    def tie_chain(self) -> tuple[TieBreak, ...]:
        return tuple(TieBreak(value) for value in self.ties)

    @property
    def last(self) -> bool:
        """Does this stage decide about prizes?"""
        return self.position == max(stage.position for stage in self.contest.stages)

    def criteria_of(self, group: ContestGroup) -> Sequence[CriterionRow]:
        """The rubric of a group in this stage: its own lines if it has any, else the group's."""
        own = [row for row in self.own_criteria if row.group_id == group.id]
        return own or group.criteria

    def rubric_of(self, group: ContestGroup) -> Rubric:
        """The same as the rules take it."""
        return Rubric(tuple(row.criterion for row in self.criteria_of(group)))


class StageSeat(db.Model):  # type: ignore[name-defined]
    """What a judge does in a stage, and how many entries at least and at most; `absent` since when they do not."""

    __tablename__ = "stage_seats"
    __table_args__ = (
        sa.UniqueConstraint("stage_id", "seat_id"),
        sa.CheckConstraint("least >= 0 AND least <= most", name="least_within_most"),
    )

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"))
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("judge_seats.id"), index=True)
    duty: Mapped[SeatDuty] = mapped_column(default=SeatDuty.JUDGING)
    least: Mapped[int] = mapped_column(default=0)
    most: Mapped[int]
    absent: Mapped[Instant | None]
    absence: Mapped[str] = mapped_column(sa.String(500), default="")
    stage: Mapped[ContestStage] = relationship(lazy="joined")
    seat: Mapped[JudgeSeat] = relationship(back_populates="duties", lazy="joined")


class StageEntry(db.Model):  # type: ignore[name-defined]
    """An entry in a stage. `code` is what stands for it in blind review and in the published package; `lead_seat_id`
    is the judge who leads the deliberation. Its ballots are fixed once its score was `shown` live.

    An off-topic entry is vetoed by two: the stage's veto judge asks with a reason, a member of staff confirms. It is
    not counted then.
    """

    __tablename__ = "stage_entries"
    __table_args__ = (
        sa.UniqueConstraint("stage_id", "entry_id"),
        sa.UniqueConstraint("stage_id", "code"),
        sa.CheckConstraint("vetoed IS NULL OR vetoed_by_id <> veto_asked_by_id", name="veto_by_two"),
        sa.CheckConstraint("vetoed IS NULL OR veto_reason <> ''", name="veto_with_reason"),
    )

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(20))
    lead_seat_id: Mapped[int | None] = mapped_column(sa.ForeignKey("judge_seats.id"), index=True)
    shown: Mapped[Instant | None]
    veto_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    veto_asked: Mapped[Instant | None]
    veto_asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    vetoed: Mapped[Instant | None]
    vetoed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    stage: Mapped[ContestStage] = relationship(lazy="joined")
    entry: Mapped[Entry] = relationship(lazy="joined")
