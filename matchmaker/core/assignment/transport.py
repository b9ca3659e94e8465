"""Who gets whom at the largest sum: the exact optimum of a transportation problem and all that share it.

Numbers per item and loads per person are a network, so linear programming gives whole numbers. The optimum is proved in
integers: potentials p (items) and q (people) with which no pair can still gain. The same potentials describe every
optimum: pairs with a gain to lose are out, pairs with one to keep are in, priced loads are tight. What is left is again
a transportation problem, so that one objective after another can be settled exactly (`narrowed`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import NegativeCycleError, bellman_ford


@dataclass(frozen=True)
class Transport:
    """Who may get whom; arrays of whole numbers, one row an item, one column a person."""

    per_item: np.ndarray  # (n_items,) people that each item gets, exactly
    min_load: np.ndarray  # (n_people,)
    max_load: np.ndarray  # (n_people,)
    allowed: np.ndarray  # (n_items, n_people) bool
    fixed: np.ndarray  # (n_items, n_people) bool, within allowed

    @property
    def free(self) -> np.ndarray:
        """Pairs still to be decided."""
        return self.allowed & ~self.fixed

    def holds(self, pairs: np.ndarray) -> bool:
        """Whether an assignment keeps every rule."""
        loads = pairs.sum(axis=0)
        return bool(
            (pairs.sum(axis=1) == self.per_item).all()
            and ((self.min_load <= loads) & (loads <= self.max_load)).all()
            and pairs[self.fixed].all()
            and not pairs[~self.allowed].any()
        )


@dataclass(frozen=True)
class Rows:
    """The rules as sparse rows over the free pairs; what fixed pairs hold is taken off."""

    items: np.ndarray  # (n_variables,)
    people: np.ndarray  # (n_variables,)
    by_item: sparse.csr_array
    by_person: sparse.csr_array
    demand: np.ndarray
    least: np.ndarray
    most: np.ndarray

    def placed(self, problem: Transport, x: np.ndarray) -> np.ndarray:
        """The assignment that the variables stand for."""
        pairs = problem.fixed.copy()
        pairs[self.items, self.people] = x > 0.5
        return pairs


def rows_of(problem: Transport) -> Rows:
    """The rules of a problem."""
    items, people = np.nonzero(problem.free)
    n_items, n_people = problem.allowed.shape
    variables, ones = np.arange(items.size), np.ones(items.size)
    held = problem.fixed.sum(axis=0)
    return Rows(
        items,
        people,
        sparse.csr_array((ones, (items, variables)), shape=(n_items, items.size)),
        sparse.csr_array((ones, (people, variables)), shape=(n_people, items.size)),
        problem.per_item - problem.fixed.sum(axis=1),
        problem.min_load - held,
        problem.max_load - held,
    )


def largest(problem: Transport, values: np.ndarray) -> np.ndarray:
    """An assignment with the largest sum of whole-numbered values; LookupError where there is none."""
    return _solved(problem, values)[0]


def narrowed(problem: Transport, values: np.ndarray) -> tuple[Transport, np.ndarray]:
    """The problem of all assignments with the largest sum, and one of them.

    Parameters
    ----------
    problem : Transport
    values : int ndarray of shape (n_items, n_people)

    Returns
    -------
    (Transport, ndarray of shape (n_items, n_people))
        an assignment solves the returned problem exactly when it solves the given one with the largest sum
    """
    pairs, of_items, of_people = _solved(problem, values)
    gain = values - of_items[:, np.newaxis] - of_people[np.newaxis, :]
    free = problem.free
    loads = pairs.sum(axis=0)
    return (
        replace(
            problem,
            allowed=problem.allowed & ~(free & (gain < 0)),
            fixed=problem.fixed | (free & (gain > 0)),
            min_load=np.where(of_people > 0, loads, problem.min_load),
            max_load=np.where(of_people < 0, loads, problem.max_load),
        ),
        pairs,
    )


def _solved(problem: Transport, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An optimal assignment with the prices of items and people that prove it."""
    rules = rows_of(problem)
    n_items, n_people = problem.allowed.shape
    if not rules.items.size:
        if not problem.holds(problem.fixed):
            raise LookupError("no assignment keeps every rule")
        return problem.fixed.copy(), np.zeros(n_items, dtype=np.int64), np.zeros(n_people, dtype=np.int64)
    cost = -values[rules.items, rules.people].astype(float)
    result = linprog(
        cost,
        A_ub=sparse.vstack([rules.by_person, -rules.by_person]),
        b_ub=np.concatenate([rules.most, -rules.least]),
        A_eq=rules.by_item,
        b_eq=rules.demand,
        bounds=(0, 1),
        method="highs",
    )
    if result.x is None:
        raise LookupError("no assignment keeps every rule")
    pairs = rules.placed(problem, result.x)
    if not problem.holds(pairs):
        raise ArithmeticError("the linear programme left the whole numbers")
    upper, lower = np.split(result.ineqlin.marginals, 2)
    of_items = -np.rint(result.eqlin.marginals).astype(np.int64)
    of_people = -np.rint(upper - lower).astype(np.int64)
    if not _proved(problem, values, pairs, of_items, of_people):
        of_items, of_people = _prices(problem, values, pairs)
    return pairs, of_items, of_people


def _proved(problem: Transport, values, pairs, of_items, of_people) -> bool:
    """Complementary slackness in integers: nothing left out would gain, nothing taken loses, priced loads are tight.

    A positive price of a person means that one more unit of load would raise the sum: the upper load is tight.
    """
    gain = values - of_items[:, np.newaxis] - of_people[np.newaxis, :]
    free, loads = problem.free, pairs.sum(axis=0)
    return bool(
        (gain[free & pairs] >= 0).all()
        and (gain[free & ~pairs] <= 0).all()
        and (loads[of_people > 0] == problem.max_load[of_people > 0]).all()
        and (loads[of_people < 0] == problem.min_load[of_people < 0]).all()
    )


def _prices(problem: Transport, values, pairs) -> tuple[np.ndarray, np.ndarray]:
    """Prices by shortest ways in the residual network, exact for whole numbers below 2**53."""
    n_items, n_people = problem.allowed.shape
    free, loads = problem.free, pairs.sum(axis=0)
    hub, start = n_items + n_people, n_items + n_people + 1
    cost = np.full((start + 1, start + 1), np.inf)
    cost[:n_items, n_items:hub] = np.where(free & ~pairs, -values, np.inf)
    cost[n_items:hub, :n_items] = np.where(free & pairs, values, np.inf).T
    cost[n_items:hub, hub] = np.where(loads < problem.max_load, 0, np.inf)
    cost[hub, n_items:hub] = np.where(loads > problem.min_load, 0, np.inf)
    cost[start, :start] = 0
    source, target = np.nonzero(np.isfinite(cost))
    graph = sparse.csr_array((cost[source, target], (source, target)), shape=cost.shape)
    try:
        far = np.rint(bellman_ford(graph, indices=start)).astype(np.int64)
    except NegativeCycleError as error:
        raise ArithmeticError("the linear programme stopped before the optimum") from error
    return far[:n_items] - far[hub], far[hub] - far[n_items:hub]
