"""A public vote, the entries on its ballot, its voters and their votes. A count stands here only once it is checked."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.competition.models import ContestStage, Entry
from matchmaker.core import clock
from matchmaker.core.db import Instant, Key, ShortText, db
from matchmaker.voting.rules import Reason, VoteState, Who, state_of

IN_FORCE = sa.text("cancelled IS NULL")


class PublicVote(db.Model):  # type: ignore[name-defined]
    """A vote of a stage: one that stands, and those that were cancelled before it.

    `seed` shuffles the ballot for each voter; `strikes` grows with every vote struck out or put back, so that a check
    is confirmed as it was proposed.
    """

    __tablename__ = "public_votes"
    __table_args__ = (
        sa.CheckConstraint("closes > opens", name="closes_after_opens"),
        sa.CheckConstraint("per_day >= 1 AND in_all >= per_day", name="votes_per_voter"),
        sa.CheckConstraint("released IS NULL OR checked IS NOT NULL", name="released_after_check"),
        sa.CheckConstraint("checked IS NULL OR cancelled IS NULL", name="checked_or_cancelled"),
        sa.CheckConstraint("cancelled IS NULL OR cancel_reason <> ''", name="cancelled_with_reason"),
        sa.Index("uq_public_vote_in_force", "stage_id", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
    )

    id: Mapped[Key]
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("contest_stages.id"), index=True)
    opens: Mapped[Instant]
    closes: Mapped[Instant]
    per_day: Mapped[int]
    in_all: Mapped[int]
    who: Mapped[Who]
    again: Mapped[bool] = mapped_column(default=False)
    own: Mapped[bool] = mapped_column(default=False)
    award: Mapped[str] = mapped_column(sa.String(60), default="")
    note: Mapped[ShortText] = mapped_column(default="")
    seed: Mapped[str] = mapped_column(sa.String(64))
    strikes: Mapped[int] = mapped_column(default=0)
    checked: Mapped[Instant | None]
    released: Mapped[Instant | None]
    cancelled: Mapped[Instant | None]
    cancel_reason: Mapped[ShortText] = mapped_column(default="")
    created: Mapped[Instant]
    stage: Mapped[ContestStage] = relationship(lazy="joined")
    candidates: Mapped[list[Candidate]] = relationship(
        back_populates="vote", order_by="Candidate.id", lazy="selectin", cascade="all, delete-orphan"
    )

    def state_at(self, now: datetime) -> VoteState:
        return state_of(
            now=now,
            opens=self.opens,
            closes=self.closes,
            checked=self.checked,
            released=self.released,
            cancelled=self.cancelled,
        )

    @property
    def state(self) -> VoteState:
        return self.state_at(clock.now())

    @property
    def public_state(self) -> VoteState:
        """What everybody may know: that the check is done stays inside until the release."""
        return VoteState.CLOSED if self.state is VoteState.CHECKED else self.state

    @property
    def region(self) -> str:
        return self.stage.region


class Candidate(db.Model):  # type: ignore[name-defined]
    """An entry on the ballot with a few words for the public. `votes`, `struck` and `place` stand once checked."""

    __tablename__ = "public_vote_candidates"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "entry_id"),
        sa.CheckConstraint("(votes IS NULL) = (struck IS NULL)", name="counted_together"),
    )

    id: Mapped[Key]
    vote_id: Mapped[int] = mapped_column(sa.ForeignKey("public_votes.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    blurb: Mapped[ShortText] = mapped_column(default="")
    votes: Mapped[int | None]
    struck: Mapped[int | None]
    place: Mapped[int | None]
    vote: Mapped[PublicVote] = relationship(back_populates="candidates")
    entry: Mapped[Entry] = relationship(lazy="joined")


class Voter(db.Model):  # type: ignore[name-defined]
    """Somebody who may vote, known by a keyed hash: an account, or a proven number or address. The limits are copied
    here, so that the table itself refuses one vote too many."""

    __tablename__ = "public_voters"
    __table_args__ = (
        sa.UniqueConstraint("vote_id", "key_hash"),
        sa.CheckConstraint("used >= 0 AND used <= in_all", name="used_within_all"),
        sa.CheckConstraint("used_today >= 0 AND used_today <= per_day", name="used_within_day"),
    )

    id: Mapped[Key]
    vote_id: Mapped[int] = mapped_column(sa.ForeignKey("public_votes.id"))
    key_hash: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    account_made: Mapped[Instant | None]
    per_day: Mapped[int]
    in_all: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    used_today: Mapped[int] = mapped_column(default=0)
    day: Mapped[date | None]
    created: Mapped[Instant]


class CastVote(db.Model):  # type: ignore[name-defined]
    """One vote. Where it came from is a keyed hash, emptied with the release; a struck one keeps its reason."""

    __tablename__ = "public_vote_cast"
    __table_args__ = (
        sa.UniqueConstraint("voter_id", "candidate_id", "slot"),
        sa.Index("ix_public_vote_cast_candidate", "candidate_id", "struck"),
        sa.CheckConstraint("(struck IS NULL) = (struck_by_id IS NULL)", name="struck_by_somebody"),
    )

    id: Mapped[Key]
    vote_id: Mapped[int] = mapped_column(sa.ForeignKey("public_votes.id"), index=True)
    voter_id: Mapped[int] = mapped_column(sa.ForeignKey("public_voters.id"))
    candidate_id: Mapped[int] = mapped_column(sa.ForeignKey("public_vote_candidates.id"))
    slot: Mapped[str] = mapped_column(sa.String(10))
    moment: Mapped[Instant]
    address_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    device_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    struck: Mapped[Reason | None]
    struck_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    struck_note: Mapped[ShortText] = mapped_column(default="")
