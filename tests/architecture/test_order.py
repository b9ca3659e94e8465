"""Nothing depends on the order in which a database happens to return rows: every declared order ends at one row."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.core.feature import features
from tests.architecture import shape

TURNS = {"asc", "desc", "nulls_first", "nulls_last"}
# Orders that are made elsewhere: what they end with is a key as well.
MADE = {
    "*IN_ORDER": "programme: to Session.id",
    "*_ordered()": "competition: to Standing.id",
    "*(table.primary_key.columns or table.columns)": "core.backup: the key, else the whole row",
    "Workday.year": "publicity: a row a year",
    "spec.key": "lists: the key of a list",
    "self.spec.key": "core.lists: the key of a list",
    "self.spec.key.desc() if self.descending else self.spec.key": "core.lists: the key of a list",
}


def classes() -> dict[str, Any]:
    """The mapped classes by name."""
    return {mapper.class_.__name__: mapper for mapper in db.Model.registry.mappers}


def identifies(column: sa.Column[Any]) -> bool:
    """Is that a key, or the last part of what is unique? The other parts are given by the condition."""
    table = column.table
    unique = [c.columns for c in table.constraints if isinstance(c, sa.UniqueConstraint | sa.PrimaryKeyConstraint)]
    unique += [index.columns for index in table.indexes if index.unique]
    return any(column.name in columns for columns in unique)


def column_of(key: Any) -> Any:
    """The column of a key, whichever way it turns."""
    return key.element if isinstance(key, sa.UnaryExpression) else key


def orders() -> Iterator[tuple[str, ast.expr]]:
    """(place, last key) of every `order_by` of a statement."""
    for file in shape.files("matchmaker"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "order_by":
                yield f"{file.relative_to(shape.ROOT)}:{node.end_lineno}", node.args[-1]


def settles(key: ast.expr) -> bool:
    """Does an order that ends with this key leave no two rows alike?"""
    while isinstance(key, ast.Call) and isinstance(key.func, ast.Attribute) and key.func.attr in TURNS:
        key = key.func.value
    text = ast.unparse(key)
    if text == "None" or text in MADE or text.endswith(".id"):
        return True
    found = classes().get(text.split(".")[0])
    return found is not None and text.count(".") == 1 and identifies(found.local_table.c[text.split(".")[1]])


def test_every_order_of_a_statement_ends_at_one_row(application):
    found = list(orders())

    assert len(found) > 300
    assert [f"{place} {ast.unparse(key)}" for place, key in found if not settles(key)] == []


def test_what_belongs_to_a_record_comes_in_an_order(application):
    collections = [r for mapper in db.Model.registry.mappers for r in mapper.relationships if r.uselist]
    open_ended = [str(r) for r in collections if not r.order_by or not identifies(column_of(r.order_by[-1]))]

    assert len(collections) >= 30
    assert open_ended == []


def test_the_pages_of_a_list_are_cut_at_a_primary_key(application):
    with application.app_context():
        specs = features().each("lists")

    assert len(specs) > 20
    assert [spec.name for spec in specs if not spec.key.property.columns[0].primary_key] == []
