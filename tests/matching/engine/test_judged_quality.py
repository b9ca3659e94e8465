"""Words alone beat plain TF-IDF on the reported half of the judged needs; `make bench-matching` prints all figures."""

import pytest

from matchmaker.matching.engine import evaluation
from tests.matching.judged_set import figures, for_choosing, language, ours, plain, read

REPORTED = [need for name, need in read("needs").items() if not for_choosing(name)]


@pytest.fixture(scope="module")
def tables():
    return figures(REPORTED, plain(REPORTED)), figures(REPORTED, ours(REPORTED))


@pytest.mark.parametrize(("measure", "level"), [("hit@1", 0.55), ("nDCG@10", 0.65)])
def test_words_with_their_meanings_beat_plain_characters(tables, measure, level):
    before, after = (table[measure] for table in tables)

    _mean, low, _high = evaluation.gain(after, before, seed=20261122, draws=2000)

    assert low > 0
    assert sum(after) / len(after) >= level


def test_an_english_need_finds_chinese_helpers(tables):
    before, after = (
        [hit for hit, need in zip(table["hit@1"], REPORTED, strict=True) if english(need)] for table in tables
    )

    assert sum(after) / len(after) >= 0.5 > sum(before) / len(before)


def english(need):
    return language(need["texts"]) == "en"
