"""The calibrated score with each judge's own scale: gain (how far a judge spreads scores) and noise.

    score = grand mean + judge + gain · (track + entry) + error,      variance of the error = residual · noise

An option of the calibrated rule. It acts only where the ballots prove that scales differ: an F-test of judges' slopes
on the fitted worth of their entries, beyond the additive model (Mandel's test; exact, because covariates that are
functions of the fitted values leave the F-distribution as it is), at LEVEL. Otherwise, and where the judges'
severity is not proved, the ranking is the calibrated one.

Gains are drawn towards 1, noises towards what the gain explains (a judge who stretches scores stretches errors, too);
how much the contest's own judges differ decides how strongly. Rounds of expectation and maximisation find them with the
variances, all are rounded to six digits, and from these published figures one linear system gives every value
(`tests/competition/engine/test_gains.py` solves it without this package):

    (X'WX + diag(0, 1 ÷ σ²track …, 1 ÷ σ²entry …, 1 ÷ σ²judge …)) · solution = X'Wy,   W = 1 ÷ (residual · noise)

with a row (1, gain at its track, gain at its entry, 1 at its judge) for every ballot; an effect with variance 0 has no
columns. The announced value is grand mean + track + entry: what a judge of average severity and scale would give.

References
----------
J. Mandel, 1961, Non-additivity in two-way analysis of variance, J. Amer. Statist. Assoc. 56, 878-888;
G. A. Milliken and F. A. Graybill, 1970, Extensions of the general linear hypothesis model, ibid. 65, 797-807.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.special import fdtrc

from matchmaker.competition.engine import mixed
from matchmaker.competition.engine.ballots import Ballot, in_order, tracks_of
from matchmaker.competition.engine.calibration import Fit, Gate, Variances, calibrate, design_of
from matchmaker.competition.engine.mixed import Design, Floats

LEVEL = 0.01
ROUNDS = 60
ENOUGH = 1e-7  # gains that move less than this have settled
SPREAD_LIMITS = (1e-4, 0.25)  # variance of gains between judges that is thinkable
NOISE_WEIGHT = 10.0  # a judge's noise counts for as much as so many ballots before the own ones are seen
FEWEST = 3  # ballots of a judge whose slope is tested


@dataclass(frozen=True, slots=True)
class Scales:
    """What is published beside the `Fit`: the test of the scales, and each judge's gain and noise."""

    gate: Gate
    gains: dict[Any, float]
    noises: dict[Any, float]


@dataclass(frozen=True)
class _Solved:
    """One solution of the equations: worth (track + entry) with its variance, judges, and what they leave open."""

    mean: float
    tracks: Floats
    entries: Floats
    judges: Floats
    worth: Floats
    doubt: Floats
    errors: Floats
    judge_doubt: Floats
    entry_doubt: Floats
    track_doubt: Floats


def calibrate_scales(ballots: Sequence[Ballot]) -> tuple[Fit, Scales]:
    """The fit with scales where they are proved, else the calibrated fit as it is."""
    plain = calibrate(ballots)
    ordered = in_order(ballots)
    design = design_of(ordered)
    gate = test_of_scales(design)
    if not (plain.gate.corrected and gate.corrected and plain.variances.entry):
        closed = Gate(gate.statistic, gate.judges, gate.residual, gate.probability, corrected=False)
        return plain, Scales(closed, {}, {})
    gains, noises, variances = _estimated(design, plain.variances)
    found = _solve(design, gains, noises, variances)
    return _published(ordered, design, plain, found, gains, noises, variances, gate)


