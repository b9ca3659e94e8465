"""Which contests exist for whom."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchmaker.competition.models import Contest
from matchmaker.competition.rules.states import ContestState
from matchmaker.core.viewer import Viewer, in_regions


def public() -> sa.Select[Contest]:
    """Announced contests, the newest first."""
    return sa.select(Contest).where(Contest.announced.is_not(None)).order_by(Contest.year.desc(), Contest.id.desc())


def open_at(now: datetime) -> sa.Select[Contest]:
    """Contests that take entries now, the next deadline first."""
    return (
        sa.select(Contest)
        .where(Contest.state == ContestState.REGISTRATION, Contest.deadline >= now)
        .order_by(Contest.deadline, Contest.id)
    )


def managed_by(viewer: Viewer) -> sa.Select[Contest]:
    """The contests of a staff member's regions."""
    return sa.select(Contest).where(in_regions(Contest.region, viewer))
