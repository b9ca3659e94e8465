"""A live final and the appearances in it. Scores stand here only once they are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.competition.models import ContestStage, Entry
from matchmaker.core.db import ExactNumber, Instant, Key, db
from matchmaker.finals.rules import Phase, remaining


class Final(db.Model):  # type: ignore[name-defined]
    """One live stage. `version` grows with everything the stage screen shows; `token` is the screen's address."""

    __tablename__ = "finals"

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"), unique=True)
    venue: Mapped[str] = mapped_column(sa.String(200), default="")
    secret: Mapped[str] = mapped_column(sa.String(64))
    commitment: Mapped[str] = mapped_column(sa.String(64))
    drawn: Mapped[Instant | None]
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    by_group: Mapped[bool] = mapped_column(default=False)
    current_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[Instant]
    stage: Mapped[ContestStage] = relationship(lazy="joined")
    appearances: Mapped[list[Appearance]] = relationship(
        back_populates="final", order_by="Appearance.position, Appearance.code, Appearance.id", lazy="selectin"
    )

    @property
    def current(self) -> Appearance | None:
        return next((row for row in self.appearances if row.id == self.current_id), None)

    @property
    def running(self) -> list[Appearance]:
        """The order of the day: as drawn, whoever was moved to the end after the others (of their group)."""
        last = datetime.min.replace(tzinfo=UTC)
        return sorted(
            self.appearances,
            key=lambda row: (
                row.entry.group_id if self.by_group else 0,
                row.late or last,
                row.position or 0,
                row.code,
            ),
        )


class Appearance(db.Model):  # type: ignore[name-defined]
    """An entry on stage: its word for the draw, its place in the order, where it stands, its score once shown.

    `position` is the drawn lot and never changes; `late` is when it was moved to the end, `called` when it went on
    stage, `note` why it left the drawn course. The clock of a phase stands since `paused` and has `extra_seconds` more.
    """

    __tablename__ = "final_appearances"
    __table_args__ = (
        sa.UniqueConstraint("final_id", "entry_id"),
        sa.UniqueConstraint("final_id", "position"),
        sa.CheckConstraint("(score IS NULL) = (shown IS NULL)", name="score_exactly_when_shown"),
    )

    id: Mapped[Key]
    final_id: Mapped[int] = mapped_column(sa.ForeignKey("finals.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(20))
    word: Mapped[str] = mapped_column(sa.String(40), default="")
    speaker: Mapped[str] = mapped_column(sa.String(60), default="")
    signed_in: Mapped[Instant | None]
    position: Mapped[int | None]
    phase: Mapped[Phase]
    phase_started: Mapped[Instant | None]
    paused: Mapped[Instant | None]
    extra_seconds: Mapped[int] = mapped_column(default=0)
    called: Mapped[Instant | None]
    late: Mapped[Instant | None]
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    score: Mapped[Decimal | None] = mapped_column(ExactNumber)
    shown: Mapped[Instant | None]
    final: Mapped[Final] = relationship(back_populates="appearances", lazy="joined")
    entry: Mapped[Entry] = relationship(lazy="joined")

    def seconds_left(self, now: datetime) -> int | None:
        """What the clock of the phase shows; None: nothing is timed."""
        stage = self.final.stage
        return remaining(
            self.phase,
            self.phase_started,
            now=now,
            pitch_minutes=stage.pitch_minutes,
            question_minutes=stage.question_minutes,
            extra_seconds=self.extra_seconds,
            paused=self.paused,
        )
