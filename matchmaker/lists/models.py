"""Tables of the list component."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.core.db import Instant, Json, JsonList, Key, Name, db


class SavedView(db.Model):  # type: ignore[name-defined]
    """A person's name for a set of filters of one list."""

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("user_id", "list_name", "name"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(index=True)
    list_name: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[Name]
    path: Mapped[str] = mapped_column(sa.String(200))
    query: Mapped[str] = mapped_column(sa.String(1000))
    created: Mapped[Instant]


class BulkRun(db.Model):  # type: ignore[name-defined]
    """One bulk action that was carried out, with what is needed to take it back."""

    __tablename__ = "bulk_runs"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(index=True)
    list_name: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[str] = mapped_column(sa.String(60))
    scope: Mapped[Json]
    items: Mapped[JsonList]
    created: Mapped[Instant]
    undone: Mapped[Instant | None]
