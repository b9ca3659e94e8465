"""Thread: a form with a condition on a phone, a draft, a guest's link, an offer taken; the public page elsewhere."""

from __future__ import annotations

from threading import Thread

import pytest
import sqlalchemy as sa
import waitress
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.events import gateways
from matchmaker.events.models import Registration
from matchmaker.events.rules import RegistrationState, WaitingPolicy
from matchmaker.events.services import registrations, waiting
from tests.factories.events import a_form, a_guest, an_event
from tests.factories.questionnaires import dinner

TITLE = "带报名表的对接会"


@pytest.fixture
def event_id(house):
    owner_id = house.demo_user(Role.ORGANISER)
    with house.open():
        event = an_event(owner=db.session.get_one(User, owner_id), title=TITLE)
        a_form(event, dinner())
        return event.id


def registration(event_id):
    statement = sa.select(Registration).where(Registration.event_id == event_id).order_by(Registration.id.desc())
    return db.session.execute(statement).unique().scalars().first()


def test_a_form_with_a_condition_is_kept_as_a_draft_continued_and_sent(house, browse, look, axe, event_id):
    page = browse(house.demo_user(Role.MEMBER), phone=True)
    page.goto(f"/events/{event_id}")
    page.get_by_role("link", name="立即报名").click()
    expect(page.get_by_label("米饭")).to_be_hidden()
    page.get_by_label("参会人").fill("甲某，13000000011")
    page.get_by_label("用餐", exact=True).check()
    expect(page.get_by_label("米饭")).to_be_visible()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿不占名额").first).to_be_visible()
    axe(page)
    look(page, "event-register-draft")

    page.goto("/events/registrations/")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_label("参会人")).to_have_value("甲某，13000000011")
    page.get_by_label("联系电话").fill("13000000011")
    page.get_by_role("button", name="提交报名").click()
    expect(page.get_by_text("还有几处需要修改")).to_be_visible()
    page.get_by_label("米饭").check()
    page.get_by_role("button", name="提交报名").click()
    expect(page.get_by_text("报名成功").first).to_be_visible()
    axe(page)
    look(page, "event-registration-answers")

    page.get_by_role("link", name="修改", exact=True).click()
    page.get_by_label("不用餐").check()
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("已保存您的修改")).to_be_visible()
    with house.open():
        row = registration(event_id)
        assert (row.state, row.sheet.answers) == (RegistrationState.APPROVED, {"qstays": "no"})


def test_a_guest_waits_and_takes_the_offer_by_the_link_alone(house, browse, look, axe):
    owner_id = house.demo_user(Role.ORGANISER)
    with house.open():
        owner = db.session.get_one(User, owner_id)
        event = an_event(owner=owner, capacity=1, waiting_policy=WaitingPolicy.FIRST_COME)
        first = a_guest(event)
        row = a_guest(event, name="孙来宾", phone="13000000012")
        event_id, first_id, link = event.id, first.id, gateways.link_of(row)

    page = browse()
    page.goto(f"/events/{event_id}")
    expect(page.get_by_role("link", name="加入候补")).to_be_visible()
    axe(page)
    look(page, "event-full")
    page.goto(f"/events/r/{link}")
    expect(page.get_by_text("当前第 1 位")).to_be_visible()
    axe(page)
    look(page, "event-guest-waiting")
    with house.open():
        with transaction():
            registrations.withdraw(db.session.get_one(Registration, first_id), actor=None)
        with transaction() as session:
            waiting.serve(session.get_one(Registration, first_id).event)
    page.goto(f"/events/r/{link}")
    look(page, "event-guest-offer")
    page.get_by_role("button", name="确认参加").click()

    expect(page.get_by_text("名额是您的了")).to_be_visible()
    with house.open():
        assert registration(event_id).state is RegistrationState.APPROVED


def test_the_public_page_paints_before_any_script_and_reads_without_them(house, browser, event_id):
    context = browser.new_context(base_url=house.url, java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))

    page.goto(f"/events/{event_id}")

    assert page.get_by_role("heading", name=TITLE).is_visible()
    assert page.get_by_role("link", name="立即报名").is_visible()
    assert asked.count("stylesheet") == 1
    context.close()


@pytest.fixture
def another_site():
    """A site of its own that shows the HTML it is given."""
    shown: list[str] = []

    def site(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [shown[-1].encode()]

    server = waitress.create_server(site, host="127.0.0.1", port=0)
    thread = Thread(target=server.run, daemon=True)
    thread.start()

    def show(html: str) -> str:
        shown.append(html)
        return f"http://127.0.0.1:{server.effective_port}/"

    yield show
    server.close()
    thread.join(timeout=5)


def test_another_site_shows_the_embedded_event_and_only_that(house, browser, event_id, another_site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(another_site(f'<iframe src="{house.url}/events/{event_id}/embed" width="600" height="400"></iframe>'))

    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name=TITLE)).to_be_visible()
    assert context.cookies(house.url) == []
    address = frame.get_by_role("link", name="查看并报名").get_attribute("href")
    page.goto(another_site(f'<iframe src="{house.url}/events/{event_id}" width="600" height="400"></iframe>'))

    expect(page.frame_locator("iframe").get_by_role("link", name="立即报名")).to_have_count(0)
    assert address.endswith(f"/events/{event_id}")
    context.close()
