"""Files of ballots: read whatever their encoding, refused by line or name when something is wrong."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import pytest

from matchmaker.competition.engine.ballots import Ballot
from matchmaker.competition.engine.reading import number, read_ballots
from matchmaker.core.errors import DomainError
from matchmaker.core.tabular import read_table

CRITERIA = "entry,judge,criterion,weight,score\nA,X,新,60,80\nA,X,市,40,70\n"


def read(text, *, encoding="utf-8", **options):
    return read_ballots(read_table(BytesIO(text.encode(encoding)), "ballots.csv"), **options)


def refusal(text, **options):
    with pytest.raises(DomainError) as caught:
        read(text, **options)
    return str(caught.value)


def test_a_ballot_is_the_weighted_mean_of_its_criteria():
    assert read(CRITERIA) == [Ballot("A", "X", Fraction(76))]


def test_a_ballot_of_three_equal_criteria_stays_exact():
    rows = "".join(f"A,X,{name},{score}\n" for name, score in (("a", 80), ("b", 80), ("c", 81)))

    assert read("entry,judge,criterion,score\n" + rows) == [Ballot("A", "X", Fraction(241, 3))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends_make_no_difference(encoding, end):
    text = "entry,judge,score,备注\n智能水务,张评委,85.5,好\n".replace("\n", end)

    assert read(text, encoding=encoding) == [Ballot("智能水务", "张评委", Fraction("85.5"))]


def test_columns_in_any_order_and_width_and_unknown_ones_ignored():
    text = "其他,Ｓｃｏｒｅ, Judge ,ENTRY\nx,８５．５,X,A\n"

    assert read(text) == [Ballot("A", "X", Fraction("85.5"))]


def test_optional_columns_without_any_value_count_as_absent():
    assert read("entry,judge,score,criterion,weight,track,stage\nA,X,9,,,,\n") == [Ballot("A", "X", Fraction(9))]


@pytest.mark.parametrize("typed", ["NaN", "inf", "-inf", "1e5", "85分", "八十", "8,5", "1" * 40, "--5", "."])
def test_what_is_no_plain_number_is_refused_with_its_line(typed):
    said = refusal(f'entry,judge,score\nA,X,80\nA,Y,"{typed}"\n')

    assert "第 3 行" in said
    assert "score" in said


@pytest.mark.parametrize(
    ("typed", "value"), [("85", 85), ("-3.5", Fraction(-7, 2)), ("+0.1", Fraction(1, 10)), (".5", Fraction(1, 2))]
)
def test_plain_numbers_are_exact(typed, value):
    assert number(typed) == value


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("entry,judge\nA,X\n", "score"),
        ("entry,judge,score\n", "表头"),
        ("entry,judge,score\nA,X,\n", "第 2 行"),
        ("entry,judge,score\n,X,5\n", "entry"),
        ("entry,judge,score\nA,X,5\nA,X,5\n", "重复"),
        ("entry,judge,score,track\nA,X,5,甲\nA,Y,5,乙\n", "“A”"),
        (CRITERIA + "A,X,新,60,80\n", "重复"),
        (CRITERIA + "A,Y,新,60,80\n", "“市”"),
        (CRITERIA + "B,X,新,50,80\nB,X,市,40,80\n", "权重前后不一致"),
        (CRITERIA.replace(",60,", ",0,"), "大于 0"),
        (CRITERIA.replace(",60,", ",-1,"), "大于 0"),
        (CRITERIA.replace(",60,", ",,"), "weight"),
        (CRITERIA.replace(",新,", ",,"), "criterion"),
        ("entry,judge,score\nA,X,5,6,7\n", "第 2 行"),
        ("entry,judge,score,Score\nA,X,5,5\n", None),
    ],
)
def test_bad_files_are_refused_by_name(text, named):
    if named is None:  # the exact name wins over another width or case
        assert read(text) == [Ballot("A", "X", Fraction(5))]
    else:
        assert named in refusal(text)


STAGES = "entry,judge,score,stage\nA,X,5,初赛\nA,X,6,决赛\nB,X,NaN,初赛\n"


def test_one_stage_is_read_and_only_that():
    assert read(STAGES, stage="决赛") == [Ballot("A", "X", Fraction(6))]
    assert "初赛、决赛" in refusal(STAGES)
    assert "复赛" in refusal(STAGES, stage="复赛")
    assert "stage" in refusal("entry,judge,score\nA,X,5\n", stage="初赛")


def test_tracks_may_have_criteria_of_their_own_when_they_are_ranked_apart():
    text = "entry,judge,criterion,weight,score,track\nA,X,新,60,80,甲\nB,X,技,30,70,乙\n"

    assert read(text, by_track=True) == [Ballot("A", "X", Fraction(80), "甲"), Ballot("B", "X", Fraction(70), "乙")]
    assert "缺少评分项" in refusal(text)
