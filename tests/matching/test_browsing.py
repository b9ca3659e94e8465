"""The other direction: needs ranked for a helper, offers, "not for me", what was shown, and the weekly letter."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.matching import access, jobs, queries
from matchmaker.matching.models import Dismissal, Impression
from matchmaker.matching.rules import Barrier, DismissReason, NeedState, OfferState, RequestState, Secrecy, Side
from matchmaker.matching.services import browsing, digest, dismissals, offering, requests, suggesting
from matchmaker.notifications.models import Message
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.services import profiles
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, TITLE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
FIRM = "雪峰安防科技有限公司"


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(name=FIRM), name="顾文静")


@pytest.fixture
def mentor(app):
    user = a_user(Role.MENTOR, name="秦志远")
    return user, a_helper(user=user, name="秦志远", expertise=EXPERTISE)


def listed(owner, **values):
    return a_need(actor=owner, listed=True, **values)


def titles(person):
    return [each.need.title for each in browsing.for_helper(person).found]


def an_offer(need, mentor, message="做过两个类似的项目"):
    with transaction():
        return offering.offer(need, mentor[1], actor=mentor[0], message=message)


def mails():
    return db.session.execute(sa.select(Message).order_by(Message.id)).scalars().all()


def test_the_need_that_fits_best_comes_first_with_its_reasons(owner, mentor):
    listed(owner, title="报税", text="财务报表怎么做，税务怎么筹划，误报怎么办")
    listed(owner)

    found = browsing.for_helper(mentor[1]).found

    assert [each.need.title for each in found] == [TITLE, "报税"]
    assert found[0].explanation["shares"]


def test_only_listed_open_needs_in_time_are_found(owner, mentor, now):
    a_need(actor=owner, title="不给看")
    listed(owner, title="草稿", draft=True)
    listed(owner, title="今天截止", deadline=clock.today())
    assert titles(mentor[1]) == ["今天截止"]

    with clock.frozen(now + timedelta(days=1)):
        assert titles(mentor[1]) == []


def test_what_was_asked_declined_offered_or_dismissed_is_not_found_again(owner, mentor):
    asked, offered, dismissed = (listed(owner, title=f"需求{n}") for n in range(3))
    assert len(titles(mentor[1])) == 3
    a_request(asked, mentor[1], actor=owner)
    an_offer(offered, mentor)
    with transaction():
        dismissals.dismiss(dismissed, mentor[1], actor=mentor[0], side=Side.HELPER, reason=DismissReason.NOT_MY_FIELD)

    assert titles(mentor[1]) == []


def test_own_and_restricted_needs_are_not_found(owner, mentor):
    own = a_helper(user=owner, name="自己人", expertise=EXPERTISE)
    listed(owner, title="保密", secrecy=Secrecy.RESTRICTED)
    listed(owner)
    assert (titles(own), titles(mentor[1])) == ([], [TITLE])

    with transaction():
        profiles.edit(mentor[1], actor=None, capacity=3, confidential=True)

    assert set(titles(mentor[1])) == {TITLE, "保密"}


def test_an_offer_that_is_agreed_to_is_an_accepted_request(owner, mentor):
    need = listed(owner)
    row = an_offer(need, mentor)
    assert "愿意帮助您" in mails()[-1].subject

    with transaction():
        request = offering.agree(row, actor=owner, answer="周五见")

    assert (row.state, request.state, request.offered, need.state) == (
        OfferState.AGREED,
        RequestState.ACCEPTED,
        True,
        NeedState.MATCHED,
    )
    assert rosters.profile_of(mentor[1].id).busy == 1
    assert access.may_see_contacts(mentor[0], request)
    with pytest.raises(Conflict), transaction():
        offering.refuse(row, actor=owner)


def test_offers_are_refused_taken_back_and_run_out(owner, mentor, now):
    first, second, third = (an_offer(listed(owner, title=f"需求{n}"), mentor) for n in range(3))
    with transaction():
        offering.refuse(first, actor=owner, answer="已有人选")
    with transaction():
        offering.take_back(second, actor=mentor[0])
    with clock.frozen(now + timedelta(days=14)):
        with pytest.raises(Conflict, match="已过期"), transaction():
            offering.agree(third, actor=owner)
        with transaction():
            offering.expire_due()

    db.session.expire_all()
    assert [row.state for row in (first, second, third)] == [
        OfferState.REFUSED,
        OfferState.WITHDRAWN,
        OfferState.EXPIRED,
    ]
    assert "已有人选" in mails()[-1].text


def test_an_offer_says_something_without_contacts_and_five_wait_at_most(owner, mentor):
    need = listed(owner)
    for message, words in ((" 👍 ", "一两句话"), ("打 13800001234", "不要写电话")):
        with pytest.raises(DomainError, match=words):
            an_offer(need, mentor, message)
    for n in range(5):
        an_offer(listed(owner, title=f"需求{n}"), mentor)

    with pytest.raises(Conflict, match="已有 5 项"):
        an_offer(need, mentor)


def test_who_has_no_place_or_no_right_offers_nothing(owner, mentor):
    need = listed(owner)
    with pytest.raises(NotPermitted), transaction():
        offering.offer(need, mentor[1], actor=owner, message="代他自荐")
    with pytest.raises(Missing):
        an_offer(a_need(actor=owner), mentor)
    with transaction():
        profiles.edit(mentor[1], actor=None, capacity=0)

    assert browsing.for_helper(mentor[1]).hindrance is Barrier.NO_CAPACITY
    with pytest.raises(Conflict, match="名额已满"):
        an_offer(need, mentor)


def test_not_for_me_is_kept_with_the_score_and_undone(owner, mentor):
    need = listed(owner)
    score = browsing.for_helper(mentor[1]).found[0].explanation["score"]
    with transaction():
        dismissals.dismiss(need, mentor[1], actor=mentor[0], side=Side.HELPER, reason=DismissReason.TOO_FAR)
    assert [item.barrier for item in suggesting.suggest(need).aside] == [Barrier.DECLINED]

    with transaction():
        dismissals.undo(need, mentor[1], actor=mentor[0], side=Side.HELPER)

    row = db.session.execute(sa.select(Dismissal)).scalar_one()
    assert (row.reason, row.explanation["score"], row.undone is not None) == (DismissReason.TOO_FAR, score, True)
    assert titles(mentor[1]) == [TITLE]


def test_an_owner_hides_a_helper_for_one_need_and_brings_them_back(client, owner, mentor):
    need, other = listed(owner), listed(owner)
    sign_in(client, owner)
    path = f"/needs/{need.id}/suggestions"
    assert "秦志远" in client.get(path).text

    assert client.post(f"{path}/{mentor[1].id}/dismiss", data={"reason": "known"}).status_code == 303

    page = client.get(path).text
    assert f'value="{mentor[1].id}"' not in page
    assert "已隐藏" in page
    assert f'value="{mentor[1].id}"' in client.get(f"/needs/{other.id}/suggestions").text
    client.post(f"{path}/{mentor[1].id}/restore")
    assert f'value="{mentor[1].id}"' in client.get(path).text


def test_what_was_shown_is_written_once_a_day(client, owner, mentor, now, count_queries):
    need = listed(owner)
    sign_in(client, owner)
    for _ in range(3):
        client.get(f"/needs/{need.id}/suggestions")
    rows = db.session.execute(sa.select(Impression)).scalars().all()
    assert [(row.need_id, row.person_id, row.side, row.rank, row.engine) for row in rows] == [
        (need.id, mentor[1].id, Side.OWNER, 1, "lexical")
    ]
    count_queries.clear()
    client.get(f"/needs/{need.id}/suggestions")
    assert not any("INSERT INTO suggestion_impressions" in text for text in count_queries)

    with clock.frozen(now + timedelta(days=1)):
        sign_in(client, owner)
        client.get(f"/needs/{need.id}/suggestions")

    assert db.session.execute(sa.select(sa.func.count(Impression.id))).scalar_one() == 2


def test_a_helper_finds_offers_hides_and_restores_on_the_pages(client, owner, mentor):
    need = listed(owner, secrecy=Secrecy.ANONYMOUS)
    sign_in(client, mentor[0])
    page = client.get("/needs/open/").text
    assert (TITLE in page, FIRM in page, "（保密）" in page) == (True, False, True)
    one = client.get(f"/needs/open/{need.id}").text
    assert ("为什么推荐给我" in one, FIRM in one) == (True, False)

    assert client.post(f"/needs/open/{need.id}/dismiss", data={}).status_code == 422
    assert client.post(f"/needs/open/{need.id}/dismiss", data={"reason": "no_time"}).status_code == 303
    assert client.get(f"/needs/open/{need.id}").status_code == 404
    client.post(f"/needs/open/{need.id}/restore")
    assert client.post(f"/needs/open/{need.id}", data={"message": ""}).status_code == 422
    assert client.post(f"/needs/open/{need.id}", data={"message": "做过两个"}).status_code == 303
    assert "待需求方决定" in client.get("/needs/open/").text

    row = db.session.execute(queries.offers_of(need.id)).unique().scalar_one()
    assert client.get(f"/needs/offers/{row.id}").status_code == 404
    with client.session_transaction() as session:
        session.clear()
    sign_in(client, owner)
    assert "做过两个" in client.get(f"/needs/{need.id}").text
    agreed = client.post(f"/needs/offers/{row.id}/agree", data={"answer": "周五见"})
    assert "已接受" in client.get(agreed.location).text


@pytest.mark.parametrize("rows", [1, 3])
def test_looking_through_needs_runs_the_same_queries_for_any_number(client, owner, mentor, count_queries, rows):
    for n in range(rows):
        listed(owner, title=f"需求{n}")
    sign_in(client, mentor[0])
    client.get("/needs/open/")
    count_queries.clear()

    page = client.get("/needs/open/").text

    assert f"需求{rows - 1}" in page
    assert len(count_queries) <= 18


def test_the_weekly_letter_has_five_needs_once_a_week_and_ends_by_its_link(client, owner, mentor, now):
    assert jobs.write_digests() == 0
    for n in range(7):
        listed(owner, title=f"识别率需求{n}", secrecy=Secrecy.ANONYMOUS)
    before = len(mails())

    assert (jobs.write_digests(), jobs.write_digests()) == (1, 0)

    (letter,) = mails()[before:]
    assert letter.user_id == mentor[0].id
    assert (letter.text.count("/needs/open/"), FIRM in letter.text) == (5, False)
    path = next(word for word in letter.text.split() if "/digest/" in word).split("example.cn")[-1]
    path = path[path.index("/digest/") :]
    assert "退订" in client.get(path).text
    assert digest.wants(mentor[1])
    assert client.post(path).status_code == 200
    assert not digest.wants(mentor[1])
    with clock.frozen(now + timedelta(days=7)):
        assert jobs.write_digests() == 0
    assert client.get("/digest/forged").status_code == 404


def test_a_letter_comes_again_the_next_week_and_never_an_empty_one(owner, mentor, now):
    need = listed(owner)
    assert jobs.write_digests() == 1
    with clock.frozen(now + timedelta(days=7)):
        assert jobs.write_digests() == 1
    a_request(need, mentor[1], actor=owner)

    with clock.frozen(now + timedelta(days=14)):
        assert jobs.write_digests() == 0


def test_who_opted_out_gets_no_letter(owner, mentor):
    listed(owner)
    with transaction():
        profiles.edit(mentor[1], actor=None, capacity=3, opted_out=True)

    assert jobs.write_digests() == 0


def test_an_offer_for_the_last_place_and_a_yes_to_another_cannot_both_win(owner, mentor):
    with transaction():
        profiles.edit(mentor[1], actor=None, capacity=1)
    row = an_offer(listed(owner), mentor)
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        requests.accept(request, actor=mentor[0])

    with pytest.raises(Conflict, match="已满"), transaction():
        offering.agree(row, actor=owner)

    db.session.expire_all()
    assert (row.state, rosters.profile_of(mentor[1].id).busy) == (OfferState.WAITING, 1)
