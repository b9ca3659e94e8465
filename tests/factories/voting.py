"""A public vote for the entries of a stage in judging."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchmaker.competition.models import Contest
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.voting.models import CastVote, PublicVote
from matchmaker.voting.rules import Who
from matchmaker.voting.services import casting, setting
from tests.factories.competition import a_contest, a_judge, an_entry, in_judging


def a_contest_in_judging(*, owner: Any, entries: int = 3, **values: Any) -> Contest:
    """A contest whose only stage is open."""
    contest = a_contest(owner=owner, **values)
    entered = [an_entry(contest) for _ in range(entries)]
    seats = [a_judge(contest, owner=owner) for _ in range(2)]
    in_judging(contest, owner=owner, entered=entered, seats=seats)
    return contest


def a_vote(*, owner: Any, contest: Contest | None = None, entries: int = 3, **plan: Any) -> PublicVote:
    """A vote that opens in an hour and runs for a week; one vote a day, three in all."""
    contest = contest or a_contest_in_judging(owner=owner, entries=entries)
    opens = clock.now() + timedelta(hours=1)
    given = {
        "opens": opens,
        "closes": opens + timedelta(days=7),
        "per_day": 1,
        "in_all": 3,
        "who": Who.SIGNED_IN,
        "award": "最具人气奖",
        **plan,
    }
    with transaction():
        return setting.prepare(contest.current, actor=owner, **given)


def a_cast(vote: PublicVote, user: Any, *, candidate: int = 0, address: str = "", agent: str = "") -> CastVote:
    """A vote of an account for the n-th entry of the ballot."""
    row = vote.candidates[candidate]
    with transaction():
        return casting.cast(vote, row.id, key=casting.key_of(vote, user), viewer=user, address=address, agent=agent)
