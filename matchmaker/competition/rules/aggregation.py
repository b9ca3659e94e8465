"""From the ballots of a panel to the score of an entry: exact decimals, summed before rounding, rounded half up."""

from __future__ import annotations

from collections.abc import Sequence, Set
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled
from matchmaker.core.money import round_half_up

TRIMMED_MINIMUM = 4
PLACES, CALIBRATED_PLACES = 2, 4
Exact = TypeVar("Exact", Decimal, Fraction)


class Aggregation(Labelled):
    PLAIN = "plain", "平均分"
    TRIMMED = "trimmed", "去掉一个最高分和一个最低分后的平均分"
    STANDARD = "standard", "标准分（50＋10z）的平均分"
    CALIBRATED = "calibrated", "校准分（扣除评委宽严）"
    SCALED = "scaled", "校准分（扣除评委宽严和打分尺度）"

    @property
    def places(self) -> int:
        """How many decimal places are announced, and decide."""
        return CALIBRATED_PLACES if self in (Aggregation.CALIBRATED, Aggregation.SCALED) else PLACES


def dropped_positions(marks: Sequence[Exact]) -> tuple[int, int]:
    """Where the one highest and the one lowest mark stand; among equals the first high and the last low."""
    positions = range(len(marks))
    highest = max(positions, key=lambda i: (marks[i], -i))
    lowest = min(positions, key=lambda i: (marks[i], -i))
    return highest, lowest


def drop_extremes(marks: Sequence[Exact]) -> list[Exact]:
    """The marks, in their order, without one highest and one lowest; needs at least three."""
    if len(marks) < 3:
        raise ValueError("dropping the extremes needs at least three marks")
    dropped = dropped_positions(marks)
    return [mark for position, mark in enumerate(marks) if position not in dropped]


def entry_score(ballots: Sequence[Decimal], *, rule: Aggregation, entry: str) -> Decimal:
    """The published score of an entry, two decimals.

    Raises DomainError, naming the entry, when there is no ballot or too few to drop the extremes.
    """
    if not ballots:
        raise DomainError("项目“{entry}”还没有评分，请先完成评分", field="ballots", entry=entry)
    if rule is Aggregation.PLAIN:
        return _mean(ballots)
    if len(ballots) < TRIMMED_MINIMUM:
        raise DomainError(
            "项目“{entry}”只有 {n} 份评分，去掉最高最低分至少需要 {least} 份，请补足评委或改用平均分",
            field="ballots",
            entry=entry,
            n=len(ballots),
            least=TRIMMED_MINIMUM,
        )
    return _mean(drop_extremes(ballots))


def missing_judges(assigned: Set[int], submitted: Set[int]) -> frozenset[int]:
    """Assigned judges whose ballot is not in."""
    return frozenset(assigned - submitted)


def check_panel(assigned: Set[int], submitted: Set[int], *, minimum: int, entry: str) -> None:
    """An entry is scored when every judge who is waited for is in, and the ballots reach the minimum panel."""
    waiting = missing_judges(assigned, submitted)
    if waiting:
        raise DomainError(
            "项目“{entry}”还缺 {n} 位评委的评分，请催办，或登记缺席原因后更换评委",
            field="judges",
            entry=entry,
            n=len(waiting),
        )
    counted = len(assigned & submitted)
    if counted < minimum:
        raise DomainError(
            "项目“{entry}”只有 {n} 位评委评分，少于规定的 {minimum} 位，请补足评委后再计分",
            field="judges",
            entry=entry,
            n=counted,
            minimum=minimum,
        )


def _mean(marks: Sequence[Decimal]) -> Decimal:
    return round_half_up(sum(marks, Decimal(0)) / len(marks), PLACES)
