"""The judged needs keep what their README promises."""

from collections import Counter

from tests.matching.judged_set import for_choosing, language, read, truth, words

NEEDS, PROFILES, TRUTH = read("needs"), read("profiles"), truth()
RIGHT = [(need, profile) for need, judged in TRUTH.items() for profile, gain in judged.items() if gain > 0]


def test_there_are_enough_of_every_kind():
    kinds, languages = (
        Counter(row["kind"] for row in NEEDS.values()),
        Counter(language(n["texts"]) for n in NEEDS.values()),
    )

    assert len(NEEDS) >= 120
    assert len(PROFILES) >= 150
    assert min(kinds[kind] for kind in ("technical", "mentoring", "funding")) >= 20
    assert languages["en"] + languages["mixed"] >= 30
    assert sum(language(row["texts"]) == "en" for row in PROFILES.values()) >= 8
    assert {row["kind"] for row in PROFILES.values()} == {"mentor", "envoy", "researcher", "investor", "result"}
    assert all(len(row["texts"]) >= 2 for row in PROFILES.values())


def test_every_need_is_judged_and_names_profiles_that_exist():
    assert set(TRUTH) == set(NEEDS)
    assert {profile for judged in TRUTH.values() for profile in judged} <= set(PROFILES)
    assert {gain for judged in TRUTH.values() for gain in judged.values()} == {0, 1, 2}
    assert {need for need, _ in RIGHT} == set(NEEDS)


def test_most_right_pairs_share_no_word():
    silent = [pair for pair in RIGHT if not words(NEEDS[pair[0]]["texts"]) & words(PROFILES[pair[1]]["texts"])]

    assert len(silent) / len(RIGHT) >= 0.5


def test_the_halves_are_of_like_size():
    share = sum(map(for_choosing, NEEDS)) / len(NEEDS)

    assert 0.4 <= share <= 0.6
