"""Signing up and getting back in, by mail and by phone, without telling who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts import gateways
from matchmaker.accounts.models import ApiToken, OneTimeCode, User, UserSession
from matchmaker.accounts.rules import Purpose
from matchmaker.accounts.services import codes, passwords
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.notifications.models import Message
from tests.accounts.test_sign_in import parallel
from tests.cast import PASSWORD, a_token, a_user
from tests.cast import sign_in as give_session

NEW = {"name": "王小明", "password": "four words make a lock", "agree": "y"}
PHONE = "13811112222"


def messages():
    return db.session.execute(sa.select(Message).order_by(Message.id)).scalars().all()


def link_in(message):
    return re.search(r"(/accounts/\S+/[\w-]{20,})", message.text).group(1)


def digits_in(message):
    return re.search(r"\d{6}", message.text).group()


def ask(client, path, identifier):
    return client.post(f"/accounts/{path}", data={"identifier": identifier})


def users():
    return db.session.execute(sa.select(User)).unique().scalars().all()


def test_sign_up_by_mail_makes_a_confirmed_account_and_signs_in(client):
    response = ask(client, "sign-up", "New@Example.cn")
    assert response.location.startswith("/accounts/sent")
    assert users() == []  # nothing exists before the address is proven

    response = client.post(link_in(messages()[0]), data=NEW)

    assert response.status_code == 303
    [user] = users()
    assert (user.name, user.email, user.email_confirmed is not None, user.consented is not None) == (
        "王小明",
        "new@example.cn",
        True,
        True,
    )
    assert "王小明" in client.get("/accounts/profile").text


def test_sign_up_link_works_once(client, app):
    ask(client, "sign-up", "new@example.cn")
    link = link_in(messages()[0])
    client.post(link, data=NEW)

    assert app.test_client().get(link).status_code == 410
    assert app.test_client().post(link, data=NEW).status_code == 410
    assert len(users()) == 1


def test_sign_up_link_dies_after_two_hours(client, now):
    ask(client, "sign-up", "new@example.cn")

    with clock.frozen(now + timedelta(hours=2, seconds=1)):
        assert client.get(link_in(messages()[0])).status_code == 410


def test_sign_up_by_phone(client):
    assert ask(client, "sign-up", "138 1111 2222").location == "/accounts/sign-up/code"
    [message] = messages()
    assert (message.channel.value, message.address) == ("sms", PHONE)

    response = client.post("/accounts/sign-up/code", data={**NEW, "code": digits_in(message)})

    assert response.status_code == 303
    assert [(user.phone, user.phone_confirmed is not None) for user in users()] == [(PHONE, True)]


def test_wrong_code_is_refused_and_five_tries_end_it(client):
    ask(client, "sign-up", PHONE)
    right = digits_in(messages()[0])
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    pages = [client.post("/accounts/sign-up/code", data={**NEW, "code": wrong}) for _ in range(5)]
    late = client.post("/accounts/sign-up/code", data={**NEW, "code": right})

    assert {page.status_code for page in pages} == {422}
    assert late.status_code == 422
    assert codes.WRONG in late.text
    assert users() == []


def test_weak_password_costs_no_try_and_keeps_what_was_typed(client):
    ask(client, "sign-up", PHONE)

    response = client.post("/accounts/sign-up/code", data={**NEW, "code": "000000", "password": "short"})

    assert response.status_code == 422
    assert "王小明" in response.text
    assert db.session.execute(sa.select(OneTimeCode.tries)).scalar_one() == 0


def test_parallel_guesses_never_exceed_five(app):
    with transaction():
        codes.issue(Purpose.SIGN_UP, PHONE, link=False)
    db.session.remove()

    def guess():
        with transaction():
            return codes.try_code(Purpose.SIGN_UP, PHONE, "x")

    parallel(app, guess, 12)

    assert db.session.execute(sa.select(OneTimeCode.tries)).scalar_one() == 5


def test_parallel_use_of_one_link_makes_one_account(app):
    with transaction():
        row, _ = codes.issue(Purpose.SIGN_UP, "new@example.cn", link=True)
        code_id = row.id
    hashed = gateways.hash_password(PASSWORD)
    db.session.remove()

    def finish():
        try:
            with transaction():
                return passwords.register(code_id, name="王小明", password_hash=hashed, region="650105").id
        except Conflict:
            return None

    results = parallel(app, finish, 6)

    assert len([r for r in results if r]) == len(users()) == 1


@pytest.mark.parametrize("path", ["sign-up", "forgot"])
@pytest.mark.parametrize(("known", "unknown"), [("who@example.cn", "nob@example.cn"), ("13800000001", "13800000002")])
def test_known_and_unknown_addresses_get_the_same_answer(client, app, path, known, unknown):
    user = a_user(email="who@example.cn")
    with transaction() as session:
        session.get_one(User, user.id).phone = "13800000001"

    answers = []
    for identifier in (known, unknown):
        browser = app.test_client()
        first = ask(browser, path, identifier)
        body = re.sub(r'name="csrf_token" value="[^"]*"', "", browser.get(first.location).text)
        answers.append((first.status_code, first.location, body.replace(identifier, "X")))

    assert answers[0] == answers[1]


def test_sign_up_of_a_known_address_tells_it_by_mail_only(client):
    a_user(email="who@example.cn")

    ask(client, "sign-up", "who@example.cn")

    [message] = messages()
    assert "/accounts/sign-in" in message.text
    assert "/accounts/sign-up/" not in message.text


def test_forgot_sends_nothing_to_an_unknown_address(client):
    ask(client, "forgot", "nobody@example.cn")

    assert messages() == []
    assert db.session.execute(sa.select(sa.func.count(OneTimeCode.id))).scalar_one() == 1  # the same work is done


@pytest.mark.parametrize("path", ["sign-up", "forgot"])
def test_sixth_message_of_an_hour_is_refused(client, now, path):
    for _ in range(5):
        assert ask(client, path, PHONE).status_code == 303

    response = ask(client, path, PHONE)

    assert response.status_code == 422
    assert "发送太频繁" in response.text
    with clock.frozen(now + timedelta(minutes=61)):
        assert ask(client, path, PHONE).status_code == 303


@pytest.mark.parametrize("identifier", ["", "nobody", "a@b", "12345", "139000"])
def test_bad_address_is_one_sentence(client, identifier):
    response = ask(client, "sign-up", identifier)

    assert response.status_code == 422
    assert messages() == []


def test_reset_by_mail_signs_out_everywhere_and_ends_tokens(client, app):
    user = a_user(email="who@example.cn")
    a_token(user, "events:event:read")
    elsewhere = give_session(app.test_client(), user)
    ask(client, "forgot", "who@example.cn")

    response = client.post(link_in(messages()[0]), data={"password": "another long sentence"})

    assert response.location == "/accounts/sign-in"
    assert elsewhere.get("/accounts/profile").status_code == 303
    assert db.session.execute(sa.select(ApiToken.revoked)).scalar_one() is not None
    signed = client.post(
        "/accounts/sign-in", data={"identifier": "who@example.cn", "password": "another long sentence"}
    )
    assert signed.status_code == 303


def test_reset_by_phone(client):
    user = a_user()
    with transaction() as session:
        session.get_one(User, user.id).phone = PHONE
    assert ask(client, "forgot", PHONE).location == "/accounts/forgot/code"

    response = client.post(
        "/accounts/forgot/code", data={"code": digits_in(messages()[0]), "password": "another long sentence"}
    )

    assert response.status_code == 303


def test_code_of_an_unknown_phone_resets_nothing(client):
    ask(client, "forgot", PHONE)
    with transaction() as session:
        row = session.execute(sa.select(OneTimeCode)).scalar_one()
        code_id = row.id

    with pytest.raises(Conflict), transaction():
        passwords.reset(code_id, password_hash="x")


def test_newer_link_ends_the_older(client):
    a_user(email="who@example.cn")
    ask(client, "forgot", "who@example.cn")
    ask(client, "forgot", "who@example.cn")
    older, newer = (link_in(message) for message in messages())

    assert client.get(older).status_code == 410
    assert client.get(newer).status_code == 200


def test_link_of_one_purpose_opens_no_other(client):
    ask(client, "sign-up", "new@example.cn")
    secret = link_in(messages()[0]).rsplit("/", 1)[1]

    assert client.get(f"/accounts/forgot/{secret}").status_code == 410


def test_change_of_password_keeps_this_device_with_a_new_token(client, app):
    user = a_user()
    elsewhere = give_session(app.test_client(), user)
    give_session(client, user)
    with client.session_transaction() as session:
        before = session["token"]

    response = client.post("/accounts/password", data={"current": PASSWORD, "password": "another long sentence"})

    assert response.status_code == 303
    assert client.get("/accounts/profile").status_code == 200
    assert elsewhere.get("/accounts/profile").status_code == 303
    rows = db.session.execute(sa.select(UserSession.token_hash)).scalars().all()
    assert len(rows) == 1
    assert gateways.token_hash(before) not in rows


def test_change_of_password_asks_for_the_present_one(client):
    user = a_user()
    hashed = user.password_hash
    give_session(client, user)

    response = client.post("/accounts/password", data={"current": "wrong wrong wrong", "password": "another long one"})

    assert response.status_code == 422
    assert "密码不对" in response.text
    assert users()[0].password_hash == hashed


def test_consume_refuses_the_second(app):
    with transaction():
        row, _ = codes.issue(Purpose.RESET, "who@example.cn", link=True)
        code_id = row.id
    with transaction():
        codes.consume(code_id)

    with pytest.raises(DomainError), transaction():
        codes.consume(code_id)
