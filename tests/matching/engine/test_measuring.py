"""The figures of the evaluation page against values worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from math import log2

import pytest

from matchmaker.matching.engine.measuring import Asked, Session, figures, first_seen, grouped, spread
from matchmaker.matching.rules import Reply, Result

HOURS = [timedelta(hours=n) for n in range(100)]


def asked(need, person, reply, **values):
    return Asked(need=need, person=person, reply=reply, **values)


def test_acceptance_is_a_share_of_what_was_answered_or_ran_out():
    requests = [
        asked(1, 10, Reply.ACCEPTED, wait=HOURS[2]),
        asked(1, 11, Reply.DECLINED, wait=HOURS[6]),
        asked(1, 12, Reply.EXPIRED),
        asked(1, 13, Reply.WAITING),
        asked(1, 14, Reply.TAKEN_BACK),
        asked(1, 15, Reply.ACCEPTED, offered=True, wait=HOURS[99]),
        asked(2, 16, Reply.ACCEPTED, wait=HOURS[50]),  # of another need
    ]

    found = figures({1}, {}, requests)

    assert (found.asked, found.over, found.accepted, found.answers) == (5, 3, 1, 2)
    assert found.acceptance == pytest.approx(1 / 3)
    assert found.wait == HOURS[4]


def test_only_confirmed_sessions_count_and_are_rated():
    requests = [
        asked(1, 10, Reply.ACCEPTED, sessions=(Session(True, 5), Session(True, 2), Session(False, 1))),
        asked(1, 11, Reply.ACCEPTED, offered=True, sessions=(Session(True), Session(True)), result=Result.ADVICE),
        asked(1, 12, Reply.ACCEPTED, result=Result.ADVICE),
    ]

    found = figures({1}, {}, requests)

    assert (found.sessions, found.rated, found.rated_share, found.points) == (4, 2, 0.5, 3.5)
    assert found.results == {Result.ADVICE: 2}
    assert found.outcomes == 2


def test_ndcg_asks_whether_those_who_accepted_stood_first():
    shown = {1: [10, 11, 12], 2: [20], 3: [30, 31]}
    requests = [
        asked(1, 11, Reply.ACCEPTED),
        asked(1, 12, Reply.ACCEPTED, sessions=(Session(False, 4),)),
        asked(1, 10, Reply.DECLINED),
        asked(2, 99, Reply.ACCEPTED),  # was never suggested: missed
        asked(3, 30, Reply.DECLINED),  # nobody to find: says nothing of the order
    ]
    first = (1 / log2(3) + 2 / log2(4)) / (2 + 1 / log2(3))

    found = figures({1, 2, 3}, shown, requests)

    assert found.judged == 2
    assert found.ndcg == pytest.approx((first + 0) / 2)
    assert found.shown == 6


def test_only_the_first_ten_places_are_judged():
    shown = {1: list(range(11))}

    assert figures({1}, shown, [asked(1, 10, Reply.ACCEPTED)]).ndcg == 0
    assert figures({1}, shown, [asked(1, 9, Reply.ACCEPTED)]).ndcg == pytest.approx(1 / log2(11))


def test_nothing_to_divide_by_is_no_figure():
    found = figures({1}, {}, [])

    assert (found.acceptance, found.wait, found.rated_share, found.points, found.ndcg) == (None,) * 5
    assert (found.needs, found.shown, found.asked, found.sessions, found.outcomes) == (1, 0, 0, 0, 0)


def test_groups_count_their_own_needs_and_add_up():
    needs = {1: "a", 2: "a", 3: "b"}
    requests = [asked(1, 10, Reply.ACCEPTED), asked(3, 10, Reply.DECLINED), asked(4, 10, Reply.ACCEPTED)]

    found = grouped(needs, {1: [10], 2: [10, 11]}, requests)

    assert {group: (own.needs, own.shown, own.asked, own.accepted) for group, own in found.items()} == {
        "a": (2, 3, 1, 1),
        "b": (1, 0, 1, 0),
    }


def test_people_stand_in_the_order_in_which_they_were_first_seen():
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    rows = [(1, 11, tuesday, 1), (1, 12, tuesday, 2), (1, 10, monday, 1), (1, 11, monday, 2), (2, 5, tuesday, 1)]

    assert first_seen(rows) == {1: [10, 11, 12], 2: [5]}


def test_spread_over_those_who_may_be_suggested():
    found = spread({1: [10, 11], 2: [10], 3: [77]}, {10, 11, 12, 13})  # 77 left office; shown 2, 1, 0, 0 times

    assert (found.helpers, found.suggested, found.coverage) == (4, 2, 0.5)
    assert found.gini == pytest.approx((2 * (4 * 2 + 3 * 1) / (4 * 3)) - 5 / 4)


@pytest.mark.parametrize(("shown", "helpers"), [({}, {1}), ({1: []}, {1}), ({1: [1]}, set())])
def test_without_helpers_or_suggestions_there_is_no_spread(shown, helpers):
    assert spread(shown, helpers) is None
