"""Scoring: saved while it is typed, signed when complete, taken back and corrected until the scores are locked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from matchmaker.activity import services as activity
from matchmaker.competition import access
from matchmaker.competition.models import Ballot, BallotMark, BallotScore, Recusal, StageEntry
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import SIGNATURES, BallotState, MarkKind, check_comment
from matchmaker.competition.rules.conflicts import check_may_score
from matchmaker.competition.rules.rubric import Rubric, ballot_total, check_draft
from matchmaker.competition.rules.states import check_scoring_open
from matchmaker.competition.services import chain, reconsidering
from matchmaker.competition.services.guards import count_change
from matchmaker.competition.services.judges import check_pledged
from matchmaker.core import clock
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.services import years

LONGEST_COMMENT = 2000
REMEMBERED = 20  # saves that a ballot knows again


def save(
    ballot: Ballot, *, actor: Any, version: int, points: Mapping[str, Decimal], comment: str = "", nonce: str = ""
) -> int:
    """Keep what is typed so far; returns the new version. Conflict when another page has saved since `version`.

    A save that comes a second time with its `nonce` changes nothing and is told the version it made.
    """
    _check_own(ballot, actor)
    if (known := version_of(ballot, nonce)) is not None:
        return known
    _check_open(ballot)
    if ballot.state is BallotState.SUBMITTED:
        raise Conflict("这张评分表已经提交；要修改请先点“撤回修改”")
    _write(ballot, version=version, points=points, comment=comment, nonce=nonce)
    ballot.state = BallotState.DRAFT
    db.session.flush()
    return ballot.version


def sign(
    ballot: Ballot, *, actor: Any, version: int, points: Mapping[str, Decimal], comment: str = "", nonce: str = ""
) -> int:
    """Submit a complete ballot under the judge's name; returns the new version, also when sent a second time."""
    _check_own(ballot, actor)
    if (known := version_of(ballot, nonce)) is not None:
        return known
    _submit(ballot, version=version, points=points, comment=comment, nonce=nonce)
    chain.append(ballot, MarkKind.CORRECTED if _signed_before(ballot) else MarkKind.SIGNED, actor=actor)
    activity.record("competition.ballot_signed", subject=ballot, actor=actor)
    reconsidering.notice(ballot)
    db.session.flush()
    return ballot.version


def type_in(
    ballot: Ballot, *, actor: Any, version: int, points: Mapping[str, Decimal], comment: str, note: str
) -> None:
    """Submit a ballot from the sheet its judge signed on paper; the mark names who typed it and where the sheet is.

    The caller has made sure that `actor` leads this contest and has no part in it.
    """
    _submit(ballot, version=version, points=points, comment=comment, nonce="")
    chain.append(ballot, MarkKind.PAPER, actor=actor)
    activity.record("competition.ballot_typed_in", subject=ballot, actor=actor, note=note.strip()[:200])
    reconsidering.notice(ballot)
    db.session.flush()


def reopen(ballot: Ballot, *, actor: Any) -> None:
    """Take a signed ballot back to correct it; until it is signed again it does not count."""
    _check_own(ballot, actor)
    _check_open(ballot)
    if ballot.state is not BallotState.SUBMITTED:
        raise Conflict("这张评分表还没有提交，可以直接修改")
    _claim_version(ballot, ballot.version)
    chain.append(ballot, MarkKind.REOPENED, actor=actor)
    ballot.state, ballot.total, ballot.signed = BallotState.DRAFT, None, None
    activity.record("competition.ballot_reopened", subject=ballot, actor=actor)
    db.session.flush()


def version_of(ballot: Ballot, nonce: str) -> int | None:
    """The version that a save with this nonce has made, if it has arrived before."""
    return next((version for known, version in ballot.recent if nonce and known == nonce), None)


def content_of(ballot: Ballot) -> dict[str, Any]:
    """What a ballot says now, as its judge's own device keeps it."""
    return {
        "version": ballot.version,
        "state": ballot.state.value,
        "points": {key: f"{value.normalize():f}" for key, value in ballot.points.items()},
        "comment": ballot.comment,
    }


def rubric_of(ballot: Ballot) -> Rubric:
    """The rubric a ballot is scored by."""
    return ballot.stage.rubric_of(ballot.entry.group)


def left_of(viewer: Any) -> list[Ballot]:
    """What a judge still has to score, in the order of their list."""
    return list(db.session.execute(judging.waiting_for(viewer)).unique().scalars())


def _check_own(ballot: Ballot, actor: Any) -> None:
    if not access.may_score(actor, ballot):
        raise NotPermitted("这张评分表不是您的")


def _check_open(ballot: Ballot) -> None:
    states = db.session.execute(
        sa.select(Recusal.state).where(Recusal.seat_id == ballot.seat_id, Recusal.entry_id == ballot.entry_id)
    ).scalars()
    check_may_score(states)
    check_pledged(ballot.seat)
    if ballot.state is BallotState.VOID:
        raise Conflict("这张评分表已撤下，请刷新评审任务列表")
    contest, stage = ballot.entry.contest, ballot.stage
    check_scoring_open(contest.state, ballot.entry.state, stage.code, locked=stage.locked)
    if clock.now() > stage.judging_until:
        raise Conflict("评审时间已过，不能再打分；请联系主办方")
    fixed = sa.select(StageEntry.id).where(
        StageEntry.stage_id == stage.id, StageEntry.entry_id == ballot.entry_id, StageEntry.shown.is_not(None)
    )
    if db.session.execute(fixed).first() is not None:
        raise Conflict("这个项目已当场亮分，评分表不能再改")
    years.require_open_year(contest.region, contest.year)


def _submit(ballot: Ballot, *, version: int, points: Mapping[str, Decimal], comment: str, nonce: str) -> None:
    _check_open(ballot)
    if ballot.state is BallotState.SUBMITTED:
        raise Conflict("这张评分表已经提交，不用重复提交")
    stage, total = ballot.stage, ballot_total(rubric_of(ballot), points)
    check_comment(total, comment, below=stage.comment_below, above=stage.comment_above)
    _write(ballot, version=version, points=points, comment=comment, nonce=nonce)
    ballot.state, ballot.total, ballot.signed = BallotState.SUBMITTED, total, clock.now()


def _write(ballot: Ballot, *, version: int, points: Mapping[str, Decimal], comment: str, nonce: str) -> None:
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
    if nonce:
        ballot.recent = [*ballot.recent[1 - REMEMBERED :], [nonce, ballot.version]]


def _claim_version(ballot: Ballot, version: int) -> None:
    """One saver at a time: the row moves on only from the version that the page has seen."""
    count_change(ballot.stage, counts=not ballot.shadow)
    same = sa.update(Ballot).where(Ballot.id == ballot.id, Ballot.version == version)
    if not claim(same.values(version=version + 1)):
        raise Conflict("这张评分表在别的页面改过，请刷新后继续，刚才的内容没有覆盖它", field="version")
    set_committed_value(ballot, "version", version + 1)


def _signed_before(ballot: Ballot) -> bool:
    statement = sa.select(BallotMark.id).where(BallotMark.ballot_id == ballot.id, BallotMark.what.in_(SIGNATURES))
    return db.session.execute(statement.limit(1)).first() is not None
