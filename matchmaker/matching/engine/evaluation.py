"""How good rankings are, and how fairly they spread: figures for `evaluate` and for the staff page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np


def recall_at(rankings: Sequence[Sequence[str]], relevant: Sequence[Collection[str]], *, k: int) -> float:
    """Mean share of the relevant profiles that stand among the first k.

    Parameters
    ----------
    rankings : n_needs lists of profile ids, best first
    relevant : n_needs non-empty sets of profile ids
    """
    shares = [len(set(ids[:k]) & set(good)) / len(set(good)) for ids, good in zip(rankings, relevant, strict=True)]
    return float(np.mean(shares))


def mean_reciprocal_rank(rankings: Sequence[Sequence[str]], relevant: Sequence[Collection[str]]) -> float:
    """Mean of 1 / place of the first relevant profile, 0 where none was found."""
    places = (
        next((place for place, profile in enumerate(ids, start=1) if profile in good), None)
        for ids, good in zip(rankings, relevant, strict=True)
    )
    return float(np.mean([0.0 if place is None else 1.0 / place for place in places]))


def ndcg(ranking: Sequence[str], gains: Mapping[str, float], *, k: int) -> float:
    """Normalised discounted cumulative gain of one ranking at k, in [0, 1]; 0 where nothing is relevant.

    References
    ----------
    Järvelin, Kekäläinen, 2002, Cumulated gain-based evaluation of IR techniques; discount log2(place + 1), linear gain.
    """
    best = _discounted(sorted(gains.values(), reverse=True)[:k])
    return 0.0 if best == 0 else _discounted([gains.get(profile, 0.0) for profile in ranking[:k]]) / best


def _discounted(gains: Sequence[float]) -> float:
    return float(sum(gain / np.log2(place + 1) for place, gain in enumerate(gains, start=1)))


def coverage(rankings: Sequence[Sequence[str]], profiles: Collection[str]) -> float:
    """Share of the profiles that were suggested at least once."""
    return len({profile for ids in rankings for profile in ids} & set(profiles)) / len(profiles)


def exposure_gini(rankings: Sequence[Sequence[str]], profiles: Collection[str]) -> float:
    """Inequality of how often profiles are suggested: 0 all alike, near 1 always the same few."""
    counts = Counter(profile for ids in rankings for profile in ids)
    shown = np.sort([counts[profile] for profile in set(profiles)]).astype(float)
    if shown.sum() == 0:
        return 0.0
    places = np.arange(1, len(shown) + 1)
    return float((2 * places - len(shown) - 1) @ shown / (len(shown) * shown.sum()))


def gain(new: Sequence[float], old: Sequence[float], *, seed: int, draws: int = 10_000) -> tuple[float, float, float]:
    """By how much one engine is better than another on the same needs, with a 95 % interval.

    Parameters
    ----------
    new, old : a figure for each need, in the same order
    seed : of the draws

    Returns
    -------
    (mean difference, lower end, upper end)

    References
    ----------
    Efron, Tibshirani, 1993, An Introduction to the Bootstrap, chapter 13: percentile interval, both figures of a need
    drawn together.
    """
    differences = np.asarray(new, dtype=float) - np.asarray(old, dtype=float)
    dice = np.random.default_rng(seed)
    means = [differences[dice.integers(len(differences), size=len(differences))].mean() for _ in range(draws)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(differences.mean()), float(low), float(high)
