"""Contests with stages, rules in versions, members who confirm, chained ballots, live finals and provable results."""

# ruff: noqa: S608 - what is put into the statements are names of columns and tables
import hashlib
import json
import secrets
from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

revision = "8ccafc6a5783"
down_revision = "586cbf01c469"
branch_labels = None
depends_on = None

KINDS = {
    "stage_id": sa.Integer(),
    "tally_id": sa.Integer(),
    "sequence": sa.Integer(),
    "previous": sa.String(64),
    "digest": sa.String(64),
    "stage": sa.String(32),
    "scores_version": sa.Integer(),
    "judging_until": sa.DateTime(timezone=True),
    "per_entry": sa.Integer(),
    "aggregation": sa.String(32),
}
BEGINNING = "0" * 64
# The database refuses to change marks; `data` is left out because a comment may be erased.
KEPT = "id, ballot_id, stage_id, sequence, what, moment, previous, digest"
SENTENCE = "marks of ballots are only appended to"
APPEND_ONLY = {
    "sqlite": (
        f"CREATE TRIGGER ballot_marks_unchanged BEFORE UPDATE OF {KEPT} ON ballot_marks "
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END",
        "CREATE TRIGGER ballot_marks_undeleted BEFORE DELETE ON ballot_marks "
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION ballot_marks_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}'; END $$",
        f"CREATE TRIGGER ballot_marks_append_only BEFORE DELETE OR UPDATE OF {KEPT} ON ballot_marks "
        "FOR EACH ROW EXECUTE FUNCTION ballot_marks_append_only()",
    ),
}
OPENED = "contests.state IN ('judging', 'publicity', 'archived')"


def _give_contests_a_stage():
    """A contest's one round becomes its one stage; its announced rules become version 1."""
    op.execute(
        "INSERT INTO contest_stages (contest_id, position, code, mode, blind, aggregation, per_entry, minimum_panel, "
        "judging_until, ties, places, pitch_minutes, question_minutes, auto_release, opened, locked, released, "
        "scores_version, chain_length, chain_head, tallies) "
        "SELECT contests.id, 1, contests.stage, 'online', false, contests.aggregation, contests.per_entry, "
        "contests.per_entry, contests.judging_until, '[]', '[]', 8, 7, false, "
        f"CASE WHEN {OPENED} THEN coalesce(contests.announced, contests.created) END, contests.locked, "
        "contests.released, contests.scores_version, 0, '', CASE WHEN contests.locked IS NULL THEN 0 ELSE 1 END "
        "FROM contests ORDER BY contests.id"
    )
    op.execute(
        "INSERT INTO contest_rules (contest_id, number, document, digest, reason, published) "
        "SELECT id, 1, rules, rules_hash, '', announced FROM contests WHERE announced IS NOT NULL ORDER BY id"
    )
    op.execute(
        "UPDATE decisions SET subject_kind = 'contest_stages', subject_id = (SELECT contest_stages.id FROM "
        "contest_stages WHERE contest_stages.contest_id = decisions.subject_id) "
        "WHERE kind = 'competition.lock' AND subject_kind = 'contests'"
    )


def _hand_ballots_to_stages():
    """Every ballot, mark and line of standings belongs to the stage of its contest."""
    of_entry = (
        "(SELECT contest_stages.id FROM contest_stages JOIN entries ON entries.contest_id = contest_stages.contest_id "
        "WHERE entries.id = {table}.entry_id)"
    )
    op.execute(f"UPDATE ballots SET stage_id = {of_entry.format(table='ballots')}")
    op.execute(f"UPDATE standings SET stage_id = {of_entry.format(table='standings')}, place = rank")
    op.execute(
        "UPDATE ballot_marks SET stage_id = "
        "(SELECT ballots.stage_id FROM ballots WHERE ballots.id = ballot_marks.ballot_id)"
    )
    _give_codes()
    op.execute(
        "UPDATE standings SET code = (SELECT stage_entries.code FROM stage_entries WHERE "
        "stage_entries.stage_id = standings.stage_id AND stage_entries.entry_id = standings.entry_id)"
    )
    _keep_tallies()
    _chain_marks()


