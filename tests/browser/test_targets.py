"""Thread 6: the leader sees twelve targets, opens the list behind a number, and prints the page."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.evaluation.models import Title
from matchmaker.monitoring.models import Indicator


def test_a_leader_opens_the_list_behind_every_number(house, browse, look, axe):
    leader = browse(house.demo_user(Role.LEADER))
    leader.goto("/desk")
    axe(leader)
    look(leader, "desk-leader")
    leader.goto("/targets/")
    cards = leader.get_by_role("article")
    expect(cards).to_have_count(12)
    axe(leader)
    look(leader, "targets")

    with house.open():
        codes = list(db.session.execute(sa.select(Indicator.code).order_by(Indicator.id)).scalars())
    shown = {code: cards.filter(has=leader.get_by_role("link", name=re.compile(f"^{code} "))) for code in codes}
    listed = {code: re.search(r"看 (\d+) 条明细", card.inner_text()) for code, card in shown.items()}
    for code, found in listed.items():
        leader.goto(f"/targets/{code}", wait_until="domcontentloaded")
        rows = leader.locator("#records tbody tr")
        assert rows.count() == (int(found.group(1)) if found else 0), code
        record = leader.locator("#records tbody a").first
        if found and record.count():
            address = house.url + str(record.get_attribute("href"))
            assert leader.context.request.get(address).status == 200, f"{code}: {address}"

    leader.goto("/targets/")
    leader.get_by_role("link", name=re.compile("条明细")).first.click()
    expect(leader.get_by_role("heading", name=re.compile("数字背后的记录"))).to_be_visible()
    axe(leader)
    look(leader, "target-T1")
    with leader.expect_download() as download:
        leader.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.startswith("T1-")

    leader.goto("/targets/")
    leader.get_by_role("link", name="打印一页").click()
    expect(leader.get_by_role("main")).to_contain_text("C5")
    axe(leader)
    look(leader, "targets-print")


def test_a_target_without_records_says_so_and_never_zero(house, browse, look, axe):
    with house.open(), transaction():
        db.session.execute(sa.delete(Title))
    leader = browse(house.demo_user(Role.LEADER), phone=True)

    leader.goto("/targets/")

    card = leader.get_by_role("article").filter(has_text=re.compile("T1 "))
    expect(card).to_contain_text("暂无数据")
    expect(card).not_to_contain_text(re.compile(r"(?<![\d.])0 (家|项|件)"))
    axe(leader)
    look(leader, "targets-no-data")
    leader.goto("/targets/T1")
    expect(leader.get_by_text("暂无数据：到这一天为止没有任何记录")).to_be_visible()
    look(leader, "target-no-data")
