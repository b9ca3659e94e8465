"""Rankings: known answers, properties of scores and explanations, hard rules, changes without a new fit."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.core.errors import DomainError, Missing
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.profiles import EMPTY_NEED, Need, Profile
from matchmaker.matching.rules import Barrier

TOOLS = Profile("tools", "mentor", (("数控机床刀具磨损在线监测", 3.0), ("切削力信号分析", 1.0)))
WINE = Profile("wine", "researcher", (("葡萄种植与葡萄酒酿造工艺", 1.0),))
CLOUD = Profile("cloud", "mentor", (("云计算 cloud computing 与大数据平台", 1.0),))
SILENT = Profile("silent", "investor", ())
ALL = [TOOLS, WINE, CLOUD, SILENT]
NEED = Need("我们的机床刀具磨损很快，希望能提前监测")

words = st.text(alphabet="机床刀具葡萄酒云计算磨损监测的 5Gab\n", max_size=20)
codes = st.frozensets(st.sampled_from(["新材料", "C3911", "C39", "650105", "650100"]), max_size=2)
tags = st.dictionaries(st.sampled_from(["field", "industry", "region"]), codes)
documents = st.lists(st.tuples(words, st.sampled_from([0.5, 1.0, 3.0])), max_size=4)


def amounts(name):
    return st.dictionaries(st.sampled_from([f"{name}_min_fen", f"{name}_max_fen"]), st.integers(0, 9))


needs = st.builds(Need, words.map("监测".__add__), tags=tags, numbers=amounts("amount"))


def profiles(prefix="p"):
    offers = st.tuples(documents.map(tuple), tags, amounts("ticket"))
    return st.lists(offers, min_size=1, max_size=6).map(
        lambda rows: [Profile(f"{prefix}{n}", "mentor", *row) for n, row in enumerate(rows)]
    )


def ids(ranking):
    return [match.profile_id for match in ranking.matches]


def test_the_right_helper_comes_first_and_the_silent_not_at_all():
    ranking = ProfileIndex.fit(ALL).top(NEED)

    assert ids(ranking)[0] == "tools"
    assert "silent" not in ids(ranking)


def test_identical_texts_score_one():
    assert ProfileIndex.fit(ALL).match(Need("葡萄种植与葡萄酒酿造工艺"), "wine").score == pytest.approx(1.0)


def test_score_by_hand():
    index = ProfileIndex.fit([Profile("p", "mentor", (("钢", 3.0), ("铝", 1.0)))])

    # cosines 1 and 0: weighted mean 0.75, best 1, so likeness 0.6 · 0.75 + 0.4 · 1 = 0.85
    assert index.match(Need("钢"), "p").score == pytest.approx(0.85**0.5)


def test_features_move_a_score_by_their_weights():
    index = ProfileIndex.fit([Profile("p", "mentor", (("钢", 1.0),), tags={"region": frozenset({"650105"})})])
    near = index.match(Need("钢", tags={"region": frozenset({"650105"})}), "p")
    far = index.match(Need("钢", tags={"region": frozenset({"310101"})}), "p")

    assert near.score == pytest.approx(1.0)
    assert near.score - far.score == pytest.approx(0.05 / 0.70)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(profiles(), needs)
def test_scores_keep_their_bounds_and_explanations_add_up(helpers, need):
    index = ProfileIndex.fit(helpers)

    ranking = index.top(need, k=3)

    scores = [match.score for match in ranking.matches]
    assert [round(score, 12) for score in scores] == sorted((round(score, 12) for score in scores), reverse=True)
    assert all(0 < score <= 1 for score in scores)
    for explanation in index.explain(need, ranking.matches):
        assert abs(sum(share.points for share in explanation.shares) - explanation.score) < 1e-9
        assert all(share.points > 0 for share in explanation.shares)
        assert explanation.sentence().endswith("。")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(profiles(), st.lists(needs, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_a_pair_scores_the_same_alone_in_any_company_and_order(helpers, wishes, random):
    index = ProfileIndex.fit(helpers)
    shuffled = ProfileIndex.fit(random.sample(helpers, len(helpers)))

    for need in wishes:
        ranking = index.top(need, k=9)
        assert shuffled.top(need, k=9) == ranking
        assert [index.match(need, match.profile_id) for match in ranking.matches] == list(ranking.matches)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(profiles(), needs, profiles("new"))
def test_newcomers_leave_the_order_and_scores_of_others_alone(helpers, need, newcomers):
    index = ProfileIndex.fit(helpers)
    before = {match.profile_id: match.score for match in index.top(need, k=9).matches}

    for newcomer in newcomers:
        index.put(newcomer)
    after = {match.profile_id: match.score for match in index.top(need, k=99).matches}

    assert {key: after[key] for key in before} == pytest.approx(before)


def test_equal_scores_are_ordered_by_id():
    twins = [Profile(name, "mentor", (("刀具", 1.0),)) for name in ("c", "a", "b")]

    assert ids(ProfileIndex.fit(twins).top(Need("刀具"), k=2)) == ["a", "b"]


def test_a_profile_is_added_replaced_and_removed_without_a_new_fit():
    index = ProfileIndex.fit(ALL)
    started = time.perf_counter()

    index.put(Profile("carbon", "researcher", (("石墨烯导热膜", 1.0),)))
    assert ids(index.top(Need("石墨烯"))) == ["carbon"]
    index.put(Profile("carbon", "researcher", (("光伏", 1.0),)))
    assert ids(index.top(Need("石墨烯"))) == []
    assert index.match(Need("光伏"), "carbon").score == pytest.approx(1.0)
    index.remove("carbon")
    assert ids(index.top(Need("光伏"))) == []

    assert time.perf_counter() - started < 1
    assert len(index) == len(ALL)
    with pytest.raises(Missing):
        index.remove("carbon")


def test_explanations_hold_across_closed_segments(monkeypatch):
    monkeypatch.setattr("matchmaker.matching.engine.postings.SEGMENT", 3)
    index = ProfileIndex.fit(ALL)
    for n in range(5):
        index.put(Profile(f"n{n}", "mentor", ((f"石墨烯导热膜 batch{n}", 1.0), ("刀具", 1.0))))
    need = Need("石墨烯导热膜 batch3")

    explanations = index.explain(need, index.top(need, k=9).matches)

    assert explanations[0].profile_id == "n3"
    for explanation in explanations:
        assert sum(share.points for share in explanation.shares) == pytest.approx(explanation.score, abs=1e-9)


@pytest.mark.parametrize(
    ("need", "profile", "reason"),
    [
        ({"profile_kinds": frozenset({"investor"})}, {}, Barrier.WRONG_KIND),
        ({"recused": frozenset({"p"})}, {}, Barrier.RECUSED),
        ({"organisation": "firm"}, {"organisations": frozenset({"firm"})}, Barrier.OWN_UNIT),
        ({"declined_by": frozenset({"p"})}, {}, Barrier.DECLINED),
        ({"numbers": {"secrecy": 2}}, {"numbers": {"secrecy": 1}}, Barrier.SECRECY),
        ({}, {"barriers": (Barrier.NO_CAPACITY,)}, Barrier.NO_CAPACITY),
    ],
)
def test_hard_rules_set_a_profile_aside_with_the_reason(need, profile, reason):
    index = ProfileIndex.fit([Profile("p", "mentor", (("刀具", 1.0),), **profile), WINE])

    ranking = index.top(Need("刀具", **need))

    assert ids(ranking) == []
    assert ranking.set_aside == (("p", reason),)


@pytest.mark.parametrize("text", ["", "   \n", "🚀🚀", "\u200b\u200d", "<b></b>", "……！？"])
def test_a_need_that_says_nothing_is_refused(text):
    with pytest.raises(DomainError, match=EMPTY_NEED) as refused:
        ProfileIndex.fit(ALL).top(Need(text))

    assert refused.value.field == "text"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", ["<p>刀具</p>" * 20_000, "刀\u200b具" * 60_000, "刀具🚀" * 60_000, "刀具" * 100_000])
def test_monstrous_needs_are_answered(text):
    index, need = ProfileIndex.fit(ALL), Need(text)

    ranking = index.top(need)

    assert ids(ranking) == ["tools"]
    assert index.explain(need, ranking.matches)[0].terms == ("刀具",)


def test_an_empty_index_suggests_nobody():
    assert ids(ProfileIndex.fit([]).top(NEED)) == []


def test_two_profiles_of_one_id_are_a_bug():
    with pytest.raises(ValueError, match="tools"):
        ProfileIndex.fit([TOOLS, TOOLS])


def test_the_sentence_names_phrases_and_features():
    helper = Profile("p", "mentor", (("机床刀具磨损监测", 1.0),), tags={"field": frozenset({"先进制造与自动化"})})
    need = Need("我们希望做刀具磨损监测", tags={"field": frozenset({"先进制造与自动化"})})
    index = ProfileIndex.fit([helper, WINE])

    (explanation,) = index.explain(need, index.top(need).matches)

    assert explanation.terms == ("刀具磨损监测",)
    assert explanation.features == (Feature.FIELD,)
    score = round(100 * explanation.score)
    assert explanation.sentence() == f"双方都谈到“刀具磨损监测”，技术领域也相符，匹配度 {score} 分（满分 100）。"
