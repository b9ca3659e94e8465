"""What the answers to a survey come to: counts, shares, means, never a group that is too small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from matchmaker.core import money
from matchmaker.questionnaires.rules.definition import RATINGS, Field, FieldKind
from matchmaker.questionnaires.rules.values import NO_TABLES, Tables, plain_answer
from matchmaker.surveys import rules

K = FieldKind
COUNTED = {K.CHOICE, K.CHOICES, K.RATING, K.CONSENT, K.INDUSTRY, K.REGION}
MEASURED = {K.RATING, K.NUMBER, K.MONEY}


@dataclass(frozen=True)
class Answer:
    """One filled-in survey as the figures see it."""

    answers: Mapping[str, Any]
    group: int | None = None


@dataclass(frozen=True)
class Line:
    """One possible answer: how often it was given."""

    label: str
    count: int
    percent: Decimal | None


@dataclass(frozen=True)
class Figures:
    """What a question's answers come to; `few`: too few to be broken down."""

    field: Field
    label: str
    answered: int
    few: bool = False
    lines: tuple[Line, ...] = ()
    mean: Decimal | None = None
    texts: tuple[str, ...] = ()
    groups: tuple[tuple[int, int, Decimal | None], ...] = ()


def figures_of(
    fields: Sequence[Field],
    answers: Sequence[Answer],
    *,
    fewest: int,
    language: str = "zh",
    tables: Tables = NO_TABLES,
) -> list[Figures]:
    """Every question's figures. With fewer than `fewest` answers a question has its number of answers alone."""
    return [_figures(field, answers, fewest, language, tables) for field in fields]


def _figures(field: Field, answers: Sequence[Answer], fewest: int, language: str, tables: Tables) -> Figures:
    given = [each for each in answers if each.answers.get(field.id) not in (None, "", [])]
    plain = Figures(field, field.label_in(language), len(given))
    if len(given) < fewest:
        return replace(plain, few=bool(given))
    if field.kind in COUNTED:
        plain = replace(plain, lines=_lines(field, given, language, tables))
    if field.kind in MEASURED:
        mean = rules.mean(_number(field, each) for each in given)
        return replace(plain, mean=mean, groups=_by_group(field, given))
    if field.kind in COUNTED:
        return plain
    texts = (plain_answer(field, each.answers[field.id], language=language, tables=tables) for each in given)
    return replace(plain, texts=tuple(sorted(texts)))


def _number(field: Field, answer: Answer) -> Decimal:
    value = answer.answers[field.id]
    return Decimal(money.wan(int(value))) if field.kind is K.MONEY else Decimal(str(value))


def _lines(field: Field, given: Sequence[Answer], language: str, tables: Tables) -> tuple[Line, ...]:
    counts: Counter[str] = Counter()
    for each in given:
        value = each.answers[field.id]
        counts.update({str(one) for one in (value if isinstance(value, list) else [value])})
    known = {option.id: option.label_in(language) for option in field.options}
    if field.kind is K.RATING:
        known = {rating: rating for rating in reversed(RATINGS)}
    for key, _count in counts.most_common():
        said: Any = True if key == "True" else key
        known.setdefault(key, plain_answer(field, said, language=language, tables=tables))
    return tuple(Line(label, counts[key], rules.share(counts[key], len(given))) for key, label in known.items())


def _by_group(field: Field, given: Sequence[Answer]) -> tuple[tuple[int, int, Decimal | None], ...]:
    counts = Counter(each.group for each in given)
    shown = {group for group in rules.shown_groups(counts) if group is not None}
    if len(counts) < 2:
        return ()
    rows = []
    for group in sorted(shown):
        mine = [_number(field, each) for each in given if each.group == group]
        rows.append((group, len(mine), rules.mean(mine)))
    return tuple(rows)
