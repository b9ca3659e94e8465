"""An organiser and a published event."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from tests.cast import a_user
from tests.factories.events import an_event


@pytest.fixture
def organiser(app, now):
    return a_user(Role.ORGANISER)


@pytest.fixture
def event(organiser):
    return an_event(owner=organiser, capacity=100)
