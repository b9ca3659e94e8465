"""Very many needs in processes: the same rankings in the same order; and the kernel that spares a copy."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy import sparse

from matchmaker.core.errors import DomainError
from matchmaker.matching.engine import postings, spreading
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.profiles import EMPTY_NEED, Need, Profile

TEXTS = ("数控机床刀具磨损在线监测", "切削力信号分析", "葡萄酒酿造工艺", "云计算与大数据平台", "低光照视频识别")


@pytest.fixture
def index():
    documents = [((f"{text}，{other}", 1.0), (other, 2.0)) for text in TEXTS for other in TEXTS]
    return ProfileIndex.fit([Profile(f"p{n:02}", "mentor", each) for n, each in enumerate(documents)])


@pytest.fixture
def shared_out(monkeypatch):
    monkeypatch.setattr(spreading, "FROM", 10)
    monkeypatch.setattr(spreading, "PART", 7)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_processes_rank_as_this_one_and_in_order(index, shared_out):
    index.put(Profile("new", "mentor", ((TEXTS[0], 1.0),)))
    asked = [Need(f"{text}{number}") for number in range(9) for text in TEXTS]

    found = list(index.tops(asked, 5))

    assert found == [index.top(need, 5) for need in asked]
    assert any(match.profile_id == "new" for ranking in found for match in ranking.matches)


def test_they_are_other_processes(index, shared_out):
    seen = set(spreading.spread(lambda part: [os.getpid()] * len(part), [Need("刀具")] * 60))

    assert os.getpid() not in seen
    assert 1 <= len(seen) <= 2


def test_few_needs_stay_in_this_process(index, monkeypatch):
    assert set(spreading.spread(lambda part: [os.getpid()] * len(part), [Need("刀具")] * 9)) == {os.getpid()}


def test_a_need_that_says_nothing_is_refused_as_alone(index, shared_out):
    with pytest.raises(DomainError, match=EMPTY_NEED):
        list(index.tops([*[Need("刀具")] * 20, Need("！！")], 5))


def test_the_kernel_gives_the_product_to_the_last_bit(monkeypatch):
    random = np.random.default_rng(3)
    turned = sparse.random_array((60, 400), density=0.2, rng=random, dtype=np.float32, format="csr")
    columns, weights = np.array([0, 3, 4, 59]), random.random(4).astype(np.float32)
    assert postings.csc_matvec is not None

    quick = postings._product(turned, columns, weights)
    monkeypatch.setattr(postings, "csc_matvec", None)

    assert quick.tolist() == postings._product(turned, columns, weights).tolist()
