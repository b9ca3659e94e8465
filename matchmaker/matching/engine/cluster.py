"""All needs against all profiles on a Dask cluster: each worker holds an index of its own and ranks some of the needs.

The workers fit on the same profiles in the same order of ids, so scores and rankings are those of the index at home.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.profiles import Need, Profile
from matchmaker.matching.engine.ranking import Ranking

PART = 200  # needs a task


class Cluster:
    """The scheduler at an address; fitted once, asked many times."""

    def __init__(self, address: str) -> None:
        from distributed import Client

        self._client = Client(address)
        self._index: Any = None

    def fit(self, profiles: Sequence[Profile]) -> None:
        """Let one worker learn the term weights and hand the index to the others."""
        there = self._client.scatter([list(profiles)], hash=False)[0]
        self._index = self._client.submit(ProfileIndex.fit, there, pure=False)
        self._client.replicate(self._index)

    def tops(self, needs: Sequence[Need], k: int = 20) -> Iterator[Ranking]:
        """The rankings that `ProfileIndex.top` gives, in the order of the needs."""
        if self._index is None:
            raise RuntimeError("a cluster is fitted before it is asked")
        parts = [needs[start : start + PART] for start in range(0, len(needs), PART)]
        tasks = [self._client.submit(_tops, self._index, part, k, pure=False) for part in parts]
        for task in tasks:
            yield from task.result()

    def close(self) -> None:
        """Leave the cluster; it stays as it is."""
        self._client.close()


def _tops(index: ProfileIndex, needs: Sequence[Need], k: int) -> list[Ranking]:
    return [index.top(need, k) for need in needs]
