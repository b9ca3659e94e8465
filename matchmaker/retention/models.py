"""Terms that an event set for itself, and the proof of what was deleted; neither holds personal data."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.core.db import Instant, Key, db
from matchmaker.events.models import Event
from matchmaker.retention.rules import Category


class RetentionRule(db.Model):  # type: ignore[name-defined]
    """How many days after its end an event keeps one category, or one field of its forms."""

    __tablename__ = "retention_rules"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "category", "field_id"),
        sa.CheckConstraint("days >= 0", name="days_not_negative"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    category: Mapped[Category]
    field_id: Mapped[str] = mapped_column(sa.String(60), default="")
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    updated: Mapped[Instant]
    event: Mapped[Event] = relationship()


class Deletion(db.Model):  # type: ignore[name-defined]
    """One deletion: what kind, how many values, when and by whom (None: the job). `digest` seals it and all before."""

    __tablename__ = "retention_deletions"
    __table_args__ = (sa.UniqueConstraint("event_id", "number"), sa.CheckConstraint("count >= 1", name="one_or_more"))

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    number: Mapped[int]
    category: Mapped[Category]
    field_id: Mapped[str] = mapped_column(sa.String(60), default="")
    label: Mapped[str] = mapped_column(sa.String(200), default="")
    days: Mapped[int]
    count: Mapped[int]
    moment: Mapped[Instant]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    previous: Mapped[str] = mapped_column(sa.String(64), default="")
    digest: Mapped[str] = mapped_column(sa.String(64))
    event: Mapped[Event] = relationship()
    actor: Mapped[User | None] = relationship(lazy="joined")

    @property
    def content(self) -> dict[str, Any]:
        """What the seal covers."""
        return {
            "event": self.event_id,
            "number": self.number,
            "category": self.category.value,
            "field": self.field_id,
            "label": self.label,
            "days": self.days,
            "count": self.count,
            "moment": self.moment.astimezone(UTC).isoformat(),
            "actor": self.actor_id,
        }
