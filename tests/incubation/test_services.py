"""The chain against a real database: every guard, every step, who is told."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from matchmaker.activity import queries as activity
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.incubation import queries
from matchmaker.incubation.rules import (
    CarrierState,
    CarrierType,
    GraduationProof,
    SpecialField,
    TenancyState,
)
from matchmaker.incubation.services import applications, stays, telling
from matchmaker.notifications.models import Message
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.incubation import YOUNG, a_carrier, a_manager, a_tenancy

TODAY = date(2026, 3, 2)
CONTRACT = {"entered": TODAY, "contract": "HT-1", "contract_months": 48}


@pytest.fixture
def carrier(app, now):
    return a_carrier()


@pytest.fixture
def manager(carrier):
    return a_manager(carrier)


@pytest.fixture
def member(carrier):
    return a_user(organisation=an_organisation(founded=YOUNG))


def firm_of(user):
    return next(iter(user.organisation_ids))


def apply(carrier, member, **values):
    firm = values.pop("organisation_id", 0)
    with transaction():
        return applications.apply(
            carrier,
            actor=member,
            organisation_id=firm_of(member) if firm == 0 else firm,
            project="传感终端",
            **values,
        )


def subjects():
    return db.session.execute(sa.select(Message.subject).order_by(Message.id)).scalars().all()


def test_apply_opens_an_application_and_tells_the_manager(carrier, manager, member):
    row = apply(carrier, member)

    assert (row.state, row.applied, row.organisation_id) == (TenancyState.APPLIED, TODAY, firm_of(member))
    assert subjects() == [f"新的入驻申请：{row.who}"]


def test_tenants_of_a_specialised_carrier_have_its_field(member, now):
    row = apply(a_carrier(special_field=SpecialField.BIOMEDICINE), member)

    assert row.special_field is SpecialField.BIOMEDICINE


def test_apply_twice_is_refused(carrier, member):
    apply(carrier, member)

    with pytest.raises(Conflict, match="已有一份申请"):
        apply(carrier, member)


def test_apply_for_a_stranger_s_firm_is_refused(carrier, member):
    with pytest.raises(NotPermitted):
        apply(carrier, member, organisation_id=an_organisation().id)


def test_apply_of_a_firm_older_than_24_months_is_refused_at_once(carrier, now):
    old = a_user(organisation=an_organisation(founded=date(2024, 3, 1)))

    with pytest.raises(DomainError, match="24 个月"):
        apply(carrier, old)


def test_an_accelerator_takes_grown_firms(app, now):
    old = a_user(organisation=an_organisation(founded=date(2015, 3, 1)))

    assert apply(a_carrier(kind=CarrierType.ACCELERATOR), old).state is TenancyState.APPLIED


def test_a_team_may_apply_to_a_nursery_and_not_to_an_incubator(carrier, now):
    person, team = a_user(), {"organisation_id": None, "team_name": "雪豹队"}

    with pytest.raises(DomainError, match="尚未注册企业"):
        apply(carrier, person, **team)
    assert apply(a_carrier(kind=CarrierType.NURSERY), person, **team).who == "雪豹队"


def test_a_carrier_that_is_being_built_takes_nobody(member, now):
    with pytest.raises(Conflict, match="不接受"):
        apply(a_carrier(state=CarrierState.BUILDING), member)


def test_the_way_from_application_to_graduation(carrier, manager, member):
    row = apply(carrier, member)
    with transaction():
        applications.accept(row, manager)
    with transaction():
        applications.admit(row, actor=manager, **CONTRACT, room="601", score=Decimal(88))
    with transaction():
        stays.start(row, actor=manager)
    with transaction():
        stays.graduate(row, actor=manager, day=TODAY, proof=GraduationProof.HNTE, document="GR202665000001")
    with transaction():
        stays.advance(row, actor=manager, target=TenancyState.ACCELERATING, place="申新加速器")

    assert (row.due, row.stay_months_max, row.rule_doc_no) == (date(2030, 3, 2), 48, "国科发区〔2018〕300号")
    assert (row.state, row.left, row.space.name) == (TenancyState.ACCELERATING, TODAY, "601")
    kinds = [entry.kind.removeprefix("incubation.") for entry in reversed(activity.of(row))]
    assert kinds == ["applied", "reviewing", "admitted", "incubating", "graduated", "accelerating"]


@pytest.mark.parametrize(("founded", "fits"), [(date(2024, 3, 2), True), (date(2024, 3, 1), False)])
def test_admission_is_for_firms_of_at_most_24_months(carrier, manager, founded, fits):
    row = a_tenancy(carrier, organisation=an_organisation(founded=founded))

    if fits:
        with transaction():
            applications.admit(row, actor=manager, **CONTRACT)
    else:
        with pytest.raises(DomainError, match="24 个月"), transaction():
            applications.admit(row, actor=manager, **CONTRACT)

    assert row.state is (TenancyState.ADMITTED if fits else TenancyState.REVIEWING)


def test_admission_without_founding_day_asks_for_it(carrier, manager):
    row = a_tenancy(carrier, organisation=an_organisation())

    with pytest.raises(DomainError, match="成立日期"), transaction():
        applications.admit(row, actor=manager, **CONTRACT)


@pytest.mark.parametrize(
    ("months", "special", "fits"), [(48, None, True), (49, None, False), (60, "biomedicine", True)]
)
def test_a_contract_is_no_longer_than_the_longest_stay(carrier, manager, months, special, fits):
    row = a_tenancy(carrier, special_field=special)

    if fits:
        with transaction():
            applications.admit(row, actor=manager, **{**CONTRACT, "contract_months": months})
        assert row.contract_months == months
    else:
        with pytest.raises(DomainError, match="1 到 48 个月"), transaction():
            applications.admit(row, actor=manager, **{**CONTRACT, "contract_months": months})


def test_a_firm_in_one_carrier_is_not_admitted_to_another(carrier, manager):
    firm = an_organisation(founded=YOUNG)
    a_tenancy(organisation=firm, state=TenancyState.INCUBATING)
    row = a_tenancy(carrier, organisation=firm)

    with pytest.raises(DomainError, match="请先办理退出"), transaction():
        applications.admit(row, actor=manager, **CONTRACT)


def test_the_database_has_the_last_word_on_a_second_live_stay(carrier, manager, monkeypatch):
    firm = an_organisation(founded=YOUNG)
    a_tenancy(organisation=firm, state=TenancyState.INCUBATING)
    row = a_tenancy(carrier, organisation=firm)
    monkeypatch.setattr(applications, "check_alone", lambda *_a, **_k: None)

    with pytest.raises(Conflict, match="刚刚已入驻"), transaction():
        applications.admit(row, actor=manager, **CONTRACT)

    assert row.state is TenancyState.REVIEWING


def test_a_room_is_held_by_one_firm(carrier, manager):
    one, other = a_tenancy(carrier), a_tenancy(carrier)
    with transaction():
        applications.admit(one, actor=manager, **CONTRACT, room="601")

    with pytest.raises(Conflict, match="房间"), transaction():
        applications.admit(other, actor=manager, **CONTRACT, room="601")


def test_moving_on_the_day_of_leaving_is_fine(carrier, manager):
    firm = an_organisation(founded=YOUNG)
    a_tenancy(organisation=firm, state=TenancyState.LEFT, entered=date(2025, 9, 1), left=TODAY)
    row = a_tenancy(carrier, organisation=firm)

    with transaction():
        applications.admit(row, actor=manager, **CONTRACT)

    assert row.state is TenancyState.ADMITTED


def test_sending_back_lets_the_firm_revise(carrier, manager, member):
    row = apply(carrier, member)
    with transaction():
        applications.accept(row, manager)
    with transaction():
        applications.send_back(row, actor=manager, reason="请补充场地需求")
    assert (row.state, row.reason) == (TenancyState.APPLIED, "请补充场地需求")

    with transaction():
        applications.revise(row, actor=member, project="传感终端", summary="需要 100 ㎡", special_field=None)

    assert (row.summary, row.reason) == ("需要 100 ㎡", None)


@pytest.mark.parametrize("act", [applications.send_back, applications.refuse])
def test_sending_back_and_refusing_need_a_reason(carrier, manager, act):
    row = a_tenancy(carrier)

    with pytest.raises(DomainError, match="理由"), transaction():
        act(row, actor=manager, reason=" ")


def test_an_application_under_review_is_not_revised(carrier, member):
    row = a_tenancy(carrier, organisation=db.session.get(type(carrier.operator), firm_of(member)))

    with pytest.raises(Conflict, match="评审"), transaction():
        applications.revise(row, actor=member, project="x", summary="y", special_field=None)


def test_withdrawing_ends_an_application_and_a_new_one_may_follow(carrier, member):
    row = apply(carrier, member)
    with transaction():
        applications.withdraw(row, actor=member)

    assert row.state is TenancyState.CANCELLED
    assert apply(carrier, member).state is TenancyState.APPLIED


@pytest.mark.parametrize(
    ("until", "fits"), [(date(2029, 9, 1), True), (date(2029, 9, 2), False), (date(2028, 1, 1), False)]
)
def test_extending_stays_within_the_longest_stay(carrier, manager, until, fits):
    row = a_tenancy(carrier, state=TenancyState.INCUBATING, due=date(2028, 9, 1))

    if fits:
        with transaction():
            stays.extend(row, actor=manager, until=until, reason="样机检测延期")
        assert (row.state, row.due) == (TenancyState.EXTENDED, until)
    else:
        with pytest.raises(DomainError), transaction():
            stays.extend(row, actor=manager, until=until, reason="样机检测延期")
        assert row.state is TenancyState.INCUBATING


@pytest.mark.parametrize(
    ("proof", "amount", "fits"),
    [
        (GraduationProof.HNTE, 0, True),
        (GraduationProof.MERGED_OR_LISTED, 0, True),
        (GraduationProof.VENTURE_CAPITAL, 500_000_001, True),
        (GraduationProof.VENTURE_CAPITAL, 500_000_000, False),
        (GraduationProof.REVENUE, 1_000_000_001, True),
        (GraduationProof.REVENUE, 1_000_000_000, False),
    ],
)
def test_graduation_needs_one_of_four_proofs(carrier, manager, proof, amount, fits):
    row = a_tenancy(carrier, state=TenancyState.INCUBATING)

    def graduate():
        with transaction():
            stays.graduate(row, actor=manager, day=TODAY, proof=proof, document="审计报告 1 号", amount_fen=amount)

    if fits:
        graduate()
        assert (row.state, row.proof, row.left) == (TenancyState.GRADUATED, proof, TODAY)
    else:
        with pytest.raises(DomainError, match="四项条件"):
            graduate()


def test_graduation_before_entry_or_in_the_future_is_refused(carrier, manager):
    row = a_tenancy(carrier, state=TenancyState.INCUBATING)

    for day, words in [(date(2025, 8, 31), "早于入驻"), (TODAY + timedelta(days=1), "晚于今天")]:
        with pytest.raises(DomainError, match=words), transaction():
            stays.graduate(row, actor=manager, day=day, proof=GraduationProof.HNTE, document="GR1")


@pytest.mark.parametrize(("act", "state"), [(stays.leave, TenancyState.LEFT), (stays.evict, TenancyState.REMOVED)])
def test_ending_a_stay_frees_the_firm_and_keeps_its_history(carrier, manager, act, state):
    row = a_tenancy(carrier, state=TenancyState.INCUBATING)
    before = queries.count_ever_admitted("650105", TODAY)

    with transaction():
        act(row, actor=manager, day=TODAY, reason="协商一致")

    assert (row.state, row.left, row.reason) == (state, TODAY, "协商一致")
    assert queries.count_ever_admitted("650105", TODAY) == before == 1


def test_a_manager_of_another_carrier_moves_nothing(carrier):
    row, stranger = a_tenancy(carrier), a_manager(a_carrier())

    with pytest.raises(NotPermitted), transaction():
        applications.admit(row, actor=stranger, **CONTRACT)


def test_a_member_of_the_operator_without_the_role_moves_nothing(carrier):
    row, colleague = a_tenancy(carrier), a_user(organisation=carrier.operator)

    with pytest.raises(NotPermitted), transaction():
        applications.accept(row, colleague)


def test_remind_queues_one_message_and_undo_drops_it(carrier, manager, member):
    firm = db.session.get(type(carrier.operator), firm_of(member))
    row = a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING, due=TODAY + timedelta(days=20))
    with transaction():
        before = stays.remind(row, manager)
    assert len(subjects()) == 1

    with transaction():
        stays.undo_remind(row, manager, before)

    assert (subjects(), row.reminded) == ([], None)


def test_a_firm_without_an_account_cannot_be_reminded(carrier, manager):
    row = a_tenancy(carrier, state=TenancyState.INCUBATING, due=TODAY)

    with pytest.raises(DomainError, match="电话"), transaction():
        stays.remind(row, manager)


def test_the_job_reminds_once_a_month(carrier, member):
    firm = db.session.get(type(carrier.operator), firm_of(member))
    a_tenancy(carrier, organisation=firm, state=TenancyState.INCUBATING, due=TODAY + timedelta(days=90))
    a_tenancy(carrier, state=TenancyState.INCUBATING, due=TODAY + timedelta(days=91))

    counts = []
    for _ in range(2):
        with transaction():
            counts.append(telling.remind_due())

    assert counts == [1, 0]


def test_undo_of_taking_up_puts_the_application_back(carrier, manager, member):
    row = apply(carrier, member)
    with transaction():
        before = applications.accept(row, manager)

    with transaction():
        applications.undo_accept(row, manager, before)

    assert row.state is TenancyState.APPLIED
