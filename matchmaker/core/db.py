"""The database: base class, column types, and `transaction()`, the only way to write."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, mapped_column, registry
from sqlalchemy.orm.exc import StaleDataError

from matchmaker.core import sqlite
from matchmaker.core.errors import Conflict

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment; stored as UTC in every database, refused when naive."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactNumber(sa.types.TypeDecorator[Any]):
    """A Decimal kept as text on SQLite (which only has binary floats) and NUMERIC elsewhere."""

    impl = sa.Numeric(20, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sa.String(32) if dialect.name == "sqlite" else sa.Numeric(20, 6))

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("a score or a share is a Decimal, never a float")
        return format(value, "f") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        from decimal import Decimal

        return None if value is None else Decimal(value).normalize() + 0


def enum_type(kind: type[enum.Enum]) -> sa.Enum:
    """The column type of an enumeration: its values as text, so a new member needs no migration."""
    return sa.Enum(
        kind, native_enum=False, length=32, create_constraint=False, values_callable=lambda e: [m.value for m in e]
    )


Key = Annotated[int, mapped_column(primary_key=True)]
Name = Annotated[str, mapped_column(sa.String(200))]
ShortText = Annotated[str, mapped_column(sa.String(500))]
LongText = Annotated[str, mapped_column(sa.Text())]
Instant = Annotated[datetime, mapped_column(UtcDateTime())]
Money = Annotated[int, mapped_column(sa.BigInteger())]
RegionCode = Annotated[str, mapped_column(sa.String(6), index=True)]
Json = Annotated[dict[str, Any], mapped_column(sa.JSON())]
JsonList = Annotated[list[Any], mapped_column(sa.JSON())]


class Base(DeclarativeBase):
    """Every table's base; the map stands in an explicit registry because Flask-SQLAlchemy copies this body."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            enum.Enum: sa.Enum(
                enum.Enum,
                native_enum=False,
                length=32,
                create_constraint=False,
                values_callable=lambda e: [m.value for m in e],
            ),
            datetime: UtcDateTime(),
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


# What PostgreSQL says when it calls one of two writers off: serialization failure, deadlock, lock not available.
CALLED_OFF = frozenset({"40001", "40P01", "55P03"})


class WriteOutsideTransaction(RuntimeError):
    """A row was about to be written without `transaction()`: a bug of ours, never a user's mistake."""


# What rides along with whatever is committed: called last, inside every transaction.
RIDERS: list[Callable[[Session], None]] = []


@contextmanager
def transaction(*, acting: Any | None = None, kept: Any | None = None) -> Iterator[Session]:
    """Write: start fresh, take the writer's turn, commit on leaving, undo everything on an error.

    Everything loaded before is expired, so what is decided inside is decided on what is true now. `acting`: the person
    of a busy request whose account, roles and memberships may stay as this very request has read them. `kept`: a
    record with all its loaded parts that the caller compares with the database inside, by a cheaper look.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transaction() does not nest: a service never opens its own")
    _start_fresh(session, acting, kept)
    with sqlite.writer_gate(db.engine):
        if not session.in_transaction():  # READ COMMITTED sees what is true now without a new beginning
            session.connection(execution_options={"matchmaker_write": True})
        session.info["writing"] = True
        try:
            yield session
            session.flush()
            for rider in RIDERS:
                rider(session)
            session.commit()
        except StaleDataError:
            session.rollback()
            raise Conflict("刚刚有人修改了同一条内容，请刷新页面核对后再试") from None
        except OperationalError as error:
            session.rollback()
            if getattr(error.orig, "sqlstate", None) in CALLED_OFF:
                raise Conflict("同时操作的人太多，请稍后再试一次") from None
            raise
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("writing", None)


def _start_fresh(session: Session, acting: Any | None, kept: Any | None) -> None:
    """End the reading transaction and forget what it read."""
    if acting is None or session.new or session.dirty or session.deleted:
        session.rollback()
        session.expire_all()
        return
    person = getattr(acting, "_get_current_object", lambda: acting)()
    spared = {id(thing) for whole in (person, kept) if whole is not None for thing in _with_parts(whole)}
    if db.engine.dialect.name == "sqlite":
        session.commit()  # nothing was written: it only ends the reading, whose view of the data is an old one
    for thing in [thing for thing in session if id(thing) not in spared]:
        session.expire(thing)


def _with_parts(record: Any) -> list[Any]:
    return [record, *(row for value in vars(record).values() if isinstance(value, list) for row in value)]


@event.listens_for(Session, "before_flush")
def _refuse_stray_flush(session: Session, _context: Any, _instances: Any) -> None:
    if not session.info.get("writing"):
        raise WriteOutsideTransaction(f"{[*session.new, *session.dirty, *session.deleted][:3]}")


@event.listens_for(Session, "do_orm_execute")
def _refuse_stray_statement(state: ORMExecuteState) -> None:
    writes = state.is_update or state.is_insert or state.is_delete
    if writes and not state.session.info.get("writing"):
        raise WriteOutsideTransaction(str(state.statement)[:200])


def claim(statement: sa.Update) -> bool:
    """Run one conditional UPDATE; True when exactly one row was claimed. What people race for goes through here."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]
