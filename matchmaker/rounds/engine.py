"""A plan out of scores and rules: whom each need gets, and the proof why some get nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from matchmaker.core.assignment.serving import serve
from matchmaker.core.feasibility import Blocking, Infeasible, check_feasible


@dataclass(frozen=True)
class Planned:
    """Pairs as (row of the need, column of the helper), best first within a need."""

    pairs: list[tuple[int, int]]
    total: float
    unserved: list[int] = field(default_factory=list)  # rows that wanted somebody
    full: list[int] = field(default_factory=list)  # those of them that had candidates
    blocking: list[Blocking] = field(default_factory=list)  # proofs, in rows and columns


def plan(scores: np.ndarray, allowed: np.ndarray, *, wanted: Sequence[int], room: Sequence[int], seed: int) -> Planned:
    """Serve as many needs as possible, then the largest sum.

    Parameters
    ----------
    scores : ndarray of shape (n_needs, n_helpers), in [0, 1]
    allowed : bool ndarray of shape (n_needs, n_helpers)
    wanted : helpers that each need still lacks
    room : needs that each helper can still take
    seed : which of several equally good plans
    """
    needs, places = np.array(wanted, dtype=np.int64), np.array(room, dtype=np.int64)
    served = serve(scores, most_per_item=needs, most_per_person=places, allowed=allowed, seed=seed)
    pairs = sorted(
        ((int(row), int(column)) for row, column in np.argwhere(served.pairs)),
        key=lambda pair: (pair[0], -scores[pair], pair[1]),
    )
    unserved = [int(row) for row in np.flatnonzero((needs > 0) & ~served.pairs.any(axis=1))]
    full = [row for row in unserved if allowed[row].any()]
    total = float(scores[served.pairs].sum()) if served.pairs.size else 0.0
    return Planned(pairs, total, unserved, full, _proofs(allowed, needs, places) if full else [])


def _proofs(allowed: np.ndarray, wanted: np.ndarray, room: np.ndarray) -> list[Blocking]:
    """Sets of needs that cannot all have somebody, with the helpers they would need."""
    rows = np.flatnonzero((wanted > 0) & allowed.any(axis=1))
    try:
        check_feasible(per_item=1, min_load=0, max_load=room, forbidden=~allowed[rows])
    except Infeasible as proof:
        return [
            Blocking(each.sentence, tuple(int(rows[row]) for row in each.items), each.people, each.need, each.available)
            for each in proof.blocking
        ]
    return []
