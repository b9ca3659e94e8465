"""A ballot as the engine counts it: who scored what, and how much, exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

_WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Ballot:
    """One judge's score of one entry. Entries and judges are texts or numbers; of one kind within a set."""

    entry: Any
    judge: Any
    score: Fraction
    track: str = ""


def in_order(ballots: Iterable[Ballot]) -> list[Ballot]:
    """The same ballots in the one order in which everything is counted: no result depends on the order of rows."""
    return sorted(ballots, key=lambda ballot: (ballot.entry, ballot.judge))


def by_entry(ballots: Iterable[Ballot]) -> dict[Any, list[Ballot]]:
    """The ballots of each entry; entries in order."""
    found: defaultdict[Any, list[Ballot]] = defaultdict(list)
    for ballot in in_order(ballots):
        found[ballot.entry].append(ballot)
    return dict(found)


def by_judge(ballots: Iterable[Ballot]) -> dict[Any, list[Ballot]]:
    """The ballots of each judge; judges in order."""
    found: defaultdict[Any, list[Ballot]] = defaultdict(list)
    for ballot in in_order(ballots):
        found[ballot.judge].append(ballot)
    return {judge: found[judge] for judge in sorted(found)}


def tracks_of(ballots: Iterable[Ballot]) -> dict[Any, str]:
    """The track of each entry."""
    return {ballot.entry: ballot.track for ballot in in_order(ballots)}


def mean(values: Sequence[Fraction]) -> Fraction:
    """The exact mean."""
    return sum(values, Fraction(0)) / len(values)


def shown(value: Fraction | float, places: int) -> Decimal:
    """The published figure, rounded half up once: 2.345 → 2.35, -2.345 → -2.35."""
    exact = Fraction(value) * 10**places
    whole = (abs(exact) * 2 + 1) // 2
    return Decimal(int(whole) if exact >= 0 else -int(whole)).scaleb(-places, context=_WIDE)


def square_root(value: Fraction) -> Fraction:
    """The root to sixty digits, as a fraction so that what follows is exact and the same on every machine."""
    return Fraction(_WIDE.sqrt(_WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))))
