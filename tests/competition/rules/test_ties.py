"""Ranks, the tie chain and the cut."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules.ties import Result, ranks, standings
from matchmaker.core.errors import DomainError

D = Decimal
scores = st.integers(0, 6).map(D)
results = st.lists(
    st.builds(Result, entry=st.integers(1, 10_000), score=scores, breaks=st.tuples(st.none() | scores)),
    max_size=12,
    unique_by=lambda result: result.entry,
)


def test_equal_scores_share_a_rank_and_the_next_is_skipped():
    assert ranks([D(85), D(90), D(80), D(85)]) == [2, 1, 4, 2]


def test_previous_stage_decides_a_tie_at_the_cut():
    lines = standings([Result(1, D(85), (D(70),)), Result(2, D(90)), Result(3, D(85), (D(75),))], places=2)

    assert [(line.rank, line.result.entry, line.tied, line.advances) for line in lines] == [
        (1, 2, False, True),
        (2, 3, False, True),
        (3, 1, False, False),
    ]


def test_who_is_still_tied_at_the_cut_advances_together():
    lines = standings([Result(n, D(85), (D(70),)) for n in (3, 1, 2)] + [Result(4, D(80))], places=1)

    assert [(line.rank, line.result.entry, line.advances) for line in lines] == [
        (1, 1, True),
        (1, 2, True),
        (1, 3, True),
        (4, 4, False),
    ]


def test_negative_number_of_places_is_refused():
    with pytest.raises(DomainError):
        standings([], places=-1)


@given(results, st.integers(0, 12))
def test_at_least_the_places_advance_and_more_only_through_a_tie(entries, places):
    advancing = [line for line in standings(entries, places=places) if line.advances]

    assert len(advancing) >= min(places, len(entries))
    if len(advancing) > places:
        assert len([line for line in advancing if line.rank == advancing[-1].rank]) > len(advancing) - places
    assert places or not advancing


@given(results, st.randoms(use_true_random=False))
def test_standings_do_not_depend_on_the_order_of_entries(entries, random):
    shuffled = random.sample(entries, len(entries))

    assert standings(shuffled, places=3) == standings(entries, places=3)


@given(results)
def test_rank_counts_who_is_strictly_better(entries):
    for line in standings(entries, places=0):
        better = [other for other in entries if other.strength > line.result.strength]
        equal = [other for other in entries if other.strength == line.result.strength]
        assert line.rank == len(better) + 1
        assert line.tied == (len(equal) > 1)
