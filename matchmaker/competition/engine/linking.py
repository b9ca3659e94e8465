"""Whether a plan lets tracks be compared, and what to add when it does not.

Judges differ in severity. Scores of two groups of entries can only be compared when somebody has judged in both: the
graph of judges and entries has to hang together, and by more than a thread. Two remedies, each an exact plan of its own
with its price: links (some judges take entries of other tracks) and anchors (a few entries are scored by nearly all).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from matchmaker.competition.engine.assigning import Pair, Plan, Table, Task, arranged, drawn_numbers, plan
from matchmaker.competition.engine.precision import Precision, Spread, expected
from matchmaker.core.errors import DomainError

CROSSING = 0.05  # of all scores, how many should cross tracks
ANCHORS = 2
PANELS = (1.0, 0.75, 0.5)  # of the judges who may score an anchor, how many do
ROUNDS = 4


@dataclass(frozen=True)
class Connectivity:
    """How a plan hangs together. A score crosses when it is outside the track that its judge mostly judges."""

    components: tuple[tuple[int, int], ...]  # (entries, judges) of each part, largest first; idle judges left out
    links: int  # scores that cross tracks
    scores: int

    @property
    def connected(self) -> bool:
        return len(self.components) <= 1

    @property
    def share(self) -> float:
        """The part of scores that cross tracks."""
        return self.links / self.scores if self.scores else 0.0


@dataclass(frozen=True)
class Linked:
    """A plan with links or anchors beside the plan without: what it costs and what it brings."""

    task: Task
    plan: Plan
    connectivity: Connectivity
    precision: Precision
    links: tuple[Pair, ...]  # pairs asked for
    anchors: tuple[str, ...]  # entries with more judges
    floor_lost: float  # of the smallest total
    total_lost: float  # of the sum; with anchors, of the mean a score times the scores there were
    more_scores: int


def connectivity(entries: Mapping[str, str], pairs: Iterable[Pair]) -> Connectivity:
    """Parts and crossing scores of a plan over these entries (id: track)."""
    given = [pair for pair in pairs if pair[0] in entries]
    names, judges = sorted(entries), sorted({judge for _entry, judge in given})
    row, column = {e: i for i, e in enumerate(names)}, {j: len(names) + i for i, j in enumerate(judges)}
    size = len(names) + len(judges)
    graph = sparse.csr_array(
        (np.ones(len(given)), ([row[e] for e, _j in given], [column[j] for _e, j in given])), shape=(size, size)
    )
    count, label = connected_components(graph, directed=False)
    parts = [(int((label[: len(names)] == c).sum()), int((label[len(names) :] == c).sum())) for c in range(count)]
    tracks: dict[str, Counter[str]] = {judge: Counter() for judge in judges}
    for entry, judge in given:
        tracks[judge][entries[entry]] += 1
    crossing = sum(sum(seen.values()) - max(seen.values()) for seen in tracks.values())
    return Connectivity(tuple(sorted(parts, reverse=True)), crossing, len(given))


def with_links(task: Task, base: Plan, *, share: float = CROSSING, spread: Spread = Spread()) -> Linked | None:
    """The best plan in which at least `share` of scores cross tracks and everything hangs together.

    None when the plan does so already, or when recusals and loads leave no way.
    """
    now = connectivity(task.entries, base.pairs)
    if enough(now, task, share):
        return None
    wanted = math.ceil(share * now.scores) if len(set(task.entries.values())) > 1 else 0
    table, pairs, links = arranged(task), base.pairs, list(task.links)
    best: Linked | None = None
    for _ in range(ROUNDS):
        missing = max(wanted - connectivity(task.entries, pairs).links, 0)
        more = _chosen_links(task, table, pairs, links, missing)
        if not more:
            break
        while more:
            changed = replace(task, links=tuple(sorted({*links, *more})))
            try:
                found = plan(changed)
                break
            except DomainError:
                more = more[: len(more) // 2]
        else:
            break
        links, pairs = list(changed.links), found.pairs
        best = _beside(changed, base, found, spread)
        if enough(best.connectivity, task, share):
            break
    return best


def with_anchors(task: Task, base: Plan, *, count: int = ANCHORS, spread: Spread = Spread()) -> Linked | None:
    """The best plan in which a few entries, spread over the tracks, are scored by nearly all; None if loads forbid."""
    table = arranged(task)
    anchors = _chosen_anchors(task, table, count)
    admitted = dict(zip(table.entries, (~table.forbidden).sum(axis=1), strict=True))
    for part in PANELS:
        panels = {entry: int(part * admitted[entry]) for entry in anchors}
        if not panels or min(panels.values()) <= task.per_entry:
            return None
        changed = replace(task, panels={**task.panels, **panels})
        try:
            return replace(_beside(changed, base, plan(changed), spread), anchors=anchors)
        except DomainError:
            continue
    return None


def enough(state: Connectivity, task: Task, share: float = CROSSING) -> bool:
    """Whether a plan hangs together in one piece, with that share of its scores crossing tracks where there are any."""
    several = len(set(task.entries.values())) > 1
    return state.connected and (not several or state.links >= share * state.scores)


def _beside(task: Task, base: Plan, found: Plan, spread: Spread) -> Linked:
    mean = found.total / max(len(found.pairs), 1)
    return Linked(
        task=task,
        plan=found,
        connectivity=connectivity(task.entries, found.pairs),
        precision=expected(task.entries, found.pairs, spread),
        links=tuple(pair for pair in task.links if pair in set(found.pairs)),
        anchors=(),
        floor_lost=base.floor - found.floor,
        total_lost=base.total - mean * len(base.pairs),
        more_scores=len(found.pairs) - len(base.pairs),
    )


def _chosen_links(task: Task, table: Table, pairs, links, missing: int) -> list[Pair]:
    """Pairs that join what is apart first, then as many as are missing: judges in turn, one link an entry."""
    waiting = _candidates(task, table, pairs, links)
    taken: Counter[str] = Counter(judge for _entry, judge in links)
    used = {entry for entry, _judge in links}
    parts = _Parts(table, pairs)
    chosen: list[Pair] = []
    while len(chosen) < missing or parts.count > 1:
        in_turn = sorted(waiting, key=lambda judge: (taken[judge], judge))
        joining = parts.count > 1
        found = _first(waiting, in_turn, used, parts if joining else None)
        if found is None and len(chosen) < missing:
            found = _first(waiting, in_turn, used, None) or _first(waiting, in_turn, set(), None)
        if found is None:
            break
        chosen.append(found)
        parts.join(found)
        taken[found[1]] += 1
        used.add(found[0])
        waiting[found[1]].remove(found[0])
    return chosen


def _first(
    waiting: Mapping[str, list[str]], judges: Iterable[str], used: set[str], parts: _Parts | None
) -> Pair | None:
    """The first judge's best entry that is still free, and joins parts where these are given."""
    for judge in judges:
        for entry in waiting[judge]:
            if entry not in used and (parts is None or parts.apart((entry, judge))):
                return entry, judge
    return None


