"""Needs that have hardly anything in common with a helper are neither listed for them nor written to them."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.matching.engine.ranking import Match
from matchmaker.matching.models import Need
from matchmaker.matching.rules import LEAST_POINTS
from matchmaker.matching.services import browsing, digest, suggesting
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, TITLE, a_need
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
FAR = {"title": "Wine export", "text": "customs papers and certificates for our first barrels"}


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation())


@pytest.fixture
def mentor(app):
    user = a_user(Role.MENTOR)
    return user, a_helper(user=user, expertise=EXPERTISE)


def points(need, person):
    ((explanation, _barrier),) = suggesting.explain_pairs(need, [person.id]).values()
    return float(explanation["score"])


def test_what_hardly_fits_is_left_out_and_counted(client, owner, mentor):
    far, near = a_need(actor=owner, listed=True, **FAR), a_need(actor=owner, listed=True)
    assert 0 < points(far, mentor[1]) < LEAST_POINTS <= points(near, mentor[1])

    seen = browsing.for_helper(mentor[1])
    page = sign_in(client, mentor[0]).get("/needs/open/").text

    assert ([each.need.id for each in seen.found], seen.below) == ([near.id], 1)
    assert TITLE in page
    assert FAR["title"] not in page
    assert "还有 1 条需求与您的资料几乎没有关联" in page


def test_an_empty_list_says_what_was_left_out(client, owner, mentor):
    need_id = a_need(actor=owner, listed=True, **FAR).id
    page = sign_in(client, mentor[0]).get("/needs/open/").text

    assert "眼下没有合适的需求" in page
    assert "征集中的 1 条需求与您的资料几乎没有关联" in page
    assert client.get(f"/needs/open/{need_id}").status_code == 200  # whoever has the address still reads it


def test_the_weekly_letter_holds_the_same_needs_or_is_not_written(owner, mentor):
    far = a_need(actor=owner, listed=True, **FAR).id
    assert digest.plan() == {}
    near = a_need(actor=owner, listed=True).id

    with transaction():
        planned = digest.plan()

    assert [pair.need.id for pair in planned[mentor[1].id]] == [near]
    assert db.session.get_one(Need, far).listed


@pytest.mark.parametrize(("score", "shown"), [(0.0994, False), (0.0996, True), (0.1, True), (0.04, False)])
def test_the_floor_is_what_a_helper_would_read(score, shown):
    match = Match("1", score=0.5, evidence=0.5, text=score, features={}, weights={})

    assert browsing.fits(match) is shown
