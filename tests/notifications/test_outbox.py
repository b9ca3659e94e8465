"""Typed messages, batches, planned and cancelled ones; what people type never reaches a header as a line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.notifications import queries, services
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import Channel, MessageState
from tests.cast import a_user, sign_in
from tests.factories.notifications import a_message, a_suppression, the_message

EVIL = "张三\r\nBcc: everybody@example.cn\r\n\r\n<script>"


def sent(app):
    """What the outbox hands over, as (mail, source)."""
    app.extensions["mailman"].outbox = []
    services.deliver()
    return [(mail, mail.message().as_string()) for mail in app.extensions["mailman"].outbox]


@pytest.mark.parametrize(
    "evil", [EVIL, "a\nBcc: x@y.cn", "a\x0bBcc: x@y.cn", "a\u2028Bcc: x@y.cn", '"<x@y.cn>, "', "\x00"]
)
def test_names_and_subjects_stay_inside_their_header(app, evil):
    a_message(subject=evil or "x", to_name=evil)

    [(mail, source)] = sent(app)

    head = source.split("\n\n")[0]
    names = [line.partition(":")[0] for line in head.splitlines() if not line.startswith((" ", "\t"))]
    assert sorted(set(names)) == sorted(names), "no header twice"
    assert "Bcc" not in names
    assert mail.recipients() == ["guest@example.cn"]


def test_an_address_with_a_line_break_is_never_used(app):
    with transaction():
        row = services.enqueue_text("题", "文", email="a@example.cn\r\nBcc: b@example.cn")
        db.session.flush()
        message_id = row.id

    assert sent(app) == []
    assert the_message(message_id).state is MessageState.FAILED


def test_typed_text_is_escaped_in_the_mail(app):
    a_message(subject="通知", body="<b>改期</b>\n明天\n\n再见")

    [(mail, _source)] = sent(app)

    html = mail.alternatives[0][0]
    assert "&lt;b&gt;改期&lt;/b&gt;<br>明天" in html
    assert "<b>改期" not in html
    assert "<b>改期</b>" in mail.body


def test_a_short_message_is_its_text_alone(app):
    row = the_message(a_message(phone="13800000001", body="明早九点见"))

    assert (row.channel, row.address, row.text, row.html) == (Channel.SMS, "13800000001", "明早九点见\n", None)


def test_a_channel_that_does_not_reach_the_person_is_told_in_the_log(app):
    row = the_message(a_message(email="x@example.cn", channel=Channel.SMS))

    assert (row.state, row.error) == (MessageState.FAILED, "没有可用的地址")


def test_a_cause_that_happens_twice_is_told_once(app):
    a_message(dedupe="one")
    with transaction():
        assert services.enqueue_text("题", "文", email="guest@example.cn", dedupe="one") is None


def test_a_batch_is_counted_and_what_waits_can_be_called_back(app, now):
    for number in range(3):
        a_message(email=f"g{number}@example.cn", batch="campaign:12")
    services.deliver()
    later = a_message(batch="campaign:12", due=now + timedelta(days=1))
    a_message(batch="campaign:13", due=now + timedelta(days=1))
    assert queries.counts_of_batch("campaign:12") == {MessageState.SENT: 3, MessageState.WAITING: 1}

    with transaction():
        assert services.cancel_batch("campaign:12") == 1

    assert the_message(later).state is MessageState.CANCELLED
    assert queries.counts_of_batch("campaign:12") == {MessageState.SENT: 3, MessageState.CANCELLED: 1}
    assert queries.counts_of_batch("campaign:13") == {MessageState.WAITING: 1}
    log = db.session.execute(queries.of_batch("campaign:12")).scalars().all()
    assert len(log) == 4
    assert [m.batch for m in db.session.execute(queries.of_address("G0@example.cn")).scalars()] == ["campaign:12"]


def test_what_is_planned_is_in_the_inbox_when_its_time_has_come(client, now):
    user = a_user(email="reader@example.cn")
    a_message(to=user, subject="先读我", channel=Channel.SITE)
    a_message(to=user, subject="明天再说", channel=Channel.SITE, due=now + timedelta(hours=2))
    sign_in(client, user)
    assert queries.unread_count(user) == 1
    assert "明天再说" not in client.get("/messages/").text

    with clock.frozen(now + timedelta(hours=1, minutes=59)):
        services.deliver()
        assert "明天再说" not in client.get("/messages/").text
    with clock.frozen(now + timedelta(hours=2)):
        services.deliver()
        page = client.get("/messages/").text

    assert "明天再说" in page
    assert {m.state for m in db.session.query(Message).all()} == {MessageState.SENT}


def test_the_stopped_among_many_are_known_beforehand(app):
    a_suppression("gone@example.cn")

    found = queries.suppressed_among(Channel.MAIL, [f"g{n}@example.cn" for n in range(700)] + ["Gone@Example.cn"])

    assert found == {"gone@example.cn"}
    assert queries.suppressed_among(Channel.SMS, ["gone@example.cn"]) == set()
