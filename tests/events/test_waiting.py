"""The waiting list as its organiser works on it: priorities, the draw, offers by hand, what an offer means."""

from __future__ import annotations

import hashlib

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.activity import queries as activity
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty, RegistrationState, WaitingPolicy
from matchmaker.events.services import audiences, deciding, registrations, team, waiting
from tests.cast import a_user, sign_in
from tests.factories.events import a_guest, an_event

WAITING = 4


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def line(organiser):
    """`line(policy)`: an event with one place, taken, and four parties that wait; the place is then given back."""

    def make(policy, **values):
        event = an_event(owner=organiser, capacity=1, waiting_policy=policy, **values)
        for number in range(WAITING + 1):
            a_guest(db.session.get_one(Event, event.id), name=f"来宾{number}", phone=f"1390000000{number}")
        with transaction():
            deciding.reject(rows()[0], organiser, "与主题不符")
        return db.session.get_one(Event, event.id)

    return make


def rows():
    return db.session.query(Registration).order_by(Registration.id).all()


def names(event):
    return [row.name for row in waiting.line_of(event)]


def test_a_priority_with_a_reason_goes_first_and_is_recorded(organiser, line):
    event = line(WaitingPolicy.PRIORITY)
    with transaction():
        waiting.prioritise(rows()[4], actor=organiser, priority=5, reason="往届重点企业")

    noted = next(entry.data for entry in activity.of(rows()[4]) if entry.kind == "events.prioritised")
    assert names(event) == ["来宾4", "来宾1", "来宾2", "来宾3"]
    assert (noted["before"], noted["after"], noted["reason"]) == (0, 5, "往届重点企业")


@pytest.mark.parametrize(("priority", "reason"), [(5, ""), (5, " "), (101, "重要"), (-101, "重要")])
def test_a_priority_needs_a_reason_and_a_measure(organiser, line, priority, reason):
    event = line(WaitingPolicy.PRIORITY)

    with pytest.raises(DomainError), transaction():
        waiting.prioritise(rows()[4], actor=organiser, priority=priority, reason=reason)
    assert names(event)[0] == "来宾1"


def test_priorities_are_for_lists_by_priority_only(organiser, line):
    line(WaitingPolicy.FIRST_COME)

    with pytest.raises(Conflict), transaction():
        waiting.prioritise(rows()[4], actor=organiser, priority=5, reason="重要")


def test_the_order_of_a_draw_is_recomputed_from_what_the_page_shows(client, organiser, line):
    event = line(WaitingPolicy.DRAW)
    sign_in(client, organiser)
    client.post(f"/events/manage/{event.id}/waiting/draw")
    event = db.session.get_one(Event, event.id)

    page = client.get(f"/events/manage/{event.id}/waiting").text
    ids = [row.id for row in rows()[1:]]
    by_hand = sorted(ids, key=lambda key: hashlib.sha256(f"{event.draw_seed}:{key}".encode()).hexdigest())
    names_by_hand = [f"来宾{key - rows()[0].id}" for key in by_hand]

    assert event.draw_seed in page
    assert [row.id for row in waiting.line_of(event)] == by_hand
    assert sorted(names_by_hand, key=page.index) == names_by_hand


def test_a_draw_is_held_once(organiser, line):
    event = line(WaitingPolicy.DRAW)
    with transaction():
        waiting.draw(db.session.get_one(Event, event.id), actor=organiser)
    seed = db.session.get_one(Event, event.id).draw_seed

    with pytest.raises(Conflict), transaction():
        waiting.draw(db.session.get_one(Event, event.id), actor=organiser)
    assert db.session.get_one(Event, event.id).draw_seed == seed


def test_who_takes_care_of_one_group_does_not_draw(organiser, line):
    event, helper = line(WaitingPolicy.DRAW), a_user()
    with transaction():
        group = audiences.add(db.session.get_one(Event, event.id), actor=organiser, name="媒体")
        duty = EventDuty.REGISTRATIONS
        team.give(db.session.get_one(Event, event.id), actor=organiser, user=helper, duty=duty, audience=group)

    with pytest.raises(NotPermitted), transaction():
        waiting.draw(db.session.get_one(Event, event.id), actor=helper)


@pytest.mark.parametrize("policy", [WaitingPolicy.FIRST_COME, WaitingPolicy.PRIORITY])
def test_an_offer_by_hand_that_passes_others_needs_a_reason(client, organiser, line, policy):
    line(policy)
    sign_in(client, organiser)
    last = rows()[4].id

    client.post(f"/events/registrations/{last}/offer")
    refused = db.session.get_one(Registration, last).state
    client.post(f"/events/registrations/{last}/offer", data={"reason": "主讲嘉宾"})

    noted = next(entry.data for entry in activity.of(rows()[4]) if entry.kind == "events.offered")
    assert (refused, rows()[4].state) == (RegistrationState.WAITING, RegistrationState.OFFERED)
    assert noted["reason"] == "主讲嘉宾"
    assert registrations.reconcile() == ([], [])


@pytest.mark.parametrize("which", [1, 3])
def test_staff_who_pick_need_no_reason_for_whom_they_pick(organiser, line, which):
    line(WaitingPolicy.STAFF)
    with transaction():
        waiting.offer(rows()[which], actor=organiser)

    assert rows()[which].state is RegistrationState.OFFERED


def test_an_offer_for_places_that_are_not_there_is_refused(organiser, line):
    line(WaitingPolicy.STAFF)
    with transaction():
        waiting.offer(rows()[1], actor=organiser)

    with pytest.raises(Conflict), transaction():
        waiting.offer(rows()[2], actor=organiser)
    assert registrations.reconcile() == ([], [])


def test_an_offer_counts_as_approval_where_registrations_are_approved_by_hand(client, organiser, line):
    event = line(WaitingPolicy.STAFF, needs_approval=True)
    with transaction():
        waiting.offer(rows()[1], actor=organiser)
        waiting.accept(rows()[1], actor=None)
    sign_in(client, organiser)

    assert rows()[1].state is RegistrationState.APPROVED
    assert "发出邀约即视为通过审核" in client.get(f"/events/manage/{event.id}/waiting").text


def test_the_page_of_an_event_without_approval_does_not_speak_of_it(client, organiser, line):
    event = line(WaitingPolicy.STAFF)
    sign_in(client, organiser)

    assert "视为通过审核" not in client.get(f"/events/manage/{event.id}/waiting").text


def test_an_offer_taken_back_frees_the_place_for_the_next(organiser, line):
    event = line(WaitingPolicy.FIRST_COME)
    with transaction():
        waiting.offer(rows()[1], actor=organiser)
    with transaction():
        deciding.put_on_list(rows()[1], organiser, "对方请求改期")

    assert db.session.get_one(Event, event.id).pool.used == 0
    assert rows()[1].state is RegistrationState.WAITING
    assert registrations.reconcile() == ([], [])
