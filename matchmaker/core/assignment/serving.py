"""Up to so many people for every item: first as many items served as possible, then the largest sum; exact at size.

Only the best candidates of each item enter the linear programme. Its prices are checked in whole numbers against all
other pairs; those that could still gain are added, and it is solved again until there is none. What remains is proved
optimal among all pairs, not only among those that were looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import NegativeCycleError, bellman_ford

RESOLUTION = 10_000  # affinities are compared to four decimals
CANDIDATES = 24  # of each item at first
ADDED = 6  # of each item at a time


@dataclass(frozen=True)
class Served:
    """An assignment proved to serve the most items and, among those, to have the largest sum."""

    pairs: np.ndarray  # (n_items, n_people) bool
    total: float
    solved: int  # linear programmes solved
    columns: int  # pairs that the last one looked at


def serve(affinity, *, most_per_item, most_per_person, allowed, seed: int = 0) -> Served:
    """Give every item up to `most_per_item` people.

    Parameters
    ----------
    affinity : ndarray of shape (n_items, n_people), in [0, 1], compared to four decimals
    most_per_item : int or ndarray of shape (n_items,)
    most_per_person : int or ndarray of shape (n_people,)
    allowed : bool ndarray of shape (n_items, n_people)
    seed : which of several equally good assignments

    Returns
    -------
    Served
        the same for the same input and seed
    """
    values = np.rint(np.asarray(affinity, dtype=float) * RESOLUTION).astype(np.int64)
    n_items, n_people = values.shape
    if not values.size:
        return Served(np.zeros(values.shape, dtype=bool), 0.0, 0, 0)
    random = np.random.default_rng(seed)
    items, people = random.permutation(n_items), random.permutation(n_people)
    problem = _Problem(
        values[np.ix_(items, people)],
        np.asarray(allowed, dtype=bool)[np.ix_(items, people)],
        np.broadcast_to(np.asarray(most_per_item, dtype=np.int64), n_items)[items],
        np.broadcast_to(np.asarray(most_per_person, dtype=np.int64), n_people)[people],
    )
    found, solved, columns = _solved(problem)
    pairs = np.zeros((n_items, n_people), dtype=bool)
    pairs[np.ix_(items, people)] = found
    return Served(pairs, float(np.where(pairs, values, 0).sum()) / RESOLUTION, solved, columns)


@dataclass(frozen=True)
class _Problem:
    values: np.ndarray
    allowed: np.ndarray
    per_item: np.ndarray
    per_person: np.ndarray

    @property
    def bonus(self) -> int:
        """What the first person of an item is worth beyond the value: more than all values together."""
        places = int(min(self.per_item.sum(), self.per_person.sum()))
        return int(self.values.max(initial=1)) * (places + 1)


def _solved(problem: _Problem) -> tuple[np.ndarray, int, int]:
    looked = _best_of_each(problem, CANDIDATES)
    solved = 0
    while True:
        pairs, of_items, of_people = _optimum(problem, looked)
        solved += 1
        gain = np.where(
            problem.allowed & ~looked, problem.values - of_items[:, np.newaxis] - of_people[np.newaxis, :], 0
        )
        if not (gain > 0).any():
            return pairs, solved, int(looked.sum())
        most = np.sort(gain, axis=1)[:, -ADDED:][:, :1] if gain.shape[1] > ADDED else np.zeros((len(gain), 1))
        looked = looked | ((gain > 0) & (gain >= most))


def _best_of_each(problem: _Problem, count: int) -> np.ndarray:
    """The pairs of largest value of each item."""
    if problem.values.shape[1] <= count:
        return problem.allowed.copy()
    worth = np.where(problem.allowed, problem.values, -1)
    order = np.argpartition(-worth, count - 1, axis=1)[:, :count]
    looked = np.zeros_like(problem.allowed)
    np.put_along_axis(looked, order, True, axis=1)
    return looked & problem.allowed


def _optimum(problem: _Problem, looked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best assignment within the pairs looked at, with prices of items and people that prove it.

    The network: from each item to its people, one unit a pair; into each item one unit with the bonus and the rest
    without; out of each person up to their load.
    """
    rows, columns = np.nonzero(looked)
    n_items, n_people = problem.values.shape
    n_pairs = rows.size
    ones = np.ones(n_pairs)
    by_item = sparse.csr_array((ones, (rows, np.arange(n_pairs))), shape=(n_items, n_pairs))
    by_person = sparse.csr_array((ones, (columns, np.arange(n_pairs))), shape=(n_people, n_pairs))
    unit, bonus = sparse.eye_array(n_items), problem.bonus
    cost = np.concatenate([problem.values[rows, columns], np.full(n_items, bonus), np.zeros(n_items)])
    result = linprog(
        -cost / RESOLUTION,
        A_ub=sparse.hstack([by_person, sparse.csr_array((n_people, 2 * n_items))]),
        b_ub=problem.per_person,
        A_eq=sparse.hstack([by_item, -unit, -unit]),
        b_eq=np.zeros(n_items),
        bounds=np.stack(
            [
                np.zeros(cost.size),
                np.concatenate([ones, np.minimum(problem.per_item, 1), np.maximum(problem.per_item - 1, 0)]),
            ],
            axis=1,
        ),
        method="highs-ds",
    )
    if result.x is None:
        raise ArithmeticError("the linear programme found no answer, though nobody at all would be one")
    pairs = np.zeros_like(looked)
    pairs[rows, columns] = result.x[:n_pairs] > 0.5
    of_items = -np.rint(result.eqlin.marginals * RESOLUTION).astype(np.int64)
    of_people = -np.rint(result.ineqlin.marginals * RESOLUTION).astype(np.int64)
    if not _proved(problem, looked, pairs, of_items, of_people):
        of_items, of_people = _prices(problem, looked, pairs)
        if not _proved(problem, looked, pairs, of_items, of_people):
            raise ArithmeticError("no prices prove the answer of the linear programme")
    return pairs, of_items, of_people


