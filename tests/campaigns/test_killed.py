"""A real sender is killed in the middle of a sending, two go on at once: everybody gets it, nobody twice."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.campaigns import jobs
from matchmaker.campaigns.rules import CampaignState
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.events.models import Attendee, Registration
from matchmaker.events.rules import RegistrationState
from matchmaker.notifications.models import Message
from tests.cast import a_user
from tests.commands.running import start
from tests.factories.campaigns import a_campaign, fresh, messages
from tests.factories.events import an_event

PEOPLE = 2500


@pytest.fixture
def sender(app, tmp_path):
    """`matchmaker jobs run campaigns.send` as a process of its own on the database of this test."""
    settings = app.config["SETTINGS"]
    values = {
        "MATCHMAKER_DATABASE_URL": settings.database_url or settings.sqlalchemy_url,
        "MATCHMAKER_SECRET_KEY": settings.secret_key,
    }
    running = []

    def launch():
        running.append(start("jobs", "run", "campaigns.send", instance=tmp_path, **values))
        return running[-1]

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def crowd(event):
    """So many approved guests, written at once."""
    with transaction() as session:
        for n in range(PEOPLE):
            session.add(
                Registration(
                    event_id=event.id,
                    audience_id=event.audiences[0].id,
                    name=f"来宾{n}",
                    phone=f"139{n:08d}",
                    guest_key=f"{n}",
                    state=RegistrationState.APPROVED,
                    party=1,
                    created=clock.now(),
                    attendees=[Attendee(name=f"来宾{n}")],
                )
            )


def queued():
    db.session.rollback()
    return db.session.execute(sa.select(sa.func.count(Message.id))).scalar_one()


def test_a_killed_sender_loses_nobody_and_two_serve_nobody_twice(app, sender):
    organiser = a_user(Role.ORGANISER)
    event = an_event(owner=organiser, capacity=PEOPLE)
    crowd(event)
    campaign = a_campaign(event, actor=organiser, planned=True)
    process = sender()
    deadline = time.monotonic() + 120
    while not queued() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait()
    left = fresh(campaign)
    assert (left.state, left.queued) == (CampaignState.SENDING, queued())
    assert 0 < left.queued < PEOPLE

    for other in (sender(), sender()):
        other.wait(timeout=120)
    jobs.send()

    row = fresh(campaign)
    assert (row.state, row.queued, row.shared) == (CampaignState.SENT, PEOPLE, 0)
    assert len({message.address for message in messages(campaign)}) == len(messages(campaign)) == PEOPLE
