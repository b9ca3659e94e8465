"""Meals, buses and other places as the organiser arranges them: never below what is taken."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Event, Registration, SeatPool
from matchmaker.events.rules import PoolKind
from matchmaker.events.services import places, pools, registrations
from tests.cast import a_user, sign_in
from tests.factories.events import a_guest, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    """Two guests, both on the bus."""
    event = an_event(owner=organiser)
    for number in range(2):
        a_guest(db.session.get_one(Event, event.id), name=f"来宾{number}", phone=f"1390000000{number}")
    with transaction():
        event = db.session.get_one(Event, event.id)
        bus = places.add(event, actor=organiser, kind=PoolKind.BUS, name="班车", capacity=4)
        for row in db.session.query(Registration).all():
            pools.hold(row, {**pools.wanted(row), bus.id: 1})
    return db.session.get_one(Event, event.id)


def bus_of(event):
    db.session.expire_all()
    return next(pool for pool in db.session.get_one(Event, event.id).pools if pool.kind is PoolKind.BUS)


@pytest.mark.parametrize(("capacity", "stands"), [(1, 4), (2, 2), (9, 9)])
def test_a_pool_never_shrinks_below_what_is_taken(organiser, event, capacity, stands):
    try:
        with transaction():
            places.change(bus_of(event), actor=organiser, capacity=capacity)
    except DomainError:
        assert capacity < bus_of(event).used

    assert (bus_of(event).capacity, bus_of(event).used) == (stands, 2)
    assert registrations.reconcile() == ([], [])


def test_a_pool_that_somebody_chose_stays(organiser, event):
    with pytest.raises(Conflict), transaction():
        places.remove(bus_of(event), actor=organiser)

    assert bus_of(event).used == 2


def test_a_pool_that_nobody_chose_goes(organiser, event):
    with transaction():
        places.add(bus_of(event).event, actor=organiser, kind=PoolKind.MEAL, name="晚宴", capacity=4)
    with transaction():
        meal = next(pool for pool in bus_of(event).event.pools if pool.kind is PoolKind.MEAL)
        places.remove(meal, actor=organiser)

    assert {pool.kind for pool in bus_of(event).event.pools} == {PoolKind.EVENT, PoolKind.BUS}


@pytest.mark.parametrize("kind", [PoolKind.EVENT, PoolKind.AUDIENCE, PoolKind.SESSION])
def test_places_of_the_event_of_groups_and_sessions_are_not_added_here(organiser, event, kind):
    with pytest.raises(DomainError), transaction():
        places.add(bus_of(event).event, actor=organiser, kind=kind, name="又一个", capacity=4)


def test_the_database_refuses_a_second_pool_of_the_whole_event(event):
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(SeatPool(event_id=event.id, kind=PoolKind.EVENT, name="又一个", capacity=1, used=0))


def test_two_buses_have_two_names(organiser, event):
    with pytest.raises(DomainError) as refusal, transaction():
        places.add(bus_of(event).event, actor=organiser, kind=PoolKind.BUS, name=" 班车", capacity=4)

    assert refusal.value.field == "name"


def test_the_places_of_the_event_cannot_be_removed(organiser, event):
    with pytest.raises(Conflict), transaction():
        places.remove(bus_of(event).event.pool, actor=organiser)


@pytest.mark.parametrize("seats", [0, -1, 1001])
def test_going_over_capacity_takes_a_sensible_number(organiser, event, seats):
    with pytest.raises(DomainError), transaction():
        places.exceed(bus_of(event), actor=organiser, seats=seats, reason="上级要求")


def test_going_over_capacity_takes_a_reason(organiser, event):
    with pytest.raises(DomainError), transaction():
        places.exceed(bus_of(event), actor=organiser, seats=1, reason=" ")


def test_staff_of_another_region_change_nothing(app, event):
    stranger = a_user(Role.ORGANISER, region="650102")

    with pytest.raises(NotPermitted), transaction():
        places.change(bus_of(event), actor=stranger, capacity=9)


def test_the_page_refuses_with_what_was_typed(client, organiser, event):
    sign_in(client, organiser)
    bus = bus_of(event)
    url = f"/events/manage/{event.id}/places/{bus.id}"

    answer = client.post(url, data={"kind": "bus", "name": "班车", "capacity": "1"})

    assert answer.status_code == 422
    assert 'value="1"' in answer.text
    assert bus_of(event).capacity == 4
