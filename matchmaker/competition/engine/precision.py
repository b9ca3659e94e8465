"""How precisely a plan will tell entries apart, before a single score is given.

A score is grand mean + track + entry + judge + rest, all but the mean random. The covariance of what the mixed model
will not know about the entries follows from the plan alone (Henderson's equations), in closed form. It is compared
with the plain mean of each entry's scores. Everything is about differences between two entries, since ranks are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from matchmaker.competition.engine.assigning import Pair


@dataclass(frozen=True)
class Spread:
    """Standard deviations of the parts of a score on a scale to 100, as seen in a large contest."""

    entry: float = 14.2
    judge: float = 9.0
    rest: float = 8.5
    track: float = 7.0  # how far the levels of tracks may lie apart


@dataclass(frozen=True)
class Precision:
    """What to expect: standard errors of the difference of two entries, and reliabilities from 0 to 1."""

    plain: float  # plain means, two entries of the contest
    calibrated: float  # calibrated values, two entries of the contest
    calibrated_within: float  # two entries of one track
    calibrated_across: float | None  # two entries of different tracks; None with one track
    reliability_plain: float
    reliability: float


def expected(entries: Mapping[str, str], pairs: Iterable[Pair], spread: Spread = Spread()) -> Precision:
    """The precision of a plan over these entries (id: track)."""
    names = sorted(entries)
    row = {entry: i for i, entry in enumerate(names)}
    given = [(row[entry], judge) for entry, judge in pairs if entry in row]
    judges = sorted({judge for _i, judge in given})
    column = {judge: j for j, judge in enumerate(judges)}
    scores = np.zeros((len(names), len(judges)))
    for i, judge in given:
        scores[i, column[judge]] = 1.0
    tracks = sorted(set(entries.values()))
    of_track = np.array([tracks.index(entries[entry]) for entry in names])[:, np.newaxis] == np.arange(len(tracks))
    left, known = _unknown(scores, of_track.astype(float), spread)
    prior = np.full(len(names), spread.entry**2), of_track * spread.track
    signal = _mean_difference(prior[0], prior[1])
    error = _of_plain_means(scores, spread)
    noise = _mean_difference(*error)
    calibrated = _mean_difference(left, known)
    within = _within(left, known, of_track)
    pairs_within = sum(n * (n - 1) for n in of_track.sum(axis=0))
    across_count = len(names) * (len(names) - 1) - pairs_within
    across = (
        (calibrated * len(names) * (len(names) - 1) - within * pairs_within) / across_count if across_count else None
    )
    return Precision(
        plain=float(np.sqrt(noise)),
        calibrated=float(np.sqrt(calibrated)),
        calibrated_within=float(np.sqrt(within)),
        calibrated_across=None if across is None else float(np.sqrt(max(across, 0.0))),
        reliability_plain=float(signal / (signal + noise)) if signal + noise else 0.0,
        reliability=float(max(1 - calibrated / signal, 0.0)) if signal else 0.0,
    )


def _unknown(scores: np.ndarray, of_track: np.ndarray, spread: Spread) -> tuple[np.ndarray, np.ndarray]:
    """The covariance of track + entry given all scores, as diag(d) + F F'; only judges and tracks need a matrix."""
    precise = 1 / spread.rest**2
    of_entry = scores.sum(axis=1) * precise + 1 / spread.entry**2
    cross = np.hstack([of_track * scores.sum(axis=1)[:, np.newaxis], scores, scores.sum(axis=1)[:, np.newaxis]])
    cross = cross * precise  # entries against tracks, judges and the mean
    n_tracks, n_judges = of_track.shape[1], scores.shape[1]
    rest = np.zeros((n_tracks + n_judges + 1,) * 2)
    t, j, mean = slice(0, n_tracks), slice(n_tracks, n_tracks + n_judges), n_tracks + n_judges
    rest[t, t] = np.diag(of_track.T @ scores.sum(axis=1)) * precise + np.eye(n_tracks) / spread.track**2
    rest[j, j] = np.diag(scores.sum(axis=0)) * precise + np.eye(n_judges) / spread.judge**2
    rest[t, j] = of_track.T @ scores * precise
    rest[j, t] = rest[t, j].T
    rest[t, mean] = rest[mean, t] = of_track.T @ scores.sum(axis=1) * precise
    rest[j, mean] = rest[mean, j] = scores.sum(axis=0) * precise
    rest[mean, mean] = max(scores.sum() * precise, 1e-12)
    reduced = rest - cross.T @ (cross / of_entry[:, np.newaxis])
    picked = np.hstack([of_track, np.zeros((scores.shape[0], n_judges + 1))]) - cross / of_entry[:, np.newaxis]
    values, vectors = np.linalg.eigh(np.linalg.pinv(reduced, hermitian=True))
    return 1 / of_entry, picked @ (vectors * np.sqrt(np.maximum(values, 0.0)))


def _of_plain_means(scores: np.ndarray, spread: Spread) -> tuple[np.ndarray, np.ndarray]:
    """The error of plain means, as diag(d) + F F'; an entry without scores is as unknown as before."""
    count = scores.sum(axis=1)
    share = scores / np.maximum(count, 1)[:, np.newaxis]
    own = np.where(count > 0, spread.rest**2 / np.maximum(count, 1), spread.entry**2)
    return own, share * spread.judge


def _mean_difference(own: np.ndarray, shared: np.ndarray) -> float:
    """The mean variance of the difference of two, over all pairs, of a covariance diag(own) + shared shared'."""
    n = own.size
    if n < 2:
        return 0.0
    trace = own.sum() + (shared**2).sum()
    everything = own.sum() + (shared.sum(axis=0) ** 2).sum()
    return float(2 * (n * trace - everything) / (n * (n - 1)))


def _within(own: np.ndarray, shared: np.ndarray, of_track: np.ndarray) -> float:
    """The mean variance of the difference of two entries of one track, over all such pairs."""
    weighted, count = 0.0, 0
    for members in of_track.T:
        n = int(members.sum())
        weighted += _mean_difference(own[members], shared[members]) * n * (n - 1)
        count += n * (n - 1)
    return weighted / count if count else 0.0
