"""The outbox's table."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import Instant, Key, LongText, ShortText, db
from matchmaker.notifications.rules import Channel, MessageState


class Message(db.Model):  # type: ignore[name-defined]
    """One message to one person over one channel; `dedupe` makes a repeated cause harmless."""

    __tablename__ = "messages"
    __table_args__ = (sa.Index("ix_messages_state_due", "state", "due"),)

    id: Mapped[Key]
    channel: Mapped[Channel]
    user_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[ShortText]
    text: Mapped[LongText]
    html: Mapped[LongText | None]
    url: Mapped[str | None] = mapped_column(sa.String(500))
    state: Mapped[MessageState]
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[Instant]
    created: Mapped[Instant]
    sent: Mapped[Instant | None]
    read: Mapped[Instant | None]
    error: Mapped[str | None] = mapped_column(sa.String(300))
    dedupe: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    about_kind: Mapped[str | None] = mapped_column(sa.String(60))
    about_id: Mapped[int | None]