def _candidates(task: Task, table: Table, pairs, links) -> dict[str, list[str]]:
    """For each judge the entries outside the own main track that could be a link, best first, then as drawn."""
    mostly: dict[str, Counter[str]] = {}
    for entry, judge in pairs:
        mostly.setdefault(judge, Counter())[task.entries[entry]] += 1
    numbers = drawn_numbers(table, task.seed)
    full = table.fixed.sum(axis=1) >= table.per_entry
    have = {*pairs, *links}
    found: dict[str, list[str]] = {}
    for j, judge in enumerate(table.judges):
        if judge.left or judge.standby or judge.id not in mostly:
            continue
        seen = mostly[judge.id]
        home = min(seen, key=lambda track: (-seen[track], track))
        order = np.lexsort((numbers[:, j], -table.affinity[:, j]))
        usable = ~full & ~table.forbidden[:, j]
        names = [table.entries[i] for i in order if usable[i]]
        found[judge.id] = [e for e in names if task.entries[e] != home and (e, judge.id) not in have]
    return found


def _chosen_anchors(task: Task, table: Table, count: int) -> tuple[str, ...]:
    """Entries that most judges may score, from each track in turn, the largest first."""
    sizes = Counter(task.entries.values())
    numbers = drawn_numbers(table, task.seed).sum(axis=1)
    refused = table.forbidden.sum(axis=1)
    waiting: dict[str, list[str]] = {track: [] for track in sorted(sizes, key=lambda track: (-sizes[track], track))}
    order = sorted(range(len(table.entries)), key=lambda i: (refused[i], numbers[i], table.entries[i]))
    for i in order:
        waiting[task.entries[table.entries[i]]].append(table.entries[i])
    chosen: list[str] = []
    while len(chosen) < count and any(waiting.values()):
        for track in waiting:
            if waiting[track] and len(chosen) < count:
                chosen.append(waiting[track].pop(0))
    return tuple(chosen)


class _Parts:
    """Which entries and judges hang together, while links are added."""

    def __init__(self, table: Table, pairs: Iterable[Pair]) -> None:
        self._of: dict[tuple[str, str], tuple[str, str]] = {("e", entry): ("e", entry) for entry in table.entries}
        self._of |= {("j", judge): ("j", judge) for _entry, judge in pairs}
        self.count = len(self._of)
        for pair in pairs:
            self.join(pair)

    def _root(self, node: tuple[str, str]) -> tuple[str, str]:
        self._of.setdefault(node, node)
        while self._of[node] != node:
            self._of[node] = self._of[self._of[node]]
            node = self._of[node]
        return node

    def apart(self, pair: Pair) -> bool:
        return ("j", pair[1]) in self._of and self._root(("e", pair[0])) != self._root(("j", pair[1]))

    def join(self, pair: Pair) -> None:
        if self.apart(pair):
            self._of[self._root(("e", pair[0]))] = self._root(("j", pair[1]))
            self.count -= 1
