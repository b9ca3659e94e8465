"""What campaigns put on a desk, and the part they have on the page of a registration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from matchmaker.campaigns import access, queries
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import local
from matchmaker.events.models import Registration

SHOWN = 50


def missed(viewer: Any) -> Sequence[DeskItem]:
    """Messages that did not go out at their moment; the person decides whether they still make sense."""
    rows = db.session.execute(queries.missed_for(viewer, clock.now() - timedelta(days=14)).limit(10))
    return [
        DeskItem(
            _("消息未发出：%(name)s（%(event)s）", name=row.name, event=local(row.event, "title")),
            url_for("campaigns.show", campaign_id=row.id),
            due=row.planned_for,
            late=True,
        )
        for row in rows.unique().scalars()
    ]


def messages_of(viewer: Any, registration: Registration) -> dict[str, Any] | None:
    """What was sent about one registration, for those who run the event."""
    if not viewer.is_authenticated or not access.may_see_log(viewer, registration):
        return None
    rows = db.session.execute(queries.sent_about(registration).limit(SHOWN)).scalars().all()
    write = access.may_write(viewer, registration.event)
    return {"messages": rows, "write_to": registration if write else None}
