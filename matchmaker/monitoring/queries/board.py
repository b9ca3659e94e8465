"""The plan on one page: every indicator on a day, what changed in the month, and what is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from matchmaker.core.db import db
from matchmaker.directory.queries import closed_years
from matchmaker.monitoring import rules
from matchmaker.monitoring.models import Indicator, Plan, Snapshot
from matchmaker.monitoring.queries import plans, values
from matchmaker.monitoring.queries.values import Reading
from matchmaker.monitoring.rules import Status


@dataclass(frozen=True)
class Card:
    """One indicator on the page; `added` and `removed` are what the month brought and took."""

    reading: Reading
    added: int
    removed: int
    expected: Decimal | None

    @property
    def indicator(self) -> Indicator:
        return self.reading.indicator

    @property
    def late(self) -> bool:
        """Was it due and is not reached?"""
        return self.reading.progress.status is Status.BEHIND

    @property
    def overdue_unknown(self) -> bool:
        """Was it due while nothing is known?"""
        due = self.reading.definition.due
        unknown = self.reading.progress.status in (Status.NO_DATA, Status.NO_BASELINE)
        return unknown and due is not None and self.reading.value.day > due


@dataclass(frozen=True)
class Board:
    """A plan on a day; `frozen` is the snapshot it was read from when its year is closed."""

    plan: Plan
    day: date
    cards: tuple[Card, ...]
    frozen: Snapshot | None

    @property
    def late(self) -> list[Card]:
        """What is late, and what should be known by now."""
        return [card for card in self.cards if card.late or card.overdue_unknown]

    @property
    def changed(self) -> list[Card]:
        """What the month changed."""
        return [card for card in self.cards if card.added or card.removed]

    @property
    def reached(self) -> int:
        """How many indicators reached their target."""
        return sum(card.reading.progress.status in (Status.REACHED, Status.STRETCHED) for card in self.cards)


def board(plan: Plan, day: date) -> Board:
    """The plan on a day: from the records as they are, or from the snapshot of a closed year."""
    frozen = frozen_on(plan, day)
    readings = values.rebuild_all(frozen) if frozen else values.read_all(plan.indicators, day)
    cards = tuple(_card(reading, day) for reading in readings)
    return Board(plan, day, cards, frozen)


def frozen_on(plan: Plan, day: date) -> Snapshot | None:
    """The kept snapshot of a day in a closed year."""
    if day.year not in closed_years(plan.region):
        return None
    return db.session.execute(plans.kept_on(plan.id, day)).scalars().first()


def reading_on(indicator: Indicator, day: date) -> Reading:
    """One indicator on a day, from the snapshot where its year is closed."""
    frozen = frozen_on(indicator.plan, day)
    stored = next((row for row in frozen.values if row.code == indicator.code), None) if frozen else None
    return values.rebuild(stored, indicator, day) if stored else values.read(indicator, day)


def _card(reading: Reading, day: date) -> Card:
    before = values.lines_behind(reading.indicator, rules.month_before(day)) or ()
    added, removed = _difference([line.unit for line in reading.counted], [x.unit for x in before if x.counts])
    expected = rules.expected_by(reading.definition, first_day=date(reading.indicator.plan.first_year, 1, 1), day=day)
    return Card(reading, added, removed, expected)


def _difference(now: Sequence[str], before: Sequence[str]) -> tuple[int, int]:
    return len(set(now) - set(before)), len(set(before) - set(now))
