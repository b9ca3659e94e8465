"""A clerk who builds a form once a month: a ready one, one question of their own, shown only when it matters."""

from __future__ import annotations

import sqlalchemy as sa
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.questionnaires.models import Questionnaire
from tests.factories.events import an_event
from tests.factories.questionnaires import a_questionnaire


def a_form(house, organiser_id: int) -> int:
    """A form of an event of the demo's organiser."""
    with house.open():
        event = an_event(owner=db.session.get_one(User, organiser_id))
        return a_questionnaire(event, title="企业报名表").id


def test_a_clerk_builds_a_form_and_tries_it(house, browse, look, axe):
    organiser_id = house.demo_user(Role.ORGANISER)
    form_id = a_form(house, organiser_id)
    page = browse(organiser_id)
    page.goto(f"/questionnaires/{form_id}")
    page.get_by_role("button", name="培训报名表").click()
    expect(page.get_by_text("已加入")).to_be_visible()

    page.get_by_label("字段类型").first.select_option(label="单选")
    page.get_by_role("button", name="添加字段").first.click()
    page.get_by_label("名称", exact=True).fill("座位区")
    page.get_by_role("button", name="再加一行").click()
    for number, name in enumerate(["前区", "后区"]):
        page.locator(f"#options-{number}-label").fill(name)
    page.get_by_label("什么时候显示").select_option(label="看“是否用餐”的回答")
    expect(page.get_by_role("group", name="“餐食”的回答")).to_be_hidden()
    page.get_by_label("它的回答").select_option(label="回答是")
    page.get_by_role("group", name="“是否用餐”的回答").get_by_label("不用餐").check()
    axe(page)
    look(page, "questionnaire-field", reload=False)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("看“是否用餐”")).to_have_count(2)
    axe(page)
    look(page, "questionnaire-build")

    page.get_by_role("button", name="启用修改").click()
    expect(page.get_by_text("第 2 版已启用")).to_be_visible()
    page.get_by_role("link", name="历次版本").click()
    look(page, "questionnaire-versions")
    page.goto(f"/questionnaires/{form_id}")

    page.get_by_role("link", name="预览").click()
    seats = page.get_by_role("group", name="座位区")
    meal = page.get_by_role("group", name="餐食")
    expect(seats).to_be_hidden()
    page.get_by_label("用餐", exact=True).check()
    expect(meal).to_be_visible()
    page.get_by_label("不用餐").check()
    expect(seats).to_be_visible()
    expect(meal).to_be_hidden()
    page.get_by_label("前区").check()
    page.get_by_role("button", name="试着提交").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("前区")).to_be_checked()
    axe(page)
    look(page, "questionnaire-preview")
    with house.open():
        form = db.session.execute(sa.select(Questionnaire).where(Questionnaire.id == form_id)).scalar_one()
        assert form.current is not None and form.current.number == 2
