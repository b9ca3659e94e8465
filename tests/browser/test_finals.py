"""A live final: drawn, called, scored on a tablet without a network, shown on the big screen; one ballot on paper."""

from __future__ import annotations

import re
import time
from datetime import date

from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Contest
from matchmaker.competition.rules.ballots import LEFT
from matchmaker.competition.rules.stages import StageMode
from matchmaker.core.db import db
from matchmaker.directory.rules import demo_uscc
from tests.browser.conftest import SHOTS
from tests.cast import a_user
from tests.factories import competition as factory
from tests.factories.directory import an_organisation

CONTEST = "水磨沟区寒区技术现场赛"
TITLES = ("雪天道路结冰预警一体机", "低温电池舱", "冰雪赛道巡检车")
TABLET, WALL = {"width": 834, "height": 1112}, {"width": 1920, "height": 1080}


def a_live_contest(house):
    """(contest, host, the judge with the tablet): three entries, two judges, the stage is open."""
    with house.open():
        owner = db.session.get_one(User, house.demo_user(Role.ORGANISER))
        contest = factory.a_contest(owner=owner, title=CONTEST, mode=StageMode.LIVE)
        seats = [factory.a_judge(contest, owner=owner, name=name) for name in ("钟启明", "柴继明")]
        entered = [factory.an_entry(contest, actor=an_entrant(n), title=title) for n, title in enumerate(TITLES)]
        factory.in_judging(contest, owner=owner, entered=entered, seats=seats)
        return contest.id, owner.id, seats[0].user_id


def an_entrant(number):
    name = f"示范参赛企业{number + 1}有限公司"
    return a_user(organisation=an_organisation(name=name, uscc=demo_uscc(9101 + number), founded=date(2020, 5, 1)))


def the_others_sign(house, contest_id, title, judge_id):
    """Every judge but one signs the ballot of an entry."""
    with house.open():
        for ballot in factory.ballots_of(db.session.get_one(Contest, contest_id)):
            if ballot.entry.title == title and ballot.seat.user_id != judge_id and ballot.state in LEFT:
                factory.sign_ballot(ballot, tech="80", market="70")


def presses(page, name):
    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


def releases(page):
    """The host reads the consequence, then shows the score; returns the moment before the key went down."""
    question = page.locator("details.confirm", has_text="大屏立即公布")
    question.locator("summary").press("Enter")
    expect(question.get_by_text("评分表从此不能再改")).to_be_visible()
    before = time.monotonic()
    question.get_by_role("button", name="亮分").press("Enter", no_wait_after=True)
    return before


def test_an_evening_on_stage(house, browse, device, look, axe):
    contest_id, host_id, judge_id = a_live_contest(house)
    host = browse(host_id)
    is_prepared_and_drawn(host, contest_id, look, axe)
    with host.context.expect_page() as opened:
        host.get_by_role("link", name="打开大屏").click()
    screen, judge = opened.value, device(judge_id, size=TABLET)
    screen.set_viewport_size(WALL)
    first = is_called(host, screen, judge, look, axe)
    the_others_sign(house, contest_id, first, judge_id)
    signs_without_a_network(device, judge, host, screen)
    expect(host.locator("summary", has_text="亮分")).to_be_visible(timeout=60_000)
    axe(host)
    look(host, "final-complete")
    expect(screen.locator("[data-score]")).to_be_empty()
    pressed = releases(host)
    expect(screen.locator("[data-score]")).to_have_text("82.00", timeout=20_000)
    print(f"on the screen {time.monotonic() - pressed:.2f} s after release")
    axe(screen)
    screen.screenshot(path=SHOTS / "final-shown-1920-zh.png")

    presses(host, "请上台")
    presses(host, "请评委打分")
    second = on_stage(host)
    the_others_sign(house, contest_id, second, judge_id)
    types_in_a_sheet(host, second, look, axe)
    host.goto(f"/contests/manage/{contest_id}")
    host.get_by_role("link", name="现场决赛").click()
    releases(host)
    expect(screen.locator("[data-score]")).to_have_text("74.00", timeout=20_000)
    expect(screen.locator("ol[data-shown] li")).to_have_count(2)
    screen.screenshot(path=SHOTS / "final-two-1920-zh.png")
    enters_a_withdrawal(host, next(title for title in TITLES if title not in (first, second)), axe)

    visitor = browse(phone=True)
    visitor.goto(f"/contests/{contest_id}")
    visitor.get_by_role("link", name="出场顺序和抽签复算").click()
    expect(visitor.get_by_text("怎样复算")).to_be_visible()
    axe(visitor)
    look(visitor, "final-order")


