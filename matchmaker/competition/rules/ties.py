"""Ranks and the cut: between equal scores the announced chain decides, and who is still tied shares the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from matchmaker.core.errors import DomainError

Strength = tuple[Decimal, ...]
NOTHING = Decimal(-1)


@dataclass(frozen=True, slots=True)
class Result:
    """An entry's score, and what decides between equal scores in the order of the chain; None comes last."""

    entry: int
    score: Decimal
    breaks: tuple[Decimal | None, ...] = ()

    @property
    def strength(self) -> Strength:
        """What results are compared by."""
        return self.score, *(NOTHING if value is None else value for value in self.breaks)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the standings."""

    rank: int
    result: Result
    tied: bool
    advances: bool


def ranks(strengths: Sequence[Decimal | Strength]) -> list[int]:
    """Competition ranks, highest first: 90 85 85 80 gives 1 2 2 4."""
    first: dict[Decimal | Strength, int] = {}
    for position, strength in enumerate(sorted(strengths, reverse=True), start=1):
        first.setdefault(strength, position)
    return [first[strength] for strength in strengths]


def standings(results: Sequence[Result], *, places: int) -> list[Place]:
    """Everybody in order (ties by entry number), marking who advances; a tie at the cut takes all tied along."""
    if places < 0:
        raise DomainError("晋级名额不能是负数，请修改", field="places")
    strengths = [result.strength for result in results]
    lines = [
        Place(rank, result, tied=strengths.count(result.strength) > 1, advances=rank <= places)
        for rank, result in zip(ranks(strengths), results, strict=True)
    ]
    return sorted(lines, key=lambda line: (line.rank, line.result.entry))
