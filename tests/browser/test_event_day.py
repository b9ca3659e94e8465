"""From a ready event to a certificate, as organiser, firm, the next in line, steward and approver see it."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events import jobs
from matchmaker.events.models import Event
from tests.browser.conftest import PHONE
from tests.browser.test_checkin import a_gate_with_its_code, opens, scans, verdict_is

TITLE = "秋季产业链招商对接会"
QUESTION = "希望落在哪个园区"


def begins_with_a_ready_event(page, *, places):
    """A draft from the list of ready ones; returns its number."""
    page.goto("/programme/new")
    page.get_by_role("link", name="招商对接会", exact=True).click()
    page.get_by_label("活动名称").fill(TITLE)
    page.get_by_label("地点", exact=True).fill("红光山会展中心 3 号厅")
    page.get_by_label("名额", exact=True).fill(str(places))
    page.get_by_role("button", name="新建草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    expect(page.get_by_text("区情与产业政策推介").first).to_be_visible()
    return re.search(r"/events/(\d+)", page.url)[1]


def asks_a_question_of_its_own(page):
    """In the form of the firms: shown only to those who look for a site."""
    page.get_by_role("link", name="人群与表单").click()
    page.get_by_role("link", name="编辑表单").first.click()
    part = page.locator(".builder-section").filter(has=page.get_by_role("heading", name="对接意向"))
    part.get_by_label("字段类型").select_option(label="单行文字")
    part.get_by_role("button", name="添加字段").click()
    page.get_by_label("名称", exact=True).fill(QUESTION)
    page.get_by_label("什么时候显示").select_option(label="看“本次希望”的回答")
    page.get_by_label("它的回答").select_option(label="回答是其中之一")
    page.get_by_role("group", name="“本次希望”的回答").get_by_label("寻找项目落地").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="启用修改").click()
    expect(page.get_by_text("第 2 版已启用")).to_be_visible()


def publishes(page, event_id):
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="概览").click()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()


def fills_in(page, group, name):
    """The form of a group, up to the answer on which a question hangs."""
    page.get_by_role("link", name=group).click()
    page.get_by_label("参会人").fill(f"{name}，13000000011")
    page.get_by_label("联系电话").fill("13000000011")
    page.get_by_label("单位全称").fill("水磨沟区智能装备有限公司")
    page.get_by_label("所属行业").select_option(index=1)
    page.get_by_label("姓名").fill(name)
    page.get_by_label("手机", exact=True).fill("13000000011")
    page.get_by_role("group", name="是否用餐").get_by_label("否", exact=True).check()
    page.get_by_label("我同意按上述说明使用所填信息").check()


def registers(page, event_id, group, name):
    """Up to the moment before sending: a firm that looks for a site is asked where; one that does not, is not."""
    page.goto(f"/events/{event_id}")
    page.get_by_role("link", name=re.compile("立即报名|加入候补")).click()
    fills_in(page, group, name)
    expect(page.get_by_label(QUESTION)).to_be_hidden()
    page.get_by_label("寻找项目落地").check()
    page.get_by_label(QUESTION).fill("红光山园区")
    expect(page.get_by_label("意向投资额")).to_be_visible()


def is_approved(organiser, event_id, name):
    organiser.goto(f"/events/manage/{event_id}")
    organiser.get_by_role("row", name=re.compile(name)).get_by_role("link").first.click()
    expect(organiser.get_by_text("红光山园区")).to_be_visible()
    organiser.get_by_role("button", name="通过", exact=True).click()
    expect(organiser.get_by_text("已通过，报名人会收到通知")).to_be_visible()


def moves_up(house, firm, guest):
    """The firm withdraws; the place is offered to who waits, and taken."""
    firm.get_by_text("撤回报名", exact=True).first.click()
    firm.get_by_role("button", name="撤回报名").last.click()
    expect(firm.get_by_text("名额已释放").first).to_be_visible()
    with house.open():
        assert jobs.serve_waiting() == 1
    guest.reload()
    expect(guest.get_by_text("有空出的名额，已为您保留")).to_be_visible()
    guest.get_by_role("button", name="确认参加").click()
    expect(guest.get_by_text("已确认，名额是您的了")).to_be_visible()


def ticket_of(page):
    """The signs of the code that the person shows at the entrance, as printed under it."""
    return page.locator(".ticket-text").first.inner_text()


def is_today(house, event_id):
    """The weeks until the event have gone by: it begins in a moment. Returns when everybody has left."""
    with house.open(), transaction():
        event, now = db.session.get_one(Event, int(event_id)), clock.now()
        event.deadline, event.starts = now - timedelta(hours=1), now + timedelta(minutes=5)
        event.ends = now + timedelta(minutes=25)
        return event.ends + timedelta(minutes=10)


def decides_without_a_network(device, organiser, steward, event_id, *, coming, gone):
    """The list is on the phone; then the network goes, people come, the network returns."""
    opens(steward, a_gate_with_its_code(organiser, event_id), "东门手机")
    expect(steward.locator("span[data-kept]")).to_be_visible()
    device.cut(steward)
    scans(steward, gone)
    verdict_is(steward, "不放行", "报名已取消或撤回")
    scans(steward, "乙某")
    steward.locator("[data-found] button").click()
    verdict_is(steward, "放行", "可以入场")
    expect(steward.locator("[data-network]")).to_contain_text("离线")
    scans(steward, coming)
    verdict_is(steward, "不放行", "不能再次入场")
    expect(steward.locator("[data-pending]")).to_contain_text("待上传 3 条")
    device.mend(steward)
    expect(steward.locator("[data-pending]")).to_have_text("已全部上传", timeout=40_000)


def certifies(organiser, approver, event_id):
    """One proposes, another confirms."""
    organiser.goto(f"/badges/{event_id}/certificates")
    organiser.get_by_role("link", name="提请制发").click()
    organiser.get_by_label("理由和依据").fill("活动通知第 12 号")
    organiser.get_by_role("button", name="提请制发").click()
    expect(organiser.get_by_text("您是提请人，须由另一位同事复核。")).to_be_visible()
    approver.goto(f"/badges/{event_id}/certificates")
    approver.get_by_text("复核通过", exact=True).first.click()
    approver.get_by_role("button", name="复核通过").last.click()
    expect(approver.get_by_text("已制发 1 份")).to_be_visible()


def receives(page, stranger):
    """The paper as a PDF on one's own page; whoever is shown its number can check it."""
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="参会证明").click()
    number = download.value.suggested_filename.removesuffix(".pdf")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    stranger.goto("/certificates/")
    stranger.get_by_label("证书编号").fill(number)
    stranger.get_by_role("button", name="查验").click()
    expect(stranger.get_by_text("有效").first).to_be_visible()
    expect(stranger.get_by_text(number)).to_be_visible()


