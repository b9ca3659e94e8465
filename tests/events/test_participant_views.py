"""Registering by group and form, drafts, two tabs, changes: as the person at the browser meets them."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Audience, Registration, SeatPool
from matchmaker.events.rules import EventState, RegistrationState
from matchmaker.events.services import events
from matchmaker.questionnaires import services as questionnaires
from matchmaker.questionnaires.models import StagedUpload
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import a_form, a_registration, an_event
from tests.factories.questionnaires import MEALS, K, a_definition, a_field, dinner

TYPED = {"organisation_id": 0, "attendees": "张三", "phone": "13000000011", "note": "靠窗的位置"}


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def member(app, now):
    return a_user(name="李会员", organisation=an_organisation())


@pytest.fixture
def person(client, member):
    return sign_in(client, member)


def rows():
    db.session.expire_all()
    return db.session.execute(sa.select(Registration).order_by(Registration.id)).unique().scalars().all()


def one():
    (row,) = rows()
    return row


def another_group(event, name="媒体", **values):
    with transaction() as session:
        group = Audience(event=event, name=name, position=1, **values)
        session.add(group)
    return group


def test_an_event_with_several_groups_asks_which_one_first(person, organiser):
    event = an_event(owner=organiser)
    media = another_group(event)
    guests = another_group(event, "嘉宾", invited_only=True)

    page = person.get(f"/events/{event.id}/register").text
    form = person.get(f"/events/{event.id}/register?group={media.id}").text
    closed = person.get(f"/events/{event.id}/register?group={guests.id}")

    assert f"group={media.id}" in page
    assert f"group={guests.id}" not in page
    assert 'name="attendees"' in form
    assert (closed.status_code, "仅限受邀单位" in closed.text) == (409, True)


def test_each_group_has_its_own_form(person, organiser):
    event = an_event(owner=organiser)
    media = another_group(event)
    a_form(event, a_definition(a_field(K.TEXT, "qpaper", "媒体名称", required=True)), audience=media)

    plain = person.get(f"/events/{event.id}/register?group={event.audiences[0].id}").text
    asking = person.post(f"/events/{event.id}/register?group={media.id}", data=TYPED)
    answered = person.post(f"/events/{event.id}/register?group={media.id}", data={**TYPED, "qpaper": "晨报"})

    assert "媒体名称" not in plain
    assert asking.status_code == 422
    assert "媒体名称" in asking.text
    assert answered.status_code == 303
    assert (one().audience_id, one().sheet.answers) == (media.id, {"qpaper": "晨报"})


def test_hidden_answers_are_dropped_and_the_others_shown_on_the_registration(person, organiser):
    event = an_event(owner=organiser)
    a_form(event, dinner())

    answer = person.post(f"/events/{event.id}/register", data={**TYPED, "qstays": "no", "qmeal": "rice"})

    assert one().sheet.answers == {"qstays": "no"}
    page = person.get(answer.location).text
    assert "不用餐" in page
    assert "桌号" not in page


def test_a_full_option_comes_back_with_everything_that_was_typed(person, organiser):
    event = an_event(owner=organiser)
    a_form(event, a_definition(a_field(K.CHOICE, "qmeal", "午餐", options=MEALS, required=True)))
    typed = {**TYPED, "attendees": "张三\n李四\n王五", "qmeal": "rice"}

    answer = person.post(f"/events/{event.id}/register", data=typed)

    assert answer.status_code == 422
    assert "午餐·米饭" in answer.text
    assert "仅剩 2 个" in answer.text
    assert "靠窗的位置" in answer.text
    assert "王五" in answer.text
    assert rows() == []


def test_a_form_that_was_changed_meanwhile_comes_back_in_its_new_wording(person, organiser):
    event = an_event(owner=organiser)
    form = a_form(event, a_definition(a_field(K.TEXT, "qjob", "职务")))
    old = form.current_id
    with transaction():
        questionnaires.edit(
            form,
            actor=organiser,
            definition=a_definition(a_field(K.TEXT, "qjob", "职务"), a_field(K.TEXT, "qcar", "车牌")),
        )

    answer = person.post(f"/events/{event.id}/register", data={**TYPED, "qjob": "总经理", "answers_version": str(old)})

    assert answer.status_code == 422
    assert "表单刚刚更新过" in answer.text
    assert "车牌" in answer.text
    assert "总经理" in answer.text
    assert rows() == []


def test_the_same_form_sent_twice_makes_one_registration_and_leads_to_it(person, organiser):
    event = an_event(owner=organiser)

    first = person.post(f"/events/{event.id}/register", data=TYPED)
    second = person.post(f"/events/{event.id}/register", data=TYPED)

    assert (first.status_code, second.status_code) == (303, 422)
    assert first.location in second.text
    assert "已经报过名" in second.text
    assert one().event.pool.used == 1


def test_a_draft_is_kept_continued_and_sent(person, organiser):
    event = an_event(owner=organiser)
    a_form(event, dinner())
    half = {"organisation_id": 0, "attendees": "张三", "phone": "", "note": "半句", "qstays": "yes", "step": "draft"}

    kept = person.post(f"/events/{event.id}/register", data=half)
    page = person.get(kept.location).text
    draft = one()
    listed = person.get("/events/registrations/").text
    opened = person.get(f"/events/registrations/{draft.id}")

    assert (draft.state, draft.event.pool.used) == (RegistrationState.DRAFT, 0)
    assert "草稿不占名额" in page
    assert "半句" in page
    assert "未提交" in listed
    assert opened.status_code == 303

    person.post(f"/events/{event.id}/register", data={**TYPED, "qstays": "no"})

    assert (one().id, one().state, one().sheet.draft) == (draft.id, RegistrationState.APPROVED, False)


def test_a_draft_saved_twice_is_one_draft_and_can_be_thrown_away(person, organiser):
    event = an_event(owner=organiser)
    for words in ("一", "二"):
        person.post(f"/events/{event.id}/register", data={"note": words, "organisation_id": 0, "step": "draft"})
    draft = one()
    assert draft.note == "二"

    person.post(f"/events/registrations/{draft.id}/withdraw")

    assert rows() == []


def test_nobody_sees_the_draft_of_another(person, organiser):
    event = an_event(owner=organiser)
    person.post(f"/events/{event.id}/register", data={"note": "x", "organisation_id": 0, "step": "draft"})
    draft = one()
    app = person.application

    answers = [
        sign_in(app.test_client(), viewer).get(f"/events/registrations/{draft.id}").status_code
        for viewer in (a_user(), organiser)
    ]

    assert answers == [404, 404]
    listed = sign_in(app.test_client(), organiser).get(f"/events/manage/{event.id}").text
    assert f"/events/registrations/{draft.id}" not in listed


def test_a_file_need_not_be_sent_again_when_another_answer_is_wrong(person, organiser):
    event = an_event(owner=organiser)
    a_form(event, a_definition(a_field(K.FILE, "qfile", "简介", required=True), a_field(K.TEXT, "qjob", required=True)))
    pdf = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

    first = person.post(f"/events/{event.id}/register", data={**TYPED, "qfile": (io.BytesIO(pdf), "简介.pdf")})
    token = db.session.execute(sa.select(StagedUpload.token)).scalar_one()
    assert first.status_code == 422
    assert token in first.text
    person.post(f"/events/{event.id}/register", data={**TYPED, "qfile-token": token, "qjob": "总经理"})

    assert one().sheet.answers["qfile"]["name"] == "简介.pdf"


def test_an_upload_beyond_the_limit_gets_a_clear_page(person, organiser):
    event = an_event(owner=organiser)
    a_form(event, a_definition(a_field(K.FILE, "qfile", "简介")))

    answer = person.post(
        f"/events/{event.id}/register",
        input_stream=io.BytesIO(b"--x\r\n"),
        environ_overrides={"CONTENT_LENGTH": str(200 * 1024 * 1024)},
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 413
    assert "换一个较小的文件" in answer.text
    assert rows() == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"deadline": timedelta(hours=-1)}, "报名已截止"),
        ({"state": EventState.CANCELLED}, "活动已取消"),
    ],
)
def test_who_comes_too_late_is_told_why_before_filling_anything_in(person, organiser, now, values, sentence):
    if "deadline" in values:
        values = {"deadline": now + values["deadline"]}
    event = an_event(owner=organiser, **values)

    opened = person.get(f"/events/{event.id}/register")
    sent = person.post(f"/events/{event.id}/register", data=TYPED)

    assert (opened.status_code, sent.status_code) == (409, 422)
    assert sentence in opened.text
    assert sentence in sent.text
    assert "靠窗的位置" in sent.text
    assert rows() == []


def test_a_draft_event_does_not_exist_for_the_public(person, organiser):
    event = an_event(owner=organiser, state=EventState.DRAFT, published=None)

    assert [person.get(f"/events/{event.id}{rest}").status_code for rest in ("", "/register", "/embed")] == [404] * 3


def test_a_group_that_opens_later_says_when(person, organiser, now):
    event = an_event(owner=organiser)
    with transaction():
        event.audiences[0].opens = now + timedelta(days=2)

    page = person.get(f"/events/{event.id}").text
    refused = person.get(f"/events/{event.id}/register")

    assert "报名还没有开始" in page
    assert "立即报名" not in page
    assert refused.status_code == 409


def test_changing_people_and_answers_keeps_the_seats_right(person, organiser, member):
    event = an_event(owner=organiser, capacity=3)
    a_form(event, dinner())
    person.post(f"/events/{event.id}/register", data={**TYPED, "qstays": "yes", "qmeal": "rice"})
    path = f"/events/registrations/{one().id}/edit"

    before = person.get(path).text
    too_many = person.post(path, data={**TYPED, "attendees": "甲\n乙\n丙\n丁", "qstays": "no"})
    done = person.post(path, data={**TYPED, "attendees": "张三\n李四", "qstays": "no"})

    assert "靠窗的位置" in before
    assert "最后修改截止" in before
    assert (too_many.status_code, done.status_code) == (422, 303)
    assert "名额不足，仅剩 2 个" in too_many.text
    assert (one().party, one().event.pool.used, one().sheet.answers) == (2, 2, {"qstays": "no"})


def test_after_the_start_nothing_changes_any_more(person, organiser, member, now):
    event = an_event(owner=organiser, starts=now + timedelta(hours=2), ends=now + timedelta(hours=4), deadline=now)
    row = a_registration(event, actor=member)

    with clock.frozen(now + timedelta(hours=3)):
        page = person.get(f"/events/registrations/{row.id}").text
        answer = person.post(f"/events/registrations/{row.id}/edit", data={**TYPED, "attendees": "换人"})

    assert f"/events/registrations/{row.id}/edit" not in page
    assert answer.status_code == 303
    assert [a.name for a in one().attendees] == ["参会人一"]


def test_only_who_registered_may_change_it(client, organiser, member):
    row = a_registration(an_event(owner=organiser), actor=member)
    path = f"/events/registrations/{row.id}/edit"

    assert sign_in(client, a_user()).post(path, data=TYPED).status_code == 404
    assert sign_in(client, organiser).post(path, data=TYPED).status_code == 403
    assert [a.name for a in one().attendees] == ["参会人一"]


NASTY = "<img src=x onerror=alert(1)>\"'&"


def test_html_in_every_field_stays_text(person, organiser, member):
    event = an_event(owner=organiser, **dict.fromkeys(("title", "summary", "description", "venue", "address"), NASTY))
    with transaction():
        event.contact, event.audiences[0].name = NASTY, NASTY
    another_group(event, f"{NASTY}2")
    a_form(event, a_definition(a_field(K.TEXT, "qx", NASTY, help=NASTY)))
    group = event.audiences[0].id
    person.post(
        f"/events/{event.id}/register?group={group}",
        data={**TYPED, "attendees": "<b>张</b>", "note": NASTY, "qx": NASTY},
    )
    row_id = one().id

    pages = [
        f"/events/{event.id}",
        "/events/",
        f"/events/{event.id}/register",
        f"/events/{event.id}/register?group={group}",
        f"/events/registrations/{row_id}",
        f"/events/registrations/{row_id}/edit",
        f"/events/{event.id}/embed",
        f"/events/embed?kind={NASTY}",
        f"/events/?q={NASTY}",
    ]
    texts = [person.get(path).text for path in pages]

    assert [path for path, text in zip(pages, texts, strict=True) if "<img src=x" in text or "<b>张" in text] == []
    assert all("</html>" in text for text in texts)


def test_a_line_break_in_a_name_makes_no_mail_header(client, organiser, app):
    from matchmaker.notifications import services as notifications

    event = an_event(owner=organiser, title="对接会\r\nBcc: all@example.cn")
    a_registration(event, actor=a_user(name="王\r\nBcc: x@example.cn"))
    outbox = app.extensions["mailman"].outbox = []

    notifications.deliver()

    assert len(outbox) == 1
    assert "\n" not in outbox[0].subject
    assert outbox[0].bcc == []


def test_a_cancelled_event_says_so_everywhere(person, organiser, member):
    event = an_event(owner=organiser)
    row = a_registration(event, actor=member)
    with transaction():
        events.cancel(event, actor=organiser, reason="场馆停电")

    assert "活动已取消" in person.get(f"/events/{event.id}").text
    page = person.get(f"/events/registrations/{row.id}").text
    assert "活动已取消" in page
    assert f"/events/registrations/{row.id}/edit" not in page
    assert db.session.execute(sa.select(SeatPool.used)).scalar_one() == 0
