"""Deliberation (合议): notes on an entry, read only by those who have signed their own ballot on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, ContestStage, DeliberationNote, JudgeSeat, Recusal, StageEntry
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.conflicts import RecusalState
from matchmaker.competition.services.guards import check_manages, check_unconflicted
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted

LONGEST = 1000


def may_take_part(viewer: Any, ballot: Ballot) -> bool:
    """Whoever has signed a ballot that counts, and has no reason to stay away."""
    if not access.may_score(viewer, ballot) or ballot.shadow or ballot.state is not BallotState.SUBMITTED:
        return False
    blocking = sa.select(Recusal.id).where(
        Recusal.seat_id == ballot.seat_id, Recusal.entry_id == ballot.entry_id, Recusal.state != RecusalState.IGNORED
    )
    return db.session.execute(blocking.limit(1)).first() is None


def notes_beside(ballot: Ballot, *, actor: Any) -> Sequence[DeliberationNote]:
    """The notes on a judge's own entry; none before the own ballot is signed."""
    if not may_take_part(actor, ballot):
        return []
    return db.session.execute(_notes(ballot.stage_id, ballot.entry_id)).unique().scalars().all()


def write(ballot: Ballot, *, actor: Any, text: str, conclusion: bool = False) -> DeliberationNote:
    """Add a note; the lead judge may mark theirs as the conclusion."""
    if not may_take_part(actor, ballot):
        raise NotPermitted("提交本人的评分表以后才能参加合议")
    if ballot.stage.locked is not None:
        raise Conflict("成绩已锁定，合议已经结束")
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise DomainError("请填写合议意见，最多 {n} 字", field="text", n=LONGEST)
    if conclusion and not leads(ballot):
        raise NotPermitted("合议结论由主审评委填写")
    note = DeliberationNote(
        stage_id=ballot.stage_id, entry_id=ballot.entry_id, seat_id=ballot.seat_id, text=text, conclusion=conclusion,
        moment=clock.now(),
    )  # fmt: skip
    db.session.add(note)
    db.session.flush()
    return note


def leads(ballot: Ballot) -> bool:
    """Is this the ballot of the entry's lead judge?"""
    lead = sa.select(StageEntry.lead_seat_id).where(
        StageEntry.stage_id == ballot.stage_id, StageEntry.entry_id == ballot.entry_id
    )
    return db.session.execute(lead).scalar() == ballot.seat_id


def set_lead(stage: ContestStage, *, actor: Any, entry_id: int, seat: JudgeSeat | None) -> None:
    """The organiser names the judge who leads the deliberation on an entry: one of its panel."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    if stage.locked is not None:
        raise Conflict("成绩已锁定，合议已经结束")
    row = db.session.execute(
        sa.select(StageEntry).where(StageEntry.stage_id == stage.id, StageEntry.entry_id == entry_id)
    ).scalar_one_or_none()
    if row is None:
        raise DomainError("该项目不在本阶段", field="entry_id")
    panel = judging.ballots_of(stage.id).where(Ballot.entry_id == entry_id).with_only_columns(Ballot.seat_id)
    if seat is not None and seat.id not in set(db.session.execute(panel).scalars()):
        raise DomainError("主审评委应是该项目的评委", field="seat_id")
    row.lead_seat_id = seat.id if seat else None
    activity.record("competition.lead_set", subject=row.entry, actor=actor, stage=stage.code.value)
    db.session.flush()


def lead_seats(stage: ContestStage) -> dict[int, int]:
    """entry → seat of the judge who leads on it."""
    statement = sa.select(StageEntry.entry_id, StageEntry.lead_seat_id).where(
        StageEntry.stage_id == stage.id, StageEntry.lead_seat_id.is_not(None)
    )
    return {entry: seat for entry, seat in db.session.execute(statement) if seat is not None}


def minutes(stage: ContestStage, *, actor: Any) -> Sequence[DeliberationNote]:
    """Every note of a stage for the organiser, once the scores are locked."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    if stage.locked is None:
        raise Conflict("成绩锁定以后才能查看合议意见")
    statement = sa.select(DeliberationNote).where(DeliberationNote.stage_id == stage.id)
    statement = statement.order_by(DeliberationNote.entry_id, DeliberationNote.id)
    return db.session.execute(statement).unique().scalars().all()


def _notes(stage_id: int, entry_id: int) -> sa.Select[DeliberationNote]:
    return (
        sa.select(DeliberationNote)
        .where(DeliberationNote.stage_id == stage_id, DeliberationNote.entry_id == entry_id)
        .order_by(DeliberationNote.id)
    )
