"""The list of registrations of an event with 20 000 guests against the same page with 200.

Every page compared is full (50 rows) at both sizes, so that what is measured is the size of the list alone.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Attendee, Registration, RegistrationTag, new_code
from matchmaker.events.rules import RegistrationState, Source
from tests.cast import a_user, sign_in
from tests.factories.events import an_event

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900), pytest.mark.postgres]
ROUNDS = 20
STATES = (
    RegistrationState.APPROVED,
    RegistrationState.APPROVED,
    RegistrationState.SUBMITTED,
    RegistrationState.REJECTED,
)


def fill(event_id, audience_id, *, start, count):
    """Guests with one attendee each; every third carries a tag."""
    now = clock.now()
    common = {"event_id": event_id, "audience_id": audience_id, "source": Source.IMPORT, "party": 1, "created": now}
    common |= {
        "email": "",
        "note": "",
        "organisation_name": "某公司",
        "from_waiting": False,
        "priority": 0,
        "version": 1,
    }
    common |= {"priority_reason": ""}
    numbers = range(start, start + count)
    rows = [
        {
            **common,
            "id": n,
            "name": f"来宾{n}",
            "phone": f"139{n:08d}",
            "guest_key": f"来宾{n}|139{n:08d}",
            "state": STATES[n % 4],
            "nonce": f"n{n}",
        }
        for n in numbers
    ]
    people = [
        {"registration_id": n, "name": f"来宾{n}", "phone": "", "position": "", "code": new_code()} for n in numbers
    ]
    with transaction() as session:
        session.execute(sa.insert(Registration), rows)
        session.execute(sa.insert(Attendee), people)
        session.execute(
            sa.insert(RegistrationTag), [{"registration_id": n, "text": "重点"} for n in numbers if n % 3 == 0]
        )
    if db.engine.dialect.name == "postgresql":  # what its own daemon does within a minute
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM (ANALYZE)"))


def seconds(client, address):
    """The median time of the page."""
    assert client.get(address).status_code == 200
    times = []
    for _round in range(ROUNDS):
        began = perf_counter()
        client.get(address)
        times.append(perf_counter() - began)
    return median(times)


@pytest.mark.parametrize("query", ["?state=approved", "?q=来宾1", "?tag=重点&sort=-created", "?page=3"])
def test_a_filtered_page_of_20_000_guests_against_200(app, query):
    organiser = a_user(Role.ORGANISER)
    event = an_event(owner=organiser, capacity=50_000)
    event_id, audience_id = event.id, event.audiences[0].id
    client = sign_in(app.test_client(), organiser)
    fill(event_id, audience_id, start=1, count=200)
    few = seconds(client, f"/events/manage/{event_id}{query}")
    fill(event_id, audience_id, start=201, count=19_800)

    many = seconds(client, f"/events/manage/{event_id}{query}")

    print(f"\nregistrations {query}: 200 guests {few * 1000:.1f} ms, 20 000 guests {many * 1000:.1f} ms,", end=" ")
    print(f"ratio {many / few:.2f}")
    assert many <= 1.5 * few
