"""Duties on one event: what a person without any staff role reaches by them, down to one group of visitors."""

from __future__ import annotations

import re

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.events import queries
from matchmaker.events.models import Event, Registration
from matchmaker.events.rules import EventDuty, RegistrationState, Source
from matchmaker.events.services import audiences, registrations, team
from tests.cast import a_user, sign_in
from tests.factories.events import AttendeeLine, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    """Two groups: 参会人员 with 甲公司 and 乙公司, 媒体 with 晚报."""
    event = an_event(owner=organiser, needs_approval=True)
    with transaction():
        press = audiences.add(db.session.get_one(Event, event.id), actor=organiser, name="媒体")
        for number, (firm, group) in enumerate([("甲公司", None), ("乙公司", None), ("晚报", press)]):
            registrations.register_guest(
                db.session.get_one(Event, event.id),
                audience=group or event.audiences[0],
                actor=None,
                source=Source.INVITATION,
                name=f"{firm}的人",
                people=[AttendeeLine(f"{firm}的人", "")],
                phone=f"1380000000{number}",
                organisation_name=firm,
                approved=False,
            )
    return db.session.get_one(Event, event.id)


def given(event, organiser, duty, *, group=None):
    """A person without a staff role who has this duty."""
    helper = a_user(name="帮手")
    with transaction():
        event = db.session.get_one(Event, event.id)
        audience = next(a for a in event.audiences if a.name == group) if group else None
        team.give(event, actor=organiser, user=helper, duty=duty, audience=audience)
    return helper


def row_of(firm):
    return db.session.query(Registration).filter_by(organisation_name=firm).one()


@pytest.fixture
def press_desk(client, organiser, event):
    """The client of who takes care of the press only."""
    return sign_in(client, given(event, organiser, EventDuty.REGISTRATIONS, group="媒体"))


def test_the_list_of_one_group_shows_and_counts_that_group_only(press_desk, event):
    page = press_desk.get(f"/events/manage/{event.id}").text

    assert page.count('name="ids"') == 1
    assert "晚报" in page
    assert "甲公司" not in page
    assert "3 份报名" not in page
    assert "1 份报名" in page


@pytest.mark.parametrize(
    "query", ["?q=公司", "?group=1", "?if=any&f1=organisation&o1=has&v1=公司", "?q=1380000000", "?sort=-created"]
)
def test_search_filter_and_conditions_never_leave_the_group(press_desk, event, query):
    assert "甲公司" not in press_desk.get(f"/events/manage/{event.id}{query}").text.replace("v1=公司", "")


@pytest.mark.parametrize("wanted", ["csv", "json"])
def test_a_file_holds_that_group_only(press_desk, event, wanted):
    answer = press_desk.get(f"/events/manage/{event.id}?format={wanted}").data.decode("utf-8-sig")

    assert "晚报" in answer
    assert "公司" not in answer


def test_a_bulk_step_on_rows_of_another_group_touches_none_of_them(press_desk, event):
    ids = [row_of(firm).id for firm in ("甲公司", "晚报")]
    form = {"action": "approve", "ids": ids, "scope_event_id": event.id, "back": "/events/", "confirmed": "1"}

    press_desk.post("/lists/registrations/bulk", data=form)

    states = (row_of("甲公司").state, row_of("晚报").state)
    assert states == (RegistrationState.SUBMITTED, RegistrationState.APPROVED)


@pytest.mark.parametrize("step", ["approve", "tags", "handler", "answers", "offer", "accept-for"])
def test_a_single_registration_of_another_group_is_not_there(press_desk, event, step):
    other = row_of("甲公司").id

    assert press_desk.get(f"/events/manage/registrations/{other}").status_code == 404
    assert press_desk.post(f"/events/registrations/{other}/{step}").status_code == 404
    assert press_desk.get(f"/events/manage/registrations/{row_of('晚报').id}").status_code == 200


def test_who_takes_care_of_one_group_cannot_move_people_into_another(press_desk, event):
    row = row_of("晚报")

    answer = press_desk.post(f"/events/registrations/{row.id}/move", data={"audience_id": event.audiences[0].id})

    assert answer.status_code == 422
    assert row_of("晚报").audience.name == "媒体"


OPEN = {
    EventDuty.VIEWER: {"", "/overview", "/waiting", "/places", "/groups", "/team"},
    EventDuty.REGISTRATIONS: {"", "/overview", "/waiting", "/places", "/groups", "/team", "/add"},
    EventDuty.CHECKIN: {"/overview", "/places", "/groups", "/team"},
    EventDuty.MANAGER: {
        *("", "/overview", "/waiting", "/places", "/groups", "/team", "/add", "/edit"),
        *("/places/new", "/groups/new"),
    },
}


@pytest.mark.parametrize("duty", OPEN, ids=lambda duty: duty.value)
def test_a_duty_opens_its_pages_and_no_others(client, organiser, event, duty):
    sign_in(client, given(event, organiser, duty))

    answers = {page: client.get(f"/events/manage/{event.id}{page}").status_code for page in OPEN[EventDuty.MANAGER]}

    assert answers == {page: 200 if page in OPEN[duty] else 404 for page in OPEN[EventDuty.MANAGER]}


