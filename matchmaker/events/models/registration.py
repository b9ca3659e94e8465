"""A registration: who comes, on whose behalf, with which places, and how it stands."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import Instant, Key, db
from matchmaker.directory.models import Organisation
from matchmaker.events.models.event import Audience, Event, SeatPool
from matchmaker.events.rules import RegistrationState, Source
from matchmaker.events.rules.waiting import standing
from matchmaker.questionnaires.models import AnswerSheet

LIVE = "state IN ('submitted', 'approved', 'waiting', 'offered', 'attended', 'absent')"
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no sign that looks like another


def _unique_while(name: str, condition: str, *columns: str) -> sa.Index:
    where = sa.text(condition)
    return sa.Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


def new_code() -> str:
    """What stands in the QR code of one attendee: 60 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


class Registration(db.Model):  # type: ignore[name-defined]
    """One organisation's, person's or guest's registration for one event, with its attendees.

    A guest has no account: then `user_id` is None and `name`, `phone`, `email` say who answers for it.
    """

    __tablename__ = "registrations"
    __table_args__ = (  # one live registration each; one that has ended may be followed by a new one
        _unique_while(  # an organisation registers itself once; its people who are asked by name are guests beside it
            "uq_live_registration_organisation",
            f"{LIVE} AND user_id IS NOT NULL",
            "event_id",
            "organisation_id",
            "audience_id",
        ),
        _unique_while("uq_live_registration_person", f"{LIVE} AND organisation_id IS NULL", "event_id", "user_id"),
        _unique_while("uq_live_registration_guest", f"{LIVE} AND user_id IS NULL", "event_id", "guest_key"),
        _unique_while("uq_draft_registration", "state = 'draft'", "audience_id", "user_id"),
        sa.UniqueConstraint("event_id", "external_id"),
        sa.Index("ix_registrations_event_state", "event_id", "state", "id", "party"),  # the numbers above the list
        sa.Index(
            "ix_registrations_event_handler",
            "event_id",
            "handler_id",
            sqlite_where=sa.text("handler_id IS NOT NULL"),
            postgresql_where=sa.text("handler_id IS NOT NULL"),
        ),
        sa.Index("ix_registrations_event_created", "event_id", "created", "id"),  # the order of the guest list
        sa.CheckConstraint("party >= 1", name="party_of_one_or_more"),
        sa.CheckConstraint("state != 'offered' OR offered_until IS NOT NULL", name="an_offer_ends"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    audience_id: Mapped[int] = mapped_column(sa.ForeignKey("event_audiences.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    organisation_name: Mapped[str] = mapped_column(sa.String(200), default="")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60), default="")
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    guest_key: Mapped[str | None] = mapped_column(sa.String(260))
    external_id: Mapped[str | None] = mapped_column(sa.String(100))
    state: Mapped[RegistrationState]
    source: Mapped[Source] = mapped_column(default=Source.SELF)
    from_waiting: Mapped[bool] = mapped_column(default=False)
    party: Mapped[int]
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    sheet_id: Mapped[int | None] = mapped_column(sa.ForeignKey("answer_sheets.id", ondelete="SET NULL"))
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    nonce: Mapped[str] = mapped_column(sa.String(22), default=lambda: secrets.token_urlsafe(16))
    joined: Mapped[Instant | None]
    priority: Mapped[int] = mapped_column(default=0)
    priority_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    offered_until: Mapped[Instant | None]
    created: Mapped[Instant]
    decided: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    event: Mapped[Event] = relationship(lazy="joined")
    audience: Mapped[Audience] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    user: Mapped[User | None] = relationship(foreign_keys=[user_id], lazy="joined")
    handler: Mapped[User | None] = relationship(foreign_keys=[handler_id])
    sheet: Mapped[AnswerSheet | None] = relationship()
    attendees: Mapped[list[Attendee]] = relationship(
        back_populates="registration", order_by="Attendee.id", cascade="all, delete-orphan", lazy="selectin"
    )
    claims: Mapped[list[SeatClaim]] = relationship(
        back_populates="registration", order_by="SeatClaim.pool_id", cascade="all, delete-orphan"
    )
    tags: Mapped[list[RegistrationTag]] = relationship(
        order_by="RegistrationTag.text", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def who(self) -> str:
        """The organisation's name, or the person's."""
        if self.organisation is not None:
            return self.organisation.name
        return self.organisation_name or self.contact_name

    @property
    def contact_name(self) -> str:
        """The person who answers for it."""
        return self.name or (self.user.name if self.user else "")

    def standing_at(self, now: datetime) -> RegistrationState:
        """How it stands at that moment; an offer that ran out has lapsed, whether or not a job has run."""
        return standing(self.state, self.offered_until, now)


class Attendee(db.Model):  # type: ignore[name-defined]
    """One person who comes. `attended_at`: the first time a gate let them in."""

    __tablename__ = "attendees"

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registrations.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    position: Mapped[str] = mapped_column(sa.String(60), default="")
    code: Mapped[str] = mapped_column(sa.String(16), default=new_code, unique=True)
    attended_at: Mapped[Instant | None]
    registration: Mapped[Registration] = relationship(back_populates="attendees")


class SeatClaim(db.Model):  # type: ignore[name-defined]
    """How many places of one pool a registration holds (`held`) or would like to hold."""

    __tablename__ = "seat_claims"
    __table_args__ = (
        sa.UniqueConstraint("registration_id", "pool_id"),
        sa.Index("ix_seat_claims_pool_held", "pool_id", "held"),
        sa.CheckConstraint("seats >= 1", name="one_seat_or_more"),
    )

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registrations.id"))
    pool_id: Mapped[int] = mapped_column(sa.ForeignKey("seat_pools.id"))
    seats: Mapped[int]
    held: Mapped[bool]
    registration: Mapped[Registration] = relationship(back_populates="claims")
    pool: Mapped[SeatPool] = relationship()


class RegistrationTag(db.Model):  # type: ignore[name-defined]
    """A word that the organiser put on a registration."""

    __tablename__ = "registration_tags"
    __table_args__ = (sa.UniqueConstraint("registration_id", "text"), sa.Index("ix_registration_tags_text", "text"))

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registrations.id"))
    text: Mapped[str] = mapped_column(sa.String(40))
