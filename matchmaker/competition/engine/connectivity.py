"""Who can be compared with whom: the graph whose edges are ballots between judges and entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from matchmaker.competition.engine.ballots import Ballot, in_order


@dataclass(frozen=True, slots=True)
class Component:
    """Judges and entries that ballots link, directly or in steps."""

    judges: tuple[Any, ...]
    entries: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """How two halves of the judges hang together: `shared` entries with judges of both sides."""

    one_side: tuple[Any, ...]
    other_side: tuple[Any, ...]
    shared: int


def components(ballots: Sequence[Ballot]) -> tuple[Component, ...]:
    """The parts of the graph, largest first; scores of different parts share no judge and no entry."""
    ordered = in_order(ballots)
    judges = sorted({ballot.judge for ballot in ordered})
    entries = sorted({ballot.entry for ballot in ordered})
    place = {judge: position for position, judge in enumerate(judges)}
    column = {entry: len(judges) + position for position, entry in enumerate(entries)}
    rows = [place[ballot.judge] for ballot in ordered]
    columns = [column[ballot.entry] for ballot in ordered]
    size = len(judges) + len(entries)
    edges = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    count, label = csgraph.connected_components(edges, directed=False)
    parts: list[tuple[list[Any], list[Any]]] = [([], []) for _part in range(count)]
    for position, judge in enumerate(judges):
        parts[label[position]][0].append(judge)
    for position, entry in enumerate(entries, start=len(judges)):
        parts[label[position]][1].append(entry)
    found = [Component(tuple(those), tuple(what)) for those, what in parts]
    return tuple(sorted(found, key=lambda part: (-len(part.judges), -len(part.entries), part.judges)))


def weakest_link(ballots: Sequence[Ballot]) -> Link | None:
    """The split of the judges with the fewest links across it; None for a judge alone.

    Links are counted as pairs of ballots for one entry, by judges of both sides (a minimum cut after Stoer and Wagner,
    1997, A simple min-cut algorithm). A graph in parts has a split without any.
    """
    parts = components(ballots)
    judges = sorted({ballot.judge for ballot in ballots})
    if len(judges) < 2:
        return None
    if len(parts) > 1:
        one = set(parts[0].judges)
        return Link(tuple(sorted(one)), tuple(judge for judge in judges if judge not in one), 0)
    entries = sorted({ballot.entry for ballot in ballots})
    row = {judge: position for position, judge in enumerate(judges)}
    column = {entry: position for position, entry in enumerate(entries)}
    seen = np.zeros((len(judges), len(entries)))
    for ballot in ballots:
        seen[row[ballot.judge], column[ballot.entry]] = 1
    side = _minimum_cut(seen @ seen.T)
    shared = int(((seen[side].sum(axis=0) > 0) & (seen[~side].sum(axis=0) > 0)).sum())
    halves = [tuple(judge for judge in judges if bool(side[row[judge]]) is which) for which in (True, False)]
    smaller, larger = sorted(halves, key=lambda half: (len(half), half))
    return Link(smaller, larger, shared)


def _minimum_cut(weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """One side of the cheapest cut of a connected graph with these symmetric weights."""
    left = weights.copy()
    np.fill_diagonal(left, 0)
    groups = [[node] for node in range(len(left))]
    alive = np.ones(len(left), dtype=bool)
    best, side = np.inf, np.zeros(len(left), dtype=bool)
    while alive.sum() > 1:
        reach, waiting, order = np.zeros(len(left)), alive.copy(), []
        while waiting.any():
            node = int(np.argmax(np.where(waiting, reach, -1.0)))
            order.append((node, reach[node]))
            waiting[node] = False
            reach = reach + left[node]
        last, cost = order[-1]
        if cost < best:
            best, side = cost, np.zeros(len(left), dtype=bool)
            side[groups[last]] = True
        before = order[-2][0]
        groups[before] += groups[last]
        left[before] += left[last]
        left[:, before] += left[:, last]
        left[before, before] = 0
        left[last], left[:, last] = 0, 0
        alive[last] = False
    return side
