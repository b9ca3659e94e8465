"""Who can be compared with whom: the graph whose edges are ballots between judges and entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
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
