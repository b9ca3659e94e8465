"""The pages of check-in over HTTP: who may, what a gate gets, what a queue leaves behind."""

from __future__ import annotations

import json
import re
import secrets
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.checkin.models import CheckinList, Gate, GateCode, Scan
from matchmaker.checkin.rules import GRACE, LATE_SYNC, Repeat, code_mark
from matchmaker.checkin.services import setup
from matchmaker.checkin.services.snapshot import milliseconds
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError
from matchmaker.events import gateways
from matchmaker.events.models import Attendee, EventRole
from matchmaker.events.rules import AttendeeLine, EventDuty, Source
from matchmaker.events.services import registrations
from tests.cast import a_user, sign_in
from tests.factories.checkin import a_code, a_gate
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser, now):
    return an_event(owner=organiser, capacity=100, starts=now + timedelta(hours=1), ends=now + timedelta(hours=5))


@pytest.fixture
def gate(event, organiser):
    return a_gate(event, actor=organiser)


@pytest.fixture
def phone(app, gate, organiser):
    """A device that stands at the gate by a short code."""
    _row, text = a_code(gate, actor=organiser)
    browser = app.test_client()
    answer = browser.post("/checkin/", data={"code": f" {text[:4].lower()}-{text[4:]} ", "device": "东门 1"})
    assert answer.headers["Location"] == f"/checkin/gate/{gate.id}"
    return browser


def entry(gate, code, **values):
    given = {"nonce": secrets.token_urlsafe(18), "list": gate.lists[0].id, "direction": "in", "shown": True}
    return {**given, "at": milliseconds(clock.now()), "code": code, **values}


def hands_in(browser, gate, *items, at=None):
    data = {"now": milliseconds(at or clock.now()), "items": list(items)}
    return browser.post(f"/checkin/gate/{gate.id}/sync", json=data)


def test_everything_in_one_press(app, event, organiser):
    browser = sign_in(app.test_client(), organiser)
    assert "准备签到" in browser.get(f"/checkin/events/{event.id}").text

    browser.post(f"/checkin/events/{event.id}/start")
    browser.post(f"/checkin/events/{event.id}/start")

    assert db.session.query(Gate).count() == db.session.query(CheckinList).count() == 1
    assert "主入口" in browser.get(f"/checkin/events/{event.id}").text


def test_a_code_opens_one_gate_until_it_ends(phone, gate, event, organiser, now):
    other = a_gate(event, actor=organiser, name="西门", lists=gate.lists)

    assert phone.get(f"/checkin/gate/{gate.id}").status_code == 200
    assert phone.get(f"/checkin/gate/{other.id}").status_code == 303
    assert phone.get(f"/checkin/gate/{other.id}/snapshot").status_code == 410
    assert phone.get(f"/checkin/events/{event.id}").status_code == 303
    with clock.frozen(event.ends + GRACE):
        assert phone.get(f"/checkin/gate/{gate.id}/snapshot").status_code == 410
        assert hands_in(phone, gate, entry(gate, "AAAABBBBCCCC")).status_code == 200
    with clock.frozen(event.ends + GRACE + LATE_SYNC):
        assert hands_in(phone, gate, entry(gate, "AAAABBBBCCCC")).status_code == 410


def test_a_revoked_code_opens_nothing(phone, gate, organiser, app):
    code = db.session.query(GateCode).one()
    sign_in(app.test_client(), organiser).post(f"/checkin/codes/{code.id}/revoke")

    assert phone.get(f"/checkin/gate/{gate.id}/snapshot").status_code == 410
    assert hands_in(phone, gate, entry(gate, "AAAABBBBCCCC")).status_code == 410
    assert db.session.query(Scan).count() == 0


def test_codes_cannot_be_tried_out(app, gate, organiser):
    _row, text = a_code(gate, actor=organiser)
    browser = app.test_client()
    for _ in range(setup.TRIES):
        assert browser.post("/checkin/", data={"code": "AAAABBBB"}).status_code == 422

    answer = browser.post("/checkin/", data={"code": text})

    assert answer.status_code == 422
    assert "一刻钟" in answer.text
    assert text not in str(db.session.execute(sa.select(GateCode.code_hash)).scalars().all())


def test_the_snapshot_holds_what_a_gate_needs_and_no_more(phone, gate, event):
    row = a_registration(event, actor=a_user(name="联系人甲"))
    gone = a_registration(event, actor=a_user())
    with transaction():
        row.attendees[0].phone = "13012345678"
        gone.attendees[0].name = "不来了的人"
        registrations.withdraw(gone, actor=gone.user)

    answer = phone.get(f"/checkin/gate/{gate.id}/snapshot")

    head = json.loads(answer.json["head"])
    (first, second) = json.loads(answer.json["blocks"]["0"])
    assert first[5] == code_mark(row.attendees[0].code, head["salt"])
    assert (first[4], second[4]) == ("coming", "gone")
    assert second[1:3] == ["", ""]
    for secret in (row.attendees[0].code, "13012345678", "5678", row.phone, "不来了的人", "联系人甲"):
        assert secret not in answer.text
    assert head["wipe"] == milliseconds(event.ends + GRACE)


