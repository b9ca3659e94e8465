"""The report of an event, counted from rows; its files hold what the page shows."""

from __future__ import annotations

import csv
import io

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Registration
from matchmaker.events.rules import AttendeeLine, Source
from matchmaker.events.services import attendance, deciding, registrations
from matchmaker.reports import services
from matchmaker.reports.rules import PersonState, Split
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.events import a_registration, an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    """Four people of a firm (one came), one guest rejected, one walk-in who came."""
    event = an_event(owner=organiser, capacity=20)
    firm = an_organisation(name="云图安防科技有限公司", industry_code="C39")
    row = a_registration(event, actor=a_user(organisation=firm), people=4, organisation_id=firm.id)
    with transaction():
        attendance.mark(row.attendees[0], moment=clock.now())
    for name, source in (("甲某", Source.STAFF), ("乙某", Source.WALK_IN)):
        with transaction():
            guest = registrations.register_guest(
                event, audience=event.audiences[0], actor=organiser, source=source, name=name, phone="13900000001",
                people=[AttendeeLine(name, "")],
            )  # fmt: skip
    with transaction():
        deciding.reject(db.session.get_one(Registration, guest.id - 1), organiser, "重复")
        attendance.mark(guest.attendees[0], moment=clock.now())
    return event


def test_the_balance_puts_every_person_into_one_state_and_agrees_with_the_seats(event):
    balance = services.balance_of(event)

    assert balance.states == {PersonState.ATTENDED: 2, PersonState.ABSENT: 3, PersonState.REJECTED: 1}
    assert (balance.total, balance.holding, balance.seats, balance.adds_up) == (6, 5, 5, True)


def test_split_by_industry_source_and_group(event):
    shown = {
        split: {
            line.key: (line.counts.registered, line.counts.attended) for line in services.report_of(event, split).lines
        }
        for split in Split
    }

    assert shown[Split.INDUSTRY] == {"C": (4, 1), "": (2, 1)}
    assert shown[Split.SOURCE] == {"self": (4, 1), "staff": (1, 0), "walk_in": (1, 1)}
    assert shown[Split.GROUP] == {"参会人员": (6, 2)}


def test_the_file_holds_what_the_page_shows(client, organiser, event):
    sign_in(client, organiser)

    page = client.get(f"/reports/events/{event.id}?by=source").text
    file = client.get(f"/reports/events/{event.id}?by=source&format=csv")
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))

    assert file.headers["Content-Disposition"].startswith("attachment")
    assert [row[:5] for row in rows[1:]] == [
        ["自行报名", "0", "4", "4", "1"],
        ["主办方代报", "0", "1", "0", "0"],
        ["现场登记", "0", "1", "1", "1"],
        ["合计", "0", "6", "5", "2"],
    ]
    assert "核对一致" in page and all(row[0] in page for row in rows[1:])


def test_an_unknown_format_and_an_event_of_others_do_not_exist(client, organiser, event):
    assert sign_in(client, organiser).get(f"/reports/events/{event.id}?format=exe").status_code == 404
    assert sign_in(client, a_user()).get(f"/reports/events/{event.id}").status_code == 404
