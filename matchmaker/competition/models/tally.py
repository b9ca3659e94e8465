"""What was counted when a stage was locked: one tally a lock, its standings, and what happened to them afterwards."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.models.entry import Entry
from matchmaker.competition.models.stage import ContestStage
from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.competition.rules.results import CheckResult
from matchmaker.core.db import ExactNumber, Instant, JsonList, Key, LongText, db

IN_FORCE = sa.text("reopened IS NULL")


class Tally(db.Model):  # type: ignore[name-defined]
    """One lock of one stage. `document` is the result package as canonical JSON, `sha256` its fingerprint.

    A stage that is opened again keeps its tally with the reason; the next lock has the next version.
    """

    __tablename__ = "tallies"
    __table_args__ = (
        sa.UniqueConstraint("stage_id", "version"),
        sa.CheckConstraint("(reopened IS NULL) = (reopen_reason IS NULL)", name="reopened_with_reason"),
        sa.Index("uq_tally_in_force", "stage_id", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
    )

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"))
    version: Mapped[int]
    rule: Mapped[Aggregation]
    rules_hash: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[LongText]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    counted: Mapped[Instant]
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id"))
    released: Mapped[Instant | None]
    notice_id: Mapped[int | None]
    reopened: Mapped[Instant | None]
    reopen_reason: Mapped[str | None] = mapped_column(sa.String(500))
    reopen_decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"))
    stage: Mapped[ContestStage] = relationship(lazy="joined")


class Standing(db.Model):  # type: ignore[name-defined]
    """A line of a tally. `rank` is as counted and never changes; `place`, `tied`, `prize` and `advances` are what is
    announced.

    `marks` are the ballots' totals as texts, `error` the standard error of the score. An entry taken out after the
    lock has no place and says why.
    """

    __tablename__ = "standings"
    __table_args__ = (
        sa.UniqueConstraint("tally_id", "entry_id"),
        sa.CheckConstraint("(removed IS NULL) = (removed_reason IS NULL)", name="removed_with_reason"),
    )

    id: Mapped[Key]
    tally_id: Mapped[int] = mapped_column(sa.ForeignKey("tallies.id"))
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"), index=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"), index=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_groups.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(20))
    rank: Mapped[int]
    place: Mapped[int | None]
    score: Mapped[Decimal] = mapped_column(ExactNumber)
    error: Mapped[Decimal | None] = mapped_column(ExactNumber)
    tied: Mapped[bool]
    advances: Mapped[bool]
    prize: Mapped[str | None] = mapped_column(sa.String(40))
    marks: Mapped[JsonList]
    removed: Mapped[Instant | None]
    removed_reason: Mapped[str | None] = mapped_column(sa.String(500))
    tally: Mapped[Tally] = relationship(lazy="joined")
    entry: Mapped[Entry] = relationship(lazy="joined")
    stage: Mapped[ContestStage] = relationship(lazy="joined")

    @property
    def region(self) -> str:
        return self.entry.region

    @property
    def places(self) -> int:
        """Decimal places of the score as it is announced."""
        return self.tally.rule.places


class DiligenceCheck(db.Model):  # type: ignore[name-defined]
    """One item of due diligence (尽职调查) on a prospective winner: its latest result, by whom and when."""

    __tablename__ = "diligence_checks"
    __table_args__ = (sa.UniqueConstraint("contest_id", "entry_id", "item"),)

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("contests.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    item: Mapped[str] = mapped_column(sa.String(60))
    result: Mapped[CheckResult]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    checked: Mapped[Instant]
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    entry: Mapped[Entry] = relationship(lazy="joined")
    checked_by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def region(self) -> str:
        return self.entry.region


class JudgeRecord(db.Model):  # type: ignore[name-defined]
    """How a judge scored in one tally, for whoever seats judges next year. Severity is in points of the total."""

    __tablename__ = "judge_records"
    __table_args__ = (sa.UniqueConstraint("tally_id", "user_id"),)

    id: Mapped[Key]
    tally_id: Mapped[int] = mapped_column(sa.ForeignKey("tallies.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    ballots: Mapped[int]
    on_time: Mapped[int]
    severity: Mapped[Decimal | None] = mapped_column(ExactNumber)
    spread: Mapped[Decimal | None] = mapped_column(ExactNumber)
    agreement: Mapped[Decimal | None] = mapped_column(ExactNumber)
    tally: Mapped[Tally] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")


class CommentConsent(db.Model):  # type: ignore[name-defined]
    """A judge's consent that the comment of one ballot is passed on to the entrant, without the judge's name."""

    __tablename__ = "comment_consents"

    ballot_id: Mapped[int] = mapped_column(sa.ForeignKey("ballots.id"), primary_key=True)
    given: Mapped[Instant]
