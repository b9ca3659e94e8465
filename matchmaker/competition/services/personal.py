"""Forgetting a person: what the competition holds about them goes, what decided about results stays nameless."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import (
    DiligenceCheck,
    Entry,
    EntryTie,
    JudgeInvitation,
    JudgeRecord,
    JudgeSeat,
    Pledge,
    RecusalWish,
)
from matchmaker.competition.services import entries
from matchmaker.core.db import db

GONE = "已注销"


def forget(user: Any) -> None:
    """Take a person out of entries, requests and panels."""
    entries.forget(user)
    db.session.execute(
        sa.update(RecusalWish).where(RecusalWish.asked_by_id == user.id).values(name="", unit="", evidence=GONE)
    )
    teams = sa.select(Entry.id).where(Entry.user_id == user.id, Entry.organisation_id.is_(None))
    db.session.execute(sa.delete(EntryTie).where(EntryTie.entry_id.in_(teams)))
    seats = sa.select(JudgeSeat.id).where(JudgeSeat.user_id == user.id)
    db.session.execute(sa.update(JudgeInvitation).where(JudgeInvitation.seat_id.in_(seats)).values(reason=""))
    db.session.execute(sa.update(Pledge).where(Pledge.seat_id.in_(seats)).values(name=GONE))
    for seat in db.session.execute(sa.select(JudgeSeat).where(JudgeSeat.user_id == user.id)).unique().scalars():
        seat.earlier_units = []
    db.session.execute(sa.delete(JudgeRecord).where(JudgeRecord.user_id == user.id))
    checked = sa.update(DiligenceCheck).where(DiligenceCheck.checked_by_id == user.id)
    db.session.execute(checked.values(checked_by_id=None))
    db.session.flush()
