"""What ranks at present, what was learnt, and the answers there are to learn from."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.matching.models import Dismissal, HelpRequest, LearntWeights, Need, WeightSwitch
from matchmaker.matching.rules import RequestState

MOST_ANSWERS = 20_000  # of the newest


def in_force() -> WeightSwitch | None:
    """The latest switch; none: nobody ever left the weights set by hand."""
    newest = sa.select(WeightSwitch).order_by(WeightSwitch.number.desc()).limit(1)
    row: WeightSwitch | None = db.session.execute(newest).unique().scalar_one_or_none()
    return row


def switches() -> sa.Select[WeightSwitch]:
    """What ranked since when, the newest first."""
    return sa.select(WeightSwitch).order_by(WeightSwitch.number.desc())


def learnt() -> sa.Select[LearntWeights]:
    """All that was learnt, the newest first."""
    return sa.select(LearntWeights).order_by(LearntWeights.id.desc())


def weights(key: int) -> LearntWeights | None:
    """What was learnt under a key."""
    return db.session.get(LearntWeights, key)


def answered_requests() -> list[Any]:
    """(id, need, person, state, answered, asked, reason, basis, demo) of requests that somebody answered or let run
    out, the newest first."""
    statement = (
        sa.select(
            HelpRequest.id,
            HelpRequest.need_id,
            HelpRequest.person_id,
            HelpRequest.state,
            HelpRequest.answered,
            HelpRequest.asked,
            HelpRequest.reason,
            HelpRequest.explanation["basis"].label("basis"),
            sa.or_(HelpRequest.demo, Need.demo).label("demo"),
        )
        .join(Need, Need.id == HelpRequest.need_id)
        .where(HelpRequest.state != RequestState.ASKED)
        .order_by(HelpRequest.id.desc())
        .limit(MOST_ANSWERS)
    )
    return list(db.session.execute(statement))


def dismissals() -> list[Any]:
    """(id, need, person, reason, created, basis, demo) of what either side hid and did not bring back, the newest
    first."""
    statement = (
        sa.select(
            Dismissal.id,
            Dismissal.need_id,
            Dismissal.person_id,
            Dismissal.reason,
            Dismissal.created,
            Dismissal.explanation["basis"].label("basis"),
            Need.demo,
        )
        .join(Need, Need.id == Dismissal.need_id)
        .where(Dismissal.undone.is_(None))
        .order_by(Dismissal.id.desc())
        .limit(MOST_ANSWERS)
    )
    return list(db.session.execute(statement))
