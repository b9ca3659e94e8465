"""Tables of events."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import Instant, Key, LongText, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Organisation
from matchmaker.events import rules
from matchmaker.events.rules import EventKind, EventState, RegistrationState

LIVE = sa.text("state IN ('submitted', 'approved')")


class Event(db.Model):  # type: ignore[name-defined]
    """One event with its programme text, place and times."""

    __tablename__ = "events"
    __table_args__ = (
        sa.CheckConstraint("ends > starts", name="ends_after_start"),
        sa.Index("ix_events_state_starts", "state", "starts"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    kind: Mapped[EventKind]
    state: Mapped[EventState]
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    summary: Mapped[ShortText]
    summary_en: Mapped[str | None] = mapped_column(sa.String(1000))
    description: Mapped[LongText]
    venue: Mapped[Name]
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    starts: Mapped[Instant]
    ends: Mapped[Instant]
    deadline: Mapped[Instant]
    needs_approval: Mapped[bool]
    contact: Mapped[str] = mapped_column(sa.String(200), default="")
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    published: Mapped[Instant | None]
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    owner: Mapped[User] = relationship(lazy="joined")
    pool: Mapped[SeatPool] = relationship(back_populates="event", lazy="joined", uselist=False)

    __mapper_args__ = {"version_id_col": version}

    def is_open_at(self, now: datetime) -> bool:
        """May people register at that moment?"""
        return rules.is_open(state=self.state, deadline=self.deadline, now=now)


class SeatPool(db.Model):  # type: ignore[name-defined]
    """A scarce number of places. `used` changes only through `services.pools`; the constraint has the last word."""

    __tablename__ = "seat_pools"
    __table_args__ = (sa.CheckConstraint("used >= 0 AND used <= capacity", name="used_within_capacity"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), unique=True)
    capacity: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    event: Mapped[Event] = relationship(back_populates="pool")

    @property
    def left(self) -> int:
        return self.capacity - self.used


class Registration(db.Model):  # type: ignore[name-defined]
    """One organisation's (or person's) registration for one event, with its attendees."""

    __tablename__ = "registrations"
    __table_args__ = (  # partial: one live registration each; withdrawn ones may be followed by a new one
        sa.Index(
            "uq_live_registration_organisation",
            "event_id",
            "organisation_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        sa.Index(
            "uq_live_registration_person",
            "event_id",
            "user_id",
            unique=True,
            sqlite_where=sa.text("state IN ('submitted', 'approved') AND organisation_id IS NULL"),
            postgresql_where=sa.text("state IN ('submitted', 'approved') AND organisation_id IS NULL"),
        ),
        sa.Index("ix_registrations_event_state", "event_id", "state", "id"),
        sa.CheckConstraint("party >= 1", name="party_of_one_or_more"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    state: Mapped[RegistrationState]
    party: Mapped[int]
    phone: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    created: Mapped[Instant]
    decided: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    event: Mapped[Event] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined")
    attendees: Mapped[list[Attendee]] = relationship(
        back_populates="registration", order_by="Attendee.id", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def who(self) -> str:
        """The organisation's name, or the person's."""
        return self.organisation.name if self.organisation else self.user.name


class Attendee(db.Model):  # type: ignore[name-defined]
    """One person who comes."""

    __tablename__ = "attendees"

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("registrations.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    registration: Mapped[Registration] = relationship(back_populates="attendees")
