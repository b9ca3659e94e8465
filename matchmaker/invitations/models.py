"""Who is asked to an event, over which link, and what they answered."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from matchmaker.core.db import Instant, Key, LongText, db
from matchmaker.directory.models import Organisation
from matchmaker.events.models import Audience, Event, Registration
from matchmaker.events.rules import RegistrationState
from matchmaker.invitations import rules
from matchmaker.invitations.rules import InvitationState

LIVE = "state NOT IN ('delegated', 'withdrawn')"


def new_nonce() -> str:
    """What makes a link worthless once it is replaced."""
    return secrets.token_urlsafe(16)


def _unique_while_live(name: str, *columns: str) -> sa.Index:
    return sa.Index(name, *columns, unique=True, sqlite_where=sa.text(LIVE), postgresql_where=sa.text(LIVE))


class Invitation(db.Model):  # type: ignore[name-defined]
    """One person, or one company whose guest is not known yet, asked to one event over a personal link.

    `key` tells two guests apart (`rules.key_of`); `registration_id` is what the invitation became, once.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        _unique_while_live("uq_live_invitation_key", "event_id", "key"),
        _unique_while_live("uq_live_invitation_external_id", "event_id", "external_id"),
        sa.Index("ix_invitations_event_state", "event_id", "state", "id"),
        sa.CheckConstraint("party_most >= 1", name="party_of_one_or_more"),
        sa.CheckConstraint("phone != '' OR email != '' OR key LIKE 'forgotten|%'", name="reachable"),
        sa.CheckConstraint("state != 'accepted' OR registration_id IS NOT NULL", name="accepted_is_registered"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    audience_id: Mapped[int] = mapped_column(sa.ForeignKey("event_audiences.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60), default="")
    position: Mapped[str] = mapped_column(sa.String(60), default="")
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    organisation_name: Mapped[str] = mapped_column(sa.String(200), default="")
    organisation_hint: Mapped[str] = mapped_column(sa.String(200), default="")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    party_most: Mapped[int] = mapped_column(default=1)
    delegable: Mapped[bool] = mapped_column(default=False)
    state: Mapped[InvitationState] = mapped_column(default=InvitationState.DRAFT)
    decline_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    registration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("registrations.id"), unique=True)
    delegated_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitations.id"), index=True)
    external_id: Mapped[str | None] = mapped_column(sa.String(100))
    key: Mapped[str] = mapped_column(sa.String(460))
    nonce: Mapped[str] = mapped_column(sa.String(22), default=new_nonce)
    run: Mapped[str] = mapped_column(sa.String(200), default="")
    sent: Mapped[Instant | None]
    opened: Mapped[Instant | None]
    answered: Mapped[Instant | None]
    reminders: Mapped[int] = mapped_column(default=0)
    last_reminded: Mapped[Instant | None]
    created: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    event: Mapped[Event] = relationship(lazy="joined")
    audience: Mapped[Audience] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    registration: Mapped[Registration | None] = relationship()
    delegated_from: Mapped[Invitation | None] = relationship(remote_side="Invitation.id")
    tags: Mapped[list[InvitationTag]] = relationship(
        order_by="InvitationTag.text", cascade="all, delete-orphan", lazy="selectin"
    )

    registration_state: Mapped[RegistrationState | None] = column_property(
        sa.select(Registration.state)
        .where(Registration.id == registration_id)
        .correlate_except(Registration)
        .scalar_subquery()
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def company(self) -> str:
        """The company's name, as the directory has it or as it was typed."""
        return self.organisation.name if self.organisation is not None else self.organisation_name

    @property
    def who(self) -> str:
        """Whom the link is for: the person, else the company."""
        return self.name or self.company

    @property
    def addressee(self) -> str:
        """How the person is spoken to."""
        return self.name + (self.position and f"（{self.position}）") if self.name else self.company

    def standing_at(self, now: datetime) -> InvitationState:
        """How it stands at that moment."""
        return rules.standing(self.state, closes=self.audience.closes, now=now)


class InvitationTag(db.Model):  # type: ignore[name-defined]
    """A word that organisers put on an invitation to find a group again."""

    __tablename__ = "invitation_tags"
    __table_args__ = (sa.UniqueConstraint("invitation_id", "text"), sa.Index("ix_invitation_tags_text", "text"))

    id: Mapped[Key]
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("invitations.id"))
    text: Mapped[str] = mapped_column(sa.String(40))


class InvitationSending(db.Model):  # type: ignore[name-defined]
    """One round of messages to invited guests; its messages bear the batch `invitations:<id>`."""

    __tablename__ = "invitation_sendings"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"), index=True)
    reminder: Mapped[bool]
    paragraph: Mapped[LongText]
    queued: Mapped[int] = mapped_column(default=0)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created: Mapped[Instant]
    event: Mapped[Event] = relationship(lazy="joined")

    @property
    def batch(self) -> str:
        """The name of its messages in the delivery log."""
        return f"invitations:{self.id}"
