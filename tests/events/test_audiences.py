"""The groups an event is for: their own places, times and forms, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty, PoolKind
from matchmaker.events.services import audiences, registrations, team
from tests.cast import a_user
from tests.factories.events import a_form, a_guest, an_event
from tests.factories.questionnaires import dinner


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    """Three guests in the one group it has."""
    event = an_event(owner=organiser)
    for number in range(3):
        a_guest(db.session.get_one(Event, event.id), name=f"来宾{number}", phone=f"1390000000{number}")
    return db.session.get_one(Event, event.id)


def own_pools(event):
    return [(pool.name, pool.capacity, pool.used) for pool in event.pools if pool.kind is PoolKind.AUDIENCE]


def fresh(event):
    db.session.expire_all()
    return db.session.get_one(Event, event.id)


def test_a_quota_opened_later_counts_who_is_in_already(organiser, event):
    with transaction():
        group = fresh(event).audiences[0]
        audiences.edit(group, actor=organiser, name="企业", capacity=5)

    assert own_pools(fresh(event)) == [("企业", 5, 3)]
    assert registrations.reconcile() == ([], [])


def test_a_quota_that_is_dropped_leaves_the_places_of_the_event(organiser, event):
    with transaction():
        audiences.edit(fresh(event).audiences[0], actor=organiser, name="企业", capacity=5)
    with transaction():
        audiences.edit(fresh(event).audiences[0], actor=organiser, name="企业", capacity=None)

    assert own_pools(fresh(event)) == []
    assert fresh(event).pool.used == 3
    assert registrations.reconcile() == ([], [])


@pytest.mark.parametrize("first", [None, 5])
def test_a_quota_below_what_is_taken_is_refused(organiser, event, first):
    if first:
        with transaction():
            audiences.edit(fresh(event).audiences[0], actor=organiser, name="参会人员", capacity=first)

    with pytest.raises(DomainError), transaction():
        audiences.edit(fresh(event).audiences[0], actor=organiser, name="参会人员", capacity=2)

    assert own_pools(fresh(event)) == ([("参会人员", first, 3)] if first else [])


def test_a_group_with_registrations_stays(organiser, event):
    with transaction():
        audiences.add(fresh(event), actor=organiser, name="媒体")

    with pytest.raises(Conflict, match="已有报名"), transaction():
        audiences.remove(fresh(event).audiences[0], actor=organiser)


def test_the_last_group_stays(organiser, app, now):
    event = an_event(owner=organiser)

    with pytest.raises(Conflict, match="至少保留"), transaction():
        audiences.remove(fresh(event).audiences[0], actor=organiser)


def test_a_group_somebody_takes_care_of_stays(organiser, event):
    helper = a_user()
    with transaction():
        group = audiences.add(fresh(event), actor=organiser, name="媒体")
        team.give(fresh(event), actor=organiser, user=helper, duty=EventDuty.REGISTRATIONS, audience=group)

    with pytest.raises(Conflict, match="分工"), transaction():
        audiences.remove(fresh(event).audiences[1], actor=organiser)


def test_an_empty_group_goes_with_its_places(organiser, event):
    with transaction():
        audiences.add(fresh(event), actor=organiser, name="媒体", capacity=4)
    with transaction():
        audiences.remove(fresh(event).audiences[1], actor=organiser)

    assert [a.name for a in fresh(event).audiences] == ["参会人员"]
    assert own_pools(fresh(event)) == []


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", {"name": "参会人员"}),
        ("name", {"name": " "}),
        ("opens", {"name": "媒体", "opens": timedelta(days=13)}),
        ("deadline", {"name": "媒体", "deadline": timedelta(days=15)}),
        ("largest_party", {"name": "媒体", "largest_party": 0}),
    ],
)
def test_a_group_that_makes_no_sense_is_refused(organiser, event, now, field, values):
    given = {key: now + value if isinstance(value, timedelta) else value for key, value in values.items()}

    with pytest.raises(DomainError) as refusal, transaction():
        audiences.add(fresh(event), actor=organiser, **given)

    assert refusal.value.field == field


def test_groups_change_places(organiser, event):
    with transaction():
        audiences.add(fresh(event), actor=organiser, name="媒体")
        audiences.add(fresh(event), actor=organiser, name="学生")
    with transaction():
        audiences.shift(fresh(event).audiences[2], actor=organiser, up=True)
    with transaction():
        audiences.shift(fresh(event).audiences[0], actor=organiser, up=True)  # is on top already

    assert [a.name for a in fresh(event).audiences] == ["参会人员", "学生", "媒体"]


def test_a_form_of_another_event_is_refused(organiser, event):
    strange = a_form(an_event(owner=organiser, title="另一场"), dinner())

    with pytest.raises(Conflict), transaction():
        audiences.attach_form(fresh(event).audiences[0], actor=organiser, questionnaire_id=strange.id)


def test_a_new_form_belongs_to_the_group_and_may_be_taken_off(organiser, event):
    with transaction():
        form = audiences.new_form(fresh(event).audiences[0], actor=organiser)
    attached = fresh(event).audiences[0].questionnaire_id
    with transaction():
        audiences.attach_form(fresh(event).audiences[0], actor=organiser, questionnaire_id=None)

    assert (attached, fresh(event).audiences[0].questionnaire_id) == (form.id, None)


def test_staff_of_another_region_change_nothing(app, event):
    stranger = a_user(Role.ORGANISER, region="650102")

    with pytest.raises(NotPermitted), transaction():
        audiences.add(fresh(event), actor=stranger, name="媒体")
    assert db.session.query(Registration).count() == 3
