"""Answers that arrive in the same second, by threads on the real database."""

from __future__ import annotations

import threading

import pytest

from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.matching import access
from matchmaker.matching.models import HelpRequest
from matchmaker.matching.rules import DeclineReason
from matchmaker.matching.services import requests
from matchmaker.rosters import queries as rosters
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(), name="顾文静")


@pytest.fixture
def mentor(app):
    user = a_user(name="秦志远")
    return user, a_helper(user=user, name="秦志远", expertise=EXPERTISE)


def test_two_acceptances_in_the_same_second_do_not_exceed_the_places(app, owner):
    user = a_user()
    person = a_helper(user=user, expertise=EXPERTISE, capacity=2)
    ids = [a_request(a_need(actor=owner), person, actor=owner).id for _ in range(5)]
    barrier, outcomes_seen = threading.Barrier(len(ids)), []

    def accept(request_id):
        with app.app_context():
            barrier.wait()
            try:
                with transaction() as session:
                    row = session.get_one(HelpRequest, request_id)
                    requests.accept(row, actor=access.LinkBearer(request_id, "本人"))
                outcomes_seen.append("accepted")
            except Conflict:
                outcomes_seen.append("full")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=accept, args=(key,)) for key in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    db.session.expire_all()
    assert sorted(outcomes_seen) == ["accepted"] * 2 + ["full"] * 3
    assert rosters.profile_of(person.id).busy == 2


def test_two_answers_to_one_request_at_once_count_as_one(app, owner, mentor):
    request_id = a_request(a_need(actor=owner), mentor[1], actor=owner).id
    barrier, seen = threading.Barrier(4), []

    def answer(yes):
        with app.app_context():
            barrier.wait()
            try:
                with transaction() as session:
                    row = session.get_one(HelpRequest, request_id)
                    bearer = access.LinkBearer(request_id, "本人")
                    if yes:
                        requests.accept(row, actor=bearer)
                    else:
                        requests.decline(row, actor=bearer, reason=DeclineReason.NO_TIME)
                seen.append("answered")
            except Conflict:
                seen.append("late")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=answer, args=(n % 2 == 0,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == ["answered", "late", "late", "late"]
