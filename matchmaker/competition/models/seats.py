"""How a judge came to sit: the invitation with its answer, and the pledge signed before the first ballot."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.competition.models.ballot import JudgeSeat
from matchmaker.competition.rules.invitations import Answer
from matchmaker.core.db import Instant, Key, LongText, ShortText, db


class JudgeInvitation(db.Model):  # type: ignore[name-defined]
    """An invitation to judge: whoever has not said yes is given nothing to judge. The link is kept as its hash."""

    __tablename__ = "judge_invitations"

    id: Mapped[Key]
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("judge_seats.id"), unique=True)
    answer: Mapped[Answer]
    nonce: Mapped[str] = mapped_column(sa.String(32))
    sent: Mapped[Instant]
    answered: Mapped[Instant | None]
    reason: Mapped[ShortText] = mapped_column(default="")
    seat: Mapped[JudgeSeat] = relationship(lazy="joined")


class Pledge(db.Model):  # type: ignore[name-defined]
    """The pledge of impartiality as it was shown and signed."""

    __tablename__ = "judge_pledges"

    id: Mapped[Key]
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("judge_seats.id"), unique=True)
    text: Mapped[LongText]
    text_hash: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(60))
    signed: Mapped[Instant]
    seat: Mapped[JudgeSeat] = relationship(lazy="joined")
