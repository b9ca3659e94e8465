"""Makes the schema for the test database."""

from __future__ import annotations

from flask_migrate import upgrade

from matchmaker.core.db import db


def create() -> None:
    """From the migrations where they describe the models, as in production."""
    from pathlib import Path

    import matchmaker

    if any((Path(matchmaker.__file__).parent / "migrations" / "versions").glob("*.py")):
        upgrade()
    else:
        db.create_all()
