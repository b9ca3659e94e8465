"""What envoys' service puts on the desks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import day
from matchmaker.envoys import access, queries
from matchmaker.envoys.models import EnvoyResult


def to_confirm(viewer: Any) -> Sequence[DeskItem]:
    """Visits at one's firm that wait for a word."""
    rows = db.session.execute(queries.waiting_for_host(viewer).limit(6)).unique().scalars()
    return [
        DeskItem(
            _("请确认%(who)s的服务", who=row.person.name), url_for("envoys.visit", visit_id=row.id), due=day(row.starts)
        )
        for row in rows
        if access.is_host(viewer, row)
    ]


def to_check(viewer: Any) -> Sequence[DeskItem]:
    """Results that wait for a handler."""
    statement = queries.managed_results(viewer).where(EnvoyResult.checked.is_(None)).subquery()
    count = db.session.execute(sa.select(sa.func.count()).select_from(statement)).scalar_one()
    return [DeskItem(_("特派员成效待核实"), url_for("envoys.overview"), count=count)] if count else []