def _give_codes():
    """Codes for entries and judges, in an order drawn by lot."""
    connection, lot = op.get_bind(), secrets.SystemRandom()
    rows = "SELECT stage_id, entry_id FROM ballots UNION SELECT stage_id, entry_id FROM standings"
    entered = {}
    for stage, entry in connection.execute(sa.text(rows)):
        entered.setdefault(stage, []).append(entry)
    for stage, entries in sorted(entered.items()):
        lot.shuffle(entries)
        for number, entry in enumerate(entries, start=1):
            connection.execute(
                sa.text(
                    "INSERT INTO stage_entries (stage_id, entry_id, code, veto_reason) "
                    "VALUES (:stage, :entry, :code, '')"
                ),
                {"stage": stage, "entry": entry, "code": f"E{number:03d}"},
            )
    seats = {}
    for seat, contest in connection.execute(sa.text("SELECT id, contest_id FROM judge_seats")):
        seats.setdefault(contest, []).append(seat)
    for members in seats.values():
        lot.shuffle(members)
        for number, seat in enumerate(members, start=1):
            connection.execute(
                sa.text("UPDATE judge_seats SET code = :code WHERE id = :seat"),
                {"code": f"J{number:02d}", "seat": seat},
            )


def _keep_tallies():
    """A locked stage has the tally of its one lock; what was counted then stands in its lines, not in a package."""
    op.execute(
        "INSERT INTO tallies (contest_id, stage_id, version, rule, rules_hash, document, sha256, counted, decision_id, "
        "released, notice_id) "
        "SELECT contests.id, contest_stages.id, 1, contest_stages.aggregation, contests.rules_hash, '{}', "
        f"'{hashlib.sha256(b'{}').hexdigest()}', contest_stages.locked, "
        "(SELECT max(decisions.id) FROM decisions WHERE decisions.kind = 'competition.lock' AND "
        "decisions.subject_kind = 'contest_stages' AND decisions.subject_id = contest_stages.id), "
        "contest_stages.released, contests.notice_id "
        "FROM contest_stages JOIN contests ON contests.id = contest_stages.contest_id "
        "WHERE contest_stages.locked IS NOT NULL ORDER BY contest_stages.id"
    )
    op.execute(
        "UPDATE standings SET tally_id = (SELECT tallies.id FROM tallies WHERE tallies.stage_id = standings.stage_id)"
    )


