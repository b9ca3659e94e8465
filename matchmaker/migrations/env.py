"""Alembic's environment: the application's engine, batch mode for SQLite, plain column types in the scripts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from matchmaker.core.db import ExactNumber, UtcDateTime, db


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as what they are in SQL, so that old scripts need none of our code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, ExactNumber):
        return "sa.Numeric(20, 6).with_variant(sa.String(32), 'sqlite')"
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def compare_type(
    _context: Any, _inspected: Any, _metadata: Any, inspected_type: Any, metadata_type: Any
) -> bool | None:
    """Our own types are stored as the plain ones above; let Alembic judge all others."""
    if isinstance(metadata_type, UtcDateTime | ExactNumber):
        return False
    if isinstance(metadata_type, sa.Enum):
        return not isinstance(inspected_type, sa.String)
    return None


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Everything but SQLite's own tables."""
    return not (kind == "table" and name is not None and name.startswith("sqlite_"))


def run() -> None:
    """Apply the scripts over one connection, in one transaction where the database can."""
    assert not context.is_offline_mode(), "migrations run against a database"
    extra = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        connection = connection.execution_options(matchmaker_write=True)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            compare_type=compare_type,
            include_object=include_object,
            render_as_batch=extra.get("render_as_batch", True),
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
