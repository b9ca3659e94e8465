"""Tables of the programme."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.core.db import Instant, Key, Name, db
from matchmaker.events.models import Event, SeatPool
from matchmaker.programme.rules import SessionKind, SessionState, SpeakerRole


class Room(db.Model):  # type: ignore[name-defined]
    """A place where sessions of one event happen. `capacity` None: as many as come."""

    __tablename__ = "event_rooms"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "name"),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 1", name="room_for_one_or_more"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    name_en: Mapped[str | None] = mapped_column(sa.String(100))
    capacity: Mapped[int | None]
    event: Mapped[Event] = relationship()


class Speaker(db.Model):  # type: ignore[name-defined]
    """A person on the programme of one event; `user_id` when they have an account."""

    __tablename__ = "event_speakers"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str | None] = mapped_column(sa.String(100))
    position: Mapped[str] = mapped_column(sa.String(100), default="")
    position_en: Mapped[str | None] = mapped_column(sa.String(100))
    organisation: Mapped[str] = mapped_column(sa.String(200), default="")
    organisation_en: Mapped[str | None] = mapped_column(sa.String(200))
    bio: Mapped[str] = mapped_column(sa.Text(), default="")
    bio_en: Mapped[str | None] = mapped_column(sa.Text())
    photo_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_files.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    event: Mapped[Event] = relationship()


class Session(db.Model):  # type: ignore[name-defined]
    """One item of the programme. With a pool, registered people sign up for it and its places are counted there."""

    __tablename__ = "event_sessions"
    __table_args__ = (
        sa.CheckConstraint("ends > starts", name="ends_after_start"),
        sa.Index("ix_event_sessions_event_starts", "event_id", "starts", "id"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    title: Mapped[Name]
    title_en: Mapped[str | None] = mapped_column(sa.String(200))
    abstract: Mapped[str] = mapped_column(sa.Text(), default="")
    abstract_en: Mapped[str | None] = mapped_column(sa.Text())
    kind: Mapped[SessionKind]
    state: Mapped[SessionState]
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_rooms.id"), index=True)
    starts: Mapped[Instant]
    ends: Mapped[Instant]
    pool_id: Mapped[int | None] = mapped_column(sa.ForeignKey("seat_pools.id"), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    event: Mapped[Event] = relationship()
    room: Mapped[Room | None] = relationship(lazy="joined")
    pool: Mapped[SeatPool | None] = relationship(lazy="joined")
    cast: Mapped[list[SessionSpeaker]] = relationship(
        back_populates="session", order_by="SessionSpeaker.id", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def needs_signup(self) -> bool:
        """Do people sign up for it, beyond coming to the event?"""
        return self.pool_id is not None


class SessionSpeaker(db.Model):  # type: ignore[name-defined]
    """Who does what in a session."""

    __tablename__ = "session_speakers"
    __table_args__ = (sa.UniqueConstraint("session_id", "speaker_id"),)

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("event_sessions.id"))
    speaker_id: Mapped[int] = mapped_column(sa.ForeignKey("event_speakers.id"), index=True)
    role: Mapped[SpeakerRole]
    session: Mapped[Session] = relationship(back_populates="cast")
    speaker: Mapped[Speaker] = relationship(lazy="joined")
