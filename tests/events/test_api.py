"""Events by API token: the same rows, rules and refusals as on the pages."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core.db import db
from matchmaker.events.models import Registration
from matchmaker.events.rules import RegistrationState
from tests.cast import OTHER_REGION, a_token, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="王组织")


@pytest.fixture
def member(app, now):
    return a_user(name="李会员", organisation=an_organisation(name="云图安防科技有限公司"))


def states(event):
    rows = sa.select(Registration.state).where(Registration.event_id == event.id).order_by(Registration.id)
    return list(db.session.execute(rows).scalars())


@pytest.fixture
def api(client, organiser):
    secret = a_token(organiser, Permission.EVENTS_READ, Permission.EVENTS_MANAGE)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_approves_in_bulk_and_undoes(api, organiser, member):
    event = an_event(owner=organiser, needs_approval=True)
    row = a_registration(event, actor=member)

    listed = api.get(f"/api/v1/events/{event.id}/registrations?state=submitted").json
    done = api.post(f"/api/v1/events/{event.id}/registrations/approve", json={"ids": [row.id]}).json
    approved = states(event)
    undone = api.post(f"/api/v1/bulk-runs/{done['run']}/undo").json

    assert (listed["total"], listed["items"][0]["id"]) == (1, row.id)
    assert (done["done"], done["skipped"], approved) == (1, 0, [RegistrationState.APPROVED])
    assert (undone["done"], states(event)) == (1, [RegistrationState.SUBMITTED])


def test_without_a_token_answers_401_as_problem_json(client, organiser):
    answer = client.get("/api/v1/events")

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_token_without_the_scope_is_refused(client, organiser):
    secret = a_token(organiser, Permission.EVENTS_READ)
    event = an_event(owner=organiser)

    answer = client.post(
        f"/api/v1/events/{event.id}/registrations/approve",
        json={"ids": [1]},
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert answer.status_code == 403


def test_a_browser_session_is_worth_nothing_here(client, organiser):
    sign_in(client, organiser)

    assert client.get("/api/v1/events").status_code == 401


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": ["x"]}, {"ids": [1.5]}, [], "x"])
def test_a_body_of_the_wrong_shape_is_a_422(api, organiser, body):
    event = an_event(owner=organiser)

    assert api.post(f"/api/v1/events/{event.id}/registrations/approve", json=body).status_code in {400, 422}
    assert states(event) == []


def test_events_of_another_region_do_not_exist(api, organiser):
    other = a_user(Role.ORGANISER, region=OTHER_REGION)
    event = an_event(owner=other, region=OTHER_REGION)

    assert api.get(f"/api/v1/events/{event.id}/registrations").status_code == 404
    assert api.get("/api/v1/events").json["total"] == 0
