"""The application under test, a fresh database for every test, a client whose requests are real requests.

The database is a file copied from a migrated template (SQLite) or created from one (PostgreSQL, with
MATCHMAKER_TEST_DATABASE=postgresql), so commits, constraints and locks are the real ones.
"""

from __future__ import annotations

import contextvars
import os
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from matchmaker.app import create_app
from matchmaker.core import clock, sqlite
from matchmaker.core.db import db
from matchmaker.core.web import limiter
from matchmaker.settings import Settings
from tests import postgres, unsettled

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Beijing
hypothesis.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("house")  # a busy machine is no finding
SERVER: pytest.StashKey[Any] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """With PostgreSQL wanted: one server for the run, started by the process that the workers descend from."""
    if postgres.wanted() and not hasattr(config, "workerinput"):
        config.stash[SERVER] = postgres.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this run started."""
    server = config.stash.get(SERVER, None)
    if server is not None:
        postgres.stop(server)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only the tests that touch a database are worth running again."""
    if not postgres.wanted():
        return
    chosen = [item for item in items if _touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _touches_database(item: pytest.Item) -> bool:
    named = {"app", "application"} & set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("postgres") or (named and not item.get_closest_marker("sqlite")))


def shared_data() -> Path:
    """The folder of real data beside the checkout, which tests may read and the project does not carry."""
    return Path(os.environ.get("MATCHMAKER_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


class Client(FlaskClient):
    """A client whose every request runs in a context of its own, as in a server; the test's session sees the result."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()
        response = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return response


@pytest.fixture(scope="session")
def test_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of the application under test."""
    folder = tmp_path_factory.mktemp("instance")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    values: dict[str, Any] = {
        "secret_key": "tests-" + "x" * 32,
        "instance": str(folder),
        "mail_backend": "locmem",
        "password_cost": "cheap",
        "flood_limit": "",
        "base_url": "http://localhost",
    }
    if postgres.wanted():
        name = f"matchmaker_{worker}"
        yield Settings(**values, database_url=postgres.create_database(name))
        postgres.drop_database(name)
        return
    yield Settings(**values)


@pytest.fixture(scope="session")
def application(test_settings: Settings) -> Iterator[Any]:
    """One application for the whole run, on a migrated template database."""
    app = create_app(test_settings)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Client
    app.config["TEST_RESET"] = _template(app)
    with app.app_context():
        engine = db.engine
    with unsettled.backwards(engine) if unsettled.wanted() else nullcontext():
        yield app


def _template(app: Any) -> Any:
    with app.app_context():
        from tests import schema

        schema.create()
        engine = db.engine
        if engine.dialect.name == "postgresql":
            return postgres.resetter(engine)
        engine.dispose()
        path = Path(engine.url.database)
        template = path.with_suffix(".template")
        shutil.copy(path, template)
        return lambda: _copy(engine, template, path)


def _copy(engine: sa.Engine, template: Path, path: Path) -> None:
    engine.dispose()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(template, path)


@pytest.fixture
def app(application: Any) -> Iterator[Any]:
    """The application with an empty database; an application context for the test itself."""
    application.config["TEST_RESET"]()
    limiter.enabled = False  # one object for all applications: a test of floods may have switched it on
    with application.app_context():
        yield application
        db.session.remove()


@pytest.fixture
def client(app: Any) -> Client:
    """Nobody's browser."""
    return app.test_client()


@pytest.fixture
def now() -> Iterator[datetime]:
    """The clock stopped at a Monday morning."""
    with clock.frozen(NOW):
        yield NOW


@pytest.fixture
def count_queries(app: Any) -> Iterator[list[str]]:
    """The statements sent to the database while the test runs."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture(scope="session", autouse=True)
def _fast_sqlite() -> None:
    """Tests need no durability against power loss, but everything else."""
    original = sqlite._on_connect

    def relaxed(connection: Any, record: Any) -> None:
        original(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    sqlite._on_connect = relaxed
