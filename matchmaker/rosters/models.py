"""Tables of the rosters: appointments, what helpers offer, investors' facts, and records of service."""

from __future__ import annotations

import secrets
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import ExactNumber, Instant, JsonList, Key, LongText, Money, Name, RegionCode, ShortText, db
from matchmaker.directory.models import Organisation, Person
from matchmaker.rosters.rules import AppointmentKind, AppointmentState, InvestmentStage, MentorCategory, Term
from matchmaker.rosters.rules.documents import Grade

STANDING = sa.text("state IN ('appointed', 'serving', 'evaluating')")


class Appointment(db.Model):  # type: ignore[name-defined]
    """One person's term in one kind of post, under a document number. A renewal is a new row."""

    __tablename__ = "appointments"
    __table_args__ = (  # partial: one standing appointment of a kind; ended ones stay as history
        sa.Index(
            "uq_standing_appointment",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
        sa.Index("ix_appointments_region_kind_starts", "region", "kind", "starts"),
        sa.CheckConstraint("ends > starts", name="ends_after_start"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    kind: Mapped[AppointmentKind]
    state: Mapped[AppointmentState]
    document: Mapped[Name]
    certificate: Mapped[str] = mapped_column(sa.String(100), default="")
    starts: Mapped[date]
    ends: Mapped[date]
    ended: Mapped[date | None]
    reason: Mapped[ShortText | None]
    resigned: Mapped[Instant | None]  # the person's own act, and when the bureau took note of it
    noted: Mapped[Instant | None]
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    category: Mapped[MentorCategory | None]
    carrier: Mapped[str] = mapped_column(sa.String(200), default="")
    historic: Mapped[bool] = mapped_column(default=False)
    renews_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments.id"))
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    updated: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    person: Mapped[Person] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def term(self) -> Term:
        return Term(self.starts, self.ends, self.ended)

    def live_on(self, day: date) -> bool:
        """Does this appointment count on that day?"""
        return self.term.live_on(day)


class HelperProfile(db.Model):  # type: ignore[name-defined]
    """What a person offers as a helper, whatever the post: words, places for service, wishes.

    `busy` changes only through `services.capacity`; the constraint has the last word. Capacity may be lowered below
    what is busy: running services go on, new ones wait.
    """

    __tablename__ = "helper_profiles"
    __table_args__ = (sa.CheckConstraint("busy >= 0", name="busy_not_negative"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), unique=True)
    expertise: Mapped[LongText] = mapped_column(default="")
    capacity: Mapped[int]
    busy: Mapped[int] = mapped_column(default=0)
    opted_out: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    updated: Mapped[Instant]
    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.busy)


class InvestorProfile(db.Model):  # type: ignore[name-defined]
    """What an investor puts in: amounts in fen, stages."""

    __tablename__ = "investor_profiles"
    __table_args__ = (
        sa.CheckConstraint(
            "ticket_min_fen IS NULL OR ticket_max_fen IS NULL OR ticket_min_fen <= ticket_max_fen", name="ticket_range"
        ),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), unique=True)
    ticket_min_fen: Mapped[Money | None]
    ticket_max_fen: Mapped[Money | None]
    stages: Mapped[JsonList] = mapped_column(sa.JSON(), default=list)
    updated: Mapped[Instant]


class ServiceRecord(db.Model):  # type: ignore[name-defined]
    """One service given: when, how long, what was done; it counts when both sides have confirmed it."""

    __tablename__ = "service_records"
    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="minutes_positive"),
        sa.CheckConstraint("rating IS NULL OR (rating >= 1 AND rating <= 5)", name="rating_one_to_five"),
        sa.Index("ix_service_records_person_day", "person_id", "served"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    appointment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appointments.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    served: Mapped[date]
    minutes: Mapped[int]
    place: Mapped[Name]
    content: Mapped[LongText]
    rating: Mapped[int | None]
    helper_confirmed: Mapped[Instant | None]
    client_confirmed: Mapped[Instant | None]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    demo: Mapped[bool] = mapped_column(default=False)
    person: Mapped[Person] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")


class AppointmentReview(db.Model):  # type: ignore[name-defined]
    """A year of service judged by the rules of its day: the lines as they were shown, their sum, the grade."""

    __tablename__ = "appointment_reviews"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "year"),
        sa.Index("ix_appointment_reviews_person_kind", "person_id", "kind"),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    appointment_id: Mapped[int] = mapped_column(sa.ForeignKey("appointments.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[AppointmentKind]
    year: Mapped[int]
    first: Mapped[date]
    last: Mapped[date]
    lines: Mapped[JsonList]
    total: Mapped[object] = mapped_column(ExactNumber())
    grade: Mapped[Grade]
    doc_no: Mapped[Name]
    note: Mapped[ShortText] = mapped_column(default="")
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    confirmed_on: Mapped[date]
    demo: Mapped[bool] = mapped_column(default=False)
    created: Mapped[Instant]
    appointment: Mapped[Appointment] = relationship(lazy="joined")


class RosterFeed(db.Model):  # type: ignore[name-defined]
    """A calendar programme may fetch a person's sessions and visits; another `nonce` ends the old address."""

    __tablename__ = "roster_feeds"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    nonce: Mapped[str] = mapped_column(sa.String(43), default=lambda: secrets.token_urlsafe(24))
    created: Mapped[Instant]
    user: Mapped[User] = relationship(lazy="joined")


class InvestorDeal(db.Model):  # type: ignore[name-defined]
    """A past deal as the investor tells it."""

    __tablename__ = "investor_deals"
    __table_args__ = (sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name="amount_not_negative"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    company: Mapped[Name]
    year: Mapped[int]
    stage: Mapped[InvestmentStage | None]
    amount_fen: Mapped[Money | None]
    note: Mapped[ShortText] = mapped_column(default="")
    created: Mapped[Instant]
