"""Thread 3: an entry is checked, given to judges, scored on a tablet, locked by two, published, awarded and checked."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Contest
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.directory.rules import demo_uscc
from matchmaker.publicity.services import calendars
from tests.browser.conftest import SHOTS
from tests.cast import a_user
from tests.factories import competition as factory
from tests.factories.directory import an_organisation

TITLE = "雪天道路结冰预警一体机"
CONTEST = "水磨沟区寒区技术专题赛"
TABLET = {"width": 834, "height": 1112}


def a_contest_with_two_entries_already(house) -> int:
    """A contest of the demo's organiser that still takes entries, with two judges seated."""
    with house.open():
        owner, *judges = (db.session.get_one(User, house_id) for house_id in _people(house))
        contest = factory.a_contest(owner=owner, title=CONTEST)
        for number, judge in enumerate(judges, start=1):
            factory.a_judge(contest, owner=owner, user=judge, unit_text=f"外地示范大学{number}")
        factory.a_judge(contest, owner=owner, name="柴继明")
        for serial, title in enumerate(("低温电池舱", "冰雪赛道巡检车"), start=9001):
            firm = an_organisation(
                name=f"示范报名企业{serial}有限公司", uscc=demo_uscc(serial), founded=date(2020, 5, 1)
            )
            factory.an_entry(contest, actor=a_user(organisation=firm), title=title)
        _all_days_of_next_year_are_announced()
        return contest.id


def _people(house) -> list[int]:
    return [house.demo_user(role) for role in (Role.ORGANISER, Role.JUDGE)]


def _all_days_of_next_year_are_announced() -> None:
    """So that a notice that runs over the turn of the year can be counted."""
    year = clock.today().year + 1
    with transaction():
        calendars.load_workdays([{"date": f"{year}-01-01", "kind": "off", "year": year, "name": "元旦"}])


def everybody_signs(house, contest_id: int) -> None:
    """The other judges sign what is still open."""
    with house.open():
        for ballot in factory.ballots_of(db.session.get_one(Contest, contest_id)):
            if ballot.state.value != "submitted":
                factory.sign_ballot(ballot)


def approvers(house) -> list[int]:
    """Two who may decide."""
    with house.open():
        users = db.session.execute(sa.select(User).where(User.demo.is_(True)).order_by(User.id)).unique().scalars()
        return [user.id for user in users if Role.APPROVER in user.roles][:2]


def the_entry_is_handed_in(page, contest_id: int) -> None:
    page.goto(f"/contests/{contest_id}")
    page.get_by_role("link", name="我要参赛").click()
    page.get_by_label("组别").select_option(label="成长企业组")
    page.get_by_label("项目名称").fill(TITLE)
    page.get_by_label("项目介绍").fill("路面传感和视频融合，提前两小时预警结冰，已在三个路段试用一个冬天。")
    page.get_by_label("上年度营业收入").fill("6420")
    page.get_by_label("核心成员").fill("顾文静，13000000102\n甲某")
    page.get_by_role("button", name="存为草稿").click()


def test_an_entry_goes_from_draft_to_a_certificate_that_everybody_can_check(house, browse, look, axe):
    contest_id = a_contest_with_two_entries_already(house)
    start = clock.now()
    entrant = browse(house.demo_user(Role.MEMBER), phone=True)
    entrant.goto("/contests/")
    axe(entrant)
    look(entrant, "contests")
    the_entry_is_handed_in(entrant, contest_id)
    expect(entrant.get_by_text("还没有提交").first).to_be_visible()
    entrant.get_by_role("button", name="提交参赛").click()
    expect(entrant.get_by_text("项目已提交").first).to_be_visible()
    axe(entrant)
    look(entrant, "entry")

    organiser = browse(house.demo_user(Role.ORGANISER))
    organiser.goto(f"/contests/manage/{contest_id}/entries")
    axe(organiser)
    look(organiser, "contest-entries")
    for title in (TITLE, "低温电池舱", "冰雪赛道巡检车"):
        organiser.goto(f"/contests/manage/{contest_id}/entries")
        organiser.get_by_role("link", name=title).click()
        if title == TITLE:
            axe(organiser)
            look(organiser, "entry-review")
        reason = organiser.get_by_label("人工核实的依据")
        if reason.count():
            reason.fill("已核对入库编号公告和上年度审计报告。")
        organiser.get_by_role("button", name="通过审查").click()
        expect(organiser.get_by_role("heading", level=1)).to_be_visible()

    with clock.frozen(start + timedelta(days=8)):
        judging(house, browse, look, axe, contest_id)
        decided_by_two(house, browse, look, axe, contest_id)
    with clock.frozen(start + timedelta(days=40)):
        awarded(house, browse, look, axe, contest_id)


