"""Measures of rankings against values worked out by hand."""

import numpy as np
import pytest

from matchmaker.matching.engine import evaluation

RANKINGS = [["a", "b", "c"], ["c", "a", "b"]]
RELEVANT = [{"b"}, {"c", "b"}]


@pytest.mark.parametrize(("k", "expected"), [(1, 0.25), (2, 0.75), (3, 1.0)])
def test_recall_at_k(k, expected):
    assert evaluation.recall_at(RANKINGS, RELEVANT, k=k) == expected


def test_mean_reciprocal_rank_counts_a_miss_as_nothing():
    assert evaluation.mean_reciprocal_rank([*RANKINGS, ["a"]], [*RELEVANT, {"z"}]) == pytest.approx(1.5 / 3)


def test_ndcg_by_hand():
    gains = {"a": 3.0, "b": 1.0}  # ideal 3 + 1 / log2(3); found: b first, a third

    assert evaluation.ndcg(["b", "x", "a"], gains, k=3) == pytest.approx((1 + 3 / 2) / (3 + 1 / np.log2(3)))
    assert evaluation.ndcg(["b"], {}, k=3) == 0


def test_coverage_and_inequality_of_exposure():
    assert evaluation.coverage([["a"], ["a"]], {"a", "b"}) == 0.5
    assert evaluation.exposure_gini([["a"], ["b"]], {"a", "b"}) == 0
    assert evaluation.exposure_gini([["a"], ["a"]], {"a", "b"}) == 0.5
    assert evaluation.exposure_gini([], {"a"}) == 0


def test_a_gain_with_its_interval():
    old, new = [0.0, 1.0] * 50, [1.0, 1.0] * 50  # differences 1 and 0 by turns: mean 0.5, standard error 0.05

    mean, low, high = evaluation.gain(new, old, seed=1)

    assert mean == 0.5
    assert (low, high) == (pytest.approx(0.5 - 1.96 * 0.05, abs=0.015), pytest.approx(0.5 + 1.96 * 0.05, abs=0.015))
    assert evaluation.gain(new, old, seed=1) == (mean, low, high)
    assert evaluation.gain(old, old, seed=1) == (0, 0, 0)
