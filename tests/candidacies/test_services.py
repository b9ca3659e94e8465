"""From an application to a letter of appointment, and everything that stops it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.candidacies import queries
from matchmaker.candidacies.rules import AgreementState, Party
from matchmaker.candidacies.services import agreements, applying, appointing, choosing, reviewing
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.publicity.rules import ObjectionState
from matchmaker.publicity.services import certificates
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import AppointmentReview
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from matchmaker.rosters.rules.documents import Grade
from matchmaker.rosters.services import appointments
from tests.cast import REGION, a_user
from tests.factories import publicity
from tests.factories.candidacies import WORDS, a_candidacy, an_agreement
from tests.factories.directory import a_person, an_organisation
from tests.factories.rosters import a_helper

S = AppointmentState
TERM = {"document": "水科聘〔2026〕7 号", "reason": "公示无异议"}


@pytest.fixture
def handler(app, now):
    publicity.announced_years()
    return a_user(Role.HANDLER)


@pytest.fixture
def approver(handler):
    return a_user(Role.APPROVER)


def in_publicity(row, handler):
    with transaction():
        if row.state is not S.REVIEWING:
            reviewing.accept(row, actor=handler)
    with transaction():
        return reviewing.publish(
            [row],
            actor=handler,
            region=REGION,
            title="关于拟聘任人选的公示",
            working_days=5,
            contact_name="科技管理科",
            contact_phone="0991-0000001",
        )


def a_term():
    return {"starts": clock.today(), "ends": clock.today() + timedelta(days=1095), **TERM}


def test_a_mentor_applies_is_shown_to_the_public_and_appointed_by_two(handler, approver):
    user = a_user(name="秦朗")
    row = a_candidacy(user)
    notice = in_publicity(row, handler)
    assert (notice.starts.isoformat(), notice.ends.isoformat()) == ("2026-03-02", "2026-03-06")
    assert row.state is S.PUBLICITY

    with clock.frozen(clock.now() + timedelta(days=5)):
        with transaction():
            appointing.propose(row, actor=handler, **a_term())
        with transaction():
            appointment = appointing.confirm(row, actor=approver)

        letter = appointing.letter_of(appointment)

        assert (row.state, appointment.state) == (S.APPOINTED, S.SERVING)
        assert Role.MENTOR in user.roles
        assert letter.holder == "秦朗"
        assert appointment.certificate == letter.number
        assert letter.number.startswith("PD-2026-000001-")
        assert rosters.count_live(AppointmentKind.MENTOR, REGION, clock.today()) == 1


def test_nobody_is_appointed_before_the_last_day_of_the_notice_is_over(handler):
    row = a_candidacy()
    in_publicity(row, handler)

    with clock.frozen(clock.now() + timedelta(days=4)), pytest.raises(Conflict, match="公示期到"), transaction():
        appointing.propose(row, actor=handler, **a_term())


def test_the_proposer_does_not_confirm(handler):
    both = a_user(Role.HANDLER, Role.APPROVER)
    row = a_candidacy()
    in_publicity(row, both)

    with clock.frozen(clock.now() + timedelta(days=5)):
        with transaction():
            appointing.propose(row, actor=both, **a_term())
        with pytest.raises(NotPermitted), transaction():
            appointing.confirm(row, actor=both)

    assert row.state is S.PUBLICITY


def test_an_upheld_objection_stops_this_person_until_the_review_is_done_again(handler, approver):
    row = a_candidacy(a_user(name="秦朗"))
    notice = in_publicity(row, handler)
    objection = publicity.an_objection(notice, item="秦朗")
    publicity.decided(objection, handler=handler, approver=approver, outcome=ObjectionState.UPHELD)

    with clock.frozen(clock.now() + timedelta(days=5)):
        with pytest.raises(Conflict, match="异议成立"), transaction():
            appointing.propose(row, actor=handler, **a_term())
        with transaction():
            reviewing.reopen(row, actor=handler, reason="异议成立，重新核实业绩")

    assert (row.state, row.notice) == (S.REVIEWING, None)


def test_sent_back_with_a_reason_and_handed_in_again(handler):
    user = a_user()
    row = a_candidacy(user)
    with pytest.raises(DomainError, match="请写明理由"), transaction():
        reviewing.send_back(row, actor=handler, reason=" ")
    with transaction():
        reviewing.send_back(row, actor=handler, reason="请补充业绩证明")
    assert (row.state, row.reason) == (S.RETURNED, "请补充业绩证明")

    with transaction():
        applying.correct(row, actor=user, statement=WORDS + "，附业绩证明", capacity=3)

    assert (row.state, row.reason, row.capacity) == (S.APPLIED, None, 3)


def test_nobody_reviews_their_own_application(handler):
    row = a_candidacy(handler)

    with pytest.raises(NotPermitted), transaction():
        reviewing.accept(row, actor=handler)


def test_a_second_open_application_of_a_kind_is_refused_in_words(handler):
    user = a_user()
    a_candidacy(user)

    with pytest.raises(Conflict, match="正在办理"):
        a_candidacy(user)
    assert a_candidacy(user, kind=AppointmentKind.EXPERT).state is S.APPLIED


def test_a_civil_servant_is_refused_as_envoy_and_nothing_is_kept(handler):
    user = a_user()

    with pytest.raises(DomainError, match="公务员"):
        a_candidacy(user, kind=AppointmentKind.ENVOY, civil_servant=True, sending_unit="某研究所")

    assert rosters.person_of(user.id) is not None
    assert queries.db.session.execute(queries.own(user)).first() is None


def test_the_same_mentor_under_a_second_name_is_refused(handler, approver):
    a_helper(name="王建国", phone="13912345678")
    row = a_candidacy(a_user(name="王建业"), phone="13912345678")
    in_publicity(row, handler)

    with clock.frozen(clock.now() + timedelta(days=5)):
        with transaction():
            appointing.propose(row, actor=handler, **a_term())
        with pytest.raises(Conflict, match="王建国"), transaction():
            appointing.confirm(row, actor=approver)
    assert row.state is S.PUBLICITY


def test_who_failed_is_not_recommended_in_the_next_round(handler):
    user = a_user()
    person = a_helper(user=user, kind=AppointmentKind.MENTOR)
    post = queries.db.session.execute(rosters.of_person(person.id)).scalars().one()
    with transaction() as session:
        appointments.end(post, actor=None, decision=None, how=S.DISMISSED, reason="年度考核不合格", day=clock.today())
        session.add(
            AppointmentReview(
                region=REGION, appointment_id=post.id, person_id=person.id, kind=post.kind, year=2026, lines=[],
                first=post.starts, last=post.ends, total=12, grade=Grade.FAIL, doc_no="测试", note="",
                confirmed_on=clock.today(), created=clock.now(),
            )
        )  # fmt: skip

    with pytest.raises(DomainError, match="不合格"):
        a_candidacy(user)
    with clock.frozen(clock.now() + timedelta(days=366)):
        assert a_candidacy(user).state is S.APPLIED


def test_a_carrier_recommends_somebody_without_an_account(handler):
    unit = an_organisation(name="红光山孵化器有限公司")
    member = a_user(organisation=unit)

    with transaction():
        row = applying.recommend_new(
            actor=member, region=REGION, kind=AppointmentKind.MENTOR, recommender_id=unit.id,
            recommendation="长期为在孵企业服务", name="高远", phone="13811112222", statement=WORDS, capacity=2,
        )  # fmt: skip

    assert (row.state, row.person.name, row.recommender_id) == (S.APPLIED, "高远", unit.id)
    stranger = a_user()
    with pytest.raises(NotPermitted), transaction():
        applying.recommend_new(
            actor=stranger, region=REGION, kind=AppointmentKind.MENTOR, recommender_id=unit.id,
            recommendation="长期为在孵企业服务", name="高远", phone="13811112222", statement=WORDS, capacity=2,
        )  # fmt: skip


@pytest.fixture
def envoy(handler):
    """(user, candidacy) of an envoy whose unit has recommended."""
    unit = an_organisation(name="新疆测试研究院")
    user = a_user(name="沈一航")
    row = a_candidacy(user, kind=AppointmentKind.ENVOY, sending_unit="新疆测试研究院")
    colleague = a_user(organisation=unit)
    with transaction():
        applying.recommend(row, actor=colleague, recommendation="业务骨干，同意派出")
    return user, row


def test_an_envoy_goes_through_recommendation_choice_notice_and_three_signatures(envoy, handler, approver):
    user, row = envoy
    firm = an_organisation(name="水磨沟测试机械有限公司")
    owner = a_user(organisation=firm)
    with transaction():
        choosing.choose_host(row, actor=user, host="水磨沟测试机械有限公司")
    assert row.state is S.RECOMMENDED
    with transaction():
        choosing.choose_envoy(row, actor=owner, organisation_id=firm.id)
    assert (row.state, row.host_id) == (S.MATCHED, firm.id)
    in_publicity(row, handler)

    with clock.frozen(clock.now() + timedelta(days=5)):
        with pytest.raises(Conflict, match="三方协议"), transaction():
            appointing.propose(row, actor=handler, **a_term())
        with transaction():
            agreement = agreements.draw_up(
                row.person, actor=handler, host=firm.uscc, candidacy=row, sending_unit_id=row.sending_unit_id,
                goals="一年内完成产线自动化改造", starts=clock.today(), ends=clock.today() + timedelta(days=730),
            )  # fmt: skip
        for party, signer in ((Party.ENVOY, user), (Party.HOST, owner), (Party.BUREAU, handler)):
            assert agreement.state is AgreementState.SIGNING
            with transaction():
                agreements.sign(agreement, actor=signer, party=party)
        assert agreement.state is AgreementState.IN_FORCE
        with transaction():
            appointing.propose(row, actor=handler, **a_term())
        with transaction():
            appointing.confirm(row, actor=approver)
        assert row.state is S.APPOINTED
        assert Role.ENVOY in user.roles


def test_an_envoy_without_a_known_sending_unit_is_refused(handler):
    with pytest.raises(DomainError, match="派出单位"):
        a_candidacy(kind=AppointmentKind.ENVOY, sending_unit="不存在的单位")


def test_the_envoy_does_not_recommend_nor_choose_for_the_other_side(handler):
    unit = an_organisation(name="新疆测试研究院")
    user = a_user(organisation=unit)
    row = a_candidacy(user, kind=AppointmentKind.ENVOY, sending_unit="新疆测试研究院")

    with pytest.raises(NotPermitted), transaction():
        applying.recommend(row, actor=user, recommendation="我推荐我自己")


def test_a_firm_with_an_envoy_gets_no_second_one(envoy, handler):
    user, row = envoy
    host = an_organisation(name="已有特派员的企业")
    an_agreement(a_person(name="在任特派员"), host=host)

    with pytest.raises(Conflict, match="已有在任"), transaction():
        choosing.choose_host(row, actor=user, host="已有特派员的企业")


def test_one_person_signs_for_one_party_only(handler):
    host = an_organisation()
    member = a_user(Role.HANDLER, organisation=host)
    row = an_agreement(a_person(), signed=False, host=host)
    with transaction():
        agreements.sign(row, actor=member, party=Party.HOST)

    with pytest.raises(NotPermitted, match="两方"), transaction():
        agreements.sign(row, actor=member, party=Party.BUREAU)


def test_a_person_resigns_from_today_on_and_only_from_their_own_post(handler):
    user = a_user()
    person = a_helper(user=user)
    post = queries.db.session.execute(rosters.of_person(person.id)).scalars().one()
    day = clock.today() + timedelta(days=7)
    with pytest.raises(NotPermitted), transaction():
        appointments.resign(post, actor=handler, reason="不是我的", day=day)
    with pytest.raises(DomainError, match="不能早于今天"), transaction():
        appointments.resign(post, actor=user, reason="调离", day=clock.today() - timedelta(days=1))

    with transaction():
        appointments.resign(post, actor=user, reason="调离", day=day)

    assert (post.state, post.ended) == (S.RESIGNED, day)


def test_a_letter_for_an_imported_post_needs_two_people(handler, approver):
    person = a_helper()
    post = queries.db.session.execute(rosters.of_person(person.id)).scalars().one()
    with transaction():
        appointing.propose_letter(post, actor=handler, reason="补发聘书")
    with transaction():
        letter = appointing.confirm_letter(post, actor=approver)

    assert appointing.letter_of(post).number == letter.number
    with pytest.raises(Conflict, match="已有聘书"), transaction():
        appointing.propose_letter(post, actor=handler, reason="再发一份")
    with transaction():
        decision = certificates.propose_revocation(letter, actor=handler, reason="姓名有误", document="更正 1 号")
        assert decision.kind == certificates.REVOCATION
