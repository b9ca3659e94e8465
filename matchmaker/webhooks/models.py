"""The tables of webhooks: where to tell, and every single telling."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import Instant, Json, JsonList, Key, LongText, Name, RegionCode, db
from matchmaker.webhooks.rules import DeliveryState


class Webhook(db.Model):  # type: ignore[name-defined]
    """An address of another system that is told what happens in a region. The secrets are sealed."""

    __tablename__ = "webhooks"
    __table_args__ = (sa.Index("ix_webhooks_active", "active"),)

    id: Mapped[Key]
    region: Mapped[RegionCode]
    name: Mapped[Name]
    url: Mapped[str] = mapped_column(sa.String(500))
    secret: Mapped[LongText]
    old_secret: Mapped[LongText | None]
    old_until: Mapped[Instant | None]
    kinds: Mapped[JsonList]
    active: Mapped[bool]
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created: Mapped[Instant]
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[Instant | None]
    disabled_at: Mapped[Instant | None]
    last_success: Mapped[Instant | None]

    owner: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Delivery(db.Model):  # type: ignore[name-defined]
    """One activity told to one webhook; the same id at every try, so that the receiver can drop doubles."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.UniqueConstraint("webhook_id", "activity_id"),
        sa.Index("ix_webhook_deliveries_queue", "webhook_id", "state", "due"),
        sa.Index("ix_webhook_deliveries_created", "created"),
    )

    id: Mapped[Key]
    webhook_id: Mapped[int] = mapped_column(sa.ForeignKey("webhooks.id", ondelete="CASCADE"))
    activity_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(sa.String(60))
    body: Mapped[Json]
    state: Mapped[DeliveryState]
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[Instant]
    lease: Mapped[Instant | None]
    status_code: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(sa.String(300))
    created: Mapped[Instant]
    delivered: Mapped[Instant | None]

    webhook: Mapped[Webhook] = relationship(lazy="joined", innerjoin=True)
