"""The page of suggestions over HTTP with many helpers in the database: p95 of a warm process, and the first page."""

from __future__ import annotations

import os
from datetime import timedelta
from time import perf_counter, process_time

import numpy as np
import pytest
import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.directory.models import Person
from matchmaker.rosters.models import Appointment, HelperProfile
from matchmaker.rosters.rules import AppointmentKind, AppointmentState
from tests.benchmarks.helpers_at_scale import PAPERS, needs, profiles
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import a_need

pytestmark = [
    pytest.mark.bench,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not PAPERS.exists(), reason=f"no {PAPERS.name} in ../shared/data"),
]
SIZE = int(os.environ.get("BENCH_HELPERS", "100000"))


def fill(count):
    now, today = clock.now(), clock.today()
    common = {"region": "650105", "created": now, "updated": now}
    state = next(state for state in AppointmentState if state.value in {"appointed", "in_service", "serving"})
    term = {"starts": today, "ends": today + timedelta(days=365), "kind": AppointmentKind.MENTOR, "state": state}
    with transaction() as session:
        for start in range(1, count + 1, 5000):
            some = list(profiles(min(5000, count + 1 - start), seed=start))
            ids = range(start, start + len(some))
            names = [f"导师{n}" for n in ids]
            session.execute(
                sa.insert(Person),
                [
                    {**common, "id": n, "name": m, "folded_name": m, "pinyin": f"ds{n}"}
                    for n, m in zip(ids, names, strict=True)
                ],
            )
            session.execute(
                sa.insert(Appointment), [{**common, **term, "person_id": n, "document": "测试聘字 1 号"} for n in ids]
            )
            texts = ["。".join(text for text, _ in profile.documents) for profile in some]
            session.execute(
                sa.insert(HelperProfile),
                [
                    {"person_id": n, "expertise": t, "capacity": 2, "updated": now}
                    for n, t in zip(ids, texts, strict=True)
                ],
            )


def test_suggestions_over_http(app, client):
    fill(SIZE)
    owner = a_user(organisation=an_organisation())
    stated = [a_need(actor=owner, title=n.text[:40], text=n.text, kept_reason="论文原句") for n in needs(40)]
    pages = [f"/needs/{need.id}/suggestions" for need in stated]
    sign_in(client, owner)
    began = perf_counter()
    assert client.get(pages[0]).status_code == 200
    first = perf_counter() - began
    client.get(pages[1])

    rows = []
    for address in pages:
        wall, cpu = perf_counter(), process_time()
        answer = client.get(address)
        rows.append((1000 * (perf_counter() - wall), 1000 * (process_time() - cpu)))
        assert answer.status_code == 200 and "匹配度" in answer.text

    wall, cpu = np.percentile(np.array(rows), 95, axis=0)
    print(f"\nsuggestions page, {SIZE} helpers: p95 {wall:.1f} ms wall, {cpu:.1f} ms CPU; the first one {first:.1f} s")
    assert cpu <= 60
