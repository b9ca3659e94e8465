"""A public vote in the browser: set up, voted on a phone, checked and published."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.directory.rules import demo_uscc
from matchmaker.voting.models import PublicVote
from tests.cast import a_user
from tests.factories import competition as factory
from tests.factories.directory import an_organisation
from tests.factories.voting import a_cast, a_vote

SECOND = timedelta(seconds=1)
TITLES = ("冰面巡检机器人", "低温电池舱", "雪场客流预报")


def arranged(house):
    """(vote, organiser, approver, voter): open since a moment ago, with votes of one device."""
    with house.open():
        owner = db.session.get_one(User, house.demo_user(Role.ORGANISER))
        contest = factory.a_contest(owner=owner, title="水磨沟区票选演示赛")
        seats = [factory.a_judge(contest, owner=owner) for _ in range(2)]
        entered = [factory.an_entry(contest, actor=an_entrant(n), title=title) for n, title in enumerate(TITLES)]
        factory.in_judging(contest, owner=owner, entered=entered, seats=seats)
        opens = clock.now() - SECOND
        with clock.frozen(opens - SECOND):
            vote = a_vote(owner=owner, contest=contest, opens=opens, closes=opens + timedelta(days=1), per_day=2)
        with clock.frozen(opens):
            for _ in range(3):
                a_cast(vote, a_user(region=contest.region), address="10.1.1.1", agent="one phone")
        return vote.id, owner.id, a_user(Role.APPROVER, region=contest.region).id, a_user().id


def an_entrant(number):
    name = f"示范票选企业{number + 1}有限公司"
    return a_user(organisation=an_organisation(name=name, uscc=demo_uscc(9301 + number), founded=date(2020, 5, 1)))


def ends(house, vote_id):
    with house.open(), transaction() as session:
        session.execute(sa.update(PublicVote).where(PublicVote.id == vote_id).values(closes=clock.now()))


def test_a_vote_from_the_ballot_to_the_result(house, browse, look, axe):
    vote_id, owner_id, approver_id, voter_id = arranged(house)
    phone = browse(voter_id, phone=True)
    phone.goto(f"/votes/{vote_id}")
    expect(phone.get_by_text("票选结果不影响评审名次").first).to_be_visible()
    axe(phone)
    phone.get_by_role("button", name="投一票").first.click()
    expect(phone.get_by_text("已投票")).to_be_visible()
    look(phone, "voting-ballot")
    host = browse(owner_id)
    host.goto(f"/votes/{vote_id}/manage")
    look(host, "voting-open")
    ends(house, vote_id)
    host.goto(f"/votes/{vote_id}/check")
    axe(host)
    look(host, "voting-check")
    host.locator("section", has_text="同一设备").get_by_role("link", name="查看").first.click()
    axe(host)
    look(host, "voting-pattern")
    host.get_by_label("剔除理由").fill("一台设备三个账号")
    host.get_by_role("button", name="剔除勾选的选票").click()
    expect(host.get_by_text("已剔除 3 票")).to_be_visible()
    host.goto(f"/votes/{vote_id}/check/propose")
    host.get_by_label("理由").fill("已核查")
    host.get_by_role("main").get_by_role("button", name="提请复核票选核查").click()
    second = browse(approver_id)
    second.goto(f"/votes/{vote_id}/manage")
    second.locator("summary", has_text="复核通过并计票").click()
    second.get_by_role("button", name="复核通过并计票").click()
    expect(second.get_by_text("选票已计数")).to_be_visible()
    host.goto(f"/votes/{vote_id}/manage")
    host.locator("summary", has_text="公布票选结果").click()
    host.get_by_role("button", name="公布票选结果").click()
    expect(host.get_by_text("票选结果已公布")).to_be_visible()
    look(host, "voting-manage")
    visitor = browse()
    visitor.goto(f"/votes/{vote_id}")
    expect(visitor.get_by_role("table")).to_be_visible()
    axe(visitor)
    look(visitor, "voting-result")
