"""What is announced after entries were taken out: places move up, shared places stay shared while two share them."""

from __future__ import annotations

from matchmaker.competition.rules.editions import Prize
from matchmaker.competition.rules.results import Outcome, outcomes

FIRST, SECOND = Prize("一等奖", 1), Prize("二等奖", 2)


def test_those_behind_move_up_and_get_the_prizes():
    found = outcomes({10: 1, 20: 2, 30: 3, 40: 4}, removed=[10], places=3, prizes=[FIRST, SECOND])

    assert found == {
        10: Outcome(None, None, False),
        20: Outcome(1, "一等奖", True),
        30: Outcome(2, "二等奖", True),
        40: Outcome(3, "二等奖", True),
    }


def test_a_place_is_shared_only_with_those_who_stay():
    ranks = {10: 1, 20: 2, 30: 2, 40: 2, 50: 5}

    three = outcomes(ranks, removed=[], places=2, prizes=None)
    two = outcomes(ranks, removed=[30], places=2, prizes=None)
    one = outcomes(ranks, removed=[30, 40], places=2, prizes=None)

    assert [(three[entry].place, three[entry].tied) for entry in ranks] == [
        (1, False), (2, True), (2, True), (2, True), (5, False),
    ]  # fmt: skip
    assert [(two[entry].place, two[entry].tied) for entry in (10, 20, 40, 50)] == [
        (1, False), (2, True), (2, True), (4, False),
    ]  # fmt: skip
    assert [(one[entry].place, one[entry].tied) for entry in (20, 50)] == [(2, False), (3, False)]
