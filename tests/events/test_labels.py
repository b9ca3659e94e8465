"""Notes of organisers on many registrations: each question is asked, told beforehand, carried out, taken back."""

from __future__ import annotations

import re

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.activity import queries as activity
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import WaitingPolicy
from matchmaker.events.services import audiences, labels, registrations
from matchmaker.questionnaires.rules.definition import FieldKind, Option
from tests.cast import a_user, sign_in
from tests.factories.events import a_form, a_guest, an_event
from tests.factories.questionnaires import a_definition, a_field

LEVELS = (Option("one", "一级"), Option("two", "二级"))


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="范组织")


@pytest.fixture
def event(organiser):
    event = an_event(owner=organiser, waiting_policy=WaitingPolicy.PRIORITY)
    level = a_field(FieldKind.CHOICE, "level", "接待级别", staff_only=True, options=LEVELS)
    hotline = a_field(FieldKind.PHONE, "hotline", "专线", staff_only=True)
    a_form(event, a_definition(a_field(id="asked", label="来意"), level, hotline))
    for number in range(3):
        a_guest(db.session.get_one(Event, event.id), name=f"来宾{number}", phone=f"1390000000{number}")
    return db.session.get_one(Event, event.id)


def rows():
    return db.session.query(Registration).order_by(Registration.id).all()


@pytest.fixture
def press(client, organiser, event):
    """`press(action, **answers)` goes through question, preview, confirmation; returns (preview, id of the run)."""
    sign_in(client, organiser)

    def go(action, **answers):
        form = {"action": action, "ids": [row.id for row in rows()], "scope_event_id": event.id, "back": "/events/"}
        asked = client.post("/lists/registrations/bulk", data=form)
        form |= {f"ask_{key}": value for key, value in answers.items()}
        before = [row.version for row in rows()]
        preview = client.post("/lists/registrations/bulk", data={**form, "answered": "1"})
        assert (asked.status_code, [row.version for row in rows()]) == (200, before)
        if preview.status_code != 200:
            return preview, None
        done = client.post("/lists/registrations/bulk", data={**form, "confirmed": "1"})
        found = re.search(r"/runs/(\d+)", done.location)
        return preview, found and int(found.group(1))

    return go


