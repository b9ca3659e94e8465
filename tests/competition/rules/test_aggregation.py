"""Plain and trimmed means, the official ski jumping totals, and missing judges."""

import csv
import gzip
import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules.aggregation import (
    Aggregation,
    check_panel,
    drop_extremes,
    dropped_positions,
    entry_score,
    missing_judges,
)
from matchmaker.core.errors import DomainError
from matchmaker.core.money import round_half_up

D = Decimal
SHARED = Path(os.environ.get("MATCHMAKER_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")
marks = st.integers(0, 10_000).map(lambda n: D(n) / 100)
panels = st.lists(marks, min_size=4, max_size=11)
rules = st.sampled_from((Aggregation.PLAIN, Aggregation.TRIMMED))


def score(ballots, rule=Aggregation.PLAIN):
    return entry_score(ballots, rule=rule, entry="样例项目")


def test_sum_is_taken_before_rounding():
    assert score([D("80.005"), D("80.005"), D("80.005")]) == D("80.01")
    assert score([D("80"), D("80"), D("81")]) == D("80.33")


def test_trimmed_mean_drops_one_highest_and_one_lowest():
    ballots = [D(95), D(80), D(95), D(60), D(85)]

    assert drop_extremes(ballots) == [D(80), D(95), D(85)]
    assert score(ballots, Aggregation.TRIMMED) == D("86.67")


def test_all_equal_marks_lose_two_different_judges():
    assert dropped_positions([D(80)] * 5) == (0, 4)
    assert drop_extremes([D(80)] * 5) == [D(80)] * 3


@pytest.mark.parametrize("n", [1, 2, 3])
def test_too_few_ballots_to_trim_are_refused_with_the_entrys_name(n):
    with pytest.raises(DomainError, match=f"样例项目”只有 {n} 份评分"):
        score([D(80)] * n, Aggregation.TRIMMED)


def test_no_ballot_is_refused_not_zero():
    with pytest.raises(DomainError, match="样例项目”还没有评分"):
        score([])


def test_two_marks_have_no_extremes_to_drop():
    with pytest.raises(ValueError, match="at least three"):
        drop_extremes([D(1), D(2)])


@given(panels, rules, st.randoms(use_true_random=False))
def test_score_does_not_depend_on_the_order_of_judges(ballots, rule, random):
    shuffled = random.sample(ballots, len(ballots))

    assert score(shuffled, rule) == score(ballots, rule)


@given(panels, rules)
def test_score_lies_between_the_lowest_and_the_highest_ballot(ballots, rule):
    assert round_half_up(min(ballots), 2) <= score(ballots, rule) <= round_half_up(max(ballots), 2)


@given(panels, rules)
def test_score_agrees_with_exact_fractions(ballots, rule):
    kept = sorted(ballots)[1:-1] if rule is Aggregation.TRIMMED else ballots
    mean = sum(map(Fraction, kept)) / len(kept)

    assert score(ballots, rule) == D((mean * 100 + Fraction(1, 2)).__floor__()) / 100


@given(panels, rules)
def test_a_higher_ballot_never_lowers_the_score(ballots, rule):
    raised = [ballots[0] + 1, *ballots[1:]]

    assert score(raised, rule) >= score(ballots, rule)


def test_official_ski_jumping_style_points_are_reproduced():
    source = SHARED / "ski_jumping.csv.gz"
    if not source.exists():
        pytest.skip(f"golden data not at hand: {source}")
    with gzip.open(source, "rt", encoding="utf-8", newline="") as lines:
        jumps = list(csv.DictReader(lines))

    wrong = [
        jump["jump"]
        for jump in jumps
        if sum(drop_extremes([D(jump[f"mark_{n}"]) for n in range(1, 6)])) != D(jump["official_style_points"])
    ]

    assert (len(jumps), wrong) == (33_079, [])


def test_missing_judges_are_named():
    assert missing_judges({1, 2, 3}, {1, 9}) == {2, 3}


def test_entry_is_scored_when_everybody_who_is_waited_for_is_in_and_enough_are():
    assert check_panel({1, 2, 3}, {1, 2, 3}, minimum=3, entry="样例项目") is None


@pytest.mark.parametrize(
    ("awaited", "submitted", "sentence"),
    [({1, 2, 3, 4}, {1, 2, 3}, "还缺 1 位"), ({1, 2}, {1, 2}, "只有 2 位"), (set(), set(), "只有 0 位")],
)
def test_silent_judge_or_small_panel_is_refused(awaited, submitted, sentence):
    with pytest.raises(DomainError, match=sentence):
        check_panel(awaited, submitted, minimum=3, entry="样例项目")
