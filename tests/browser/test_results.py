"""From the lock to the awards: analysis, due diligence, notice, package, an objection and what it would change."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.competition.models import Contest
from matchmaker.competition.rules.results import Feedback, Sharing
from matchmaker.competition.services import results
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.publicity.models import Objection
from matchmaker.publicity.services import calendars
from tests.browser.test_competition import an_entrant, approvers, confirms, the_user
from tests.cast import a_user
from tests.factories import competition as factory
from tests.factories import publicity

CONTEST = "水磨沟区成绩公开专题赛"
TITLES = ("冰面巡检机器人", "低温燃料电池堆", "雪场客流预测", "寒区道路涂层")


def a_contest(house) -> int:
    """A contest with a public package and one item of due diligence, every ballot signed."""
    with house.open():
        owner = the_user(house.demo_user(Role.ORGANISER))
        contest = factory.a_contest(
            owner=owner,
            title=CONTEST,
            aggregation="calibrated",
            per_entry=3,
            package=Sharing.PUBLIC,
            feedback=Feedback.MEANS,
            diligence=[{"key": "信用记录", "label": "信用记录"}],
        )
        seats = [factory.a_judge(contest, owner=owner, name=f"示范评委{n}") for n in "甲乙丙丁"]
        entered = [factory.an_entry(contest, actor=an_entrant(n + 20), title=title) for n, title in enumerate(TITLES)]
        for ballot in factory.in_judging(contest, owner=owner, entered=entered, seats=seats):
            points = str(60 + 4 * (ballot.entry_id % 7) + 6 * (ballot.seat_id % 3))
            factory.sign_ballot(ballot, tech=points, market="72")
        year = clock.today().year + 1  # a notice may run over the turn of the year
        with transaction():
            calendars.load_workdays([{"date": f"{year}-01-01", "kind": "off", "year": year, "name": "元旦"}])
        return contest.id


def officers_settle(organiser, base, look, axe) -> None:
    """After the lock: analysis, pending list, due diligence, release."""
    organiser.goto(f"{base}/results")
    axe(organiser)
    look(organiser, "results-locked")
    organiser.get_by_role("link", name="成绩分析").click()
    expect(organiser.get_by_role("main")).to_contain_text("各种计分方式")
    axe(organiser)
    look(organiser, "results-board")
    organiser.goto(f"{base}/pending")
    axe(organiser)
    look(organiser, "results-pending")
    for position in range(2):
        organiser.goto(f"{base}/pending")
        organiser.get_by_role("main").locator("a[href$='/diligence']").nth(position).click()
        organiser.get_by_label("符合要求", exact=True).check()
        organiser.get_by_role("button", name="记录结论").click()
        expect(organiser.get_by_text("已记录")).to_be_visible()
    axe(organiser)
    look(organiser, "results-diligence")
    organiser.goto(f"{base}/results")
    organiser.get_by_text("发布成绩并公示", exact=True).first.click()
    organiser.get_by_role("button", name="发布成绩并公示", exact=True).click()
    expect(organiser.get_by_text("成绩已发布")).to_be_visible()


def visitor_recounts(visitor, contest_id, look, axe) -> None:
    """Anybody downloads the package and reads how is counted."""
    visitor.goto(f"/contests/{contest_id}")
    visitor.get_by_role("link", name=re.compile("下载成绩包")).click()
    axe(visitor)
    look(visitor, "results-package")
    with visitor.expect_download() as coming:
        visitor.get_by_role("link", name="下载成绩包", exact=True).click()
    bundle = zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes()))
    assert "growth/ballots.csv" in bundle.namelist()
    visitor.goto("/contests/method")
    axe(visitor)
    look(visitor, "results-method")


def test_results_are_analysed_checked_published_doubted_and_awarded(house, browse, look, axe):
    contest_id = a_contest(house)
    base = f"/contests/manage/{contest_id}/final"
    organiser = browse(house.demo_user(Role.ORGANISER))
    organiser.goto(f"{base}/grey-zone")
    expect(organiser.get_by_role("main")).to_contain_text("没有分数")
    look(organiser, "results-grey-zone")
    organiser.goto(f"{base}/lock/propose")
    organiser.get_by_label("理由").fill("评分表全部提交。")
    organiser.get_by_role("main").locator("button[type=submit]").last.click()
    approver = browse(approvers(house)[0])
    confirms(approver, contest_id)
    expect(approver.get_by_text("成绩已锁定").first).to_be_visible()

    officers_settle(organiser, base, look, axe)
    visitor = browse(phone=True)
    visitor_recounts(visitor, contest_id, look, axe)

    with house.open():
        notice = results.notice_of(db.session.get_one(Contest, contest_id))
        objection = publicity.an_objection(notice, actor=a_user())
        objection_id = objection.id
    second = browse(approvers(house)[1])
    second.goto(f"/objections/{objection_id}")
    expect(second.get_by_role("main")).to_contain_text("异议")
    organiser.goto(f"{base}/simulate")
    organiser.get_by_label("不计评委").select_option(index=1)
    organiser.get_by_role("button", name="模拟").click()
    expect(organiser.get_by_role("main")).to_contain_text("模拟的名次")
    axe(organiser)
    look(organiser, "results-simulation")

    with house.open():
        row = db.session.get_one(Objection, objection_id)
        handler = the_user(house.demo_user(Role.HANDLER))
        publicity.decided(row, handler=handler, approver=the_user(approvers(house)[1]))
    with clock.frozen(clock.now() + timedelta(days=32)):
        with house.open():
            contest = db.session.get_one(Contest, contest_id)
            with transaction():
                results.propose_awards(contest, actor=the_user(house.demo_user(Role.ORGANISER)), reason="公示期满")
        second = browse(approvers(house)[1])
        confirms(second, contest_id)
        expect(second.get_by_role("link", name=re.compile("归档材料"))).to_be_visible()
        look(second, "results-awarded")
        visitor.goto("/contests/archive")
        expect(visitor.get_by_role("main")).to_contain_text(CONTEST)
        axe(visitor)
        look(visitor, "results-archive")
