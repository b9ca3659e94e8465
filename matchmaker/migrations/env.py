"""Alembic's environment: the application's engine, batch mode for SQLite, plain column types in the scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app

from matchmaker.core.db import db
from matchmaker.migrations.comparing import OPTIONS, render_item


@contextmanager
def _tables_may_be_rebuilt(connection: Any) -> Iterator[None]:
    """SQLite changes a table by writing it anew; meanwhile other tables' rows point to it. Outside any transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Apply the scripts over one connection, in one transaction where the database can."""
    assert not context.is_offline_mode(), "migrations run against a database"
    extra = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection, _tables_may_be_rebuilt(connection):
        connection = connection.execution_options(matchmaker_write=True)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            **OPTIONS,
            render_as_batch=extra.get("render_as_batch", True),
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            assert not broken, f"rows that point nowhere: {broken[:5]}"
        connection.commit()


run()
