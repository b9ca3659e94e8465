"""Thread 1: an organiser publishes an event, an enterprise registers on a phone, the list is decided and exported."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.events.models import Registration
from matchmaker.notifications.models import Message

TITLE = "冬季智慧安防招商对接会"


def an_event_is_published(page) -> str:
    page.goto("/events/manage/new")
    page.get_by_label("活动名称").fill(TITLE)
    page.get_by_label("一句话介绍").fill("十二家采购方到场，一对一洽谈")
    page.get_by_label("活动详情").fill("上午项目推介，下午一对一洽谈。\n请携带营业执照复印件。")
    page.get_by_label("地点", exact=True).fill("红光山会展中心 3 号厅")
    page.get_by_label("名额", exact=True).fill("5")
    page.get_by_label("报名需要审核").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_text("活动已发布")).to_be_visible()
    return re.search(r"/manage/(\d+)", page.url)[1]


def test_an_enterprise_registers_and_the_organiser_decides(house, browse, look, axe):
    organiser = browse(house.demo_user(Role.ORGANISER))
    event_id = an_event_is_published(organiser)

    member = browse(house.demo_user(Role.MEMBER), phone=True)
    member.goto(f"/events/{event_id}")
    look(member, "event")
    axe(member)
    member.get_by_role("link", name="立即报名").click()
    member.get_by_label("参会人").fill("甲某\n甲某")
    member.get_by_label("联系电话").fill("１３０ ０００ ０００１１")
    member.get_by_role("button", name="提交报名").click()
    expect(member.get_by_text("填了两次").first).to_be_visible()
    look(member, "event-register-refused", reload=False)
    member.get_by_label("参会人").fill("甲某，13000000011\n乙某")
    member.get_by_role("button", name="提交报名").click()
    expect(member.get_by_text("名额已为您保留").first).to_be_visible()
    axe(member)
    look(member, "event-registration")

    organiser.goto(f"/events/manage/{event_id}")
    axe(organiser)
    look(organiser, "event-manage")
    organiser.get_by_role("checkbox", name=re.compile("选中本页全部")).check()
    organiser.get_by_role("button", name="通过", exact=True).click()
    expect(organiser.get_by_text("将处理 1 条")).to_be_visible()
    look(organiser, "event-bulk", reload=False)
    organiser.get_by_role("button", name="确定通过").click()
    expect(organiser.get_by_role("button", name="撤销")).to_be_visible()
    with house.open():
        assert [
            row.state.value
            for row in db.session.execute(sa.select(Registration).where(Registration.event_id == int(event_id)))
            .unique()
            .scalars()
        ] == ["approved"]
        subjects = db.session.execute(sa.select(Message.subject).where(Message.subject.contains(TITLE))).scalars().all()
    assert [s.split("：")[0] for s in subjects] == ["已收到您的报名", "报名已通过"]

    organiser.get_by_role("button", name="撤销").click()
    expect(organiser.get_by_text("已撤销 1 条")).to_be_visible()

    organiser.goto(f"/events/manage/{event_id}")
    organiser.get_by_text("导出", exact=True).click()
    with organiser.expect_download() as download:
        organiser.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")

    member.get_by_text("撤回报名", exact=True).first.click()
    member.get_by_role("button", name="撤回报名").last.click()
    expect(member.get_by_text("名额已释放").first).to_be_visible()


def test_a_page_works_without_scripts(house, browser):
    context = browser.new_context(base_url=house.url, java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.add_cookies([house.cookie(house.demo_user(Role.ORGANISER))])
    page = context.new_page()

    event_id = an_event_is_published(page)
    page.goto(f"/events/manage/?q={TITLE[:4]}")

    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    assert event_id.isdigit()
    context.close()
