"""A database of its own for each test of the history, of the kind that this run is about."""

from __future__ import annotations

import pytest

from tests import postgres


@pytest.fixture
def address(tmp_path, request):
    """The address of an empty database."""
    name = request.module.__name__.rpartition(".")[2]
    if not postgres.wanted():
        yield f"sqlite:///{tmp_path / f'{name}.db'}"
        return
    database = f"{name}_{tmp_path.parent.name}".replace("-", "_")
    yield postgres.create_database(database)
    postgres.drop_database(database)
