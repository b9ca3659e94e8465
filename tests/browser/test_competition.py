"""Thread 3: an entry is checked, given to judges, scored on a tablet, locked by two, published, awarded and checked."""

from __future__ import annotations

import re
from datetime import date, timedelta

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Contest
from matchmaker.competition.services import results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.directory.rules import demo_uscc
from matchmaker.publicity.services import calendars
from tests.browser.conftest import SHOTS
from tests.cast import a_user
from tests.factories import competition as factory
from tests.factories.directory import an_organisation

TITLE = "雪天道路结冰预警一体机"
OTHERS = ("低温电池舱", "冰雪赛道巡检车")
CONTEST = "水磨沟区寒区技术专题赛"
TABLET = {"width": 834, "height": 1112}


def the_user(user_id: int) -> User:
    return db.session.get_one(User, user_id)


def a_contest(house, *, judging: bool = False) -> int:
    """A contest of the demo's organiser with two judges; in judging it has the entry of the demo's enterprise, too."""
    with house.open():
        owner = the_user(house.demo_user(Role.ORGANISER))
        contest = factory.a_contest(owner=owner, title=CONTEST)
        judge = the_user(house.demo_user(Role.JUDGE))
        seats = [factory.a_judge(contest, owner=owner, user=judge, unit_text="外地示范大学")]
        seats.append(factory.a_judge(contest, owner=owner, name="柴继明"))
        entered = [factory.an_entry(contest, actor=an_entrant(n), title=title) for n, title in enumerate(OTHERS)]
        if judging:
            member = the_user(house.demo_user(Role.MEMBER))
            entered.append(factory.an_entry(contest, actor=member, title=TITLE))
            factory.in_judging(contest, owner=owner, entered=entered, seats=seats)
        return contest.id


def an_entrant(number: int) -> User:
    name = f"示范报名企业{number + 1}有限公司"
    firm = an_organisation(name=name, uscc=demo_uscc(9001 + number), founded=date(2020, 5, 1))
    return a_user(organisation=firm, email=f"entrant@firm{number + 1}.example")  # judges write from elsewhere


def everybody_signs(house, contest_id: int) -> None:
    """The judges sign what is still open."""
    with house.open():
        for ballot in factory.ballots_of(db.session.get_one(Contest, contest_id)):
            if ballot.state.value != "submitted":
                factory.sign_ballot(ballot, tech=str(70 + 5 * (ballot.entry_id % 5)), market="72")


def approvers(house) -> list[int]:
    """Two who may decide."""
    with house.open():
        users = db.session.execute(sa.select(User).where(User.demo.is_(True)).order_by(User.id)).unique().scalars()
        return [user.id for user in users if Role.APPROVER in user.roles][:2]


def the_results_are_published(house, contest_id: int) -> None:
    """Locked by two and released, with a notice that starts on the next working day."""
    everybody_signs(house, contest_id)
    approver_id = approvers(house)[0]
    with house.open():
        year = clock.today().year + 1  # a notice may run over the turn of the year
        with transaction():
            calendars.load_workdays([{"date": f"{year}-01-01", "kind": "off", "year": year, "name": "元旦"}])
        contest, organiser = db.session.get_one(Contest, contest_id), the_user(house.demo_user(Role.ORGANISER))
        with transaction():
            results.propose_lock(contest.current, actor=organiser, reason="评分表全部提交")
        with transaction():
            results.confirm_lock(contest.current, actor=the_user(approver_id))
        with transaction():
            results.release(contest.current, actor=organiser)


def confirms(page, contest_id: int) -> None:
    """The second person agrees on the page of results."""
    page.goto(f"/contests/manage/{contest_id}/final/results")
    page.get_by_text("确认", exact=True).first.click()
    page.get_by_role("button", name="确认", exact=True).click()


def agrees(page, name: str) -> None:
    """A button whose consequence is read first."""
    page.get_by_role("main").locator("details.confirm summary", has_text=name).first.click()
    page.locator("details.confirm[open]").get_by_role("button", name=name, exact=True).click()


