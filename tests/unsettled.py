"""A database that returns rows in the worst order it may: what a statement leaves open goes backwards.

PostgreSQL gives rows without a declared order as they lie, and rows that tie under the declared one as it likes; both
move when a row is updated. `backwards()` makes SQLite do the opposite of its habit: a SELECT without ORDER BY is
reversed (a pragma of its own), and one with ORDER BY gets the descending row number as its last key. Whoever declares
an order down to a unique column notices nothing. MATCHMAKER_TEST_ORDER=backwards runs every test that way.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import has_app_context

from matchmaker.core.db import db

TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+AS\s+(\w+))?|,\s+(\w+)(?:\s+AS\s+(\w+))?")
COMPOUND = re.compile(r"\b(?:UNION|INTERSECT|EXCEPT)\b")


def wanted() -> bool:
    """Do all tests run backwards this time?"""
    return os.environ.get("MATCHMAKER_TEST_ORDER") == "backwards"


@contextmanager
def backwards(engine: sa.Engine) -> Iterator[None]:
    """Within, this engine of SQLite settles nothing that a statement leaves open; sessions begin anew on both sides."""
    _let_go(engine)
    sa.event.listen(engine, "connect", _reverse)
    sa.event.listen(engine, "before_cursor_execute", _rewrite, retval=True)
    try:
        yield
    finally:
        sa.event.remove(engine, "connect", _reverse)
        sa.event.remove(engine, "before_cursor_execute", _rewrite)
        _let_go(engine)


def _let_go(engine: sa.Engine) -> None:
    if has_app_context():
        db.session.remove()  # a connection that somebody holds would outlive its pool
    engine.dispose()


def _reverse(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA reverse_unordered_selects=ON")


def _rewrite(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> tuple[str, Any]:
    return worst(statement), parameters


@lru_cache(maxsize=20_000)
def worst(statement: str) -> str:
    """A SELECT whose ties are settled backwards; any other statement as it is."""
    own = _without_inner(statement)
    begin, order = _place(own, r"\bFROM\b"), _place(own, r"\bORDER BY\b")
    if not statement.startswith(("SELECT", "WITH")) or order == len(own) or COMPOUND.search(own):
        return statement  # without an order the pragma reverses it
    until = _place(own, r"\b(?:WHERE|GROUP BY|ORDER BY)\b")
    keys = ", ".join(f"{name}.rowid DESC" for name in _tables(own[begin:until]))
    end = _place(own, r"\bLIMIT\b")
    return f"{statement[:end].rstrip()}, {keys} {statement[end:]}" if keys else statement


def _place(text: str, pattern: str) -> int:
    """Where that first stands; the end where it does not."""
    found = re.search(pattern, text)
    return found.start() if found else len(text)


def _without_inner(statement: str) -> str:
    """The statement with everything in parentheses and quotes blanked, character for character."""
    depth, quoted, kept = 0, False, []
    for letter in statement:
        quoted ^= letter == "'"
        depth -= letter == ")" and not quoted
        kept.append(" " if depth or quoted else letter)
        depth += letter == "(" and not quoted
    return "".join(kept)


def _tables(text: str) -> list[str]:
    """The names by which real tables stand in a FROM."""
    found = [(a or c, b or d) for a, b, c, d in TABLE.findall(text)]
    return list(dict.fromkeys(alias or table for table, alias in found if table in db.metadata.tables))
