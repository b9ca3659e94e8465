"""People as typed, limits of files, grace, what is missing, sketches of texts: the small rules of an entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules.completeness import Written, missing, only_files
from matchmaker.competition.rules.entry_rules import EntryRules
from matchmaker.competition.rules.likeness import likeness, near, sketch
from matchmaker.competition.rules.people import lines_of, members_of
from matchmaker.competition.rules.states import EntryState
from matchmaker.competition.rules.uploads import USUAL, Material, check_count, check_pages
from matchmaker.competition.rules.way import STEPS, position
from matchmaker.core.errors import DomainError

NAMES = st.text(alphabet="王李张刘陈杨赵黄周吴", min_size=2, max_size=4)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
MAILS = st.from_regex(r"[a-z]{1,8}@[a-z]{2,8}\.cn", fullmatch=True)


@given(st.lists(st.tuples(NAMES, st.one_of(st.just(""), PHONES), st.one_of(st.just(""), MAILS)), max_size=8))
def test_people_are_read_back_as_they_are_shown(people):
    members = [
        {"name": n, "phone": p, "email": m} for n, p, m in {name: (name, p, m) for name, p, m in people}.values()
    ]

    assert members_of(lines_of(members)) == members


@pytest.mark.parametrize(
    "line",
    [
        "13900000001",
        "张三，12",
        "张三，13900000001，13900000002",
        "张三，a@b",
        "甲，乙，丙，丁",
        "张三，x@y.cn，z@y.cn",
        "，，",
        "\u200b，\u200b",
        "名" * 61,
    ],
)
def test_line_that_cannot_be_read_is_named(line):
    with pytest.raises(DomainError, match="第 2 行"):
        members_of(f"李四\n{line}")


def test_full_width_numbers_and_hidden_signs_are_understood():
    assert members_of("张\u200b三　１３９ 0000 0001 Zhang@Example.cn") == [
        {"name": "张三", "phone": "13900000001", "email": "zhang@example.cn"}
    ]


def test_missing_things_are_listed_in_the_order_of_the_form():
    limits = EntryRules.from_values({"files": {"plan": {"required": True}}}).files
    gaps = missing(Written(firm=True, summary=" 短 ", revenue_fen=None), limits)

    assert [gap.field for gap in gaps] == ["summary", "revenue_wan", "file"]
    assert not only_files(gaps)
    assert only_files(missing(Written(firm=False, summary="字" * 20, revenue_fen=None), limits))
    assert missing(Written(firm=False, summary="字" * 20, revenue_fen=None, files=[Material.PLAN]), limits) == ()


def test_rules_that_say_nothing_are_the_usual_ones():
    assert EntryRules.from_values(None) == EntryRules(grace_minutes=0, entries_per_person=2, files=dict(USUAL))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"grace_minutes": 121}, "grace_minutes"),
        ({"grace_minutes": -1}, "grace_minutes"),
        ({"files": {"plan": {"mb": 31}}}, "mb"),
        ({"files": {"plan": {"mb": 0}}}, "mb"),
        ({"files": {"deck": {"pages": 301}}}, "pages"),
        ({"files": {"other": {"most": 11}}}, "most"),
    ],
)
def test_rules_out_of_range_are_refused_by_name(values, field):
    with pytest.raises(DomainError) as refused:
        EntryRules.from_values(values)

    assert refused.value.field == field


@given(st.integers(0, 120))
def test_grace_moves_the_last_moment_and_not_the_deadline(minutes):
    deadline = datetime(2026, 5, 1, 10, tzinfo=UTC)

    assert EntryRules(grace_minutes=minutes).latest(deadline) - deadline == timedelta(minutes=minutes)


def test_one_page_more_than_allowed_is_refused():
    check_pages(Material.PLAN, 40, USUAL[Material.PLAN])
    check_pages(Material.PLAN, None, USUAL[Material.PLAN])
    with pytest.raises(DomainError, match="41 页"):
        check_pages(Material.PLAN, 41, USUAL[Material.PLAN])


def test_the_one_plan_is_replaced_and_a_sixth_attachment_refused():
    check_count(Material.PLAN, 1, USUAL[Material.PLAN])
    with pytest.raises(DomainError, match="最多 5 个"):
        check_count(Material.OTHER, 5, USUAL[Material.OTHER])


TEXTS = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=30, max_size=120)


@given(TEXTS)
def test_same_words_in_other_dress_are_the_same_text(text):
    dressed = " ".join(text) + "\u200b"

    assert near(sketch("题", text), [(1, sketch("题", text))]) == [1]
    assert likeness(("题", text), ("题", text)) == 1
    assert sketch("", dressed.replace(" ", "")) == sketch("", text)


def test_a_changed_sentence_is_still_like_and_another_text_is_not():
    first = "面向冬季街面事件的视频识别平台在风雪和夜间条件下识别跌倒烟火和聚集减少物业人工巡看已在三个社区试用"
    second = first.replace("已在三个社区试用", "目前在五个小区运行")
    other = "每月一期卫星影像自动标出新增裸土和边坡形变点供街道核查并生成台账节省人工踏勘的时间和费用适合山区城市"

    assert likeness(("平台", first), ("平台", second)) > 0.6 > likeness(("平台", first), ("服务", other))
    assert near(sketch("平台", first), [(7, sketch("平台", second))]) == [7]


@given(st.sampled_from(EntryState), st.booleans())
def test_every_state_has_a_place_on_the_way(state, handed_in):
    assert 0 <= position(state, handed_in=handed_in) < len(STEPS)
