"""Two threads: an envoy records a visit with a photo on a phone and the host confirms; a tenant books a mentor."""

from __future__ import annotations

import io
from datetime import time, timedelta

from PIL import Image
from playwright.sync_api import expect

from matchmaker.accounts.models import User
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.directory.rules import OrganisationKind, demo_uscc
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.mentoring.models import MentorSession
from matchmaker.mentoring.services import booking, offering
from matchmaker.rosters.rules import SessionState
from tests.cast import a_user
from tests.factories import incubation
from tests.factories.directory import an_organisation
from tests.factories.envoys import account, an_envoy
from tests.factories.mentoring import TOPIC, a_tenant
from tests.factories.rosters import a_helper

WORDS = "检查了两条焊接线，调整参数并培训两名操作工；下周复查次品率。"


def a_photo_file() -> dict[str, object]:
    picture = io.BytesIO()
    Image.effect_noise((640, 480), 90).convert("RGB").save(picture, "JPEG")
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}


def test_a_visit_with_a_photo_on_a_phone_is_confirmed_by_the_host(house, browse, look, axe):
    with house.open():
        host = an_organisation(uscc=demo_uscc(9001), name="水磨沟演示焊接设备有限公司", working_address="红光山路 6 号")
        agreement = an_envoy(name="沈一航（演示）", host=host)
        agreement_id, envoy_id = agreement.id, account(agreement).id
        host_id = a_user(name="车间主任（演示）", organisation=agreement.host).id
    yesterday = clock.now().astimezone(clock.CHINA) - timedelta(days=1)
    phone = browse(envoy_id, phone=True)
    phone.goto("/envoys/own")
    look(phone, "envoys-own")
    phone.get_by_role("link", name="登记服务").click()
    look(phone, "envoys-record")
    phone.get_by_label("开始").fill(f"{yesterday:%Y-%m-%d}T09:00")
    phone.get_by_label("结束").fill(f"{yesterday:%Y-%m-%d}T13:30")
    phone.get_by_label("做了什么").fill(WORDS)
    phone.get_by_label("现场照片").set_input_files(a_photo_file())
    axe(phone)
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("已登记，等待企业确认")).to_be_visible()

    host = browse(host_id, phone=True)
    host.goto("/envoys/own")
    host.get_by_role("link", name="09:00").first.click()
    expect(host.get_by_text(WORDS)).to_be_visible()
    look(host, "envoys-confirm")
    axe(host)
    host.get_by_label("5", exact=True).check()
    host.get_by_label("我与这位特派员没有亲属关系").check()
    host.get_by_role("button", name="确认属实").click()
    expect(host.get_by_text("已确认，谢谢")).to_be_visible()

    with house.open():
        row = db.session.execute(db.select(EnvoyVisit).where(EnvoyVisit.agreement_id == agreement_id)).scalars().one()
        assert (row.state.value, row.minutes, row.rating) == ("confirmed", 270, 5)


def test_a_tenant_books_a_mentor_in_three_steps_on_a_phone(house, browse, look, axe):
    with house.open():
        mentor_user = a_user(name="秦导师（演示）")
        mentor = a_helper(user=mentor_user, name="秦导师（演示）", summary="做过三家企业的财务负责人，熟悉首轮融资。")
        for weekday in range(5):
            with transaction():
                offering.add_window(
                    mentor, actor=None, weekday=weekday, starts=time(14), ends=time(17), slot_minutes=60,
                    place="红光山孵化器 302 室",
                )  # fmt: skip
        operator = an_organisation(
            uscc=demo_uscc(9002), kind=OrganisationKind.CARRIER_OPERATOR, name="红光山演示运营公司"
        )
        firm = an_organisation(uscc=demo_uscc(9003), name="红光山演示在孵企业有限公司", founded=incubation.YOUNG)
        carrier = incubation.a_carrier(operator=operator, name="红光山演示孵化器")
        tenant, _tenancy = a_tenant(firm=firm, carrier=carrier)
        mentor_id, mentor_user_id, tenant_id = mentor.id, mentor_user.id, tenant.id
    page = browse(tenant_id, phone=True)
    page.goto("/mentoring/")
    look(page, "mentoring")
    page.goto(f"/mentoring/mentors/{mentor_id}")
    look(page, "mentoring-times")
    page.get_by_role("link", name="14:00–15:00").first.click()
    look(page, "mentoring-topic")
    axe(page)
    page.get_by_label("想谈什么").fill(TOPIC)
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="确认预约").click()
    expect(page.get_by_text("已预约，导师确认后会通知您")).to_be_visible()

    mentor_page = browse(mentor_user_id, phone=True)
    mentor_page.goto("/mentoring/own")
    mentor_page.get_by_role("link", name="14:00").first.click()
    mentor_page.get_by_role("button", name="确认时间").click()
    expect(mentor_page.get_by_text("已确认，对方会收到通知")).to_be_visible()
    look(mentor_page, "mentoring-session")

    with house.open():
        row = db.session.execute(db.select(MentorSession).where(MentorSession.person_id == mentor_id)).scalars().one()
        assert row.state is SessionState.CONFIRMED
        owner, ends = db.session.get_one(User, mentor_user_id), row.ends
        with clock.frozen(ends + timedelta(minutes=5)), transaction():
            booking.report(row, actor=owner, minutes=60, content="梳理了现金流表")
        assert (row.minutes, row.client_confirmed) == (60, None)