def judging(house, browse: Any, look: Any, axe: Any, contest_id: int) -> None:
    """The organiser assigns; a judge scores on a tablet and the page saves by itself."""
    organiser = browse(house.demo_user(Role.ORGANISER))
    organiser.goto(f"/contests/manage/{contest_id}")
    organiser.get_by_role("button", name="转入审查").click()
    organiser.get_by_role("link", name="分配评委").click()
    expect(organiser.get_by_text("这是预览，还没有分配")).to_be_visible()
    axe(organiser)
    look(organiser, "contest-assignment")
    organiser.get_by_role("button", name="确认分配").click()
    organiser.goto(f"/contests/manage/{contest_id}")
    organiser.get_by_role("button", name="开始评审").click()
    axe(organiser)
    look(organiser, "contest-manage")

    judge = browse(house.demo_user(Role.JUDGE))
    judge.set_viewport_size(TABLET)
    judge.goto("/contests/ballots/")
    axe(judge)
    look(judge, "ballots")
    judge.set_viewport_size(TABLET)
    judge.get_by_role("link", name=re.compile(f"{TITLE}|低温电池舱|冰雪赛道巡检车")).first.click()
    points = judge.get_by_role("spinbutton")
    points.nth(0).fill("88")
    points.nth(1).fill("76")
    expect(judge.locator("[data-total]")).to_have_text("83.2")
    expect(judge.locator("[data-ballot-note]")).to_contain_text("已自动保存", timeout=10_000)
    axe(judge)
    judge.screenshot(path=SHOTS / "ballot-834x1112-zh.png", full_page=True, animations="disabled")
    judge.reload()
    expect(points.nth(0)).to_have_value("88")
    look(judge, "ballot")
    judge.set_viewport_size(TABLET)
    judge.get_by_label("评语").fill("样机扎实，市场还要再算。")
    judge.get_by_role("button", name="提交评分").click()
    expect(judge.get_by_role("button", name="撤回修改")).to_be_visible()
    axe(judge)


def decided_by_two(house, browse: Any, look: Any, axe: Any, contest_id: int) -> None:
    """Locked by two, released with a notice."""
    everybody_signs(house, contest_id)
    organiser = browse(house.demo_user(Role.ORGANISER))
    organiser.goto(f"/contests/manage/{contest_id}/results")
    organiser.get_by_role("link", name="提请锁定成绩").click()
    organiser.get_by_label("理由").fill("评分表全部提交，回避无遗留。")
    organiser.locator("main form button[type=submit]").first.click()
    expect(organiser.get_by_text("等待另一位").first).to_be_visible()
    look(organiser, "contest-lock-proposed")

    approver = browse(approvers(house)[0])
    approver.goto(f"/contests/manage/{contest_id}/results")
    approver.get_by_text("确认", exact=True).first.click()
    approver.get_by_role("button", name="确认", exact=True).click()
    expect(approver.get_by_text("成绩已锁定")).to_be_visible()
    approver.get_by_role("link", name=re.compile("查看成绩")).click()
    axe(approver)
    look(approver, "contest-standings")

    organiser.reload()
    organiser.get_by_text("发布成绩并公示", exact=True).first.click()
    organiser.get_by_role("button", name="发布成绩并公示").click()
    organiser.get_by_role("link", name="查看公示").click()
    axe(organiser)
    look(organiser, "contest-notice")


def awarded(house, browse: Any, look: Any, axe: Any, contest_id: int) -> None:
    """After a clear notice two people award; the certificate stands the public check."""
    organiser = browse(house.demo_user(Role.ORGANISER))
    organiser.goto(f"/contests/manage/{contest_id}/results")
    organiser.get_by_role("link", name="提请授奖").click()
    organiser.get_by_label("理由").fill("公示期满，没有异议。")
    organiser.locator("main form button[type=submit]").first.click()
    approver = browse(approvers(house)[1])
    approver.goto(f"/contests/manage/{contest_id}/results")
    approver.get_by_text("确认", exact=True).first.click()
    approver.get_by_role("button", name="确认", exact=True).click()
    expect(approver.get_by_text("已授奖，证书已生成")).to_be_visible()
    axe(approver)
    look(approver, "contest-awarded")

    entrant = browse(house.demo_user(Role.MEMBER), phone=True)
    entrant.goto("/contests/entries/")
    axe(entrant)
    look(entrant, "entries-own")
    entrant.get_by_role("link", name=TITLE).click()
    number = entrant.get_by_role("main").locator("a[href*='/certificates/']").inner_text()
    axe(entrant)
    look(entrant, "entry-awarded")

    visitor = browse(phone=True)
    visitor.goto("/certificates/")
    axe(visitor)
    look(visitor, "certificate-check")
    visitor.get_by_label("证书编号").fill(number)
    visitor.get_by_role("button", name="查验").click()
    expect(visitor.get_by_role("main")).to_contain_text(number)
    expect(visitor.get_by_role("main")).to_contain_text("有效")
    axe(visitor)
    look(visitor, "certificate-found")
    visitor.goto("/certificates/SMG-2020-0000")
    expect(visitor.get_by_role("alert")).to_contain_text("没有查到")
    visitor.goto(f"/contests/{contest_id}")
    expect(visitor.get_by_role("main")).to_contain_text("评审结果")
    axe(visitor)
    look(visitor, "contest-results")
