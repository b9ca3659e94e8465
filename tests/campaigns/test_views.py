"""The pages: write, preview, confirm, follow; who may and who may not."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.campaigns import jobs
from matchmaker.campaigns.models import Campaign
from matchmaker.campaigns.rules import CampaignState, Timing
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Audience, EventRole, Registration
from matchmaker.events.rules import EventDuty
from matchmaker.invitations.rules import InvitationState
from matchmaker.notifications.models import Message
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.campaigns import a_campaign, change
from tests.factories.events import a_guest
from tests.factories.invitations import an_invitation


@pytest.fixture
def browser(client, organiser):
    return sign_in(client, organiser)


FORM = {
    "name": "变更通知",
    "occasion": "change",
    "subject": "时间有变：{活动}",
    "body": "{姓名}，您好：\n新的时间：{时间}",
    "states": ["approved"],
    "group": "0",
    "seen": "",
    "question": "",
    "answer": "",
    "ids": "",
    "way": "reachable",
    "timing": "now",
    "number": "0",
    "unit": "minutes",
}


def the_campaign():
    return db.session.execute(sa.select(Campaign)).unique().scalar_one()


def test_from_a_ready_text_to_a_sent_message(browser, event):
    a_guest(event, name="赵来宾", phone="13900000001")
    page = browser.get(f"/campaigns/events/{event.id}/new?occasion=change").text
    assert "时间地点有变：{活动}" in page

    saved = browser.post(f"/campaigns/events/{event.id}/new", data=FORM)
    campaign = the_campaign()
    assert saved.headers["Location"] == f"/campaigns/{campaign.id}"
    shown = browser.get(saved.headers["Location"]).text
    assert "赵来宾，您好：" in shown
    assert "按 1 条计费" in shown
    confirm = browser.get(f"/campaigns/{campaign.id}/confirm").text
    assert "将向 1 人发送 · 0 人无法送达" in confirm
    browser.post(f"/campaigns/{campaign.id}/confirm")
    jobs.send()

    assert the_campaign().state is CampaignState.SENT
    log = browser.get(f"/campaigns/{campaign.id}/log").text
    assert "13900000001" in log
    exported = browser.get(f"/campaigns/{campaign.id}/log?format=csv").text
    assert "赵来宾" in exported


def test_confirming_twice_plans_once(browser, event, organiser):
    a_guest(event)
    campaign = a_campaign(event, actor=organiser)

    answers = [browser.post(f"/campaigns/{campaign.id}/confirm").status_code for _ in range(2)]
    jobs.send()

    assert answers == [303, 303]
    sent = sa.select(sa.func.count(Message.id)).where(Message.batch == f"campaign:{campaign.id}")
    assert db.session.execute(sent).scalar_one() == 1


def test_an_unknown_placeholder_comes_back_with_what_was_typed(browser, event):
    answer = browser.post(f"/campaigns/events/{event.id}/new", data={**FORM, "body": "请拨打{电话}"})

    assert answer.status_code == 422
    assert "不认识占位符“{电话}”" in answer.text
    assert "请拨打{电话}" in answer.text


@pytest.mark.parametrize(
    "bad",
    [
        {"number": "999", "unit": "days", "timing": "before_start"},
        {"number": "-3"},
        {"timing": "moment", "moment": ""},
        {"group": "777"},
        {"states": ["nonsense"]},
        {"way": "pigeon"},
        {"subject": ""},
        {"body": "字" * 5000},
    ],
)
def test_bad_input_gets_a_clear_answer(browser, event, bad):
    answer = browser.post(f"/campaigns/events/{event.id}/new", data={**FORM, **bad})

    assert answer.status_code == 422
    assert db.session.execute(sa.select(sa.func.count(Campaign.id))).scalar_one() == 0


def test_html_in_names_and_texts_is_shown_as_text(browser, event, organiser):
    a_guest(event, name="<img src=x onerror=alert(1)>")
    campaign = a_campaign(event, actor=organiser, name="<b>名</b>", body="{姓名}<script>alert(1)</script>")

    for path in ("", "/confirm", "/edit", "/log"):
        page = browser.get(f"/campaigns/{campaign.id}{path}").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>名</b>" not in page


def test_people_chosen_in_the_list_arrive(browser, event):
    one, _two = a_guest(event, name="甲", phone="13900000001"), a_guest(event, name="乙", phone="13900000002")

    page = browser.get(f"/campaigns/events/{event.id}/new?ids={one.id},abc,{one.id}").text
    browser.post(f"/campaigns/events/{event.id}/new", data={**FORM, "states": [], "ids": str(one.id)})

    assert "选定的 1 个报名" in page
    assert the_campaign().filters == {"ids": [one.id]}
    assert "将向 1 人发送" in browser.get(f"/campaigns/{the_campaign().id}/confirm").text


def test_missing_people_and_shared_addresses_are_told_before_sending(browser, event, organiser):
    for name in ("甲", "乙"):
        a_guest(event, name=name, phone="13900000001")
    lost = a_guest(event, name="丙", phone="13900000003")
    with transaction() as session:
        session.get_one(Registration, lost.id).phone = ""
    campaign = a_campaign(event, actor=organiser, body="{签到码}")

    page = browser.get(f"/campaigns/{campaign.id}/confirm").text

    assert "将向 1 人发送 · 1 人无法送达" in page
    assert "丙" in page
    assert "1 个报名与他人共用地址" in page


def test_a_test_message_goes_to_oneself_without_anothers_link(browser, event, organiser):
    guest = a_guest(event, name="赵来宾")
    campaign = a_campaign(event, actor=organiser, body="{姓名} {报名链接} {签到码}")

    browser.post(f"/campaigns/{campaign.id}/test", data={"language": "zh"})

    [message] = db.session.execute(sa.select(Message).where(Message.user_id == organiser.id)).scalars()
    assert message.address == organiser.email
    assert message.subject.startswith("[测试]")
    assert "/events/r/" not in message.text
    assert guest.attendees[0].code not in message.text
    assert the_campaign().state is CampaignState.DRAFT


def test_preview_shows_the_person_asked_for_and_english_words(browser, event, organiser):
    a_guest(event, name="甲", phone="13900000001")
    two = a_guest(event, name="乙", phone="13900000002")
    campaign = a_campaign(event, actor=organiser, subject_en="Soon", body_en="Dear {姓名}, {状态}, {时间}")

    page = browser.get(f"/campaigns/{campaign.id}?who={two.id}").text

    assert "乙，您好" in page
    assert re.search(r"Dear 乙, Approved, Mon 16 Mar 2026, 10:00", page)


def test_a_copy_is_a_draft_and_a_plan_can_be_taken_back(browser, event, organiser):
    campaign = a_campaign(event, actor=organiser, planned=True, timing=Timing.BEFORE_START, minutes=60)

    copied = browser.post(f"/campaigns/{campaign.id}/copy")
    browser.post(f"/campaigns/{campaign.id}/unplan")

    states = db.session.execute(sa.select(Campaign.state).order_by(Campaign.id)).scalars().all()
    assert states == [CampaignState.DRAFT, CampaignState.DRAFT]
    assert browser.get(copied.headers["Location"]).status_code == 200
    assert browser.post(f"/campaigns/{campaign.id}/cancel").status_code == 303
    assert browser.get(f"/campaigns/{campaign.id}/edit").status_code == 303


def helper_of(event, duty, audience_id=None):
    user = a_user(Role.INDIVIDUAL)
    with transaction() as session:
        values = {"user_id": user.id, "audience_id": audience_id, "granted_by_id": event.owner_id}
        session.add(EventRole(event_id=event.id, duty=duty, created=clock.now(), **values))
    return user


@pytest.mark.parametrize(
    ("duty", "status"), [(EventDuty.MESSAGES, 200), (EventDuty.MANAGER, 200), (EventDuty.CHECKIN, 404)]
)
def test_only_who_has_the_messages_of_an_event_gets_in(client, event, organiser, duty, status):
    campaign = a_campaign(event, actor=organiser)
    sign_in(client, helper_of(event, duty))

    assert client.get(f"/campaigns/events/{event.id}").status_code == status
    for path in ("", "/edit", "/confirm", "/log"):
        assert client.get(f"/campaigns/{campaign.id}{path}").status_code == status


def test_organisers_of_another_region_find_nothing(client, event, organiser):
    campaign = a_campaign(event, actor=organiser)
    sign_in(client, a_user(Role.ORGANISER, region=OTHER_REGION))

    assert client.get(f"/campaigns/events/{event.id}").status_code == 404
    assert client.post(f"/campaigns/{campaign.id}/confirm").status_code == 404


def test_a_duty_for_one_group_reaches_that_group_only(client, event, organiser):
    with transaction() as session:
        second = Audience(event_id=event.id, name="投资人")
        session.add(second)
    everybody = a_campaign(event, actor=organiser)
    theirs = a_campaign(event, actor=organiser, group_id=second.id)
    sign_in(client, helper_of(event, EventDuty.MESSAGES, second.id))

    assert client.get(f"/campaigns/{everybody.id}").status_code == 404
    assert client.get(f"/campaigns/{theirs.id}").status_code == 200
    assert client.post(f"/campaigns/events/{event.id}/new", data=FORM).status_code == 422
    given = {**FORM, "group": str(second.id)}
    assert client.post(f"/campaigns/events/{event.id}/new", data=given).status_code == 303
    listed = client.get(f"/campaigns/events/{event.id}").text
    assert f'/campaigns/{theirs.id}"' in listed
    assert f'/campaigns/{everybody.id}"' not in listed


def test_the_page_of_a_registration_tells_what_was_sent_to_staff_only(app, client, event, organiser):
    person = a_user(Role.INDIVIDUAL)
    from tests.factories.events import a_registration

    row = a_registration(event, actor=person)
    a_campaign(event, actor=organiser, planned=True, subject="独一无二的标题")
    jobs.send()

    staff = sign_in(app.test_client(), organiser).get(f"/events/registrations/{row.id}").text
    own = sign_in(client, person).get(f"/events/registrations/{row.id}").text

    assert "独一无二的标题" in staff
    assert "发给这个报名的消息" not in own


def test_a_missed_message_is_on_the_desk(browser, event, organiser):
    campaign = a_campaign(event, actor=organiser)
    with transaction() as session:
        session.get_one(Campaign, campaign.id).state = CampaignState.MISSED

    assert (
        f"/campaigns/{campaign.id}" in browser.get("/").text or f"/campaigns/{campaign.id}" in browser.get("/desk").text
    )


def test_the_invited_are_written_to_over_their_own_links(browser, event, organiser, now):
    row = an_invitation(event, actor=organiser, name="受邀人")
    change(row, state=InvitationState.SENT, sent=now)

    browser.post(f"/campaigns/events/{event.id}/new", data={**FORM, "invited": "y", "body": "{姓名} {报名链接}"})

    assert the_campaign().filters == {}
    page = browser.get(f"/campaigns/{the_campaign().id}?who={row.id}").text
    assert "/invitations/i/" in page
    assert "将向 1 人发送" in browser.get(f"/campaigns/{the_campaign().id}/confirm").text
    browser.post(f"/campaigns/{the_campaign().id}/test", data={"language": "zh"})
    [message] = db.session.execute(sa.select(Message).where(Message.user_id == organiser.id)).scalars()
    assert "/invitations/i/" not in message.text
