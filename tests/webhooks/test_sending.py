"""Deliveries are queued with their cause, arrive signed, are tried again, and never reach where they may not."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.activity import services as activity
from matchmaker.activity.models import Activity
from matchmaker.cli import cli
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from matchmaker.notifications.models import Message
from matchmaker.webhooks import gateways, jobs, rules
from matchmaker.webhooks.models import Webhook
from matchmaker.webhooks.rules import DeliveryState
from matchmaker.webhooks.services import hooks, sending
from tests.cast import OTHER_REGION, a_user
from tests.factories.events import an_event
from tests.factories.webhooks import a_ping, a_webhook, deliveries
from tests.webhooks.test_rules import verifier


@pytest.fixture
def owner(app, now):
    """Who set it up."""
    return a_user(Role.ORGANISER)


@pytest.fixture
def hook(owner, receiver):
    """A webhook that leads to the receiver."""
    return a_webhook(owner=owner, url=receiver.url)


def told(event, kind="events.published", **data):
    """One line of the activity log."""
    with transaction():
        activity.record(kind, subject=event, actor=None, **data)


@pytest.fixture
def event(owner):
    """What happened before the webhook was there."""
    return an_event(owner=owner)


def stored(hook):
    db.session.rollback()
    return db.session.get(Webhook, hook.id, populate_existing=True)


def test_an_activity_arrives_signed_and_says_ids_only(receiver, event, hook, now):
    told(event, secret_note="阿依古丽 13800000000")

    assert sending.deliver() == 1

    [(headers, body)] = receiver.got
    [delivery] = deliveries()
    line = db.session.query(Activity).filter_by(kind="events.published").order_by(Activity.id.desc()).first()
    assert json.loads(body) == {
        "id": line.id,
        "kind": "events.published",
        "subject": {"kind": "events", "id": event.id},
        "moment": now.isoformat(),
        "delivery": delivery.id,
    }
    assert headers["Matchmaker-Delivery"] == str(delivery.id)
    assert verifier()(headers["Matchmaker-Signature"], body, hook.plain_secret, now=now.timestamp())
    assert (delivery.state, delivery.status_code, delivery.delivered) == (DeliveryState.DELIVERED, 204, now)


def test_what_is_rolled_back_is_not_told(receiver, event, hook):
    with pytest.raises(RuntimeError), transaction():
        activity.record("events.published", subject=event, actor=None)
        raise RuntimeError

    assert deliveries() == []


def test_only_those_who_listen_are_told(receiver, owner, event, hook):
    city = a_user(Role.ORGANISER, region="650100")
    above = a_webhook(owner=city, region="650100", url=receiver.url)
    a_webhook(owner=a_user(Role.ORGANISER, region=OTHER_REGION), region=OTHER_REGION, url=receiver.url)
    a_webhook(owner=owner, kinds=["events.cancelled"], url=receiver.url)
    paused = a_webhook(owner=owner, url=receiver.url)
    with transaction():
        hooks.switch(paused, actor=owner, active=False)

    told(event)

    assert sorted(d.webhook_id for d in deliveries()) == sorted([hook.id, above.id])


def test_the_log_asks_one_question_a_transaction(app, event, hook, count_queries):
    with transaction():
        count_queries.clear()
        for _ in range(20):
            activity.record("accounts.edited", subject=event, actor=None)
        db.session.flush()

    assert len([q for q in count_queries if "webhooks" in q]) == 1


def test_a_failure_is_tried_again_with_growing_pauses_until_it_is_given_up(receiver, event, hook, now):
    receiver.status, receiver.text = 500, "坏了 <script>\x00"
    told(event)
    moment, pauses = now, []
    while deliveries()[0].state is not DeliveryState.FAILED:
        with clock.frozen(moment):
            sending.deliver()
            assert sending.deliver() == 0, "not before its time"
        pauses.append(deliveries()[0].due - moment)
        moment = deliveries()[0].due

    [row] = deliveries()
    assert pauses[:-1] == list(rules.PAUSES)
    assert (row.attempts, row.status_code) == (len(rules.PAUSES) + 1, 500)
    assert "坏了" in row.error
    assert {json.loads(body)["delivery"] for _headers, body in receiver.got} == {row.id}
    assert len({body for _headers, body in receiver.got}) == 1, "the same bytes every time"


def test_a_receiver_that_comes_back_gets_what_waited(receiver, event, hook, now):
    receiver.status = 503
    told(event)
    sending.deliver()
    assert (stored(hook).failures, stored(hook).failing_since) == (1, now)
    receiver.status = 200

    with clock.frozen(now + timedelta(minutes=1)):
        assert sending.deliver() == 1

    assert (stored(hook).failures, stored(hook).failing_since) == (0, None)
    assert deliveries()[0].attempts == 2


def test_one_silent_receiver_is_asked_once_a_round_and_the_others_get_theirs(receiver, owner, event, hook):
    dead = a_webhook(owner=owner, url="http://127.0.0.1:1/")
    for _ in range(3):
        told(event)

    assert sending.deliver() == 3

    assert sorted(d.attempts for d in deliveries() if d.webhook_id == dead.id) == [0, 0, 1]


def test_a_delivery_whose_sender_died_goes_out_again(receiver, event, hook, now):
    told(event)
    [row] = deliveries()
    assert sending.take(row.id) == 1  # and then the process is killed
    assert sending.deliver() == 0, "the lease is still running"

    with clock.frozen(now + rules.LEASE + timedelta(seconds=1)):
        assert sending.deliver() == 1

    assert [h["Matchmaker-Delivery"] for h, _body in receiver.got] == [str(row.id)]
    assert deliveries()[0].state is DeliveryState.DELIVERED


def test_a_sender_that_wakes_up_late_changes_nothing(receiver, event, hook, now):
    told(event)
    [row] = deliveries()
    first = sending.take(row.id)
    with clock.frozen(now + rules.LEASE + timedelta(seconds=1)):
        sending.deliver()

    with transaction():
        assert not sending.finish(row.id, first, status=None, error="late")

    assert deliveries()[0].state is DeliveryState.DELIVERED


def test_many_senders_at_once_send_each_delivery_once(app, receiver, event, hook):
    for _ in range(12):
        told(event)

    def work():
        with app.app_context():
            sending.deliver()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [headers["Matchmaker-Delivery"] for headers, _body in receiver.got]
    assert sorted(ids, key=int) == [str(d.id) for d in deliveries()]


@pytest.mark.parametrize("where", ["/elsewhere", "http://169.254.169.254/latest/"])
def test_a_redirect_is_a_failure_and_not_followed(receiver, event, hook, where):
    receiver.status, receiver.location = 302, where
    told(event)

    assert sending.deliver() == 0

    [row] = deliveries()
    assert (len(receiver.got), row.status_code, row.state) == (1, 302, DeliveryState.WAITING)


@pytest.mark.parametrize(("slow", "drip"), [(3.0, 0.0), (0.0, 0.05)])
def test_silence_and_dripping_end_after_the_time_out(receiver, event, hook, monkeypatch, slow, drip):
    monkeypatch.setattr(gateways, "TIMEOUT", 0.3)
    receiver.slow, receiver.drip = slow, drip
    told(event)

    assert sending.deliver() == 0

    assert deliveries()[0].error == "对方在 10 秒内没有答复"


def test_a_long_answer_is_not_read_to_its_end(receiver, event, hook):
    receiver.status, receiver.text = 400, "长" * 3_000_000
    told(event)

    sending.deliver()

    assert len(deliveries()[0].error) == 300


def test_an_address_that_became_private_is_not_asked(app, receiver, event, hook):
    told(event)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], webhook_private=False)

    assert sending.deliver() == 0

    assert receiver.got == []
    assert "内网" in deliveries()[0].error


def test_the_connection_goes_to_the_address_that_was_checked(receiver, event, hook, monkeypatch):
    answers = [
        [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(receiver.url.split(":")[2].split("/")[0])))]
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers.pop(0))  # a second look-up would fail
    with transaction():
        stored_hook = db.session.get_one(Webhook, hook.id)
        stored_hook.url = hook.url.replace("127.0.0.1", "rebinding.example.cn")
    told(event)

    assert sending.deliver() == 1

    assert receiver.got[0][0]["Host"].startswith("rebinding.example.cn")


def test_one_private_address_among_public_ones_is_enough_to_refuse(app, event, receiver, hook, monkeypatch):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], webhook_private=False)
    both = [(socket.AF_INET, 1, 6, "", (ip, 443)) for ip in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)
    told(event)

    sending.deliver()

    assert "内网" in deliveries()[0].error


def test_a_certificate_of_nobody_is_refused(app, receiver, event, owner):
    a_webhook(owner=owner, url=receiver.url.replace("http://", "https://"))
    told(event)

    assert sending.deliver() == 0

    assert deliveries()[0].error.startswith(("TLS", "SSL", "ConnectionResetError"))


def test_after_days_of_failures_it_is_switched_off_and_the_owner_told(receiver, owner, event, hook, now):
    receiver.status = 500
    told(event)
    for hours in range(0, 80, 4):
        with clock.frozen(now + timedelta(hours=hours)):
            told(event)
            sending.deliver()

    row = stored(hook)
    assert (row.active, row.disabled_at is not None) == (False, True)
    [message] = [m for m in db.session.query(Message) if m.about_kind == "webhooks"]
    assert message.user_id == owner.id
    assert "停用" in message.subject
    before = len(receiver.got)
    with clock.frozen(now + timedelta(days=9)):
        told(event)
        sending.deliver()
    assert len(receiver.got) == before


def test_what_waited_leaves_when_it_is_enabled_again(receiver, owner, event, hook):
    told(event)
    with transaction():
        hooks.switch(db.session.get_one(Webhook, hook.id), actor=owner, active=False)
    assert sending.deliver() == 0

    with transaction():
        hooks.switch(db.session.get_one(Webhook, hook.id), actor=owner, active=True)

    assert sending.deliver() == 1


def test_for_a_day_both_secrets_are_good(receiver, owner, event, hook, now):
    with transaction():
        fresh = hooks.rotate(db.session.get_one(Webhook, hook.id), actor=owner)
    is_genuine = verifier()

    def accepted(hours):
        with clock.frozen(now + timedelta(hours=hours)):
            told(event)
            sending.deliver()
            headers, body = receiver.got[-1]
            mark = headers["Matchmaker-Signature"]
            return [
                is_genuine(mark, body, secret, now=clock.now().timestamp()) for secret in (hook.plain_secret, fresh)
            ]

    assert accepted(23) == [True, True]
    assert accepted(25) == [False, True]


def test_sending_again_keeps_the_number(receiver, owner, event, hook):
    told(event)
    sending.deliver()
    [row] = deliveries()
    with transaction():
        hooks.resend(row, actor=owner)
    with pytest.raises(Conflict), transaction():
        hooks.resend(row, actor=owner)

    sending.deliver()

    assert [json.loads(body)["delivery"] for _h, body in receiver.got] == [row.id, row.id]


def test_the_command_sends_and_the_sweep_forgets(app, receiver, owner, hook, now):
    from flask.cli import ScriptInfo

    a_ping(hook, owner=owner)

    answer = app.test_cli_runner().invoke(cli, ["webhooks", "deliver"], obj=ScriptInfo(create_app=lambda: app))

    assert answer.output == "1 delivered\n"
    assert json.loads(receiver.got[0][1])["kind"] == "webhooks.ping"
    assert jobs.sweep() == 0
    with clock.frozen(now + timedelta(days=rules.KEEP_DAYS + 1)):
        assert jobs.sweep() == 1
