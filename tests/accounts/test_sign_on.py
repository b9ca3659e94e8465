"""Signing in by the region's unified sign-in, against a provider of our own that signs and lies as it is told."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pyotp
import pytest
from joserfc.jwk import RSAKey

from matchmaker.accounts import gateways
from matchmaker.accounts.models import SignInAttempt, User, UserSession
from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from tests.accounts.identity_provider import CLIENT, SECRET, go, is_in, link, rows, said
from tests.cast import a_user

UNPROVEN = "统一身份认证返回的信息核对不上"
STALE = "登录请求已过期或已用过"


def test_without_the_setting_nothing_is_offered(client):
    assert "统一身份认证" not in client.get("/accounts/sign-in").text
    assert client.get("/accounts/sign-on").status_code == 404
    assert client.get("/accounts/sign-on/back").status_code == 404


def test_known_identity_signs_in(client, provider, known):
    assert "统一身份认证登录" in said(client)

    response = go(client, provider, "?next=/accounts/devices")

    assert (response.status_code, response.location) == (303, "/accounts/devices")
    assert "张三" in client.get("/accounts/profile").text
    assert [row.outcome for row in rows(SignInAttempt)] == ["signed_in"]


def test_question_carries_challenge_state_and_nonce(client, provider):
    address = client.get("/accounts/sign-on").location

    assert address.startswith(f"{provider.issuer}/authorize?response_type=code&client_id={CLIENT}")
    assert "code_challenge_method=S256" in address
    assert "redirect_uri=http%3A%2F%2Flocalhost%2Faccounts%2Fsign-on%2Fback" in address
    assert SECRET not in address


def test_target_elsewhere_is_not_followed(client, provider, known):
    assert go(client, provider, "?next=//evil.example/").location == "/"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"azp": "somebody-else"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_wrong_claim_is_refused(client, provider, known, claims):
    provider.claims = claims

    response = go(client, provider)

    assert response.location == "/accounts/sign-in"
    assert UNPROVEN in said(client)
    assert not is_in(client)


def test_expired_token_is_refused(client, provider, known):
    provider.claims = {"exp": int((clock.now() - timedelta(minutes=2)).timestamp())}

    go(client, provider)

    assert UNPROVEN in said(client)
    assert not is_in(client)


def test_tampered_signature_is_refused(client, provider, known):
    provider.mangle = lambda token: token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB")

    go(client, provider)

    assert UNPROVEN in said(client)
    assert not is_in(client)


def test_tampered_claims_are_refused(client, provider, known):
    other = {"iss": provider.issuer, "aud": CLIENT, "sub": "person-1", "exp": 9999999999, "iat": 1, "nonce": "x"}
    provider.mangle = lambda token: ".".join(
        (token.split(".")[0], provider.signed(other).split(".")[1], token.split(".")[2])
    )

    go(client, provider)

    assert UNPROVEN in said(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_weak_algorithm_is_refused(client, provider, known, algorithm):
    provider.header = {"alg": algorithm, "kid": "one"}

    go(client, provider)

    assert UNPROVEN in said(client)
    assert not is_in(client)


def test_strange_key_is_refused(client, provider, known):
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})

    go(client, provider)

    assert UNPROVEN in said(client)


def test_no_token_at_all_is_refused(client, provider, known):
    provider.mangle = lambda _token: "nonsense"

    go(client, provider)

    assert UNPROVEN in said(client)


def test_new_key_is_fetched_once_the_old_list_rested(client, provider, known, now):
    go(client, provider)
    give_up = client.post("/accounts/sign-out")
    assert give_up.status_code == 303
    provider.key = provider.signing_key = RSAKey.generate_key(2048, {"kid": "two"})
    provider.header = {"alg": "RS256", "kid": "two"}

    with clock.frozen(now + timedelta(minutes=2)):
        go(client, provider)

        assert is_in(client)


def test_discovery_and_keys_are_kept(client, app, provider, known):
    go(client, provider)
    go(app.test_client(), provider)

    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/keys") == 1


def test_replayed_answer_is_refused(client, app, provider, known):
    there = client.get("/accounts/sign-on").location
    way = provider.allow(there)
    with client.session_transaction() as session:
        copy = dict(session)
    client.get("/accounts/sign-on/back" + way)
    again, thief = client.get("/accounts/sign-on/back" + way), app.test_client()
    with thief.session_transaction() as session:
        session.update(copy)

    response = thief.get("/accounts/sign-on/back" + way)

    assert again.location == "/accounts/profile"  # signed in already: nothing more happens
    assert response.location == "/accounts/sign-in"
    assert STALE in said(thief)
    assert not is_in(thief)


def test_answer_to_another_browser_is_refused(client, app, provider, known):
    way = provider.allow(client.get("/accounts/sign-on").location)
    victim = app.test_client()

    victim.get("/accounts/sign-on/back" + way)

    assert STALE in said(victim)
    assert not is_in(victim)


def test_wrong_state_is_refused(client, provider, known):
    go(client, provider, change=lambda way: way[:-3] + "xyz")

    assert STALE in said(client)
    assert not is_in(client)


def test_late_answer_is_refused(client, provider, known, now):
    way = provider.allow(client.get("/accounts/sign-on").location)

    with clock.frozen(now + timedelta(minutes=11)):
        client.get("/accounts/sign-on/back" + way)

        assert STALE in said(client)


def test_spent_code_is_refused(client, provider, known):
    go(client, provider, change=lambda way: way.replace("code-0", "code-9"))

    assert UNPROVEN in said(client)


def test_refusal_over_there_is_told(client, provider):
    state = provider.allow(client.get("/accounts/sign-on").location).split("state=")[1]

    client.get(f"/accounts/sign-on/back?error=access_denied&state={state}")

    assert "没有完成统一身份认证" in said(client)


def test_silence_over_there_is_told(client, provider):
    provider.down = True

    response = client.get("/accounts/sign-on")

    assert response.location == "/accounts/sign-in"
    assert "统一身份认证暂时连不上" in said(client)


@pytest.mark.parametrize(
    "document",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": None}],
    ids=str,
)
def test_wrong_discovery_is_not_believed(client, provider, document):
    provider.document = document

    client.get("/accounts/sign-on")

    assert "统一身份认证暂时连不上" in said(client)


def test_second_factor_is_asked_for_as_after_a_password(client, provider, known):
    secret = gateways.new_totp_secret()
    with transaction():
        db.session.get_one(User, known.id).totp_secret = gateways.seal(secret)

    response = go(client, provider)

    assert response.location == "/accounts/sign-in/second-step"
    assert not is_in(client)
    client.post("/accounts/sign-in/second-step", data={"code": pyotp.TOTP(secret).now()})
    assert is_in(client)


def test_staff_without_second_factor_enrol_first(client, app, provider, monkeypatch):
    link(a_user(Role.HANDLER), provider)
    strict = dataclasses.replace(app.config["SETTINGS"], staff_second_factor=True)
    monkeypatch.setitem(app.config, "SETTINGS", strict)

    go(client, provider)

    assert client.get("/accounts/profile").location == "/accounts/second-factor/enrol"


def test_disabled_account_stays_shut(client, provider, known):
    with transaction():
        db.session.get_one(User, known.id).disabled = clock.now()

    go(client, provider)

    assert "这个账号已停用" in said(client)
    assert rows(UserSession) == []


def test_many_questions_of_one_address_are_refused(client, provider):
    for _ in range(100):
        client.get("/accounts/sign-on")

    assert client.get("/accounts/sign-on").location == "/accounts/sign-in"
    assert "尝试次数太多" in said(client)


def test_signing_in_elsewhere_buys_no_more_password_tries(client, app, provider, known):
    wrong = {"identifier": "user1@example.cn", "password": "wrong"}
    for number in range(40):
        client.post("/accounts/sign-in", data={**wrong, "identifier": f"nobody{number}@example.cn"})

    go(client, provider)

    assert not is_in(client)
    assert "尝试次数太多" in client.post("/accounts/sign-in", data=wrong).text
