"""Makes the schema for the test database."""

from __future__ import annotations

import os

from matchmaker.core import migrating
from matchmaker.core.db import db


def create() -> None:
    """From the migrations, as in production; while tables are being designed, MATCHMAKER_TEST_SCHEMA=models."""
    if os.environ.get("MATCHMAKER_TEST_SCHEMA") == "models":
        db.create_all()
    else:
        migrating.upgrade()
