"""SQLite made fit for many writers: the driver, the pragmas, and a first-come-first-served writer gate."""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

SAFE_VERSION = (3, 51, 3)  # earlier ones have the WAL-reset corruption bug


def driver() -> ModuleType:
    """The newest SQLite at hand: pysqlite3's own copy where it has a wheel, the system's elsewhere."""
    try:
        import pysqlite3  # type: ignore[import-not-found]

        return pysqlite3.dbapi2
    except ImportError:
        import sqlite3

        return sqlite3


def prepare(engine: Engine) -> None:
    """Attach pragmas and explicit BEGINs to an engine of SQLite; nothing for others."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # Python 3.11 would begin by itself, and too late for savepoints
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "busy_timeout=20000", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("matchmaker_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN DEFERRED")


class WriterGate:
    """Writers take turns in order of arrival: a queue between threads, a file lock between processes.

    Without it SQLite lets writers poll, and the unlucky wait for seconds.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        mine = threading.Event()
        with self._mutex:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        mine.wait()
        try:
            with self._file_lock():
                yield
        finally:
            with self._mutex:
                self._waiting.popleft()
                if self._waiting:
                    self._waiting[0].set()

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        if self._path is None:
            yield
            return
        lock = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


_gates: dict[str, WriterGate] = {}
_gates_mutex = threading.Lock()


@contextmanager
def writer_gate(engine: Engine) -> Iterator[None]:
    """Wait for this process's and this thread's turn to write; free at once where the database has its own order."""
    if engine.dialect.name != "sqlite":
        yield
        return
    path = engine.url.database or ":memory:"
    with _gates_mutex:
        gate = _gates.setdefault(path, WriterGate(None if path == ":memory:" else path + ".writer"))
    with gate.turn():
        yield


def version(connection: sa.Connection) -> tuple[int, ...]:
    """The running SQLite's version."""
    text = connection.execute(sa.text("select sqlite_version()")).scalar_one()
    return tuple(int(part) for part in text.split("."))
