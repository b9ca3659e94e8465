"""A registration is thought through before its turn to write: nothing is written then, and nothing old is kept."""

import pytest
import sqlalchemy as sa

from matchmaker.activity.models import Activity
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.events import queries
from matchmaker.events.models import Audience, Event, Registration, SeatPool
from matchmaker.events.rules import RegistrationState, WaitingPolicy
from matchmaker.events.services import registrations
from matchmaker.notifications.models import Message
from tests.cast import a_user
from tests.factories.events import an_event

WISH = {"organisation_id": None, "attendees": "甲\n乙", "phone": "13000000001"}


@pytest.fixture
def event(app):
    return an_event(owner=a_user(name="组织者"), capacity=4, waiting_policy=WaitingPolicy.FIRST_COME)


def looked_at(event, person):
    db.session.expire_all()
    found = queries.to_register(person, event.id)
    assert found is not None
    return found


def entered(event, person, **wish):
    with transaction(acting=person, kept=event):
        return registrations.enter(registrations.prepare(event, actor=person, **{**WISH, **wish}), actor=person)


def letter_of(row):
    about = (Message.about_kind == "registrations", Message.about_id == row.id)
    return db.session.execute(sa.select(Message).where(*about)).scalar_one()


def rows(*kinds):
    return [db.session.execute(sa.select(sa.func.count()).select_from(kind)).scalar_one() for kind in kinds]


def test_preparing_writes_nothing_and_entering_writes_all_of_it(event):
    person = a_user(name="报名人")
    seen = looked_at(event, person)
    before = rows(Registration, Message, Activity)

    ready = registrations.prepare(seen, actor=person, **WISH)

    assert not db.session.new
    assert not db.session.dirty
    with transaction(acting=person, kept=seen):
        assert queries.renew(seen)
        row = registrations.enter(ready, actor=person)
    assert rows(Registration, Message, Activity) == [n + 1 for n in before]
    assert (row.state, row.event_id, row.user_id, len(row.attendees)) == (
        RegistrationState.APPROVED,
        event.id,
        person.id,
        2,
    )
    line = db.session.execute(sa.select(Activity).where(Activity.kind == "events.registered")).scalar_one()
    assert (line.subject_kind, line.subject_id, line.actor_id) == ("registrations", row.id, person.id)


def test_the_letter_that_was_worded_before_leads_to_the_registration(event):
    row = entered(event, a_user(name="报名人"))

    letter = letter_of(row)
    assert letter.url == f"/events/registrations/{row.id}"
    assert f"{letter.url}\n" in letter.text
    assert "link-to-come" not in letter.text
    assert letter.subject.startswith("报名成功")


def test_who_comes_to_wait_is_told_so_although_a_place_was_foreseen(event):
    entered(event, a_user(name="先来"), attendees="甲\n乙\n丙")
    person = a_user(name="后来")
    ready = registrations.prepare(looked_at(event, person), actor=person, **WISH)
    assert ready.foreseen is RegistrationState.APPROVED

    with transaction(acting=person, kept=ready.registration.event):
        row = registrations.enter(ready, actor=person)

    assert row.state is RegistrationState.WAITING
    assert letter_of(row).subject.startswith("已加入候补")


@pytest.mark.parametrize(
    "change",
    [
        sa.update(Event.__table__).values(state="cancelled"),
        sa.update(Audience.__table__).values(invited_only=True),
        sa.update(SeatPool.__table__).values(capacity=9),
    ],
    ids=["cancelled", "by invitation", "capacity"],
)
def test_what_changes_between_thinking_and_writing_asks_for_a_second_thought(event, change):
    person = a_user(name="报名人")
    seen = looked_at(event, person)
    registrations.prepare(seen, actor=person, **WISH)
    with db.engine.begin() as other:
        other.execute(change)

    with transaction(acting=person, kept=seen):
        assert not queries.renew(seen)


@pytest.mark.parametrize("capacity", [9, 2], ids=["places left", "full"])
def test_coming_twice_is_told_whether_or_not_places_are_left(app, capacity):
    person = a_user(name="报名人")
    event = an_event(owner=a_user(name="组织者"), capacity=capacity, waiting_policy=WaitingPolicy.NONE)
    entered(event, person)

    with pytest.raises(Conflict, match="已经报过名"):
        entered(looked_at(event, person), person)

    assert rows(Registration) == [1]
    assert db.session.execute(sa.select(SeatPool.used)).scalar_one() == 2


def test_two_prepared_at_once_make_one_registration(event):
    person = a_user(name="报名人")
    seen = looked_at(event, person)
    first, second = (registrations.prepare(seen, actor=person, **WISH) for _tab in range(2))
    with transaction(acting=person, kept=seen):
        registrations.enter(first, actor=person)

    with pytest.raises(Conflict, match="已经报过名"), transaction(acting=person, kept=seen):
        registrations.enter(second, actor=person)

    assert rows(Registration) == [1]
    assert db.session.execute(sa.select(SeatPool.used)).scalar_one() == 2
