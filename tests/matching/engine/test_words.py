"""Words of one meaning: the lists are sound, and texts give the terms they should."""

from collections import Counter

import pytest

from matchmaker.matching.engine import text as script
from matchmaker.matching.engine import words
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.profiles import Need, Profile


def meanings(text):
    return {term for term in words.terms(text) if term.startswith(words.SAME)}


def trades(text):
    return {term for term in words.terms(text) if term.startswith(words.TRADE)}


@pytest.mark.parametrize(
    ("everyday", "professional"),
    [
        ("地下室漏水", "渗漏治理"),
        ("泵轴那里滴漏", "泄漏检测"),
        ("没抵押想借钱", "信用贷款产品"),
        ("机器老是卡死，轴承响", "bearing fault diagnosis"),
        ("pumps leaking", "渗漏"),
        ("lamb diarrhoea and vaccines", "疫苗免疫"),
        ("黑客勒索", "ransomware response"),
        ("研发费用", "R&D spending"),
        ("廢水處理", "污水站"),
        ("ＥＲＰ", "企业信息化"),
        ("A轮", "venture capital"),
    ],
)
def test_everyday_and_professional_words_meet(everyday, professional):
    assert meanings(everyday) & meanings(professional)


def test_the_longest_word_counts():
    assert words.listed("太阳能电池片") == words.listed("太阳能") + words.listed("电池片")
    assert [found.surface for found in words.listed("高新技术企业认定")] == ["高新技术企业", "认定"]
    assert [found.surface for found in words.listed("reverse osmosis membranes")] == ["reverse osmosis", "membranes"]


def test_words_across_a_sign_are_no_phrase():
    assert "≈膜" not in words.terms("reverse, osmosis")


def test_a_word_brings_its_trade():
    assert trades("羔羊腹泻") == {"#畜牧渔业"}
    assert trades("welding") == {"#焊接"}


def test_a_text_without_listed_words_keeps_its_own_terms():
    assert words.terms("蔚蔼") == script.analyse("蔚蔼")


def test_terms_weigh_by_their_sort():
    assert [words.worth(term) for term in ("泵", "水泵", "pump", "pump seal", "≈泵", "#泵阀与密封")] == [
        words.CHARACTER,
        1.0,
        1.0,
        words.WORD_PAIR,
        words.MEANING,
        words.TRADE_WORTH,
    ]
    assert max(words.MEANING, words.TRADE_WORTH) < 1


def test_the_lists_are_sound():
    entries = list(words._entries())
    lines = [line for line in words._lines() if not line.startswith(words.TRADE)]
    names = Counter(line.split()[0] for line in lines)

    assert len(entries) > 2500
    assert [name for name, count in names.items() if count > 1] == []
    assert [word for word, _ in entries if not word] == []
    assert all(" = " in line for line in lines)
    assert script.runs(words.SAME + words.TRADE) == []  # so that no text has such a term by itself


def test_a_synonym_counts_less_than_the_word_itself():
    index = ProfileIndex.fit(
        [
            Profile("word", "mentor", (("漏水", 1.0),)),
            Profile("synonym", "mentor", (("渗漏", 1.0),)),
            Profile("trade", "mentor", (("密封", 1.0),)),
            Profile("nothing", "mentor", (("葡萄酒", 1.0),)),
        ]
    )

    found = index.top(Need("漏水"))

    assert [match.profile_id for match in found.matches] == ["word", "synonym", "trade"]


def test_the_sentence_shows_both_words():
    index = ProfileIndex.fit(
        [Profile("p", "mentor", (("地铁渗漏治理", 1.0),)), Profile("q", "mentor", (("葡萄酒", 1.0),))]
    )
    need = Need("车库漏水")

    (explanation,) = index.explain(need, index.top(need).matches)

    assert "漏水≈渗漏" in explanation.terms
    assert "“漏水≈渗漏”" in explanation.sentence()
    assert sum(share.points for share in explanation.shares) == pytest.approx(explanation.score, abs=1e-9)


@pytest.mark.parametrize(
    ("need", "document", "named"),
    [
        ("想申请高新技术企业", "辅导高新技术企业认定", "高新技术企业"),
        ("machine vision for labels", "vision inspection 与机器视觉", "machine vision≈vision inspection"),
        ("车间扬尘", "粉尘与除尘", "扬尘≈粉尘"),
    ],
)
def test_phrases_are_named_whole_and_by_the_nearest_word(need, document, named):
    index = ProfileIndex.fit([Profile("p", "mentor", ((document, 1.0),)), Profile("q", "mentor", (("葡萄酒", 1.0),))])

    (explanation,) = index.explain(Need(need), index.top(Need(need), k=1).matches)

    assert named in [share.name for share in explanation.shares]
