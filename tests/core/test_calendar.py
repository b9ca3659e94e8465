"""Working days, months and typed dates, against notices that were really published."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.calendar import (
    EXPECTED_NOTE,
    PublicityPeriod,
    WorkCalendar,
    add_months,
    china_today,
    months_between,
    parse_day,
)
from matchmaker.core.errors import DomainError

WORKDAYS = Path(__file__).parents[2] / "seeds/reference/workdays.csv"
DAYS = st.dates(date(2017, 1, 1), date(2026, 10, 1))


@pytest.fixture(scope="module")
def calendar():
    with WORKDAYS.open(encoding="utf-8", newline="") as rows:
        return WorkCalendar.from_rows(csv.DictReader(rows))


@pytest.mark.parametrize(
    ("starts", "days", "ends"),
    [
        (date(2018, 6, 6), 10, date(2018, 6, 20)),  # 18 June was the Dragon Boat holiday
        (date(2023, 11, 7), 3, date(2023, 11, 9)),
        (date(2020, 9, 25), 7, date(2020, 10, 10)),  # 27 September and 10 October were make-up days
    ],
)
def test_published_notices_end_on_their_printed_day(calendar, starts, days, ends):
    assert calendar.add_working_days(starts, days) == PublicityPeriod(starts, ends, expected=False)


def test_start_on_a_holiday_moves_to_the_next_working_day(calendar):
    period = calendar.add_working_days(date(2026, 10, 1), 2)

    assert period == PublicityPeriod(date(2026, 10, 8), date(2026, 10, 9))


def test_period_into_an_unpublished_year_is_only_expected(calendar):
    period = calendar.add_working_days(date(2026, 12, 20), 10)

    assert period == PublicityPeriod(date(2026, 12, 21), date(2027, 1, 1), expected=True)
    assert period.note == EXPECTED_NOTE
    with pytest.raises(DomainError, match="2026-12-21 至 2027-01-01"):
        period.require_final()


def test_period_wholly_in_an_unpublished_year_is_only_expected(calendar):
    assert calendar.add_working_days(date(2028, 2, 1), 5) == PublicityPeriod(date(2028, 2, 1), date(2028, 2, 7), True)


def test_final_period_passes_and_needs_no_note(calendar):
    period = calendar.add_working_days(date(2026, 3, 2), 5)

    period.require_final()
    assert period.note == ""


@pytest.mark.parametrize("days", [0, -1, 401])
def test_count_out_of_range_is_refused(calendar, days):
    with pytest.raises(DomainError):
        calendar.add_working_days(date(2026, 3, 2), days)


@given(start=DAYS, n=st.integers(1, 40))
def test_period_holds_exactly_n_working_days(calendar, start, n):
    period = calendar.add_working_days(start, n)

    assert calendar.working_days_between(period.starts, period.ends) == n
    assert calendar.is_working_day(period.starts)
    assert calendar.is_working_day(period.ends)


def test_every_published_year_has_its_national_day(calendar):
    assert calendar.published_years == frozenset(range(2017, 2027))
    assert all(date(year, 10, 1) in calendar.days_off for year in calendar.published_years)
    assert all(day.weekday() >= 5 for day in calendar.make_up_days)


@pytest.mark.parametrize("kind", ["", "holiday"])
def test_row_of_unknown_kind_is_refused(kind):
    with pytest.raises(DomainError) as refusal:
        WorkCalendar.from_rows([{"date": "2026-01-01", "kind": kind, "year": 2026}])

    assert refusal.value.field == "kind"


def test_day_both_off_and_worked_is_refused():
    rows = [{"date": "2026-01-01", "kind": kind, "year": 2026} for kind in ("off", "work")]

    with pytest.raises(DomainError, match="2026-01-01"):
        WorkCalendar.from_rows(rows)


def test_today_in_china_is_already_tomorrow_in_the_evening_of_utc():
    assert china_today(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    with pytest.raises(ValueError, match="aware"):
        china_today(datetime(2026, 3, 1, 16, 0))


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2024, 3, 1), date(2026, 2, 28), 23),
        (date(2024, 3, 1), date(2026, 3, 1), 24),
        (date(2026, 3, 1), date(2024, 3, 1), -24),
    ],
)
def test_months_between_counts_whole_months(earlier, later, months):
    assert months_between(earlier, later) == months


@given(day=DAYS, months=st.integers(0, 120))
def test_months_added_are_the_months_between(day, months):
    assert months_between(day, add_months(day, months)) == months


@pytest.mark.parametrize(
    "typed",
    ["2026-1-5", "2026/01/05", "2026.1.5", "2026年1月5日", "2026 年 1 月 5 日", "20260105", "２０２６－０１－０５",
     " 2026-01-05 00:00:00 ", date(2026, 1, 5), datetime(2026, 1, 5), datetime(2026, 1, 4, 20, tzinfo=UTC)],
)  # fmt: skip
def test_day_is_read_as_people_type_it(typed):
    assert parse_day(typed) == date(2026, 1, 5)


@pytest.mark.parametrize("typed", ["", "2026-13-01", "2026-02-30", "26-1-5", "05/01/2026", "明天", "0000-01-01", None])
def test_day_that_cannot_be_read_blames_its_field(typed):
    with pytest.raises(DomainError) as refusal:
        parse_day(typed, field="founded")

    assert refusal.value.field == "founded"


@given(day=st.dates(), gap=st.integers(0, 3))
def test_iso_day_survives_the_round_trip(day, gap):
    assert parse_day(" " * gap + day.isoformat()) == day
    assert day + timedelta(0) == parse_day(f"{day.year:04}年{day.month}月{day.day}日")
