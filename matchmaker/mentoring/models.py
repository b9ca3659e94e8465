"""Tables of mentoring: times offered, sessions, what holds a time, which mentor serves which carrier."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import Instant, Key, LongText, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Organisation, Person
from matchmaker.incubation.models import Carrier, Tenancy
from matchmaker.mentoring import rules
from matchmaker.rosters.models import ServiceRecord
from matchmaker.rosters.rules import SessionState


class MentorWindow(db.Model):  # type: ignore[name-defined]
    """A weekly time a mentor offers."""

    __tablename__ = "mentor_windows"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "weekday", "starts_minute"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("starts_minute >= 0 AND ends_minute <= 1440 AND starts_minute < ends_minute", name="in_day"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    weekday: Mapped[int]
    starts_minute: Mapped[int]
    ends_minute: Mapped[int]
    slot_minutes: Mapped[int]
    place: Mapped[Name]

    @property
    def value(self) -> rules.Window:
        return rules.Window(self.weekday, self.starts_minute, self.ends_minute, self.slot_minutes, self.place)

    @property
    def day(self) -> rules.Weekday:
        return rules.Weekday(str(self.weekday))

    @property
    def hours(self) -> str:
        """As people write it."""
        first, last = self.starts_minute, self.ends_minute
        return f"{first // 60}:{first % 60:02d}–{last // 60}:{last % 60:02d}"


class MentorDayOff(db.Model):  # type: ignore[name-defined]
    """A day on which a mentor takes no bookings."""

    __tablename__ = "mentor_days_off"
    __table_args__ = (sa.UniqueConstraint("person_id", "day"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    day: Mapped[date]


class MentorSession(db.Model):  # type: ignore[name-defined]
    """One meeting of mentor and client, from booking to rating."""

    __tablename__ = "mentor_sessions"
    __table_args__ = (
        sa.CheckConstraint("ends > starts", name="ends_after_start"),
        sa.CheckConstraint("rating IS NULL OR (rating >= 1 AND rating <= 5)", name="rating_one_to_five"),
        sa.CheckConstraint(
            "state NOT IN ('done', 'rated') OR (mentor_confirmed IS NOT NULL AND client_confirmed IS NOT NULL)",
            name="done_by_both",
        ),
        sa.Index("ix_mentor_sessions_person_starts", "person_id", "starts"),
        sa.Index("ix_mentor_sessions_state_starts", "state", "starts"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    booked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    tenancy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tenancies.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("help_requests.id"), index=True)
    record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("service_records.id"), unique=True)
    starts: Mapped[Instant]
    ends: Mapped[Instant]
    place: Mapped[Name]
    topic: Mapped[LongText]
    state: Mapped[SessionState]
    minutes: Mapped[int | None]
    content: Mapped[LongText] = mapped_column(default="")
    mentor_confirmed: Mapped[Instant | None]
    client_confirmed: Mapped[Instant | None]
    rating: Mapped[int | None]
    comment: Mapped[ShortText] = mapped_column(default="")
    reason: Mapped[ShortText] = mapped_column(default="")
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    person: Mapped[Person] = relationship(lazy="joined")
    booked_by: Mapped[User] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    tenancy: Mapped[Tenancy | None] = relationship(lazy="joined")
    record: Mapped[ServiceRecord | None] = relationship(lazy="select")

    __mapper_args__ = {"version_id_col": version}

    @property
    def who(self) -> str:
        """The client as both sides know them."""
        if self.organisation is not None:
            return str(self.organisation.name)
        return self.tenancy.who if self.tenancy is not None else self.booked_by.name

    @property
    def booked_minutes(self) -> int:
        return int((self.ends - self.starts) / timedelta(minutes=1))


class SessionHold(db.Model):  # type: ignore[name-defined]
    """A quarter of an hour of one person or firm; the constraint refuses the second session of the same time."""

    __tablename__ = "session_holds"
    __table_args__ = (sa.UniqueConstraint("holder", "cell"),)

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("mentor_sessions.id"), index=True)
    holder: Mapped[str] = mapped_column(sa.String(20))
    cell: Mapped[Instant]


class CarrierMentor(db.Model):  # type: ignore[name-defined]
    """A mentor serves a carrier from a day on, until another."""

    __tablename__ = "carrier_mentors"
    __table_args__ = (
        sa.UniqueConstraint("carrier_id", "person_id", "starts"),
        sa.CheckConstraint("ends IS NULL OR ends >= starts", name="ends_after_start"),
    )

    id: Mapped[Key]
    carrier_id: Mapped[int] = mapped_column(sa.ForeignKey("carriers.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    starts: Mapped[date]
    ends: Mapped[date | None]
    demo: Mapped[bool] = mapped_column(default=False)
    carrier: Mapped[Carrier] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="joined")
