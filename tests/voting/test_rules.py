"""Clock, limits, order and patterns of a public vote, as plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.voting import rules
from matchmaker.voting.rules import Cast, Reason, VoteState

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_state(now, **moments):
    given_ = {"opens": START, "closes": START + 10 * MINUTE, "checked": None, "released": None, "cancelled": None}
    return rules.state_of(now=now, **{**given_, **moments})


@pytest.mark.parametrize(
    ("after", "state"),
    [(-1, VoteState.PLANNED), (0, VoteState.OPEN), (9, VoteState.OPEN), (10, VoteState.CLOSED), (99, VoteState.CLOSED)],
)
def test_opens_with_its_first_moment_and_is_closed_with_its_last(after, state):
    assert a_state(START + after * MINUTE) is state


def test_what_people_did_goes_before_the_clock():
    late = START + 99 * MINUTE
    assert a_state(late, checked=late) is VoteState.CHECKED
    assert a_state(late, checked=late, released=late) is VoteState.RELEASED
    assert a_state(START, cancelled=START) is VoteState.CANCELLED


def test_a_slot_is_a_day_only_where_votes_repeat():
    assert rules.slot(date(2026, 3, 2), again=True) == "2026-03-02"
    assert rules.slot(date(2026, 3, 2), again=False) == rules.slot(date(2026, 3, 3), again=False)


@given(st.text(), st.text(), st.sets(st.integers(1, 999).map(str), max_size=12))
def test_an_order_is_a_permutation_that_stays(seed, voter, codes):
    first = rules.ballot_order(seed, voter, sorted(codes))
    assert sorted(first) == sorted(codes)
    assert first == rules.ballot_order(seed, voter, sorted(codes, reverse=True))


def test_every_entry_comes_first_equally_often():
    firsts = [rules.ballot_order("seed", f"voter {n}", "abcde")[0] for n in range(5000)]
    counts = [firsts.count(code) for code in "abcde"]
    chi_square = sum((count - 1000) ** 2 / 1000 for count in counts)
    assert chi_square < 18.47  # 4 degrees of freedom, one in a thousand


@given(st.dictionaries(st.integers(), st.integers(0, 5), max_size=8))
def test_places_share_and_skip(counts):
    found = rules.places(counts)
    for entry, place in found.items():
        assert place == 1 + sum(counts[other] > counts[entry] for other in counts)


def some(count, *, entry=1, minute=0, first=0, **values):
    moment = START + minute * MINUTE
    return [Cast(id=first + n, voter=first + n, entry=entry, moment=moment, **values) for n in range(count)]


def kinds(votes):
    return [(pattern.reason, len(pattern.ids)) for pattern in rules.patterns(votes)]


def test_a_burst_is_large_and_unlike_the_entrys_usual_minute():
    assert kinds(some(9)) == []
    assert kinds(some(10)) == [(Reason.BURST, 10)]
    spread = [vote for n in range(10) for vote in some(1, entry=n, first=100 * n)]
    assert kinds(spread) == []  # one minute, many entries
    busy = [vote for n in range(9) for vote in some(5, minute=n, first=100 * n)]
    assert kinds(busy + some(20, minute=20, first=5000)) == []  # four times the usual
    assert kinds(busy + some(25, minute=20, first=5000)) == [(Reason.BURST, 25)]


def test_shared_traces_count_voters_not_votes():
    assert kinds(some(4, address="a")) == []
    assert kinds(some(5, address="a")) == [(Reason.ADDRESS, 5)]
    assert kinds(some(3, device="d")) == [(Reason.DEVICE, 3)]
    one_voter = [Cast(id=n, voter=7, entry=n, moment=START, address="a", device="d") for n in range(8)]
    assert kinds(one_voter) == []
    assert kinds(some(6)) == []  # no trace, nothing shared


def test_young_accounts_are_those_that_voted_within_a_day():
    old = some(1, account_made=START - timedelta(days=1))
    young = some(2, first=10, account_made=START - timedelta(hours=23))
    stranger = some(1, first=20)
    assert kinds(old + young + stranger) == [(Reason.ACCOUNT, 2)]


def test_patterns_name_no_entry():
    (found,) = rules.patterns(some(10, entry=4711))
    assert "4711" not in f"{found.key}"
    assert not hasattr(found, "entry")
