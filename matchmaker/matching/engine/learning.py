"""Learns from answered suggestions how likely a helper is to accept, with weights that can be read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from matchmaker.core.errors import DomainError
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.ranking import Match, by_hand
from matchmaker.matching.engine.scales import PARTS, Chances
from matchmaker.matching.rules.learning import LEAST, LEAST_OF_EITHER

TOO_FEW = "答复满 {least} 条才能学习权重，现有 {n} 条，暂按设定的权重排序"
ONE_SIDED = "接受和婉拒各满 {least} 条才能学习权重，现有接受 {accepted} 条、婉拒 {declined} 条，暂按设定的权重排序"
PULL = 1.0  # towards 0, as one squared log odds; matters little beside 200 answers
FOLDS = 5
BINS = 5
DIGITS = 6  # of what is learnt: the figures that are kept are the figures that rank


@dataclass(frozen=True)
class Answer:
    """What was known of a pair when it was suggested, and the helper's answer; those who never answered are left out.

    text, features : as in `Match`; only features that the need stated
    """

    text: float
    features: Mapping[Feature, float]
    accepted: bool

    @classmethod
    def to(cls, match: Match, *, accepted: bool) -> Answer:
        """The answer to a suggestion."""
        return cls(match.text, match.features, accepted)


@dataclass(frozen=True)
class Bin:
    """Some answers whose forecasts were alike: how many, what was forecast, what came."""

    answers: int
    forecast: float
    accepted: float


@dataclass(frozen=True, kw_only=True)
class Learnt(Chances):
    """Chances, and how far they can be trusted.

    loss, by_hand, by_share : log loss on answers that were not learnt from: of these weights, of the weights set by
        hand (put on the scale of chances), of the mere share of acceptances; lower is better
    bins : forecasts for answers not learnt from, against what came
    """

    answers: int
    accepted: int
    loss: float
    by_hand: float
    by_share: float
    bins: tuple[Bin, ...]

    @property
    def is_better(self) -> bool:
        """Whether these weights forecast strange answers better than those set by hand and than the mere share."""
        return self.loss < min(self.by_hand, self.by_share)


def learn(answers: Sequence[Answer]) -> Learnt:
    """Logistic regression on accepted and declined, checked on answers that were left out.

    Raises
    ------
    DomainError : when there are fewer than 200 answers, or fewer than 20 of either kind

    Notes
    -----
    The same answers in the same order give the same weights. Answers are left out by turns, every fifth at a time.
    Only answers count, never who looked.
    """
    accepted = np.array([answer.accepted for answer in answers], dtype=float)
    check(len(answers), int(accepted.sum()))
    values, typical = _values(answers)
    hand = np.array([[by_hand(answer.text, answer.features)] for answer in answers])
    intercept, weights = _fitted(values, accepted)
    forecast = _left_out(values, accepted)
    return Learnt(
        intercept=round(intercept, DIGITS),
        weights={part: round(weight, DIGITS) for part, weight in zip(PARTS, weights.tolist(), strict=True)},
        typical=typical,
        answers=len(answers),
        accepted=int(accepted.sum()),
        loss=_loss(forecast, accepted),
        by_hand=_loss(_left_out(hand, accepted), accepted),
        by_share=_loss(_left_out(np.zeros((len(answers), 0)), accepted), accepted),
        bins=_bins(forecast, accepted),
    )


def check(n: int, accepted: int) -> None:
    """Raise DomainError where there are too few answers, or too few of either kind."""
    if n < LEAST:
        raise DomainError(TOO_FEW, least=LEAST, n=n)
    if min(accepted, n - accepted) < LEAST_OF_EITHER:
        raise DomainError(ONE_SIDED, least=LEAST_OF_EITHER, accepted=accepted, declined=n - accepted)


def _values(answers: Sequence[Answer]) -> tuple[np.ndarray, dict[str, float]]:
    """Parts of each answer, shape (n_answers, n_parts), with the typical value where a need is silent; and those."""
    table = np.array([[answer.text, *(answer.features.get(f, np.nan) for f in Feature)] for answer in answers])
    known = ~np.isnan(table)
    means = np.where(known, table, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    typical = {part: round(mean, DIGITS) for part, mean in zip(PARTS, means.tolist(), strict=True)}
    return np.where(known, table, means), typical


def _fitted(values: np.ndarray, accepted: np.ndarray) -> tuple[float, np.ndarray]:
    """(intercept, weights) of the largest penalised likelihood with weights of at least 0."""
    signs = 2.0 * accepted - 1.0
    design = np.column_stack([np.ones(len(values)), values])

    def losses(beta: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (design @ beta)
        slope = -(design.T @ (signs * expit(-margins)))
        slope[1:] += PULL * beta[1:]
        return float(np.logaddexp(0.0, -margins).sum() + PULL / 2 * (beta[1:] ** 2).sum()), slope

    bounds = [(None, None), *[(0.0, None)] * values.shape[1]]
    found = minimize(losses, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B", tol=1e-12)
    return float(found.x[0]), found.x[1:]


def _left_out(values: np.ndarray, accepted: np.ndarray) -> np.ndarray:
    """The chance of each answer by what the others teach."""
    turn, chances = np.arange(len(values)) % FOLDS, np.zeros(len(values))
    for fold in range(FOLDS):
        out = turn == fold
        intercept, weights = _fitted(values[~out], accepted[~out])
        chances[out] = expit(intercept + values[out] @ weights)
    return chances


def _loss(chances: np.ndarray, accepted: np.ndarray) -> float:
    return float(-np.log(np.where(accepted > 0, chances, 1.0 - chances)).mean())


def _bins(chances: np.ndarray, accepted: np.ndarray) -> tuple[Bin, ...]:
    """Fifths of the answers by rising forecast."""
    parts = np.array_split(np.argsort(chances, kind="stable"), BINS)
    return tuple(Bin(len(part), float(chances[part].mean()), float(accepted[part].mean())) for part in parts)
