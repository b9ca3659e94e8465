"""Who is told what about a session."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from matchmaker.accounts.models import User
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.mentoring.models import MentorSession
from matchmaker.notifications import services as notifications
from matchmaker.rosters.rules import SessionState

STEP = "mentoring/mail/step"
REMIND = "mentoring/mail/remind"


def url_of(row: MentorSession) -> str:
    """The page of a session, for messages."""
    return f"/mentoring/sessions/{row.id}"


def tell_mentor(row: MentorSession, template: str = STEP, *, dedupe: str | None = None) -> int:
    """Write to the mentor: by account, else to the address the roster knows."""
    user = db.session.get(User, row.person.user_id) if row.person.user_id else None
    if user is None and not row.person.email:
        return 0
    queued = notifications.enqueue(
        template,
        to=user,
        email=None if user else row.person.email,
        to_name=row.person.name,
        about=row,
        url=url_of(row),
        dedupe=dedupe,
        session=row,
    )
    return int(queued is not None)


def tell_client(row: MentorSession, template: str = STEP, *, dedupe: str | None = None) -> int:
    """Write to who booked."""
    queued = notifications.enqueue(template, to=row.booked_by, about=row, url=url_of(row), dedupe=dedupe, session=row)
    return int(queued is not None)


def remind() -> int:
    """Both sides a day before, and once after a session that nobody has reported."""
    now = clock.now()
    ahead = sa.select(MentorSession).where(
        MentorSession.state == SessionState.CONFIRMED,
        MentorSession.starts > now - timedelta(days=7),
        MentorSession.starts <= now + timedelta(days=1),
    )
    told = 0
    for row in db.session.execute(ahead).unique().scalars().all():
        kind = "ahead" if row.starts > now else "after" if row.ends < now else ""
        if kind:
            told += tell_mentor(row, REMIND, dedupe=f"session-{kind}:{row.id}:mentor")
            told += tell_client(row, REMIND, dedupe=f"session-{kind}:{row.id}:client")
    return told
