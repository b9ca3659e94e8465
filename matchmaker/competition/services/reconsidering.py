"""Looking again (复议): the platform sees that totals lie far apart, the organiser only that an entry is concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, BallotMark, ContestStage, Reconsideration
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import SIGNATURES, BallotState, MarkKind
from matchmaker.competition.services import chain
from matchmaker.competition.services.guards import check_manages, check_unconflicted, count_change
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.notifications import services as notifications

ANSWERS = SIGNATURES | {MarkKind.UPHELD}


def notice(ballot: Ballot) -> None:
    """After a signature: note an entry whose panel is complete and too far apart; close what everybody has answered."""
    if ballot.shadow:
        return
    stage, entry_id = ballot.stage, ballot.entry_id
    panel = db.session.execute(
        sa.select(Ballot.id, Ballot.state, Ballot.total).where(
            Ballot.stage_id == stage.id, Ballot.entry_id == entry_id, judging.counting()
        )
    ).all()
    if stage.range_limit is None or any(state is not BallotState.SUBMITTED for _id, state, _total in panel):
        return
    totals = [total for _id, _state, total in panel if total is not None]
    wide = len(totals) > 1 and max(totals) - min(totals) > stage.range_limit
    row, ids = _open(stage.id, entry_id), {ballot_id for ballot_id, _state, _total in panel}
    if row is None:
        earlier = sa.select(Reconsideration.id).where(
            Reconsideration.stage_id == stage.id, Reconsideration.entry_id == entry_id
        )
        if wide and db.session.execute(earlier.limit(1)).first() is None:
            db.session.add(Reconsideration(stage_id=stage.id, entry_id=entry_id, noticed=clock.now()))
    elif (row.asked is None and not wide) or (row.asked is not None and _answered(row) >= ids):
        row.closed = clock.now()
    db.session.flush()


def ask(stage: ContestStage, *, actor: Any, entry_id: int) -> int:
    """Ask the judges of a noticed entry to look again; returns how many. Nobody is told a score or how far apart."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    if stage.locked is not None:
        raise Conflict("成绩已锁定，不能再请评委复议")
    row = _open(stage.id, entry_id)
    once = sa.update(Reconsideration).where(
        Reconsideration.id == (row.id if row else 0), Reconsideration.asked.is_(None)
    )
    if row is None or not claim(once.values(asked=clock.now(), asked_by_id=actor.id, asked_after=stage.chain_length)):
        raise Conflict("该项目不需要复议，或已经请评委复议")
    db.session.refresh(row)
    panel = judging.ballots_of(stage.id).where(Ballot.entry_id == entry_id)
    ballots = db.session.execute(panel).unique().scalars().all()
    for ballot in ballots:
        notifications.enqueue(
            "competition/mail/reconsider",
            to=ballot.seat.user,
            about=stage.contest,
            url=f"/contests/ballots/{ballot.id}",
            dedupe=f"reconsider:{row.id}:{ballot.seat.user_id}",
            contest=stage.contest,
            stage=stage,
        )
    activity.record("competition.reconsideration_asked", subject=row.entry, actor=actor, stage=stage.code.value)
    db.session.flush()
    return len(ballots)


def uphold(ballot: Ballot, *, actor: Any) -> None:
    """A judge has looked again and stays with what is signed."""
    if not access.may_score(actor, ballot):
        raise NotPermitted("这张评分表不是您的")
    if ballot.state is not BallotState.SUBMITTED or not asked_of(ballot):
        raise Conflict("这张评分表没有等待复议，请刷新页面")
    count_change(ballot.stage)
    chain.append(ballot, MarkKind.UPHELD, actor=actor)
    activity.record("competition.ballot_upheld", subject=ballot, actor=actor)
    notice(ballot)


def asked_of(ballot: Ballot) -> bool:
    """Does a judge still have to answer?"""
    if ballot.shadow:
        return False
    row = _open(ballot.stage_id, ballot.entry_id)
    return row is not None and row.asked is not None and ballot.id not in _answered(row)


def of(stage: ContestStage, *, actor: Any) -> Sequence[Reconsideration]:
    """What was noticed in a stage, for organisers without a part in the contest."""
    check_manages(actor, stage.contest)
    check_unconflicted(actor, stage.contest)
    rows = sa.select(Reconsideration).where(Reconsideration.stage_id == stage.id).order_by(Reconsideration.id)
    return db.session.execute(rows).unique().scalars().all()


def _open(stage_id: int, entry_id: int) -> Reconsideration | None:
    statement = sa.select(Reconsideration).where(
        Reconsideration.stage_id == stage_id, Reconsideration.entry_id == entry_id, Reconsideration.closed.is_(None)
    )
    return db.session.execute(statement).unique().scalars().first()


def _answered(row: Reconsideration) -> set[int]:
    """The ballots that were signed again or upheld since their judges were asked."""
    marks = (
        sa.select(BallotMark.ballot_id)
        .join(Ballot, Ballot.id == BallotMark.ballot_id)
        .where(BallotMark.stage_id == row.stage_id, Ballot.entry_id == row.entry_id)
        .where(BallotMark.what.in_(ANSWERS), BallotMark.sequence > row.asked_after)
    )
    return set(db.session.execute(marks).scalars())
