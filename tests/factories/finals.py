"""A live final with its draw done."""

from __future__ import annotations

from typing import Any

from matchmaker.competition.models import Contest
from matchmaker.competition.rules.stages import StageMode
from matchmaker.core.db import transaction
from matchmaker.finals import services
from matchmaker.finals.models import Final
from tests.factories.competition import a_contest, a_judge, an_entry, in_judging


def a_live_contest(*, owner: Any, entries: int = 3, judges: int = 2, **values: Any) -> Contest:
    """A contest whose only stage is live and in judging."""
    contest = a_contest(owner=owner, mode=StageMode.LIVE, per_entry=judges, **values)
    entered = [an_entry(contest) for _ in range(entries)]
    seats = [a_judge(contest, owner=owner) for _ in range(judges)]
    in_judging(contest, owner=owner, entered=entered, seats=seats)
    return contest


def a_final(*, owner: Any, drawn: bool = True, contest: Contest | None = None, **values: Any) -> Final:
    """A prepared final, its order drawn."""
    contest = contest or a_live_contest(owner=owner, **values)
    with transaction():
        final = services.prepare(contest.current, actor=owner, venue="区科技大厦一楼")
    if drawn:
        with transaction():
            services.draw(final, actor=owner)
    return final
