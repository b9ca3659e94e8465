"""A person's own data: handed out, and erased on request."""

from __future__ import annotations

import pytest

from matchmaker.core.db import transaction
from matchmaker.matching.rules import NeedState, RequestState
from matchmaker.matching.services import personal
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.services import personal as roster
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, TITLE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")


def test_own_needs_and_requests_are_handed_out_and_erased(app):
    asker, user = a_user(), a_user()
    person = a_helper(user=user, expertise=EXPERTISE)
    need = a_need(actor=asker)
    request = a_request(need, person, actor=asker)
    assert personal.held(asker)["needs"][0]["title"] == TITLE
    assert personal.held(user)["requests"][0]["need"] == TITLE
    assert roster.held(user)["expertise"] == EXPERTISE

    with transaction():
        personal.forget(asker)
        roster.forget(user)

    assert (TITLE in need.title, need.state, request.state) == (False, NeedState.WITHDRAWN, RequestState.WITHDRAWN)
    profile = rosters.profile_of(person.id)
    assert (profile.expertise, profile.opted_out) == ("", True)


def test_a_firm_s_need_stays_when_its_author_goes(app):
    author = a_user(organisation=an_organisation())
    need = a_need(actor=author)

    with transaction():
        personal.forget(author)

    assert (need.title, need.state) == (TITLE, NeedState.OPEN)
