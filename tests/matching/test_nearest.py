"""Candidates from an HNSW index in PostgreSQL: the same scores, and how many of the exact best they hold."""

from __future__ import annotations

import pytest

from matchmaker.core.db import db, transaction
from matchmaker.matching import jobs, queries
from matchmaker.matching.engine.dense import DIMENSIONS, Dense
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.services import nearest, suggesting
from matchmaker.rosters.services import profiles as rosters
from tests.benchmarks.helpers_at_scale import PAPERS, needs, profiles
from tests.cast import a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need
from tests.factories.rosters import a_helper

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def wanted(app, monkeypatch):
    """PostgreSQL with the extension, and the setting."""
    if not nearest.available():
        pytest.skip("PostgreSQL with the extension `vector` alone")
    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", type(settings)(**{**vars(settings), "match_index": "pgvector"}))
    yield
    with transaction():
        db.session.execute(db.text(f"DROP TABLE IF EXISTS {nearest.TABLE}"))


def test_elsewhere_there_is_none(app):
    assert nearest.DIMENSIONS == DIMENSIONS
    assert nearest.available() == (db.engine.dialect.name == "postgresql")
    assert jobs.nearness() == 0


@pytest.mark.skipif(not PAPERS.exists(), reason=f"no {PAPERS.name} in ../shared/data")
def test_candidates_hold_nearly_all_of_the_best(wanted):
    index, asked = ProfileIndex.fit(profiles(2000)), needs(40)
    vectors = Dense(index)
    with transaction():
        nearest.build(index.profiles(), vectors.profile, version=1)

    held = total = 0
    for need in asked:
        exact = {match.profile_id: match.score for match in index.top(need, 10).matches}
        found = index.among(need, nearest.nearest(vectors.need(need), nearest.SEARCHED), 10)
        assert all(match.score == exact.get(match.profile_id, match.score) for match in found.matches)
        held += len(exact.keys() & {match.profile_id for match in found.matches})
        total += len(exact)

    print(f"\nrecall of the ten best, words and tags, 400 of 2 000 looked at: {held / total:.3f}")
    assert held / total >= 0.95


def test_suggestions_come_from_the_table_and_an_edit_is_seen_before_the_next_build(wanted):
    need = a_need(actor=a_user(organisation=an_organisation()))
    first = a_helper(user=a_user(), name="秦志远", expertise=EXPERTISE)
    assert jobs.nearness() == 1
    assert nearest.built() == queries.stamp()[1]
    assert jobs.nearness() == 0

    second = a_helper(user=a_user(), name="刚来的", expertise=EXPERTISE)
    assert {item.person.id for item in suggesting.suggest(need).best} == {first.id, second.id}

    with transaction():
        rosters.ensure(first).opted_out = True
    found = suggesting.suggest(need)
    assert [item.person.id for item in found.best] == [second.id]
    assert [item.person.id for item in found.aside] == [first.id]
