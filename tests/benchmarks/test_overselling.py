"""A thousand random parallel runs over every path that claims or frees seats: nothing oversold, counters equal rows."""

from __future__ import annotations

import os
from time import perf_counter

import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.events.services import registrations
from tests.cast import a_user
from tests.events import paths

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600), pytest.mark.postgres]


def test_a_thousand_random_parallel_runs(app):
    runs = int(os.environ.get("BENCH_RUNS", "1000"))
    owner_id = a_user(Role.ORGANISER).id
    user_ids = [a_user(Role.INDIVIDUAL).id for _ in range(12)]
    oversold = contradictions = 0
    began = perf_counter()
    for seed in range(runs):
        paths.World(app, seed=seed, owner_id=owner_id, user_ids=user_ids).run()
        db.session.rollback()
        oversold += len(paths.oversold())
        drift, contradicting = registrations.reconcile()
        contradictions += len(drift) + len(contradicting)
        assert not (oversold or contradictions), f"seed {seed}"

    print(f"\n{db.engine.dialect.name}: {runs} runs of 5 threads × 6 steps in {perf_counter() - began:.0f} s:", end=" ")
    print(f"{oversold} oversold, {contradictions} contradictions")
