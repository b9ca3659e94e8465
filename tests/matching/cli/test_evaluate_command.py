"""`matchmaker match evaluate`: figures worked out by hand, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from tests.matching.cli.test_rank_command import run

__all__ = ["run"]

PROFILES = [{"id": name, "texts": [text]} for name, text in [("a", "钢铁"), ("b", "钢铁 铝材"), ("c", "葡萄")]]
SILENT = {"id": "z", "texts": []}
NEEDS = [{"id": "1", "texts": ["钢铁"]}, {"id": "2", "texts": ["葡萄"]}, {"id": "3", "texts": ["铝材"]}]


def figures(done):
    assert done.exit_code == 0, done.output
    return {name: float(value) for name, value in (line.split(",") for line in done.stdout.splitlines()[1:])}


def evaluated(run, truth, **files):
    return run(command="evaluate", truth=truth, **{"profiles": PROFILES, "needs": NEEDS, **files})


def test_figures_by_hand(run):
    # need 1: a, b, c, right: b (2) and a (1); need 2: c first, right: c; need 3: judged, but nobody is right
    done = evaluated(run, "need,profile,relevance\n1,b,2\n1,a,1\n2,c,1\n3,a,0\n")

    ndcg = (1 + 2 / np.log2(3)) / (2 + 1 / np.log2(3))
    assert figures(done) == {
        "needs": 2,
        "R@1": 0.75,
        "R@5": 1,
        "R@10": 1,
        "MRR": 1,
        "nDCG@10": pytest.approx((1 + ndcg) / 2, abs=1e-6),
    }
    assert "1 条需求" in done.stderr


def test_without_relevance_every_listed_pair_is_right(run):
    assert figures(evaluated(run, "profile,need\nb,1\n"))["MRR"] == 0.5


@pytest.mark.parametrize(
    ("truth", "sentence"),
    [
        ("need,profile\n9,a\n", "truth.csv 第 2 行：需求文件里没有 '9'"),
        ("need,profile\n1,a\n1,z\n", "truth.csv 第 3 行：服务者文件里没有 'z'"),
        ("need,profile\n1,a\n1,a\n", "truth.csv 第 3 行：'1' 与 'a' 已经在前面出现过"),
        ("need,profile,relevance\n1,a,much\n", "truth.csv 第 2 行：relevance 应为不小于 0 的数"),
        ("need,profile,relevance\n1,a,-1\n", "第 2 行：relevance 应为"),
        ("need,profile,relevance\n1,a,nan\n", "第 2 行：relevance 应为"),
        ("need,profile,relevance\n1,a\n", "第 2 行：relevance 应为"),
        ("need,profile,relevance\n1,a,0\n", "没有一条合适的配对"),
        ("need,profile\n", "没有一条合适的配对"),
        ("query,document\n1,a\n", "需要 need 和 profile 两列"),
        ("", "需要 need 和 profile 两列"),
    ],
)
def test_a_truth_that_cannot_be_used_is_refused_in_one_line(run, truth, sentence):
    done = evaluated(run, truth)

    assert done.exit_code == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_who_says_nothing_counts_and_is_named(run):
    # need 4 says nothing: everybody stands at 0 in the order of the file, its right profile c third
    done = evaluated(
        run, "need,profile\n1,a\n4,c\n", needs=[*NEEDS, {"id": "4", "texts": ["🙂"]}], profiles=[*PROFILES, SILENT]
    )

    found = figures(done)
    assert (found["needs"], found["R@1"], found["MRR"]) == (2, 0.5, pytest.approx((1 + 1 / 3) / 2, abs=1e-6))
    assert "1 位服务者没有可以比较的文字，得分记为 0：z" in done.stderr
    assert "1 条需求没有可以比较的文字，得分记为 0：4" in done.stderr
