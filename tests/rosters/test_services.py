"""Appointing, renewing and ending against a real database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.rosters import queries
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from matchmaker.rosters.services import appointments, profiles, records
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import a_person
from tests.factories.rosters import a_helper, an_appointment

MENTOR = AppointmentKind.MENTOR


@pytest.fixture
def handler(app, now):
    return a_user(Role.HANDLER)


def people(kind=MENTOR, region="650105", on=None):
    rows = db.session.execute(queries.live_people(kind, region, on or clock.today())).scalars()
    return [row.person.name for row in rows]


def test_appoint_makes_the_person_live_and_gives_places_for_service(handler):
    row = an_appointment(a_person(name="秦导师"), actor=handler, capacity=5)

    assert (row.state, row.live_on(clock.today())) == (AppointmentState.SERVING, True)
    assert queries.profile_of(row.person_id).capacity == 5
    assert people() == ["秦导师"]


def test_appoint_gives_the_account_its_role_without_a_region_of_staff(handler):
    user = a_user()
    an_appointment(a_person(user_id=user.id))

    assert Role.MENTOR in user.roles
    assert user.region_codes == frozenset()


def test_ending_takes_the_role_back_and_the_day_stops_counting(handler):
    user = a_user()
    row = an_appointment(a_person(user_id=user.id, name="周导师"), starts=clock.today() - timedelta(days=30))

    with transaction():
        appointments.end(
            row,
            actor=None,
            decision=None,
            how=AppointmentState.RESIGNED,
            reason="调离",
            day=clock.today() - timedelta(days=1),
        )

    assert Role.MENTOR not in user.roles
    assert people() == []
    assert people(on=clock.today() - timedelta(days=1)) == ["周导师"]


def test_a_person_of_two_terms_counts_once(handler):
    person = a_person(name="马导师")
    an_appointment(person, starts=date(2020, 1, 1), ends=date(2022, 1, 1), historic=True)
    an_appointment(person)
    an_appointment(person, kind=AppointmentKind.EXPERT)

    assert people() == ["马导师"]
    assert queries.count_live(MENTOR, "650000", clock.today()) == 1
    assert people(on=date(2021, 6, 1)) == ["马导师"]
    assert people(on=date(2023, 6, 1)) == []
    assert people(region=OTHER_REGION) == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"document": " "}, "文件号"),
        ({"starts": date(2026, 3, 2), "ends": date(2026, 3, 2)}, "晚于"),
        ({"starts": date(2020, 1, 1), "ends": date(2021, 1, 1)}, "导入"),
        ({"kind": AppointmentKind.ENVOY, "civil_servant": True}, "公务员"),
        ({"kind": AppointmentKind.ENVOY, "civil_servant": None}, "核实"),
        ({"capacity": 51}, "0 到 50"),
    ],
)
def test_appoint_refuses_in_a_sentence_and_changes_nothing(handler, values, sentence):
    with pytest.raises(DomainError, match=sentence):
        an_appointment(actor=handler, **values)

    assert db.session.execute(sa.select(sa.func.count(Appointment.id))).scalar_one() == 0


def test_appoint_twice_in_one_kind_is_refused(handler):
    person = a_person()
    an_appointment(person)

    with pytest.raises(DomainError, match="已聘为创业导师"):
        an_appointment(person)


def test_staff_of_another_region_may_not_appoint(handler):
    with pytest.raises(NotPermitted):
        an_appointment(actor=a_user(Role.HANDLER, region=OTHER_REGION))


def test_renew_keeps_the_old_term_and_opens_a_new_one(handler):
    row = an_appointment(a_person(name="李导师"), starts=clock.today() - timedelta(days=300), ends=clock.today())
    begins = clock.today() + timedelta(days=1)

    with transaction():
        follower = appointments.renew(
            row, actor=None, decision=None, document="续字 1 号", starts=begins, ends=begins + timedelta(days=365)
        )

    assert (row.state, follower.state, follower.renews_id) == (
        AppointmentState.RENEWED,
        AppointmentState.APPOINTED,
        row.id,
    )
    assert people() == ["李导师"]
    assert people(on=begins) == ["李导师"]


def test_turn_states_follows_the_calendar(handler, now):
    row = an_appointment(starts=clock.today() + timedelta(days=1), ends=clock.today() + timedelta(days=10))
    states = [row.state]
    for days in (1, 11):
        with clock.frozen(now + timedelta(days=days)), transaction():
            appointments.turn_states()
        states.append(row.state)

    assert states == [AppointmentState.APPOINTED, AppointmentState.SERVING, AppointmentState.EXPIRED]


def test_ending_without_reason_is_refused(handler):
    row = an_appointment()

    with pytest.raises(DomainError, match="理由"), transaction():
        appointments.end(row, actor=None, decision=None, how=AppointmentState.DISMISSED, reason=" ", day=clock.today())


def test_one_handler_alone_neither_renews_nor_ends(handler):
    row = an_appointment()
    begins = row.ends + timedelta(days=1)

    with pytest.raises(Conflict, match="双人复核"), transaction():
        appointments.end(
            row, actor=handler, decision=None, how=AppointmentState.DISMISSED, reason="不履职", day=clock.today()
        )
    with pytest.raises(Conflict, match="双人复核"), transaction():
        appointments.renew(
            row, actor=handler, decision=None, document="续 1 号", starts=begins, ends=begins + timedelta(days=365)
        )

    assert row.state is AppointmentState.SERVING


def test_link_account_brings_the_roles(handler):
    row, user = an_appointment(), a_user()

    with transaction():
        appointments.link_account(row.person, user, actor=handler)

    assert Role.MENTOR in user.roles
    other = a_user()
    with pytest.raises(Conflict, match="另一个账号"), transaction():
        appointments.link_account(row.person, other, actor=handler)


def test_a_helper_edits_their_own_words_only(handler):
    user = a_user()
    mine, other = a_helper(user=user), a_helper()

    with transaction():
        profiles.edit(mine, actor=user, capacity=1, expertise=" 低光照识别 ", opted_out=True, confidential=True)

    row = queries.profile_of(mine.id)
    assert (row.expertise, row.capacity, row.opted_out, row.confidential) == ("低光照识别", 1, True, False)
    with pytest.raises(NotPermitted), transaction():
        profiles.edit(other, actor=user, capacity=1)


def test_places_run_out_and_come_back(handler):
    person = a_helper(capacity=1)
    with transaction():
        profiles.take_place(person)

    with pytest.raises(Conflict, match="已满"), transaction():
        profiles.take_place(person)

    with transaction():
        profiles.give_place_back(person)
        profiles.take_place(person)
    assert queries.profile_of(person.id).busy == 1


def test_a_service_counts_when_both_sides_confirm(handler):
    person = a_helper()
    values = {"served": clock.today(), "minutes": 90, "place": "线上", "content": "看图纸"}
    with transaction():
        record = records.record_service(person, actor=None, organisation_id=None, by_helper=True, **values)
    assert queries.service_minutes(person.id) == (0, 0)

    with transaction():
        records.confirm(record, actor=None, by_helper=False, rating=5)

    assert queries.service_minutes(person.id) == (1, 90)
    with pytest.raises(Conflict, match="已经确认"), transaction():
        records.confirm(record, actor=None, by_helper=False)
    with pytest.raises(NotPermitted, match="自己"), transaction():
        records.record_service(person, actor=None, organisation_id=None, by_helper=True, rating=5, **values)


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (10, 5)])
def test_a_ticket_out_of_order_is_refused(handler, low, high):
    person = a_person()

    with pytest.raises(DomainError), transaction():
        profiles.state_ticket(person, actor=None, low_fen=low, high_fen=high, stages=[])
