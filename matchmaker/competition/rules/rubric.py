"""The rubric: weighted criteria with level texts, and the exact total of one ballot.

Points are given from 0 to each criterion's maximum in equal steps (half points by default); the total is
Σ points × weight / maximum, on a scale of 100. Weights that do not divide exactly are refused when the rubric is
written, so that every total is an exact decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from matchmaker.core.errors import Conflict, DomainError

FULL_WEIGHT = Decimal(100)
HALF_POINT = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Level:
    """What points from `minimum` upward mean, in words."""

    minimum: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Criterion:
    key: str
    label: str
    maximum: Decimal
    weight: Decimal
    step: Decimal = HALF_POINT
    levels: tuple[Level, ...] = ()

    def level_of(self, points: Decimal) -> Level | None:
        """The highest level that these points reach."""
        reached = [level for level in self.levels if level.minimum <= points]
        return max(reached, key=lambda level: level.minimum, default=None)

    def weighted(self, points: Decimal) -> Decimal:
        """These points on the scale of the whole ballot."""
        return points * self.weight / self.maximum


@dataclass(frozen=True, slots=True)
class Rubric:
    criteria: tuple[Criterion, ...]

    def __getitem__(self, key: str) -> Criterion:
        for criterion in self.criteria:
            if criterion.key == key:
                return criterion
        raise KeyError(key)


def check_rubric(rubric: Rubric) -> None:
    """Refuse a rubric that cannot give an exact total out of 100."""
    if not rubric.criteria:
        raise DomainError("请至少设置一个评分项", field="criteria")
    if len({criterion.key for criterion in rubric.criteria}) < len(rubric.criteria):
        raise DomainError("评分项的标识有重复，请改名", field="criteria")
    for criterion in rubric.criteria:
        _check_criterion(criterion)
    total = sum(criterion.weight for criterion in rubric.criteria)
    if total != FULL_WEIGHT:
        raise DomainError("各评分项权重合计应为 100，现在是 {total}，请调整", field="weight", total=total)


def check_rubric_editable(first_score: datetime | None) -> None:
    """The rubric is fixed from the first score on."""
    if first_score is not None:
        raise Conflict("已有评委打分，评分细则不能再改；如必须修改，请作废已有评分后重新开始", field="criteria")


def check_points(criterion: Criterion, points: Decimal) -> None:
    """Refuse points outside the criterion's range or between its steps."""
    if not points.is_finite() or not 0 <= points <= criterion.maximum:
        raise DomainError(
            "“{label}”应在 0 至 {maximum} 分之间，请修改",
            field=criterion.key,
            label=criterion.label,
            maximum=criterion.maximum,
        )
    if points % criterion.step:
        raise DomainError(
            "“{label}”应以 {step} 分为一档，请修改", field=criterion.key, label=criterion.label, step=criterion.step
        )


def check_draft(rubric: Rubric, points: Mapping[str, Decimal]) -> None:
    """A ballot may be saved incomplete, but never with a wrong value."""
    known = {criterion.key for criterion in rubric.criteria}
    if not points.keys() <= known:
        raise DomainError("评分表与当前评分细则不一致，请刷新页面后重新打分", field="points")
    for key, value in points.items():
        check_points(rubric[key], value)


def check_ballot(rubric: Rubric, points: Mapping[str, Decimal]) -> None:
    """A ballot is submitted with every criterion scored."""
    check_draft(rubric, points)
    for criterion in rubric.criteria:
        if criterion.key not in points:
            raise DomainError("“{label}”还没有打分，请补全后提交", field=criterion.key, label=criterion.label)


def ballot_total(rubric: Rubric, points: Mapping[str, Decimal]) -> Decimal:
    """The exact total of a complete ballot, from 0 to 100."""
    check_ballot(rubric, points)
    return sum((criterion.weighted(points[criterion.key]) for criterion in rubric.criteria), Decimal(0))


def _check_criterion(criterion: Criterion) -> None:
    if criterion.weight <= 0:
        raise DomainError("“{label}”的权重应大于 0，请修改", field="weight", label=criterion.label)
    if criterion.step <= 0 or criterion.maximum <= 0 or criterion.maximum % criterion.step:
        raise DomainError("“{label}”的满分应是分档的整数倍，请修改", field="maximum", label=criterion.label)
    if not _is_exact(criterion):
        raise DomainError(
            "“{label}”的权重与满分除不尽，请把满分改为 10、100 或与权重相同", field="maximum", label=criterion.label
        )
    if any(not 0 <= level.minimum <= criterion.maximum or not level.text.strip() for level in criterion.levels):
        raise DomainError("“{label}”的档次说明应有文字，且分值不超过满分", field="levels", label=criterion.label)


def _is_exact(criterion: Criterion) -> bool:
    """Does one step carry a weight that a decimal can hold?"""
    divisor = (Fraction(criterion.step) * Fraction(criterion.weight) / Fraction(criterion.maximum)).denominator
    for prime in (2, 5):
        while divisor % prime == 0:
            divisor //= prime
    return divisor == 1
