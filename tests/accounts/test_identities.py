"""Linking an identity of the unified sign-in to an account: by its person, with proof, never by a mail address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.accounts.models import Identity, User
from matchmaker.accounts.services import erasure
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.notifications.models import Message
from tests.accounts.identity_provider import go, is_in, link, rows
from tests.accounts.test_registering import NEW, link_in
from tests.cast import PASSWORD, a_user
from tests.cast import sign_in as give_session


def test_same_mail_address_links_nothing(client, provider):
    user = a_user(email="zhang@example.cn")
    provider.claims = {"email": user.email, "email_verified": True}

    response = go(client, provider)

    assert response.location == "/accounts/sign-on/new"
    assert "张三" in client.get("/accounts/sign-on/new").text
    assert rows(Identity) == []
    assert not is_in(client)


def test_signed_in_person_links_with_password(client, provider):
    user = a_user(name="李四")
    give_session(client, user)

    response = go(client, provider)
    assert response.location == "/accounts/sign-on/link"
    assert client.post("/accounts/sign-on/link", data={"current": "wrong"}).status_code == 422
    assert rows(Identity) == []
    client.post("/accounts/sign-on/link", data={"current": PASSWORD})

    [identity] = rows(Identity)
    assert (identity.user_id, identity.issuer, identity.subject) == (user.id, provider.issuer, "person-1")
    assert "已绑定" in client.get("/accounts/profile").text
    assert [row.subject for row in rows(Message)] == ["已绑定统一身份认证"]


def test_identity_of_another_account_is_refused(client, provider, known):
    give_session(client, a_user())
    go(client, provider)

    response = client.post("/accounts/sign-on/link", data={"current": PASSWORD})

    assert response.status_code == 422
    assert "已绑定本平台的另一个账号" in response.text
    assert [row.user_id for row in rows(Identity)] == [known.id]


def test_second_identity_of_one_account_is_refused(provider, known):
    with pytest.raises(Conflict):
        link(known, provider, subject="person-2")


def test_person_with_account_signs_in_and_links(client, provider):
    user = a_user(email="li@example.cn")
    go(client, provider)

    response = client.post("/accounts/sign-in", data={"identifier": "li@example.cn", "password": PASSWORD})

    assert response.location == "/accounts/sign-on/link"
    client.post("/accounts/sign-on/link", data={"current": PASSWORD})
    assert [row.user_id for row in rows(Identity)] == [user.id]


def test_new_person_registers_and_links(client, provider):
    go(client, provider)
    client.post("/accounts/sign-up", data={"identifier": "new@example.cn"})

    response = client.post(link_in(rows(Message)[0]), data=NEW)

    assert response.location == "/accounts/sign-on/link"
    client.post("/accounts/sign-on/link", data={"current": NEW["password"]})
    client.post("/accounts/sign-out")
    go(client, provider)
    assert "王小明" in client.get("/accounts/profile").text


def test_waiting_identity_can_be_dropped_and_runs_out(client, provider, now):
    go(client, provider)
    with clock.frozen(now + timedelta(minutes=31)):
        assert client.get("/accounts/sign-on/new").location == "/accounts/sign-in"
    go(client, provider)

    client.post("/accounts/sign-on/forget")

    assert client.get("/accounts/sign-on/new").location == "/accounts/sign-in"


def test_unlinking_is_for_oneself_only(client, app, provider, known):
    identity = rows(Identity)[0].id
    stranger = give_session(app.test_client(), a_user())

    assert stranger.post(f"/accounts/identities/{identity}/unlink").status_code == 404
    give_session(client, known)
    client.post(f"/accounts/identities/{identity}/unlink")

    assert rows(Identity) == []


def test_erased_person_is_linked_to_nothing(provider, known):
    with transaction():
        erasure.erase(db.session.get_one(User, known.id), actor=None)

    assert rows(Identity) == []
