"""The mixed model: the likelihood's slope, known cases, the gate, graphs that fall apart, any order of rows."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from matchmaker.competition.engine import mixed
from matchmaker.competition.engine.ballots import Ballot, mean
from matchmaker.competition.engine.calibration import calibrate
from matchmaker.competition.engine.connectivity import components
from tests.competition.engine.panels import drawn, written


def a_design(seed=1, **options):
    ballots = sorted(drawn(seed=seed, **options), key=lambda b: (b.entry, b.judge))
    entries = sorted({b.entry for b in ballots})
    judges = sorted({b.judge for b in ballots})
    track = {b.entry: b.track for b in ballots}
    tracks = sorted(set(track.values()))
    return mixed.Design(
        entry=np.array([entries.index(b.entry) for b in ballots]),
        judge=np.array([judges.index(b.judge) for b in ballots]),
        track=np.array([tracks.index(track[entry]) for entry in entries]),
        y=np.array([float(b.score) for b in ballots]),
    )


def dense_criterion(design, ratios):
    """−2 restricted log-likelihood from the covariance matrix of all ballots, without the constant."""
    n = len(design.y)
    same = lambda codes: np.equal.outer(codes, codes).astype(float)  # noqa: E731
    cover = np.eye(n) + ratios[0] * same(design.entry) + ratios[1] * same(design.judge)
    cover += ratios[2] * same(design.track[design.entry])
    inverse = np.linalg.inv(cover)
    ones = np.ones(n)
    weight = ones @ inverse @ ones
    y = design.y - (ones @ inverse @ design.y) / weight
    return (n - 1) * np.log(y @ inverse @ y / (n - 1)) + np.linalg.slogdet(cover)[1] + np.log(weight)


@pytest.mark.parametrize("ratios", [(1.0, 0.5, 0.2), (3.0, 0.01, 1.0), (0.1, 4.0, 0.05)])
def test_the_eliminated_equations_give_the_likelihood_of_the_full_matrix(ratios):
    design = a_design(tracks=2)

    assert mixed.criterion(design, np.array(ratios))[0] == pytest.approx(dense_criterion(design, ratios), abs=1e-7)


def test_the_slope_is_that_of_the_likelihood():
    design = a_design(tracks=2)
    at = np.log([1.3, 0.4, 0.3])

    by_difference = approx_fprime(at, lambda logs: mixed.criterion(design, np.exp(logs))[0], 1e-6)

    assert mixed.criterion(design, np.exp(at))[1] == pytest.approx(by_difference, abs=1e-3)


def test_no_neighbour_has_a_higher_likelihood():
    design = a_design(seed=7, entries=60, judges=12)
    ratios, _residual = mixed.estimate(design)
    best = mixed.criterion(design, ratios + [0, 0, 1])[0]

    steps = [(1.05, 1, 1), (0.95, 1, 1), (1, 1.05, 1), (1, 0.95, 1)]

    assert all(mixed.criterion(design, (ratios + [0, 0, 1]) * step)[0] > best for step in steps)


def test_variances_of_a_large_contest_are_found_again():
    fit = calibrate(drawn(seed=11, entries=1500, judges=120, each=5))
    v = fit.variances

    assert (v.entry**0.5, v.judge**0.5, v.residual**0.5) == pytest.approx((14, 9, 8), rel=0.12)
    assert v.track == 0


def test_a_severe_judge_is_found_and_taken_out():
    """Y gives ten less than X to the same entries, but is alone on C: C gains."""
    both = "\n".join(f"A{n} X {50 + n}\nA{n} Y {40 + n + n % 2}" for n in range(12))
    fit = calibrate(written(f"{both}\nC Y 60\nD X 60"))

    assert fit.gate.corrected
    assert fit.judges["X"] - fit.judges["Y"] == pytest.approx(9.5, abs=0.5)
    assert fit.values["C"] > fit.values["D"] + 5


def test_judges_who_agree_leave_the_plain_mean():
    ballots = drawn(seed=5, severity=0.0)
    fit = calibrate(ballots)

    panels = {entry: [b.score for b in ballots if b.entry == entry] for entry in fit.values}
    assert not fit.gate.corrected
    assert fit.values == {entry: float(mean(marks)) for entry, marks in panels.items()}
    assert (fit.judges, fit.tracks) == ({}, {})


def test_the_gate_opens_by_chance_as_often_as_it_says():
    opened = sum(calibrate(drawn(seed=seed, entries=20, severity=0.0)).gate.corrected for seed in range(300))

    assert opened <= 10  # 3 are expected; more than 10 happens once in 3 000 times


@pytest.mark.parametrize(
    "text",
    [
        "A X 5",
        "A X 5\nB X 7\nC X 9",
        "A X 5\nB Y 7\nC Z 9",
        "A X 5\nA Y 7\nA Z 9",
        "A X 5\nA Y 5\nB X 5\nB Y 5",
        "A X 5\nA Y 5\nB X 6\nB Y 6\nC X 7\nC Y 7",
    ],
)
def test_too_few_ballots_to_tell_leave_the_plain_mean(text):
    ballots = written(text)
    fit = calibrate(ballots)

    panels = {entry: [b.score for b in ballots if b.entry == entry] for entry in fit.values}
    assert not fit.gate.corrected
    assert fit.values == {entry: float(mean(marks)) for entry, marks in panels.items()}


def test_judges_who_differ_by_exactly_the_same_are_corrected_without_a_breakdown():
    fit = calibrate(written("\n".join(f"A{n} X {n * n}\nA{n} Y {n * n + 10}" for n in range(9)) + "\nB X 50\nC Y 60"))

    assert fit.gate.corrected
    assert fit.values["B"] == pytest.approx(fit.values["C"], abs=0.01)
    assert all(np.isfinite(list(fit.errors.values())))


def test_a_graph_in_parts_is_named_and_still_counted():
    ballots = drawn(seed=9, entries=60, judges=12, tracks=3)
    fit = calibrate(ballots)

    assert not fit.connected
    assert [len(part.judges) for part in fit.components] == [4, 4, 4]
    assert set(fit.values) == {b.entry for b in ballots}


def test_components_are_those_that_ballots_link():
    parts = components(written("A X 1\nB X 1\nB Y 1\nC Z 1"))

    assert [(part.judges, part.entries) for part in parts] == [(("X", "Y"), ("A", "B")), (("Z",), ("C",))]


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), shuffle=st.randoms(use_true_random=False), tracks=st.sampled_from([1, 2]))
def test_rows_in_any_order_give_the_same_figures_to_the_last_digit(seed, shuffle, tracks):
    ballots = drawn(seed=seed, entries=16, judges=6, each=2, tracks=tracks)
    mixed_up = list(ballots)
    shuffle.shuffle(mixed_up)

    assert calibrate(mixed_up) == calibrate(ballots)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), shift=st.integers(-30, 30))
def test_a_shift_of_every_score_shifts_every_value(seed, shift):
    ballots = drawn(seed=seed, entries=20, judges=6)
    moved = [Ballot(b.entry, b.judge, b.score + shift, b.track) for b in ballots]

    before, after = calibrate(ballots), calibrate(moved)

    assert after.gate.corrected is before.gate.corrected
    assert after.values == pytest.approx({entry: value + shift for entry, value in before.values.items()}, abs=1e-3)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), shift=st.integers(-25, 25))
def test_a_harder_judge_hardly_moves_a_connected_ranking(seed, shift):
    """Where judges are corrected before and after, a constant of one judge leaves nearly every pair in its order."""
    ballots = drawn(seed=seed, entries=40, judges=8, each=4)
    moved = [Ballot(b.entry, b.judge, b.score + (shift if b.judge == "J03" else 0), b.track) for b in ballots]
    before, after = calibrate(ballots), calibrate(moved)

    one, other = (np.array([fit.values[entry] for entry in sorted(fit.values)]) for fit in (before, after))
    swapped = np.mean(np.sign(np.subtract.outer(one, one)) != np.sign(np.subtract.outer(other, other)))

    assert before.gate.corrected
    assert after.gate.corrected
    assert swapped <= 0.05


@settings(max_examples=30)
@given(data=st.data())
def test_any_ballots_give_finite_values(data):
    entries, judges = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 5))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, entries - 1), st.integers(0, judges - 1)), min_size=1))
    ballots = [Ballot(e, j, Fraction(data.draw(st.integers(0, 100))), f"T{e % 3}") for e, j in sorted(pairs)]

    fit = calibrate(ballots)

    assert set(fit.values) == {b.entry for b in ballots}
    assert np.isfinite([*fit.values.values(), *fit.errors.values(), fit.grand_mean]).all()
