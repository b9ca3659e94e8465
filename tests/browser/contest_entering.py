"""The first half of a whole contest on its pages: set up from a template, entered, checked."""

from __future__ import annotations

import io
import re
from typing import Any

from playwright.sync_api import Page, expect
from pypdf import PdfWriter

from matchmaker.competition.models import Contest, Entry
from matchmaker.competition.services import teams
from matchmaker.core.db import db, transaction
from matchmaker.core.viewer import Nobody
from tests.browser.conftest import DESKTOP, SHOTS
from tests.browser.test_competition import agrees, an_entrant
from tests.factories import competition as factory

CONTEST = "水磨沟区创新创业大赛（演示）"
TITLE = "雪天道路结冰预警一体机"
OTHERS = ("低温电池舱", "冰雪赛道巡检车", "寒区路面涂层", "雪场客流预测", "冻土沉降监测")
WORTH = (86, 78, 83, 70, 74, 66)  # how good each entry is, TITLE first
PANEL = "甲乙丙丁戊己"


def picture(page: Page, name: str, *, height: int = 900) -> None:
    """What the documentation shows: the head of the page, 1440 wide."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate("scrollTo(0, 0)")
    whole = max(page.evaluate("document.documentElement.scrollHeight"), DESKTOP["height"])
    clip = {"x": 0, "y": 0, "width": DESKTOP["width"], "height": min(height, whole)}
    page.screenshot(path=SHOTS / f"contest-{name}.png", clip=clip, full_page=True, animations="disabled")  # type: ignore[arg-type]


def presses(page: Page, name: str) -> None:
    """A button of the page's own content."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


def contest_of(walk: Any) -> Contest:
    return db.session.get_one(Contest, walk.contest_id)


def at(walk: Any, path: str = "") -> str:
    """An address of the organiser's pages."""
    return f"/contests/manage/{walk.contest_id}{path}"


def entries_of(walk: Any) -> list[Entry]:
    statement = db.select(Entry).where(Entry.contest_id == walk.contest_id).order_by(Entry.id)
    return list(db.session.execute(statement).unique().scalars())


def own_entry(walk: Any) -> Entry:
    statement = db.select(Entry).where(Entry.contest_id == walk.contest_id, Entry.title == TITLE)
    return db.session.execute(statement).unique().scalar_one()


def the_organiser_sets_it_up(walk: Any) -> None:
    """From a template: names, prizes and places are typed, the rest is there; then the rules are announced."""
    page = walk.page("organiser")
    page.goto("/contests/manage/")
    page.get_by_role("link", name="新建大赛").first.click()
    page.get_by_role("link", name="网络评审＋现场决赛").click()
    page.get_by_label("大赛名称").fill(CONTEST)
    page.get_by_label("大赛介绍").fill("面向区内成长企业的年度大赛。本届为演示，单位、项目和人员都是虚构的。")
    page.get_by_label("赛道").fill("智慧交通 | Smart transport\n新材料 | New materials")
    page.get_by_label("联系人").fill("大赛办公室（演示）")
    page.get_by_label("联系电话").fill("0991-0000001")
    page.get_by_label("成长企业组奖项").fill("一等奖 1 5万元；二等奖 1 2万元")
    page.get_by_label("团队组奖项").fill("")
    final = page.get_by_role("group", name="决赛")
    final.get_by_label("每个项目评委").fill("5")
    picture(page, "01-template")
    presses(page, "保存")
    page.wait_for_url(re.compile(r"/contests/manage/\d+$"))
    walk.contest_id = int(page.url.rsplit("/", 1)[1])

    page.goto(at(walk, "/preliminary/rules"))
    page.get_by_label("晋级名额").fill("成长企业组 3")
    presses(page, "保存")
    page.goto(at(walk, "/results-rules"))
    page.get_by_label("公开下载").check()
    page.get_by_label("各评分项的平均分").check()
    page.get_by_label("尽职调查").fill("信用记录")
    presses(page, "保存")
    agrees(page, "发布")
    expect(page.get_by_text("大赛已发布，规则已固定")).to_be_visible()

    visitor = walk.page("visitor")
    visitor.goto(f"/contests/{walk.contest_id}")
    expect(visitor.locator(".fingerprint")).to_have_text(re.compile(r"^[0-9a-f]{64}$"))
    picture(visitor, "02-announced")


