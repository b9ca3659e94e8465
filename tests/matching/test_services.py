"""Stating, asking, answering and closing against a real database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, Missing, NotPermitted
from matchmaker.matching import access, queries
from matchmaker.matching.models import Need, Referral
from matchmaker.matching.rules import Barrier, DeclineReason, NeedKind, NeedState, ReferralState, RequestState, Secrecy
from matchmaker.matching.services import contacts, links, requests, suggesting
from matchmaker.notifications.models import Message
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.rules import AppointmentKind
from matchmaker.rosters.services import profiles
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import a_person, an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")
SERVED = {"minutes": 60, "place": "线上", "content": "看录像，定方案"}


@pytest.fixture
def owner(app):
    return a_user(organisation=an_organisation(name="雪峰安防科技有限公司", short_name="雪峰安防"), name="顾文静")


@pytest.fixture
def mentor(app):
    user = a_user(name="秦志远")
    person = a_helper(user=user, name="秦志远", expertise=EXPERTISE)
    return user, person


def mails():
    return db.session.execute(sa.select(Message).order_by(Message.id)).scalars().all()


def token_of(message):
    return next(line for line in message.text.split() if "/r/" in line).rsplit("/r/")[1]


def test_the_best_helper_comes_first_with_shares_that_add_up(owner, mentor):
    a_helper(name="别的导师", expertise="财务报表与税务筹划，识别成本")
    need = a_need(actor=owner, fields=["1"])

    found = suggesting.suggest(need).best

    assert [item.person.name for item in found] == ["秦志远", "别的导师"]
    for item in found:
        total = sum(Decimal(share["points"]) for share in item.explanation["shares"])
        assert total == Decimal(item.explanation["score"]) > 0
    assert "识别" in "".join(found[0].explanation["terms"])


def test_an_edited_profile_is_found_by_the_next_query(owner, mentor):
    _user, person = mentor
    need = a_need(actor=owner, title="羊绒分梳", text="羊绒分梳机断毛太多，想找懂纤维的老师")
    assert [item.explanation["terms"] for item in suggesting.suggest(need).best] == [[]]

    with transaction():
        profiles.edit(person, actor=None, capacity=3, expertise="羊绒分梳与纤维损伤")

    (item,) = suggesting.suggest(need).best
    assert (item.person.id, "羊绒分梳" in item.explanation["terms"]) == (person.id, True)


def test_funding_needs_find_investors_only(owner, mentor):
    investor = a_helper(name="投资人", kind=AppointmentKind.INVESTOR, expertise="看重低光照识别")
    need = a_need(actor=owner, kind=NeedKind.FUNDING, budget_fen=100_000_000)

    assert [item.person.id for item in suggesting.suggest(need).best] == [investor.id]


@pytest.mark.parametrize(
    ("values", "barrier"),
    [
        ({"opted_out": True, "capacity": 3}, Barrier.OPTED_OUT),
        ({"capacity": 0}, Barrier.NO_CAPACITY),
    ],
)
def test_who_may_not_be_suggested_is_set_aside_with_the_reason(owner, mentor, values, barrier):
    with transaction():
        profiles.edit(mentor[1], actor=None, **values)

    found = suggesting.suggest(a_need(actor=owner))

    assert (found.best, [item.barrier for item in found.aside]) == ([], [barrier])


def test_a_restricted_need_is_for_those_who_signed(owner, mentor):
    need = a_need(actor=owner, secrecy=Secrecy.RESTRICTED)
    assert [item.barrier for item in suggesting.suggest(need).aside] == [Barrier.SECRECY]

    with transaction():
        profiles.edit(mentor[1], actor=None, capacity=3, confidential=True)

    assert len(suggesting.suggest(need).best) == 1


def test_own_people_are_not_suggested(owner):
    helper = a_helper(user=owner, expertise=EXPERTISE)

    found = suggesting.suggest(a_need(actor=owner))

    assert (found.best, [(i.person.id, i.barrier) for i in found.aside]) == ([], [(helper.id, Barrier.RECUSED)])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "请用文字"),
        ("🤖🤖 123 ！！", "请用文字"),
        ("字" * 200_000, "最多 5000"),
        ("请打 138 0000 1234 找我", "不要写电话"),
        ("联系 a@b.cn", "不要写电话"),
        ("座机 0991-1234567", "不要写电话"),
    ],
)
def test_a_need_that_says_too_little_or_too_much_is_refused(owner, text, sentence):
    with pytest.raises(DomainError, match=sentence):
        a_need(actor=owner, text=text)

    assert db.session.execute(sa.select(sa.func.count(Need.id))).scalar_one() == 0


def test_a_secret_need_may_not_name_its_firm(owner):
    with pytest.raises(DomainError, match="单位名称"):
        a_need(actor=owner, secrecy=Secrecy.ANONYMOUS, text="我们雪峰 安防遇到误报问题")


def test_a_need_for_a_stranger_s_firm_is_refused(owner):
    with pytest.raises(NotPermitted):
        a_need(actor=owner, organisation_id=an_organisation().id)


def test_asking_mails_a_link_that_answers_without_password(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner, message="先看看录像？")

    (mail,) = mails()
    found = links.open_link(token_of(mail))
    assert (found.id, mail.address) == (request.id, mentor[0].email)
    with transaction():
        requests.accept(found, actor=access.LinkBearer(found.id, "秦志远"))

    assert (request.state, request.answered_by_link) == (RequestState.ACCEPTED, True)
    assert request.need.state is NeedState.MATCHED
    assert rosters.profile_of(mentor[1].id).busy == 1


def test_contacts_are_exchanged_only_by_acceptance(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    assert contacts.of(request, viewer=owner) is None
    with pytest.raises(NotPermitted):
        contacts.for_mail(request)

    with transaction():
        requests.accept(request, actor=mentor[0])

    firm, helper = contacts.of(request, viewer=owner)
    assert (firm.email, helper.phone) == (owner.email, mentor[1].phone)
    assert contacts.of(request, viewer=a_user()) is None
    _asked, to_owner, to_helper = mails()
    assert helper.phone in to_owner.text
    assert owner.email in to_helper.text


def test_one_answer_only(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        requests.decline(request, actor=mentor[0], reason=DeclineReason.NO_TIME)

    with pytest.raises(Conflict, match="已婉拒"), transaction():
        requests.accept(request, actor=mentor[0])

    assert (request.state, request.reason) == (RequestState.DECLINED, DeclineReason.NO_TIME)
    assert [item.barrier for item in suggesting.suggest(request.need).aside] == [Barrier.DECLINED]


def test_another_reason_is_written_out(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)

    with pytest.raises(DomainError, match="写一句"), transaction():
        requests.decline(request, actor=mentor[0], reason=DeclineReason.OTHER)


def test_only_the_person_asked_may_answer(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)

    for stranger in (owner, a_user(Role.HANDLER), access.LinkBearer(request.id + 1, "别人")):
        with pytest.raises(NotPermitted), transaction():
            requests.accept(request, actor=stranger)

    assert request.state is RequestState.ASKED


def test_an_answer_after_the_term_is_refused_and_the_job_expires_it(owner, mentor, now):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)

    with clock.frozen(now + timedelta(days=14)):
        with pytest.raises(Conflict, match="期限已过"), transaction():
            requests.accept(request, actor=mentor[0])
        with transaction():
            assert requests.expire_due() == 1
        with transaction():
            assert requests.expire_due() == 0

    assert request.state is RequestState.EXPIRED


@pytest.mark.parametrize("damage", [lambda t: t[:-2], lambda t: "x" + t, lambda t: "", lambda t: t + "A"])
def test_a_damaged_link_opens_nothing(owner, mentor, damage):
    a_request(a_need(actor=owner), mentor[1], actor=owner)

    with pytest.raises(Missing, match="无效"):
        links.open_link(damage(token_of(mails()[0])))


def test_a_new_link_replaces_the_old_one(owner, mentor):
    request = a_request(a_need(actor=owner), mentor[1], actor=owner)
    with transaction():
        requests.remind(request, actor=owner)
    old, new = (token_of(mail) for mail in mails())

    with pytest.raises(Missing, match="新的链接"):
        links.open_link(old)
    assert links.open_link(new).id == request.id


def test_a_person_out_of_reach_cannot_be_asked_and_the_handler_is_told(owner):
    handler = a_user(Role.HANDLER)
    a_user(Role.HANDLER, region=OTHER_REGION)
    sample = a_helper(name="样例研究者 03", expertise=EXPERTISE, phone=None, sample=True)
    need = a_need(actor=owner)

    with transaction():
        asked = requests.ask(need, actor=owner, person_ids=[sample.id])

    assert (asked.requests, len(asked.referrals)) == ([], 1)
    assert [(m.user_id, "样例研究者 03" in m.text) for m in mails()] == [(handler.id, True)]
    with pytest.raises(Conflict, match="已请经办人"), transaction():
        requests.ask(need, actor=owner, person_ids=[sample.id])
    referral = db.session.execute(sa.select(Referral)).scalar_one()
    with pytest.raises(NotPermitted), transaction():
        requests.resolve(referral, actor=owner, resolution="好")
    with transaction():
        requests.resolve(referral, actor=handler, resolution="本人已调离")
    assert referral.state is ReferralState.DONE
    assert "本人已调离" in mails()[-1].text


def test_asking_is_all_or_nobody(owner, mentor):
    need, stranger = a_need(actor=owner), a_person()

    with pytest.raises(Missing), transaction():
        requests.ask(need, actor=owner, person_ids=[mentor[1].id, stranger.id])

    assert queries.live_count(need.id) == 0
    assert mails() == []


def test_nobody_is_asked_twice_and_too_many_are_refused(owner, mentor):
    need = a_need(actor=owner)
    a_request(need, mentor[1], actor=owner)

    with pytest.raises(Conflict, match="已经邀请过"):
        a_request(need, mentor[1], actor=owner)
    with pytest.raises(DomainError, match="最多同时邀请 10 位"), transaction():
        requests.ask(need, actor=owner, person_ids=list(range(1000, 1010)))
    with pytest.raises(DomainError, match="至少勾选"), transaction():
        requests.ask(need, actor=owner, person_ids=[])


def test_strangers_may_not_ask(owner, mentor):
    with pytest.raises(NotPermitted):
        a_request(a_need(actor=owner), mentor[1], actor=a_user())


def test_the_last_place_goes_to_one(owner):
    user = a_user()
    person = a_helper(user=user, expertise=EXPERTISE, capacity=1)
    first, second = (a_request(a_need(actor=owner), person, actor=owner) for _ in range(2))
    with transaction():
        requests.accept(first, actor=user)

    with pytest.raises(Conflict, match="已满"), transaction():
        requests.accept(second, actor=user)

    assert (second.state, rosters.profile_of(person.id).busy) == (RequestState.ASKED, 1)
