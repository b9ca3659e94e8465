"""What publicity puts on the desks, and what the search finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import day
from matchmaker.publicity import queries, rules
from matchmaker.publicity.models import Notice, Objection
from matchmaker.publicity.rules import OPEN_OBJECTIONS


def objections(viewer: Any) -> Sequence[DeskItem]:
    """Notices with undecided objections."""
    statement = (
        queries.objections_handled_by(viewer)
        .where(Objection.state.in_(OPEN_OBJECTIONS))
        .with_only_columns(Notice.title, sa.func.count(Objection.id), sa.func.min(Objection.id))
        .group_by(Notice.id, Notice.title)
        .order_by(sa.func.min(Objection.created), Notice.id)
        .limit(8)
    )
    return [
        DeskItem(
            _("“%(title)s”有异议待办理", title=title),
            url_for("publicity.objection", objection_id=first) if count == 1 else url_for("publicity.objection_index"),
            count=count,
        )
        for title, count, first in db.session.execute(statement)
    ]


def ended(viewer: Any) -> Sequence[DeskItem]:
    """Notices of one's regions whose period is over."""
    statement = queries.ended(clock.now()).where(Notice.id.in_(queries.managed_by(viewer).with_only_columns(Notice.id)))
    rows = db.session.execute(statement.limit(8)).unique().scalars()
    return [
        DeskItem(
            _("“%(title)s”公示期满，待办理", title=row.title),
            url_for("publicity.manage", notice_id=row.id),
            due=rules.end_of_day(row.ends) if row.ends else None,
        )
        for row in rows
    ]


def decisions(viewer: Any) -> Sequence[DeskItem]:
    """What waits for a second person."""
    statement = queries.decisions_waiting_for(viewer).limit(8)
    rows = db.session.execute(statement).unique().scalars()
    return [
        DeskItem(_("待复核：%(title)s", title=row.title), url_for("publicity.decision", decision_id=row.id), due=None)
        for row in rows
    ]


def running(_viewer: Any) -> Sequence[DeskItem]:
    """Notices that run now."""
    rows = db.session.execute(queries.running(clock.now()).limit(5)).unique().scalars()
    return [
        DeskItem(
            _("公示：%(title)s（至 %(ends)s）", title=row.title, ends=day(row.ends)),
            url_for("publicity.show", notice_id=row.id),
        )
        for row in rows
    ]


def find(viewer: Any, words: str) -> Sequence[tuple[str, str, str]]:
    """Notices by title or number for the search in the top bar."""
    statement = (
        queries.visible_to(viewer)
        .where(sa.or_(Notice.title.icontains(words, autoescape=True), Notice.number.icontains(words, autoescape=True)))
        .order_by(Notice.id.desc())
        .limit(10)
    )
    now: datetime = clock.now()
    rows = db.session.execute(statement).unique().scalars()
    return [(row.title, _(row.state_at(now).label), _page_of(row)) for row in rows]


def _page_of(row: Notice) -> str:
    if row.published is None:
        return url_for("publicity.manage", notice_id=row.id)
    return url_for("publicity.show", notice_id=row.id)
