"""What mentoring puts on the desks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.feature import DeskItem
from matchmaker.core.i18n import moment
from matchmaker.mentoring import access, queries
from matchmaker.mentoring.models import MentorSession
from matchmaker.rosters.rules import SessionState


def waiting(viewer: Any) -> Sequence[DeskItem]:
    """Bookings to confirm and sessions to report, for either side."""
    now = clock.now()
    rows = db.session.execute(queries.to_report(viewer, now).limit(20)).unique().scalars()
    return [item for row in rows if (item := _item(row, viewer, now))][:6]


def _item(row: MentorSession, viewer: Any, now: Any) -> DeskItem | None:
    mentor = access.is_mentor(viewer, row)
    url = url_for("mentoring.session", session_id=row.id)
    if row.state is SessionState.BOOKED and mentor:
        return DeskItem(_("%(who)s预约辅导，请确认", who=row.who), url, due=moment(row.starts), late=row.starts < now)
    reported = row.mentor_confirmed if mentor else row.client_confirmed
    if row.state is SessionState.CONFIRMED and row.ends < now and reported is None:
        other = row.who if mentor else row.person.name
        return DeskItem(_("与%(who)s的辅导请登记完成", who=other), url, due=moment(row.starts))
    return None


def coming(viewer: Any) -> Sequence[DeskItem]:
    """The next confirmed sessions."""
    now = clock.now()
    statement = queries.to_report(viewer, now).where(
        MentorSession.state == SessionState.CONFIRMED, MentorSession.starts > now
    )
    rows = db.session.execute(statement.limit(4)).unique().scalars()
    return [
        DeskItem(
            _("辅导：%(who)s", who=row.who if access.is_mentor(viewer, row) else row.person.name),
            url_for("mentoring.session", session_id=row.id),
            due=moment(row.starts),
        )
        for row in rows
    ]


def to_rate(viewer: Any) -> Sequence[DeskItem]:
    """Sessions that wait for a rating."""
    rows = db.session.execute(queries.to_rate(viewer).limit(4)).unique().scalars()
    return [
        DeskItem(_("请评价%(who)s的辅导", who=row.person.name), url_for("mentoring.session", session_id=row.id))
        for row in rows
        if access.is_client(viewer, row)
    ]
