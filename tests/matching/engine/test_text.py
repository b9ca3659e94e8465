"""Terms of texts in several scripts, and texts that try to break the analyser."""

import pytest

from matchmaker.matching.engine.text import MAX_CHARACTERS, analyse, folded, stem


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("数控刀具", ["数", "控", "刀", "具", "数控", "控刀", "刀具"]),
        ("Tool Wear", ["tool", "wear", "tool wear"]),
        ("５Ｇ通信", ["5g", "通", "信", "通信"]),
        ("达到TRL6级", ["达", "到", "达到", "trl6", "级"]),
        ("C++、C#", ["c++", "c#"]),
        ("Китай-Урумчи", ["китай", "урумчи", "китай урумчи"]),
        ("شىنجاڭ پەن", ["شىنجاڭ", "پەن", "شىنجاڭ پەن"]),
        ("3.5mm, steel", ["3.5mm", "steel"]),
        ("刀\u200b具", ["刀", "具", "刀具"]),
        ("<p>刀&amp;具</p><script>alert(1)</script>", ["刀", "具"]),
        ("the cracks in our pumps", ["crack", "pump"]),
        ("漏電開關", ["漏", "电", "开", "关", "漏电", "电开", "开关"]),
        ("🚀🚀 —— …", []),
        ("", []),
    ],
)
def test_analyse_treats_scripts_apart(text, terms):
    assert analyse(text) == terms


@pytest.mark.parametrize(
    ("words", "root"),
    [
        ("crack cracks cracked cracking", "crack"),
        ("leak leaking leaks", "leak"),
        ("clog clogged clogging", "clog"),
        ("battery batteries", "batteri"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("weld welding welds", "weld"),
        ("machine machines machining", "machin"),
        ("sing", "sing"),
        ("китай", "китай"),
        ("c++", "c++"),
        ("5g", "5g"),
    ],
)
def test_endings_are_cut(words, root):
    assert {stem(word) for word in words.split()} == {root}


def test_a_comparison_sign_is_not_markup():
    assert folded("温度 < 5 且 > 2") == "温度 < 5 且 > 2"


def test_a_very_long_text_is_read_up_to_a_limit():
    assert len(analyse("钢" * (MAX_CHARACTERS + 5))) == 2 * MAX_CHARACTERS - 1


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["<", "<script ", "<!--", "<a"])
def test_unclosed_markup_is_read_quickly(piece):
    assert analyse(piece * (MAX_CHARACTERS // len(piece)) + "刀") is not None


def test_pairs_that_only_count_are_no_terms():
    assert analyse("三千万元") == ["三", "千", "万", "元", "万元"]


def test_words_that_every_need_contains_are_no_terms():
    terms = set(analyse("我们希望找个做过冷链的老师帮忙解决问题"))

    assert {"冷链", "冷", "链"} <= terms
    assert not {"我们", "希望", "做过", "老师", "帮忙", "解决", "问题", "的", "我"} & terms
