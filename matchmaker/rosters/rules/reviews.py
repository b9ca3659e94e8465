"""The yearly score, line by line: what was done over what was due, times its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled
from matchmaker.rosters.rules.documents import Weights

CENT = Decimal("0.01")
REMIND_DAYS = (90, 30)  # so long before the last day of a year's part somebody who is short hears of it, once each


class Part(Labelled):
    """What is scored."""

    SERVICE = "service", "服务工作量"
    RESULTS = "results", "服务成效"
    SATISFACTION = "satisfaction", "服务满意度"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a score: what was counted, what was due, the weight, the points."""

    part: Part
    done: Decimal
    due: Decimal
    weight: int
    points: Decimal

    def as_data(self) -> dict[str, str]:
        """JSON-ready."""
        return {
            "part": self.part.value,
            "done": format(self.done, "f"),
            "due": format(self.due, "f"),
            "weight": str(self.weight),
            "points": format(self.points, "f"),
        }


def _points(done: Fraction, due: Fraction, weight: int) -> Decimal:
    share = min(Fraction(1), done / due) if due > 0 else Fraction(1)
    exact = share * weight
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(CENT, ROUND_HALF_UP)


def score(
    *, served: int, due: Decimal, results: int, results_due: int, ratings: Sequence[int], weights: Weights
) -> list[Line]:
    """The three lines of a year. Without a single rating satisfaction has no points: nothing was said."""
    mean = Fraction(sum(ratings), len(ratings)) if ratings else Fraction(0)
    said = (Decimal(mean.numerator) / Decimal(mean.denominator)).quantize(CENT, ROUND_HALF_UP)
    return [
        _line(Part.SERVICE, Fraction(served), Fraction(due), weights.service, shown=(Decimal(served), due)),
        _line(
            Part.RESULTS,
            Fraction(results),
            Fraction(results_due),
            weights.results,
            shown=(Decimal(results), Decimal(results_due)),
        ),
        _line(Part.SATISFACTION, mean, Fraction(5), weights.satisfaction, shown=(said, Decimal(5))),
    ]


def _line(part: Part, done: Fraction, due: Fraction, weight: int, *, shown: tuple[Decimal, Decimal]) -> Line:
    return Line(part, shown[0], shown[1], weight, _points(done, due, weight))


def total(lines: Sequence[Line]) -> Decimal:
    """The sum of the lines as shown, so that a reader can add them up."""
    return sum((line.points for line in lines), Decimal(0))


def year_of(starts: date, year: int, *, ends: date) -> tuple[date, date]:
    """The days of a calendar year that lie within a term. Raises DomainError when none do."""
    first, last = max(starts, date(year, 1, 1)), min(ends, date(year, 12, 31))
    if first > last:
        raise DomainError("{year} 年不在聘期内，请改选年份", field="year", year=str(year))
    return first, last


def due_in(amount: int, *, first: date, last: date, of_days: int) -> Decimal:
    """How much of an amount that is due over `of_days` days is due from first to last, both included; at least one."""
    share = Fraction(amount * ((last - first).days + 1), of_days)
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return max(Decimal(1), exact.quantize(Decimal(1), ROUND_HALF_UP)) if amount else Decimal(0)


def missing(*, done: int, total_due: int, first: date, last: date, today: date) -> int:
    """How many are missing by today if they are to be spread evenly over the term; 0: on time or ahead."""
    if today < first or total_due <= 0:
        return 0
    gone = (min(today, last) - first).days + 1
    expected = Fraction(total_due * gone, (last - first).days + 1)
    return max(0, int(expected) - done)


def step_of(today: date, *, last: date) -> int | None:
    """The reminder whose time has come: the smallest number of days that still covers what is left; None: too early."""
    left = (last - today).days
    return min((days for days in REMIND_DAYS if 0 <= left <= days), default=None)
