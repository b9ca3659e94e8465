"""The locked standings, and who may look at them."""

from __future__ import annotations

import sqlalchemy as sa

from matchmaker.competition.models import ContestStage, Entry, Standing
from matchmaker.competition.queries import entries
from matchmaker.core.viewer import Viewer


def of_stage(stage_id: int) -> sa.Select[Standing]:
    """The standings of a stage by group and rank."""
    return (
        sa.select(Standing)
        .where(Standing.stage_id == stage_id)
        .order_by(Standing.group_id, Standing.rank, Standing.entry_id)
    )


def released_of(contest_id: int) -> sa.Select[Standing]:
    """What everybody may read of a contest: the stages that are released, the latest first."""
    return (
        sa.select(Standing)
        .join(ContestStage, ContestStage.id == Standing.stage_id)
        .where(Standing.contest_id == contest_id, ContestStage.released.is_not(None))
        .order_by(ContestStage.position.desc(), Standing.group_id, Standing.rank, Standing.entry_id)
    )


def conflicted(viewer: Viewer, contest_id: int) -> sa.Select[int]:
    """Entries of this contest in which the viewer has a part: one is enough to be kept from the tally."""
    return sa.select(Entry.id).where(Entry.contest_id == contest_id, entries.party(viewer)).limit(1)
