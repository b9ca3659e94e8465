"""Needs stated before helpers could find them stay unseen, and keep their requests and services both ways."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchmaker.app import create_app
from matchmaker.core import migrating
from matchmaker.core.db import db
from matchmaker.settings import Settings
from tests.commands import running

pytestmark = pytest.mark.postgres
BEFORE = "8ccafc6a5783"
NOW = "2026-03-02 02:00:00+00:00"
ROWS = (
    "INSERT INTO users (id, name, email, password_hash, region, language, demo, created) "
    "VALUES (1, '甲', 'a@example.cn', 'x', '650105', 'zh', false, :now)",
    "INSERT INTO people (id, region, name, folded_name, pinyin, fields, key_industries, sample, demo, source, created, "
    "updated) VALUES (1, '650105', '乙', '乙', 'yi', '[]', '[]', false, false, '', :now, :now)",
    "INSERT INTO organisations (id, region, kind, state, name, folded_name, pinyin, fields, key_industries, source, "
    "demo, created, updated, version) VALUES (1, '650105', 'company', 'active', '丙厂', '丙厂', 'bing', '[]', '[]', "
    "'', false, :now, :now, 1)",
    "INSERT INTO needs (id, region, user_id, organisation_id, kind, state, title, text, fields, secrecy, demo, "
    "created, updated, version) VALUES (1, '650105', 1, 1, 'technical', 'matched', '漏水', '轴封', '[]', 'anonymous', "
    "false, :now, :now, 3)",
    "INSERT INTO help_requests (id, region, need_id, person_id, asked_by_id, state, message, asked, expires, "
    "answered_by_link, note, explanation, demo) "
    "VALUES (1, '650105', 1, 1, 1, 'accepted', '', :now, :now, false, '', '{}', false)",
    "INSERT INTO service_records (id, region, person_id, served, minutes, place, content, created, demo) "
    "VALUES (1, '650105', 1, '2026-03-02', 60, '厂里', '看了轴封', :now, false)",
    "INSERT INTO request_services (id, request_id, record_id) VALUES (1, 1, 1)",
)
OLD = "SELECT n.title, n.secrecy, r.state, s.record_id FROM needs n JOIN help_requests r ON r.need_id = n.id "
OLD += "JOIN request_services s ON s.request_id = r.id"


def test_old_needs_stay_unseen_and_keep_their_services(tmp_path, address):
    app = create_app(Settings(secret_key="x" * 40, instance=str(tmp_path), database_url=address, flood_limit=""))
    engine = sa.create_engine(address)

    def command(*arguments):
        done = running.run(*arguments, instance=tmp_path, MATCHMAKER_DATABASE_URL=address)
        assert done.returncode == 0, done.stdout + done.stderr[-3000:]

    def read(sql):
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]

    with app.app_context():
        migrating.upgrade(BEFORE)
        db.engine.dispose()
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(sa.text(row), {"now": NOW} if ":now" in row else {})
    old = read(OLD)

    command("db", "upgrade")

    assert read("SELECT listed, kept_reason, trl_now, handler_id FROM needs") == [(False, "", None, None)]
    assert read("SELECT offered FROM help_requests") == [(False,)]
    assert read("SELECT owner_note, rating_note, preparation, rated FROM request_services") == [("", "", None, None)]
    assert read(OLD) == old
    assert read("SELECT organisation_id FROM service_records") == [(1,)]  # counts for the firm that was helped
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.text("UPDATE needs SET trl_now = 10"))

    command("db", "downgrade", BEFORE)

    assert read(OLD) == old == [("漏水", "anonymous", "accepted", 1)]
    engine.dispose()
