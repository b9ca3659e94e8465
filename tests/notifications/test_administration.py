"""The delivery log and the stopped addresses, for administrators of the region."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict
from matchmaker.notifications import services
from matchmaker.notifications.models import Suppression
from matchmaker.notifications.rules import MessageState
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.notifications import a_message, a_suppression, the_message


@pytest.fixture
def admin(client):
    """An administrator's browser."""
    return sign_in(client, a_user(Role.ADMINISTRATOR, name="管理员甲"))


def test_the_log_tells_who_got_what_and_never_the_text(admin):
    a_message(email="guest@example.cn", to_name="来宾", subject="活动变更", body="只给本人看")
    services.deliver()

    page = admin.get("/messages/log?q=来宾").text

    assert "guest@example.cn" in page
    assert "活动变更" in page
    assert "已发送" in page
    assert "只给本人看" not in page
    assert "guest@example.cn" not in admin.get("/messages/log?state=failed").text


def test_the_log_of_another_region_is_closed(client):
    a_message()
    sign_in(client, a_user(Role.ADMINISTRATOR, region=OTHER_REGION))

    assert "guest@example.cn" not in client.get("/messages/log").text


def test_lifting_asks_for_a_reason_and_lets_messages_through(admin):
    row = a_suppression("gone@example.cn")
    page = f"/messages/suppressions/{row.id}"
    assert "no such user" in admin.get(page).text

    assert admin.post(page, data={"reason": " "}).status_code == 422
    answer = admin.post(page, data={"reason": "对方来电"})

    assert answer.status_code == 303
    row = db.session.get(Suppression, row.id)
    assert (row.lifted_by_name, row.lift_reason) == ("管理员甲", "对方来电")
    assert "对方来电" in admin.get(page).text
    message_id = a_message(email="gone@example.cn")
    services.deliver()
    assert the_message(message_id).state is MessageState.SENT


def test_lifting_twice_is_told(app):
    from matchmaker.core.db import transaction

    row, admin = a_suppression(), a_user(Role.ADMINISTRATOR)
    with transaction():
        services.lift(row, actor=admin, reason="好了")

    with pytest.raises(Conflict), transaction():
        services.lift(row, actor=admin, reason="又好了")


def test_an_address_lifted_once_can_be_stopped_again(app):
    from matchmaker.core.db import transaction

    admin = a_user(Role.ADMINISTRATOR)
    for _ in range(2):
        row = a_suppression("gone@example.cn")
        with transaction():
            services.lift(row, actor=admin, reason="好了")

    assert db.session.query(Suppression).count() == 2


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("path", ["/messages/log", "/messages/suppressions/"])
def test_lists_ask_the_same_number_of_questions(admin, count_queries, rows, path):
    for number in range(rows):
        a_message(email=f"g{number}@example.cn")
        a_suppression(f"s{number}@example.cn")
    count_queries.clear()

    admin.get(path)

    assert len(count_queries) == 5
