"""The four rules and their ranks: known answers, and what holds for any ballots."""

from __future__ import annotations

import csv
import gzip
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.engine.ballots import Ballot, shown
from matchmaker.competition.engine.ranking import Rule, rank, standard_scores, trimmed_mean
from matchmaker.competition.rules.aggregation import drop_extremes
from matchmaker.core.errors import DomainError
from tests.competition.engine.panels import drawn, written
from tests.conftest import shared_data

POINTS = st.integers(0, 200).map(lambda halves: Fraction(halves, 2))


@st.composite
def contests(draw, least=1):
    """Small contests: some judges for each entry."""
    entries = draw(st.integers(1, 6))
    judges = draw(st.integers(least, 6))
    found = []
    for entry in range(entries):
        panel = draw(st.sets(st.integers(0, judges - 1), min_size=least, max_size=judges))
        found += [Ballot(f"E{entry}", f"J{judge}", draw(POINTS), f"T{entry % 2}") for judge in sorted(panel)]
    return found


def table(ranking):
    return [(line.entry, str(line.score), line.rank) for line in ranking.lines]


def test_ties_share_the_best_rank_and_are_listed_by_entry():
    ballots = written("D X 90\nB X 85\nC X 85\nA X 80")

    assert table(rank(ballots, Rule.MEAN)) == [
        ("D", "90.00", 1),
        ("B", "85.00", 2),
        ("C", "85.00", 2),
        ("A", "80.00", 4),
    ]


def test_ranks_are_decided_on_what_is_shown():
    ballots = written("A X 80\nA Y 80\nA Z 80\nB X 80.001\nB Y 80.002\nB Z 80.003")

    assert [line[2] for line in table(rank(ballots, Rule.MEAN))] == [1, 1]


def test_half_a_hundredth_is_rounded_up_where_thirds_add_up():
    ballots = [
        Ballot("A", judge, Fraction(80) + Fraction(third, 600)) for judge, third in (("X", 1), ("Y", 4), ("Z", 4))
    ]

    assert table(rank(ballots, Rule.MEAN)) == [("A", "80.01", 1)]


def test_trimmed_drops_one_highest_and_one_lowest():
    ballots = written("A X 100\nA Y 80\nA Z 81\nA W 10\nA V 80")

    assert table(rank(ballots, Rule.TRIMMED)) == [("A", "80.33", 1)]


def test_trimmed_with_three_ballots_names_the_entry():
    with pytest.raises(DomainError, match="“甲”只有 3 份"):
        rank(written("甲 X 1\n甲 Y 2\n甲 Z 3"), Rule.TRIMMED)


def test_standard_score_by_hand():
    """X: 70 80 90 has mean 80 and SD 10; Y has two ballots, Z gives the same to all: both count as 50."""
    ballots = written("A X 70\nB X 80\nC X 90\nA Y 10\nB Y 90\nA Z 60\nB Z 60\nC Z 60")

    found = rank(ballots, Rule.STANDARD)

    assert table(found) == [("C", "55.00", 1), ("B", "50.00", 2), ("A", "46.67", 3)]
    assert found.unplaced == ("Y", "Z")


def test_a_ranking_for_each_track():
    ballots = written("A X 90 甲\nB X 80 甲\nC X 85 乙")

    assert [(line.track, line.entry, line.rank) for line in rank(ballots, Rule.MEAN, by_track=True).lines] == [
        ("乙", "C", 1),
        ("甲", "A", 1),
        ("甲", "B", 2),
    ]


@pytest.mark.parametrize("rule", Rule)
@given(data=st.data())
def test_the_order_of_rows_makes_no_difference(rule, data):
    ballots = data.draw(contests(least=4 if rule is Rule.TRIMMED else 1))
    shuffled = data.draw(st.permutations(ballots))

    assert rank(shuffled, rule) == rank(ballots, rule)


@given(marks=st.lists(POINTS, min_size=4, max_size=9))
def test_trimmed_is_exact_and_takes_any_order(marks):
    expected = Fraction(sum(sorted(marks)[1:-1]), len(marks) - 2)

    assert {trimmed_mean(order) for order, _ in zip(permutations(marks), range(50), strict=False)} == {expected}


@given(value=st.fractions(min_value=-1000, max_value=1000), places=st.integers(0, 4))
def test_shown_is_the_nearest_and_half_goes_away_from_zero(value, places):
    found = Fraction(shown(value, places))
    step = Fraction(1, 10**places)

    assert abs(found - value) <= step / 2
    assert abs(found - value) < step / 2 or abs(found) > abs(value)


@given(ballots=contests(), shift=st.integers(-20, 20), stretch=st.integers(1, 4))
def test_standard_scores_ignore_a_judges_own_scale(ballots, shift, stretch):
    moved = [Ballot(b.entry, b.judge, b.score * stretch + shift, b.track) if b.judge == "J0" else b for b in ballots]

    before, after = standard_scores(ballots)[0], standard_scores(moved)[0]

    assert {entry: shown(value, 9) for entry, value in before.items()} == {
        entry: shown(value, 9) for entry, value in after.items()
    }


@given(ballots=contests())
def test_ranks_are_competition_ranks(ballots):
    lines = rank(ballots, Rule.MEAN).lines

    assert [line.rank for line in lines] == [1 + sum(other.score > line.score for other in lines) for line in lines]
    assert list(lines) == sorted(lines, key=lambda line: (line.rank, line.entry))


def test_official_totals_of_ski_jumping_are_the_middle_three():
    """Every official total of the file, through the function that drops the extremes of a panel."""
    path = shared_data() / "ski_jumping.csv.gz"
    if not path.exists():
        pytest.skip("the shared data is not here")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = 0
    for row in rows:
        kept = drop_extremes([Fraction(row[f"mark_{number}"]) for number in range(1, 6)])
        wrong += sum(kept) != Fraction(row["official_style_points"])

    assert (wrong, len(rows)) == (0, 33_079)


@pytest.mark.parametrize(("rule", "places"), [(Rule.MEAN, 2), (Rule.STANDARD, 2), (Rule.CALIBRATED, 4)])
def test_scores_are_decimals_with_the_places_of_their_rule(rule, places):
    scores = [line.score for line in rank(drawn(seed=3), rule).lines]

    assert {score.as_tuple().exponent for score in scores} == {-places}
