"""Signing in: lockout, idle time-out, rotation, devices, uniform answers, races."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts import gateways
from matchmaker.accounts.models import SignInAttempt, User, UserSession
from matchmaker.accounts.services import limits, sign_in
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from tests.cast import PASSWORD, a_user
from tests.cast import sign_in as give_session

WHO = {"address": "10.0.0.1", "agent": "tests"}


def post(client, identifier="who@example.cn", password=PASSWORD, **values):
    return client.post("/accounts/sign-in", data={"identifier": identifier, "password": password, **values})


def outcomes():
    return list(db.session.execute(sa.select(SignInAttempt.outcome).order_by(SignInAttempt.id)).scalars())


def test_sign_in_goes_on_where_the_person_wanted(client):
    a_user(email="who@example.cn")

    assert post(client, next="/messages/").location == "/messages/"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil", "javascript:alert(1)"])
def test_sign_in_never_leaves_the_site(client, target):
    a_user(email="who@example.cn")

    assert post(client, next=target).location == "/"


def test_unknown_account_and_wrong_password_answer_alike(client):
    a_user(email="who@example.cn")

    wrong = post(client, password="not the right sentence")
    unknown = post(client, identifier="nob@example.cn", password="not the right sentence")

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("who@", "nob@") == unknown.text
    assert outcomes() == ["failed", "failed"]


def test_disabled_account_answers_like_a_wrong_password(client):
    user = a_user(email="who@example.cn")
    with transaction() as session:
        session.get_one(User, user.id).disabled = clock.now()

    assert sign_in.WRONG in post(client).text


def test_lockout_holds_for_known_and_unknown_accounts(client, now):
    a_user(email="who@example.cn")
    for identifier in ("who@example.cn", "nobody@example.cn"):
        pages = [post(client, identifier=identifier, password="not the right sentence") for _ in range(9)]

        assert [sign_in.LOCKED in page.text for page in pages] == [False] * 8 + [True]
    assert sign_in.LOCKED in post(client).text  # even with the right password


def test_lockout_ends_after_a_quarter_of_an_hour(client, now):
    a_user(email="who@example.cn")
    for _ in range(9):
        post(client, password="not the right sentence")

    with clock.frozen(now + timedelta(minutes=16)):
        assert post(client).status_code == 303


def test_mail_and_phone_of_one_person_count_together(client, now):
    user = a_user(email="who@example.cn")
    with transaction() as session:
        session.get_one(User, user.id).phone = "13800000000"
    for _ in range(4):
        post(client, password="not the right sentence")
        post(client, identifier="138 0000 0000", password="not the right sentence")

    assert sign_in.LOCKED in post(client).text


def test_right_password_forgives_the_failed_tries(client, now):
    a_user(email="who@example.cn")
    for _ in range(3):
        for _ in range(7):
            post(client, password="not the right sentence")
        assert post(client).status_code == 303
        client.post("/accounts/sign-out")


def test_mail_made_of_a_number_is_not_the_phone_of_another(client):
    a_user(email="13800000000@example.cn", name="甲")
    other = a_user(name="乙")
    with transaction() as session:
        session.get_one(User, other.id).phone = "13800000000"

    post(client, identifier="13800000000@example.cn")

    assert "甲" in client.get("/accounts/profile").text


def parallel(app, work, count):
    """The results of `work` done by `count` threads at once; the test then reads what they left."""
    results, start = [], threading.Barrier(count)

    def run():
        with app.app_context():
            start.wait()
            try:
                results.append(work())
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return results


def test_parallel_tries_never_exceed_the_limit(app):
    a_user(email="who@example.cn")
    db.session.remove()

    def attempt():
        with transaction():
            return sign_in.begin(identifier="who@example.cn", limit=8, **WHO)

    assert sorted(parallel(app, attempt, 20)) == [False] * 12 + [True] * 8


def test_parallel_spending_of_a_fresh_allowance_never_exceeds_the_limit(app):
    def spend():
        with transaction():
            return limits.spend("x", "y", limit=3, minutes=10)

    assert sum(parallel(app, spend, 10)) == 3


def test_sign_in_replaces_the_anonymous_session(client):
    a_user(email="who@example.cn")
    with client.session_transaction() as session:
        session["token"], session["planted"] = "planted-token", "x"

    post(client)

    with client.session_transaction() as session:
        assert "planted" not in session
        token = session["token"]
    row = db.session.execute(sa.select(UserSession)).unique().scalar_one()
    assert row.token_hash == gateways.token_hash(token)
    assert token != "planted-token"


def test_idle_session_is_signed_out(client, now):
    give_session(client, a_user())

    with clock.frozen(now + timedelta(minutes=119)):
        assert client.get("/accounts/profile").status_code == 200
    with clock.frozen(now + timedelta(minutes=119 + 121)):
        assert client.get("/accounts/profile").status_code == 303


def test_signing_out_kills_a_copied_cookie(app, client):
    give_session(client, a_user())
    copy = app.test_client()
    with client.session_transaction() as mine, copy.session_transaction() as theirs:
        theirs.update(mine)

    client.post("/accounts/sign-out")

    assert copy.get("/accounts/profile").status_code == 303


def test_devices_lists_and_signs_out_only_ones_own(app, client):
    user, other = a_user(), a_user()
    elsewhere, stranger = give_session(app.test_client(), user), give_session(app.test_client(), other)
    give_session(client, user)
    rows = {row.user_id: row.id for row in db.session.execute(sa.select(UserSession)).unique().scalars()}

    assert client.post(f"/accounts/devices/{rows[other.id]}/sign-out").status_code == 404
    client.post("/accounts/devices/sign-out-others")

    assert elsewhere.get("/accounts/profile").status_code == 303
    assert stranger.get("/accounts/profile").status_code == 200
    assert "退出其他所有设备" not in client.get("/accounts/devices").text
