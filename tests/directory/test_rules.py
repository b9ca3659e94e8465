"""The directory's rules against the codes and examples of the standards."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.core.errors import Conflict, DomainError
from matchmaker.directory import rules
from matchmaker.directory.rules import AddressHint, NameSpan, OrganisationState

GOOD = [
    "914403001922038216",
    "91110108551385082Q",
    "91440300192317458F",
    "91650000299201121Q",
    "91650000299937622W",
    "91350100M000100Y43",  # the worked example of GB 32100-2015
    "91650105MA10004200",  # the sum is 0 mod 31: the check sign is 0, not the 31st sign
    "11320000MB151840XJ",
    "N2650105MA1000420F",  # a village collective: authority N
]
NAMES = {
    "650000": "新疆维吾尔自治区",
    "650100": "乌鲁木齐市",
    "650102": "天山区",
    "650104": "新市区",
    "650105": "水磨沟区",
    "652300": "昌吉回族自治州",
}


@pytest.mark.parametrize("code", GOOD)
def test_issued_codes_pass(code):
    assert rules.check_uscc(code) == code


@pytest.mark.parametrize(
    "typed",
    [
        " 91650105ma10004200 ",
        "９１６５０１０５ＭＡ１０００４２００",
        "91-650105-MA1000420-0",
        "91650105\u200bMA1000 4200",
    ],
)
def test_typed_code_is_folded(typed):
    assert rules.check_uscc(typed) == "91650105MA10004200"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "请填写"),
        ("9165010", "现有 7 位"),
        ("91650105MA100042000", "现有 19 位"),
        ("91650105MAI0004200", "第 11 位“I”"),
        ("91650105MA中0004200", "第 11 位“中”"),
        ("94650105MA10004200", "前两位“94”"),
        ("B1650105MA10004200", "前两位“B1”"),
        ("9165010AMA10004200", "第 3 至 8 位"),
        ("91650105MA10004100", "第 17 位应为"),
        ("91650105MA10004201", "末位应为 0，现为 1"),
        ("91350100M000100Y4Z", "末位应为 3，现为 Z"),
    ],
)
def test_wrong_code_is_refused_with_the_reason(code, sentence):
    with pytest.raises(DomainError) as refusal:
        rules.check_uscc(code)

    assert sentence in str(refusal.value)
    assert refusal.value.field == "uscc"


@pytest.mark.parametrize("code", GOOD)
@pytest.mark.parametrize("place", range(18))
def test_any_single_wrong_sign_is_noticed(code, place):
    wrong = rules.ALPHABET[(rules.ALPHABET.index(code[place]) + 1) % 31]

    with pytest.raises(DomainError):
        rules.check_uscc(code[:place] + wrong + code[place + 1 :])


@given(st.text(max_size=40))
def test_any_text_is_answered_with_a_code_or_a_sentence(text):
    try:
        assert len(rules.check_uscc(text)) == 18
    except DomainError as refusal:
        assert str(refusal)


def test_reviewer_may_admit_an_old_code_by_its_shape():
    assert rules.check_uscc_shape("91650105ma10004201") == "91650105MA10004201"
    with pytest.raises(DomainError):
        rules.check_uscc_shape("9165010")


@given(st.integers(0, 9999), st.sampled_from(["91", "92", "93", "12", "52", "N2", "Y1", "A1"]))
def test_demo_codes_pass_every_check_and_are_known_as_demo(serial, authority):
    code = rules.demo_uscc(serial, authority=authority)

    assert rules.check_uscc(code) == code
    assert rules.is_demo_uscc(code.lower())
    assert rules.registering_region(code) == "650105"


def test_demo_codes_are_all_different_and_end():
    assert len({rules.demo_uscc(serial) for serial in range(10_000)}) == 10_000
    assert not any(rules.is_demo_uscc(code) for code in GOOD)
    with pytest.raises(ValueError, match="10000"):
        rules.demo_uscc(10_000)


def test_states_move_along_the_table():
    rules.check_move(OrganisationState.UNCLAIMED, OrganisationState.PENDING)
    with pytest.raises(Conflict, match="“注销”，不能改为“有效”"):
        rules.check_move(OrganisationState.DEREGISTERED, OrganisationState.ACTIVE)


def test_every_state_but_the_last_can_end():
    assert rules.TRANSITIONS.keys() == set(OrganisationState)
    ends = {state for state in OrganisationState if not rules.TRANSITIONS[state]}
    assert ends == {OrganisationState.DEREGISTERED}
    assert all(OrganisationState.DEREGISTERED in rules.TRANSITIONS[state] for state in set(OrganisationState) - ends)


def test_nothing_is_founded_in_the_future():
    today = date(2026, 3, 1)

    assert rules.check_founded(today, today=today) == today
    for founded in (date(2026, 3, 2), date(1026, 3, 1)):
        with pytest.raises(DomainError) as refusal:
            rules.check_founded(founded, today=today)
        assert refusal.value.field == "founded"


@pytest.mark.parametrize(("typed", "before", "slip"), [(120, 100, False), (100, 1_000_000, True), (0, 100, False)])
def test_figure_in_the_wrong_unit_is_noticed(typed, before, slip):
    assert rules.looks_like_wrong_unit(typed, before_fen=before) is slip


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("新疆乌鲁木齐市水磨沟区红光山路 1 号", AddressHint.INSIDE),
        ("新疆乌鲁木齐市天山区光明路 9 号", AddressHint.OUTSIDE),
        ("乌鲁木齐市新市区水磨沟区路口", AddressHint.OUTSIDE),
        ("昌吉回族自治州", AddressHint.OUTSIDE),
        ("新疆乌鲁木齐市南湖路 8 号", AddressHint.UNCLEAR),
        ("", AddressHint.UNCLEAR),
    ],
)
def test_address_hints_at_its_region(address, hint):
    assert rules.working_address_in_region(address, region="650105", names=NAMES) is hint


def test_new_name_ends_the_old_one():
    history = (NameSpan("甲科技有限公司", since=date(2020, 1, 1)),)

    assert rules.renamed(history, name=" 乙科技有限公司 ", since=date(2024, 5, 1), today=date(2026, 3, 1)) == (
        NameSpan("乙科技有限公司", since=date(2024, 5, 1)),
        NameSpan("甲科技有限公司", since=date(2020, 1, 1), until=date(2024, 5, 1)),
    )


@pytest.mark.parametrize(
    ("name", "since", "field"),
    [
        ("", date(2024, 5, 1), "name"),
        ("甲（新疆）公司", date(2024, 5, 1), "name"),
        ("乙公司", date(2026, 3, 2), "since"),
        ("乙公司", date(2020, 1, 1), "since"),
    ],
)
def test_impossible_change_of_name_is_refused(name, since, field):
    history = (NameSpan("甲(新疆)公司", since=date(2020, 1, 1)),)

    with pytest.raises(DomainError) as refusal:
        rules.renamed(history, name=name, since=since, today=date(2026, 3, 1))

    assert refusal.value.field == field


def test_merging_keeps_every_name_once():
    kept = (NameSpan("乙公司", since=date(2022, 1, 1)), NameSpan("甲公司", until=date(2022, 1, 1)))
    dropped = (NameSpan("丙公司", since=date(2023, 1, 1)), NameSpan("甲 公司"))

    merged = rules.merged_names(kept, dropped)

    assert [span.name for span in merged] == ["乙公司", "丙公司", "甲公司"]
    assert rules.is_known_as(merged, "甲 公司")
    assert not rules.is_known_as(merged, "丁公司")
