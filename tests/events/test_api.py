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


NEW = {
    "region": "650105",
    "kind": "salon",
    "title": "数字经济沙龙",
    "summary": "每月一次",
    "description": "议程",
    "venue": "创业大街",
    "starts": "2026-04-01T14:00:00+08:00",
    "ends": "2026-04-01T17:00:00+08:00",
    "deadline": "2026-03-30T18:00:00+08:00",
    "capacity": 2,
    "waiting_policy": "first_come",
}


def test_an_event_from_draft_to_a_full_list(api):
    made = api.post("/api/v1/events", json=NEW)
    address = f"/api/v1/events/{made.json['id']}"
    changed = api.patch(address, json={"title": "数字经济沙龙（四月）"}).json
    published = api.post(f"{address}/publish").json
    added = [
        api.post(f"{address}/registrations", json={"name": name, "phone": phone, "silent": True}).json["state"]
        for name, phone in (("甲某", "13900000001"), ("乙某", "13900000002"), ("丙某", "13900000003"))
    ]
    places = api.get(f"{address}/places").json["items"]
    line = api.get(f"{address}/waiting-list").json["items"]

    assert (made.status_code, made.json["state"], changed["title"]) == (201, "draft", "数字经济沙龙（四月）")
    assert (published["state"], added) == ("published", ["approved", "approved", "waiting"])
    assert (places[0]["capacity"], places[0]["used"]) == (2, 2)
    assert [row["name"] for row in line] == ["丙某"]


def test_the_same_key_adds_nobody_twice(api, organiser):
    event = an_event(owner=organiser)
    body, key = {"name": "甲某", "email": "jia@example.cn"}, {"Idempotency-Key": "import-17"}

    first = api.post(f"/api/v1/events/{event.id}/registrations", json=body, headers=key)
    again = api.post(f"/api/v1/events/{event.id}/registrations", json=body, headers=key)
    other_key = api.post(f"/api/v1/events/{event.id}/registrations", json=body)

    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert (other_key.status_code, len(states(event))) == (409, 1)


def test_a_moment_without_a_zone_is_refused(api):
    answer = api.post("/api/v1/events", json={**NEW, "starts": "2026-04-01T14:00:00"})

    assert answer.status_code == 422
    assert "starts" in answer.text


def test_a_cancelled_event_tells_why_and_takes_nobody(api, organiser, member):
    event = an_event(owner=organiser)
    a_registration(event, actor=member)

    done = api.post(f"/api/v1/events/{event.id}/cancel", json={"reason": "场馆检修"})
    late = api.post(f"/api/v1/events/{event.id}/registrations", json={"name": "甲某", "phone": "13900000001"})

    assert (done.json["state"], states(event)) == ("cancelled", [RegistrationState.CANCELLED])
    assert (late.status_code, late.json["title"]) == (409, "活动已取消，不能再增加报名")
