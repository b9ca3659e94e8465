"""The order of the objectives: what is preferred, the worst-off item, the sum, then a draw by the seed.

Max-min first, as Stelmakh, Shah, Singh, 2018, PeerReview4All (arXiv 1806.06237), but only for the worst-off item and
exact by integer programming (HiGHS). Affinities are rounded to seven significant places of the largest, so that equal
sums are equal and the solver's tolerance cannot decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from matchmaker.core.assignment.climbing import lifted
from matchmaker.core.assignment.floors import (
    Deadline,
    OutOfTime,
    ceiling,
    chosen_above,
    fractional_ceiling,
    largest_above,
    smallest,
    strengthened,
    totals,
)
from matchmaker.core.assignment.transport import Transport, narrowed
from matchmaker.core.errors import DomainError
from matchmaker.core.feasibility import check_feasible

RESOLUTION = 10**7  # affinities closer than about 1/RESOLUTION of the largest one count as equal
DRAWN = 10**6  # the draw gives every pair a number below this
TIE_BREAK_NODES = 200  # a draw only chooses among optima, so its search may stop early
FIRST_LOOK = 2  # seconds for the floor that the worst-off item would reach alone
UNSOLVED = "在限定时间内没有算出最优方案，请放宽限制或分批安排。"


class Unsolved(DomainError):
    """Time ran out before the optimum was proved; `best` keeps every rule and may be offered, marked as such."""

    def __init__(self, best: np.ndarray | None = None) -> None:
        super().__init__(UNSOLVED)
        self.best = best


@dataclass(frozen=True)
class Solution:
    """An assignment and what is proved about it; floor, ceiling and total in the units of the affinity.

    `floor` is the smallest total; no assignment can have one above `ceiling`. `proved` says that the floor is the
    largest possible and the total the largest possible under it.
    """

    pairs: np.ndarray  # (n_items, n_people) bool
    floor: float
    ceiling: float
    total: float
    proved: bool


def assign(affinity, *, per_item, min_load, max_load, forbidden, fixed=None, seed=0, time_limit_seconds=60.0):
    """`solve`, or Unsolved when the optimum could not be proved within the time.

    Returns
    -------
    bool ndarray of shape (n_items, n_people)
    """
    found = solve(
        affinity,
        per_item=per_item,
        min_load=min_load,
        max_load=max_load,
        forbidden=forbidden,
        fixed=fixed,
        drawn=seed,
        time_limit_seconds=time_limit_seconds,
    )
    if not found.proved:
        raise Unsolved(found.pairs)
    return found.pairs


def solve(
    affinity,
    *,
    per_item,
    min_load,
    max_load,
    forbidden,
    fixed=None,
    preferred: Sequence[np.ndarray] = (),
    drawn: int | np.ndarray = 0,
    time_limit_seconds=60.0,
) -> Solution:
    """Give every item its people: the worst-off item first, then the sum, then a draw.

    Parameters
    ----------
    affinity : ndarray of shape (n_items, n_people), finite, larger is better
    per_item : int or ndarray of shape (n_items,), people that each item gets, exactly
    min_load, max_load : int or ndarray of shape (n_people,), fewest and most items of a person
    forbidden : bool ndarray of shape (n_items, n_people), pairs that must never be made (回避)
    fixed : bool ndarray of shape (n_items, n_people) or None, pairs that must stay
    preferred : int ndarrays of shape (n_items, n_people), sums to be largest before everything else, in this order
    drawn : seed, or whole numbers of shape (n_items, n_people) whose sum chooses among equally good assignments
    time_limit_seconds : float, for the exact search; without it the answer depends on the input alone

    Raises
    ------
    Infeasible : with a Hall violator as proof
    ValueError : when shapes do not fit or an affinity is not a number
    """
    problem, values, unit = _problem(affinity, per_item, min_load, max_load, forbidden, fixed)
    check_feasible(
        per_item=problem.per_item,
        min_load=problem.min_load,
        max_load=problem.max_load,
        forbidden=~problem.allowed,
        fixed=problem.fixed,
    )
    for sums in preferred:
        problem, _pairs = narrowed(problem, np.asarray(sums, dtype=np.int64))
    numbers = _drawn_numbers(drawn, values.shape)
    pairs, top, proved = _settled(problem, values, numbers, Deadline.after(time_limit_seconds))
    return Solution(
        pairs,
        floor=smallest(problem, values, pairs) / unit,
        ceiling=top / unit,
        total=int(totals(values, pairs).sum()) / unit,
        proved=proved,
    )


def _problem(affinity, per_item, min_load, max_load, forbidden, fixed) -> tuple[Transport, np.ndarray, float]:
    affinity = np.asarray(affinity, dtype=float)
    forbidden = np.asarray(forbidden, dtype=bool)
    fixed = np.zeros_like(forbidden) if fixed is None else np.asarray(fixed, dtype=bool)
    if affinity.ndim != 2 or not affinity.shape == forbidden.shape == fixed.shape:
        raise ValueError("affinity, forbidden and fixed must share one shape (n_items, n_people)")
    if not np.isfinite(affinity).all():
        raise ValueError("every affinity must be a finite number")
    n_items, n_people = affinity.shape
    values, unit = _as_integers(affinity)
    return (
        Transport(
            per_item=np.broadcast_to(np.asarray(per_item, dtype=int), n_items),
            min_load=np.broadcast_to(np.asarray(min_load, dtype=int), n_people),
            max_load=np.broadcast_to(np.asarray(max_load, dtype=int), n_people),
            allowed=~forbidden,
            fixed=fixed,
        ),
        values,
        unit,
    )


def _as_integers(affinity: np.ndarray) -> tuple[np.ndarray, float]:
    """Scaled by a power of ten, so that decimals with six places stay exact, rounded; and units to one."""
    largest = np.abs(affinity).max(initial=0.0)
    if largest == 0:
        return np.zeros(affinity.shape, dtype=np.int64), 1.0
    scale = 10.0 ** np.floor(np.log10(RESOLUTION / largest))
    whole = np.rint(affinity * scale).astype(np.int64)
    common = int(np.gcd.reduce(whole, axis=None)) or 1
    return whole // common, scale / common


def _drawn_numbers(drawn: int | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if isinstance(drawn, np.ndarray):
        return drawn.astype(np.int64)
    return np.random.default_rng(drawn).integers(0, DRAWN, size=shape)


def _settled(problem: Transport, values, numbers, deadline: Deadline) -> tuple[np.ndarray, int, bool]:
    """(the assignment, a bound that no floor exceeds, whether floor and sum are proved)."""
    best, top, proved = _best(problem, values, deadline)
    if not proved:
        return best, top, False
    floor = smallest(problem, values, best)
    total = int(totals(values, best).sum())
    tight = strengthened(problem, values, floor)
    facet, first = narrowed(problem if tight is None else tight, values)
    if int(totals(values, first).sum()) != total:
        return best, top, True  # no network describes these optima: the search's own answer stands
    try:
        chosen = chosen_above(facet, values, floor, numbers, deadline, nodes=TIE_BREAK_NODES)
    except OutOfTime:
        chosen = None
    return (best if chosen is None else chosen), top, True


def _best(problem: Transport, values, deadline: Deadline) -> tuple[np.ndarray, int, bool]:
    """The largest sum under the largest floor, a bound on the floor, and whether both are proved."""
    _facet, best = narrowed(problem, values)
    low, high = smallest(problem, values, best), ceiling(problem, values)
    if low >= high:
        return best, high, True
    with suppress(OutOfTime):  # the bounds below come first
        found = largest_above(problem, values, high, Deadline(min(deadline.end, Deadline.after(FIRST_LOOK).end)))
        if found is not None:
            return found, high, True
        high -= 1
    high = max(min(high, fractional_ceiling(problem, values)), low)
    return _bisected(problem, values, best, high, deadline)


def _bisected(problem: Transport, values, best, high: int, deadline: Deadline) -> tuple[np.ndarray, int, bool]:
    """Between what climbing reaches and what is proved impossible, exact searches; each has the largest sum."""
    low = smallest(problem, values, best)
    climbed = lifted(problem, values, best, high, deadline)
    settled = True
    if smallest(problem, values, climbed) > low:
        best, low, settled = climbed, smallest(problem, values, climbed), False
    probe = high
    try:
        while low < high:
            found = largest_above(problem, values, probe, deadline)
            if found is None:
                high = probe - 1
            else:
                best, low, settled = found, smallest(problem, values, found), True
            probe = (low + high + 1) // 2
        if not settled:
            found = largest_above(problem, values, low, deadline)
            best = best if found is None else found
    except OutOfTime:
        return best, high, False
    return best, high, True
