"""A whole contest through its pages: from the template to the certificate, with a recusal, a lost network, a live
final, an objection and two people wherever two are asked for.

What the organiser, one entrant with a member, one judge, the approvers, the handler and a visitor do is done on
pages; the other entries, judges and their ballots come from services. Its pictures illustrate docs/competition.md.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from matchmaker.accounts.rules import Role
from matchmaker.competition.services import results
from matchmaker.core import clock
from matchmaker.core.calendar import CHINA
from tests.browser import contest_entering as entering
from tests.browser import contest_judging as judging
from tests.browser.contest_entering import CONTEST, TITLE, at, contest_of, picture, presses
from tests.browser.test_competition import agrees, approvers
from tests.factories.files import PDF


@pytest.fixture
def walk(house: Any, browse: Any) -> Any:
    """Who takes part, each in a browser of their own that is signed in anew at every stop of the clock."""
    people = {
        "organiser": house.demo_user(Role.ORGANISER),
        "entrant": house.demo_user(Role.MEMBER),
        "judge": house.demo_user(Role.JUDGE),
        "handler": house.demo_user(Role.HANDLER),
    }
    people["second"], people["third"] = approvers(house)
    pages: dict[str, Page] = {}

    def page(who: str) -> Page:
        if who not in pages:
            pages[who] = browse(people.get(who))
        elif who in people:
            pages[who].context.add_cookies([house.cookie(people[who])])
        return pages[who]

    yield SimpleNamespace(house=house, people=people, page=page, contest_id=0)


def test_a_whole_contest(walk: Any, device: Any) -> None:
    start = clock.now()
    with clock.frozen(start):
        entering.the_organiser_sets_it_up(walk)
        entering.an_entrant_enters(walk)
        entering.the_others_enter(walk)
    with clock.frozen(start + timedelta(days=31)):
        entering.entries_are_decided_on(walk)
        judging.judges_are_seated_and_kept_apart(walk)
        judging.judging_begins(walk, "preliminary")
        judging.a_judge_scores(walk, device)
        judging.two_lock(walk, "preliminary")
        judging.the_board_says_why(walk)
        judging.finalists_are_released(walk)
        judging.a_final_is_held(walk)
        judging.two_lock(walk, "final")
        winners_are_checked_and_released(walk)
    notice = notice_of(walk)
    with clock.frozen(noon(notice.starts)):
        somebody_objects(walk)
        the_objection_is_decided(walk)
    with clock.frozen(noon(notice_of(walk).ends + timedelta(days=1))):
        two_award(walk)


def noon(day: Any) -> datetime:
    return datetime.combine(day, time(12), tzinfo=CHINA)


def winners_are_checked_and_released(walk: Any) -> None:
    """Due diligence on every prospective winner, then the public notice."""
    page = walk.page("organiser")
    for number in range(2):
        page.goto(at(walk, "/final/pending"))
        page.get_by_role("main").locator("a[href$='/diligence']").nth(number).click()
        page.get_by_label("符合要求", exact=True).check()
        presses(page, "记录结论")
        expect(page.get_by_text("已记录")).to_be_visible()
    page.goto(at(walk, "/final/results"))
    agrees(page, "发布成绩并公示")
    expect(page.get_by_text("成绩已发布").first).to_be_visible()


def notice_of(walk: Any) -> Any:
    with walk.house.open():
        notice = results.notice_of(contest_of(walk))
        return SimpleNamespace(id=notice.id, starts=notice.starts, ends=notice.ends)


def somebody_objects(walk: Any) -> None:
    """A visitor reads the notice and hands in a signed objection."""
    page = walk.page("visitor")
    page.goto(f"/contests/{walk.contest_id}")
    page.get_by_role("link", name=re.compile("查看公示")).click()
    picture(page, "11-notice")
    page.get_by_role("link", name=re.compile("提出异议")).first.click()
    page.get_by_label("异议内容和依据").fill("该项目的知识产权归属需要核实，附材料说明。")
    page.get_by_label("真实姓名或单位名称").fill("示范异议人")
    page.get_by_label("联系电话").fill("13900000001")
    page.get_by_label("签字或盖章的异议书").set_input_files(
        {"name": "异议书.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    presses(page, "提交异议")
    expect(page.get_by_role("main")).to_contain_text("回执")


def the_objection_is_decided(walk: Any) -> None:
    """The handler looks into it, the organiser sees what it would change, two people dismiss it."""
    organiser = walk.page("organiser")
    organiser.goto(at(walk, "/final/simulate"))
    organiser.get_by_label("不计评委").select_option(index=1)
    presses(organiser, "模拟")
    expect(organiser.get_by_role("main")).to_contain_text("模拟的名次")
    handler = walk.page("handler")
    handler.goto("/objections/")
    handler.get_by_role("main").get_by_role("link", name=CONTEST).click()
    presses(handler, "受理")
    handler.get_by_label("处理意见").select_option(label="异议不成立")
    handler.get_by_label("理由和答复").fill("经核实，专利登记在参赛单位名下，权属清楚。")
    presses(handler, "提请复核")
    expect(handler.get_by_text("处理意见已提请复核").first).to_be_visible()
    approver = walk.page("third")
    approver.goto(handler.url)
    agrees(approver, "复核通过")
    expect(approver.get_by_text("已复核").first).to_be_visible()


def two_award(walk: Any) -> None:
    """After the notice two people award; anybody checks the certificate."""
    page = walk.page("organiser")
    page.goto(at(walk, "/final/results"))
    page.get_by_role("link", name="提请授奖").click()
    page.get_by_label("理由").fill("公示期满，异议已办结。")
    page.get_by_role("main").locator("button[type=submit]").last.click()
    second = walk.page("third")
    second.goto(at(walk, "/final/results"))
    agrees(second, "确认")
    expect(second.get_by_text("已授奖，证书已生成")).to_be_visible()
    entrant = walk.page("entrant")
    entrant.goto("/contests/entries/")
    entrant.get_by_role("link", name=TITLE).click()
    number = entrant.get_by_role("main").locator("a[href*='/certificates/']").inner_text()
    picture(entrant, "12-result")
    visitor = walk.page("visitor")
    visitor.goto("/certificates/")
    visitor.get_by_label("证书编号").fill(number)
    visitor.get_by_role("button", name="查验").click()
    expect(visitor.get_by_role("main")).to_contain_text("有效")
