"""Stated expertise against what an entry is about: the words decide, common ones do not, and a track always wins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules import nearness


def test_terms_are_what_is_written_between_signs_without_common_words():
    assert nearness.terms_of("视频识别，模型压缩与部署；技术", "新材料", "AI 视频识别") == (
        "视频识别",
        "模型压缩",
        "部署",
        "新材料",
        "AI",
    )


def test_a_term_is_met_by_most_of_its_signs_in_any_place():
    text = "夜间监控：低光照条件下的视频智能识别终端"
    assert nearness.met(("低光照", "视频识别", "光照条件", "模型压缩"), text) == ("低光照", "视频识别", "光照条件")


def test_case_and_width_do_not_matter_and_nothing_meets_nothing():
    assert nearness.met(("LiDAR", "ｌｉｄａｒ"), "车载 LIDAR 点云") == ("LiDAR", "ｌｉｄａｒ")
    assert nearness.met(("视频识别",), "") == ()


@given(st.integers(1, 2000), st.integers(1, 200))
def test_all_levels_together_never_outweigh_one_track(entries, each):
    step = nearness.weight_for(entries, each)
    assert 0 < step * entries * each * nearness.LEVELS < 1


@given(st.text(max_size=40), st.text(max_size=200))
def test_any_text_is_taken(stated, text):
    terms = nearness.terms_of(stated)
    assert set(nearness.met(terms, text)) <= set(terms)
