"""Rows as lines of text that mean the same in every database: for backups, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import ExactNumber, db
from matchmaker.core.errors import DomainError


def encoded(table: sa.Table, row: sa.Row[Any]) -> bytes:
    """A row as one line: a JSON array in the order of the columns' names."""
    values = dict(zip((column.name for column in table.columns), row, strict=True))
    line = {name: _plain(table.name, name, value) for name, value in values.items()}
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _plain(table: str, column: str, value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if value is not None and _is_exact(table, column):
        return format(Decimal(value).normalize() + 0, "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _is_exact(table: str, column: str) -> bool:
    known = db.metadata.tables.get(table)
    return known is not None and column in known.columns and isinstance(known.columns[column].type, ExactNumber)


def decoded(table: sa.Table, line: bytes) -> dict[str, Any]:
    """The values of a line as this database's table takes them; columns that the line lacks keep their default."""
    values = json.loads(line)
    return {column.name: _typed(column, values[column.name]) for column in table.columns if column.name in values}


def _typed(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type
    if value is None:
        return sa.null() if isinstance(kind, sa.JSON) else None
    if isinstance(kind, sa.DateTime):
        moment = datetime.fromisoformat(value)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Time):
        return time.fromisoformat(value)
    if isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float):
        return Decimal(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    return value


def continue_counters(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """On PostgreSQL let each counter go on after the highest key that came with the rows."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        for column in table.primary_key.columns:
            sequence = connection.execute(
                sa.select(sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name))
            ).scalar()
            if sequence:
                highest = connection.execute(sa.select(sa.func.max(column))).scalar()
                connection.execute(sa.select(sa.func.setval(sequence, highest or 1, highest is not None)))


def check_references(connection: sa.Connection) -> None:
    """On SQLite: every reference must lead somewhere. Raises DomainError."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise DomainError("备份里有 {n} 处引用找不到对象，未恢复", n=len(broken))
