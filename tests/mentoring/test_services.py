"""Sessions against a real database: booking, both confirmations, rating, counting, ratios."""

from __future__ import annotations

from datetime import date, time, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.matching.models import RequestService
from matchmaker.mentoring import queries, rules
from matchmaker.mentoring.models import SessionHold
from matchmaker.mentoring.services import booking, offering, reviewing, telling
from matchmaker.rosters import queries as rosters
from matchmaker.rosters.models import Appointment
from matchmaker.rosters.rules import AppointmentKind, AppointmentState, SessionState
from matchmaker.rosters.services import appointments
from tests.cast import REGION, a_user
from tests.factories import incubation, matching
from tests.factories.mentoring import TOPIC, a_mentor, a_session, a_tenant, after
from tests.factories.rosters import a_helper

S = SessionState


@pytest.fixture
def mentor(app, now):
    return a_mentor(name="秦导师")


def account(person):
    return db.session.get_one(User, person.user_id)


def confirmed(row):
    with transaction():
        booking.confirm(row, actor=account(row.person))
    return row


def done(row, *, minutes=60):
    """Both sides say that it took place."""
    confirmed(row)
    tenant = row.booked_by
    with after(row):
        with transaction():
            booking.report(row, actor=tenant, minutes=minutes, content="梳理了现金流表")
        with transaction():
            booking.report(row, actor=account(row.person), minutes=minutes, content="")
    return row


def test_booked_confirmed_done_by_both_and_rated(mentor):
    row = a_session(mentor)
    assert (row.state, row.who) == (S.BOOKED, row.organisation.name)
    done(row)
    assert row.state is S.DONE
    assert rosters.service_minutes(mentor.id) == (1, 60)

    with transaction():
        booking.rate(row, actor=row.booked_by, points=5, comment="很有帮助")

    assert (row.state, row.record.rating) == (S.RATED, 5)


def test_one_sided_confirmation_and_twenty_nine_minutes_do_not_count(mentor):
    tenant = a_tenant()
    one, short = a_session(mentor, tenant=tenant), a_session(mentor, tenant=tenant, at=0)
    confirmed(one)
    with after(one), transaction():
        booking.report(one, actor=account(mentor), minutes=60, content="梳理了现金流表")
    done(short, minutes=29)
    day = china_today(short.ends)

    with clock.frozen(short.ends + timedelta(days=1)):
        counted = db.session.execute(queries.counted_of(mentor.id, day, day, least=30)).all()

    assert (one.state, short.state) == (S.CONFIRMED, S.DONE)
    assert counted == []


def test_two_sides_that_differ_in_minutes_are_told(mentor):
    row = confirmed(a_session(mentor))
    with after(row):
        with transaction():
            booking.report(row, actor=row.booked_by, minutes=60, content="梳理了现金流表")
        with pytest.raises(DomainError, match="60 分钟"), transaction():
            booking.report(row, actor=account(mentor), minutes=45, content="")

    assert row.state is S.CONFIRMED


def test_the_mentor_rates_nobody_and_books_not_themselves(mentor):
    row = done(a_session(mentor))

    with pytest.raises(NotPermitted, match="不能给自己评分"), transaction():
        booking.rate(row, actor=account(mentor), points=5)
    assert row.rating is None

    user, tenancy = a_tenant()
    with transaction():
        mentor.user_id = user.id
    slot = booking.free_slots(mentor)[0]
    with pytest.raises(NotPermitted, match="不能预约自己"), transaction():
        booking.book(mentor, actor=user, starts=slot.starts, topic=TOPIC, tenancy=tenancy)


def test_a_mentor_of_the_own_firm_is_refused(mentor):
    user, tenancy = a_tenant()
    with transaction():
        mentor.organisation_id = tenancy.organisation_id
    slot = booking.free_slots(mentor)[0]

    with pytest.raises(DomainError, match="本单位"), transaction():
        booking.book(mentor, actor=user, starts=slot.starts, topic=TOPIC, tenancy=tenancy)


def test_a_time_is_booked_once_and_free_again_when_cancelled(mentor):
    first = a_session(mentor)
    user, tenancy = a_tenant()
    with pytest.raises(Conflict, match="另选"), transaction():
        booking.book(mentor, actor=user, starts=first.starts, topic=TOPIC, tenancy=tenancy)

    with transaction():
        booking.cancel(first, actor=first.booked_by, reason="临时出差")
    assert db.session.execute(sa.select(SessionHold)).first() is None
    with transaction():
        second = booking.book(mentor, actor=user, starts=first.starts, topic=TOPIC, tenancy=tenancy)

    assert (first.state, second.state) == (S.CANCELLED, S.BOOKED)


def test_the_constraint_refuses_what_two_requests_would_both_take(mentor):
    row = a_session(mentor)

    with pytest.raises(IntegrityError), transaction() as session:
        session.add(SessionHold(session_id=row.id, holder=f"p{mentor.id}", cell=row.starts))


def test_one_firm_is_not_with_two_mentors_at_once(mentor):
    other, tenant = a_mentor(name="另一位"), a_tenant()
    first = a_session(mentor, tenant=tenant)

    with pytest.raises(Conflict, match="已有其他预约"), transaction():
        booking.book(other, actor=tenant[0], starts=first.starts, topic=TOPIC, tenancy=tenant[1])


