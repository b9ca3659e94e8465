"""The inbox shows and opens only one's own messages."""

from __future__ import annotations

import pytest

from matchmaker.core.db import db, transaction
from matchmaker.notifications import services
from matchmaker.notifications.models import Message
from tests.cast import a_user, sign_in


def a_message(user, url="/accounts/devices"):
    with transaction():
        row = services.enqueue("accounts/mail/password_changed", to=user, url=url)
        db.session.flush()
        return row.id


def test_inbox_shows_ones_own(client):
    user = a_user()
    a_message(user)
    sign_in(client, a_user())
    assert "密码已修改" not in client.get("/messages/").text

    sign_in(client, user)

    assert "密码已修改" in client.get("/messages/").text


def test_opening_marks_as_read_and_goes_on(client):
    user = a_user()
    message_id = a_message(user)
    sign_in(client, user)

    response = client.post(f"/messages/{message_id}/open")

    assert response.location == "/accounts/devices"
    assert db.session.get(Message, message_id).read is not None


def test_message_of_another_is_not_found(client):
    message_id = a_message(a_user())
    sign_in(client, a_user())

    assert client.post(f"/messages/{message_id}/open").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_inbox_asks_the_same_number_of_questions(client, count_queries, rows):
    user = a_user()
    for _ in range(rows):
        a_message(user)
    sign_in(client, user)
    count_queries.clear()

    client.get("/messages/")

    assert len(count_queries) == 3
