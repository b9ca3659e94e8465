"""Weighted criteria and the exact total of a ballot."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules.rubric import (
    Criterion,
    Level,
    Rubric,
    ballot_total,
    check_ballot,
    check_draft,
    check_rubric,
    check_rubric_editable,
)
from matchmaker.core.errors import Conflict, DomainError

D = Decimal
TECH = Criterion(
    "tech", "技术和产品", D(10), D(60), levels=(Level(D(0), "一般"), Level(D(6), "良好"), Level(D(9), "领先"))
)
TEAM = Criterion("team", "团队", D(40), D(40))
RUBRIC = Rubric((TECH, TEAM))


def test_total_weighs_each_criterion_exactly():
    check_rubric(RUBRIC)

    assert ballot_total(RUBRIC, {"tech": D("8.5"), "team": D("33.5")}) == D("84.5")


@given(st.integers(0, 20), st.integers(0, 80))
def test_total_is_exact_and_bounded(tech, team):
    total = ballot_total(RUBRIC, {"tech": D(tech) / 2, "team": D(team) / 2})

    assert Fraction(total) == Fraction(tech, 2) * 6 + Fraction(team, 2)
    assert 0 <= total <= 100


@pytest.mark.parametrize(("points", "text"), [("0", "一般"), ("5.5", "一般"), ("6", "良好"), ("10", "领先")])
def test_level_text_follows_the_points(points, text):
    assert TECH.level_of(D(points)).text == text


def test_criterion_without_levels_has_no_text():
    assert TEAM.level_of(D(10)) is None


@pytest.mark.parametrize(
    ("criteria", "field"),
    [
        ((), "criteria"),
        ((TECH, TECH), "criteria"),
        ((TECH, replace(TEAM, weight=D(39))), "weight"),
        ((TECH, replace(TEAM, weight=D(0))), "weight"),
        ((TECH, replace(TEAM, maximum=D(0))), "maximum"),
        ((TECH, replace(TEAM, step=D(0))), "maximum"),
        ((TECH, replace(TEAM, step=D("0.3"))), "maximum"),
        ((TECH, replace(TEAM, maximum=D(30))), "maximum"),
        ((TECH, replace(TEAM, levels=(Level(D(41), "过高"),))), "levels"),
        ((TECH, replace(TEAM, levels=(Level(D(1), " "),))), "levels"),
    ],
)
def test_rubric_that_cannot_give_an_exact_total_is_refused(criteria, field):
    with pytest.raises(DomainError) as refused:
        check_rubric(Rubric(criteria))

    assert refused.value.field == field


def test_weights_must_sum_to_one_hundred_and_the_sentence_says_what_they_are():
    with pytest.raises(DomainError, match="现在是 99"):
        check_rubric(Rubric((TECH, replace(TEAM, weight=D(39)))))


def test_a_third_of_a_weight_is_accepted_when_every_step_is_exact():
    assert check_rubric(Rubric((Criterion("a", "甲", D(30), D(100), step=D(3)),))) is None


@pytest.mark.parametrize("points", ["-0.5", "10.5", "8.25", "NaN", "Infinity"])
def test_points_outside_range_or_step_are_refused_on_their_criterion(points):
    with pytest.raises(DomainError) as refused:
        check_draft(RUBRIC, {"tech": D(points)})

    assert refused.value.field == "tech"


def test_a_draft_may_be_incomplete_and_a_ballot_may_not():
    check_draft(RUBRIC, {"tech": D(8)})

    with pytest.raises(DomainError) as refused:
        check_ballot(RUBRIC, {"tech": D(8)})
    assert refused.value.field == "team"


def test_unknown_criterion_is_refused():
    with pytest.raises(DomainError):
        check_draft(RUBRIC, {"finance": D(8)})
    with pytest.raises(KeyError):
        RUBRIC["finance"]


def test_rubric_is_fixed_from_the_first_score_on():
    check_rubric_editable(None)

    with pytest.raises(Conflict):
        check_rubric_editable(datetime(2026, 5, 1, tzinfo=UTC))