def test_who_is_in_no_carrier_and_has_no_accepted_request_does_not_book(mentor):
    slot, stranger = booking.free_slots(mentor)[0], a_user()

    with pytest.raises(DomainError, match="在孵企业"), transaction():
        booking.book(mentor, actor=stranger, starts=slot.starts, topic=TOPIC)


def test_a_term_that_ended_a_second_ago_offers_nothing_and_confirms_nothing(mentor):
    row = a_session(mentor)
    post = db.session.execute(rosters.of_person(mentor.id)).scalars().one()
    with transaction():
        appointments.end(
            post, actor=None, decision=None, how=AppointmentState.RESIGNED, reason="调离", day=clock.today()
        )

    midnight = clock.now().replace(hour=16, minute=0, second=0) + timedelta(seconds=1)  # 00:00:01 in Beijing
    with clock.frozen(midnight):
        assert booking.free_slots(mentor) == []
        with pytest.raises(DomainError, match="聘期"), transaction():
            booking.confirm(row, actor=account(mentor))
    assert row.state is S.BOOKED


def test_nothing_is_reported_before_it_took_place(mentor):
    row = confirmed(a_session(mentor))

    with pytest.raises(DomainError, match="还没有开始"), transaction():
        booking.report(row, actor=row.booked_by, minutes=60, content="梳理了现金流表")
    with pytest.raises(Conflict, match="一刻钟"), transaction():
        booking.no_show(row, actor=row.booked_by, reason="没有来")


def test_an_absence_is_told_after_the_time_and_frees_nothing_that_counts(mentor):
    row = confirmed(a_session(mentor))
    with after(row), transaction():
        booking.no_show(row, actor=account(mentor), reason="等了半小时，电话未接")

    assert (row.state, row.record_id) == (S.NO_SHOW, None)


def test_a_session_of_an_accepted_request_becomes_its_service(mentor):
    helper = a_helper(user=a_user(), expertise=matching.EXPERTISE, email="helper@example.cn")
    asker = a_user(organisation=incubation.an_operator())
    request = matching.a_request(matching.a_need(actor=asker), helper, actor=asker)
    from matchmaker.matching.services import requests

    with transaction():
        requests.accept(request, actor=account(helper), note="")
        offering.add_window(
            helper, actor=None, weekday=2, starts=time(9), ends=time(10), slot_minutes=60, place="线上会议"
        )
    slot = booking.free_slots(helper)[0]
    with transaction():
        row = booking.book(helper, actor=asker, starts=slot.starts, topic=TOPIC, request=request)
    done(row)

    linked = db.session.execute(sa.select(RequestService)).unique().scalars().one()
    assert (linked.request_id, linked.record_id) == (request.id, row.record_id)


def test_both_are_reminded_once_a_day_before(mentor):
    row = confirmed(a_session(mentor))
    with clock.frozen(row.starts - timedelta(hours=5)):
        with transaction():
            assert telling.remind() == 2
        with transaction():
            assert telling.remind() == 0


def test_ratio_of_each_carrier_on_any_day_and_one_head_in_the_district(app, now):
    mentor, mate = a_helper(name="两处导师"), a_helper(name="一处导师")
    one, two = incubation.a_carrier(), incubation.a_carrier()
    for carrier, tenants in ((one, 2), (two, 1)):
        for _n in range(tenants):
            a_tenant(carrier=carrier)
    today = clock.today()
    with transaction():
        offering.serve(one, mentor, actor=None, starts=today)
        offering.serve(two, mentor, actor=None, starts=today)
        serving = offering.serve(one, mate, actor=None, starts=today)
    viewer = a_user(Role.HANDLER)

    def shown(day):
        return {carrier.id: (tenants, mentors) for carrier, tenants, mentors in queries.ratios(viewer, day)}

    assert shown(today) == {one.id: (2, 2), two.id: (1, 1)}
    assert shown(today - timedelta(days=1)) == {one.id: (2, 0), two.id: (1, 0)}
    with transaction():
        offering.stop_serving(serving, actor=viewer, last=today)
    assert shown(today + timedelta(days=1))[one.id] == (2, 1)
    assert rosters.count_live(AppointmentKind.MENTOR, REGION, today) == 2
    assert (rules.ratio(21, 2), rules.ratio(3, 0), rules.ratio(0, 0)) == (Fraction(21, 2), None, 0)


def test_who_owes_sessions_is_listed_in_time_and_the_year_is_explained(app, now):
    viewer = a_user(Role.HANDLER)
    person = a_helper(name="秦导师")
    post = db.session.execute(rosters.of_person(person.id)).scalars().one()
    with transaction():
        post.starts = date(2026, 1, 1)

    assert reviewing.behind(viewer, today=date(2026, 1, 20)) == []
    (row,) = reviewing.behind(viewer, today=date(2026, 7, 2))
    assert (row.post.person.name, row.done, row.due, row.missing) == ("秦导师", 0, 10, 5)

    lines, _first, _last = reviewing.lines_of(post, 2026)
    assert [line.points for line in lines] == [0, 0, 0]
    with pytest.raises(DomainError, match="11 月"), transaction():
        reviewing.review(post, actor=viewer, year=2026, note="")
    with clock.frozen(clock.now() + timedelta(days=270)), transaction():
        kept = reviewing.review(post, actor=viewer, year=2026, note="全年没有服务")
    assert (kept.grade.value, len(kept.lines)) == ("fail", 3)
    assert isinstance(post, Appointment)
