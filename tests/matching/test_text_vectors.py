"""Vectors of texts: made by the job, found by the next suggestion, gone with their text."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from matchmaker.core.db import db, transaction
from matchmaker.matching import jobs
from matchmaker.matching.engine import semantic
from matchmaker.matching.models import TextVector
from matchmaker.matching.services import suggesting, vectors
from matchmaker.rosters.services import profiles
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import a_need
from tests.factories.rosters import a_helper

pytestmark = [
    pytest.mark.usefixtures("now"),
    pytest.mark.skipif(semantic.encoder() is None, reason="the extra `semantic` is not installed"),
]
ENGLISH = "Recognising objects in video at night and in snow, fewer false alarms"
OTHER = "财务报表与税务筹划"


@pytest.fixture
def need(app):
    return a_need(actor=a_user(organisation=an_organisation()))


def kept():
    return db.session.execute(sa.select(TextVector.hash, TextVector.vector)).all()


def test_the_job_lets_meaning_count_at_the_next_suggestion(need):
    helper = a_helper(name="秦志远", expertise=ENGLISH)
    a_helper(name="别的导师", expertise=OTHER)
    before = suggesting.suggest(need)
    assert before.engine == ""

    assert jobs.encode() > 0

    after = suggesting.suggest(need)
    assert after.engine == semantic.encoder().name
    assert after.best[0].person.id == helper.id
    assert "整体意思相近" in [name for name, _points in _shares(after.best[0])]
    assert jobs.encode() == 0


def _shares(suggestion):
    from matchmaker.matching import encoding

    return encoding.share_rows(suggestion.explanation, str)


def test_vectors_are_kept_once_by_the_hash_of_their_text_to_three_decimals(need):
    a_helper(name="秦志远", expertise=ENGLISH)
    a_helper(name="同名同长", expertise=ENGLISH)

    jobs.encode()

    rows = dict(kept())
    vector = semantic.unpacked([rows[semantic.digest(ENGLISH)]])[0]
    assert vector == pytest.approx(semantic.encoder().encode([ENGLISH])[0], abs=0.001)
    assert [key for key, _ in kept()].count(semantic.digest(ENGLISH)) == 1


def test_a_vector_goes_with_its_text(app):
    person = a_helper(expertise=ENGLISH)
    jobs.encode()

    with transaction():
        profiles.ensure(person).expertise = OTHER
    jobs.encode()

    hashes = [key for key, _ in kept()]
    assert semantic.digest(OTHER) in hashes
    assert semantic.digest(ENGLISH) not in hashes


def test_a_run_does_a_part_and_the_next_one_the_rest(app, monkeypatch):
    monkeypatch.setattr(vectors, "MOST", 2)
    for number in range(3):
        a_helper(name=f"导师{number}", expertise=f"{OTHER}{number}")
    everything = len(vectors.missing().texts)

    done = [jobs.encode() for _ in range(everything)]

    assert max(done) == 2
    assert sum(done) == len(kept()) == everything


def test_two_runs_at_once_keep_each_vector_once(app):
    a_helper(expertise=ENGLISH)
    first, second = vectors.missing(), vectors.missing()
    hashes = sorted(first.texts)
    rows = vectors.encode(first, hashes)

    with transaction():
        assert vectors.keep(first, hashes, rows) == len(hashes)
    with transaction():
        assert vectors.keep(second, hashes, rows) == 0

    assert len(kept()) == len(hashes)


@contextmanager
def statements():
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_where_nothing_changed_a_run_asks_one_question(app):
    person = a_helper(expertise=ENGLISH)
    assert jobs.encode() > 0
    assert jobs.encode() == 0  # finds all done, and notes it

    with statements() as idle:
        assert jobs.encode() == 0
    assert len(idle) == 1

    with transaction():
        profiles.ensure(person).expertise = OTHER
    with statements() as busy:
        assert jobs.encode() > 0
    assert len(busy) > 1
    assert semantic.digest(OTHER) in [key for key, _ in kept()]


def test_another_day_or_model_is_looked_at_again(app, monkeypatch):
    a_helper(expertise=ENGLISH)
    jobs.encode(), jobs.encode()
    assert not vectors.missing().model

    monkeypatch.setattr(vectors.clock, "today", lambda: date(2031, 1, 1))
    assert vectors.missing().model
    monkeypatch.undo()
    assert not vectors.missing().model
    monkeypatch.setattr(semantic.encoder(), "name", "another")
    assert vectors.missing().model == "another"


def test_a_change_while_a_run_reads_is_not_lost(app):
    person = a_helper(expertise=ENGLISH)
    jobs.encode()
    work = vectors.missing()
    with transaction():
        profiles.ensure(person).expertise = OTHER

    with transaction():
        vectors.settle(work)

    assert semantic.digest(OTHER) in vectors.missing().texts