def test_only_what_changed_travels_again(phone, gate, event):
    a_registration(event, actor=a_user(), people=3)
    first = phone.get(f"/checkin/gate/{gate.id}/snapshot")
    marks = json.loads(first.json["head"])["blocks"]
    again = phone.get(f"/checkin/gate/{gate.id}/snapshot", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")

    person = db.session.query(Attendee).first()
    hands_in(phone, gate, entry(gate, person.code))
    have = ".".join(mark[:8] for mark in marks)
    delta = phone.get(f"/checkin/gate/{gate.id}/snapshot?have={have}", headers={"If-None-Match": first.headers["ETag"]})

    assert list(delta.json["blocks"]) == ["1"]  # the passes; the guests are as they were
    assert [row[1] for row in json.loads(delta.json["blocks"]["1"])] == [person.id]


def test_a_queue_of_a_thousand_sent_twice_in_batches(phone, gate, event):
    registration = a_registration(event, actor=a_user(), people=40)
    codes = [person.code for person in registration.attendees]
    queue = [entry(gate, codes[n % 40] if n < 200 else f"ZZZZ{n:04d}2222") for n in range(1000)]

    for _ in range(2):
        for start in range(0, 1000, 250):
            answer = hands_in(phone, gate, *queue[start : start + 250])
            assert {r["nonce"] for r in answer.json["results"]} == {i["nonce"] for i in queue[start : start + 250]}

    assert db.session.query(Scan).count() == 1000
    assert db.session.query(Scan).filter(Scan.counted).count() == 40
    assert db.session.query(Scan).first().device == "东门 1"


def test_one_bad_entry_does_not_hold_up_the_others(phone, gate, event):
    (person,) = a_registration(event, actor=a_user()).attendees
    good = entry(gate, person.code)

    rows = [{"nonce": "x" * 20}, good, None, 7, {"nonce": 5}, entry(gate, person.code, list=10**9)]
    answer = hands_in(phone, gate, *rows)

    assert answer.status_code == 200
    results = {row["nonce"]: row for row in answer.json["results"]}
    assert results[good["nonce"]]["accepted"]
    assert results["x" * 20]["error"]
    assert db.session.query(Scan).count() == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"items": 5}', b'{"items": null, "now": "x"}'])
def test_nonsense_is_refused(phone, gate, body):
    answer = phone.post(f"/checkin/gate/{gate.id}/sync", data=body, content_type="application/json")

    assert answer.status_code == 422


def test_a_batch_without_the_token_is_refused(app, phone, gate):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert hands_in(phone, gate).status_code == 400
        token = phone.get(f"/checkin/gate/{gate.id}/snapshot").headers["X-CSRFToken"]
        data = {"now": 0, "items": []}
        answer = phone.post(f"/checkin/gate/{gate.id}/sync", json=data, headers={"X-CSRFToken": token})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.json["results"] == []


def test_stewards_open_their_gate_and_nothing_else(app, event, organiser):
    steward = a_user(name="志愿者")
    gate = a_gate(event, actor=organiser, stewards=f"{steward.email}\n\n")
    other = a_gate(event, actor=organiser, name="西门", lists=gate.lists)
    browser = sign_in(app.test_client(), steward)

    assert gate.name in browser.get("/checkin/").text
    assert browser.get(f"/checkin/gate/{gate.id}").status_code == 200
    assert browser.get(f"/checkin/gate/{other.id}").status_code == 404
    assert browser.get(f"/checkin/events/{event.id}").status_code == 404
    with pytest.raises(DomainError), transaction():
        setup.save_gate(gate, event=event, actor=organiser, name="东门", list_ids=[gate.lists[0].id], stewards="nobody")


def test_the_duty_of_check_in_is_enough(app, event, organiser, gate):
    helper = a_user()
    values = {"event_id": event.id, "user_id": helper.id, "granted_by_id": organiser.id, "created": clock.now()}
    with transaction() as session:
        session.add(EventRole(duty=EventDuty.CHECKIN, **values))
    browser = sign_in(app.test_client(), helper)

    assert browser.get(f"/checkin/events/{event.id}").status_code == 200
    browser.post(f"/checkin/gates/{gate.id}/codes")
    assert re.search(r"[2-9A-Z]{4} [2-9A-Z]{4}", browser.get(f"/checkin/events/{event.id}").text)


