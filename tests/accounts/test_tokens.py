"""API tokens on their page and on the wire; keyed calls that repeat safely."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.models import ApiToken, IdempotencyKey, User
from matchmaker.accounts.rules import Role
from matchmaker.accounts.services import tokens
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.lists.models import BulkRun
from tests.accounts.test_sign_in import parallel
from tests.cast import a_token, a_user
from tests.cast import sign_in as give_session
from tests.factories.events import a_registration, an_event

SCOPE = "events:event:read"


def bearer(secret, **more):
    return {"Authorization": f"Bearer {secret}", **more}


def make(client, **values):
    return client.post("/accounts/tokens", data={"name": "同步程序", "scopes": [SCOPE], "days": "30", **values})


def test_token_is_shown_once_and_stored_as_a_hash(client, now):
    give_session(client, a_user(Role.ORGANISER))

    shown = make(client).text

    secret = re.search(r"mm_[\w-]{40,}", shown).group()
    row = db.session.execute(sa.select(ApiToken)).unique().scalar_one()
    assert (row.scopes, row.expires) == ([SCOPE], now + timedelta(days=30))
    assert secret not in row.token_hash
    assert secret not in client.get("/accounts/tokens").text
    assert client.get("/api/v1/events", headers=bearer(secret)).status_code == 200


@pytest.mark.parametrize(
    "values", [{"scopes": ["accounts:user:manage"]}, {"scopes": []}, {"name": " "}, {"days": "4000"}]
)
def test_token_is_refused_beyond_ones_own(client, values):
    give_session(client, a_user(Role.ORGANISER))

    response = make(client, **values)

    assert response.status_code == 422
    assert db.session.execute(sa.select(sa.func.count(ApiToken.id))).scalar_one() == 0


def test_revoked_token_opens_nothing(client):
    user = a_user(Role.ORGANISER)
    secret = a_token(user, SCOPE)
    give_session(client, user)
    token = db.session.execute(sa.select(ApiToken)).unique().scalar_one()

    client.post(f"/accounts/tokens/{token.id}/revoke")

    assert client.get("/api/v1/events", headers=bearer(secret)).status_code == 401


def test_token_of_another_is_not_found(client):
    a_token(a_user(Role.ORGANISER), SCOPE)
    token = db.session.execute(sa.select(ApiToken)).unique().scalar_one()
    give_session(client, a_user(Role.ORGANISER))

    assert client.post(f"/accounts/tokens/{token.id}/revoke").status_code == 404


def test_token_loses_what_its_person_loses(client):
    user = a_user(Role.ORGANISER)
    secret = a_token(user, SCOPE)
    with transaction() as session:
        session.get_one(User, user.id).grants[0].ends = clock.today() - timedelta(days=1)

    assert client.get("/api/v1/events", headers=bearer(secret)).status_code == 403


@pytest.mark.parametrize("what", ["expired", "disabled"])
def test_dead_token_is_401_as_problem(client, what):
    user = a_user(Role.ORGANISER)
    secret = a_token(user, SCOPE)
    with transaction() as session:
        if what == "expired":
            session.execute(sa.update(ApiToken).values(expires=clock.now() - timedelta(seconds=1)))
        else:
            session.get_one(User, user.id).disabled = clock.now()

    response = client.get("/api/v1/events", headers=bearer(secret))

    assert (response.status_code, response.mimetype) == (401, "application/problem+json")


def test_cookie_opens_no_api_and_token_opens_no_page(client, app):
    user = a_user(Role.ORGANISER)
    secret = a_token(user, SCOPE)
    give_session(client, user)

    assert client.get("/api/v1/events").status_code == 401
    assert app.test_client().get("/accounts/profile", headers=bearer(secret)).status_code == 303


def test_last_use_is_noted(client, now):
    secret = a_token(a_user(Role.ORGANISER), SCOPE)

    client.get("/api/v1/events", headers=bearer(secret))

    assert db.session.execute(sa.select(ApiToken.last_used)).scalar_one() == now


@pytest.fixture
def call(client, app, now):
    """A keyed bulk approval: call(key, ids) -> response."""
    organiser = a_user(Role.ORGANISER)
    event = an_event(owner=organiser, capacity=10, needs_approval=True)
    row = a_registration(event, actor=a_user())
    secret = a_token(organiser, SCOPE, "events:event:manage")
    event_id, row_id = event.id, row.id

    def post(key, ids=None, browser=client):
        return browser.post(
            f"/api/v1/events/{event_id}/registrations/approve",
            json={"ids": ids or [row_id]},
            headers=bearer(secret, **{"Idempotency-Key": key}),
        )

    return post


def runs():
    return db.session.execute(sa.select(sa.func.count(BulkRun.id))).scalar_one()


def test_keyed_call_takes_effect_once(call):
    first, second = call("a"), call("a")

    assert first.status_code == second.status_code == 200
    assert first.json == second.json
    assert second.headers["Idempotent-Replay"] == "true"
    assert runs() == 1


def test_key_used_for_another_call_is_refused(call):
    call("a")

    assert call("a", ids=[1, 2]).status_code == 422


def test_parallel_twins_take_effect_once(call, app):
    answers = parallel(app, lambda: call("twin", browser=app.test_client()), 4)

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({str(answer.json) for answer in answers}) == 1
    assert runs() == 1


def test_second_answer_of_a_key_is_a_conflict(app):
    user = a_user(Role.ORGANISER)
    a_token(user, SCOPE)
    token_id = db.session.execute(sa.select(ApiToken.id)).scalar_one()
    answer = {"token_id": token_id, "key": "k", "fingerprint": "f", "status": 200, "body": {"n": 1}}
    with transaction():
        tokens.Answers().keep(**answer)

    with pytest.raises(Conflict), transaction():
        tokens.Answers().keep(**answer)

    assert tokens.Answers().find(token_id, "k").body == {"n": 1}
    assert db.session.execute(sa.select(sa.func.count(IdempotencyKey.id))).scalar_one() == 1
