"""Rows that are inserted at once behave as if the session had flushed them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import WriteOutsideTransaction, db, transaction
from matchmaker.core.putting import put
from matchmaker.events.models import Attendee, Registration
from matchmaker.events.rules import RegistrationState
from tests.cast import a_user
from tests.factories.events import an_event


def _of_two(event, user) -> Registration:
    people = [Attendee(name="甲"), Attendee(name="乙", phone="13000000002")]
    return Registration(
        event=event,
        audience=event.audiences[0],
        user=user,
        state=RegistrationState.APPROVED,
        party=2,
        created=clock.now(),
        attendees=people,
    )


@pytest.fixture
def event(app):
    return an_event(owner=a_user())


def test_a_row_and_its_children_are_in_the_database_with_keys_and_defaults(event):
    user = a_user()
    with transaction():
        row = _of_two(event, user)
        put(row, *row.attendees)
        assert sa.inspect(row).persistent
        assert not db.session.new
        assert not db.session.dirty
        assert (row.event_id, row.user_id, row.version) == (event.id, user.id, 1)
        nonce = row.nonce

    db.session.expire_all()
    assert [(a.name, a.phone, a.registration_id) for a in row.attendees] == [
        ("甲", "", row.id),
        ("乙", "13000000002", row.id),
    ]
    assert len({a.code for a in row.attendees}) == 2
    assert row.nonce == nonce
    assert row.note == ""


def test_a_row_can_be_changed_afterwards_and_its_version_counts(event):
    with transaction():
        row = _of_two(event, a_user_inside())
        put(row, *row.attendees)
        row.note = "素食"

    db.session.expire_all()
    assert (row.note, row.version) == ("素食", 2)


def a_user_inside():
    """The owner of the event is there already; no second transaction is opened for another person."""
    from matchmaker.accounts.models import User

    return db.session.execute(sa.select(User)).unique().scalars().first()


def test_what_was_undone_is_nobody_s_and_its_key_is_free_again(event):
    user = a_user()
    undone = _of_two(event, user)
    with pytest.raises(ZeroDivisionError), transaction():
        put(undone, *undone.attendees)
        raise ZeroDivisionError

    assert undone not in db.session
    with transaction():
        row = _of_two(event, user)
        put(row, *row.attendees)
    assert db.session.execute(sa.select(sa.func.count(Registration.id))).scalar_one() == 1


def test_a_savepoint_takes_back_its_own_rows_only(event):
    user = a_user()
    with transaction() as session:
        kept = _of_two(event, user)
        put(kept, *kept.attendees)
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            twin = _of_two(event, user)
            put(twin, *twin.attendees)
        assert kept in session
        assert twin not in session

    assert db.session.execute(sa.select(Registration.id)).scalars().all() == [kept.id]


def test_outside_a_transaction_it_is_refused(event):
    with pytest.raises(WriteOutsideTransaction):
        put(_of_two(event, event.owner))
