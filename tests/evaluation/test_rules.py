"""Terms of titles, at and around their edges."""

from datetime import date, timedelta

import pytest

from matchmaker.core.errors import DomainError
from matchmaker.evaluation import rules
from matchmaker.evaluation.rules import PatentKind, Standing, TitleKind

FIRST, LAST = date(2025, 4, 1), date(2026, 3, 31)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (FIRST - DAY, Standing.COMING),
        (FIRST, Standing.VALID),
        (LAST, Standing.VALID),
        (LAST + DAY, Standing.EXPIRED),
    ],
)
def test_first_and_last_day_count(day, expected):
    assert rules.standing(valid_from=FIRST, valid_to=LAST, ended=None, day=day) is expected


def test_the_day_of_an_early_end_no_longer_counts():
    ended = date(2025, 9, 1)

    found = [rules.standing(valid_from=FIRST, valid_to=None, ended=ended, day=day) for day in (ended - DAY, ended)]

    assert found == [Standing.VALID, Standing.ENDED]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (TitleKind.TECH_SME, date(2026, 3, 31)),
        (TitleKind.HNTE, date(2028, 3, 31)),
        (TitleKind.INNOVATION_TEAM, None),
        (TitleKind.GRANTED_PATENT, None),
    ],
)
def test_the_usual_end_follows_the_rule_of_the_kind(kind, expected):
    assert rules.usual_end(kind, FIRST) == expected


def test_numbers_are_compared_in_one_spelling():
    assert rules.number_of(" ｇｒ2023 6500 0001 ") == rules.number_of("GR202365000001") == "GR202365000001"
    with pytest.raises(DomainError):
        rules.number_of("　")


def test_co_owners_are_named_once():
    assert rules.co_holders_of("甲大学、乙公司\n甲大学；") == ["甲大学", "乙公司"]


@pytest.mark.parametrize(
    ("kind", "term", "field"),
    [
        (TitleKind.HNTE, (FIRST, None), "valid_to"),
        (TitleKind.HNTE, (LAST, FIRST), "valid_to"),
        (TitleKind.INNOVATION_TEAM, (date(2027, 1, 1), None), "valid_from"),
        (TitleKind.GRANTED_PATENT, (date(1905, 1, 1), None), "valid_from"),
    ],
)
def test_an_impossible_term_names_its_field(kind, term, field):
    with pytest.raises(DomainError) as refusal:
        rules.check_term(kind, valid_from=term[0], valid_to=term[1], today=LAST)

    assert refusal.value.field == field


def test_only_a_patent_has_a_kind_of_patent():
    rules.check_subkind(TitleKind.GRANTED_PATENT, PatentKind.DESIGN)
    rules.check_subkind(TitleKind.HNTE, None)

    for kind, subkind in ((TitleKind.GRANTED_PATENT, None), (TitleKind.HNTE, PatentKind.DESIGN)):
        with pytest.raises(DomainError):
            rules.check_subkind(kind, subkind)


@pytest.mark.parametrize(
    ("ended", "reason", "field"),
    [(FIRST - DAY, "迁出", "ended"), (LAST + DAY, "迁出", "ended"), (FIRST, "  ", "reason")],
)
def test_an_early_end_has_a_day_within_the_term_and_a_reason(ended, reason, field):
    with pytest.raises(DomainError) as refusal:
        rules.check_end(valid_from=FIRST, ended=ended, reason=reason, today=LAST)

    assert refusal.value.field == field
