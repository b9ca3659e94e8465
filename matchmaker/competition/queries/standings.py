"""The locked standings."""

from __future__ import annotations

import sqlalchemy as sa

from matchmaker.competition.models import ContestStage, Standing


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