def an_entrant_enters(walk: Any) -> None:
    """A draft that says it is none, a plan as a file, a member who answers by the link."""
    page = walk.page("entrant")
    page.goto(f"/contests/{walk.contest_id}")
    page.get_by_role("link", name="我要参赛").click()
    page.get_by_label("组别").select_option(label="成长企业组")
    page.get_by_label("赛道").select_option(label="智慧交通")
    page.get_by_label("项目名称").fill(TITLE)
    page.get_by_label("项目介绍").fill("路面传感和视频融合，提前两小时预警结冰，已在三个路段试用一个冬天。")
    page.get_by_label("上年度营业收入").fill("6420")
    page.get_by_label("核心成员").fill("示范成员甲，13000000990，member.a@team.example\n示范成员乙")
    page.get_by_label("承诺：拥有参赛项目的自主知识产权").check()
    presses(page, "存为草稿")
    expect(page.get_by_text("草稿 — 还没有报名").first).to_be_visible()
    plan = page.locator("ul.materials li", has_text="商业计划书")
    plan.locator("input[type=file]").set_input_files(
        {"name": "商业计划书.pdf", "mimeType": "application/pdf", "buffer": a_plan()}
    )
    plan.get_by_role("button", name="上传").click()
    expect(page.get_by_role("link", name="商业计划书.pdf")).to_be_visible()
    page.get_by_role("button", name="提交参赛").click()
    expect(page.get_by_text("项目已提交").first).to_be_visible()

    with walk.house.open():
        member = next(row for row in own_entry(walk).team if row.email)
        link = teams.link_of(member)
    asked = walk.page("member")
    asked.goto(link)
    presses(asked, "我参加")
    expect(asked.get_by_text("已确认参加").first).to_be_visible()
    page.reload()
    expect(page.locator("ul.people")).to_contain_text("已确认参加")


def a_plan() -> bytes:
    """A business plan of two empty pages."""
    writer, out = PdfWriter(), io.BytesIO()
    for _page in range(2):
        writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


def the_others_enter(walk: Any) -> None:
    """Five more firms, whose members have confirmed."""
    with walk.house.open():
        contest = contest_of(walk)
        for number, title in enumerate(OTHERS):
            people = [
                {"name": f"示范成员{number}{sign}", "phone": "", "email": f"{which}@firm{number + 41}.example"}
                for which, sign in (("a", "甲"), ("b", "乙"))
            ]
            track = contest.tracks[number % 2].id
            entry = factory.an_entry(
                contest, actor=an_entrant(number + 40), title=title, track_id=track, members=people
            )
            with transaction():
                for member in entry.team:
                    teams.answer(member, taking_part=True, viewer=Nobody())


def entries_are_decided_on(walk: Any) -> None:
    """Entries close; one finding is settled by a person, the rest is accepted at once."""
    page = walk.page("organiser")
    page.goto(at(walk))
    agrees(page, "转入审查")
    page.goto(at(walk, "/entries"))
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    open_ones = page.locator("form.settle")
    assert open_ones.count() > 1, "the record, and the member without an address, ask for a person"
    for left in range(open_ones.count(), 0, -1):
        open_ones.first.get_by_label("核实依据").fill("已查信用公示系统，并电话核实，情况属实。")
        open_ones.first.get_by_role("button", name="核实为符合").click()
        expect(open_ones).to_have_count(left - 1)
    expect(page.get_by_role("row", name="信用记录")).to_contain_text("已查信用公示系统")
    picture(page, "03-eligibility")
    presses(page, "通过审查")
    expect(page.get_by_text("已通过审查").first).to_be_visible()
    page.goto(at(walk, "/entries?state=submitted"))
    for title in OTHERS:
        page.get_by_role("row", name=title).get_by_role("checkbox").check()
    page.locator("form[data-bulk]").get_by_role("button", name="通过审查").click()
    page.get_by_role("main").locator("button[type=submit].button-primary").click()
    page.wait_for_url(re.compile("/entries"))
    with walk.house.open():
        states = [row.state.value for row in entries_of(walk)]
    assert states == ["grouped"] * 6
