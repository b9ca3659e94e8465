"""Lifts the smallest total by single changes and exchanges: a start for the exact search, never a proof."""

from __future__ import annotations

import numpy as np

from matchmaker.core.assignment.floors import Deadline, totals
from matchmaker.core.assignment.transport import Transport

ROUNDS = 20_000


def lifted(problem: Transport, values: np.ndarray, pairs: np.ndarray, target: int, deadline: Deadline) -> np.ndarray:
    """The assignment after each worst-off item in turn has been helped as long as somebody can; rules stay kept."""
    pairs = pairs.copy()
    sums = totals(values, pairs)
    stuck = np.where(problem.per_item > 0, 0, 1).astype(bool)
    for _ in range(ROUNDS):
        waiting = np.where(stuck | (sums >= target), np.iinfo(np.int64).max, sums)
        item = int(waiting.argmin())
        if waiting[item] == np.iinfo(np.int64).max or not deadline.left():
            break
        others = _helped(problem, values, pairs, sums, item)
        if others is None:
            stuck[item] = True
            continue
        stuck[:] = problem.per_item == 0  # a change may have freed another
    return pairs


def _helped(problem: Transport, values, pairs, sums, item: int) -> bool | None:
    """Make the best change for one item: a free person for one of its own, or an exchange with another item."""
    mine = np.nonzero(pairs[item] & ~problem.fixed[item])[0]
    wanted = np.nonzero(problem.allowed[item] & ~pairs[item])[0]
    if not mine.size or not wanted.size:
        return None
    gain = values[item, wanted][np.newaxis, :] - values[item, mine][:, np.newaxis]  # (mine, wanted)
    loads = pairs.sum(axis=0)
    may_leave, may_come = loads[mine] > problem.min_load[mine], loads[wanted] < problem.max_load[wanted]
    alone = np.where(may_leave[:, np.newaxis] & may_come[np.newaxis, :], gain, 0)
    # an exchange: another item gives `wanted` and takes `mine`; its new total must stay above my old one
    gives = pairs[:, wanted] & ~problem.fixed[:, wanted]  # (items, wanted)
    takes = problem.allowed[:, mine] & ~pairs[:, mine]  # (items, mine)
    left = sums[:, np.newaxis, np.newaxis] + values[:, mine][:, :, np.newaxis] - values[:, wanted][:, np.newaxis, :]
    after = np.minimum(left, sums[item] + gain[np.newaxis, :, :])
    after = np.where(gives[:, np.newaxis, :] & takes[:, :, np.newaxis], after, np.iinfo(np.int64).min)
    other, out, into = np.unravel_index(int(after.argmax()), after.shape)
    lifts = int(after[other, out, into]) - int(sums[item])
    if alone.size and int(alone.max()) >= max(lifts, 1):
        out, into = np.unravel_index(int(alone.argmax()), alone.shape)
    elif lifts > 0:
        pairs[other, wanted[into]], pairs[other, mine[out]] = False, True
        sums[other] = left[other, out, into]
    else:
        return None
    pairs[item, mine[out]], pairs[item, wanted[into]] = False, True
    sums[item] += gain[out, into]
    return True