def is_prepared_and_drawn(host, contest_id, look, axe):
    """From the page of the contest to the drawn order."""
    host.goto(f"/contests/manage/{contest_id}")
    host.get_by_role("link", name="建立现场决赛").click()
    host.get_by_label("地点").fill("区科技大厦一楼报告厅")
    axe(host)
    presses(host, "建立")
    expect(host.get_by_text("已签到 0 / 3")).to_be_visible()
    for n, title in enumerate(TITLES):
        host.get_by_role("link", name=f"签到 {title}").click()
        host.get_by_label("答辩人").fill(f"答辩人{n + 1}")
        host.get_by_label("抽签口令").fill("春风" * n)
        presses(host, "签到")
    axe(host)
    look(host, "final-before")
    host.locator("summary", has_text="抽定顺序").click()
    presses(host, "抽定顺序")
    expect(host.get_by_text("顺序已抽定")).to_be_visible()
    look(host, "final-drawn")


def on_stage(host):
    """The title of the entry on the first card."""
    words = host.locator(".final-now h2").first.inner_text()
    return next(title for title in TITLES if title in words)


def is_called(host, screen, judge, look, axe):
    """The first entry pitches, with a stopped clock and a minute more, and waits for its scores."""
    judge.goto("/contests/ballots/")
    judge.get_by_role("link", name="进入现场评分").click()
    expect(judge.get_by_text("请稍候")).to_be_visible()
    presses(host, "请上台")
    first = on_stage(host)
    expect(screen.locator("[data-title]")).to_have_text(first)
    expect(screen.locator("[data-clock]")).to_have_text(re.compile(r"^[78]:\d\d$"))
    axe(host)
    presses(host, "暂停计时")
    expect(screen.locator("[data-phase]")).to_have_text("计时暂停")
    look(host, "final-paused")
    presses(host, "继续计时")
    presses(host, "加 1 分钟")
    expect(screen.locator("[data-clock]")).to_have_text(re.compile(r"^[89]:\d\d$"))
    screen.screenshot(path=SHOTS / "final-screen-1920-zh.png")
    presses(host, "开始提问")
    presses(host, "请评委打分")
    expect(judge.get_by_role("heading", name=first)).to_be_visible()
    axe(judge)
    judge.screenshot(path=SHOTS / "final-judge-834-zh.png", full_page=True)
    return first


def signs_without_a_network(device, judge, host, screen):
    """The tablet keeps the signed ballot until the network is back; nobody sees a score meanwhile."""
    judge.get_by_role("link", name="打开评分表").click()
    expect(judge.locator("form[data-ready]")).to_be_attached()
    device.cut(judge)
    points = judge.get_by_role("spinbutton")
    points.nth(0).fill("90")
    points.nth(1).fill("85")
    judge.get_by_role("button", name="提交评分").click()
    expect(judge.get_by_text("已签署，等待发送")).to_be_visible()
    expect(host.locator(".final-panel")).to_contain_text("1 / 2")
    expect(host.get_by_text("还没有提交：")).to_contain_text("钟启明")
    expect(host.get_by_text("大屏立即公布")).to_have_count(0)
    expect(screen.locator("[data-score]")).to_be_empty()
    device.mend(judge)


def types_in_a_sheet(host, title, look, axe):
    """One judge wrote on paper; where the sheet lies has to be said."""
    host.get_by_role("link", name="录入纸质评分").click()
    axe(host)
    look(host, "final-paper")
    host.get_by_role("row", name=title).get_by_role("link", name="录入").click()
    host.get_by_label("技术").fill("70")
    host.get_by_label("市场").fill("75")
    presses(host, "提交")
    expect(host.get_by_text("请写明纸质评分表的编号和存放处").first).to_be_visible()
    host.get_by_label("纸质评分表").fill("7 号表，档案柜 2")
    axe(host)
    look(host, "final-type-in", reload=False)
    presses(host, "提交")
    expect(host.get_by_text("纸质评分表已录入")).to_be_visible()


def enters_a_withdrawal(host, title, axe):
    """The last entry leaves by a signed statement."""
    host.locator("tr", has_text=title).locator("summary").click()
    host.get_by_role("link", name="登记弃赛").click()
    host.get_by_label("弃赛依据").fill("弃赛声明 1 号，负责人签字")
    axe(host)
    presses(host, "登记弃赛")
    expect(host.get_by_text("全部项目已结束")).to_be_visible()
