"""Pages of one's own account."""

from __future__ import annotations

import pytest

from tests.cast import a_user, sign_in

OWN = ["/accounts/profile", "/accounts/devices", "/messages/"]


@pytest.mark.parametrize("url", OWN)
def test_own_page_asks_a_stranger_to_sign_in(client, url):
    response = client.get(url)

    assert response.status_code == 303
    assert "/accounts/sign-in?next=" in response.location


@pytest.mark.parametrize("url", OWN)
def test_own_page_shows_to_its_person(client, url):
    sign_in(client, a_user(name="古丽"))

    response = client.get(url)

    assert response.status_code == 200


def test_sign_in_with_the_right_password_opens_a_session(client):
    user = a_user(email="who@example.cn")

    response = client.post(
        "/accounts/sign-in", data={"identifier": " WHO@example.cn", "password": "a long enough sentence"}
    )

    assert response.status_code == 303
    assert user.name in client.get("/accounts/profile").text
