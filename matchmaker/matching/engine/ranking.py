"""One score in [0, 1] out of words and structured features, with documented weights, and the order it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matchmaker.matching.engine.features import Feature, stated
from matchmaker.matching.engine.profiles import Need
from matchmaker.matching.engine.scales import Scale
from matchmaker.matching.rules import Barrier

# Set by hand until 200 suggestions have been answered: what people write decides, what they tick corrects.
# Field and industry overlap in meaning, so together they count a third of the words; a district's helpers are mostly
# near, so the region only breaks near-ties; an amount outside an investor's range costs as much as a wrong field.
TEXT_WEIGHT = 0.65
FEATURE_WEIGHTS: Mapping[Feature, float] = {
    Feature.FIELD: 0.12,
    Feature.INDUSTRY: 0.08,
    Feature.REGION: 0.05,
    Feature.TICKET: 0.10,
}
SAME = 12  # scores equal to so many decimals are a tie, ordered by profile id


@dataclass(frozen=True)
class Match:
    """A need and a profile: `score` = base + weights["text"] · text + Σ weights[feature] · features[feature].

    evidence : what speaks for the pair, in [0, 1]; the score itself by the weights set by hand
    meaning : the part of `text` that comes from likeness of meaning, not from common words
    base : the score of a pair that nothing speaks for; above 0 for a learnt chance alone
    learnt : the key of the learnt weights; 0: set by hand
    """

    profile_id: str
    score: float
    text: float
    features: Mapping[Feature, float]
    weights: Mapping[str, float]
    evidence: float
    meaning: float = 0.0
    base: float = 0.0
    learnt: int = 0


@dataclass(frozen=True)
class Ranking:
    """Suggestions, best first, and whom a hard rule kept from standing among them, with the rule."""

    matches: tuple[Match, ...]
    set_aside: tuple[tuple[str, Barrier], ...] = ()


def weights(need: Need) -> dict[str, float]:
    """Weights that add up to 1 over the text and the features this need states; they depend on the need alone."""
    parts = {"text": TEXT_WEIGHT} | {str(feature): FEATURE_WEIGHTS[feature] for feature in stated(need)}
    total = sum(parts.values())
    return {name: weight / total for name, weight in parts.items()}


def scale(need: Need) -> Scale:
    """The weights set by hand: the evidence is the score."""
    return Scale(weights(need))


def by_hand(text: float, features: Mapping[Feature, float]) -> float:
    """The score of some parts by the weights set by hand, whatever ranks at present."""
    parts = [(TEXT_WEIGHT, text), *((FEATURE_WEIGHTS[feature], value) for feature, value in features.items())]
    return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)


def scores(text: np.ndarray, features: Mapping[Feature, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """Weighted sum of the parts.

    Parameters
    ----------
    text : ndarray of shape (n_profiles,), in [0, 1]
    features : for each stated feature an ndarray of shape (n_profiles,), in [0, 1]
    weights : see `weights`

    Returns
    -------
    ndarray of shape (n_profiles,), in [0, 1]
    """
    total = weights["text"] * text
    for feature, values in features.items():
        total = total + weights[feature] * values
    return np.clip(total, 0.0, 1.0)


def best_first(scores: np.ndarray, ids: list[str], rows: np.ndarray) -> list[int]:
    """`rows` by falling score; ties by id, so that the order never depends on storage."""
    return sorted(rows.tolist(), key=lambda row: (-round(float(scores[row]), SAME), ids[row]))
