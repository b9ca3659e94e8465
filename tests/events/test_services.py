"""Registering, deciding and withdrawing against a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import queries
from matchmaker.events.models import Registration, SeatPool
from matchmaker.events.rules import EventState, RegistrationState, WaitingPolicy
from matchmaker.events.services import deciding, events, registrations, waiting
from matchmaker.notifications.models import Message
from tests.cast import OTHER_REGION, a_user
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def member(app, now):
    return a_user(organisation=an_organisation())


def used(event):
    return db.session.execute(sa.select(SeatPool.used).where(SeatPool.event_id == event.id)).scalar_one()


def test_register_claims_one_seat_an_attendee(organiser, member):
    event = an_event(owner=organiser, capacity=10)

    row = a_registration(event, actor=member, people=3, organisation_id=next(iter(member.organisation_ids)))

    assert (row.state, row.party, used(event)) == (RegistrationState.APPROVED, 3, 3)


def test_register_when_too_few_seats_are_left_changes_nothing(organiser, member):
    event = an_event(owner=organiser, capacity=2)

    with pytest.raises(Conflict, match="仅剩 2 个"):
        a_registration(event, actor=member, people=3)

    assert used(event) == 0
    assert db.session.execute(sa.select(sa.func.count(Registration.id))).scalar_one() == 0


def test_register_twice_for_one_organisation_is_refused(organiser, member):
    event = an_event(owner=organiser)
    organisation_id = next(iter(member.organisation_ids))
    a_registration(event, actor=member, organisation_id=organisation_id)

    with pytest.raises(Conflict, match="已经报过名"):
        a_registration(event, actor=member, organisation_id=organisation_id)

    assert used(event) == 1


def test_register_for_a_stranger_s_organisation_is_refused(organiser, member):
    event = an_event(owner=organiser)

    with pytest.raises(NotPermitted):
        a_registration(event, actor=member, organisation_id=an_organisation().id)


@pytest.mark.parametrize("late_by", [timedelta(seconds=1), timedelta(days=1)])
def test_register_after_the_deadline_is_refused(organiser, member, now, late_by):
    event = an_event(owner=organiser, deadline=now + timedelta(hours=1))

    with clock.frozen(now + timedelta(hours=1) + late_by), pytest.raises(Conflict, match="截止"):
        a_registration(event, actor=member)


def test_withdraw_gives_the_seats_back_and_allows_a_new_registration(organiser, member):
    event = an_event(owner=organiser, capacity=3)
    row = a_registration(event, actor=member, people=3)

    with transaction():
        registrations.withdraw(row, actor=member)

    assert used(event) == 0
    assert a_registration(event, actor=member, people=2).party == 2


def test_reject_says_why_and_frees_the_seats(organiser, member):
    event = an_event(owner=organiser, needs_approval=True)
    row = a_registration(event, actor=member, people=2)

    with transaction():
        deciding.reject(row, organiser, "名额留给本区企业")

    assert (row.state, row.reason, used(event)) == (RegistrationState.REJECTED, "名额留给本区企业", 0)


def test_reject_without_reason_is_refused(organiser, member):
    row = a_registration(an_event(owner=organiser, needs_approval=True), actor=member)

    with pytest.raises(DomainError, match="理由"), transaction():
        deciding.reject(row, organiser, "  ")

    assert row.state is RegistrationState.SUBMITTED


def test_undo_of_a_rejection_claims_the_seats_again(organiser, member):
    event = an_event(owner=organiser, capacity=2, needs_approval=True)
    row = a_registration(event, actor=member, people=2)
    with transaction():
        before = deciding.reject(row, organiser, "重复")

    with transaction():
        deciding.undo_decision(row, organiser, before)

    assert (row.state, used(event)) == (RegistrationState.SUBMITTED, 2)


def test_undo_of_a_rejection_is_refused_when_the_seats_are_gone(organiser, member):
    event = an_event(owner=organiser, capacity=2, needs_approval=True)
    row = a_registration(event, actor=member, people=2)
    with transaction():
        before = deciding.reject(row, organiser, "重复")
    a_registration(event, actor=a_user(), people=1)

    with pytest.raises(Conflict, match="仅剩 1 个"), transaction():
        deciding.undo_decision(row, organiser, before)

    assert (row.state, used(event)) == (RegistrationState.REJECTED, 1)


def test_undo_of_an_approval_drops_the_mail_that_has_not_left(organiser, member):
    event = an_event(owner=organiser, needs_approval=True)
    row = a_registration(event, actor=member)
    with transaction():
        before = deciding.approve(row, organiser)

    with transaction():
        deciding.undo_decision(row, organiser, before)

    subjects = db.session.execute(sa.select(Message.subject).order_by(Message.id)).scalars().all()
    assert row.state is RegistrationState.SUBMITTED
    assert not any("通过" in subject for subject in subjects)


def test_cancelling_an_event_frees_every_seat_and_tells_everybody(organiser, member):
    event = an_event(owner=organiser)
    a_registration(event, actor=member, people=2)
    a_registration(event, actor=a_user(), people=1)

    with transaction():
        told = events.cancel(event, actor=organiser, reason="场馆临时停电")

    assert (told, used(event), event.state) == (2, 0, EventState.CANCELLED)
    bodies = db.session.execute(sa.select(Message.text).where(Message.subject.contains("取消"))).scalars().all()
    assert len(bodies) == 2
    assert all("场馆临时停电" in body for body in bodies)


def test_staff_of_another_region_cannot_decide(organiser, member):
    row = a_registration(an_event(owner=organiser, needs_approval=True), actor=member)
    stranger = a_user(Role.ORGANISER, region=OTHER_REGION)

    with pytest.raises(NotPermitted), transaction():
        deciding.approve(row, stranger)


def test_remind_queues_each_reminder_once(organiser, member, now):
    event = an_event(owner=organiser, starts=now + timedelta(hours=20), ends=now + timedelta(hours=22), deadline=now)
    a_registration(event, actor=member)

    with transaction():
        first = registrations.remind()
    with transaction():
        second = registrations.remind()

    assert (first, second) == (1, 0)


def test_capacity_cannot_fall_below_what_is_taken(organiser, member):
    event = an_event(owner=organiser, capacity=5)
    a_registration(event, actor=member, people=3)
    values = {c: getattr(event, c) for c in ("starts", "ends", "deadline")}

    with pytest.raises(DomainError, match="已有 3 人"), transaction():
        events.edit(event, actor=organiser, capacity=2, **values)


def test_the_drift_report_names_a_pool_that_disagrees_with_its_rows(organiser, member):
    event = an_event(owner=organiser, capacity=5)
    a_registration(event, actor=member, people=2)
    assert registrations.reconcile() == ([], [])
    with transaction() as session:
        session.execute(sa.update(SeatPool).values(used=4))

    assert registrations.reconcile() == ([(event.pool.id, 4, 2)], [])


def test_a_draft_is_invisible_to_the_public_and_to_other_regions(organiser, member):
    event = an_event(owner=organiser, state=EventState.DRAFT, published=None)
    stranger = a_user(Role.ORGANISER, region=OTHER_REGION)

    def sees(viewer):
        return [row.id for row in db.session.execute(queries.visible_to(viewer)).unique().scalars()]

    assert (sees(member), sees(stranger), sees(organiser)) == ([], [], [event.id])


def test_a_person_who_asks_is_forgotten_and_their_seat_is_free(organiser, member):
    person = a_user()
    event = an_event(owner=organiser, capacity=5)
    alone = a_registration(event, actor=person, people=2)
    for_firm = a_registration(event, actor=member, people=1, organisation_id=next(iter(member.organisation_ids)))

    with transaction():
        registrations.forget(person)
        registrations.forget(member)

    assert (alone.state, alone.phone, {a.name for a in alone.attendees}) == (
        RegistrationState.WITHDRAWN,
        "",
        {"已注销"},
    )
    assert (for_firm.state, for_firm.phone) == (RegistrationState.APPROVED, "")
    assert (used(event), registrations.reconcile()) == (1, ([], []))


def test_one_s_own_data_names_every_registration(organiser, member):
    event = an_event(owner=organiser)
    a_registration(event, actor=member, people=2)

    held = queries.personal_data(member)["registrations"]

    assert [(row["event"], len(row["attendees"]), row["phone"]) for row in held] == [(event.title, 2, "13000000001")]


def test_while_somebody_waits_and_fits_a_newcomer_joins_the_list(organiser):
    event = an_event(owner=organiser, capacity=2, waiting_policy=WaitingPolicy.FIRST_COME)
    first, _second, third = (a_registration(event, actor=a_user(Role.INDIVIDUAL)) for _ in range(3))
    with transaction():
        registrations.withdraw(first, actor=first.user)

    fourth = a_registration(event, actor=a_user(Role.INDIVIDUAL))

    assert (event.pool.left, third.state, fourth.state) == (1, RegistrationState.WAITING, RegistrationState.WAITING)


def test_a_newcomer_takes_the_places_that_nobody_who_waits_fits_into(organiser):
    event = an_event(owner=organiser, capacity=3, waiting_policy=WaitingPolicy.FIRST_COME)
    a_registration(event, actor=a_user(Role.INDIVIDUAL), people=2)
    waits = a_registration(event, actor=a_user(Role.INDIVIDUAL), people=2)

    small = a_registration(event, actor=a_user(Role.INDIVIDUAL))

    assert (waits.state, small.state) == (RegistrationState.WAITING, RegistrationState.APPROVED)


def test_an_expired_offer_is_free_at_once_for_the_list_first(organiser, now):
    event = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.FIRST_COME, offer_hours=1)
    holder, offered, next_one = (a_registration(event, actor=a_user(Role.INDIVIDUAL)) for _ in range(3))
    with transaction():
        registrations.withdraw(holder, actor=holder.user)
        waiting.serve(event)

    with clock.frozen(now + timedelta(hours=1)):
        late = a_registration(event, actor=a_user(Role.INDIVIDUAL))
        with transaction():
            served = waiting.serve(event)

    assert offered.state is RegistrationState.LAPSED
    assert (served, next_one.state, late.state) == (1, RegistrationState.OFFERED, RegistrationState.WAITING)
    assert registrations.reconcile() == ([], [])
