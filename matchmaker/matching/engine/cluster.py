"""All needs against all profiles on a Dask cluster: each worker holds the index and ranks some of the needs.

The workers are given the index as it stands at home, later changes included, and what each need means; so scores and
rankings are those at home, with the encoder and without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.profiles import Need
from matchmaker.matching.engine.ranking import Ranking

PART = 200  # needs a task
PATIENCE = 10  # seconds until a scheduler that does not answer counts as gone


class Unreachable(Exception):
    """Nobody answers at the scheduler's address."""


class Cluster:
    """The scheduler at an address; given an index once, asked many times."""

    def __init__(self, address: str) -> None:
        from distributed import Client

        try:
            self._client = Client(address, timeout=PATIENCE)
        except OSError as error:
            raise Unreachable(address) from error
        self._home: ProfileIndex | None = None
        self._index: Any = None

    def take(self, index: ProfileIndex) -> None:
        """Hand every worker the index."""
        self._home = index
        self._index = self._client.scatter([index.travelling()], broadcast=True, hash=False)[0]

    def tops(self, needs: Sequence[Need], k: int = 20) -> Iterator[Ranking]:
        """The rankings that `ProfileIndex.top` gives, in the order of the needs."""
        for rankings in self._asked(_tops, needs, k):
            yield from rankings

    def table(self, needs: Sequence[Need], profile_ids: Sequence[str]) -> np.ndarray:
        """The scores that `ProfileIndex.table` gives."""
        return np.concatenate(
            [np.zeros((0, len(profile_ids))), *self._asked(_table, needs, tuple(profile_ids))], axis=0
        )

    def close(self) -> None:
        """Leave the cluster; it stays as it is."""
        self._client.close()

    def _asked(self, work: Callable[..., Any], needs: Sequence[Need], how: Any) -> Iterator[Any]:
        if self._home is None:
            raise RuntimeError("a cluster is given an index before it is asked")
        parts = [needs[start : start + PART] for start in range(0, len(needs), PART)]
        tasks = [
            self._client.submit(work, self._index, part, self._home.meant(part), how, pure=False) for part in parts
        ]
        for task in tasks:
            yield task.result()


def _tops(index: ProfileIndex, needs: Sequence[Need], meant: dict[str, Any], k: int) -> list[Ranking]:
    there = index.foreseeing(meant)
    return [there.top(need, k) for need in needs]


def _table(index: ProfileIndex, needs: Sequence[Need], meant: dict[str, Any], profile_ids: Sequence[str]) -> np.ndarray:
    return index.foreseeing(meant).table(needs, profile_ids)
