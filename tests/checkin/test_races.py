"""Two gates and one ticket at the same moment, and a server that dies while a queue comes in: real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.checkin.models import Scan, ScanConflict
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.events.models import Attendee
from matchmaker.events.rules import RegistrationState
from tests.cast import a_user
from tests.factories.checkin import a_gate, a_list
from tests.factories.events import a_registration, an_event

ROOT = Path(__file__).resolve().parents[2]
TICKETS = 20

SCANNER = textwrap.dedent(
    """
    import json, sys
    from matchmaker.app import create_app
    from matchmaker.settings import Settings
    from matchmaker.checkin.models import Gate
    from matchmaker.checkin.rules.items import read_item
    from matchmaker.checkin.services import scanning
    from matchmaker.core.db import transaction
    from matchmaker.core.errors import Conflict

    settings, gate_id, batches, announce = json.loads(sys.argv[1])
    app = create_app(Settings(**settings))
    won = []
    with app.app_context():
        print("ready", flush=True)
        sys.stdin.readline()
        for batch in batches:
            for _try in range(20):
                try:
                    with transaction() as session:
                        gate = session.get_one(Gate, gate_id)
                        items = [read_item(row) for row in batch]
                        taken = scanning.sync(gate, items, phone_now=None, by=scanning.By(device=str(gate_id)))
                        accepted = [one.nonce for one in taken if one.scan.accepted and one.verdict.accepted]
                except Conflict:
                    continue
                break
            else:
                raise SystemExit("never taken")
            won += accepted
            if announce:
                print("taken", *[row["nonce"] for row in batch], flush=True)
    print(json.dumps(won), flush=True)
    """
)


@pytest.fixture
def fair(app):
    """An event with one list at two gates, and tickets: two of each registration."""
    organiser = a_user(Role.ORGANISER)
    now = clock.now()
    event = an_event(owner=organiser, capacity=200, starts=now + timedelta(hours=1), ends=now + timedelta(hours=5))
    entry = a_list(event, actor=organiser)
    gates = [a_gate(event, actor=organiser, lists=[entry], name=name).id for name in ("东门", "西门")]
    people = [p for _ in range(TICKETS // 2) for p in a_registration(event, actor=a_user(), people=2).attendees]
    return entry.id, gates, [person.code for person in people]


def row(gate_at, number, code, list_id, *, shown=None):
    return {"nonce": f"gate-{gate_at}-scan-{number:06d}", "list": list_id, "code": code, "shown": shown}


def start(test_settings, gate_id, batches, *, announce=False):
    values = {k: getattr(test_settings, k) for k in ("secret_key", "instance", "database_url", "password_cost")}
    return subprocess.Popen(
        [sys.executable, "-c", SCANNER, json.dumps([values, gate_id, batches, announce])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def go(processes):
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def test_two_gates_at_one_moment_let_everybody_in_once(fair, test_settings):
    list_id, gates, codes = fair
    db.session.rollback()
    asked = [[[row(at, n, code, list_id)] for n, code in enumerate(codes)] for at in range(2)]
    scanners = [start(test_settings, gate, batches) for gate, batches in zip(gates, asked, strict=True)]

    go(scanners)
    won = [json.loads(scanner.communicate(timeout=120)[0]) for scanner in scanners]

    db.session.rollback()
    assert len(won[0]) + len(won[1]) == TICKETS
    assert {nonce[-6:] for nonce in won[0]} & {nonce[-6:] for nonce in won[1]} == set()
    assert db.session.query(Scan).count() == 2 * TICKETS
    assert db.session.query(Scan).filter(Scan.counted).count() == TICKETS
    assert db.session.query(ScanConflict).count() == 0
    states = {person.registration.state for person in db.session.query(Attendee)}
    assert states == {RegistrationState.ATTENDED}


def test_a_server_killed_in_a_burst_loses_nothing_it_acknowledged(fair, test_settings):
    list_id, gates, codes = fair
    db.session.rollback()
    queue = [row(0, n, codes[n % TICKETS], list_id, shown=True) for n in range(200)]
    batches = [queue[at : at + 5] for at in range(0, 200, 5)]
    scanner = start(test_settings, gates[0], batches, announce=True)
    go([scanner])

    acknowledged = [nonce for _ in range(3) for nonce in scanner.stdout.readline().split()[1:]]
    scanner.send_signal(signal.SIGKILL)
    lines = [line for line in scanner.stdout if line.startswith("taken") and line.endswith("\n")]
    acknowledged += [nonce for line in lines for nonce in line.split()[1:]]
    scanner.wait(timeout=30)

    db.session.rollback()
    stored = set(db.session.execute(sa.select(Scan.nonce)).scalars())
    assert set(acknowledged) <= stored
    assert len(stored) % 5 == 0  # a batch is in as a whole or not at all

    second = start(test_settings, gates[0], batches)
    go([second])
    second.communicate(timeout=120)
    db.session.rollback()
    assert second.returncode == 0
    assert db.session.query(Scan).count() == 200
    assert db.session.query(Scan).filter(Scan.counted).count() == TICKETS
