"""Whom an entry is bound to, and whom its entrants ask to stay away."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.competition.models.entry import Entry
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.rules.detection import TieKind
from matchmaker.core.db import Instant, Key, ShortText, db


class EntryTie(db.Model):  # type: ignore[name-defined]
    """A shareholder, officer, investor or fellow author of an entry, as the entrant wrote it."""

    __tablename__ = "entry_ties"

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    kind: Mapped[TieKind]
    name: Mapped[str] = mapped_column(sa.String(100))
    unit: Mapped[str] = mapped_column(sa.String(100), default="")
    note: Mapped[str] = mapped_column(sa.String(200), default="")


class RecusalWish(db.Model):  # type: ignore[name-defined]
    """ "This person, or everybody of this unit, must not judge us": kept when taken back, compared only while it
    stands."""

    __tablename__ = "recusal_wishes"

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60), default="")
    unit: Mapped[str] = mapped_column(sa.String(200), default="")
    relation: Mapped[RecusalReason]
    evidence: Mapped[ShortText]
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    withdrawn: Mapped[Instant | None]
    entry: Mapped[Entry] = relationship(lazy="joined")
