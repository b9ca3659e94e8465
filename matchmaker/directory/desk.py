"""What the directory puts on the desks and into the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.directory import queries
from matchmaker.directory.models import HeldRecord, Organisation, Person


def waiting_for_handler(viewer: Any) -> Sequence[DeskItem]:
    """Organisations to check and held rows to decide."""
    held = queries.held(viewer).where(HeldRecord.resolved.is_(None)).with_only_columns(sa.func.count(HeldRecord.id))
    pending, rows = db.session.execute(queries.waiting(viewer)).scalar(), db.session.execute(held).scalar()
    items = []
    if pending:
        items.append(DeskItem(_("单位资料待核"), url_for("directory.index", state="pending"), count=pending))
    if rows:
        items.append(DeskItem(_("导入搁置的记录待核对"), url_for("directory.held", state="waiting"), count=rows))
    return items


def find_organisations(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Organisations by code, present or former name, or pinyin initials."""
    statement = queries.visible_to(viewer).where(queries.matches(words)).order_by(Organisation.name, Organisation.id)
    return [
        (row.name, row.uscc or row.stock_code or _(row.kind.label), url_for("directory.show", organisation_id=row.id))
        for row in db.session.execute(statement.limit(10)).scalars()
    ]


def find_people(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """People by name, unit, discipline or pinyin initials."""
    statement = queries.people_visible_to(viewer).where(queries.person_matches(words)).order_by(Person.name, Person.id)
    return [
        (row.name, row.unit_text or row.discipline or "", url_for("directory.person", person_id=row.id))
        for row in db.session.execute(statement.limit(10)).unique().scalars()
    ]
