"""A real sender is killed while the other side thinks: the delivery goes out again, under the same number."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.webhooks import rules
from matchmaker.webhooks.rules import DeliveryState
from matchmaker.webhooks.services import sending
from tests.cast import a_user
from tests.commands.running import start
from tests.factories.webhooks import a_ping, a_webhook, deliveries


@pytest.fixture
def sender(app, tmp_path):
    """`matchmaker webhooks deliver` as a process of its own on the database of this test."""
    settings = app.config["SETTINGS"]
    values = {
        "MATCHMAKER_DATABASE_URL": settings.database_url or settings.sqlalchemy_url,
        "MATCHMAKER_SECRET_KEY": settings.secret_key,
        "MATCHMAKER_WEBHOOK_HTTP": "1",
        "MATCHMAKER_WEBHOOK_PRIVATE": "1",
    }
    running = []

    def launch():
        running.append(start("webhooks", "deliver", instance=tmp_path, **values))
        return running[-1]

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def test_a_killed_sender_loses_nothing(app, receiver, sender):
    owner = a_user(Role.ORGANISER)
    row = a_ping(a_webhook(owner=owner, url=receiver.url), owner=owner)
    receiver.slow = 8
    process = sender()
    deadline = time.monotonic() + 60
    while not receiver.got and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert deliveries()[0].state is DeliveryState.SENDING
    receiver.slow = 0
    assert sending.deliver() == 0, "its lease is still running"
    db.session.rollback()

    with clock.frozen(clock.now() + rules.LEASE + timedelta(seconds=1)):
        assert sending.deliver() == 1

    assert [headers["Matchmaker-Delivery"] for headers, _body in receiver.got] == [str(row.id)] * 2
    assert (deliveries()[0].state, deliveries()[0].attempts) == (DeliveryState.DELIVERED, 2)
