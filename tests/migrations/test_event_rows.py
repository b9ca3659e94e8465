"""Registrations made before events had groups and claims are carried over, and may go back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.app import create_app
from matchmaker.core import migrating
from matchmaker.core.db import db
from matchmaker.settings import Settings
from tests.commands import running

pytestmark = pytest.mark.postgres
BEFORE = "eb7bc5827093"
NOW = "2026-03-02 02:00:00+00:00"
ROWS = (
    "INSERT INTO users (id, name, email, password_hash, region, language, demo, created) "
    "VALUES (1, '甲', 'a@example.cn', 'x', '650105', 'zh', false, :now)",
    "INSERT INTO events (id, region, kind, state, title, summary, description, venue, address, starts, ends, deadline, "
    "needs_approval, contact, owner_id, created, updated, version) VALUES (1, '650105', 'salon', 'published', '沙龙', "
    "'s', 'd', 'v', '', :now, :later, :now, false, '', 1, :now, :now, 1)",
    "INSERT INTO seat_pools (id, event_id, capacity, used) VALUES (1, 1, 10, 3)",
    "INSERT INTO registrations (id, event_id, user_id, state, party, phone, note, created, version) "
    "VALUES (1, 1, 1, 'approved', 3, '13000000001', '', :now, 1)",
    "INSERT INTO registrations (id, event_id, user_id, state, party, phone, note, created, version) "
    "VALUES (2, 1, 1, 'withdrawn', 2, '13000000001', '', :now, 1)",
    *(f"INSERT INTO attendees (id, registration_id, name, phone) VALUES ({n}, 1, '乙', '')" for n in (1, 2, 3)),
)


def test_old_registrations_hold_their_seats_as_rows(tmp_path, address):
    def command(*arguments):
        done = running.run(*arguments, instance=tmp_path, MATCHMAKER_DATABASE_URL=address)
        assert done.returncode == 0, done.stdout + done.stderr[-3000:]

    app = create_app(Settings(secret_key="x" * 40, instance=str(tmp_path), database_url=address, flood_limit=""))
    with app.app_context():
        migrating.upgrade(BEFORE)
        db.engine.dispose()
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(sa.text(row), {"now": NOW, "later": "2026-03-02 05:00:00+00:00"} if ":" in row else {})

    command("db", "upgrade")
    command("events", "reconcile")
    with engine.connect() as connection:
        claims = connection.execute(sa.text("SELECT registration_id, seats FROM seat_claims")).all()
        groups = set(connection.execute(sa.text("SELECT audience_id FROM registrations")).scalars())
        codes = set(connection.execute(sa.text("SELECT code FROM attendees")).scalars())
    command("db", "downgrade", BEFORE)
    with engine.connect() as connection:
        kept = connection.execute(sa.text("SELECT state, party FROM registrations ORDER BY id")).all()
    engine.dispose()

    assert claims == [(1, 3)]
    assert len(groups) == 1 and None not in groups
    assert len(codes) == 3 and None not in codes
    assert kept == [("approved", 3), ("withdrawn", 2)]
