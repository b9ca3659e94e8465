"""What monitoring puts on the desks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import day
from matchmaker.monitoring.queries import board, plans
from matchmaker.monitoring.rules import SnapshotState
from matchmaker.publicity import queries as publicity
from matchmaker.publicity.rules import DecisionState


def late(viewer: Any) -> Sequence[DeskItem]:
    """Targets that were due and are not reached or not known, for leaders and handlers."""
    plan = db.session.execute(plans.visible_to(viewer).limit(1)).scalars().first()
    if plan is None:
        return []
    english = str(get_locale()) == "en"
    return [
        DeskItem(
            _(
                "%(code)s %(name)s：%(status)s",
                code=card.indicator.code,
                name=card.indicator.name_en if english else card.indicator.name_zh,
                status=_(card.reading.progress.status.label),
            ),
            url_for("monitoring.indicator", code=card.indicator.code),
            due=day(card.reading.definition.due) if card.reading.definition.due else None,
            late=True,
        )
        for card in board.board(plan, clock.today()).late
    ]


def to_check(viewer: Any) -> Sequence[DeskItem]:
    """Snapshots that wait for a second person."""
    rows = db.session.execute(plans.waiting(viewer).limit(8)).unique().scalars()
    return [
        DeskItem(
            _("快照 %(day)s 待锁定", day=row.name),
            url_for("monitoring.snapshot", snapshot_id=row.id),
        )
        for row in rows
        if row.state is SnapshotState.CHECKING and row.taken_by_id != viewer.id
    ]


def years_to_close(viewer: Any) -> Sequence[DeskItem]:
    """Years that wait for the second person."""
    rows = db.session.execute(plans.closings(viewer).limit(8)).scalars().all()
    pending = [(row, publicity.decision_of(row, kind="monitoring.close_year")) for row in rows]
    return [
        DeskItem(_("%(year)s 年度待确认关闭", year=row.year), url_for("monitoring.years"))
        for row, decision in pending
        if decision is not None and decision.state is DecisionState.PROPOSED and decision.proposed_by_id != viewer.id
    ]
