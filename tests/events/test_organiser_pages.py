"""The organiser's pages open, and each step leads where it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db, transaction
from matchmaker.events import queries
from matchmaker.events.models import Registration
from matchmaker.events.rules import EventDuty, RegistrationState, WaitingPolicy
from matchmaker.events.services import deciding, registrations, team, waiting
from matchmaker.questionnaires.rules.definition import FieldKind
from tests.cast import a_user, sign_in
from tests.factories.events import a_form, a_registration, an_event
from tests.factories.questionnaires import a_definition, a_field


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    event = an_event(owner=organiser, capacity=1, waiting_policy=WaitingPolicy.PRIORITY)
    a_registration(event, actor=a_user())
    a_registration(event, actor=a_user())
    return event


PAGES = ("", "/overview", "/waiting", "/places", "/places/new", "/groups", "/groups/new", "/team", "/add", "/edit")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_an_event_opens(client, organiser, event, page, language):
    sign_in(client, organiser)

    assert client.get(f"/events/manage/{event.id}{page}?lang={language}").status_code == 200


def test_one_who_waits_is_put_up_and_restored_over_capacity(client, organiser, event):
    sign_in(client, organiser)
    row = db.session.query(Registration).filter_by(state=RegistrationState.WAITING).one()
    page = client.get(f"/events/manage/registrations/{row.id}")

    refused = client.post(f"/events/registrations/{row.id}/restore", data={"reason": "重点企业"})
    done = client.post(f"/events/registrations/{row.id}/restore", data={"reason": "重点企业", "exceed": "y"})

    assert (page.status_code, refused.status_code, done.status_code) == (200, 422, 303)
    assert db.session.get(Registration, row.id).state is RegistrationState.APPROVED
    assert registrations.reconcile() == ([], [])


def test_a_member_of_the_team_sees_the_list_and_not_the_settings(client, organiser, event):
    helper = a_user()
    with transaction():
        team.give(event, actor=organiser, user=helper, duty=EventDuty.REGISTRATIONS)
    sign_in(client, helper)

    assert client.get(f"/events/manage/{event.id}").status_code == 200
    assert client.get(f"/events/manage/{event.id}/edit").status_code == 404


ODD = (
    "if=any&f1=a.level&o1=from&v1=x",
    "if=none&f1=a.asked&o1=has&v1=%25&f2=created&o2=is&v2=2026-99-99",
    "if=all&f1=handler&o1=is&v1=abc&f2=party&o2=from&v2=9e99",
    "if=sometimes&f1=state&o1=has&v1=approved&f2=attended&o2=is&v2=maybe",
    "f1=tag&o1=filled&f2=attendee&o2=hasnot&v2=%00&f3=nothing&o3=is&v3=1",
    "state=nonsense&group=abc&handler=-1&tag=&attended=perhaps&page=0&sort=-nothing",
    "q=a%00b&sort=%00&if=%00",
    "q=%25_%2F&page=99999999999&group=99999999999999999999",
    "if=all&f1=group&o1=is&v1=99999999999999999999999&f2=source&o2=empty",
)


@pytest.mark.parametrize("query", ODD)
@pytest.mark.parametrize("wanted", ["", "&format=csv"])
def test_an_address_typed_by_hand_is_ignored_or_finds_nothing(client, organiser, event, query, wanted):
    fields = a_field(id="asked", label="来意"), a_field(FieldKind.NUMBER, "level", "级别", staff_only=True)
    a_form(event, a_definition(*fields))
    sign_in(client, organiser)

    assert client.get(f"/events/manage/{event.id}?{query}{wanted}").status_code == 200


def test_the_overview_names_what_is_still_to_do_and_where(client, organiser, event):
    sign_in(client, organiser)

    page = client.get(f"/events/manage/{event.id}/overview").text

    tasks = page[page.index('<ul class="tasks">') :]
    assert all(title in tasks for title in ("日程", "嘉宾邀请", "签到入口", "发布"))
    assert f"/checkin/events/{event.id}" in tasks


@pytest.mark.parametrize("kind", ["offered", "lapsed"])
def test_an_offer_that_ran_out_is_counted_as_lapsed_before_any_job(organiser, event, now, kind):
    rows = db.session.query(Registration).order_by(Registration.id).all()
    row = next(r for r in rows if r.state is RegistrationState.WAITING)
    with transaction():
        deciding.reject(rows[0], organiser, "与主题不符")
        waiting.offer(row, actor=organiser)
    when = now + timedelta(hours=25) if kind == "lapsed" else now

    counts = queries.counts_seen(organiser, event.id, when)

    assert counts[RegistrationState(kind)] == (1, 1)
    assert {RegistrationState.OFFERED, RegistrationState.LAPSED} & set(counts) == {RegistrationState(kind)}
