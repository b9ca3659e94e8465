"""Pages of the rosters."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.rosters import queries
from matchmaker.rosters.rules import AppointmentKind
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import a_person
from tests.factories.rosters import a_helper, an_appointment

PHONE = "13000007788"


@pytest.fixture
def handler(app, now, client):
    user = a_user(Role.HANDLER)
    sign_in(client, user)
    return user


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_runs_the_same_queries_for_any_number_of_rows(client, handler, count_queries, rows):
    names = [an_appointment(a_person(name=f"导师{n}号")).person.name for n in range(rows)]
    client.get("/rosters/")
    count_queries.clear()

    page = client.get("/rosters/").text

    assert all(name in page for name in names)
    assert len(count_queries) == 5


def test_the_list_filters_by_kind_day_and_field(client, handler):
    an_appointment(a_person(name="新材料导师", fields=["4"]))
    an_appointment(a_person(name="电子导师", fields=["1"]))

    page = client.get("/rosters/?kind=mentor&live=yes&field=4").text

    assert "新材料导师" in page
    assert "电子导师" not in page


def test_phones_are_masked_for_who_may_only_read(client, handler):
    row = an_appointment(a_person(phone=PHONE))
    urls = ["/rosters/", f"/rosters/appointments/{row.id}", "/rosters/?format=csv"]
    assert all(PHONE in client.get(url).text for url in urls)

    sign_in(client, a_user(Role.AUDITOR))

    pages = [client.get(url) for url in urls]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all(PHONE not in page.text and "130****7788" in page.text for page in pages)


def test_another_region_s_record_is_not_found(client, handler):
    row = an_appointment(a_person(region=OTHER_REGION))

    for path in (
        f"/rosters/appointments/{row.id}",
        f"/candidacies/posts/{row.id}/renew",
        f"/candidacies/posts/{row.id}/end",
        f"/rosters/people/{row.person_id}/appoint",
        f"/rosters/people/{row.person_id}/panel",
    ):
        assert client.get(path).status_code == 404


def test_appoint_by_the_form_and_see_it_on_the_person_s_panel(client, handler):
    person = a_person(name="新人")
    values = {"kind": "mentor", "document": "聘字 9 号", "starts": "2026-03-02", "ends": "2029-03-01", "capacity": "2"}

    answer = client.post(f"/rosters/people/{person.id}/appoint", data=values)

    assert answer.status_code == 303
    assert "聘字 9 号" in client.get(f"/rosters/people/{person.id}/panel").text


def test_appoint_an_envoy_without_the_check_comes_back_with_the_sentence(client, handler):
    person = a_person()
    values = {"kind": "envoy", "document": "聘字 9 号", "starts": "2026-03-02", "ends": "2029-03-01", "capacity": "2"}

    answer = client.post(f"/rosters/people/{person.id}/appoint", data=values)

    assert answer.status_code == 422
    assert "请核实是否为公务员" in answer.text
    assert queries.count_live(AppointmentKind.ENVOY, "650105", clock.today()) == 0


def test_a_helper_edits_their_own_page(client, now, app):
    user = a_user()
    person = a_helper(user=user)
    sign_in(client, user)

    answer = client.post("/rosters/own", data={"expertise": "低温电池", "capacity": "4", "fields_": ["6"]})

    assert answer.status_code == 303
    assert "低温电池" in client.get("/rosters/own").text
    assert (queries.profile_of(person.id).capacity, person.fields) == (4, ["6"])


def test_a_helper_without_record_is_told_what_to_do(client, now, app):
    sign_in(client, a_user(Role.MENTOR))

    assert "还没有关联名册" in client.get("/rosters/own").text


def test_an_investor_states_a_ticket(client, now, app):
    user = a_user()
    person = a_helper(user=user, kind=AppointmentKind.INVESTOR)
    sign_in(client, user)

    wrong = client.post("/rosters/own/ticket", data={"ticket_min": "500", "ticket_max": "100"})
    right = client.post("/rosters/own/ticket", data={"ticket_min": "30", "ticket_max": "200", "stages": ["seed"]})

    assert (wrong.status_code, right.status_code) == (422, 303)
    row = queries.investor_of(person.id)
    assert (row.ticket_min_fen, row.ticket_max_fen, row.stages) == (30_000_000, 200_000_000, ["seed"])


@pytest.mark.parametrize("path", ["/rosters/", "/rosters/own"])
def test_strangers_are_kept_out(client, app, now, path):
    assert client.get(path).status_code == 303
    sign_in(client, a_user())
    assert client.get(path).status_code == 403
