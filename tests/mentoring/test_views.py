"""Pages of mentoring: three steps, both sides, who sees what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from matchmaker.accounts.models import User
from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.mentoring.models import MentorSession
from matchmaker.rosters.rules import SessionState
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories import incubation
from tests.factories.mentoring import TOPIC, a_mentor, a_session, a_tenant


def one():
    return db.session.execute(db.select(MentorSession)).unique().scalar_one()


@pytest.fixture
def mentor(app, now):
    return a_mentor(name="秦导师")


def test_a_tenant_books_in_three_steps_and_the_mentor_confirms(client, mentor):
    tenant, tenancy = a_tenant()
    sign_in(client, tenant)
    assert "秦导师" in client.get("/mentoring/").text
    page = client.get(f"/mentoring/mentors/{mentor.id}").text
    step_two = re.search(rf'href="(/mentoring/mentors/{mentor.id}/book\?at=[^"]+)"', page)[1].replace("&amp;", "&")
    at = re.search(r'name="at" value="([^"]+)"', client.get(step_two).text)[1]
    said = {"at": at, "client": f"t{tenancy.id}", "topic": TOPIC}

    look = client.post(f"/mentoring/mentors/{mentor.id}/book", data=said)
    assert look.status_code == 200
    assert TOPIC in look.text
    assert db.session.execute(db.select(MentorSession)).first() is None
    answer = client.post(f"/mentoring/mentors/{mentor.id}/book", data={**said, "step": "confirm"})
    assert answer.status_code == 303

    sign_in(client, db.session.get_one(User, mentor.user_id))
    assert "请确认" in client.get("/desk", follow_redirects=True).text
    client.post(f"{answer.location}/confirm")
    assert one().state is SessionState.CONFIRMED


def test_too_few_words_come_back_with_what_was_typed(client, mentor):
    tenant, tenancy = a_tenant()
    sign_in(client, tenant)
    page = client.get(f"/mentoring/mentors/{mentor.id}").text
    at = re.search(r"\?at=([^\"]+)\"", page)[1].replace("&amp;", "&").replace("%2B", "+").replace("%3A", ":")

    answer = client.post(
        f"/mentoring/mentors/{mentor.id}/book", data={"at": at, "client": f"t{tenancy.id}", "topic": "融资"}
    )

    assert answer.status_code == 422
    assert "至少 10 个字" in answer.text
    assert "融资" in answer.text


def test_both_sides_report_and_only_the_client_is_asked_to_rate(client, mentor):
    row = a_session(mentor)
    owner, tenant = db.session.get_one(User, mentor.user_id), row.booked_by
    sign_in(client, owner)
    client.post(f"/mentoring/sessions/{row.id}/confirm")
    with clock.frozen(row.ends + timedelta(minutes=5)):
        for user in (tenant, owner):
            sign_in(client, user)
            said = {"minutes": "60", "said": "梳理了现金流表"}
            assert client.post(f"/mentoring/sessions/{row.id}/report", data=said).status_code == 303
        assert "提交评价" not in client.get(f"/mentoring/sessions/{row.id}").text
        assert client.post(f"/mentoring/sessions/{row.id}/rate", data={"points": "5"}).status_code == 403
        sign_in(client, tenant)
        assert "提交评价" in client.get(f"/mentoring/sessions/{row.id}").text
        client.post(f"/mentoring/sessions/{row.id}/rate", data={"points": "5"})

    assert (one().state, one().rating) == (SessionState.RATED, 5)


def test_strangers_do_not_find_a_session(client, mentor):
    row = a_session(mentor)
    for stranger in (a_user(), a_user(Role.HANDLER, region=OTHER_REGION)):
        sign_in(client, stranger)
        assert client.get(f"/mentoring/sessions/{row.id}").status_code == 404
        assert client.post(f"/mentoring/sessions/{row.id}/confirm").status_code == 404


def test_a_mentor_offers_times_and_takes_a_day_out(client, mentor):
    sign_in(client, db.session.get_one(User, mentor.user_id))
    form = {"weekday": "3", "starts": "09:00", "ends": "11:00", "slot_minutes": "60", "place": "线上会议"}
    assert client.post("/mentoring/times", data=form).status_code == 303
    again = client.post("/mentoring/times", data=form)
    assert again.status_code == 422
    assert "重叠" in again.text
    client.post("/mentoring/times/day-off", data={"day": "2026-03-05"})

    page = client.get(f"/mentoring/mentors/{mentor.id}")
    assert page.status_code == 403
    sign_in(client, a_tenant()[0])
    assert "at=2026-03-05" not in client.get(f"/mentoring/mentors/{mentor.id}").text
    assert "at=2026-03-12" in client.get(f"/mentoring/mentors/{mentor.id}").text


def test_the_carrier_names_its_mentors_and_the_bureau_reads_the_ratio(client, mentor):
    carrier = incubation.a_carrier()
    a_tenant(carrier=carrier)
    sign_in(client, incubation.a_manager(carrier))
    said = {"person": str(mentor.id), "starts": "2026-03-02"}
    assert client.post(f"/mentoring/carriers/{carrier.id}", data=said).status_code == 303
    other = incubation.a_carrier()
    assert client.post(f"/mentoring/carriers/{other.id}", data=said).status_code == 404

    sign_in(client, a_user(Role.HANDLER))
    page = client.get("/mentoring/overview?day=2026-03-02").text
    assert carrier.name in page
    assert "1.0" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_runs_the_same_queries_for_any_number_of_rows(client, mentor, count_queries, rows):
    for n in range(rows):
        a_session(a_mentor(name=f"导师{n}号"))
    sign_in(client, a_user(Role.HANDLER))
    client.get("/mentoring/sessions")
    count_queries.clear()

    page = client.get("/mentoring/sessions").text

    assert all(f"导师{n}号" in page for n in range(rows))
    assert len(count_queries) == 6  # the papers of the tenants' carriers are one


def test_a_helper_in_no_roster_reads_why_there_are_no_times(client):
    sign_in(client, a_user(Role.MENTOR))

    assert "您还不在名册中" in client.get("/mentoring/times").text
    assert client.post("/mentoring/times", data={}).status_code == 404
