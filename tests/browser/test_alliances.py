"""Thread 5: an alliance is founded, sees what is missing, is signed and filed, and shares a joint project."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.alliances.models import Alliance
from matchmaker.alliances.services import members
from matchmaker.core import clock
from matchmaker.core.calendar import add_months
from matchmaker.core.db import db, transaction
from matchmaker.directory.models import Organisation
from tests.cast import a_user

TITLE = "冬季户外装备产学研联盟"
OTHERS = (Role.MENTOR, Role.ENVOY, Role.INVESTOR, Role.INCUBATOR_MANAGER)


def where_they_work(house) -> list[str]:
    """The organisations of four demo people, to be members beside the lead."""
    ids = [house.demo_user(role) for role in OTHERS]
    with house.open():
        return [db.session.get_one(User, user_id).memberships[0].organisation.name for user_id in ids]


def an_owner_of(house, name: str) -> int:
    """Somebody who may sign for an organisation."""
    with house.open():
        firm = db.session.execute(sa.select(Organisation).where(Organisation.name == name)).scalars().one()
        return a_user(name="沈立新", organisation=firm).id


def everybody_else_signs(house, alliance_id: int) -> None:
    with house.open():
        names = [m.organisation.name for m in db.session.get_one(Alliance, alliance_id).present if m.signed is None]
    for name in names:
        owner_id = an_owner_of(house, name)
        with house.open(), transaction():
            owner = db.session.get_one(User, owner_id)
            present = db.session.get_one(Alliance, alliance_id).present
            members.sign(next(m for m in present if m.organisation.name == name), actor=owner)


def an_alliance_is_founded(page) -> int:
    page.goto("/alliances/own")
    page.get_by_role("link", name="发起联盟").first.click()
    page.get_by_label("联盟名称").fill(TITLE)
    page.get_by_label("一句话介绍").fill("联合测试零下四十度的户外装备，共享低温试验箱和冬季数据。")
    page.get_by_label("创新目标").fill("两年内完成三套耐低温装备样机，联合申请专利五件。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("联盟已发起，请继续添加成员")).to_be_visible()
    return int(page.url.rsplit("/", 1)[1])


def test_an_alliance_becomes_complete_and_shares_a_project(house, browse, look, axe):
    names = where_they_work(house)
    lead = browse(house.demo_user(Role.MEMBER))
    alliance_id = an_alliance_is_founded(lead)
    missing = lead.get_by_role("complementary")
    expect(missing).to_contain_text("现有 1 家成员，至少需要 5 家")
    expect(missing).to_contain_text("至少要有一所高校或科研院所")
    expect(missing).to_contain_text("请填写协议的起止日期")
    axe(lead)
    look(lead, "alliance-incomplete")

    for name in names:
        lead.get_by_role("link", name="添加成员").click()
        lead.get_by_label("单位").fill(name)
        lead.get_by_label("承担任务").fill("低温试验和数据共享")
        lead.get_by_role("button", name="添加").click()
        expect(lead.get_by_text("成员已添加")).to_be_visible()
    lead.get_by_role("link", name="添加成员").click()
    axe(lead)
    lead.get_by_label("单位").fill("不存在的单位有限公司")
    lead.get_by_role("button", name="添加").click()
    expect(lead.get_by_role("alert")).to_be_visible()
    look(lead, "alliance-member-refused", reload=False)

    lead.goto(f"/alliances/{alliance_id}")
    lead.get_by_role("link", name="修改协议").click()
    lead.get_by_label("知识产权约定").fill("各自完成的归各自；联合完成的按项目书约定比例共有，成员优先许可。")
    lead.get_by_label("协议开始").fill(clock.today().isoformat())
    lead.get_by_label("协议结束").fill(add_months(clock.today(), 24).isoformat())
    axe(lead)
    look(lead, "alliance-agreement", reload=False)
    lead.get_by_role("button", name="保存").click()
    lead.get_by_role("button", name="发起签署").click()
    lead.get_by_role("button", name="代表本单位签署").click()
    expect(missing).to_contain_text("还有 4 家成员没有签署协议")

    signer = browse(an_owner_of(house, names[2]), phone=True)
    signer.goto("/alliances/own")
    signer.get_by_role("link", name=TITLE).click()
    axe(signer)
    look(signer, "alliance-to-sign")
    signer.get_by_role("button", name="代表本单位签署").click()
    expect(signer.get_by_text("已代表单位签署协议")).to_be_visible()
    everybody_else_signs(house, alliance_id)

    lead.reload()
    lead.get_by_role("button", name="提交备案").click()
    expect(lead.get_by_text("已提交备案")).to_be_visible()
    handler = browse(house.demo_user(Role.HANDLER))
    handler.goto("/alliances/manage/")
    axe(handler)
    look(handler, "alliances-manage")
    handler.get_by_role("link", name=TITLE).click()
    handler.get_by_role("button", name="同意备案").click()
    expect(handler.get_by_role("heading", level=1)).to_contain_text("运行")
    a_project_is_shared(lead, alliance_id, look, axe)

    visitor = browse(phone=True)
    visitor.goto("/alliances/")
    expect(visitor.get_by_role("article").filter(has_text=TITLE)).to_contain_text("5 家成员")
    axe(visitor)
    look(visitor, "alliances")


def a_project_is_shared(lead, alliance_id: int, look, axe) -> None:
    lead.goto(f"/alliances/{alliance_id}")
    lead.get_by_role("link", name="登记项目").click()
    lead.get_by_label("项目名称").fill("零下四十度供电背包")
    lead.get_by_label("项目内容").fill("研制耐低温供电背包样机并完成实地测试。")
    lead.get_by_label("开始日期").fill(clock.today().isoformat())
    lead.get_by_label("结束日期").fill(add_months(clock.today(), 12).isoformat())
    lead.get_by_label("自筹预算").fill("120")
    lead.get_by_label("起点成熟度").fill("3")
    lead.get_by_label("目标成熟度").fill("6")
    ip, income = lead.get_by_label("知识产权"), lead.get_by_label("收益")
    for part, text in zip(
        (ip.nth(0), ip.nth(1), income.nth(0), income.nth(1)), ("60", "39.99", "70", "30"), strict=True
    ):
        part.fill(text)
    lead.get_by_role("button", name="保存").click()
    expect(lead.get_by_role("alert")).to_contain_text("各方比例合计应为 100%，现在是 99.99%")
    axe(lead)
    look(lead, "alliance-project-refused", reload=False)
    ip.nth(1).fill("40")
    lead.get_by_role("button", name="保存").click()
    expect(lead.get_by_text("联合项目已登记")).to_be_visible()
    expect(lead.get_by_role("row", name=re.compile("合计"))).to_contain_text("100 %")
    axe(lead)
    look(lead, "alliance")
