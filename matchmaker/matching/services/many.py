"""Many needs at once: ranked here, or on the cluster where the settings name one; the figures are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from flask import current_app

from matchmaker.core import clock
from matchmaker.matching import encoding, queries
from matchmaker.matching.models import Need
from matchmaker.matching.rules import SUGGESTIONS, Barrier
from matchmaker.matching.services.suggesting import fresh_index

if TYPE_CHECKING:
    import numpy as np

    from matchmaker.matching.engine.cluster import Cluster
    from matchmaker.matching.engine.index import ProfileIndex
    from matchmaker.matching.engine.profiles import Need as EngineNeed


@dataclass(frozen=True)
class ScoreTable:
    """Many needs and many people: scores of shape (n_needs, n_people), and the hard rule that forbids each pair."""

    scores: np.ndarray
    barriers: list[list[Barrier | None]]


def score_table(needs: Sequence[Need], person_ids: Sequence[int]) -> ScoreTable:
    """Scores and barriers of all pairs; who is no helper any more scores 0."""
    import numpy as np

    from matchmaker.matching.engine.profiles import barrier

    found = {int(p.id): p for p in encoding.profiles(person_ids, today=clock.today())}
    asked = encoded(needs)
    scores = np.zeros((len(needs), len(person_ids)))
    with fresh_index() as index, _working(index) as there:
        known = [place for place, key in enumerate(person_ids) if key in found and str(key) in index]
        scores[:, known] = there.table(asked, [str(person_ids[place]) for place in known])
    barriers = [
        [barrier(each, found[key]) if key in found else Barrier.TERM_ENDED for key in person_ids] for each in asked
    ]
    return ScoreTable(scores, barriers)


def rank_many(needs: Sequence[Need], *, k: int = SUGGESTIONS) -> list[list[tuple[int, float]]]:
    """(person, score) of the k best for each of many needs."""
    asked = encoded(needs)
    with fresh_index() as index, _working(index) as there:
        rankings = list(there.tops(asked, k))
    return [[(int(match.profile_id), match.score) for match in ranking.matches] for ranking in rankings]


def encoded(needs: Sequence[Need]) -> list[EngineNeed]:
    """Many needs as the engine sees them, with a few queries for all."""
    own, declined = queries.own_people(needs), queries.who_declined([need.id for need in needs])
    return [
        encoding.need(need, recused=recused, declined_by=declined.get(need.id, frozenset()))
        for need, recused in zip(needs, own, strict=True)
    ]


@contextmanager
def _working(index: ProfileIndex) -> Iterator[ProfileIndex | Cluster]:
    """Who does the work: the cluster with this index, or the index itself where none is set or none answers."""
    address = current_app.config["SETTINGS"].dask_scheduler
    cluster = _reached(address) if address else None
    if cluster is None:
        yield index
        return
    try:
        cluster.take(index)
        yield cluster
    finally:
        cluster.close()


def _reached(address: str) -> Cluster | None:
    from matchmaker.matching.engine.cluster import Cluster, Unreachable

    try:
        return Cluster(address)
    except Unreachable:
        structlog.get_logger().warning("matching.cluster_unreachable", address=address)
        return None
