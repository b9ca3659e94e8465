"""Thread 2: a firm states a need and asks who was suggested; the helper answers from the mail on a phone."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.directory.models import Person
from matchmaker.notifications.models import Message

TITLE = "平台做出来了，政府采购验收老是过不去"
TEXT = "我们做智慧安防和停车平台，中了两个社区的系统集成项目，验收和回款都卡住了。\n想请做过政府采购的导师带一带。"
DRIPS = "滴灌带用一年就堵，墒情数据也不准"
DRIPS_TEXT = "温室和大田都在用水肥一体化，滴灌带一年就堵，墒情探头和实际差很多。\n想请做节水灌溉的老师看看。"


def a_need_is_stated(page, *, kind: str, title: str, text: str) -> str:
    page.goto("/needs/new")
    page.get_by_label("需求类型").select_option(label=kind)
    page.get_by_label("一句话说清楚").fill(title)
    page.get_by_label("具体情况").fill(text)
    page.get_by_role("button", name="提交并看推荐").click()
    expect(page.get_by_text("需求已提交")).to_be_visible()
    return re.search(r"/needs/(\d+)/", page.url).group(1)


def the_link_in_the_mail(house, person: Person) -> str:
    """The path of the signed link in the newest mail to this helper."""
    with house.open():
        statement = sa.select(Message.text).where(Message.text.contains("/r/"), Message.address == person.email)
        text = db.session.execute(statement.order_by(Message.id.desc()).limit(1)).scalar_one()
    return re.search(r"/r/\S+", text).group()


def whoever(house, name: str) -> Person:
    with house.open():
        person = db.session.execute(sa.select(Person).where(Person.name == name)).scalars().one()
        db.session.expunge(person)
    return person


def test_a_mentor_accepts_from_the_mail_and_a_service_closes_it(house, browse, look, axe):
    owner = browse(house.demo_user(Role.MEMBER))
    need_id = a_need_is_stated(owner, kind="创业辅导", title=TITLE, text=TEXT)
    suggested = owner.get_by_role("article").filter(has_text="秦志远")
    expect(suggested).to_contain_text("/ 100")
    suggested.get_by_text("分数由哪些部分组成").click()
    expect(suggested.get_by_role("row", name="合计")).to_be_visible()
    axe(owner)
    look(owner, "need-suggestions")
    owner.get_by_role("checkbox", name=re.compile("秦志远")).check()
    owner.get_by_label("附言").fill("这周二、周四下午都方便，请先看验收意见。")
    owner.get_by_role("button", name="发出邀请").click()
    expect(owner.get_by_role("link", name="秦志远")).to_be_visible()
    axe(owner)
    look(owner, "need")
    mentor = whoever(house, "秦志远")
    owner.get_by_role("link", name="秦志远").click()
    expect(owner.get_by_role("main")).not_to_contain_text(mentor.phone)

    helper = browse(phone=True)
    helper.goto(the_link_in_the_mail(house, mentor))
    expect(helper.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(helper.get_by_role("main")).not_to_contain_text("13000000101")
    axe(helper)
    look(helper, "request-link")
    helper.get_by_role("button", name="接受邀请").click()
    expect(helper.get_by_text("您已接受邀请")).to_be_visible()
    expect(helper.get_by_role("main")).to_contain_text("13000000101")
    look(helper, "request-link-accepted")

    owner.reload()
    expect(owner.get_by_role("main")).to_contain_text(mentor.phone)
    axe(owner)
    look(owner, "request-accepted")
    owner.get_by_role("link", name="登记服务").click()
    look(owner, "request-service")
    owner.get_by_label("时长").fill("90")
    owner.get_by_label("地点").fill("线上")
    owner.get_by_label("做了什么").fill("逐条看了验收意见，改好了两份测试报告的写法。")
    owner.get_by_label("评分", exact=False).first.select_option("5")
    owner.get_by_label("评分理由").fill("逐条改好了，当场能用")
    axe(owner)
    owner.get_by_role("button", name="登记服务").click()
    expect(owner.get_by_text("服务已登记")).to_be_visible()
    owner.get_by_role("link", name="登记结果").click()
    owner.get_by_label("问题解决，没有签合同").check()
    owner.get_by_label("需求已经解决").check()
    axe(owner)
    look(owner, "request-outcome", reload=False)
    owner.get_by_role("button", name="登记结果").click()
    expect(owner.get_by_text("结果已登记")).to_be_visible()
    expect(owner.get_by_role("heading", name=re.compile("已办结"))).to_be_visible()
    owner.goto(f"/needs/{need_id}")
    expect(owner.get_by_role("heading", level=1)).to_contain_text("已办结")

    signed_in = browse(house.demo_user(Role.MENTOR), phone=True)
    signed_in.goto("/requests/")
    axe(signed_in)
    look(signed_in, "request-inbox")
    signed_in.get_by_role("link", name=TITLE).click()
    signed_in.get_by_role("link", name="去确认").click()
    axe(signed_in)
    look(signed_in, "request-session")
    signed_in.get_by_role("button", name="确认").click()
    expect(signed_in.get_by_text("已确认").first).to_be_visible()
    look(signed_in, "request-closed")


def test_one_declines_and_a_profile_without_contact_goes_to_the_handler(house, browse, look, axe):
    owner = browse(house.demo_user(Role.MEMBER), phone=True)
    need_id = a_need_is_stated(owner, kind="技术需求", title=DRIPS, text=DRIPS_TEXT)
    silent = owner.get_by_role("article").filter(has_text="没有联系方式，由经办人联系").first
    silent.get_by_role("checkbox").check()
    reachable = owner.get_by_role("article").filter(has_not_text="没有联系方式").first
    reachable.get_by_role("checkbox").check()
    name = re.search(r"\d+\. (\S+)", reachable.inner_text()).group(1)
    owner.get_by_role("button", name="发出邀请").click()
    expect(owner.get_by_text("经办人正在联系")).to_be_visible()

    helper = browse(phone=True)
    link = the_link_in_the_mail(house, whoever(house, name))
    helper.goto(link)
    helper.get_by_text("婉拒", exact=True).click()
    helper.get_by_role("button", name="确定婉拒").click()
    expect(helper.get_by_text("请选择一个原因").first).to_be_visible()
    helper.get_by_label("近期没有时间").check()
    helper.get_by_label("说明").fill("下个月再来问我")
    axe(helper)
    look(helper, "request-link-declining", reload=False)
    helper.get_by_role("button", name="确定婉拒").click()
    expect(helper.get_by_text("您已婉拒这项邀请")).to_be_visible()
    helper.goto("/r/forged")
    axe(helper)
    look(helper, "request-link-dead")

    owner.goto(f"/needs/{need_id}")
    expect(owner.get_by_role("row", name=name)).to_contain_text("近期没有时间 · 下个月再来问我")
    look(owner, "need-declined")

    handler = browse(house.demo_user(Role.HANDLER))
    handler.goto("/needs/referrals/")
    axe(handler)
    look(handler, "referrals")
    handler.get_by_role("row", name=DRIPS).get_by_role("link").first.click()
    handler.get_by_label("处理结果").fill("已电话联系，本人愿意，资料下周补齐。")
    axe(handler)
    look(handler, "referral", reload=False)
    handler.get_by_role("button", name="处理完毕").click()
    expect(handler.get_by_text("提出需求的单位会收到结果")).to_be_visible()
    handler.goto("/needs/manage/")
    axe(handler)
    look(handler, "needs-manage")
