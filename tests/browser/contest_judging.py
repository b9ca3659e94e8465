"""The second half of a whole contest on its pages: judges, recusals, ballots, locks and the live final."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from playwright.sync_api import Page, expect

from matchmaker.competition.rules.ballots import LEFT
from matchmaker.competition.services import ballots as ballot_service
from matchmaker.core.db import transaction
from tests.browser import test_ballots
from tests.browser.conftest import DESKTOP
from tests.browser.contest_entering import (
    OTHERS,
    PANEL,
    TITLE,
    WORTH,
    at,
    contest_of,
    entries_of,
    own_entry,
    picture,
    presses,
)
from tests.browser.test_competition import agrees, the_user
from tests.factories import competition as factory


def judges_are_seated_and_kept_apart(walk: Any) -> None:
    """One judge is seated on the page; another turns out to work for the entrant's firm and is kept away."""
    page = walk.page("organiser")
    page.goto(at(walk, "/judges"))
    name = walk_name(walk, "judge")
    chosen = page.locator("select[name=user_id]")
    chosen.select_option(chosen.locator("option", has_text=name).first.get_attribute("value"))
    page.locator("input[name=unit_text]").fill("外地示范大学")
    presses(page, "添加")
    expect(page.get_by_text("已添加评委")).to_be_visible()
    with walk.house.open():
        contest, owner = contest_of(walk), the_user(walk.people["organiser"])
        firm = own_entry(walk).organisation.name
        for sign in PANEL:
            unit = {"unit_text": firm} if sign == "己" else {}
            factory.a_judge(contest, owner=owner, name=f"示范评委{sign}", **unit)
    page.goto(at(walk, "/recusals"))
    found = page.get_by_role("row", name="示范评委己").filter(has_text=TITLE)
    expect(found).to_have_count(2)  # the same unit, by its name and by its code
    picture(page, "04-recusals", height=560)
    for reason in ("同一单位", "单位信用代码相同"):
        found.filter(has_text=reason).get_by_role("link").first.click()
        page.get_by_label("确认回避").check()
        page.get_by_label("核实情况").fill("本人证实在该单位任职。")
        presses(page, "提交核实结果")
        expect(found.filter(has_text=reason)).to_contain_text("已确认")


def walk_name(walk: Any, who: str) -> str:
    with walk.house.open():
        return str(the_user(walk.people[who]).name)


def judging_begins(walk: Any, code: str) -> None:
    """Blind copies where they are due, the plan, the start."""
    page = walk.page("organiser")
    if code == "preliminary":
        page.goto(at(walk, "/blinding"))
        page.get_by_role("link", name="处理下一个").click()
        for _entry in range(6):
            page.get_by_label("已核对").check()
            presses(page, "放行，下一个")
        expect(page.get_by_text("已放行 6 / 6")).to_be_visible()
    page.goto(at(walk, f"/{code}/assignment"))
    if code == "preliminary":
        row = page.get_by_role("row", name=TITLE).first
        expect(row).to_be_visible()
        expect(row).not_to_contain_text("示范评委己")
        picture(page, "05-assignment", height=1100)
    presses(page, "确认分配")
    expect(page.get_by_text("已分配").first).to_be_visible()
    page.goto(at(walk))
    agrees(page, "开始评审")
    expect(page.get_by_text("评审已开始").first).to_be_visible()


def a_judge_scores(walk: Any, device: Any) -> None:
    """The pledge; one ballot without a network, the next with one; the other judges sign theirs."""
    page = device(walk.people["judge"], size=DESKTOP)
    page.goto("/contests/ballots/")
    page.get_by_role("main").get_by_role("link", name=re.compile("开始评审")).click()
    page.get_by_label("签名").fill(walk_name(walk, "judge"))
    presses(page, "签署")
    test_ballots.holds(page)
    device.cut(page)
    page.goto("/contests/ballots/")
    page.locator("tr[data-ballot-row] a").first.click()
    fills_in(page, 84)
    page.get_by_role("button", name="提交评分").click()
    expect(page.get_by_text("已签署，等待发送")).to_be_visible()
    picture(page, "06-ballot-offline")
    device.mend(page)
    expect(page.get_by_text("已签署，等待发送")).to_be_hidden(timeout=30_000)
    page.goto("/contests/ballots/")
    expect(page.get_by_text(re.compile("已提交 1 /")).first).to_be_visible()
    page.get_by_role("link", name=re.compile("继续评审")).click()
    fills_in(page, 76)
    page.get_by_role("button", name="提交评分").click()
    expect(page.get_by_text(re.compile("已提交 2 /")).first).to_be_visible()
    organiser = walk.page("organiser")
    organiser.goto(at(walk, "/preliminary/progress"))
    own = organiser.get_by_role("row", name=walk_name(walk, "judge"))
    expect(own.locator("[aria-label^='2 /']")).to_be_visible()
    picture(organiser, "07-progress")
    the_rest_sign(walk)


