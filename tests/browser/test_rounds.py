"""A round end to end: set up, looked at, sent, declined by one, completed, accepted from the mail on a phone."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.notifications.models import Message
from matchmaker.rounds.models import RoundPair


def links_of(house) -> list[str]:
    """The signed links in the mails of this round, one a helper, by address."""
    with house.open():
        statement = sa.select(Message.text).where(Message.text.contains("/r/")).order_by(Message.id.desc())
        texts = db.session.execute(statement.limit(40)).scalars().all()
    return [re.search(r"/r/\S+", text).group() for text in texts]


def pairs(house) -> list[tuple[int, int]]:
    with house.open():
        return [tuple(row) for row in db.session.execute(sa.select(RoundPair.need_id, RoundPair.person_id))]


def test_a_round_from_the_plan_to_a_yes(house, browse, look, axe):
    handler = browse(house.demo_user(Role.HANDLER))
    handler.goto("/needs/rounds/")
    expect(handler.get_by_text("还没有批量对接")).to_be_visible()
    axe(handler)
    look(handler, "rounds-empty")
    handler.get_by_role("link", name="新建一轮").click()
    axe(handler)
    look(handler, "round-new")
    handler.get_by_label("名称").fill("2026 年春季批量对接")
    handler.get_by_label("每项需求推荐几人").fill("1")
    handler.get_by_label("每人最多承担几项").fill("1")
    handler.get_by_label("匹配度下限").fill("0")
    handler.get_by_role("button", name="保存并生成方案").click()

    expect(handler.get_by_text("还没有发出任何邀请").first).to_be_visible()
    expect(handler.get_by_text("总匹配度").first).to_be_visible()
    axe(handler)
    look(handler, "round-plan")
    planned = pairs(house)
    assert planned
    handler.get_by_role("link", name=re.compile(r"发出 \d+ 项邀请")).click()
    axe(handler)
    look(handler, "round-send")
    before = set(links_of(house))
    handler.get_by_role("button", name=re.compile(r"发出 \d+ 项邀请")).click()
    expect(handler.get_by_text(re.compile(r"已发出 \d+ 项邀请"))).to_be_visible()

    fresh = [link for link in links_of(house) if link not in before]
    helper = browse(phone=True)
    helper.goto(fresh[0])
    helper.get_by_text("婉拒", exact=True).click()
    helper.get_by_label("近期没有时间").check()
    helper.get_by_role("button", name="确定婉拒").click()
    expect(helper.get_by_text("您已婉拒这项邀请")).to_be_visible()
    helper.goto(fresh[1])
    helper.get_by_role("button", name="接受邀请").click()
    expect(helper.get_by_text("您已接受邀请")).to_be_visible()

    handler.reload()
    look(handler, "round-running")
    axe(handler)
    handler.get_by_role("button", name="补充方案").click()
    expect(handler.get_by_role("main")).to_contain_text(re.compile("方案已生成|没有需要补人"))
    assert set(planned) <= set(pairs(house))
    handler.get_by_text("结束这一轮").first.click()
    handler.get_by_role("button", name="结束这一轮").click()
    expect(handler.get_by_text("这一轮已结束")).to_be_visible()
