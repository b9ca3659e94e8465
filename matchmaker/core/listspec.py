"""What a feature says about a list: its columns, filters, bulk actions and who may open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from matchmaker.core.conditions import ConditionField
from matchmaker.core.errors import DomainError
from matchmaker.core.viewer import Viewer


class Scope(dict[str, str]):
    """The record a list belongs to (event_id=3), with what was looked up about it while one page is made."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self._found: dict[str, Any] = {}

    @classmethod
    def once(cls, scope: Mapping[str, str], key: str, work: Callable[[], Any]) -> Any:
        """What `work` finds, looked up once a page: filters and conditions offer the same choices."""
        if not isinstance(scope, cls):
            return work()
        if key not in scope._found:
            scope._found[key] = work()
        return scope._found[key]


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
    """A filter: `apply(statement, text)` narrows the rows; an unusable text narrows to nothing or is ignored.

    `choices_in(viewer, scope)` are choices that depend on the record the list belongs to.
    """

    key: str
    title: str
    apply: Callable[[sa.Select[Any], str], sa.Select[Any]]
    kind: str = "choice"  # search choice date month year flag
    choices: Callable[[Viewer], Sequence[tuple[str, str]]] | None = None
    choices_in: Callable[[Viewer, Mapping[str, str]], Sequence[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Ask:
    """A question that a bulk action asks once for all rows; `choices(viewer, scope)` makes it a choice."""

    key: str
    title: str
    choices: Callable[[Viewer, Mapping[str, str]], Sequence[tuple[str, str]]] | None = None
    required: bool = True
    hint: str = ""
    longest: int = 500


@dataclass(frozen=True)
class BulkAction:
    """An action on many rows: `check` raises DomainError for a row that cannot take part; `undo` reverses `apply`.
    Without a `permission`, `check` alone decides: for lists whose people are named record by record.

    `apply(row, actor, reason)` returns what `undo(row, actor, before)` needs (JSON-ready). With `asks` it is
    `apply(row, actor, values)`, where `values` are the answers by key. `effect(row, actor, values)` says in the
    reader's language what will become of a row; it may raise DomainError as well. `leads_to(ids, scope)` makes the
    action a link: the rows are handed over to another page.
    """

    key: str
    title: str
    permission: str | None
    consequence: str
    check: Callable[[Any, Any], None]
    apply: Callable[..., dict[str, Any]]
    undo: Callable[..., None] | None = None
    asks_reason: bool = False
    asks: Sequence[Ask] = ()
    effect: Callable[[Any, Any, Mapping[str, str]], str] | None = None
    leads_to: Callable[[Sequence[int], Mapping[str, str]], str] | None = None


@dataclass(frozen=True)
class ListSpec:
    """Everything about one list. `select(viewer, scope)` must already be limited to what the viewer may see.

    `grants(viewer, scope)`: permissions that a person has within this scope only, e.g. on the one event whose team
    they are on. `more_columns` and `conditions` (the fields of the advanced filter) may depend on the scope.
    `export_options`: loader options for what only files show. `single`: no filter can double a row, so that counting
    needs no DISTINCT.
    """

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
    grants: Callable[[Viewer, Mapping[str, str]], frozenset[str]] | None = None
    more_columns: Callable[[Viewer, Mapping[str, str]], Sequence[Column]] | None = None
    conditions: Callable[[Viewer, Mapping[str, str]], Sequence[ConditionField]] | None = None
    export_options: Sequence[Any] = ()
    single: bool = False
    page_size: int = 50
    empty_title: str = "还没有记录"
    empty_text: str = ""


def held_in(spec: ListSpec, viewer: Viewer, scope: Mapping[str, str]) -> Callable[[str | None], bool]:
    """Which permissions this person has on this list: everywhere, or within this scope."""
    here: list[frozenset[str]] = []

    def held(permission: str | None) -> bool:
        if permission is None or viewer.has(permission):
            return True
        if not here:
            here.append(spec.grants(viewer, scope) if spec.grants is not None else frozenset())
        return permission in here[0]

    return held


def may_open(spec: ListSpec, viewer: Viewer, scope: Mapping[str, str]) -> bool:
    """May this person see this list, at least in this scope?"""
    return spec.permission is None or held_in(spec, viewer, scope)(spec.permission)


def answers_to(
    action: BulkAction, given: Mapping[str, str], *, viewer: Viewer, scope: Mapping[str, str]
) -> dict[str, str]:
    """The answers to an action's questions. Raises DomainError for what is missing, too long or not a choice."""
    found: dict[str, str] = {}
    for ask in action.asks:
        text = given.get(ask.key, "").strip()
        if ask.required and not text:
            raise DomainError("请填写“{what}”", field=ask.key, what=gettext(ask.title))
        if len(text) > ask.longest:
            raise DomainError("“{what}”最多 {n} 个字", field=ask.key, what=gettext(ask.title), n=ask.longest)
        if text and ask.choices is not None and text not in {value for value, _label in ask.choices(viewer, scope)}:
            raise DomainError("“{what}”请从列出的选项中选择", field=ask.key, what=gettext(ask.title))
        found[ask.key] = text
    return found
