"""Groups by registration date and the entry checks with their evidence."""

from dataclasses import replace
from datetime import date

import pytest

from matchmaker.competition.rules.eligibility import (
    Applicant,
    EligibilityRules,
    Finding,
    Group,
    PreviousWin,
    Verdict,
    check_override,
    examine,
    group_of,
    overall,
)
from matchmaker.core.errors import DomainError

VALUES = {
    "doc_no": "测试〔2023〕1号",
    "valid_from": "2023-01-01",
    "valid_to": "2023-12-31",
    "contest_year": 2023,
    "startup_years_back": 1,
    "oldest_years_back": 10,
    "revenue_limit_fen": 200_000_000_00,
    "growth_needs_number": True,
    "team_members_min": 3,
    "wins_max": 2,
}
RULES = EligibilityRules.from_values(VALUES)
OPEN_RULES = EligibilityRules.from_values(
    {"doc_no": "测试〔2024〕1号", "valid_from": date(2024, 1, 1), "contest_year": 2024, "startup_years_back": 1}
)
DEADLINE = date(2023, 6, 30)
STARTUP = Applicant(Group.STARTUP, date(2022, 1, 1), revenue_fen=100, listed=False, wins=())
GROWTH = replace(STARTUP, group=Group.GROWTH, registered=date(2021, 12, 31), sme_number="202365010500000001")
TEAM = Applicant(Group.TEAM, core_members=3, wins=())


def verdict(check, applicant, rules=RULES):
    return {finding.check: finding for finding in examine(applicant, rules, deadline=DEADLINE)}[check].verdict


@pytest.mark.parametrize(
    ("year", "since"), [(2020, date(2019, 1, 1)), (2021, date(2020, 1, 1)), (2023, date(2022, 1, 1))]
)
def test_startup_boundary_of_the_published_editions(year, since):
    rules = replace(RULES, contest_year=year)

    assert rules.startup_since == since
    assert group_of(since, rules) is Group.STARTUP
    assert group_of(date(since.year - 1, 12, 31), rules) is Group.GROWTH
    assert group_of(None, rules) is Group.TEAM


@pytest.mark.parametrize("applicant", [STARTUP, GROWTH, TEAM], ids=["startup", "growth", "team"])
def test_a_clean_applicant_passes_every_check(applicant):
    findings = examine(applicant, RULES, deadline=DEADLINE)

    assert {finding.verdict for finding in findings} == {Verdict.PASS}
    assert overall(findings) is Verdict.PASS
    assert all("{" not in str(finding) for finding in findings)


