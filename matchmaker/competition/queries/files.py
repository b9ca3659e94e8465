"""Who may have a file of an entry: its own side, staff without a part in it, and judges that it was assigned to."""

from __future__ import annotations

import sqlalchemy as sa

from matchmaker.accounts.rules import Permission
from matchmaker.competition.models import BlindCopy, Entry, EntryFile
from matchmaker.competition.queries import entries, judging
from matchmaker.core.db import db
from matchmaker.core.viewer import Viewer


def may_read_original(viewer: Viewer, entry_file_id: int) -> bool:
    """An original file: the entrant's side, staff; a judge only where the entry is not judged blind."""
    row = db.session.get(EntryFile, entry_file_id)
    if row is None or not viewer.is_authenticated:
        return False
    if _is_side(viewer, row.entry_id) or _is_staff(viewer, row.entry_id):
        return True
    return row.dropped is None and row.entry_id in _judged(viewer, row.entry_id, blind=False)


def may_read_blind(viewer: Viewer, copy_id: int) -> bool:
    """A file of a blind copy: staff, and once it is released the judges of the entry."""
    row = db.session.get(BlindCopy, copy_id)
    if row is None or not viewer.is_authenticated:
        return False
    return _is_staff(viewer, row.entry_id) or (
        row.released is not None and row.entry_id in _judged(viewer, row.entry_id, blind=True)
    )


def files_of(entry_id: int) -> sa.Select[EntryFile]:
    """Every file an entry ever had."""
    return sa.select(EntryFile).where(EntryFile.entry_id == entry_id).order_by(EntryFile.id)


def _is_side(viewer: Viewer, entry_id: int) -> bool:
    return _any(entries.own(viewer).where(Entry.id == entry_id))


def _is_staff(viewer: Viewer, entry_id: int) -> bool:
    return viewer.has(Permission.CONTESTS_MANAGE) and _any(entries.managed_by(viewer).where(Entry.id == entry_id))


def _judged(viewer: Viewer, entry_id: int, *, blind: bool) -> list[int]:
    """The entry, when the viewer has a live ballot for it in a stage of that kind."""
    statement = judging.own_ballots(viewer).where(Entry.id == entry_id)
    rows = db.session.execute(statement).unique().scalars()
    return [row.entry_id for row in rows if row.stage.blind is blind]


def _any(statement: sa.Select[Entry]) -> bool:
    return db.session.execute(statement.with_only_columns(Entry.id).order_by(None).limit(1)).first() is not None
