"""The list component: what the address says is what is shown and exported."""

from __future__ import annotations

import csv
import io
import json

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.lists.models import SavedView
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event

NAMES = ("北塔", "红光", "清泉")


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    event = an_event(owner=organiser, capacity=200, needs_approval=True)
    for people, name in enumerate(NAMES, start=1):
        firm = an_organisation(name=f"{name}科技有限公司")
        a_registration(event, actor=a_user(organisation=firm), people=people, organisation_id=firm.id)
    return event


@pytest.fixture
def staff(client, organiser):
    return sign_in(client, organiser)


def shown(client, event, query):
    body = client.get(f"/events/manage/{event.id}?format=csv&{query}").data.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(body)) if any(name in "".join(row) for name in NAMES)]
    return ["".join(row)[:2] for row in rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["北塔", "红光", "清泉"]),
        ("sort=-party", ["清泉", "红光", "北塔"]),
        ("sort=party", ["北塔", "红光", "清泉"]),
        ("q=红光", ["红光"]),
        ("q=hgkj", ["红光"]),
        ("q=%20%20", ["北塔", "红光", "清泉"]),
        ("state=approved", []),
        ("state=submitted&q=清", ["清泉"]),
        ("state=nonsense", []),
        ("sort=nonsense", ["北塔", "红光", "清泉"]),
        ("sort=phone", ["北塔", "红光", "清泉"]),
        ("page=99999999999999999999", ["北塔", "红光", "清泉"]),
        ("page=-1", ["北塔", "红光", "清泉"]),
        ("q=%25", []),
        ("q='%20OR%201=1--", []),
    ],
)
def test_the_address_decides_what_is_shown(staff, event, query, expected):
    assert shown(staff, event, query) == expected
    assert staff.get(f"/events/manage/{event.id}?{query}").status_code == 200


def test_the_second_page_holds_the_rest(staff, organiser):
    event = an_event(owner=organiser, capacity=200)
    for _ in range(51):
        a_registration(event, actor=a_user())

    first = staff.get(f"/events/manage/{event.id}").text
    second = staff.get(f"/events/manage/{event.id}?page=2").text

    assert (first.count('name="ids"'), second.count('name="ids"')) == (50, 1)
    assert "共 51 条" in second


def test_htmx_gets_only_the_rows(staff, event):
    fragment = staff.get(f"/events/manage/{event.id}?q=红光", headers={"HX-Request": "true"}).text

    assert "<html" not in fragment
    assert "红光科技有限公司" in fragment
    assert "清泉科技有限公司" not in fragment


def test_an_unknown_format_does_not_exist(staff, event):
    assert staff.get(f"/events/manage/{event.id}?format=exe").status_code == 404


def test_the_json_export_names_its_columns(staff, event):
    rows = json.loads(staff.get(f"/events/manage/{event.id}?format=json").data)

    text = json.dumps(rows, ensure_ascii=False)
    assert "红光科技有限公司" in text
    assert "未通过理由" in text or "reason" in text


def test_a_saved_view_comes_back_with_its_filters(staff, event):
    here = f"/events/manage/{event.id}?state=submitted"

    staff.post("/lists/registrations/views", data={"name": "待审核", "url": here})
    page = staff.get(f"/events/manage/{event.id}").text

    assert f'href="{here}"' in page
    view = db.session.execute(sa.select(SavedView)).scalar_one()
    staff.post(f"/lists/views/{view.id}/delete")
    assert db.session.execute(sa.select(sa.func.count(SavedView.id))).scalar_one() == 0


def test_a_stranger_cannot_delete_a_saved_view(staff, event, client):
    staff.post("/lists/registrations/views", data={"name": "待审核", "url": "/events/"})
    view = db.session.execute(sa.select(SavedView)).scalar_one()
    stranger = sign_in(client.application.test_client(), a_user(Role.ORGANISER))

    assert stranger.post(f"/lists/views/{view.id}/delete").status_code == 404


def test_a_saved_view_never_leads_off_the_site(staff, event):
    staff.post("/lists/registrations/views", data={"name": "x", "url": "https://evil.example/"})

    assert db.session.execute(sa.select(SavedView.path)).scalar_one() == "/"


def test_a_bulk_action_that_may_not_be_done_is_refused(client, event):
    auditor = sign_in(client, a_user(Role.AUDITOR))
    form = {"action": "approve", "ids": ["1"], "scope_event_id": event.id, "confirmed": "1"}

    assert auditor.post("/lists/registrations/bulk", data=form).status_code == 403


def test_a_bulk_action_on_nothing_says_so(staff, event):
    answer = staff.post(
        "/lists/registrations/bulk", data={"action": "approve", "scope_event_id": event.id, "back": "/events/"}
    )

    assert answer.status_code == 303
    assert "请先勾选" in staff.get(answer.location).text


def test_a_rejection_in_bulk_without_reason_changes_nothing(staff, event):
    ids = [str(i) for i in range(1, 4)]
    form = {"action": "reject", "ids": ids, "scope_event_id": event.id, "confirmed": "1", "reason": " "}

    answer = staff.post("/lists/registrations/bulk", data=form)

    assert answer.status_code == 422
    assert "请写明理由" in answer.text
    assert shown(staff, event, "state=submitted") == list(NAMES)


def test_undo_works_once_and_only_for_who_did_it(staff, event, client):
    ids = [str(i) for i in range(1, 4)]
    form = {"action": "approve", "ids": ids, "scope_event_id": event.id, "confirmed": "1"}
    done = staff.post("/lists/registrations/bulk", data=form)
    run = done.location.split("?")[0]
    colleague = sign_in(client.application.test_client(), a_user(Role.ORGANISER))

    assert colleague.post(f"{run}/undo").status_code == 404
    assert shown(staff, event, "state=approved") == list(NAMES)
    staff.post(f"{run}/undo")
    assert shown(staff, event, "state=submitted") == list(NAMES)
    assert "已经撤销过了" in staff.get(staff.post(f"{run}/undo", data={"back": "/desk"}).location).text
