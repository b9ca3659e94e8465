"""Judges, recusals and ballots: a judge sees only ballots of their own from which nothing keeps them away."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import lazyload, selectinload

from matchmaker.competition.models import Ballot, Contest, ContestStage, Entry, JudgeSeat, Recusal
from matchmaker.competition.queries import entries
from matchmaker.competition.rules.ballots import LEFT, LIVE, BallotState
from matchmaker.competition.rules.conflicts import RecusalState
from matchmaker.competition.rules.states import ContestState
from matchmaker.core.viewer import Viewer


def own_ballots(viewer: Viewer) -> sa.Select[Ballot]:
    """The ballots a judge may open once judging has begun, what is left first."""
    return (
        sa.select(Ballot)
        .join(JudgeSeat, JudgeSeat.id == Ballot.seat_id)
        .join(Entry, Entry.id == Ballot.entry_id)
        .join(Contest, Contest.id == Entry.contest_id)
        .join(ContestStage, ContestStage.id == Ballot.stage_id)
        .where(JudgeSeat.user_id == viewer.id, Ballot.state.in_(LIVE), ContestStage.opened.is_not(None))
        .where(Contest.state.in_((ContestState.JUDGING, ContestState.PUBLICITY, ContestState.ARCHIVED)))
        .where(sa.not_(sa.or_(Entry.user_id == viewer.id, Entry.id.in_(entries.recused_for(viewer.id)))))
        .order_by(Contest.id.desc(), ContestStage.position.desc(), Ballot.id)
    )


def waiting_for(viewer: Viewer) -> sa.Select[Ballot]:
    """What the judge still has to do."""
    return own_ballots(viewer).where(
        Ballot.state.in_(LEFT), Contest.state == ContestState.JUDGING, ContestStage.locked.is_(None)
    )


def seats_of(contest_id: int) -> sa.Select[JudgeSeat]:
    """The judges of a contest."""
    return (
        sa.select(JudgeSeat)
        .where(JudgeSeat.contest_id == contest_id)
        .order_by(JudgeSeat.id)
        .options(selectinload(JudgeSeat.duties))
    )


def recusals_of(viewer: Viewer, contest_id: int) -> sa.Select[Recusal]:
    """The recusals of a contest as its staff sees them, what waits first."""
    shown = entries.managed_by(viewer).where(Entry.contest_id == contest_id).with_only_columns(Entry.id)
    waiting = sa.case((Recusal.state.in_((RecusalState.CANDIDATE, RecusalState.DECLARED)), 0), else_=1)
    return sa.select(Recusal).where(Recusal.entry_id.in_(shown)).order_by(waiting, Recusal.id)


def blocked_pairs(contest_id: int) -> sa.Select[int, int]:
    """(entry, seat) pairs that must not be made."""
    return (
        sa.select(Recusal.entry_id, Recusal.seat_id)
        .join(JudgeSeat, JudgeSeat.id == Recusal.seat_id)
        .where(JudgeSeat.contest_id == contest_id, Recusal.state != RecusalState.IGNORED)
        .distinct()
    )


def not_blocked() -> sa.ColumnElement[bool]:
    """Ballots from which no recusal keeps their judge away, proposed or settled."""
    blocking = sa.select(Recusal.id).where(
        Recusal.seat_id == Ballot.seat_id, Recusal.entry_id == Ballot.entry_id, Recusal.state != RecusalState.IGNORED
    )
    return sa.not_(blocking.correlate(Ballot).exists())


def counting() -> sa.ColumnElement[bool]:
    """Ballots that count: in force, no trainee's, no recusal."""
    return sa.and_(Ballot.state.in_(LIVE), Ballot.shadow.is_(False), not_blocked())


def ballots_of(stage_id: int) -> sa.Select[Ballot]:
    """Every ballot of a stage that counts, with its points."""
    return sa.select(Ballot).where(Ballot.stage_id == stage_id, counting()).order_by(Ballot.entry_id, Ballot.id)


def progress(stage_id: int) -> sa.Select[int, int, BallotState]:
    """(entry, seat, state) of every ballot of a stage that counts: who is done, never with what result."""
    return (
        sa.select(Ballot.entry_id, Ballot.seat_id, Ballot.state)
        .where(Ballot.stage_id == stage_id, counting())
        .order_by(Ballot.entry_id, Ballot.seat_id)
    )


def loads(stage_id: int, shown: sa.Select[Entry]) -> sa.Select[int, int, int]:
    """(seat, ballots, submitted) of every judge who has any in a stage, among the entries that are shown."""
    done = sa.func.count(Ballot.id).filter(Ballot.state == BallotState.SUBMITTED)
    return (
        sa.select(Ballot.seat_id, sa.func.count(Ballot.id), done)
        .where(Ballot.stage_id == stage_id, counting())
        .where(Ballot.entry_id.in_(shown.with_only_columns(Entry.id)))
        .group_by(Ballot.seat_id)
    )


def due_reminders(*, until: Any, now: Any) -> sa.Select[int, int, int]:
    """(user id, stage, ballots left) of judges whose stage ends soon."""
    return (
        sa.select(JudgeSeat.user_id, ContestStage.id, sa.func.count(Ballot.id))
        .select_from(Ballot)
        .join(JudgeSeat, JudgeSeat.id == Ballot.seat_id)
        .join(ContestStage, ContestStage.id == Ballot.stage_id)
        .where(ContestStage.opened.is_not(None), ContestStage.locked.is_(None), Ballot.state.in_(LEFT), not_blocked())
        .where(ContestStage.judging_until > now, ContestStage.judging_until <= until)
        .group_by(JudgeSeat.user_id, ContestStage.id)
        .options(lazyload("*"))
    )