def fills_in(page: Page, points: int) -> None:
    """Every criterion of the ballot on the screen."""
    expect(page.locator("form[data-ready]")).to_be_attached()
    for number, box in enumerate(page.get_by_role("spinbutton").all()):
        box.fill(str(points - number))


def the_rest_sign(walk: Any, *, title: str = "", besides: int = 0) -> None:
    """What is still open is signed: by how good an entry is, and how severe the judge."""
    with walk.house.open():
        worth = {row.id: WORTH[[TITLE, *OTHERS].index(row.title)] for row in entries_of(walk)}
        for ballot in factory.ballots_of(contest_of(walk)):
            if ballot.state not in LEFT or ballot.seat.user_id == besides or title not in ballot.entry.title:
                continue
            points = worth[ballot.entry_id] + 3 * (ballot.seat_id % 4) - 5
            rows = ballot.stage.criteria_of(ballot.entry.group)
            given = {row.key: Decimal(points - n % 3) for n, row in enumerate(rows)}
            with transaction():
                ballot_service.sign(ballot, actor=ballot.seat.user, version=ballot.version, points=given)


def two_lock(walk: Any, code: str) -> None:
    """One proposes, another agrees; nobody has seen a score until then."""
    page = walk.page("organiser")
    page.goto(at(walk, f"/{code}/results"))
    page.get_by_role("link", name="提请锁定成绩").click()
    page.get_by_label("理由").fill("评分表全部提交，回避无遗留。")
    page.get_by_role("main").locator("button[type=submit]").last.click()
    expect(page.get_by_text("等待另一位").first).to_be_visible()
    second = walk.page("second")
    second.goto(at(walk, f"/{code}/results"))
    if code == "final":
        picture(second, "10-lock")
    agrees(second, "确认")
    expect(second.get_by_text("成绩已锁定").first).to_be_visible()


def the_board_says_why(walk: Any) -> None:
    """Calibrated standings, recounted; four rules side by side and what would change them."""
    page = walk.page("second")
    page.goto(at(walk, "/preliminary/standings"))
    expect(page.get_by_role("row", name=TITLE)).to_be_visible()
    page.goto(at(walk, "/preliminary/board"))
    expect(page.get_by_role("main")).to_contain_text("各种计分方式")
    picture(page, "08-board", height=1200)


def finalists_are_released(walk: Any) -> None:
    page = walk.page("organiser")
    page.goto(at(walk, "/preliminary/results"))
    agrees(page, "发布晋级名单")
    expect(page.get_by_text("成绩已发布").first).to_be_visible()
    visitor = walk.page("visitor")
    visitor.goto(f"/contests/{walk.contest_id}")
    expect(visitor.get_by_role("row", name=TITLE).first).to_contain_text("晋级")


def a_final_is_held(walk: Any) -> None:
    """Prepared, signed in, drawn in public; each finalist is called, scored and shown."""
    judging_begins(walk, "final")
    host = walk.page("organiser")
    host.goto(at(walk))
    host.get_by_role("link", name="建立现场决赛").click()
    host.get_by_label("地点").fill("区科技大厦报告厅（演示）")
    presses(host, "建立")
    expect(host.get_by_text("已签到 0 / 3")).to_be_visible()
    for number in range(3):
        host.get_by_role("link", name=re.compile("^签到 ")).first.click()
        host.get_by_label("答辩人").fill(f"示范答辩人{number + 1}")
        host.get_by_label("抽签口令").fill("瑞雪" * (number + 1))
        presses(host, "签到")
        expect(host.get_by_text(f"已签到 {number + 1} / 3")).to_be_visible()
    agrees(host, "抽定顺序")
    expect(host.get_by_text("顺序已抽定")).to_be_visible()
    with host.context.expect_page() as opened:
        host.get_by_role("link", name="打开大屏").click()
    screen = opened.value
    for number in range(3):
        presses(host, "请上台")
        presses(host, "请评委打分")
        words = host.locator(".final-now h2").first.inner_text()
        the_rest_sign(walk, title=next(t for t in (TITLE, *OTHERS) if t in words))
        host.reload()
        if number == 1:
            picture(host, "09-final")
        agrees(host, "亮分")
        expect(host.locator("tbody td.cell-number b")).to_have_count(number + 1)
    expect(screen.locator("ol[data-shown] li")).to_have_count(3, timeout=20_000)
    screen.close()
