"""Pages of events as the organiser, the enterprise and the stranger meet them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.events.models import Event, Registration, SeatPool
from matchmaker.events.rules import EventState, RegistrationState
from matchmaker.notifications import services as notifications
from tests.cast import OTHER_REGION, a_token, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="王组织")


@pytest.fixture
def member(app, now):
    return a_user(name="李会员", organisation=an_organisation(name="云图安防科技有限公司"))


def states(event):
    rows = sa.select(Registration.state).where(Registration.event_id == event.id).order_by(Registration.id)
    return list(db.session.execute(rows).scalars())


def used(event):
    return db.session.execute(sa.select(SeatPool.used).where(SeatPool.event_id == event.id)).scalar_one()


FORM = {
    "kind": "promotion",
    "title": "智慧安防对接会",
    "summary": "一句话",
    "description": "详情",
    "venue": "会展中心",
    "starts": "2026-03-20T09:30",
    "ends": "2026-03-20T12:00",
    "deadline": "2026-03-18T18:00",
    "capacity": "40",
}


def test_an_organiser_drafts_and_publishes_and_the_public_sees_it(client, organiser):
    sign_in(client, organiser)

    drafted = client.post("/events/manage/new", data=FORM)
    event_id = int(drafted.location.split("/")[-2])
    anybody = client.application.test_client()
    hidden = anybody.get(f"/events/{event_id}").status_code
    client.post(f"/events/manage/{event_id}/publish")

    assert (drafted.status_code, hidden) == (303, 404)
    page = anybody.get(f"/events/{event_id}").text
    assert "智慧安防对接会" in page
    assert "3月20日 周五 09:30" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends": "2026-03-20T09:00"}, "结束时间应晚于开始时间"),
        ({"deadline": "2026-04-01T09:00"}, "报名截止时间不能晚于活动结束时间"),
        ({"capacity": "0"}, "名额应在 1 到 100000 之间"),
        ({"title": ""}, "请填写这一项"),
    ],
)
def test_a_wrong_event_comes_back_with_what_was_typed(client, organiser, change, sentence):
    sign_in(client, organiser)

    answer = client.post("/events/manage/new", data={**FORM, **change})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "会展中心" in answer.text
    assert db.session.execute(sa.select(sa.func.count(Event.id))).scalar_one() == 0


def test_an_enterprise_registers_three_people(client, organiser, member):
    event = an_event(owner=organiser, capacity=10)
    sign_in(client, member)
    organisation_id = next(iter(member.organisation_ids))

    answer = client.post(
        f"/events/{event.id}/register",
        data={
            "organisation_id": organisation_id,
            "attendees": "张三，１３０００００００１１\n李四 13000000012\n王五",
            "phone": "130-0000-0011",
        },
    )

    assert answer.status_code == 303
    row = db.session.execute(sa.select(Registration)).unique().scalar_one()
    assert [(a.name, a.phone) for a in row.attendees] == [
        ("张三", "13000000011"),
        ("李四", "13000000012"),
        ("王五", ""),
    ]
    assert (row.phone, row.organisation_id, used(event)) == ("13000000011", organisation_id, 3)
    assert "云图安防科技有限公司" in client.get(answer.location).text


@pytest.mark.parametrize(
    ("attendees", "sentence"),
    [
        ("", "请至少填写一位参会人"),
        ("张三\n张三", "填了两次"),
        ("张三，12345", "第 1 行的电话不对"),
        ("张三\n1380013", "第 2 行看不明白"),
        ("\n".join(f"甲{chr(0x4E00 + i)}" for i in range(51)), "一次最多报 50 人"),
        ("甲\n乙\n丙", "名额不足，仅剩 2 个"),
    ],
)
def test_a_registration_that_does_not_fit_changes_nothing(client, organiser, member, attendees, sentence):
    event = an_event(owner=organiser, capacity=2)
    sign_in(client, member)
    data = {"organisation_id": 0, "attendees": attendees, "phone": "13000000011", "note": "靠窗"}

    answer = client.post(f"/events/{event.id}/register", data=data)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "靠窗" in answer.text
    assert (states(event), used(event)) == ([], 0)


def test_registering_for_a_firm_that_is_not_one_s_own_is_refused(client, organiser, member):
    event = an_event(owner=organiser)
    stranger = an_organisation()
    sign_in(client, member)

    answer = client.post(
        f"/events/{event.id}/register",
        data={"organisation_id": stranger.id, "attendees": "张三", "phone": "13000000011"},
    )

    assert answer.status_code == 422
    assert states(event) == []


def test_a_stranger_cannot_see_a_registration(client, organiser, member):
    row = a_registration(an_event(owner=organiser), actor=member)
    stranger = sign_in(client, a_user())

    assert stranger.get(f"/events/registrations/{row.id}").status_code == 404
    assert stranger.post(f"/events/registrations/{row.id}/withdraw").status_code == 404
    assert states(row.event) == [RegistrationState.APPROVED]


def test_staff_of_the_other_region_gets_404_for_everything(client, organiser, member):
    event = an_event(owner=organiser, needs_approval=True)
    row = a_registration(event, actor=member)
    other = sign_in(client, a_user(Role.ORGANISER, region=OTHER_REGION))

    for path in (f"/events/manage/{event.id}", f"/events/manage/{event.id}/edit", f"/events/registrations/{row.id}"):
        assert other.get(path).status_code == 404, path
    assert other.post(f"/events/registrations/{row.id}/approve").status_code == 404
    assert states(event) == [RegistrationState.SUBMITTED]


def test_bulk_approval_is_previewed_done_and_undone(client, organiser):
    event = an_event(owner=organiser, needs_approval=True)
    rows = [a_registration(event, actor=a_user()) for _ in range(3)]
    sign_in(client, organiser)
    form = {"action": "approve", "ids": [row.id for row in rows], "scope_event_id": event.id, "back": "/events/"}

    preview = client.post("/lists/registrations/bulk", data=form)
    assert (preview.status_code, states(event)) == (200, [RegistrationState.SUBMITTED] * 3)
    assert "将处理 3 条" in preview.text
    done = client.post("/lists/registrations/bulk", data={**form, "confirmed": "1"})
    assert states(event) == [RegistrationState.APPROVED] * 3
    run = re.search(r"/runs/(\d+)", done.location).group(1)
    client.post(f"/lists/runs/{run}/undo", data={"back": "/events/"})

    assert states(event) == [RegistrationState.SUBMITTED] * 3
    assert used(event) == 3


def test_a_bulk_action_on_rows_of_another_region_touches_none(client, organiser, member):
    event = an_event(owner=organiser, needs_approval=True)
    row = a_registration(event, actor=member)
    sign_in(client, a_user(Role.ORGANISER, region=OTHER_REGION))

    client.post(
        "/lists/registrations/bulk",
        data={"action": "approve", "ids": [row.id], "scope_event_id": event.id, "confirmed": "1"},
    )

    assert states(event) == [RegistrationState.SUBMITTED]


@pytest.mark.parametrize("wanted", ["csv", "xlsx", "json", "pdf", "docx"])
def test_the_list_is_exported_as_filtered(client, organiser, member, wanted):
    event = an_event(owner=organiser, needs_approval=True)
    a_registration(event, actor=member)
    sign_in(client, organiser)

    answer = client.get(f"/events/manage/{event.id}?format={wanted}&state=submitted")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert len(answer.data) > 100


def test_the_csv_export_escapes_formulas_and_keeps_the_filter(client, organiser):
    event = an_event(owner=organiser, needs_approval=True)
    a_registration(event, actor=a_user(name='=HYPERLINK("x")'))
    sign_in(client, organiser)

    shown = client.get(f"/events/manage/{event.id}?format=csv").data.decode("utf-8-sig")
    none = client.get(f"/events/manage/{event.id}?format=csv&state=approved").data.decode("utf-8-sig")

    assert "'=HYPERLINK" in shown
    assert "HYPERLINK" not in none


def test_exports_and_the_api_tell_the_time_of_beijing(client, organiser, member, now):
    event = an_event(owner=organiser)
    a_registration(event, actor=member)
    secret = a_token(organiser, Permission.EVENTS_READ)
    sign_in(client, organiser)

    csv = client.get(f"/events/manage/{event.id}?format=csv").data.decode("utf-8-sig")
    api = client.application.test_client().get(
        f"/api/v1/events/{event.id}/registrations", headers={"Authorization": f"Bearer {secret}"}
    )

    assert "2026-03-02 10:00" in csv  # 02:00 UTC
    assert api.json["items"][0]["created"] == "2026-03-02T10:00:00+08:00"


def test_the_calendar_file_holds_the_moment_and_the_place(client, organiser):
    event = an_event(owner=organiser, venue="会展中心 3 号厅")

    answer = client.get(f"/events/{event.id}/calendar.ics")

    from icalendar import Calendar

    entry = next(iter(Calendar.from_ical(answer.data).walk("VEVENT")))
    assert answer.mimetype == "text/calendar"
    assert (entry.start, entry["location"]) == (event.starts, "会展中心 3 号厅")


def test_the_reminder_is_mailed_once_through_the_outbox(app, organiser, member, now):
    from matchmaker.core.feature import features
    from matchmaker.core.jobs import run_by_hand

    event = an_event(owner=organiser, starts=now + timedelta(hours=20), ends=now + timedelta(hours=22), deadline=now)
    a_registration(event, actor=member)
    notifications.deliver()
    job = features().find("jobs", "events.remind")
    outbox = app.extensions["mailman"].outbox = []

    counts = [run_by_hand(job), run_by_hand(job)]
    notifications.deliver()
    notifications.deliver()

    assert counts == [1, 0]
    assert [mail.subject for mail in outbox] == ["明天见：智慧安防招商对接会"]
    assert outbox[0].to == [member.email]


def test_a_page_held_open_posts_on_the_new_truth(client, organiser, member):
    event = an_event(owner=organiser, capacity=1)
    sign_in(client, member)
    assert client.get(f"/events/{event.id}/register").status_code == 200
    a_registration(event, actor=a_user())

    answer = client.post(
        f"/events/{event.id}/register", data={"organisation_id": 0, "attendees": "张三", "phone": "13000000011"}
    )

    assert answer.status_code == 422
    assert "名额已满" in answer.text


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_need_the_same_queries_for_one_row_and_three(client, organiser, count_queries, rows):
    event = an_event(owner=organiser, needs_approval=True)
    for _ in range(rows):
        a_registration(event, actor=a_user(organisation=an_organisation()), organisation_id=None)
    sign_in(client, organiser)
    count_queries.clear()

    page = client.get(f"/events/manage/{event.id}").text

    assert page.count('name="ids"') == rows
    assert len(count_queries) == 18


@pytest.mark.parametrize("text", ["<b>x</b>", "javascript:alert(1)", "=1+1", "\u200b", "a" * 200])
def test_html_typed_into_a_title_is_shown_as_text(client, organiser, text):
    event = an_event(owner=organiser, title=text)

    page = client.get(f"/events/{event.id}")

    assert page.status_code == 200
    assert "<b>x</b>" not in page.text


def test_the_english_page_has_english_words(client, organiser):
    event = an_event(owner=organiser, title_en="Security matchmaking", summary_en="Meet buyers")

    page = client.get(f"/events/{event.id}?lang=en").text

    assert "Security matchmaking" in page
    assert "Registration closes" in page
    assert "报名截止" not in page


def test_registration_closes_at_request_time_without_any_job(client, organiser, member, now):
    event = an_event(owner=organiser, deadline=now + timedelta(hours=1))
    sign_in(client, member)

    with clock.frozen(now + timedelta(hours=2)):
        answer = client.post(
            f"/events/{event.id}/register", data={"organisation_id": 0, "attendees": "张三", "phone": "13000000011"}
        )

    assert answer.status_code == 422
    assert "报名已截止" in answer.text


def test_a_cancelled_draft_never_becomes_public(client, organiser):
    event = an_event(owner=organiser, state=EventState.CANCELLED, published=None)

    assert client.get(f"/events/{event.id}").status_code == 404


def test_an_organisation_s_panel_shows_its_registrations_to_who_may_see_them(client, organiser, member):
    organisation_id = next(iter(member.organisation_ids))
    a_registration(an_event(owner=organiser), actor=member, organisation_id=organisation_id)
    path = f"/events/of-organisation/{organisation_id}"

    stranger = sign_in(client.application.test_client(), a_user()).get(path).text
    staff = sign_in(client.application.test_client(), organiser).get(path, headers={"HX-Request": "true"}).text

    assert "智慧安防招商对接会" in staff
    assert "<html" not in staff
    assert "智慧安防招商对接会" not in stranger
