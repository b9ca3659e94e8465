"""Alembic's environment: the application's engine, batch mode for SQLite, plain column types in the scripts."""

from __future__ import annotations

from alembic import context
from flask import current_app

from matchmaker.core.db import db
from matchmaker.migrations.comparing import OPTIONS, render_item


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
            **OPTIONS,
            render_as_batch=extra.get("render_as_batch", True),
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
