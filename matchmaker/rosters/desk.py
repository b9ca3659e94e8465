"""What the rosters put on the desks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import day
from matchmaker.rosters import queries

AHEAD = timedelta(days=60)


def resignations(viewer: Any) -> Sequence[DeskItem]:
    """Who has resigned, until somebody takes note of it."""
    rows = db.session.execute(queries.resigned(viewer).limit(6)).scalars()
    return [
        DeskItem(
            _("%(name)s（%(kind)s）已辞任，请登记知悉", name=row.person.name, kind=_(row.kind.label)),
            url_for("rosters.show", appointment_id=row.id),
            due=day(row.ended) if row.ended else None,
        )
        for row in rows
    ]


def ending_soon(viewer: Any) -> Sequence[DeskItem]:
    """Terms that end within two months: renew or let go."""
    today = clock.today()
    rows = db.session.execute(queries.ending(viewer, until=today + AHEAD).limit(6)).scalars()
    return [
        DeskItem(
            _("%(name)s（%(kind)s）聘期将满", name=row.person.name, kind=_(row.kind.label)),
            url_for("rosters.show", appointment_id=row.id),
            due=day(row.ends),
            late=row.ends < today,
        )
        for row in rows
    ]
