"""The calibrated score: what an entry would have got from a judge of average severity.

Model: score = grand mean + track + entry + judge + error, the effects random, variances by restricted maximum
likelihood (`mixed`). A judge's severity is taken out only when the contest's own ballots prove that judges differ: an
F-test of judges within entries at LEVEL. Otherwise the score is the plain mean, since correcting experts who agree
adds noise.

Everything announced follows from what is published: with the variances of the `Fit` (six digits, used exactly as
published) one linear system gives the effects, and grand mean + track + entry is the value
(`tests/competition/engine/test_outsider.py` does so without this package). Ballots are counted in a fixed order and the
variances are rounded before they are used, so that the same ballots give the same figures in any order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg
from scipy.sparse import csgraph
from scipy.special import fdtrc

from matchmaker.competition.engine import mixed
from matchmaker.competition.engine.ballots import Ballot, by_entry, in_order, mean, tracks_of
from matchmaker.competition.engine.connectivity import Component, components

LEVEL = 0.01  # one contest in a hundred without severity is corrected; real severity is found at any level


@dataclass(frozen=True, slots=True)
class Gate:
    """The test whether judges differ: F with its degrees of freedom. `corrected` is the decision."""

    statistic: float | None
    judges: int
    residual: int
    probability: float | None
    corrected: bool
    level: float = LEVEL


@dataclass(frozen=True, slots=True)
class Variances:
    """Published variances on the scale of the scores; 0 means that the effect is absent."""

    entry: float
    judge: float
    track: float
    residual: float


@dataclass(frozen=True, slots=True)
class Fit:
    """The model as published: enough to recompute every value. Effects are by judge, track and entry.

    `errors` are standard errors of `values`; empty when there is nothing to estimate them from. Without correction
    `values` are plain means, `judges` and `tracks` are empty.
    """

    grand_mean: float
    variances: Variances
    gate: Gate
    judges: dict[Any, float]
    tracks: dict[str, float]
    values: dict[Any, float]
    errors: dict[Any, float]
    components: tuple[Component, ...]

    @property
    def connected(self) -> bool:
        return len(self.components) <= 1


def calibrate(ballots: Sequence[Ballot]) -> Fit:
    """Fit the model to the ballots of one stage; there is at least one, and one of each judge for each entry."""
    if not ballots:
        raise ValueError("there is nothing to calibrate")
    ordered = in_order(ballots)
    parts = components(ordered)
    design = design_of(ordered)
    gate = test_of_judges(design)
    if not gate.corrected:
        return _plain(ordered, gate, parts)
    ratios, residual = mixed.estimate(design)
    residual = mixed.rounded(residual)
    entry, judge, track = (mixed.rounded(float(ratio) * residual) for ratio in ratios)
    found = mixed.solve(design, np.array([entry, judge, track]) / residual)
    return _corrected(ordered, design, found, Variances(entry, judge, track, residual), gate, parts)


def test_of_judges(design: mixed.Design) -> Gate:
    """F-test of judges after entries; within each part of the graph one judge is the measure of the others."""
    entries, judges, tracks = design.sizes
    given = design.by_entry[:, 1 + tracks :]
    parts, part = csgraph.connected_components(given.T @ given, directed=False)
    between, within = judges - parts, len(design.y) - entries - judges + parts
    if between < 1 or within < 1:
        return Gate(None, between, within, None, corrected=False)
    weights = 1 / design.counts
    matrix = np.diag(np.bincount(design.judge, minlength=judges).astype(float))
    matrix -= (given.T @ (given * weights[:, None])).toarray()
    matrix += np.equal.outer(part, part)  # within a part only differences count: let them add up to nothing
    right = np.bincount(design.judge, weights=design.y - design.centre, minlength=judges)
    right -= given.T @ (design.sums * weights)
    severity = linalg.solve(matrix, right, assume_a="pos")
    explained = float(severity @ right)
    spread = float(((design.y - design.centre) ** 2).sum() - (design.sums**2 * weights).sum())
    if spread <= 1e-12 * max(float((design.y**2).sum()), 1e-300):  # every panel agrees to the point
        return Gate(None, between, within, None, corrected=False)
    error = max(spread - explained, 1e-12 * spread)
    statistic = (explained / between) / (error / within)
    probability = float(fdtrc(between, within, statistic))
    return Gate(statistic, between, within, probability, corrected=probability < LEVEL)


def design_of(ordered: list[Ballot]) -> mixed.Design:
    """The ballots in arrays, codes in the order of names."""
    tracks = tracks_of(ordered)
    entry = {name: code for code, name in enumerate(tracks)}
    judge = {name: code for code, name in enumerate(sorted({ballot.judge for ballot in ordered}))}
    track = {name: code for code, name in enumerate(sorted(set(tracks.values())))}
    return mixed.Design(
        entry=np.array([entry[ballot.entry] for ballot in ordered]),
        judge=np.array([judge[ballot.judge] for ballot in ordered]),
        track=np.array([track[name] for name in tracks.values()]),
        y=np.array([float(ballot.score) for ballot in ordered]),
    )


def _plain(ordered: list[Ballot], gate: Gate, parts: tuple[Component, ...]) -> Fit:
    """Plain means; their standard error from how judges differ on the same entry."""
    panels = {entry: [ballot.score for ballot in panel] for entry, panel in by_entry(ordered).items()}
    means = {entry: mean(marks) for entry, marks in panels.items()}
    free = len(ordered) - len(panels)
    spread = sum((mark - means[entry]) ** 2 for entry, marks in panels.items() for mark in marks)
    residual = mixed.rounded(float(spread / free)) if free else 0.0
    errors = {entry: (residual / len(marks)) ** 0.5 for entry, marks in panels.items()} if free else {}
    grand = mean([ballot.score for ballot in ordered])
    values = {entry: float(value) for entry, value in means.items()}
    return Fit(float(grand), Variances(0.0, 0.0, 0.0, residual), gate, {}, {}, values, errors, parts)


def _corrected(
    ordered: list[Ballot],
    design: mixed.Design,
    found: mixed.Solution,
    variances: Variances,
    gate: Gate,
    parts: tuple[Component, ...],
) -> Fit:
    tracks = tracks_of(ordered)
    names = sorted(set(tracks.values())) if design.sizes[2] else []
    judges = sorted({ballot.judge for ballot in ordered})
    grand = design.centre + float(found.others[0])
    of_track = dict(zip(names, found.others[1 : 1 + len(names)].tolist(), strict=True))
    of_judge = dict(zip(judges, found.others[1 + len(names) :].tolist(), strict=True))
    values = {
        entry: grand + of_track.get(track, 0.0) + effect
        for (entry, track), effect in zip(tracks.items(), found.entries.tolist(), strict=True)
    }
    errors = dict(zip(tracks, mixed.errors(design, found, variances.residual).tolist(), strict=True))
    return Fit(grand, variances, gate, of_judge, of_track, values, errors, parts)
