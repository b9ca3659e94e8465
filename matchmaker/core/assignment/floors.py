"""The largest smallest total: which assignments give every item at least so much, and how much is possible at all.

With several people an item the totals are no network any more, and no search over single values is exact. Here every
step is: bounds that prove what is impossible (counting, then linear programming), an exact search by mixed-integer
programming between them, and a check of every answer in whole numbers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from matchmaker.core.assignment.transport import Rows, Transport, largest, rows_of
from matchmaker.core.feasibility import Infeasible, check_feasible

OPTIMAL, INFEASIBLE = 0, 2  # scipy.optimize.milp's status codes
WEIGHTS, LARGEST_PRODUCT = 10**6, 10**12  # whole-numbered weights of a bound, so that no rounding enters its proof


class OutOfTime(Exception):
    """The search was not finished."""


@dataclass(frozen=True)
class Deadline:
    """Seconds of solver time shared by several searches."""

    end: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        return max(self.end - time.monotonic(), 0.0)


def totals(values: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """What each item receives."""
    return np.where(pairs, values, 0).sum(axis=1)


def smallest(problem: Transport, values: np.ndarray, pairs: np.ndarray) -> int:
    """The smallest total among items that get anybody."""
    busy = problem.per_item > 0
    return int(totals(values, pairs)[busy].min()) if busy.any() else 0


def alone(problem: Transport, values: np.ndarray) -> np.ndarray:
    """What each item would receive if it could choose first, and what it receives at the least."""
    return np.stack([_chosen(problem, values, best=True), _chosen(problem, values, best=False)])


def _chosen(problem: Transport, values: np.ndarray, *, best: bool) -> np.ndarray:
    sign = -1 if best else 1
    free = problem.free
    worth = np.sort(np.where(free, sign * values, np.iinfo(np.int64).max), axis=1)
    wanted = problem.per_item - problem.fixed.sum(axis=1)
    places = np.arange(values.shape[1])[np.newaxis, :] < wanted[:, np.newaxis]
    return totals(values, problem.fixed) + sign * np.where(places, worth, 0).sum(axis=1)


def ceiling(problem: Transport, values: np.ndarray) -> int:
    """No floor can be higher: the best of the item that is worst off even when it chooses first."""
    busy = problem.per_item > 0
    return int(alone(problem, values)[0][busy].min()) if busy.any() else 0


def fractional_ceiling(problem: Transport, values: np.ndarray) -> int:
    """No floor can be higher: what could be given if people could be split.

    Whatever weights the items are given, the smallest total is at most the weighted mean, and that mean is at most its
    largest value over all assignments, a transportation problem. The linear programme proposes the weights; they are
    made whole numbers, so that no rounding enters the proof.
    """
    top = ceiling(problem, values)
    weights = _weights(problem, values)
    if weights is None or not weights.sum():
        return top
    finest = max(min(WEIGHTS, LARGEST_PRODUCT // max(int(np.abs(values).max(initial=1)), 1)), 1)
    whole = np.rint(weights / weights.max() * finest).astype(np.int64)
    weighted = values * whole[:, np.newaxis]
    best = int(totals(weighted, largest(problem, weighted)).sum())
    return min(top, best // int(whole.sum()))


def _weights(problem: Transport, values: np.ndarray) -> np.ndarray | None:
    """How much each item weighs in the best smallest total when people may be split; None when the solver gives up."""
    rules = rows_of(problem)
    n_items, n_people = problem.allowed.shape
    scale = float(np.abs(values).max(initial=1)) or 1.0
    busy = problem.per_item > 0
    variables = np.arange(rules.items.size)
    worth = sparse.csr_array(
        (values[rules.items, rules.people] / scale, (rules.items, variables)), shape=rules.by_item.shape
    )
    column, nothing = sparse.csr_array(busy.astype(float)[:, np.newaxis]), sparse.csr_array((n_people, 1))
    rows = [
        sparse.hstack([rules.by_person, nothing]),
        sparse.hstack([-rules.by_person, nothing]),
        sparse.hstack([-worth, column]),
    ]
    result = linprog(
        np.append(np.zeros(variables.size), -1.0),
        A_ub=sparse.vstack(rows),
        b_ub=np.concatenate([rules.most, -rules.least, totals(values, problem.fixed) / scale]),
        A_eq=sparse.hstack([rules.by_item, sparse.csr_array((n_items, 1))]),
        b_eq=rules.demand,
        bounds=[(0, 1)] * variables.size + [(None, None)],
        method="highs-ipm",  # many optima of the same value: the simplex method walks for long among them
    )
    return None if result.x is None else np.maximum(-result.ineqlin.marginals[-n_items:], 0.0) * busy


def strengthened(problem: Transport, values: np.ndarray, floor: int) -> Transport | None:
    """Pairs that the floor rules out are out, those it needs are in; None when an item cannot reach it."""
    while True:
        best = _chosen(problem, values, best=True)
        if (best[problem.per_item > 0] < floor).any():
            return None
        out, needed = _forced(problem, values, floor, best)
        if not out.any() and not needed.any():
            return problem
        problem = replace(problem, allowed=problem.allowed & ~out, fixed=problem.fixed | needed)
        if (problem.fixed.sum(axis=1) > problem.per_item).any():
            return None


def _forced(problem: Transport, values, floor: int, best) -> tuple[np.ndarray, np.ndarray]:
    """(pairs that would leave the item below the floor, pairs without which it stays below)."""
    free = problem.free
    wanted = problem.per_item - problem.fixed.sum(axis=1)
    low = np.iinfo(np.int64).min // 4
    order = np.sort(np.where(free, values, low), axis=1)[:, ::-1]
    rows = np.arange(values.shape[0])
    last = order[rows, np.maximum(wanted - 1, 0)]  # the least of the best choice
    following = order[rows, np.minimum(wanted, values.shape[1] - 1)]  # the best one left out of it
    following = np.where(wanted < values.shape[1], following, low)
    busy = ((wanted > 0) & (problem.per_item > 0))[:, np.newaxis]
    with_it = (best - last)[:, np.newaxis] + np.minimum(values, last[:, np.newaxis])
    with_it = np.where(values >= last[:, np.newaxis], best[:, np.newaxis], with_it)
    out = free & busy & (with_it < floor)
    without = best[:, np.newaxis] - values + following[:, np.newaxis]
    needed = free & busy & (values >= last[:, np.newaxis]) & (without < floor)
    needed &= values > following[:, np.newaxis]  # of equals, none is needed by itself
    return out, needed


def largest_above(problem: Transport, values: np.ndarray, floor: int, deadline: Deadline) -> np.ndarray | None:
    """The assignment of the largest sum in which every item receives `floor`; None when there is none (proved)."""
    tight = strengthened(problem, values, floor)
    if tight is None or not _possible(tight):
        return None
    pairs = largest(tight, values)
    if smallest(tight, values, pairs) >= floor:
        return pairs
    return _searched(tight, values, floor, values, deadline)


def chosen_above(
    problem: Transport, values: np.ndarray, floor: int, drawn: np.ndarray, deadline: Deadline, *, nodes: int
) -> np.ndarray | None:
    """The assignment with the largest drawn sum in which every item receives `floor`; the search is cut at `nodes`."""
    tight = strengthened(problem, values, floor)
    if tight is None or not _possible(tight):
        return None
    pairs = largest(tight, drawn)
    if smallest(tight, values, pairs) >= floor:
        return pairs
    return _searched(tight, values, floor, drawn, deadline, nodes=nodes)


def _possible(problem: Transport) -> bool:
    try:
        check_feasible(
            per_item=problem.per_item,
            min_load=problem.min_load,
            max_load=problem.max_load,
            forbidden=~problem.allowed,
            fixed=problem.fixed,
        )
    except Infeasible:
        return False
    return True


def _searched(problem: Transport, values, floor: int, objective, deadline: Deadline, *, nodes: int | None = None):
    """Mixed-integer search; an answer that misses the floor within the solver's tolerance is cut off, another sought.

    What a search has when time runs out depends on the machine's pace and is not used; with `nodes` it is cut by work.
    """
    rules = rows_of(problem)
    cuts: list[tuple[int, np.ndarray]] = []
    while True:
        if not deadline.left():
            raise OutOfTime
        result = milp(
            -objective[rules.items, rules.people].astype(float),
            constraints=_constraints(problem, rules, values, floor, cuts),
            bounds=Bounds(0, 1),
            integrality=np.ones(rules.items.size),
            options={"mip_rel_gap": 0.0, "time_limit": deadline.left()} | ({"node_limit": nodes} if nodes else {}),
        )
        if result.status == INFEASIBLE:
            return None
        if result.x is None or (result.status != OPTIMAL and (nodes is None or not deadline.left())):
            raise OutOfTime
        pairs = rules.placed(problem, result.x)
        if not problem.holds(pairs):
            raise ArithmeticError("the solver broke a rule")
        below = np.nonzero((totals(values, pairs) < floor) & (problem.per_item > 0))[0]
        if not below.size:
            return pairs
        cuts += [(int(item), np.nonzero(pairs[item])[0]) for item in below]


def _constraints(problem: Transport, rules: Rows, values, floor: int, cuts) -> list[LinearConstraint]:
    """The rules, the floor for the items that could fall below it, and sets of people an item may not have.

    Half a unit of slack absorbs the solver's tolerance: totals are whole numbers.
    """
    scale = float(np.abs(values).max(initial=1)) or 1.0
    at_risk = (_chosen(problem, values, best=False) < floor) & (problem.per_item > 0)
    variables = np.arange(rules.items.size)
    some = at_risk[rules.items]
    worth = sparse.csr_array(
        (values[rules.items, rules.people][some] / scale, (rules.items[some], variables[some])),
        shape=rules.by_item.shape,
    )
    due = np.where(at_risk, (floor - 0.5 - totals(values, problem.fixed)) / scale, -np.inf)
    found = [
        LinearConstraint(rules.by_item, rules.demand, rules.demand),
        LinearConstraint(rules.by_person, rules.least, rules.most),
        LinearConstraint(worth, due, np.inf),
    ]
    for item, people in cuts:
        row = ((rules.items == item) & np.isin(rules.people, people)).astype(float)[np.newaxis, :]
        found.append(LinearConstraint(row, -np.inf, row.sum() - 1))
    return found
