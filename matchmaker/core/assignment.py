"""Exact assignment of people to items: who judges what, who helps whom; arrays in, arrays out."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from matchmaker.core.errors import DomainError
from matchmaker.core.feasibility import Blocking, Infeasible, check_feasible

__all__ = ["Blocking", "Infeasible", "Unsolved", "assign", "check_feasible"]

RESOLUTION = 10**5  # affinities closer than about 1/RESOLUTION of the largest one count as equal
OPTIMAL, INFEASIBLE = 0, 2  # scipy.optimize.milp's status codes
TIE_BREAK_NODES = 200  # a drawn objective only chooses among optima, so its search may stop early
UNSOLVED = "在限定时间内没有算出最优方案，请放宽限制或分批安排。"


class Unsolved(DomainError):
    """Time ran out before the optimum was proved; `best` keeps every rule and may be offered, marked as such."""

    def __init__(self, best: np.ndarray | None = None) -> None:
        super().__init__(UNSOLVED)
        self.best = best


class _Budget:
    """Seconds of solver time shared by several searches."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return max(self._end - time.monotonic(), 0.001)


@dataclass(frozen=True)
class _Problem:
    """Checked input: integer affinities and, for every free pair, one 0/1 variable."""

    affinity: np.ndarray  # (n_items, n_people) integers
    per_item: np.ndarray  # (n_items,)
    min_load: np.ndarray  # (n_people,)
    max_load: np.ndarray  # (n_people,)
    allowed: np.ndarray  # (n_items, n_people) bool
    fixed: np.ndarray  # (n_items, n_people) bool
    items: np.ndarray = field(init=False)  # (n_variables,) row of each variable
    people: np.ndarray = field(init=False)  # (n_variables,) column of each variable

    def __post_init__(self) -> None:
        items, people = np.nonzero(self.allowed)
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "people", people)

    @property
    def values(self) -> np.ndarray:
        return self.affinity[self.items, self.people].astype(float)

    def totals(self, pairs: np.ndarray) -> np.ndarray:
        """Affinity each item receives, shape (n_items,), exact integers."""
        return np.where(pairs, self.affinity, 0).sum(axis=1)


def assign(affinity, *, per_item, min_load, max_load, forbidden, fixed=None, seed=0, time_limit_seconds=60.0):
    """Give every item its people: the worst-off item first, then the sum, then a seeded draw.

    Parameters
    ----------
    affinity : ndarray of shape (n_items, n_people), finite, larger is better
    per_item : int or ndarray of shape (n_items,), people that each item gets, exactly
    min_load, max_load : int or ndarray of shape (n_people,), fewest and most items of a person
    forbidden : bool ndarray of shape (n_items, n_people), pairs that must never be made (回避)
    fixed : bool ndarray of shape (n_items, n_people) or None, pairs that must stay
    seed : int, chooses among equally good assignments; the same seed gives the same answer
    time_limit_seconds : float, for the whole exact search

    Returns
    -------
    bool ndarray of shape (n_items, n_people)

    Raises
    ------
    Infeasible : with a Hall violator as proof
    Unsolved : when the optimum could not be proved within the time (everybody wants the same few people)
    ValueError : when shapes do not fit or an affinity is not a number

    References
    ----------
    Max-min first, as Stelmakh, Shah, Singh, 2018, PeerReview4All (arXiv 1806.06237), but only for the worst-off item
    and exact by mixed-integer programming (HiGHS). Affinities are rounded to five significant places of the largest,
    so that equal sums are equal and the solver's tolerance cannot decide.
    """
    problem = _problem(affinity, per_item, min_load, max_load, forbidden, fixed)
    check_feasible(
        per_item=problem.per_item,
        min_load=problem.min_load,
        max_load=problem.max_load,
        forbidden=~problem.allowed,
        fixed=problem.fixed,
    )
    if not problem.items.size:
        return np.zeros(problem.allowed.shape, dtype=bool)
    return _drawn(problem, _best(problem, time_limit_seconds), seed)


def _problem(affinity, per_item, min_load, max_load, forbidden, fixed) -> _Problem:
    affinity = np.asarray(affinity, dtype=float)
    forbidden = np.asarray(forbidden, dtype=bool)
    fixed = np.zeros_like(forbidden) if fixed is None else np.asarray(fixed, dtype=bool)
    if affinity.ndim != 2 or not affinity.shape == forbidden.shape == fixed.shape:
        raise ValueError("affinity, forbidden and fixed must share one shape (n_items, n_people)")
    if not np.isfinite(affinity).all():
        raise ValueError("every affinity must be a finite number")
    n_items, n_people = affinity.shape
    return _Problem(
        affinity=_as_integers(affinity),
        per_item=np.broadcast_to(np.asarray(per_item, dtype=int), n_items),
        min_load=np.broadcast_to(np.asarray(min_load, dtype=int), n_people),
        max_load=np.broadcast_to(np.asarray(max_load, dtype=int), n_people),
        allowed=~forbidden,
        fixed=fixed,
    )


def _as_integers(affinity: np.ndarray) -> np.ndarray:
    """Scale by a power of ten, so that decimals with five places stay exact, and round."""
    largest = np.abs(affinity).max(initial=0.0)
    if largest == 0:
        return np.zeros(affinity.shape, dtype=np.int64)
    scale = 10.0 ** np.floor(np.log10(RESOLUTION / largest))
    whole = np.rint(affinity * scale).astype(np.int64)
    return whole // max(np.gcd.reduce(whole, axis=None), 1)


