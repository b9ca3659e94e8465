"""The tables of the outbox: messages, and addresses that get nothing any more."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import Instant, Key, LongText, Name, RegionCode, ShortText, db
from matchmaker.notifications.rules import Bounce, Channel, MessageState, Source


class Message(db.Model):  # type: ignore[name-defined]
    """One message to one person over one channel: the outbox, and afterwards the delivery log.

    `dedupe` makes a repeated cause harmless; `batch` names the sending it belongs to ("campaign:12"); `mail_id` is the
    Message-ID header, by which a report of its refusal finds it.
    """

    __tablename__ = "messages"
    __table_args__ = (
        sa.Index("ix_messages_state_due", "state", "due"),
        sa.Index("ix_messages_batch", "batch", "state"),
    )

    id: Mapped[Key]
    channel: Mapped[Channel]
    user_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(sa.String(254), index=True)
    to_name: Mapped[str | None] = mapped_column(sa.String(100))
    region: Mapped[str | None] = mapped_column(sa.String(6))
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
    bounced: Mapped[Instant | None]
    bounce: Mapped[Bounce | None]
    error: Mapped[str | None] = mapped_column(sa.String(300))
    dedupe: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    batch: Mapped[str | None] = mapped_column(sa.String(120))
    mail_id: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    about_kind: Mapped[str | None] = mapped_column(sa.String(60))
    about_id: Mapped[int | None]


class Suppression(db.Model):  # type: ignore[name-defined]
    """An address that does not work and gets nothing until somebody lifts this; one standing row an address."""

    __tablename__ = "suppressions"
    __table_args__ = (
        sa.Index(
            "uq_suppressions_standing",
            "address",
            "channel",
            unique=True,
            sqlite_where=sa.text("lifted IS NULL"),
            postgresql_where=sa.text("lifted IS NULL"),
        ),
    )

    id: Mapped[Key]
    region: Mapped[RegionCode]
    channel: Mapped[Channel]
    address: Mapped[str] = mapped_column(sa.String(254))
    reason: Mapped[ShortText]
    source: Mapped[Source]
    since: Mapped[Instant]
    message_id: Mapped[int | None]
    lifted: Mapped[Instant | None]
    lifted_by_name: Mapped[Name | None]
    lift_reason: Mapped[ShortText | None]
