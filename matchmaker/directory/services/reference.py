"""The published lists: loaded by natural key, so loading them again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from matchmaker.core.db import db
from matchmaker.directory.models import ReferenceItem


def load_items(set_name: str, items: Iterable[dict[str, Any]]) -> int:
    """Insert or update the entries of one list; returns how many were new or changed. Nothing is ever removed."""
    known = {row.code: row for row in db.session.execute(items_of(set_name)).scalars()}
    changed = 0
    for item in items:
        row = known.get(item["code"])
        if row is None:
            db.session.add(ReferenceItem(set=set_name, **item))
        elif all(getattr(row, key) == value for key, value in item.items()):
            continue
        else:
            for key, value in item.items():
                setattr(row, key, value)
        changed += 1
    db.session.flush()
    return changed


def items_of(set_name: str) -> sa.Select[ReferenceItem]:
    """The entries of one list by code."""
    return sa.select(ReferenceItem).where(ReferenceItem.set == set_name).order_by(ReferenceItem.code)
