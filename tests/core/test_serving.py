"""Serving items with up to k people: equal to trying everything, proved at size, stable under its seed."""

import itertools
import time

import numpy as np
import pytest

from matchmaker.core.assignment import serving
from matchmaker.core.assignment.serving import RESOLUTION, serve


def tried(values, per_item, per_person, allowed):
    """(items served, largest sum) over all assignments."""
    n_items, n_people = values.shape
    choices = []
    for item in range(n_items):
        people = [person for person in range(n_people) if allowed[item, person]]
        sets = (itertools.combinations(people, size) for size in range(per_item[item] + 1))
        choices.append([frozenset(some) for group in sets for some in group])
    best = (0, 0)
    for chosen in itertools.product(*choices):
        loads = [sum(person in some for some in chosen) for person in range(n_people)]
        if all(load <= most for load, most in zip(loads, per_person, strict=True)):
            total = sum(int(values[item, person]) for item, some in enumerate(chosen) for person in some)
            best = max(best, (sum(bool(some) for some in chosen), total))
    return best


@pytest.mark.parametrize("seed", range(60))
def test_equals_trying_everything(seed, monkeypatch):
    monkeypatch.setattr(serving, "CANDIDATES", 1 + seed % 3)
    monkeypatch.setattr(serving, "ADDED", 1)
    random = np.random.default_rng(seed)
    n_items, n_people = int(random.integers(1, 5)), int(random.integers(1, 5))
    values = random.integers(0, 6, size=(n_items, n_people)) * RESOLUTION // 10
    allowed = random.random((n_items, n_people)) < 0.7
    per_item, per_person = random.integers(0, 3, size=n_items), random.integers(0, 3, size=n_people)

    found = serve(
        values / RESOLUTION, most_per_item=per_item, most_per_person=per_person, allowed=allowed, seed=seed
    ).pairs

    assert not found[~allowed].any()
    assert (found.sum(axis=1) <= per_item).all()
    assert (found.sum(axis=0) <= per_person).all()
    reached = (int(found.any(axis=1).sum()), int(values[found].sum()))
    assert reached == tried(values, per_item, per_person, allowed)


def test_the_same_seed_gives_the_same_among_equals():
    equal = np.full((6, 6), 0.5)
    given = {"most_per_item": 1, "most_per_person": 1, "allowed": np.ones((6, 6), dtype=bool)}

    first = serve(equal, seed=7, **given).pairs

    assert (serve(equal, seed=7, **given).pairs == first).all()
    assert any((serve(equal, seed=seed, **given).pairs != first).any() for seed in range(5))


def test_everybody_wants_the_same_few_and_columns_are_added():
    random = np.random.default_rng(3)
    values = np.clip(random.random((60, 80)) * 0.1 + np.linspace(0.9, 0.0, 80)[np.newaxis, :], 0, 1)

    found = serve(values, most_per_item=2, most_per_person=2, allowed=np.ones((60, 80), dtype=bool))

    assert found.pairs.any(axis=1).all()
    assert found.solved > 1
    assert found.columns < values.size


def test_nothing_to_give_is_an_answer():
    none = np.zeros((2, 3), dtype=bool)

    assert not serve(np.ones((2, 3)), most_per_item=2, most_per_person=2, allowed=none).pairs.any()
    assert serve(np.ones((0, 3)), most_per_item=2, most_per_person=2, allowed=np.ones((0, 3), dtype=bool)).total == 0


def hard(seed=1):
    """2 000 items, 500 people, 3 each: tastes of a dozen subjects, so that many want the same people."""
    random = np.random.default_rng(seed)
    likes, knows = random.gamma(0.3, size=(2000, 12)), random.gamma(0.3, size=(500, 12))
    likes, knows = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in (likes, knows))
    values = np.clip(likes @ knows.T * 0.8 + random.random((2000, 500)) * 0.2, 0, 1)
    return values, random.random((2000, 500)) < 0.9


@pytest.mark.slow
def test_two_thousand_needs_and_five_hundred_helpers():
    values, allowed = hard()
    started = time.process_time()

    found = serve(values, most_per_item=3, most_per_person=13, allowed=allowed)

    print(f"\n2 000 × 500 × 3: {time.process_time() - started:.1f} s, {found.solved} solved, {found.columns} pairs")
    assert (found.pairs.sum(axis=1) == 3).all()
    assert not found.pairs[~allowed].any()
