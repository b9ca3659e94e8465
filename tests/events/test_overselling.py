"""Random steps over all paths in parallel: counters equal rows, nothing is oversold."""

from __future__ import annotations

from matchmaker.accounts.rules import Role
from matchmaker.core.db import db
from matchmaker.events.services import registrations
from tests.cast import a_user
from tests.events import paths

RUNS = 12  # a thousand in the benchmarks


def test_random_steps_in_parallel_never_oversell(app):
    owner_id = a_user(Role.ORGANISER).id
    user_ids = [a_user(Role.INDIVIDUAL).id for _ in range(12)]
    for seed in range(RUNS):
        paths.World(app, seed=seed, owner_id=owner_id, user_ids=user_ids).run()

        db.session.rollback()
        assert paths.oversold() == []
        assert registrations.reconcile() == ([], []), f"seed {seed}"
