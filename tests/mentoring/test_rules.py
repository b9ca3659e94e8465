"""Times that can be booked, and the yearly score, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from matchmaker.core.errors import DomainError
from matchmaker.mentoring import rules
from matchmaker.mentoring.rules import Window
from matchmaker.rosters.gateways import rules_on
from matchmaker.rosters.rules import Term
from matchmaker.rosters.rules import reviews as scoring
from matchmaker.rosters.rules.documents import Weights

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Beijing
TERM = Term(date(2026, 1, 1), date(2026, 3, 15))
TUESDAY = Window(1, 14 * 60, 16 * 60, 60, "302")


def starts(slots):
    return [slot.starts.astimezone(UTC).strftime("%m-%d %H:%M") for slot in slots]


def test_slots_lie_in_the_term_outside_days_off_and_taken_times():
    every = rules.free_slots([TUESDAY], days_off=[], taken=[], term=TERM, now=NOW)
    assert starts(every) == ["03-03 06:00", "03-03 07:00", "03-10 06:00", "03-10 07:00"]

    taken = rules.cells(every[0].starts, every[0].ends)
    left = rules.free_slots([TUESDAY], days_off=[date(2026, 3, 10)], taken=taken[-1:], term=TERM, now=NOW)

    assert starts(left) == ["03-03 07:00"]


def test_nothing_is_offered_within_two_hours():
    at_noon = NOW + timedelta(days=1, hours=2, minutes=1)  # 12:01 on Tuesday: 14:00 is too near
    slots = rules.free_slots([TUESDAY], days_off=[], taken=[], term=TERM, now=at_noon)
    assert starts(slots)[0] == "03-03 07:00"


@pytest.mark.parametrize(
    "window",
    [
        Window(1, 840, 870, 60, "302"),
        Window(1, 840, 960, 50, "302"),
        Window(1, 841, 960, 60, "302"),
        Window(1, 900, 1020, 60, "302"),
        Window(2, 840, 960, 60, " "),
    ],
    ids=["too-short", "odd-length", "odd-minute", "overlap", "no-place"],
)
def test_bad_windows_are_refused(window):
    with pytest.raises(DomainError):
        rules.check_window(window, [TUESDAY])


def test_a_score_is_done_over_due_times_weight_and_adds_up():
    lines = scoring.score(
        served=5, due=Decimal(10), results=1, results_due=2, ratings=[5, 4], weights=Weights(60, 20, 20)
    )

    assert [str(line.points) for line in lines] == ["30.00", "10.00", "18.00"]
    assert scoring.total(lines) == Decimal(58)
    assert rules_on(date(2026, 12, 31)).grade_of(Decimal(58)).value == "fail"
    assert rules_on(date(2026, 12, 31)).grade_of(Decimal(60)).value == "pass"


def test_more_than_due_gives_no_more_than_the_weight_and_no_rating_gives_nothing():
    lines = scoring.score(served=30, due=Decimal(10), results=9, results_due=2, ratings=[], weights=Weights(60, 20, 20))
    assert [str(line.points) for line in lines] == ["60.00", "20.00", "0.00"]


def test_weights_sum_to_a_hundred():
    with pytest.raises(ValueError, match="100"):
        Weights(60, 20, 30)


def test_what_is_missing_follows_the_days_gone_by():
    year = {"total_due": 10, "first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    assert scoring.missing(done=0, today=date(2025, 12, 31), **year) == 0
    assert scoring.missing(done=0, today=date(2026, 2, 5), **year) == 0
    assert scoring.missing(done=0, today=date(2026, 2, 6), **year) == 1
    assert scoring.missing(done=4, today=date(2026, 12, 31), **year) == 6
