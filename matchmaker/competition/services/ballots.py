"""Scoring: saved while it is typed, signed when complete, taken back and corrected until the scores are locked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, BallotMark, BallotScore, Recusal
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.conflicts import check_may_score
from matchmaker.competition.rules.rubric import Rubric, ballot_total, check_draft
from matchmaker.competition.rules.states import check_scoring_open
from matchmaker.competition.services.guards import count_change
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.services import years

LONGEST_COMMENT = 2000


def save(ballot: Ballot, *, actor: Any, version: int, points: Mapping[str, Decimal], comment: str = "") -> int:
    """Keep what is typed so far; returns the new version. Conflict when another page has saved since `version`."""
    _check_open(ballot, actor)
    if ballot.state is BallotState.SUBMITTED:
        raise Conflict("这张评分表已经提交；要修改请先点“撤回修改”")
    _write(ballot, version=version, points=points, comment=comment)
    ballot.state = BallotState.DRAFT
    db.session.flush()
    return ballot.version


def sign(ballot: Ballot, *, actor: Any, version: int, points: Mapping[str, Decimal], comment: str = "") -> None:
    """Submit a complete ballot under the judge's name."""
    _check_open(ballot, actor)
    if ballot.state is BallotState.SUBMITTED:
        raise Conflict("这张评分表已经提交，不用重复提交")
    total = ballot_total(rubric_of(ballot), points)
    _write(ballot, version=version, points=points, comment=comment)
    ballot.state, ballot.total, ballot.signed = BallotState.SUBMITTED, total, clock.now()
    _mark(ballot, "signed", actor=actor)
    activity.record("competition.ballot_signed", subject=ballot, actor=actor)
    db.session.flush()


def reopen(ballot: Ballot, *, actor: Any) -> None:
    """Take a signed ballot back to correct it; until it is signed again it does not count."""
    _check_open(ballot, actor)
    if ballot.state is not BallotState.SUBMITTED:
        raise Conflict("这张评分表还没有提交，可以直接修改")
    _claim_version(ballot, ballot.version)
    _mark(ballot, "reopened", actor=actor)
    ballot.state, ballot.total, ballot.signed = BallotState.DRAFT, None, None
    activity.record("competition.ballot_reopened", subject=ballot, actor=actor)
    db.session.flush()


def rubric_of(ballot: Ballot) -> Rubric:
    """The rubric a ballot is scored by."""
    return ballot.stage.rubric_of(ballot.entry.group)


def left_of(viewer: Any) -> list[Ballot]:
    """What a judge still has to score, in the order of their list."""
    return list(db.session.execute(judging.waiting_for(viewer)).unique().scalars())


def _check_open(ballot: Ballot, actor: Any) -> None:
    if not access.may_score(actor, ballot):
        raise NotPermitted("这张评分表不是您的")
    states = db.session.execute(
        sa.select(Recusal.state).where(Recusal.seat_id == ballot.seat_id, Recusal.entry_id == ballot.entry_id)
    ).scalars()
    check_may_score(states)
    if ballot.state is BallotState.VOID:
        raise Conflict("这张评分表已撤下，请刷新评审任务列表")
    contest, stage = ballot.entry.contest, ballot.stage
    check_scoring_open(contest.state, ballot.entry.state, stage.code, locked=stage.locked)
    if clock.now() > stage.judging_until:
        raise Conflict("评审时间已过，不能再打分；请联系主办方")
    years.require_open_year(contest.region, contest.year)


def _write(ballot: Ballot, *, version: int, points: Mapping[str, Decimal], comment: str) -> None:
    check_draft(rubric_of(ballot), points)
    if len(comment) > LONGEST_COMMENT:
        raise DomainError("评语最多 {n} 字，请精简", field="comment", n=LONGEST_COMMENT)
    _claim_version(ballot, version)
    ids = {row.key: row.id for row in ballot.stage.criteria_of(ballot.entry.group)}
    present = {score.criterion.key: score for score in ballot.scores}
    for key, score in present.items():
        if key not in points:
            ballot.scores.remove(score)
    for key, value in points.items():
        if key in present:
            present[key].points = value
        else:
            ballot.scores.append(BallotScore(criterion_id=ids[key], points=value))
    ballot.comment, ballot.updated = comment, clock.now()


def _claim_version(ballot: Ballot, version: int) -> None:
    """One saver at a time: the row moves on only from the version that the page has seen."""
    count_change(ballot.stage)
    same = sa.update(Ballot).where(Ballot.id == ballot.id, Ballot.version == version)
    if not claim(same.values(version=version + 1)):
        raise Conflict("这张评分表在别的页面改过，请刷新后继续，刚才的内容没有覆盖它", field="version")
    set_committed_value(ballot, "version", version + 1)


def _mark(ballot: Ballot, what: str, *, actor: Any) -> None:
    db.session.flush()
    points = {key: f"{value.normalize():f}" for key, value in ballot.points.items()}
    data = {"points": points, "total": None if ballot.total is None else str(ballot.total), "comment": ballot.comment}
    db.session.add(BallotMark(ballot_id=ballot.id, what=what, actor_id=actor.id, moment=clock.now(), data=data))
