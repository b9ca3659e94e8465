"""Pages of envoys' service."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.envoys.models import EnvoyVisit
from matchmaker.envoys.rules import VisitState
from matchmaker.envoys.services import links
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.envoys import CONTENT, a_host_member, a_photo, a_visit, account, an_envoy


@pytest.fixture
def agreement(app, now):
    return an_envoy()


def one():
    return db.session.execute(db.select(EnvoyVisit)).unique().scalar_one()


def test_record_with_a_photo_and_confirm_through_the_pages(client, agreement):
    sign_in(client, account(agreement))
    form = {
        "starts": "2026-03-01T10:00", "ends": "2026-03-01T14:00", "place": "企业二车间", "work": CONTENT,
        "photo": a_photo(),
    }  # fmt: skip
    assert client.post(f"/envoys/agreements/{agreement.id}/visit", data=form).status_code == 303
    row = one()

    sign_in(client, a_host_member(agreement))
    assert CONTENT in client.get(f"/envoys/visits/{row.id}").text
    yes = {"name": "企业王经理", "rating": "5", "unrelated": "y"}
    assert client.post(f"/envoys/visits/{row.id}/confirm", data=yes).status_code == 303

    assert one().state is VisitState.CONFIRMED


def test_what_was_typed_stays_when_the_host_says_nothing_about_relatives(client, agreement):
    row = a_visit(agreement)
    sign_in(client, a_host_member(agreement))

    answer = client.post(f"/envoys/visits/{row.id}/confirm", data={"name": "企业王经理", "rating": "5"})

    assert answer.status_code == 422
    assert "亲属关系" in answer.text
    assert "企业王经理" in answer.text
    assert one().state is VisitState.WAITING


def test_the_link_shows_the_visit_and_takes_one_answer(app, client, agreement):
    row = a_visit(agreement)
    with transaction():
        path = links.renew(one())
    page = client.get(path)
    assert CONTENT in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"

    own = client.post(f"{path}/confirm", data={"name": agreement.person.name, "rating": "5", "unrelated": "y"})
    assert own.status_code == 422
    assert "特派员不能确认自己的服务" in own.text
    yes = {"name": "企业王经理", "rating": "4", "unrelated": "y"}
    assert client.post(f"{path}/confirm", data=yes).status_code == 303

    assert client.get(path).status_code == 404
    assert (one().state, one().rating, row.id) == (VisitState.CONFIRMED, 4, one().id)


def test_strangers_find_neither_visit_nor_photo(client, agreement):
    row = a_visit(agreement)
    for stranger in (a_user(), a_user(Role.HANDLER, region=OTHER_REGION)):
        sign_in(client, stranger)
        assert client.get(f"/envoys/visits/{row.id}").status_code == 404
        assert client.post(f"/envoys/visits/{row.id}/confirm").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_runs_the_same_queries_for_any_number_of_rows(client, agreement, count_queries, rows):
    for n in range(rows):
        a_visit(an_envoy(name=f"特派员{n}号"), days_ago=n + 1)
    sign_in(client, a_user(Role.HANDLER))
    client.get("/envoys/visits")
    count_queries.clear()

    page = client.get("/envoys/visits").text

    assert all(f"特派员{n}号" in page for n in range(rows))
    assert len(count_queries) == 5


def test_the_calendar_holds_visits_for_both_sides_until_it_is_taken_back(app, client, agreement):
    row, host = a_visit(agreement), a_host_member(agreement)
    addresses = []
    for user in (account(agreement), host):
        sign_in(client, user)
        client.post("/rosters/calendar")
        page = client.get("/rosters/calendar").text
        addresses.append(page.split('value="http://localhost')[1].split('"')[0])
    for address in addresses:
        body = app.test_client().get(address)
        assert f"envoy-visit-{row.id}@" in body.text
        assert "STATUS:TENTATIVE" in body.text
    client.post("/rosters/calendar", data={"step": "revoke"})

    assert app.test_client().get(addresses[1]).status_code == 404
    assert app.test_client().get(addresses[0]).status_code == 200