def _chain_marks():
    """The marks of every stage hold on to one another, in the order in which they were made."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT ballot_marks.id, ballot_marks.stage_id, contest_stages.code, stage_entries.code, judge_seats.code, "
            "ballot_marks.what, ballot_marks.data, ballot_marks.moment FROM ballot_marks "
            "JOIN ballots ON ballots.id = ballot_marks.ballot_id "
            "JOIN judge_seats ON judge_seats.id = ballots.seat_id "
            "JOIN contest_stages ON contest_stages.id = ballot_marks.stage_id "
            "JOIN stage_entries ON stage_entries.stage_id = ballots.stage_id "
            "AND stage_entries.entry_id = ballots.entry_id ORDER BY ballot_marks.id"
        )
    ).all()
    heads = {}
    for number, stage, code, entry, judge, what, data, moment in rows:
        said = json.loads(data) if isinstance(data, str) else data
        salt, comment = secrets.token_hex(8), said.get("comment") or ""
        kept = {
            "points": said.get("points") or {},
            "total": _plain(said.get("total")),
            "comment": comment,
            "salt": salt,
            "comment_digest": hashlib.sha256(f"{salt}\n{comment}".encode()).hexdigest(),
        }
        length, previous = heads.get(stage, (0, BEGINNING))
        content = {
            "stage": code,
            "sequence": length + 1,
            "entry": entry,
            "judge": judge,
            "shadow": False,
            "what": what,
            "points": kept["points"],
            "total": kept["total"],
            "comment": kept["comment_digest"],
            "moment": _written(moment),
            "previous": previous,
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        connection.execute(
            sa.text(
                "UPDATE ballot_marks SET sequence = :sequence, previous = :previous, digest = :digest, data = :data "
                "WHERE id = :id"
            ),
            {
                "id": number,
                "sequence": length + 1,
                "previous": previous,
                "digest": digest,
                "data": json.dumps(kept, ensure_ascii=False),
            },
        )
        heads[stage] = (length + 1, digest)
    for stage, (length, head) in heads.items():
        connection.execute(
            sa.text("UPDATE contest_stages SET chain_length = :length, chain_head = :head WHERE id = :stage"),
            {"length": length, "head": head, "stage": stage},
        )


def _plain(total):
    return None if total is None else f"{Decimal(total).normalize():f}"


def _written(moment):
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def _guard_marks():
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def _unguard_marks():
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS ballot_marks_unchanged")
        op.execute("DROP TRIGGER IF EXISTS ballot_marks_undeleted")
    else:
        op.execute("DROP TRIGGER IF EXISTS ballot_marks_append_only ON ballot_marks")
        op.execute("DROP FUNCTION IF EXISTS ballot_marks_append_only()")


def _give_members_rows():
    """The people of an entry become rows; nobody has asked them yet."""
    connection = op.get_bind()
    for entry, members in connection.execute(sa.text("SELECT id, members FROM entries ORDER BY id")).all():
        names = set()
        for position, member in enumerate(json.loads(members) if isinstance(members, str) else members or (), start=1):
            if member.get("name") and member["name"] not in names:
                names.add(member["name"])
                connection.execute(
                    sa.text(
                        "INSERT INTO entry_members (entry_id, position, name, phone, email, state, nonce) "
                        "VALUES (:entry, :position, :name, :phone, :email, 'asked', :nonce)"
                    ),
                    {
                        "entry": entry,
                        "position": position,
                        "name": member["name"][:60],
                        "phone": (member.get("phone") or "")[:20],
                        "email": member.get("email") or "",
                        "nonce": secrets.token_hex(16),
                    },
                )


def _put_members_back():
    connection = op.get_bind()
    members = {}
    rows = sa.text("SELECT entry_id, name, phone, email FROM entry_members ORDER BY entry_id, position")
    for entry, name, phone, email in connection.execute(rows):
        members.setdefault(entry, []).append({"name": name, "phone": phone, "email": email})
    for entry, people in members.items():
        connection.execute(
            sa.text("UPDATE entries SET members = :members WHERE id = :entry"),
            {"members": json.dumps(people, ensure_ascii=False), "entry": entry},
        )


def _leave_one_stage():
    """What the older tables cannot hold goes: every stage but the last, with its ballots and standings."""
    last = "(SELECT max(s.id) FROM contest_stages s GROUP BY s.contest_id)"
    for statement in (
        "DELETE FROM criteria WHERE stage_id IS NOT NULL",
        "DELETE FROM comment_consents",
        f"DELETE FROM ballot_marks WHERE stage_id NOT IN {last}",
        f"DELETE FROM ballot_scores WHERE ballot_id IN (SELECT id FROM ballots WHERE shadow OR stage_id NOT IN {last})",
        f"DELETE FROM ballot_marks WHERE ballot_id IN (SELECT id FROM ballots WHERE shadow OR stage_id NOT IN {last})",
        f"DELETE FROM ballots WHERE shadow OR stage_id NOT IN {last}",
        f"DELETE FROM standings WHERE stage_id NOT IN {last} "
        "OR tally_id NOT IN (SELECT id FROM tallies WHERE reopened IS NULL)",
        "UPDATE decisions SET subject_kind = 'contests', subject_id = (SELECT contest_stages.contest_id FROM "
        "contest_stages WHERE contest_stages.id = decisions.subject_id) "
        "WHERE kind = 'competition.lock' AND subject_kind = 'contest_stages'",
        "UPDATE contests SET "
        + ", ".join(
            f"{name} = (SELECT s.{source} FROM contest_stages s WHERE s.contest_id = contests.id AND s.id IN {last})"
            for name, source in (
                ("stage", "code"),
                ("judging_until", "judging_until"),
                ("aggregation", "aggregation"),
                ("per_entry", "per_entry"),
                ("locked", "locked"),
                ("released", "released"),
                ("scores_version", "scores_version"),
            )
        ),
    ):
        op.execute(statement)


def upgrade():
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "prior_wins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("contest", sa.String(length=200), nullable=False),
        sa.Column("group_code", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded_name", sa.String(length=200), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("folded_project", sa.String(length=200), nullable=False),
        sa.Column("prize", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prior_wins")),
        sa.UniqueConstraint("region", "key", name=op.f("uq_prior_wins_region_key")),
    )
    with op.batch_alter_table("prior_wins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prior_wins_folded_name"), ["folded_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_prior_wins_folded_project"), ["folded_project"], unique=False)
        batch_op.create_index(batch_op.f("ix_prior_wins_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_prior_wins_uscc"), ["uscc"], unique=False)

    op.create_table(
        "contest_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_rules_contest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_rules")),
        sa.UniqueConstraint("contest_id", "number", name=op.f("uq_contest_rules_contest_id_number")),
    )
    with op.batch_alter_table("contest_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contest_rules_decision_id"), ["decision_id"], unique=False)

    op.create_table(
        "contest_stages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("aggregation", sa.String(length=32), nullable=False),
        sa.Column("per_entry", sa.Integer(), nullable=False),
        sa.Column("minimum_panel", sa.Integer(), nullable=False),
        sa.Column("judging_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ties", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("comment_below", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("comment_above", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("range_limit", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("pitch_minutes", sa.Integer(), nullable=False),
        sa.Column("question_minutes", sa.Integer(), nullable=False),
        sa.Column("auto_release", sa.Boolean(), nullable=False),
        sa.Column("veto_seat_id", sa.Integer(), nullable=True),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scores_version", sa.Integer(), nullable=False),
        sa.Column("chain_length", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.String(length=64), nullable=False),
        sa.Column("tallies", sa.Integer(), nullable=False),
        sa.CheckConstraint("locked IS NULL OR opened IS NOT NULL", name=op.f("ck_contest_stages_locked_after_opened")),
        sa.CheckConstraint(
            "minimum_panel >= 1 AND minimum_panel <= per_entry", name=op.f("ck_contest_stages_minimum_panel_in_panel")
        ),
        sa.CheckConstraint("per_entry >= 1", name=op.f("ck_contest_stages_per_entry_one_or_more")),
        sa.CheckConstraint(
            "released IS NULL OR locked IS NOT NULL", name=op.f("ck_contest_stages_released_after_locked")
        ),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_stages_contest_id")),
        sa.ForeignKeyConstraint(["veto_seat_id"], ["judge_seats.id"], name=op.f("fk_contest_stages_veto_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_stages")),
        sa.UniqueConstraint("contest_id", "code", name=op.f("uq_contest_stages_contest_id_code")),
    )
    with op.batch_alter_table("contest_stages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contest_stages_contest_id"), ["contest_id"], unique=False)

    op.create_table(
        "judge_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["judge_seats.id"], name=op.f("fk_judge_invitations_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge_invitations")),
        sa.UniqueConstraint("seat_id", name=op.f("uq_judge_invitations_seat_id")),
    )
    op.create_table(
        "judge_pledges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("signed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["judge_seats.id"], name=op.f("fk_judge_pledges_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge_pledges")),
        sa.UniqueConstraint("seat_id", name=op.f("uq_judge_pledges_seat_id")),
    )
    op.create_table(
        "blind_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("made_of", sa.String(length=64), nullable=False),
        sa.Column("released", sa.DateTime(timezone=True), nullable=True),
        sa.Column("editor_id", sa.Integer(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["editor_id"], ["users.id"], name=op.f("fk_blind_copies_editor_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_blind_copies_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_copies")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_blind_copies_entry_id")),
    )
    with op.batch_alter_table("blind_copies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blind_copies_region"), ["region"], unique=False)

    op.create_table(
        "diligence_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["checked_by_id"], ["users.id"], name=op.f("fk_diligence_checks_checked_by_id")),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_diligence_checks_contest_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_diligence_checks_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diligence_checks")),
        sa.UniqueConstraint(
            "contest_id", "entry_id", "item", name=op.f("uq_diligence_checks_contest_id_entry_id_item")
        ),
    )
    with op.batch_alter_table("diligence_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_diligence_checks_checked_by_id"), ["checked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_diligence_checks_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "entry_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_files_entry_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_entry_files_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_files")),
    )
    with op.batch_alter_table("entry_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_files_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entry_files_region"), ["region"], unique=False)

    op.create_table(
        "entry_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_members_entry_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_entry_members_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_members")),
        sa.UniqueConstraint("entry_id", "name", name=op.f("uq_entry_members_entry_id_name")),
    )
    with op.batch_alter_table("entry_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_members_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_entry_members_phone"), ["phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_entry_members_user_id"), ["user_id"], unique=False)

    op.create_table(
        "entry_settlements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_entry_settlements_actor_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_settlements_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_settlements")),
    )
    with op.batch_alter_table("entry_settlements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_settlements_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(
            "uq_entry_settlements_standing",
            ["entry_id", "check"],
            unique=True,
            sqlite_where=sa.text("undone IS NULL"),
            postgresql_where=sa.text("undone IS NULL"),
        )

    op.create_table(
        "entry_ties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_ties_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_ties")),
    )
    with op.batch_alter_table("entry_ties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_ties_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "entry_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_entry_versions_actor_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_versions_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_versions")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_entry_versions_entry_id_number")),
    )
    op.create_table(
        "finals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("drawn", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("by_group", sa.Boolean(), nullable=False),
        sa.Column("current_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["stage_id"], ["contest_stages.id"], name=op.f("fk_finals_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finals")),
        sa.UniqueConstraint("stage_id", name=op.f("uq_finals_stage_id")),
        sa.UniqueConstraint("token", name=op.f("uq_finals_token")),
    )
    op.create_table(
        "recusal_wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("relation", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name=op.f("fk_recusal_wishes_asked_by_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_recusal_wishes_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal_wishes")),
    )
    with op.batch_alter_table("recusal_wishes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recusal_wishes_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "stage_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("lead_seat_id", sa.Integer(), nullable=True),
        sa.Column("shown", sa.DateTime(timezone=True), nullable=True),
        sa.Column("veto_reason", sa.String(length=500), nullable=False),
        sa.Column("veto_asked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("veto_asked_by_id", sa.Integer(), nullable=True),
        sa.Column("vetoed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vetoed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("vetoed IS NULL OR veto_reason <> ''", name=op.f("ck_stage_entries_veto_with_reason")),
        sa.CheckConstraint(
            "vetoed IS NULL OR vetoed_by_id <> veto_asked_by_id", name=op.f("ck_stage_entries_veto_by_two")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_stage_entries_entry_id")),
        sa.ForeignKeyConstraint(["lead_seat_id"], ["judge_seats.id"], name=op.f("fk_stage_entries_lead_seat_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["contest_stages.id"], name=op.f("fk_stage_entries_stage_id")),
        sa.ForeignKeyConstraint(["veto_asked_by_id"], ["users.id"], name=op.f("fk_stage_entries_veto_asked_by_id")),
        sa.ForeignKeyConstraint(["vetoed_by_id"], ["users.id"], name=op.f("fk_stage_entries_vetoed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_entries")),
        sa.UniqueConstraint("stage_id", "code", name=op.f("uq_stage_entries_stage_id_code")),
        sa.UniqueConstraint("stage_id", "entry_id", name=op.f("uq_stage_entries_stage_id_entry_id")),
    )
    with op.batch_alter_table("stage_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_entries_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stage_entries_lead_seat_id"), ["lead_seat_id"], unique=False)

    op.create_table(
        "stage_seats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=32), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("absent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("absence", sa.String(length=500), nullable=False),
        sa.CheckConstraint("least >= 0 AND least <= most", name=op.f("ck_stage_seats_least_within_most")),
        sa.ForeignKeyConstraint(["seat_id"], ["judge_seats.id"], name=op.f("fk_stage_seats_seat_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["contest_stages.id"], name=op.f("fk_stage_seats_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_seats")),
        sa.UniqueConstraint("stage_id", "seat_id", name=op.f("uq_stage_seats_stage_id_seat_id")),
    )
    with op.batch_alter_table("stage_seats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_seats_seat_id"), ["seat_id"], unique=False)

    op.create_table(
        "tallies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=32), nullable=False),
        sa.Column("rules_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("counted", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("released", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("reopened", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_reason", sa.String(length=500), nullable=True),
        sa.Column("reopen_decision_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(reopened IS NULL) = (reopen_reason IS NULL)", name=op.f("ck_tallies_reopened_with_reason")
        ),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_tallies_contest_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_tallies_decision_id")),
        sa.ForeignKeyConstraint(["reopen_decision_id"], ["decisions.id"], name=op.f("fk_tallies_reopen_decision_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["contest_stages.id"], name=op.f("fk_tallies_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tallies")),
        sa.UniqueConstraint("stage_id", "version", name=op.f("uq_tallies_stage_id_version")),
    )
    with op.batch_alter_table("tallies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tallies_contest_id"), ["contest_id"], unique=False)
        batch_op.create_index(
            "uq_tally_in_force",
            ["stage_id"],
            unique=True,
            sqlite_where=sa.text("reopened IS NULL"),
            postgresql_where=sa.text("reopened IS NULL"),
        )

    op.create_table(
        "deliberation_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("conclusion", sa.Boolean(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_deliberation_notes_entry_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["judge_seats.id"], name=op.f("fk_deliberation_notes_seat_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["contest_stages.id"], name=op.f("fk_deliberation_notes_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliberation_notes")),
    )
    with op.batch_alter_table("deliberation_notes", schema=None) as batch_op:
        batch_op.create_index("ix_deliberation_notes_place", ["stage_id", "entry_id"], unique=False)

    op.create_table(
        "reconsiderations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("noticed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_after", sa.Integer(), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name=op.f("fk_reconsiderations_asked_by_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_reconsiderations_entry_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["contest_stages.id"], name=op.f("fk_reconsiderations_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconsiderations")),
    )
    with op.batch_alter_table("reconsiderations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reconsiderations_stage_id"), ["stage_id"], unique=False)
        batch_op.create_index(
            "uq_reconsiderations_open",
            ["stage_id", "entry_id"],
            unique=True,
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )

    op.create_table(
        "comment_consents",
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_comment_consents_ballot_id")),
        sa.PrimaryKeyConstraint("ballot_id", name=op.f("pk_comment_consents")),
    )
    op.create_table(
        "final_appearances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("final_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("speaker", sa.String(length=60), nullable=False),
        sa.Column("signed_in", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("phase", sa.String(length=32), nullable=False),
        sa.Column("phase_started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("shown", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra_seconds", sa.Integer(), nullable=False),
        sa.Column("called", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(score IS NULL) = (shown IS NULL)", name=op.f("ck_final_appearances_score_exactly_when_shown")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_final_appearances_entry_id")),
        sa.ForeignKeyConstraint(["final_id"], ["finals.id"], name=op.f("fk_final_appearances_final_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_final_appearances")),
        sa.UniqueConstraint("final_id", "entry_id", name=op.f("uq_final_appearances_final_id_entry_id")),
        sa.UniqueConstraint("final_id", "position", name=op.f("uq_final_appearances_final_id_position")),
    )
    with op.batch_alter_table("final_appearances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_final_appearances_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "judge_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tally_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("spread", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("agreement", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["tally_id"], ["tallies.id"], name=op.f("fk_judge_records_tally_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_judge_records_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge_records")),
        sa.UniqueConstraint("tally_id", "user_id", name=op.f("uq_judge_records_tally_id_user_id")),
    )
    with op.batch_alter_table("judge_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judge_records_user_id"), ["user_id"], unique=False)

    _give_contests_a_stage()
    _give_members_rows()
    with op.batch_alter_table("ballot_marks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sequence", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("previous", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_ballot_marks_stage_id_sequence"), ["stage_id", "sequence"])
        batch_op.create_foreign_key(batch_op.f("fk_ballot_marks_stage_id"), "contest_stages", ["stage_id"], ["id"])

    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("shadow", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("recent", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.drop_constraint(batch_op.f("uq_ballots_seat_id_entry_id"), type_="unique")
        batch_op.create_index("ix_ballots_seat", ["seat_id"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_ballots_stage_id_seat_id_entry_id"), ["stage_id", "seat_id", "entry_id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_ballots_stage_id"), "contest_stages", ["stage_id"], ["id"])

    with op.batch_alter_table("contests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recusal_years", sa.Integer(), nullable=False, server_default="3"))
        batch_op.add_column(sa.Column("package", sa.String(length=32), nullable=False, server_default="supervisor"))
        batch_op.add_column(sa.Column("feedback", sa.String(length=32), nullable=False, server_default="never"))
        batch_op.add_column(sa.Column("comments", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("diligence", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.drop_constraint(batch_op.f("ck_contests_judging_after_deadline"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_contests_per_entry_one_or_more"), type_="check")
        batch_op.drop_column("aggregation")
        batch_op.drop_column("per_entry")
        batch_op.drop_column("judging_until")
        batch_op.drop_column("scores_version")
        batch_op.drop_column("released")
        batch_op.drop_column("locked")
        batch_op.drop_column("stage")

    with op.batch_alter_table("criteria", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_criteria_group_id_key"), type_="unique")
        batch_op.create_index(batch_op.f("ix_criteria_stage_id"), ["stage_id"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_criteria_group_id_stage_id_key"), ["group_id", "stage_id", "key"]
        )
        batch_op.create_index(
            "uq_criteria_group_key",
            ["group_id", "key"],
            unique=True,
            sqlite_where=sa.text("stage_id IS NULL"),
            postgresql_where=sa.text("stage_id IS NULL"),
        )
        batch_op.create_foreign_key(batch_op.f("fk_criteria_stage_id"), "contest_stages", ["stage_id"], ["id"])

    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ip_clear", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("good_record", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("versions", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("mark", sa.String(length=16), nullable=False, server_default=""))
        batch_op.drop_column("members")

    with op.batch_alter_table("judge_seats", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("earlier_units", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.create_unique_constraint(batch_op.f("uq_judge_seats_contest_id_code"), ["contest_id", "code"])

    with op.batch_alter_table("recusals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grounds", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("reopened", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("standings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tally_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("stage_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("code", sa.String(length=20), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("error", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("removed", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("removed_reason", sa.String(length=500), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_standings_entry_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_standings_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_standings_stage_id"), ["stage_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_standings_tally_id_entry_id"), ["tally_id", "entry_id"])
        batch_op.create_foreign_key(batch_op.f("fk_standings_tally_id"), "tallies", ["tally_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_standings_stage_id"), "contest_stages", ["stage_id"], ["id"])

    _hand_ballots_to_stages()
    for table, columns in (
        ("ballots", ("stage_id",)),
        ("ballot_marks", ("stage_id", "sequence", "previous", "digest")),
        ("standings", ("stage_id", "tally_id")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, existing_type=KINDS[column], nullable=False)
    with op.batch_alter_table("ballot_marks", schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f("ck_ballot_marks_sequence_from_one"), "sequence >= 1")
    _guard_marks()


def downgrade():
    _unguard_marks()
    with op.batch_alter_table("contests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stage", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("locked", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("released", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("scores_version", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("judging_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("per_entry", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("aggregation", sa.String(length=32), nullable=True))
        batch_op.drop_column("diligence")
        batch_op.drop_column("comments")
        batch_op.drop_column("feedback")
        batch_op.drop_column("package")
        batch_op.drop_column("recusal_years")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("members", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.drop_column("mark")
        batch_op.drop_column("versions")
        batch_op.drop_column("late")
        batch_op.drop_column("good_record")
        batch_op.drop_column("ip_clear")
    _leave_one_stage()
    _put_members_back()
    with op.batch_alter_table("contests", schema=None) as batch_op:
        for column in ("stage", "scores_version", "judging_until", "per_entry", "aggregation"):
            batch_op.alter_column(column, existing_type=KINDS[column], nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_contests_judging_after_deadline"), "judging_until > deadline")
        batch_op.create_check_constraint(batch_op.f("ck_contests_per_entry_one_or_more"), "per_entry >= 1")

    with op.batch_alter_table("standings", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_standings_stage_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_standings_tally_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_standings_tally_id_entry_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_standings_stage_id"))
        batch_op.drop_index(batch_op.f("ix_standings_entry_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_standings_entry_id"), ["entry_id"])
        batch_op.drop_column("removed_reason")
        batch_op.drop_column("removed")
        batch_op.drop_column("error")
        batch_op.drop_column("place")
        batch_op.drop_column("code")
        batch_op.drop_column("stage_id")
        batch_op.drop_column("tally_id")

    with op.batch_alter_table("recusals", schema=None) as batch_op:
        batch_op.drop_column("reopened")
        batch_op.drop_column("grounds")

    with op.batch_alter_table("judge_seats", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_judge_seats_contest_id_code"), type_="unique")
        batch_op.drop_column("earlier_units")
        batch_op.drop_column("code")

    with op.batch_alter_table("criteria", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_criteria_stage_id"), type_="foreignkey")
        batch_op.drop_index(
            "uq_criteria_group_key",
            sqlite_where=sa.text("stage_id IS NULL"),
            postgresql_where=sa.text("stage_id IS NULL"),
        )
        batch_op.drop_constraint(batch_op.f("uq_criteria_group_id_stage_id_key"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_criteria_stage_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_criteria_group_id_key"), ["group_id", "key"])
        batch_op.drop_column("stage_id")

    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_ballots_stage_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_ballots_stage_id_seat_id_entry_id"), type_="unique")
        batch_op.drop_index("ix_ballots_seat")
        batch_op.create_unique_constraint(batch_op.f("uq_ballots_seat_id_entry_id"), ["seat_id", "entry_id"])
        batch_op.drop_column("recent")
        batch_op.drop_column("shadow")
        batch_op.drop_column("stage_id")

    with op.batch_alter_table("ballot_marks", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_ballot_marks_sequence_from_one"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_ballot_marks_stage_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_ballot_marks_stage_id_sequence"), type_="unique")
        batch_op.drop_column("digest")
        batch_op.drop_column("previous")
        batch_op.drop_column("sequence")
        batch_op.drop_column("stage_id")

    with op.batch_alter_table("judge_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_judge_records_user_id"))

    op.drop_table("judge_records")
    with op.batch_alter_table("final_appearances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_final_appearances_entry_id"))

    op.drop_table("final_appearances")
    op.drop_table("reconsiderations")
    op.drop_table("deliberation_notes")
    op.drop_table("comment_consents")
    with op.batch_alter_table("tallies", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_tally_in_force", sqlite_where=sa.text("reopened IS NULL"), postgresql_where=sa.text("reopened IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_tallies_contest_id"))

    op.drop_table("tallies")
    with op.batch_alter_table("stage_seats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_seats_seat_id"))

    op.drop_table("stage_seats")
    with op.batch_alter_table("stage_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_entries_lead_seat_id"))
        batch_op.drop_index(batch_op.f("ix_stage_entries_entry_id"))

    op.drop_table("stage_entries")
    with op.batch_alter_table("recusal_wishes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recusal_wishes_entry_id"))

    op.drop_table("recusal_wishes")
    op.drop_table("finals")
    op.drop_table("entry_versions")
    with op.batch_alter_table("entry_ties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_ties_entry_id"))

    op.drop_table("entry_ties")
    with op.batch_alter_table("entry_settlements", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_entry_settlements_standing",
            sqlite_where=sa.text("undone IS NULL"),
            postgresql_where=sa.text("undone IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_entry_settlements_entry_id"))

    op.drop_table("entry_settlements")
    with op.batch_alter_table("entry_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_members_user_id"))
        batch_op.drop_index(batch_op.f("ix_entry_members_phone"))
        batch_op.drop_index(batch_op.f("ix_entry_members_email"))

    op.drop_table("entry_members")
    with op.batch_alter_table("entry_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_files_region"))
        batch_op.drop_index(batch_op.f("ix_entry_files_entry_id"))

    op.drop_table("entry_files")
    with op.batch_alter_table("diligence_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_diligence_checks_entry_id"))
        batch_op.drop_index(batch_op.f("ix_diligence_checks_checked_by_id"))

    op.drop_table("diligence_checks")
    with op.batch_alter_table("blind_copies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blind_copies_region"))

    op.drop_table("blind_copies")
    op.drop_table("judge_pledges")
    op.drop_table("judge_invitations")
    with op.batch_alter_table("contest_stages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contest_stages_contest_id"))

    op.drop_table("contest_stages")
    with op.batch_alter_table("contest_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contest_rules_decision_id"))

    op.drop_table("contest_rules")
    with op.batch_alter_table("prior_wins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prior_wins_uscc"))
        batch_op.drop_index(batch_op.f("ix_prior_wins_region"))
        batch_op.drop_index(batch_op.f("ix_prior_wins_folded_project"))
        batch_op.drop_index(batch_op.f("ix_prior_wins_folded_name"))

    op.drop_table("prior_wins")
