"""The announced years, and the staff who handle and approve."""

from __future__ import annotations

import pytest

from matchmaker.accounts.rules import Role
from tests.cast import a_user
from tests.factories.publicity import announced_years


@pytest.fixture
def years(app):
    announced_years()


@pytest.fixture
def handler(years, now):
    return a_user(Role.HANDLER)


@pytest.fixture
def approver(years, now):
    return a_user(Role.APPROVER)
