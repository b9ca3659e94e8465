"""Tables of papers: how badges look, what was printed, attendance certificates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.badges import rules
from matchmaker.badges.rules import Paper
from matchmaker.core.db import ExactNumber, Instant, Json, Key, db
from matchmaker.events.models import Attendee, Event
from matchmaker.publicity.models import Certificate


class BadgeSetting(db.Model):  # type: ignore[name-defined]
    """What stands on the badges of an event; without a row all of it, and no line at the foot."""

    __tablename__ = "badge_settings"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), unique=True)
    show_organisation: Mapped[bool] = mapped_column(default=True)
    show_position: Mapped[bool] = mapped_column(default=True)
    show_group: Mapped[bool] = mapped_column(default=True)
    show_code: Mapped[bool] = mapped_column(default=True)
    foot: Mapped[str] = mapped_column(sa.String(60), default="")
    updated: Mapped[Instant]


class PrintRun(db.Model):  # type: ignore[name-defined]
    """One printing: who, when, which paper, for which people, how many blank ones."""

    __tablename__ = "print_runs"
    __table_args__ = (sa.CheckConstraint("people + blanks >= 1", name="something_to_print"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), index=True)
    paper: Mapped[Paper]
    people: Mapped[int]
    blanks: Mapped[int] = mapped_column(default=0)
    filters: Mapped[Json] = mapped_column(sa.JSON(), default=dict)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    event: Mapped[Event] = relationship()
    actor: Mapped[User | None] = relationship(lazy="joined")


class PrintedBadge(db.Model):  # type: ignore[name-defined]
    """One attendee in one printing."""

    __tablename__ = "printed_badges"
    __table_args__ = (sa.UniqueConstraint("run_id", "attendee_id"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("print_runs.id", ondelete="CASCADE"))
    attendee_id: Mapped[int] = mapped_column(sa.ForeignKey("attendees.id", ondelete="CASCADE"), index=True)


class CertificateSetting(db.Model):  # type: ignore[name-defined]
    """The words of an event's attendance certificates."""

    __tablename__ = "certificate_settings"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), unique=True)
    title: Mapped[str] = mapped_column(sa.String(20), default=rules.TITLE)
    title_en: Mapped[str] = mapped_column(sa.String(60), default=rules.TITLE_EN)
    text: Mapped[str] = mapped_column(sa.String(500), default=rules.TEXT)
    text_en: Mapped[str] = mapped_column(sa.String(500), default=rules.TEXT_EN)
    hours: Mapped[Decimal | None] = mapped_column(ExactNumber())
    updated: Mapped[Instant]

    @property
    def words(self) -> dict[str, Any]:
        """What a second person confirms, JSON-ready."""
        hours = f"{self.hours:f}" if self.hours is not None else ""
        texts = {"title": self.title, "title_en": self.title_en, "text": self.text, "text_en": self.text_en}
        return {**texts, "hours": hours}


class AttendanceCertificate(db.Model):  # type: ignore[name-defined]
    """The certificate of one person who was there: one each, whatever is pressed twice; a corrected one replaces it."""

    __tablename__ = "attendance_certificates"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), index=True)
    attendee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attendees.id", ondelete="SET NULL"), unique=True)
    certificate_id: Mapped[int] = mapped_column(sa.ForeignKey("certificates.id"), unique=True)
    title_en: Mapped[str] = mapped_column(sa.String(60))
    text_en: Mapped[str] = mapped_column(sa.String(1000))
    created: Mapped[Instant]
    event: Mapped[Event] = relationship()
    attendee: Mapped[Attendee | None] = relationship()
    certificate: Mapped[Certificate] = relationship(lazy="joined")

    @property
    def region(self) -> str:
        """Where the event is: who may decide about it follows from that."""
        return self.event.region
