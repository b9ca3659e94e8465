"""The second factor: enrolment, the second step, replay, recovery codes, and staff who must have it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from matchmaker.accounts import gateways
from matchmaker.accounts.models import RecoveryCode, User, UserSession
from matchmaker.accounts.rules import Role
from matchmaker.accounts.services import second_factor
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from tests.accounts.test_sign_in import parallel
from tests.cast import PASSWORD, a_token, a_user
from tests.cast import sign_in as give_session

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def required(app):
    """The office requires the second factor of its staff."""
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, staff_second_factor=True)
    yield
    app.config["SETTINGS"] = settings


def code_at(moment):
    return pyotp.TOTP(SECRET).at(int(moment.timestamp()))


def enrolled(now, *roles, **values):
    """A person with a bound app, and the recovery codes."""
    user = a_user(*roles, **values)
    with transaction():
        codes = second_factor.enrol(user, sealed=gateways.seal(SECRET), code=code_at(now - timedelta(seconds=30)))
    return user, codes


def password_step(client, identifier="who@example.cn"):
    return client.post("/accounts/sign-in", data={"identifier": identifier, "password": PASSWORD, "next": "/messages/"})


def second_step(client, code):
    return client.post("/accounts/sign-in/second-step", data={"code": code})


def test_enrolment_on_the_page_shows_ten_codes_once_and_rotates_the_session(client, app, now):
    user = a_user()
    elsewhere = give_session(app.test_client(), user)
    give_session(client, user)
    shown = client.get("/accounts/second-factor/enrol").text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", shown).group(1)
    assert "data:image/svg+xml" in shown

    response = client.post(
        "/accounts/second-factor/enrol",
        data={"code": pyotp.TOTP(secret).at(int(now.timestamp())), "current": PASSWORD},
    )

    assert len(re.findall(r"^.*\b\w{5}-\w{5}$", response.text, re.MULTILINE)) == 10
    assert elsewhere.get("/accounts/profile").status_code == 303
    row = db.session.execute(sa.select(UserSession)).unique().scalar_one()
    assert row.second_factor
    stored = db.session.get(User, user.id).totp_secret
    assert secret not in stored
    assert gateways.unseal(stored) == secret


def test_enrolment_refuses_a_wrong_code(client, now):
    user = a_user()
    give_session(client, user)
    client.get("/accounts/second-factor/enrol")

    response = client.post("/accounts/second-factor/enrol", data={"code": "000000", "current": PASSWORD})

    assert response.status_code == 422
    assert db.session.get(User, user.id).totp_secret is None


def test_password_alone_does_not_sign_in(client, now):
    enrolled(now, email="who@example.cn")

    response = password_step(client)

    assert response.location == "/accounts/sign-in/second-step"
    assert client.get("/accounts/profile").status_code == 303
    assert db.session.execute(sa.select(sa.func.count(UserSession.id))).scalar_one() == 0


def test_second_step_signs_in_and_goes_on(client, now):
    enrolled(now, email="who@example.cn")
    password_step(client)

    response = second_step(client, code_at(now))

    assert response.location == "/messages/"
    assert db.session.execute(sa.select(UserSession)).unique().scalar_one().second_factor


def test_second_step_needs_the_first(client, now):
    assert second_step(client, "123456").location == "/accounts/sign-in"


def test_second_step_ends_after_five_minutes(client, now):
    enrolled(now, email="who@example.cn")
    password_step(client)

    with clock.frozen(now + timedelta(minutes=6)):
        assert second_step(client, code_at(clock.now())).location == "/accounts/sign-in"


def test_code_works_once(client, app, now):
    enrolled(now, email="who@example.cn")
    password_step(client)
    second_step(client, code_at(now))
    other = app.test_client()
    password_step(other)

    response = second_step(other, code_at(now))

    assert response.status_code == 422
    assert other.get("/accounts/profile").status_code == 303


def test_parallel_replay_of_one_code_passes_once(app, now):
    user, _ = enrolled(now)
    user_id, code = user.id, code_at(now)
    db.session.remove()

    def attempt():
        with transaction() as session:
            return second_factor.passes(session.get_one(User, user_id), code)

    assert sum(parallel(app, attempt, 8)) == 1


def test_five_wrong_codes_lock_the_step(client, now):
    enrolled(now, email="who@example.cn")
    password_step(client)
    for _ in range(5):
        assert second_factor.WRONG in second_step(client, "000000").text

    response = second_step(client, code_at(now))

    assert "15 分钟" in response.text
    assert client.get("/accounts/profile").status_code == 303


def test_recovery_code_works_once(client, app, now):
    _, codes = enrolled(now, email="who@example.cn")
    password_step(client)
    assert second_step(client, codes[0].upper()).status_code == 303
    other = app.test_client()
    password_step(other)

    assert second_step(other, codes[0]).status_code == 422
    used = sa.select(sa.func.count()).where(RecoveryCode.used.is_not(None))
    assert db.session.execute(used).scalar_one() == 1


def test_recovery_code_of_another_does_not_fit(app, now):
    one, codes = enrolled(now)
    other, _ = enrolled(now)

    with transaction():
        assert not second_factor.passes(other, codes[0])


def test_removing_asks_for_the_password(client, now):
    user, _ = enrolled(now)
    give_session(client, user)

    refused = client.post("/accounts/second-factor/off", data={"current": "wrong wrong wrong"})
    assert refused.status_code == 422
    assert db.session.get(User, user.id).totp_secret is not None

    client.post("/accounts/second-factor/off", data={"current": PASSWORD})
    assert db.session.get(User, user.id).totp_secret is None


@pytest.mark.parametrize("path", ["/", "/messages/", "/accounts/profile", "/accounts/devices", "/accounts/tokens"])
def test_staff_without_it_are_led_to_enrolment_and_nothing_else(client, required, path):
    give_session(client, a_user(Role.HANDLER))

    assert client.get(path).location == "/accounts/second-factor/enrol"


def test_staff_may_enrol_and_sign_out(client, required):
    give_session(client, a_user(Role.HANDLER))

    assert client.get("/accounts/second-factor/enrol").status_code == 200
    assert client.post("/accounts/sign-out").location == "/accounts/sign-in"


def test_staff_session_opened_before_the_app_was_bound_is_asked_to_sign_in_again(client, required, now):
    user, _ = enrolled(now, Role.HANDLER)
    give_session(client, user)

    assert client.get("/messages/").location == "/accounts/sign-in"


def test_others_need_nothing(client, required):
    give_session(client, a_user())

    assert client.get("/accounts/profile").status_code == 200


def test_staff_token_is_refused_until_the_app_is_bound(client, required, now):
    bare, (bound, _) = a_user(Role.ORGANISER), enrolled(now, Role.ORGANISER)
    headers = [{"Authorization": f"Bearer {a_token(user, 'events:event:read')}"} for user in (bare, bound)]

    answers = [client.get("/api/v1/events", headers=header).status_code for header in headers]

    assert answers == [403, 200]


def test_staff_may_not_remove_it(client, required, now):
    user, _ = enrolled(now, Role.HANDLER, email="who@example.cn")
    password_step(client)
    second_step(client, code_at(now))

    assert client.post("/accounts/second-factor/off", data={"current": PASSWORD}).status_code == 403
    assert db.session.get(User, user.id).totp_secret is not None


def test_enrol_refuses_what_is_no_code(app, now):
    user = a_user()

    with pytest.raises(DomainError) as refusal, transaction():
        second_factor.enrol(user, sealed=gateways.seal(SECRET), code="１２３４５６")

    assert refusal.value.field == "code"
