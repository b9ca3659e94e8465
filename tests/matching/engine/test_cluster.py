"""Many needs on a Dask cluster: the figures of the index at home, every one of them."""

import numpy as np
import pytest

from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.meanings import Immediate
from matchmaker.matching.engine.semantic import DIMENSIONS
from tests.benchmarks.helpers_at_scale import PAPERS, needs, profiles

pytest.importorskip("distributed", reason="the extra `dask` is not installed")
pytestmark = pytest.mark.skipif(not PAPERS.exists(), reason=f"no {PAPERS.name} in ../shared/data")


class Letters:
    """A small encoder: texts with the same letters mean the same."""

    name = "letters-1"

    def encode(self, texts):
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text:
                row[ord(letter) % DIMENSIONS] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def address():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(params=[None, Letters], ids=["words", "meaning"])
def index(request):
    """Fitted, and changed since: a fit of today's profiles would weigh otherwise."""
    helpers = list(profiles(300))
    index = ProfileIndex.fit(helpers[:250], request.param and Immediate(request.param()))
    for helper in helpers[250:]:
        index.put(helper)
    return index


@pytest.fixture
def cluster(address, index, monkeypatch):
    from matchmaker.matching.engine import cluster

    monkeypatch.setattr(cluster, "PART", 7)
    there = cluster.Cluster(address)
    there.take(index)
    yield there
    there.close()


def test_a_cluster_ranks_as_this_process(cluster, index):
    asked = needs(30)

    assert list(cluster.tops(asked, k=10)) == [index.top(need, 10) for need in asked]  # recall 1, and the same scores


def test_a_cluster_scores_all_pairs_as_each_pair_alone(cluster, index):
    asked, ids = needs(16), ["p0000299", *(f"p{number:07}" for number in range(0, 300, 17))]

    found = cluster.table(asked, ids)

    assert found.tolist() == index.table(asked, ids).tolist()
    assert found.tolist() == [[index.match(need, key).score for key in ids] for need in asked]
    assert cluster.table([], ids).shape == (0, len(ids))
    assert cluster.table(asked, []).shape == (16, 0)


def test_nobody_at_the_address_is_told_apart(monkeypatch):
    from matchmaker.matching.engine import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(cluster.Unreachable):
        cluster.Cluster("tcp://127.0.0.1:9")
