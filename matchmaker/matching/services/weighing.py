"""Kept weights as a page tells them: shares, what each part does to the chance, how well they forecast. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from matchmaker.matching import encoding
from matchmaker.matching.models import LearntWeights

WORDS = "文字内容（用词和意思）"


@dataclass(frozen=True)
class Part:
    """One part of the score: its share of all weights in percent, by hand and learnt, and what it does to the chance.

    lowest, highest : the chance in percent when nothing and when all of it fits, everything else being as usual
    """

    label: str
    by_hand: float
    learnt: float
    lowest: int
    highest: int


@dataclass(frozen=True)
class Calibrated:
    """Answers whose forecasts were alike: what was forecast and what came, in percent."""

    answers: int
    forecast: int
    accepted: int


@dataclass(frozen=True)
class Told:
    """One set of learnt weights for a reader; `usual`: the chance in percent of a pair that is usual in every part."""

    row: LearntWeights
    parts: Sequence[Part]
    bins: Sequence[Calibrated]
    usual: int

    @property
    def share(self) -> int:
        """Acceptances in percent of the answers."""
        return round(100 * self.row.accepted / self.row.answers)


def told(row: LearntWeights) -> Told:
    """A kept set in figures for people."""
    from matchmaker.matching.engine.features import Feature
    from matchmaker.matching.engine.scales import TEXT

    chances = encoding.chances(row)
    typical = {feature: chances.typical[feature.value] for feature in Feature}
    hand, learnt = _shares(row.by_hand), _shares(row.weights)

    def part(name: str, label: str) -> Part:
        ends = []
        for value in (0.0, 1.0):
            features = {feature: value if feature.value == name else usual for feature, usual in typical.items()}
            ends.append(chances.chance(value if name == TEXT else chances.typical[TEXT], features))
        return Part(label, hand.get(name, 0.0), learnt.get(name, 0.0), round(100 * ends[0]), round(100 * ends[1]))

    return Told(
        row,
        [part(TEXT, WORDS), *(part(feature.value, feature.label) for feature in Feature)],
        [
            Calibrated(answers, round(100 * Decimal(forecast)), round(100 * Decimal(accepted)))
            for answers, forecast, accepted in row.bins
        ],
        round(100 * chances.chance(chances.typical[TEXT], typical)),
    )


def _shares(weights: Mapping[str, str]) -> dict[str, float]:
    total = sum(map(Decimal, weights.values())) or Decimal(1)
    return {part: round(float(100 * Decimal(value) / total), 1) for part, value in weights.items()}
