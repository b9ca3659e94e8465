"""What the load tests serve: the platform, and the naked view. Loaded by gunicorn in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from matchmaker.app import create_app
from matchmaker.core import sqlite
from matchmaker.core.db import db
from tests.benchmarks import replay


def platform() -> Any:
    """The platform as it is served."""
    return create_app()


def naked() -> Any:
    """The naked view on the same database, driver and pragmas."""
    app = create_app()
    with app.app_context():
        engine = db.engine
    statements, callers = replay.kept(Path(os.environ["BENCH_STATEMENTS"]))
    return replay.naked(engine, statements, callers, sqlite.writer_gate)