def test_of_scales(design: Design) -> Gate:
    """F-test whether judges' slopes on the fitted worth of their entries differ, beyond entries and judges."""
    entries, judges, _tracks = design.sizes
    n, y = len(design.y), design.y - design.centre
    seats = np.equal.outer(design.judge, np.arange(judges)).astype(float)
    within_entries = _centred(design, seats)
    basis = _basis(within_entries)
    severity, *_rest = np.linalg.lstsq(within_entries, _centred(design, y[:, None])[:, 0], rcond=None)
    worth = np.bincount(design.entry, weights=y - severity[design.judge], minlength=entries) / design.counts
    often = np.bincount(design.judge, minlength=judges) >= FEWEST
    slopes = _centred(design, seats[:, often] * (worth - worth.mean())[design.entry, None])
    slopes -= basis @ (basis.T @ slopes)
    left = _centred(design, y[:, None])[:, 0]
    left -= basis @ (basis.T @ left)
    more = _basis(slopes)
    explained = float(((more.T @ left) ** 2).sum())
    between, within = more.shape[1], n - entries - basis.shape[1] - more.shape[1]
    if between < 2 or within < 1:
        return Gate(None, between, within, None, corrected=False)
    error = float(left @ left) - explained
    if error <= 1e-12 * max(float(y @ y), 1e-300):
        return Gate(None, between, within, None, corrected=False)
    statistic = (explained / between) / (error / within)
    probability = float(fdtrc(between, within, statistic))
    return Gate(statistic, between, within, probability, corrected=probability < LEVEL)


def _centred(design: Design, columns: Floats) -> Floats:
    """Columns without the mean of each entry."""
    pick = sparse.csr_array(
        (1 / design.counts[design.entry], (design.entry, np.arange(len(design.y)))),
        shape=(len(design.counts), len(design.y)),
    )
    return np.asarray(columns - (pick @ columns)[design.entry])


def _basis(matrix: Floats) -> Floats:
    """Orthonormal columns that span those of a matrix."""
    if not matrix.shape[1]:
        return matrix
    u, values, _v = linalg.svd(matrix, full_matrices=False)
    return np.asarray(u[:, values > 1e-9 * max(float(values[0]), 1e-150)])


def _estimated(design: Design, start: Variances) -> tuple[Floats, Floats, Variances]:
    """Gains, noises and variances by rounds of expectation and maximisation, as they are published."""
    judges = design.sizes[1]
    ballots = np.bincount(design.judge, minlength=judges)
    gains, noises, spread, variances = np.ones(judges), np.ones(judges), 0.04, start
    for _round in range(ROUNDS):
        found = _solve(design, gains, noises, variances)
        before = gains
        gains, spread = _better_gains(design, found, noises, variances.residual, spread)
        left, open_ = _left(design, found, gains)
        per_judge = np.bincount(design.judge, weights=left**2 + open_, minlength=judges)
        noises = (NOISE_WEIGHT * gains**2 + per_judge / variances.residual) / (NOISE_WEIGHT + ballots)
        variances = _better_variances(design, found, variances, (left**2 + open_) / noises[design.judge])
        if float(np.abs(gains - before).max()) < ENOUGH:
            break
    scale = float(np.exp(np.log(gains).mean()))  # the average judge is the measure
    gains = gains / scale
    rounded = mixed.rounded
    published = Variances(
        rounded(variances.entry * scale**2),
        rounded(variances.judge),
        rounded(variances.track * scale**2),
        rounded(variances.residual),
    )
    return (
        np.array([rounded(float(gain)) for gain in gains]),
        np.array([rounded(float(noise)) for noise in noises]),
        published,
    )


def _better_gains(
    design: Design, found: _Solved, noises: Floats, residual: float, spread: float
) -> tuple[Floats, float]:
    judges, weight = design.sizes[1], 1 / (residual * noises[design.judge])
    worth = found.worth[design.entry]
    rest = design.y - design.centre - found.mean - found.judges[design.judge]
    squares = np.bincount(design.judge, weights=weight * (worth**2 + found.doubt[design.entry]), minlength=judges)
    products = np.bincount(design.judge, weights=weight * worth * rest, minlength=judges)
    gains = np.maximum((products + 1 / spread) / (squares + 1 / spread), 0.05)
    new = float(((gains - 1) ** 2 + 1 / (squares + 1 / spread)).mean())
    return gains, min(max(new, SPREAD_LIMITS[0]), SPREAD_LIMITS[1])


def _left(design: Design, found: _Solved, gains: Floats) -> tuple[Floats, Floats]:
    """What the model leaves of each ballot, and the doubt about it that worth and severity carry."""
    gain = gains[design.judge]
    left = design.y - design.centre - found.mean - found.judges[design.judge] - gain * found.worth[design.entry]
    return left, gain**2 * found.doubt[design.entry] + found.judge_doubt[design.judge]


