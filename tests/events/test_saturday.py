"""One Saturday from invitation to report: afterwards every person is in exactly one true state, and it all adds up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchmaker.core.db import db
from matchmaker.events.models import Event
from matchmaker.events.rules import RegistrationState
from matchmaker.events.services import registrations
from matchmaker.reports import services as reports
from matchmaker.reports.rules import PersonState, Split, Stage
from tests.events.saturday import FRIDAY, MONDAY, OFF, STARTS, THURSDAY, Saturday

S = RegistrationState
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def the_week_before(day: Saturday) -> None:
    """120 invited (10 decline, 30 stay silent), 220 more places taken, 40 on the list, 12 places come free."""
    with day.at(MONDAY):
        day.publish()
        day.invite(120)
        day.answer(day.links()[:90], decline=10)
        parties = day.register(110, people=2)
    with day.at(THURSDAY):
        assert day.event.pool.left == 0
        waiting = day.register(40)
        assert day.ids(S.WAITING) == waiting
        day.withdraw(parties[:6])
        latecomer = day.register(1)
        assert day.ids(S.WAITING) == [*waiting, *latecomer], "free places belong to those who wait"
        day.run_jobs()
        assert day.ids(S.OFFERED) == waiting[:12]
        day.answer_offers(accept=7, leave=2)
        day.run_jobs()
    with day.at(FRIDAY + timedelta(hours=1)):  # the three who did not answer have lapsed, the next ones follow
        day.run_jobs()
        day.answer_offers(accept=5, leave=0)


def at_the_gates(day: Saturday) -> list[dict]:
    """Both phones scan; the second has no network for half an hour, and its first answer is lost; gives its results."""
    with day.at(STARTS - timedelta(minutes=30)):
        day.open_gates()
        east, west = day.phones
        west.ahead = OFF
        assert east.take_snapshot() > 1000 and west.take_snapshot() > 1000
        guests = [person.code for person in day.people(S.APPROVED)]
    for number, code in enumerate(guests[:240]):
        with day.at(STARTS - timedelta(minutes=25) + timedelta(seconds=5 * number)):
            (east if number % 2 else west).scan(code)
            if number % 40 == 39:
                east.sync()  # only one of them has a network
    with day.at(STARTS):
        for number in range(15):
            (east if number < 8 else west).walk_in(f"散客{chr(0x4E00 + number)}")
        west.scan(guests[1])  # somebody whom the other gate has let in
        west.scan("WRNGCDEWRNGC")
        east.sync()
    with day.at(STARTS + timedelta(minutes=5)):
        first = west.sync(keep=True)
        again = west.sync()
    assert [one["nonce"] for one in first] == [one["nonce"] for one in again]
    return first


def test_one_saturday(app):
    day = Saturday(app)
    the_week_before(day)
    expected = len(day.people(S.APPROVED))
    results = at_the_gates(day)
    with day.at(STARTS + timedelta(hours=1)):
        day.make_room(15)
        settled = day.settle()
    with day.at(STARTS + timedelta(hours=28)):
        day.close()
        day.close()
        event = day.event
        report = reports.report_of(event, Split.SOURCE)
        page = day.organiser.get(f"/reports/events/{event.id}").text
    people = report.balance.states

    assert registrations.reconcile() == ([], [])
    assert report.balance.adds_up and "核对一致" in page
    assert (
        sum(one["conflict"] for one in results) == 2 + 7
    )  # one person twice, one unknown code, the walk-ins of a full event
    assert settled == {"counted": 15, "dismissed": 2}
    assert people[PersonState.ATTENDED] == 240 + 15
    assert people[PersonState.ABSENT] == expected - 240
    assert report.total.at(Stage.INVITED) == 120
    assert report.total.at(Stage.ATTENDED) == 255
    assert not {PersonState.WAITING, PersonState.OFFERED, PersonState.SUBMITTED, PersonState.COMING} & people.keys()
    seen = [a.attended_at for a in day.people(S.ATTENDED) if a.attended_at]
    assert min(seen) >= STARTS - timedelta(minutes=30) and max(seen) <= STARTS + timedelta(minutes=6)
    assert db.session.get_one(Event, event.id).closed is not None
