"""Plans that hang together, and what they promise: against dense algebra and against drawn scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.competition.engine import linking
from matchmaker.competition.engine.assigning import Judge, Task, plan
from matchmaker.competition.engine.precision import Spread, expected


def silos(entries=40, judges=12, tracks=4, **changes):
    names = {f"E{i:02d}": f"T{i % tracks}" for i in range(entries)}
    seats = [Judge(f"J{j:02d}", frozenset({f"T{j % tracks}"}), 0, 18) for j in range(judges)]
    return Task(names, seats, 3, **changes)


def test_silos_are_seen():
    state = linking.connectivity(silos().entries, plan(silos()).pairs)

    assert state.components == ((10, 3),) * 4
    assert (state.links, state.scores, state.connected) == (0, 120, False)


def test_links_join_the_silos_at_their_price():
    task = silos()
    base = plan(task)

    linked = linking.with_links(task, base)

    assert linked is not None
    assert linked.connectivity.connected
    assert linked.connectivity.share >= linking.CROSSING
    assert set(linked.links) <= set(linked.plan.pairs)
    assert linked.total_lost == pytest.approx(len(linked.links))
    assert linked.floor_lost == 1
    assert linked.precision.calibrated < expected(task.entries, base.pairs).calibrated


def test_links_keep_recusals_and_signed_ballots():
    dice = np.random.default_rng(1)
    base = plan(silos())
    signed = base.pairs[:40]
    conflicts = {
        (entry, judge.id)
        for entry, track in silos().entries.items()
        for judge in silos().judges
        if dice.random() < 0.3 and not judge.fits(track)
    }
    task = silos(conflicts=conflicts, signed=signed)

    linked = linking.with_links(task, plan(task))

    assert linked is not None
    assert not set(linked.plan.pairs) & conflicts
    assert set(signed) <= set(linked.plan.pairs)


def test_a_plan_that_hangs_together_needs_nothing():
    names = {f"E{i}": "T" for i in range(9)}
    task = Task(names, [Judge(f"J{j}") for j in range(4)], 3)

    assert linking.with_links(task, plan(task)) is None


def test_no_way_out_is_said_by_silence():
    names = {"A": "T0", "B": "T1"}
    task = Task(names, [Judge("J0"), Judge("J1")], 1, conflicts={("A", "J1"), ("B", "J0")})

    assert linking.with_links(task, plan(task)) is None


def test_anchors_are_scored_by_nearly_all():
    task = silos()

    anchored = linking.with_anchors(task, plan(task), count=2)

    assert anchored is not None
    assert anchored.connectivity.connected
    assert len(anchored.anchors) == 2
    assert anchored.more_scores == 2 * (12 - 3)
    for entry in anchored.anchors:
        assert sum(1 for name, _judge in anchored.plan.pairs if name == entry) == 12


def test_anchors_need_room():
    task = silos()
    tight = Task(task.entries, [Judge(judge.id, judge.tracks, 0, 10) for judge in task.judges], 3)

    assert linking.with_anchors(tight, plan(tight), count=2) is None


def dense(entries, pairs, spread):
    """Mean variance of differences from the covariance of the scores themselves, without any shortcut."""
    names, judges = sorted(entries), sorted({judge for _entry, judge in pairs})
    same = np.array([[entries[a] == entries[b] for b in names] for a in names])
    worth = spread.entry**2 * np.eye(len(names)) + spread.track**2 * same
    z = np.array([[name == entry for name in names] for entry, _judge in pairs], dtype=float)
    w = np.array([[name == judge for name in judges] for _entry, judge in pairs], dtype=float)
    inverse = np.linalg.inv(z @ worth @ z.T + spread.judge**2 * w @ w.T + spread.rest**2 * np.eye(len(pairs)))
    ones = np.ones((len(pairs), 1))
    mean_free = inverse - inverse @ ones @ ones.T @ inverse / (ones.T @ inverse @ ones)
    unknown = worth - worth @ z.T @ mean_free @ z @ worth
    apart = np.diag(unknown)[:, np.newaxis] + np.diag(unknown) - 2 * unknown
    different = ~np.eye(len(names), dtype=bool)
    across = apart[~same].mean() if (~same).any() else None
    return apart[different].mean(), across


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(2, 9), st.integers(1, 5), st.integers(1, 3), st.integers(0, 2**20))
def test_expected_precision_equals_dense_algebra(n_entries, n_judges, n_tracks, seed):
    dice = np.random.default_rng(seed)
    entries = {f"E{i}": f"T{i % n_tracks}" for i in range(n_entries)}
    pairs = [(entry, f"J{j}") for entry in entries for j in range(n_judges) if dice.random() < 0.6]
    pairs = pairs or [("E0", "J0")]

    found = expected(entries, pairs)

    everywhere, across = dense(entries, pairs, Spread())
    assert found.calibrated**2 == pytest.approx(everywhere)
    assert (found.calibrated_across is None) == (across is None)
    if across is not None:
        assert found.calibrated_across**2 == pytest.approx(across)


def test_expected_precision_is_what_drawn_scores_show():
    """The plain mean of five of twenty judges: drawn scores miss as much as foretold."""
    dice, spread = np.random.default_rng(7), Spread(track=0.001)
    entries = {f"E{i:02d}": "T" for i in range(40)}
    task = Task(entries, [Judge(f"J{j:02d}", most=10) for j in range(20)], 5)
    pairs = plan(task).pairs
    names, judges = sorted(entries), sorted({judge for _entry, judge in pairs})
    scored = np.array([[(entry, judge) in set(pairs) for judge in judges] for entry in names])
    missed = []
    for _ in range(300):
        noise = dice.normal(0, spread.judge, 20)[np.newaxis, :] + dice.normal(0, spread.rest, scored.shape)
        error = np.where(scored, noise, 0).sum(axis=1) / 5
        missed.append(2 * error.var(ddof=1))

    assert np.sqrt(np.mean(missed)) == pytest.approx(expected(entries, pairs, spread).plain, rel=0.02)


def test_more_judges_and_closer_links_are_worth_something():
    task = silos()
    three, five = (plan(Task(task.entries, [Judge(j.id) for j in task.judges], k)) for k in (3, 5))
    apart = expected(task.entries, plan(task).pairs)

    assert expected(task.entries, five.pairs).calibrated < expected(task.entries, three.pairs).calibrated
    assert expected(task.entries, three.pairs).calibrated_across < apart.calibrated_across
    assert 0 < apart.reliability < expected(task.entries, three.pairs).reliability < 1