def test_an_entry_is_handed_in_checked_and_given_to_judges(house, browse, look, axe):
    contest_id = a_contest(house)
    entrant = browse(house.demo_user(Role.MEMBER), phone=True)
    entrant.goto("/contests/")
    axe(entrant)
    look(entrant, "contests")
    entrant.get_by_role("link", name=CONTEST).click()
    entrant.get_by_role("link", name="我要参赛").click()
    look(entrant, "entry-form")
    entrant.get_by_label("组别").select_option(label="成长企业组")
    entrant.get_by_label("项目名称").fill(TITLE)
    entrant.get_by_label("项目介绍").fill("路面传感和视频融合，提前两小时预警结冰，已在三个路段试用一个冬天。")
    entrant.get_by_label("上年度营业收入").fill("6420")
    entrant.get_by_label("核心成员").fill("顾文静，13000000102\n甲某")
    entrant.get_by_label("承诺：拥有参赛项目的自主知识产权").check()
    axe(entrant)
    entrant.get_by_role("button", name="存为草稿").click()
    expect(entrant.get_by_text("草稿 — 还没有报名").first).to_be_visible()
    axe(entrant)
    look(entrant, "entry-draft")
    entrant.get_by_role("button", name="提交参赛").click()
    expect(entrant.get_by_text("项目已提交").first).to_be_visible()
    axe(entrant)
    look(entrant, "entry")

    organiser = browse(house.demo_user(Role.ORGANISER))
    for title in (*OTHERS, TITLE):
        organiser.goto(f"/contests/manage/{contest_id}/entries")
        organiser.get_by_role("link", name=title).click()
        expect(organiser.get_by_role("heading", name=title)).to_be_visible()
        if title == TITLE:
            expect(organiser.get_by_role("row", name="资质编号")).to_contain_text("认定台账")
            expect(organiser.get_by_role("row", name="信用记录")).to_contain_text("待人工核实")
            axe(organiser)
            look(organiser, "entry-review")
            row = organiser.get_by_role("row", name="信用记录")
            row.get_by_label("核实依据").fill("已查信用公示系统，没有记录。")
            row.get_by_role("button", name="核实为符合").click()
            expect(organiser.get_by_role("row", name="信用记录")).to_contain_text("已查信用公示系统")
        organiser.get_by_role("button", name="通过审查").click()
        expect(organiser.get_by_text("已通过审查，报名人会收到通知")).to_be_visible()

    with clock.frozen(clock.now() + timedelta(days=8)):
        organiser = browse(house.demo_user(Role.ORGANISER))
        organiser.goto(f"/contests/manage/{contest_id}")
        agrees(organiser, "转入审查")
        organiser.get_by_role("link", name="分配评委").click()
        expect(organiser.get_by_text("新增 6 份评分表")).to_be_visible()
        axe(organiser)
        look(organiser, "contest-assignment")
        organiser.get_by_role("button", name="确认分配").click()
        expect(organiser.get_by_text("已分配").first).to_be_visible()
        organiser.goto(f"/contests/manage/{contest_id}")
        agrees(organiser, "开始评审")
        axe(organiser)
        look(organiser, "contest-manage")


def test_a_judge_scores_on_a_tablet_and_two_lock_the_scores(house, browse, look, axe):
    contest_id = a_contest(house, judging=True)
    judge = browse(house.demo_user(Role.JUDGE))
    judge.goto("/contests/ballots/")
    axe(judge)
    look(judge, "ballots")
    judge.set_viewport_size(TABLET)
    judge.get_by_role("link", name=TITLE).click()
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
    expect(judge.get_by_text(re.compile("已提交 1 /")).first).to_be_visible()

    everybody_signs(house, contest_id)
    organiser = browse(house.demo_user(Role.ORGANISER))
    organiser.goto(f"/contests/manage/{contest_id}/final/results")
    organiser.get_by_role("link", name="提请锁定成绩").click()
    organiser.get_by_label("理由").fill("评分表全部提交，回避无遗留。")
    organiser.get_by_role("main").locator("button[type=submit]").last.click()
    expect(organiser.get_by_text("等待另一位").first).to_be_visible()
    look(organiser, "contest-lock-proposed")
    approver = browse(approvers(house)[0])
    confirms(approver, contest_id)
    expect(approver.get_by_text("成绩已锁定").first).to_be_visible()
    approver.get_by_role("link", name=re.compile("查看成绩")).click()
    expect(approver.get_by_role("row", name=TITLE)).to_be_visible()
    axe(approver)
    look(approver, "contest-standings")


def test_a_notice_runs_out_two_award_and_everybody_checks_the_certificate(house, browse, look, axe):
    contest_id = a_contest(house, judging=True)
    the_results_are_published(house, contest_id)
    visitor = browse(phone=True)
    visitor.goto(f"/contests/{contest_id}")
    expect(visitor.get_by_role("main")).to_contain_text("评审结果")
    axe(visitor)
    look(visitor, "contest-results")
    visitor.get_by_role("link", name=re.compile("查看公示")).click()
    axe(visitor)
    look(visitor, "contest-notice")

    with clock.frozen(clock.now() + timedelta(days=32)):
        organiser = browse(house.demo_user(Role.ORGANISER))
        organiser.goto(f"/contests/manage/{contest_id}/final/results")
        organiser.get_by_role("link", name="提请授奖").click()
        organiser.get_by_label("理由").fill("公示期满，没有异议。")
        organiser.get_by_role("main").locator("button[type=submit]").last.click()
        expect(organiser.get_by_text("等待另一位").first).to_be_visible()
        approver = browse(approvers(house)[1])
        confirms(approver, contest_id)
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
