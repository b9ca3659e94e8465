"""Inserting rows at once: what every busy request writes, without the session's bookkeeping of what depends on what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import MANYTOONE, Session, SessionTransaction, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from matchmaker.core.db import WriteOutsideTransaction, db

KEY = "put"


def put(*rows: Any) -> None:
    """Insert new rows in this order, one statement each; afterwards they are the session's own, as if it had flushed.

    Foreign keys follow from the relationships that are set. Other changes stay unflushed, and whoever listens to
    flushes hears nothing: it is for rows that nobody watches.
    """
    session = db.session()
    if not session.info.get("writing"):
        raise WriteOutsideTransaction(f"{list(rows[:3])}")
    connection = session.connection()
    for row in rows:
        _insert(connection, row)
    session.add_all(rows)
    running = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(KEY, []).extend((running, row) for row in rows)


@dataclass(frozen=True)
class _Plan:
    """How the rows of one class are inserted: (column, attribute) pairs by what happens to an attribute without a
    value, and for each relationship to a parent its (own attribute, parent's attribute) pairs."""

    statement: sa.Insert
    keys: tuple[tuple[str, str], ...]
    plain: tuple[tuple[str, str], ...]
    default: tuple[tuple[str, str], ...]
    by_database: tuple[tuple[str, str], ...]
    parents: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@cache
def _plan(kind: type[Any]) -> _Plan:
    mapper = sa.inspect(kind)
    table: Any = mapper.local_table
    keys: list[tuple[str, str]] = []
    plain: list[tuple[str, str]] = []
    default: list[tuple[str, str]] = []
    by_database: list[tuple[str, str]] = []
    for column in table.columns:
        pair = (column.key, mapper.get_property_by_column(column).key)
        if column.primary_key:
            keys.append(pair)
        elif column.server_default is not None:
            by_database.append(pair)
        else:
            (plain if column.default is None else default).append(pair)
    parents = []
    for relationship in mapper.relationships:
        if relationship.direction is MANYTOONE and not relationship.viewonly:
            pairs = [
                (mapper.get_property_by_column(own).key, relationship.mapper.get_property_by_column(other).key)
                for own, other in relationship.local_remote_pairs
            ]
            parents.append((relationship.key, tuple(pairs)))
    return _Plan(sa.insert(table), tuple(keys), tuple(plain), tuple(default), tuple(by_database), tuple(parents))


def _insert(connection: sa.Connection, row: Any) -> None:
    plan, loaded = _plan(type(row)), sa.inspect(row).dict  # type: ignore[arg-type]
    for relationship, pairs in plan.parents:
        parent = loaded.get(relationship)
        for own, other in pairs if parent is not None else ():
            set_committed_value(row, own, getattr(parent, other))
    values = {column: loaded.get(attribute) for column, attribute in plan.plain}
    for column, attribute in (*plan.keys, *plan.default, *plan.by_database):
        if loaded.get(attribute) is not None:
            values[column] = loaded[attribute]
    result = connection.execute(plan.statement, values)
    for (_column, attribute), key in zip(plan.keys, result.inserted_primary_key, strict=True):  # type: ignore[arg-type]
        set_committed_value(row, attribute, key)
    written: Any = result.last_inserted_params()
    for column, attribute in (*plan.plain, *plan.default):
        if attribute not in loaded or loaded[attribute] is None:
            set_committed_value(row, attribute, written.get(column))
    make_transient_to_detached(row)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    """Rows of a transaction or savepoint that was undone are nobody's any more."""
    rows, session.info[KEY] = session.info.get(KEY, []), []
    for begun, row in rows:
        if not _within(begun, ended):
            session.info[KEY].append((begun, row))
        elif row in session:
            session.expunge(row)


@event.listens_for(Session, "after_commit")
def _settle(session: Session) -> None:
    """What was committed stays."""
    session.info.pop(KEY, None)


def _within(begun: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while begun is not None and begun is not ended:
        begun = begun.parent
    return begun is not None
