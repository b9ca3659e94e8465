"""Plans by name: as good as brute force, independent of the order of rows, gentle when somebody drops out."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.competition.engine.assigning import Judge, Task, plan
from matchmaker.core.errors import DomainError, Refusals


@st.composite
def tasks(draw):
    entries = {f"E{i}": draw(st.sampled_from("AB")) for i in range(draw(st.integers(1, 4)))}
    judges = []
    for j in range(draw(st.integers(1, 4))):
        least = draw(st.integers(0, 1))
        most = draw(st.none() | st.integers(least, 4))
        tracks = frozenset(draw(st.sets(st.sampled_from("AB"), max_size=2)))
        judges.append(Judge(f"J{j}", tracks, least, most, draw(st.integers(0, 4)) == 0))
    grid = [(entry, judge.id) for entry in entries for judge in judges]
    conflicts = frozenset(pair for pair in grid if draw(st.integers(0, 5)) == 0)
    affinity = {pair: draw(st.integers(0, 30)) / 10 for pair in grid if draw(st.booleans())}
    existing = frozenset(pair for pair in grid if draw(st.integers(0, 5)) == 0)
    return Task(entries, judges, draw(st.integers(1, 2)), conflicts, affinity, existing=existing, seed=draw(st.integers(0, 9)))  # fmt: skip  # noqa: E501


def every_plan(task):
    """All plans that keep the rules, by plain search."""
    choices = []
    for entry in task.entries:
        free = [judge.id for judge in task.judges if (entry, judge.id) not in task.conflicts]
        choices.append([[(entry, judge) for judge in some] for some in combinations(free, task.per_entry)])
    for chosen in product(*choices):
        pairs = [pair for panel in chosen for pair in panel]
        loads = Counter(judge for _entry, judge in pairs)
        if all(judge.least <= loads[judge.id] <= (99 if judge.most is None else judge.most) for judge in task.judges):
            yield pairs


def worth(task, pairs):
    """The objectives in their order, counted in tenths."""
    judges = {judge.id: judge for judge in task.judges}
    totals = Counter(dict.fromkeys(task.entries, 0))
    for entry, judge in pairs:
        same = 1.0 if judges[judge].fits(task.entries[entry]) else 0.0
        totals[entry] += round(10 * task.affinity.get((entry, judge), same))
    kept = len(set(pairs) & (set(task.existing) - set(task.conflicts)))
    spared = -sum(judges[judge].standby for _entry, judge in pairs)
    return kept, spared, min(totals.values()), sum(totals.values())


@settings(max_examples=500, deadline=None, derandomize=True)
@given(tasks(), st.randoms(use_true_random=False))
def test_plans_equal_brute_force_in_any_order_of_rows(task, shuffler):
    possible = [worth(task, pairs) for pairs in every_plan(task)]
    if not possible:
        with pytest.raises(DomainError):
            plan(task)
        return

    found = plan(task)

    assert found.proved
    assert worth(task, found.pairs) == max(possible)
    assert not set(found.pairs) & set(task.conflicts)
    assert set(Counter(entry for entry, _judge in found.pairs).values()) == {task.per_entry}
    entries, judges, scores = list(task.entries.items()), list(task.judges), list(task.affinity.items())
    for rows in (entries, judges, scores):
        shuffler.shuffle(rows)
    again = Task(dict(entries), judges, task.per_entry, task.conflicts, dict(scores), existing=task.existing, seed=task.seed)  # fmt: skip  # noqa: E501
    assert plan(again).pairs == found.pairs


def panel(entries=12, judges=6, **changes):
    names = {f"E{i:02d}": "AB"[i % 2] for i in range(entries)}
    seats = [Judge(f"J{j}", frozenset("AB"[j % 2]), 0, 8) for j in range(judges)]
    return Task(names, seats, 3, **changes)


def test_the_seed_chooses_among_equals_and_repeats_itself():
    assert plan(panel(seed=1)).pairs == plan(panel(seed=1)).pairs
    assert len({plan(panel(seed=seed)).pairs for seed in range(6)}) == 1  # each track has just its three judges
    wide = Task({f"E{i}": "" for i in range(6)}, [Judge(f"J{j}") for j in range(6)], 2)
    drawn = {plan(Task(wide.entries, wide.judges, 2, seed=seed)).pairs for seed in range(6)}
    assert len(drawn) == 6


def test_a_late_conflict_moves_one_pair_alone():
    before = plan(panel())
    conflict = before.pairs[5]

    after = plan(panel(existing=before.pairs, conflicts={conflict}))

    assert after.dropped == {conflict}
    assert len(after.new) == 1
    assert after.new[0][0] == conflict[0]


def test_a_judge_who_leaves_keeps_signed_ballots_and_loses_the_rest():
    before = plan(panel())
    own = [pair for pair in before.pairs if pair[1] == "J0"]
    seats = [Judge("J0", frozenset("A"), 2, 8, left=True), *panel().judges[1:]]
    task = panel(existing=before.pairs, signed=own[:2])

    after = plan(Task(task.entries, seats, 3, existing=task.existing, signed=task.signed))

    assert [pair for pair in after.pairs if pair[1] == "J0"] == own[:2]
    assert after.dropped == set(own[2:])
    assert len(after.new) == len(own[2:])


def test_a_signed_ballot_stands_against_a_conflict_found_too_late():
    signed = ("E00", "J0")

    after = plan(panel(signed=[signed], conflicts={signed}))

    assert signed in after.pairs


def test_standby_judges_wait_until_they_are_needed():
    seats = [*panel().judges, Judge("S0", most=8, standby=True)]
    full = panel()
    assert "S0" not in plan(Task(full.entries, seats, 3)).loads()

    short = [*(Judge(judge.id, judge.tracks, 0, 5) for judge in full.judges), seats[-1]]
    assert plan(Task(full.entries, short, 3)).loads()["S0"] == 36 - 6 * 5


def test_an_impossible_task_names_entries_and_judges():
    task = panel(conflicts={("E01", f"J{j}") for j in (1, 3, 5, 0)})

    with pytest.raises(Refusals) as refused:
        plan(task)

    assert [str(reason) for reason in refused.value.all] == [
        "E01 这 1 项共需 3 人次，可以安排的人（J2、J4）最多只能承担 2 人次，"
        "还差 1 人次。请增加人选、提高他们的上限，或减少每项所需人数。"
    ]


def test_more_judges_an_entry_than_there_are_is_refused():
    with pytest.raises(DomainError, match="一共只有 6 位"):
        plan(Task(panel().entries, panel().judges, 7))


@pytest.mark.parametrize("seed", range(3))
def test_a_large_plan_keeps_every_rule(seed):
    dice = np.random.default_rng(seed)
    entries = {f"E{i:03d}": f"T{dice.integers(4)}" for i in range(120)}
    judges = [Judge(f"J{j:02d}", frozenset({f"T{j % 4}"}), 20, 35) for j in range(24)]
    grid = [(entry, judge.id) for entry in entries for judge in judges]
    conflicts = {pair for pair in grid if dice.random() < 0.05}
    affinity = {pair: round(float(dice.random()), 3) for pair in grid}

    found = plan(Task(entries, judges, 5, conflicts, affinity, seed=seed))

    assert found.proved
    assert not set(found.pairs) & conflicts
    assert set(Counter(entry for entry, _judge in found.pairs).values()) == {5}
    assert all(20 <= load <= 35 for load in found.loads().values())
    assert set(found.loads()) == {judge.id for judge in judges}
