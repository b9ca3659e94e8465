"""Renewing and ending by two people, resigning by the person alone; letters, roles and agreements follow."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.activity import queries as activity
from matchmaker.candidacies import queries
from matchmaker.candidacies.rules import AgreementState
from matchmaker.candidacies.services import appointing, terms
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.notifications.models import Message
from matchmaker.publicity.models import Decision
from matchmaker.publicity.rules import CertificateState, DecisionState
from matchmaker.rosters import desk
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from matchmaker.rosters.services import appointments
from tests.cast import OTHER_REGION, REGION, a_user, sign_in
from tests.factories.candidacies import an_agreement
from tests.factories.directory import a_person
from tests.factories.rosters import a_helper, an_appointment

S = AppointmentState
ENVOY = AppointmentKind.ENVOY


@pytest.fixture
def handler(app, now):
    return a_user(Role.HANDLER, name="经办人甲")


@pytest.fixture
def approver(handler):
    return a_user(Role.APPROVER, name="审批人乙")


@pytest.fixture
def helper(handler):
    return a_user(name="秦朗")


def a_post(user, *, handler=None, approver=None, kind=AppointmentKind.MENTOR, **values):
    """The post of a helper with an account; with a letter when two people are given."""
    post = an_appointment(a_person(user_id=user.id, name=user.name), kind=kind, **values)
    if handler is not None:
        with transaction():
            appointing.propose_letter(post, actor=handler, reason="补发聘书")
        with transaction():
            appointing.confirm_letter(post, actor=approver)
    return post


def dismissed(post, handler, approver, *, days=0, how=S.DISMISSED):
    with transaction():
        terms.propose_ending(
            post, actor=handler, how=how, reason="连续三次爽约", day=clock.today() + timedelta(days=days)
        )
    with transaction():
        terms.confirm(post, actor=approver)


def mails_to(user):
    rows = db.session.execute(sa.select(Message).where(Message.user_id == user.id).order_by(Message.id)).scalars()
    return [(row.subject, row.text) for row in rows]


def test_a_dismissal_waits_for_a_second_person_and_then_takes_role_and_letter(handler, approver, helper):
    post = a_post(helper, handler=handler, approver=approver)
    with transaction():
        terms.propose_ending(post, actor=handler, how=S.DISMISSED, reason="连续三次爽约", day=clock.today())
    assert (post.state, appointing.letter_of(post) is not None) == (S.SERVING, True)
    assert mails_to(helper) == []

    with transaction():
        terms.confirm(post, actor=approver)

    assert (post.state, post.ended, post.reason) == (S.DISMISSED, clock.today(), "连续三次爽约")
    assert Role.MENTOR not in helper.roles
    ((subject, text),) = mails_to(helper)
    assert "您的聘任已结束" in subject
    assert "连续三次爽约" in text
    kinds = [row.kind for row in activity.of(post)]
    assert "candidacies.ending_proposed" in kinds
    assert "rosters.ended" in kinds
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert appointing.letter_of(post) is None


def test_the_proposer_does_not_confirm_and_nobody_decides_about_themselves(handler, helper):
    both = a_user(Role.HANDLER, Role.APPROVER)
    post, own = a_post(helper), a_post(both, kind=AppointmentKind.EXPERT)
    ending = {"how": S.DISMISSED, "reason": "不履职", "day": clock.today()}
    with transaction():
        terms.propose_ending(post, actor=both, **ending)

    with pytest.raises(NotPermitted), transaction():
        terms.confirm(post, actor=both)
    with pytest.raises(NotPermitted, match="自己的聘任"), transaction():
        terms.propose_ending(own, actor=both, **ending)
    with transaction():
        terms.propose_ending(own, actor=handler, **ending)
    with pytest.raises(NotPermitted, match="自己的聘任"), transaction():
        terms.confirm(own, actor=both)
    third, elsewhere = a_post(a_user()), a_user(Role.HANDLER, region=OTHER_REGION)
    with pytest.raises(NotPermitted, match="区域"), transaction():
        terms.propose_ending(third, actor=elsewhere, **ending)

    assert (post.state, own.state) == (S.SERVING, S.SERVING)


def test_sent_back_with_a_reason_nothing_has_changed_and_it_can_be_proposed_again(handler, approver, helper):
    post = a_post(helper)
    ending = {"how": S.DISMISSED, "reason": "不履职", "day": clock.today()}
    with transaction():
        terms.propose_ending(post, actor=handler, **ending)
    with pytest.raises(Conflict, match="已提请复核"), transaction():
        terms.propose_ending(post, actor=handler, **ending)
    with transaction():
        terms.give_back(post, actor=approver, reason="请先约谈本人")

    assert (post.state, post.reason) == (S.SERVING, None)
    with pytest.raises(Conflict, match="刷新"), transaction():
        terms.confirm(post, actor=approver)
    dismissed(post, handler, approver)
    assert post.state is S.DISMISSED


def test_a_renewal_is_proposed_by_one_and_confirmed_by_another(handler, approver, helper):
    post = a_post(helper, handler=handler, approver=approver, starts=clock.today() - timedelta(days=330),
                  ends=clock.today() + timedelta(days=30))  # fmt: skip
    begins = post.ends + timedelta(days=1)
    term = {"document": "续聘 3 号", "starts": begins, "ends": begins + timedelta(days=730), "reason": "考核优秀"}
    with pytest.raises(DomainError, match="原聘期结束后"), transaction():
        terms.propose_renewal(post, actor=handler, **{**term, "starts": post.ends})
    with transaction():
        terms.propose_renewal(post, actor=handler, **term)
    assert len(db.session.execute(rosters.of_person(post.person_id)).scalars().all()) == 1

    with transaction():
        follower = terms.confirm(post, actor=approver)

    assert (post.state, follower.state, follower.renews_id) == (S.RENEWED, S.APPOINTED, post.id)
    ((subject, text),) = mails_to(helper)
    assert "续聘" in subject
    assert "续聘 3 号" in text
    assert appointing.letter_of(post) is not None  # it holds until its last day
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert appointing.letter_of(post) is None


def test_a_term_renewed_ahead_can_still_be_ended_before_the_new_one_begins(handler, approver, helper):
    post = a_post(helper, handler=handler, approver=approver, starts=clock.today() - timedelta(days=330),
                  ends=clock.today() + timedelta(days=30))  # fmt: skip
    begins = post.ends + timedelta(days=1)
    term = {"document": "续聘 3 号", "starts": begins, "ends": begins + timedelta(days=730), "reason": "考核优秀"}
    with transaction():
        terms.propose_renewal(post, actor=handler, **term)
    with transaction():
        follower = terms.confirm(post, actor=approver)

    dismissed(follower, handler, approver, days=5)

    assert (follower.state, post.ended) == (S.DISMISSED, clock.today() + timedelta(days=5))
    kind = AppointmentKind.MENTOR
    days = (5, 6, 31, 60)
    counted = [rosters.count_live(kind, REGION, clock.today() + timedelta(days=n)) for n in days]
    assert counted == [1, 0, 0, 0]
    with clock.frozen(clock.now() + timedelta(days=6)):
        assert appointing.letter_of(post) is None
    again = a_post_again(post.person)
    assert again.state is S.SERVING


def a_post_again(person):
    with clock.frozen(clock.now() + timedelta(days=40)):
        return an_appointment(person)


def test_resigning_is_the_helper_s_own_act_and_staff_take_note_once(app, handler, approver, helper):
    post = a_post(helper, handler=handler, approver=approver)
    with transaction():
        terms.propose_ending(post, actor=handler, how=S.DISMISSED, reason="不履职", day=clock.today())
    with transaction():
        terms.resign(post, actor=helper, reason="调往外地", day=clock.today())

    assert post.state is S.RESIGNED
    assert publicity_state(post) is DecisionState.RETURNED
    assert [subject for subject, _text in mails_to(handler)] == ["秦朗已辞任，请知悉"]
    assert len(mails_to(helper)) == 1
    with app.test_request_context():
        assert [item.title for item in desk.resignations(handler)] == ["秦朗（创业导师）已辞任，请登记知悉"]
    with transaction():
        appointments.take_note(post, actor=handler)
    with pytest.raises(Conflict, match="已有同事"), transaction():
        appointments.take_note(post, actor=handler)
    assert (post.noted_by_id, desk.resignations(handler)) == (handler.id, [])


def publicity_state(post):
    statement = sa.select(Decision.state).where(Decision.subject_id == post.id, Decision.kind == "rosters.ending")
    return db.session.execute(statement).scalar_one()


def test_the_public_check_says_since_when_and_nothing_more(client, handler, approver, helper):
    post = a_post(helper, handler=handler, approver=approver)
    letter = appointing.letter_of(post)
    address = f"/certificates/{letter.number}"
    dismissed(post, handler, approver, days=3)
    assert "不再有效" not in client.get(address).text  # it holds until the last day
    assert letter.state is CertificateState.VALID

    with clock.frozen(clock.now() + timedelta(days=4)):
        page = client.get(f"{address}?code={letter.code}").text
        paper = client.get(f"{address}/certificate.pdf?code={letter.code}")

    since = clock.today() + timedelta(days=4)
    assert f"自 {since.month}月{since.day}日" in page
    assert "不再有效" in page
    assert not any(word in page for word in ("爽约", "解聘", "撤销：", "None"))
    assert paper.status_code == 404


def test_a_letter_lapses_with_a_term_that_runs_out_and_is_not_listed_as_revoked(client, handler, approver, helper):
    post = a_post(helper, handler=handler, approver=approver, ends=clock.today() + timedelta(days=10))
    number = appointing.letter_of(post).number

    with clock.frozen(clock.now() + timedelta(days=11)):
        with transaction():
            assert appointments.turn_states() == 2  # the term and its letter
        with transaction():
            assert appointments.turn_states() == 0
        assert "不再有效" in client.get(f"/certificates/{number}").text
        sign_in(client, handler)
        assert number in client.get("/certificates/manage/?state=lapsed").text
        assert number not in client.get("/certificates/manage/?state=revoked").text
        assert number not in client.get("/certificates/manage/?state=valid").text


def test_an_envoy_s_agreements_end_with_the_post_and_the_firm_is_free(handler, approver):
    user = a_user(name="沈一航")
    person = a_helper(user=user, kind=ENVOY, name=user.name)
    agreement = an_agreement(person)
    draft = an_agreement(person, signed=False)
    draft_id = draft.id
    post = db.session.execute(rosters.of_person(person.id)).scalars().one()

    dismissed(post, handler, approver)

    assert (agreement.state, agreement.ended, agreement.reason) == (
        AgreementState.TERMINATED,
        clock.today(),
        "特派员聘任已结束",
    )
    assert db.session.get(queries.Agreement, draft_id) is None
    tomorrow = clock.today() + timedelta(days=1)
    assert queries.has_other_envoy(agreement.host_id, person_id=0, day=tomorrow) is False


def test_a_letter_is_not_issued_after_the_post_has_ended(handler, approver, helper):
    post = a_post(helper)
    with transaction():
        appointing.propose_letter(post, actor=handler, reason="补发聘书")
    dismissed(post, handler, approver)

    with pytest.raises(Conflict, match="在聘"), transaction():
        appointing.confirm_letter(post, actor=approver)


def test_propose_confirm_and_take_note_by_the_pages(client, handler, approver, helper):
    post = a_post(helper)
    page, base = f"/rosters/appointments/{post.id}", f"/candidacies/posts/{post.id}"
    sign_in(client, handler)
    assert client.get(f"{base}/renew").status_code == client.get(f"{base}/end").status_code == 200
    empty = client.post(f"{base}/end", data={"how": "dismissed", "day": clock.today().isoformat(), "reason": ""})
    assert (empty.status_code, "本人会看到" in empty.text) == (422, True)
    done = client.post(f"{base}/end", data={"how": "dismissed", "day": clock.today().isoformat(), "reason": "不履职"})
    assert (done.status_code, "您是提请人" in client.get(page).text) == (303, True)
    assert client.post(f"{base}/confirm").status_code == 403

    sign_in(client, approver)
    assert "复核通过" in client.get(page).text
    assert client.post(f"{base}/give-back", data={"reason": "先约谈"}).status_code == 303
    sign_in(client, handler)
    assert "先约谈" in client.get(page).text
    client.post(f"{base}/end", data={"how": "dismissed", "day": clock.today().isoformat(), "reason": "不履职"})
    sign_in(client, approver)
    assert client.post(f"{base}/confirm").status_code == 303
    assert "解聘" in client.get(page).text

    other = a_post(a_user(name="许静"))
    sign_in(client, db.session.get_one(type(handler), other.person.user_id))
    assert client.post(
        f"/candidacies/posts/{other.id}/resign", data={"day": clock.today().isoformat(), "reason": "调离"}
    ).status_code == 303  # fmt: skip
    sign_in(client, handler)
    assert "请登记知悉" in client.get(f"/rosters/appointments/{other.id}").text
    assert client.post(f"/candidacies/posts/{other.id}/note").status_code == 303
    assert "登记知悉这份辞任" in client.get(f"/rosters/appointments/{other.id}").text
    assert rosters.count_live(AppointmentKind.MENTOR, REGION, clock.today() + timedelta(days=1)) == 0
