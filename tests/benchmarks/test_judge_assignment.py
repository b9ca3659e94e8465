"""600 entries, 60 judges, 5 each, 5 % recused: the whole plan against a bare linear programme of the same size.

The bare programme only finds the largest sum. The plan proves the largest floor first, draws by the seed, names its
pairs and says how well it hangs together and what precision to expect.
"""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from matchmaker.competition.engine.assigning import Judge, Task, arranged, plan
from matchmaker.competition.engine.linking import connectivity, with_anchors, with_links
from matchmaker.competition.engine.precision import expected

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
MOST_RATIO, MOST_SECONDS = 10, 5
ENTRIES, JUDGES, EACH, TRACKS = 600, 60, 5, 6


def a_task(kind, seed=1):
    dice = np.random.default_rng(seed)
    entries = {f"E{i:03d}": f"T{dice.integers(TRACKS)}" for i in range(ENTRIES)}
    judges = [Judge(f"J{j:02d}", frozenset({f"T{j % TRACKS}"}), 40, 60) for j in range(JUDGES)]
    grid = [(entry, judge.id) for entry in entries for judge in judges]
    conflicts = frozenset(pair for pair in grid if dice.random() < 0.05)
    fame = {judge.id: dice.random() for judge in judges}
    affinity = {
        "tracks": lambda pair: None,
        "random": lambda pair: round(float(dice.random()), 4),
        "wanted": lambda pair: round(float(fame[pair[1]] + 0.1 * dice.random()), 2),
    }[kind]
    scores = {} if kind == "tracks" else {pair: affinity(pair) for pair in grid}
    return Task(entries, judges, EACH, conflicts, scores, seed=seed, seconds=10)


def bare(table):
    """Seconds for the largest sum alone, with the rows and columns ready."""
    items, people = np.nonzero(~table.forbidden)
    variables, ones = np.arange(items.size), np.ones(items.size)
    by_entry = sparse.csr_array((ones, (items, variables)), shape=(ENTRIES, items.size))
    by_judge = sparse.csr_array((ones, (people, variables)), shape=(JUDGES, items.size))
    began = perf_counter()
    result = linprog(
        -table.affinity[items, people],
        A_ub=sparse.vstack([by_judge, -by_judge]),
        b_ub=np.concatenate([table.most, -table.least]),
        A_eq=by_entry,
        b_eq=table.per_entry,
        bounds=(0, 1),
        method="highs",
    )
    return perf_counter() - began, -result.fun


@pytest.mark.parametrize("kind", ["tracks", "random"])
def test_a_plan_against_a_bare_programme(kind):
    task = a_task(kind)
    plan(task)  # warm
    alone, largest = min(bare(arranged(task)) for _ in range(3))

    began = perf_counter()
    found = plan(task)
    connectivity(task.entries, found.pairs)
    expected(task.entries, found.pairs)
    seconds = perf_counter() - began
    began = perf_counter()
    linked, anchored = with_links(task, found), with_anchors(task, found)
    proposals = perf_counter() - began

    print(f"\n{kind}: plan {seconds:.2f} s, bare programme {alone:.2f} s, ratio {seconds / alone:.1f}", end="; ")
    print(f"floor {found.floor:g} (bound {found.ceiling:g}), sum {found.total:.2f} of {largest:.2f}", end="; ")
    print(f"links and anchors {proposals:.2f} s")
    for name, other in (("links", linked), ("anchors", anchored)):
        if other:
            before, after = expected(task.entries, found.pairs), other.precision
            print(f"  {name}: error {before.calibrated:.2f} -> {after.calibrated:.2f}", end=", ")
            print(f"across tracks {before.calibrated_across:.2f} -> {after.calibrated_across:.2f}", end=", ")
            print(f"crossing {other.connectivity.share:.1%}, floor -{other.floor_lost:g}, sum -{other.total_lost:g}")
    assert found.proved
    assert not set(found.pairs) & set(task.conflicts)
    assert seconds <= max(MOST_RATIO * alone, MOST_SECONDS)
    assert seconds <= MOST_RATIO * alone


def test_a_plan_where_all_want_the_same_judges():
    task = a_task("wanted")
    began = perf_counter()

    found = plan(task)

    print(
        f"\nwanted by all: {perf_counter() - began:.1f} s, floor {found.floor:g}, at most {found.ceiling:g}", end=", "
    )
    print("proved" if found.proved else "not proved")
    assert found.floor >= 0.95 * found.ceiling


def test_the_command_from_files(tmp_path):
    task = a_task("random")
    tables = {
        "entries": ["entry,track", *(f"{entry},{track}" for entry, track in task.entries.items())],
        "judges": ["judge,track,min,max", *(f"{j.id},{next(iter(j.tracks))},{j.least},{j.most}" for j in task.judges)],
        "conflicts": ["judge,entry", *(f"{judge},{entry}" for entry, judge in task.conflicts)],
        "affinity": ["judge,entry,score", *(f"{j},{e},{score}" for (e, j), score in task.affinity.items())],
    }
    command = [sys.executable, "-m", "matchmaker", "judging", "assign", "--per-entry", str(EACH)]
    for name, lines in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
        command += [f"--{name}", str(tmp_path / f"{name}.csv")]
    began = perf_counter()

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    print(f"\nthe command, start and reading of {len(task.affinity)} scores included: {perf_counter() - began:.1f} s")
    assert len(done.stdout.splitlines()) == 1 + ENTRIES * EACH
