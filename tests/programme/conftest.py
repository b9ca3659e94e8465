"""Who plans and who comes."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker.accounts.rules import Role
from tests.cast import a_user
from tests.factories.events import an_event


@pytest.fixture
def organiser(app: Any, now: Any) -> Any:
    return a_user(Role.ORGANISER, name="王组织")


@pytest.fixture
def visitor(app: Any, now: Any) -> Any:
    return a_user(name="李参会")


@pytest.fixture
def event(organiser: Any) -> Any:
    return an_event(owner=organiser, capacity=50)