WORK = {
    "registrations": "/events/manage/{}",
    "waiting": "/events/manage/{}/waiting",
    "add": "/events/manage/{}/add",
    "edit": "/events/manage/{}/edit",
    "programme": "/programme/events/{}",
    "rooms": "/programme/events/{}/rooms",
    "speakers": "/programme/events/{}/speakers",
    "messages": "/campaigns/events/{}",
    "surveys": "/surveys/of/{}",
    "check-in": "/checkin/events/{}",
    "invitations": "/invitations/events/{}",
    "badges": "/badges/{}",
    "certificates": "/badges/{}/certificates",
}
ONE_DUTY = {
    EventDuty.PROGRAMME: {"programme", "rooms", "speakers"},
    EventDuty.MESSAGES: {"messages"},
    EventDuty.SURVEYS: {"surveys"},
}


@pytest.mark.parametrize("duty", ONE_DUTY, ids=lambda duty: duty.value)
def test_one_duty_opens_its_work_and_nothing_else(client, organiser, event, duty):
    sign_in(client, given(event, organiser, duty))

    answers = {work: client.get(address.format(event.id)).status_code for work, address in WORK.items()}

    assert answers == {work: 200 if work in ONE_DUTY[duty] else 404 for work in WORK}


@pytest.mark.parametrize("duty", EventDuty, ids=lambda duty: duty.value)
def test_every_tab_that_a_duty_shows_opens(client, organiser, event, duty):
    sign_in(client, given(event, organiser, duty))
    page = client.get(f"/events/manage/{event.id}/overview").text
    tabs = re.findall(r'href="([^"]+)"', re.search(r'<nav class="tabs".*?</nav>', page, re.S).group())

    assert tabs
    assert {tab: client.get(tab).status_code for tab in tabs} == dict.fromkeys(tabs, 200)


def test_whoever_writes_messages_changes_nothing_else(client, organiser, event):
    sign_in(client, given(event, organiser, EventDuty.MESSAGES))
    row = row_of("甲公司").id

    steps = {
        f"/events/registrations/{row}/approve": {},
        f"/events/manage/{event.id}/team": {"identifier": "x@example.cn", "duty": "manager", "audience_id": "0"},
        f"/surveys/of/{event.id}/start": {},
        f"/programme/events/{event.id}/rooms": {"name": "一号厅"},
    }

    assert {step: client.post(step, data=data).status_code for step, data in steps.items()} == dict.fromkeys(steps, 404)
    assert row_of("甲公司").state is RegistrationState.SUBMITTED


def test_a_viewer_sees_a_registration_and_cannot_decide_on_it(client, organiser, event):
    sign_in(client, given(event, organiser, EventDuty.VIEWER))
    row = row_of("甲公司")
    form = {"action": "approve", "ids": [row.id], "scope_event_id": event.id, "back": "/events/", "confirmed": "1"}

    assert client.get(f"/events/manage/registrations/{row.id}").status_code == 200
    assert client.post(f"/events/registrations/{row.id}/approve").status_code == 404
    assert client.post("/lists/registrations/bulk", data=form).status_code == 403
    assert row_of("甲公司").state is RegistrationState.SUBMITTED


def test_a_duty_that_is_taken_away_closes_the_pages(client, organiser, event):
    helper = given(event, organiser, EventDuty.MANAGER)
    sign_in(client, helper)
    before = client.get(f"/events/manage/{event.id}").status_code
    with transaction():
        team.take(db.session.get_one(Event, event.id).team[0], actor=organiser)

    assert (before, client.get(f"/events/manage/{event.id}").status_code) == (200, 404)


def test_only_the_duty_for_registrations_may_be_limited_to_a_group(organiser, event):
    somebody = a_user()

    with pytest.raises(DomainError, match="报名审核"), transaction():
        event = db.session.get_one(Event, event.id)
        team.give(event, actor=organiser, user=somebody, duty=EventDuty.CHECKIN, audience=event.audiences[1])


def test_the_same_duty_is_given_once(organiser, event):
    helper = given(event, organiser, EventDuty.VIEWER)

    with pytest.raises(Conflict), transaction():
        team.give(db.session.get_one(Event, event.id), actor=organiser, user=helper, duty=EventDuty.VIEWER)


def test_a_group_of_another_event_is_refused(organiser, event):
    other, somebody = an_event(owner=organiser, title="另一场"), a_user()

    with pytest.raises(Conflict), transaction():
        team.give(
            db.session.get_one(Event, event.id),
            actor=organiser,
            user=somebody,
            duty=EventDuty.REGISTRATIONS,
            audience=db.session.get_one(Event, other.id).audiences[0],
        )


def test_who_decides_on_registrations_gives_no_duties(organiser, event):
    helper, somebody = given(event, organiser, EventDuty.REGISTRATIONS), a_user()

    with pytest.raises(NotPermitted), transaction():
        team.give(db.session.get_one(Event, event.id), actor=helper, user=somebody, duty=EventDuty.VIEWER)


@pytest.mark.parametrize("typed", ["nobody@example.cn", "", "13900000000"])
def test_an_account_is_found_by_its_exact_address_only(app, typed):
    with pytest.raises(DomainError):
        team.find_user(typed)


def test_what_is_in_reach_is_what_the_rows_say(organiser, event):
    helper = given(event, organiser, EventDuty.REGISTRATIONS, group="媒体")
    event = db.session.get_one(Event, event.id)
    press = event.audiences[1].id

    assert queries.groups_in_reach(organiser, event.id) is None
    assert queries.groups_in_reach(helper, event.id) == {press}
    assert queries.groups_in_reach(a_user(), event.id) == frozenset()
    assert queries.groups_in_reach(a_user(Role.ORGANISER, region="650102"), event.id) == frozenset()
    assert queries.groups_in_reach(organiser, 999_999) == frozenset()
