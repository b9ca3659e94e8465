"""Nobody, the organiser first of all, sees anything move while people vote or after the close."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.accounts.rules import STAFF, Permission, Role
from matchmaker.core import clock
from tests.cast import a_token, a_user, sign_in
from tests.competition.leaks import crawling
from tests.factories.publicity import announced_years
from tests.factories.voting import a_cast, a_contest_in_judging, a_vote

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def vote(app, now):
    announced_years()
    owner = a_user(Role.ORGANISER, name="组织者")
    vote = a_vote(owner=owner, contest=a_contest_in_judging(owner=owner))
    with clock.frozen(vote.opens + timedelta(hours=1)):
        yield vote


def crawl(app, client, bearer):
    return crawling.crawl(client, app, bearer=bearer, words=("票选",), formats=("csv", "json"))


def changed(before, after):
    return sorted(url for url in {*before, *after} if before.get(url) != after.get(url))


@pytest.mark.parametrize("role", ["public", "entrant", "staff of every kind without a part"])
def test_votes_change_nothing_that_anybody_sees(app, vote, role):
    client, bearer = app.test_client(), None
    crowd = [a_user() for _ in range(7)]
    if role != "public":
        user = vote.candidates[0].entry.user if role == "entrant" else a_user(*STAFF)
        client, bearer = sign_in(client, user), a_token(user, *Permission)
    crawl(app, client, bearer)
    before = crawl(app, client, bearer)
    assert f"/votes/{vote.id}" in before
    for number, person in enumerate(crowd):
        a_cast(vote, person, candidate=min(number // 3, 2), address=f"10.0.0.{number % 2}", agent="x")
    # A vote makes rows of its own tables: nothing else may be new, and nothing old may look different.
    after = crawl(app, client, bearer)

    assert changed(before, after) == []
