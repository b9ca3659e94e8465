"""An event: what it is, who may come, what is scarce, and who works on it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import Instant, Key, LongText, Name, RegionCode, ShortText, db
from matchmaker.events import rules
from matchmaker.events.rules import EventDuty, EventKind, EventState, PoolKind, WaitingPolicy


class EventSeries(db.Model):  # type: ignore[name-defined]
    """Events that belong together, e.g. one training every month."""

    __tablename__ = "event_series"

    id: Mapped[Key]
    region: Mapped[RegionCode]
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    created: Mapped[Instant]

    def title_in(self, language: str) -> str:
        """The title in a language, in Chinese when there is none."""
        return (self.title_en if language == "en" else "") or self.title


class Event(db.Model):  # type: ignore[name-defined]
    """One event with its text, place and times."""

    __tablename__ = "events"
    __table_args__ = (
        sa.CheckConstraint("ends > starts", name="ends_after_start"),
        sa.CheckConstraint("offer_hours >= 1", name="offer_of_an_hour_or_more"),
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
    description_en: Mapped[LongText | None]
    venue: Mapped[Name]
    venue_en: Mapped[str | None] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    address_en: Mapped[str | None] = mapped_column(sa.String(300))
    starts: Mapped[Instant]
    ends: Mapped[Instant]
    deadline: Mapped[Instant]
    needs_approval: Mapped[bool]
    listed: Mapped[bool] = mapped_column(default=True)
    contact: Mapped[str] = mapped_column(sa.String(200), default="")
    default_reminder: Mapped[bool] = mapped_column(default=True)
    waiting_policy: Mapped[WaitingPolicy] = mapped_column(default=WaitingPolicy.NONE)
    offer_hours: Mapped[int] = mapped_column(default=24)
    draw_seed: Mapped[str | None] = mapped_column(sa.String(64))
    drawn: Mapped[Instant | None]
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_series.id"), index=True)
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events.id"))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    published: Mapped[Instant | None]
    closed: Mapped[Instant | None]
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    owner: Mapped[User] = relationship(lazy="joined")
    series: Mapped[EventSeries | None] = relationship()
    pools: Mapped[list[SeatPool]] = relationship(
        back_populates="event", order_by="SeatPool.id", lazy="selectin", cascade="all, delete-orphan"
    )
    audiences: Mapped[list[Audience]] = relationship(
        back_populates="event", order_by="Audience.position, Audience.id", lazy="selectin", cascade="all, delete-orphan"
    )
    team: Mapped[list[EventRole]] = relationship(back_populates="event", order_by="EventRole.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def pool(self) -> SeatPool:
        """The places of the event as a whole."""
        return next(pool for pool in self.pools if pool.kind is PoolKind.EVENT)

    def is_open_at(self, now: datetime) -> bool:
        """May people register at that moment?"""
        return rules.is_open(state=self.state, deadline=self.deadline, now=now)

    def text_in(self, field: str, language: str) -> str:
        """title, summary, description, venue or address in a language, in Chinese when there is none."""
        return str((getattr(self, f"{field}_en") if language == "en" else "") or getattr(self, field) or "")


class SeatPool(db.Model):  # type: ignore[name-defined]
    """A scarce number of places. `used` changes only through `services.pools`; the constraint has the last word."""

    __tablename__ = "seat_pools"
    __table_args__ = (
        sa.CheckConstraint("used >= 0 AND used <= capacity", name="used_within_capacity"),
        sa.UniqueConstraint("event_id", "kind", "name"),
        sa.Index(
            "uq_pool_of_the_whole_event",
            "event_id",
            unique=True,
            sqlite_where=sa.text("kind = 'event'"),
            postgresql_where=sa.text("kind = 'event'"),
        ),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), index=True)
    kind: Mapped[PoolKind] = mapped_column(default=PoolKind.EVENT)
    name: Mapped[str] = mapped_column(sa.String(100), default="")
    name_en: Mapped[str | None] = mapped_column(sa.String(100))
    capacity: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    event: Mapped[Event] = relationship(back_populates="pools")

    @property
    def left(self) -> int:
        return self.capacity - self.used


class Audience(db.Model):  # type: ignore[name-defined]
    """A group of people an event is for, with its own form and, where wanted, its own places, times and approval.

    What is None here is as the event says.
    """

    __tablename__ = "event_audiences"
    __table_args__ = (sa.UniqueConstraint("event_id", "name"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    name_en: Mapped[str | None] = mapped_column(sa.String(100))
    position: Mapped[int] = mapped_column(default=0)
    pool_id: Mapped[int | None] = mapped_column(sa.ForeignKey("seat_pools.id"))
    questionnaire_id: Mapped[int | None] = mapped_column(sa.ForeignKey("questionnaires.id"))
    invited_only: Mapped[bool] = mapped_column(default=False)
    needs_approval: Mapped[bool | None]
    reapprove: Mapped[bool] = mapped_column(default=False)
    opens: Mapped[Instant | None]
    deadline: Mapped[Instant | None]
    largest_party: Mapped[int] = mapped_column(default=rules.LARGEST_PARTY)
    event: Mapped[Event] = relationship(back_populates="audiences")
    pool: Mapped[SeatPool | None] = relationship(lazy="joined")

    def name_in(self, language: str) -> str:
        """The group's name in a language, in Chinese when there is none."""
        return (self.name_en if language == "en" else "") or self.name

    @property
    def closes(self) -> datetime:
        """When registration ends for this group."""
        return self.deadline or self.event.deadline

    @property
    def asks_approval(self) -> bool:
        """Does a person decide on each registration of this group?"""
        return self.event.needs_approval if self.needs_approval is None else self.needs_approval

    def is_open_at(self, now: datetime) -> bool:
        """May people of this group register at that moment?"""
        return rules.is_open(state=self.event.state, deadline=self.closes, now=now, opens=self.opens)


class EventRole(db.Model):  # type: ignore[name-defined]
    """One duty of one person on one event; with an audience, on the registrations of that group only."""

    __tablename__ = "event_roles"
    __table_args__ = (sa.UniqueConstraint("event_id", "user_id", "duty", "audience_id"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    duty: Mapped[EventDuty]
    audience_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_audiences.id"))
    granted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    event: Mapped[Event] = relationship(back_populates="team")
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined")
    audience: Mapped[Audience | None] = relationship()
