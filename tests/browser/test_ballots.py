"""Ballots on a bad network: typed and signed without one, sent when it is back, side by side when changed elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Ballot, Contest, JudgeSeat
from matchmaker.competition.rules.ballots import BallotState
from matchmaker.core.db import db
from tests.browser.conftest import DESKTOP, PHONE, SHOTS
from tests.browser.test_competition import OTHERS, TITLE, a_contest


def own_ballots(house, contest_id, user_id):
    """{title: ballot} of a judge, without the session."""
    with house.open():
        contest = db.session.get_one(Contest, contest_id)
        statement = (
            db.select(Ballot)
            .join(JudgeSeat, JudgeSeat.id == Ballot.seat_id)
            .where(JudgeSeat.contest_id == contest.id, JudgeSeat.user_id == user_id)
        )
        rows = db.session.execute(statement).unique().scalars().all()
        return {row.entry.title: (row.id, row.state, row.version, row.comment, dict(row.points)) for row in rows}


def scores(page, tech, market, comment):
    points = page.get_by_role("spinbutton")
    points.nth(0).fill(tech)
    points.nth(1).fill(market)
    page.get_by_label("评语").fill(comment)


def holds(page):
    """The list has been visited and the device holds every ballot."""
    page.goto("/contests/ballots/")
    expect(page.get_by_text("断网也能打开本页")).to_be_visible(timeout=30_000)


def everything_is_sent(page):
    for _try in range(60):
        if page.evaluate("localStorage.getItem('ballots:waiting')") == "0":
            return
        page.wait_for_timeout(500)
    raise AssertionError("something still waits to be sent")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_judge_without_a_network_loses_nothing(house, device, axe, size):
    contest_id = a_contest(house, judging=True)
    judge_id = house.demo_user(Role.JUDGE)
    page = device(judge_id, size=size)
    holds(page)
    device.cut(page)

    page.goto("/contests/ballots/")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.locator("form[data-ready]")).to_be_attached()
    scores(page, "88", "76", "样机扎实，市场还要再算。")
    expect(page.get_by_text("没有网络：已保存在本设备")).to_be_visible()
    page.reload()
    expect(page.get_by_role("spinbutton").nth(0)).to_have_value("88")
    page.get_by_role("button", name="提交评分").click()
    expect(page.get_by_text("已签署，等待发送")).to_be_visible()
    axe(page)
    page.screenshot(path=SHOTS / f"ballot-queued-{size['width']}.png", full_page=True)

    page.goto("/contests/ballots/")
    expect(page.get_by_text("1 份评分表等待发送")).to_be_visible()
    page.screenshot(path=SHOTS / f"ballots-waiting-{size['width']}.png", full_page=True)
    page.get_by_role("link", name=OTHERS[0]).click()
    expect(page.locator("form[data-ready]")).to_be_attached()
    scores(page, "61", "", "还没有想好")
    page.wait_for_timeout(300)
    assert own_ballots(house, contest_id, judge_id)[TITLE][1] is BallotState.ASSIGNED

    device.mend(page)
    expect(page.get_by_text("已自动保存")).to_be_visible(timeout=30_000)
    everything_is_sent(page)
    kept = own_ballots(house, contest_id, judge_id)
    assert (kept[TITLE][1], kept[TITLE][3]) == (BallotState.SUBMITTED, "样机扎实，市场还要再算。")
    assert (kept[OTHERS[0]][1], [str(value) for value in kept[OTHERS[0]][4].values()]) == (BallotState.DRAFT, ["61"])
    page.goto("/contests/ballots/")
    expect(page.locator("[data-held-note]")).to_be_visible(timeout=30_000)
    expect(page.locator("[data-waiting]")).to_be_hidden()


def test_two_devices_choose_side_by_side(house, device, axe):
    contest_id = a_contest(house, judging=True)
    judge_id = house.demo_user(Role.JUDGE)
    ballot_id = own_ballots(house, contest_id, judge_id)[TITLE][0]
    tablet, desk = device(judge_id), device(judge_id, size=DESKTOP)
    for page in (tablet, desk):
        page.goto(f"/contests/ballots/{ballot_id}")
        expect(page.locator("form[data-ready]")).to_be_attached()
    device.cut(tablet)
    scores(tablet, "70", "71", "在平板上写的")
    scores(desk, "80", "81", "在电脑上写的")
    expect(desk.get_by_text("已自动保存")).to_be_visible()

    device.mend(tablet)
    expect(tablet.get_by_role("heading", name="这张评分表在别处改过")).to_be_visible(timeout=30_000)
    expect(tablet.get_by_role("row", name="评语")).to_contain_text("在电脑上写的")
    expect(tablet.get_by_role("row", name="评语")).to_contain_text("在平板上写的")
    axe(tablet)
    tablet.screenshot(path=SHOTS / "ballot-conflict-390.png", full_page=True)
    assert own_ballots(house, contest_id, judge_id)[TITLE][3] == "在电脑上写的"
    tablet.get_by_role("button", name="留下本页的").click()
    expect(tablet.get_by_text("已自动保存")).to_be_visible(timeout=30_000)
    assert own_ballots(house, contest_id, judge_id)[TITLE][3] == "在平板上写的"

    desk.get_by_label("评语").fill("在电脑上又写的")
    expect(desk.get_by_role("heading", name="这张评分表在别处改过")).to_be_visible(timeout=30_000)
    desk.get_by_role("button", name="采用另一处的").click()
    expect(desk.get_by_label("评语")).to_have_value("在平板上写的")


def test_signing_out_leaves_nothing_on_the_device(house, device):
    a_contest(house, judging=True)
    page = device(house.demo_user(Role.JUDGE), size=DESKTOP)
    holds(page)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.locator("form[data-forget-drafts]").first.evaluate("form => form.requestSubmit()")
    page.wait_for_url(lambda url: "/ballots/" not in url)

    assert asked == []
    assert page.evaluate("caches.keys()") == []
    assert [
        base["name"] for base in page.evaluate("indexedDB.databases()") if base["name"].startswith("ballots-")
    ] == []
