"""A plan out of scores and rules: whom each need gets, and the proof why some get nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from matchmaker.core.assignment.fairness import serve_fairly, smallest_total
from matchmaker.core.assignment.serving import serve
from matchmaker.core.feasibility import Blocking, Infeasible, check_feasible
from matchmaker.rounds.rules import Aim


@dataclass(frozen=True)
class Raised:
    """What the largest sum would have come to, and how far the worst-off can be raised at all."""

    total: float
    least: float | None
    ceiling: float | None
    proved: bool  # that `ceiling` is reached, and the sum is the largest that goes with it


@dataclass(frozen=True)
class Planned:
    """Pairs as (row of the need, column of the helper), best first within a need."""

    pairs: list[tuple[int, int]]
    total: float
    least: float | None = None  # what the worst-off of the served needs receives from all its helpers
    raised: Raised | None = None  # where the worst-off came first
    unserved: list[int] = field(default_factory=list)  # rows that wanted somebody
    full: list[int] = field(default_factory=list)  # those of them that had candidates
    blocking: list[Blocking] = field(default_factory=list)  # proofs, in rows and columns


def plan(
    scores: np.ndarray,
    allowed: np.ndarray,
    *,
    wanted: Sequence[int],
    room: Sequence[int],
    seed: int,
    aim: Aim = Aim.SUM,
) -> Planned:
    """Serve as many needs as possible, then the largest sum; or before the sum, the worst-off of them.

    Parameters
    ----------
    scores : ndarray of shape (n_needs, n_helpers), in [0, 1]
    allowed : bool ndarray of shape (n_needs, n_helpers)
    wanted : helpers that each need still lacks
    room : needs that each helper can still take
    seed : which of several equally good plans
    aim : what comes first among the plans that serve as many needs
    """
    needs, places = np.array(wanted, dtype=np.int64), np.array(room, dtype=np.int64)
    found = serve(scores, most_per_item=needs, most_per_person=places, allowed=allowed, seed=seed).pairs
    raised = None
    if aim is Aim.WORST:
        fair = serve_fairly(scores, most_per_item=needs, most_per_person=places, allowed=allowed, seed=seed)
        raised = Raised(_sum(scores, found), smallest_total(scores, found), fair.ceiling, fair.proved)
        found = fair.pairs
    pairs = sorted(
        ((int(row), int(column)) for row, column in np.argwhere(found)),
        key=lambda pair: (pair[0], -scores[pair], pair[1]),
    )
    unserved = [int(row) for row in np.flatnonzero((needs > 0) & ~found.any(axis=1))]
    full = [row for row in unserved if allowed[row].any()]
    proofs = _proofs(allowed, needs, places) if full else []
    return Planned(pairs, _sum(scores, found), smallest_total(scores, found), raised, unserved, full, proofs)


def _sum(scores: np.ndarray, pairs: np.ndarray) -> float:
    return float(scores[pairs].sum()) if pairs.size else 0.0


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
