"""Other terms, and handing a request to a colleague: signed in and by the link."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.matching import access, queries
from matchmaker.matching.models import HelpRequest
from matchmaker.matching.rules import Barrier, DeclineReason, ProposalState, RequestState, Secrecy
from matchmaker.matching.services import links, passing, requests, suggesting, terms
from matchmaker.notifications.models import Message
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.services import profiles
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(name="雪峰安防科技有限公司"), name="顾文静")


@pytest.fixture
def mentor(app):
    user = a_user(Role.MENTOR, name="秦志远")
    return user, a_helper(user=user, name="秦志远", expertise=EXPERTISE)


@pytest.fixture
def colleague(app):
    user = a_user(Role.MENTOR, name="罗敏")
    return user, a_helper(user=user, name="罗敏", expertise="夜间视频识别")


def last_mail():
    return db.session.execute(sa.select(Message).order_by(Message.id.desc())).scalars().first()


def mails_to(user):
    return db.session.execute(sa.select(Message.subject).where(Message.user_id == user.id)).scalars().all()


def token():
    statement = sa.select(Message.text).where(Message.text.contains("/r/")).order_by(Message.id.desc())
    text = db.session.execute(statement).scalars().first()
    return next(word for word in text.split() if "/r/" in word).rsplit("/r/")[1]


def proposed(request, actor, **values):
    given = {"moment": clock.now() + timedelta(days=3), "terms": "改线上", **values}
    with transaction():
        return terms.propose(request, actor=actor, **given)


def test_the_owner_agrees_to_another_time_and_that_is_the_yes(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    row = proposed(request, mentor[0])
    assert (request.state, "调整" in last_mail().subject) == (RequestState.ASKED, True)

    with transaction():
        requests.agree(row, request, actor=owner)

    assert (row.state, request.state, request.note) == (ProposalState.AGREED, RequestState.ACCEPTED, "改线上")
    assert rosters.profile_of(mentor[1].id).busy == 1
    assert access.may_see_contacts(mentor[0], request)


def test_after_a_refusal_the_helper_may_still_accept_or_propose_again(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    row = proposed(request, mentor[0])
    with pytest.raises(Conflict, match="已提出过"):
        proposed(request, mentor[0])

    with transaction():
        terms.refuse(row, request, actor=owner, answer="只有这周有空")
    again = proposed(request, mentor[0], terms="那就周五")
    with transaction():
        requests.accept(request, actor=mentor[0])

    assert (row.state, again.state, request.state) == (
        ProposalState.REFUSED,
        ProposalState.OVER,
        RequestState.ACCEPTED,
    )
    with pytest.raises(Conflict), transaction():
        requests.agree(again, request, actor=owner)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"moment": None, "terms": " "}, "选一个时间"),
        ({"moment": "past"}, "已经过去"),
        ({"moment": "far"}, "一年以内"),
        ({"terms": "打 13800001234"}, "不要写电话"),
    ],
)
def test_a_proposal_says_something_possible(owner, mentor, now, values, words):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    moments = {"past": now - timedelta(seconds=1), "far": now + timedelta(days=400)}
    given = {**values, "moment": moments.get(values.get("moment", ""))}

    with pytest.raises(DomainError, match=words):
        proposed(request, mentor[0], **given)


def test_a_late_proposal_leaves_the_owner_three_days(owner, mentor, now):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)

    with clock.frozen(request.expires - timedelta(minutes=1)):
        proposed(request, mentor[0])
        asked = clock.now()

    assert request.expires == asked + timedelta(days=3)


def test_only_the_owner_answers_terms(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    row = proposed(request, mentor[0])

    for stranger in (mentor[0], a_user()):
        with pytest.raises(NotPermitted), transaction():
            requests.agree(row, request, actor=stranger)


def test_a_request_moves_to_the_colleague_and_everybody_is_told(owner, mentor, colleague):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    old = token()

    with transaction():
        passing.pass_on(request, actor=mentor[0], colleague=colleague[1], note="您做过夜间的")

    assert (request.person_id, request.state) == (colleague[1].id, RequestState.ASKED)
    assert (len(mails_to(owner)), len(mails_to(colleague[0]))) == (1, 1)
    with pytest.raises(Missing):
        links.open_link(old)
    assert links.open_link(token()).id == request.id
    assert not access.may_answer(mentor[0], request)
    assert {i.person.id: i.barrier for i in suggesting.suggest(request.need).aside} == {mentor[1].id: Barrier.DECLINED}
    with transaction():
        requests.accept(request, actor=colleague[0])
    assert rosters.profile_of(colleague[1].id).busy == 1


def barred(person, **values):
    with transaction():
        profiles.edit(person, actor=None, **{"capacity": 3, **values})


@pytest.mark.parametrize(
    ("values", "words"), [({"opted_out": True}, "不接受推荐"), ({"capacity": 0}, "名额已满")], ids=["out", "full"]
)
def test_a_colleague_keeps_the_rules_of_everybody(owner, mentor, colleague, values, words):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    barred(colleague[1], **values)

    with pytest.raises(Conflict, match=words), transaction():
        passing.pass_on(request, actor=mentor[0], colleague=colleague[1])

    assert request.person_id == mentor[1].id


def test_a_restricted_need_is_passed_to_the_cleared_only(owner, mentor, colleague):
    barred(mentor[1], confidential=True)
    request = a_request(a_need(actor=owner, secrecy=Secrecy.RESTRICTED), mentor[1], actor=owner)
    with pytest.raises(Conflict, match="保密等级"), transaction():
        passing.pass_on(request, actor=mentor[0], colleague=colleague[1])

    barred(colleague[1], confidential=True)
    with transaction():
        passing.pass_on(request, actor=mentor[0], colleague=colleague[1])

    assert request.person_id == colleague[1].id


def test_own_people_the_same_person_and_the_already_asked_get_nothing_passed(owner, mentor, colleague):
    need = a_need(actor=owner)
    request = a_request(need, mentor[1], actor=owner)
    a_request(need, colleague[1], actor=owner)
    own = a_helper(user=owner, name="本单位的人", expertise=EXPERTISE)

    for target, words in ((mentor[1], "自己"), (own, "须回避"), (colleague[1], "已经邀请过")):
        with pytest.raises(DomainError, match=words), transaction():
            passing.pass_on(request, actor=mentor[0], colleague=target)


def test_a_request_never_returns_to_who_gave_it_away(owner, mentor, colleague):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        passing.pass_on(request, actor=mentor[0], colleague=colleague[1])

    with pytest.raises(Conflict, match="已婉拒过"), transaction():
        passing.pass_on(request, actor=colleague[0], colleague=mentor[1])


def test_a_colleague_is_found_by_name_and_by_unit_where_two_share_it(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    one = a_helper(name="王芳", unit_text="农业大学", phone="13000000001")
    a_helper(name="王芳", unit_text="石油研究所", phone="13000000002")

    with pytest.raises(DomainError, match="2 位同名"):
        passing.find(request, "王芳")
    assert passing.find(request, "王芳 农业大学").id == one.id
    with pytest.raises(DomainError, match="没有找到"):
        passing.find(request, "无此人")


def test_a_helper_has_five_unanswered_questions_at_most(owner, mentor):
    for _ in range(5):
        first = a_request(a_need(actor=owner), mentor[1], actor=owner)
    need = a_need(actor=owner)
    with pytest.raises(Conflict, match="已有 5 项"):
        a_request(need, mentor[1], actor=owner)

    with transaction():
        requests.decline(first, actor=mentor[0], reason=DeclineReason.NO_TIME)

    assert a_request(need, mentor[1], actor=owner).state is RequestState.ASKED


def test_a_term_that_ended_since_the_question_stops_the_yes(owner, mentor, now):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    appointment = db.session.execute(rosters.of_person(mentor[1].id)).scalars().first()
    with transaction():
        appointment.ended = clock.today() - timedelta(days=1)

    with pytest.raises(Conflict, match="聘期已结束"), transaction():
        requests.accept(request, actor=mentor[0])

    assert (request.state, rosters.profile_of(mentor[1].id).busy) == (RequestState.ASKED, 0)


def test_all_four_answers_stand_behind_the_link(client, owner, mentor, colleague):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    path = f"/r/{token()}"
    page = client.get(path).text
    assert all(words in page for words in ("接受邀请", "另提时间或条件", "转请同事", "确定婉拒", "为什么推荐"))

    bare = client.post(path + "/propose", data={})
    wrong = client.post(path + "/pass", data={"colleague": "无此人"})
    assert (bare.status_code, wrong.status_code) == (422, 422)
    assert "请选一个时间" in bare.text
    assert client.post(path + "/propose", data={"terms": "改线上"}).status_code == 303
    assert "待需求方确认" in client.get(path).text
    moved = client.post(path + "/pass", data={"colleague": "罗敏"})

    assert (moved.status_code, "已转请罗敏" in moved.text) == (200, True)
    assert client.get(path).status_code == 404
    assert db.session.execute(queries.proposals_of(request.id)).scalar_one().state is ProposalState.OVER
    assert db.session.get(HelpRequest, request.id).person_id == colleague[1].id
