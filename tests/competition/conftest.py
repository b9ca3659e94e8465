"""People and a contest in judging."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from tests.cast import a_user
from tests.factories.competition import a_contest, a_judge, an_entry, in_judging


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="组织者")


@pytest.fixture
def approver(app, now):
    return a_user(Role.APPROVER, name="审批人")


@pytest.fixture
def judged(organiser):
    """A contest in judging: two firms, two judges, four ballots."""
    contest = a_contest(owner=organiser)
    entered = [an_entry(contest), an_entry(contest)]
    seats = [a_judge(contest, owner=organiser), a_judge(contest, owner=organiser)]
    in_judging(contest, owner=organiser, entered=entered, seats=seats)
    return contest
