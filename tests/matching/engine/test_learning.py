"""Learning from answers: known weights are found again, forecasts are calibrated, and too little teaches nothing."""

import numpy as np
import pytest
from scipy.special import expit

from matchmaker.core.errors import DomainError
from matchmaker.matching.engine.features import Feature
from matchmaker.matching.engine.index import ProfileIndex
from matchmaker.matching.engine.learning import Answer, learn
from matchmaker.matching.engine.profiles import Need, Profile
from matchmaker.matching.rules.learning import LEAST

TRUE = {"text": 3.0, Feature.FIELD: 1.5, Feature.REGION: 0.0, Feature.INDUSTRY: 0.0, Feature.TICKET: 0.0}
INTERCEPT = -2.0


def drawn(n, *, weights=None, seed=1, stated=(Feature.FIELD, Feature.REGION)):
    """Answers of helpers who accept by known odds."""
    dice, weights = np.random.default_rng(seed), {**TRUE, **(weights or {})}
    answers = []
    for _ in range(n):
        text = float(dice.random())
        features = {feature: float(dice.integers(2)) for feature in stated}
        odds = INTERCEPT + weights["text"] * text + sum(weights[f] * value for f, value in features.items())
        answers.append(Answer(text, features, bool(dice.random() < expit(odds))))
    return answers


def test_known_weights_are_found_again():
    learnt = learn(drawn(8000))

    assert learnt.weights["text"] == pytest.approx(3.0, abs=0.25)
    assert learnt.weights[str(Feature.FIELD)] == pytest.approx(1.5, abs=0.15)
    assert learnt.weights[str(Feature.REGION)] == pytest.approx(0.0, abs=0.12)
    assert learnt.weights[str(Feature.TICKET)] == 0
    assert learnt.intercept == pytest.approx(INTERCEPT, abs=0.2)


def test_chances_by_hand():
    learnt = learn(drawn(400))
    odds = learnt.intercept + 0.5 * learnt.weights["text"] + learnt.weights[str(Feature.FIELD)]
    odds += learnt.weights[str(Feature.REGION)] * learnt.typical[str(Feature.REGION)]  # the need says nothing of it

    assert learnt.chance(0.5, {Feature.FIELD: 1.0}) == pytest.approx(expit(odds))


def test_forecasts_are_calibrated():
    learnt = learn(drawn(4000))

    assert sum(each.answers for each in learnt.bins) == 4000
    assert [each.forecast for each in learnt.bins] == sorted(each.forecast for each in learnt.bins)
    for each in learnt.bins:
        assert each.accepted == pytest.approx(each.forecast, abs=0.06)  # two standard errors of 800 answers: 0.035


def test_what_fits_better_is_never_less_likely():
    learnt = learn(drawn(500, weights={Feature.FIELD: -3.0}))

    assert learnt.weights[str(Feature.FIELD)] == 0
    assert min(learnt.weights.values()) >= 0


def test_better_weights_are_told_from_worse_ones():
    of_field = learn(drawn(2000, weights={"text": 0.0, Feature.FIELD: 4.0}))
    of_nothing = learn(drawn(600, weights={"text": 0.0, Feature.FIELD: 0.0}, seed=3))

    assert of_field.is_better
    assert of_field.loss < of_field.by_hand < of_field.by_share
    assert of_nothing.loss == pytest.approx(of_nothing.by_share, abs=0.01)


def test_the_same_answers_teach_the_same():
    assert learn(drawn(300)) == learn(drawn(300))


@pytest.mark.parametrize("n", [0, 199])
def test_too_few_answers_are_refused(n):
    with pytest.raises(DomainError, match=f"现有 {n} 条"):
        learn(drawn(n))


def test_answers_of_one_kind_are_refused():
    answers = [Answer(0.5, {}, n >= 19) for n in range(300)]

    with pytest.raises(DomainError, match="婉拒 19 条"):
        learn(answers)


def test_extreme_answers_are_learnt_from():
    learnt = learn([Answer(float(n % 2), {}, n % 2 == 1) for n in range(LEAST)])

    assert 0 < learnt.chance(0.0, {}) < 0.1 < 0.9 < learnt.chance(1.0, {}) < 1


def test_an_answer_is_taken_from_a_match():
    index = ProfileIndex.fit([Profile("p", "mentor", (("刀具", 1.0),), tags={"region": frozenset({"650105"})})])
    match = index.match(Need("刀具磨损", tags={"region": frozenset({"650105"})}), "p")

    assert Answer.to(match, accepted=True) == Answer(match.text, {Feature.REGION: 1.0}, accepted=True)
