"""Organisers who read English see the English names that were given, on every page of their event."""

from __future__ import annotations

import re

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import transaction
from matchmaker.events.models import Audience
from matchmaker.events.rules import EventDuty, PoolKind
from matchmaker.events.services import places, team
from tests.cast import a_user, sign_in
from tests.factories.checkin import a_gate, a_list
from tests.factories.events import a_form, a_guest, a_registration, an_event
from tests.factories.invitations import an_invitation
from tests.factories.programme import a_room, a_session, a_speaker
from tests.factories.questionnaires import dinner
from tests.factories.surveys import a_survey

MARK = "戊戌"  # in every Chinese name of this event, and nowhere else

KEPT = r'<p class="timeline-detail">.*?</p>|title=&#34;.*?&#34;'  # what was recorded; the snippet for Chinese sites


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER, name="Organiser")


@pytest.fixture
def event(organiser):
    names = {"title": f"{MARK}会", "title_en": "Open day", "venue": f"{MARK}馆", "venue_en": "Town hall"}
    event = an_event(owner=organiser, address=f"{MARK}路", address_en="North Road", needs_approval=True, **names)
    helper = a_user(name="Helper")
    with transaction() as session:
        event.audiences[0].name, event.audiences[0].name_en = f"{MARK}人", "Firms"
        session.add(Audience(event=event, name=f"{MARK}客", name_en="Guests", invited_only=True, position=1))
        meal = {"kind": PoolKind.MEAL, "name": f"{MARK}宴", "name_en": "Dinner", "capacity": 5}
        places.add(event, actor=organiser, **meal)
        duty = {"duty": EventDuty.REGISTRATIONS, "audience": event.audiences[0]}
        team.give(event, actor=organiser, user=helper, **duty)
    form = a_form(event, dinner())
    with transaction():
        form.title, form.title_en = f"{MARK}表", "Form"
    room = a_room(event, actor=organiser, name=f"{MARK}厅")
    talk = {"title": f"{MARK}讲", "title_en": "Talk", "room_id": room.id, "places": 5}
    a_session(event, actor=organiser, **talk)
    a_session(event, actor=organiser, after=600, **{**talk, "places": None})
    a_speaker(event, actor=organiser, name=f"{MARK}人", name_en="Speaker")
    entry = a_list(event, actor=organiser, name=f"{MARK}单", name_en="Entry")
    a_gate(event, actor=organiser, lists=[entry], name=f"{MARK}门", name_en="Gate")
    an_invitation(event, actor=organiser)
    a_registration(event, actor=a_user(name="Visitor"))
    a_guest(event, name="Guest")
    a_survey(event, actor=organiser)
    return event


def pages(client, event):
    """The pages that the tabs and the texts lead to, forms that show what was typed left out."""
    start = f"/events/manage/{event.id}/overview"
    tabs = re.search(r'<nav class="tabs".*?</nav>', client.get(start).text, re.S).group()
    row, guest = event.audiences[0], event.audiences[1]
    return [
        "/desk",
        "/events/manage/",
        *re.findall(r'href="([^"]+)"', tabs),
        f"/events/manage/{event.id}/add",
        f"/events/manage/{event.id}?group={row.id}",
        f"/events/manage/{event.id}/groups/{guest.id}/form",
        f"/invitations/events/{event.id}/new",
        f"/programme/events/{event.id}/sheet",
        f"/programme/events/{event.id}/speakers",
        f"/events/{event.id}",
        "/events/",
    ]


def test_no_page_shows_a_chinese_name_beside_its_english_one(client, organiser, event):
    sign_in(client, organiser)
    with client.session_transaction() as session:
        session["lang"] = "en"

    shown = {}
    for path in pages(client, event):
        page = client.get(path)
        text = re.sub(KEPT, "", page.text)
        shown[path] = (page.status_code, re.findall(rf".{{60}}{MARK}.{{40}}", text, re.S))

    assert {path: found for path, found in shown.items() if found != (200, [])} == {}
    assert len(shown) > 15


@pytest.mark.parametrize(("places", "left"), [(1, "1 place left"), (2, "2 places left")])
def test_one_place_is_a_place_in_english(client, organiser, places, left):
    event = an_event(owner=organiser)
    a_session(event, actor=organiser, title_en="Talk", places=places)

    assert left in client.get(f"/events/{event.id}?lang=en").text
    assert f"余 {places} 个名额" in client.get(f"/events/{event.id}").text
