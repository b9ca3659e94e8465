"""Tables of what follows a request: other terms proposed, requests passed on, offers of helpers, outcomes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.core.db import ExactNumber, Instant, Json, Key, Money, RegionCode, ShortText, db
from matchmaker.directory.models import Person
from matchmaker.matching.models.flow import HelpRequest, Need
from matchmaker.matching.rules import ContractKind, NothingReason, OfferState, ProposalState, Result

WAITING = sa.text("state = 'waiting'")


class Proposal(db.Model):  # type: ignore[name-defined]
    """Other terms that a helper proposes instead of a plain yes; the owner agrees or not."""

    __tablename__ = "request_proposals"
    __table_args__ = (
        sa.Index("uq_waiting_proposal", "request_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
        sa.Index("ix_request_proposals_request_id", "request_id"),
    )

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("help_requests.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    state: Mapped[ProposalState]
    moment: Mapped[Instant | None]
    terms: Mapped[ShortText]
    by_link: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    answered: Mapped[Instant | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answer: Mapped[ShortText] = mapped_column(default="")


class RequestPass(db.Model):  # type: ignore[name-defined]
    """A request that one helper handed to a colleague; the row of the request has moved on."""

    __tablename__ = "request_passes"
    __table_args__ = (sa.UniqueConstraint("request_id", "from_person_id"),)

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("help_requests.id"))
    from_person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    to_person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    moment: Mapped[Instant]
    note: Mapped[ShortText]
    by_link: Mapped[bool] = mapped_column(default=False)
    score: Mapped[object | None] = mapped_column(ExactNumber())
    explanation: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    request: Mapped[HelpRequest] = relationship(lazy="joined")
    receiver: Mapped[Person] = relationship(lazy="joined", foreign_keys=[to_person_id])


class NeedOffer(db.Model):  # type: ignore[name-defined]
    """A helper's own offer for a need they found: the owner agrees, and it becomes an accepted request."""

    __tablename__ = "need_offers"
    __table_args__ = (
        sa.Index(
            "uq_waiting_offer", "need_id", "person_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING
        ),
        sa.Index("ix_need_offers_person_state", "person_id", "state"),
        sa.Index("ix_need_offers_state_expires", "state", "expires"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("needs.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    state: Mapped[OfferState]
    message: Mapped[ShortText]
    created: Mapped[Instant]
    expires: Mapped[Instant]
    answered: Mapped[Instant | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    answer: Mapped[ShortText] = mapped_column(default="")
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("help_requests.id"), unique=True)
    score: Mapped[object | None] = mapped_column(ExactNumber())
    explanation: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    need: Mapped[Need] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")


class Outcome(db.Model):  # type: ignore[name-defined]
    """What came of an accepted request; one row a request."""

    __tablename__ = "request_outcomes"
    __table_args__ = (sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name="amount_not_negative"),)

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("help_requests.id"), unique=True)
    result: Mapped[Result]
    contract: Mapped[ContractKind | None]
    amount_fen: Mapped[Money | None]
    why: Mapped[NothingReason | None]
    note: Mapped[ShortText]
    recorded: Mapped[Instant]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
