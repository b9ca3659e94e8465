"""Up to so many people for every item, the worst-off one first: most items served, the largest smallest total, the sum.

Where an item takes one person its total is that pair, and the smallest is found by halving over pair values: whoever
may be paired above it, are as many served? With several people an item it is the exact search of `solving`, where every
item takes a fixed number of people: those it need not take are blanks of no worth, and an item that nobody can serve
takes a stand-in that is worth more than any total, so that it is never the worst-off. There are just as many stand-ins
as items must go without.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

from matchmaker.core.assignment.serving import RESOLUTION, Served, serve
from matchmaker.core.assignment.solving import Solution, solve

SECONDS = 10.0


@dataclass(frozen=True)
class Fair:
    """An assignment; `worst` is the smallest total of a served item, None where none is served.

    No assignment that serves as many has one above `ceiling`. `proved` says that worst and total are the largest.
    """

    pairs: np.ndarray  # (n_items, n_people) bool
    total: float
    worst: float | None
    ceiling: float | None
    proved: bool = True


def smallest_total(affinity, pairs) -> float | None:
    """What the worst-off of the served items receives, to four decimals."""
    served = pairs.any(axis=1)
    values = np.where(pairs, _whole(affinity), 0).sum(axis=1)[served]
    return float(values.min()) / RESOLUTION if values.size else None


def serve_fairly(affinity, *, most_per_item, most_per_person, allowed, seed: int = 0, seconds=SECONDS) -> Fair:
    """Give every item up to `most_per_item` people: most items served, then the worst-off item, then the sum.

    Parameters
    ----------
    affinity : ndarray of shape (n_items, n_people), in [0, 1], compared to four decimals
    most_per_item : int or ndarray of shape (n_items,)
    most_per_person : int or ndarray of shape (n_people,)
    allowed : bool ndarray of shape (n_items, n_people)
    seed : which of several equally good assignments
    seconds : for the exact search where items take several people; afterwards the best found so far, not `proved`
    """
    values, allowed = _whole(affinity), np.asarray(allowed, dtype=bool)
    n_items, n_people = values.shape
    wanted = np.minimum(np.broadcast_to(np.asarray(most_per_item, dtype=np.int64), n_items), n_people)
    room = np.broadcast_to(np.asarray(most_per_person, dtype=np.int64), n_people)
    allowed = allowed & (wanted > 0)[:, np.newaxis] & (room > 0)[np.newaxis, :]
    count = _most_served(allowed, room)
    if not count:
        return Fair(np.zeros(values.shape, dtype=bool), 0.0, None, None)
    if wanted.max() == 1:
        least = _largest_least(values, allowed, room, count)
        found = serve(
            affinity, most_per_item=wanted, most_per_person=room, allowed=allowed & (values >= least), seed=seed
        )
        return _fair(found, values, least)
    rows = np.flatnonzero(allowed.any(axis=1))
    solution = _with_blanks(values[rows], allowed[rows], wanted[rows], room, rows.size - count, seed, seconds)
    pairs = np.zeros(values.shape, dtype=bool)
    pairs[rows] = solution.pairs[:, :n_people]
    total = float(np.where(pairs, values, 0).sum()) / RESOLUTION
    return Fair(pairs, total, smallest_total(affinity, pairs), solution.ceiling / RESOLUTION, solution.proved)


def _fair(found: Served, values: np.ndarray, least: int) -> Fair:
    return Fair(found.pairs, found.total, least / RESOLUTION, least / RESOLUTION)


def _whole(affinity) -> np.ndarray:
    """At least one unit, so that whoever gets anybody is told from who gets nobody."""
    return np.maximum(np.rint(np.asarray(affinity, dtype=float) * RESOLUTION).astype(np.int64), 1)


def _most_served(allowed: np.ndarray, room: np.ndarray) -> int:
    """How many items can have one person at the same time."""
    n_items, n_people = allowed.shape
    items, people = np.nonzero(allowed)
    start, end = n_items + n_people, n_items + n_people + 1
    source = np.concatenate([np.full(n_items, start), items, n_items + np.arange(n_people)])
    target = np.concatenate([np.arange(n_items), n_items + people, np.full(n_people, end)])
    width = np.concatenate([np.ones(n_items + items.size), np.minimum(room, n_items)]).astype(np.int32)
    network = sparse.csr_array((width, (source, target)), shape=(end + 1, end + 1))
    return int(maximum_flow(network, start, end).flow_value)


def _largest_least(values: np.ndarray, allowed: np.ndarray, room: np.ndarray, count: int) -> int:
    """The largest value above which pairs still serve `count` items."""
    levels = np.unique(values[allowed])
    low, high = 0, levels.size - 1
    while low < high:
        middle = (low + high + 1) // 2
        if _most_served(allowed & (values >= levels[middle]), room) == count:
            low = middle
        else:
            high = middle - 1
    return int(levels[low])


def _with_blanks(values, allowed, wanted, room, stand_ins: int, seed: int, seconds: float) -> Solution:
    """Everybody exactly: `wanted` people an item, of whom all but one may be blanks, and the one a stand-in."""
    n_items, most = len(wanted), int(wanted.max())
    blanks = np.arange(most - 1)[np.newaxis, :] < (wanted - 1)[:, np.newaxis]
    above_all = most * int(values.max()) + 1
    worth = [values, np.zeros(blanks.shape, dtype=np.int64), np.full((n_items, 1), above_all)]
    may = [allowed, blanks, np.full((n_items, 1), stand_ins > 0)]
    nobody = np.zeros(len(room) + most - 1, dtype=np.int64)
    return solve(
        np.hstack(worth),
        per_item=wanted,
        min_load=np.append(nobody, stand_ins),
        max_load=np.concatenate([np.minimum(room, n_items), np.full(most - 1, n_items), [stand_ins]]),
        forbidden=~np.hstack(may),
        drawn=seed,
        time_limit_seconds=seconds,
    )
