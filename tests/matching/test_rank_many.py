"""Many needs at once: the same people and scores here and on a cluster."""

from __future__ import annotations

import pytest

from matchmaker.matching.engine import cluster as clusters
from matchmaker.matching.services import many
from tests.cast import a_user
from tests.cluster import named_in_the_settings
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need
from tests.factories.rosters import a_helper

pytest.importorskip("distributed", reason="the extra `dask` is not installed")
pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def needs(app):
    owner = a_user(organisation=an_organisation())
    for name, words in (("甲", EXPERTISE), ("乙", "财务报表与税务筹划"), ("丙", "视频识别")):
        a_helper(user=a_user(name=name), name=name, expertise=words)
    return [a_need(actor=owner), a_need(actor=owner, title="财务报表", text="财务报表与税务筹划")]


def test_a_cluster_named_in_the_settings_ranks_as_this_process(app, needs, monkeypatch):
    here = many.rank_many(needs)

    with named_in_the_settings(app, monkeypatch):
        there = many.rank_many(needs)

    assert there == here
    assert [len(rows) for rows in here] == [3, 3]


def test_where_no_cluster_answers_this_process_ranks(app, needs, monkeypatch):
    here = many.rank_many(needs)
    monkeypatch.setattr(clusters, "PATIENCE", 1)

    with named_in_the_settings(app, monkeypatch, address="tcp://127.0.0.1:9"):
        assert many.rank_many(needs) == here
