"""Blind copies: of one entry, and what still waits for one."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchmaker.competition.models import BlindCopy, ContestStage, Entry, EntryFile, StageEntry
from matchmaker.competition.queries import entries
from matchmaker.competition.rules.states import EntryState
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer

BEFORE = (EntryState.SUBMITTED, EntryState.SCREENING, EntryState.RETURNED, EntryState.GROUPED)
COMPETING = (EntryState.GROUPED, EntryState.PRELIMINARY, EntryState.SEMIFINAL, EntryState.FINAL)


def copy_of(entry_id: int) -> BlindCopy | None:
    """The blind copy of an entry."""
    return db.session.execute(sa.select(BlindCopy).where(BlindCopy.entry_id == entry_id)).unique().scalar_one_or_none()


def copies_of(contest_id: int) -> dict[int, BlindCopy]:
    """The blind copies of a contest by entry."""
    statement = sa.select(BlindCopy).join(Entry, Entry.id == BlindCopy.entry_id).where(Entry.contest_id == contest_id)
    return {row.entry_id: row for row in db.session.execute(statement).unique().scalars()}


def queue_of(viewer: Viewer, contest_id: int) -> list[Entry]:
    """The entries whose blind copies this member of staff makes, in order of their numbers."""
    statement = (
        entries.managed_by(viewer)
        .where(Entry.contest_id == contest_id, Entry.state.in_({*BEFORE, *COMPETING}))
        .options(selectinload(Entry.files))
        .order_by(Entry.group_id, Entry.id)
    )
    return list(db.session.execute(statement).unique().scalars())


def competing(stage: ContestStage) -> list[Entry]:
    """The entries that are, or are about to be, judged in a stage."""
    ready = {EntryState(stage.code.value)} | ({EntryState.GROUPED} if stage is stage.contest.stages[0] else set())
    statement = (
        sa.select(Entry)
        .where(Entry.contest_id == stage.contest_id, Entry.state.in_(ready))
        .options(selectinload(Entry.files))
        .order_by(Entry.id)
    )
    return list(db.session.execute(statement).unique().scalars())


def codes_of(stage_ids: Collection[int]) -> dict[tuple[int, int], str]:
    """The code of each entry in stages: (stage, entry) → code."""
    statement = sa.select(StageEntry.stage_id, StageEntry.entry_id, StageEntry.code)
    rows = db.session.execute(statement.where(StageEntry.stage_id.in_(stage_ids)))
    return {(stage, entry): code for stage, entry, code in rows}


def all_files(entry_id: int) -> list[EntryFile]:
    """Every file an entry ever had, the dropped ones too."""
    return list(db.session.execute(sa.select(EntryFile).where(EntryFile.entry_id == entry_id)).unique().scalars())
