"""Home, desks and search: everybody sees what is theirs and nothing else."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.events.rules import EventState
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


def test_the_front_page_shows_what_is_on_and_hides_drafts(client, organiser):
    an_event(owner=organiser, title="公开的对接会")
    an_event(owner=organiser, title="写了一半的活动", state=EventState.DRAFT, published=None)

    page = client.get("/").text

    assert "公开的对接会" in page
    assert "写了一半的活动" not in page


def test_the_front_page_sends_who_is_signed_in_to_the_desk(client, organiser):
    assert sign_in(client, organiser).get("/").location == "/desk"


def test_the_desk_counts_what_waits_for_an_organiser_of_the_region(client, organiser):
    event = an_event(owner=organiser, needs_approval=True, title="待审核的活动")
    for _ in range(2):
        a_registration(event, actor=a_user())
    colleague = sign_in(client.application.test_client(), a_user(Role.ORGANISER))
    stranger = sign_in(client.application.test_client(), a_user(Role.ORGANISER, region=OTHER_REGION))

    assert "“待审核的活动”有报名待审核" in colleague.get("/desk").text
    assert "有报名待审核" not in stranger.get("/desk").text


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_desk_and_no_link_it_cannot_open(client, now, role):
    import re

    user = (
        a_user(role)
        if role not in {Role.MEMBER, Role.INDIVIDUAL}
        else a_user(organisation=an_organisation() if role is Role.MEMBER else None)
    )
    sign_in(client, user)

    page = client.get("/desk")
    links = set(re.findall(r'class="(?:nav|bottom)-link[^"]*" href="([^"]+)"', page.text))

    assert page.status_code == 200
    assert links
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code != 200} == {}


def test_search_finds_published_events_for_everybody_and_drafts_for_staff(client, organiser):
    an_event(owner=organiser, title="智慧安防对接会")
    an_event(owner=organiser, title="智慧安防内部稿", state=EventState.DRAFT, published=None)

    public = client.get("/search?q=智慧安防").text
    staff = sign_in(client.application.test_client(), organiser).get("/search?q=智慧安防").text

    assert ("智慧安防对接会" in public, "智慧安防内部稿" in public) == (True, False)
    assert "智慧安防内部稿" in staff


@pytest.mark.parametrize("words", ["", " ", "%", "_", "'", "\\", "<b>", "没有这样的东西", "a" * 500, "\u200b"])
def test_search_answers_anything_calmly(client, now, words):
    answer = client.get("/search", query_string={"q": words})

    assert answer.status_code == 200
    assert "<b>" not in answer.text.replace("<b>0</b>", "")


def test_a_hat_that_is_not_one_s_own_is_not_put_on(client, organiser):
    sign_in(client, organiser)

    answer = client.post("/accounts/hat", data={"hat": "role:administrator"})

    assert answer.status_code == 422


def test_the_hat_decides_the_desk_not_the_permissions(client, now):
    firm = an_organisation(name="戴帽子的公司")
    person = a_user(Role.ORGANISER, organisation=firm)
    event = an_event(owner=person, needs_approval=True, title="我办的活动")
    a_registration(event, actor=a_user())
    sign_in(client, person)

    client.post("/accounts/hat", data={"hat": f"org:{firm.id}"})

    assert "有报名待审核" not in client.get("/desk").text
    assert client.get("/events/manage/").status_code == 200


def test_every_door_and_every_measure_leads_to_a_page_that_exists(application):
    from matchmaker.monitoring.rules import MEASURE_PAGES
    from matchmaker.portal.views import DOORS

    named = {endpoint for *_words, endpoint in DOORS} | _endpoints(MEASURE_PAGES)

    assert sorted(named - set(application.view_functions)) == []


def _endpoints(pages: object) -> set[str]:
    if isinstance(pages, str):
        return {pages}
    rows = pages.values() if isinstance(pages, dict) else pages
    return {name for row in rows for name in _endpoints(row) if "." in name}
