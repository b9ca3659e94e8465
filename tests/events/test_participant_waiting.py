"""The waiting list as the person who waits meets it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Registration
from matchmaker.events.rules import RegistrationState, WaitingPolicy
from matchmaker.events.services import registrations, waiting
from matchmaker.notifications.models import Message
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event

TYPED = {"organisation_id": 0, "attendees": "张三", "phone": "13000000011"}


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def member(app, now):
    return a_user(name="李会员", organisation=an_organisation())


@pytest.fixture
def person(client, member):
    return sign_in(client, member)


def rows():
    return db.session.execute(sa.select(Registration).order_by(Registration.id)).unique().scalars().all()


def full_event(organiser, **values):
    event = an_event(owner=organiser, capacity=2, waiting_policy=WaitingPolicy.FIRST_COME, **values)
    first = a_registration(event, actor=a_user(), people=2)
    return event, first


def test_a_full_event_leads_to_the_waiting_list_and_says_how_it_works(person, organiser):
    event, _first = full_event(organiser)

    page = person.get(f"/events/{event.id}").text
    form = person.get(f"/events/{event.id}/register").text
    answer = person.post(f"/events/{event.id}/register", data={**TYPED, "attendees": "张三\n李四"})
    shown = person.get(answer.location).text

    assert "加入候补" in page
    assert "立即报名" not in page
    assert "按加入候补的先后" in form
    assert "当前第 1 位，共 1 份在候补；同行 2 人一起等" in shown


def test_leaving_the_waiting_list_moves_the_others_up(person, organiser, member):
    event, _first = full_event(organiser)
    a_registration(event, actor=member)
    behind = a_registration(event, actor=a_user())
    mine = next(row for row in rows() if row.user_id == member.id)
    assert waiting.position_of(behind) == 2

    person.post(f"/events/registrations/{mine.id}/withdraw")

    assert waiting.position_of(behind) == 1


def test_an_offer_is_taken_by_a_press_and_never_by_looking(person, organiser, member):
    event, first = full_event(organiser)
    row = a_registration(event, actor=member)
    with transaction():
        registrations.withdraw(first, actor=first.user)
    with transaction():
        waiting.serve(event)

    page = person.get(f"/events/registrations/{row.id}").text
    assert "确认参加" in page
    assert person.get(f"/events/registrations/{row.id}/accept").status_code == 405
    assert row.state is RegistrationState.OFFERED
    person.post(f"/events/registrations/{row.id}/accept")

    assert (row.state, event.pool.used) == (RegistrationState.APPROVED, 1)
    mail = db.session.execute(sa.select(Message.text).where(Message.subject.contains("候补有名额"))).scalar_one()
    assert f"/events/registrations/{row.id}" in mail


def test_an_offer_that_ran_out_is_over_before_any_job_runs(person, organiser, member, now):
    event, first = full_event(organiser, offer_hours=1)
    row = a_registration(event, actor=member)
    with transaction():
        registrations.withdraw(first, actor=first.user)
    with transaction():
        waiting.serve(event)

    with clock.frozen(now + timedelta(minutes=61)):
        page = person.get(f"/events/registrations/{row.id}").text
        person.post(f"/events/registrations/{row.id}/accept")

    assert "候补邀约已过期" in page
    assert "确认参加" not in page
    assert row.state is RegistrationState.OFFERED


def test_a_free_place_is_not_for_who_comes_while_others_wait(person, organiser):
    event, first = full_event(organiser)
    a_registration(event, actor=a_user())
    with transaction():
        registrations.withdraw(first, actor=first.user)

    page = person.get(f"/events/{event.id}").text

    assert "加入候补" in page
    assert "立即报名" not in page


@pytest.mark.parametrize("policy", [p for p in WaitingPolicy if p is not WaitingPolicy.NONE])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_policy_is_told_in_both_languages(client, organiser, policy, lang):
    event = an_event(owner=organiser, capacity=1, waiting_policy=policy, offer_hours=7)
    a_registration(event, actor=a_user())

    page = client.get(f"/events/{event.id}?lang={lang}").text

    assert "7 小时" in page if lang == "zh" else "7 hours" in page


def test_a_draw_shows_its_seed_and_only_then_a_place_in_the_line(person, organiser, member):
    event = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.DRAW)
    a_registration(event, actor=a_user())
    row = a_registration(event, actor=member)
    before = person.get(f"/events/registrations/{row.id}").text
    with transaction():
        waiting.draw(event, actor=organiser)

    after = person.get(f"/events/registrations/{row.id}").text

    assert "当前第" not in before
    assert "当前第 1 位" in after
    assert event.draw_seed in after
