"""Completeness of alliances, leaving members, and shares that sum to the whole."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.alliances.rules import (
    STEPS,
    Agreement,
    AllianceState,
    Check,
    Member,
    MemberKind,
    MemberRole,
    check_complete,
    check_leaving,
    check_participants,
    check_shares,
    check_transition,
    completeness,
    split,
)
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.core.transitions import reachable

D = Decimal
DAY = date(2026, 3, 1)
FIRM = Member("样例企业一", "A1", MemberKind.ENTERPRISE, MemberRole.LEAD, signed=DAY)
UNIVERSITY = Member("样例大学", "B1", MemberKind.UNIVERSITY, signed=DAY)
MEMBERS = (
    FIRM,
    UNIVERSITY,
    Member("样例院所", "C1", MemberKind.INSTITUTE, signed=DAY),
    Member("样例企业二", "A2", MemberKind.ENTERPRISE, signed=DAY),
    Member("样例协会", "D1", MemberKind.OTHER, signed=DAY),
)
AGREEMENT = Agreement(DAY, date(2029, 2, 28), "成果由完成方所有，收益按约定比例分配")


def missing(members=MEMBERS, agreement=AGREEMENT, **options):
    return [result.check for result in completeness(members, agreement, **options) if not result.passed]


def change(index, **changes):
    return (*MEMBERS[:index], replace(MEMBERS[index], **changes), *MEMBERS[index + 1 :])


def all_of(kind):
    return tuple(replace(member, kind=kind) for member in MEMBERS)


def test_every_state_is_in_the_table_and_can_be_reached():
    assert set(STEPS) == set(AllianceState) == reachable(STEPS, AllianceState.FORMING)


def test_a_dissolved_alliance_stays_dissolved():
    check_transition(AllianceState.FORMING, AllianceState.SIGNING)

    with pytest.raises(Conflict):
        check_transition(AllianceState.DISSOLVED, AllianceState.RUNNING)


def test_a_complete_alliance_misses_nothing():
    check_complete(MEMBERS, AGREEMENT)

    assert missing() == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (MEMBERS[:4], [Check.MEMBERS]),
        (change(4, left=DAY), [Check.MEMBERS]),
        (change(4, signed=None), [Check.SIGNATURES]),
        (change(4, uscc=" "), [Check.IDENTITY]),
        (change(4, uscc="ａ1"), [Check.IDENTITY]),
        (change(4, role=MemberRole.LEAD), [Check.LEAD]),
        (change(0, role=MemberRole.MEMBER), [Check.LEAD]),
        ((), [Check.MEMBERS, Check.ENTERPRISE, Check.RESEARCH, Check.LEAD, Check.SIGNATURES]),
        (all_of(MemberKind.ENTERPRISE), [Check.RESEARCH]),
        (all_of(MemberKind.INSTITUTE), [Check.ENTERPRISE]),
    ],
)
def test_each_rule_about_members_is_named_when_broken(members, expected):
    assert missing(members) == expected


@pytest.mark.parametrize(
    ("agreement", "expected"),
    [
        (Agreement(None, AGREEMENT.ends, "有"), Check.TERM),
        (Agreement(DAY, None, "有"), Check.TERM),
        (Agreement(DAY, DAY, "有"), Check.TERM),
        (replace(AGREEMENT, ip_clause=" "), Check.IP_CLAUSE),
    ],
)
def test_each_rule_about_the_agreement_is_named_when_broken(agreement, expected):
    assert missing(agreement=agreement) == [expected]


def test_minimum_of_members_is_configurable():
    assert missing(MEMBERS[:2], minimum=2) == []


def test_filing_is_refused_with_the_first_thing_missing():
    with pytest.raises(DomainError) as refused:
        check_complete(MEMBERS[:4], Agreement())

    assert str(refused.value) == "现有 4 家成员，至少需要 5 家，请补充成员"
    assert refused.value.field == "members"
    assert str(completeness(MEMBERS[:4], AGREEMENT)[0]) == str(refused.value)


def test_a_member_leaves_when_no_project_needs_it():
    check_leaving(member=UNIVERSITY, day=DAY, open_projects=[])
    check_leaving(member=replace(UNIVERSITY, signed=None), day=DAY, open_projects=[])

    for member, day, projects in [
        (FIRM, DAY, []),
        (UNIVERSITY, DAY, ["联合攻关"]),
        (UNIVERSITY, date(2026, 2, 28), []),
    ]:
        with pytest.raises(DomainError) as refused:
            check_leaving(member=member, day=day, open_projects=projects)
        assert refused.value.field == "left"


def test_a_member_that_has_left_shares_no_project():
    leaving = replace(UNIVERSITY, left=date(2026, 6, 1))

    check_participants([FIRM, leaving], day=date(2026, 5, 31))
    with pytest.raises(DomainError, match="样例大学"):
        check_participants([FIRM, leaving], day=date(2026, 6, 1))


@pytest.mark.parametrize(
    "shares",
    [
        {},
        {"甲": D("99.99")},
        {"甲": D(60), "乙": D(50)},
        {"甲": D(100), "乙": D(0)},
        {"甲": D(101), "乙": D(-1)},
        {"甲": D("NaN")},
        {"甲": D("33.33333"), "乙": D("66.66667")},
    ],
)
def test_shares_that_are_not_the_whole_are_refused(shares):
    with pytest.raises(DomainError) as refused:
        check_shares(shares)

    assert refused.value.field == "shares"


def test_sentence_says_what_the_shares_sum_to():
    with pytest.raises(DomainError, match=r"现在是 99\.99%"):
        check_shares({"甲": D("60.00"), "乙": D("39.99")})


@st.composite
def whole_shares(draw):
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), max_size=6)))
    bounds = [0, *cuts, 1_000_000]
    return {f"成员{i}": D(b - a) / 10_000 for i, (a, b) in enumerate(zip(bounds, bounds[1:], strict=False))}


@given(whole_shares(), st.integers(0, 10**14))
def test_parts_sum_to_the_amount_and_stay_within_one_fen(shares, amount):
    parts = split(amount, shares)

    assert sum(parts.values()) == amount
    assert all(abs(parts[name] - amount * share / 100) < 1 for name, share in shares.items())


@given(whole_shares(), st.integers(0, 10**9), st.randoms(use_true_random=False))
def test_parts_do_not_depend_on_the_order_of_members(shares, amount, random):
    shuffled = dict(random.sample(list(shares.items()), len(shares)))

    assert split(amount, shuffled) == split(amount, shares)


def test_a_negative_amount_is_not_divided():
    with pytest.raises(DomainError):
        split(-1, {"甲": D(100)})
