"""What the pages of a contest begin with: the contest or its stage, found for this person."""

from __future__ import annotations

from flask import abort
from flask_login import current_user

from matchmaker.competition.models import Contest, ContestStage
from matchmaker.competition.queries import contests
from matchmaker.competition.rules.states import Stage
from matchmaker.core.web import one_or_404, step

__all__ = ["managed", "staged", "step"]


def managed(contest_id: int) -> Contest:
    """A contest of one's regions, else 404."""
    contest: Contest = one_or_404(contests.managed_by(current_user).where(Contest.id == contest_id))
    return contest


def staged(contest_id: int, code: str) -> ContestStage:
    """A stage of a contest of one's regions, else 404."""
    stage = managed(contest_id).stage_of(Stage(code))
    if stage is None:
        abort(404)
    return stage
