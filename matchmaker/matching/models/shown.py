"""Tables of who was shown to whom, what they said to it, and who wants no letters."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import ExactNumber, Instant, Json, Key, ShortText, db
from matchmaker.matching.rules import DismissReason, Side


class Impression(db.Model):  # type: ignore[name-defined]
    """A suggestion that somebody saw: once for a need, a person, a side and a day."""

    __tablename__ = "suggestion_impressions"
    __table_args__ = (
        sa.UniqueConstraint("need_id", "side", "day", "person_id"),
        sa.Index("ix_suggestion_impressions_day", "day"),
        sa.Index("ix_suggestion_impressions_person_id", "person_id"),
        sa.CheckConstraint("rank >= 1", name="rank_from_one"),
    )

    id: Mapped[Key]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("needs.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    side: Mapped[Side]
    day: Mapped[date]
    rank: Mapped[int]
    score: Mapped[object] = mapped_column(ExactNumber())
    engine: Mapped[str] = mapped_column(sa.String(60))
    weights_id: Mapped[int | None] = mapped_column(sa.ForeignKey("learnt_weights.id"), index=True)  # none: set by hand
    basis: Mapped[Json] = mapped_column(sa.JSON(), default=dict, server_default="{}")  # gives the score again


class Dismissal(db.Model):  # type: ignore[name-defined]
    """ "Not for me": a need a helper is shown no more, or a helper an owner is shown no more for a need.

    The row stays when it is undone; score and parts are those of the moment, for learning.
    """

    __tablename__ = "match_dismissals"
    __table_args__ = (sa.UniqueConstraint("need_id", "person_id", "side"),)

    id: Mapped[Key]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("needs.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    side: Mapped[Side]
    reason: Mapped[DismissReason]
    note: Mapped[ShortText]
    created: Mapped[Instant]
    undone: Mapped[Instant | None]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    score: Mapped[object | None] = mapped_column(ExactNumber())
    explanation: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    engine: Mapped[str] = mapped_column(sa.String(60), default="")


class DigestChoice(db.Model):  # type: ignore[name-defined]
    """Whether a helper wants the weekly letter, and the last one sent; no row: they do, and none was sent."""

    __tablename__ = "digest_choices"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), unique=True)
    wanted: Mapped[bool] = mapped_column(default=True)
    last_week: Mapped[date | None]
    updated: Mapped[Instant]
