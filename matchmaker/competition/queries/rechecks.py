"""Accepted entries that amended rules question."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.competition.models import Entry, EntryRecheck
from matchmaker.competition.queries import entries
from matchmaker.competition.rules.rechecking import Outcome
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer


def is_open() -> sa.ColumnElement[bool]:
    """Waits for a decision: the entry is still accepted."""
    return sa.and_(EntryRecheck.outcome == Outcome.OPEN, Entry.state == EntryState.GROUPED)


def open_of(entry_id: int) -> EntryRecheck | None:
    """What waits for a decision about one entry."""
    statement = sa.select(EntryRecheck).where(EntryRecheck.entry_id == entry_id, EntryRecheck.outcome == Outcome.OPEN)
    return db.session.execute(statement).unique().scalar_one_or_none()


def latest_of(entry_id: int) -> EntryRecheck | None:
    """The last time that amended rules questioned an entry."""
    statement = sa.select(EntryRecheck).where(EntryRecheck.entry_id == entry_id).order_by(EntryRecheck.id.desc())
    return db.session.execute(statement.limit(1)).unique().scalars().first()


def count_open(contest_id: int) -> int:
    """How many accepted entries of a contest wait for a decision, whoever asks."""
    statement = (
        sa.select(sa.func.count(EntryRecheck.id))
        .join(Entry, Entry.id == EntryRecheck.entry_id)
        .where(Entry.contest_id == contest_id, is_open())
    )
    return int(db.session.execute(statement).scalar_one())


def count_shown(viewer: Viewer, contest_id: int) -> int:
    """How many of those that this member of staff may see wait for a decision."""
    shown = of_contest(viewer, {"contest_id": str(contest_id)}).where(is_open())
    rows = shown.with_only_columns(EntryRecheck.id).subquery()
    return int(db.session.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one())


def of_contest(viewer: Viewer, scope: Mapping[str, str]) -> sa.Select[EntryRecheck]:
    """The entries of one contest that amended rules questioned, as its staff sees them."""
    text = scope.get("contest_id", "")
    contest_id = int(text) if text.isascii() and text.isdigit() else 0
    shown = entries.managed_by(viewer).where(Entry.contest_id == contest_id).with_only_columns(Entry.id)
    return (
        sa.select(EntryRecheck)
        .join(EntryRecheck.entry)
        .where(Entry.id.in_(shown))
        .options(joinedload(EntryRecheck.entry).options(selectinload(Entry.settlements)))
    )
