"""An event that was read before the turn is what it is now inside it, whatever changed in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events import queries
from matchmaker.events.models import Audience, Event, SeatPool
from matchmaker.events.rules import EventState, PoolKind
from tests.cast import a_user
from tests.factories.events import an_event


def _elsewhere(*statements: sa.Executable) -> None:
    """What another process changes meanwhile."""
    with db.engine.connect() as other:
        other = other.execution_options(matchmaker_write=True)
        with other.begin():
            for statement in statements:
                other.execute(statement)


CHANGES = {
    "cancelled": (lambda: sa.update(Event.__table__).values(state=EventState.CANCELLED), lambda e: e.state.value),
    "deadline": (
        lambda: sa.update(Event.__table__).values(deadline=clock.now() - timedelta(days=1)),
        lambda e: e.deadline < clock.now(),
    ),
    "capacity": (lambda: sa.update(SeatPool.__table__).values(capacity=7), lambda e: e.pool.capacity),
    "a place more": (
        lambda: sa.insert(SeatPool.__table__).values(
            event_id=sa.select(Event.id).scalar_subquery(), kind=PoolKind.MEAL, name="晚宴", capacity=3, used=0
        ),
        lambda e: [pool.name for pool in e.pools],
    ),
    "by invitation": (
        lambda: sa.update(Audience.__table__).values(invited_only=True),
        lambda e: e.audiences[0].invited_only,
    ),
}
EXPECTED = {
    "cancelled": "cancelled",
    "deadline": True,
    "capacity": 7,
    "a place more": ["", "晚宴"],
    "by invitation": True,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_changed_is_seen_inside(app, change):
    owner = a_user()
    event_id = an_event(owner=owner).id
    db.session.expunge_all()
    statement, look = CHANGES[change]
    event = queries.to_register(owner, event_id)
    assert event is not None
    _elsewhere(statement())

    with transaction(acting=owner, kept=event):
        queries.renew(event)
        assert look(event) == EXPECTED[change]


def test_a_place_taken_meanwhile_makes_nobody_read_the_event_again(app, count_queries):
    owner = a_user()
    event_id = an_event(owner=owner).id
    db.session.expunge_all()
    event = queries.to_register(owner, event_id)
    _elsewhere(sa.update(SeatPool.__table__).values(used=1))

    with transaction(acting=owner, kept=event):
        count_queries.clear()
        queries.renew(event)
        assert event.pool.capacity == 10
        assert len(count_queries) == 1
