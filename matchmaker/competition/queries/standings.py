"""The locked standings, and who may look at them."""

from __future__ import annotations

import sqlalchemy as sa

from matchmaker.competition.models import Contest, Entry, Standing
from matchmaker.competition.queries import entries
from matchmaker.core.viewer import Viewer


def of_contest(contest_id: int) -> sa.Select[Standing]:
    """The standings of a contest by group and rank."""
    return (
        sa.select(Standing)
        .where(Standing.contest_id == contest_id)
        .order_by(Standing.group_id, Standing.rank, Standing.entry_id)
    )


def released_of(contest_id: int) -> sa.Select[Standing]:
    """What everybody may read, once released."""
    return of_contest(contest_id).join(Contest, Contest.id == Standing.contest_id).where(Contest.released.is_not(None))


def conflicted(viewer: Viewer, contest_id: int) -> sa.Select[int]:
    """Entries of this contest in which the viewer has a part: one is enough to be kept from the tally."""
    return sa.select(Entry.id).where(Entry.contest_id == contest_id, entries.party(viewer)).limit(1)
