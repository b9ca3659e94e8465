"""The one list component: filters in the address, sorting, paging, export of what is shown, bulk actions with undo.

A feature describes a list once (`ListSpec`) and opens it in a view (`open_list`); the page shows a `Listing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request
from flask_babel import gettext

from matchmaker.core import i18n
from matchmaker.core.conditions import Conditions
from matchmaker.core.db import db
from matchmaker.core.labels import Labelled
from matchmaker.core.listspec import Ask, BulkAction, Column, Filter, ListSpec, Scope, held_in
from matchmaker.core.viewer import Viewer

__all__ = ["Ask", "BulkAction", "Cell", "Column", "Filter", "ListSpec", "Listing", "open_list", "shown", "text_of"]


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
        clause = self.conditions.clause() if self.conditions else None
        return statement if clause is None else statement.where(clause)

    @cached_property
    def conditions(self) -> Conditions | None:
        """The advanced filter as it stands in the address."""
        if self.spec.conditions is None:
            return None
        return Conditions.read(self.args, self.spec.conditions(self.viewer, self.scope))

    @cached_property
    def _choices(self) -> dict[str, list[tuple[str, str]] | None]:
        return {f.key: _choices_of(f, self.viewer, self.scope) for f in self.spec.filters}

    def _apply(self, spec: Filter, statement: sa.Select[Any], text: str) -> sa.Select[Any]:
        choices = self._choices[spec.key]
        if choices is not None and text not in {value for value, _label in choices}:
            return statement.where(sa.false())  # an address typed by hand: no such state, so no such rows
        return spec.apply(statement, text[:100])

    @cached_property
    def total(self) -> int:
        """How many rows the filters leave."""
        if self.spec.single:
            statement = self.statement.with_only_columns(sa.func.count(), maintain_column_froms=True).order_by(None)
            return int(db.session.execute(statement).scalar_one())
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
        if getattr(column.sort, "nullable", True):
            return self.statement.order_by(expression.nulls_last(), self.spec.key)
        # one direction down to the key, so that an index may be read backwards
        return self.statement.order_by(expression, self.spec.key.desc() if self.descending else self.spec.key)

    @cached_property
    def objects(self) -> list[Any]:
        """The rows of this page."""
        start = (self.page - 1) * self.spec.page_size
        return _fetch(self.ordered().limit(self.spec.page_size).offset(start))

    @cached_property
    def all_columns(self) -> list[Column]:
        """The columns of a file: those of the page, and those that only files have."""
        more = self.spec.more_columns(self.viewer, self.scope) if self.spec.more_columns else ()
        return [*self.spec.columns, *more]

    @cached_property
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
                [(value, text) for value, text in self._choices[f.key] or ()],
            )
            for f in self.spec.filters
        ]

    @property
    def active(self) -> list[ShownFilter]:
        return [f for f in self.filters if f.value]

    @cached_property
    def bulk_actions(self) -> list[BulkAction]:
        if not self.spec.bulk:
            return []
        held = held_in(self.spec, self.viewer, self.scope)
        return [action for action in self.spec.bulk if held(action.permission)]

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
        kept = {k: v for k, v in self.args.items() if k in known and v}
        return {**kept, **(self.conditions.address() if self.conditions else {})}

    def url(self, **changes: Any) -> str:
        """The address of this list with some parts changed; None drops a part."""
        merged: dict[str, Any] = {**self.query, "page": self.args.get("page"), **changes}
        kept = {k: v for k, v in merged.items() if v not in (None, "", 1, "1") or (k != "page" and v == "1")}
        return f"{self.endpoint_url}?{urlencode(kept)}" if kept else self.endpoint_url

    def export_rows(self, *, chunk: int = 1000) -> Any:
        """All rows the filters leave, as plain values by column, a thousand at a time."""
        offset = 0
        while True:
            rows = _fetch(self.ordered().options(*self.spec.export_options).limit(chunk).offset(offset))
            for row in rows:
                yield [plain(column, row) for column in self.all_columns]
            if len(rows) < chunk:
                return
            offset += chunk


def open_list(spec: ListSpec, viewer: Viewer, **scope: Any) -> Listing:
    """The list as the running request asks for it; `scope` names the record it belongs to (event_id=3)."""
    # PostgreSQL knows no NUL in texts; nobody types one
    args = {k: v.replace("\x00", "") for k, v in request.args.items() if k not in {"lang"}}
    return Listing(spec, viewer, args, Scope({k: str(v) for k, v in scope.items()}), request.path)


def _choices_of(spec: Filter, viewer: Viewer, scope: Mapping[str, str]) -> list[tuple[str, str]] | None:
    if spec.choices_in is not None:
        return list(spec.choices_in(viewer, scope))
    if spec.choices is not None:
        return [(value, gettext(text)) for value, text in spec.choices(viewer)]
    return None


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
