"""The organiser's pages open, and each step leads where it says."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.events.rules import EventDuty, RegistrationState, WaitingPolicy
from matchmaker.events.services import registrations, team
from tests.cast import a_user, sign_in
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    event = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.PRIORITY)
    a_registration(event, actor=a_user())
    a_registration(event, actor=a_user())
    return event


PAGES = ("", "/overview", "/waiting", "/places", "/places/new", "/groups", "/groups/new", "/team", "/add", "/edit")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_an_event_opens(client, organiser, event, page, language):
    sign_in(client, organiser)

    assert client.get(f"/events/manage/{event.id}{page}?lang={language}").status_code == 200


def test_one_who_waits_is_put_up_and_restored_over_capacity(client, organiser, event):
    from matchmaker.core.db import db
    from matchmaker.events.models import Registration

    sign_in(client, organiser)
    row = db.session.query(Registration).filter_by(state=RegistrationState.WAITING).one()
    page = client.get(f"/events/manage/registrations/{row.id}")

    refused = client.post(f"/events/registrations/{row.id}/restore", data={"reason": "重点企业"})
    done = client.post(f"/events/registrations/{row.id}/restore", data={"reason": "重点企业", "exceed": "y"})

    assert (page.status_code, refused.status_code, done.status_code) == (200, 422, 303)
    assert db.session.get(Registration, row.id).state is RegistrationState.APPROVED
    assert registrations.reconcile() == ([], [])


def test_a_member_of_the_team_sees_the_list_and_not_the_settings(client, organiser, event):
    from matchmaker.core.db import transaction

    helper = a_user()
    with transaction():
        team.give(event, actor=organiser, user=helper, duty=EventDuty.REGISTRATIONS)
    sign_in(client, helper)

    assert client.get(f"/events/manage/{event.id}").status_code == 200
    assert client.get(f"/events/manage/{event.id}/edit").status_code == 404
