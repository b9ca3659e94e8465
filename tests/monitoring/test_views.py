"""The pages of targets, snapshots and years."""

from datetime import date
from html import unescape

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.directory.services import closed_years
from matchmaker.evaluation.rules import TitleKind
from matchmaker.monitoring.models import Indicator, Plan, Snapshot
from matchmaker.monitoring.queries import plans
from matchmaker.monitoring.rules import SnapshotState
from tests.cast import a_user, sign_in
from tests.factories.evaluation import a_title
from tests.factories.monitoring import a_plan

PAGES = ("", "print", "T1", "measures", "snapshots/", "years/")


@pytest.fixture
def plan(app, now):
    return a_plan()


@pytest.fixture
def handler(client, plan):
    return sign_in(client, a_user(Role.HANDLER))


def test_no_data_is_said_in_words_and_never_as_nought(handler):
    a_title(TitleKind.HNTE, valid_from=date(2022, 1, 1), valid_to=date(2024, 12, 31))

    page = handler.get("/targets/").text

    assert page.count("暂无数据") >= 11
    assert "<b>0</b>" in page  # certificates are on record, none is valid: that is a nought
    assert "<b>0</b>" not in handler.get("/targets/?day=2021-12-31").text


def test_a_number_opens_the_list_behind_it(handler):
    a_title(number="AA-1", valid_to=date(2026, 3, 31)), a_title(number="AA-2", valid_to=date(2026, 3, 1), holder="乙")

    page, before = handler.get("/targets/T1").text, handler.get("/targets/T1?day=2026-03-01").text

    assert "AA-1" in page and "AA-2" not in page and "计入 1 条" in page
    assert "AA-1" in before and "AA-2" in before and "计入 2 条" in before
    text = handler.get("/targets/T1?format=csv").get_data().decode("utf-8-sig")
    assert "AA-1" in text and "AA-2" not in text


@pytest.mark.parametrize("address", ["?day=rubbish", "?day=2999-01-01", "?year=abcd", "?year=9999"])
def test_an_unusable_day_shows_today(handler, address):
    assert 'value="2026-03-02"' in handler.get(f"/targets/{address}").text


def test_a_year_shows_its_last_day(handler):
    assert 'value="2025-12-31"' in handler.get("/targets/?year=2025").text


def test_a_handler_changes_a_target(handler):
    form = {"target": "300", "stretch": "", "due": "2027-12-31", "office": "区科技局", "owner_id": "0"}
    words = {"formula_zh": "当日有效的企业数", "formula_en": ""}

    assert handler.post("/targets/T1/edit", data={**form, **words}).status_code == 303
    assert handler.post("/targets/T1/edit", data={**form, **words, "stretch": "200"}).status_code == 422

    row = db.session.query(Indicator).filter_by(code="T1").one()
    assert (row.target, row.formula_version, row.due) == (300, 2, date(2027, 12, 31))


def test_a_snapshot_goes_from_taken_to_corrected(client, plan):
    handler, approver = a_user(Role.HANDLER), a_user(Role.APPROVER)
    a_title(number="AA-1")
    location = sign_in(client, handler).post("/targets/snapshots/new", data={"day": "2025-12-31"}).location
    assert "AA-1" in client.get(f"{location}/T1").text
    client.post(f"{location}/collect")
    assert client.post(f"{location}/lock").status_code == 403

    sign_in(client, approver).post(f"{location}/lock")
    client.post(f"{location}/publish")

    assert sign_in(client, handler).post(f"{location}/correct", data={"reason": ""}).status_code == 422
    assert client.post(f"{location}/correct", data={"reason": "漏计一家"}).status_code == 303
    states = [row.state for row in db.session.query(Snapshot).order_by(Snapshot.id)]
    assert states == [SnapshotState.CORRECTED, SnapshotState.CHECKING]
    assert "漏计一家" in client.get(f"/targets/snapshots/{states.index(SnapshotState.CHECKING) + 1}").text


def test_two_people_close_a_year_on_the_pages(client, plan):
    handler, approver = a_user(Role.HANDLER), a_user(Role.APPROVER)
    form = {"year": "2025", "reason": "年报已锁定"}
    assert sign_in(client, handler).post("/targets/years/propose", data={**form, "year": "2026"}).status_code == 422
    client.post("/targets/years/propose", data=form)
    assert "确认关闭" not in client.get("/targets/years/").text

    assert "确认关闭" in sign_in(client, approver).get("/targets/years/").text
    client.post("/targets/years/1/confirm")

    assert closed_years("650105") == {2025}
    assert "2025" in client.get("/targets/years/").text


def test_everybody_is_asked_who_they_are(client, plan):
    for path in PAGES:
        assert client.get(f"/targets/{path}").status_code == 303
    sign_in(client, a_user())
    for path in PAGES:
        assert client.get(f"/targets/{path}").status_code == 403


def test_another_region_sees_no_plan_and_no_snapshot(client, plan):
    sign_in(client, a_user(Role.HANDLER)).post("/targets/snapshots/new", data={"day": "2025-12-31"})
    stranger = sign_in(client, a_user(Role.HANDLER, region="650104"))

    assert "还没有载入计划" in stranger.get("/targets/").text
    for path in ("T1", "T1/edit", "snapshots/1", "snapshots/1/T1", "snapshots/1/correct"):
        assert stranger.get(f"/targets/{path}").status_code == 404


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.APPROVER, Role.DEPARTMENT])
def test_readers_open_every_page_and_change_nothing(client, plan, role):
    reader = sign_in(client, a_user(role))

    assert {reader.get(f"/targets/{path}").status_code for path in PAGES} == {200}
    assert {reader.get(f"/targets/{path}").status_code for path in ("T1/edit", "baseline", "snapshots/new")} == {403}


def test_the_leader_finds_on_the_desk_what_is_late(client, plan):
    a_title()
    desk = sign_in(client, a_user(Role.LEADER)).get("/desk").text

    assert "T1 培育科技型中小企业" in desk


def test_pages_are_english_throughout(handler):
    a_title()
    for path in PAGES:
        page = handler.get(f"/targets/{path}?lang=en").text
        assert not {word for word in ("暂无数据", "未达标", "快照", "年度", "目标", "措施") if word in page}


def test_measures_link_to_where_the_platform_serves_them(handler):
    page = unescape(handler.get("/targets/measures").text)

    assert page.count("<tr>") >= 28
    assert 'href="/titles/"' in page
    plan = db.session.execute(db.select(Plan)).scalars().first()
    rows = db.session.execute(plans.measures(plan.id)).scalars().all()
    assert rows
    assert [row.name_zh for row in rows if row.name_zh not in page] == []
    assert [group["zh"] for group in plan.data["task_groups"] if group["zh"] not in page] == []


def test_the_page_needs_no_more_queries_for_three_records_than_for_one(handler, count_queries):
    needed = []
    for holders in (("甲",), ("乙", "丙")):
        for holder in holders:
            a_title(holder=holder)
        handler.get("/targets/")
        count_queries.clear()
        handler.get("/targets/")
        needed.append(len(count_queries))

    assert needed[0] == needed[1]


def test_the_list_of_snapshots_needs_no_more_queries_for_three_rows_than_for_one(handler, count_queries):
    needed = []
    for days in (["2025-12-31"], ["2025-11-30", "2025-10-31"]):
        for day in days:
            handler.post("/targets/snapshots/new", data={"day": day})
        handler.get("/targets/snapshots/")
        count_queries.clear()
        handler.get("/targets/snapshots/")
        needed.append(len(count_queries))

    assert needed[0] == needed[1]
