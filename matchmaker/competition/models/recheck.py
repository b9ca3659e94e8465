"""What amended entry rules mean for an entry that was accepted before: open until an organiser decides on it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.accounts.models import User
from matchmaker.competition.models.entry import Entry
from matchmaker.competition.rules.rechecking import Outcome
from matchmaker.core.db import Instant, JsonList, Key, ShortText, db

OPEN = sa.text("outcome = 'open'")


class EntryRecheck(db.Model):  # type: ignore[name-defined]
    """One accepted entry under one amendment. `number` is the version of the rules, `accepted_by` are the findings it
    was accepted with, `note` the grounds for keeping it."""

    __tablename__ = "entry_rechecks"
    __table_args__ = (
        sa.Index("uq_entry_recheck_open", "entry_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        sa.CheckConstraint("(outcome = 'open') = (decided IS NULL)", name="decided_once_not_open"),
        sa.CheckConstraint("outcome <> 'kept' OR note <> ''", name="kept_with_grounds"),
    )

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entries.id"), index=True)
    number: Mapped[int]
    accepted_by: Mapped[JsonList]
    outcome: Mapped[Outcome]
    note: Mapped[ShortText] = mapped_column(default="")
    opened: Mapped[Instant]
    decided: Mapped[Instant | None]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    entry: Mapped[Entry] = relationship(lazy="joined")
    actor: Mapped[User | None] = relationship(lazy="joined")
