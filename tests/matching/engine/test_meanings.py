"""Meaning beside words: scores of profiles with and without vectors, the fixed middle, shares that add up."""

import hashlib

import numpy as np
import pytest

from matchmaker.matching.engine import semantic, similarity
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.meanings import Immediate, Middle
from matchmaker.matching.engine.pairs import Pairs
from matchmaker.matching.engine.profiles import Need, Profile

TOOLS = Profile("tools", "mentor", (("数控机床刀具磨损在线监测", 3.0), ("切削力信号分析", 1.0)))
WINE = Profile("wine", "mentor", (("葡萄种植与葡萄酒酿造工艺", 1.0),))
CUTTERS = Profile("cutters", "mentor", (("Wear of cutters on milling machines", 1.0), ("Milling", 2.0)))
ALL = [TOOLS, WINE, CUTTERS]
NEED = Need("刀具很快变钝，想提前知道")


class Remembered:
    """Vectors of some texts, drawn from their hash, two thirds in common: a roster whose encoding is under way."""

    name = "drawn"

    def __init__(self, *texts):
        self.texts = set(texts)

    def known(self, texts):
        return [self._row(text) if text in self.texts else None for text in texts]

    def asked(self, text):
        return self._row(text)

    def prior(self):
        return np.array([self._row(text) for text in semantic.PRIOR])

    def _row(self, text):
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        row = np.random.default_rng(seed).normal(size=semantic.DIMENSIONS) + 2.0
        row[:40] += 0.0 if text in semantic.PRIOR else 2.0  # what everybody here speaks of
        return semantic.rounded((row / np.linalg.norm(row))[np.newaxis])[0]


def texts_of(*profiles):
    return [text for profile in profiles for text, _ in profile.documents]


def scores(index, need=NEED):
    return {match.profile_id: match.score for match in index.matches(need)}


def test_without_vectors_words_decide():
    assert scores(ProfileIndex.fit(ALL, Remembered())) == scores(ProfileIndex.fit(ALL))


def test_a_profile_without_vectors_keeps_the_score_of_its_words():
    plain, mixed = scores(ProfileIndex.fit(ALL)), scores(ProfileIndex.fit(ALL, Remembered(*texts_of(WINE))))

    assert mixed["tools"] == plain["tools"]
    assert mixed["wine"] != plain["wine"]


def test_a_score_by_hand():
    source = Remembered(*texts_of(TOOLS))
    rows = np.array([source.known([text])[0] for text in texts_of(TOOLS)])
    chinese = [row for text, row in zip(semantic.PRIOR, source.prior(), strict=True) if semantic.is_chinese(text)]
    middle = np.vstack([rows, chinese]).mean(axis=0)
    of_texts, of_need = semantic.centred(rows, middle), semantic.centred(source.asked(NEED.text)[np.newaxis], middle)[0]
    found = np.clip(of_texts @ of_need, 0, 1)
    likeness = similarity.blended(0.75 * found[0] + 0.25 * found[1], found.max(), 2)
    words = ProfileIndex.fit(ALL).match(NEED, "tools").text

    match = ProfileIndex.fit(ALL, source).match(NEED, "tools")

    assert match.text == pytest.approx((1 - similarity.MEANING) * words + similarity.MEANING * likeness, abs=1e-6)
    assert match.meaning == pytest.approx(similarity.MEANING * likeness, abs=1e-6)


def test_each_language_has_a_middle_of_its_own():
    source = Remembered(*texts_of(*ALL))
    middle = Middle(source, texts_of(*ALL))
    english = [text for text in (*texts_of(*ALL), *semantic.PRIOR) if not semantic.is_chinese(text)]

    of_english = np.mean([source.asked(text) for text in english], axis=0)

    expected = semantic.centred(source.asked("Milling")[np.newaxis], of_english)
    assert middle.of(["Milling"]).rows == pytest.approx(expected, abs=1e-5)
    assert middle.asked("Milling") == pytest.approx(expected[0], abs=1e-5)
    assert middle.asked("铣削") != pytest.approx(
        semantic.centred(source.asked("铣削")[np.newaxis], of_english)[0], abs=1e-3
    )


@pytest.mark.skipif(semantic.encoder() is None, reason="the extra `semantic` is not installed")
def test_an_english_need_finds_the_chinese_answer_and_not_the_english_neighbour():
    helpers = [
        Profile("answer", "mentor", (("冬季低温动力电池容量衰减", 1.0),)),
        Profile("neighbour", "mentor", (("Wine making and grape growing", 1.0),)),
        *ALL,
    ]
    index = ProfileIndex.fit(helpers, Immediate(semantic.encoder()))

    found = index.top(Need("our trucks lose range when it is freezing"))

    assert found.matches[0].profile_id == "answer"


def test_a_vector_that_comes_later_moves_nobody_else():
    source = Remembered(*texts_of(TOOLS))
    index = ProfileIndex.fit(ALL, source)
    before = scores(index)

    source.texts.update(texts_of(CUTTERS))
    index.put(CUTTERS)

    after = scores(index)
    assert after["cutters"] != before["cutters"]
    assert [after[key] for key in ("tools", "wine")] == [before[key] for key in ("tools", "wine")]


def test_rankings_pairs_and_explanations_agree(monkeypatch):
    monkeypatch.setattr("matchmaker.matching.engine.postings.SEGMENT", 3)
    source = Remembered(*texts_of(TOOLS, CUTTERS))
    index = ProfileIndex.fit(ALL[:1], source)
    for number in range(6):
        index.put(Profile(f"more{number}", "mentor", (("刀具 wear", 1.0), (f"第{number}项", 2.0))))
    for profile in ALL[1:]:
        index.put(profile)

    ranking = index.top(NEED, k=20)

    assert [index.match(NEED, match.profile_id) for match in ranking.matches] == list(ranking.matches)
    explanations = index.explain(NEED, ranking.matches)
    for explanation in explanations:
        assert sum(share.points for share in explanation.shares) == pytest.approx(explanation.score, abs=1e-9)
    meant = {found.profile_id for found in explanations if any(share.meaning for share in found.shares)}
    assert meant == {"tools", "cutters"}


@pytest.mark.skipif(semantic.encoder() is None, reason="the extra `semantic` is not installed")
def test_files_and_platform_give_one_score():
    encoder = semantic.encoder()
    found = dict(zip([p.id for p in ALL], next(Pairs(ALL, encoder=encoder).scores([NEED])), strict=True))

    index = ProfileIndex.fit(ALL, Immediate(encoder))

    assert scores(index) == pytest.approx(found, abs=1e-6)
    assert scores(index)["cutters"] != pytest.approx(scores(ProfileIndex.fit(ALL))["cutters"], abs=0.01)