def _rules(problem: _Problem, floor: int | None) -> list[LinearConstraint]:
    """Numbers per item, loads per person and, if given, what every item must receive.

    Half a unit of slack below the floor absorbs the solver's tolerance: totals are whole numbers.
    """
    n_items, n_people = problem.allowed.shape
    variables = np.arange(problem.items.size)
    ones = np.ones(variables.size)
    by_item = sparse.csr_array((ones, (problem.items, variables)), shape=(n_items, variables.size))
    by_person = sparse.csr_array((ones, (problem.people, variables)), shape=(n_people, variables.size))
    rules = [
        LinearConstraint(by_item, problem.per_item, problem.per_item),
        LinearConstraint(by_person, problem.min_load, problem.max_load),
    ]
    if floor is not None:
        totals = sparse.csr_array((problem.values, (problem.items, variables)), shape=by_item.shape)
        rules.append(LinearConstraint(totals, np.where(problem.per_item > 0, floor - 0.5, -np.inf), np.inf))
    return rules


def _best(problem: _Problem, time_limit_seconds: float) -> np.ndarray:
    """The largest sum under the largest floor: bisect the floor, each step an exact search for the largest sum.

    Usually the first step, with the floor no item could exceed even alone, already succeeds.
    """
    deadline = _Budget(time_limit_seconds)
    best = _largest_sum(problem, None, deadline)
    if best is None:
        raise LookupError("check_feasible passed, so an assignment exists")
    try:
        return _raised(problem, best, deadline)
    except Unsolved as unsolved:
        raise Unsolved(best) from unsolved


def _raised(problem: _Problem, best: np.ndarray, deadline: _Budget) -> np.ndarray:
    low, high = _floor(problem, best), _ceiling(problem)
    probe = high
    while low < high:
        found = _largest_sum(problem, probe, deadline)
        if found is None:
            high = probe - 1
        else:
            best, low = found, _floor(problem, found)
        probe = (low + high + 1) // 2
    settled = _largest_sum(problem, low, deadline)
    return best if settled is None else settled


def _largest_sum(problem: _Problem, floor: int | None, deadline: _Budget) -> np.ndarray | None:
    """The assignment with the largest sum in which every item receives `floor`, or None where there is none."""
    result = milp(
        -problem.values,
        constraints=_rules(problem, floor),
        bounds=_bounds(problem),
        integrality=np.ones(problem.items.size),
        options={"time_limit": deadline.left(), "mip_rel_gap": 0.0},
    )
    if result.status == INFEASIBLE:
        return None
    if result.status != OPTIMAL:
        raise Unsolved
    return _pairs(problem, result.x)


def _floor(problem: _Problem, pairs: np.ndarray) -> int:
    """The smallest total among items that get anybody."""
    busy = problem.per_item > 0
    return int(problem.totals(pairs)[busy].min()) if busy.any() else 0


def _ceiling(problem: _Problem) -> int:
    """No floor can be higher: what the worst item would get alone, and what fractions of people could give."""
    busy = np.nonzero(problem.per_item > 0)[0]
    if not busy.size:
        return 0
    alone = min(_best_alone(problem, int(i)) for i in busy)
    *loads, totals = _rules(problem, 0)
    grown = [
        LinearConstraint(sparse.hstack([rule.A, np.zeros((rule.A.shape[0], 1))]), rule.lb, rule.ub) for rule in loads
    ]
    minus_floor = -(problem.per_item > 0).astype(float)[:, np.newaxis]
    grown.append(LinearConstraint(sparse.hstack([totals.A, minus_floor]), np.where(problem.per_item > 0, 0, -np.inf)))
    bounds = _bounds(problem)
    relaxed = milp(
        np.append(np.zeros(problem.items.size), -1.0),
        constraints=grown,
        bounds=Bounds(np.append(bounds.lb, -np.inf), np.append(np.ones(problem.items.size), alone)),
    )
    return alone if relaxed.x is None else min(alone, int(np.floor(-relaxed.fun + 0.01)))


def _best_alone(problem: _Problem, i: int) -> int:
    held = problem.affinity[i, problem.fixed[i]]
    others = np.sort(problem.affinity[i, problem.allowed[i] & ~problem.fixed[i]])[::-1]
    return int(held.sum() + others[: problem.per_item[i] - held.size].sum())


def _bounds(problem: _Problem) -> Bounds:
    return Bounds(problem.fixed[problem.items, problem.people].astype(float), 1.0)


def _pairs(problem: _Problem, x: np.ndarray) -> np.ndarray:
    pairs = np.zeros(problem.allowed.shape, dtype=bool)
    pairs[problem.items, problem.people] = x > 0.5
    return pairs


def _drawn(problem: _Problem, best: np.ndarray, seed: int) -> np.ndarray:
    """One of the assignments that are as good as `best`, chosen by random weights on the pairs."""
    total = problem.totals(best).sum()
    optimal = LinearConstraint(problem.values[np.newaxis, :], total - 0.5, np.inf)
    weights = np.random.default_rng(seed).integers(1, 1000, size=problem.items.size)
    result = milp(
        weights.astype(float),
        constraints=[*_rules(problem, _floor(problem, best)), optimal],
        bounds=_bounds(problem),
        integrality=np.ones(problem.items.size),
        options={"node_limit": TIE_BREAK_NODES},
    )
    drawn = best if result.x is None else _pairs(problem, result.x)
    return drawn if _as_good(problem, drawn, best) else best


def _as_good(problem: _Problem, drawn: np.ndarray, best: np.ndarray) -> bool:
    loads = drawn.sum(axis=0)
    return bool(
        (drawn.sum(axis=1) == problem.per_item).all()
        and ((problem.min_load <= loads) & (loads <= problem.max_load)).all()
        and drawn[problem.fixed].all()
        and problem.totals(drawn).sum() == problem.totals(best).sum()
        and _floor(problem, drawn) == _floor(problem, best)
    )