def _better_variances(design: Design, found: _Solved, old: Variances, squares: Floats) -> Variances:
    entry = float((found.entries**2 + found.entry_doubt).mean())
    judge = float((found.judges**2 + found.judge_doubt).mean()) if old.judge else 0.0
    track = float((found.tracks**2 + found.track_doubt).mean()) if old.track else 0.0
    return Variances(entry, judge, track, float(squares.mean()))


def _solve(design: Design, gains: Floats, noises: Floats, variances: Variances) -> _Solved:
    """Henderson's equations with gains and weights, the entries eliminated."""
    entries, judges, tracks = design.sizes
    kept_tracks = tracks if variances.track else 0
    gain = gains[design.judge]
    weight = 1 / (variances.residual * noises[design.judge])
    y = design.y - design.centre
    others = _others(design, gain, kept_tracks)
    ridge = np.zeros(1 + kept_tracks + judges)
    ridge[1 : 1 + kept_tracks] = 1 / variances.track if kept_tracks else 0
    ridge[1 + kept_tracks :] = 1 / variances.judge if variances.judge else 1e12
    own = np.bincount(design.entry, weights=weight * gain**2, minlength=entries) + 1 / variances.entry
    rows = sparse.csr_array((weight * gain, (design.entry, np.arange(len(y)))), shape=(entries, len(y)))
    cross = (rows @ others).toarray()
    sums = rows @ y
    weighted = others.multiply(weight[:, None]).tocsr()
    matrix = (others.T @ weighted).toarray() + np.diag(ridge) - cross.T @ (cross / own[:, None])
    inverse = linalg.inv(matrix, check_finite=False)
    solution = inverse @ (weighted.T @ y - cross.T @ (sums / own))
    entry = (sums - cross @ solution) / own
    pick = -cross / own[:, None]
    entry_doubt = 1 / own + ((pick @ inverse) * pick).sum(axis=1)
    worth, of_worth = entry.copy(), pick.copy()
    if kept_tracks:
        worth += solution[1 + design.track]
        of_worth[np.arange(entries), 1 + design.track] += 1
    whole = of_worth.copy()
    whole[:, 0] += 1
    on = np.diag(inverse)
    return _Solved(
        mean=float(solution[0]),
        tracks=solution[1 : 1 + kept_tracks],
        entries=entry,
        judges=solution[1 + kept_tracks :],
        worth=worth,
        doubt=1 / own + ((of_worth @ inverse) * of_worth).sum(axis=1),
        errors=np.sqrt(np.maximum(1 / own + ((whole @ inverse) * whole).sum(axis=1), 0)),
        judge_doubt=on[1 + kept_tracks :],
        entry_doubt=entry_doubt,
        track_doubt=on[1 : 1 + kept_tracks],
    )


def _others(design: Design, gain: Floats, tracks: int) -> sparse.csr_array:
    """Ballots by [mean, tracks, judges]; a track counts as often as the judge's gain."""
    n = len(design.y)
    parts = [(np.zeros(n, dtype=np.int64), np.ones(n)), (1 + tracks + design.judge, np.ones(n))]
    if tracks:
        parts.append((1 + design.track[design.entry], gain))
    columns, values = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    shape = (n, 1 + tracks + design.sizes[1])
    return sparse.csr_array((values, (np.tile(np.arange(n), len(parts)), columns)), shape=shape)


def _published(
    ordered: list[Ballot],
    design: Design,
    plain: Fit,
    found: _Solved,
    gains: Floats,
    noises: Floats,
    variances: Variances,
    gate: Gate,
) -> tuple[Fit, Scales]:
    tracks = tracks_of(ordered)
    judges = sorted({ballot.judge for ballot in ordered})
    grand = design.centre + found.mean
    names = sorted(set(tracks.values())) if len(found.tracks) else []
    fit = Fit(
        grand_mean=grand,
        variances=variances,
        gate=plain.gate,
        judges=dict(zip(judges, found.judges.tolist(), strict=True)),
        tracks=dict(zip(names, found.tracks.tolist(), strict=True)),
        values=dict(zip(tracks, (grand + found.worth).tolist(), strict=True)),
        errors=dict(zip(tracks, found.errors.tolist(), strict=True)),
        components=plain.components,
    )
    by_judge = (dict(zip(judges, row.tolist(), strict=True)) for row in (gains, noises))
    return fit, Scales(gate, *by_judge)
