"""The worst-off need first: a choice of the round, and what it costs against the largest sum."""

from __future__ import annotations

import re

import numpy as np
import pytest

from matchmaker.accounts.rules import Role
from matchmaker.core.db import transaction
from matchmaker.rounds import engine, queries
from matchmaker.rounds.rules import Aim
from matchmaker.rounds.services import planning, reporting
from tests.cast import a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.matching import a_need
from tests.factories.rosters import a_helper
from tests.factories.rounds import a_round

SNOW, WINE = "下雪天的视频识别误报太多", "葡萄酒酿造工艺不稳定"
SCORES = np.array([[0.9, 0.5], [0.6, 0.3]])
RULES = {"wanted": [1, 1], "room": [1, 1], "seed": 1}


def test_the_engine_tells_both_plans():
    allowed = np.ones(SCORES.shape, dtype=bool)

    largest = engine.plan(SCORES, allowed, **RULES)
    fair = engine.plan(SCORES, allowed, aim=Aim.WORST, **RULES)

    assert (largest.pairs, largest.least, largest.raised) == ([(0, 0), (1, 1)], 0.3, None)
    assert (fair.pairs, fair.least) == ([(0, 1), (1, 0)], 0.5)
    assert fair.total == pytest.approx(1.1)
    assert fair.raised == engine.Raised(total=pytest.approx(1.2), least=0.3, ceiling=0.5, proved=True)


def test_nobody_to_propose_has_no_worst_off():
    found = engine.plan(SCORES, np.zeros(SCORES.shape, dtype=bool), aim=Aim.WORST, **RULES)

    assert (found.pairs, found.least, found.unserved) == ([], None, [0, 1])
    assert found.raised == engine.Raised(0.0, None, None, True)


@pytest.fixture
def row(app, now):
    owner = a_user(organisation=an_organisation())
    both = a_helper(user=a_user(name="甲"), name="甲", expertise=SNOW + "，" + WINE)
    less = a_helper(user=a_user(name="乙"), name="乙", expertise=SNOW + "，葡萄种植")
    needs = [a_need(actor=owner, title=text, text=text) for text in (SNOW, WINE)]
    return a_round(needs, [both, less], actor=a_user(Role.HANDLER, name="经办"), aim=Aim.WORST)


def names(row):
    return {(pair.need.title, pair.person.name) for pair in queries.pairs_of(row.id)}


def test_the_preview_tells_the_worst_off_before_and_after(row, client):
    told = reporting.told(row, queries.pairs_of(row.id))
    assert names(row) == {(SNOW, "乙"), (WINE, "甲")}
    assert told.raised.proved
    assert told.raised.least <= told.least == told.raised.ceiling
    assert told.total <= told.raised.total
    sign_in(client, row.created_by)

    page = client.get(f"/needs/rounds/{row.id}").text

    assert f"总匹配度最高的方案为 {told.raised.least} 分；已证明不能更高" in page
    assert "先保障最弱的需求" in page


def test_the_other_choice_tells_the_worst_off_alone(row, client):
    with transaction():
        row.aim = Aim.SUM
        planning.plan(row, actor=row.created_by)

    told = reporting.told(row, queries.pairs_of(row.id))
    assert told.raised is None and told.least is not None
    sign_in(client, row.created_by)
    assert "已证明不能更高" not in client.get(f"/needs/rounds/{row.id}").text


def test_the_form_keeps_the_choice_and_refuses_another(row, client):
    sign_in(client, row.created_by)
    address = f"/needs/rounds/{row.id}/edit"
    given = {"title": "春季", "per_need": "1", "per_helper": "1", "floor": "0", "message": ""}
    given |= {"needs": [n.id for n in queries.needs_of(row.id)], "helpers": [h.id for h in queries.helpers_of(row.id)]}
    assert re.search(r'<input [^>]*checked[^>]*value="worst"', client.get(address).text)

    assert client.post(address, data=given | {"aim": "best"}).status_code == 422
    assert row.aim is Aim.WORST
    assert client.post(address, data=given | {"aim": "sum"}).status_code == 303
    assert row.aim is Aim.SUM
