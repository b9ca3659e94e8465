"""The one list component: filters in the address, sorting, paging, export of what is shown, bulk actions with undo.

A feature describes a list once (`ListSpec`) and opens it in a view (`open_list`); the page shows a `Listing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request
from flask_babel import gettext

from matchmaker.core import i18n
from matchmaker.core.db import db
from matchmaker.core.labels import Labelled
from matchmaker.core.viewer import Viewer

RESERVED = {"sort", "page", "format", "lang", "ids"}


@dataclass(frozen=True)
class Column:
    """A column: `value(row)` is a plain value; `kind` decides alignment and format."""

    key: str
    title: str
    value: Callable[[Any], Any]
    kind: str = "text"  # text number money moment day state flag
    sort: Any = None  # an SQL expression, or None when it cannot be sorted by
    href: Callable[[Any], str] | None = None
    hint: Callable[[Any], str | None] | None = None
    export_only: bool = False


@dataclass(frozen=True)
class Filter:
    """A filter: `apply(statement, text)` narrows the rows; an unusable text narrows to nothing or is ignored."""

    key: str
    title: str
    apply: Callable[[sa.Select[Any], str], sa.Select[Any]]
    kind: str = "choice"  # search choice date year flag
    choices: Callable[[Viewer], Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class BulkAction:
    """An action on many rows: `check` raises DomainError for a row that cannot take part; `undo` reverses `apply`.

    `apply(row, actor, reason)` returns what `undo(row, actor, before)` needs (JSON-ready). Without a `permission`,
    `check` alone decides: for lists whose people are named record by record.
    """

    key: str
    title: str
    permission: str | None
    consequence: str
    check: Callable[[Any, Any], None]
    apply: Callable[..., dict[str, Any]]
    undo: Callable[..., None] | None = None
    asks_reason: bool = False


@dataclass(frozen=True)
class ListSpec:
    """Everything about one list. `select(viewer, scope)` must already be limited to what the viewer may see."""

    name: str
    title: str
    permission: str | None
    select: Callable[[Viewer, Mapping[str, str]], Any]
    columns: Sequence[Column]
    key: Any  # the primary key column: rows are ordered to it, bulk actions name rows by it
    filters: Sequence[Filter] = ()
    order: Sequence[Any] = ()
    url: Callable[[Any], str] | None = None
    bulk: Sequence[BulkAction] = ()
    page_size: int = 50
    empty_title: str = "还没有记录"
    empty_text: str = ""


@dataclass(frozen=True)
class Cell:
    """What stands in one field of the table."""

    text: str
    kind: str = "text"
    href: str | None = None
    tone: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class ShownRow:
    """One line of the table."""

    id: int
    cells: list[Cell]
    url: str | None


@dataclass(frozen=True)
class ShownFilter:
    """A filter as it stands in the address."""

    key: str
    title: str
    kind: str
    value: str
    choices: list[tuple[str, str]]


@dataclass
class Listing:
    """A list as this person sees it now; made by `open_list`."""

    spec: ListSpec
    viewer: Viewer
    args: Mapping[str, str]
    scope: Mapping[str, str]
    endpoint_url: str
    saved_views: list[Any] = field(default_factory=list)
    save_view_url: str | None = None
    bulk_url: str | None = None
    empty_url: str | None = None
    empty_label: str | None = None

    @property
    def title(self) -> str:
        return gettext(self.spec.title)

    @property
    def empty_title(self) -> str:
        return gettext(self.spec.empty_title)

    @property
    def empty_text(self) -> str:
        return gettext(self.spec.empty_text) if self.spec.empty_text else ""

    @cached_property
    def statement(self) -> sa.Select[Any]:
        """The filtered rows, unordered."""
        statement = self.spec.select(self.viewer, self.scope)
        for spec in self.spec.filters:
            text = self.args.get(spec.key, "").strip()
            if text:
                statement = self._apply(spec, statement, text)
        return statement

    def _apply(self, spec: Filter, statement: sa.Select[Any], text: str) -> sa.Select[Any]:
        if spec.choices is not None and text not in {value for value, _label in spec.choices(self.viewer)}:
            return statement.where(sa.false())  # an address typed by hand: no such state, so no such rows
        return spec.apply(statement, text[:100])

    @cached_property
    def total(self) -> int:
        """How many rows the filters leave."""
        counted = self.statement.with_only_columns(self.spec.key).order_by(None).distinct().subquery()
        return int(db.session.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.spec.page_size))

    @property
    def page(self) -> int:
        text = self.args.get("page", "1")
        return min(max(1, int(text)), self.pages) if text.isascii() and text.isdigit() and len(text) < 9 else 1

    @property
    def sort(self) -> str:
        return self.args.get("sort", "").removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.args.get("sort", "").startswith("-")

    def ordered(self) -> sa.Select[Any]:
        """The filtered rows in the order asked for, down to a unique key."""
        column = next((c for c in self.columns if c.key == self.sort and c.sort is not None), None)
        if column is None:
            return self.statement.order_by(*self.spec.order, self.spec.key)
        expression = column.sort.desc() if self.descending else column.sort.asc()
        return self.statement.order_by(expression.nulls_last(), self.spec.key)

    @cached_property
    def objects(self) -> list[Any]:
        """The rows of this page."""
        start = (self.page - 1) * self.spec.page_size
        return _fetch(self.ordered().limit(self.spec.page_size).offset(start))

    @property
    def columns(self) -> list[Column]:
        return [column for column in self.spec.columns if not column.export_only]

    @cached_property
    def headers(self) -> list[tuple[Column, str]]:
        return [(column, gettext(column.title)) for column in self.columns]

    @cached_property
    def rows(self) -> list[ShownRow]:
        return [
            ShownRow(
                id=_key_of(self.spec, row),
                cells=[shown(column, row) for column in self.columns],
                url=self.spec.url(row) if self.spec.url else None,
            )
            for row in self.objects
        ]

    @cached_property
    def filters(self) -> list[ShownFilter]:
        return [
            ShownFilter(
                f.key,
                gettext(f.title),
                f.kind,
                self.args.get(f.key, ""),
                [(value, gettext(text)) for value, text in (f.choices(self.viewer) if f.choices else ())],
            )
            for f in self.spec.filters
        ]

    @property
    def active(self) -> list[ShownFilter]:
        return [f for f in self.filters if f.value]

    @property
    def bulk_actions(self) -> list[BulkAction]:
        return [a for a in self.spec.bulk if a.permission is None or self.viewer.has(a.permission)]

    @property
    def selectable(self) -> bool:
        return bool(self.bulk_actions)

    @property
    def exports(self) -> list[tuple[str, str]]:
        names = {"xlsx": "Excel", "csv": "CSV", "pdf": "PDF", "docx": "Word", "json": "JSON"}
        return [(label, self.url(format=key, page=None)) for key, label in names.items()]

    @property
    def query(self) -> dict[str, str]:
        """The filters and the order of the address, without the page."""
        known = {f.key for f in self.spec.filters} | {"sort"}
        return {k: v for k, v in self.args.items() if k in known and v}

    def url(self, **changes: Any) -> str:
        """The address of this list with some parts changed; None drops a part."""
        merged: dict[str, Any] = {**self.query, "page": self.args.get("page"), **changes}
        kept = {k: v for k, v in merged.items() if v not in (None, "", 1, "1") or (k != "page" and v == "1")}
        return f"{self.endpoint_url}?{urlencode(kept)}" if kept else self.endpoint_url

    def export_rows(self, *, chunk: int = 1000) -> Any:
        """All rows the filters leave, as plain values by column, a thousand at a time."""
        offset = 0
        while True:
            rows = _fetch(self.ordered().limit(chunk).offset(offset))
            for row in rows:
                yield [plain(column, row) for column in self.spec.columns]
            if len(rows) < chunk:
                return
            offset += chunk


def open_list(spec: ListSpec, viewer: Viewer, **scope: Any) -> Listing:
    """The list as the running request asks for it; `scope` names the record it belongs to (event_id=3)."""
    args = {k: v for k, v in request.args.items() if k not in {"lang"}}
    return Listing(spec, viewer, args, {k: str(v) for k, v in scope.items()}, request.path)


def _fetch(statement: sa.Select[Any]) -> list[Any]:
    result = db.session.execute(statement).unique()
    single = len(statement.column_descriptions) == 1
    return list(result.scalars() if single else result)


def _key_of(spec: ListSpec, row: Any) -> int:
    entity = row[0] if isinstance(row, sa.Row) else row
    return int(getattr(entity, spec.key.key))


def shown(column: Column, row: Any) -> Cell:
    """One value as text for the page."""
    value = column.value(row)
    href = column.href(row) if column.href else None
    hint = column.hint(row) if column.hint else None
    tone = value.tone if isinstance(value, Labelled) else None
    return Cell(text_of(value, column.kind), column.kind, href, tone, hint)


def text_of(value: Any, kind: str) -> str:
    """A value in the reader's language."""
    if value is None or value == "":
        return "—"
    if isinstance(value, Labelled):
        return gettext(value.label)
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, datetime):
        return i18n.moment(value)
    if isinstance(value, date):
        return i18n.day(value)
    if kind == "money":
        return i18n.money(value)
    return i18n.number(value) if kind == "number" else str(value)


def plain(column: Column, row: Any) -> Any:
    """One value for a file: numbers stay numbers, moments stay aware, money is yuan."""
    value = column.value(row)
    if isinstance(value, Labelled):
        return gettext(value.label)
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if column.kind == "money" and value is not None:
        from decimal import Decimal

        return Decimal(value) / 100
    return value