def test_from_a_ready_event_to_a_certificate(house, browse, device):
    organiser = browse(house.demo_user(Role.ORGANISER))
    event_id = begins_with_a_ready_event(organiser, places=1)
    asks_a_question_of_its_own(organiser)
    publishes(organiser, event_id)

    firm = browse(house.demo_user(Role.MEMBER), phone=True)
    registers(firm, event_id, "企业代表", "甲某")
    firm.get_by_role("button", name="提交报名").click()
    expect(firm.get_by_text("名额已为您保留").first).to_be_visible()
    expect(firm.get_by_text("红光山园区")).to_be_visible()
    is_approved(organiser, event_id, "甲某")
    firm.reload()
    expect(firm.get_by_text("已通过").first).to_be_visible()
    gone = ticket_of(firm)

    investor = browse(house.demo_user(Role.INVESTOR), phone=True)
    registers(investor, event_id, "投资机构", "乙某")
    investor.get_by_role("button", name="加入候补").click()
    expect(investor.get_by_text("当前第 1 位")).to_be_visible()
    moves_up(house, firm, investor)

    after = is_today(house, event_id)
    investor.reload()
    decides_without_a_network(device, organiser, device(), event_id, coming=ticket_of(investor), gone=gone)
    organiser.goto(f"/events/manage/{event_id}")
    expect(organiser.get_by_role("row", name=re.compile("乙某"))).to_contain_text("已到场")
    expect(organiser.get_by_role("row", name=re.compile("甲某"))).to_contain_text("已撤回")
    with clock.frozen(after):
        certifies(organiser, browse(house.demo_user(Role.APPROVER)), event_id)
        receives(investor, browse())


def test_on_a_phone_the_tabs_begin_where_the_organiser_is(house, browse, look):
    page = browse(house.demo_user(Role.ORGANISER))
    event_id = begins_with_a_ready_event(page, places=20)
    page.set_viewport_size(PHONE)
    for path in (f"/programme/events/{event_id}", f"/reports/events/{event_id}", f"/retention/events/{event_id}"):
        page.goto(path)
        expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)
    page.goto("/programme/new")
    look(page, "event-new")
