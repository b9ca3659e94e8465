"""From what speaks for a pair to its score: by the weights set by hand, or as a chance learnt from answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from matchmaker.matching.engine.features import Feature

TEXT = "text"
PARTS = (TEXT, *map(str, Feature))


@dataclass(frozen=True)
class Scale:
    """How a need turns the parts of a pair into a score.

    evidence = Σ weights[part] · (value of the part), in [0, 1]; 0: nothing speaks for the pair, and nobody suggests it
    weights : add up to 1 over the text and the features that the need states
    start, rise : log odds of the score without any evidence, and what all of it adds; no start: evidence is the score
    """

    weights: Mapping[str, float]
    start: float | None = None
    rise: float = 0.0

    def scores(self, evidence: np.ndarray) -> np.ndarray:
        """Scores in [0, 1]; they rise with the evidence."""
        return evidence if self.start is None else np.asarray(expit(self.start + self.rise * evidence))

    @property
    def base(self) -> float:
        """The score without any evidence."""
        return 0.0 if self.start is None else float(expit(self.start))

    def linear(self, score: float, evidence: float) -> Mapping[str, float]:
        """Weights with which score = base + Σ weights[part] · (value of the part), for one pair.

        A chance is no sum; what it has above the base is divided in the proportions of the evidence.
        """
        if self.start is None:
            return self.weights
        factor = (score - self.base) / evidence if evidence > 0 else 0.0
        return {part: factor * weight for part, weight in self.weights.items()}


@dataclass(frozen=True, kw_only=True)
class Chances:
    """log odds of acceptance = intercept + Σ weights[part] · (value of the part).

    weights : for `text` and each feature, at least 0: nobody is less likely to be asked because he fits better
    typical : mean of each part over the needs that state it; a part that is not stated counts as typical
    key : under which they are kept; 0 where they are not
    """

    intercept: float
    weights: Mapping[str, float]
    typical: Mapping[str, float]
    key: int = 0

    def scale(self, stated: Collection[Feature]) -> Scale:
        """The scale of a need that states these features. Raises ValueError where the words count for nothing."""
        if self.weights[TEXT] <= 0:
            raise ValueError("chances that do not rise with the words rank nobody")
        parts = {TEXT: self.weights[TEXT]} | {str(feature): self.weights[feature] for feature in stated}
        silent = sum(self.weights[part] * self.typical[part] for part in PARTS if part not in parts)
        rise = sum(parts.values())
        return Scale({part: weight / rise for part, weight in parts.items()}, self.intercept + silent, rise)

    def chance(self, text: float, features: Mapping[Feature, float]) -> float:
        """How likely the helper accepts, in [0, 1]; comparable across needs and helpers."""
        given = {TEXT: text} | {str(feature): value for feature, value in features.items()}
        odds = self.intercept + sum(self.weights[part] * given.get(part, self.typical[part]) for part in PARTS)
        return float(expit(odds))
