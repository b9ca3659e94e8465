"""Answers that arrive in the same second, by threads on the real database."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.directory.models import Person
from matchmaker.matching import access, queries
from matchmaker.matching.models import HelpRequest, Need, NeedOffer, Proposal, RequestService
from matchmaker.matching.rules import MOST_WAITING, DeclineReason, NeedState, ProposalState, RequestState
from matchmaker.matching.services import needs, offering, outcomes, passing, requests, terms
from matchmaker.rosters import queries as rosters
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper
from tests.voting.racing import race

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


def test_passing_on_and_accepting_at_once_leave_one_of_the_two(app, owner, mentor):
    """The colleague is asked, or the helper has said yes; never both, and one place is taken at most."""
    colleague = a_helper(user=a_user(name="白同事"), name="白同事", expertise=EXPERTISE)
    request_id, helper_id, colleague_id = (
        a_request(a_need(actor=owner), mentor[1], actor=owner).id,
        mentor[1].id,
        colleague.id,
    )
    bearer = access.LinkBearer(request_id, "本人")

    def accept():
        with transaction() as session:
            requests.accept(session.get_one(HelpRequest, request_id), actor=bearer)

    def pass_on():
        with transaction() as session:
            row = session.get_one(HelpRequest, request_id)
            passing.pass_on(row, actor=bearer, colleague=session.get_one(Person, colleague_id))

    seen = race(app, [accept, pass_on])

    row = db.session.get_one(HelpRequest, request_id)
    if row.person_id == helper_id:
        assert (row.state, seen) == (RequestState.ACCEPTED, ["Conflict", "done"])
        assert rosters.profile_of(helper_id).busy == 1
        assert queries.pass_count(request_id) == 0
    else:  # whoever held the link may have said yes only before it moved on
        assert (row.person_id, queries.pass_count(request_id)) == (colleague_id, 1)
        assert rosters.profile_of(helper_id).busy == 0
        taken = 1 if row.state is RequestState.ACCEPTED else 0
        assert rosters.profile_of(colleague_id).busy == taken


def test_two_hand_overs_at_once_move_the_question_once(app, owner, mentor):
    people = [a_helper(user=a_user(name=name), name=name, expertise=EXPERTISE).id for name in ("白同事", "黄同事")]
    request_id, user_id = a_request(a_need(actor=owner), mentor[1], actor=owner).id, mentor[0].id

    def pass_to(person_id):
        with transaction() as session:
            row = session.get_one(HelpRequest, request_id)
            giver = session.get_one(User, user_id)
            passing.pass_on(row, actor=giver, colleague=session.get_one(Person, person_id))

    seen = race(app, [lambda key=key: pass_to(key) for key in people])

    assert seen.count("done") == 1
    assert queries.pass_count(request_id) == 1


def test_offering_while_the_need_is_closed_leaves_no_accepted_offer(app, owner, mentor):
    need_id, owner_id, user_id, person_id = (
        a_need(actor=owner, listed=True).id,
        owner.id,
        mentor[0].id,
        mentor[1].id,
    )

    def offer():
        with transaction() as session:
            need, person = session.get_one(Need, need_id), session.get_one(Person, person_id)
            offering.offer(need, person, actor=session.get_one(User, user_id), message="做过两个类似的项目")

    def close():
        with transaction() as session:
            needs.close(session.get_one(Need, need_id), actor=session.get_one(User, owner_id))

    seen = race(app, [offer, close])

    assert "done" in seen
    assert db.session.get_one(Need, need_id).state is NeedState.CLOSED
    waiting = db.session.execute(sa.select(NeedOffer)).unique().scalars().all()
    assert len(waiting) <= 1
    for row in waiting:
        with pytest.raises(Conflict), transaction() as session:
            offering.agree(session.get_one(NeedOffer, row.id), actor=session.get_one(User, owner_id))
    assert db.session.execute(sa.select(sa.func.count(HelpRequest.id))).scalar_one() == 0


def test_agreeing_to_an_offer_while_the_need_is_closed_is_one_or_the_other(app, owner, mentor):
    need = a_need(actor=owner, listed=True)
    with transaction():
        offer_id = offering.offer(need, mentor[1], actor=mentor[0], message="做过两个类似的项目").id
    need_id, owner_id, person_id = need.id, owner.id, mentor[1].id

    def agree():
        with transaction() as session:
            offering.agree(session.get_one(NeedOffer, offer_id), actor=session.get_one(User, owner_id))

    def close():
        with transaction() as session:
            needs.close(session.get_one(Need, need_id), actor=session.get_one(User, owner_id))

    seen = race(app, [agree, close])

    made = db.session.execute(sa.select(HelpRequest.state)).scalars().all()
    state = db.session.get_one(Need, need_id).state
    assert "done" in seen
    assert rosters.profile_of(person_id).busy == len(made)
    if not made:
        assert state is NeedState.CLOSED
    else:
        assert made == [RequestState.ACCEPTED]
        assert state in {NeedState.MATCHED, NeedState.CLOSED}


def test_two_answers_to_the_same_other_time_count_as_one(app, owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        proposal_id = terms.propose(request, actor=mentor[0], moment=None, terms="改为线上").id
    request_id, owner_id, person_id = request.id, owner.id, mentor[1].id

    def answer(service):
        with transaction() as session:
            row, asked = session.get_one(Proposal, proposal_id), session.get_one(HelpRequest, request_id)
            service(row, asked, actor=session.get_one(User, owner_id))

    tasks = [lambda: answer(requests.agree), lambda: answer(terms.refuse), lambda: answer(requests.agree)]
    seen = race(app, tasks)

    state = db.session.get_one(Proposal, proposal_id).state
    agreed = state is ProposalState.AGREED
    assert seen == ["Conflict", "Conflict", "done"]
    assert state in {ProposalState.AGREED, ProposalState.REFUSED}
    assert db.session.get_one(HelpRequest, request_id).state is (
        RequestState.ACCEPTED if agreed else RequestState.ASKED
    )
    assert rosters.profile_of(person_id).busy == int(agreed)


def test_confirming_and_correcting_a_session_at_once_is_one_or_the_other(app, owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        requests.accept(request, actor=mentor[0])
    with transaction():
        session_id = outcomes.record_service(
            request, actor=owner, served=clock.today(), minutes=90, place="厂里", content="看录像，定方案"
        ).id
    request_id, mentor_id = request.id, mentor[0].id
    otherwise = {"served": clock.today(), "minutes": 30, "place": "电话", "content": "只谈了一次"}

    def say(service, **values):
        with transaction() as session:
            row, held = session.get_one(HelpRequest, request_id), session.get_one(RequestService, session_id)
            service(row, held, actor=session.get_one(User, mentor_id), **values)

    tasks = [lambda: say(outcomes.confirm), lambda: say(outcomes.correct_session, **otherwise)]
    seen = race(app, [*tasks, tasks[0]])

    record = db.session.get_one(RequestService, session_id).record
    assert seen == ["Conflict", "Conflict", "done"]
    assert record.helper_confirmed is not None
    assert (record.minutes, record.client_confirmed is None) in {(90, False), (30, True)}
