"""How far the judging of a stage is: done, left and last activity, never with what result."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import Ballot
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.notifications.models import Message


def by(column: Any, stage_id: int) -> sa.Select[Any]:
    """(key, ballots, submitted, last activity) for every judge or entry with ballots that count."""
    done = sa.func.count(Ballot.id).filter(Ballot.state == BallotState.SUBMITTED)
    last = sa.func.max(Ballot.updated).filter(Ballot.state != BallotState.ASSIGNED)
    return (
        sa.select(column, sa.func.count(Ballot.id), done, last)
        .where(Ballot.stage_id == stage_id, judging.counting())
        .group_by(column)
    )


def sent(keys: list[str]) -> sa.Select[Any]:
    """Which of these keys messages were queued under already."""
    return sa.select(Message.dedupe).where(Message.dedupe.in_(keys))
