"""A list page over 10 000 rows against the same page over 100: the ratio is printed and must stay within 1.5."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import pytest
import sqlalchemy as sa

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import transaction
from matchmaker.directory.models import Organisation
from matchmaker.directory.rules import OrganisationKind, OrganisationState
from tests.cast import a_user, sign_in

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
PAGE = "/directory/organisations/"
ROUNDS = 30


def fill(count, *, start):
    state = next(state for state in OrganisationState if state.label == "有效")
    common = {"region": "650105", "kind": OrganisationKind.ENTERPRISE, "state": state}
    moments = {"created": clock.now(), "updated": clock.now()}
    rows = [
        {**common, **moments, "name": f"企业{n}", "folded_name": f"企业{n}", "pinyin": f"qy{n}"}
        for n in range(start, start + count)
    ]
    with transaction() as session:
        session.execute(sa.insert(Organisation), rows)


def seconds(client, address):
    client.get(address)  # warm
    times = []
    for _round in range(ROUNDS):
        began = perf_counter()
        assert client.get(address).status_code == 200
        times.append(perf_counter() - began)
    return median(times)


@pytest.mark.parametrize("query", ["", "?sort=-name", "?page=2"])
def test_organisations_with_10_000_rows_against_100(app, query):
    client = sign_in(app.test_client(), a_user(Role.HANDLER))
    fill(100, start=0)
    few = seconds(client, PAGE + query)
    fill(9_900, start=100)

    many = seconds(client, PAGE + query)

    print(f"\nlist page{query or ' (first)'}: 100 rows {few * 1000:.1f} ms, 10 000 rows {many * 1000:.1f} ms,", end=" ")
    print(f"ratio {many / few:.2f}")
    assert many <= 1.5 * few
