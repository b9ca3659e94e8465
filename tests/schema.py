"""Makes the schema for the test database."""

from __future__ import annotations

from matchmaker.core import migrating


def create() -> None:
    """From the migrations where they describe the models, as in production."""
    migrating.upgrade()
