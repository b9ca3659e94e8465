"""Many needs on a Dask cluster: the rankings of the index at home, every one of them."""

import pytest

from matchmaker.matching.engine.index import ProfileIndex
from tests.benchmarks.helpers_at_scale import PAPERS, needs, profiles

pytest.importorskip("distributed", reason="the extra `dask` is not installed")
pytestmark = pytest.mark.skipif(not PAPERS.exists(), reason=f"no {PAPERS.name} in ../shared/data")


@pytest.fixture(scope="module")
def address():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_ranks_as_this_process(address, monkeypatch):
    from matchmaker.matching.engine import cluster

    monkeypatch.setattr(cluster, "PART", 7)
    helpers, asked = list(profiles(300)), needs(30)
    there = cluster.Cluster(address)
    try:
        there.fit(helpers)
        found = list(there.tops(asked, k=10))
    finally:
        there.close()

    assert found == [ProfileIndex.fit(helpers).top(need, 10) for need in asked]  # recall 1, and the same scores
