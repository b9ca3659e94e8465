"""The address of a person's own calendar."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import Instant, Key, db


class CalendarFeed(db.Model):  # type: ignore[name-defined]
    """A calendar programme may fetch a person's registrations; another `nonce` makes the old address worthless."""

    __tablename__ = "calendar_feeds"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), unique=True)
    nonce: Mapped[str] = mapped_column(sa.String(22), default=lambda: secrets.token_urlsafe(16))
    created: Mapped[Instant]
    user: Mapped[User] = relationship(lazy="joined")
