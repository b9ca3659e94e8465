"""Judges' scales: used only where they are proved, the same in any order, solved by anybody from what is published."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from matchmaker.competition.engine.ballots import Ballot
from matchmaker.competition.engine.calibration import calibrate, design_of
from matchmaker.competition.engine.gains import LEVEL, calibrate_scales, test_of_scales
from matchmaker.competition.engine.ranking import Rule, rank
from tests.competition.engine.panels import drawn

test_of_scales.__test__ = False


def stretched(*, seed, entries=60, judges=10, each=5, wide=1.9, narrow=0.5, tracks=1):
    """A contest in which every other judge spreads scores widely, with the true worth of its entries."""
    dice = np.random.default_rng(seed)
    worth = dice.normal(0, 14, entries)
    found = []
    for entry in range(entries):
        for judge in dice.choice(judges, size=each, replace=False):
            gain = wide if judge % 2 else narrow
            points = 50 + 40 * (judge // 2 - judges / 4) / judges + gain * (worth[entry] + dice.normal(0, 5))
            found.append(Ballot(f"E{entry:03d}", f"J{judge:02d}", Fraction(round(float(points))), f"T{entry % tracks}"))
    return found, {f"E{entry:03d}": float(value) for entry, value in enumerate(worth)}


def outsider(ballots, fit, scales):
    """Values and their standard errors from the published figures, by one dense system."""
    v, judges = fit.variances, sorted({b.judge for b in ballots})
    track_of = {b.entry: b.track for b in ballots}
    columns = [("mean", "")] + [("entry", e) for e in sorted(track_of)]
    columns += [("judge", j) for j in judges] if v.judge else []
    columns += [("track", t) for t in sorted(set(track_of.values()))] if v.track else []
    place = {column: n for n, column in enumerate(columns)}
    x, weight = np.zeros((len(ballots), len(columns))), np.zeros(len(ballots))
    for line, ballot in enumerate(ballots):
        gain = scales.gains[ballot.judge]
        weight[line] = 1 / (v.residual * scales.noises[ballot.judge])
        row = {
            ("mean", ""): 1,
            ("judge", ballot.judge): 1,
            ("entry", ballot.entry): gain,
            ("track", ballot.track): gain,
        }
        for column in row.keys() & place.keys():
            x[line, place[column]] = row[column]
    ridge = np.diag([0 if kind == "mean" else 1 / getattr(v, kind) for kind, _name in columns])
    inverse = np.linalg.inv(x.T @ (weight[:, None] * x) + ridge)
    solution = inverse @ (x.T @ (weight * np.array([float(b.score) for b in ballots])))
    values, errors = {}, {}
    for entry, track in track_of.items():
        pick = np.zeros(len(columns))
        pick[[place[c] for c in (("mean", ""), ("entry", entry), ("track", track)) if c in place]] = 1
        values[entry], errors[entry] = pick @ solution, np.sqrt(pick @ inverse @ pick)
    return values, errors


@pytest.mark.parametrize("tracks", [1, 3])
def test_an_outsider_solves_one_system_for_every_value(tracks):
    ballots, _truth = stretched(seed=4, tracks=tracks)
    fit, scales = calibrate_scales(ballots)
    values, errors = outsider(ballots, fit, scales)

    assert scales.gate.corrected
    for line in rank(ballots, Rule.SCALED).lines:
        assert abs(float(line.score) - values[line.entry]) <= 0.00005 + 1e-7
        assert abs(float(line.error) - errors[line.entry]) <= 0.00005 + 1e-7


def test_wide_and_narrow_judges_are_told_apart_and_the_order_comes_nearer():
    better = 0
    for seed in range(6):
        ballots, truth = stretched(seed=seed)
        fit, scales = calibrate_scales(ballots)
        wide = [gain for judge, gain in scales.gains.items() if int(judge[1:]) % 2]
        narrow = [gain for judge, gain in scales.gains.items() if not int(judge[1:]) % 2]
        assert min(wide) > 1 > max(narrow)
        names = sorted(truth)
        taus = [
            kendalltau([values[e] for e in names], [truth[e] for e in names]).statistic
            for values in (calibrate(ballots).values, fit.values)
        ]
        better += taus[1] > taus[0]
    assert better >= 5


def test_equal_scales_leave_the_calibrated_ranking_as_it_is():
    opened = 0
    for seed in range(200):
        ballots = drawn(seed=seed, entries=24, judges=6, each=4)
        fit, scales = calibrate_scales(ballots)
        opened += scales.gate.corrected
        if not scales.gate.corrected:
            assert (scales.gains, fit) == ({}, calibrate(ballots))
    assert opened <= 9  # at 1 %: more than nine of 200 come once in ten thousand


def test_the_test_of_scales_keeps_its_level():
    dice = np.random.default_rng(20261122)
    probabilities = []
    for _ in range(400):
        worth, severity = dice.normal(0, 10, 20), dice.normal(0, 5, 5)
        ballots = [
            Ballot(e, j, Fraction(float(worth[e] + severity[j] + dice.normal(0, 6))))
            for e in range(20)
            for j in range(5)
            if (e + j) % 5
        ]
        probabilities.append(test_of_scales(design_of(sorted(ballots, key=lambda b: (b.entry, b.judge)))).probability)
    assert 0.02 < np.mean(np.array(probabilities) < 0.05) < 0.085
    assert np.mean(np.array(probabilities) < LEVEL) < 0.03


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seed, order):
    ballots, _truth = stretched(seed=seed, entries=20, judges=6, each=4)
    shuffled = list(ballots)
    order.shuffle(shuffled)
    assert rank(shuffled, Rule.SCALED) == rank(ballots, Rule.SCALED)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 100)),
        min_size=1,
        max_size=25,
        unique_by=lambda row: row[:2],
    )
)
def test_any_ballots_give_finite_scores_for_every_entry(rows):
    ballots = [Ballot(f"E{e}", f"J{j}", Fraction(points)) for e, j, points in rows]
    fit, scales = calibrate_scales(ballots)
    assert set(fit.values) == {b.entry for b in ballots}
    assert all(np.isfinite(value) for value in [*fit.values.values(), *fit.errors.values()])
    assert all(gain > 0 for gain in [*scales.gains.values(), *scales.noises.values()])
