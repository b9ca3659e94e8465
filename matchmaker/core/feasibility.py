"""Whether an assignment exists at all, and if not, which items and people prove it, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from matchmaker.core.errors import DomainError

TOO_FEW_PEOPLE = (
    "{items} 这 {n_items} 项共需 {need} 人次，可以安排的人（{people}）最多只能承担 {available} 人次，"
    "还差 {gap} 人次。请增加人选、提高他们的上限，或减少每项所需人数。"
)
TOO_FEW_ITEMS = (
    "{people} 这 {n_people} 人至少要安排 {need} 项次，可以交给他们的（{items}）最多只有 {available} 项次，"
    "还差 {gap} 项次。请降低他们的下限，或减少人选。"
)
NOBODY = "没有可安排的人"
NOTHING = "没有可安排的项目"
MOST_PROOFS = 5  # separate proofs shown at once
MOST_STARTS = 40  # nodes from which a small proof is sought
FINEST = 60  # beyond so many nodes a proof is not reduced to the last one
READABLE = 60  # beyond so many nodes totals say more than names
BAD_RANGE = "{people} 的下限 {need} 大于上限 {available}，请改正。"
BAD_PIN = "{people} 与 {items} 须回避，却又被指定在一起，请取消其中一项。"


@dataclass(frozen=True)
class Blocking:
    """A proof that no assignment exists: these items and people cannot meet `need` with `available`.

    `sentence` is a gettext id with {named} placeholders; `text` fills it with names.
    """

    sentence: str
    items: tuple[int, ...]
    people: tuple[int, ...]
    need: int
    available: int

    def values(
        self, items: Sequence[str] | None = None, people: Sequence[str] | None = None, *, translate=str, most: int = 6
    ) -> dict:
        """What fills the sentence: at most so many names each, or numbers from 1 where none are given."""
        return {
            "items": _listed(self.items, items, translate("第 {n} 项"), none=translate(NOTHING), most=most),
            "people": _listed(self.people, people, translate("{n} 号"), none=translate(NOBODY), most=most),
            "n_items": len(self.items),
            "n_people": len(self.people),
            "need": self.need,
            "available": self.available,
            "gap": self.need - self.available,
        }

    def text(self, items: Sequence[str] | None = None, people: Sequence[str] | None = None, *, translate=str) -> str:
        """The sentence with names in the language of `translate`."""
        return translate(self.sentence).format(**self.values(items, people, translate=translate))


class Infeasible(DomainError):
    """No assignment keeps every rule; `blocking` holds the proofs, `sentence` says them all in Chinese.

    As a DomainError it carries the first proof, with numbers for names; callers with names use `Blocking.text`.
    """

    def __init__(self, blocking: list[Blocking]) -> None:
        super().__init__(blocking[0].sentence, **blocking[0].values())
        self.blocking = blocking
        self.sentence = " ".join(block.text() for block in blocking)


def check_feasible(*, per_item, min_load, max_load, forbidden, fixed=None) -> None:
    """Raise Infeasible with every proof found, or return.

    By the theorem of Mendelsohn and Dulmage, an assignment exists exactly when the items alone can be served within the
    upper loads and the lower loads alone can be met within the items' numbers; a minimum cut proves each failure.
    """
    forbidden = np.asarray(forbidden, dtype=bool)
    n_items, n_people = forbidden.shape
    fixed = np.zeros_like(forbidden) if fixed is None else np.asarray(fixed, dtype=bool)
    per_item, min_load, max_load = (
        np.broadcast_to(np.asarray(value, dtype=int), size)
        for value, size in ((per_item, n_items), (min_load, n_people), (max_load, n_people))
    )
    _check_input(min_load, max_load, forbidden, fixed)
    _check_pins(per_item, max_load, fixed)
    free = ~forbidden & ~fixed
    demand = per_item - fixed.sum(axis=1)
    held = fixed.sum(axis=0)
    room = max_load - held
    blocking = [
        *_starved_items(per_item, max_load, free, fixed, demand, room),
        *_starved_people(per_item, min_load, free, fixed, np.maximum(min_load - held, 0), demand),
    ]
    if blocking:
        raise Infeasible(blocking)


def _check_input(min_load, max_load, forbidden, fixed) -> None:
    upside_down = np.nonzero(min_load > max_load)[0]
    if upside_down.size:
        raise Infeasible([Blocking(BAD_RANGE, (), (int(j),), int(min_load[j]), int(max_load[j])) for j in upside_down])
    clashes = np.argwhere(forbidden & fixed)
    if clashes.size:
        raise Infeasible([Blocking(BAD_PIN, (int(i),), (int(j),), 1, 0) for i, j in clashes])


def _check_pins(per_item, max_load, fixed) -> None:
    blocking = []
    for i in np.nonzero(fixed.sum(axis=1) > per_item)[0]:
        pinned = _ints(np.nonzero(fixed[i])[0])
        blocking.append(Blocking(TOO_FEW_ITEMS, (int(i),), pinned, len(pinned), int(per_item[i])))
    for j in np.nonzero(fixed.sum(axis=0) > max_load)[0]:
        pinned = _ints(np.nonzero(fixed[:, j])[0])
        blocking.append(Blocking(TOO_FEW_PEOPLE, pinned, (int(j),), len(pinned), int(max_load[j])))
    if blocking:
        raise Infeasible(blocking)


def _starved_items(per_item, max_load, free, fixed, demand, room) -> list[Blocking]:
    blocking = []
    for items in _violators(demand, room, free):
        people = np.nonzero((free | fixed)[items].any(axis=0))[0]
        inside = np.minimum(room, free[items].sum(axis=0)).sum() + fixed[items].sum()
        blocking.append(Blocking(TOO_FEW_PEOPLE, _ints(items), _ints(people), int(per_item[items].sum()), int(inside)))
    return blocking


def _starved_people(per_item, min_load, free, fixed, demand, room) -> list[Blocking]:
    blocking = []
    for people in _violators(demand, room, free.T):
        items = np.nonzero((free | fixed)[:, people].any(axis=1))[0]
        held = fixed[:, people].sum()
        inside = np.minimum(room, free[:, people].sum(axis=1)).sum() + held
        need = (demand[people] + fixed[:, people].sum(axis=0)).sum()
        blocking.append(Blocking(TOO_FEW_ITEMS, _ints(items), _ints(people), int(need), int(inside)))
    return blocking


def _violators(demand: np.ndarray, room: np.ndarray, edges: np.ndarray) -> list[np.ndarray]:
    """Sets of left nodes whose demand exceeds what their neighbours can take together; none when all can be met.

    No set says more than it must: without any one of its nodes the rest could be served. Only where everything
    together asks for more than there is, everything is named, since that is the plainer truth.

    Parameters
    ----------
    demand : int ndarray of shape (n_left,)
    room : int ndarray of shape (n_right,)
    edges : bool ndarray of shape (n_left, n_right), each usable once
    """
    left = np.nonzero(demand > 0)[0]
    found: list[np.ndarray] = []
    while len(found) < MOST_PROOFS:
        rows = left[_unserved(demand[left], room, edges[left])]
        if not rows.size:
            break
        rows = _smallest(rows, demand, room, edges)
        found.append(rows)
        left = np.setdiff1d(left, rows)
    small = [rows for rows in found if rows.size <= READABLE]
    everything = np.nonzero(demand > 0)[0]
    if len(small) < len(found) and demand.sum() > np.minimum(room, edges.sum(axis=0)).sum():
        return [*small, everything]
    return found


def _smallest(rows: np.ndarray, demand: np.ndarray, room: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Leave out halves, quarters and at last single nodes, as long as the rest still cannot be served."""
    step = max(rows.size // 2, 1)
    while True:
        position = 0
        while position < rows.size:
            rest = np.delete(rows, np.s_[position : position + step])
            still = rest[_unserved(demand[rest], room, edges[rest])] if rest.size else rest
            if still.size:
                position = position if still.size == rest.size else 0
                rows = still
            else:
                position += step
        if step == 1 or rows.size > FINEST:
            return rows
        step = max(min(step // 2, rows.size // 2), 1)


def _unserved(demand: np.ndarray, room: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Positions of left nodes that cannot all be served, reached from the one that is worst off; empty when all can."""
    n_left, n_right = edges.shape
    source, sink = n_left + n_right, n_left + n_right + 1
    left, right = np.nonzero(edges)
    starts = np.concatenate([np.full(n_left, source), left, n_left + np.arange(n_right)])
    ends = np.concatenate([np.arange(n_left), n_left + right, np.full(n_right, sink)])
    capacity = np.concatenate([demand, np.ones(left.size, dtype=int), room]).astype(np.int32)
    graph = sparse.csr_array((capacity, (starts, ends)), shape=(sink + 1, sink + 1))
    result = maximum_flow(graph, source, sink)
    if result.flow_value >= demand.sum():
        return np.array([], dtype=int)
    residual = sparse.csr_array(graph - result.flow)
    residual.data[residual.data < 0] = 0
    residual.eliminate_zeros()
    served = np.asarray(result.flow[[source], :].todense()).ravel()[:n_left]
    short = np.nonzero(served < demand)[0]
    sets = [_reached(residual, int(node), n_left) for node in short[:MOST_STARTS]]
    return min(sets, key=lambda nodes: (nodes.size, tuple(nodes)))


def _reached(residual: sparse.csr_array, start: int, n_left: int) -> np.ndarray:
    """Left nodes reached from one of them without passing the source: all of them end at full right nodes."""
    inner = residual[: residual.shape[0] - 2, : residual.shape[0] - 2]
    reached = breadth_first_order(inner, start, return_predecessors=False)
    return np.sort(reached[reached < n_left])


def _ints(values) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _listed(rows: tuple[int, ...], names: Sequence[str] | None, numbered: str, *, none: str, most: int) -> str:
    """Names joined by the Chinese comma; a long list ends in an ellipsis."""
    shown = [names[row] if names is not None else numbered.format(n=row + 1) for row in rows[:most]]
    return ("、".join(shown) + ("…" if len(rows) > most else "")) or none
