"""The activity log's table."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column

from matchmaker.core.db import Instant, Json, Key, Name, db


class Activity(db.Model):  # type: ignore[name-defined]
    """One thing that somebody did to one record. Actor and subject are named by kind and id, without foreign keys."""

    __tablename__ = "activities"
    __table_args__ = (sa.Index("ix_activities_subject", "subject_kind", "subject_id", "id"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(sa.String(60), index=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_name: Mapped[Name]
    moment: Mapped[Instant]
    region: Mapped[str | None] = mapped_column(sa.String(6))
    data: Mapped[Json]


@event.listens_for(Session, "before_flush")
def _append_only(session: Session, _context: object, _instances: object) -> None:
    changed = [row for row in (*session.dirty, *session.deleted) if isinstance(row, Activity)]
    if any(session.is_modified(row) or row in session.deleted for row in changed):
        raise RuntimeError("the activity log is only ever appended to")
