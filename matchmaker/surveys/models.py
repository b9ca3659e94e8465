"""Tables of surveys. Nothing here tells whose an anonymous answer is, nor in which order the answers came."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.core.db import Instant, Json, Key, db
from matchmaker.events.models import Attendee, Audience, Event
from matchmaker.questionnaires.models import AnswerSheet, Questionnaire, QuestionnaireVersion
from matchmaker.surveys import rules
from matchmaker.surveys.rules import SurveyState


def _random_id() -> int:
    return secrets.randbelow(2**62) + 1


class Survey(db.Model):  # type: ignore[name-defined]
    """The survey of one event; its times are minutes after the event's end."""

    __tablename__ = "surveys"
    __table_args__ = (
        sa.CheckConstraint("opens >= 0 AND closes > opens", name="closes_after_it_opens"),
        sa.CheckConstraint("invited_count >= 0", name="invited_not_negative"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), unique=True)
    questionnaire_id: Mapped[int | None] = mapped_column(sa.ForeignKey("questionnaires.id"))
    anonymous: Mapped[bool]
    opens: Mapped[int] = mapped_column(default=rules.OPENS)
    closes: Mapped[int] = mapped_column(default=rules.CLOSES)
    state: Mapped[SurveyState]
    key: Mapped[str] = mapped_column(sa.String(22), default=lambda: secrets.token_urlsafe(12), unique=True)
    invited_count: Mapped[int] = mapped_column(default=0)
    reminded: Mapped[Instant | None]
    created: Mapped[Instant]
    updated: Mapped[Instant]
    event: Mapped[Event] = relationship(lazy="joined")
    questionnaire: Mapped[Questionnaire | None] = relationship(lazy="joined")

    @property
    def region(self) -> str:
        """Where the event is."""
        return self.event.region

    @property
    def opens_at(self) -> datetime:
        """When the links start to work."""
        return self.event.ends + timedelta(minutes=self.opens)

    @property
    def closes_at(self) -> datetime:
        """When they stop."""
        return self.event.ends + timedelta(minutes=self.closes)

    def state_at(self, now: datetime) -> SurveyState:
        """How the survey stands at that moment."""
        return rules.standing(self.state, opens_at=self.opens_at, closes_at=self.closes_at, now=now)


class SurveyInvitation(db.Model):  # type: ignore[name-defined]
    """The right of one person who was there to answer once. `used` says that, never when."""

    __tablename__ = "survey_invitations"
    __table_args__ = (sa.UniqueConstraint("survey_id", "attendee_id"),)

    id: Mapped[Key]
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("surveys.id"))
    attendee_id: Mapped[int] = mapped_column(sa.ForeignKey("attendees.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(sa.String(22), default=lambda: secrets.token_urlsafe(16))
    sent: Mapped[bool] = mapped_column(default=False)
    used: Mapped[bool] = mapped_column(default=False)
    sheet_id: Mapped[int | None] = mapped_column(sa.ForeignKey("answer_sheets.id"))
    survey: Mapped[Survey] = relationship(lazy="joined")
    attendee: Mapped[Attendee] = relationship(lazy="joined")
    sheet: Mapped[AnswerSheet | None] = relationship()


class AnonymousAnswer(db.Model):  # type: ignore[name-defined]
    """One answer without its giver: a random key, the day alone, the group only where it is large enough."""

    __tablename__ = "anonymous_answers"

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False, default=_random_id
    )
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("surveys.id"), index=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("questionnaire_versions.id"))
    audience_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_audiences.id"))
    answers: Mapped[Json]
    day: Mapped[date]
    version: Mapped[QuestionnaireVersion] = relationship(lazy="joined", innerjoin=True)
    audience: Mapped[Audience | None] = relationship()
