"""The worst-off first: against every possible assignment of small instances, and at the size of a round."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from matchmaker.core.assignment.fairness import serve_fairly, smallest_total
from matchmaker.core.assignment.serving import serve


def all_assignments(allowed, wanted, room):
    """Every assignment that keeps the rules."""
    choices = []
    for row, most in zip(allowed, wanted, strict=True):
        people = np.flatnonzero(row)
        choices.append([some for size in range(most + 1) for some in combinations(people.tolist(), size)])
    for chosen in product(*choices):
        pairs = np.zeros(allowed.shape, dtype=bool)
        for item, people in enumerate(chosen):
            pairs[item, list(people)] = True
        if (pairs.sum(axis=0) <= room).all():
            yield pairs


def rank(values, pairs):
    """(items served, smallest total among them, sum), in ten-thousandths."""
    totals = np.where(pairs, values, 0).sum(axis=1)
    served = pairs.any(axis=1)
    return int(served.sum()), int(totals[served].min()) if served.any() else 0, int(totals.sum())


def drawn(random, *, most):
    n_items, n_people = int(random.integers(1, 5)), int(random.integers(1, 4))
    values = random.integers(1, 10_000 if random.random() < 0.5 else 6, size=(n_items, n_people))
    allowed = random.random((n_items, n_people)) < random.choice([0.4, 0.7, 1.0])
    return values, allowed, random.integers(0, most + 1, size=n_items), random.integers(0, 4, size=n_people)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_assignment_of_small_instances_is_better(most):
    random = np.random.default_rng(20261123 + most)
    for _ in range(60):
        values, allowed, wanted, room = drawn(random, most=most)

        found = serve_fairly(values / 10_000, most_per_item=wanted, most_per_person=room, allowed=allowed, seed=1)

        best = max(rank(values, pairs) for pairs in all_assignments(allowed, wanted, room))
        assert rank(values, found.pairs) == best
        assert found.proved
        assert not found.pairs[~allowed].any()
        assert (found.pairs.sum(axis=1) <= wanted).all() and (found.pairs.sum(axis=0) <= room).all()
        assert (round(10_000 * (found.worst or 0)), round(10_000 * found.total)) == best[1:]
        assert found.ceiling == found.worst == smallest_total(values / 10_000, found.pairs)


def test_the_worst_off_gets_more_than_under_the_largest_sum():
    affinity = np.array([[0.9, 0.5], [0.6, 0.1]])
    rules = {"most_per_item": 1, "most_per_person": 1, "allowed": np.ones((2, 2), dtype=bool)}

    largest, fair = serve(affinity, **rules), serve_fairly(affinity, **rules)

    assert smallest_total(affinity, fair.pairs) == fair.worst == 0.5
    assert smallest_total(affinity, largest.pairs) <= fair.worst
    assert fair.total <= largest.total


def test_whoever_cannot_be_served_does_not_count_as_the_worst_off():
    affinity = np.array([[0.9, 0.8], [0.7, 0.6], [0.5, 0.4]])
    allowed = np.array([[True, True], [True, True], [False, False]])

    found = serve_fairly(affinity, most_per_item=2, most_per_person=1, allowed=allowed)

    assert found.pairs.sum(axis=1).tolist() == [1, 1, 0]
    assert found.worst == 0.7  # 0.8 and 0.7, not 0.9 and 0.6


def test_equal_plans_are_drawn_by_the_seed_alone():
    rules = {"most_per_item": 2, "most_per_person": 2, "allowed": np.ones((5, 5), dtype=bool)}
    found = [serve_fairly(np.full((5, 5), 0.5), seed=seed, **rules).pairs for seed in (1, 1, 2, 3)]

    assert (found[0] == found[1]).all()
    assert any((found[0] != other).any() for other in found[2:])


def test_a_whole_round_of_single_places_is_proved():
    random = np.random.default_rng(5)
    affinity = random.random((300, 200)) ** 3
    allowed = random.random(affinity.shape) < 0.3

    found = serve_fairly(affinity, most_per_item=1, most_per_person=2, allowed=allowed)

    worse = allowed & (np.rint(affinity * 10_000) > round(10_000 * found.worst))
    served = serve(affinity, most_per_item=1, most_per_person=2, allowed=worse).pairs.any(axis=1).sum()
    assert served < found.pairs.any(axis=1).sum() == 300
