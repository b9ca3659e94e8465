"""Judges, their recusals, their ballots, and the standings counted from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.models.contest import Contest, CriterionRow
from matchmaker.competition.models.entry import Entry
from matchmaker.competition.rules.ballots import BallotState, RecusalSource
from matchmaker.competition.rules.conflicts import RecusalReason, RecusalState
from matchmaker.core.db import ExactNumber, Instant, Json, JsonList, Key, ShortText, db
from matchmaker.directory.models import Organisation


class JudgeSeat(db.Model):  # type: ignore[name-defined]
    """A judge in one contest: where they work, which tracks they know, how many entries they take."""

    __tablename__ = "judge_seats"
    __table_args__ = (
        sa.UniqueConstraint("contest_id", "user_id"),
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
    created: Mapped[Instant]
    contest: Mapped[Contest] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def unit(self) -> str:
        return self.organisation.name if self.organisation else self.unit_text


class Recusal(db.Model):  # type: ignore[name-defined]
    """A reason that keeps a judge away from an entry. `evidence` is a gettext id filled with `values`."""

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
    created: Mapped[Instant]
    settled: Mapped[Instant | None]
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    seat: Mapped[JudgeSeat] = relationship(lazy="joined")
    entry: Mapped[Entry] = relationship(lazy="joined")


class Ballot(db.Model):  # type: ignore[name-defined]
    """One judge's points for one entry. `version` grows with every save, so that two open pages notice each other."""

    __tablename__ = "ballots"
    __table_args__ = (
        sa.UniqueConstraint("seat_id", "entry_id"),
        sa.Index("ix_ballots_entry_state", "entry_id", "state"),
    )

    id: Mapped[Key]
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("judge_seats.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"))
    state: Mapped[BallotState]
    comment: Mapped[str] = mapped_column(sa.String(2000), default="")
    total: Mapped[Decimal | None] = mapped_column(ExactNumber)
    signed: Mapped[Instant | None]
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
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


class BallotMark(db.Model):  # type: ignore[name-defined]
    """What a ballot said when it was signed, taken back or made void: appended, never changed."""

    __tablename__ = "ballot_marks"

    id: Mapped[Key]
    ballot_id: Mapped[int] = mapped_column(sa.ForeignKey("ballots.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(20))
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    moment: Mapped[Instant]
    data: Mapped[Json]


class Standing(db.Model):  # type: ignore[name-defined]
    """A line of the standings as they were locked; `marks` are the ballots' totals as texts."""

    __tablename__ = "standings"

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_groups.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), unique=True)
    rank: Mapped[int]
    score: Mapped[Decimal] = mapped_column(ExactNumber)
    tied: Mapped[bool]
    advances: Mapped[bool]
    prize: Mapped[str | None] = mapped_column(sa.String(40))
    marks: Mapped[JsonList]
    entry: Mapped[Entry] = relationship(lazy="joined")


@event.listens_for(Session, "before_flush")
def _append_only(session: Session, _context: Any, _instances: Any) -> None:
    changed = [row for row in (*session.dirty, *session.deleted) if isinstance(row, BallotMark)]
    if any(session.is_modified(row) or row in session.deleted for row in changed):
        raise RuntimeError("what a ballot said is only ever appended to")
