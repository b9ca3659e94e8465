"""What people compete for, claimed by real processes against the real database file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.events.models import Registration, SeatPool
from matchmaker.events.rules import LIVE
from matchmaker.events.services import registrations
from tests.cast import a_user
from tests.factories.events import an_event

ROOT = Path(__file__).resolve().parents[2]

CLAIMER = textwrap.dedent(
    """
    import json, sys
    from matchmaker.app import create_app
    from matchmaker.settings import Settings
    from matchmaker.accounts.models import User
    from matchmaker.core.db import db, transaction
    from matchmaker.core.errors import Conflict
    from matchmaker.events.models import Event
    from matchmaker.events.services import registrations

    settings, event_id, user_ids, announce = json.loads(sys.argv[1])
    app = create_app(Settings(**settings))
    won = full = 0
    with app.app_context():
        print("ready", flush=True)
        sys.stdin.readline()
        for user_id in user_ids:
            try:
                with transaction() as session:
                    event, user = session.get_one(Event, event_id), session.get_one(User, user_id)
                    row = registrations.register(
                        event, actor=user, organisation_id=None, attendees="某某", phone="13000000001"
                    )
                    row_id = row.id
            except Conflict as error:
                assert "名额" in str(error), error
                full += 1
            else:
                won += 1
                if announce:
                    print(f"committed {row_id}", flush=True)
    print(json.dumps([won, full]), flush=True)
    """
)


@pytest.fixture
def crowd(app, test_settings):
    """An event and sixty people who want to come."""
    organiser = a_user(Role.ORGANISER)
    return an_event(owner=organiser, capacity=25), [a_user().id for _ in range(60)]


def start(test_settings, event_id, user_ids, *, announce=False):
    values = {k: getattr(test_settings, k) for k in ("secret_key", "instance", "database_url", "password_cost")}
    return subprocess.Popen(
        [sys.executable, "-c", CLAIMER, json.dumps([values, event_id, user_ids, announce])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def truth(event_id):
    db.session.rollback()
    rows = sa.select(sa.func.coalesce(sa.func.sum(Registration.party), 0)).where(
        Registration.event_id == event_id, Registration.state.in_(LIVE)
    )
    pool = sa.select(SeatPool.used).where(SeatPool.event_id == event_id)
    return db.session.execute(rows).scalar_one(), db.session.execute(pool).scalar_one()


def test_four_processes_for_the_last_seats_take_exactly_those(crowd, test_settings):
    event, users = crowd
    event_id = event.id
    db.session.rollback()
    claimers = [start(test_settings, event_id, users[i::4]) for i in range(4)]
    for claimer in claimers:
        assert claimer.stdout.readline() == "ready\n"

    for claimer in claimers:
        claimer.stdin.write("go\n")
        claimer.stdin.flush()
    results = [json.loads(claimer.communicate(timeout=120)[0]) for claimer in claimers]

    assert sum(won for won, _full in results) == 25
    assert sum(full for _won, full in results) == 35
    assert truth(event_id) == (25, 25)
    assert registrations.reconcile() == ([], [])


def test_a_killed_process_loses_nothing_it_acknowledged(crowd, test_settings):
    event, users = crowd
    event_id = event.id
    db.session.rollback()
    claimer = start(test_settings, event_id, users, announce=True)
    assert claimer.stdout.readline() == "ready\n"
    claimer.stdin.write("go\n")
    claimer.stdin.flush()

    acknowledged = [int(claimer.stdout.readline().split()[1]) for _ in range(7)]
    claimer.send_signal(signal.SIGKILL)
    acknowledged += [
        int(line.split()[1]) for line in claimer.stdout if line.startswith("committed") and line.endswith("\n")
    ]
    claimer.wait(timeout=30)
    time.sleep(0.1)

    db.session.rollback()
    stored = set(db.session.execute(sa.select(Registration.id)).scalars())
    assert set(acknowledged) <= stored
    rows, pool = truth(event_id)
    assert rows == pool == len(stored)
