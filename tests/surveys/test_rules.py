"""When a survey runs, what it may ask, and what its results may show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.questionnaires.rules.definition import FieldKind
from matchmaker.surveys import rules
from matchmaker.surveys.rules import SurveyState
from matchmaker.surveys.rules.figures import Answer, figures_of
from tests.factories.questionnaires import a_definition, a_field

END = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
K = FieldKind


@pytest.mark.parametrize(
    ("state", "hours", "expected"),
    [
        (SurveyState.DRAFT, 5, SurveyState.DRAFT),
        (SurveyState.CLOSED, 5, SurveyState.CLOSED),
        (SurveyState.OPEN, 0, SurveyState.PLANNED),
        (SurveyState.OPEN, 1, SurveyState.OPEN),
        (SurveyState.OPEN, 9.99, SurveyState.OPEN),
        (SurveyState.OPEN, 10, SurveyState.CLOSED),
    ],
)
def test_a_survey_runs_between_its_times(state, hours, expected):
    times = {"opens_at": END + HOUR, "closes_at": END + 10 * HOUR}

    assert rules.standing(state, now=END + hours * HOUR, **times) is expected


@pytest.mark.parametrize("state", [SurveyState.DRAFT, SurveyState.PLANNED, SurveyState.CLOSED])
def test_answers_out_of_time_are_refused(state):
    with pytest.raises(Conflict):
        rules.check_open(state)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 60), (60, 60), (0, rules.LATEST + 1), (rules.LATEST + 1, 10**9)])
def test_odd_times_are_refused(opens, closes):
    with pytest.raises(DomainError):
        rules.check_times(opens=opens, closes=closes)


COUNTS = st.dictionaries(st.integers(1, 8), st.integers(0, 30), max_size=8)


@given(COUNTS)
def test_no_small_group_is_shown_and_none_follows_by_subtraction(counts):
    shown = rules.shown_groups(counts)

    hidden = sum(n for group, n in counts.items() if group not in shown)
    assert all(counts[group] >= rules.FEWEST for group in shown)
    assert not shown or hidden == 0 or hidden >= rules.FEWEST


@given(st.lists(st.integers(1, 5), min_size=1))
def test_a_mean_lies_between_and_shares_are_exact_decimals(values):
    mean = rules.mean(values)

    assert isinstance(mean, Decimal)
    assert min(values) <= mean <= max(values)
    assert rules.share(1, 3) == Decimal("33.3")
    assert (rules.mean([]), rules.share(0, 0)) == (None, None)


RATING = a_field(K.RATING, "q1", "总体")
WORDS = a_field(K.TEXT, "q2", "建议")
MANY = a_field(K.CHOICES, "q3", "来源")


def test_figures_count_every_answer_and_show_groups_that_are_large_enough():
    answers = [Answer({"q1": 5, "q3": ["a", "b"]}, 1)] * 6 + [Answer({"q1": 3, "q3": ["a"]}, 2)] * 5

    rating, choices = figures_of([RATING, MANY], answers, fewest=5)

    assert [(line.label, line.count) for line in rating.lines if line.count] == [("5", 6), ("3", 5)]
    assert rating.mean == Decimal("4.09")
    assert rating.groups == ((1, 6, Decimal("5.00")), (2, 5, Decimal("3.00")))
    assert [(line.label, line.count) for line in choices.lines] == [("甲", 11), ("乙", 6)]


def test_a_small_group_beside_a_large_one_hides_both():
    answers = [Answer({"q1": 5}, 1)] * 6 + [Answer({"q1": 1}, 2)] * 2

    assert figures_of([RATING], answers, fewest=5)[0].groups == ()


@given(st.integers(1, 4))
def test_few_answers_are_not_broken_down(count):
    answers = [Answer({"q1": 5, "q2": "很好"}, 1)] * count

    for each in figures_of([RATING, WORDS], answers, fewest=5):
        assert (each.answered, each.few, each.lines, each.texts, each.mean) == (count, True, (), (), None)


def test_free_texts_come_in_no_order_of_time():
    answers = [Answer({"q2": text}) for text in ("c", "a", "b", "e", "d")]

    assert figures_of([WORDS], answers, fewest=5)[0].texts == ("a", "b", "c", "d", "e")


@pytest.mark.parametrize("kind", [K.PHONE, K.EMAIL, K.FILE, K.PICTURE, K.COMPANIONS])
def test_an_anonymous_survey_asks_for_nothing_personal(kind):
    with pytest.raises(DomainError):
        rules.check_questions(a_definition(a_field(kind)), anonymous=True)


def test_a_named_survey_may_ask_for_a_telephone_number_and_not_for_files():
    rules.check_questions(a_definition(a_field(K.PHONE)), anonymous=False)
    with pytest.raises(DomainError):
        rules.check_questions(a_definition(a_field(K.FILE)), anonymous=False)
    with pytest.raises(DomainError):
        rules.check_questions(a_definition(a_field(K.TEXT, staff_only=True)), anonymous=False)


@given(st.integers(1, 90))
def test_the_reminder_falls_into_the_second_half(days):
    opens, closes = END, END + timedelta(days=days)

    moment = rules.remind_at(opens_at=opens, closes_at=closes)

    assert opens + (closes - opens) / 2 <= moment < closes