def test_a_list_with_rules_is_kept_as_typed(app, event, organiser):
    browser = sign_in(app.test_client(), organiser)
    typed = {
        "name": "贵宾",
        "kind": "entry",
        "pool_id": "0",
        "repeat": "after_exit",
        "audience_ids": [str(event.audiences[0].id)],
        "tags": "嘉宾，媒体",
        "opens": "2026-03-02T09:00",
        "early_tags": "布展",
        "early_minutes": "30",
    }
    assert browser.post(f"/checkin/events/{event.id}/lists/new", data=typed).status_code == 303
    entry_list = db.session.query(CheckinList).one()

    first, early = entry_list.rule.ways
    assert (entry_list.rule.repeat, first.tags, early.tags) == (Repeat.AFTER_EXIT, ("嘉宾", "媒体"), ("布展",))
    assert first.opens - early.opens == 30 * 60_000
    form = browser.get(f"/checkin/lists/{entry_list.id}").text
    assert "嘉宾，媒体" in form
    assert "2026-03-02T09:00" in form
    again = browser.post(f"/checkin/events/{event.id}/lists/new", data=typed)
    assert again.status_code == 422
    browser.post(f"/checkin/lists/{entry_list.id}/drop")
    assert db.session.query(CheckinList).count() == 0


def test_scans_are_listed_filtered_and_exported(app, phone, gate, event, organiser):
    (person,) = a_registration(event, actor=a_user()).attendees
    hands_in(phone, gate, entry(gate, person.code), entry(gate, "=cmd|x", shown=False))
    browser = sign_in(app.test_client(), organiser)

    address = f"/checkin/events/{event.id}/scans"
    assert person.name in browser.get(address).text
    assert person.name not in browser.get(f"{address}?result=no").text
    export = browser.get(f"{address}?format=csv")
    assert export.status_code == 200
    assert "\n=cmd" not in export.text.replace('"', "").replace(",", "\n")


def test_by_hand_and_back_again(app, gate, event, organiser):
    (person,) = a_registration(event, actor=a_user()).attendees
    browser = sign_in(app.test_client(), organiser)
    data = {"list_id": str(gate.lists[0].id), "direction": "in"}

    browser.post(f"/checkin/people/{person.id}/check", data=data)
    assert person.attended_at is not None
    (scan,) = db.session.query(Scan).all()
    assert browser.post(f"/checkin/scans/{scan.id}/undo", data={"note": ""}).status_code == 422
    browser.post(f"/checkin/scans/{scan.id}/undo", data={"note": "扫错人"})

    assert person.attended_at is None
    assert "扫错人" in browser.get(f"/checkin/people/{person.id}").text


def test_tickets_are_for_the_people_themselves_and_can_be_renewed(app, event, gate, organiser):
    registration = a_registration(event, actor=a_user())
    (person,) = registration.attendees
    old = person.code
    mine = sign_in(app.test_client(), registration.user)

    assert "data:image/svg+xml" in mine.get(f"/events/registrations/{registration.id}").text
    assert f"/checkin/tickets/{person.id}.svg" in mine.get(f"/events/registrations/{registration.id}").text
    assert mine.get(f"/checkin/tickets/{person.id}.svg").mimetype == "image/svg+xml"
    assert sign_in(app.test_client(), a_user()).get(f"/checkin/tickets/{person.id}.svg").status_code == 404
    mine.post(f"/checkin/tickets/{person.id}/renew")

    staff = sign_in(app.test_client(), organiser)
    answer = hands_in(staff, gate, entry(gate, old, shown=None), entry(gate, person.code, shown=None))
    assert [row["reason"] for row in answer.json["results"]] == ["unknown", "welcome"]


def test_the_worker_serves_the_gates_only(client):
    answer = client.get("/checkin/worker.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/checkin/"


def test_lists_and_gates_come_along_with_a_copy(event, gate, organiser):
    copied = an_event(owner=organiser, title="下一期")
    shift = timedelta(days=7)
    with transaction():
        setup.save_list(gate.lists[0], event=event, actor=organiser, name="入场", opens=event.starts)
    with transaction():
        setup.copy(event, copied, shift)

    twin = db.session.query(Gate).filter_by(event_id=copied.id).one()
    assert twin.name == gate.name
    assert twin.lists[0].event_id == copied.id
    assert twin.lists[0].rule.ways[0].opens == milliseconds(event.starts + shift)


def test_a_guest_without_an_account_sees_the_ticket_by_the_signed_link(app, event, organiser):
    with transaction():
        row = registrations.register_guest(
            event,
            audience=event.audiences[0],
            actor=organiser,
            source=Source.INVITATION,
            name="受邀人",
            people=[AttendeeLine("受邀人", "13000000055")],
            phone="13000000055",
        )
    with app.test_request_context():
        address = f"/events/r/{gateways.link_of(row)}"

    text = app.test_client().get(address).text

    assert "入场码" in text
    assert "data:image/svg+xml" in text
    assert "renew" not in text
