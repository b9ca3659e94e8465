"""What judges say to each other about an entry, and when they were asked to look at it again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from matchmaker.competition.models.ballot import JudgeSeat
from matchmaker.competition.models.entry import Entry
from matchmaker.competition.models.stage import ContestStage
from matchmaker.core.db import Instant, Key, db


class DeliberationNote(db.Model):  # type: ignore[name-defined]
    """A judge's note on an entry (合议): appended, never changed; `conclusion` is what the lead judge sums up."""

    __tablename__ = "deliberation_notes"
    __table_args__ = (sa.Index("ix_deliberation_notes_place", "stage_id", "entry_id"),)

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"))
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("judge_seats.id"))
    text: Mapped[str] = mapped_column(sa.String(1000))
    conclusion: Mapped[bool] = mapped_column(default=False)
    moment: Mapped[Instant]
    stage: Mapped[ContestStage] = relationship()
    entry: Mapped[Entry] = relationship()
    seat: Mapped[JudgeSeat] = relationship(lazy="joined")


class Reconsideration(db.Model):  # type: ignore[name-defined]
    """An entry whose totals lie too far apart (复议): noticed by itself, put to its judges by the organiser.

    It says nothing about any score; each judge answers by signing again or by upholding, in a mark of the stage's chain
    after the first `asked_after`. At most one is open an entry.
    """

    __tablename__ = "reconsiderations"
    __table_args__ = (
        sa.Index(
            "uq_reconsiderations_open",
            "stage_id",
            "entry_id",
            unique=True,
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        ),
    )

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"), index=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"))
    noticed: Mapped[Instant]
    asked: Mapped[Instant | None]
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    asked_after: Mapped[int] = mapped_column(default=0)
    closed: Mapped[Instant | None]
    entry: Mapped[Entry] = relationship(lazy="joined")


@event.listens_for(Session, "before_flush")
def _append_only(session: Session, _context: Any, _instances: Any) -> None:
    notes = [row for row in (*session.dirty, *session.deleted) if isinstance(row, DeliberationNote)]
    if any(session.is_modified(row) or row in session.deleted for row in notes):
        raise RuntimeError("notes of a deliberation are only ever appended to")
