"""The advanced filter of a list: conditions on fields, of which all, any or none must hold; they stand in the address.

`if=all&f1=state&o1=is&v1=approved&f2=tag&o2=isnot&v2=VIP`: a plain GET form makes it, saved views and exports keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.calendar import parse_day
from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled

MOST = 8
Test = Callable[["Operator", str], Any]


class Match(Labelled):
    """How many of the conditions must hold."""

    ALL = "all", "全部满足"
    ANY = "any", "满足任一"
    NONE = "none", "全不满足"


class Operator(Labelled):
    """How a field is compared with a value."""

    IS = "is", "等于"
    IS_NOT = "isnot", "不等于"
    CONTAINS = "has", "包含"
    LACKS = "hasnot", "不包含"
    AT_LEAST = "from", "不小于（不早于）"
    AT_MOST = "to", "不大于（不晚于）"
    FILLED = "filled", "已填写"
    EMPTY = "empty", "未填写"


OPPOSITES = {Operator.IS_NOT: Operator.IS, Operator.LACKS: Operator.CONTAINS, Operator.EMPTY: Operator.FILLED}
VALUELESS = {Operator.FILLED, Operator.EMPTY}


@dataclass(frozen=True)
class ConditionField:
    """A field that can be asked about: `test(operator, value)` gives the clause of a positive operator
    (is, contains, from, to, filled), or None when it cannot be asked like that. `choices`: (value, label) pairs."""

    key: str
    title: str
    test: Test
    choices: Sequence[tuple[str, str]] = ()

    def clause(self, operator: Operator, value: str) -> Any:
        """The rows for which this holds; never NULL, so that it can be turned round."""
        positive = self.test(OPPOSITES.get(operator, operator), self._meant(value))
        if positive is None:
            return sa.false()
        return sa.not_(positive) if operator in OPPOSITES else positive

    def _meant(self, value: str) -> str:
        """A choice may be written as its label."""
        return next((key for key, label in self.choices if value in {key, label}), value)

    def shown(self, value: str) -> str:
        """A value in words."""
        return next((label for key, label in self.choices if value in {key, label}), value)


@dataclass(frozen=True)
class Condition:
    """One line of the filter."""

    field: ConditionField
    operator: Operator
    value: str

    @property
    def shown(self) -> str:
        return "" if self.operator in VALUELESS else self.field.shown(self.value)


@dataclass(frozen=True)
class Conditions:
    """The filter as it stands in the address; lines that make no sense are left out."""

    fields: Sequence[ConditionField]
    match: Match
    lines: Sequence[Condition]

    @classmethod
    def read(cls, args: Mapping[str, str], fields: Sequence[ConditionField]) -> Conditions:
        """Read `if`, `f1 o1 v1`, `f2 …` from an address."""
        known = {field.key: field for field in fields}
        lines = [_line(args, number, known) for number in range(1, MOST + 1)]
        match = Match(args["if"]) if args.get("if") in set(Match) else Match.ALL
        return cls(fields, match, [line for line in lines if line is not None])

    def address(self) -> dict[str, str]:
        """What stands in the address."""
        if not self.lines:
            return {}
        found = {"if": self.match.value}
        for number, line in enumerate(self.lines, start=1):
            found |= {f"f{number}": line.field.key, f"o{number}": line.operator.value, f"v{number}": line.value}
        return found

    def clause(self) -> Any | None:
        """What the rows must fulfil; None when nothing is asked."""
        if not self.lines:
            return None
        clauses = [line.field.clause(line.operator, line.value) for line in self.lines]
        if self.match is Match.ANY:
            return sa.or_(*clauses)
        return sa.and_(*(sa.not_(clause) for clause in clauses)) if self.match is Match.NONE else sa.and_(*clauses)

    @property
    def rows(self) -> list[Condition | None]:
        """The lines of the form: those asked, and room for more."""
        blank = max(1, min(3 - len(self.lines), MOST - len(self.lines)))
        return [*self.lines, *([None] * blank)][:MOST]

    @property
    def matches(self) -> list[Match]:
        return list(Match)

    @property
    def operators(self) -> list[Operator]:
        return list(Operator)

    def without(self) -> dict[str, None]:
        """The changes of an address that drop the filter."""
        return dict.fromkeys(self.address())


def _line(args: Mapping[str, str], number: int, known: Mapping[str, ConditionField]) -> Condition | None:
    field, word, value = known.get(args.get(f"f{number}", "")), args.get(f"o{number}", ""), args.get(f"v{number}", "")
    if field is None or word not in set(Operator):
        return None
    operator, value = Operator(word), value.strip()[:100]
    return Condition(field, operator, value) if value or operator in VALUELESS else None


def on_text(column: Any) -> Test:
    """Tests of a text column; nothing counts as empty text."""
    known = sa.func.coalesce(column, "")

    def test(operator: Operator, value: str) -> Any:
        if operator is Operator.FILLED:
            return known != ""
        if operator is Operator.IS:
            return known == value
        return known.icontains(value, autoescape=True) if operator is Operator.CONTAINS else None

    return test


def on_choice(column: Any) -> Test:
    """Tests of a column that holds one of some values."""

    def test(operator: Operator, value: str) -> Any:
        if operator is Operator.FILLED:
            return column.is_not(None)
        return sa.and_(column.is_not(None), sa.cast(column, sa.String) == value) if operator is Operator.IS else None

    return test


def on_number(column: Any) -> Test:
    """Tests of a column of numbers; what is no number matches nothing."""

    def test(operator: Operator, value: str) -> Any:
        if operator is Operator.FILLED:
            return column.is_not(None)
        try:
            number = Decimal(value)
        except InvalidOperation:
            return None
        if not number.is_finite() or abs(number) > 10**12:
            return None
        compared = {
            Operator.IS: column == number,
            Operator.AT_LEAST: column >= number,
            Operator.AT_MOST: column <= number,
        }
        return sa.and_(column.is_not(None), compared[operator]) if operator in compared else None

    return test


def on_moment(column: Any) -> Test:
    """Tests of a column of moments by days in Beijing."""

    def test(operator: Operator, value: str) -> Any:
        if operator is Operator.FILLED:
            return column.is_not(None)
        try:
            start = datetime.combine(parse_day(value), time(), clock.CHINA).astimezone(UTC)
        except DomainError:
            return None
        end = start + timedelta(days=1)
        compared = {
            Operator.IS: sa.and_(column >= start, column < end),
            Operator.AT_LEAST: column >= start,
            Operator.AT_MOST: column < end,
        }
        return sa.and_(column.is_not(None), compared[operator]) if operator in compared else None

    return test


def on_rows(rows: Callable[[Operator, str], Any | None]) -> Test:
    """Tests by rows of another table: `rows(operator, value)` is a correlated Select, or None."""

    def test(operator: Operator, value: str) -> Any:
        found = rows(operator, value)
        return None if found is None else found.exists()

    return test
