"""Marks of ballots hang together; what was sent twice is written once; the database itself refuses to forget."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from decimal import Decimal

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.cli import ScriptInfo

from matchmaker.competition.cli import judging as command
from matchmaker.competition.models import Ballot, BallotMark, JudgeSeat
from matchmaker.competition.rules.conflicts import RecusalReason
from matchmaker.competition.services import ballots, chain, recusals
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import Conflict
from tests.factories.competition import ballots_of, sign_ballot


@pytest.fixture
def stage(judged):
    """A stage in which every ballot is signed, one corrected and one void."""
    rows = ballots_of(judged)
    for ballot in rows:
        sign_ballot(ballot)
    with transaction():
        ballots.reopen(rows[0], actor=rows[0].seat.user)
    sign_ballot(rows[0], tech="90", market="90")
    with transaction():
        recusals.declare(rows[1], actor=rows[1].seat.user, reason=RecusalReason.MENTORED)
    return judged.current


def forge(statement, **values):
    """Change rows behind the platform's back, as somebody with the database file would."""
    with transaction():
        db.session.connection().execute(sa.text(statement), values)
    db.session.expire_all()


@contextmanager
def without_guard():
    """Take the database's own protection away for a while."""
    off: tuple[str, ...]
    on: tuple[str, ...] = ()
    if db.engine.dialect.name == "postgresql":
        off = ("ALTER TABLE ballot_marks DISABLE TRIGGER USER",)
        on = ("ALTER TABLE ballot_marks ENABLE TRIGGER USER",)
    else:  # every test has a database file of its own
        off = ("DROP TRIGGER ballot_marks_unchanged", "DROP TRIGGER ballot_marks_undeleted")
    for statement in off:
        forge(statement)
    try:
        yield
    finally:
        db.session.rollback()
        for statement in on:
            forge(statement)


def test_every_mark_hangs_on_the_one_before(stage):
    marks = db.session.execute(sa.select(BallotMark).order_by(BallotMark.sequence)).scalars().all()

    assert [mark.what.value for mark in marks] == ["signed"] * 4 + ["reopened", "corrected", "void"]
    assert [mark.sequence for mark in marks] == [1, 2, 3, 4, 5, 6, 7]
    assert [mark.previous for mark in marks[1:]] == [mark.digest for mark in marks[:-1]]
    assert (stage.chain_length, stage.chain_head) == (7, marks[-1].digest)
    assert chain.verify(stage) is None


def test_links_name_nobody(stage):
    text = json.dumps([dict(link.content) for link in chain.links(stage)], ensure_ascii=False)
    names = {ballot.seat.user.name for ballot in ballots_of(stage.contest)}
    titles = {ballot.entry.title for ballot in ballots_of(stage.contest)}

    assert [name for name in names | titles if name in text] == []
    assert {link.content["judge"][0] for link in chain.links(stage)} == {"J"}


def test_erasing_a_person_or_a_comment_keeps_the_chain(stage):
    judge = ballots_of(stage.contest)[2].seat.user
    with transaction():
        judge.name = "已注销用户"
    mark = db.session.execute(sa.select(BallotMark).where(BallotMark.sequence == 1)).scalar_one()
    data = {**mark.data, "comment": "", "salt": ""}
    forge("UPDATE ballot_marks SET data = :data WHERE sequence = 1", data=json.dumps(data))

    assert chain.verify(stage) is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ballot_marks SET what = 'void' WHERE sequence = 2",
        "UPDATE ballot_marks SET digest = 'x' WHERE sequence = 2",
        "DELETE FROM ballot_marks WHERE sequence = 7",
    ],
)
def test_the_database_refuses_to_change_or_forget_a_mark(stage, statement):
    with pytest.raises(sa.exc.DBAPIError, match="only appended to"):
        forge(statement)

    assert chain.verify(stage) is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE ballot_marks SET what = 'corrected' WHERE sequence = 2", 2),
        ("UPDATE ballot_marks SET moment = '2020-01-01 00:00:00' WHERE sequence = 3", 3),
        ("DELETE FROM ballot_marks WHERE sequence = 4", 4),
        ("DELETE FROM ballot_marks WHERE sequence = 7", 7),
        ("UPDATE judge_seats SET code = 'J' || id || 'x'", 1),
        ("UPDATE contest_stages SET chain_length = chain_length + 1", 8),
    ],
)  # fmt: skip
def test_a_forged_record_is_found_where_it_was_forged(stage, statement, broken):
    with without_guard():
        forge(statement)

        assert chain.verify(stage).sequence == broken


def test_points_changed_beside_the_chain_are_found(stage):
    ballot = ballots_of(stage.contest)[3]
    forge("UPDATE ballots SET total = '99' WHERE id = :id", id=ballot.id)

    assert chain.verify(stage).reason == chain.BESIDE


def test_the_command_says_whether_the_chain_holds(application, stage):
    contest_id = stage.contest_id
    run = lambda number: CliRunner().invoke(  # noqa: E731
        command, ["verify", str(number)], obj=ScriptInfo(create_app=lambda: application)
    )

    good = run(contest_id)
    assert (good.exit_code, "7 条记录，完好" in good.output) == (0, True)
    forge("UPDATE contest_stages SET chain_head = 'x'")
    bad = run(contest_id)
    assert (bad.exit_code, "不符" in bad.output) == (1, True)
    assert run(999).exit_code == 2


def test_judges_of_a_contest_have_codes_of_their_own(judged):
    codes = db.session.execute(sa.select(JudgeSeat.code)).scalars().all()

    assert len(set(codes)) == len(codes) == 2
    assert all(re.fullmatch(r"J\d\d", code) for code in codes)


def test_what_is_sent_twice_is_written_once(judged):
    ballot = ballots_of(judged)[0]
    judge, points = ballot.seat.user, {"tech": Decimal(80), "market": Decimal(70)}
    for _again in range(2):
        with transaction():
            saved = ballots.save(ballot, actor=judge, version=1, points=points, nonce="a" * 24)
        assert (saved, ballot.version) == (2, 2)
    for _again in range(2):
        with transaction():
            signed = ballots.sign(ballot, actor=judge, version=2, points=points, nonce="b" * 24)
        assert (signed, ballot.version) == (3, 3)

    assert db.session.execute(sa.select(sa.func.count(BallotMark.id))).scalar_one() == 1
    with transaction():  # an old one arrives late
        assert ballots.save(ballot, actor=judge, version=1, points={}, nonce="a" * 24) == 2
    assert db.session.get(Ballot, ballot.id).total == Decimal(76)


def test_another_nonce_with_an_old_version_is_refused(judged):
    ballot = ballots_of(judged)[0]
    with transaction():
        ballots.save(ballot, actor=ballot.seat.user, version=1, points={"tech": Decimal(80)}, nonce="a" * 24)

    with pytest.raises(Conflict, match="别的页面改过"), transaction():
        ballots.save(ballot, actor=ballot.seat.user, version=1, points={}, nonce="c" * 24)


def test_a_trainees_ballot_leaves_the_count_alone_and_a_mark_in_the_chain(judged):
    ballot = ballots_of(judged)[0]
    with transaction():
        ballot.shadow = True
    before = judged.current.scores_version
    sign_ballot(ballot)

    assert (judged.current.scores_version, judged.current.chain_length) == (before, 1)
    assert chain.verify(judged.current) is None
