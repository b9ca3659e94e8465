"""From what speaks for a pair to its score: by hand the same figure, learnt a chance whose shares add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from matchmaker.matching.engine import ranking
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.profiles import Need, Profile
from matchmaker.matching.engine.scales import PARTS, Chances

REGION = {"region": frozenset({"650105"})}
NEED = Need("高速切削的刀具磨损太快", tags=REGION)
PEOPLE = [
    Profile("a", "mentor", (("高速切削刀具磨损", 1.0),), tags={"region": frozenset({"330106"})}),
    Profile("b", "mentor", (("刀具涂层", 1.0),), tags=REGION),
    Profile("c", "mentor", (("财务报表与税务筹划", 1.0),), tags=REGION),
    Profile("d", "mentor", (("果树嫁接", 1.0),), tags={"region": frozenset({"330106"})}),
]
part = st.floats(0.0, 1.0)
weight = st.floats(0.0, 9.0)


def learnt(**weights):
    given = dict.fromkeys(PARTS, 0.0) | weights
    return Chances(intercept=-2.0, weights=given, typical=dict.fromkeys(PARTS, 0.5), key=7)


def ranked(chances):
    index = ProfileIndex.fit(PEOPLE)
    index.learnt = chances
    return index.top(NEED, 4).matches


def test_by_hand_the_evidence_is_the_score():
    scale = ranking.scale(NEED)
    evidence = np.array([0.0, 0.25, 1.0])

    assert scale.scores(evidence) is evidence
    assert scale.base == 0
    assert scale.linear(0.5, 0.5) == ranking.weights(NEED)


@given(st.floats(-6, 6), st.floats(0.01, 9), weight, weight, part, part, part)
def test_the_scale_gives_the_chance_and_its_shares_add_up(intercept, text_weight, field, ticket, text, fits, typical):
    chances = Chances(
        intercept=intercept,
        weights=dict.fromkeys(PARTS, 0.0) | {"text": text_weight, "field": field, "ticket": ticket},
        typical=dict.fromkeys(PARTS, typical),
    )
    scale = chances.scale([Feature.FIELD])
    evidence = scale.weights["text"] * text + scale.weights["field"] * fits
    score = float(scale.scores(np.array([evidence]))[0])
    shares = scale.linear(score, evidence)

    assert sum(scale.weights.values()) == pytest.approx(1)
    assert score == pytest.approx(chances.chance(text, {Feature.FIELD: fits}), abs=1e-12)
    assert scale.base + shares["text"] * text + shares["field"] * fits == pytest.approx(score, abs=1e-9)
    assert min(shares.values()) >= 0


def test_what_is_learnt_decides_the_order():
    by_words = [match.profile_id for match in ranked(learnt(text=8.0))]
    by_region = [match.profile_id for match in ranked(learnt(text=0.5, region=8.0))]

    assert by_words == ["a", "b"]
    assert by_region[0] == "b"
    assert by_region[-1] == "a"


def test_nobody_is_found_whom_nothing_speaks_for():
    assert {match.profile_id for match in ranked(learnt(text=1.0, region=1.0))} == {"a", "b", "c"}


def test_a_pair_that_nothing_speaks_for_has_the_base():
    index = ProfileIndex.fit(PEOPLE)
    index.learnt = learnt(text=3.0, field=2.0)
    match = index.match(NEED, "d")

    assert match.score == match.base == pytest.approx(expit(-2.0 + 2.0 * 0.5))
    assert index.explain(NEED, [match])[0].shares == (index.explain(NEED, [match])[0].shares[0],)
    assert index.explain(NEED, [match])[0].shares[0].base


def test_explained_shares_add_up_to_the_chance():
    index = ProfileIndex.fit(PEOPLE)
    index.learnt = learnt(text=3.0, region=2.0)

    for found in index.explain(NEED, index.top(NEED, 4).matches):
        assert sum(share.points for share in found.shares) == pytest.approx(found.score, abs=1e-12)
        assert found.basis.learnt == 7


def test_without_them_every_figure_is_as_before():
    index = ProfileIndex.fit(PEOPLE)
    before = index.top(NEED, 4), index.scores(NEED, ["a", "b", "c", "d"]).tolist()
    index.learnt = learnt(text=3.0)
    assert index.top(NEED, 4) != before[0]

    index.learnt = None
    assert (index.top(NEED, 4), index.scores(NEED, ["a", "b", "c", "d"]).tolist()) == before


def test_chances_that_ignore_the_words_are_refused():
    with pytest.raises(ValueError, match="words"):
        learnt(region=3.0).scale([Feature.REGION])


def test_of_many_profiles_the_first_look_misses_nobody():
    """The rough look is at the evidence, so its order is that of the chances."""
    dice = np.random.default_rng(2)
    words = [f"词条{n:03d}号" for n in range(60)]
    many = [Profile(f"p{n:05d}", "mentor", ((" ".join(dice.choice(words, 6)), 1.0),), tags=REGION) for n in range(3000)]
    index = ProfileIndex.fit(many)
    index.learnt = learnt(text=9.0, region=4.0)
    need = Need(" ".join(words[:4]), tags=REGION)

    best = sorted(index.matches(need), key=lambda match: (-round(match.evidence, 12), match.profile_id))[:10]
    assert [match.profile_id for match in index.top(need, 10).matches] == [match.profile_id for match in best]
