"""Carriers, entry guards, stays, graduation and what counts for the plan."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.transitions import reachable
from matchmaker.incubation import rules
from matchmaker.incubation.rules import (
    CarrierState,
    CarrierTarget,
    CarrierType,
    Graduation,
    GraduationProof,
    SpecialField,
    Stay,
    TenancyRules,
    TenancyState,
)

VALUES = {
    "doc_no": "测试〔2018〕300号",
    "valid_from": "2019-01-01",
    "valid_to": None,
    "age_months_max": 24,
    "stay_months_max": 48,
    "stay_months_max_special": 60,
    "special_fields": ["biomedicine", "ic_design", "modern_agriculture"],
    "venture_capital_over_fen": 500_000_000,
    "revenue_two_years_over_fen": 1_000_000_000,
}
LIMITS = TenancyRules.from_values(VALUES)
FOUNDED = date(2024, 2, 29)
ENTERED = date(2025, 3, 1)


@pytest.mark.parametrize(
    ("steps", "start"),
    [(rules.CARRIER_STEPS, CarrierState.BUILDING), (rules.TENANCY_STEPS, TenancyState.APPLIED)],
)
def test_every_state_is_in_the_table_and_can_be_reached(steps, start):
    assert set(steps) == set(type(start)) == reachable(steps, start)


def test_carrier_is_recognised_only_when_it_operates():
    rules.check_carrier_transition(CarrierState.OPERATING, CarrierState.RECOGNISED)

    with pytest.raises(Conflict):
        rules.check_carrier_transition(CarrierState.BUILDING, CarrierState.RECOGNISED)


@pytest.mark.parametrize(
    ("usable", "tenant", "field"),
    [(101, 50, "usable_m2"), (-1, 0, "usable_m2"), (80, 81, "tenant_m2"), (80, -1, "tenant_m2")],
)
def test_areas_fit_into_each_other(usable, tenant, field):
    rules.check_area(total_m2=100, usable_m2=80, tenant_m2=80)

    with pytest.raises(DomainError) as refused:
        rules.check_area(total_m2=100, usable_m2=usable, tenant_m2=tenant)
    assert refused.value.field == field


def test_target_counts_built_carriers_with_evidence():
    target = CarrierTarget.from_values(
        {"id": "C1", "carrier_types": ["small_firm_base"], "floor": 1, "stretch": 2, "tag": "会展"}
    )
    built = {"tags": ["会展"], "state": CarrierState.OPERATING, "has_evidence": True}

    assert (target.floor, target.stretch) == (1, 2)
    assert target.counts(CarrierType.SMALL_FIRM_BASE, **built)
    assert not target.counts(CarrierType.INCUBATOR, **built)
    for lacking in ({"tags": []}, {"state": CarrierState.BUILDING}, {"state": CarrierState.REMOVED}):
        assert not target.counts(CarrierType.SMALL_FIRM_BASE, **(built | lacking))
    assert not target.counts(CarrierType.SMALL_FIRM_BASE, **(built | {"has_evidence": False}))


def test_target_without_tag_counts_the_whole_type():
    target = CarrierTarget.from_values({"id": "C2", "carrier_types": ["nursery"], "floor": 1})

    assert target.stretch is None
    assert target.counts(CarrierType.NURSERY, tags=[], state=CarrierState.OPERATING, has_evidence=True)


def test_unknown_carrier_type_is_refused():
    with pytest.raises(DomainError):
        CarrierTarget.from_values({"id": "C9", "carrier_types": ["castle"], "floor": 1})


def test_rule_set_needs_a_document_number_and_knows_its_period():
    ended = TenancyRules.from_values(VALUES | {"valid_to": "2025-12-31"})

    assert not ended.in_force(date(2018, 12, 31))
    assert ended.in_force(date(2025, 12, 31))
    assert not ended.in_force(date(2026, 1, 1))
    assert LIMITS.in_force(date(2026, 1, 1))
    with pytest.raises(DomainError):
        TenancyRules.from_values(VALUES | {"doc_no": ""})


def test_tenancy_is_ended_only_with_a_reason():
    rules.check_transition(TenancyState.APPLIED, TenancyState.REVIEWING)
    rules.check_transition(TenancyState.INCUBATING, TenancyState.REMOVED, reason="长期空置")

    with pytest.raises(DomainError) as refused:
        rules.check_transition(TenancyState.INCUBATING, TenancyState.LEFT, reason=" ")
    assert refused.value.field == "reason"


def test_firm_may_enter_on_the_last_day_of_its_24_months():
    rules.check_entry(founded=FOUNDED, entered=date(2026, 2, 28), rules=LIMITS)

    with pytest.raises(DomainError, match="超过 24 个月"):
        rules.check_entry(founded=FOUNDED, entered=date(2026, 3, 1), rules=LIMITS)


def test_history_is_admitted_at_any_age_but_never_before_the_founding():
    rules.check_entry(founded=FOUNDED, entered=date(2030, 1, 1), rules=LIMITS, historic=True)
    rules.check_entry(founded=None, entered=ENTERED, rules=LIMITS, historic=True)

    for founded, historic, field in [(ENTERED, True, "entered"), (None, False, "founded")]:
        with pytest.raises(DomainError) as refused:
            rules.check_entry(founded=founded, entered=date(2025, 2, 28), rules=LIMITS, historic=historic)
        assert refused.value.field == field


def test_exit_is_not_before_entry():
    rules.check_exit(entered=ENTERED, left=ENTERED)

    with pytest.raises(DomainError):
        rules.check_exit(entered=ENTERED, left=date(2025, 2, 28))


@pytest.mark.parametrize(
    ("entered", "left"),
    [(date(2024, 1, 1), None), (date(2025, 6, 1), date(2025, 7, 1)), (date(2024, 1, 1), date(2025, 3, 2))],
)
def test_overlapping_stay_is_refused_by_the_carriers_name(entered, left):
    with pytest.raises(DomainError, match="甲孵化器"):
        rules.check_no_overlap(Stay("乙孵化器", entered, left), [Stay("甲孵化器", ENTERED, date(2026, 3, 1))])


def test_a_firm_may_move_on_the_day_it_leaves():
    first = Stay("甲孵化器", ENTERED, date(2026, 3, 1))
    second = Stay("乙孵化器", date(2026, 3, 1))

    assert rules.check_no_overlap(second, [first]) is None
    assert rules.check_no_overlap(first, [second]) is None


def overlaps(one, other):
    try:
        rules.check_no_overlap(one, [other])
    except DomainError:
        return True
    return False


days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
stays = st.builds(Stay, carrier=st.just("样例载体"), entered=days, left=st.none() | days)


@given(stays, stays)
def test_overlap_is_symmetric(one, other):
    assert overlaps(one, other) == overlaps(other, one)


def test_special_fields_stay_longer():
    assert rules.due_date(entered=ENTERED, rules=LIMITS) == date(2029, 3, 1)
    assert rules.due_date(entered=ENTERED, rules=LIMITS, field=SpecialField.IC_DESIGN) == date(2030, 3, 1)


def test_due_list_warns_three_months_ahead():
    due = date(2029, 3, 1)

    assert not rules.is_due(due=due, today=date(2028, 11, 30))
    assert rules.is_due(due=due, today=date(2028, 12, 1))


def test_extension_ends_with_the_longest_stay():
    rules.check_extension(entered=ENTERED, until=date(2029, 3, 1), rules=LIMITS)

    with pytest.raises(DomainError, match="2029-03-01"):
        rules.check_extension(entered=ENTERED, until=date(2029, 3, 2), rules=LIMITS)


@pytest.mark.parametrize(
    ("graduation", "proof"),
    [
        (Graduation(hnte_number="GR202565000001"), GraduationProof.HNTE),
        (Graduation(venture_capital_fen=500_000_001), GraduationProof.VENTURE_CAPITAL),
        (Graduation(revenue_two_years_fen=1_000_000_001), GraduationProof.REVENUE),
        (Graduation(merged_or_listed=True), GraduationProof.MERGED_OR_LISTED),
    ],
)
def test_any_one_proof_lets_a_firm_graduate(graduation, proof):
    assert rules.check_graduation(graduation, LIMITS, has_evidence=True) == {proof}


def test_reaching_the_amounts_is_not_exceeding_them():
    reached = Graduation(venture_capital_fen=500_000_000, revenue_two_years_fen=1_000_000_000)

    with pytest.raises(DomainError) as refused:
        rules.check_graduation(reached, LIMITS, has_evidence=True)
    assert refused.value.field == "proof"


def test_a_proof_needs_its_document():
    with pytest.raises(DomainError) as refused:
        rules.check_graduation(Graduation(merged_or_listed=True), LIMITS, has_evidence=False)

    assert refused.value.field == "evidence"


def test_cumulative_count_is_of_distinct_firms_and_keeps_those_who_left():
    firms = [
        (1, TenancyState.LEFT),
        (1, TenancyState.INCUBATING),
        (2, TenancyState.GRADUATED),
        (3, TenancyState.REFUSED),
        (4, TenancyState.APPLIED),
    ]

    assert rules.cumulative_firms(firms) == 2
