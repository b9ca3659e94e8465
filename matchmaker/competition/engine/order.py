"""Did those who came later get more? The slope of scores on position, with its interval.

On a live day every judge sees the same order, and only entries can be compared: `order_of_entries`. Where each judge
had an order of their own, the entry's worth and the judge's severity are taken out first: `order_of_ballots`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from matchmaker.competition.engine.ballots import Ballot, in_order
from matchmaker.competition.engine.connectivity import components

CONFIDENCE = 0.95
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Slope:
    """Points a position, with its interval at CONFIDENCE; `probability` of such a slope without any effect of order."""

    slope: float
    low: float
    high: float
    probability: float
    count: int

    @property
    def found(self) -> bool:
        """Is there an effect, beyond chance?"""
        return not self.low <= 0 <= self.high


def order_of_entries(values: Mapping[Any, float], positions: Mapping[Any, int]) -> Slope | None:
    """Slope of the entries' values (a fit's, so without severity) on their position; None with fewer than three."""
    shared = sorted(values.keys() & positions.keys())
    y = np.array([float(values[entry]) for entry in shared])
    x = np.array([float(positions[entry]) for entry in shared])
    if len(shared) < FEWEST or np.ptp(x) == 0:
        return None
    return _slope(x - x.mean(), y - y.mean(), free=len(shared) - 2)


def order_of_ballots(ballots: Sequence[Ballot], positions: Mapping[tuple[Any, Any], int]) -> Slope | None:
    """Slope of scores on the position in the judge's own order, by (entry, judge), within entries and judges.

    None when nothing is left to tell it from: every judge saw the same order, or too few ballots.
    """
    ordered = [ballot for ballot in in_order(ballots) if (ballot.entry, ballot.judge) in positions]
    if not ordered:
        return None
    entries = sorted({ballot.entry for ballot in ordered})
    judges = sorted({ballot.judge for ballot in ordered})
    free = len(ordered) - len(entries) - len(judges) + len(components(ordered)) - 1
    if free < 1:
        return None
    y = np.array([float(ballot.score) for ballot in ordered])
    x = np.array([float(positions[ballot.entry, ballot.judge]) for ballot in ordered])
    row = np.searchsorted(np.array(entries, dtype=object), np.array([b.entry for b in ordered], dtype=object))
    column = np.searchsorted(np.array(judges, dtype=object), np.array([b.judge for b in ordered], dtype=object))
    left = _without_effects(np.column_stack([x, y]), row, column)
    if (left[:, 0] ** 2).sum() <= 1e-9 * max((x**2).sum(), 1.0):
        return None
    return _slope(left[:, 0], left[:, 1], free=free)


def _without_effects(
    columns: NDArray[np.float64], row: NDArray[np.int64], column: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Each column without the effects of entries and judges, by least squares."""
    counts = np.bincount(row)

    def centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        means = np.column_stack([np.bincount(row, weights=one) / counts for one in values.T])
        return np.asarray(values - means[row])

    judges = centred(np.equal.outer(column, np.arange(column.max() + 1)).astype(float))
    given = centred(columns)
    fitted, *_rest = np.linalg.lstsq(judges, given, rcond=None)
    return np.asarray(given - judges @ fitted)


def _slope(x: NDArray[np.float64], y: NDArray[np.float64], *, free: int) -> Slope:
    squares = float(x @ x)
    slope = float(x @ y) / squares
    error = (max(float(((y - slope * x) ** 2).sum()), 0.0) / free / squares) ** 0.5
    reach = float(stdtrit(free, (1 + CONFIDENCE) / 2)) * error
    probability = 2 * float(stdtr(free, -abs(slope) / error)) if error else float(slope == 0)
    return Slope(slope, slope - reach, slope + reach, probability, len(x))
