"""Answers that arrive in the same second, by threads on the real database."""

from __future__ import annotations

import threading

import pytest

from matchmaker.accounts.models import User
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.matching import access, queries
from matchmaker.matching.models import HelpRequest, Need
from matchmaker.matching.rules import MOST_WAITING, DeclineReason
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


def test_questions_in_the_same_second_do_not_exceed_what_a_helper_may_have_waiting(app, owner):
    """Four wait already; of three more that come at once one is let through."""
    person = a_helper(user=a_user(), expertise=EXPERTISE, capacity=9)
    needs = [a_need(actor=owner).id for _ in range(MOST_WAITING + 2)]
    for need_id in needs[: MOST_WAITING - 1]:
        a_request(db.session.get_one(Need, need_id), person, actor=owner)
    person_id, owner_id = person.id, owner.id
    late = needs[MOST_WAITING - 1 :]
    barrier, seen = threading.Barrier(len(late)), []

    def ask(need_id):
        with app.app_context():
            barrier.wait()
            try:
                with transaction() as session:
                    asker = session.get_one(User, owner_id)
                    requests.ask(session.get_one(Need, need_id), actor=asker, person_ids=[person_id])
                seen.append("asked")
            except Conflict:
                seen.append("too many")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=ask, args=(key,)) for key in late]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert sorted(seen) == ["asked", "too many", "too many"]
    assert queries.waiting_count(person_id) == MOST_WAITING