@pytest.mark.parametrize(
    ("check", "applicant", "expected"),
    [
        ("registration", replace(STARTUP, registered=None), Verdict.NEEDS_PERSON),
        ("registration", replace(STARTUP, registered=date(2023, 7, 1)), Verdict.FAIL),
        ("registration", replace(GROWTH, registered=date(2012, 12, 31)), Verdict.FAIL),
        ("registration", replace(GROWTH, registered=date(2013, 1, 1)), Verdict.PASS),
        ("group", replace(STARTUP, registered=None), Verdict.NEEDS_PERSON),
        ("group", replace(STARTUP, registered=date(2021, 12, 31)), Verdict.FAIL),
        ("revenue", replace(STARTUP, revenue_fen=None), Verdict.NEEDS_PERSON),
        ("revenue", replace(STARTUP, revenue_fen=200_000_000_00), Verdict.PASS),
        ("revenue", replace(STARTUP, revenue_fen=200_000_000_01), Verdict.FAIL),
        ("listing", replace(STARTUP, listed=None), Verdict.NEEDS_PERSON),
        ("listing", replace(STARTUP, listed=True), Verdict.FAIL),
        ("number", replace(GROWTH, sme_number=" "), Verdict.FAIL),
        ("number", replace(GROWTH, sme_number="", hnte_number="GR202165000001"), Verdict.NEEDS_PERSON),
        (
            "number",
            replace(GROWTH, sme_number="", hnte_number="GR202165000001", hnte_valid_to=DEADLINE),
            Verdict.PASS,
        ),
        (
            "number",
            replace(GROWTH, sme_number="", hnte_number="GR202165000001", hnte_valid_to=date(2023, 6, 29)),
            Verdict.FAIL,
        ),
        ("wins", replace(STARTUP, wins=None), Verdict.NEEDS_PERSON),
        ("wins", replace(STARTUP, wins=(PreviousWin(2022, Group.TEAM, national=True),)), Verdict.FAIL),
        ("wins", replace(STARTUP, wins=(PreviousWin(2021, Group.TEAM), PreviousWin(2022, Group.TEAM))), Verdict.FAIL),
        ("wins", replace(STARTUP, wins=(PreviousWin(2022, Group.TEAM),)), Verdict.PASS),
        ("wins", replace(STARTUP, wins=(PreviousWin(2022, Group.STARTUP),)), Verdict.NEEDS_PERSON),
        ("wins", replace(STARTUP, wins=(PreviousWin(2022, Group.STARTUP, upgraded=False),)), Verdict.FAIL),
        ("wins", replace(STARTUP, wins=(PreviousWin(2022, Group.STARTUP, upgraded=True),)), Verdict.PASS),
        ("unregistered", replace(TEAM, registered=DEADLINE), Verdict.FAIL),
        ("unregistered", replace(TEAM, registered=date(2023, 7, 1)), Verdict.PASS),
        ("members", replace(TEAM, core_members=2), Verdict.FAIL),
    ],
)
def test_each_check_gives_its_verdict(check, applicant, expected):
    assert verdict(check, applicant) is expected


def test_a_rule_that_the_edition_does_not_have_is_off():
    growth = replace(GROWTH, sme_number="", revenue_fen=None, registered=date(1990, 1, 1))

    findings = examine(growth, OPEN_RULES, deadline=date(2024, 6, 30))

    assert overall(findings) is Verdict.PASS
    assert verdict("wins", replace(growth, wins=(PreviousWin(2020, Group.TEAM),) * 5), OPEN_RULES) is Verdict.PASS


def test_evidence_is_a_sentence_with_its_numbers():
    finding = examine(replace(STARTUP, revenue_fen=200_000_000_01), RULES, deadline=DEADLINE)[2]

    assert str(finding) == "上年度营业收入 ¥200,000,000.01，超过上限 ¥200,000,000.00"


def test_failure_outweighs_open_questions():
    fail, open_question = Finding("a", Verdict.FAIL, ""), Finding("b", Verdict.NEEDS_PERSON, "")

    assert overall((open_question, fail)) is Verdict.FAIL
    assert overall((open_question,)) is Verdict.NEEDS_PERSON


def test_a_person_overrules_with_a_reason_only():
    check_override(Finding("listing", Verdict.NEEDS_PERSON, ""), reason="已查证未上市")

    for given, reason in [(Verdict.PASS, "多余"), (Verdict.FAIL, " ")]:
        with pytest.raises(DomainError):
            check_override(Finding("listing", given, ""), reason=reason)


@pytest.mark.parametrize(("changes", "field"), [({"doc_no": " "}, "doc_no"), ({"valid_to": "2022-12-31"}, "valid_to")])
def test_rule_set_needs_a_document_and_a_period(changes, field):
    with pytest.raises(DomainError) as refused:
        EligibilityRules.from_values(VALUES | changes)

    assert refused.value.field == field


@pytest.mark.parametrize("day", [date(2022, 12, 31), date(2024, 1, 1)])
def test_rules_outside_their_period_are_refused(day):
    RULES.check_in_force(DEADLINE)
    OPEN_RULES.check_in_force(date(2030, 1, 1))

    with pytest.raises(DomainError, match="测试〔2023〕1号"):
        RULES.check_in_force(day)
