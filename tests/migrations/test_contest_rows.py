"""Contests judged before there were stages keep their ballots, marks and standings, and may go back."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from matchmaker.app import create_app
from matchmaker.core import migrating
from matchmaker.core.db import db
from matchmaker.settings import Settings
from tests.commands import running

pytestmark = pytest.mark.postgres
BEFORE = "586cbf01c469"
NOW, LATER = "2026-03-02 02:00:00+00:00", "2026-04-02 02:00:00+00:00"
POINTS = json.dumps({"points": {"tech": "80"}, "total": "80.000000", "comment": "扎实"})
ROWS = (
    "INSERT INTO users (id, name, email, password_hash, region, language, demo, created) "
    "VALUES (1, '甲', 'a@example.cn', 'x', '650105', 'zh', false, :now), "
    "(2, '乙', 'b@example.cn', 'x', '650105', 'zh', false, :now)",
    "INSERT INTO contests (id, region, year, title, summary, state, stage, deadline, judging_until, aggregation, "
    "per_entry, working_days, contact_name, contact_phone, eligibility, rules, rules_hash, owner_id, announced, "
    "locked, scores_version, demo, created, updated) VALUES (1, '650105', 2026, '大赛', 's', 'judging', 'final', :now, "
    ":later, 'plain', 1, 5, '', '', '{}', '{\"doc_no\": \"1\"}', 'h', 1, :now, :now, 3, false, :now, :now)",
    "INSERT INTO contest_groups (id, contest_id, code, title, requirement, prizes) "
    "VALUES (1, 1, 'team', '团队组', '', '[]')",
    "INSERT INTO contest_tracks (id, contest_id, code, title) VALUES (1, 1, 'it', '信息技术')",
    "INSERT INTO criteria (id, group_id, position, key, label, hint, weight, maximum, step, levels) "
    "VALUES (1, 1, 1, 'tech', '技术', '', '100', '100', '0.5', '[]')",
    "INSERT INTO entries (id, region, contest_id, group_id, track_id, user_id, team_name, title, summary, leader, "
    "phone, email, members, sme_number, hnte_number, state, findings, created, updated, version) VALUES "
    "(1, '650105', 1, 1, 1, 1, '队', '项目', 's', '甲', '1', '', :members, '', '', 'final', '[]', :now, :now, 1)",
    "INSERT INTO judge_seats (id, contest_id, user_id, unit_text, title, tracks, load, created) "
    "VALUES (1, 1, 2, '大学', '', '[]', 5, :now)",
    "INSERT INTO ballots (id, seat_id, entry_id, state, comment, total, signed, created, updated, version) "
    "VALUES (1, 1, 1, 'submitted', '扎实', '80', :now, :now, :now, 2)",
    "INSERT INTO ballot_scores (id, ballot_id, criterion_id, points) VALUES (1, 1, 1, '80')",
    "INSERT INTO ballot_marks (id, ballot_id, what, actor_id, moment, data) "
    "VALUES (1, 1, 'signed', 2, :now, :points), (2, 1, 'reopened', 2, :now, :points), "
    "(3, 1, 'signed', 2, :now, :points)",
    "INSERT INTO decisions (id, region, kind, subject_kind, subject_id, title, reason, data, url, state, "
    "proposed_by_id, confirmed_by_id, proposed, confirmed, version) "
    "VALUES (1, '650105', 'competition.lock', 'contests', 1, "
    "'t', 'r', '{}', '', 'confirmed', 1, 2, :now, :now, 1)",
    "INSERT INTO standings (id, contest_id, group_id, entry_id, rank, score, tied, advances, prize, marks) "
    "VALUES (1, 1, 1, 1, 1, '80', false, true, '一等奖', '[\"80\"]')",
)
VALUES = {
    "now": NOW,
    "later": LATER,
    "points": POINTS,
    "members": json.dumps([{"name": "丙", "phone": "13000000001", "email": ""}, {"name": "丁", "phone": ""}]),
}


def test_old_contests_become_contests_with_one_stage(tmp_path, address):
    def command(*arguments):
        done = running.run(*arguments, instance=tmp_path, MATCHMAKER_DATABASE_URL=address)
        assert done.returncode == 0, done.stdout + done.stderr[-3000:]
        return done.stdout

    app = create_app(Settings(secret_key="x" * 40, instance=str(tmp_path), database_url=address, flood_limit=""))
    with app.app_context():
        migrating.upgrade(BEFORE)
        db.engine.dispose()
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        for row in ROWS:
            names = [name for name in VALUES if f":{name}" in row]
            connection.execute(sa.text(row), {name: VALUES[name] for name in names})

    command("db", "upgrade")
    verified = command("judging", "verify", "1")
    with engine.connect() as connection:
        stage = connection.execute(
            sa.text("SELECT code, aggregation, per_entry, scores_version, chain_length, tallies FROM contest_stages")
        ).one()
        people = connection.execute(sa.text("SELECT name FROM entry_members ORDER BY position")).scalars().all()
        line = connection.execute(
            sa.text(
                "SELECT s.code, e.code, s.place, t.version FROM standings s JOIN stage_entries e ON "
                "e.entry_id = s.entry_id JOIN tallies t ON t.id = s.tally_id"
            )
        ).one()
        versions = connection.execute(sa.text("SELECT number, digest FROM contest_rules")).all()
    command("db", "downgrade", BEFORE)
    with engine.connect() as connection:
        back = connection.execute(sa.text("SELECT stage, aggregation, per_entry, scores_version FROM contests")).one()
        marks = connection.execute(sa.text("SELECT count(*) FROM ballot_marks")).scalar_one()
        members = connection.execute(sa.text("SELECT members FROM entries")).scalar_one()
    engine.dispose()

    assert tuple(stage) == ("final", "plain", 1, 3, 3, 1)
    assert people == ["丙", "丁"]
    assert (line[0] == line[1], line[2], line[3]) == (True, 1, 1)
    assert versions == [(1, "h")]
    assert "3" in verified
    assert (tuple(back), marks) == (("final", "plain", 1, 3), 3)
    kept = json.loads(members) if isinstance(members, str) else members
    assert [person["name"] for person in kept] == ["丙", "丁"]