def _proved(problem: _Problem, looked, pairs, of_items, of_people) -> bool:
    """Complementary slackness in whole numbers, over the pairs looked at."""
    gain = problem.values - of_items[:, np.newaxis] - of_people[np.newaxis, :]
    got, loads = pairs.sum(axis=1), pairs.sum(axis=0)
    first, others = problem.bonus + of_items, of_items  # what one more unit into an item gains
    has_room, served = problem.per_item > 0, got > 0
    return bool(
        (got <= problem.per_item).all()
        and (loads <= problem.per_person).all()
        and not pairs[~looked].any()
        and (gain[pairs] >= 0).all()
        and (gain[looked & ~pairs] <= 0).all()
        and (of_people >= 0).all()
        and (loads[of_people > 0] == problem.per_person[of_people > 0]).all()
        and (first[served] >= 0).all()
        and (first[~served & has_room] <= 0).all()
        and (others[got > 1] >= 0).all()
        and (others[served & (got < problem.per_item)] <= 0).all()
        and (others[~served & (problem.per_item > 1)] <= 0).all()
    )


def _prices(problem: _Problem, looked, pairs) -> tuple[np.ndarray, np.ndarray]:
    """Prices by shortest ways in the residual network, exact in whole numbers."""
    n_items, n_people = problem.values.shape
    got, loads = pairs.sum(axis=1), pairs.sum(axis=0)
    hub, start = n_items + n_people, n_items + n_people + 1
    ways: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def way(source, target, cost) -> None:
        first, second, third = np.broadcast_arrays(source, target, cost)
        ways.append((first, second, third))

    rows, columns = np.nonzero(looked & ~pairs)
    way(rows, n_items + columns, -problem.values[rows, columns])
    rows, columns = np.nonzero(pairs)
    way(n_items + columns, rows, problem.values[rows, columns])
    way(n_items + np.flatnonzero(loads < problem.per_person), hub, 0)
    way(hub, n_items + np.flatnonzero(loads > 0), 0)
    way(hub, np.flatnonzero((got == 0) & (problem.per_item > 0)), -problem.bonus)
    way(hub, np.flatnonzero((got > 0) & (got < problem.per_item)), 0)
    way(np.flatnonzero(got == 1), hub, problem.bonus)
    way(np.flatnonzero(got > 1), hub, 0)
    way(start, np.arange(start), 0)
    source, target, cost = (np.concatenate(part) for part in zip(*ways, strict=True))
    graph = sparse.csr_array((cost.astype(float), (source, target)), shape=(start + 1, start + 1))
    try:
        far = np.rint(bellman_ford(graph, indices=start)).astype(np.int64)
    except NegativeCycleError as error:
        raise ArithmeticError("the linear programme stopped before the optimum") from error
    return far[:n_items] - far[hub], far[hub] - far[n_items:hub]
