"""Judges, their recusals and their ballots."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.models.contest import Contest, CriterionRow
from matchmaker.competition.models.entry import Entry
from matchmaker.competition.models.stage import ContestStage, StageSeat
from matchmaker.competition.rules.ballots import BallotState, RecusalSource
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.competition.rules.stages import SeatDuty
from matchmaker.core.db import ExactNumber, Instant, Json, JsonList, Key, ShortText, db
from matchmaker.directory.models import Organisation


class JudgeSeat(db.Model):  # type: ignore[name-defined]
    """A judge in one contest: where they work, which tracks they know, how many entries they take.

    `code` stands for them where no name may stand. `duties` say in which stages they sit; without any they judge in
    every stage with `load` as their limit.
    """

    __tablename__ = "judge_seats"
    __table_args__ = (
        sa.UniqueConstraint("contest_id", "user_id"),
        sa.UniqueConstraint("contest_id", "code"),
        sa.CheckConstraint("load >= 1", name="load_one_or_more"),
    )

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    unit_text: Mapped[str] = mapped_column(sa.String(200), default="")
    title: Mapped[str] = mapped_column(sa.String(100), default="")
    tracks: Mapped[JsonList]
    load: Mapped[int]
    code: Mapped[str | None] = mapped_column(sa.String(20))
    earlier_units: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)  # {unit, since, until}: years, or None
    created: Mapped[Instant]
    contest: Mapped[Contest] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    duties: Mapped[list[StageSeat]] = relationship(
        back_populates="seat", cascade="all, delete-orphan", order_by=StageSeat.stage_id
    )

    def duty_in(self, stage: ContestStage) -> SeatDuty | None:
        """What this judge does in a stage; None: not seated in it, though in others."""
        if not self.duties:
            return SeatDuty.JUDGING
        return next((row.duty for row in self.duties if row.stage_id == stage.id and row.absent is None), None)

    def bounds_in(self, stage: ContestStage) -> tuple[int, int]:
        """(least, most) entries in a stage."""
        return next(((row.least, row.most) for row in self.duties if row.stage_id == stage.id), (0, self.load))

    @property
    def unit(self) -> str:
        return self.organisation.name if self.organisation else self.unit_text


class Recusal(db.Model):  # type: ignore[name-defined]
    """A reason that keeps a judge away from an entry. `evidence` is a gettext id filled with `values`.

    `grounds` are the marks of all evidence that was found: only what is not among them brings an ignored one back.
    """

    __tablename__ = "recusals"
    __table_args__ = (sa.UniqueConstraint("seat_id", "entry_id", "reason"),)

    id: Mapped[Key]
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("judge_seats.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    reason: Mapped[RecusalReason]
    source: Mapped[RecusalSource]
    state: Mapped[RecusalState]
    evidence: Mapped[ShortText] = mapped_column(default="")
    values: Mapped[Json]
    note: Mapped[ShortText] = mapped_column(default="")
    grounds: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    created: Mapped[Instant]
    reopened: Mapped[Instant | None]
    settled: Mapped[Instant | None]
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    seat: Mapped[JudgeSeat] = relationship(lazy="joined")
    entry: Mapped[Entry] = relationship(lazy="joined")


class Ballot(db.Model):  # type: ignore[name-defined]
    """One judge's points for one entry in one stage; a `shadow` ballot is given like any other and never counts.

    `version` grows with every save, so that two open pages notice each other; `recent` are [nonce, version] of the last
    saves, so that one that is sent again changes nothing.
    """

    __tablename__ = "ballots"
    __table_args__ = (
        sa.UniqueConstraint("stage_id", "seat_id", "entry_id"),
        sa.Index("ix_ballots_entry_state", "entry_id", "state"),
        sa.Index("ix_ballots_seat", "seat_id"),
    )

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"))
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("judge_seats.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"))
    state: Mapped[BallotState]
    shadow: Mapped[bool] = mapped_column(default=False)
    comment: Mapped[str] = mapped_column(sa.String(2000), default="")
    total: Mapped[Decimal | None] = mapped_column(ExactNumber)
    signed: Mapped[Instant | None]
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    recent: Mapped[JsonList] = mapped_column(default=list)
    stage: Mapped[ContestStage] = relationship(lazy="joined")
    seat: Mapped[JudgeSeat] = relationship(lazy="joined")
    entry: Mapped[Entry] = relationship(lazy="joined")
    scores: Mapped[list[BallotScore]] = relationship(
        back_populates="ballot", cascade="all, delete-orphan", order_by="BallotScore.criterion_id", lazy="selectin"
    )

    @property
    def points(self) -> dict[str, Decimal]:
        """Points by criterion key."""
        return {score.criterion.key: score.points for score in self.scores}


class BallotScore(db.Model):  # type: ignore[name-defined]
    """Points for one criterion."""

    __tablename__ = "ballot_scores"
    __table_args__ = (sa.UniqueConstraint("ballot_id", "criterion_id"),)

    id: Mapped[Key]
    ballot_id: Mapped[int] = mapped_column(sa.ForeignKey("ballots.id"))
    criterion_id: Mapped[int] = mapped_column(sa.ForeignKey("criteria.id"))
    points: Mapped[Decimal] = mapped_column(ExactNumber)
    ballot: Mapped[Ballot] = relationship(back_populates="scores")
    criterion: Mapped[CriterionRow] = relationship(lazy="joined")
