"""A round scores all its pairs at once: here, or on the cluster that the settings name, with the same plan."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import transaction
from matchmaker.matching.services import many
from matchmaker.rounds import queries
from matchmaker.rounds.services import planning
from tests.cast import a_user
from tests.cluster import named_in_the_settings
from tests.factories.directory import an_organisation
from tests.factories.matching import a_need
from tests.factories.rosters import a_helper
from tests.factories.rounds import a_round

pytestmark = pytest.mark.usefixtures("now")
TEXTS = ("视频识别误报太多", "葡萄酒酿造工艺不稳定", "机床刀具磨损很快", "财务报表与税务筹划", "水泵轴承异响监测")


@pytest.fixture
def row(app):
    owner = a_user(organisation=an_organisation())
    helpers = [
        a_helper(user=a_user(name=f"导师{n}"), name=f"导师{n}", expertise=TEXTS[n % 5] + TEXTS[(2 * n + 1) % 5])
        for n in range(8)
    ]
    needs = [a_need(actor=owner, title=text, text=text) for text in TEXTS]
    return a_round(needs, helpers, actor=a_user(Role.HANDLER, name="经办"), per_need=2, per_helper=2)


def proposed(row):
    return {(pair.need_id, pair.person_id): pair.score for pair in queries.pairs_of(row.id)}


def test_a_round_planned_on_a_cluster_is_the_one_planned_here(app, row, monkeypatch):
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    from matchmaker.matching.engine.cluster import Cluster

    here, report = proposed(row), row.report
    asked = []
    table = Cluster.table
    monkeypatch.setattr(Cluster, "table", lambda *given: asked.append(given) or table(*given))

    with named_in_the_settings(app, monkeypatch), transaction():
        planning.plan(row, actor=row.created_by)

    assert len(asked) == 1
    assert proposed(row) == here
    assert row.report == report
    assert len(here) == 10


def test_the_scores_of_a_table_are_those_of_each_need_alone(row):
    needs, people = queries.needs_of(row.id), [person.id for person in queries.helpers_of(row.id)]

    table = many.score_table(needs, people)

    for need, scores in zip(needs, table.scores.tolist(), strict=True):
        alone = many.score_table([need], people)
        assert alone.scores.tolist() == [scores]
