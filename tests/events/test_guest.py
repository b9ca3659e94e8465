"""A guest with nothing but the link from the mail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events import gateways
from matchmaker.events.models import Registration
from matchmaker.events.rules import RegistrationState, WaitingPolicy
from matchmaker.events.services import waiting
from matchmaker.notifications.models import Message
from tests.cast import a_user
from tests.factories.events import a_form, a_guest, a_registration, an_event
from tests.factories.questionnaires import dinner

TYPED = {"attendees": "赵来宾\n钱同事", "phone": "13000000010", "note": ""}


@pytest.fixture
def event(app, now):
    return an_event(owner=a_user(Role.ORGANISER), capacity=3, waiting_policy=WaitingPolicy.FIRST_COME)


def link_of(row):
    return f"/events/r/{gateways.link_of(row)}"


def standing(row):
    db.session.expire_all()
    return db.session.execute(sa.select(Registration.state).where(Registration.id == row.id)).scalar_one()


def test_the_mail_holds_the_link_and_the_link_opens_the_registration(client, event):
    a_guest(event, email="guest@example.cn")
    text = db.session.execute(sa.select(Message.text)).scalar_one()

    page = client.get(re.search(r"(/events/r/\S+)", text).group(1))

    assert page.status_code == 200
    assert "赵来宾" in page.text
    assert event.title in page.text
    headers = {key: page.headers[key] for key in ("X-Robots-Tag", "Cache-Control", "Referrer-Policy")}
    assert headers == {"X-Robots-Tag": "noindex", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@pytest.mark.parametrize("rest", ["", "/edit", "/accept", "/withdraw"])
@pytest.mark.parametrize("spoil", ["old", "cut", "other", "made up"])
def test_a_link_that_is_not_the_newest_opens_nothing(client, event, rest, spoil):
    row = a_guest(event)
    old = link_of(row)
    with transaction():
        row.nonce = "another"
    broken = {"old": old, "cut": link_of(row)[:-3], "other": "/events/r/WzEsIngiXQ.x", "made up": "/events/r/x"}[spoil]

    answer = client.get(broken + rest) if rest in {"", "/edit"} else client.post(broken + rest)

    assert answer.status_code == 404
    assert "最近一次通知里的链接" in answer.text
    assert "赵来宾" not in answer.text
    assert standing(row) is RegistrationState.APPROVED


def test_a_link_never_opens_the_registration_of_an_account(client, event):
    row = a_registration(event, actor=a_user())

    assert client.get(link_of(row)).status_code == 404


def test_a_guest_changes_people_and_answers(client, event):
    row = a_guest(event)
    a_form(event, dinner())

    before = client.get(link_of(row) + "/edit").text
    wrong = client.post(link_of(row) + "/edit", data={**TYPED, "qstays": "yes"})
    done = client.post(link_of(row) + "/edit", data={**TYPED, "qstays": "yes", "qmeal": "rice"})
    page = client.get(done.location).text

    assert "最后修改截止" in before
    assert wrong.status_code == 422
    assert done.status_code == 303
    assert "钱同事" in page
    assert "米饭" in page
    assert "桌号" not in page
    db.session.expire_all()
    assert (row.party, row.phone, event.pool.used) == (2, "13000000010", 2)


def test_a_guest_stays_reachable(client, event):
    row = a_guest(event)
    mailed = a_guest(event, name="孙来宾", phone="", email="sun@example.cn")

    without = client.post(link_of(row) + "/edit", data={**TYPED, "phone": ""})
    by_mail = client.post(link_of(mailed) + "/edit", data={"attendees": "孙来宾", "phone": "", "note": "改"})

    assert (without.status_code, by_mail.status_code) == (422, 303)
    assert "请留一个能联系到的电话" in without.text


def test_a_guest_withdraws_by_a_press_and_never_by_looking(client, event):
    row = a_guest(event)
    link = link_of(row)

    for path in (link, f"{link}/edit"):
        client.get(path)
    assert client.get(f"{link}/withdraw").status_code == 405
    assert standing(row) is RegistrationState.APPROVED
    client.post(f"{link}/withdraw")

    assert standing(row) is RegistrationState.WITHDRAWN
    assert event.pool.used == 0
    assert "已撤回" in client.get(link).text


def test_a_guest_waits_sees_the_place_and_takes_the_offer(client, event):
    first = a_guest(event, people=3)
    row = a_guest(event, name="孙来宾", phone="13000000012", people=2)
    link = link_of(row)
    assert "当前第 1 位" in client.get(link).text
    client.post(f"{link_of(first)}/withdraw")
    with transaction():
        waiting.serve(event)

    page = client.get(link).text
    client.post(f"{link}/accept")

    assert "确认参加" in page
    assert (standing(row), event.pool.used) == (RegistrationState.APPROVED, 2)


def test_a_guest_lets_an_offer_go_and_the_next_gets_it(client, event):
    first = a_guest(event, people=3)
    row = a_guest(event, name="孙来宾", phone="13000000012", people=3)
    behind = a_guest(event, name="李来宾", phone="13000000013", people=3)
    client.post(f"{link_of(first)}/withdraw")
    with transaction():
        waiting.serve(event)

    client.post(f"{link_of(row)}/withdraw")
    with transaction():
        waiting.serve(event)

    assert (standing(row), standing(behind)) == (RegistrationState.WITHDRAWN, RegistrationState.OFFERED)


def test_an_offer_is_judged_by_the_clock_at_the_moment_of_asking(client, event, now):
    first = a_guest(event, people=3)
    row = a_guest(event, name="孙来宾", phone="13000000012")
    client.post(f"{link_of(first)}/withdraw")
    with transaction():
        waiting.serve(event)

    with clock.frozen(row.offered_until - timedelta(seconds=1)):
        early = client.get(link_of(row)).text
    with clock.frozen(row.offered_until):
        late = client.get(link_of(row)).text
        client.post(f"{link_of(row)}/accept")

    assert ("确认参加" in early, "确认参加" in late) == (True, False)
    assert standing(row) is RegistrationState.OFFERED


def test_after_the_start_the_link_only_shows(client, event):
    row = a_guest(event)
    link = link_of(row)

    with clock.frozen(event.starts + timedelta(minutes=5)):
        page = client.get(link).text
        edit = client.get(f"{link}/edit")
        client.post(f"{link}/withdraw")

    assert f"{link}/edit" not in page
    assert edit.status_code == 303
    assert standing(row) is RegistrationState.APPROVED
