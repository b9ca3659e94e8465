"""Indicators, values, progress, and the closing of a year."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.transitions import reachable
from matchmaker.monitoring import rules
from matchmaker.monitoring.rules import (
    Aggregate,
    Direction,
    Evidence,
    Indicator,
    Progress,
    SnapshotState,
    Status,
    Value,
)

D = Decimal
DUE = date(2020, 12, 31)
FIRMS = Indicator("T2", "高新技术企业", Direction.UP, "家", "在有效期内的证书数", 2, target=D(4), stretch=D(8), due=DUE)
PATENTS = replace(FIRMS, code="T7", unit="比例", aggregate=Aggregate.GROWTH, target=D("0.15"), stretch=None)
DAYS = replace(FIRMS, code="X1", direction=Direction.DOWN, target=D(10), stretch=D(5))
amounts = st.none() | st.integers(-1000, 1000).map(D)


def test_every_state_is_in_the_table_and_can_be_reached():
    assert set(rules.STEPS) == set(SnapshotState) == reachable(rules.STEPS, SnapshotState.DEFINED)


def test_a_published_snapshot_is_corrected_with_a_reason():
    rules.check_transition(SnapshotState.LOCKED, SnapshotState.PUBLISHED)
    rules.check_transition(SnapshotState.PUBLISHED, SnapshotState.CORRECTED, reason="漏计一家")

    with pytest.raises(DomainError):
        rules.check_transition(SnapshotState.PUBLISHED, SnapshotState.CORRECTED, reason=" ")
    with pytest.raises(Conflict):
        rules.check_transition(SnapshotState.PUBLISHED, SnapshotState.COLLECTING)


@pytest.mark.parametrize("indicator", [FIRMS, PATENTS, DAYS, replace(FIRMS, direction=None, target=None, stretch=None)])
def test_a_complete_definition_is_accepted(indicator):
    assert rules.check_indicator(indicator) is None


@pytest.mark.parametrize(
    ("indicator", "field"),
    [
        (replace(FIRMS, unit=" "), "formula"),
        (replace(FIRMS, formula=""), "formula"),
        (replace(FIRMS, direction=None), "direction"),
        (replace(FIRMS, target=None), "target"),
        (replace(FIRMS, stretch=D(3)), "stretch"),
        (replace(DAYS, stretch=D(11)), "stretch"),
    ],
)
def test_a_definition_that_leaves_things_open_is_refused(indicator, field):
    with pytest.raises(DomainError) as refused:
        rules.check_indicator(indicator)

    assert refused.value.field == field


def test_another_formula_needs_the_next_version():
    rules.check_new_version(FIRMS, FIRMS)
    rules.check_new_version(FIRMS, replace(FIRMS, formula="另一口径", formula_version=3))

    with pytest.raises(DomainError, match="大于 2"):
        rules.check_new_version(FIRMS, replace(FIRMS, formula="另一口径"))


def test_a_value_agrees_with_its_records():
    value = Value(DUE, D(2), (Evidence("title", 1), Evidence("title", 2)), formula_version=2)

    rules.check_value(value, indicator=FIRMS, computed=D(2))
    for wrong, computed, field in [
        (replace(value, formula_version=1), D(2), "amount"),
        (replace(value, evidence=(Evidence("title", 1),) * 2), D(2), "evidence"),
        (replace(value, amount=D(3)), D(2), "amount"),
    ]:
        with pytest.raises(DomainError) as refused:
            rules.check_value(wrong, indicator=FIRMS, computed=computed)
        assert refused.value.field == field


def test_a_number_without_records_is_not_accepted_as_zero():
    with pytest.raises(DomainError, match="暂无数据"):
        rules.check_value(Value(DUE, D(0), formula_version=2), indicator=FIRMS, computed=None)


@pytest.mark.parametrize(
    ("now", "baseline", "expected"),
    [
        (None, D(100), Progress(Status.NO_DATA)),
        (D(5), D(0), Progress(Status.NO_BASELINE)),
        (D(5), None, Progress(Status.NO_BASELINE)),
        (D(115), D(100), Progress(Status.NO_TARGET, D("0.15"))),
        (D(0), D(100), Progress(Status.NO_TARGET, D(-1))),
    ],
)
def test_growth_without_a_baseline_is_not_a_number(now, baseline, expected):
    assert rules.growth(now=now, baseline=baseline) == expected


@pytest.mark.parametrize(
    ("indicator", "now", "expected"),
    [
        (FIRMS, None, Progress(Status.NO_DATA)),
        (FIRMS, D(0), Progress(Status.UNDER_WAY, D(0), D(0))),
        (FIRMS, D(3), Progress(Status.UNDER_WAY, D(3), D("0.75"))),
        (FIRMS, D(4), Progress(Status.REACHED, D(4), D(1))),
        (FIRMS, D(8), Progress(Status.STRETCHED, D(8), D(2))),
        (replace(FIRMS, target=None, stretch=None), D(3), Progress(Status.NO_TARGET, D(3))),
        (replace(FIRMS, due=None), D(3), Progress(Status.UNDER_WAY, D(3), D("0.75"))),
        (DAYS, D(11), Progress(Status.UNDER_WAY, D(11))),
        (DAYS, D(10), Progress(Status.REACHED, D(10))),
        (DAYS, D(5), Progress(Status.STRETCHED, D(5))),
        (PATENTS, D(115), Progress(Status.NO_BASELINE)),
    ],
)
def test_progress_tells_no_data_no_baseline_and_values_apart(indicator, now, expected):
    assert rules.progress(indicator, now=now, today=DUE) == expected


def test_progress_after_the_due_day_is_behind():
    assert rules.progress(FIRMS, now=D(3), today=date(2021, 1, 1)).status is Status.BEHIND


def test_growth_is_compared_with_its_target():
    assert rules.progress(PATENTS, now=D(115), baseline=D(100), today=DUE) == Progress(Status.REACHED, D("0.15"), D(1))


@given(st.lists(amounts))
def test_total_of_nothing_known_is_no_data(values):
    known = [value for value in values if value is not None]

    assert rules.total(values) == (sum(known) if known else None)


@given(amounts, amounts)
def test_missing_data_never_becomes_a_number(now, baseline):
    measured = rules.progress(PATENTS, now=now, baseline=baseline, today=DUE)

    assert (measured.amount is None) == (now is None or not baseline)
    assert (measured.amount is None) == (measured.status in {Status.NO_DATA, Status.NO_BASELINE})


def test_a_year_is_closed_once_after_its_end_with_everything_locked():
    rules.check_year_closable(year=2025, today=date(2026, 1, 1), open_snapshots=0, already_closed=False)

    for today, open_snapshots, closed in [
        (date(2025, 12, 31), 0, False),
        (date(2026, 1, 1), 1, False),
        (date(2026, 1, 1), 0, True),
    ]:
        with pytest.raises(DomainError) as refused:
            rules.check_year_closable(year=2025, today=today, open_snapshots=open_snapshots, already_closed=closed)
        assert refused.value.field == "year"
