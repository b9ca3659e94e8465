"""Thread 4: an application goes over the board to graduation; the due list; the firm sees its stay."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.calendar import add_months
from matchmaker.core.db import db, transaction
from matchmaker.directory.models import Organisation
from matchmaker.incubation.models import Tenancy
from matchmaker.incubation.rules import PRESENT

FIRM = "新疆磨溪安瞳智能科技有限公司"
CARRIER = "红光山科技企业孵化器"
PROJECT = "雪天低照度识别一体机"


def the_firm_is_free_and_founded(house, *, months_ago: int) -> None:
    """The firm of the demo's owner as a newcomer of that age, in no carrier."""
    with house.open(), transaction():
        firm = db.session.execute(sa.select(Organisation).where(Organisation.name == FIRM)).scalars().one()
        firm.founded = add_months(clock.today(), -months_ago)
        stays = sa.delete(Tenancy).where(Tenancy.organisation_id == firm.id, Tenancy.state.in_(PRESENT))
        db.session.execute(stays)


def an_application_is_sent(page) -> None:
    page.goto("/incubation/")
    page.get_by_role("link", name=CARRIER).click()
    page.get_by_role("link", name="申请入驻").click()
    page.get_by_label("入驻项目").fill(PROJECT)
    page.get_by_label("项目说明").fill("团队九人，需要两间办公室和一处低温测试位。\n已有软件著作权三项。")


def test_an_application_goes_over_the_board_to_graduation(house, browse, look, axe):
    the_firm_is_free_and_founded(house, months_ago=10)
    owner = browse(house.demo_user(Role.MEMBER), phone=True)
    owner.goto("/incubation/")
    axe(owner)
    look(owner, "carriers")
    an_application_is_sent(owner)
    axe(owner)
    look(owner, "tenancy-apply", reload=False)
    owner.get_by_role("button", name="提交申请").click()
    expect(owner.get_by_text("申请已提交")).to_be_visible()
    stay = owner.url

    manager = browse(house.demo_user(Role.INCUBATOR_MANAGER))
    manager.goto("/incubation/manage/board")
    axe(manager)
    look(manager, "board")
    card = manager.get_by_role("listitem").filter(has_text=PROJECT)
    card.get_by_role("button", name="受理申请").click()
    expect(manager.get_by_text("已受理，进入评审")).to_be_visible()
    card.get_by_role("link", name="办理入驻").click()
    manager.get_by_label("合同编号").fill("HGS-JOURNEY-01")
    manager.get_by_label("评审得分").fill("88.5")
    axe(manager)
    look(manager, "tenancy-admit", reload=False)
    manager.get_by_label("入驻期限").fill("24")
    manager.get_by_role("button", name="办理入驻").click()
    expect(manager.get_by_text("已办理入驻，企业会收到通知")).to_be_visible()
    manager.get_by_role("button", name="确认已入驻").click()
    expect(manager.get_by_text("开始在孵").first).to_be_visible()

    manager.get_by_role("link", name="续期").click()
    latest = add_months(clock.today(), 48)
    manager.get_by_label("续期至").fill(add_months(latest, 1).isoformat())
    manager.get_by_label("理由").fill("整机定型还要一年")
    manager.get_by_role("button", name="续期").click()
    expect(manager.get_by_text("孵化时限最长").last).to_be_visible()
    look(manager, "tenancy-extend-refused", reload=False)
    manager.get_by_label("续期至").fill(add_months(latest, -6).isoformat())
    manager.get_by_role("button", name="续期").click()
    expect(manager.get_by_text("已续期，企业会收到通知")).to_be_visible()

    manager.get_by_role("link", name="办理毕业").click()
    manager.get_by_label("满足的条件").select_option(label="累计获得天使投资或风险投资")
    manager.get_by_label("金额").fill("300")
    manager.get_by_label("证明文件").fill("天使轮投资协议 2026-01")
    manager.get_by_role("button", name="办理毕业").click()
    expect(manager.get_by_role("alert")).to_contain_text("毕业须满足四项条件之一")
    look(manager, "tenancy-graduate-refused", reload=False)
    manager.get_by_label("金额").fill("680")
    axe(manager)
    manager.get_by_role("button", name="办理毕业").click()
    expect(manager.get_by_text("已毕业，企业会收到通知")).to_be_visible()
    axe(manager)
    look(manager, "tenancy-graduated")

    owner.goto(stay)
    expect(owner.get_by_role("heading", level=1)).to_contain_text("毕业")
    axe(owner)
    owner.goto("/incubation/own")
    expect(owner.get_by_role("row", name=re.compile(CARRIER)).first).to_be_visible()
    axe(owner)
    look(owner, "tenancies-own")


def test_a_firm_too_old_is_refused_with_its_sentence(house, browse, look, axe):
    the_firm_is_free_and_founded(house, months_ago=25)
    owner = browse(house.demo_user(Role.MEMBER), phone=True)
    an_application_is_sent(owner)
    owner.get_by_role("button", name="提交申请").click()
    expect(owner.get_by_role("alert")).to_contain_text("入驻时已超过 24 个月")
    axe(owner)
    look(owner, "tenancy-apply-refused", reload=False)

    the_firm_is_free_and_founded(house, months_ago=23)
    owner.get_by_role("button", name="提交申请").click()
    expect(owner.get_by_text("申请已提交")).to_be_visible()
    manager = browse(house.demo_user(Role.INCUBATOR_MANAGER))
    manager.goto("/incubation/manage/board")
    card = manager.get_by_role("listitem").filter(has_text=PROJECT)
    card.get_by_role("button", name="受理申请").click()
    card.get_by_role("link", name="办理入驻").click()
    manager.get_by_label("合同编号").fill("HGS-JOURNEY-02")
    manager.get_by_label("入驻日期").fill(add_months(clock.today(), 2).isoformat())
    manager.get_by_role("button", name="办理入驻").click()
    expect(manager.get_by_role("alert")).to_contain_text("入驻时已超过 24 个月")
    axe(manager)
    look(manager, "tenancy-admit-refused", reload=False)


def test_the_due_list_shows_who_must_move(house, browse, look, axe):
    manager = browse(house.demo_user(Role.INCUBATOR_MANAGER))
    manager.goto("/incubation/manage/board")
    manager.get_by_role("link", name="到期提醒").first.click()

    expect(manager.get_by_role("row").filter(has_text="已超期").first).to_be_visible()
    expect(manager.get_by_role("row").filter(has_text="30 天内到期").first).to_be_visible()
    axe(manager)
    look(manager, "tenancies-due")
    manager.goto("/incubation/manage/tenants")
    axe(manager)
    look(manager, "tenancies")
    manager.goto("/incubation/carriers/1")
    axe(manager)
    look(manager, "carrier-manager")
