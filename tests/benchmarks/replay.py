"""A naked Flask view that runs the same statements as one of our requests, in one transaction behind the same gate.

The statements of two real requests are recorded; where their parameters differ they are per-request values: a key that
the database gave to a row of this request, a value of the caller, or a fresh random text.
"""

from __future__ import annotations

import pickle
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect

INSERTED = re.compile(r"INSERT INTO (\w+)")


@dataclass(frozen=True)
class Statement:
    """One statement as the driver got it. `slots`: position → (kind, key) of the parameters that a request fills."""

    sql: str
    parameters: Any
    slots: dict[Any, tuple[str, str]]
    table: str | None  # the table whose new key it returns


@contextmanager
def recorded(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements sent while the block runs."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not sql.startswith(("BEGIN", "PRAGMA")):
            seen.append((sql, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def script(
    first: Sequence[tuple[str, Any]],
    second: Sequence[tuple[str, Any]],
    *,
    callers: tuple[dict[str, Any], dict[str, Any]],
    keys: tuple[dict[str, int], dict[str, int]],
) -> list[Statement]:
    """What both requests did, with the places where they differ. `keys`: table → key of the row each one inserted."""
    assert [sql for sql, _ in first] == [sql for sql, _ in second], "the two requests took different ways"
    return [
        Statement(sql, one, _slots(one, two, callers, keys), _table(sql))
        for (sql, one), (_sql, two) in zip(first, second, strict=True)
    ]


def _table(sql: str) -> str | None:
    found = INSERTED.match(sql)
    return found.group(1) if found else None


def _slots(one: Any, two: Any, callers: Any, keys: Any) -> dict[Any, tuple[str, str]]:
    places = one.keys() if isinstance(one, dict) else range(len(one))
    slots = {}
    for place in places:
        if one[place] == two[place]:
            continue
        pair = (one[place], two[place])
        caller = next((k for k in callers[0] if (callers[0][k], callers[1][k]) == pair), None)
        key = next((k for k in keys[0] if (keys[0][k], keys[1].get(k)) == pair), None)
        if caller is not None:
            slots[place] = ("caller", caller)
        elif key is not None:
            slots[place] = ("key", key)
        elif isinstance(one[place], str) and not one[place][:4].isdigit():
            slots[place] = ("random", "")
    return slots


def naked(engine: sa.Engine, statements: Sequence[Statement], callers: Sequence[dict[str, Any]], gate: Any) -> Flask:
    """The Flask application with one view: POST /<caller> runs the statements and redirects."""
    app = Flask("naked")
    app.get("/healthz")(lambda: "ok")

    @app.post("/<int:number>")
    def run(number: int) -> Any:
        caller, keys = callers[number], {}
        with gate(engine), engine.connect() as connection:
            connection = connection.execution_options(matchmaker_write=True)
            with connection.begin():
                for statement in statements:
                    result = connection.exec_driver_sql(statement.sql, _filled(statement, caller, keys))
                    rows = result.fetchall() if result.returns_rows else []
                    if statement.table:
                        keys[statement.table] = rows[0][0] if rows else result.lastrowid
        return redirect("/done", 303)

    return app


def _filled(statement: Statement, caller: dict[str, Any], keys: dict[str, int]) -> Any:
    if not statement.slots:
        return statement.parameters
    given = statement.parameters
    filled: Any = dict(given) if isinstance(given, dict) else list(given)
    for place, (kind, name) in statement.slots.items():
        filled[place] = caller[name] if kind == "caller" else keys[name] if kind == "key" else secrets.token_hex(8)
    return filled if isinstance(filled, dict) else tuple(filled)


def keep(path: Path, statements: Sequence[Statement], callers: Sequence[dict[str, Any]]) -> None:
    """Write them down for the server process."""
    path.write_bytes(pickle.dumps((list(statements), list(callers))))


def kept(path: Path) -> tuple[list[Statement], list[dict[str, Any]]]:
    """Read them in the server process."""
    statements, callers = pickle.loads(path.read_bytes())  # noqa: S301 - written by this run
    return statements, callers
