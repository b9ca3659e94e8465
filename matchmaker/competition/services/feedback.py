"""What entrants learn beyond score and place, as the contest's rules say, once a stage is released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.competition.models import Ballot, CommentConsent, ContestStage, CriterionRow, Entry
from matchmaker.competition.queries import judging
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.competition.rules.results import Feedback
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, NotPermitted
from matchmaker.core.money import round_half_up


@dataclass(frozen=True)
class StageFeedback:
    """The mean points of each criterion and the comments whose judges agreed, in no order that tells who."""

    stage: ContestStage
    means: list[tuple[CriterionRow, Decimal]]
    comments: list[str]


def of_entry(entry: Entry) -> list[StageFeedback]:
    """Feedback of the released stages in which an entry was scored."""
    contest = entry.contest
    found = []
    for stage in contest.stages:
        if stage.released is None or stage.released > clock.now():
            continue
        ballots = _signed(stage, entry)
        means = _means(stage, entry, ballots) if contest.feedback is Feedback.MEANS else []
        comments = _comments(ballots) if contest.comments else []
        if means or comments:
            found.append(StageFeedback(stage, means, comments))
    return found


def agree(ballot: Ballot, *, actor: Any, agreed: bool) -> None:
    """The judge lets the comment of a signed ballot be passed on, or takes that back before the release."""
    if ballot.seat.user_id != actor.id:
        raise NotPermitted("这张评分表不是您的")
    if not ballot.entry.contest.comments or not ballot.comment.strip():
        raise Conflict("这张评分表没有可以转交的评语")
    if ballot.stage.released is not None:
        raise Conflict("本阶段成绩已经发布，评语的去向不能再改")
    given = db.session.get(CommentConsent, ballot.id)
    if agreed and given is None:
        db.session.add(CommentConsent(ballot_id=ballot.id, given=clock.now()))
    elif not agreed and given is not None:
        db.session.delete(given)
    db.session.flush()


def consents(ballots: Sequence[Ballot]) -> set[int]:
    """The ballots among these whose comment may be passed on."""
    ids = [ballot.id for ballot in ballots]
    statement = sa.select(CommentConsent.ballot_id).where(CommentConsent.ballot_id.in_(ids))
    return set(db.session.execute(statement).scalars())


def _signed(stage: ContestStage, entry: Entry) -> Sequence[Ballot]:
    statement = judging.ballots_of(stage.id).where(Ballot.entry_id == entry.id, Ballot.state == BallotState.SUBMITTED)
    return db.session.execute(statement).unique().scalars().all()


def _means(stage: ContestStage, entry: Entry, ballots: Sequence[Ballot]) -> list[tuple[CriterionRow, Decimal]]:
    if not ballots:
        return []
    return [
        (row, round_half_up(sum((ballot.points[row.key] for ballot in ballots), Decimal(0)) / len(ballots), 2))
        for row in stage.criteria_of(entry.group)
    ]


def _comments(ballots: Sequence[Ballot]) -> list[str]:
    agreed = consents(ballots)
    return sorted(ballot.comment for ballot in ballots if ballot.id in agreed and ballot.comment.strip())
