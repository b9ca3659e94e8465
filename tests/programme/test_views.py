"""Pages of the programme: who plans, who chooses, who reads; calendars and copies."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from PIL import Image

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events import gateways as links
from matchmaker.events.models import Event
from matchmaker.events.rules import EventDuty, EventState, Source
from matchmaker.events.rules.attendees import AttendeeLine
from matchmaker.events.services import registrations, team
from matchmaker.programme import documents, queries
from matchmaker.programme.models import Session, Speaker
from matchmaker.programme.rules import SessionState
from matchmaker.programme.services import people
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.events import a_registration, an_event
from tests.factories.programme import a_room, a_series, a_session, a_speaker

SESSION = {
    "title": "产业政策解读",
    "kind": "talk",
    "state": "confirmed",
    "starts": "2026-03-16T10:00",
    "ends": "2026-03-16T11:00",
    "room_id": "0",
}


def a_guest(event, **values):
    with transaction():
        return registrations.register_guest(
            event,
            audience=event.audiences[0],
            actor=None,
            source=Source.INVITATION,
            name="买买提",
            people=[AttendeeLine("买买提", "13000000009")],
            phone="13000000009",
            **values,
        )


def followed(client, address, **values):
    """The page that a sent form leads to."""
    return client.get(client.post(address, **values).location)


def entries(body):
    return {str(part["summary"]): part for part in Calendar.from_ical(body).walk("VEVENT")}


def test_the_organiser_plans_and_everybody_reads(client, organiser, event):
    sign_in(client, organiser)
    room, speaker = a_room(event, actor=organiser), a_speaker(event, actor=organiser, position="处长")

    saved = client.post(
        f"/programme/events/{event.id}/sessions/new",
        data={**SESSION, "room_id": room.id, "speaker": [speaker.id], "places": "30", "title_en": "Policy"},
    )

    sheet = client.application.test_client().get(f"/programme/events/{event.id}/sheet")
    plan = client.get(f"/programme/events/{event.id}")
    assert (saved.status_code, plan.status_code) == (303, 200)
    for text in ("产业政策解读", "10:00", "11:00", "一号厅", "艾力"):
        assert text in plan.text
        assert text in sheet.text
    english = client.application.test_client().get(f"/programme/events/{event.id}/sheet?lang=en").text
    assert "Policy" in english
    assert "Hall 1" in english


def test_a_wrong_session_comes_back_with_what_was_typed(client, organiser, event):
    sign_in(client, organiser)

    answer = client.post(
        f"/programme/events/{event.id}/sessions/new", data={**SESSION, "ends": "2026-03-16T09:00", "abstract": "保留"}
    )

    assert answer.status_code == 422
    assert "结束时间应晚于开始时间" in answer.text
    assert "保留" in answer.text
    assert db.session.execute(sa.select(sa.func.count(Session.id))).scalar_one() == 0


def test_clashes_are_told_and_do_not_stop_anybody(client, organiser, event):
    sign_in(client, organiser)
    room, speaker = a_room(event, actor=organiser, capacity=20), a_speaker(event, actor=organiser)
    twice = {**SESSION, "room_id": room.id, "speaker": [speaker.id], "places": "30"}

    for title in ("甲场", "乙场"):
        client.post(f"/programme/events/{event.id}/sessions/new", data={**twice, "title": title})
    page = client.get(f"/programme/events/{event.id}").text

    assert "“甲场”与“乙场”同一时间都在“一号厅”" in page
    assert "“艾力”同一时间既在“甲场”又在“乙场”" in page
    assert "“乙场”有 30 个名额，“一号厅”只坐得下 20 人" in page


def test_the_duty_for_the_programme_is_enough(client, organiser, event):
    helper = a_user(name="助手")
    sign_in(client, helper)
    before = client.get(f"/programme/events/{event.id}").status_code
    with transaction():
        team.give(event, actor=organiser, user=helper, duty=EventDuty.PROGRAMME)

    assert before == 404
    assert client.get(f"/programme/events/{event.id}").status_code == 200
    assert client.post(f"/programme/events/{event.id}/sessions/new", data=SESSION).status_code == 303


def test_an_organiser_of_another_region_finds_nothing(client, organiser, event):
    session = a_session(event, actor=organiser)
    sign_in(client, a_user(Role.ORGANISER, region=OTHER_REGION))

    assert client.get(f"/programme/events/{event.id}").status_code == 404
    assert client.post(f"/programme/sessions/{session.id}/delete").status_code == 404
    assert db.session.get(Session, session.id) is not None


def test_the_consequence_is_said_before_a_session_goes(client, organiser, event, visitor):
    session = a_session(event, actor=organiser, places=9)
    registration = a_registration(event, actor=visitor, people=2)
    sign_in(client, visitor)
    client.post(f"/programme/registrations/{registration.id}/sessions/{session.id}")
    sign_in(client, organiser)

    plan = client.get(f"/programme/events/{event.id}").text
    names = client.get(f"/programme/sessions/{session.id}/sign-ups?format=csv").data.decode("utf-8-sig")
    gone = followed(client, f"/programme/sessions/{session.id}/cancel").text

    assert "已有 2 人报名本场，将释放名额并通知" in plan
    assert "李参会" in names
    assert "已通知 1 个报名" in gone
    assert db.session.get(Session, session.id).state is SessionState.CANCELLED


def test_a_visitor_chooses_and_leaves(client, organiser, event, visitor):
    session = a_session(event, actor=organiser, places=2)
    other = a_session(event, actor=organiser, after=30, places=2, title="重叠的一场")
    registration = a_registration(event, actor=visitor, people=2)
    address = f"/programme/registrations/{registration.id}"
    sign_in(client, visitor)

    chosen = followed(client, f"{address}/sessions/{session.id}")
    overlapping = client.post(f"{address}/sessions/{other.id}")
    insisted = followed(client, f"{address}/sessions/{other.id}", data={"insist": "1"})
    left = followed(client, f"{address}/sessions/{session.id}", data={"step": "leave"})

    assert "名额已为您保留" in chosen.text
    assert overlapping.status_code == 409
    assert "仍然选择" in overlapping.text
    assert "名额已为您保留" in insisted.text
    assert "名额已释放" in left.text
    assert queries.chosen_sessions([registration.id]) == {registration.id: {other.id}}


def test_a_full_session_is_refused_in_words(client, organiser, event, visitor):
    session = a_session(event, actor=organiser, places=1)
    registration = a_registration(event, actor=visitor, people=2)
    sign_in(client, visitor)

    answer = followed(client, f"/programme/registrations/{registration.id}/sessions/{session.id}")

    assert "名额不足，仅剩 1 个" in answer.text
    assert queries.chosen_sessions([registration.id]) == {}


def test_a_guest_chooses_by_signed_link_and_nobody_else(client, organiser, event):
    session = a_session(event, actor=organiser, places=2)
    guest = a_guest(event)
    link = links.link_of(guest)

    page = client.get(f"/programme/r/{link}")
    client.post(f"/programme/r/{link}/sessions/{session.id}")

    assert (page.status_code, client.get(f"/programme/r/{link}x").status_code) == (200, 404)
    assert queries.chosen_sessions([guest.id]) == {guest.id: {session.id}}
    assert "产业政策解读" in entries(client.get(f"/programme/r/{link}/calendar.ics").data)
    with transaction():
        guest.nonce = "another"
    assert client.get(f"/programme/r/{link}").status_code == 404


def test_somebody_elses_registration_is_not_there(client, organiser, event, visitor):
    session = a_session(event, actor=organiser, places=2)
    registration = a_registration(event, actor=visitor)
    sign_in(client, a_user())

    assert client.get(f"/programme/registrations/{registration.id}").status_code == 404
    assert client.post(f"/programme/registrations/{registration.id}/sessions/{session.id}").status_code == 404


def test_tentative_sessions_are_for_organisers_alone(client, organiser, event):
    a_session(event, actor=organiser, title="待定的一场", state=SessionState.TENTATIVE)

    assert "待定的一场" not in client.get(f"/programme/events/{event.id}/sheet").text
    assert documents.sub_events(event) == []
    sign_in(client, organiser)
    assert "待定的一场" in client.get(f"/programme/events/{event.id}").text


def test_search_engines_get_the_sessions(organiser, event):
    speaker = a_speaker(event, actor=organiser, name_en="Ali")
    a_session(event, actor=organiser, title_en="Policy", cast={speaker.id: "speaker"})

    (zh,), (en,) = documents.sub_events(event), documents.sub_events(event, english=True)

    assert (zh["name"], en["name"]) == ("产业政策解读", "Policy")
    assert en["performer"] == [{"@type": "Person", "name": "Ali"}]
    assert zh["startDate"] == event.starts.isoformat()


def test_the_own_calendar_has_what_one_takes_part_in(client, organiser, event, visitor):
    for title, places in (("全体会", None), ("选了的", 5), ("没选的", 5)):
        a_session(event, actor=organiser, title=title, places=places)
    chosen = next(row for row in queries.sessions_of(event.id) if row.title == "选了的")
    registration = a_registration(event, actor=visitor)
    sign_in(client, visitor)
    client.post(f"/programme/registrations/{registration.id}/sessions/{chosen.id}")

    own = entries(client.get(f"/programme/registrations/{registration.id}/calendar.ics").data)
    client.post("/events/registrations/feed")
    address = re.search(r"/events/feed/[^\s\"<]+\.ics", client.get("/events/registrations/").text).group()
    feed = client.application.test_client().get(address)

    assert set(own) == {event.title, "全体会", "选了的"}
    assert set(entries(feed.data)) == set(own)
    assert own["选了的"]["dtstart"].dt == chosen.starts


def test_a_picture_is_shown_with_its_event(client, organiser, visitor):
    event = an_event(owner=organiser, state=EventState.DRAFT, published=None)
    body = BytesIO()
    Image.new("RGB", (40, 40), "red").save(body, "PNG")
    body.seek(0)
    sign_in(client, organiser)

    client.post(
        f"/programme/events/{event.id}/speakers",
        data={"name": "艾力", "organisation": "科技局", "photo": (body, "face.png")},
        content_type="multipart/form-data",
    )
    speaker = db.session.execute(sa.select(Speaker)).scalar_one()
    shown = client.get(f"/programme/speakers/{speaker.id}/photo")
    hidden = client.application.test_client().get(f"/programme/speakers/{speaker.id}/photo")

    assert (shown.status_code, shown.mimetype, hidden.status_code) == (200, "image/png", 404)


def test_who_is_erased_leaves_the_programme(organiser, event, visitor):
    speaker = a_speaker(event, actor=organiser, name="李参会", bio="简历")
    with transaction():
        speaker.user_id = visitor.id
    held = queries.personal_data(visitor)

    with transaction():
        people.forget(visitor)

    assert held["speaks"][0]["bio"] == "简历"
    assert (speaker.name, speaker.bio, speaker.user_id) == ("已注销用户", "", None)


@pytest.mark.parametrize("what", ["rooms", "speakers"])
def test_rooms_and_speakers_are_kept_and_dropped(client, organiser, event, what):
    session = a_session(event, actor=organiser)
    row = a_room(event, actor=organiser) if what == "rooms" else a_speaker(event, actor=organiser)
    sign_in(client, organiser)

    twin = client.post(f"/programme/events/{event.id}/{what}", data={"name": row.name})
    number = row.id
    client.post(f"/programme/{what}/{number}", data={"name": "新名字"})
    renamed = client.get(f"/programme/events/{event.id}/{what}").text
    client.post(f"/programme/{what}/{number}/delete")

    assert twin.status_code == (422 if what == "rooms" else 303)
    assert "新名字" in renamed
    assert db.session.get(Session, session.id) is not None
    assert client.get(f"/programme/{what}/{number}").status_code == 404


def test_a_new_event_begins_with_one_at_hand_or_a_copy(client, organiser, event):
    sign_in(client, organiser)

    chooser = client.get("/programme/new").text
    form = {"title": "三月培训", "day": "2026-03-25", "venue": "报告厅", "capacity": "60"}
    begun = client.post("/programme/new/training", data=form)
    preview = client.get(f"/programme/events/{event.id}/copy").text
    copied = client.post(f"/programme/events/{event.id}/copy", data={"title": "再来一次", "starts": "2026-05-01T09:00"})

    drafts = db.session.execute(sa.select(Event.title).where(Event.state == EventState.DRAFT).order_by(Event.id))
    assert all(
        f"/programme/new/{key}" in chooser for key in ("promotion", "roadshow", "training", "salon", "exhibition")
    )
    assert f"/programme/events/{event.id}/copy" in chooser
    assert "参会人员" in preview
    assert (begun.status_code, copied.status_code) == (303, 303)
    assert list(drafts.scalars()) == ["三月培训", "再来一次"]
    assert client.get("/programme/new/nothing").status_code == 404


def test_a_series_is_previewed_then_made(client, organiser, event):
    sign_in(client, organiser)
    address = f"/programme/events/{event.id}/repeat"
    rule = {"title": "月度沙龙", "rhythm": "weekly", "times": "3"}

    preview = client.post(address, data=rule)
    made = client.post(address, data={**rule, "day": ["2026-03-23", "2026-04-06"]})
    listed = client.get(made.location).text
    public = client.application.test_client().get(made.location.removesuffix("/manage"))

    assert preview.status_code == 200
    assert 'value="2026-03-30"' in preview.text
    assert made.status_code == 303
    assert [text in listed for text in ("3月23日", "3月30日", "4月6日")] == [True, False, True]
    assert "3月16日" in public.text
    assert "4月6日" not in public.text


def test_a_series_in_words_that_make_no_sense_comes_back(client, organiser, event):
    sign_in(client, organiser)

    answer = client.post(f"/programme/events/{event.id}/repeat", data={"title": "", "rhythm": "days", "typed": "某天"})

    assert answer.status_code == 422
    assert "看不懂日期" in answer.text


def test_later_events_are_changed_after_a_look(client, organiser, event):
    made = a_series(event, actor=organiser)
    sign_in(client, organiser)
    address = f"/programme/events/{event.id}/later"
    wanted = {"chosen": ["venue"], "venue": "新会场", "title": "不改的标题"}

    empty = client.post(address, data={"chosen": ["venue"], "venue": ""})
    look = client.post(address, data=wanted)
    untouched = {row.venue for row in queries.events_of_series(made.id)}
    done = client.post(address, data={**wanted, "sure": "1"})

    rows = queries.events_of_series(made.id)
    assert (empty.status_code, look.status_code, done.status_code) == (422, 200, 303)
    assert "将修改 3 个活动" in look.text
    assert untouched == {event.venue} - {"新会场"} or untouched == {"红光山会展中心"}
    assert {row.venue for row in rows} == {"新会场"}
    assert "不改的标题" not in {row.title for row in rows}


def test_a_series_has_a_calendar(client, organiser, event):
    made = a_series(event, actor=organiser)

    body = client.get(f"/events/series/{made.id}.ics").data

    assert [str(part["dtstart"].dt) for part in Calendar.from_ical(body).walk("VEVENT")] == [str(event.starts)]


def test_the_public_page_stays_light(client, organiser, event):
    speaker = a_speaker(event, actor=organiser)
    for number in range(20):
        values = {"title": f"第{number}场路演展示", "abstract": "介绍" * 40, "cast": {speaker.id: "speaker"}}
        a_session(event, actor=organiser, after=number * 9, minutes=8, **values)

    body = client.get(f"/events/{event.id}").data

    assert body.decode().count("<time ") == 20
    assert len(gzip.compress(body)) < 14_000


def test_a_session_that_has_begun_is_not_told_about(client, organiser, event, visitor):
    session = a_session(event, actor=organiser, places=3)
    sign_in(client, organiser)

    answer = client.post(f"/programme/sessions/{session.id}/postpone", data={"minutes": "0"})
    moved = client.post(f"/programme/sessions/{session.id}/postpone", data={"minutes": "30"})

    assert (answer.status_code, moved.status_code) == (422, 303)
    assert session.starts == event.starts + timedelta(minutes=30)
    assert clock.now() < session.starts
