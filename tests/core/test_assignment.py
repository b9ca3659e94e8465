"""Exact assignment: equal to brute force, no forbidden pair ever, and true proofs of impossibility."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.core.assignment import Infeasible, Unsolved, assign, solve, transport

NONE_FORBIDDEN = np.zeros((2, 2), dtype=bool)


def all_assignments(per_item, min_load, max_load, forbidden, fixed):
    n_items, n_people = forbidden.shape
    rows = [list(combinations(np.nonzero(~forbidden[i])[0], int(per_item[i]))) for i in range(n_items)]
    for chosen in product(*rows):
        pairs = np.zeros(forbidden.shape, dtype=bool)
        for i, people in enumerate(chosen):
            pairs[i, list(people)] = True
        loads = pairs.sum(axis=0)
        if (loads >= min_load).all() and (loads <= max_load).all() and pairs[fixed].all():
            yield pairs


def value(pairs, affinity):
    totals = np.where(pairs, affinity, 0).sum(axis=1)
    return int(totals.min()), int(totals.sum())


@st.composite
def instances(draw):
    n_items, n_people = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    grid = st.integers(0, 9)
    affinity = np.array(draw(st.lists(grid, min_size=n_items * n_people, max_size=n_items * n_people)))
    flags = st.lists(st.integers(0, 9), min_size=n_items * n_people, max_size=n_items * n_people)
    forbidden = np.array(draw(flags)) < 2
    fixed = (np.array(draw(flags)) < 1) & ~forbidden
    low = np.array(draw(st.lists(st.integers(0, 2), min_size=n_people, max_size=n_people)))
    high = low + np.array(draw(st.lists(st.integers(0, 3), min_size=n_people, max_size=n_people)))
    per_item = np.array(draw(st.lists(st.integers(1, 2), min_size=n_items, max_size=n_items)))
    shape = (n_items, n_people)
    return affinity.reshape(shape), per_item, low, high, forbidden.reshape(shape), fixed.reshape(shape)


def assert_true_proof(block, per_item, low, high, forbidden, fixed):
    """Recount the blocking set: what it says is needed exceeds what could be given."""
    items, people = list(block.items), list(block.people)
    assert block.need > block.available
    if block.sentence.startswith("{items}"):
        admissible = ~forbidden[items]
        assert set(np.nonzero(admissible.any(axis=0))[0]) <= set(people) or fixed.any()
        if not fixed.any():
            assert block.need == per_item[items].sum()
            assert block.available == np.minimum(high, admissible.sum(axis=0)).sum()
    elif not fixed.any():
        assert block.need == low[people].sum()
        assert block.available == np.minimum(per_item, (~forbidden[:, people]).sum(axis=1)).sum()


def assert_no_part_proves_it(block, per_item, low, high, forbidden):
    """Without any one of its items (or people) the rest could be served."""
    if block.sentence.startswith("{items}"):
        parts, need, admissible, room = block.items, per_item, ~forbidden, high
    else:
        parts, need, admissible, room = block.people, low, ~forbidden.T, per_item
    for size in range(1, len(parts)):
        for some in map(list, combinations(parts, size)):
            assert need[some].sum() <= np.minimum(room, admissible[some].sum(axis=0)).sum()


@settings(max_examples=500, deadline=None, derandomize=True)
@given(instances())
def test_assign_equals_brute_force_or_names_a_true_blocking_set(instance):
    affinity, per_item, low, high, forbidden, fixed = instance
    candidates = [value(pairs, affinity) for pairs in all_assignments(per_item, low, high, forbidden, fixed)]
    call = {"per_item": per_item, "min_load": low, "max_load": high, "forbidden": forbidden, "fixed": fixed}

    if not candidates:
        with pytest.raises(Infeasible) as refused:
            assign(affinity, **call)
        for block in refused.value.blocking:
            assert_true_proof(block, per_item, low, high, forbidden, fixed)
            if not fixed.any():
                assert_no_part_proves_it(block, per_item, low, high, forbidden)
        return
    pairs = assign(affinity, **call)
    assert value(pairs, affinity) == max(candidates)
    assert not pairs[forbidden].any()
    assert pairs[fixed].all()
    assert ((low <= pairs.sum(axis=0)) & (pairs.sum(axis=0) <= high)).all()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(instances(), st.integers(0, 2**20), st.sampled_from([2, 4, 6]))
def test_preferred_sums_come_before_the_floor_and_decimals_stay_exact(instance, seed, places):
    _affinity, per_item, low, high, forbidden, fixed = instance
    rng = np.random.default_rng(seed)
    affinity = np.round(rng.random(forbidden.shape) * 3, places)
    kept, spare = rng.integers(0, 2, forbidden.shape), -rng.integers(0, 2, forbidden.shape)

    def ranked(pairs):
        got = np.rint(np.where(pairs, affinity, 0) * 10**places).astype(int).sum(axis=1)
        return (pairs * kept).sum(), (pairs * spare).sum(), got.min(), got.sum()

    candidates = [ranked(pairs) for pairs in all_assignments(per_item, low, high, forbidden, fixed)]
    call = {"per_item": per_item, "min_load": low, "max_load": high, "forbidden": forbidden, "fixed": fixed}
    if candidates:
        found = solve(affinity, **call, preferred=(kept, spare))
        assert found.proved
        assert ranked(found.pairs) == max(candidates)
        assert abs(found.floor - ranked(found.pairs)[2] / 10**places) < 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_prices_from_shortest_ways_prove_the_same_optimum(seed):
    rng = np.random.default_rng(seed)
    values, forbidden = rng.integers(-50, 50, (9, 5)), rng.random((9, 5)) < 0.2
    problem = transport.Transport(np.full(9, 2), np.full(5, 3), np.full(5, 5), ~forbidden, np.zeros((9, 5), dtype=bool))

    pairs = transport.largest(problem, values)

    assert transport._proved(problem, values, pairs, *transport._prices(problem, values, pairs))


@pytest.mark.parametrize("seed", range(20))
def test_assign_never_makes_a_forbidden_pair(seed):
    rng = np.random.default_rng(seed)
    forbidden = rng.random((24, 12)) < 0.2

    pairs = assign(rng.random((24, 12)), per_item=3, min_load=4, max_load=8, forbidden=forbidden, seed=seed)

    assert not (pairs & forbidden).any()
    assert pairs.sum(axis=1).tolist() == [3] * 24
    assert pairs.sum(axis=0).min() >= 4
    assert pairs.sum(axis=0).max() <= 8


def test_assign_prefers_the_worst_off_item_to_the_sum():
    affinity = np.array([[10, 6], [5, 0]])  # sums: 10 + 0 = 10, or 6 + 5 = 11 with floor 5

    pairs = assign(affinity, per_item=1, min_load=0, max_load=1, forbidden=NONE_FORBIDDEN)

    assert pairs.tolist() == [[False, True], [True, False]]


def test_assign_takes_a_smaller_sum_for_a_higher_floor():
    affinity = np.array([[1.0, 0.4], [0.5, 0.0]])  # sums 1.0 (floor 0) and 0.9 (floor 0.4)

    pairs = assign(affinity, per_item=1, min_load=0, max_load=1, forbidden=NONE_FORBIDDEN)

    assert pairs.tolist() == [[False, True], [True, False]]


def test_assign_draws_ties_by_seed_and_repeats_itself():
    flat = np.ones((6, 6))
    forbidden = np.zeros((6, 6), dtype=bool)

    def drawn(seed):
        return assign(flat, per_item=1, min_load=1, max_load=1, forbidden=forbidden, seed=seed).tolist()

    assert drawn(1) == drawn(1)
    assert len({str(drawn(seed)) for seed in range(5)}) > 1


def test_assign_keeps_fixed_pairs():
    fixed = np.array([[True, False], [False, False]])

    pairs = assign(
        np.array([[0, 9], [9, 0]]), per_item=1, min_load=0, max_load=1, forbidden=NONE_FORBIDDEN, fixed=fixed
    )

    assert pairs.tolist() == [[True, False], [False, True]]


def test_assign_of_nothing_is_nothing():
    empty = np.zeros((0, 3))

    assert assign(empty, per_item=2, min_load=0, max_load=1, forbidden=empty.astype(bool)).shape == (0, 3)


def test_infeasible_names_the_items_and_their_people():
    forbidden = np.array([[False, True, True], [False, True, True], [False, False, False]])

    with pytest.raises(Infeasible) as refused:
        assign(np.ones((3, 3)), per_item=1, min_load=0, max_load=1, forbidden=forbidden)

    (block,) = refused.value.blocking
    assert (block.items, block.people, block.need, block.available) == ((0, 1), (0,), 2, 1)
    assert block.text(["甲项目", "乙项目", "丙项目"], ["评委A", "评委B", "评委C"]) == (
        "甲项目、乙项目 这 2 项共需 2 人次，可以安排的人（评委A）最多只能承担 1 人次，"
        "还差 1 人次。请增加人选、提高他们的上限，或减少每项所需人数。"
    )


def test_infeasible_names_people_whose_minimum_cannot_be_filled():
    forbidden = np.array([[False, True], [False, True]])

    with pytest.raises(Infeasible) as refused:
        assign(np.ones((2, 2)), per_item=1, min_load=[0, 1], max_load=2, forbidden=forbidden)

    (block,) = refused.value.blocking
    assert (block.items, block.people, block.need, block.available) == ((), (1,), 1, 0)
    assert "2 号 这 1 人至少要安排 1 项次" in refused.value.sentence


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"min_load": 2, "max_load": 1}, "下限 2 大于上限 1"),
        ({"fixed": np.eye(2, dtype=bool), "forbidden": np.eye(2, dtype=bool)}, "须回避，却又被指定在一起"),
        ({"fixed": np.ones((2, 2), dtype=bool)}, "最多只有 1 项次"),
    ],
)
def test_infeasible_input_is_refused_in_words(changes, words):
    call = {"per_item": 1, "min_load": 0, "max_load": 2, "forbidden": NONE_FORBIDDEN, **changes}

    with pytest.raises(Infeasible, match=words):
        assign(np.ones((2, 2)), **call)


@pytest.mark.parametrize("affinity", [np.full((2, 2), np.nan), np.ones((2, 3))])
def test_assign_refuses_what_is_not_a_table_of_numbers(affinity):
    with pytest.raises(ValueError, match="finite|shape"):
        assign(affinity, per_item=1, min_load=0, max_load=2, forbidden=NONE_FORBIDDEN)


def test_assign_settles_a_contested_floor():
    """Everybody wants the same few people, so the floor each item could reach alone is out of reach."""
    rng = np.random.default_rng(5)
    affinity = np.round(rng.random(6) + rng.random((8, 6)) * 0.1, 2)

    pairs = assign(affinity, per_item=2, min_load=2, max_load=3, forbidden=np.zeros((8, 6), dtype=bool), seed=1)

    assert pairs.sum(axis=1).tolist() == [2] * 8
    assert set(pairs.sum(axis=0).tolist()) <= {2, 3}


def test_assign_says_so_when_time_runs_out():
    """Everybody wants the same judges, so the floor is not what an item could reach alone."""
    rng = np.random.default_rng(5)
    affinity = rng.random(12) + rng.random((30, 12)) * 0.1

    with pytest.raises(Unsolved, match="限定时间") as refused:
        assign(
            affinity,
            per_item=3,
            min_load=0,
            max_load=8,
            forbidden=np.zeros((30, 12), dtype=bool),
            time_limit_seconds=0,
        )
    assert refused.value.best.sum(axis=1).tolist() == [3] * 30
