"""What the competition holds about a person, for their own download."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import (
    ContestStage,
    Entry,
    EntryTie,
    JudgeInvitation,
    JudgeRecord,
    JudgeSeat,
    Pledge,
    RecusalWish,
    Tally,
)
from matchmaker.competition.queries import entries
from matchmaker.core.db import db


def held(user: Any) -> dict[str, Any]:
    """Entries and seats, with the ties and requests that the person wrote down, and what they signed as a judge."""
    own = sa.select(Entry.id).where(Entry.user_id == user.id)
    ties = sa.select(EntryTie).where(EntryTie.entry_id.in_(own)).order_by(EntryTie.id)
    asked = sa.select(RecusalWish).where(RecusalWish.asked_by_id == user.id).order_by(RecusalWish.id)
    seats = sa.select(JudgeSeat).where(JudgeSeat.user_id == user.id).order_by(JudgeSeat.id)
    mine = sa.select(JudgeSeat.id).where(JudgeSeat.user_id == user.id)
    pledges = sa.select(Pledge).where(Pledge.seat_id.in_(mine)).order_by(Pledge.id)
    answers = sa.select(JudgeInvitation).where(JudgeInvitation.seat_id.in_(mine)).order_by(JudgeInvitation.id)
    return {
        **entries.personal_data(user),
        "entry_ties": [
            {"entry": row.entry_id, "kind": row.kind.value, "name": row.name, "unit": row.unit, "note": row.note}
            for row in db.session.execute(ties).scalars()
        ],
        "recusal_requests": [
            {
                "entry": row.entry.title,
                "name": row.name,
                "unit": row.unit,
                "relation": row.relation.value,
                "evidence": row.evidence,
                "created": row.created.isoformat(),
            }
            for row in db.session.execute(asked).unique().scalars()
        ],
        "judge_earlier_units": [
            row for seat in db.session.execute(seats).unique().scalars() for row in seat.earlier_units
        ],
        "judge_pledges": [
            {"contest": row.seat.contest.title, "text": row.text, "name": row.name, "signed": row.signed.isoformat()}
            for row in db.session.execute(pledges).unique().scalars()
        ],
        "judge_invitations": [
            {"contest": row.seat.contest.title, "answer": row.answer.value, "reason": row.reason}
            for row in db.session.execute(answers).unique().scalars()
        ],
        "judge_records": [
            {
                "contest": row.tally.stage.contest.title,
                "stage": row.tally.stage.code.value,
                "ballots": row.ballots,
                "on_time": row.on_time,
                "severity": None if row.severity is None else str(row.severity),
                "spread": None if row.spread is None else str(row.spread),
                "agreement": None if row.agreement is None else str(row.agreement),
            }
            for row in db.session.execute(_records(user)).unique().scalars()
        ],
    }


def _records(user: Any) -> sa.Select[JudgeRecord]:
    """How the person scored, from released stages alone."""
    return (
        sa.select(JudgeRecord)
        .join(Tally, Tally.id == JudgeRecord.tally_id)
        .join(ContestStage, ContestStage.id == Tally.stage_id)
        .where(JudgeRecord.user_id == user.id, ContestStage.released.is_not(None), Tally.reopened.is_(None))
        .order_by(JudgeRecord.id)
    )
