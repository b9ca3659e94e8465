"""Bringing the database to a revision of the schema."""

from __future__ import annotations

import logging
from pathlib import Path

import flask_migrate

from matchmaker.core.db import db

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


def has_history() -> bool:
    """Is there a first migration yet?"""
    return any(VERSIONS.glob("*.py"))


def upgrade(revision: str | None = None) -> None:
    """To the newest revision, or to the one named; without any history the tables are made from the models."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if has_history():
        flask_migrate.upgrade(revision=revision or "head")
    else:
        db.create_all()
