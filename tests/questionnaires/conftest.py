"""A record that owns questionnaires: an organisation, whose members edit its forms and see its answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matchmaker.core.feature import Features
from tests.factories.directory import an_organisation


class Pools:
    """Where the owner keeps the places of options."""

    def __init__(self) -> None:
        self.kept: dict[int, tuple[str, int]] = {}
        self.left: dict[int, int] = {}

    def keep(self, _questionnaire: Any, wanted: Any) -> dict[str, int]:
        found = {}
        for each in wanted:
            pool = each.pool or len(self.kept) + 1
            self.kept[pool] = (each.label, each.places)
            found[each.option_id] = pool
        return found

    def places_left(self, pools: Any) -> dict[int, int]:
        return {pool: self.left.get(pool, self.kept[pool][1]) for pool in pools}


@pytest.fixture
def pools() -> Pools:
    return Pools()


@pytest.fixture
def firm(app: Any, pools: Pools, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The owner."""

    def member(viewer: Any, organisation_id: int) -> bool:
        return organisation_id in viewer.organisation_ids

    registry = app.extensions["matchmaker.features"]
    first, *others = registry.all
    host = replace(
        first,
        questionnaire_access={"organisations": member},
        answer_access={"organisations": member},
        questionnaire_home={"organisations": lambda _id: ("主办单位", "/")},
        option_places={"organisations": pools.keep},
        places_left={"organisations": pools.places_left},
    )
    monkeypatch.setitem(app.extensions, "matchmaker.features", Features([host, *others]))
    return an_organisation()
