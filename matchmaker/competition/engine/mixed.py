"""The linear mixed model of judging, in arrays: y = μ + track + entry + judge + error, all but μ random.

Henderson's mixed model equations with the entries eliminated (their block is diagonal), so that what is factored has
one row for each judge and track. With γ = variance ÷ residual variance of each effect, C the coefficient matrix and u
the solutions, the restricted likelihood without its constant is

    −2ℓ(γ) = (n − 1) · log σ̂² + log|C| + Σ q·log γ,      σ̂² = (y'y − solutions · right side) ÷ (n − 1)
    ∂(−2ℓ)/∂ log γ = q − trace(C⁻¹ of the effect) ÷ γ − u'u ÷ (γ·σ̂²)

References
----------
C. R. Henderson, 1984, Applications of Linear Models in Animal Breeding, chapters 5 and 12;
S. R. Searle, G. Casella and C. E. McCulloch, 1992, Variance Components, section 7.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
NEGLIGIBLE, HUGE = 1e-5, 1e6  # ratios to the residual variance: below it an effect is absent
DIGITS = 6  # published digits of a variance; everything else is computed from the published figures


@dataclass(frozen=True)
class Design:
    """Who scored what: codes from 0 without gaps, one row a ballot; `track` is the track of each entry.

    entry, judge : whole arrays of shape (n,); track : whole array of shape (entries,); y : float array of shape (n,)
    """

    entry: Whole
    judge: Whole
    track: Whole
    y: Floats

    @cached_property
    def sizes(self) -> tuple[int, int, int]:
        """(entries, judges, tracks); one track is no effect."""
        tracks = int(self.track.max()) + 1
        return len(self.track), int(self.judge.max()) + 1, tracks if tracks > 1 else 0

    @cached_property
    def centre(self) -> float:
        return float(self.y.mean())

    @cached_property
    def counts(self) -> Whole:
        """Ballots of each entry."""
        return np.bincount(self.entry, minlength=self.sizes[0]).astype(np.int64)

    @cached_property
    def sums(self) -> Floats:
        """Centred sum of each entry."""
        return np.bincount(self.entry, weights=self.y - self.centre, minlength=self.sizes[0]).astype(np.float64)

    @cached_property
    def effects(self) -> sparse.csr_array:
        """Ballots by [μ, tracks, judges], shape (n, q)."""
        n, (_entries, judges, tracks) = len(self.y), self.sizes
        columns = [np.zeros(n, dtype=np.int64)]
        if tracks:
            columns.append(1 + self.track[self.entry])
        columns.append(1 + tracks + self.judge)
        rows = np.tile(np.arange(n), len(columns))
        ones = np.ones(len(rows))
        return sparse.csr_array((ones, (rows, np.concatenate(columns))), shape=(n, 1 + tracks + judges))

    @cached_property
    def by_entry(self) -> sparse.csr_array:
        """Entries by [μ, tracks, judges]: how many ballots, shape (entries, q)."""
        n, entries = len(self.y), self.sizes[0]
        pick = sparse.csr_array((np.ones(n), (self.entry, np.arange(n))), shape=(entries, n))
        return (pick @ self.effects).tocsr()

    @cached_property
    def crossings(self) -> list[tuple[int, Floats, Floats]]:
        """(ballots an entry, N'N and N's over the entries with so many): the eliminations for any variance."""
        found = []
        for count in np.unique(self.counts):
            chosen = np.flatnonzero(self.counts == count)
            part = self.by_entry[chosen]
            found.append((int(count), (part.T @ part).toarray(), part.T @ self.sums[chosen]))
        return found

    @cached_property
    def squares(self) -> tuple[Floats, Floats]:
        """W'W and W'y of the effects that stay."""
        return (self.effects.T @ self.effects).toarray(), self.effects.T @ (self.y - self.centre)


@dataclass(frozen=True)
class Solution:
    """The equations solved for given ratios: effects on the centred scale, and the inverse of what was factored."""

    entries: Floats
    others: Floats
    inverse: Floats
    log_determinant: float
    shrinking: Floats
    residual: float


def solve(design: Design, ratios: Floats) -> Solution:
    """Solve for ratios (entry, judge, track) ≥ 0; an effect with a ratio of 0 is left out."""
    _entries, judges, tracks = design.sizes
    kept = np.ones(1 + tracks + judges, dtype=bool)
    kept[1 : 1 + tracks] = ratios[2] > 0
    kept[1 + tracks :] = ratios[1] > 0
    ridge = np.zeros(len(kept))
    ridge[1 : 1 + tracks] = 1 / ratios[2] if ratios[2] > 0 else 0
    ridge[1 + tracks :] = 1 / ratios[1] if ratios[1] > 0 else 0
    factor = {count: _shrink(count, ratios[0]) for count, _cross, _sums in design.crossings}
    matrix, right = design.squares
    matrix = matrix + np.diag(ridge) - sum(factor[count] * cross for count, cross, _sums in design.crossings)
    right = right - sum(factor[count] * sums for count, _cross, sums in design.crossings)
    root = linalg.cholesky(matrix[np.ix_(kept, kept)], lower=True, check_finite=False)
    inverse = np.zeros_like(matrix)
    half, _failed = linalg.lapack.dpotri(root, lower=True)
    inverse[np.ix_(kept, kept)] = np.tril(half) + np.tril(half, -1).T
    others = inverse @ right
    shrinking = np.array([factor[int(count)] for count in design.counts])
    entries = shrinking * (design.sums - design.by_entry @ others)
    total = float(((design.y - design.centre) ** 2).sum())
    explained = float(others @ design.squares[1] + entries @ design.sums)
    residual = max(total - explained, 1e-12 * total, 1e-300)
    return Solution(entries, others, inverse, 2 * float(np.log(np.diag(root)).sum()), shrinking, residual)


def _shrink(count: int, ratio: float) -> float:
    return ratio / (1 + count * ratio)


def criterion(design: Design, ratios: Floats) -> tuple[float, Floats]:
    """−2 restricted log-likelihood and its slope by the logarithms of the ratios."""
    entries, judges, tracks = design.sizes
    found = solve(design, ratios)
    free = len(design.y) - 1
    variance = found.residual / free
    counts = design.counts
    value = free * np.log(variance) + found.log_determinant + np.log1p(counts * ratios[0]).sum()
    value += judges * np.log(ratios[1]) + (tracks * np.log(ratios[2]) if tracks else 0)
    crossed = 0.0
    for count, cross, _sums in design.crossings:
        crossed += _shrink(count, ratios[0]) ** 2 * float((found.inverse * cross).sum())
    on_diagonal = np.diag(found.inverse)
    traces = [found.shrinking.sum() + crossed, on_diagonal[1 + tracks :].sum(), on_diagonal[1 : 1 + tracks].sum()]
    sizes = [entries, judges, tracks]
    solutions = [found.entries, found.others[1 + tracks :], found.others[1 : 1 + tracks]]
    slope = [
        q - trace / ratio - float(u @ u) / (ratio * variance)
        for q, trace, u, ratio in zip(sizes, traces, solutions, ratios, strict=True)
    ]
    return float(value), np.array(slope)


def estimate(design: Design) -> tuple[Floats, float]:
    """The ratios (entry, judge, track) with the highest restricted likelihood, and the residual variance."""
    from scipy import optimize  # half a second that only this function needs

    tracks = design.sizes[2]
    free = 3 if tracks else 2

    def at(logs: Floats) -> tuple[float, Floats]:
        value, slope = criterion(design, np.exp(np.append(logs, [0.0] * (3 - free))))
        return value, slope[:free]

    limits = [(np.log(NEGLIGIBLE / 10), np.log(HUGE))] * free
    start = np.log([1.0, 0.5, 0.2][:free])
    precise = {"ftol": 1e-13, "gtol": 1e-6}
    found = optimize.minimize(at, start, jac=True, method="L-BFGS-B", bounds=limits, options=precise)
    ratios = np.append(np.exp(found.x), [0.0] * (3 - free))
    ratios[ratios < NEGLIGIBLE] = 0.0
    return ratios, solve(design, ratios).residual / (len(design.y) - 1)


def rounded(value: float) -> float:
    """A published variance: six significant digits, and exactly those are used."""
    return float(f"{value:.{DIGITS - 1}e}")


def errors(design: Design, solution: Solution, variance: float) -> Floats:
    """The standard error of μ + track + entry for each entry."""
    entries, _judges, tracks = design.sizes
    marks = np.zeros((entries, len(solution.others)))
    marks[:, 0] = 1
    if tracks:
        marks[np.arange(entries), 1 + design.track] = 1
    marks -= solution.shrinking[:, None] * design.by_entry.toarray()
    squares = solution.shrinking + ((marks @ solution.inverse) * marks).sum(axis=1)
    return np.sqrt(np.maximum(squares * variance, 0))
