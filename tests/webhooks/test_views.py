"""Pages of webhooks: set up with a secret shown once, refused addresses, the log, sending again."""

from __future__ import annotations

import re

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.webhooks.models import Webhook
from matchmaker.webhooks.rules import DeliveryState
from matchmaker.webhooks.services import sending
from tests.cast import a_user, sign_in
from tests.factories.webhooks import a_ping, a_webhook, deliveries


@pytest.fixture
def organiser(app):
    """Who works with the pages."""
    return a_user(Role.ORGANISER)


@pytest.fixture
def browser(client, organiser):
    """Their browser."""
    return sign_in(client, organiser)


def hook():
    db.session.rollback()
    return db.session.query(Webhook).populate_existing().one()


def test_set_up_shows_the_secret_once_and_keeps_it_sealed(browser, receiver):
    data = {"name": "协同平台", "url": receiver.url, "groups": ["events."], "single": "checkin.x"}
    assert browser.post("/webhooks/new", data=data).status_code == 422

    answer = browser.post("/webhooks/new", data={**data, "single": ""})

    [secret] = re.findall(r"whsec_[\w-]{43}", answer.text)
    row = hook()
    assert (row.kinds, row.active, row.url) == (["events."], True, receiver.url)
    assert secret not in row.secret
    for page in ("", f"{row.id}", f"{row.id}/edit"):
        shown = browser.get(f"/webhooks/{page}").text
        assert "协同平台" in shown
        assert secret not in shown


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.0.0.8/x",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://nowhere.invalid/",
    ],
)
def test_addresses_of_the_house_are_refused_on_the_form(browser, url):
    answer = browser.post("/webhooks/new", data={"name": "x", "url": url, "groups": ["events."]})

    assert answer.status_code == 422
    assert db.session.query(Webhook).count() == 0
    assert url in answer.text


def test_an_organiser_does_not_listen_to_accounts(browser, receiver):
    data = {"name": "x", "url": receiver.url, "groups": ["accounts."]}

    assert browser.post("/webhooks/new", data=data).status_code == 422
    assert "accounts." not in browser.get("/webhooks/new").text


def test_an_organiser_keeps_what_an_administrator_chose(browser, organiser, app, receiver):
    admin = sign_in(app.test_client(), a_user(Role.ADMINISTRATOR))
    data = {"name": "x", "url": receiver.url, "groups": ["accounts.", "events."]}
    assert admin.post("/webhooks/new", data=data).status_code == 200
    page = f"/webhooks/{hook().id}/edit"

    answer = browser.post(page, data={**data, "name": "新名称", "single": "accounts.erased"})
    assert answer.status_code == 422
    answer = browser.post(page, data={**data, "name": "新名称"})

    assert answer.status_code == 303
    assert (hook().name, hook().kinds) == ("新名称", ["accounts.", "events."])


def test_test_log_and_sending_again(browser, organiser, receiver):
    row = a_webhook(owner=organiser, url=receiver.url)
    receiver.status, receiver.text = 500, "<b>坏了</b>"
    browser.post(f"/webhooks/{row.id}/ping")
    sending.deliver()
    [delivery] = deliveries()
    page = f"/webhooks/{row.id}/deliveries/{delivery.id}"
    assert page in browser.get(f"/webhooks/{row.id}").text

    shown = browser.get(page).text

    assert "&lt;b&gt;坏了&lt;/b&gt;" in shown
    assert "<b>坏了" not in shown
    assert f"&#34;delivery&#34;:{delivery.id}" in shown
    receiver.status = 200
    browser.post(f"{page}/resend")
    assert deliveries()[0].state is DeliveryState.WAITING, "it waits already"
    assert page not in browser.get(f"/webhooks/{row.id}?state=delivered").text
    assert page in browser.get(f"/webhooks/{row.id}?state=waiting&q=webhooks.").text
    assert "webhooks.ping" in browser.get(f"/webhooks/{row.id}?format=csv").text


def test_everything_given_up_is_sent_again_at_once(browser, organiser, receiver):
    from matchmaker.core.db import transaction

    row = a_webhook(owner=organiser, url=receiver.url)
    for _ in range(3):
        a_ping(row, owner=organiser)
    with transaction() as session:
        for delivery in session.query(type(deliveries()[0])):
            delivery.state = DeliveryState.FAILED
    assert "全部重新发送" in browser.get(f"/webhooks/{row.id}").text

    browser.post(f"/webhooks/{row.id}/resend")

    assert sending.deliver() == 3


def test_pause_go_on_change_the_secret_and_delete(browser, organiser, receiver):
    row = a_webhook(owner=organiser, url=receiver.url)
    page = f"/webhooks/{row.id}"
    assert browser.post(f"{page}/switch", data={"active": "no"}).status_code == 303
    assert hook().active is False
    assert browser.post(f"{page}/switch", data={"active": "no"}).status_code == 409
    browser.post(f"{page}/switch", data={"active": "yes"})
    assert hook().active is True
    assert re.search(r"whsec_[\w-]{43}", browser.post(f"{page}/rotate").text)
    a_ping(row, owner=organiser)

    assert browser.post(f"{page}/delete").status_code == 303

    assert browser.get(page).status_code == 404
    assert deliveries() == []


@pytest.mark.parametrize("rows", [1, 4])
def test_lists_ask_the_same_number_of_questions(browser, organiser, receiver, count_queries, rows):
    row = [a_webhook(owner=organiser, url=receiver.url) for _ in range(rows)][0]
    for _ in range(rows):
        a_ping(row, owner=organiser)

    def asked(path):
        count_queries.clear()
        assert browser.get(path).status_code == 200
        return len(count_queries)

    assert (asked("/webhooks/"), asked(f"/webhooks/{row.id}")) == (5, 8)
