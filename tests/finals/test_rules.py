"""The draw can be repeated by anybody and favours nobody; phases and showing."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.competition.rules.aggregation import Aggregation
from matchmaker.core.errors import Conflict, DomainError
from matchmaker.finals.rules import Phase, check_phase, check_showable, check_word, commitment, drawn

words = st.dictionaries(st.sampled_from([f"E{n:03d}" for n in range(12)]), st.text("ab春", max_size=3), min_size=1)


@given(st.text(max_size=20), words)
def test_draw_is_a_permutation_that_an_outsider_repeats(secret, given_words):
    order = drawn(secret, given_words)
    said = ";".join(f"{code}={word}" for code, word in sorted(given_words.items()))

    def ticket(code):
        return hashlib.sha256((secret + "|" + said + "|" + code).encode()).hexdigest()

    assert sorted(order) == sorted(given_words)
    assert order == sorted(order, key=ticket)
    assert commitment(secret) == hashlib.sha256(secret.encode()).hexdigest()


@given(words)
def test_draw_does_not_depend_on_who_signed_in_first(given_words):
    assert drawn("s", given_words) == drawn("s", dict(reversed(given_words.items())))


def test_every_code_is_first_equally_often():
    codes, rounds = [f"E{n}" for n in range(5)], 10_000
    first = Counter(drawn(str(n), dict.fromkeys(codes, ""))[0] for n in range(rounds))

    statistic = sum((first[code] - rounds / 5) ** 2 / (rounds / 5) for code in codes)

    assert statistic < 18.47  # chi-square, 4 degrees of freedom, p = .001


@pytest.mark.parametrize("word", ["a;b", "a=b", "a|b", "长" * 21])
def test_words_that_would_blur_the_draw_are_refused(word):
    with pytest.raises(DomainError):
        check_word(word)


def test_a_score_is_shown_only_from_a_full_panel_and_by_a_rule_of_its_own():
    check_showable(Aggregation.TRIMMED, panel=5, signed=5)
    for rule, panel, signed in [
        (Aggregation.PLAIN, 3, 2), (Aggregation.PLAIN, 0, 0), (Aggregation.CALIBRATED, 5, 5),
    ]:  # fmt: skip
        with pytest.raises(Conflict):
            check_showable(rule, panel=panel, signed=signed)


def test_phases_do_not_jump():
    with pytest.raises(Conflict):
        check_phase(Phase.WAITING, Phase.SHOWN)
    with pytest.raises(Conflict):
        check_phase(Phase.SHOWN, Phase.SCORING)
