"""Tables of rounds: the round, who takes part, and the pairs it proposed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import ExactNumber, Instant, Json, Key, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Person
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.rounds.rules import Aim, PairState, RoundState


class MatchRound(db.Model):  # type: ignore[name-defined]
    """One round. `plan` counts the plans: what is sent is what was looked at; `report` says what the last one found."""

    __tablename__ = "match_rounds"
    __table_args__ = (
        sa.CheckConstraint("per_need >= 1 AND per_helper >= 1", name="numbers_from_one"),
        sa.CheckConstraint("floor >= 0 AND floor <= 100", name="floor_of_hundred"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    title: Mapped[Name]
    state: Mapped[RoundState]
    per_need: Mapped[int]
    per_helper: Mapped[int]
    floor: Mapped[int]
    aim: Mapped[Aim] = mapped_column(default=Aim.SUM, server_default="sum")
    seed: Mapped[int]
    message: Mapped[ShortText] = mapped_column(default="")
    plan: Mapped[int] = mapped_column(default=0)
    report: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    published: Mapped[Instant | None]
    created_by: Mapped[User] = relationship(lazy="joined")


class RoundNeed(db.Model):  # type: ignore[name-defined]
    """A need that takes part."""

    __tablename__ = "match_round_needs"
    __table_args__ = (sa.UniqueConstraint("round_id", "need_id"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("match_rounds.id"))
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("needs.id"), index=True)


class RoundHelper(db.Model):  # type: ignore[name-defined]
    """A helper who takes part."""

    __tablename__ = "match_round_helpers"
    __table_args__ = (sa.UniqueConstraint("round_id", "person_id"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("match_rounds.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)


class RoundPair(db.Model):  # type: ignore[name-defined]
    """A need with a helper; once asked, the request tells how it goes on."""

    __tablename__ = "match_round_pairs"
    __table_args__ = (sa.UniqueConstraint("round_id", "need_id", "person_id"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("match_rounds.id"))
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("needs.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    state: Mapped[PairState]
    score: Mapped[object] = mapped_column(ExactNumber())
    reason: Mapped[ShortText] = mapped_column(default="")  # why it was not sent
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("help_requests.id"), index=True)
    need: Mapped[Need] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
    request: Mapped[HelpRequest | None] = relationship(lazy="joined")
