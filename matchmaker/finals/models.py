"""A live final and the appearances in it. Scores stand here only once they are shown."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.competition.models import ContestStage, Entry
from matchmaker.core.db import ExactNumber, Instant, Key, db
from matchmaker.finals.rules import Phase


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
    current_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    created: Mapped[Instant]
    stage: Mapped[ContestStage] = relationship(lazy="joined")
    appearances: Mapped[list[Appearance]] = relationship(
        back_populates="final", order_by="Appearance.position, Appearance.code", lazy="selectin"
    )

    @property
    def current(self) -> Appearance | None:
        return next((row for row in self.appearances if row.id == self.current_id), None)


class Appearance(db.Model):  # type: ignore[name-defined]
    """An entry on stage: its word for the draw, its place in the order, where it stands, its score once shown."""

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
    score: Mapped[Decimal | None] = mapped_column(ExactNumber)
    shown: Mapped[Instant | None]
    final: Mapped[Final] = relationship(back_populates="appearances", lazy="joined")
    entry: Mapped[Entry] = relationship(lazy="joined")
