"""Carrying out a bulk action on the rows that can take part, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.core.listspec import BulkAction, ListSpec, answers_to, held_in
from matchmaker.lists.models import BulkRun, SavedView

UNDO_WITHIN = timedelta(hours=24)
LARGEST = 2000


@dataclass(frozen=True)
class Line:
    """One row of a preview: the row, the refusal that keeps it out, or what will become of it."""

    row: Any
    refusal: DomainError | None
    effect: str = ""


def rows_of(spec: ListSpec, *, viewer: Any, scope: Mapping[str, str], ids: Sequence[int]) -> list[Any]:
    """The named rows, as far as this person may see them, in the order of their keys."""
    if not ids:
        raise DomainError("请先勾选要处理的行")
    if len(ids) > LARGEST:
        raise DomainError("一次最多处理 {n} 行，请先缩小筛选范围", n=LARGEST)
    statement = spec.select(viewer, scope).where(spec.key.in_(ids)).order_by(None).order_by(spec.key)
    result = db.session.execute(statement).unique()
    return list(result.scalars() if len(statement.column_descriptions) == 1 else result)


def preview(
    action: BulkAction, rows: Sequence[Any], *, actor: Any, values: Mapping[str, str] | None = None
) -> list[Line]:
    """Which rows the action can change and how, and why the others not; without `values` no answer is known yet."""
    return [_line(action, row, actor, values) for row in rows]


def _line(action: BulkAction, row: Any, actor: Any, values: Mapping[str, str] | None) -> Line:
    try:
        action.check(row, actor)
        knows = action.effect is not None and (values is not None or not action.asks)
        return Line(row, None, action.effect(row, actor, values or {}) if knows and action.effect else "")
    except DomainError as error:
        return Line(row, error)


def run(
    spec: ListSpec,
    action: BulkAction,
    *,
    actor: Any,
    scope: Mapping[str, str],
    ids: Sequence[int],
    reason: str = "",
    values: Mapping[str, str] | None = None,
) -> tuple[BulkRun, int]:
    """Apply the action to every row that can take part; returns the run and how many were left out.

    Each row is its own savepoint: what one row refuses (the last seat is gone) leaves the others standing.
    """
    if not held_in(spec, actor, scope)(action.permission):
        raise NotPermitted("您的账号没有这项权限")
    if action.asks_reason and not reason.strip():
        raise DomainError("请写明理由", field="reason")
    answers = answers_to(action, values or {}, viewer=actor, scope=scope) if action.asks else reason
    items: list[dict[str, Any]] = []
    skipped = 0
    for row in rows_of(spec, viewer=actor, scope=scope, ids=ids):
        entity = row[0] if isinstance(row, sa.Row) else row
        try:
            with db.session.begin_nested():
                action.check(row, actor)
                before = action.apply(row, actor, answers)
            items.append({"id": getattr(entity, spec.key.key), "before": before})
        except DomainError:
            skipped += 1
    done = BulkRun(
        user_id=actor.id, list_name=spec.name, action=action.key, scope=dict(scope), items=items, created=clock.now()
    )
    db.session.add(done)
    db.session.flush()
    return done, skipped


def undo(spec: ListSpec, action: BulkAction, run_row: BulkRun, *, actor: Any) -> tuple[int, int]:
    """Take a bulk action back, once, within a day; returns how many rows were reversed and how many could not be."""
    if action.undo is None:
        raise DomainError("这项操作不能撤销")
    if run_row.undone is not None:
        raise Conflict("这次操作已经撤销过了")
    if run_row.created < clock.now() - UNDO_WITHIN:
        raise DomainError("超过 24 小时的操作不能撤销，请逐条修改")
    before = {item["id"]: item["before"] for item in run_row.items}
    reversed_count = 0
    for row in rows_of(spec, viewer=actor, scope=run_row.scope, ids=list(before)) if before else []:
        entity = row[0] if isinstance(row, sa.Row) else row
        try:
            with db.session.begin_nested():
                action.undo(row, actor, before[getattr(entity, spec.key.key)])
            reversed_count += 1
        except DomainError:
            continue
    run_row.undone = clock.now()
    return reversed_count, len(before) - reversed_count


def save_view(*, actor: Any, list_name: str, name: str, path: str, query: str) -> SavedView:
    """Keep the filters of a list under a name; the same name is overwritten."""
    name = name.strip()
    if not name:
        raise DomainError("请给这个视图起个名字", field="name")
    if len(name) > 60:
        raise DomainError("视图名称最多 60 个字", field="name")
    statement = sa.select(SavedView).where(
        SavedView.user_id == actor.id, SavedView.list_name == list_name, SavedView.name == name
    )
    view = db.session.execute(statement).scalar_one_or_none()
    if view is None:
        view = SavedView(user_id=actor.id, list_name=list_name, name=name, path=path, query=query, created=clock.now())
        db.session.add(view)
    view.path, view.query = path, query
    db.session.flush()
    return view


def drop_view(view: SavedView) -> None:
    """Forget a saved view."""
    db.session.delete(view)


def forget(user: Any) -> None:
    """A person leaves: their saved views go."""
    db.session.execute(sa.delete(SavedView).where(SavedView.user_id == user.id))