CASES = {
    "tag": ({"tag": "重点企业"}, "+ 重点企业", lambda row: [tag.text for tag in row.tags], ["重点企业"]),
    "note": ({"field": "note", "text": "贵宾"}, "— → 贵宾", lambda row: row.note, "贵宾"),
    "firm": (
        {"field": "organisation_name", "text": "甲公司"},
        "— → 甲公司",
        lambda row: row.organisation_name,
        "甲公司",
    ),
    "priority": ({"field": "priority", "text": "5 往届企业"}, "5 往届企业", lambda row: row.priority, 5),
    "answer": (
        {"field": "answer:level", "text": "一级"},
        "— → 一级",
        lambda row: (row.sheet.answers if row.sheet else {}).get("level"),
        "one",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bulk_step_asks_previews_does_and_is_undone(client, press, case):
    answers, effect, read, after = CASES[case]
    before = [read(row) for row in rows()]

    preview, run = press("tag" if case == "tag" else "change", **answers)
    done = [read(row) for row in rows()]
    client.post(f"/lists/runs/{run}/undo", data={"back": "/events/"})

    assert preview.text.count(effect) >= 3
    assert done == [after] * 3
    assert [read(row) for row in rows()] == before


def test_assigning_many_is_previewed_and_undone(client, press, organiser):
    preview, run = press("assign", handler=str(organiser.id))
    done = {row.handler_id for row in rows()}
    client.post(f"/lists/runs/{run}/undo", data={"back": "/events/"})

    assert "不指定 → 范组织" in preview.text
    assert done == {organiser.id}
    assert {row.handler_id for row in rows()} == {None}


def test_moving_many_takes_their_places_along_and_back(client, press, organiser, event):
    with transaction():
        group = audiences.add(db.session.get_one(Event, event.id), actor=organiser, name="媒体", capacity=2)
    home, group_id = rows()[0].audience_id, group.id

    preview, run = press("move", group=str(group_id), reason="")
    moved = [row.audience_id for row in rows()]
    kept = registrations.reconcile()
    client.post(f"/lists/runs/{run}/undo", data={"back": "/events/"})

    assert "参会人员 → 媒体" in preview.text
    assert sorted(moved) == sorted([group_id, group_id, home])
    assert {row.audience_id for row in rows()} == {home}
    assert (kept, registrations.reconcile()) == (([], []), ([], []))


@pytest.mark.parametrize(
    ("action", "answers"),
    [
        ("tag", {"tag": ""}),
        ("tag", {"tag": "长" * 41}),
        ("assign", {"handler": "999999"}),
        ("move", {"group": "999999"}),
        ("change", {"field": "phone", "text": "1"}),
        ("change", {"field": "", "text": "x"}),
    ],
)
def test_an_answer_that_will_not_do_is_refused_before_anything_happens(press, action, answers):
    preview, run = press(action, **answers)

    assert (preview.status_code, run) == (422, None)
    assert all(not row.tags and row.handler_id is None for row in rows())


def test_a_change_made_since_is_not_undone(client, press, organiser):
    _preview, run = press("change", field="note", text="贵宾")
    with transaction():
        labels.note_field(rows()[0], organiser, field="note", text="坐前排")
    client.post(f"/lists/runs/{run}/undo", data={"back": "/events/"})

    assert [row.note for row in rows()] == ["坐前排", "", ""]


def change_of(row):
    return next(entry.data for entry in activity.of(row) if entry.kind == "events.field_changed")


def test_the_record_keeps_before_and_after_but_no_contact_data(organiser, event):
    with transaction():
        first, second, third = rows()
        labels.note_field(first, organiser, field="note", text="贵宾")
        labels.note_field(second, organiser, field="name", text="钱来宾")
        labels.set_answer(third, organiser, "hotline", "13911112222")
    noted, named, called = (change_of(row) for row in rows())

    assert (noted["field"], noted["before"], noted["after"]) == ("note", "", "贵宾")
    assert "钱来宾" not in str(named)
    assert "13911112222" not in str(called)


def test_the_page_tells_the_change_in_words(client, organiser, event):
    with transaction():
        labels.set_answer(rows()[0], organiser, "level", "two")
    sign_in(client, organiser)

    page = client.get(f"/events/manage/registrations/{rows()[0].id}").text

    assert "接待级别" in page
    assert "二级" in page
    assert "events.field_changed" not in page


REFUSED = {
    "the same tag": (Conflict, lambda row, who: (labels.tag(row, who, "重点"), labels.tag(row, who, "重点"))),
    "a blank tag": (DomainError, lambda row, who: labels.tag(row, who, " \u3000")),
    "a tag that is not there": (Conflict, lambda row, who: labels.untag(row, who, "没有")),
    "too many tags": (Conflict, lambda row, who: [labels.tag(row, who, f"标签{n}") for n in range(21)]),
    "the handler it has": (Conflict, lambda row, who: labels.assign(row, who, None)),
    "a field that is not for notes": (
        DomainError,
        lambda row, who: labels.note_field(row, who, field="phone", text="1"),
    ),
    "no change": (Conflict, lambda row, who: labels.note_field(row, who, field="note", text="")),
    "too long": (DomainError, lambda row, who: labels.note_field(row, who, field="note", text="长" * 501)),
    "priority in words": (DomainError, lambda row, who: labels.note_field(row, who, field="priority", text="高 重要")),
    "priority without reason": (DomainError, lambda row, who: labels.note_field(row, who, field="priority", text="5")),
    "what guests answer": (Conflict, lambda row, who: labels.set_answer(row, who, "asked", "参观")),
    "no such option": (DomainError, lambda row, who: labels.set_answer(row, who, "level", "九级")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_note_that_makes_no_sense_is_refused(organiser, event, case):
    error, work = REFUSED[case]

    with pytest.raises(error), transaction():
        work(rows()[0], organiser)


def test_a_stranger_notes_nothing(app, event):
    stranger = a_user(Role.ORGANISER, region="650102")

    with pytest.raises(NotPermitted), transaction():
        labels.tag(rows()[0], stranger, "重点")
