"""Appending to the chain of a stage's marks, and following it."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import Ballot, BallotMark, ContestStage, JudgeSeat, StageEntry
from matchmaker.competition.rules import chain
from matchmaker.competition.rules.ballots import BallotState, MarkKind
from matchmaker.competition.rules.chain import Break, Link
from matchmaker.competition.services import pseudonyms
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict

BUSY = "同时操作的人太多，请稍后再试一次"  # what `transaction()` says, too
BESIDE = "评分表与最后一条记录不符"


def append(ballot: Ballot, what: MarkKind, *, actor: Any) -> BallotMark:
    """Write down what a ballot says now. Whoever calls has taken the stage's turn by `guards.count_change`."""
    db.session.flush()
    stage, moment = ballot.stage, clock.now()
    place = sa.select(ContestStage.chain_length, ContestStage.chain_head).where(ContestStage.id == stage.id)
    length, head = db.session.execute(place).one()
    salt = secrets.token_hex(8)
    data = {
        "points": {key: f"{value.normalize():f}" for key, value in ballot.points.items()},
        "total": None if ballot.total is None else f"{ballot.total.normalize():f}",
        "comment": ballot.comment,
        "salt": salt,
        "comment_digest": chain.comment_digest(ballot.comment, salt),
    }
    mark = BallotMark(
        ballot_id=ballot.id,
        stage_id=stage.id,
        sequence=length + 1,
        what=what,
        actor_id=actor.id,
        moment=moment,
        data=data,
        previous=head or chain.BEGINNING,
    )
    entry = pseudonyms.entry_code(stage.id, ballot.entry_id)
    content = content_of(mark, stage=stage, entry=entry, judge=pseudonyms.give(ballot.seat), shadow=ballot.shadow)
    mark.digest = chain.digest_of(content, mark.previous)
    following = sa.update(ContestStage).where(ContestStage.id == stage.id, ContestStage.chain_length == length)
    if not claim(following.values(chain_length=length + 1, chain_head=mark.digest)):
        raise Conflict(BUSY)
    db.session.expire(stage, ["chain_length", "chain_head", "scores_version"])
    db.session.add(mark)
    db.session.flush()
    return mark


def content_of(mark: BallotMark, *, stage: ContestStage, entry: str, judge: str | None, shadow: bool) -> dict[str, Any]:
    """What the digest of a mark covers: codes for people and entries, a digest for the comment."""
    return {
        "stage": stage.code.value,
        "sequence": mark.sequence,
        "entry": entry,
        "judge": judge,
        "shadow": shadow,
        "what": mark.what.value,
        "points": mark.data["points"],
        "total": mark.data["total"],
        "comment": mark.data["comment_digest"],
        "moment": chain.written(mark.moment),
    }


def links(stage: ContestStage) -> list[Link]:
    """The chain of a stage from its beginning, as it can be published."""
    statement = (
        sa.select(BallotMark, StageEntry.code, JudgeSeat.code, Ballot.shadow)
        .join(Ballot, Ballot.id == BallotMark.ballot_id)
        .join(JudgeSeat, JudgeSeat.id == Ballot.seat_id)
        .outerjoin(
            StageEntry, sa.and_(StageEntry.stage_id == BallotMark.stage_id, StageEntry.entry_id == Ballot.entry_id)
        )
        .where(BallotMark.stage_id == stage.id)
        .order_by(BallotMark.sequence)
    )
    return [
        Link(
            mark.sequence,
            mark.previous,
            mark.digest,
            content_of(mark, stage=stage, entry=entry, judge=judge, shadow=shadow),
        )
        for mark, entry, judge, shadow in db.session.execute(statement)
    ]


def verify(stage: ContestStage) -> Break | None:
    """The first place where the chain does not hold, or where a signed ballot differs from its last mark."""
    broken = chain.first_break(links(stage), length=stage.chain_length, head=stage.chain_head)
    return broken or _beside(stage)


def verify_contest(contest_id: int) -> list[tuple[ContestStage, Break | None]]:
    """Every stage of a contest with what `verify` finds; empty when there is no such contest."""
    stages = (
        sa.select(ContestStage)
        .where(ContestStage.contest_id == contest_id)
        .order_by(ContestStage.position, ContestStage.id)
    )
    return [(stage, verify(stage)) for stage in db.session.execute(stages).unique().scalars()]


def _beside(stage: ContestStage) -> Break | None:
    marks: dict[int, BallotMark] = {}
    statement = sa.select(BallotMark).where(BallotMark.stage_id == stage.id).order_by(BallotMark.sequence)
    for mark in db.session.execute(statement).scalars():
        marks[mark.ballot_id] = mark
    signed = sa.select(Ballot).where(Ballot.stage_id == stage.id, Ballot.state == BallotState.SUBMITTED)
    for ballot in db.session.execute(signed.order_by(Ballot.id)).unique().scalars():
        last = marks.get(ballot.id)
        now = {key: f"{value.normalize():f}" for key, value in ballot.points.items()}
        total = None if ballot.total is None else f"{ballot.total.normalize():f}"
        if last is None or (last.data["points"], last.data["total"]) != (now, total):
            return Break(last.sequence if last else stage.chain_length + 1, BESIDE)
        said = chain.comment_digest(ballot.comment, last.data["salt"]) if last.data.get("salt") else None
        if said is not None and said != last.data["comment_digest"]:
            return Break(last.sequence, BESIDE)
    return None
