"""Very many needs on all processors: child processes see the index as it stands, without a copy.

Threads do not help, as the products of sparse matrices hold the interpreter. A child only computes; it opens no
database and writes no log, so that it may begin beside other threads.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from matchmaker.core.errors import DomainError
from matchmaker.matching.engine.profiles import Need
from matchmaker.matching.engine.ranking import Ranking

FROM = 1000  # needs; below, children cost more than they bring. A page never asks for so many
PART = 100  # needs handed over together

Work = Callable[[Sequence[Need]], list[Ranking]]


def spread(work: Work, needs: Sequence[Need]) -> Iterator[Ranking]:
    """What `work` finds for each need, in their order. Raises DomainError where a need says nothing."""
    parts = [needs[start : start + PART] for start in range(0, len(needs), PART)]
    children = min(os.cpu_count() or 1, 8)
    if len(needs) < FROM or children < 2 or "fork" not in multiprocessing.get_all_start_methods():
        for part in parts:
            yield from work(part)
        return
    gc.freeze()  # a collection in a child would copy every page it looks at
    try:
        with ProcessPoolExecutor(children, multiprocessing.get_context("fork"), _begin, (work,)) as pool:
            for part, found in zip(parts, pool.map(_within, parts), strict=True):
                yield from work(part) if found is None else found
    finally:
        gc.unfreeze()


_work: list[Work] = []  # of a child


def _begin(work: Work) -> None:
    gc.disable()
    _work[:] = [work]


def _within(needs: Sequence[Need]) -> list[Ranking] | None:
    """None where a need cannot be ranked: the parent tries again and says why."""
    try:
        return _work[0](needs)
    except DomainError:
        return None
