"""Codes that stand for judges and entries where no name may stand: drawn at random, so that they say nothing."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from matchmaker.competition.models import JudgeSeat, StageEntry
from matchmaker.core.db import db

FEWEST = 99


def give(seat: JudgeSeat) -> str:
    """The code of a judge in a contest, like J07; drawn when there is none yet."""
    if seat.code:
        return seat.code
    contest_id = seat.contest.id
    known = sa.select(JudgeSeat.code).where(JudgeSeat.contest_id == contest_id, JudgeSeat.code.is_not(None))
    taken = set(db.session.execute(known).scalars())
    numbers = range(1, max(FEWEST, 3 * len(taken)) + 1)
    free = [code for code in (f"J{number:02d}" for number in numbers) if code not in taken]
    seat.code = secrets.choice(free)
    return seat.code


def entry_code(stage_id: int, entry_id: int) -> str:
    """The code of an entry in a stage; every entry has one from the opening on."""
    statement = sa.select(StageEntry.code).where(StageEntry.stage_id == stage_id, StageEntry.entry_id == entry_id)
    return db.session.execute(statement).scalar_one()
