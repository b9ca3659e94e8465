"""Who judges what, by name: an exact plan that keeps every recusal, every load and every ballot that stands.

In this order: pairs that exist already are kept as far as they may be; standby judges get as few entries as possible;
the entry that fares worst fares as well as possible; the sum is as large as possible; then a draw: every pair has a
number from the seed, the entry and the judge alone, and the plan with the largest sum of numbers is taken. Neither the
order of rows nor the machine enters (entries and judges are put in the order of their ids first).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matchmaker.core.assignment import Infeasible, solve
from matchmaker.core.assignment.solving import DRAWN
from matchmaker.core.errors import DomainError, Refusals

SAME_TRACK, OTHER_TRACK = 1.0, 0.0
SECONDS = 60.0
NO_NAMES: Mapping[str, str] = {}
NAMED = 60  # entries or judges named in one sentence

Pair = tuple[str, str]  # (entry, judge)


@dataclass(frozen=True)
class Judge:
    """One who may judge. No `tracks` means every track; no `most` means no limit.

    A standby judge is used only where there is no other way; one who has `left` keeps signed ballots and gets nothing.
    """

    id: str
    tracks: frozenset[str] = frozenset()
    least: int = 0
    most: int | None = None
    standby: bool = False
    left: bool = False

    def fits(self, track: str) -> bool:
        return not self.tracks or track in self.tracks


@dataclass(frozen=True)
class Task:
    """What is to be planned. `per_entry` may be raised for some entries by `panels` (anchors)."""

    entries: Mapping[str, str]  # id: track
    judges: Sequence[Judge]
    per_entry: int
    conflicts: Collection[Pair] = ()
    affinity: Mapping[Pair, float] = field(default_factory=dict)
    panels: Mapping[str, int] = field(default_factory=dict)
    signed: Collection[Pair] = ()  # never touched
    existing: Collection[Pair] = ()  # kept as far as possible
    links: Collection[Pair] = ()  # wanted, so that tracks can be compared
    seed: int = 1
    seconds: float = SECONDS


@dataclass(frozen=True)
class Plan:
    """The pairs, in the order of their ids, and what is proved about them."""

    pairs: tuple[Pair, ...]
    floor: float  # the smallest total of an entry
    ceiling: float  # no plan has a larger one
    total: float
    proved: bool  # floor and total are the largest possible
    kept: frozenset[Pair]
    dropped: frozenset[Pair]

    @property
    def new(self) -> tuple[Pair, ...]:
        """Pairs that did not exist before."""
        return tuple(pair for pair in self.pairs if pair not in self.kept)

    def loads(self) -> dict[str, int]:
        """How many entries each judge has."""
        loads: dict[str, int] = {}
        for _entry, judge in self.pairs:
            loads[judge] = loads.get(judge, 0) + 1
        return loads


@dataclass(frozen=True)
class Table:
    """A task as arrays, entries and judges in the order of their ids."""

    entries: tuple[str, ...]
    judges: tuple[Judge, ...]
    affinity: np.ndarray
    forbidden: np.ndarray
    fixed: np.ndarray
    existing: np.ndarray
    per_entry: np.ndarray
    least: np.ndarray
    most: np.ndarray

    def pairs(self, chosen: np.ndarray) -> tuple[Pair, ...]:
        rows, columns = np.nonzero(chosen)
        return tuple((self.entries[i], self.judges[j].id) for i, j in zip(rows, columns, strict=True))


class Impossible(Refusals):
    """No plan keeps every rule; one sentence for each set of entries and judges that proves it."""

    def __init__(self, infeasible: Infeasible, table: Table) -> None:
        self._infeasible, self._table = infeasible, table
        super().__init__(self.said())

    def said(self, entries: Mapping[str, str] = NO_NAMES, judges: Mapping[str, str] = NO_NAMES) -> list[DomainError]:
        """The sentences, with other names for ids where they are given."""
        items = [entries.get(entry, entry) for entry in self._table.entries]
        people = [judges.get(judge.id, judge.id) for judge in self._table.judges]
        return [
            DomainError(block.sentence, field="pairs", **block.values(items, people, most=NAMED))
            for block in self._infeasible.blocking
        ]


def plan(task: Task) -> Plan:
    """The best plan.

    Raises
    ------
    DomainError
        `Impossible` with one plain sentence for each smallest set of entries or judges that makes every plan impossible
    """
    if task.entries and task.per_entry > len(task.judges):
        raise DomainError(
            "每项要 {k} 位评委，可是一共只有 {n} 位", field="per_entry", k=task.per_entry, n=len(task.judges)
        )
    table = arranged(task)
    try:
        found = solve(
            table.affinity,
            per_item=table.per_entry,
            min_load=table.least,
            max_load=table.most,
            forbidden=table.forbidden,
            fixed=table.fixed,
            preferred=_preferred(table),
            drawn=drawn_numbers(table, task.seed),
            time_limit_seconds=task.seconds,
        )
    except Infeasible as infeasible:
        raise Impossible(infeasible, table) from infeasible
    pairs = table.pairs(found.pairs)
    before = frozenset(task.existing) | frozenset(task.signed)
    return Plan(
        pairs=pairs,
        floor=found.floor,
        ceiling=found.ceiling,
        total=found.total,
        proved=found.proved,
        kept=before & frozenset(pairs),
        dropped=before - frozenset(pairs),
    )


def arranged(task: Task) -> Table:
    """The task as arrays."""
    entries = tuple(sorted(task.entries))
    judges = tuple(sorted(task.judges, key=lambda judge: judge.id))
    row = {entry: i for i, entry in enumerate(entries)}
    column = {judge.id: j for j, judge in enumerate(judges)}

    def mask(pairs: Collection[Pair]) -> np.ndarray:
        found = np.zeros((len(entries), len(judges)), dtype=bool)
        for entry, judge in pairs:
            if entry in row and judge in column:
                found[row[entry], column[judge]] = True
        return found

    signed, conflicts = mask(task.signed), mask(task.conflicts)
    left = np.array([judge.left for judge in judges], dtype=bool)
    held = signed.sum(axis=0)
    most = np.array([len(entries) if judge.most is None else judge.most for judge in judges], dtype=int)
    forbidden = (conflicts | left[np.newaxis, :]) & ~signed  # what is signed stands, even a conflict found too late
    fixed = signed | (mask(task.links) & ~forbidden)
    wanted = np.array([task.panels.get(entry, task.per_entry) for entry in entries], dtype=int)
    return Table(
        entries=entries,
        judges=judges,
        affinity=_affinity(task, entries, judges, row, column),
        forbidden=forbidden,
        fixed=fixed,
        existing=mask(task.existing) & ~forbidden,
        per_entry=np.maximum(wanted, signed.sum(axis=1)),
        least=np.where(left, 0, np.array([judge.least for judge in judges], dtype=int)),
        most=np.where(left, held, np.maximum(most, held)),
    )


def _affinity(task: Task, entries, judges, row, column) -> np.ndarray:
    affinity = np.full((len(entries), len(judges)), OTHER_TRACK)
    tracks = sorted(set(task.entries.values()))
    of_track = {track: [i for i, entry in enumerate(entries) if task.entries[entry] == track] for track in tracks}
    for j, judge in enumerate(judges):
        for track in tracks:
            if judge.fits(track):
                affinity[of_track[track], j] = SAME_TRACK
    for (entry, judge_id), score in task.affinity.items():
        if entry in row and judge_id in column:
            affinity[row[entry], column[judge_id]] = score
    return affinity


def _preferred(table: Table) -> tuple[np.ndarray, ...]:
    standby = np.array([judge.standby for judge in table.judges], dtype=bool)
    wishes = []
    if table.existing.any():
        wishes.append(table.existing.astype(np.int64))
    if standby.any():
        wishes.append(np.broadcast_to(np.where(standby, -1, 0).astype(np.int64), table.forbidden.shape))
    return tuple(wishes)


def drawn_numbers(table: Table, seed: int) -> np.ndarray:
    """A number for every pair that depends on the seed and the two ids alone."""
    numbers = [
        int.from_bytes(hashlib.blake2b(f"{seed}\x00{entry}\x00{judge.id}".encode(), digest_size=8).digest()) % DRAWN
        for entry in table.entries
        for judge in table.judges
    ]
    return np.array(numbers, dtype=np.int64).reshape(table.forbidden.shape)
